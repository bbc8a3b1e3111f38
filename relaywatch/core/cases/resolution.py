"""Resolution, the second half of policy C1 and policy C3: when a matter is settled.

A Round is one run from a first message to its resolution; a message that comes after a round was resolved
starts the next. Under `silence` a round is resolved at its due time, or at its last met reply if that is
later; a message that comes before that moves the due time to its own reply plus the same time, so that it can
never be overdue. Under `operator` only the seller says so. Agents' cases are resolved in the same way, though
no deadline shows it.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.cases.case import Obligation, Statement, Verb
from relaywatch.core.cases.clock import OPERATOR, Clock
from relaywatch.core.mail.message import Class
from relaywatch.core.policy import Kind, Policy, ResolvedBy


@dataclass(frozen=True, slots=True)
class Round:
    """The reply clocks between one resolution and the next, in order of time."""

    clocks: tuple[Clock, ...]
    due_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None

    def resolved(self, now: datetime) -> bool:
        """Whether it is settled by now."""
        return self.resolved_at is not None and self.resolved_at <= now

    def clock(self, kind: Kind, policy: Policy, now: datetime) -> Clock | None:
        """Return the deadline of the round; None where only agents wrote, whom nothing but a reply is owed."""
        owed = [clock for clock in self.clocks if _is_owed(clock)]
        if not owed:
            return None
        complaint = any(clock.mail.verdict.class_ is Class.COMPLAINT for clock in owed)
        met = self.resolved(now)
        return Clock(
            obligation=Obligation.RESOLUTION,
            rule="C3" if complaint else "C1",  # policy C1, C3
            kind=kind,
            party=Obligation.RESOLUTION.value,
            mail=owed[0].mail,
            started_at=owed[0].started_at,
            due_at=self.due_at,
            met_at=self.resolved_at if met else None,
            met_by=self.resolved_by if met else None,
            whose=tuple(dict.fromkeys(one for clock in owed for one in clock.whose)),
            patient=policy.resolved_by is ResolvedBy.SILENCE,
        )


def rounds_of(clocks: Sequence[Clock], statements: Iterable[Statement], policy: Policy) -> list[Round]:
    """Return the rounds of a case, in order. `clocks`: its reply clocks in order of time, as far as they are met.

    What was resolved before others joined the case is not resolved for them.
    """
    said = sorted(
        statement.at
        for statement in statements
        if statement.verb is Verb.RESOLVE
        and all(statement.covers(clock.whose) for clock in clocks if clock.started_at <= statement.at)
    )
    found: list[Round] = []
    run: _Run | None = None
    for clock in clocks:
        resolved_at = run.resolution()[0] if run is not None else None
        if run is not None and resolved_at is not None and resolved_at < clock.started_at:
            found.append(run.round())
            run = None
        if run is None:
            run = _Run(clock, said, policy)
        else:
            run.add(clock)
    if run is not None:
        found.append(run.round())
    return found


class _Run:
    """A round on its way: each further message moves it on, without looking back at those before."""

    def __init__(self, clock: Clock, said: Sequence[datetime], policy: Policy) -> None:
        self._clocks: list[Clock] = []
        self._silence = policy.resolved_by is ResolvedBy.SILENCE
        self._policy = policy
        position = bisect_left(said, clock.started_at)
        self._said = said[position] if position < len(said) else None
        self._owes = False  # whether a message was there that resolution is owed for
        self._due_at = clock.started_at
        self._open = 0  # messages without an answer
        self._answered_at = clock.started_at
        self._reply: Clock | None = None
        self.add(clock)

    def add(self, clock: Clock) -> None:
        term = self._policy.terms_at(clock.started_at).resolution
        if not self._clocks or (_is_owed(clock) and not self._owes):
            self._due_at = clock.started_at + term  # agents' mail before it owed none
        elif self._silence:
            # What comes moves it to its own reply; while there is none, to the latest that this may be.
            answer = clock.settled_at if clock.settled_at is not None else clock.due_at
            self._due_at = max(self._due_at, answer + term)
        self._owes = self._owes or _is_owed(clock)
        self._clocks.append(clock)
        if clock.settled_at is None:
            self._open += 1
        else:
            self._answered_at = max(self._answered_at, clock.settled_at)
        if clock.met_at is not None and (self._reply is None or clock.met_at >= (self._reply.met_at or clock.met_at)):
            self._reply = clock

    def resolution(self) -> tuple[datetime | None, str | None]:
        """Return when it is resolved, if that is known, and by what."""
        settled = max(self._due_at, self._answered_at) if self._silence and not self._open else None
        if self._said is not None and (settled is None or self._said < settled):
            return self._said, OPERATOR
        return settled, self._reply.met_by if self._reply is not None and settled is not None else None

    def round(self) -> Round:
        return Round(tuple(self._clocks), self._due_at, *self.resolution())


def _is_owed(clock: Clock) -> bool:
    """Whether resolution is owed for a message, not a reply alone (policy C1, C3)."""
    return clock.mail.verdict.class_ in (Class.CUSTOMER, Class.COMPLAINT)
