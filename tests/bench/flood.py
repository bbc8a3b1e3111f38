"""Floods of strangers' mail against a real daemon: `python tests/bench/flood.py [--scale 1] [NAME…]`; needs Dovecot.

Each flood has a database and a mailbox of its own. A consumer-protection complaint is known, and its last step falls
due while the flood is read. A line for each tells how late that warning left, how many messages were read and how
quickly, the most memory that the process and its readers took, and what a single mail of the flood, and a customer's
ordinary one, cost before and afterwards. What breaks a promise is named; returns 0 if nothing was. At scale 1 a flood
is as large as one that once held all warnings up.
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab_dovecot import Dovecot
from lab_post import agent, customer, post, relay
from lab_run import CARE, Box, Daemon, Home, bbb_mail, memory_of
from lab_smtp import SmtpLab

LATEST = 5.0  # seconds that the warning may be late
MEMORY = 200.0  # MB of the process and its readers, pages that they share counted once
STEP = timedelta(minutes=50)  # after the complaint came its last step falls due: ten minutes before its end
BEFORE = timedelta(seconds=15)  # that the daemon has until then
PATIENCE = 900.0  # seconds in which all must be read
DEARER = 3.0  # times what a mail may cost afterwards of what it cost before
_LISTS = {name: ",".join(f"{name[0]}{number:x}@b.example" for number in range(1_000)) for name in ("To", "Cc", "Bcc")}
_LONG = "🏺 The glaze is thin.\r\n" * 700


def _raw(number: int, head: str, text: str = "Hello") -> bytes:
    lines = f"From: s{number}@x.example\r\nSubject: Hi {number}\r\nMessage-ID: <s{number}@x.example>\r\n"
    return f"{lines}{head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()


def recipients(number: int) -> bytes:
    """Three thousand recipients each."""
    return _raw(number, "".join(f"{name}: {those}\r\n" for name, those in _LISTS.items()))


def thread(number: int) -> bytes:
    """Long texts and many recipients, all of one thread."""
    head = "".join(f"{name}: {those}\r\n" for name, those in _LISTS.items())
    return _raw(number, f"{head}References: <root@x.example>\r\n", _LONG)


def small(number: int) -> bytes:
    """Small ones."""
    return _raw(number, f"To: {CARE}\r\n")


def references(number: int) -> bytes:
    """Two hundred References each, of which neighbours share most."""
    ids = " ".join(f"<{one}@x.example>" for one in range(number, number + 200))
    return _raw(number, f"To: {CARE}\r\nReferences: {ids}\r\n")


def order(number: int) -> bytes:
    """Customers' mail that names one order."""
    text = "Hi, I write about order 600000000000001 again."
    return post(relay(9_000 + number), CARE, "Question", text, mid=f"o{number}@relay.walmart.ca")


def subject(number: int) -> bytes:
    """Agents' mail under one subject."""
    return agent(mid=f"a{number}@walmart.com")


def complaints(number: int) -> bytes:
    """Complaints of bureaus, each with an hour of its own."""
    text = "Hello,\n\nwe received a Better Business Bureau complaint about your shop. Please respond to it.\n\nJohn\n"
    return agent(text, subject=f"BBB complaint {70_000 + number}", mid=f"b{number}@walmart.com")


Flood = Callable[[int], bytes]
FLOODS: dict[Flood, int] = {
    recipients: 500,
    thread: 1_400,
    small: 6_000,
    references: 2_000,
    order: 5_100,
    subject: 2_000,
    complaints: 400,
}


