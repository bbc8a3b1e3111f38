"""Ingest: from a batch of raw mail to messages that are kept, and from those to cases.

Messages and the folder's position are one transaction, so that a crash at any moment leaves a batch either kept or to
be read again; reading it again changes nothing. With them it is noted that they are to be judged, which is done
afterwards, in slices: a folder counts as read only when nothing of it is left to judge.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from relaywatch import log
from relaywatch.config import Mailbox
from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.whose import OPENERS, is_bystanders, is_sellers, is_unproved
from relaywatch.core.mail import authentic
from relaywatch.core.mail.message import Copy, Folder, Mail, Place
from relaywatch.core.mail.when import EARLIEST, as_seen, received_at
from relaywatch.core.threads import thread
from relaywatch.core.threads.naming import keys, note
from relaywatch.mailbox.batch import Batch
from relaywatch.mailbox.errors import MailboxError, NotKeptError, ServerSaidError
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.mailbox.imap_messages import WHOLE
from relaywatch.mailbox.position import Gap, Position
from relaywatch.mailbox.rescue import is_sketch
from relaywatch.pipeline.asides import due_again, set_aside, with_their_texts
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.judging import Bench, judge_some
from relaywatch.pipeline.readers import Readers
from relaywatch.pipeline.reading import RawMail, ReadMail
from relaywatch.pipeline.rescuing import begin_rescues, end_rescues, want_rescues, wanted_rescues
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.warnings.selftest import note_tests
from relaywatch.store import NewMail, Store, StoredMail, StoredPosition, StoreError

_LEVELS = {"case.failed": logging.ERROR, "message.set_aside": logging.WARNING}  # of what is not merely told
_MOST_UNPROVED = 3  # of a batch, of which more is fetched
_IN_PART = "the server gave only the beginning of this message"
_TRIES = 2  # at more of a message, each of which cost the connection


class Ingest:
    """What the watchers hand their mail to."""

    def __init__(
        self,
        in_store: StoreThread,
        readers: Readers,
        benches: Mapping[str, Bench],
        changed: Callable[[], None],
    ) -> None:
        self._in_store = in_store
        self._readers = readers
        self._benches = benches
        self._changed = changed
        self._tries: Counter[tuple[Any, ...]] = Counter()  # at more of a message that has not come yet
        self._without_move: set[tuple[str, str]] = set()  # mailboxes of which that was said

    async def position(self, mailbox: Mailbox, place: Place) -> Position | None:
        """Return how far a folder was read, None where it never was."""
        return await self._in_store(lambda store: position_of(store, mailbox, place))

    async def take(self, batch: Batch) -> None:
        """Keep a batch and judge what it touches; when this returns, both are on disk. Raises NotKeptError.

        Judged is in slices, between which what is more urgent can be done; what a crash leaves of it is judged
        before the folder counts as read.
        """
        now = datetime.now(UTC)
        read = seen_now(batch, await self._read(batch), now)
        bench = self._benches[batch.mailbox.account]
        try:
            log_changes(await self._in_store.at_length(lambda store: keep(store, bench, batch, read, now)))
            if read:
                await self._judge_kept(bench)
        except StoreError as error:
            raise NotKeptError(str(error)) from error
        if read:
            self._changed()

    async def folder_read(self, mailbox: Mailbox, place: Place, started_at: datetime) -> None:
        """Note that everything which lay in a folder at that time has been read."""
        await self._judge_kept(self._benches[mailbox.account])

        def note(store: Store) -> None:
            with store.transaction():
                store.save_read(mailbox.account, mailbox.name, place, started_at)

        await self._in_store(note)

    async def _judge_kept(self, bench: Bench) -> None:
        """Judge what was kept and not judged yet."""
        waiting = True
        while waiting:
            now = datetime.now(UTC)
            waiting, changes = await self._in_store.at_length(lambda store: judge_kept(store, bench, now))  # noqa: B023 - awaited in the loop
            log_changes(changes)

    async def due_again(self, mailbox: Mailbox) -> dict[tuple[Place, int], list[int]]:
        """Return the UIDs of what was set aside and is to be asked for now, by folder and UIDVALIDITY."""
        now = datetime.now(UTC)
        return await self._in_store(lambda store: due_again(store, mailbox, now))

    async def rescues(self, mailbox: Mailbox) -> dict[tuple[str, int], list[int]]:
        """Return the UIDs of what is to be moved out of Junk, by folder and UIDVALIDITY, ascending."""
        now = datetime.now(UTC)
        return await self._in_store(lambda store: wanted_rescues(store, mailbox, now))

    async def rescue_begins(self, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int]) -> None:
        """Note a try, before it."""
        await self._in_store(lambda store: begin_rescues(store, mailbox, where, uids))

    async def rescue_ends(
        self, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int], way: str, reason: str = ""
    ) -> None:
        """Note what became of messages that were to be moved."""
        now = datetime.now(UTC)
        await self._in_store(lambda store: end_rescues(store, mailbox, where, uids, way, reason, now))
        if way == "copied" and (mailbox.account, mailbox.name) not in self._without_move:
            self._without_move.add((mailbox.account, mailbox.name))
            log.get().warning("mailbox.no_move", account=mailbox.account, mailbox=mailbox.name)

    async def _read(self, batch: Batch) -> list[tuple[Fetched, ReadMail]]:
        # What has neither text nor header is no message yet.
        given = [fetched for fetched in batch.fetched if fetched.raw or not fetched.fault]
        items = [_raw(batch, fetched) for fetched in given]
        found = await self._readers.read(items)
        worth = self._worth_more(batch, found)
        for index, (fetched, item) in enumerate(zip(given, items, strict=True)):
            if found[index].needs_more and not fetched.whole and index in worth:
                # No text was whole in the prefix, or a file of Walmart's was not: the cases for going back.
                raw = await self._more(batch, fetched.uid)
                if len(raw) > len(fetched.raw):
                    more = replace(item, raw=raw, whole=len(raw) < WHOLE)
                    (again,) = await self._readers.read([more])
                    # What can be read of it is its beginning, where all of it keeps a reader too long.
                    sketched = is_sketch(again.mail.message)
                    found[index] = _damaged(found[index], again.mail.message.damage) if sketched else again
                else:
                    given[index] = replace(fetched, fault=fetched.fault or _IN_PART)
        return [(fetched, _damaged(read, fetched.fault)) for fetched, read in zip(given, found, strict=True)]

    def _worth_more(self, batch: Batch, found: Sequence[ReadMail]) -> frozenset[int]:
        """Return which of a batch may be more than its beginning says: Walmart's and the seller's.

        Strangers send as much as they like, and all else would wait for it; as Walmart, too, so that of what fails
        authentication only the first few are.
        """
        parties = self._benches[batch.mailbox.account].account.parties
        mails = [(index, one.mail) for index, one in enumerate(found) if one.needs_more]
        theirs = [(index, mail) for index, mail in mails if parties.is_walmart(mail.message.author) or is_sellers(mail)]
        unproved = [index for index, mail in theirs if is_unproved(mail)]
        return frozenset(index for index, _ in theirs).difference(unproved[_MOST_UNPROVED:])

    async def _more(self, batch: Batch, uid: int) -> bytes:
        """Return more of a message; b"" where the server fails at that: mail must not stop.

        What came must do then, until it is asked for again as everything that is set aside. A clean refusal is enough
        for that; a lost connection, or a server in trouble, not before it comes again.
        """
        place = (batch.mailbox.account, batch.mailbox.name, batch.place, batch.uidvalidity, uid)
        if self._tries[place] >= _TRIES:
            return b""
        try:
            raw = await batch.fetch_whole(uid)
        except MailboxError as error:
            if isinstance(error, ServerSaidError) and not error.passing:
                return b""
            if not (isinstance(error, ServerSaidError) and error.held_back):
                self._tries[place] += 1
            raise
        self._tries.pop(place, None)
        return raw


def _damaged(found: ReadMail, why: str) -> ReadMail:
    """Keep with a message why not all of it could be had, else it would look merely empty; "": all of it was."""
    if not why:
        return found
    return replace(found, mail=Mail(replace(found.mail.message, damage=why), found.mail.verdict))


def _raw(batch: Batch, fetched: Fetched) -> RawMail:
    mailbox = batch.mailbox
    copy = Copy(mailbox=mailbox.name, role=mailbox.role, folder=batch.folder, internaldate=fetched.internaldate)
    return RawMail(
        raw=fetched.raw,
        whole=fetched.whole,
        account=mailbox.account,
        copy=copy,
        own_hosts=own_hosts(mailbox),
        addresses=tuple(mailbox.addresses.items()) if batch.folder is not Folder.SENT else (),
    )


def own_hosts(mailbox: Mailbox) -> frozenset[str]:
    """Return the hosts whose Received line is the seller's own (policy: When a clock starts)."""
    domain = mailbox.address.rpartition("@")[2].lower()
    host = mailbox.host.lower()
    parent = host.partition(".")[2]
    return frozenset({domain, host, *mailbox.received_by} | ({parent} if "." in parent else set())) - {""}


