"""What must be true of a story: each judge returns a line for each promise that was broken."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Any

from fuzz.imap import WildImap
from fuzz.smtp import WildSmtp
from lab_run import Daemon, Home, memory_of
from lab_smtp import Accepted

from relaywatch.app.reporting import judged_cases
from relaywatch.config import load
from relaywatch.core.cases.form import case_form
from relaywatch.store import Store

MEMORY = 200.0  # MB of the process and its readers, pages that they share counted once
WINDOW = 3.0  # seconds
FASTEST = 60.0  # commands a second over any window; a reading of three folders over a new connection takes some 25
PLACES = """
SELECT messages.message_id, mailbox, folder FROM copies JOIN messages ON messages.id = copies.message
"""
HEADERS = "SELECT message_id FROM messages WHERE json_extract(facts, '$.damage') <> ''"
_UNHEARD = ("unreadable", "case.failed", "loop.stuck", "message.unreadable")  # events that no server may bring about
_WORDS = ("Traceback", "internal error", "cannot be written (")
_OWN = ("id",)  # numbers that each database gives for itself

Warned = tuple[str, str, str]  # what the case is, step, recipient


def id_of(raw: bytes) -> str:
    """Return a mail's Message-ID."""
    return str(message_from_bytes(raw)["Message-ID"])


class Meter:
    """Looks at what the daemon holds in memory."""

    def __init__(self, daemon: Daemon) -> None:
        self._pid = daemon.process.pid
        self.most = 0.0

    def look(self) -> None:
        self.most = max(self.most, memory_of(self._pid))

    def faults(self) -> list[str]:
        return [f"it took {self.most:.0f} MB"] * (self.most > MEMORY)


def of_process(daemon: Daemon) -> list[str]:
    """It lives, and its log tells of no fault of its own."""
    faults = [] if daemon.process.poll() is None else [f"it died with {daemon.process.returncode}"]
    for event in list(daemon.log):
        text = json.dumps(event)
        if event.get("event") in _UNHEARD or any(word in text for word in _WORDS):
            faults.append(f"its log says {text[:300]}")
    return faults


def of_mailbox(name: str, server: WildImap) -> list[str]:
    """Nothing was changed or marked, and no command came in a spin."""
    faults = [f"{name}: it said {line!r}, which changes something" for line in server.touched()]
    return faults + _spin(name, server.transcript.heard)


def of_smtp(server: WildSmtp) -> list[str]:
    """No warning was in two open transactions at once, and no command came in a spin."""
    faults = [f"in flight twice at once: {warning}" for warning in server.doubled]
    return faults + _spin("smtp", server.transcript.heard)


def _spin(name: str, heard: Sequence[float]) -> list[str]:
    rate = fastest(heard)
    return [f"{name}: {rate:.0f} commands a second within {WINDOW:.0f} s"] * (rate > FASTEST)


def fastest(heard: Sequence[float]) -> float:
    """Return the most commands a second over any window."""
    most = start = 0
    for end, at in enumerate(heard):
        while heard[start] < at - WINDOW:
            start += 1
        most = max(most, end - start + 1)
    return most / WINDOW


def cases(home: Home) -> list[dict[str, Any]]:
    """Return what `cases --format json` prints, by the same functions: a process of its own takes a second to start."""
    settings = load(home.config)
    with Store.open(str(home.database), read_only=True) as store:
        found = judged_cases(store, settings, datetime.now(UTC))
    return [json.loads(json.dumps(case_form(number, case))) for number, case in found]


class Calm:
    """What a calm server would have given: the cases of the same mail, and the warnings."""

    def __init__(self, home: Home, accepted: Iterable[Accepted], beyond: frozenset[str]) -> None:
        """`beyond`: messages that were deleted before their text could be had; nobody can know more of them."""
        self._beyond = beyond
        self._cases = cases(home)
        self._warnings = frozenset(warnings(accepted, self._cases))

    def differences(self, home: Home, smtp: WildSmtp) -> list[str]:
        """Return where the cases stand otherwise, and which warnings were never taken."""
        found = cases(home)
        faults = list(_differences(self._comparable(self._cases), self._comparable(found)))
        missing = self._warnings - set(warnings(list(smtp.accepted), found))
        owed = sorted(warned for warned in missing if warned[0] not in self._beyond)
        return faults + [f"never sent: {' '.join(warned)}" for warned in owed]

    def _comparable(self, cases: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {
            name_of(case): {key: value for key, value in case.items() if key not in _OWN}
            for case in cases
            if not any(deadline["started_by"] in self._beyond for deadline in case["deadlines"])
        }


def name_of(case: dict[str, Any]) -> str:
    """Return what a case is in any database: the first message that anything was owed for, else whom it is with."""
    started = [deadline["started_by"] or "" for deadline in case["deadlines"]]
    return min(started, default="") or f"{case['kind']} {case['counterparty']} {case['subject']}"


def _differences(wanted: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name in sorted(wanted.keys() | found.keys()):
        calm, wild = wanted.get(name), found.get(name)
        if calm is None or wild is None:
            yield f"case {name}: {'missing' if wild is None else 'there is none on a calm server'}"
            continue
        for key in sorted(calm.keys() | wild.keys()):
            if calm.get(key) != wild.get(key):
                yield f"case {name}: {key} is {wild.get(key)}, on a calm server {calm.get(key)}"


def warnings(accepted: Iterable[Accepted], cases: Iterable[dict[str, Any]]) -> Iterator[Warned]:
    """Yield what was said of which case to whom; several in one mail each by itself."""
    names = {str(case["id"]): name_of(case) for case in cases}
    for mail in accepted:
        numbers = [one.strip() for one in str(mail.message["X-Relaywatch-Case"] or "").split(",") if one.strip()]
        steps = [one.strip() for one in str(mail.message["X-Relaywatch-Step"]).split(",")]
        for at, number in enumerate(numbers):
            yield names.get(number, f"number {number}"), steps[min(at, len(steps) - 1)], mail.recipient
