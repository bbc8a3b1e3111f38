"""A limit of processor time for reading what is hostile: whatever takes longer is given up by its reader itself."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator

_AGAIN_SECONDS = 0.1  # whatever is being done may swallow the exception once
_SOON = 0.001


class TimeUp(BaseException):
    """The time is up. No Exception: a library, or who reads a mail in another way then, would catch it as one."""


def _up(*_: object) -> None:
    raise TimeUp


@contextlib.contextmanager
def listening() -> Iterator[None]:
    """Have the timer's signal heard, for as many limits as are set within; in a main thread."""
    before = signal.signal(signal.SIGPROF, _up)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, before)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeUp after so much processor time; a limit within another one ends with that at the latest.

    Only a main thread can be told, and only between two steps of Python: what is deaf waits for what kills it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with listening(), timed(seconds):
        yield


@contextlib.contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Do as `at_most` does, where somebody listens already."""
    started, (left, _) = time.process_time(), signal.getitimer(signal.ITIMER_PROF)
    try:
        try:
            signal.setitimer(signal.ITIMER_PROF, min(seconds, left or seconds), _AGAIN_SECONDS)
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    finally:  # the time may have been up just there
        signal.setitimer(signal.ITIMER_PROF, 0)
        if left:
            spent = time.process_time() - started
            signal.setitimer(signal.ITIMER_PROF, max(_SOON, left - spent), _AGAIN_SECONDS)
