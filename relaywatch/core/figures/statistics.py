"""What many cases amount to: shares answered in time, response times, lapses, findings, and when all this was.

Pure: cases and a moment give a Summary. A share counts what is decided: met, late and overdue; what still runs or
was waived is neither for nor against anybody. Response times are those of the replies that were given. Hours,
weekdays and months are those of a zone that the reader lives in.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from relaywatch.core.cases.case import Case, Deadline, Finding, Obligation, State, Status
from relaywatch.core.cases.clock import OPERATOR
from relaywatch.core.instant import require_utc
from relaywatch.core.policy import Kind

SELLER_RESPONSE = timedelta(hours=48)
"""Within this long Walmart's own Seller Response Rate wants an answer, calendar hours."""
IN_TIME_STEPS = 8  # of the time allowed, in a distribution
LATE_STEPS = (1.5, 2.0)  # times the time allowed; what is above the last is the last bin


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deadlines stand how."""

    met: int = 0
    late: int = 0
    overdue: int = 0
    running: int = 0
    waived: int = 0
    doubtful: int = 0  # something was sent that may not count: neither in the rate nor out of it

    @property
    def owed(self) -> int:
        """All but the waived."""
        return self.met + self.late + self.overdue + self.running + self.doubtful

    @property
    def decided(self) -> int:
        """Those of which it is known whether they were met in time."""
        return self.met + self.late + self.overdue

    @property
    def lapsed(self) -> int:
        """Those that were not met in time."""
        return self.late + self.overdue

    @property
    def rate(self) -> float | None:
        """The share met in time, 0 to 1; None where nothing is decided."""
        return self.met / self.decided if self.decided else None


@dataclass(frozen=True, slots=True)
class Times:
    """How long the replies that were given took."""

    count: int
    median: timedelta | None
    p90: timedelta | None
    longest: timedelta | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Replies by how much of the time allowed they took, for a picture."""

    allowed: timedelta | None  # None: not the same for all
    in_time: tuple[int, ...]  # IN_TIME_STEPS equal parts of the time allowed
    late: tuple[int, ...]  # up to each of LATE_STEPS, and beyond
    unanswered: int


@dataclass(frozen=True, slots=True)
class ReplyFigures:
    """The replies owed to one group of messages."""

    tally: Tally
    within_48h: int
    decided_48h: int
    times: Times

    @property
    def rate_48h(self) -> float | None:
        """The share answered within 48 hours, as Walmart's Seller Response Rate counts; None: nothing is decided."""
        return self.within_48h / self.decided_48h if self.decided_48h else None


@dataclass(frozen=True, slots=True)
class Lapse:
    """One deadline that was missed. `by`: how late it was met, or how long it has been overdue."""

    case_id: int
    case: Case
    deadline: Deadline
    by: timedelta


@dataclass(frozen=True, slots=True)
class TimeSlot:
    """An hour of the day or a weekday: what came then, what was answered then, what of what came lapsed."""

    received: int = 0
    answered: int = 0
    lapsed: int = 0


