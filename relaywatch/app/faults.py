"""What keeps the watch from its work: said once, however many loops meet it, and once when it is over for all."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from relaywatch import log
from relaywatch.store import StoreError


@dataclass(frozen=True, slots=True)
class Outage:
    """Since when the database, or what else the watch cannot do without, cannot be used."""

    since: datetime  # for people
    began: float  # seconds, by the clock that nobody sets


class Faults:
    """The loops that cannot use the database now, and why. They outlive a session."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds, and never goes back."""
        self._clock = clock
        self._met: dict[str, str] = {}
        self._holding: set[str] = set()  # of these, the loops without which no warning leaves
        self._said: set[str] = set()
        self.outage: Outage | None = None
        self._works_since: float | None = None

    @property
    def now(self) -> str:
        """What is wrong, "" if nothing is."""
        return next(reversed(self._met.values()), "")

    @property
    def lasted(self) -> float:
        """How many seconds it has been so, 0 if nothing is wrong."""
        return self._clock() - self.outage.began if self.outage is not None else 0.0

    @property
    def worked(self) -> float:
        """For how many seconds all has been well, 0 before the database was opened."""
        return self._clock() - self._works_since if self._works_since is not None else 0.0

    def met(self, loop: str, error: StoreError | str, *, said: bool = False, holds_back: bool = True) -> None:
        """Note that a loop failed; say so if that was not said since all went well, nor is by the caller.

        It is an outage where that `holds_back` warnings: a damaged page that only tidying meets is none.
        """
        self._met[loop] = str(error)
        if holds_back:
            self._holding.add(loop)
            self._works_since = None
            if self.outage is None:
                self.outage = Outage(datetime.now(UTC), self._clock())
        if not said and str(error) not in self._said:
            self._said.add(str(error))
            log.get().error("database.fault", error=str(error))

    def over(self, loop: str) -> None:
        """Note that a loop could use it again."""
        if self._met.pop(loop, None) is None:
            return
        self._holding.discard(loop)
        if not self._holding:
            self._end_outage()
        if not self._met:
            self._said.clear()
            log.get().info("database.back")

    def all_over(self) -> None:
        """Note that all is well: the database was opened anew, and no loop has failed since."""
        if self._met:
            log.get().info("database.back")
        self._met.clear()
        self._holding.clear()
        self._said.clear()
        self._end_outage()

    def _end_outage(self) -> None:
        self.outage = None
        if self._works_since is None:
            self._works_since = self._clock()
