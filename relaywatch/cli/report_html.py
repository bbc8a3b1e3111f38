"""The report of `audit` as one page for a manager: no scripts, nothing loaded from elsewhere, fit for paper.

Whatever mail says of itself is made harmless twice: `clean` leaves one line of text, `escape` no markup.
"""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from html import escape

from relaywatch.cli import report_charts as charts
from relaywatch.cli import report_words as words
from relaywatch.cli.report_style import STYLE
from relaywatch.cli.report_words import AuditReport
from relaywatch.cli.tables import span
from relaywatch.core.cases.case import Case, Deadline, Obligation, Status
from relaywatch.core.figures.statistics import ReplyFigures
from relaywatch.core.notices.voice import clean

_OWED = 10  # cases in a list
_WORST = 15
_HOW = (
    "Each message of a customer, an agent or a consumer-protection body starts a clock of its own, which never pauses.",
    "Only a person's own words that deal with the matter, sent to everybody who must have them, stop a clock.",
    "A share counts replies that were due: met, late and overdue. What still runs, or was waived, does not count.",
    "In 48 hours: calendar hours, of all messages that were answered or are older than that.",
    "Median and 90 % are of the replies that were given; each is a time that was really taken.",
    "C1 customers, C2 agents, C3 complaints, C4 consumer protection; H1, H2 hand-overs to Walmart.",
    "Q what counts as a reply; M the mailboxes; O the seller's own messages.",
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: AuditReport) -> str:
    """Return the whole page, in plain ASCII, so that it reads the same however it is saved."""
    body = "\n".join(part for part in _parts(report) if part)
    text = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Response compliance, {escape(_period(report))}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{charts.PATTERNS}\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _period(report: AuditReport) -> str:
    summary = report.summary
    if summary.first is None:
        return "no cases"
    return f"{words.day(summary.first, summary.zone)} to {words.day(summary.last, summary.zone)}"


def _parts(report: AuditReport) -> Iterable[str]:
    yield _head(report)
    yield _tiles(report)
    yield _owed_now(report)
    yield _kinds(report)
    yield _response_times(report)
    yield _months(report)
    yield _when(report)
    yield _findings(report)
    yield _worst(report)
    yield _how(report)


def _head(report: AuditReport) -> str:
    summary = report.summary
    cautions = "".join(f'<p class="caution">{escape(said)}</p>' for said in words.cautions(report))
    return (
        f"<header><p class='kicker'>Response compliance &middot; Walmart Canada Marketplace</p>"
        f"<h1>{escape(words.verdict(report))}</h1>"
        f"<p class='meta'>{escape(_period(report))} &middot; {words.plural(summary.cases, 'case')} in"
        f" {words.plural(report.messages, 'message')} &middot; as of {escape(words.minute(summary.at, summary.zone))}"
        f" ({escape(str(summary.zone))}) &middot; {escape(clean(report.seller))}</p>{cautions}</header>"
    )


def _tiles(report: AuditReport) -> str:
    replies, handover = report.summary.replies, report.summary.obligations[Obligation.HANDOVER]
    tally = replies.tally
    if not report.cases:
        return ""
    tiles = [
        (
            "Answered in time",
            words.percent(tally.rate),
            f"{words.number(tally.met)} of {words.number(tally.decided)} due",
        ),
        (
            "Answered in 48 hours",
            words.percent(replies.rate_48h),
            "as Walmart's Seller Response Rate counts; more than 80 % is asked for",
        ),
        (
            "Median response",
            words.length(replies.times.median),
            f"nine in ten within {words.length(replies.times.p90)}",
        ),
        (
            "Lapsed replies",
            words.number(tally.lapsed),
            f"{words.number(tally.late)} late, {words.number(tally.overdue)} never given",
        ),
        (
            "Hand-overs in time",
            words.percent(handover.rate),
            f"{words.number(handover.met)} of {words.number(handover.decided)} to Walmart's Customer Experience team",
        ),
    ]
    return (
        '<div class="tiles">'
        + "".join(
            f"<div><span>{escape(name)}</span><strong>{escape(value)}</strong><small>{escape(more)}</small></div>"
            for name, value, more in tiles
            if value != words.NOTHING
        )
        + "</div>"
    )


