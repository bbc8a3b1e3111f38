"""The JSON of a Summary, as plain values. Names here are fixed: dashboards read them."""

from datetime import datetime, timedelta
from typing import Any

from relaywatch.core.figures.statistics import Lapse, ReplyFigures, Summary, Tally, Times, TimeSlot
from relaywatch.core.instant import to_text

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DIGITS = 4  # of a share


def summary_form(summary: Summary) -> dict[str, Any]:
    """Return a summary for programs: shares 0 to 1, times in whole seconds, null where there is nothing to say."""
    return {
        "at": to_text(summary.at),
        "timezone": str(summary.zone),
        "cases": summary.cases,
        "first_opened_at": _moment(summary.first),
        "last_opened_at": _moment(summary.last),
        "states": {state.value: count for state, count in summary.states.items()},
        "kinds": {
            kind.value: {"cases": summary.kinds[kind], "rule": kind.rule, **_replies(summary.by_kind[kind])}
            for kind in summary.kinds
        },
        "replies": _replies(summary.replies),
        "obligations": {obligation.value: _tally(tally) for obligation, tally in summary.obligations.items()},
        "lapses": [lapse_form(lapse) for lapse in summary.lapses],
        "worst": [lapse_form(lapse) for lapse in summary.worst[:10]],
        "findings": [
            {"code": found.code, "rule": found.rule or None, "count": found.count, "mended": found.mended}
            for found in summary.findings
        ],
        "hours": [{"hour": hour, **_slot(slot)} for hour, slot in enumerate(summary.hours)],
        "weekdays": [{"weekday": name, **_slot(slot)} for name, slot in zip(_WEEKDAYS, summary.weekdays, strict=True)],
        "months": [{"month": month, **_replies(replies)} for month, replies in summary.months],
    }


def lapse_form(lapse: Lapse) -> dict[str, object]:
    """Return one missed deadline; `late_by_seconds` runs on while it is unmet."""
    deadline = lapse.deadline
    return {
        "case": lapse.case_id,
        "kind": lapse.case.kind.value,
        "order_id": lapse.case.order_id,
        "obligation": deadline.obligation.value,
        "rule": deadline.rule,
        "status": deadline.status.value,
        "started_at": to_text(deadline.started_at),
        "due_at": to_text(deadline.due_at),
        "met_at": _moment(deadline.met_at),
        "late_by_seconds": seconds(lapse.by),
    }


def seconds(length: timedelta | None) -> int | None:
    """Return whole seconds, rounded down."""
    return None if length is None else length // timedelta(seconds=1)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)


def _share(rate: float | None) -> float | None:
    return None if rate is None else round(rate, _DIGITS)


def _replies(replies: ReplyFigures) -> dict[str, object]:
    return {
        **_tally(replies.tally),
        "rate_48h": _share(replies.rate_48h),
        "answered_in_48h": replies.within_48h,
        "decided_at_48h": replies.decided_48h,
        **_times(replies.times),
    }


def _tally(tally: Tally) -> dict[str, object]:
    return {
        "owed": tally.owed,
        "met": tally.met,
        "late": tally.late,
        "overdue": tally.overdue,
        "running": tally.running,
        "waived": tally.waived,
        "doubtful": tally.doubtful,
        "rate": _share(tally.rate),
    }


def _times(times: Times) -> dict[str, object]:
    return {
        "answered": times.count,
        "median_seconds": seconds(times.median),
        "p90_seconds": seconds(times.p90),
        "longest_seconds": seconds(times.longest),
    }


def _slot(slot: TimeSlot) -> dict[str, object]:
    return {"received": slot.received, "answered": slot.answered, "lapsed": slot.lapsed}
