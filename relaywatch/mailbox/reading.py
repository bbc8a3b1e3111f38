"""Reading the folders of one mailbox over one connection, batch by batch, from where the last reading ended.

    STATUS --same as last time--> done
      | changed
    EXAMINE --> position --> plan --> SEARCH --> FETCH a batch --> take it (while the next one is fetched) --> done

What is urgent comes first (backlog.py), Sent before INBOX. A folder with much to read is left after some seconds, for
all the others to be looked at, and planned anew when its turn comes again: what came meanwhile is newer and goes first.

A batch that the connection does not survive is halved at the next try, until the message that is to blame stands
alone; that one is then asked for less and less, and at last counted without its text. What is known of such
messages lives here, across connections. A message without its text is set aside: whoever takes the mail says when
it is to be asked for again.

A folder's fault is that folder's: the others are read all the same, and it is read after them until it is over.
"""

import asyncio
import contextlib
import itertools
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from relaywatch import log
from relaywatch.config import Mailbox
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder, Place, Role
from relaywatch.mailbox.backlog import Backlog
from relaywatch.mailbox.batch import Batch, MailSink, OnAnswered
from relaywatch.mailbox.errors import MailboxError, NotKeptError, ServerSaidError
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.mailbox.imap_folders import FolderPlan
from relaywatch.mailbox.marks import Mark, Marks
from relaywatch.mailbox.position import (
    BATCH_OCTETS,
    FIRST_BATCH,
    GAP_FRESH,
    GAPS_BELOW,
    Plan,
    Position,
    View,
    advanced,
    next_count,
    plan,
    went_back,
)
from relaywatch.mailbox.remote import Remote
from relaywatch.mailbox.senders import Senders
from relaywatch.mailbox.unjunk import unjunk

