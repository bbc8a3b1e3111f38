"""A place for messages that no number and no reference places: beside what shares an address with them.

Only for conversations that need one: what the seller or a mail system sent, where nobody in it is owed an answer.
Same order goes first, then same subject, then what came shortly before, then after.
All places are found before any is taken, so the result does not depend on the order of looking.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.core.language.subject import answer_titles, asked_titles
from relaywatch.core.mail.address import Parties

REFUSED = "refused:"  # the hint of a refusal that names nothing but a subject
SENT_AS = "sent:"  # the hint by which the refused mail is found: many bear one subject, and none seeks another
BOUNCED = "bounced:"  # the hint of a delivery report, by the address that it failed for
MAILED = "mailed:"  # the hint by which the seller's mail to it is found: anybody's may bear an address
_SOUGHT = {REFUSED: SENT_AS, SENT_AS: REFUSED, BOUNCED: MAILED, MAILED: BOUNCED}
_BOUNCE_WINDOW = timedelta(days=6)  # mail systems give up within five days (RFC 5321 4.5.4.1)
_SKEW = timedelta(minutes=15)  # between the clocks of two servers
_Rank = tuple[bool, bool, bool, timedelta]
_MOST_LOOKED_AT = 24  # neighbours on each side: a bound, no rule


def sought(hint: str) -> str:
    """Return the hint of what a message with this one may belong beside."""
    kind, sign, rest = hint.partition(":")
    return _SOUGHT.get(kind + sign, kind + sign) + rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeable:
    """What placing needs to know of one message."""

    at: datetime
    subject: str
    hints: tuple[str, ...]  # addresses it can be found by, `to:…`
    bounce: bool
    sent: bool  # by the seller
    opens: bool  # it is owed an answer
    orders: frozenset[str]  # its own
    speaks: frozenset[str]  # orders that it speaks of

    @property
    def titles(self) -> frozenset[str]:
        """What its subject may be without tags."""
        return frozenset((answer_titles if self.sent else asked_titles)(self.subject))


def place_strays(
    slots: Sequence[Placeable], groups: Sequence[Sequence[int]], parties: Parties
) -> Iterator[tuple[int, int]]:
    """Yield pairs of positions that belong together. `slots` in order of time; `groups`: what is joined so far."""
    index = _ByAddress(slots, groups, parties)
    for number, members in enumerate(groups):
        if any(slots[position].opens for position in members):
            continue
        best = index.best_place(number, members)
        if best is not None:
            yield members[0], best


class _ByAddress:
    """Messages by the addresses that they can be found by, in order of time."""

    def __init__(self, slots: Sequence[Placeable], groups: Sequence[Sequence[int]], parties: Parties) -> None:
        self._slots = slots
        self._parties = parties
        self._group_of = {position: number for number, members in enumerate(groups) for position in members}
        self._orders = [
            frozenset(order for position in members for order in slots[position].orders) for members in groups
        ]
        self._open = {
            number for number, members in enumerate(groups) if any(slots[position].opens for position in members)
        }
        self._by_hint: dict[str, list[int]] = defaultdict(list)
        self._sent_by_hint: dict[str, list[int]] = defaultdict(list)
        for position, slot in enumerate(slots):
            for hint in slot.hints:
                self._by_hint[hint].append(position)
                if slot.sent:
                    self._sent_by_hint[hint].append(position)
        self._shared = {
            hint
            for hint, positions in self._by_hint.items()
            if any(self._group_of[position] != self._group_of[positions[0]] for position in positions)
        }

    def best_place(self, number: int, members: Sequence[int]) -> int | None:
        """Return the message that a group most likely goes with, None where there is none."""
        looked_at: set[str] = set()
        best: tuple[_Rank, int] | None = None
        for position in members:
            for hint in self._slots[position].hints:
                if hint not in self._shared or hint in looked_at:
                    continue
                looked_at.add(hint)
                for other in self._neighbours(hint, position, number):
                    if self._fits(position, other, hint):
                        ranked = (self._rank(position, other), other)
                        best = ranked if best is None else min(best, ranked)
            if best is not None:
                break
        return best[1] if best is not None else None

    def _neighbours(self, hint: str, position: int, number: int) -> Iterator[int]:
        """Yield other groups' messages with a hint, the nearest before and after first.

        A bounce belongs beside the seller's mail alone: what else bears the address must not use up the bound.
        """
        positions = (self._sent_by_hint if self._slots[position].bounce else self._by_hint)[hint]
        middle = bisect_left(positions, position)
        for side in (reversed(positions[max(0, middle - _MOST_LOOKED_AT) : middle]), positions[middle:]):
            found = 0
            for other in side:
                if self._group_of[other] != number:
                    yield other
                    found += 1
                if found >= _MOST_LOOKED_AT:
                    break

    def _fits(self, position: int, other: int, hint: str) -> bool:
        here, there = self._slots[position], self._slots[other]
        orders, others = self._orders[self._group_of[position]], self._orders[self._group_of[other]]
        if here.bounce:
            return there.sent and -_SKEW <= here.at - there.at <= _BOUNCE_WINDOW
        if there.bounce or hint.startswith(REFUSED) or (orders and others and not orders & others):
            return False
        if orders and self._group_of[other] not in self._open:
            return False  # two of the seller's messages about an order each
        return not self._parties.is_agent(hint.partition(":")[2])  # one agent has many matters

    def _rank(self, position: int, other: int) -> _Rank:
        here, there = self._slots[position], self._slots[other]
        told = not here.speaks.isdisjoint(self._orders[self._group_of[other]])
        return not told, here.titles.isdisjoint(there.titles), other > position, abs(here.at - there.at)
