"""What the reports of `audit` say, as text and as a page: names, meanings, numbers as people read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

from relaywatch.cli.tables import span
from relaywatch.core.cases.case import Case, Deadline, Obligation
from relaywatch.core.cases.form import most_urgent_first
from relaywatch.core.figures.statistics import Summary
from relaywatch.core.notices.voice import clean
from relaywatch.core.policy import Kind

NOTHING = "–"
_BLANK = "\u00a0"  # where no line may break
SELLER_RESPONSE_GOAL = 0.8  # Seller Response Rate that Walmart Canada asks for, as a share
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CONSUMER_PROTECTION: "Consumer protection",
        Kind.COMPLAINT: "Complaints",
        Kind.WALMART_AGENT: "Walmart agents",
        Kind.CUSTOMER: "Customers",
    }
)
OBLIGATIONS: Mapping[Obligation, str] = MappingProxyType(
    {Obligation.REPLY: "Replies", Obligation.HANDOVER: "Hand-overs", Obligation.RESOLUTION: "Resolutions"}
)
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "automatic_reply": "An automatic reply went out. It stops no clock.",
        "thin_reply": "A reply said too little to deal with the matter.",
        "reply_all_missing": "A reply to an agent left out people who were on the agent's mail.",
        "internal_not_informed": "The seller's own people who must know of a reply were not told.",
        "outside_relay": "A reply went around Walmart's relay, where Walmart does not see it.",
        "bounced_reply": "A reply was never delivered.",
        "junked": "Mail that is owed an answer lay in the junk folder.",
        "forbidden_contact": "The seller wrote first, with what may not be sent: promotion, status, transactions.",
        "unregistered_sender": "A reply came from an address that is not registered; the relay does not pass it on.",
        "unauthenticated": "Mail says that it is Walmart's, or yours, and fails authentication. It may be fraud.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """All that a report shows."""

    summary: Summary
    cases: tuple[tuple[int, Case], ...]
    seller: str  # whose mail it is: the registered addresses
    messages: int
    sent: int  # of them by the seller
    unread: int


def percent(rate: float | None) -> str:
    """Return a share as `95.6 %`; only what is whole is `100 %`, and only nothing is `0 %`."""
    if rate is None:
        return NOTHING
    if rate in (0, 1):
        return f"{rate:.0%}".replace("%", f"{_BLANK}%")
    return f"{min(max(rate * 100, 0.1), 99.9):.1f}{_BLANK}%"


def length(took: timedelta | None) -> str:
    """Return a length of time as people say it."""
    return NOTHING if took is None else span(took)


def number(count: int) -> str:
    """Return a number with its thousands apart."""
    return f"{count:,}"


def day(moment: datetime | None, zone: tzinfo) -> str:
    """Return a local date: `23 Nov 2026`."""
    return NOTHING if moment is None else f"{moment.astimezone(zone):%-d %b %Y}"


def minute(moment: datetime, zone: tzinfo) -> str:
    """Return a local time: `Mon 23 Nov 2026, 09:05`."""
    return f"{moment.astimezone(zone):%a %-d %b %Y, %H:%M}"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 case`, `2 cases`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def owed(deadline: Deadline) -> str:
    """Return what is owed by which rule: `hand-over H2`."""
    names = {Obligation.HANDOVER: "hand-over"}
    return f"{names.get(deadline.obligation, deadline.obligation.value)} {deadline.rule}"


def who(case: Case) -> str:
    """Return who is owed the answer, short: of a masked address its first characters."""
    local, _, host = clean(case.counterparty).partition("@")
    return f"{local[:10]}…" if case.kind is Kind.CUSTOMER else f"{local[:20]}@{host}"


def verdict(report: AuditReport) -> str:
    """Return the whole in a sentence or two, for those who read no further."""
    tally = report.summary.replies.tally
    if not report.cases:
        return "Nobody in this mail was owed an answer."
    if not tally.decided:
        return f"No reply was due yet: {plural(tally.running, 'answer')} may still be given in time."
    said = f"Of {plural(tally.decided, 'reply', 'replies')} that {'was' if tally.decided == 1 else 'were'} due, "
    if not tally.lapsed:
        return f"{said}every one was given in time."
    parts = []
    if tally.met:
        parts.append(f"{number(tally.met)} {_was(tally.met)} given in time ({percent(tally.rate)})")
    else:
        said += "none was given in time: "
    if tally.late:
        parts.append(f"{number(tally.late)} {_was(tally.late)} late")
    if tally.overdue:
        parts.append(f"{number(tally.overdue)} {_was(tally.overdue)} not given at all")
    return f"{said}{', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]}."


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def cautions(report: AuditReport) -> Iterator[str]:
    """Yield what a reader must know before trusting the numbers."""
    if report.cases and not report.sent:
        yield (
            "No mail of the seller's is among these files, so no reply could be seen. Name the Sent folder as well;"
            " it is known by its name, such as Sent, Sent Items or Éléments envoyés."
        )
    if report.unread:
        yield f"{plural(report.unread, 'file or mail', 'files or mails')} could not be read and is not counted."


def owed_now(report: AuditReport) -> list[tuple[int, Case, Deadline]]:
    """Return the cases in which a reply or a hand-over is owed, the most urgent first, each with its first one."""
    return [
        (case_id, case, deadline)
        for case_id, case in most_urgent_first(report.cases)
        for deadline in [_first_unmet(case)]
        if deadline is not None
    ]


def _first_unmet(case: Case) -> Deadline | None:
    unmet = (deadline for deadline in case.deadlines if deadline.status.unmet)
    owed = (deadline for deadline in unmet if deadline.obligation is not Obligation.RESOLUTION)
    return min(owed, key=lambda deadline: deadline.due_at, default=None)