_STRIKES = 3  # tries at a message that stands alone, before it is asked for less
_SLICE_SECONDS = 10.0  # after which other folders, and what is new, have their turn
_RENUMBERED = 3  # times, after which a folder's numbers mean nothing


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A batch that broke the connection: of its messages, take `count` at a time."""

    uids: frozenset[int]
    count: int
    strikes: int  # how often it broke it when it was one message alone

    def cut(self, batch: list[int]) -> list[int]:
        """Return the beginning of a batch that is to be fetched by itself."""
        if batch[0] in self.uids:
            return batch[: self.count]
        return list(itertools.takewhile(lambda uid: uid not in self.uids, batch))


class MailboxReader:
    """Reads a mailbox's folders; one for the mailbox's whole life."""

    def __init__(
        self,
        mailbox: Mailbox,
        ingest: MailSink,
        *,
        lookback: timedelta,
        now: Callable[[], datetime],
        parties: Parties,
        asked: asyncio.Event,
    ) -> None:
        """`asked`: set where somebody waits for a look at all folders; then none is read for long."""
        self._mailbox, self._ingest = mailbox, ingest
        self._lookback, self._now, self._asked, self._hurried = lookback, now, asked, False
        self._seen: dict[Place, View] = {}
        self._senders = Senders(parties)
        self._suspects: dict[Place, _Suspect] = {}
        self._faulty: set[Place] = set()  # could not be read the last time
        self._fresh: dict[Place, datetime] = {}  # until when a gap is looked for though no number moves
        self._marks = Marks()
        self._answered: set[Place] = set()  # where no answer of the seller's is left to read, as the server says
        self._count = FIRST_BATCH
        self._open: Place | None = None
        self.taken = 0  # messages that were new, since the beginning

    def connected(self) -> None:
        """Forget what was true of the last connection."""
        self._seen.clear()
        self._senders.connected()
        self._open = None

    async def read_all(self, remote: Remote, found: FolderPlan, *, news: bool, answered: OnAnswered) -> datetime:
        """Read every folder; return when the last look at all of them began. `news`: INBOX has new mail, it is said.

        A folder that the server refuses does not keep the others from being read; its error is raised after them.
        `answered` is told when a look began after which no answer of the seller's was left to read, though other
        mail was.
        """
        refused: dict[Place, ServerSaidError] = {}
        more = True
        while more:
            started_at = self._now()
            self._hurried = self._asked.is_set()
            self._asked.clear()
            left = set[Place]()
            for place in sorted(found.places, key=self._faulty.__contains__):
                if place not in refused:
                    force = news and place.folder is Folder.INBOX
                    if not await self._read_or_refuse(remote, place, refused, force=force):
                        left.add(place)
            more = bool(left)
            if left and left <= self._answered and not refused:
                await answered(started_at)
        await self._read_again(remote, found)
        await self._unjunk(remote, found)
        if refused:
            # INBOX is asked by EXAMINE always: of an outage of all of them its error is the one that stays the same
            raise refused[min(refused, key=lambda place: (place.folder is not Folder.INBOX, found.places.index(place)))]
        return started_at

    async def _read_or_refuse(
        self, remote: Remote, place: Place, refused: dict[Place, ServerSaidError], *, force: bool
    ) -> bool:
        """Read a folder for a while; return whether nothing more can be read there now."""
        try:
            done = await self._read(remote, place, force=force)
        except ServerSaidError as error:
            self._faulty.add(place)
            if error.held_back:
                raise
            refused[place] = error
            return True
        except MailboxError:
            self._faulty.add(place)
            raise
        self._faulty.discard(place)
        return done

    async def _read_again(self, remote: Remote, found: FolderPlan) -> None:
        """Ask once more for what was set aside."""
        with _keeping(self._mailbox):
            due = await self._ingest.due_again(self._mailbox)
        for (place, uidvalidity), uids in due.items():
            if place not in found.places:
                continue
            with _unless_held_back():
                same = (await self._examine(remote, place)).uidvalidity == uidvalidity
                for uid in uids:
                    with _unless_held_back():
                        fetched = await remote.call(remote.session.fetch_batch, [uid], again=True) if same else []
                        await self._take(remote, place, fetched, None, uidvalidity=uidvalidity, again=(uid,))

    async def _unjunk(self, remote: Remote, found: FolderPlan) -> None:
        """Move customers' mail from Junk to INBOX, and read it there, before anybody is told that it lies in Junk."""
        junk, inbox = found.names.get(Folder.JUNK), found.names.get(Folder.INBOX)
        if not self._mailbox.rescue or junk is None or inbox is None:
            return

        async def move(name: str, uidvalidity: int, uids: Sequence[int]) -> str:
            self._open = None
            return await remote.call(remote.session.move, name or junk[0], uidvalidity, uids, inbox[0])

        with _keeping(self._mailbox):
            moved = await unjunk(self._mailbox, self._ingest, move)
        if moved:
            while not await self._read(remote, Place(Folder.INBOX, inbox[0]), force=True):
                pass

    async def settle(self, remote: Remote, found: FolderPlan) -> bool:
        """Open INBOX, to wait in it; return whether it changed since it was read."""
        inbox = next(place for place in found.places if place.folder is Folder.INBOX)
        if self._open == inbox:
            return False
        seen, before = await self._examine(remote, inbox), self._seen.get(inbox)
        # of a new UIDVALIDITY the next poll will learn: some servers give one each time
        return before is None or (seen.uidnext, seen.messages) != (before.uidnext, before.messages)

    async def _examine(self, remote: Remote, place: Place) -> View:
        self._open = None
        seen = await remote.call(remote.session.examine, place.name)
        self._open = place
        return seen

    async def _read(self, remote: Remote, place: Place, *, force: bool) -> bool:
        """Read what is new in a folder, for a while; return whether that was all."""
        started_at = self._now()
        look = self._must_look(place, started_at)
        if look or not await self._unchanged(remote, place):
            seen = await self._examine(remote, place)
            if force or look or seen != self._seen.get(place):
                self._seen.pop(place, None)
                if not await self._read_new(remote, place, seen, started_at):
                    return False
                self._seen[place] = seen
        with _keeping(self._mailbox):
            await self._ingest.folder_read(self._mailbox, place, started_at)
        return True

    def _must_look(self, place: Place, now: datetime) -> bool:
        """Whether a folder's numbers cannot tell that nothing came: a count hides one that came for one that went."""
        seen = self._seen.get(place)
        return seen is None or seen.uidnext is None or (place in self._fresh and now < self._fresh[place])

    async def _unchanged(self, remote: Remote, place: Place) -> bool:
        """Ask by STATUS, which leaves the open folder open; not for INBOX, which is opened anyway to wait in it."""
        if place.folder is Folder.INBOX or place not in self._seen:
            return False
        with contextlib.suppress(ServerSaidError):
            return await remote.call(remote.session.status, place.name) == self._seen[place]
        return False

    async def _read_new(self, remote: Remote, place: Place, seen: View, started_at: datetime) -> bool:
        session = remote.session
        with _keeping(self._mailbox):
            stored = await self._ingest.position(self._mailbox, place)
        highest = 0
        if went_back(stored, seen) and seen.messages:
            highest = await remote.call(session.highest_uid)
            if highest >= (seen.uidnext or 0):
                seen = replace(seen, uidnext=None)  # it only lags
        made = plan(stored, seen, now=started_at, lookback=self._lookback)
        above, upper = made.above, list[int]()
        if made.since is not None and seen.messages:  # first, so that what comes meanwhile is found by date
            highest = highest or await remote.call(session.highest_uid)
            above = max(made.above, highest - GAPS_BELOW)
            upper = await remote.call(session.search, Plan(above=above, since=None))
        uids = await remote.call(session.search, made) if seen.messages else []
        present = sorted({*(uid for uid in uids if uid <= made.above or uid > above), *upper})
        top = max(made.above, highest, *uids[-1:])
        marks = await self._marked(remote, place, uids) if made.restarted else None
        uids = self._marks.new(place, uids, marks)
        after = advanced(stored, seen, made, top, present, started_at)
        if uids:
            backlog = Backlog(made, uids)
            order = backlog.order(await self._urgent(remote, place, uids))
            if not await self._read_batches(remote, place, made, backlog, order, after):
                self._note_answered(place, backlog)
                return False
        elif after != stored:
            await self._take(remote, place, [], after, since=made.since)
        self._senders.forget(place)
        self._suspects.pop(place, None)
        if marks is not None:
            self._marks.keep(place, marks.values())
        self._fresh.pop(place, None)
        if after.gaps:
            self._fresh[place] = max(gap.since for gap in after.gaps) + GAP_FRESH
        return True

    def _note_answered(self, place: Place, backlog: Backlog) -> None:
        """Note whether an answer may be among what is left of a folder; in the seller's own folders each is one."""
        self._answered.discard(place)
        theirs = place.folder is Folder.SENT or self._mailbox.role is Role.SENT
        if not theirs and not self._senders.may_answer(place, backlog.left):
            self._answered.add(place)

    async def _urgent(self, remote: Remote, place: Place, uids: list[int]) -> tuple[set[int], ...]:
        """Ask which messages are to be read first, where that makes a difference; what lies in Sent is the seller's."""
        if place.folder is Folder.SENT or len(uids) <= self._count:
            return ()

        async def ask(some: Sequence[int], texts: Sequence[str]) -> set[int]:
            return await remote.call(remote.session.written_by, some, texts)

        return await self._senders.urgent(place, uids, ask)

    async def _marked(self, remote: Remote, place: Place, uids: list[int]) -> dict[int, Mark] | None:
        """Return what tells the messages of a folder that was numbered anew, where that was not the first time."""
        times = self._marks.renumbered(place)
        if times == _RENUMBERED:
            ids = {"account": self._mailbox.account, "mailbox": self._mailbox.name, "folder": place.folder.value}
            log.get().warning("mailbox.renumbered", name=place.name, **ids)
        return await remote.call(remote.session.marks, uids) if times > 1 and uids else None

    async def _read_batches(
        self, remote: Remote, place: Place, made: Plan, backlog: Backlog, order: list[int], after: Position
    ) -> bool:
        """Read for a while, in that order; return whether that was all. `after`: the position when it is.

        A folder that was numbered anew is read to its end: it may be so again at the next EXAMINE.
        """
        taking: asyncio.Task[None] | None = None
        until = math.inf if made.restarted else time.monotonic() + _SLICE_SECONDS * (not self._hurried)
        try:
            async for batch in self._cut(remote, place, order):
                fetched = [it for it in await self._fetch(remote, place, batch) if made.wants(it.internaldate)]
                if taking is not None:
                    await taking
                if not made.restarted:
                    self.taken += len(fetched)
                backlog.read(batch)
                position = replace(after, unread=backlog.runs)
                taking = asyncio.create_task(self._take(remote, place, fetched, position, since=made.since))
                if time.monotonic() > until or (self._asked.is_set() and not made.restarted):
                    break
            if taking is not None:
                await taking
        except asyncio.CancelledError:
            if taking is not None:
                taking.cancel()
            raise
        finally:
            if taking is not None and not taking.done():  # what is being kept may be kept
                await asyncio.wait({taking})
        return not backlog.runs

    async def _cut(self, remote: Remote, place: Place, order: list[int]) -> AsyncIterator[list[int]]:
        """Yield batches, ascending, sized anew after each: by what the last one was like, or small around a suspect."""
        start = 0
        while start < len(order):
            batch, suspect = order[start : start + self._count], self._suspects.get(place)
            if suspect is not None:
                batch = suspect.cut(batch)
            elif len(batch) > FIRST_BATCH:
                batch = await self._fitting(remote, batch)
            yield sorted(batch)
            start += len(batch)

    async def _fitting(self, remote: Remote, batch: list[int]) -> list[int]:
        """Return the first of these messages that memory is for; few, where the server does not say their sizes."""
        count, self._count = self._count, FIRST_BATCH  # if this fails, the next batch needs no look
        with _unless_held_back():
            batch = await remote.call(remote.session.fitting, batch, BATCH_OCTETS)
            self._count = count
            return batch
        return batch[:FIRST_BATCH]

    async def _fetch(self, remote: Remote, place: Place, batch: list[int]) -> list[Fetched]:
        suspect = self._suspects.get(place)
        strikes = suspect.strikes if suspect is not None and suspect.uids == {*batch} else 0
        started = time.monotonic()
        try:
            if strikes >= _STRIKES:
                fetched = [await remote.call(remote.session.fetch_less, batch[0], strikes - _STRIKES)]
            else:
                fetched = await remote.call(remote.session.fetch_batch, batch, again=suspect is not None)
        except MailboxError as error:
            if not (isinstance(error, ServerSaidError) and error.held_back):
                more = strikes + 1 if len(batch) == 1 else 0
                self._suspects[place] = _Suspect(frozenset(batch), max(1, len(batch) // 2), more)
            raise
        if suspect is not None and (left := suspect.uids.difference(batch)):
            self._suspects[place] = replace(suspect, uids=left)
        elif suspect is not None:
            del self._suspects[place]
        else:
            seconds = time.monotonic() - started
            self._count = next_count(self._count, sum(len(it.raw) for it in fetched), seconds)
        return fetched

    async def _take(
        self,
        remote: Remote,
        place: Place,
        fetched: list[Fetched],
        position: Position | None,
        *,
        uidvalidity: int = 0,
        since: datetime | None = None,
        again: tuple[int, ...] = (),
    ) -> None:
        async def fetch_whole(uid: int) -> bytes:
            return await remote.call(remote.session.fetch_whole, uid)

        with _keeping(self._mailbox):
            await self._ingest.take(
                Batch(
                    mailbox=self._mailbox,
                    place=place,
                    uidvalidity=position.uidvalidity if position is not None else uidvalidity,
                    fetched=tuple(fetched),
                    position=position,
                    fetch_whole=fetch_whole,
                    since=since,
                    again=again,
                )
            )


@contextlib.contextmanager
def _unless_held_back() -> Iterator[None]:
    """Go on after a refusal, but for one that says to ask no more."""
    try:
        yield
    except ServerSaidError as error:
        if error.held_back:
            raise


@contextlib.contextmanager
def _keeping(mailbox: Mailbox) -> Iterator[None]:
    """Tell the errors of keeping from those of reading. Their text may hold anything, so it is not passed on."""
    try:
        yield
    except MailboxError:
        raise
    except Exception as error:
        raise NotKeptError(f"{mailbox.name}: what was read could not be kept ({type(error).__name__})") from error
