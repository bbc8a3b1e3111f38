"""Outages of a minute and more, each with a real daemon of its own: `python tests/bench/outage.py [--seconds 60]`.

Needs Dovecot; takes some three minutes, for several run at a time. Prints a line for each: how often it said so,
what `status` said meanwhile, how long after the end it was back, the share of a processor that it used while the
outage lasted, and every promise that was broken; returns 0 if none was. Name some to run only those.
"""

import argparse
import contextlib
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab_dovecot import PASSWORD, Dovecot
from lab_imap import FakeImap
from lab_run import CARE, Box, Daemon, Home, customer_mail
from lab_smtp import SmtpLab

SOON = timedelta(hours=23, minutes=10)
AT_ONCE = 5  # scenarios
MOST_IDLE = 0.02  # of a processor, while there is nothing to do
MANY = 50  # mailboxes
BUSY = 12.0  # seconds; a database that is held for ten and less is waited for, and nothing is said
LATEST = 150.0  # seconds until all is as it was: a wrong password is tried again after up to two minutes


@dataclass
class Shop:
    """One seller with servers of his own, and what became of his outage."""

    folder: Path
    dovecot: Dovecot
    smtp: SmtpLab
    seconds: float
    faults: list[str] = field(default_factory=list)
    said: int = 0
    back_after: float = 0.0
    cpu: float = 0.0
    reason: str = ""
    asked: int = 0

    def home(self, *more: Box, poll: str = "5s", blind_after: str = "5m") -> Home:
        care = Box(port=self.dovecot.port, poll=poll)
        return Home(path=self.folder, smtp_port=self.smtp.port, boxes=[care, *more], blind_after=blind_after)

    def ask(self) -> None:
        """Put a question whose last hour runs: a warning is due for it at once."""
        self.asked += 1
        self.dovecot.put(CARE, customer_mail(self.asked, SOON), at=datetime.now(UTC) - SOON)

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.faults.append(what)

    @contextlib.contextmanager
    def watched(self, home: Home) -> Iterator[Daemon]:
        """A daemon that sees; it must end in good order."""
        with Daemon(home) as daemon:
            daemon.wait_for("mailbox.seeing", seconds=60)
            yield daemon
            self.expect(daemon.stop() == 0, f"it ended with {daemon.process.returncode}")

    def recover(self, daemon: Daemon, home: Home) -> None:
        """Wait until every question was warned of and `status` says that all is well."""
        ended, until = time.monotonic(), time.monotonic() + LATEST
        while len(self._warned()) < self.asked and time.monotonic() < until:
            time.sleep(0.05)
        self.back_after = time.monotonic() - ended
        while ((status := home.status()).unsent or not status.seeing()) and time.monotonic() < until:
            time.sleep(0.2)
        self.expect(len(self._warned()) == self.asked, f"{len(self._warned())} of {self.asked} warnings arrived")
        copies = [mail.message["Message-ID"] for mail in self.smtp.accepted]
        self.expect(len(copies) == len(set(copies)), "a warning came twice")
        self.expect(status.seeing() and not status.unsent, f"status afterwards: {status.said}")
        self.expect(not daemon.events("unreadable", "loop.stuck"), "the log shows what it should not")

    def _warned(self) -> set[str]:
        found = (mail.message for mail in list(self.smtp.accepted))
        return {mail["X-Relaywatch-Case"] for mail in found if mail["X-Relaywatch-Step"] == "1h"}

    def last(self, daemon: Daemon) -> None:
        """Let the outage last, and see what the daemon costs meanwhile."""
        self.cpu = daemon.cpu_share(self.seconds)
        self.expect(self.cpu < MOST_IDLE, f"it used {self.cpu:.1%} of a processor")

    def once(self, daemon: Daemon, event: str, most: int = 1) -> None:
        """Expect that it was said, and not over and over."""
        found = daemon.events(event)
        self.said = len(found)
        self.reason = str(found[0].get("reason") or found[0].get("error")) if found else ""
        self.expect(0 < len(found) <= most, f"{event} was logged {len(found)} times: {found}")


Scenario = Callable[[Shop], None]


