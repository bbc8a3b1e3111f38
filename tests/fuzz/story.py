"""One story: mail comes while the servers do mischief, then they are calm, and what is so in the end is judged.

What a calm server would have given is not computed but done: the same mail lies on servers without mischief, and
`relaywatch run --once` reads it with a database of its own.
"""

import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from fuzz import judges
from fuzz.imap import IMAP_KINDS, WildImap
from fuzz.mischief import Temper
from fuzz.plot import CARE_BOX, COMPLAINT_BOX, SECONDS, Letter, plot
from fuzz.smtp import SMTP_KINDS, WildSmtp
from lab_post import COMPLAINTS, dated
from lab_run import ONCALL, OWNER, ROOT, Box, Daemon, Home
from lab_smtp import Accepted

HASTY = (sys.executable, str(ROOT / "tests" / "fuzz" / "hasty.py"))
PATIENCE = 45.0  # seconds after the mischief in which all must be well
FOLDERS = ("INBOX", "Sent", "Junk")


@dataclass(frozen=True)
class Put:
    """A mail as it lay on a server."""

    letter: Letter
    uid: int
    raw: bytes
    date: str


@dataclass
class Told:
    """How a story went."""

    seed: str
    faults: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    figures: str = ""

    @property
    def line(self) -> str:
        found = f"{len(self.faults)} FAULTS" if self.faults else "ok"
        return f"story {self.seed}: {found}; {self.figures}"


