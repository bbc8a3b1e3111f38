"""The program with its waits shortened, so that a story takes seconds: `python tests/fuzz/hasty.py run --config FILE`.

Nothing else is changed: it is the whole program in a process of its own. What a wait is for stays as it is; how many
seconds it lasts is all that differs.
"""

import sys
from datetime import timedelta
from functools import partial

from tenacity import wait_random, wait_random_exponential

from relaywatch.app import session
from relaywatch.cli import main
from relaywatch.mailbox import errors, watch
from relaywatch.notify import smtp
from relaywatch.pipeline import asides, deliver

PATIENCE = 1.5  # seconds for one answer


def hurry() -> None:
    """Shorten every wait."""
    session.Watcher = partial(session.Watcher, timeout=PATIENCE)
    watch._AT_ONCE = wait_random(0.05, 0.2)
    watch._SOON = wait_random_exponential(multiplier=0.2, min=0.2, max=1.5)
    watch._BY_A_PERSON = wait_random(0.5, 1.5)
    watch._WELL_SECONDS = 3.0
    errors._BANDWIDTH_SECONDS = errors._RATE_SECONDS = 1.5
    asides._PAUSES = (timedelta(seconds=1), timedelta(seconds=2))
    smtp.GREETING_SECONDS = smtp.COMMAND_SECONDS = smtp.FINAL_DOT_SECONDS = PATIENCE
    deliver._SLOWER, deliver._LEAST_SECONDS, deliver._FIRST_SECONDS = 1, PATIENCE, PATIENCE
    smtp.BEFORE_DATA_SECONDS = 2 * PATIENCE
    smtp._WAIT_SECONDS = (0.1, 0.3)
    smtp._LATER_SECONDS = (0.2, 0.5, 1.0)
    smtp._AFTER_REFUSAL_SECONDS = (0.2, 0.5, 1.0, 1.5)
    smtp._AFTER_LIMIT_SECONDS = (0.5, 1.0, 1.5)
    smtp._IDLE_SECONDS = 1.0


if __name__ == "__main__":
    hurry()
    sys.exit(main())