def smtp_refused(shop: Shop) -> None:
    home = shop.home()
    with shop.watched(home) as daemon:
        shop.smtp.down()
        shop.ask()
        daemon.wait_for("smtp.lost", seconds=60)
        status = home.status()
        shop.expect(status.unsent == 1 and status.seeing(), f"status: {status.said}")
        shop.last(daemon)
        shop.ask()
        shop.once(daemon, "smtp.lost")
        shop.smtp.up()
        shop.recover(daemon, home)
        shop.expect(len(daemon.events("smtp.back")) == 1, "it did not say that the mail server is back")


def smtp_hangs(shop: Shop) -> None:
    """It takes connections and says nothing."""
    home = shop.home()
    with shop.watched(home) as daemon:
        shop.smtp.down()
        with socket.create_server(("127.0.0.1", shop.smtp.port)):
            shop.ask()
            daemon.wait_for("warning.due", seconds=60)
            shop.last(daemon)
            daemon.wait_for("smtp.lost", seconds=60)
            status = home.status()
            shop.expect(status.unsent == 1 and status.seeing(), f"status: {status.said}")
            shop.once(daemon, "smtp.lost")
        shop.smtp.up()
        shop.recover(daemon, home)


def _blind(shop: Shop, home: Home) -> None:
    status = home.status()
    shop.expect(status.code == 1 and not status.seeing() and bool(status.reason()), f"status: {status.said}")


def imap_gone(shop: Shop) -> None:
    home = shop.home(blind_after="20s")
    with shop.watched(home) as daemon:
        shop.dovecot.stop()
        daemon.wait_for("mailbox.lost", seconds=60)
        _blind(shop, home)
        shop.last(daemon)
        _blind(shop, home)
        shop.once(daemon, "mailbox.lost", most=2)  # it was cut; then nothing listens there
        shop.dovecot.start()
        shop.ask()
        shop.recover(daemon, home)
        steps = [mail.message["X-Relaywatch-Step"] for mail in shop.smtp.accepted]
        shop.expect(sorted(steps) == ["1h", "blind", "seeing"], f"warnings: {steps}")


def imap_stopped_but_not_its_connections(shop: Shop) -> None:
    """`doveadm stop` leaves the connections that there are: only a new one shows that there are no more."""
    home = shop.home()
    with shop.watched(home) as daemon:
        stop_politely(shop.dovecot)
        daemon.wait_for("mailbox.lost", seconds=90)
        _blind(shop, home)
        shop.last(daemon)
        shop.once(daemon, "mailbox.lost", most=2)
        shop.dovecot.stop()
        shop.dovecot.start()
        shop.ask()
        shop.recover(daemon, home)


def stop_politely(dovecot: Dovecot) -> None:
    subprocess.run(["doveadm", "-c", str(dovecot.base / "dovecot.conf"), "stop"], check=True, timeout=20)


def both_gone(shop: Shop) -> None:
    home = shop.home()
    with shop.watched(home) as daemon:
        shop.smtp.down()
        shop.ask()
        daemon.wait_for("smtp.lost", seconds=60)
        shop.dovecot.stop()
        daemon.wait_for("mailbox.lost", seconds=60)
        _blind(shop, home)
        shop.last(daemon)
        shop.once(daemon, "smtp.lost")
        shop.once(daemon, "mailbox.lost", most=2)
        shop.dovecot.start()
        shop.smtp.up()
        shop.ask()
        shop.recover(daemon, home)


def wrong_password(shop: Shop) -> None:
    """It is put right while the daemon runs, which is not told."""
    home = shop.home()
    home.set_password("care", "not-the-password")
    with Daemon(home) as daemon:
        daemon.wait_for("mailbox.lost", seconds=60)
        shop.ask()
        shop.last(daemon)
        _blind(shop, home)
        shop.once(daemon, "mailbox.lost")
        home.set_password("care", PASSWORD)
        shop.recover(daemon, home)


