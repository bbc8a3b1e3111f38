"""What people see in a terminal: colour for urgency, time left, local times. Piped, it is plain text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.segment import Segment, Segments
from rich.text import Text

from relaywatch.app.reporting import CaseDetail, StatusReport
from relaywatch.core.cases.case import Case, Deadline, State, Status
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.mail.when import received_at
from relaywatch.core.notices.voice import clean, short_address

_SOON = timedelta(hours=1)
_LATER = timedelta(hours=8)
_STATUS_STYLE = {
    Status.RUNNING: "",
    Status.OVERDUE: "bold red",
    Status.DOUBTFUL: "bold yellow",
    Status.MET: "green",
    Status.LATE: "yellow",
    Status.WAIVED: "dim",
}
_PIPE_WIDTH = 160
_COLUMNS = {  # each with the least width of a terminal that has room for it
    "case": 0,
    "account": 60,
    "state": 60,
    "kind": 140,
    "owed": 0,
    "due": 118,
    "": 0,
    "order": 80,
    "from": 100,
    "subject": 60,
}
_GAP = "  "
_YIELDING = ("account", "order", "from", "subject")  # cut where room is short


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False)
    return console if console.is_terminal else Console(highlight=False, markup=False, emoji=False, width=_PIPE_WIDTH)


def span(left: timedelta) -> str:
    """Return a duration as people say it: `3 d 4 h`, `1 h 05 min`, `12 min`."""
    minutes = int(abs(left) / timedelta(minutes=1))
    if minutes >= 48 * 60:
        return f"{minutes // 1440} d {minutes % 1440 // 60} h"
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004 - an hour


def _left(deadline: Deadline, now: datetime) -> Text:
    left = deadline.due_at - now
    if deadline.status is Status.OVERDUE:
        return Text(f"late by {span(left)}", "bold red")
    style = "bold yellow" if left <= _SOON else "yellow" if left <= _LATER else ""
    return Text(f"{span(left)} left" if left > timedelta() else "waits for a reply", style)


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _row(number: int, case: Case, zone: ZoneInfo, now: datetime) -> Mapping[str, Text]:
    first = next((deadline for deadline in case.deadlines if deadline.status.unmet), None)
    return {
        "case": Text(str(number)),
        "account": Text(clean(case.account)),
        "state": Text(case.state.value, "bold" if case.state is State.OPEN else "dim"),
        "kind": Text(case.kind.value),
        "owed": Text(f"{first.obligation.value} {first.rule}" if first else "-"),
        "due": Text(_local(first.due_at, zone) if first else "-"),
        "": _left(first, now) if first else Text(""),
        "order": Text(clean(case.order_id or "-")),
        "from": Text(short_address(case.counterparty)),
        "subject": Text(clean(case.subject, 60)),
    }


def _widths(rows: Sequence[Mapping[str, Text]], shown: Sequence[str], room: int) -> Mapping[str, int]:
    """Return the width of each column: that of its widest text, less where room is short, of those that yield first."""
    widths = {name: max(row[name].cell_len for row in rows) for name in shown}
    yielding = [name for name in shown if name in _YIELDING]
    while sum(widths.values()) + len(_GAP) * (len(shown) - 1) > room and max(widths.values()) > 1:
        some = [name for name in yielding if widths[name] > 1] or shown
        widths[max(some, key=widths.__getitem__)] -= 1
    return widths


def _segments(rows: Iterable[Mapping[str, Text]], widths: Mapping[str, int], console: Console) -> Iterator[Segment]:
    """Yield the lines of a table: rich's own takes half of the time of a long list."""
    for row in rows:
        before = ""
        for name, width in widths.items():
            text, style = row[name].plain, str(row[name].style)
            if cell_len(text) > width:
                text = f"{set_cell_size(text, width - 1)}…"
            yield Segment(before)
            yield Segment(set_cell_size(text, width), console.get_style(style))
            before = _GAP
        yield Segment.line()


def print_cases(cases: Sequence[tuple[int, Case]], zone: ZoneInfo, now: datetime, *, several: bool) -> None:
    """Print a table of cases, in the order given; `several` accounts get a column."""
    console = _console()
    if not cases:
        console.print("no cases")
        return
    rows = [_row(number, case, zone, now) for number, case in cases]
    shown = [name for name, least in _COLUMNS.items() if console.width >= least and (several or name != "account")]
    rows.insert(0, {name: Text(name, "bold") for name in shown})
    widths = _widths(rows, shown, console.width)
    console.print(Segments(_segments(rows, widths, console)), end="")
    console.print(Text(f"times: {zone.key}", "dim"))