class Story:
    """Servers, a daemon, and what came to be of them.

    `drop`: warnings that the mail server shall take and lose, for a test of the judges. `patience`: seconds.
    """

    def __init__(
        self,
        seed: str,
        folder: Path,
        *,
        drop: Callable[[Accepted], bool] = lambda _: False,
        patience: float = PATIENCE,
    ) -> None:
        self.seed, self._folder, self._drop, self._patience = seed, folder, drop, patience
        self._plot = plot(seed)
        self.put: list[Put] = []
        self._imap: dict[str, WildImap] = {}
        self._told = Told(seed)
        self.whole: list[str] = []  # all that was said, where it failed

    def tell(self) -> Told:
        """Play it from its beginning to its end."""
        began = time.monotonic()
        chance = Random(f"{self.seed}:servers")
        with contextlib.ExitStack() as stack:
            for name in (CARE_BOX, COMPLAINT_BOX):
                server = WildImap(
                    temper=Temper(f"{self.seed}:{name}", IMAP_KINDS), spoiled=chance.choice((0, 0, 0.1, 0.4))
                )
                self._imap[name] = stack.enter_context(server)
            self._smtp = stack.enter_context(
                WildSmtp(
                    temper=Temper(f"{self.seed}:smtp", SMTP_KINDS),
                    unknown=chance.choice((0, 0, 0, 0.2)),
                    drop=self._drop,
                )
            )
            for server in (*self._imap.values(), self._smtp):
                server.temper.calm = False
            home = self._home("wild", self._imap, self._smtp)
            with Daemon(home, program=HASTY) as daemon:
                self._play(daemon, home)
        self._told.figures = (
            f"{len(self.put)} mails, {len(self._smtp.accepted)} warnings, {self._mischief()}, "
            f"{self._figures}, {time.monotonic() - began:.0f} s"
        )
        return self._told

    def _home(self, name: str, imap: Mapping[str, WildImap], smtp: WildSmtp) -> Home:
        path = self._folder / name
        path.mkdir()
        boxes = [
            Box(port=imap[CARE_BOX].port, poll="1s"),
            Box(port=imap[COMPLAINT_BOX].port, poll="1s", name=COMPLAINT_BOX, role="complaint", address=COMPLAINTS),
        ]
        return Home(path=path, smtp_port=smtp.port, boxes=boxes, to=(ONCALL,), escalate_to=(OWNER,), blind_after="4s")

    # -- the mischief ----------------------------------------------------------------------------------------

    def _play(self, daemon: Daemon, home: Home) -> None:
        meter = judges.Meter(daemon)
        self._put_all(daemon, meter)
        for server in (*self._imap.values(), self._smtp):
            server.temper.calm = True
        calmed = time.monotonic()
        if self._smtp.final and daemon.process.poll() is None:
            self._restart_asks_again(daemon)
        faults = [f"not at rest after {self._patience} s"]
        while faults and time.monotonic() - calmed < self._patience and daemon.process.poll() is None:
            time.sleep(0.3)
            meter.look()
            faults = self._unrest(home)
        if not faults:
            calm = self._calm(home)
            while (faults := calm.differences(home, self._smtp)) and time.monotonic() - calmed < self._patience:
                time.sleep(0.5)
                meter.look()
        settled = time.monotonic() - calmed
        if faults:
            self._told.tail = self._tails(daemon)
        faults += judges.of_process(daemon) + meter.faults()
        for name, server in self._imap.items():
            faults += judges.of_mailbox(name, server)
        faults += judges.of_smtp(self._smtp)
        if daemon.process.poll() is None and (code := daemon.stop()) != 0:
            faults.append(f"it ended with {code} at SIGTERM")
        self._told.faults = faults
        if faults:
            self._told.tail = self._told.tail or self._tails(daemon)
            self.whole = self._tails(daemon, 1_000_000)
        fastest = max(judges.fastest(server.transcript.heard) for server in (*self._imap.values(), self._smtp))
        self._figures = f"well after {settled:.1f} s, {meter.most:.0f} MB, at most {fastest:.0f} commands/s"

    def _put_all(self, daemon: Daemon, meter: judges.Meter) -> None:
        with contextlib.suppress(AssertionError):  # where it never is ready it is judged all the same
            daemon.wait_for("daemon.ready", seconds=self._patience)
        began = time.monotonic()
        self._began_at = datetime.now(UTC)
        events = [(letter.at, 0, letter) for letter in self._plot.letters]
        events += [(letter.deleted_at, 1, letter) for letter in self._plot.letters if letter.deleted_at is not None]
        uids: dict[int, int] = {}
        for at, kind, letter in sorted(events, key=lambda event: event[:2]):
            while (left := began + at - time.monotonic()) > 0:
                time.sleep(min(left, 0.5))
                meter.look()
            if kind:
                self._imap[letter.box].expunge(letter.folder, uids[id(letter)])
            else:
                uids[id(letter)] = self._arrive(letter)
        while time.monotonic() - began < SECONDS:
            time.sleep(0.2)
            meter.look()

    def _arrive(self, letter: Letter) -> int:
        at = self._began_at - letter.ago
        raw, date = dated(letter.raw, at), at.strftime("%d-%b-%Y %H:%M:%S +0000")
        uid = self._imap[letter.box].arrive(letter.folder, raw, date)
        self.put.append(Put(letter, uid, raw, date))
        return uid

    @staticmethod
    def _restart_asks_again(daemon: Daemon) -> None:
        """What was refused because there is no such mailbox is tried once more under a configuration read anew."""
        ready = len(daemon.events("daemon.ready"))
        daemon.process.send_signal(signal.SIGHUP)
        with contextlib.suppress(AssertionError):
            daemon.wait_for("daemon.ready", ready + 1, seconds=15)

    # -- the end ---------------------------------------------------------------------------------------------

    def _unrest(self, home: Home) -> list[str]:
        """Say what is not at rest yet: mail that was not read, a mailbox that is not seen, a warning on its way."""
        if not home.database.exists():
            return ["there is no database"]
        with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)) as db:
            kept = {row[0] for row in db.execute("SELECT message_id FROM messages")}
            waiting = db.execute("SELECT COUNT(*) FROM unjudged").fetchone()[0]
            blind = [row[0] for row in db.execute("SELECT mailbox FROM mailboxes WHERE NOT seeing")]
            pending = db.execute("SELECT COUNT(*) FROM deliveries WHERE state = 'pending'").fetchone()[0]
        faults = [
            f"not kept: {judges.id_of(put.raw)}" for put in self._still_there() if judges.id_of(put.raw) not in kept
        ]
        faults += [f"{waiting} messages not judged"] * bool(waiting)
        faults += [f"mailbox {name} is not seen" for name in blind]
        return faults + [f"{pending} deliveries pending"] * bool(pending)

    def _still_there(self) -> Iterator[Put]:
        for put in self.put:
            if put.uid in self._imap[put.letter.box].folder(put.letter.folder):
                yield put

    def _calm(self, home: Home) -> judges.Calm:
        """Read the same mail from calm servers. What was deleted counts where the daemon had read it in time."""
        with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True)) as db:
            places = {tuple(row) for row in db.execute(judges.PLACES)}
            headers = {row[0] for row in db.execute(judges.HEADERS)}
        there = {id(put) for put in self._still_there()}
        with contextlib.ExitStack() as stack:
            imap = {name: stack.enter_context(WildImap()) for name in self._imap}
            smtp = stack.enter_context(WildSmtp())
            for put in self.put:
                letter = put.letter
                folder = letter.folder.lower()
                if id(put) in there or (judges.id_of(put.raw), letter.box, folder) in places:
                    imap[letter.box].arrive(letter.folder, put.raw, put.date)
            calm = self._home("calm", imap, smtp)
            done = subprocess.run(
                [*HASTY, "run", "--once", "--config", str(calm.config)],
                check=False,
                capture_output=True,
                text=True,
                cwd=ROOT,
                timeout=60,
            )
            (calm.path / "log.txt").write_text(done.stderr)
            assert done.returncode == 0, done.stderr
            beyond = headers - {judges.id_of(put.raw) for put in self._still_there()}
            return judges.Calm(calm, list(smtp.accepted), frozenset(beyond))

    def _mischief(self) -> str:
        done = sum(
            (server.temper.done for server in (*self._imap.values(), self._smtp)), start=type(self._smtp.temper.done)()
        )
        return f"{done.total()} answers spoiled"

    def _tails(self, daemon: Daemon, lines: int = 40) -> list[str]:
        found = []
        for name, server in (*self._imap.items(), ("smtp", self._smtp)):
            found += [f"-- {name} ({', '.join(server.temper.kinds)}, {server.temper.rate:.0%})"]
            found += server.transcript.tail(lines)
        return [*found, "-- log", *(json.dumps(event) for event in daemon.log[-lines:])]


def tell(seed: str, *, keep: Path | None = None, **more: Any) -> Told:
    """Tell the story of a seed in a folder of its own; `keep`: where all of one that fails is laid."""
    with tempfile.TemporaryDirectory(prefix="relaywatch-fuzz-") as folder:
        story = Story(seed, Path(folder), **more)
        told = story.tell()
        if told.faults and keep is not None:
            (Path(folder) / "said.txt").write_text("\n".join([*told.faults, *story.whole]))
            shutil.copytree(folder, keep / f"{seed}-{int(time.time())}")
        return told
