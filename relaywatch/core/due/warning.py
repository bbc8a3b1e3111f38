"""Which warnings are due for a case, and when to look at it again (interface: Which warnings there are).

Pure: it knows nothing of what was said before. Every warning has keys that stay the same for as long as what
it warns of; who sends them says each key once. Of a ladder only the most urgent step that was reached is due,
so that steps that were passed while nothing ran are never caught up one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.core.cases.case import Case, Code, Deadline, Finding, Obligation, Status, Whose
from relaywatch.core.cases.clock import CUSTOMER
from relaywatch.core.cases.findings import MENDABLE
from relaywatch.core.classes.whose import is_seeming
from relaywatch.core.policy import Kind, Policy, ResolvedBy, Step

LAPSE = "due"
_FINDING = "finding:"
_RUNGS_IN_DOUBT = 2
_MISSED = timedelta(minutes=1)  # after which a step was passed while nothing ran, or while nothing could be said
_SOON = timedelta(seconds=30)  # to the next step: it says all that the one which was missed would
_ORDER = list(Obligation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A warning that is due. `deadline` is what it is about; `finding` too, where it is about one."""

    key: str
    step: str  # as in X-Relaywatch-Step
    fell_due_at: datetime
    deadline: Deadline
    finding: Finding | None = None


def finding_step(code: Code) -> str:
    """Return the step of a warning of a finding, as in X-Relaywatch-Step."""
    return f"{_FINDING}{code}"


def is_of_finding(step: str) -> bool:
    """Whether a step is that of a finding, of whatever code."""
    return step.startswith(_FINDING)


def code_of(step: str) -> Code:
    """Return the code of a finding's step. Raises ValueError for another step."""
    return Code(step.removeprefix(_FINDING))


def is_last(deadline: Deadline, step: str, policy: Policy) -> bool:
    """Whether a step is the last of a deadline's ladder, or the lapse that comes after it."""
    ladder = policy.ladders[deadline.kind]
    return step == LAPSE or (bool(ladder) and step == ladder[-1].text)


def key_of(deadline: Deadline, step: str) -> str:
    """Return a step's identity: the message that started the clock, whatever the case is numbered."""
    return f"{deadline.obligation}:{deadline.started_key}:{step}"


def warnings_due(case: Case, policy: Policy, now: datetime) -> list[Due]:
    """Return every warning that is due at `now`, whether said or not, the most urgent first."""
    due = [*_lapses(case, policy, now), *_steps(case, policy, now), *_findings(case, now)]
    return sorted(due, key=_urgency)


def _urgency(due: Due) -> tuple[datetime, bool, bool, int, int, str]:
    """By due time; of what is due at once a lapse first, then steps, then findings; a reply before all else."""
    deadline = due.deadline
    obligation = _ORDER.index(deadline.obligation)
    return deadline.due_at, due.step != LAPSE, due.finding is not None, obligation, deadline.kind.urgency, due.key


def next_look_at(case: Case, policy: Policy, now: datetime) -> datetime | None:
    """Return the next moment after `now` at which the case or the warnings due change by themselves.

    None: only another message or the operator can change the case.
    """
    moments = [moment for deadline in case.deadlines for moment in _moments(deadline, policy)]
    if case.settles_at is not None:
        moments.append(case.settles_at)
    return min((moment for moment in moments if moment > now), default=None)


def ladder_of(deadline: Deadline, policy: Policy) -> Sequence[Step]:
    """Return the rungs at which a deadline warns, longest first.

    Of a doubtful one the last two: a person has to look at it, not to hurry. With an hour in all (policy C4), each.
    """
    ladder = policy.ladders[deadline.kind]
    if deadline.status is not Status.DOUBTFUL or deadline.kind is Kind.CONSUMER_PROTECTION:
        return ladder
    return sorted(ladder, key=lambda step: step.before, reverse=True)[-_RUNGS_IN_DOUBT:]


def _moments(deadline: Deadline, policy: Policy) -> Iterable[datetime]:
    if deadline.status.unmet:
        yield deadline.due_at
        yield from (deadline.due_at - step.before for step in ladder_of(deadline, policy))


