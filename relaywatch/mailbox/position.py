"""Where reading a folder stands, and what is to be read next: decisions, no IO (design: Positions are numbers).

A folder's UIDs ascend for ever as long as its UIDVALIDITY stays the same (RFC 3501 2.3.1.1), so two numbers
say what was read. Dates decide only where no number can: the first time, and after UIDVALIDITY changed; both read
from the lookback on, and the second also from the last complete reading, should that be longer ago.

UIDs need not become visible in their order: of two mails delivered at once the one with the higher number may be seen
first. What was missing below what was read is therefore remembered as a gap, and looked for again for a day. Most
gaps are mail that was deleted, so what is remembered of them is bounded.

What is urgent is read first (backlog.py). What was passed over for it is remembered as runs of UIDs below what was
read, for as long as it takes: of those none is ever forgotten.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from relaywatch.core.mail.when import EARLIEST

MAX_UID = 2**32 - 1
MOST_IN_BATCH = 200  # more bring nothing
FIRST_BATCH = 50  # messages that are fetched without a look at their sizes
BATCH_OCTETS = 3 * 1024 * 1024  # two batches are in memory at a time
BATCH_SECONDS = 10.0  # a slow line gets small ones
GAP_LIFE = timedelta(days=1)
GAP_FRESH = timedelta(hours=1)  # so long it is looked for even where the folder's numbers stay the same
MOST_GAPS = 200  # the highest; a SEARCH of them all is a line of some kB
GAPS_BELOW = 1000  # UIDs below the highest in which the first reading looks for gaps
_MARGIN = timedelta(days=1)  # SINCE compares days, in whatever zone the server takes

Run = tuple[int, int]  # UIDs, both ends included


@dataclass(frozen=True, slots=True)
class Gap:
    """UIDs below what was read, both ends included, that were not there when it was read."""

    first: int
    last: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Position:
    """How far a folder was read."""

    uidvalidity: int
    last_uid: int  # every UID up to it was read, is too old, lies in a gap or in `unread`
    read_at: datetime | None  # when the last reading that got to the end had started; None: none has yet
    gaps: tuple[Gap, ...] = ()  # ascending
    unread: tuple[Run, ...] = ()  # ascending: what was passed over for something more urgent, and is still to be read


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
    gaps: tuple[Gap, ...] = ()  # below `above`, to be looked for again
    unread: tuple[Run, ...] = ()  # below `above`, to be read

    @property
    def search_date(self) -> date | None:
        """The day for SEARCH SINCE, early enough for any zone; `wants` then looks at the time."""
        return None if self.since is None else (self.since - _MARGIN).date()

    def wants(self, internaldate: datetime | None) -> bool:
        """Whether a message of that INTERNALDATE is to be read; one without is, and one whose cannot be."""
        return self.since is None or internaldate is None or internaldate < EARLIEST or internaldate >= self.since

    def new(self, found: Iterable[int]) -> list[int]:
        """Return what is to be read of what a search found, ascending, each once: `n:*` has the last one always."""
        below = [(gap.first, gap.last) for gap in self.gaps], self.unread

        def missed(uid: int) -> bool:
            return any(_run_of(runs, uid) is not None for runs in below)

        return sorted({uid for uid in found if self.above < uid <= MAX_UID or missed(uid)})

    def stretches(self, uids: Sequence[int]) -> list[list[int]]:
        """Cut ascending UIDs that are to be read where UIDs between them have been read."""
        runs = (*self.unread, (self.above + 1, MAX_UID))

        def stretch(uid: int) -> int:
            run = _run_of(runs, uid)
            return -uid if run is None else run  # of a gap: by itself

        return [list(some) for _, some in groupby(uids, stretch)]


def _run_of(runs: Sequence[Run], uid: int) -> int | None:
    """Return the index of the run, of ascending ones, in which a UID lies."""
    index = bisect_right(runs, (uid, MAX_UID)) - 1
    return index if index >= 0 and uid <= runs[index][1] else None


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
    gaps = tuple(gap for gap in stored.gaps if now - gap.since < GAP_LIFE)
    since = floor if stored.read_at is None else None
    return Plan(above=stored.last_uid, since=since, gaps=gaps, unread=stored.unread)


def advanced(
    stored: Position | None, seen: View, made: Plan, uid: int, present: Sequence[int], now: datetime
) -> Position:
    """Return the position after everything up to `uid` was read in the folder as seen, what was passed over too.

    `present`: the UIDs, ascending, that were there above `made.above` (of a first reading, only the upper ones) and
    in its gaps. What they leave out is a gap since `now`.
    """
    there = [one for one in present if one <= uid]
    fresh = [one for one in there if one > made.above]
    lowest = made.above + 1 if stored is not None and not made.restarted else min(fresh, default=uid + 1)
    gaps = [part for gap in made.gaps for part in _without(gap, there)]
    gaps += _without(Gap(lowest, uid, now), fresh)
    read_at = stored.read_at if stored else None
    return Position(seen.uidvalidity, max(made.above, uid), read_at, tuple(gaps[-MOST_GAPS:]))


def _without(gap: Gap, uids: Sequence[int]) -> list[Gap]:
    """Return what is left of a gap where these UIDs, ascending, have been found."""
    left, first = [], gap.first
    for uid in uids[bisect_left(uids, gap.first) : bisect_right(uids, gap.last)]:
        left.append((first, uid - 1))
        first = uid + 1
    return [Gap(low, high, gap.since) for low, high in [*left, (first, gap.last)] if low <= high]


def next_count(count: int, octets: int, seconds: float) -> int:
    """Return how many messages to fetch next, after `count` of them made so many octets in so many seconds."""
    if octets > BATCH_OCTETS or seconds > BATCH_SECONDS:
        return max(1, count // 2)
    if octets < BATCH_OCTETS // 2 and seconds < BATCH_SECONDS / 2:
        return min(MOST_IN_BATCH, count * 2)
    return count


def search_set(made: Plan) -> str:
    """Write an IMAP set, ascending (RFC 3501 9), that has all that a plan looks for: its gaps, then all that is above.

    Of runs that are to be read only the beginning of the first is written, for there may be many: `new` tells them.
    """
    lowest = min([made.above + 1, *(first for first, _ in made.unread[:1])])
    gaps = (gap for gap in made.gaps if gap.first < lowest)
    written = (str(gap.first) if gap.first == gap.last else f"{gap.first}:{gap.last}" for gap in gaps)
    return ",".join([*written, f"{lowest}:*"])


def uid_set(uids: Sequence[int]) -> str:
    """Write ascending UIDs as an IMAP set (RFC 3501 9): runs as `a:b`, never `*`."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and uid == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], uid]
        else:
            runs.append([uid])
    return ",".join(":".join(map(str, run)) for run in runs)