def imap_hangs_in_a_literal(shop: Shop) -> None:
    """Another mailbox does; what is due is held back for it, for `blind_after` and no longer."""
    fake = FakeImap()
    fake.put(customer_mail(999, timedelta()))
    fake.on["UID FETCH"] = lambda link: (link.send(b"* 1 FETCH (UID 1 BODY[]<0> {5000}\r\nhalf"), time.sleep(1000))
    bad = Box(name="complaints", role="complaint", address="complaints@shop.example", port=fake.port)
    home = shop.home(bad, blind_after="20s")
    with shop.watched(home) as daemon:
        shop.ask()
        shop.last(daemon)
        daemon.wait_for("mailbox.lost", seconds=90)
        status = home.status()
        shop.expect(status.seeing("care") and not status.seeing("complaints"), f"status: {status.said}")
        shop.once(daemon, "mailbox.lost")
        shop.recover(daemon, home)


def name_unknown(shop: Shop) -> None:
    bad = Box(name="complaints", role="complaint", address="complaints@shop.example", port=143, host="imap.invalid")
    home = shop.home(bad, blind_after="20s")
    with shop.watched(home) as daemon:
        shop.ask()
        daemon.wait_for("mailbox.lost", seconds=60)
        shop.last(daemon)
        shop.once(daemon, "mailbox.lost")
        shop.recover(daemon, home)


def disk_full(shop: Shop) -> None:
    home = shop.home()
    with shop.watched(home) as daemon:
        largest = Path(f"{home.database}-wal").stat().st_size
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
        shop.ask()
        daemon.wait_for("database.fault", seconds=60)
        shop.last(daemon)
        shop.once(daemon, "database.fault")
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        shop.recover(daemon, home)
        shop.expect(len(daemon.events("database.back")) == 1, "it did not say that the database is back")


def database_locked(shop: Shop) -> None:
    home = shop.home()
    with shop.watched(home) as daemon:
        other = sqlite3.connect(home.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        shop.ask()
        shop.last(daemon)
        if shop.seconds > BUSY:
            shop.once(daemon, "database.fault")
        other.close()
        shop.recover(daemon, home)


def many_mailboxes(shop: Shop) -> None:
    """Nothing is wrong: what fifty mailboxes cost that idle."""
    more = [
        Box(name=f"care{n}", address=f"care{n}@shop.example", username=f"care{n}", port=shop.dovecot.port, poll="60s")
        for n in range(1, MANY)
    ]
    home = shop.home(*more, poll="60s")
    with shop.watched(home) as daemon:
        daemon.wait_for("mailbox.seeing", MANY, seconds=60)
        time.sleep(2)
        shop.last(daemon)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for("daemon.ready", 2, seconds=60)
        shop.ask()
        shop.recover(daemon, home)


SCENARIOS: tuple[Scenario, ...] = (
    smtp_refused,
    imap_gone,
    both_gone,
    wrong_password,
    smtp_hangs,
    imap_hangs_in_a_literal,
    imap_stopped_but_not_its_connections,
    name_unknown,
    disk_full,
    database_locked,
    many_mailboxes,
)


def play(scenario: Scenario, seconds: float) -> bool:
    """Run one with servers of its own; print its line, and return whether all was as promised."""
    with (
        tempfile.TemporaryDirectory(prefix="relaywatch-outage-") as folder,
        SmtpLab() as smtp,
        contextlib.closing(Dovecot()) as dovecot,
    ):
        with dovecot.client(CARE) as client:
            for name in ("Sent", "Junk"):
                client.create_folder(name)
        shop = Shop(Path(folder), dovecot, smtp, seconds)
        try:
            scenario(shop)
        except AssertionError as error:
            shop.faults.append(str(error))
    figures = f"said {shop.said}x, all warned {shop.back_after:.1f} s after, {shop.cpu:.2%} CPU"
    lines = [f"{scenario.__name__}: {figures}{'; ' if shop.reason else ''}{shop.reason}"]
    sys.stdout.write("\n  BROKEN: ".join([*lines, *shop.faults]) + "\n")
    sys.stdout.flush()
    return not shop.faults


def main() -> int:
    """Run all scenarios, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(one.__name__ for one in SCENARIOS))
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each outage lasts")
    options = parser.parse_args()
    chosen = [one for one in SCENARIOS if not options.names or one.__name__ in options.names]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        good = list(threads.map(lambda one: play(one, options.seconds), chosen))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
