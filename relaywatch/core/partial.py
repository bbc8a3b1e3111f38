"""A case of which not all messages could be looked at: what was not keeps what was found of it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from relaywatch.core.case import Case, Deadline, Obligation, State, Status
from relaywatch.core.judge import deadline_order


def with_the_rest(case: Case | None, before: Case | None, seen: Collection[str], now: datetime) -> Case | None:
    """Return a case as it was judged, with the deadlines and findings of messages that were not looked at.

    `seen`: the keys of those that were. A deadline that nobody looked at can only lapse: nothing else may settle it.
    """
    if before is None:
        return case
    deadlines = [_aged(one, now) for one in before.deadlines if one.started_key not in seen and _stays(one)]
    findings = [one for one in before.findings if one.message_key not in seen]
    if case is None:
        return replace(before, deadlines=tuple(deadlines), findings=tuple(findings)) if deadlines else None
    owed = any(one.status.unmet and one.obligation is not Obligation.RESOLUTION for one in deadlines)
    return replace(
        case,
        opened_at=min(case.opened_at, before.opened_at),
        messages=max(case.messages, before.messages),
        deadlines=tuple(sorted((*case.deadlines, *deadlines), key=deadline_order)),
        findings=(*case.findings, *findings),
        state=State.OPEN if owed else case.state,
    )


def _stays(deadline: Deadline) -> bool:
    """Whether it is kept without its message: what was resolved is told by what was looked at."""
    return deadline.obligation is not Obligation.RESOLUTION or deadline.status.unmet


def _aged(deadline: Deadline, now: datetime) -> Deadline:
    lapsed = deadline.status is Status.RUNNING and now >= deadline.due_at
    return replace(deadline, status=Status.OVERDUE) if lapsed else deadline


__all__ = ["with_the_rest"]
