"""Servers that the tests of this folder share."""

import itertools
from collections.abc import Generator, Iterator

import pytest
from lab_dovecot import Dovecot, no_news
from lab_imap import FakeImap
from lab_smtp import SmtpLab
from lab_watch import mail, mailbox

from relaywatch.mailbox import watch
from relaywatch.mailbox.imap import ImapSession
from relaywatch.notify import smtp

_numbers = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Say of a test that failed for want of news from Dovecot why there were none."""
    server = item.funcargs.get("dovecot") if isinstance(item, pytest.Function) else None
    before = len(server.log) if server else 0
    try:
        return (yield)
    except Exception:
        why = no_news(server.log[before:]) if server else ""
        if not why:
            raise
    pytest.fail(why, pytrace=False)


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
def session(fake: FakeImap) -> Iterator[ImapSession]:
    """A session with the fake server, in INBOX, with some messages."""
    for number in range(1, 6):
        fake.put(mail(f"question {number}"), date="23-Nov-2026 03:00:00 +0000")
    made = ImapSession(mailbox(fake.port), timeout=1)
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
