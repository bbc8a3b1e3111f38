"""In which order the messages of a folder are read, and what of them is left: decisions, no IO.

Where there is much to read, the order decides whether a complaint with an hour's time is known in time, and whether a
reply that was sent is. First comes what the server says is of Walmart's senders, then the rest; of each the newest.

What is left is remembered as runs of UIDs among which none was read. Each message that is read before its turn may cut
one in two, so that there is room for so many only; the newest first, which is all the rest, cuts nothing off.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from relaywatch.mailbox.position import Plan, Run

MOST_RUNS = 1000  # some 15 KB in the database, written with each batch


class Backlog:
    """The messages that a plan found, and which of them are left to read."""

    def __init__(self, made: Plan, uids: Sequence[int]) -> None:
        """`uids`: ascending."""
        self._left = made.stretches(uids)
        self._newest = list(reversed(uids))

    def order(self, urgent: Iterable[Collection[int]]) -> list[int]:
        """Return the UIDs in the order of reading; `urgent`: sets of UIDs, the most urgent first."""
        early = dict.fromkeys(uid for some in urgent for uid in self._newest if uid in some)
        room = max(0, MOST_RUNS - len(self._left))
        return list(dict.fromkeys([*list(early)[:room], *self._newest]))

    def read(self, uids: Iterable[int]) -> None:
        """Note that messages have been read."""
        taken, left = set(uids), []
        for stretch in self._left:
            if taken.isdisjoint(stretch):
                left.append(stretch)
            else:
                left += [list(some) for gone, some in groupby(stretch, taken.__contains__) if not gone]
        self._left = left

    @property
    def left(self) -> list[int]:
        """What is left, ascending."""
        return [uid for stretch in self._left for uid in stretch]

    @property
    def runs(self) -> tuple[Run, ...]:
        """What is left, ascending. Where that is too many runs the lowest are one: some mail is read again then."""
        runs = [(stretch[0], stretch[-1]) for stretch in self._left]
        if surplus := max(0, len(runs) - MOST_RUNS):
            runs[: surplus + 1] = [(runs[0][0], runs[surplus][1])]
        return tuple(runs)
