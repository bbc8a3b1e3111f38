"""How many warnings leave: whatever comes, they do not use up the SMTP account (interface: How many mails leave).

Theory of operation. Mail servers take a few hundred mails a day, and a stranger can have cases fall due one by one,
each in a sweep of its own. As long as a day's mails are few, they leave as they fall due. Then every mail about cases
runs in a lane, by the most urgent of its warnings, and a lane has room for so many mails of one warning within an hour
and a day; what fails authentication never has more. Nor has one customer: who asks about forty orders leaves room for
the others. What finds no room is gathered. Of each lane one gathered mail leaves at once and the next some minutes
later, with what came meanwhile: soon where it is urgent, else twice an hour. The lanes are apart, so that nothing
waits for what is less urgent.

Nothing is kept for it but the mails that were written; the room that is left is told of them, after a restart too.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HURRIED, HURRIED_LAPSES = "hurried", "hurried lapses"  # policy C4
LAPSES = "lapses"
LAST = "last"  # steps of a ladder
STEPS = "steps"
FORGED, FORGED_LAPSES = "forged", "forged lapses"  # of messages that fail authentication
URGENT = (HURRIED, HURRIED_LAPSES, LAPSES, LAST)  # the most urgent first

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FREE_DAILY = 300  # mails of an account, until which lanes have all the room that they want
ALONE_HOURLY, ALONE_DAILY = 10, 25  # of a lane
CUSTOMERS_HOURLY, CUSTOMERS_DAILY = 5, 15
SOON, LATER = timedelta(minutes=5), timedelta(minutes=30)  # between two gathered mails
# After so many of a day they come later, too: what is about to lapse is waited for the least.
SOON_DAILY = {HURRIED: 100, HURRIED_LAPSES: 25, LAPSES: 25, LAST: 50}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenWarning:
    """A mail about cases that was written, and when. `customer`: whose it is, "" where it is nobody's alone."""

    at: datetime
    lane: str = ""
    customer: str = ""
    gathered: bool = False


class Pace:
    """What room is left at a moment, by what was written within the last day."""

    def __init__(self, written: Iterable[WrittenWarning], now: datetime) -> None:
        self._now = now
        self._alone: dict[str, list[datetime]] = defaultdict(list)  # by lane
        self._customers: dict[str, list[datetime]] = defaultdict(list)
        self._gathered: dict[str, list[datetime]] = defaultdict(list)  # by lane
        self._count = 0
        for mail in written:
            if now - DAY < mail.at <= now:  # what is later was written before the clock was set back
                self._add(mail)

    def _add(self, mail: WrittenWarning) -> None:
        self._count += mail.lane not in (FORGED, FORGED_LAPSES)  # whose sender must not end the room of others
        (self._gathered if mail.gathered else self._alone)[mail.lane].append(mail.at)
        if mail.customer and not mail.gathered:
            self._customers[mail.customer].append(mail.at)

    def alone(self, lane: str, customer: str) -> bool:
        """Take the room of a mail of one warning; False where none is left."""
        room = self._is_free(lane) or _has_room(self._alone[lane], self._now, ALONE_HOURLY, ALONE_DAILY)
        if not (room and self.takes(customer)):
            return False
        self._add(WrittenWarning(at=self._now, lane=lane, customer=customer))
        return True

    def takes(self, customer: str) -> bool:
        """Whether a customer has room left."""
        return _has_room(self._customers[customer], self._now, CUSTOMERS_HOURLY, CUSTOMERS_DAILY)

    def _is_free(self, lane: str) -> bool:
        return self._count < FREE_DAILY and lane not in (FORGED, FORGED_LAPSES)

    def gather(self, lane: str, *, spaced: bool) -> bool:
        """Take the room of a gathered mail; False where it must wait.

        `spaced`: it holds only what one customer has no room for, and waits even where lanes have all that they want.
        """
        if (spaced or not self._is_free(lane)) and self.opens_at(lane) > self._now:
            return False
        self._add(WrittenWarning(at=self._now, lane=lane, gathered=True))
        return True

    def opens_at(self, lane: str) -> datetime:
        """Return when the next gathered mail of a lane may leave."""
        times = self._gathered[lane]
        wait = SOON if len(times) < SOON_DAILY.get(lane, 0) else LATER
        return max(times) + wait if times else self._now


def _has_room(times: Sequence[datetime], now: datetime, hourly: int, daily: int) -> bool:
    return len(times) < daily and sum(at > now - HOUR for at in times) < hourly
