"""Kill the daemon at random moments while mail arrives and warnings go out: `python tests/bench/crash.py [ROUNDS]`.

Needs Dovecot; 100 rounds take about four minutes. More would make more mails than an account sends in a day without
gathering them (core/due/pace.py), and what is gathered leaves too late to be waited for. Prints one line of figures and
every broken promise; returns 0 if there is none.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab_crash import Trial
from lab_dovecot import Dovecot
from lab_smtp import SmtpLab


def main() -> int:
    """Run the rounds and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--verbose", action="store_true", help="say each round")
    options = parser.parse_args()
    log = (lambda text: _write(sys.stderr, text)) if options.verbose else (lambda _: None)
    server, started = Dovecot(), time.monotonic()
    try:
        with SmtpLab() as smtp, tempfile.TemporaryDirectory(prefix="relaywatch-crash-") as folder:
            outcome = Trial(server, smtp, Path(folder), options.seed).run(options.rounds, log)
    finally:
        server.close()
    _write(sys.stdout, f"{outcome} (seed {options.seed}, {time.monotonic() - started:.0f} s)")
    for fault in outcome.faults:
        _write(sys.stdout, f"  {fault}")
    return 1 if outcome.faults or outcome.missing or outcome.doubled else 0


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
