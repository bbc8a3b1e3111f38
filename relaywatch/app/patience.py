"""At the start: wait and try again where disk, database or network refuse, for as long as it takes.

systemd is told meanwhile what is waited for, and to wait along (EXTEND_TIMEOUT_USEC): READY=1 comes once it watches, so
that nobody takes a service for active that sees nothing. Each such message stands for a beat: were the daemon itself to
hang here, systemd would end and restart it a minute later. Where it waits after a reload, the watchdog listens.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from relaywatch import log
from relaywatch.app.faults import Faults
from relaywatch.app.systemd import notify
from relaywatch.core.due.outage import pause_after
from relaywatch.store import StoreBusy, StoreError

T = TypeVar("T")

_TELL_SECONDS = 10.0
_EXTENSION_SECONDS = 60  # of systemd's patience, from each message on
_HANGS_SECONDS = 60.0  # after which what does not come to an end counts as a fault: a disk that answers no more
_START = "start"


async def patiently(attempt: Callable[[], Awaitable[T]], faults: Faults, what: str) -> T:
    """Return what an attempt gives, however often it fails before. A second daemon (StoreBusy) is no matter of time."""
    for tries in count(1):
        beats = asyncio.create_task(_beat(faults, what))
        try:
            found = await attempt()
        except StoreBusy:
            raise
        except (StoreError, OSError) as error:
            faults.met(_START, _line(error), said=True)  # below, and each time
        else:
            faults.all_over()
            return found
        finally:
            beats.cancel()
        pause = pause_after(tries)
        log.get().warning("daemon.waiting", error=faults.now, seconds=pause, tries=tries)
        _tell(f"waiting: {faults.now}")
        await asyncio.sleep(pause)
    raise AssertionError("count() has no end")


async def _beat(faults: Faults, what: str) -> None:
    """Tell systemd to be patient while an attempt takes its time, and note when it hangs."""
    for times in count():
        if times * _TELL_SECONDS >= _HANGS_SECONDS:
            faults.met(_START, f"{what}: it does not answer: check the disk")
        _tell(f"waiting: {faults.now}" if faults.now else "starting", beat=times > 0)
        await asyncio.sleep(_TELL_SECONDS)


def _tell(status: str, *, beat: bool = True) -> None:
    beats = "\nWATCHDOG=1" if beat else ""  # which counts after a reload alone
    notify(f"STATUS={status}\nEXTEND_TIMEOUT_USEC={_EXTENSION_SECONDS * 1_000_000}{beats}")


def _line(error: StoreError | OSError) -> str:
    if isinstance(error, StoreError):
        return str(error)
    return ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