def seen_now(batch: Batch, read: Sequence[tuple[Fetched, ReadMail]], now: datetime) -> list[tuple[Fetched, ReadMail]]:
    """Return a batch without times that cannot be, and without what such a time had let in though it is too old."""
    found = []
    for fetched, it in read:
        message = as_seen(it.mail.message, now)
        undated = fetched.internaldate is not None and fetched.internaldate < EARLIEST
        if batch.since is None or not undated or received_at(message)[0] >= batch.since:
            same = message is it.mail.message
            found.append((fetched, it if same else replace(it, mail=Mail(message, it.mail.verdict))))
    return found


def position_of(store: Store, mailbox: Mailbox, place: Place) -> Position | None:
    """Return how far a folder was read, None where it never was.

    Of a folder under a new name it is known only when one for the same use was read: it is read from then on.
    """
    positions = store.positions(mailbox.account, mailbox.name)
    stored = positions.get(place)
    if stored is not None and stored.uidvalidity:
        gaps = tuple(Gap(*gap) for gap in stored.gaps)
        return Position(stored.uidvalidity, stored.last_uid, stored.read_at, gaps, stored.unread)
    times = [it.read_at for other, it in positions.items() if other.folder is place.folder and it.read_at is not None]
    return Position(0, 0, max(times)) if times else None


