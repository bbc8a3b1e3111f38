"""Reading the folders of one mailbox over one connection, batch by batch, from where the last reading ended.

    STATUS --same as last time--> done
      | changed
    EXAMINE --> position --> plan --> SEARCH --> FETCH a batch --> take it (while the next one is fetched) --> done

A batch that the connection does not survive is halved at the next try, until the message that is to blame stands
alone; that one is then asked for less and less, and at last counted without its text. What is known of such
messages lives here, across connections.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ParamSpec, Protocol, TypeVar

from relaywatch.config import Mailbox
from relaywatch.core.message import Folder
from relaywatch.mailbox.errors import MailboxError, NotKeptError, ServerSaidError
from relaywatch.mailbox.imap import Session
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.mailbox.imap_folders import Found
from relaywatch.mailbox.position import (
    FIRST_BATCH,
    Plan,
    Position,
    View,
    advanced,
    next_count,
    plan,
    went_back,
)
from relaywatch.mailbox.unjunk import Rescues, unjunk

P = ParamSpec("P")
T = TypeVar("T")
_BEAT_SECONDS = 2.0
_LONGEST_CALL = 900.0  # seconds, after which waiting for a command is no sign of life
_FAREWELL_SECONDS = 1.0
_STRIKES = 3  # tries at a message that stands alone, before it is asked for less


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Messages of one folder in ascending order of UID, and the position after them: one transaction."""

    mailbox: Mailbox
    folder: Folder
    uidvalidity: int
    fetched: tuple[Fetched, ...]  # may be empty: then only the position moves
    position: Position
    fetch_whole: Callable[[int], Awaitable[bytes]]
    """Gets `imap.WHOLE` of a message by its UID, while the batch is being taken; b"" if it has gone."""


class Ingest(Rescues, Protocol):
    """What takes the mail. Any error it raises but MailboxError is told by its class only, never by its text."""

    async def position(self, mailbox: Mailbox, folder: Folder) -> Position | None:
        """Return where reading stands."""

    async def take(self, batch: Batch) -> None:
        """Keep messages and position, both or neither; raise if they are not kept, and they come again."""

    async def folder_read(self, mailbox: Mailbox, folder: Folder, started_at: datetime) -> None:
        """Learn that all that lay in the folder at that moment was taken."""


