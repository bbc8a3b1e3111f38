"""What every sweep does beside cases: say which mailboxes are blind, tell internal parties, test addresses."""

from collections.abc import Mapping
from datetime import datetime

from relaywatch.config import Settings
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.inform import write_informs
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.selftest import try_addresses
from relaywatch.pipeline.sight import write_blindness
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
    sender, interval = settings.smtp.sender, settings.service.self_test
    blind = write_blindness(store, benches, sender, now, untried)
    changes = write_informs(store, benches, sender, now, untried)
    if interval is not None:
        changes += try_addresses(store, benches, interval, sender, now)
    return changes, bool(blind or changes)
