"""The charts of the HTML report: inline SVG, from numbers alone, told apart by shape and hatching as well as colour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from relaywatch.cli.report_words import SELLER_RESPONSE_GOAL, WEEKDAYS, number, percent
from relaywatch.core.figures.statistics import IN_TIME_STEPS, LATE_STEPS, Distribution, ReplyFigures, TimeSlot

PATTERNS = (
    '<svg width="0" height="0" class="patterns" aria-hidden="true"><defs>'
    '<pattern id="late" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fbe3bd"/><rect width="3" height="6" fill="#d17a00"/></pattern>'
    '<pattern id="none" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect width="5" height="5" fill="#b3261e"/><circle cx="2.5" cy="2.5" r="1.1" fill="#fff"/></pattern>'
    "</defs></svg>"
)
_NAMED_MONTHS = 18  # so many bars are wide enough for a number each
MONTHS = 36
_TWO_HOURS = timedelta(hours=2)
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a chart's bars stand: `width` by `height` units, room on each side for words."""

    width: float
    height: float
    left: float = 8
    right: float = 8
    top: float = 24
    bottom: float = 26

    @property
    def floor(self) -> float:
        return self.height - self.bottom

    @property
    def wide(self) -> float:
        return self.width - self.left - self.right

    def x(self, place: float, places: int) -> float:
        return self.left + self.wide * place / places

    def high(self, count: float, most: float) -> float:
        return (self.floor - self.top) * count / most if most else 0.0


def _svg(frame: _Frame, label: str, marks: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {frame.width:g} {frame.height:g}" role="img" aria-label="{escape(label)}">'
        f"{''.join(marks)}</svg>"
    )


def _bar(x: float, y: float, width: float, height: float, style: str, title: str = "") -> str:
    tip = f"<title>{escape(title)}</title>" if title else ""
    return (
        f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(height, 0):.1f}">{tip}</rect>'
    )


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "middle") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def short(took: timedelta) -> str:
    """Return a length of time for an axis: `18 h`, `45 min`, `7.5 min`."""
    if took >= _TWO_HOURS or (took >= timedelta(hours=1) and took % timedelta(hours=1) == timedelta()):
        return f"{took / timedelta(hours=1):.3g} h"
    return f"{took / timedelta(minutes=1):.3g} min"


def response_times(name: str, found: Distribution) -> str:
    """Draw how long replies took against the time allowed; the dashed line is the deadline."""
    frame = _Frame(480, 200, bottom=30)
    counts = (*found.in_time, *found.late, found.unanswered)
    styles = ("met",) * IN_TIME_STEPS + ("late",) * len(found.late) + ("none",)
    places, most = len(counts), max(counts) or 1
    step = frame.wide / places
    marks = []
    for place, (count, style) in enumerate(zip(counts, styles, strict=True)):
        high = frame.high(count, most)
        x, y = frame.x(place, places), frame.floor - high
        marks.append(_bar(x + 2, y, step - 4, high, style, _bin(found, place, count)))
        if count:
            marks.append(_text(x + step / 2, y - 4, number(count), "count"))
    marks.append(_line(frame.left, frame.floor, frame.width - frame.right, frame.floor, "axis"))
    due = frame.x(IN_TIME_STEPS, places)
    marks.append(_line(due, 12, due, frame.floor + 5, "due"))
    marks.append(_text(due, 9, "deadline", "duename"))
    marks.extend(
        _text(frame.x(quarter, places), frame.floor + 16, _edge(found, quarter / IN_TIME_STEPS))
        for quarter in range(0, IN_TIME_STEPS + 1, 2)
    )
    marks.extend(
        _text(frame.x(place, places), frame.floor + 16, _edge(found, step))
        for place, step in enumerate(LATE_STEPS, start=IN_TIME_STEPS + 1)
    )
    marks.append(_text(frame.x(places - 1.5, places), frame.floor + 28, "later"))
    marks.append(_text(frame.x(places - 0.5, places), frame.floor + 28, "none"))
    late = sum(found.late)
    label = f"{name}: {sum(found.in_time)} replies in time, {late} late, {found.unanswered} not given"
    return _svg(frame, label, marks)


def _edge(found: Distribution, share: float) -> str:
    if share == 0:
        return "0"
    return f"{share:.0%}".replace("%", " %") if found.allowed is None else short(found.allowed * share)


def _late_names(found: Distribution) -> list[str]:
    return [*(f"to {_edge(found, step)}" for step in LATE_STEPS), "later"]


def _bin(found: Distribution, place: int, count: int) -> str:
    if place < IN_TIME_STEPS:
        span = f"{_edge(found, place / IN_TIME_STEPS)} to {_edge(found, (place + 1) / IN_TIME_STEPS)}"
    else:
        span = [*_late_names(found), "not given"][place - IN_TIME_STEPS]
    return f"{span}: {number(count)}"


def by_hour(slots: Sequence[TimeSlot]) -> str:
    """Draw what came and what was answered in each hour of the day."""
    names = [str(hour) if hour % 3 == 0 else "" for hour in range(len(slots))]
    return _received_and_answered(_Frame(600, 190, left=34), slots, names, lambda hour: f"{hour}:00 to {hour + 1}:00")


def by_weekday(slots: Sequence[TimeSlot]) -> str:
    """Draw what came and what was answered on each day of the week."""
    return _received_and_answered(_Frame(320, 190, left=34), slots, WEEKDAYS, lambda day: WEEKDAYS[day])


