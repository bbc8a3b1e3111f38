"""Self-test: a mail to each registered address, which must arrive in its mailbox (policy M2).

    (none yet, or the interval is over) --> written down and sent --> waiting --> in the inbox: passed
                                                                         |
                                              in Junk, bounced, refused, not there in time: failed

A failure is told once, and that it works again once; what was said last is kept, so that a restart repeats
nothing. Nothing is concluded from a mailbox that was not read since: that it cannot be read is told elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from relaywatch.config import Account, Mailbox
from relaywatch.core.instant import from_text, to_text
from relaywatch.core.mail.message import Class, Folder, Mail, Role
from relaywatch.core.notices.notice import Notice
from relaywatch.core.notices.of_selftest import Outcome, Tested, probe, tested
from relaywatch.core.notices.voice import Voice
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.gather import message_id
from relaywatch.pipeline.judging import Bench
from relaywatch.store import NewWarning, SelfTest, Sending, Store, StoredWarning

SELF_TEST = "self-test"
HEADER = "X-Relaywatch-Test"  # the test's id once more: some servers rewrite the Message-ID
_ARRIVES = timedelta(minutes=15)


def note_tests(store: Store, mailbox: Mailbox, folder: Folder, mails: Iterable[Mail]) -> None:
    """Note test mails among what was read, and reports that one was not delivered; within a transaction."""
    for mail in mails:
        if mail.verdict.class_ is Class.BOUNCE and mail.verdict.original_id:
            store.self_test_bounced(mailbox.account, mail.verdict.original_id)
        elif folder is not Folder.SENT:
            for named in mail.message.header(HEADER.lower()):
                store.self_test_arrived(mailbox.account, mailbox.name, named, folder)


def try_addresses(
    store: Store, benches: Mapping[str, Bench], interval: timedelta, sender: str, now: datetime
) -> list[Change]:
    """Send what is to be sent and say what is to be said of all registered addresses; return what is new."""
    changes: list[Change] = []
    reads = {(sight.account, sight.mailbox): sight.last_read for sight in store.sights()}
    for bench in benches.values():
        for mailbox, address in _registered(bench.account):
            before = store.self_test(bench.account.name, address)
            with store.transaction():
                if before is None or (before.state != "waiting" and now - before.written_at >= interval):
                    changes.append(_begin(store, mailbox, address, sender, now))
                elif before.state == "waiting":
                    changes += _conclude(store, bench.account, before, reads.get((before.account, before.mailbox)), now)
    return changes


def _registered(account: Account) -> Iterator[tuple[Mailbox, str]]:
    """Yield the registered addresses, each with the mailbox that it leads to."""
    for mailbox in account.mailboxes:
        if mailbox.role is not Role.SENT:
            for address in dict.fromkeys((mailbox.address, *mailbox.addresses.values())):
                yield mailbox, address


def _key(address: str, written_at: datetime) -> str:
    return f"{SELF_TEST}:{address}:{written_at.isoformat()}"


def _begin(store: Store, mailbox: Mailbox, address: str, sender: str, now: datetime) -> Change:
    key = _key(address, now)
    id_ = message_id(mailbox.account, key, sender)
    store.begin_self_test(
        SelfTest(account=mailbox.account, address=address, mailbox=mailbox.name, message_id=id_, written_at=now)
    )
    detail = {"address": address, "test": id_}
    store.add_warning(_mail(mailbox.account, mailbox.name, key, id_, (address,), detail, now))
    return Change("address.tested", {"account": mailbox.account, "mailbox": mailbox.name, "address": address})


def _conclude(store: Store, account: Account, test: SelfTest, read_at: datetime | None, now: datetime) -> list[Change]:
    """Say how a test ended, if it has and if that is new."""
    sending = store.sending(account.name, _key(test.address, test.written_at))
    outcome = _outcome(test, sending, read_at)
    if outcome is None:
        return []
    passed = outcome is Outcome.ARRIVED
    store.end_self_test(account.name, test.address, passed=passed)
    ids: dict[str, object] = {"account": account.name, "mailbox": test.mailbox, "address": test.address}
    if passed is not test.failing:
        return []  # as it was said last
    key = f"{_key(test.address, test.written_at)}:{outcome.value}"
    sent_at = sending.ended_at if sending is not None and sending.ended_at is not None else test.written_at
    detail = {
        "address": test.address,
        "outcome": outcome.value,
        "sent_at": to_text(sent_at),
        "reason": sending.error if sending is not None and outcome is Outcome.REFUSED else "",
    }
    id_ = test.message_id.replace("<", f"<{outcome.value}.", 1)
    store.add_warning(_mail(account.name, test.mailbox, key, id_, account.notify.to, detail, now))
    if passed:
        return [Change("address.works", ids)]
    return [Change("address.failed", {**ids, "outcome": outcome.value})]


def _outcome(test: SelfTest, sending: Sending | None, read_at: datetime | None) -> Outcome | None:
    """Return what became of a test mail, None where that cannot be known yet."""
    if test.folder is not None:
        return Outcome.JUNK if test.folder is Folder.JUNK else Outcome.ARRIVED
    if test.bounced:
        return Outcome.BOUNCED
    if sending is None or sending.ended_at is None or sending.state == "pending":
        return None
    if sending.state != "sent":
        return Outcome.REFUSED
    return Outcome.MISSING if read_at is not None and read_at >= sending.ended_at + _ARRIVES else None


def _mail(
    account: str,
    mailbox: str,
    key: str,
    id_: str,
    recipients: tuple[str, ...],
    detail: Mapping[str, object],
    now: datetime,
) -> NewWarning:
    return NewWarning(
        account=account,
        case_id=None,
        mailbox=mailbox,
        keys=(key,),
        step=SELF_TEST,
        rule="",
        obligation="",
        due_at=None,
        message_id=id_,
        created_at=now,
        recipients=recipients,
        detail=detail,
    )


def notice_of(warning: StoredWarning, voice: Voice, now: datetime) -> tuple[Notice, Mapping[str, str]]:
    """Return the text of a test mail or of what is said of one, and the header that a test is known by."""
    detail, mailbox = warning.detail, warning.mailbox or ""
    address = str(detail.get("address", ""))
    if "test" in detail:
        return probe(mailbox, address, now=now, voice=voice), {HEADER: str(detail["test"])}
    test = Tested(
        account=warning.account,
        mailbox=mailbox,
        address=address,
        sent_at=from_text(str(detail["sent_at"])),
        reason=str(detail.get("reason", "")),
    )
    return tested(test, Outcome(str(detail["outcome"])), now=now, voice=voice), {}
