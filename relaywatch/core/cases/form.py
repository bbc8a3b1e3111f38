"""Cases, deadlines and findings as plain values; their names are fixed (interface: A case as JSON)."""

from collections.abc import Iterable
from datetime import datetime

from relaywatch.core.cases.case import Assessment, Case, Deadline, Finding, Obligation
from relaywatch.core.instant import to_text


def case_form(number: int, case: Case) -> dict[str, object]:
    """Return a case for programs (interface: A case as JSON)."""
    return {
        "id": number,
        "account": case.account,
        "kind": case.kind.value,
        "mailbox": case.mailbox,
        "counterparty": case.counterparty,
        "subject": case.subject,
        "order_id": case.order_id,
        "topics": [topic.value for topic in case.topics],
        "state": case.state.value,
        "opened_at": to_text(case.opened_at),
        "deadlines": [deadline_form(deadline) for deadline in case.deadlines],
        "findings": [finding_form(finding) for finding in case.findings],
        "messages": case.messages,
        "replies": [assessment_form(assessment) for assessment in case.assessments],
    }


def deadline_form(deadline: Deadline) -> dict[str, object]:
    """Return a deadline for programs (interface: Deadlines)."""
    form: dict[str, object] = {
        "obligation": deadline.obligation.value,
        "rule": deadline.rule,
        "status": deadline.status.value,
        "started_at": to_text(deadline.started_at),
        "due_at": to_text(deadline.due_at),
        "started_by": deadline.started_by,
        "clock": deadline.clock,
        "met_at": to_text(deadline.met_at) if deadline.met_at is not None else None,
        "met_by": deadline.met_by,
    }
    if deadline.doubt is not None:
        form["doubt"] = {
            "message_id": deadline.doubt.message_id,
            "at": to_text(deadline.doubt.at),
            "why": list(deadline.doubt.why),
        }
    return form


def assessment_form(assessment: Assessment) -> dict[str, object]:
    """Return what a message of the seller's is worth as an answer, and why."""
    return {
        "message_id": assessment.message_id,
        "at": to_text(assessment.at),
        "answer": assessment.answer,
        "said": assessment.said or None,
        "signs": [{"name": name, "weight": weight, "says": says} for name, weight, says in assessment.signs],
    }


def finding_form(finding: Finding) -> dict[str, object]:
    """Return a finding for programs; `mended_by` only where it is mended (interface: Findings)."""
    form: dict[str, object] = {
        "code": finding.code.value,
        "rule": finding.rule or None,
        "message_id": finding.message_id,
        "at": to_text(finding.at),
        "detail": dict(finding.detail),
    }
    if finding.mended_by is not None:
        form["mended_by"] = finding.mended_by
    return form


def urgency(case: Case) -> tuple[int, float]:
    """Return the sort key for lists of cases.

    By the earliest unmet reply or hand-over, then the earliest unmet resolution, then the rest, newest first.
    """
    owed = _earliest(case, (Obligation.REPLY, Obligation.HANDOVER))
    if owed is not None:
        return 0, owed.timestamp()
    resolution = _earliest(case, (Obligation.RESOLUTION,))
    if resolution is not None:
        return 1, resolution.timestamp()
    return 2, -case.opened_at.timestamp()


def _earliest(case: Case, obligations: Iterable[Obligation]) -> datetime | None:
    return min(
        (
            deadline.due_at
            for deadline in case.deadlines
            if deadline.status.unmet and deadline.obligation in obligations
        ),
        default=None,
    )


def most_urgent_first(cases: Iterable[tuple[int, Case]]) -> list[tuple[int, Case]]:
    """Return numbered cases in the order of lists (interface: A case as JSON)."""
    return sorted(cases, key=lambda numbered: (*urgency(numbered[1]), numbered[0]))
