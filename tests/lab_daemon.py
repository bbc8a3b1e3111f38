"""A seller with a running daemon on real servers, for tests: what lies in the database, what left, and patience.

with desk.running() as daemon:
    desk.deliver(customer(), ago=timedelta(hours=25))
    until(lambda: desk.steps() == ["due"])
"""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lab_dovecot import Dovecot
from lab_post import COMPLAINTS, dated
from lab_run import PROGRAM, ROOT, Box, Daemon, Home, Status
from lab_smtp import SmtpLab

from relaywatch.app.reporting import judged_cases
from relaywatch.cli import main
from relaywatch.config import load
from relaywatch.core.cases.case import Case
from relaywatch.store import Store, StoreError


def until(what: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Wait until something is so and return it; fail the test if it never is."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = what()
        except StoreError:  # the daemon has not made its database yet
            value = None
        if value:
            return value
        assert time.monotonic() < end, f"not so after {seconds} s"
        time.sleep(0.02)


class Desk:
    """Blue Kiln's mailboxes on Dovecot, its mail server, and the folder that the daemon lives in."""

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: SmtpLab, user: str, *, poll: str = "2s") -> None:
        self.dovecot, self.smtp = dovecot, smtp
        self.users = {"care": user, "complaints": f"{user}-complaints"}
        boxes = [
            Box(port=dovecot.port, username=self.users["care"], poll=poll),
            Box(
                port=dovecot.port,
                username=self.users["complaints"],
                poll=poll,
                name="complaints",
                role="complaint",
                address=COMPLAINTS,
            ),
        ]
        self.home = Home(path=folder, smtp_port=smtp.port, boxes=boxes)

    @contextmanager
    def running(self) -> Iterator[Daemon]:
        """Run the daemon meanwhile; it is ready, and ends as systemd ends it."""
        with Daemon(self.home) as daemon:
            daemon.wait_for("daemon.ready", seconds=30)
            yield daemon
            if daemon.process.poll() is None:
                assert daemon.stop() == 0

    def deliver(
        self, *mails: bytes, ago: timedelta = timedelta(), folder: str = "INBOX", mailbox: str = "care"
    ) -> None:
        """Put mails into a mailbox whose server received them so long ago."""
        at = datetime.now(UTC) - ago
        self.dovecot.put(self.users[mailbox], *(dated(mail, at) for mail in mails), folder=folder, at=at)

    def cases(self) -> dict[int, Case]:
        """Return what `cases` would list now. Raises StoreError where there is no database yet."""
        settings = load(self.home.config)
        with Store.open(str(self.home.database), read_only=True) as store:
            return dict(judged_cases(store, settings, datetime.now(UTC)))

    def read_since(self, moment: datetime) -> bool:
        """Whether every mailbox was read, in a reading that began later."""
        with Store.open(str(self.home.database), read_only=True) as store:
            sights = store.sights()
        return len(sights) == len(self.users) and all(sight.last_read and sight.last_read > moment for sight in sights)

    def states(self) -> list[str]:
        return sorted(case.state.value for case in self.cases().values())

    def warned(self) -> list[tuple[str, str]]:
        """Return step and rule of every warning that was taken."""
        taken = [mail.message for mail in list(self.smtp.accepted)]
        return sorted((mail["X-Relaywatch-Step"], mail["X-Relaywatch-Rule"] or "") for mail in taken)

    def steps(self) -> list[str]:
        return [step for step, _ in self.warned()]

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command as a person does; but for `run` in this process, which is quicker."""
        words = (words[0], "--config", str(self.home.config), *words[1:])
        if words[0] == "run":
            return run(*words)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = main(words)
        return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())

    def status(self) -> Status:
        """Return what `status` says."""
        found = self.command("status", "--format", "json")
        return Status(found.returncode, json.loads(found.stdout))

    def edit(self, before: str, after: str) -> None:
        """Change the configuration file."""
        text = self.home.config.read_text()
        assert before in text
        self.home.config.write_text(text.replace(before, after, 1))


def run(*words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program once."""
    return subprocess.run(
        [*PROGRAM, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        timeout=60,
    )


def complaint_of(found: subprocess.CompletedProcess[str], status: int) -> str:
    """Return the one line that a command that failed wrote, and nothing else."""
    assert (found.returncode, found.stdout) == (status, ""), (found.returncode, found.stdout, found.stderr)
    (line,) = found.stderr.splitlines()
    assert line.startswith("relaywatch: ")
    assert "Traceback" not in line
    return line


@contextmanager
def systemd(monkeypatch, folder: Path, *, watchdog_seconds: float = 1.0) -> Iterator[list[str]]:
    """Listen as systemd does (sd_notify(3)); yield what was said so far, asked for anew each time."""
    path = folder / "notify"
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    monkeypatch.setenv("WATCHDOG_USEC", str(int(watchdog_seconds * 1_000_000)))
    heard = _Heard()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(path))
        channel.setblocking(False)
        heard.channel = channel
        yield heard


class _Heard(list[str]):
    channel: socket.socket

    def now(self) -> list[str]:
        while True:
            try:
                self += self.channel.recv(4096).decode().split("\n")
            except BlockingIOError:
                return list(self)


def log_of(daemon: Daemon) -> str:
    """Return the daemon's log as text."""
    return "\n".join(json.dumps(event) for event in daemon.log)


def hang_up(daemon: Daemon) -> None:
    """Ask it to read its configuration again."""
    daemon.process.send_signal(signal.SIGHUP)
