"""Settings: the checked configuration as frozen values. Nothing here knows where they came from.

Mappings are read-only views. Durations are positive timedeltas. Addresses of parties and mailboxes are
lower-case; those that mail is sent from and to stand as the operator wrote them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from relaywatch.config.rules import shipped_rules
from relaywatch.config.secrets import Secret
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder, Role
from relaywatch.core.policy import Policy

MAIN_ACCOUNT = "main"  # the account of the mailboxes that stand in the main file


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What holds for the whole program."""

    database: str  # an absolute path
    timezone: ZoneInfo  # for what people read
    language: str
    keep: timedelta
    lookback: timedelta
    self_test: timedelta | None = None  # how often each registered address is tested; None: never


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Where warnings leave."""

    host: str
    port: int
    security: str  # tls | starttls | none
    username: str | None
    secret: Secret | None  # given if and only if `username` is
    sender: str
    in_clear: bool = False  # the password goes over a network unprotected, as the operator allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Who is told, and after what time of blindness."""

    to: tuple[str, ...]
    escalate_to: tuple[str, ...]
    blind_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One login to watch."""

    account: str
    name: str
    role: Role
    address: str
    host: str
    port: int
    security: str  # tls | starttls | none
    username: str
    secret: Secret
    addresses: Mapping[Role, str] = field(default_factory=lambda: MappingProxyType({}))
    """Several registered addresses behind one login: the role follows the address that the mail went to."""
    received_by: frozenset[str] = frozenset()  # hosts whose Received line is the seller's own
    poll_interval: timedelta = timedelta(seconds=60)
    in_clear: bool = False  # mail and password go over a network unprotected, as the operator allowed
    rescue: bool = False  # whether customers' mail is moved out of Junk
    folders: Mapping[Folder, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Names that the operator gave; a folder that is not named here is looked for on the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One seller."""

    name: str
    notify: Notify
    parties: Parties
    inform_internal: bool
    policy: Policy
    mailboxes: tuple[Mailbox, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the program was told."""

    path: Path
    service: Service
    smtp: Smtp
    accounts: tuple[Account, ...]
    own_rules: Rules | None = field(default=None, repr=False)  # the operator's and the shipped ones: hundreds of words

    @property
    def rules(self) -> Rules:
        """By which mail is judged. The shipped ones are read when they are first asked for: the lists need none."""
        return shipped_rules() if self.own_rules is None else self.own_rules
