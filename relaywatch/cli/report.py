"""The report of `audit` for a terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from relaywatch.cli import report_words as words
from relaywatch.cli.report_words import AuditReport
from relaywatch.cli.tables import span
from relaywatch.core.cases.case import Obligation, Status
from relaywatch.core.figures.statistics import Lapse, ReplyFigures, Tally, TimeSlot
from relaywatch.core.notices.voice import clean

_WORST = 10
_MONTHS = 24
_BARS = " ▁▂▃▄▅▆▇█"
_PIPE_WIDTH = 120
_FLEXIBLE = ("what it means", "subject")  # columns that give way in a narrow terminal


def print_report(report: AuditReport) -> None:
    """Print the report on standard output; piped, it is plain text."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=_PIPE_WIDTH)
    for part in _parts(report):
        console.print(part)


def _parts(report: AuditReport) -> Iterable[Text | Table]:
    summary = report.summary
    yield Text("Response compliance", "bold") + Text(f"  as of {words.minute(summary.at, summary.zone)} {summary.zone}")
    yield Text(
        f"{words.plural(summary.cases, 'case')} in {words.plural(report.messages, 'message')}"
        + (
            f", {words.day(summary.first, summary.zone)} to {words.day(summary.last, summary.zone)}"
            if summary.first
            else ""
        )
    )
    yield Text()
    yield Text(words.verdict(report), "bold")
    for caution in words.cautions(report):
        yield Text(caution, "bold yellow")
    if not report.cases and not summary.findings:
        return
    yield from _titled("Replies", _kinds(report))
    yield from _titled("Also owed", _obligations(report))
    yield from _titled("Findings", _findings(report))
    yield from _titled("Longest lapses", _worst(summary.worst, report))
    yield from _titled("By month", _months(report))
    yield from _titled("By hour and weekday of the message", _when(report))


def _titled(title: str, table: Table | None) -> Iterable[Text | Table]:
    if table is not None:
        yield Text(f"\n{title}", "bold")
        yield table


def _table(*columns: str, left: int = 1) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, column in enumerate(columns):
        flexible = column in _FLEXIBLE
        table.add_column(column, justify="left" if place < left else "right", no_wrap=not flexible, overflow="ellipsis")
    return table


def _kinds(report: AuditReport) -> Table | None:
    table = _table("", "rule", "cases", *_REPLIES, left=2)
    summary = report.summary
    for kind, name in words.KINDS.items():
        if summary.by_kind[kind].tally.owed or summary.kinds[kind]:
            table.add_row(name, kind.rule, words.number(summary.kinds[kind]), *_replies(summary.by_kind[kind]))
    table.add_row("All", "", words.number(summary.cases), *_replies(summary.replies), style="bold")
    return table if report.cases else None


_REPLIES = ("met", "late", "overdue", "running", "in time", "in 48 h", "median", "90 % within")


def _replies(replies: ReplyFigures) -> Iterable[Text]:
    yield from _tally(replies.tally)
    yield Text(words.percent(replies.rate_48h))
    yield Text(words.length(replies.times.median))
    yield Text(words.length(replies.times.p90))


def _tally(tally: Tally) -> Iterable[Text]:
    yield Text(words.number(tally.met))
    yield Text(words.number(tally.late), "yellow" if tally.late else "")
    yield Text(words.number(tally.overdue), "bold red" if tally.overdue else "")
    yield Text(words.number(tally.running))
    yield Text(words.percent(tally.rate))


def _obligations(report: AuditReport) -> Table | None:
    table = _table("", *_REPLIES[:5])
    for obligation, tally in report.summary.obligations.items():
        if obligation is not Obligation.REPLY and tally.owed:
            table.add_row(words.OBLIGATIONS[obligation], *_tally(tally))
    return table if table.rows else None


def _findings(report: AuditReport) -> Table | None:
    table = _table("rule", "finding", "what it means", "count", "mended", left=3)
    for found in report.summary.findings:
        meaning = words.MEANINGS[found.code]
        table.add_row(
            found.rule or words.NOTHING, found.code, meaning, words.number(found.count), words.number(found.mended)
        )
    return table if table.rows else None


def _worst(worst: Sequence[Lapse], report: AuditReport) -> Table | None:
    zone = report.summary.zone
    table = _table("case", "late by", "", "owed", "due", "order", "from", "subject", left=8)
    for lapse in worst[:_WORST]:
        deadline = lapse.deadline
        table.add_row(
            str(lapse.case_id),
            span(lapse.by),
            Text("unanswered", "bold red") if deadline.status is Status.OVERDUE else "",
            words.owed(deadline),
            words.day(deadline.due_at, zone),
            clean(lapse.case.order_id or words.NOTHING, 20),
            words.who(lapse.case),
            clean(lapse.case.subject, 45),
        )
    if len(worst) > _WORST:
        table.caption = f"and {words.plural(len(worst) - _WORST, 'further case')}"
        table.caption_justify = "left"
    return table if table.rows else None


def _months(report: AuditReport) -> Table | None:
    table = _table("", *_REPLIES)
    for month, replies in report.summary.months[-_MONTHS:]:
        table.add_row(month, *_replies(replies))
    return table if len(table.rows) > 1 else None


def _when(report: AuditReport) -> Table | None:
    summary = report.summary
    if not report.cases:
        return None
    table = _table("", "0   3   6   9   12  15  18  21", " ".join(words.WEEKDAYS), left=3)
    for name, count in (("received", _received), ("answered", _answered), ("lapsed", _lapsed)):
        hours, weekdays = [count(slot) for slot in summary.hours], [count(slot) for slot in summary.weekdays]
        table.add_row(name, _bars(hours, 1, " "), _bars(weekdays, 3, " "))
    return table


def _received(slot: TimeSlot) -> int:
    return slot.received


def _answered(slot: TimeSlot) -> int:
    return slot.answered


def _lapsed(slot: TimeSlot) -> int:
    return slot.lapsed


def _bars(counts: Sequence[int], width: int, gap: str) -> str:
    """Return a row of bars, the highest of which is the largest count; three hours stand in four columns."""
    most = max(counts) or 1
    bars = [_BARS[-(-count * (len(_BARS) - 1) // most)] * width for count in counts]
    if width > 1:
        return gap.join(bars)
    return gap.join("".join(bars[start : start + 3]) for start in range(0, len(bars), 3))
