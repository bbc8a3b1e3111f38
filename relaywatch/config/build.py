"""From the checked tables of a file to frozen values."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from relaywatch.config.schema import (
    AccountFile,
    MailboxTable,
    MainFile,
    PolicyTable,
    ServiceTable,
    SmtpTable,
    VersionTable,
)
from relaywatch.config.secrets import Secret, Source
from relaywatch.config.settings import Account, Mailbox, Notify, Service, Smtp
from relaywatch.config.shape import goes_in_clear
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder, Role
from relaywatch.core.policy import LADDERS, WALMART_CANADA, Kind, Policy, ResolvedBy, Step, Terms

_SMTP_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_IMAP_PORTS = {"tls": 993, "starttls": 143, "none": 143}


def service(table: ServiceTable, folder: Path) -> Service:
    """Return `[service]`; `folder` is what a relative path starts from."""
    return Service(
        database=str(folder / table.database),
        timezone=table.timezone,
        language=table.language,
        keep=table.keep,
        lookback=table.lookback,
        self_test=table.self_test,
    )


def smtp(table: SmtpTable, folder: Path) -> Smtp:
    """Return `[smtp]`."""
    return Smtp(
        host=table.host,
        port=table.port or _SMTP_PORTS[table.security],
        security=table.security,
        username=table.username,
        secret=_secret(table, folder) if table.username is not None else None,
        sender=table.sender,
        in_clear=table.username is not None and goes_in_clear(table.security, table.host),
    )


def account(name: str, file: AccountFile, main: MainFile, folder: Path) -> Account:
    """Return one seller. `main` has what all share; a file of the seller's own may be the same one."""
    notify = file.notify or main.notify
    assert notify is not None  # crosscheck.notify_problems
    return Account(
        name=name,
        notify=Notify(to=_unique(notify.to), escalate_to=_unique(notify.escalate_to), blind_after=notify.blind_after),
        parties=_parties(file, main.smtp.sender),
        inform_internal=file.seller.inform_internal,
        policy=_policy(file.policy, main.service.timezone),
        mailboxes=tuple(_mailbox(name, table, folder) for table in file.mailbox),
    )


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _lower(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.lower() for text in texts)


def _mailbox(account_name: str, table: MailboxTable, folder: Path) -> Mailbox:
    addresses = {Role(key): text.lower() for key, text in table.addresses.model_dump().items() if text}
    folders = {Folder(key): _unique(names) for key, names in table.folders.model_dump().items() if names}
    return Mailbox(
        account=account_name,
        name=table.name,
        role=Role(table.role),
        address=table.address.lower(),
        host=table.host,
        port=table.port or _IMAP_PORTS[table.security],
        security=table.security,
        username=table.username,
        secret=_secret(table, folder),
        addresses=MappingProxyType(addresses),
        received_by=frozenset(table.received_by),
        poll_interval=table.poll_interval,
        in_clear=goes_in_clear(table.security, table.host),
        rescue=table.rescue,
        folders=MappingProxyType(folders),
    )


def _secret(table: SmtpTable | MailboxTable, folder: Path) -> Secret:
    given = {source: getattr(table, source.value) for source in Source}
    source, value = next((source, value) for source, value in given.items() if value is not None)
    if source is Source.FILE and not value.startswith("$"):
        value = str(folder / value)
    return Secret(source, value)


def _parties(file: AccountFile, sender: str) -> Parties:
    """Return who is who. A `sent` mailbox only holds copies: its address is the seller's, not registered.

    A seller who lets relaywatch send from an address of theirs still answers customers from it, so that
    address is not relaywatch's own.
    """
    registered: set[str] = set()
    further = set(file.seller.addresses)
    for box in file.mailbox:
        if Role(box.role) is Role.SENT:
            further.add(box.address)
        else:
            registered |= {box.address, *filter(None, (box.addresses.care, box.addresses.complaint))}
    walmart, default = file.walmart, Parties()
    seller = _lower(further) - _lower(registered)
    internal = _lower(file.seller.internal)
    return Parties(
        registered=_lower(registered),
        seller=seller,
        seller_domains=frozenset(file.seller.domains),
        internal=internal,
        relay_domains=frozenset(walmart.relay_domains or default.relay_domains),
        agent_domains=frozenset(walmart.agent_domains or default.agent_domains),
        handover=_lower(walmart.handover_addresses),
        own=_lower([sender]) - _lower(registered) - seller - internal,
        authserv_ids=_lower(walmart.authserv_ids),
    )


def _policy(table: PolicyTable, timezone: ZoneInfo) -> Policy:
    versions = [_terms(table, WALMART_CANADA, WALMART_CANADA.valid_from)]
    for version in table.version:
        versions.append(_terms(version, versions[-1], _moment(version.since, timezone)))
    return Policy(
        versions=tuple(versions),
        resolved_by=ResolvedBy(table.resolved_by),
        ladders=MappingProxyType({kind: _ladder(table, kind, versions) for kind in Kind}),
    )


def _terms(table: PolicyTable | VersionTable, before: Terms, valid_from: datetime) -> Terms:
    reply = {kind: getattr(table, kind.value) or before.reply[kind] for kind in Kind}
    return Terms(
        reply=MappingProxyType(reply),
        handover=table.handover or before.handover,
        resolution=table.resolution or before.resolution,
        valid_from=valid_from,
    )


def _moment(since: date, timezone: ZoneInfo) -> datetime:
    if isinstance(since, datetime):
        return since
    return datetime.combine(since, time(), timezone).astimezone(UTC)


def _ladder(table: PolicyTable, kind: Kind, versions: list[Terms]) -> tuple[Step, ...]:
    """Return what the operator wrote, else those default steps that fit into the time there is."""
    written = table.warn_before.steps(kind)
    if written is not None:
        return tuple(written)
    longest: timedelta = max(terms.reply[kind] for terms in versions)
    return tuple(step for step in LADDERS[kind] if step.before < longest)
