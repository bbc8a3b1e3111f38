"""Whether the mailboxes can be read; after `blind_after` it is a warning (design: Blindness is the worst fault)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from relaywatch.config import Account, Mailbox
from relaywatch.core.instant import to_text
from relaywatch.pipeline.gather import message_id
from relaywatch.pipeline.judging import Bench
from relaywatch.store import NewWarning, Sight, Store

BLIND = "blind"
SEEING = "seeing"
_POLLS = 2  # after which a mailbox that is not lost should have been read
_SLOW = "reading it has not come to an end"
_NONE: Mapping[tuple[str, str], datetime] = {}


def note_seeing(store: Store, account: Account, mailbox: Mailbox, read_at: datetime, sender: str, now: datetime) -> str:
    """Note that all folders of a mailbox were read, beginning at `read_at`.

    Returns what is new: `seeing` the first time, `back` after a loss, "" otherwise.
    """
    before = _sight(store, mailbox)
    told = bool(store.said(account.name, [_key(BLIND, before)]))
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
            store.add_warning(_warning(SEEING, before, account, sender, now))
        if before.lost_since is None and not told:
            return "" if before.seeing else "seeing"
    return "back"


def note_lost(store: Store, mailbox: Mailbox, since: datetime, reason: str) -> None:
    """Note that a mailbox cannot be read, and why. A loss that a restart finds goes on from where it began."""
    before = _sight(store, mailbox)
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
    since, started = _unread_since(sight), untried.get((sight.account, sight.mailbox))
    moments = [moment for moment in (since, started) if moment is not None]
    if not moments:
        return False
    polls = _POLLS * mailbox.poll_interval if sight.lost_since is None else timedelta()
    return now - max(moments) >= max(blind_after, polls)


def _unread_since(sight: Sight) -> datetime | None:
    return sight.lost_since if sight.lost_since is not None else sight.last_read


def write_blindness(
    store: Store,
    benches: Mapping[str, Bench],
    sender: str,
    now: datetime,
    untried: Mapping[tuple[str, str], datetime] = _NONE,
) -> int:
    """Write a warning for each mailbox that is `blind`; return how many are new."""
    written = 0
    sights = store.sights()
    for bench in benches.values():
        for mailbox, sight in sights_of(bench.account, sights):
            if not blind(sight, mailbox, bench.account.notify.blind_after, now, untried):
                continue
            warning = _warning(BLIND, sight, bench.account, sender, now)
            if not store.said(sight.account, warning.keys):
                with store.transaction():
                    written += store.add_warning(warning) is not None
    return written


def sights_of(account: Account, sights: Iterable[Sight]) -> list[tuple[Mailbox, Sight]]:
    """Return each of an account's mailboxes with what is known of it, of one that was never read too."""
    known = {sight.mailbox: sight for sight in sights if sight.account == account.name}
    return [(mailbox, known.get(mailbox.name) or _never_read(mailbox)) for mailbox in account.mailboxes]


def _sight(store: Store, mailbox: Mailbox) -> Sight:
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


def _key(step: str, sight: Sight) -> str:
    since = _unread_since(sight)
    return f"{step}:{sight.mailbox}:{since.isoformat() if since is not None else 'never read'}"


def _warning(step: str, sight: Sight, account: Account, sender: str, now: datetime) -> NewWarning:
    key = _key(step, sight)
    return NewWarning(
        account=account.name,
        case_id=None,
        mailbox=sight.mailbox,
        keys=(key,),
        step=step,
        rule="",
        obligation="",
        due_at=None,
        message_id=message_id(account.name, key, sender),
        created_at=now,
        recipients=account.notify.to,
        detail={"since": to_text(_unread_since(sight) or now), "reason": sight.reason or _SLOW},
    )
