"""Messages that a server could not give: set aside, so that they hold up no other, and asked for again with pauses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from relaywatch.config import Mailbox
from relaywatch.core.mail import authentic
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Mail, Place
from relaywatch.mailbox.batch import Batch
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.pipeline.changes import Change
from relaywatch.store import Aside, NewMail, Store, StoredMail

_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 720, 1440))  # then the last one
_GIVEN_UP = timedelta(days=30)
_AT_ONCE = 20  # in one reading of a mailbox
_BEGINNING = 200  # characters that tell one text from another


def set_aside(store: Store, batch: Batch, now: datetime) -> list[Change]:
    """Note what of a batch could not be had, and what has been had after all or is gone; within a transaction."""
    mailbox, place = batch.mailbox, batch.place
    faulty = {fetched.uid: fetched for fetched in batch.fetched if fetched.fault}
    read = {fetched.uid for fetched in batch.fetched}
    for uid in batch.again:
        at = (mailbox.account, mailbox.name, place, batch.uidvalidity, uid)
        if uid not in read:
            store.leave_aside(*at, until=now + _GIVEN_UP)
        elif uid not in faulty:
            store.end_aside(*at)
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


def with_their_texts(
    store: Store, parties: Parties, batch: Batch, entries: Sequence[tuple[Fetched, NewMail]]
) -> list[NewMail]:
    """Return what was read so that each mail is one message, though a server gives it at one place only in part.

    Before they are kept, within that transaction. What comes whole takes the place of what was kept without its text,
    or with its beginning, where it lay or elsewhere, for people move mail; so does a beginning of what was kept with
    less. What comes in part is a further copy of the whole one, or of what had no less. Who forges such a part, of
    whatever is better proved, gains nothing.
    """
    waits = batch.again or store.has_asides(batch.mailbox.account)
    found = []
    for fetched, entry in entries:
        whole = store.whole_of(entry) if fetched.fault else None
        stub = store.stub_of(entry) if waits and whole is None else None
        if stub is not None and _is_more(entry.mail, stub.mail) and not _is_worse(entry, stub, parties):
            store.renew_mail(stub.id, entry)
            stub = None
        kept = whole or stub
        same = kept is not None and _is_part(entry.mail, kept.mail) and not _is_worse(entry, kept, parties)
        found.append(_copy_of(kept, entry) if fetched.fault and kept is not None and same else entry)
    return found


def _is_more(mail: Mail, part: Mail) -> bool:
    """Whether a mail begins with what was had of it before, and has more, be it in part as well."""
    return _is_part(part, mail) and (not mail.message.damage or len(mail.message.text) > len(part.message.text))


def _is_part(part: Mail, whole: Mail) -> bool:
    """Whether what was had of a mail, maybe none of its text, can be the beginning of another."""
    return part.message.own_words[:_BEGINNING] in whole.message.text


def _is_worse(entry: NewMail, kept: StoredMail, parties: Parties) -> bool:
    return authentic.proof(entry.mail.message, parties) < authentic.proof(kept.mail.message, parties)


def _copy_of(whole: StoredMail, entry: NewMail) -> NewMail:
    message = replace(whole.mail.message, copies=entry.mail.message.copies)
    return replace(entry, mail=Mail(message, whole.mail.verdict), keys=frozenset(), hints=frozenset())


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
