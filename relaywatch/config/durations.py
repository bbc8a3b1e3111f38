"""Durations as the operator writes them: `90s`, `15m`, `24h`, `7d`. One unit, no fractions."""

import re
from datetime import timedelta

_FORM = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
LONGEST = timedelta(days=36500)  # a hundred years: beyond it, dates leave the calendar


def parse_duration(text: str) -> timedelta:
    """Return a positive duration of at most LONGEST; raise ValueError for any other text."""
    match = _FORM.fullmatch(text)
    if not match:
        raise ValueError('a duration such as "90s", "15m", "24h" or "7d"')
    number, unit = int(match[1]), _UNITS[match[2]]
    if number > LONGEST // unit:
        raise ValueError(f"a duration of at most {duration_text(LONGEST)}")
    return number * unit


def duration_text(duration: timedelta) -> str:
    """Write whole seconds in the largest unit that divides them: it reads back the same."""
    for name in ("d", "h", "m"):
        if duration % _UNITS[name] == timedelta(0):
            return f"{duration // _UNITS[name]}{name}"
    return f"{duration // _UNITS['s']}s"
