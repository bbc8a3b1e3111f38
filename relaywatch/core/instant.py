"""Moments in time: aware, in UTC, and written one way everywhere (design: Time is an argument)."""

from datetime import UTC, datetime


def require_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; raise ValueError if it is naive, for a naive time is a guess."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first and the last hours of the calendar have none
        raise ValueError(f"a time that UTC does not have: {moment.isoformat()}") from None


def to_text(moment: datetime) -> str:
    """Write a moment as `2026-11-22T22:13:05Z`, to the second (interface: Times)."""
    utc = require_utc(moment).replace(tzinfo=None)  # strftime leaves out the zeros of early years
    return f"{utc.isoformat(timespec='seconds')}Z"


def from_text(text: str) -> datetime:
    """Read ISO 8601 with its zone; raise ValueError for anything else, a missing zone included."""
    return require_utc(datetime.fromisoformat(text))
