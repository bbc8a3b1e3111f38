"""A session, which blocks, as coroutines: each command in a thread of a pool, with a beat while it lasts."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

from relaywatch.mailbox.imap import ImapSession

P = ParamSpec("P")
T = TypeVar("T")
_BEAT_SECONDS = 2.0
_LONGEST_CALL = 900.0  # seconds, after which waiting for a command is no sign of life
_FAREWELL_SECONDS = 1.0


class Remote:
    """A session's methods as coroutines, one at a time, in a pool of threads."""

    def __init__(self, session: ImapSession, executor: Executor, beat: Callable[[], None]) -> None:
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
