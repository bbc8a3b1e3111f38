"""The kinds of warnings there are, and whose a warning is by its step."""

from collections.abc import Callable
from typing import Any

from relaywatch.pipeline.warnings.blindness import BLIND, SEEING
from relaywatch.pipeline.warnings.cases import FINDINGS, LAPSES, STEPS
from relaywatch.pipeline.warnings.inform import INFORMING
from relaywatch.pipeline.warnings.kind import WarningKind
from relaywatch.pipeline.warnings.selftest import SELF_TESTS

KINDS: tuple[WarningKind[Any], ...] = (
    BLIND,
    SEEING,
    INFORMING,
    SELF_TESTS,
    LAPSES,
    FINDINGS,
    STEPS,  # the last, for a ladder's steps have whatever names the configuration gives them
)


def kind_of(step: str) -> WarningKind[Any]:
    """Return the kind of a warning by its step."""
    return next(kind for kind in KINDS if kind.bears(step))


def _names(has: Callable[[WarningKind[Any]], bool]) -> frozenset[str]:
    return frozenset(kind.step for kind in KINDS if has(kind))


LEAVE_LAST = _names(lambda kind: kind.leaves_last)
NEED_NOT_ARRIVE = _names(lambda kind: not kind.must_arrive)
