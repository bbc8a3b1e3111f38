"""When somebody hears of what keeps the whole watch from its work, and how long it waits to start or to write again.

All times are seconds by a clock that nobody sets: while a machine has no network its own clock may be years off.
"""

from collections.abc import Sequence

HOUR = 3600.0
_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
_FAILURES = 3  # within an hour: one by itself is mended by the restart, and would only worry somebody


def pause_after(tries: int) -> float:
    """Return how long to wait after so many failed tries in a row: a second, then up to thirty."""
    return _PAUSES[min(max(tries, 1), len(_PAUSES)) - 1]


def mail_due_in(lasted: float, told_ago: float | None, blind_after: float) -> float:
    """Return how long until somebody is told of what has lasted so long, at once where it is not above zero.

    As with a mailbox that cannot be read: not before `blind_after`. Then again each hour, and never more often,
    whatever comes and goes meanwhile. `told_ago`: since they were last told, None: never.
    """
    return max(blind_after - lasted, HOUR - told_ago if told_ago is not None else 0.0)


def beyond_hope(lasted: float, blind_after: float) -> bool:
    """Whether what has lasted so long is worth a restart: it was told, and an hour did not mend it."""
    return lasted >= blind_after + HOUR


def recent(moments: Sequence[float], now: float) -> list[float]:
    """Return the moments of the last hour. One in the future was noted before the machine started anew."""
    return [moment for moment in moments if 0 <= now - moment < HOUR]


def failure_is_told(failures: Sequence[float], told: Sequence[float], now: float, *, refused: bool) -> bool:
    """Whether somebody is told that the service failed, at most once an hour.

    `failures`: when it did, this time too; `refused`: it is not started again, so that the first one counts.
    """
    if recent(told, now):
        return False
    return refused or len(recent(failures, now)) >= _FAILURES
