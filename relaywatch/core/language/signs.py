"""Signs that a text of the seller's answers somebody, or does not: each with a weight, in one table (data/signs.toml).

The weights are logits: they add up, and what they come to says how sure it is. Above `counts` a reply counts, below
`does_not` it does not; between the two it is doubtful, and a person is asked. The weights are fitted on labelled
replies by `tests/bench/weights.py`, which also says what each sign contributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Side(StrEnum):
    """What a sign speaks for."""

    PERSON = "person"  # a person's own words that deal with the matter (policy Q1)
    MACHINE = "machine"  # nobody wrote it for this matter (policy Q2)
    THIN = "thin"  # it says too little (policy Q1)
    MANNER = "manner"  # it speaks as programs and empty courtesy both do


class Answer(StrEnum):
    """Whether a reply counts."""

    COUNTS = "counts"
    DOUBTFUL = "doubtful"
    DOES_NOT = "does_not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One row of the table. `weight` is 0 or more for a person, 0 or less against."""

    name: str
    side: Side
    weight: float
    says: str  # the reason, for a person to read
    fixed: bool = False  # set by hand: labelled mail does not show what it is worth


@dataclass(frozen=True, slots=True)
class Shown:
    """A sign that a text shows, and in what."""

    sign: Sign
    detail: str = ""

    @property
    def reason(self) -> str:
        """The reason in words."""
        return f"{self.sign.says}: {self.detail}" if self.detail else self.sign.says


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the signs of a reply come to."""

    answer: Answer
    score: float
    shown: tuple[Shown, ...] = ()
    said: str = ""  # what a person said of it: "confirm", "reject"
    machine: bool = False  # of what does not count: whether no person wrote it, rather than that it says too little

    @property
    def against(self) -> tuple[Shown, ...]:
        """The signs that speak against it, the heaviest first."""
        return tuple(sorted((one for one in self.shown if one.sign.weight < 0), key=lambda one: one.sign.weight))

    @property
    def why(self) -> tuple[str, ...]:
        """The reasons against it in words, the heaviest first."""
        return tuple(one.reason for one in self.against)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignTable:
    """The whole table. `base` is what a reply has before any sign."""

    signs: Mapping[str, Sign] = field(default_factory=lambda: MappingProxyType({}))
    base: float = 0.0
    counts: float = 1.5
    does_not: float = -2.5

    def weigh(self, found: Mapping[str, str]) -> Weighed:
        """Return what signs come to, by name, each with its detail; KeyError for a name that the table lacks."""
        shown = tuple(Shown(self.signs[name], detail) for name, detail in found.items())
        score = self.base + sum(one.sign.weight for one in shown)
        against = {side: sum(one.sign.weight for one in shown if one.sign.side is side) for side in Side}
        hints = sum(one.sign.weight for one in shown if one.sign.side is Side.MANNER and not one.sign.fixed)
        for_it = any(one.sign.side is Side.PERSON for one in shown) and score - hints >= _SPEAKS_FOR
        answer = Answer.COUNTS if score >= self.counts else Answer.DOUBTFUL
        if score < self.does_not and not for_it:
            answer = Answer.DOES_NOT
        machine = against[Side.MACHINE] < against[Side.THIN]
        return Weighed(answer, round(score, 3), shown, machine=machine)


_SPEAKS_FOR = 0.0
"""From this score on, manner alone does not show that a text with a sign of a person is none: who is in haste writes
"Your refund was processed today", and programs speak so, too."""

SURE = Weighed(Answer.COUNTS, 0.0)
"""What is said of a text that cannot be weighed any more, for its words are forgotten."""