def _received_and_answered(
    frame: _Frame, slots: Sequence[TimeSlot], names: Sequence[str], named: Callable[[int], str]
) -> str:
    most = _round_up(max(max(slot.received, slot.answered) for slot in slots))
    step = frame.wide / len(slots)
    thick = step * 0.38
    marks = _scale(frame, most)
    for place, slot in enumerate(slots):
        x = frame.x(place, len(slots)) + step * 0.1
        received, lapsed, answered = (frame.high(count, most) for count in (slot.received, slot.lapsed, slot.answered))
        tip = f"{named(place)}: {number(slot.received)} received, of which {number(slot.lapsed)} lapsed"
        marks.append(_bar(x, frame.floor - received, thick, received - lapsed, "received", tip))
        marks.append(_bar(x, frame.floor - lapsed, thick, lapsed, "late", tip))
        tip = f"{named(place)}: {number(slot.answered)} answered"
        marks.append(_bar(x + thick + step * 0.04, frame.floor - answered, thick, answered, "met", tip))
        if names[place]:
            marks.append(_text(x + step * 0.4, frame.floor + 16, names[place]))
    marks.append(_line(frame.left, frame.floor, frame.width - frame.right, frame.floor, "axis"))
    received_in_all, answered_in_all = sum(slot.received for slot in slots), sum(slot.answered for slot in slots)
    return _svg(frame, f"{received_in_all} messages received and {answered_in_all} replies given, by time", marks)


def _scale(frame: _Frame, most: int) -> list[str]:
    marks = []
    for part in (1, 2):
        y = frame.floor - frame.high(most * part / 2, most)
        marks.append(_line(frame.left, y, frame.width - frame.right, y, "grid"))
        marks.append(_text(frame.left - 5, y + 4, number(most * part // 2), "", "end"))
    return marks


def _round_up(count: int) -> int:
    """Return the next even number with one or two leading digits, for a scale."""
    step = max(2, 10 ** (len(str(count)) - 1) // 5 * 2 or 2)
    return max(step, -(-count // step) * step)


def by_month(months: Sequence[tuple[str, ReplyFigures]]) -> str:
    """Draw the share answered in time of each month, and in 48 hours as a mark; the latest MONTHS."""
    months = months[-MONTHS:]
    frame = _Frame(940, 220, left=44, right=84, bottom=40)
    step = frame.wide / len(months)
    thick = min(step * 0.7, 46)
    marks = []
    for share in (0.5, 1.0):
        y = frame.floor - frame.high(share, 1)
        marks.append(_line(frame.left, y, frame.width - frame.right, y, "grid"))
        marks.append(_text(frame.left - 6, y + 4, f"{share:.0%}".replace("%", " %"), "", "end"))
    for place, (month, replies) in enumerate(months):
        middle = frame.x(place + 0.5, len(months))
        rate, rate_48h = replies.tally.rate, replies.rate_48h
        tip = f"{month}: {percent(rate)} of {number(replies.tally.decided)} in time, {percent(rate_48h)} in 48 hours"
        if rate is not None:
            high = frame.high(rate, 1)
            marks.append(_bar(middle - thick / 2, frame.floor - high, thick, high, "met", tip))
            if len(months) <= _NAMED_MONTHS:
                inside = high > 20  # noqa: PLR2004 - units that a line of text is high
                y = frame.floor - (7 if inside else high + 5)
                marks.append(_text(middle, y, f"{int(rate * 100)}", "inside" if inside else "count"))
        if rate_48h is not None:
            y = frame.floor - frame.high(rate_48h, 1)
            marks.append(
                f'<path class="mark" d="M{middle:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z"><title>{escape(tip)}</title></path>'
            )
        marks.extend(_month_name(month, middle, frame, first=place == 0, wide=step))
    goal = frame.floor - frame.high(SELLER_RESPONSE_GOAL, 1)
    marks.append(_line(frame.left, goal, frame.width - frame.right, goal, "goal"))
    marks.append(_text(frame.width - frame.right + 5, goal + 4, "80 % in 48 h", "goalname", "start"))
    marks.append(_line(frame.left, frame.floor, frame.width - frame.right, frame.floor, "axis"))
    return _svg(frame, f"Share of replies given in time, {months[0][0]} to {months[-1][0]}", marks)


def _month_name(month: str, middle: float, frame: _Frame, *, first: bool, wide: float) -> list[str]:
    year, _, number_ = month.partition("-")
    name = _MONTH_NAMES[int(number_) - 1]
    narrow = wide < 26  # noqa: PLR2004 - units that a month's name takes
    said = [] if narrow and int(number_) % 3 != 1 else [_text(middle, frame.floor + 16, name)]
    return [*said, _text(middle, frame.floor + 31, year, "year")] if first or number_ == "01" else said


def shares(met: int, late: int, overdue: int) -> str:
    """Draw one bar that is divided into met, late and not given."""
    total = met + late + overdue
    if not total:
        return ""
    marks, x = [], 0.0
    for count, style in ((met, "met"), (late, "late"), (overdue, "none")):
        wide = 120 * count / total
        if count:
            marks.append(_bar(x, 1, max(wide, 2), 12, style))
        x += wide
    return _svg(_Frame(122, 14), f"{met} met, {late} late, {overdue} not given", marks)


def swatch(style: str) -> str:
    """Return a small square for a legend."""
    if style == "mark":
        return '<svg class="swatch" viewBox="0 0 12 12"><path class="mark" d="M6 1l5 5l-5 5l-5 -5z"/></svg>'
    return f'<svg class="swatch" viewBox="0 0 12 12"><rect class="{style}" x="1" y="1" width="10" height="10"/></svg>'
