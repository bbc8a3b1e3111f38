"""What recurs in a seller's replies, as numbers: the uses of each sentence, and what they amount to (policy Q1, Q2).

What a sentence is, and how a reply is weighed by what recurs, is told in learned.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

MANY = 3  # people
UNUSED = timedelta(days=90)
_RHYTHM = 0.1  # share by which delays may differ and still be the same
_RHYTHM_LEAST = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Use:
    """One sentence in one reply: to whom, beside which other words, how long after the message that it answers."""

    sentence: int
    person: int
    context: int  # 0: nothing else was said
    at: datetime
    after: float | None = None  # seconds


@dataclass(frozen=True, slots=True)
class Habit:
    """What is known of one sentence in one stretch of time."""

    recurs: bool = False  # it went to several people
    furniture: bool = False  # each time beside other words
    rhythm: bool = False  # each time as long after the message that was answered


Habits = Mapping[int, tuple[tuple[datetime, datetime, Habit], ...]]
"""By sentence, the stretches of time in which it was used, in order, each widened by 90 days."""


def learn(found: Iterable[Use]) -> Habits:
    """Return what these uses teach, whatever their order."""
    by_sentence: dict[int, list[Use]] = defaultdict(list)
    for use in found:
        by_sentence[use.sentence].append(use)
    return MappingProxyType(
        {sentence: tuple(_stretches(some)) for sentence, some in by_sentence.items() if len(some) >= MANY}
    )


def _stretches(some: list[Use]) -> Iterator[tuple[datetime, datetime, Habit]]:
    """Yield the stretches of time in which a sentence was used without a pause of 90 days."""
    some.sort(key=lambda use: (use.at, use.person, use.context))
    times = [use.at for use in some]
    start = 0
    while start < len(some):
        end = start + 1
        while end < len(some) and times[end] - times[end - 1] <= UNUSED:
            end += 1
        habit = habit_of(some[start:end])
        if habit.recurs:
            yield times[start] - UNUSED, times[end - 1] + UNUSED, habit
        start = end


def habit_of(some: Sequence[Use]) -> Habit:
    """Return what the uses of one sentence amount to."""
    people = {use.person for use in some}
    if len(people) < MANY:
        return Habit()
    contexts = {use.context for use in some if use.context}
    delays = sorted(use.after for use in some if use.after is not None)
    rhythm = len(delays) >= MANY and delays[-1] - delays[0] <= max(_RHYTHM_LEAST, _RHYTHM * delays[-1])
    return Habit(recurs=True, furniture=len(contexts) >= MANY, rhythm=rhythm)
