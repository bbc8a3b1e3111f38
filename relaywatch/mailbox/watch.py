"""Watching one mailbox for ever: connect, read, wait for news, read again; and when it breaks, try again.

                  +--------------- news, poll_interval, look() ---------------+
                  v                                                           |
    connect --> read all folders --> (seeing) --> wait: IDLE in the event loop, no thread
       ^              | error             | error          | error
       +--- delay ----+-------------------+----------------+   (lost, once per reason)

A connection that had lived well and is closed by the server is no loss yet: servers do that. It is one if the
next does not come about at once.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tenacity import AsyncRetrying, RetryCallState, wait_exponential, wait_random, wait_random_exponential
from tenacity.wait import wait_base

from relaywatch.config import Mailbox
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder
from relaywatch.mailbox.batch import MailSink
from relaywatch.mailbox.errors import DroppedError, LoginRefusedError, MailboxError
from relaywatch.mailbox.imap import TIMEOUT, ImapSession
from relaywatch.mailbox.imap_folders import FolderPlan
from relaywatch.mailbox.reading import MailboxReader
from relaywatch.mailbox.remote import Remote

_IDLE_SECONDS = 9 * 60.0  # servers end it after ten minutes and more (RFC 2177: at most 29)
_RENEW_POLLS = 5  # poll intervals that one connection lives
_WELL_SECONDS = 60.0  # a connection that lived so long was a good one
_LONGEST_BACKOFF = 24 * 3600.0  # whatever a server asks for
_FLOOR = 0.1  # seconds from the beginning of one reading to that of the next, whatever a server says
_LONGEST_FLOOR = 30.0  # where what it says is never true
_BEAT_SECONDS = 5.0
_AT_ONCE = wait_random(0, 1)
_SOON = wait_random_exponential(multiplier=2, min=1, max=30)
_BY_A_PERSON = wait_exponential(multiplier=15, max=270) + wait_random(0, 30)  # 15 s to 5 min
_MOST_REASONS = 16
_WALMART = Parties()


@dataclass(frozen=True, slots=True)
class Seeing:
    """Every folder of the mailbox was read, in a reading that began then."""

    started_at: datetime


@dataclass(frozen=True, slots=True)
class RepliesRead:
    """All that the seller may have answered with was read, in a look that began then; other mail is still coming in."""

    started_at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """The mailbox cannot be read, since then, for a reason in one line."""

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class FolderMissing:
    """The server has no such folder: without Sent no reply can be seen."""

    folder: Folder


State = Seeing | RepliesRead | Lost | FolderMissing


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def _say_nothing(mailbox: Mailbox, state: State) -> None:
    """Default of `on_state`."""


class Watcher:
    """Watches one mailbox. `run` it as a task; cancelling the task ends it within a second."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        executor: Executor,
        lookback: timedelta,
        ingest: MailSink,
        now: Callable[[], datetime] = _utc_now,
        on_state: Callable[[Mailbox, State], Awaitable[None]] = _say_nothing,
        beat: Callable[[], None] = lambda: None,
        timeout: float = TIMEOUT,
        parties: Parties = _WALMART,
    ) -> None:
        """Take what the watcher works with.

        `executor` runs commands, a thread each while they last. `on_state` is told of every complete reading, and
        of every other change once. `beat` is called every few seconds while working and at least every
        poll_interval (nine minutes at most) while waiting. `timeout` is a command's, in seconds.
        `parties` tells whose mail is read first.
        """
        self._mailbox = mailbox
        self._executor = executor
        self._now, self._on_state, self._beat, self._timeout = now, on_state, beat, timeout
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._reader = MailboxReader(mailbox, ingest, lookback=lookback, now=now, parties=parties, asked=self._wake)
        self._told_missing: frozenset[Folder] = frozenset()
        self._trouble_since: datetime | None = None
        self._told_reasons: set[str] = set()
        self._failures = 0  # in a row, without a complete reading between
        self._short_lives = 0  # connections in a row that the server took and soon closed

    def look(self) -> None:
        """Ask for a reading now; from any thread. Several before it begins are one."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def read_once(self) -> None:
        """Connect, read all folders and disconnect; raise MailboxError if not everything was read."""
        session = ImapSession(self._mailbox, timeout=self._timeout)
        try:
            remote, found = await self._connect(session)
            await self._saw(await self._read_all(remote, found, news=False))
        finally:
            session.close()

    async def run(self) -> None:
        """Watch until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            began = time.monotonic()
            try:
                await self._watch()
                continue
            except MailboxError as error:
                failed = error
            except Exception as error:  # noqa: BLE001  # a bug of ours must not end the watch: it is told instead
                failed = MailboxError(f"{self._mailbox.name}: internal error ({type(error).__name__})")
                failed.__cause__ = error
            await self._pause(await self._fell(failed, time.monotonic() - began))

    async def _connect(self, session: ImapSession) -> tuple[Remote, FolderPlan]:
        remote = Remote(session, self._executor, self._beat)
        self._reader.connected()
        await remote.call(session.open)
        found = await remote.call(session.folders)
        await self._tell_missing(found)
        return remote, found

    async def _watch(self) -> None:
        """Watch over one connection, until it is time for the next.

        A connection that lives on may have outlived what it is for: a server that takes no more logins, a password
        that was changed, a mailbox that moved. Only a new one shows it, and only what is shown can be told.
        """
        session = ImapSession(self._mailbox, timeout=self._timeout)
        try:
            remote, found = await self._connect(session)
            news, vain = False, 0
            until = time.monotonic() + _RENEW_POLLS * self._mailbox.poll_interval.total_seconds()
            while time.monotonic() < until:
                self._wake.clear()
                self._beat()
                began, taken = time.monotonic(), self._reader.taken
                started_at = await self._read_all(remote, found, news=news)
                await self._saw(started_at)
                vain = vain + 1 if news and taken == self._reader.taken else 0
                news = await self._rest(remote, found)
                await self._calm(began, vain)
                if found.missing and not news:  # a Sent folder comes to be with the first reply
                    found = await remote.call(session.folders)
                    await self._tell_missing(found)
        finally:
            session.close()

    async def _read_all(self, remote: Remote, found: FolderPlan, *, news: bool) -> datetime:
        async def answered(started_at: datetime) -> None:
            self._beat()
            await self._on_state(self._mailbox, RepliesRead(started_at))

        return await self._reader.read_all(remote, found, news=news, answered=answered)

    async def _rest(self, remote: Remote, found: FolderPlan) -> bool:
        """Wait until there is something to do; return whether the server spoke of new mail."""
        session = remote.session
        if session.can_idle and await self._reader.settle(remote, found):
            return True
        if self._wake.is_set():
            return False
        news = await remote.call(session.rest)
        if not news:
            news = await self._listen(session)
        return await remote.call(session.rise) or news

    async def _calm(self, began: float, vain: int) -> None:
        """Keep a floor between two readings, that grows while the news that they followed were none; look() cuts it."""
        longest = min(self._mailbox.poll_interval.total_seconds(), _LONGEST_FLOOR)
        until = began + min(longest, _FLOOR * 2 ** min(vain, 16))
        await asyncio.sleep(min(_FLOOR, until - time.monotonic()))
        if (left := until - time.monotonic()) > 0:
            self._wake.clear()  # whoever waits for a reading asks again
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), left)

    async def _listen(self, session: ImapSession) -> bool:
        """Wait for the server, look() or the next poll, whichever is first, with nothing but the socket."""
        loop, descriptor = asyncio.get_running_loop(), session.fileno()
        news: list[bool] = []
        failed: list[MailboxError] = []

        def readable() -> None:
            try:
                if session.pump():
                    news.append(True)
                    self._wake.set()
            except MailboxError as error:
                loop.remove_reader(descriptor)  # before anybody else can be given its number
                failed.append(error)
                self._wake.set()

        loop.add_reader(descriptor, readable)
        try:
            async with asyncio.timeout(min(self._mailbox.poll_interval.total_seconds(), _IDLE_SECONDS)):
                await self._wake.wait()
        except TimeoutError:
            pass
        finally:
            if not failed:
                loop.remove_reader(descriptor)
        if failed:
            raise failed[0]
        return bool(news)

    # -- what is told ----------------------------------------------------------------------------------------

    async def _tell_missing(self, found: FolderPlan) -> None:
        for folder in sorted(found.missing - self._told_missing):
            await self._on_state(self._mailbox, FolderMissing(folder))
        self._told_missing = found.missing

    async def _saw(self, started_at: datetime) -> None:
        """Everything was read: an outage, if there was one, is over."""
        self._failures = 0
        self._trouble_since = None
        self._told_reasons.clear()
        self._beat()
        await self._on_state(self._mailbox, Seeing(started_at))

    async def _fell(self, error: MailboxError, lived: float) -> float:
        """Count and tell a failure; return the seconds to wait before the next try."""
        well = isinstance(error, DroppedError) and lived >= _WELL_SECONDS and self._trouble_since is None
        if self._trouble_since is None:
            self._trouble_since = self._now()
        if well:
            self._short_lives = 0
            return _seconds(_AT_ONCE, 1)
        self._failures += 1
        self._short_lives = self._short_lives + 1 if lived < _WELL_SECONDS else 0
        await self._tell_lost(error, self._trouble_since)
        if isinstance(error, LoginRefusedError):
            delay = _seconds(_BY_A_PERSON, self._failures)
        else:
            delay = _seconds(_SOON, max(self._failures, self._short_lives))
        return max(delay, min(error.retry_after or 0, _LONGEST_BACKOFF))

    async def _tell_lost(self, error: MailboxError, since: datetime) -> None:
        if error.text in self._told_reasons or len(self._told_reasons) >= _MOST_REASONS:
            return
        try:
            await self._on_state(self._mailbox, Lost(error.text, since))
        except Exception:  # noqa: BLE001  # whoever is told may be what is broken: it is told again
            return
        self._told_reasons.add(error.text)

    async def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._beat()
            await asyncio.sleep(min(left, _BEAT_SECONDS))


def _seconds(wait: wait_base, attempt: int) -> float:
    """Ask tenacity for the delay after so many attempts."""
    state = RetryCallState(AsyncRetrying(), None, (), {})
    state.attempt_number = attempt
    return float(wait(state))