class Meter:
    """Looks at a daemon from outside."""

    def __init__(self, daemon: Daemon, home: Home) -> None:
        self._pid = daemon.process.pid
        self._database = home.database
        self.most = 0.0

    def memory(self) -> None:
        """Note what the process and its children hold."""
        self.most = max(self.most, memory_of(self._pid))

    def kept(self) -> int:
        """Return how many messages are kept."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as db:
            (count,) = db.execute("SELECT COUNT(*) FROM messages").fetchone()
            (waiting,) = db.execute("SELECT COUNT(*) FROM unjudged").fetchone()
        return int(count) - int(waiting)


def measure(flood: Flood, count: int, folder: Path) -> Iterator[str]:
    """Let one flood come; print its line, yield what broke a promise."""
    server = Dovecot()
    try:
        with SmtpLab() as smtp:
            home = Home(path=folder, smtp_port=smtp.port, boxes=[Box(port=server.port)], blind_after="60s")
            ago = STEP - BEFORE
            due = time.time() + BEFORE.total_seconds()
            server.put(CARE, bbb_mail(1, ago), at=datetime.now(UTC) - ago)
            with Daemon(home) as daemon:
                daemon.wait_for("mailbox.seeing", seconds=60)
                meter = Meter(daemon, home)
                before = _cost_of_one(server, daemon, meter, flood(count + 1))
                ordinary = [_cost_of_one(server, daemon, meter, customer(8_001))]
                server.fill(CARE, (flood(number) for number in range(count)), at=datetime.now(UTC))
                began, late = time.monotonic(), 0.0
                total = count + 3
                while (meter.kept() < total or not late) and time.monotonic() - began < PATIENCE:
                    meter.memory()
                    late = late or next((one - due for one in _sent(smtp)), 0.0)
                    time.sleep(0.2)
                took, kept = time.monotonic() - began, meter.kept()
                after = _cost_of_one(server, daemon, meter, flood(count + 2)) if kept >= total else 0.0
                ordinary += [_cost_of_one(server, daemon, meter, customer(8_002))] if kept >= total else [0.0]
                told = f"{late:.1f} s late" if late else "not sent"
                _say(
                    f"{flood.__name__:12} {count} mails: warning {told}, {kept} of {total} kept in {took:.0f} s, "
                    f"{meter.most:.0f} MB, a mail costs {before * 1000:.0f} ms, afterwards {after * 1000:.0f} ms, "
                    f"an ordinary one {ordinary[0] * 1000:.0f} and {ordinary[1] * 1000:.0f} ms"
                )
                if not late or late > LATEST:
                    yield f"{flood.__name__}: the warning was {told}"
                if kept < total:
                    yield f"{flood.__name__}: {total - kept} messages were not kept and judged"
                if meter.most > MEMORY:
                    yield f"{flood.__name__}: {meter.most:.0f} MB"
                for was, now in ((before, after), ordinary):
                    if now > DEARER * max(was, 0.02):
                        yield f"{flood.__name__}: a mail costs {now / max(was, 0.02):.1f} times as much afterwards"
    finally:
        server.close()


def _sent(smtp: SmtpLab) -> Iterator[float]:
    for one in list(smtp.accepted):
        steps = str(one.message["X-Relaywatch-Step"]).split(", ")
        numbers = str(one.message["X-Relaywatch-Case"]).split(", ")
        if ("1", "10m") in zip(numbers, steps, strict=False):
            yield one.at


def _cost_of_one(server: Dovecot, daemon: Daemon, meter: Meter, raw: bytes) -> float:
    """Return the seconds of a processor that one mail costs, the pause around it taken off."""
    pause = 2.0
    idle = _cpu_in(daemon, pause)
    known, before = meter.kept(), daemon.cpu_seconds()
    began = time.monotonic()
    server.put(CARE, raw)
    while meter.kept() <= known and time.monotonic() - began < PATIENCE:
        time.sleep(0.05)
    time.sleep(pause)
    spent = time.monotonic() - began
    return max(0.0, daemon.cpu_seconds() - before - idle / pause * spent)


def _cpu_in(daemon: Daemon, seconds: float) -> float:
    before = daemon.cpu_seconds()
    time.sleep(seconds)
    return daemon.cpu_seconds() - before


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> int:
    """Let the floods come one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="floods: " + ", ".join(flood.__name__ for flood in FLOODS))
    parser.add_argument("--scale", type=float, default=1.0, help="times the size")
    options = parser.parse_args()
    broken = []
    for flood, count in FLOODS.items():
        if not options.names or flood.__name__ in options.names:
            with tempfile.TemporaryDirectory() as folder:
                broken += measure(flood, max(1, int(count * options.scale)), Path(folder))
    for line in broken:
        _say(f"BROKEN {line}")
    return min(1, len(broken))


if __name__ == "__main__":
    sys.exit(main())
