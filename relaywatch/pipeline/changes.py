"""What happened to a case that was judged: for the log, and for who upgrades."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.cases.case import Case, Deadline, Obligation, Status
from relaywatch.store import Rejudged, StoredCase

_OTHERWISE = "what belongs to the case, or whom it answers, is judged anew"
_RUN_OUT = {Status.RUNNING, Status.OVERDUE}  # time alone did that


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to a case, for the log: an event's name and the ids that it is about."""

    event: str
    ids: Mapping[str, object]


def told_anew(before: StoredCase, case: Case, now: datetime) -> Iterator[Rejudged]:
    """Tell which of a case's clocks stand otherwise than before, and why: by the signs of what was sent, no words."""
    old = {(deadline.obligation, deadline.started_key): deadline for deadline in before.case.deadlines}
    assessed = {assessment.message_id: assessment for assessment in case.assessments}
    for deadline in case.deadlines:
        was = old.get((deadline.obligation, deadline.started_key))
        if was is None or was.status is deadline.status or {was.status, deadline.status} == _RUN_OUT:
            continue
        if deadline.obligation is Obligation.RESOLUTION and not deadline.status.unmet:
            continue  # it was resolved by time that went by
        reply = deadline.doubt.message_id if deadline.doubt else deadline.met_by or was.met_by
        found = assessed.get(reply)
        signs = ", ".join(name for name, _, _ in found.signs) if found else ""
        yield Rejudged(
            before.case.account,
            before.id,
            deadline.obligation.value,
            deadline.started_by,
            was.status.value,
            deadline.status.value,
            f"{reply}: {signs or 'no sign'}" if found else _OTHERWISE,
            now,
        )


def _change_of(was: Deadline | None, deadline: Deadline, about: dict[str, object]) -> Iterator[Change]:
    """What happened to one clock."""
    if was is not None and was.status.unmet and not deadline.status.unmet:
        yield Change(f"deadline.{deadline.status.value}", about | {"met_by": deadline.met_by})
    if was is not None and not was.status.unmet and deadline.status.unmet:
        yield Change("deadline.reopened", about)
    if deadline.doubt is not None and (was is None or was.doubt is None):
        yield Change("deadline.doubtful", about | {"reply": deadline.doubt.message_id})
    if deadline.status is Status.OVERDUE and (was is None or was.status is not Status.OVERDUE):
        yield Change("deadline.lapsed", about | {"due_at": deadline.due_at})


def changes_of(before: StoredCase | None, case: Case, position: int) -> Iterator[Change]:
    """What an operator would want to know of a case that was judged."""
    ids: dict[str, object] = {"position": position}
    if before is None:
        yield Change("case.opened", ids | {"kind": case.kind.value, "order_id": case.order_id})
    old = (
        {(deadline.obligation, deadline.started_key): deadline for deadline in before.case.deadlines} if before else {}
    )
    for deadline in case.deadlines:
        was = old.get((deadline.obligation, deadline.started_key))
        about = ids | {
            "obligation": deadline.obligation.value,
            "rule": deadline.rule,
            "message_id": deadline.started_by,
        }
        yield from _change_of(was, deadline, about)
        if was is None and before is not None and deadline.obligation is not Obligation.RESOLUTION:
            yield Change("deadline.started", about)
    known = {(finding.code, finding.message_key) for finding in before.case.findings} if before else set()
    for finding in case.findings:
        if (finding.code, finding.message_key) not in known:
            yield Change(
                "finding",
                ids | {"code": finding.code.value, "rule": finding.rule, "message_id": finding.message_id},
            )
    if before is not None and before.case.state is not case.state:
        yield Change(f"case.{case.state.value}", ids)
