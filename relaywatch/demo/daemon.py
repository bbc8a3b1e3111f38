"""The real daemon and the real commands, as processes of their own: the demo sees only what a user sees."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from relaywatch.demo.story import Case

_STOP_SECONDS = 5.0  # what `run` promises at SIGTERM
_TELLING = frozenset({"error", "critical"})


class DaemonEndedError(Exception):
    """The daemon ended although nobody asked it to: one line with its status and last words."""


def _command(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "relaywatch", *words)


class Daemon:
    """`relaywatch run` with the demo's configuration. `heard` is told of errors in its log."""

    def __init__(self, config: Path, heard: Callable[[str], None]) -> None:
        self._config = config
        self._heard = heard
        self._last = ""
        self._process: asyncio.subprocess.Process | None = None
        self.stopped_cleanly = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Daemon"]:
        """Run for as long as the context lasts, then stop it; `stopped_cleanly` says how that went."""
        # A session of its own: Ctrl-C is for the demo, which stops the daemon in good order.
        process = await asyncio.create_subprocess_exec(
            *_command("run", "--config", str(self._config)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        self._process = process
        listening = asyncio.create_task(self._listen(process))
        try:
            yield self
        finally:
            self.stopped_cleanly = await _stop(process) == 0
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def cases(self) -> list[Case]:
        """Return what `relaywatch cases --format json` says; raise DaemonEndedError if the daemon is gone."""
        if self._process is not None and self._process.returncode is not None:
            raise DaemonEndedError(f"the daemon ended with status {self._process.returncode}: {self._last}")
        said = await self._ask("cases", "--format", "json")
        try:
            cases: list[Case] = json.loads(said)
        except ValueError:
            return []  # it has not made its database yet
        return cases

    async def _ask(self, *words: str) -> str:
        """Return what a command prints."""
        process = await asyncio.create_subprocess_exec(
            *_command(*words, "--config", str(self._config)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            said, _ = await process.communicate()
        finally:
            await _stop(process)
        return said.decode(errors="replace")

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Read the log, for a full pipe would stop the daemon, and pass on what is wrong."""
        assert process.stderr is not None
        async for line in process.stderr:
            text = line.decode(errors="replace").strip()
            self._last = text or self._last
            try:
                event = json.loads(text)
            except ValueError:
                continue
            if isinstance(event, dict) and event.get("level") in _TELLING:
                self._heard(f"{event.get('event')}: {event.get('error', '')}".rstrip(": "))


async def _stop(process: asyncio.subprocess.Process) -> int:
    """End a process and return its status: SIGTERM, and SIGKILL when that is not enough."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
    return await process.wait()
