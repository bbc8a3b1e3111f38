"""Servers that the tests of this folder share."""

import itertools
from collections.abc import Iterator

import pytest
from lab_dovecot import Dovecot
from lab_imap import FakeImap
from lab_smtp import SmtpLab
from lab_watch import mail, mailbox

from relaywatch.mailbox import watch
from relaywatch.mailbox.imap import Session
from relaywatch.notify import smtp

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One server for all; whoever stops it starts it again."""
    server = Dovecot()
    yield server
    server.close()


@pytest.fixture
def user() -> str:
    """A login that no other test has: an empty mailbox."""
    return f"care{next(_numbers)}"


@pytest.fixture
def fake() -> Iterator[FakeImap]:
    with FakeImap() as server:
        yield server


@pytest.fixture
def session(fake: FakeImap) -> Iterator[Session]:
    """A session with the fake server, in INBOX, with some messages."""
    for number in range(1, 6):
        fake.put(mail(f"question {number}"), date="23-Nov-2026 03:00:00 +0000")
    made = Session(mailbox(fake.port), timeout=1)
    made.open()
    made.examine("INBOX")
    yield made
    made.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the delays between tries, for tests of what comes after them."""
    monkeypatch.setattr(watch, "_SOON", watch.wait_random(0.01, 0.02))
    monkeypatch.setattr(watch, "_AT_ONCE", watch.wait_random(0.01, 0.02))


@pytest.fixture
def lab() -> Iterator[SmtpLab]:
    """A mail server that fails as it is told."""
    with SmtpLab() as running:
        yield running


@pytest.fixture
def _soon_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a sender tries again at once, it tries without a pause."""
    monkeypatch.setattr(smtp, "_WAIT_SECONDS", (0.01, 0.02))