def print_case(detail: CaseDetail, zone: ZoneInfo, now: datetime) -> None:
    """Print one case: what it is, what is owed, and all that happened in order of time."""
    console, case = _console(), detail.case
    if detail.asked_for != detail.number:
        console.print(f"case {detail.asked_for} is part of case {detail.number}")
    console.print(Text(f"case {detail.number}: {clean(case.subject)}", "bold"))
    console.print(
        f"  {case.kind.value}, {case.state.value}, from {clean(case.counterparty)} to {clean(case.mailbox)}"
        + (f", order {clean(case.order_id)}" if case.order_id else "")
        + (f", topics: {', '.join(topic.value for topic in case.topics)}" if case.topics else "")
    )
    console.print()
    for deadline in case.deadlines:
        console.print(Text(f"  {_deadline_line(deadline, zone, now)}", _STATUS_STYLE[deadline.status]))
    console.print()
    for moment, line, style in sorted(_events(detail), key=lambda event: event[0]):
        console.print(Text(f"  {_local(moment, zone)}  {line}", style))
    console.print(Text(f"\ntimes: {zone.key}", "dim"))


def _deadline_line(deadline: Deadline, zone: ZoneInfo, now: datetime) -> str:
    due = _local(deadline.due_at, zone)
    head = f"{deadline.obligation.value:<10} {deadline.rule:<3} {deadline.status.value:<8} due {due}"
    if deadline.doubt is not None:
        why = "; ".join(deadline.doubt.why) or "no sign that it deals with the matter"
        sent = f"sent {_local(deadline.doubt.at, zone)}, against it: {clean(why, 300)}"
        return f"{head}  {_left(deadline, now).plain}  {sent}"
    if deadline.status.unmet:
        return f"{head}  {_left(deadline, now).plain}"
    if deadline.met_at is not None:
        by = "the operator" if deadline.met_by == "operator" else clean(deadline.met_by or "silence")
        return f"{head}  met {_local(deadline.met_at, zone)} by {by}"
    return head


def _events(detail: CaseDetail) -> Iterable[tuple[datetime, str, str]]:
    for stored in detail.mails:
        message, verdict = stored.mail.message, stored.mail.verdict
        moment, clock = received_at(message)
        arrow = "to" if is_sellers(stored.mail) else "from"
        who = ", ".join(map(clean, message.recipients[:5])) if arrow == "to" else clean(message.author)
        yield moment, f"{arrow} {who}: {clean(message.subject)}", "bold"
        why = f"; {clean('; '.join(verdict.evidence), 200)}" if verdict.evidence else ""
        yield moment, f"  class {verdict.class_.value} (rule {verdict.rule}{why}; clock {clock})", "dim"
    for reply in detail.case.assessments:
        signs = "; ".join(f"{weight:+.1f} {says}" for _, weight, says in reply.signs)
        by = f", by your word ({reply.said})" if reply.said else ""
        yield reply.at, f"  as an answer: {reply.answer.replace('_', ' ')}{by}: {clean(signs, 400)}", "dim"
    for finding in detail.case.findings:
        mended = f", mended by {clean(finding.mended_by)}" if finding.mended_by else ""
        detail_text = "; ".join(f"{name}: {_value(value)}" for name, value in finding.detail.items())
        yield (
            finding.at,
            f"  finding {finding.code.value} {finding.rule}{mended} {clean(detail_text, 200)}".rstrip(),
            "yellow",
        )
    for said in detail.statements:
        yield said.at, f"operator: {said.verb.value} {clean(said.note, 200)}".rstrip(), "cyan"
    for warning in detail.warnings:
        states = ", ".join(f"{delivery.recipient} {delivery.state}" for delivery in warning.deliveries)
        yield (
            warning.created_at,
            f"warning {warning.step} ({warning.obligation} {warning.rule}): {clean(states, 200)}",
            "magenta",
        )


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def print_status(report: StatusReport, zone: ZoneInfo) -> None:
    """Print one line a mailbox and one for the rest; what is wrong stands out."""
    console = _console()
    for mailbox in report.mailboxes:
        read = _local(mailbox.last_read, zone) if mailbox.last_read else "never"
        if mailbox.seeing:
            console.print(Text(f"{mailbox.account}/{mailbox.name}: seeing, last read {read}", "green"))
        else:
            console.print(
                Text(
                    f"{mailbox.account}/{mailbox.name}: BLIND, last read {read}: {clean(mailbox.reason, 300)}",
                    "bold red",
                )
            )
        if mailbox.set_aside:
            aside = f"{mailbox.set_aside} message(s) set aside that the server cannot give: look at the log"
            console.print(Text(f"{mailbox.account}/{mailbox.name}: {aside}", "bold yellow"))
    if report.fault:
        console.print(Text(f"NOTHING IS KEPT: {clean(report.fault, 300)}", "bold red"))
    for trouble in report.troubles:
        style = "bold red" if trouble.state == "failed" or report.untold else "bold yellow"
        said = f"{trouble.warnings} to {clean(trouble.recipient, 100)} since {_local(trouble.since, zone)}"
        how = "REFUSED" if trouble.state == "failed" else "NOT SENT"
        console.print(Text(f"{how}: {said}: {clean(trouble.error, 300)}", style))
    late = Text(f"{report.overdue} overdue", "bold red" if report.overdue else "")
    unsure = Text(f"{report.doubtful} doubtful", "bold yellow" if report.doubtful else "")
    daemon = Text("daemon running" if report.daemon else "NO DAEMON", "" if report.daemon else "bold red")
    console.print(
        Text(", ").join([Text(f"{report.open} open"), late, unsure, Text(f"{report.unsent} warnings not sent"), daemon])
    )
