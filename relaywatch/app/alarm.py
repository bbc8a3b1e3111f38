"""Tells by mail that the database keeps all warnings back: straight from memory, hourly, until it can be used.

    no outage ──met──► silent ──blind_after──► told, again each hour ──database works──► told that it is well again
                         └──────database works before: nobody hears of it───► no outage

Each recipient has an hour of their own, which outlives a restart, so that neither a fault that comes and goes nor a
process that does makes more mails. Who could not be reached is tried again, with pauses. That all is well is told
to whom the fault was told, once.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime

from relaywatch import log
from relaywatch.app.faults import Faults
from relaywatch.app.memo import Memo, Moments
from relaywatch.app.post import post, voice_of
from relaywatch.config import Outlet, Settings, outlet_of
from relaywatch.core.due.outage import HOUR, mail_due_in, recent
from relaywatch.core.notices import of_outage
from relaywatch.core.notices.notice import Notice
from relaywatch.notify import next_try

_TICK_SECONDS = 1.0
_SETTLED_SECONDS = 30.0  # a database that opens may yet fail whoever reads all of it
_AFTER_BUG_SECONDS = 60.0
DOWN, UP = "database-down", "database-up"  # X-Relaywatch-Step
_TOLD, _OWED = "told:", "down:"  # in the memo: when each was told, and who was not told since that it is over


def blind_after(settings: Settings) -> float:
    """Return after how many seconds somebody must hear of what blinds all sellers alike."""
    return min(account.notify.blind_after.total_seconds() for account in settings.accounts)


class Alarm:
    """Runs beside all that needs the database, and needs none."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        faults: Faults,
        memo: Memo,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`settings` returns those in force; `clock` returns seconds of CLOCK_MONOTONIC."""
        self._settings = settings
        self._faults = faults
        self._memo = memo
        self._clock = clock
        noted = memo.read()
        self._told = self._noted(noted, _TOLD)
        self._owed = set(self._noted(noted, _OWED))
        self._tries: dict[str, tuple[int, float]] = {}  # who could not be reached: how often, and when again

    def _noted(self, noted: Moments, kind: str) -> dict[str, float]:
        now = self._clock()
        return {
            name.removeprefix(kind): max(moments)
            for name, moments in noted.items()
            if name.startswith(kind) and recent(moments, now)
        }

    async def run(self) -> None:
        """Look at the faults for ever."""
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - whatever is wrong here must stop neither this nor the watch
                log.get().error("alarm.failed", error=type(error).__name__)
                await asyncio.sleep(_AFTER_BUG_SECONDS)
            await asyncio.sleep(_TICK_SECONDS)

    async def look(self) -> None:
        """Tell what is to be told now."""
        outlet = outlet_of(self._settings())
        if self._faults.outage is not None:
            await self._tell_down(outlet)
        elif self._owed and self._faults.worked >= min(_SETTLED_SECONDS, blind_after(self._settings())):
            await self._tell_up(outlet)

    async def _tell_down(self, outlet: Outlet) -> None:
        outage, lasted = self._faults.outage, self._faults.lasted
        after = blind_after(self._settings())
        to = [one for one in outlet.to if self._may_try(one) and mail_due_in(lasted, self._ago(one), after) <= 0]
        if outage is None or not to:
            return
        now = datetime.now(UTC)
        said = of_outage.Standstill(reason=self._faults.now, since=outage.since)
        notice = of_outage.down(said, now=now, voice=voice_of(outlet))
        for one in to:  # each by itself: a crash between two must not forget the first
            key = f"{outage.since.isoformat()}:{int((lasted - after) // HOUR)}"
            await self._post(outlet, notice, DOWN, key, one, now)

    async def _tell_up(self, outlet: Outlet) -> None:
        now = datetime.now(UTC)
        notice = of_outage.up(outlet.service.database, now=now, voice=voice_of(outlet))
        self._owed.intersection_update(outlet.to)
        for one in sorted(filter(self._may_try, self._owed)):
            await self._post(outlet, notice, UP, str(self._told.get(one, 0.0)), one, now)

    async def _post(self, outlet: Outlet, notice: Notice, step: str, key: str, recipient: str, now: datetime) -> None:
        posted = await post(outlet, notice, step, key, [recipient], now)
        if not posted.told and not posted.unknown:
            times = self._tries.get(recipient, (0, 0.0))[0] + 1
            self._tries[recipient] = (times, self._clock() + next_try(times).total_seconds())
            return
        self._tries.pop(recipient, None)
        if step == DOWN:
            self._told[recipient] = self._clock()
            self._owed.add(recipient)
        else:
            self._owed.discard(recipient)
        noted = {f"{_TOLD}{one}": [moment] for one, moment in self._told.items()}
        noted |= {f"{_OWED}{one}": [self._told.get(one, 0.0)] for one in self._owed}
        self._memo.write(noted)

    def _may_try(self, recipient: str) -> bool:
        return self._clock() >= self._tries.get(recipient, (0, 0.0))[1]

    def _ago(self, recipient: str) -> float | None:
        told = self._told.get(recipient)
        return self._clock() - told if told is not None else None
