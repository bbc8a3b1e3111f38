"""Rounds of kill -9 while mail arrives and warnings go out, and what must be true after them.

A Trial puts mail of known kinds, each about an order of its own, so that the warnings of each are known; the
daemon is killed at random moments, many of them just when a warning is taken by the mail server. At the end it
runs until nothing is left to do, and what was seen is compared with what was promised.
"""

import random
import shutil
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from lab_dovecot import Dovecot
from lab_run import CARE, ONCALL, OWNER, Box, Daemon, Home, bbb_mail, customer_mail, reply_mail
from lab_smtp import SmtpLab

_LONGEST_ROUND = 3.0  # seconds
_IN_FLIGHT = """
SELECT message_id, recipient FROM deliveries JOIN warnings ON warnings.id = deliveries.warning
WHERE state = 'pending' AND began_at IS NOT NULL AND (ended_at IS NULL OR ended_at < began_at)
"""

Warned = tuple[str, str]  # step, recipient
BOTH = (ONCALL, OWNER)


@dataclass(frozen=True)
class Promise:
    """What one order's mail must lead to. `maybe`: warnings that may have left before the answer was seen."""

    state: str
    warnings: frozenset[Warned] = frozenset()
    maybe: frozenset[Warned] = frozenset()


@dataclass
class Outcome:
    """The figures of a run; `faults` says each thing that is not as promised."""

    rounds: int = 0
    kills: int = 0
    mails: int = 0
    cases: int = 0
    warnings: int = 0
    missing: int = 0
    again: int = 0  # sent twice, in flight at a kill, with the same Message-ID
    doubled: int = 0  # sent twice otherwise: must be none
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds, {self.kills} kills, {self.mails} mails, {self.cases} cases, "
            f"{self.warnings} warnings, {self.missing} missing, {self.doubled} doubled, "
            f"{self.again} in flight at a kill came again with the same Message-ID"
        )


def _told_of(message: EmailMessage) -> Iterator[tuple[str, str]]:
    """Yield each case that a warning is about with its step: above ten that fall due at once, the rest share a mail."""
    numbers, steps = (message[name].split(", ") for name in ("X-Relaywatch-Case", "X-Relaywatch-Step"))
    yield from zip(numbers, steps if len(steps) == len(numbers) else steps * len(numbers), strict=True)


def _steps(step: str, *recipients: str) -> frozenset[Warned]:
    return frozenset((step, recipient) for recipient in recipients)


