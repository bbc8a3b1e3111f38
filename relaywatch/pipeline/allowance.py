"""Processor time for the files of what fails authentication: anybody can send such mail, and hundreds of it.

Their files are read all the same, for the mail may be genuine and only have come by a way that broke its signature.
But however many come, they take a share of the time: what has none left is named, and not read.
"""

import time
from collections.abc import Callable

_AT_ONCE = 2.0  # seconds that can be kept: some dozens of ordinary files
_SHARE = 0.1  # of all time


class Allowance:
    """A token bucket of processor time, in seconds. `clock`: seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = _AT_ONCE
        self._at = clock()

    def left(self) -> float:
        """Return how many seconds may be spent now."""
        now = self._clock()
        self._left = min(_AT_ONCE, self._left + _SHARE * (now - self._at))
        self._at = now
        return max(0.0, self._left)

    def spend(self, seconds: float) -> None:
        """Note what was spent, though it be more than was left."""
        self._left = self.left() - seconds