def keep(
    store: Store, bench: Bench, batch: Batch, read: Sequence[tuple[Fetched, ReadMail]], now: datetime
) -> list[Change]:
    """Write a batch and the position, and note that it is to be judged; return what came."""
    mailbox = batch.mailbox
    entries = [
        (
            fetched,
            NewMail(
                mail=found.mail,
                keys=found.named.keys,
                hints=found.hints,
                name=batch.place.name,
                uidvalidity=batch.uidvalidity,
                uid=fetched.uid,
            ),
        )
        for fetched, found in read
    ]
    for _, found in read:
        note(found.mail, bench.account.parties, found.named)
    with store.transaction():
        rows = add_mails(store, bench, with_their_texts(store, bench.account.parties, batch, entries))
        store.mark_unjudged(mailbox.account, rows)
        faults = {fetched.uid: fetched for fetched, _ in read if fetched.fault}
        given = tuple(faults.get(fetched.uid, fetched) for fetched in batch.fetched)
        changes = set_aside(store, replace(batch, fetched=given), now)
        note_tests(store, mailbox, batch.folder, [found.mail for _, found in read])
        mails = [(fetched.uid, found.mail) for fetched, found in read]
        want_rescues(store, bench.account.parties, mailbox, batch.place, batch.uidvalidity, mails, now)
        if batch.position is not None:
            store.save_position(mailbox.account, mailbox.name, batch.place, _stored(batch.position))
    place = {"account": mailbox.account, "mailbox": mailbox.name, "folder": batch.folder.value}
    seen = [
        Change(
            "message.received",
            place | {"message_id": found.mail.message.message_id, "class": found.mail.verdict.class_.value},
        )
        for _, found in read
    ]
    return [*seen, *changes]


