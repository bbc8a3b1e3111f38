"""Where reading a folder stands, and what is to be read next: decisions, no IO.

A folder's UIDs ascend for ever as long as its UIDVALIDITY stays the same (RFC 3501 2.3.1.1), so two numbers
say what was read. Dates decide only where no number can: the first time, and after UIDVALIDITY changed; both read
from the lookback on, and the second also from the last complete reading, should that be longer ago.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

MAX_UID = 2**32 - 1
MOST_IN_BATCH = 200  # more bring nothing
FIRST_BATCH = 50
BATCH_OCTETS = 3 * 1024 * 1024  # two batches are in memory at a time
BATCH_SECONDS = 10.0  # a slow line gets small ones
_MARGIN = timedelta(days=1)  # SINCE compares days, in whatever zone the server takes


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read."""

    uidvalidity: int
    last_uid: int  # every UID up to it was read or is too old
    read_at: datetime | None  # when the last reading that got to the end had started; None: none has yet


@dataclass(frozen=True, slots=True)
class View:
    """What the server says of a folder, by STATUS or EXAMINE."""

    uidvalidity: int  # 1 where the server has none, which is against the RFC
    uidnext: int | None  # None where the server does not say, or cannot be right
    messages: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read: UIDs above a number, of those only what the server received since a moment, if one is set."""

    above: int
    since: datetime | None
    restarted: bool = False  # the server numbered the folder anew: what is read may be known already

    @property
    def search_date(self) -> date | None:
        """The day for SEARCH SINCE, early enough for any zone; `wants` then looks at the time."""
        return None if self.since is None else (self.since - _MARGIN).date()

    def wants(self, internaldate: datetime | None) -> bool:
        """Whether a message of that INTERNALDATE is to be read; one without is."""
        return self.since is None or internaldate is None or internaldate >= self.since


def view(uidvalidity: int | None, uidnext: int | None, messages: int) -> View:
    """Make a View of a server's numbers. UIDNEXT has as many UIDs below it as there are messages, or is wrong."""
    believable = uidnext is not None and messages < uidnext <= MAX_UID + 1
    return View(uidvalidity or 1, uidnext if believable else None, messages)


def went_back(stored: Position | None, seen: View) -> bool:
    """Whether UIDNEXT lies below what was read: the server was put back to an older state, or its UIDNEXT lags."""
    if stored is None or seen.uidnext is None or stored.uidvalidity != seen.uidvalidity:
        return False
    return seen.uidnext <= stored.last_uid


def plan(stored: Position | None, seen: View, *, now: datetime, lookback: timedelta) -> Plan:
    """Decide what to read in a folder. `now` is aware.

    In a folder that was put back to an older state the numbers mean other messages now, as with a changed
    UIDVALIDITY; a caller that finds that UIDNEXT merely lags passes a view without it.
    """
    floor = now - lookback
    if stored is None:
        return Plan(above=0, since=floor)
    if stored.uidvalidity != seen.uidvalidity or went_back(stored, seen):
        return Plan(above=0, since=min(floor, stored.read_at or floor), restarted=True)
    return Plan(above=stored.last_uid, since=floor if stored.read_at is None else None)


def new_uids(found: Iterable[int], above: int) -> list[int]:
    """Return what a search found, ascending, each once, without what was read: `n:*` has the last message always."""
    return sorted({uid for uid in found if above < uid <= MAX_UID})


def advanced(stored: Position | None, seen: View, uid: int) -> Position:
    """Return the position after everything up to `uid` was read in the folder as seen."""
    return Position(seen.uidvalidity, uid, stored.read_at if stored else None)


def next_count(count: int, octets: int, seconds: float) -> int:
    """Return how many messages to fetch next, after `count` of them made so many octets in so many seconds."""
    if octets > BATCH_OCTETS or seconds > BATCH_SECONDS:
        return max(1, count // 2)
    if octets < BATCH_OCTETS // 2 and seconds < BATCH_SECONDS / 2:
        return min(MOST_IN_BATCH, count * 2)
    return count


def uid_set(uids: Sequence[int]) -> str:
    """Write ascending UIDs as an IMAP set (RFC 3501 9): runs as `a:b`, never `*`."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], uid]
        else:
            runs.append([uid])
    return ",".join(":".join(map(str, run)) for run in runs)
