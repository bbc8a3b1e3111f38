"""Which customers' mail is to be moved out of Junk (policy M1), and which warnings wait for it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from relaywatch import log
from relaywatch.config import Mailbox
from relaywatch.core.cases.case import Code
from relaywatch.core.due.warning import Due
from relaywatch.core.mail import authentic
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Folder, Mail, Place, Role
from relaywatch.pipeline.judging import Bench
from relaywatch.store import Store

_MOST_TRIES = 3
_SOON = timedelta(minutes=5)  # after which what was to be moved, or was, should have been read in the inbox


def want_rescues(
    store: Store,
    parties: Parties,
    mailbox: Mailbox,
    place: Place,
    uidvalidity: int,
    read: Iterable[tuple[int, Mail]],
    now: datetime,
) -> None:
    """Note what is to be moved among messages, by UID, that were just read and kept; within a transaction."""
    if mailbox.rescue and place.folder is Folder.JUNK and mailbox.role is not Role.SENT:
        uids = [uid for uid, mail in read if is_customers(mail, parties)]
        store.want_rescues(mailbox.account, mailbox.name, (place.name, uidvalidity), uids, now)


def is_customers(mail: Mail, parties: Parties) -> bool:
    """Whether a message is surely a customer's: it came through the relay, and a trusted server found that it did.

    The spam filter may well be right about anything else.
    """
    through_relay = mail.verdict.class_ is Class.CUSTOMER and parties.is_relay(mail.message.author)
    return through_relay and authentic.verdict(mail.message, parties).status == "pass"


def wanted_rescues(store: Store, mailbox: Mailbox, now: datetime) -> dict[tuple[str, int], list[int]]:
    """Return what is to be moved: UIDs by folder and UIDVALIDITY. What was tried too often is given up."""
    found: dict[tuple[str, int], list[int]] = {}
    given_up: dict[tuple[str, int], list[int]] = {}
    for rescue in store.wanted_rescues(mailbox.account, mailbox.name):
        into = found if rescue.tries < _MOST_TRIES else given_up
        into.setdefault((rescue.name, rescue.uidvalidity), []).append(rescue.uid)
    for where, uids in given_up.items():
        end_rescues(store, mailbox, where, uids, "failed", "the connection broke at every try", now)
    return found


def begin_rescues(store: Store, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int]) -> None:
    """Count a try, before it."""
    with store.transaction():
        store.try_rescues(mailbox.account, mailbox.name, where, uids)


def end_rescues(
    store: Store,
    mailbox: Mailbox,
    where: tuple[str, int],
    uids: Sequence[int],
    way: str,
    reason: str,
    now: datetime,
) -> None:
    """Keep what became of them, and say so."""
    state = "failed" if way == "gone" else way
    with store.transaction():
        store.end_rescues(mailbox.account, mailbox.name, where, uids, state=state, at=now)
    ids = {"account": mailbox.account, "mailbox": mailbox.name, "messages": len(uids)}
    if way == "failed":
        log.get().warning("mailbox.rescue_failed", reason=reason, **ids)
    elif way != "gone":
        log.get().info("mailbox.rescued", way=way, **ids)


def waits_for_rescue(store: Store, bench: Bench, due: Sequence[Due], unread: Sequence[str], now: datetime) -> set[str]:
    """Return which warnings, by key, wait: of mail in Junk that is on its way to the inbox.

    `unread`: mailboxes that have been given up waiting for.
    """
    rescuing = {mailbox.name for mailbox in bench.account.mailboxes if mailbox.rescue} - set(unread)
    junked = {
        warning.key: warning.finding.message_key
        for warning in due
        if warning.finding is not None and warning.finding.code is Code.JUNKED
    }
    if not rescuing or not junked:
        return set()
    under_way = store.rescues_under_way(bench.account.name, junked.values())
    return {
        key
        for key, message_key in junked.items()
        if any(one.mailbox in rescuing and now - one.at < _SOON for one in under_way.get(message_key, ()))
    }
