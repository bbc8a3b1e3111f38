"""Reading mail in processes of its own, which can be killed: mail is hostile, and no mail may stop the daemon.

A batch that takes too long, or that kills the child, is read again mail by mail by a fresh child; the mail at
fault is kept with what its first lines tell, and counted.
"""

import asyncio
import contextlib
import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Self

from relaywatch import log
from relaywatch.core.address import Parties
from relaywatch.core.rules import Rules
from relaywatch.mailbox import rescue
from relaywatch.pipeline.frames import LENGTH, frame_of, what_is_in
from relaywatch.pipeline.reading import RawMail, ReadMail, known, may_be_walmarts

_BATCH_SECONDS = 30.0  # for a batch of ordinary mail: a thousand times what it takes
_MAIL_SECONDS = 5.0  # for one mail alone
_LEAST = 20  # mails that are worth a reader of their own
_PART_OCTETS = 1024 * 1024  # of mail that a reader gets at a time: both ends hold it twice


class Readers:
    """A small pool of reading processes. `async with` starts and ends them."""

    def __init__(self, parties: Mapping[str, Parties], rules: Rules, count: int | None = None) -> None:
        self._parties = dict(parties)  # by account
        self._rules = rules
        self._knowledge = frame_of((self._parties, dict(self._rules.tables)))
        self._count = count or max(1, min(4, os.cpu_count() or 1))
        self._free: asyncio.LifoQueue[_Reader] = asyncio.LifoQueue()
        self._all: list[_Reader] = []

    async def __aenter__(self) -> Self:
        self._all = [_Reader(self._knowledge) for _ in range(self._count)]
        for reader in self._all:
            self._free.put_nowait(reader)
        return self

    async def __aexit__(self, *_: object) -> None:
        for reader in self._all:
            await reader.stop()

    async def read(self, items: Sequence[RawMail]) -> list[ReadMail]:
        """Read a batch, in its order, by all readers at once. What cannot be read comes back with `damage`."""
        parts = list(_parts(items, max(_LEAST, -(-len(items) // self._count))))
        return [found for part in await asyncio.gather(*map(self._read_part, parts)) for found in part]

    async def _read_part(self, items: Sequence[RawMail]) -> list[ReadMail]:
        reader = await self._free.get()
        try:
            found = await reader.read(items, _BATCH_SECONDS)
            if found is not None:
                return found
            return [await self._alone(reader, item) for item in items]
        finally:
            self._free.put_nowait(reader)

    async def _alone(self, reader: "_Reader", item: RawMail) -> ReadMail:
        found = await reader.read([item], _MAIL_SECONDS)
        message = rescue.sketch(item.raw, account=item.account, copy=item.copy)
        if found is None and may_be_walmarts(message, self._parties[item.account]):
            found = await reader.read([replace(item, patient=False)], _MAIL_SECONDS)  # an attachment may be to blame
        if found is not None:
            return found[0]
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


class _Reader:
    """One child process; started when it is first needed, and again after it was killed."""

    def __init__(self, knowledge: bytes) -> None:
        self._knowledge = knowledge
        self._process: asyncio.subprocess.Process | None = None

    async def read(self, items: Sequence[RawMail], seconds: float) -> list[ReadMail] | None:
        """Return the batch as read, or None if the child took too long or died."""
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(items)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, pickle.UnpicklingError):
            await self.stop()
            return None
        except asyncio.CancelledError:
            await self.stop()  # its answer would be taken for the next batch's
            raise

    async def _exchange(self, items: Sequence[RawMail]) -> list[ReadMail]:
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(frame_of(tuple(items)))
        await process.stdin.drain()
        size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
        found: list[ReadMail] = what_is_in(await process.stdout.readexactly(size))
        return found

    async def _start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "relaywatch.pipeline.reader",
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
        await process.wait()
