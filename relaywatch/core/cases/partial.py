"""A case of which not all messages could be looked at: what was not keeps what was found of it.

Partial knowledge may start a clock, never stop one: what spoke against an answer may be what is not at hand, for
anybody can send so much that it is pushed out. So what an old answer was not held to meet, it does not meet now
(design: Bounded by construction).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from relaywatch.core.cases.case import Assessment, Case, Deadline, Obligation, State, Status, Verb
from relaywatch.core.cases.clock import OPERATOR
from relaywatch.core.cases.judge import deadline_order

_CONFIRMED = "confirmed"  # the sign that a person said of these words that they count


def with_the_rest(
    case: Case | None,
    before: Case | None,
    seen: Collection[str],
    now: datetime,
    sent: Mapping[str, int],
    again: Case | None = None,
) -> Case | None:
    """Return a case as it was judged, with the deadlines and findings of messages that were not looked at.

    `seen`: the keys of those that were; `sent`: the rows of the seller's among them. A deadline that nobody looked at
    can only lapse: nothing else may settle it. One that was unmet is not settled by what was there already then, but
    as `again` has it, which is the case judged without that (`answers_of_old`).
    """
    if before is None:
        return case
    deadlines = [_aged(one, now) for one in before.deadlines if one.started_key not in seen and _stays(one)]
    findings = [one for one in before.findings if one.message_key not in seen]
    if case is None:
        return replace(before, deadlines=tuple(deadlines), findings=tuple(findings)) if deadlines else None
    judged = _unresolved([*_held(case, before, now, sent, again), *deadlines], before)
    owed = any(one.status.unmet and one.obligation is not Obligation.RESOLUTION for one in judged)
    return replace(
        case,
        opened_at=min(case.opened_at, before.opened_at),
        messages=max(case.messages, before.messages),
        deadlines=tuple(sorted(judged, key=lambda one: (*deadline_order(one), one.started_at, one.started_key))),
        findings=(*case.findings, *findings),
        state=State.OPEN if owed else case.state,
    )


def answers_of_old(case: Case | None, befores: Iterable[Case], sent: Mapping[str, int]) -> frozenset[str]:
    """Return the keys of the seller's messages that were there already when a deadline was unmet that one settles now.

    None where no deadline is settled so.
    """
    if case is None:
        return frozenset()
    latest = [was.weighed_to for before in befores for was, _ in _settled_by_old(case, before, sent)]
    said = {one.message_key for one in case.assessments if _is_confirmed(one)}
    return frozenset(key for key, row in sent.items() if row <= max(latest, default=-1) and key not in said)


def weighed_to(case: Case, befores: Iterable[Case], seen: Collection[str], row: int) -> Case:
    """Return a case whose deadlines say up to which of the seller's messages, by row, they were judged.

    `seen`: keys of the messages that were looked at.
    """
    known = {_name(one): one.weighed_to for before in befores for one in before.deadlines}

    def told(one: Deadline) -> Deadline:
        last = max(one.weighed_to, known.get(_name(one), 0), row if one.started_key in seen else 0)
        return replace(one, weighed_to=last) if last != one.weighed_to else one

    return replace(case, deadlines=tuple(map(told, case.deadlines)))


def _held(case: Case, before: Case, now: datetime, sent: Mapping[str, int], again: Case | None) -> Iterator[Deadline]:
    """Yield the deadlines of a case; what an old answer settles, as it is settled without that, or as it was."""
    held = {_name(one): was for was, one in _settled_by_old(case, before, sent)}
    anew: dict[tuple[Obligation, str], Deadline] = {}
    if held and again is not None:
        anew = {_name(one): one for one in again.deadlines if not one.status.unmet}
        for _, one in _settled_by_old(again, before, sent):
            del anew[_name(one)]
    for one in case.deadlines:
        was = held.get(_name(one))
        yield one if was is None else anew.get(_name(one)) or _aged(_as_it_was(one, was), now)


def _settled_by_old(case: Case, before: Case, sent: Mapping[str, int]) -> list[tuple[Deadline, Deadline]]:
    """Return the deadlines that were unmet, and how they are settled now by a message that was there already."""
    unmet = {_name(one): one for one in before.deadlines if one.status.unmet}
    pairs = ((unmet[_name(one)], one) for one in case.deadlines if _name(one) in unmet)
    return [(was, one) for was, one in pairs if _is_of_old(one, was, case, sent)]


def _is_of_old(one: Deadline, was: Deadline, case: Case, sent: Mapping[str, int]) -> bool:
    """Whether a message of the seller's meets it that was there when it was unmet, and nobody said that it counts."""
    if one.met_at is None or one.met_by == OPERATOR or one.obligation is Obligation.RESOLUTION:
        return False
    meeting = [told for told in case.assessments if (told.message_id, told.at) == (one.met_by, one.met_at)]
    return not any(_is_confirmed(told) or sent.get(told.message_key, 0) > was.weighed_to for told in meeting)


def _is_confirmed(told: Assessment) -> bool:
    return told.said == Verb.CONFIRM.value or any(name == _CONFIRMED for name, _, _ in told.signs)


def _unresolved(deadlines: list[Deadline], before: Case) -> list[Deadline]:
    """Return the deadlines, of which no resolution is settled by time while a reply is owed of before that time."""
    unmet = {_name(one): one for one in before.deadlines if one.status.unmet}
    owed = [one.started_at for one in deadlines if one.status.unmet and one.obligation is Obligation.REPLY]
    first = min(owed, default=None)

    def stays(one: Deadline) -> bool:
        by_time = one.obligation is Obligation.RESOLUTION and one.met_at is not None and one.met_by != OPERATOR
        return by_time and _name(one) in unmet and first is not None and one.met_at is not None and first <= one.met_at

    return [_as_it_was(one, unmet[_name(one)]) if stays(one) else one for one in deadlines]


def _as_it_was(one: Deadline, was: Deadline) -> Deadline:
    return replace(was, whose=one.whose)


def _name(deadline: Deadline) -> tuple[Obligation, str]:
    return deadline.obligation, deadline.started_key


def _stays(deadline: Deadline) -> bool:
    """Whether it is kept without its message: what was resolved is told by what was looked at."""
    return deadline.obligation is not Obligation.RESOLUTION or deadline.status.unmet


def _aged(deadline: Deadline, now: datetime) -> Deadline:
    lapsed = deadline.status is Status.RUNNING and now >= deadline.due_at
    return replace(deadline, status=Status.OVERDUE) if lapsed else deadline


__all__ = ["answers_of_old", "weighed_to", "with_the_rest"]
