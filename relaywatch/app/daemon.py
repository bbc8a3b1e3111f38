"""The process: one lock, one store, and a session under the configuration in force.

SIGTERM and SIGINT end it cleanly within five seconds, SIGHUP reads the configuration again and keeps the old
one when the new is wrong.
"""

import asyncio
import gc
import os
import signal
import threading
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from relaywatch import log
from relaywatch.app.alarm import Alarm
from relaywatch.app.control import serve
from relaywatch.app.faults import Faults
from relaywatch.app.memo import Memo
from relaywatch.app.patience import patiently
from relaywatch.app.session import Session
from relaywatch.app.systemd import Pulse, notify
from relaywatch.config import ConfigError, Settings, load
from relaywatch.pipeline.storing import StoreThread
from relaywatch.store import DaemonLock, StoreBusy, StoreError

_GRACE_SECONDS = 4.0  # to stop: a thread that hangs in a server's answer is left behind
_LAST_SECONDS = 0.5
_COLLECT_EVERY = (10_000, 5, 10)  # new objects, and rounds; Python's own 700, 10, 10
UNUSABLE = 3


async def run(path: Path, settings: Settings) -> int:
    """Run the daemon until a signal ends it; return its exit status. Raises StoreBusy for a second one."""
    _be_alone(settings.service.database)
    _collect_seldom()
    return await _Running(path, settings).run()


async def run_once(settings: Settings) -> int:
    """Read what is new, send what is due, and end: 0, or 3 where a mailbox or the mail server could not be used."""
    _warn_of_clear_text(settings)
    _collect_seldom()
    with DaemonLock(settings.service.database):
        async with (
            StoreThread(settings.service.database) as store,
            Session.open(settings, store, Pulse(), Faults()) as session,
        ):
            return 0 if await session.once() else UNUSABLE


def _collect_seldom() -> None:
    """Look for cycles less often: hardly any are made, and each look goes through the mail that is being judged."""
    gc.collect()
    gc.freeze()  # what was imported stays
    gc.set_threshold(*_COLLECT_EVERY)


def _be_alone(database: str) -> None:
    """Raise StoreBusy where another daemon runs, before anything is said. What else is wrong is waited for."""
    try:
        with DaemonLock(database):
            return
    except StoreBusy:
        raise
    except StoreError:
        return


def end(status: int) -> int:
    """Return an exit status, or end the process with it now where a thread hangs: all that matters is on disk."""
    until = time.monotonic() + _LAST_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():  # the interpreter would wait for it
                log.flush()
                os._exit(status)
    return status


def _warn_of_clear_text(settings: Settings) -> None:
    for account in settings.accounts:
        for mailbox in account.mailboxes:
            if mailbox.in_clear:
                log.get().warning("mailbox.in_clear", account=account.name, mailbox=mailbox.name, host=mailbox.host)
    if settings.smtp.in_clear:
        log.get().warning("smtp.in_clear", host=settings.smtp.host)


class _Running:
    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._stop = asyncio.Event()
        self._reload = asyncio.Event()
        self._faults = Faults()
        self._store: StoreThread | None = None
        self._watches = False  # systemd was told READY=1

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        log.get().info("daemon.start", configuration=str(self._path), pid=os.getpid())
        _warn_of_clear_text(self._settings)
        memo = Memo.place("told", self._settings.service.database)
        alarm = asyncio.create_task(Alarm(lambda: self._settings, self._faults, memo).run())
        try:
            async with AsyncExitStack() as held:
                await self._watch(held)
        finally:
            alarm.cancel()
        notify("STOPPING=1")
        log.get().info("daemon.stop")
        return 0

    async def _watch(self, held: AsyncExitStack) -> None:
        """Run one session after the other until a signal ends it."""
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            session = asyncio.create_task(self._session(held))
            await self._until_signal(session)
            session.cancel()
            loop.call_later(_GRACE_SECONDS, self._leave)
            await asyncio.wait([session])
            if not self._stop.is_set() and not session.cancelled():
                session.result()  # it ended by itself: only a fault does that

    async def _session(self, held: AsyncExitStack) -> None:
        async with AsyncExitStack() as stack:
            session = await patiently(lambda: self._begin(held, stack), self._faults, self._settings.service.database)
            self._watches = True
            await session.run()

    async def _begin(self, held: AsyncExitStack, stack: AsyncExitStack) -> Session:
        """Take the lock and open the database, which are kept when the session ends, and begin a session.

        What cannot be had raises StoreError or OSError, and leaves nothing half open.
        """
        database = self._settings.service.database
        try:
            if self._store is None:
                held.enter_context(DaemonLock(database))
                self._store = await held.enter_async_context(StoreThread(database))
            async with AsyncExitStack() as begun:
                opened = Session.open(self._settings, self._store, Pulse(), self._faults)
                session = await begun.enter_async_context(opened)
                await begun.enter_async_context(serve(database, session.answer))
                stack.push_async_exit(begun.pop_all())
        except BaseException as error:
            if self._store is None or isinstance(error, StoreError):  # another file may be in its place next time
                self._store = None
                with suppress(StoreError):
                    await held.aclose()
            raise
        return session

    async def _until_signal(self, session: "asyncio.Task[None]") -> None:
        """Wait until the session must end: stopped, failed, or under a new configuration."""
        while True:
            waits = [asyncio.create_task(self._stop.wait()), asyncio.create_task(self._reload.wait())]
            await asyncio.wait([session, *waits], return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if session.done() or self._stop.is_set():
                return
            self._reload.clear()
            if self._read_again():
                return

    def _read_again(self) -> bool:
        """Read the configuration; keep the old one when the new is wrong, and say why."""
        if self._watches:
            notify("RELOADING=1")
        try:
            settings = load(self._path)
        except ConfigError as error:
            log.get().error("configuration.refused", problems=error.problems)
            return self._as_before()
        if settings.service.database != self._settings.service.database:
            log.get().error("configuration.refused", problems=["service.database: needs a restart"])
            return self._as_before()
        self._settings = settings
        log.get().info("configuration.read", configuration=str(self._path))
        return True

    def _as_before(self) -> bool:
        if self._watches:
            notify("READY=1")
        return False

    def _leave(self) -> None:
        """End the process although a thread hangs: all that matters is on disk."""
        if self._stop.is_set():
            log.get().warning("daemon.stop", reason="a connection did not end in time")
            log.flush()
            os._exit(0)
