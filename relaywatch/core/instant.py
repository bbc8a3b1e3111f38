"""Moments in time: aware, in UTC, and written one way everywhere."""

from datetime import UTC, datetime

_TEXT = "%Y-%m-%dT%H:%M:%SZ"


def require_utc(moment: datetime) -> datetime:
    """Return the moment in UTC; raise ValueError if it is naive, for a naive time is a guess."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)


def to_text(moment: datetime) -> str:
    """Write a moment as the interface does: `2026-11-22T22:13:05Z`, to the second."""
    return require_utc(moment).strftime(_TEXT)


def from_text(text: str) -> datetime:
    """Read ISO 8601 with its zone; raise ValueError for anything else, a missing zone included."""
    return require_utc(datetime.fromisoformat(text))
