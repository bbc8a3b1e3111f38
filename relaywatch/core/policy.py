"""The policy in force: kinds of obligation, their durations, the ladders of warnings (policy C1 to C4, H)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a case is about, the most urgent first (interface: Kinds and classes)."""

    CONSUMER_PROTECTION = "consumer_protection"
    COMPLAINT = "complaint"
    WALMART_AGENT = "walmart_agent"
    CUSTOMER = "customer"

    @property
    def rule(self) -> str:
        """The policy rule that its reply is owed under."""
        return _RULES[self]

    @property
    def urgency(self) -> int:
        """0 is the most urgent."""
        return list(Kind).index(self)


_RULES = {
    Kind.CUSTOMER: "C1",  # policy C1
    Kind.WALMART_AGENT: "C2",  # policy C2
    Kind.COMPLAINT: "C3",  # policy C3
    Kind.CONSUMER_PROTECTION: "C4",  # policy C4
}


class ResolvedBy(StrEnum):
    """Who says that a matter is settled (interface: [policy])."""

    SILENCE = "silence"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of a ladder: how much time is left when a warning goes out, and how the operator wrote that."""

    text: str
    before: timedelta


_ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The durations of one version of the policy, in force for what is received from `valid_from` on."""

    reply: Mapping[Kind, timedelta]
    handover: timedelta
    resolution: timedelta
    valid_from: datetime = _ALWAYS


def _steps(*texts: str) -> tuple[Step, ...]:
    units = {"h": timedelta(hours=1), "m": timedelta(minutes=1)}
    return tuple(Step(text, int(text[:-1]) * units[text[-1]]) for text in texts)


_DAY = timedelta(hours=24)
WALMART_CANADA = Terms(
    reply=MappingProxyType(
        {
            Kind.CUSTOMER: _DAY,
            Kind.WALMART_AGENT: _DAY,
            Kind.COMPLAINT: _DAY,
            Kind.CONSUMER_PROTECTION: timedelta(hours=1),
        }
    ),
    handover=_DAY,
    resolution=_DAY,
)
LADDERS = MappingProxyType(
    {
        Kind.CUSTOMER: _steps("8h", "3h", "1h"),
        Kind.WALMART_AGENT: _steps("8h", "3h", "1h"),
        Kind.COMPLAINT: _steps("12h", "6h", "2h", "30m"),
        Kind.CONSUMER_PROTECTION: _steps("55m", "40m", "25m", "10m"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The policy of an account. `versions` are in order of `valid_from`; the first covers all before."""

    versions: tuple[Terms, ...] = (WALMART_CANADA,)
    resolved_by: ResolvedBy = ResolvedBy.SILENCE
    ladders: Mapping[Kind, tuple[Step, ...]] = field(default_factory=lambda: LADDERS)

    def terms_at(self, received_at: datetime) -> Terms:
        """Return the version under which a message that was received then must be answered."""
        in_force = self.versions[0]
        for terms in self.versions[1:]:
            if terms.valid_from <= received_at:
                in_force = terms
        return in_force
