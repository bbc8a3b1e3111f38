"""The tables of a configuration file as pydantic models: which keys there are, and what each must be.

Only reading uses them: the rest of the program sees the frozen values of settings.py. What spans several keys
is in crosscheck.py, because pydantic looks at that only once every single value is right, and an operator
wants to know everything at once.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from relaywatch.config import values as v
from relaywatch.config.durations import parse_duration
from relaywatch.core.policy import Kind, Step

Security = Literal["tls", "starttls", "none"]


class _TomlTable(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class _WithSecret(_TomlTable):
    """At most one of these four: crosscheck.py."""

    password: v.SecretText | None = None
    password_file: v.Text | None = None
    password_env: v.Variable | None = None
    password_command: v.Command | None = None


def _built(built: str) -> AfterValidator:
    def check(value: object) -> object:
        if value != built:
            raise v.wrong(f'"{built}": the others are not built yet')
        return value

    return AfterValidator(check)


def _sqlite(value: str) -> str:
    if value.startswith(("postgresql:", "postgres:")):
        raise v.wrong("the path of a file: PostgreSQL is not built yet")
    if "://" in value:
        raise v.wrong("the path of a file")
    return value


class ServiceTable(_TomlTable):
    """`[service]`."""

    database: Annotated[v.Text, AfterValidator(_sqlite)] = "/var/lib/relaywatch/relaywatch.db"
    timezone: v.TimeZone = ZoneInfo("America/Toronto")
    language: Annotated[Literal["en", "fr", "zh"], _built("en")] = "en"
    keep: v.Keep = parse_duration("400d")
    lookback: v.Lookback = parse_duration("7d")
    self_test: v.SelfTest | None = None  # None: never
    accounts: v.Text | None = None
    rules: v.Text | None = None


class SmtpTable(_WithSecret):
    """`[smtp]`."""

    host: v.Host
    port: v.Port | None = None
    security: Security = "starttls"
    insecure: v.Flag = False
    username: v.Text | None = None
    sender: v.Email = Field(alias="from")


class NotifyTable(_TomlTable):
    """`[notify]`."""

    to: Annotated[list[v.Email], Field(min_length=1)]
    escalate_to: list[v.Email] = []
    blind_after: v.Blind = parse_duration("5m")


class SellerTable(_TomlTable):
    """`[seller]`."""

    addresses: list[v.Email] = []
    internal: list[v.Email] = []
    inform_internal: v.Flag = False
    domains: list[v.Domain] = []


class WalmartTable(_TomlTable):
    """`[walmart]`; None means the core's defaults."""

    relay_domains: Annotated[list[v.Domain], Field(min_length=1)] | None = None
    agent_domains: Annotated[list[v.Domain], Field(min_length=1)] | None = None
    handover_addresses: list[v.Email] = []
    authserv_ids: list[v.Text] = []


class _TermsTable(_TomlTable):
    """None means that of the version before."""

    customer: v.Term | None = None
    walmart_agent: v.Term | None = None
    complaint: v.Term | None = None
    consumer_protection: v.Term | None = None
    handover: v.Term | None = None
    resolution: v.Term | None = None


class VersionTable(_TermsTable):
    """`[[policy.version]]`: in force for what is received from that day on."""

    since: v.Day = Field(alias="from")


class LaddersTable(_TomlTable):
    """`[policy.warn_before]`; None means the default ladder."""

    customer: list[v.LadderStep] | None = None
    walmart_agent: list[v.LadderStep] | None = None
    complaint: list[v.LadderStep] | None = None
    consumer_protection: list[v.LadderStep] | None = None

    def steps(self, kind: Kind) -> list[Step] | None:
        """Return the ladder that the operator wrote for a kind."""
        ladder: list[Step] | None = getattr(self, kind.value)
        return ladder


class PolicyTable(_TermsTable):
    """`[policy]`."""

    resolved_by: Literal["silence", "operator"] = "silence"
    warn_before: LaddersTable = LaddersTable()
    version: list[VersionTable] = []


class AddressesTable(_TomlTable):
    """`[[mailbox]] addresses`."""

    care: v.Email | None = None
    complaint: v.Email | None = None


class FoldersTable(_TomlTable):
    """`[[mailbox]] folders`."""

    inbox: v.Names | None = None
    sent: v.Names | None = None
    junk: v.Names | None = None


class MailboxTable(_WithSecret):
    """`[[mailbox]]`."""

    name: v.Text
    role: Literal["care", "complaint", "sent"]
    address: v.Email
    host: v.Host
    port: v.Port | None = None
    security: Security = "tls"
    insecure: v.Flag = False
    username: v.Text
    addresses: AddressesTable = AddressesTable()
    received_by: list[v.Domain] = []
    poll_interval: v.Poll = parse_duration("60s")
    rescue: v.Flag = False
    folders: FoldersTable = FoldersTable()


class AccountFile(_TomlTable):
    """A file of `accounts`: one seller."""

    notify: NotifyTable | None = None  # None: the main file's
    seller: SellerTable = SellerTable()
    walmart: WalmartTable = WalmartTable()
    policy: PolicyTable = PolicyTable()
    mailbox: list[MailboxTable] = []


class MainFile(AccountFile):
    """The configuration file."""

    service: ServiceTable = ServiceTable()
    smtp: SmtpTable
