"""Whether the mailboxes can be read. Blindness is the worst fault: after `blind_after` it is a warning itself."""

from collections.abc import Mapping
from datetime import datetime

from relaywatch.config import Account, Mailbox
from relaywatch.core.instant import to_text
from relaywatch.pipeline.gather import message_id
from relaywatch.pipeline.judging import Bench
from relaywatch.store import NewWarning, Sight, Store

BLIND = "blind"
SEEING = "seeing"
_NONE: Mapping[tuple[str, str], datetime] = {}


def note_seeing(store: Store, account: Account, mailbox: Mailbox, read_at: datetime, sender: str, now: datetime) -> str:
    """Note that all folders of a mailbox were read, beginning at `read_at`.

    Returns what is new: `seeing` the first time, `back` after a loss, "" otherwise.
    """
    before = _sight(store, mailbox)
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
        if before is None or before.lost_since is None:
            return "" if before is not None and before.seeing else "seeing"
        if store.said(account.name, [_key(BLIND, before)]):
            store.add_warning(_warning(SEEING, before, account, sender, now))
    return "back"


def note_lost(store: Store, mailbox: Mailbox, since: datetime, reason: str) -> None:
    """Note that a mailbox cannot be read, and why. A loss that a restart finds goes on from where it began."""
    before = _sight(store, mailbox)
    lost_since = before.lost_since if before is not None and before.lost_since is not None else since
    with store.transaction():
        store.save_sight(
            Sight(
                account=mailbox.account,
                mailbox=mailbox.name,
                role=mailbox.role,
                seeing=False,
                last_read=before.last_read if before is not None else None,
                lost_since=lost_since,
                reason=reason,
            )
        )


def blind(sight: Sight, account: Account, now: datetime, untried: Mapping[tuple[str, str], datetime]) -> bool:
    """Whether a mailbox could not be read for `blind_after`.

    A daemon that was started since, and has not come to read it yet, gives it that time anew (`untried`: by
    account and mailbox, when it started).
    """
    if sight.lost_since is None:
        return False
    since = max(sight.lost_since, untried.get((sight.account, sight.mailbox), sight.lost_since))
    return now - since >= account.notify.blind_after


def write_blindness(
    store: Store,
    benches: Mapping[str, Bench],
    sender: str,
    now: datetime,
    untried: Mapping[tuple[str, str], datetime] = _NONE,
) -> int:
    """Write a warning for each mailbox that is `blind`; return how many are new."""
    written = 0
    for sight in store.sights():
        bench = benches.get(sight.account)
        if bench is not None and blind(sight, bench.account, now, untried):
            warning = _warning(BLIND, sight, bench.account, sender, now)
            if not store.said(sight.account, warning.keys):
                with store.transaction():
                    written += store.add_warning(warning) is not None
    return written


def _sight(store: Store, mailbox: Mailbox) -> Sight | None:
    return next(
        (sight for sight in store.sights() if (sight.account, sight.mailbox) == (mailbox.account, mailbox.name)),
        None,
    )


def _key(step: str, sight: Sight) -> str:
    assert sight.lost_since is not None
    return f"{step}:{sight.mailbox}:{sight.lost_since.isoformat()}"


def _warning(step: str, sight: Sight, account: Account, sender: str, now: datetime) -> NewWarning:
    assert sight.lost_since is not None
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
        detail={"since": to_text(sight.lost_since), "reason": sight.reason},
    )
