"""Blindness, the worst fault: a mailbox was not read for `blind_after`; and that it is read again (policy M2)."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime

from relaywatch.config import Account, Mailbox
from relaywatch.core.notices import of_mailbox
from relaywatch.core.notices.notice import Notice
from relaywatch.notify import warning_headers
from relaywatch.pipeline.sight import blind, sight_of, sights_of, unread_since
from relaywatch.pipeline.warnings.kind import (
    Leaving,
    SweepContext,
    WarningKind,
    WarningsWritten,
    WarningText,
    message_id,
)
from relaywatch.store import Detail, NewWarning, Sight, Store

_SLOW = "reading it has not come to an end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen(Detail):
    """Since when a mailbox was not read, and why."""

    since: datetime
    reason: str = ""


class _OfMailbox(WarningKind[Unseen]):
    """What both say is of one mailbox."""

    detail = Unseen

    def say(self, leaving: Leaving) -> WarningText:
        """Say it of the mailbox as it is configured now."""
        account, unseen = leaving.bench.account, self.kept(leaving.delivery)
        mailbox = leaving.delivery.warning.mailbox or ""
        addresses = {one.name: one.address for one in account.mailboxes}
        sight = of_mailbox.BlindMailbox(
            account=account.name,
            mailbox=mailbox,
            address=addresses.get(mailbox, ""),
            since=unseen.since,
            reason=unseen.reason,
        )
        return WarningText(self.words(sight, leaving), warning_headers(self.step, mailbox=mailbox))

    @abstractmethod
    def words(self, sight: of_mailbox.BlindMailbox, leaving: Leaving) -> Notice:
        """Return what is said of the mailbox."""

    def key(self, sight: Sight) -> str:
        """Return the key of the warning of one loss."""
        since = unread_since(sight)
        return f"{self.step}:{sight.mailbox}:{since.isoformat() if since is not None else 'never read'}"

    def warning(self, sight: Sight, account: Account, sender: str, now: datetime) -> NewWarning:
        """Return the row of one loss."""
        key = self.key(sight)
        since = unread_since(sight) or now
        return NewWarning(
            account=account.name,
            mailbox=sight.mailbox,
            keys=(key,),
            step=self.step,
            message_id=message_id(account.name, key, sender),
            created_at=now,
            recipients=account.notify.to,
            detail=Unseen(since=since.replace(microsecond=0), reason=sight.reason or _SLOW),  # as times are told
        )


class Blind(_OfMailbox):
    """A mailbox has not been read for `blind_after`."""

    step = "blind"

    def write(self, store: Store, round_: SweepContext) -> WarningsWritten:
        """Write a warning for each mailbox that is blind."""
        written = 0
        for bench in round_.benches.values():
            for mailbox, sight in sights_of(bench.account, round_.sights):
                if not blind(sight, mailbox, bench.account.notify.blind_after, round_.now, round_.untried):
                    continue
                warning = self.warning(sight, bench.account, round_.sender, round_.now)
                if not store.said(sight.account, warning.keys):
                    with store.transaction():
                        written += store.add_warning(warning) is not None
        return WarningsWritten(written)

    def words(self, sight: of_mailbox.BlindMailbox, leaving: Leaving) -> Notice:
        """Return what is said of it."""
        return of_mailbox.blind(sight, now=leaving.now, voice=leaving.voice)


class SeeingAgain(_OfMailbox):
    """A mailbox that was said to be blind is read again."""

    step = "seeing"
    leaves_last = True

    def words(self, sight: of_mailbox.BlindMailbox, leaving: Leaving) -> Notice:
        """Return what is said of it."""
        return of_mailbox.seeing(sight, now=leaving.now, voice=leaving.voice)


BLIND, SEEING = Blind(), SeeingAgain()


def note_seeing(store: Store, account: Account, mailbox: Mailbox, read_at: datetime, sender: str, now: datetime) -> str:
    """Note that all folders of a mailbox were read, beginning at `read_at`; where it was said to be blind, tell.

    Returns what is new: `seeing` the first time, `back` after a loss, "" otherwise.
    """
    before = sight_of(store, mailbox)
    told = bool(store.said(account.name, [BLIND.key(before)]))
    with store.transaction():
        store.save_sight(
            Sight(
                account=mailbox.account,
                mailbox=mailbox.name,
                role=mailbox.role,
                seeing=True,
                last_read=read_at,
                lost_since=None,
            )
        )
        if told:
            store.add_warning(SEEING.warning(before, account, sender, now))
        if before.lost_since is None and not told:
            return "" if before.seeing else "seeing"
    return "back"
