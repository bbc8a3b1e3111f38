"""How long a first reading of 20,000 messages takes, next to mbsync's of the same mailbox.

`python tests/bench/sync.py`; needs Dovecot and isync. Prints the seconds of each, their ratio, and the most memory
that reading took. mbsync is measured as it comes and without its fsync of every file; only fetching is measured of
relaywatch, without reading and judging what came.
"""

import argparse
import asyncio
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab_dovecot import PASSWORD, Dovecot
from lab_watch import Recorder, mail, mailbox, read_once

from relaywatch.core.mail.message import Folder
from relaywatch.mailbox.batch import Batch

_MBSYNC = """
FSync {fsync}

IMAPStore remote
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs PLAIN

MaildirStore local
Path {home}/
Inbox {home}/INBOX

Channel all
Far :remote:
Near :local:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


class Counter(Recorder):
    """Takes mail and drops it."""

    async def take(self, batch: Batch) -> None:
        self.positions[batch.folder] = batch.position
        self.taking += len(batch.fetched)


def _mails(count: int, size: int) -> Iterator[bytes]:
    for number in range(count):
        yield mail(f"question {number}", size=size)


def _mbsync(server: Dovecot, user: str, fsync: str) -> float:
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "mbsyncrc"
        config.write_text(_MBSYNC.format(port=server.port, user=user, password=PASSWORD, home=home, fsync=fsync))
        config.chmod(0o600)
        started = time.perf_counter()
        subprocess.run(["mbsync", "-q", "-c", str(config), "all"], check=True)
        return time.perf_counter() - started


def _reading(server: Dovecot, user: str, count: int) -> float:
    counter = Counter()
    started = time.perf_counter()
    asyncio.run(read_once(mailbox(server.port, user), counter))
    took = time.perf_counter() - started
    if counter.taking != count or counter.positions[Folder.INBOX].last_uid != count:
        raise SystemExit(f"{counter.taking} of {count} messages were read")
    return took


def main() -> None:
    """Measure both in turn, each `--rounds` times, and take the best of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=8_192, help="octets of a message")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    if shutil.which("mbsync") is None:
        raise SystemExit("mbsync is not installed: apt-get install isync")
    server = Dovecot()
    try:
        server.fill("care", _mails(options.count, options.size), at=datetime.now(UTC) - timedelta(days=1))
        _reading(server, "care", options.count)  # Dovecot builds its index
        theirs, hasty, ours = [], [], []
        for _ in range(options.rounds):
            theirs.append(_mbsync(server, "care", "yes"))
            hasty.append(_mbsync(server, "care", "no"))
            ours.append(_reading(server, "care", options.count))
    finally:
        server.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, seconds in (("mbsync", theirs), ("mbsync, no fsync", hasty), ("relaywatch", ours)):
        _say(f"{name:18}{min(seconds):6.2f} s  {options.count / min(seconds):8.0f} messages/s")
    _say(f"ratio             {min(ours) / min(theirs):6.2f}, without fsync {min(ours) / min(hasty):.2f}")
    _say(f"most memory       {memory:6.0f} MiB")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