def _groups(case: Case, policy: Policy) -> Iterable[list[Deadline]]:
    """Deadlines that warn together: one obligation to one party, on one ladder, by due time.

    One that is due a little sooner must not keep back the earlier steps of one with more of them, nor a doubtful one
    those of one that nothing met. What has an hour (policy C4) speaks for itself, whatever ladder it is given.
    """
    unmet = [deadline for deadline in case.deadlines if deadline.status.unmet]
    open_replies = [deadline for deadline in unmet if deadline.obligation is Obligation.REPLY]
    groups: dict[tuple[object, ...], list[Deadline]] = {}
    for deadline in unmet:
        if deadline.obligation is Obligation.RESOLUTION and not _may_resolve(deadline, open_replies, policy):
            continue
        hurried, doubtful = deadline.kind is Kind.CONSUMER_PROTECTION, deadline.status is Status.DOUBTFUL
        rungs = tuple(step.before for step in policy.ladders[deadline.kind])
        group = (deadline.obligation, hurried, doubtful, rungs, *party_of(deadline))
        groups.setdefault(group, []).append(deadline)
    for one in groups.values():
        yield sorted(one, key=lambda deadline: (deadline.due_at, deadline.started_key))


def _may_resolve(resolution: Deadline, open_replies: Iterable[Deadline], policy: Policy) -> bool:
    """Whether resolution speaks: where the operator decides, and once one who is owed it has their replies.

    Another who goes on writing must not silence it.
    """
    if policy.resolved_by is not ResolvedBy.OPERATOR:
        return False
    waiting = [people for reply in open_replies for people in reply.whose]
    if not resolution.whose:  # of messages that are not at hand
        return not waiting
    return any(all(one.isdisjoint(people) for people in waiting) for one in resolution.whose)


def party_of(deadline: Deadline) -> tuple[str, bool, Whose]:
    """Return what deadlines have in common that one mail may meet: of customers, and to hand over, one each.

    Whoever is not authenticated is nobody else: what is forged hides no step of what is not.
    """
    each = deadline.party in (CUSTOMER, Obligation.HANDOVER.value)
    forged = all(is_seeming(name) for people in deadline.whose for name in people) and bool(deadline.whose)
    return deadline.party, forged, deadline.whose if each else ()


def _lapses(case: Case, policy: Policy, now: datetime) -> Iterable[Due]:
    for group in _groups(case, policy):
        for deadline in group:
            if deadline.due_at <= now:
                yield Due(key=key_of(deadline, LAPSE), step=LAPSE, fell_due_at=deadline.due_at, deadline=deadline)


def _steps(case: Case, policy: Policy, now: datetime) -> Iterable[Due]:
    """The step that the earliest running deadline of each party has reached."""
    for group in _groups(case, policy):
        running = next((deadline for deadline in group if deadline.due_at > now), None)
        if running is None:
            continue
        ladder = ladder_of(running, policy)
        step = current_step(running, ladder, now)
        if step is not None:
            fell_due_at = max(running.due_at - step.before, running.started_at)
            if now - fell_due_at > _MISSED and current_step(running, ladder, now + _SOON) != step:
                continue
            yield Due(key=key_of(running, step.text), step=step.text, fell_due_at=fell_due_at, deadline=running)


def current_step(deadline: Deadline, ladder: Sequence[Step], now: datetime) -> Step | None:
    """Return the most urgent rung that was reached, None before the first."""
    reached = [step for step in ladder if deadline.due_at - step.before <= now]
    return min(reached, key=lambda step: step.before, default=None)


def _findings(case: Case, now: datetime) -> Iterable[Due]:
    """Findings that can still be mended, while it is worth it (interface: Which warnings there are)."""
    replies = {deadline.started_key: deadline for deadline in case.deadlines if deadline.obligation is Obligation.REPLY}
    for finding in case.findings:
        if finding.code not in MENDABLE or finding.mended_by is not None or finding.affects is None:
            continue
        deadline = replies.get(finding.affects)
        if deadline is None or not deadline.status.unmet:
            continue
        if now - finding.at >= deadline.due_at - deadline.started_at:
            continue
        step = finding_step(finding.code)
        yield Due(
            key=f"{step}:{finding.message_key}",
            step=step,
            fell_due_at=finding.at,
            deadline=deadline,
            finding=finding,
        )


def others(case: Case, about: Deadline) -> tuple[Deadline, ...]:
    """Return the case's further unmet deadlines that a warning about one of them names."""
    return tuple(
        deadline
        for deadline in case.deadlines
        if deadline.status.unmet
        and deadline.obligation is not Obligation.RESOLUTION
        and (deadline.obligation, deadline.started_key) != (about.obligation, about.started_key)
    )


__all__ = [
    "LAPSE",
    "Due",
    "code_of",
    "current_step",
    "finding_step",
    "is_last",
    "is_of_finding",
    "key_of",
    "ladder_of",
    "next_look_at",
    "others",
    "party_of",
    "warnings_due",
]
