"""The operator's commands while the daemon runs: one JSON object a line over a Unix socket beside the database."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

_BOUND = 1_000_000  # bytes of a request or an answer
_SECONDS = 30.0
_SOON_SECONDS = 2.0
ASK_FAULT = {"ask": "fault"}

Answer = Callable[[Mapping[str, object]], Awaitable[Mapping[str, object]]]


class _ShortPath:
    """A short path to a socket beside the database: sun_path has room for 107 bytes, a folder's path may not fit."""

    def __init__(self, database: str) -> None:
        path = Path(database)
        self._folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
        self.path = f"/proc/self/fd/{self._folder}/{path.name}.sock"

    def clear(self) -> None:
        Path(self.path).unlink(missing_ok=True)

    def close(self) -> None:
        os.close(self._folder)


def serve(database: str, answer: Answer) -> AbstractAsyncContextManager[None]:
    """Answer requests for as long as the context lasts. The caller holds the daemon's lock."""
    return _serve(database, answer)


@asynccontextmanager
async def _serve(database: str, answer: Answer) -> AsyncIterator[None]:
    beside = _ShortPath(database)
    try:
        beside.clear()  # left by a daemon that was killed: we hold the lock
        before = os.umask(0o117)
        try:
            server = await asyncio.start_unix_server(
                lambda reader, writer: _talk(reader, writer, answer), beside.path, limit=_BOUND
            )
        finally:
            os.umask(before)
        try:
            yield
        finally:
            server.close()  # whoever still talks is not waited for: `async with` would (from Python 3.12)
            beside.clear()
    finally:
        beside.close()


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    try:
        async with asyncio.timeout(_SECONDS):
            request = json.loads(await reader.readline())
            said = await _said(request, answer)
            writer.write(json.dumps(said).encode() + b"\n")
            await writer.drain()
    except (ValueError, TimeoutError, ConnectionError):
        pass  # a client that went away, or is none of ours
    finally:
        writer.close()


async def _said(request: object, answer: Answer) -> Mapping[str, object]:
    if not isinstance(request, dict):
        return {"error": "not an object", "status": 2}
    try:
        return await answer(request)
    except Exception as error:  # noqa: BLE001 - whoever asks is told, and the daemon goes on
        from relaywatch import log  # noqa: PLC0415 - who asks needs none

        log.get().error("command.failed", error=type(error).__name__)
        return {"error": f"internal error ({type(error).__name__}): see the daemon's log", "status": 3}


def ask_fault(database: str) -> str:
    """Ask the daemon why it cannot use the database; "" if it can, or does not answer soon."""
    said = ask(database, ASK_FAULT, seconds=_SOON_SECONDS) or {}
    return str(said.get("fault", ""))


def ask(database: str, request: Mapping[str, object], *, seconds: float = _SECONDS) -> Mapping[str, object] | None:
    """Ask the daemon; None where none answers."""
    try:
        beside = _ShortPath(database)
    except OSError:
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
            channel.settimeout(seconds)
            channel.connect(beside.path)
            channel.sendall(json.dumps(request).encode() + b"\n")
            with channel.makefile("rb") as lines:
                found = json.loads(lines.readline(_BOUND))
            return found if isinstance(found, dict) else None
    except (OSError, ValueError):
        return None
    finally:
        beside.close()
