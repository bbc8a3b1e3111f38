"""Reading mail in processes of its own, which can be killed: mail is hostile, and no mail may stop the daemon.

A child gives up by itself what takes too long. A batch that ends it all the same, or leaves it deaf, is read again
mail by mail by a fresh one. The mail at fault is kept with what its first lines tell, and counted.
"""

import asyncio
import contextlib
import os
import pickle
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Self

from relaywatch import log
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.address import Parties
from relaywatch.mailbox import rescue
from relaywatch.pipeline.frames import LENGTH, frame_of, what_is_in
from relaywatch.pipeline.reading import RawMail, ReadMail, head_may_be_walmarts, known

_SECONDS = 10.0  # of processor time for a batch: of ordinary mail, hundreds of times what it takes
_ALONE_SECONDS = 2.0  # for each mail of a batch that is read again, at the least
_DEAF_SECONDS = 60.0  # by the clock, for a child that should have ended itself: the machine may be busy
_CHILD = "relaywatch.pipeline.reader"
_LEAST = 20  # mails that are worth a reader of their own
_PART_OCTETS = 1024 * 1024  # of mail that a reader gets at a time: both ends hold it twice


class Readers:
    """A small pool of reading processes. `async with` starts and ends them."""

    def __init__(self, parties: Mapping[str, Parties], rules: Rules, count: int | None = None) -> None:
        self._parties = dict(parties)  # by account
        self._rules = rules
        self._knowledge = frame_of((self._parties, dict(self._rules.tables)))
        self._count = count or max(1, min(4, os.cpu_count() or 1))
        self._free: asyncio.LifoQueue[_ReaderProcess] = asyncio.LifoQueue()
        self._all: list[_ReaderProcess] = []

    async def __aenter__(self) -> Self:
        self._all = [_ReaderProcess(self._knowledge) for _ in range(self._count)]
        for reader in self._all:
            self._free.put_nowait(reader)
        return self

    async def __aexit__(self, *_: object) -> None:
        for reader in self._all:
            await reader.stop()

    async def read(self, items: Sequence[RawMail]) -> list[ReadMail]:
        """Read a batch, in its order, by all readers at once. What cannot be read comes back with `damage`."""
        parts = list(_parts(items, max(_LEAST, -(-len(items) // self._count))))
        turns = asyncio.Semaphore(self._count)  # the rest does not queue yet: other mailboxes' mail goes between
        found = await asyncio.gather(*[self._read_part(part, turns) for part in parts])
        return [
            each or self._sketched(item)
            for part, read in zip(parts, found, strict=True)
            for item, each in zip(part, read, strict=True)
        ]

    async def _read_part(self, items: Sequence[RawMail], turns: asyncio.Semaphore) -> list[ReadMail | None]:
        async with turns:
            found = await self._by_any(items, _SECONDS)
            if found is not None:
                return found
            until = time.monotonic() + _SECONDS
            alone: list[ReadMail | None] = []
            for done, item in enumerate(items):
                share = (until - time.monotonic()) / (len(items) - done)
                alone += [await self._alone(item, max(_ALONE_SECONDS, share))]
            return alone

    async def _alone(self, item: RawMail, seconds: float) -> ReadMail | None:
        found = await self._by_any([item], seconds)
        if found is None and head_may_be_walmarts(item, self._parties[item.account]):  # an attachment may be to blame
            found = await self._by_any([replace(item, patient=False)], seconds)
        return found[0] if found else None

    async def _by_any(self, items: Sequence[RawMail], seconds: float) -> list[ReadMail | None] | None:
        """Let the next free reader read; None if that ended it."""
        await asyncio.sleep(0)  # who waits already goes first
        reader = await self._free.get()
        try:
            return await reader.read(items, seconds)
        finally:
            self._free.put_nowait(reader)

    def _sketched(self, item: RawMail) -> ReadMail:
        message = rescue.sketch(item.raw, account=item.account, copy=item.copy)
        log.get().warning("message.unreadable", message_id=message.message_id, reason=message.damage)
        return known(message, item, self._parties[item.account], self._rules, needs_more=False)


def _parts(items: Sequence[RawMail], most: int) -> Iterator[Sequence[RawMail]]:
    """Yield a batch in parts of so many mails, or octets, at most; one mail at least."""
    start = octets = 0
    for at, item in enumerate(items):
        octets += len(item.raw)
        if at > start and (at - start >= most or octets > _PART_OCTETS):
            yield items[start:at]
            start, octets = at, len(item.raw)
    if items:
        yield items[start:]


class _ReaderProcess:
    """One child process; started when it is first needed, and again after it was killed."""

    def __init__(self, knowledge: bytes) -> None:
        self._knowledge = knowledge
        self._process: asyncio.subprocess.Process | None = None

    async def read(self, items: Sequence[RawMail], seconds: float) -> list[ReadMail | None] | None:
        """Return the batch as read within so much processor time, or None if the child died or does not answer."""
        try:
            async with asyncio.timeout(_DEAF_SECONDS):
                return await self._exchange(items, seconds)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, pickle.UnpicklingError):
            await self.stop()
            return None
        except asyncio.CancelledError:
            await self.stop()  # its answer would be taken for the next batch's
            raise

    async def _exchange(self, items: Sequence[RawMail], seconds: float) -> list[ReadMail | None]:
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(frame_of((tuple(items), seconds)))
        await process.stdin.drain()
        size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
        found: list[ReadMail | None] = what_is_in(await process.stdout.readexactly(size))
        return found

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            _CHILD,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a traceback could show mail
            start_new_session=True,  # a Ctrl-C is the daemon's to handle
        )
        self._process = process
        assert process.stdin is not None
        process.stdin.write(self._knowledge)
        return process

    async def stop(self) -> None:
        """End the child; it holds nothing that could be lost."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        try:
            await process.wait()
        except asyncio.CancelledError:
            await process.wait()  # it takes no time, and what nobody waited for would be left behind
            raise
