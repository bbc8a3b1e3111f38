"""The installed program as processes of its own: `relaywatch run` as an operator starts it, and the other commands.

home = Home(tmp_path, smtp.port, [Box("care", dovecot.port)])
with Daemon(home.config) as daemon:
    daemon.wait_for("daemon.ready")
    …
    daemon.kill()
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from lab_dovecot import PASSWORD
from lab_post import CARE, SMITH, post, relay

PROGRAM = (sys.executable, "-m", "relaywatch")
ROOT = Path(__file__).parents[1]
ONCALL, OWNER = "oncall@shop.example", "owner@shop.example"

_HEAD = """\
[service]
database = "relaywatch.db"
timezone = "America/Toronto"
[smtp]
host = "{smtp_host}"
port = {smtp_port}
security = "none"
from = "relaywatch@shop.example"
{smtp_more}
[notify]
to = {to}
escalate_to = {escalate_to}
blind_after = "{blind_after}"
"""
_BOX = """
[[mailbox]]
name = "{name}"
role = "{role}"
address = "{address}"
host = "{host}"
port = {port}
security = "none"
insecure = true
username = "{username}"
password_file = "{name}.pass"
poll_interval = "{poll}"
"""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A mailbox of the configuration."""

    port: int
    name: str = "care"
    role: str = "care"
    address: str = CARE
    username: str = CARE
    host: str = "127.0.0.1"
    poll: str = "2s"


@dataclass(kw_only=True)
class Home:
    """A folder with a configuration, its passwords and, once the daemon ran, its database."""

    path: Path
    smtp_port: int
    boxes: Sequence[Box]
    smtp_host: str = "127.0.0.1"
    smtp_more: str = ""
    to: tuple[str, ...] = (ONCALL,)
    escalate_to: tuple[str, ...] = ()
    blind_after: str = "5m"
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        self.config = self.path / "relaywatch.toml"
        values = {name: value for name, value in vars(self).items() if name != "path"}
        values |= {name: json.dumps(values[name]) for name in ("to", "escalate_to")}
        self.config.write_text(_HEAD.format(**values) + "".join(_BOX.format(**vars(box)) for box in self.boxes))
        for box in self.boxes:
            self.set_password(box.name, PASSWORD)

    @property
    def database(self) -> Path:
        return self.path / "relaywatch.db"

    def set_password(self, name: str, password: str) -> None:
        secret = self.path / f"{name}.pass"
        secret.touch(0o600)
        secret.write_text(password)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *words, "--config", str(self.config)],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
        )

    def cases(self) -> list[dict[str, Any]]:
        found = self.command("cases", "--format", "json")
        assert found.returncode == 0, found.stderr
        return json.loads(found.stdout)

    def status(self) -> "Status":
        found = self.command("status", "--format", "json")
        assert found.returncode in (0, 1), found.stderr
        return Status(found.returncode, json.loads(found.stdout))


@dataclass(frozen=True)
class Status:
    """What `status` says."""

    code: int
    said: dict[str, Any]

    @property
    def unsent(self) -> int:
        return self.said["unsent_warnings"]

    def seeing(self, name: str = "care") -> bool:
        return next(box["seeing"] for box in self.said["mailboxes"] if box["name"] == name)

    def reason(self, name: str = "care") -> str:
        return next(box["reason"] or "" for box in self.said["mailboxes"] if box["name"] == name)


class Daemon:
    """`relaywatch run`. `log` holds what it has logged so far."""

    def __init__(self, home: Home, *, limit_file_bytes: int | None = None, program: Sequence[str] = PROGRAM) -> None:
        self.log: list[dict[str, Any]] = []
        self.started = time.time()
        limit = () if limit_file_bytes is None else ("prlimit", f"--fsize={limit_file_bytes}:unlimited")
        self.process = subprocess.Popen(
            [*limit, *program, "run", "--config", str(home.config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        self._heard = threading.Condition()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        """SIGKILL for it and all that it started in its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self._ended()

    def stop(self) -> int:
        """End it as systemd does; return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        self._ended()
        return self.process.returncode

    def events(self, *names: str) -> list[dict[str, Any]]:
        """Return what was logged under these names."""
        return [event for event in list(self.log) if event.get("event") in names]

    def wait_for(self, name: str, count: int = 1, seconds: float = 20.0) -> dict[str, Any]:
        """Return the latest event of a name as soon as there were so many."""
        with self._heard:
            met = self._heard.wait_for(
                lambda: len(self.events(name)) >= count or self.process.poll() is not None, seconds
            )
        found = self.events(name)
        assert met and len(found) >= count, f"{len(found)} of {count} {name} after {seconds} s: {self.log[-5:]}"  # noqa: PT018 - one fact
        return found[-1]

    def cpu_seconds(self) -> float:
        """Return what it has used of a processor so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_share(self, seconds: float) -> float:
        """Watch it for so long; return the share of one processor that it used."""
        before = self.cpu_seconds()
        time.sleep(seconds)
        return (self.cpu_seconds() - before) / seconds

    def _listen(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                try:
                    event = json.loads(line)
                except ValueError:
                    event = {"event": "unreadable", "text": line}
                with self._heard:
                    self.log.append(event)
                    self._heard.notify_all()
        with self._heard:
            self._heard.notify_all()

    def _ended(self) -> None:
        self.process.wait(15)
        self._thread.join(10)


# -- mail of the cast ------------------------------------------------------------------------------------------


def customer_mail(order: int, ago: timedelta, words: str = "Is this mug safe in a dishwasher?") -> bytes:
    """Return a customer's question about an order, by the contact form, that was sent `ago`."""
    text = (
        f"Jordan wants to connect with you regarding the following order:\n\nSales Order ID: {order}\n"
        f"Item: Blue mug\nMessage: {words}\n\nPlease respond within 1 business day.\n\n"
        f"Walmart Customer Service Team\nRefID: {order:032x}\n"
    )
    subject = f"Walmart.ca Customer: Question, {order}"
    return post(relay(order), CARE, subject, text, mid=f"q{order}@relay.walmart.ca", date=_since(ago))


def bbb_mail(order: int, ago: timedelta) -> bytes:
    """Return a complaint to the Better Business Bureau that an agent sends on (policy C4)."""
    text = (
        f"Hello,\n\nWe have received a complaint from the Better Business Bureau about order {order}.\n"
        "Please reply within the hour.\n\nJ. Smith\nWalmart Marketplace\n"
    )
    subject = f"BBB complaint, order {order}"
    return post(SMITH, CARE, subject, text, mid=f"b{order}@walmart.com", date=_since(ago))


def reply_mail(order: int, ago: timedelta) -> bytes:
    """Return the seller's good answer to `customer_mail`."""
    text = "Hello Jordan,\n\nyes, the mug is safe in a dishwasher; the glaze is fired at 1240 degrees.\n\nBlue Kiln\n"
    subject = f"Re: Walmart.ca Customer: Question, {order}"
    asked = f"q{order}@relay.walmart.ca"
    return post(CARE, relay(order), subject, text, mid=f"a{order}@shop.example", date=_since(ago), answers=asked)


def _since(ago: timedelta) -> datetime:
    return datetime.now(UTC) - ago


def memory_of(pid: int) -> float:
    """Return the MB that a process and its children hold, pages that they share counted for their part; 0 once over."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return 0.0
    return sum(_kilobytes(one) for one in (pid, *children)) / 1024


def _kilobytes(pid: object) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