class Trial:
    """One run. `log` is told of each round, for whoever waits."""

    def __init__(self, dovecot: Dovecot, smtp: SmtpLab, home: Path, seed: int, user: str = CARE) -> None:
        self._chance = random.Random(seed)
        self._smtp = smtp
        self._dovecot, self._user = dovecot, user
        self._folder = home
        self.home = Home(
            path=home,
            smtp_port=smtp.port,
            boxes=[Box(port=dovecot.port, username=user, poll="5s")],
            escalate_to=(OWNER,),
        )
        self._orders = iter(range(600_000_000_000_001, 600_001_000_000_000))
        self._unanswered: list[int] = []
        self.promises: dict[str, Promise] = {}
        self.in_flight: list[set[tuple[str, str]]] = []  # Message-ID and recipient, at each kill
        self.outcome = Outcome()

    def run(self, rounds: int, log: Callable[[str], None] = lambda _: None) -> Outcome:
        """Do so many rounds, let it come to rest, and judge."""
        with self._dovecot.client(self._user) as self._client:
            for folder in ("Sent", "Junk"):
                self._client.create_folder(folder)
            for number in range(1, rounds + 1):
                self._round()
                log(f"{number}: {len(self._smtp.accepted)} accepted")
            self.outcome.rounds = rounds
            self._rest()
        self._judge()
        return self.outcome

    # -- a round ---------------------------------------------------------------------------------------------

    def _round(self) -> None:
        letters = list(self._letters())
        before = self._chance.randint(0, len(letters))
        self._put(letters[:before])
        with Daemon(self.home) as daemon:
            putting = threading.Thread(target=self._put_slowly, args=(letters[before:],))
            putting.start()
            self._wait_for_the_moment(daemon)
            daemon.kill()
            self.outcome.kills += 1
            putting.join()
        unexpected = [event for event in daemon.log if event.get("level") in ("error", "critical", None)]
        self.outcome.faults += [f"the log says: {event}" for event in unexpected]
        self._note_in_flight()

    def _wait_for_the_moment(self, daemon: Daemon) -> None:
        """Return at a random moment: of the start, of the work, or just when a warning is taken."""
        seen, chosen = len(self._smtp.accepted), self._chance.random()
        if chosen < 0.3:
            time.sleep(self._chance.uniform(0.05, 1.5))
            return
        daemon.wait_for("daemon.ready", seconds=60)
        if chosen < 0.6:
            time.sleep(self._chance.uniform(0.0, 1.5))
            return
        until, wanted = time.monotonic() + _LONGEST_ROUND, seen + self._chance.randint(1, 3)
        while len(self._smtp.accepted) < wanted and time.monotonic() < until:
            time.sleep(0.0005)
        time.sleep(self._chance.choice((0.0, self._chance.uniform(0.0, 0.01), self._chance.uniform(0.0, 0.1))))

    def _letters(self) -> Iterator[tuple[str, bytes, timedelta]]:
        """Yield folder, mail and age, and note what they must lead to."""
        chance = self._chance.random
        hours, minutes = (lambda n: timedelta(hours=n)), (lambda n: timedelta(minutes=n))
        soon = 23 * hours(1) + 10 * minutes(1)
        late = [self._unanswered.pop()] if self._unanswered and chance() < 0.5 else []
        for order in late:
            self._promise(order, Promise("answered", maybe=_steps("1h", *BOTH)))
            yield "Sent", reply_mail(order, minutes(0)), minutes(0)
        order = next(self._orders)
        self._promise(order, Promise("open", _steps("1h", *BOTH)))
        self._unanswered = [*self._unanswered[-5:], order] if chance() < 0.4 else self._unanswered
        yield "INBOX", customer_mail(order, soon), soon
        if chance() < 0.6:
            order = next(self._orders)
            self._promise(order, Promise("open", _steps("due", *BOTH)))
            yield "INBOX", customer_mail(order, hours(25)), hours(25)
        if chance() < 0.6:
            order = next(self._orders)
            self._promise(order, Promise("open", _steps("55m", ONCALL)))
            yield "INBOX", bbb_mail(order, minutes(6)), minutes(6)
        if chance() < 0.5:
            order = next(self._orders)
            self._promise(order, Promise("open", _steps("finding:junked", ONCALL)))
            yield "Junk", customer_mail(order, hours(2)), hours(2)
        if chance() < 0.5:
            order = next(self._orders)
            self._promise(order, Promise("open"))
            yield "INBOX", customer_mail(order, hours(2)), hours(2)
        if chance() < 0.5:
            order = next(self._orders)
            # Both come late, as no real mail does: the question may be read, and be due, a moment before the answer.
            self._promise(order, Promise("answered", maybe=_steps("1h", *BOTH)))
            yield "Sent", reply_mail(order, hours(1)), hours(1)
            yield "INBOX", customer_mail(order, soon), soon

    def _promise(self, order: int, promise: Promise) -> None:
        self.promises[str(order)] = promise

    def _put(self, letters: list[tuple[str, bytes, timedelta]]) -> None:
        for folder, mail, ago in letters:
            self._client.append(folder, mail, msg_time=datetime.now(UTC) - ago)
            self.outcome.mails += 1

    def _put_slowly(self, letters: list[tuple[str, bytes, timedelta]]) -> None:
        for letter in letters:
            time.sleep(0.2)
            self._put([letter])

    def _note_in_flight(self) -> None:
        """Look, in a copy, at what the database says after the kill; the database itself is left as it is."""
        copy = self._folder / "copy"
        copy.mkdir(exist_ok=True)
        for name in ("relaywatch.db", "relaywatch.db-wal"):
            (copy / name).unlink(missing_ok=True)
            if (self._folder / name).exists():
                shutil.copy(self._folder / name, copy / name)
        database = sqlite3.connect(copy / "relaywatch.db")
        try:
            found = set(database.execute(_IN_FLIGHT))
        except sqlite3.OperationalError:
            found = set()  # it was killed before there was a schema
        finally:
            database.close()
        if len(found) > 1:
            self.outcome.faults.append(f"{len(found)} in flight at once: {found}")
        self.in_flight.append(found)

    # -- the end ---------------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Run until everything was read and sent, and nothing more comes."""
        with Daemon(self.home) as daemon:
            daemon.wait_for("daemon.ready", seconds=60)
            until, quiet_since, count = time.monotonic() + 60, time.monotonic(), -1
            while time.monotonic() - quiet_since < 4 and time.monotonic() < until:
                if len(self._smtp.accepted) != count:
                    count, quiet_since = len(self._smtp.accepted), time.monotonic()
                time.sleep(0.1)
            status = self.home.status()
            if status.unsent or not status.seeing():
                self.outcome.faults.append(f"not at rest: {status.said}")
            if (code := daemon.stop()) != 0:
                self.outcome.faults.append(f"it ended with {code}")

    def _judge(self) -> None:
        """Compare what was seen with what was promised."""
        out = self.outcome
        cases = self.home.cases()
        orders = {case["id"]: case["order_id"] for case in cases}
        out.cases = len(cases)
        found = Counter(orders.values())
        for order in self.promises.keys() | found.keys():
            if found[order] != (order in self.promises):
                out.missing += order in self.promises and not found[order]
                out.faults.append(f"order {order}: {found[order]} cases")
        for case in cases:
            promise = self.promises.get(case["order_id"])
            if promise is not None and case["state"] != promise.state:
                out.faults.append(f"order {case['order_id']} is {case['state']}, not {promise.state}")
        self._judge_warnings(orders)

    def _judge_warnings(self, orders: dict[int, str]) -> None:
        out = self.outcome
        copies: Counter[tuple[str, str]] = Counter()
        told: dict[str, dict[Warned, set[str]]] = defaultdict(lambda: defaultdict(set))
        for mail in self._smtp.accepted:
            message = mail.message
            copies[message["Message-ID"], mail.recipient] += 1
            for number, step in _told_of(message):
                order = orders.get(int(number), f"of case {number}")
                told[order][step, mail.recipient].add(message["Message-ID"])
        out.warnings = len(copies)
        for key, count in copies.items():
            excused = sum(key in flight for flight in self.in_flight)
            out.again += min(count - 1, excused)
            if count - 1 > excused:
                out.doubled += count - 1 - excused
                out.faults.append(f"{key} was sent {count} times, and in flight at {excused} kills")
        for order in self.promises.keys() | told.keys():
            promise, got = self.promises.get(order, Promise("")), told[order]
            missing = promise.warnings - got.keys()
            out.missing += len(missing)
            out.faults += [f"order {order}: {warned} is missing" for warned in missing]
            out.faults += [
                f"order {order}: {warned} was sent, which was not due"
                for warned in got.keys() - promise.warnings - promise.maybe
            ]
            for warned, ids in got.items():
                if len(ids) > 1:
                    out.doubled += len(ids) - 1
                    out.faults.append(f"order {order}: {warned} was sent under {len(ids)} Message-IDs")
