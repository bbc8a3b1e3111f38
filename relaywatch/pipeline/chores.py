"""What every sweep does beside cases: each kind of warning writes down what is due."""

from collections.abc import Mapping
from datetime import datetime

from relaywatch.config import Settings
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.warnings.kind import SweepContext
from relaywatch.pipeline.warnings.registry import KINDS
from relaywatch.store import Store


def do_chores(
    store: Store,
    settings: Settings,
    benches: Mapping[str, Bench],
    now: datetime,
    untried: Mapping[tuple[str, str], datetime],
) -> tuple[list[Change], bool]:
    """Write down the mails that are due beside those about deadlines. Raises StoreError alone.

    Returns what is new, for the log, and whether there may be something to send.
    """
    round_ = SweepContext(settings, benches, now, store.sights(), untried)
    wrote = [kind.write(store, round_) for kind in KINDS]
    changes = [change for one in wrote for change in one.changes]
    return changes, bool(changes) or any(one.warnings for one in wrote)