def judge_kept(store: Store, bench: Bench, now: datetime) -> tuple[bool, list[Change]]:
    """Judge some of what was kept; return whether there was any, and what changed."""
    rows = store.unjudged(bench.account.name)
    if not rows:
        return False, []
    with store.transaction():
        done, changes = judge_some(store, bench, rows, now)
        store.mark_judged(done)
    return True, changes


def _stored(position: Position) -> StoredPosition:
    gaps = tuple((gap.first, gap.last, gap.since) for gap in position.gaps)
    return StoredPosition(position.uidvalidity, position.last_uid, position.read_at, gaps, position.unread)


def add_mails(store: Store, bench: Bench, entries: Sequence[NewMail]) -> list[int]:
    """Keep messages; return the rows that are to be judged: theirs, and what was judged with a worse copy of one.

    Of several copies of a message the one that is proved best is kept. Who got a mail can return it to another address
    of the seller's under the same key, as if sent to somebody else and in answer to another mail: nobody must gain
    anything by coming first.
    """
    parties = bench.account.parties
    known = store.known_mails(entries)
    best: dict[str, authentic.Proof] = {}
    named: list[NewMail] = []
    better: dict[int, NewMail] = {}  # by its place among the entries
    times = Counter(entry.mail.message.key for entry in entries)
    for place, (entry, kept) in enumerate(zip(entries, known, strict=True)):
        message = entry.mail.message
        if kept is None and times[message.key] == 1:  # as most: there is nothing to choose from
            named.append(entry)
            continue
        proof = authentic.proof(message, parties)
        first = authentic.proof(kept.mail.message, parties) if kept is not None else proof
        believed = best.setdefault(message.key, first)
        if proof > believed:
            best[message.key] = proof
            better[place] = entry
        # A worse copy must not tie the message to what it names: anybody can have written that.
        named.append(replace(entry, keys=frozenset(), hints=frozenset()) if proof < believed else entry)
    left = _answered_before(store, bench, named)
    rows = store.add_mails(named)
    for place, entry in better.items():
        kept = known[place]
        if store.replace_mail(rows[place], entry) and kept is not None:
            left += _leave_case(store, kept, entry)
    _classify_again(store, bench, rows)
    return list(dict.fromkeys((*rows, *left)))


def _answered_before(store: Store, bench: Bench, entries: Iterable[NewMail]) -> list[int]:
    """Return what names bystanders' mail that was read after it: whom that is for is not what it seemed.

    The first few that bear an id tell; those that come after them, however many, cost nothing more.
    """
    account = bench.account.name
    ids = {entry.mail.message.message_id or "" for entry in entries if is_bystanders(entry.mail)} - {""}
    if not store.naming(account, ids):
        return []
    return store.naming(account, ids - store.borne(account, ids))


def _leave_case(store: Store, kept: StoredMail, entry: NewMail) -> list[int]:
    """Take a message out of the case that a worse copy had put it into; return what is left there, to be judged.

    Else that case would lend its number to the one where the message belongs. What is owed an answer keeps its own.
    """
    if kept.case_id is None or entry.mail.verdict.class_ in OPENERS:
        return []
    left = [stored.id for stored in store.mails_of_case(kept.case_id) if stored.id != kept.id]
    store.detach([kept.id])
    return left


def _classify_again(store: Store, bench: Bench, rows: Sequence[int]) -> None:
    """What a message is depends on where it lies: a further copy, in the complaint mailbox say, may change it."""
    changed = []
    for stored in store.load_mails(store.in_several_places(dict.fromkeys(rows)), whole=True):
        message = stored.mail.message
        if len(message.copies) > 1 and not stored.forgotten:
            verdict = classify(message, bench.basis.parties, bench.basis.rules)
            if verdict != stored.mail.verdict:
                changed.append((stored.id, verdict))
                mail = Mail(message, verdict)
                parties = bench.account.parties
                store.replace_keys(message.account, stored.id, keys(mail, parties), thread.hints(mail, parties))
    store.update_verdicts(changed)


def log_changes(changes: Sequence[Change]) -> None:
    """Write one line for each thing that happened."""
    logger = log.get()
    for change in changes:
        logger.log(_LEVELS.get(change.event, logging.INFO), change.event, **change.ids)
