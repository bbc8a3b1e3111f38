"""Whether the mailboxes can be read, and how far they were: what a sweep may speak of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.config import Account, Mailbox
from relaywatch.core.due.warning import Due
from relaywatch.pipeline.judging import Bench
from relaywatch.store import Sight, Store

NONE: Mapping[tuple[str, str], datetime] = {}
_POLLS = 2  # after which a mailbox that is not lost should have been read


def note_lost(store: Store, mailbox: Mailbox, since: datetime, reason: str) -> None:
    """Note that a mailbox cannot be read, and why. A loss that a restart finds goes on from where it began."""
    before = sight_of(store, mailbox)
    lost_since = before.lost_since if before.lost_since is not None else since
    with store.transaction():
        store.save_sight(
            Sight(
                account=mailbox.account,
                mailbox=mailbox.name,
                role=mailbox.role,
                seeing=False,
                last_read=before.last_read,
                lost_since=lost_since,
                reason=reason,
            )
        )


def blind(
    sight: Sight, mailbox: Mailbox, blind_after: timedelta, now: datetime, untried: Mapping[tuple[str, str], datetime]
) -> bool:
    """Whether a mailbox was not read to its end for `blind_after`: it is lost, or a reading goes on and on.

    A daemon that was started since, and has not come to read it yet, gives it that time anew (`untried`: by
    account and mailbox, when it started).
    """
    since, started = unread_since(sight), untried.get((sight.account, sight.mailbox))
    moments = [moment for moment in (since, started) if moment is not None]
    if not moments:
        return False
    polls = _POLLS * mailbox.poll_interval if sight.lost_since is None else timedelta()
    return now - max(moments) >= max(blind_after, polls)


def unread_since(sight: Sight) -> datetime | None:
    """Return since when a mailbox was not read to its end, None for one that never was."""
    return sight.lost_since if sight.lost_since is not None else sight.last_read


def sights_of(account: Account, sights: Iterable[Sight]) -> list[tuple[Mailbox, Sight]]:
    """Return each of an account's mailboxes with what is known of it, of one that was never read too."""
    known = {sight.mailbox: sight for sight in sights if sight.account == account.name}
    return [(mailbox, known.get(mailbox.name) or _never_read(mailbox)) for mailbox in account.mailboxes]


def sight_of(store: Store, mailbox: Mailbox) -> Sight:
    """Return what is known of a mailbox."""
    sights = (sight for sight in store.sights() if (sight.account, sight.mailbox) == (mailbox.account, mailbox.name))
    return next(sights, _never_read(mailbox))


def _never_read(mailbox: Mailbox) -> Sight:
    return Sight(
        account=mailbox.account,
        mailbox=mailbox.name,
        role=mailbox.role,
        seeing=False,
        last_read=None,
        lost_since=None,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a seller's mailboxes were read. `seen_until` None: nothing may be said of any case yet."""

    seen_until: datetime | None
    unread: tuple[str, ...]  # mailboxes that have been given up waiting for

    @staticmethod
    def of(
        bench: Bench,
        sights: Iterable[Sight],
        now: datetime,
        untried: Mapping[tuple[str, str], datetime] = NONE,
        answered: Mapping[tuple[str, str], datetime] = NONE,
    ) -> "Outlook":
        """Judge the mailboxes of an account at a moment."""
        seen: list[datetime | None] = []
        unread: list[str] = []
        for mailbox, sight in sights_of(bench.account, sights):
            if blind(sight, mailbox, bench.account.notify.blind_after, now, untried):
                unread.append(sight.mailbox)
            else:
                looks = (sight.last_read, answered.get((sight.account, sight.mailbox)))
                seen.append(max((moment for moment in looks if moment is not None), default=None))
        if any(moment is None for moment in seen):
            return Outlook(None, tuple(unread))
        return Outlook(min((moment for moment in seen if moment), default=now), tuple(unread))

    def allows(self, due: Due) -> bool:
        """Whether every mailbox that can be read was read after the step fell due."""
        return self.seen_until is not None and self.seen_until >= due.fell_due_at