@dataclass(frozen=True, slots=True)
class FindingCount:
    """Findings of one code."""

    code: str
    rule: str
    count: int
    mended: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the cases amount to. Counts of cases by state and by kind, of deadlines by obligation."""

    at: datetime
    zone: tzinfo
    cases: int
    first: datetime | None  # when the first case was opened, and the last
    last: datetime | None
    states: Mapping[State, int]
    kinds: Mapping[Kind, int]
    obligations: Mapping[Obligation, Tally]
    replies: ReplyFigures
    by_kind: Mapping[Kind, ReplyFigures]
    distributions: Mapping[Kind, Distribution]
    lapses: tuple[Lapse, ...]  # replies, hand-overs and resolutions; longest first
    worst: tuple[Lapse, ...]  # the longest of each case, longest first
    findings: tuple[FindingCount, ...]  # most first
    hours: tuple[TimeSlot, ...]  # 24, of the local day
    weekdays: tuple[TimeSlot, ...]  # 7, Monday first
    months: tuple[tuple[str, ReplyFigures], ...]  # "2026-11", in order, by when the message came


def summarize(cases: Sequence[tuple[int, Case]], loose: Iterable[Finding], at: datetime, zone: tzinfo) -> Summary:
    """Sum up numbered cases, and the findings that belong to none, as of `at`; `zone` is the reader's.

    The cases must have been judged as of `at`. Raises ValueError for a naive time.
    """
    at = require_utc(at)
    deadlines = [deadline for _, case in cases for deadline in case.deadlines]
    owed = [deadline for deadline in deadlines if deadline.obligation is Obligation.REPLY]
    lapses = _lapses(cases, at)
    opened = [case.opened_at for _, case in cases]
    states = Counter(case.state for _, case in cases)
    kinds = Counter(case.kind for _, case in cases)
    return Summary(
        at=at,
        zone=zone,
        cases=len(cases),
        first=min(opened, default=None),
        last=max(opened, default=None),
        states={state: states[state] for state in State},
        kinds={kind: kinds[kind] for kind in Kind},
        obligations={
            obligation: tally(deadline for deadline in deadlines if deadline.obligation is obligation)
            for obligation in Obligation
        },
        replies=_replies(owed, at),
        by_kind={kind: _replies(_of_kind(owed, kind), at) for kind in Kind},
        distributions={kind: distribution(_of_kind(owed, kind)) for kind in Kind},
        lapses=lapses,
        worst=_worst(lapses),
        findings=_findings([*(finding for _, case in cases for finding in case.findings), *loose]),
        hours=_slots(owed, 24, lambda moment: moment.astimezone(zone).hour),
        weekdays=_slots(owed, 7, lambda moment: moment.astimezone(zone).weekday()),
        months=_months(owed, at, zone),
    )


def tally(deadlines: Iterable[Deadline]) -> Tally:
    """Count deadlines by how they stand."""
    counts = Counter(deadline.status for deadline in deadlines)
    return Tally(**{status.value: counts[status] for status in Status})


def times(took: Iterable[timedelta]) -> Times:
    """Return the median and the 90th percentile: the shortest time that so many of them did not exceed.

    Nearest rank, so that each is a time that was really taken.
    """
    ordered = sorted(took)
    if not ordered:
        return Times(0, None, None, None)
    count = len(ordered)
    return Times(count, ordered[(count + 1) // 2 - 1], ordered[-(-9 * count // 10) - 1], ordered[-1])


def distribution(deadlines: Iterable[Deadline]) -> Distribution:
    """Return replies by the share of the time allowed that they took; unanswered are those that are overdue."""
    in_time, late, unanswered = [0] * IN_TIME_STEPS, [0] * (len(LATE_STEPS) + 1), 0
    allowed = set()
    for deadline in deadlines:
        length = deadline.due_at - deadline.started_at
        allowed.add(length)
        if deadline.status is Status.OVERDUE:
            unanswered += 1
        elif deadline.status is Status.MET and _is_answered(deadline):
            in_time[min(IN_TIME_STEPS - 1, int(IN_TIME_STEPS * (_took(deadline) / length)))] += 1
        elif _is_answered(deadline):
            share = _took(deadline) / length
            late[next((place for place, step in enumerate(LATE_STEPS) if share <= step), len(LATE_STEPS))] += 1
    return Distribution(allowed.pop() if len(allowed) == 1 else None, tuple(in_time), tuple(late), unanswered)


def _replies(owed: Sequence[Deadline], at: datetime) -> ReplyFigures:
    within, decided = _at_48h(owed, at)
    return ReplyFigures(
        tally(owed), within, decided, times(_took(deadline) for deadline in owed if _is_answered(deadline))
    )


def _is_answered(deadline: Deadline) -> bool:
    return deadline.status in (Status.MET, Status.LATE) and deadline.met_at is not None


def _took(deadline: Deadline) -> timedelta:
    assert deadline.met_at is not None
    return max(deadline.met_at - deadline.started_at, timedelta())


def _of_kind(deadlines: Iterable[Deadline], kind: Kind) -> list[Deadline]:
    return [deadline for deadline in deadlines if deadline.kind is kind]


def _at_48h(deadlines: Iterable[Deadline], at: datetime) -> tuple[int, int]:
    """Return how many were answered within 48 hours, of how many whose 48 hours are over or that were answered."""
    within = decided = 0
    for deadline in deadlines:
        if _is_answered(deadline):
            decided += 1
            within += _took(deadline) <= SELLER_RESPONSE
        elif deadline.status.unmet:
            decided += at - deadline.started_at > SELLER_RESPONSE
    return within, decided


def _lapses(cases: Iterable[tuple[int, Case]], at: datetime) -> tuple[Lapse, ...]:
    found = [
        Lapse(number, case, deadline, (deadline.met_at or at) - deadline.due_at)
        for number, case in cases
        for deadline in case.deadlines
        if _is_lapse(deadline)
    ]
    return tuple(sorted(found, key=lambda lapse: (-lapse.by, lapse.case_id, lapse.deadline.started_key)))


def _is_lapse(deadline: Deadline) -> bool:
    """Whether it was missed; a resolution that silence settled late only repeats that its reply was late."""
    if deadline.obligation is Obligation.RESOLUTION and deadline.status is Status.LATE:
        return deadline.met_by == OPERATOR
    return deadline.status in (Status.LATE, Status.OVERDUE)


def _worst(lapses: Iterable[Lapse]) -> tuple[Lapse, ...]:
    first: dict[int, Lapse] = {}
    for lapse in lapses:
        first.setdefault(lapse.case_id, lapse)
    return tuple(first.values())


def _findings(findings: Iterable[Finding]) -> tuple[FindingCount, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    mended: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        name = (finding.code.value, finding.rule)
        counts[name] += 1
        mended[name] += finding.mended_by is not None
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    return tuple(FindingCount(code, rule, counts[code, rule], mended[code, rule]) for code, rule in ordered)


def _slots(owed: Iterable[Deadline], size: int, place: Callable[[datetime], int]) -> tuple[TimeSlot, ...]:
    """Count by local time. A reply that answered several messages is one answer."""
    received, answered, lapsed = [0] * size, [0] * size, [0] * size
    replies = set()
    for deadline in owed:
        if deadline.status is Status.WAIVED:
            continue
        received[place(deadline.started_at)] += 1
        lapsed[place(deadline.started_at)] += deadline.status in (Status.LATE, Status.OVERDUE)
        if deadline.met_at is not None:
            replies.add((deadline.met_at, deadline.met_by))
    for met_at, _ in replies:
        answered[place(met_at)] += 1
    return tuple(map(TimeSlot, received, answered, lapsed))


def _months(owed: Iterable[Deadline], at: datetime, zone: tzinfo) -> tuple[tuple[str, ReplyFigures], ...]:
    gathered: dict[str, list[Deadline]] = defaultdict(list)
    for deadline in owed:
        gathered[f"{deadline.started_at.astimezone(zone):%Y-%m}"].append(deadline)
    return tuple((month, _replies(gathered[month], at)) for month in sorted(gathered))
