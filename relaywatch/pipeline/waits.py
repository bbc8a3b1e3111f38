"""What must not be tried again yet, and for how long: by a clock that nobody sets, else a wait could last for hours."""

import time
from collections.abc import Callable
from datetime import timedelta

_NO_TIME = timedelta()


class Waits:
    """How often each thing failed in a row, and until when it waits."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds, and never goes back."""
        self._clock = clock
        self._until: dict[int, tuple[int, float]] = {}

    def put_off(self, thing: int, pauses: Callable[[int], timedelta]) -> timedelta:
        """Let a thing that failed once more wait for as long as `pauses` says of that many times; return it."""
        times = self._until.get(thing, (0, 0.0))[0] + 1
        pause = pauses(times)
        self._until[thing] = (times, self._clock() + pause.total_seconds())
        return pause

    def over(self, thing: int) -> None:
        """Note that all is well with a thing."""
        self._until.pop(thing, None)

    def left(self, thing: int) -> timedelta:
        """Return how long a thing has to wait yet; zero: it need not."""
        return max(_NO_TIME, timedelta(seconds=self._until.get(thing, (0, 0.0))[1] - self._clock()))

    def held(self) -> frozenset[int]:
        """Return all that have to wait."""
        return frozenset(thing for thing in self._until if self.left(thing))

    def soonest(self) -> timedelta | None:
        """Return how long until the next of them need not wait any more, None: none has to."""
        return min((self.left(thing) for thing in self.held()), default=None)
