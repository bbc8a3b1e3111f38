"""Resolution, the second half of C1 and C3: when is a matter settled?

A Round is one run from a first message to its resolution; a message that comes after a round was resolved
starts the next. Under `silence` a round is resolved at its due time, or at its last met reply if that is
later; a message that comes before that moves the due time to its own reply plus the same time, so that it can
never be overdue. Under
`operator` only the seller says so. Agents' cases are resolved in the same way, though no deadline shows it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.case import Obligation, Statement, Verb
from relaywatch.core.clock import OPERATOR, Clock
from relaywatch.core.message import Class
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
        owed = [
            clock for clock in self.clocks if clock.mail.verdict.class_ in (Class.CUSTOMER, Class.COMPLAINT)
        ]
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
            patient=policy.resolved_by is ResolvedBy.SILENCE,
        )


def rounds_of(clocks: Sequence[Clock], statements: Iterable[Statement], policy: Policy) -> list[Round]:
    """Return the rounds of a case, in order. `clocks`: its reply clocks in order of time, as far as they are met."""
    said = sorted(statement.at for statement in statements if statement.verb is Verb.RESOLVE)
    found: list[Round] = []
    for clock in clocks:
        last = found[-1] if found else None
        if last is None or (last.resolved_at is not None and last.resolved_at < clock.started_at):
            found.append(_round((clock,), said, policy))
        else:
            found[-1] = _round((*last.clocks, clock), said, policy)
    return found


def _round(clocks: tuple[Clock, ...], said: Sequence[datetime], policy: Policy) -> Round:
    first = clocks[0]
    term = policy.terms_at(first.started_at).resolution
    due_at = first.started_at + term
    settled: datetime | None = None
    if policy.resolved_by is ResolvedBy.SILENCE:
        due_at = max(due_at, *(_answer_of(clock) + term for clock in clocks[1:]), due_at)
        settled = _settled(clocks, due_at)
    by_operator = next((at for at in said if at >= first.started_at), None)
    if by_operator is not None and (settled is None or by_operator < settled):
        return Round(clocks, due_at, by_operator, OPERATOR)
    return Round(clocks, due_at, settled, _last_reply(clocks) if settled is not None else None)


def _answer_of(clock: Clock) -> datetime:
    """When a message was answered; while it is not, the latest that it may be."""
    return clock.settled_at if clock.settled_at is not None else clock.due_at


def _settled(clocks: Iterable[Clock], due_at: datetime) -> datetime | None:
    answers = [clock.settled_at for clock in clocks]
    if any(answer is None for answer in answers):
        return None
    return max(due_at, *(answer for answer in answers if answer is not None), due_at)


def _last_reply(clocks: Iterable[Clock]) -> str | None:
    replies = [(clock.met_at, clock.met_by) for clock in clocks if clock.met_at is not None]
    return max(replies, key=lambda reply: reply[0])[1] if replies else None
