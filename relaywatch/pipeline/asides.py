"""Messages that a server could not give: set aside, so that they hold up no other, and asked for again with pauses."""

from datetime import datetime, timedelta

from relaywatch.config import Mailbox
from relaywatch.core.message import Place
from relaywatch.mailbox.batch import Batch
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.pipeline.judging import Change
from relaywatch.store import Aside, Store

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 1440))  # then the last one
_GIVEN_UP = timedelta(days=30)
_AT_ONCE = 20  # in one reading of a mailbox


def set_aside(store: Store, batch: Batch, now: datetime) -> list[Change]:
    """Note what of a batch could not be had, and what has been had after all or is gone; within a transaction."""
    mailbox, place = batch.mailbox, batch.place
    faulty = {fetched.uid: fetched for fetched in batch.fetched if fetched.fault}
    for uid in batch.again:
        if uid not in faulty:
            store.end_aside(mailbox.account, mailbox.name, place, batch.uidvalidity, uid)
    return [_told(batch, fetched) for fetched in faulty.values() if _is_new(store, batch, fetched, now)]


def _is_new(store: Store, batch: Batch, fetched: Fetched, now: datetime) -> bool:
    aside = Aside(
        place=batch.place,
        uidvalidity=batch.uidvalidity,
        uid=fetched.uid,
        since=now,
        next_try_at=now + _PAUSES[0],
        reason=fetched.fault,
    )
    return store.set_aside(batch.mailbox.account, batch.mailbox.name, aside)


def _told(batch: Batch, fetched: Fetched) -> Change:
    ids = {"account": batch.mailbox.account, "mailbox": batch.mailbox.name, "folder": batch.folder.value}
    return Change("message.set_aside", ids | {"name": batch.place.name, "uid": fetched.uid, "reason": fetched.fault})


def due_again(store: Store, mailbox: Mailbox, now: datetime) -> dict[tuple[Place, int], list[int]]:
    """Return the UIDs of what is to be asked for now, by folder and UIDVALIDITY; each is due later the next time.

    The try is noted before it: a message at which the connection breaks is not asked for at every turn.
    """
    due = [aside for aside in store.asides(mailbox.account, mailbox.name) if aside.next_try_at <= now][:_AT_ONCE]
    found: dict[tuple[Place, int], list[int]] = {}
    if due:
        with store.transaction():
            for aside in due:
                if now - aside.since > _GIVEN_UP:
                    store.end_aside(mailbox.account, mailbox.name, aside.place, aside.uidvalidity, aside.uid)
                    continue
                pause = _PAUSES[min(aside.tries + 1, len(_PAUSES) - 1)]
                store.put_off_aside(mailbox.account, mailbox.name, aside, now + pause)
                found.setdefault((aside.place, aside.uidvalidity), []).append(aside.uid)
    return found