class Remote:
    """A session's methods as coroutines, one at a time, in a pool of threads."""

    def __init__(self, session: Session, executor: Executor, beat: Callable[[], None]) -> None:
        self.session = session
        self._executor = executor
        self._beat = beat
        self._lock = asyncio.Lock()

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one of the session's methods in a thread. Cancelling it cuts the connection, which ends the thread."""
        async with self._lock:
            job = self._executor.submit(function, *args, **kwargs)
            future = asyncio.wrap_future(job)
            started = time.monotonic()
            try:
                while not future.done():
                    await asyncio.wait({future}, timeout=_BEAT_SECONDS)
                    if time.monotonic() - started < _LONGEST_CALL:
                        self._beat()
            except asyncio.CancelledError:
                self.session.abort()
                if not job.cancel():
                    await asyncio.wait({future}, timeout=_FAREWELL_SECONDS)
                future.add_done_callback(lambda done: done.cancelled() or done.exception())
                raise
            return future.result()


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A batch that broke the connection: up to `until`, take `count` at a time."""

    first: int
    until: int
    count: int
    strikes: int  # how often `first` broke it when it stood alone


class Reader:
    """Reads a mailbox's folders; one for the mailbox's whole life."""

    def __init__(self, mailbox: Mailbox, ingest: Ingest, *, lookback: timedelta, now: Callable[[], datetime]) -> None:
        self._mailbox, self._ingest = mailbox, ingest
        self._lookback, self._now = lookback, now
        self._seen: dict[Folder, View] = {}
        self._suspects: dict[Folder, _Suspect] = {}
        self._count = FIRST_BATCH
        self._open: Folder | None = None

    def connected(self) -> None:
        """Forget what was true of the last connection."""
        self._seen.clear()
        self._open = None

    async def read_all(self, remote: Remote, found: Found, *, news: bool) -> datetime:
        """Read every folder; return when that began. `news`: the server said that INBOX has new mail.

        A folder that the server refuses does not keep the others from being read; its error is raised after them.
        """
        started_at = self._now()
        refused: ServerSaidError | None = None
        for folder, name in found.names.items():
            try:
                await self._read(remote, folder, name, force=news and folder is Folder.INBOX)
            except ServerSaidError as error:
                if error.passing:
                    raise
                refused = refused or error
        await self._unjunk(remote, found)
        if refused is not None:
            raise refused
        return started_at

    async def _unjunk(self, remote: Remote, found: Found) -> None:
        """Move customers' mail from Junk to INBOX, and read it there, before anybody is told that it lies in Junk."""
        junk, inbox = found.names.get(Folder.JUNK), found.names.get(Folder.INBOX)
        if not self._mailbox.rescue or junk is None or inbox is None:
            return

        async def move(uidvalidity: int, uids: Sequence[int]) -> str:
            self._open = None
            return await remote.call(remote.session.move, junk, uidvalidity, uids, inbox)

        with _keeping(self._mailbox):
            moved = await unjunk(self._mailbox, self._ingest, move)
        if moved:
            await self._read(remote, Folder.INBOX, inbox, force=True)

    async def settle(self, remote: Remote, found: Found) -> bool:
        """Open INBOX, to wait in it; return whether it changed since it was read."""
        if self._open is Folder.INBOX:
            return False
        return await self._examine(remote, Folder.INBOX, found.names[Folder.INBOX]) != self._seen.get(Folder.INBOX)

    async def _examine(self, remote: Remote, folder: Folder, name: str) -> View:
        self._open = None
        seen = await remote.call(remote.session.examine, name)
        self._open = folder
        return seen

    async def _read(self, remote: Remote, folder: Folder, name: str, *, force: bool) -> None:
        started_at = self._now()
        if not await self._unchanged(remote, folder, name):
            seen = await self._examine(remote, folder, name)
            if force or seen != self._seen.get(folder):
                self._seen.pop(folder, None)
                await self._read_new(remote, folder, seen, started_at)
                self._seen[folder] = seen
        with _keeping(self._mailbox):
            await self._ingest.folder_read(self._mailbox, folder, started_at)

    async def _unchanged(self, remote: Remote, folder: Folder, name: str) -> bool:
        """Ask by STATUS, which leaves the open folder open; not for INBOX, which is opened anyway to wait in it."""
        if folder is Folder.INBOX or folder not in self._seen:
            return False
        with contextlib.suppress(ServerSaidError):
            return await remote.call(remote.session.status, name) == self._seen[folder]
        return False

    async def _read_new(self, remote: Remote, folder: Folder, seen: View, started_at: datetime) -> None:
        session = remote.session
        with _keeping(self._mailbox):
            stored = await self._ingest.position(self._mailbox, folder)
        if went_back(stored, seen) and await remote.call(session.highest_uid) >= (seen.uidnext or 0):
            seen = replace(seen, uidnext=None)  # it only lags
        made = plan(stored, seen, now=started_at, lookback=self._lookback)
        old = await remote.call(session.highest_uid) if made.since is not None and seen.messages else 0
        uids = await self._search(remote, made)
        end = advanced(stored, seen, max(made.above, old, *uids[-1:]))
        if uids:
            await self._read_batches(remote, folder, made, uids, end)
        elif end != stored:
            await self._take(remote, folder, [], end)

    async def _search(self, remote: Remote, made: Plan) -> list[int]:
        session = remote.session
        if made.search_date is not None:
            with contextlib.suppress(ServerSaidError):  # some refuse dates: then INTERNALDATE alone decides
                return await remote.call(session.search, made.above, made.search_date)
        return await remote.call(session.search, made.above, None)

    async def _read_batches(self, remote: Remote, folder: Folder, made: Plan, uids: list[int], end: Position) -> None:
        taking: asyncio.Task[None] | None = None
        try:
            for batch in self._cut(folder, uids):
                fetched = [it for it in await self._fetch(remote, folder, batch) if made.wants(it.internaldate)]
                if taking is not None:
                    await taking
                position = end if batch[-1] == uids[-1] else replace(end, last_uid=batch[-1])
                taking = asyncio.create_task(self._take(remote, folder, fetched, position))
            if taking is not None:
                await taking
        except asyncio.CancelledError:
            if taking is not None:
                taking.cancel()
            raise
        finally:
            if taking is not None and not taking.done():  # what is being kept may be kept
                await asyncio.wait({taking})

    def _cut(self, folder: Folder, uids: list[int]) -> Iterator[list[int]]:
        """Yield batches, sized anew after each: by what the last one was like, or small around a suspect."""
        start = 0
        while start < len(uids):
            count, suspect = self._count, self._suspects.get(folder)
            if suspect is not None and uids[start] <= suspect.until:
                count = min(count, suspect.count)
            yield uids[start : start + count]
            start += count

    async def _fetch(self, remote: Remote, folder: Folder, batch: list[int]) -> list[Fetched]:
        suspect = self._suspects.get(folder)
        strikes = suspect.strikes if suspect is not None and batch == [suspect.first] else 0
        started = time.monotonic()
        try:
            if strikes >= _STRIKES:
                return [await remote.call(remote.session.fetch_less, batch[0], strikes - _STRIKES)]
            fetched = await remote.call(remote.session.fetch_batch, batch)
        except MailboxError as error:
            if not (isinstance(error, ServerSaidError) and error.passing):
                more = strikes + 1 if len(batch) == 1 else 0
                self._suspects[folder] = _Suspect(batch[0], batch[-1], max(1, len(batch) // 2), more)
            raise
        if suspect is not None and batch[-1] >= suspect.until:
            del self._suspects[folder]
        else:
            seconds = time.monotonic() - started
            self._count = next_count(self._count, sum(len(it.raw) for it in fetched), seconds)
        return fetched

    async def _take(self, remote: Remote, folder: Folder, fetched: list[Fetched], position: Position) -> None:
        async def fetch_whole(uid: int) -> bytes:
            return await remote.call(remote.session.fetch_whole, uid)

        with _keeping(self._mailbox):
            await self._ingest.take(
                Batch(
                    mailbox=self._mailbox,
                    folder=folder,
                    uidvalidity=position.uidvalidity,
                    fetched=tuple(fetched),
                    position=position,
                    fetch_whole=fetch_whole,
                )
            )


@contextlib.contextmanager
def _keeping(mailbox: Mailbox) -> Iterator[None]:
    """Tell the errors of keeping from those of reading. Their text may hold anything, so it is not passed on."""
    try:
        yield
    except MailboxError:
        raise
    except Exception as error:
        raise NotKeptError(f"{mailbox.name}: what was read could not be kept ({type(error).__name__})") from error
