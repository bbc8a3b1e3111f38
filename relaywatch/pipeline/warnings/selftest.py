"""Self-test: a mail to each registered address, which must arrive in its mailbox (policy M2).

    (none yet, or the interval is over) --> written down and sent --> waiting --> in the inbox: passed
                                                                         |
                                              in Junk, bounced, refused, not there in time: failed

A failure is told once, and that it works again once; what was said last is kept, so that a restart repeats
nothing. Nothing is concluded from a mailbox that was not read since: that it cannot be read is told elsewhere.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.config import Account, Mailbox
from relaywatch.core.mail.message import Class, Folder, Mail, Role
from relaywatch.core.notices.of_selftest import Outcome, Tested, probe, tested
from relaywatch.notify import warning_headers
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.warnings.kind import (
    Leaving,
    SweepContext,
    WarningKind,
    WarningsWritten,
    WarningText,
    message_id,
)
from relaywatch.store import Detail, NewWarning, PendingDelivery, SelfTest, Sending, Store

_STEP = "self-test"
_HEADER = "X-Relaywatch-Test"  # the test's id once more: some servers rewrite the Message-ID
_ARRIVES = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial(Detail):
    """A test mail to an address, or what is said of one: `test` or the rest."""

    address: str = ""
    test: str = ""  # the id of the test that the mail itself is
    outcome: Outcome | None = None
    sent_at: datetime | None = None
    reason: str = ""  # the mail server's words, where it refused


class SelfTests(WarningKind[Trial]):
    """A test mail; that one did not arrive; that they arrive again."""

    step = _STEP
    detail = Trial
    leaves_last = True
    for_one_alone = True
    must_arrive = False

    def write(self, store: Store, round_: SweepContext) -> WarningsWritten:
        """Send what is to be sent and say what is to be said of all registered addresses."""
        interval, done = round_.settings.service.self_test, WarningsWritten()
        if interval is None:
            return done
        reads = {(sight.account, sight.mailbox): sight.last_read for sight in round_.sights}
        for bench in round_.benches.values():
            for mailbox, address in _registered(bench.account):
                before = store.self_test(bench.account.name, address)
                with store.transaction():
                    if before is None or (before.state != "waiting" and round_.now - before.written_at >= interval):
                        done.changes.append(_begin(store, mailbox, address, round_))
                    elif before.state == "waiting":
                        read_at = reads.get((before.account, before.mailbox))
                        done.changes.extend(_conclude(store, bench.account, before, read_at, round_.now))
        return done

    def say(self, leaving: Leaving) -> WarningText:
        """Say what a test mail is, or what became of one."""
        warning, about, now, voice = leaving.delivery.warning, self.kept(leaving.delivery), leaving.now, leaving.voice
        mailbox = warning.mailbox or ""
        headers = warning_headers(_STEP, mailbox=mailbox)
        if about.test:
            return WarningText(probe(mailbox, about.address, now=now, voice=voice), {_HEADER: about.test, **headers})
        assert about.outcome is not None
        assert about.sent_at is not None
        test = Tested(
            account=warning.account,
            mailbox=mailbox,
            address=about.address,
            sent_at=about.sent_at,
            reason=about.reason,
        )
        return WarningText(tested(test, about.outcome, now=now, voice=voice), headers)

    def asks(self, delivery: PendingDelivery) -> bool:
        """A test mail does: whether mail arrives at its address (policy M2)."""
        return bool(self.kept(delivery).test)


SELF_TESTS = SelfTests()


def note_tests(store: Store, mailbox: Mailbox, folder: Folder, mails: Iterable[Mail]) -> None:
    """Note test mails among what was read, and reports that one was not delivered; within a transaction."""
    for mail in mails:
        if mail.verdict.class_ is Class.BOUNCE and mail.verdict.original_id:
            store.self_test_bounced(mailbox.account, mail.verdict.original_id)
        elif folder is not Folder.SENT:
            for named in mail.message.header(_HEADER.lower()):
                store.self_test_arrived(mailbox.account, mailbox.name, named, folder)


def _registered(account: Account) -> Iterator[tuple[Mailbox, str]]:
    """Yield the registered addresses, each with the mailbox that it leads to."""
    for mailbox in account.mailboxes:
        if mailbox.role is not Role.SENT:
            for address in dict.fromkeys((mailbox.address, *mailbox.addresses.values())):
                yield mailbox, address


def _key(address: str, written_at: datetime) -> str:
    return f"{_STEP}:{address}:{written_at.isoformat()}"


def _begin(store: Store, mailbox: Mailbox, address: str, round_: SweepContext) -> Change:
    account, now = mailbox.account, round_.now
    key = _key(address, now)
    id_ = message_id(account, key, round_.sender)
    test = SelfTest(account=account, address=address, mailbox=mailbox.name, message_id=id_, written_at=now)
    store.begin_self_test(test)
    store.add_warning(_warning(test, key, id_, (address,), Trial(address=address, test=id_), now))
    return Change("address.tested", {"account": account, "mailbox": mailbox.name, "address": address})


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
    reason = sending.error if sending is not None and outcome is Outcome.REFUSED else ""
    detail = Trial(address=test.address, outcome=outcome, sent_at=sent_at, reason=reason)
    id_ = test.message_id.replace("<", f"<{outcome.value}.", 1)
    store.add_warning(_warning(test, key, id_, account.notify.to, detail, now))
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


def _warning(
    test: SelfTest, key: str, id_: str, recipients: tuple[str, ...], detail: Trial, now: datetime
) -> NewWarning:
    return NewWarning(
        account=test.account,
        mailbox=test.mailbox,
        keys=(key,),
        step=_STEP,
        message_id=id_,
        created_at=now,
        recipients=recipients,
        detail=detail,
    )