def _section(title: str, lead: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2><p class='lead'>{lead}</p>{body}</section>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """Return a table of cells that are HTML already; the last `numbers` columns hold numbers."""
    texts = len(heads) - numbers
    classes = ["" if place < texts else ' class="n"' for place in range(len(heads))]
    head = "".join(f"<th{cls}>{escape(name)}</th>" for name, cls in zip(heads, classes, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{cls}>{cell}</td>' for cell, cls in zip(row, classes, strict=True))}</tr>" for row in rows
    )
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _owed_now(report: AuditReport) -> str:
    owed = words.owed_now(report)
    zone, at = report.summary.zone, report.summary.at
    if not report.cases:
        return ""
    if not owed:
        return _section("Owed now", "No reply and no hand-over is owed.", "")
    late = sum(deadline.status is Status.OVERDUE for _, _, deadline in owed)
    lead = f"{words.plural(len(owed), 'case')} still owed a reply or a hand-over, {words.number(late)} of them overdue."
    rows = [
        (
            str(case_id),
            f"<b class='bad'>overdue {escape(span(at - deadline.due_at))}</b>"
            if deadline.status is Status.OVERDUE
            else f"{escape(span(deadline.due_at - at))} left",
            *_about(case, deadline, zone),
        )
        for case_id, case, deadline in owed[:_OWED]
    ]
    more = _more(len(owed) - _OWED)
    return _section("Owed now", lead, _table(("Case", "", "Owed", "Due", "Order", "From", "Subject"), rows) + more)


def _about(case: Case, deadline: Deadline, zone: tzinfo) -> tuple[str, ...]:
    """Return what is owed, since when it is due, in what matter and to whom."""
    due = f"{words.day(deadline.due_at, zone)}, {deadline.due_at.astimezone(zone):%H:%M}"
    return (
        *(
            f"<span class='fixed'>{escape(text)}</span>"
            for text in (words.owed(deadline), due, clean(case.order_id or words.NOTHING, 20), words.who(case))
        ),
        escape(clean(case.subject, 44)),
    )


def _more(count: int) -> str:
    return f"<p class='more'>and {words.plural(count, 'further case')}</p>" if count > 0 else ""


def _kinds(report: AuditReport) -> str:
    summary = report.summary
    rows = [
        (
            f"{escape(name)} <small>{kind.rule}</small>",
            _bar_of(summary.by_kind[kind]),
            words.number(summary.kinds[kind]),
            *_cells(summary.by_kind[kind]),
        )
        for kind, name in words.KINDS.items()
        if summary.kinds[kind] or summary.by_kind[kind].tally.owed
    ]
    if len(rows) > 1:
        rows.append(("<b>All</b>", _bar_of(summary.replies), words.number(summary.cases), *_cells(summary.replies)))
    if not rows:
        return ""
    heads = ("", "", "Cases", "Met", "Late", "Overdue", "Running", "In time", "In 48 h", "Median", "90 % within")
    lead = f"Replies owed, by who asked. {_legend(('met', 'in time'), ('late', 'late'), ('none', 'not given'))}"
    return _section("By kind of message", lead, _table(heads, rows, 9))


def _bar_of(replies: ReplyFigures) -> str:
    tally = replies.tally
    return charts.shares(tally.met, tally.late, tally.overdue)


def _cells(replies: ReplyFigures) -> tuple[str, ...]:
    tally, times = replies.tally, replies.times
    counts = (words.number(count) for count in (tally.met, tally.late, tally.overdue, tally.running))
    rates = (words.percent(rate) for rate in (tally.rate, replies.rate_48h))
    return (*counts, *rates, *(escape(words.length(took)) for took in (times.median, times.p90)))


def _legend(*entries: tuple[str, str]) -> str:
    said = " ".join(f"<span>{charts.swatch(style)}{escape(name)}</span>" for style, name in entries)
    return f"<span class='legend'>{said}</span>"


def _response_times(report: AuditReport) -> str:
    drawn = []
    for kind, name in words.KINDS.items():
        found = report.summary.distributions[kind]
        if any((*found.in_time, *found.late, found.unanswered)):
            drawn.append(
                f"<figure><figcaption>{escape(name)}</figcaption>{charts.response_times(name, found)}</figure>"
            )
    if not drawn:
        return ""
    legend = _legend(("met", "in time"), ("late", "late"), ("none", "not given"))
    lead = f"How long replies took, against the time allowed. {legend}"
    return _section("Response times against deadlines", lead, f"<div class='pair'>{''.join(drawn)}</div>")


def _months(report: AuditReport) -> str:
    months = report.summary.months
    if len(months) < 2:  # noqa: PLR2004 - one month is no course of time
        return ""
    legend = _legend(("met", "answered in time, %"), ("mark", "answered in 48 hours"))
    lead = f"By the month in which the message came. {legend}"
    return _section("Month by month", lead, f"<figure>{charts.by_month(months)}</figure>")


def _when(report: AuditReport) -> str:
    summary = report.summary
    if not report.cases:
        return ""
    legend = _legend(
        ("received", "received, later answered in time or running"),
        ("late", "received and lapsed"),
        ("met", "answered"),
    )
    lead = f"Clocks run at night and on weekends too. Times of {escape(str(summary.zone))}. {legend}"
    figures = (
        f"<figure class='two'><figcaption>Hour of the day</figcaption>{charts.by_hour(summary.hours)}</figure>"
        f"<figure><figcaption>Day of the week</figcaption>{charts.by_weekday(summary.weekdays)}</figure>"
    )
    return _section("When messages come and when they are answered", lead, f"<div class='third'>{figures}</div>")


def _findings(report: AuditReport) -> str:
    rows = [
        (
            escape(found.rule or words.NOTHING),
            f"{escape(words.MEANINGS[found.code])} <small>{escape(found.code)}</small>",
            words.number(found.count),
            words.number(found.mended),
        )
        for found in report.summary.findings
    ]
    if not rows:
        return _section("What was wrong", "Nothing was found against the rules.", "") if report.cases else ""
    lead = "Findings by rule of the policy; what was put right later counts as mended."
    return _section("What was wrong", lead, _table(("Rule", "Finding", "Count", "Mended"), rows, 2))


def _worst(report: AuditReport) -> str:
    summary = report.summary
    if not summary.worst:
        return ""
    rows = [
        (
            str(lapse.case_id),
            f"<b class='{'bad' if lapse.deadline.status is Status.OVERDUE else 'warn'}'>{escape(span(lapse.by))}</b>",
            "not given" if lapse.deadline.status is Status.OVERDUE else "late",
            *_about(lapse.case, lapse.deadline, summary.zone),
        )
        for lapse in summary.worst[:_WORST]
    ]
    heads = ("Case", "Late by", "", "Owed", "Due", "Order", "From", "Subject")
    lead = f"{words.plural(len(summary.worst), 'case')} with a deadline that was missed, the longest first."
    return _section("Longest lapses", lead, _table(heads, rows) + _more(len(summary.worst) - _WORST))


def _how(report: AuditReport) -> str:
    silent = report.summary.obligations[Obligation.RESOLUTION]
    resolved = (
        f"Resolutions: {words.number(silent.met)} in time, {words.number(silent.late)} late,"
        f" {words.number(silent.overdue)} overdue, {words.number(silent.running)} running."
    )
    items = "".join(f"<li>{escape(line)}</li>" for line in (*_HOW, resolved))
    return f"<section class='how'><h2>How this is counted</h2><ul>{items}</ul></section>"
