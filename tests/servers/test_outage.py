"""Outages of seconds, with the real daemon: it says so once, goes on by itself, and loses nothing.

`status` tells the truth throughout. tests/bench/outage.py has the long ones.
"""

import contextlib
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lab_dovecot import PASSWORD, Dovecot
from lab_imap import FakeImap
from lab_run import ONCALL, OWNER, Box, Daemon, Home, customer_mail
from lab_smtp import SmtpLab

pytestmark = pytest.mark.timeout(120)
SOON = timedelta(hours=23, minutes=10)
_BUSY = 0.1  # on a machine that does other things too


@pytest.fixture
def smtp() -> Iterator[SmtpLab]:
    with SmtpLab() as lab:
        yield lab


@pytest.fixture
def home(dovecot: Dovecot, user: str, smtp: SmtpLab, tmp_path: Path) -> Home:
    with dovecot.client(user) as client:
        for folder in ("Sent", "Junk"):
            client.create_folder(folder)
    return Home(path=tmp_path, smtp_port=smtp.port, boxes=[Box(port=dovecot.port, username=user)])


@pytest.fixture
def ask(dovecot: Dovecot, user: str) -> Callable[..., None]:
    """Put a customer's question about an order into INBOX."""

    def put(order: int, ago: timedelta = SOON) -> None:
        dovecot.put(user, customer_mail(order, ago), at=datetime.now(UTC) - ago)

    return put


@contextlib.contextmanager
def seeing(home: Home) -> Iterator[Daemon]:
    """A daemon that has read its mailboxes."""
    with Daemon(home) as daemon:
        daemon.wait_for("mailbox.seeing", len(home.boxes))
        yield daemon


def warned(smtp: SmtpLab) -> list[tuple[str, str]]:
    return sorted((mail.recipient, mail.message["X-Relaywatch-Step"]) for mail in smtp.accepted)


def errors(daemon: Daemon) -> list[str]:
    return [event["event"] for event in daemon.log if event.get("level") not in ("info", "warning")]


def test_a_mail_server_that_is_gone(home, smtp, ask):
    with seeing(home) as daemon:
        smtp.down()
        ask(1)
        daemon.wait_for("smtp.lost")
        status = home.status()
        assert (status.unsent, status.seeing()) == (1, True)
        ask(2)
        daemon.wait_for("warning.due", 2)
        time.sleep(2)
        smtp.up()
        smtp.wait_for(2, 30)
        daemon.wait_for("smtp.back")
        daemon.wait_for("warning.sent", 2)
        assert home.status().unsent == 0
        assert daemon.stop() == 0
    assert errors(daemon) == ["smtp.lost"]
    assert warned(smtp) == [(ONCALL, "1h")] * 2


def test_a_mailbox_that_is_gone(home, smtp, ask, dovecot):
    with seeing(home) as daemon:
        dovecot.stop()
        try:
            daemon.wait_for("mailbox.lost")
            status = home.status()
            assert (status.code, status.seeing()) == (1, False)
            assert status.reason()
        finally:
            dovecot.start()
        ask(1)
        smtp.wait_for(1, 40)
        daemon.wait_for("mailbox.back")
        assert home.status().seeing()
        assert daemon.stop() == 0
    assert len(daemon.events("mailbox.lost")) <= 2  # cut, and nothing there: two reasons
    assert set(errors(daemon)) == {"mailbox.lost"}
    assert warned(smtp) == [(ONCALL, "1h")]


def test_both_gone(home, smtp, ask, dovecot):
    with seeing(home) as daemon:
        smtp.down()
        ask(1)
        daemon.wait_for("smtp.lost")
        dovecot.stop()
        try:
            daemon.wait_for("mailbox.lost")
            status = home.status()
            assert (status.code, status.seeing(), status.unsent) == (1, False, 1)
        finally:
            dovecot.start()
        smtp.up()
        ask(2)
        smtp.wait_for(2, 40)
        daemon.wait_for("mailbox.back")
        daemon.wait_for("warning.sent", 2)
        status = home.status()
        assert (status.seeing(), status.unsent) == (True, 0)
    assert len(daemon.events("smtp.lost")) == 1
    assert warned(smtp) == [(ONCALL, "1h")] * 2


def test_a_wrong_password(home, smtp, ask):
    home.set_password("care", "not-the-password")
    ask(1)
    with Daemon(home) as daemon:
        daemon.wait_for("mailbox.lost")
        time.sleep(1)
        status = home.status()
        assert (status.code, status.seeing()) == (1, False)
        assert "not-the-password" not in str(daemon.log) + str(status.said)
        assert len(daemon.events("mailbox.lost")) == 1
        home.set_password("care", PASSWORD)
        daemon.process.send_signal(signal.SIGHUP)
        smtp.wait_for(1)
        assert home.status().seeing()


def test_a_cut_after_the_final_dot_sends_it_again_with_the_same_id(home, smtp, ask):
    with seeing(home) as daemon:
        smtp.faults.drop, smtp.faults.times = "after_dot", 1
        ask(1)
        first, second = smtp.wait_for(2, 30)
        daemon.wait_for("warning.sent")
        assert home.status().unsent == 0
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert len(smtp.accepted) == 2


def test_one_of_two_recipients_refused_for_good(home, smtp, ask):
    home = Home(path=home.path, smtp_port=smtp.port, boxes=home.boxes, to=(OWNER, ONCALL))
    smtp.faults.recipients = {OWNER: "550 5.1.1 no such user"}
    with seeing(home) as daemon:
        ask(1)
        daemon.wait_for("warning.sent")
        time.sleep(3)
        assert home.status().unsent == 1
    assert errors(daemon) == ["warning.refused"]
    assert warned(smtp) == [(ONCALL, "1h")]


def test_one_of_two_recipients_put_off_keeps_nothing_from_the_other(home, smtp, ask):
    home = Home(path=home.path, smtp_port=smtp.port, boxes=home.boxes, to=(OWNER, ONCALL))
    smtp.faults.recipients = {OWNER: "450 4.2.2 mailbox full"}
    with seeing(home) as daemon:
        ask(1)
        ask(2)
        daemon.wait_for("warning.sent", 2)
        daemon.wait_for("warning.put_off", 2)
        assert warned(smtp) == [(ONCALL, "1h")] * 2
        assert home.status().unsent == 2
        smtp.faults.clear()
        smtp.wait_for(4, 30)
        daemon.wait_for("warning.sent", 4)
        assert home.status().unsent == 0
    assert set(errors(daemon)) <= {"warning.put_off"}
    assert len(errors(daemon)) == 2


def test_a_refused_sender_gives_nothing_up(home, smtp, ask):
    smtp.faults.mail = "550 5.7.1 sender not allowed"
    with seeing(home) as daemon:
        ask(1)
        daemon.wait_for("smtp.lost")
        time.sleep(3)
        assert home.status().unsent == 1
        smtp.faults.clear()
        smtp.wait_for(1, 30)
    assert errors(daemon) == ["smtp.lost"]


def test_a_sender_refused_at_rcpt_is_told_and_tried_at_once_after_a_reload(home, smtp, ask):
    """Postfix takes MAIL FROM and refuses the sender at RCPT (smtpd_delay_reject)."""
    smtp.faults.rcpt = "553 5.7.1 <relaywatch@shop.example>: Sender address rejected: not owned by user care"
    with seeing(home) as daemon:
        ask(1)
        daemon.wait_for("smtp.lost")
        while len(smtp.asked) < 3:  # by then it waits for longer than this test would
            time.sleep(0.1)
        (said,) = home.status().said["not_sent"]
        assert (said["recipient"], said["state"], said["warnings"]) == (ONCALL, "pending", 1)
        assert smtp.faults.rcpt in said["error"]
        smtp.faults.clear()
        daemon.process.send_signal(signal.SIGHUP)
        smtp.wait_for(1, 6)
        daemon.wait_for("warning.sent")
        assert home.status().said["not_sent"] == []
    assert errors(daemon) == ["smtp.lost"]


def test_a_recipient_who_was_not_there_is_asked_for_again_after_a_restart(home, smtp, ask):
    smtp.faults.rcpt = "550 5.1.1 no such user"
    with seeing(home) as daemon:
        ask(1)
        daemon.wait_for("warning.refused")
    smtp.faults.clear()
    with Daemon(home) as daemon:
        daemon.wait_for("warning.sent")
        assert home.status().unsent == 0


def test_a_greeting_that_takes_its_time(home, smtp, ask):
    smtp.faults.greeting_delay = 5
    with seeing(home) as daemon:
        ask(1)
        daemon.wait_for("warning.sent")
        assert daemon.stop() == 0
    assert errors(daemon) == []
    assert smtp.connections == 1


def _accept_and_close(fake: FakeImap) -> str:
    fake.greeting = lambda link: link.hang_up()
    return "127.0.0.1"


def _nothing_there(fake: FakeImap) -> str:
    fake.__exit__()
    return "127.0.0.1"


def _no_such_name(_: FakeImap) -> str:
    return "imap.shop.invalid"


@pytest.mark.parametrize("trouble", [_accept_and_close, _nothing_there, _no_such_name])
def test_a_server_that_is_in_trouble_costs_nothing_and_hides_no_other_mailbox(home, smtp, ask, trouble, fake, tmp_path):
    """And a step that fell due, held back until that mailbox is given up, keeps nobody busy."""
    bad = Box(
        name="complaints", role="complaint", address="complaints@shop.example", port=fake.port, host=trouble(fake)
    )
    home = Home(path=tmp_path, smtp_port=smtp.port, boxes=[*home.boxes, bad], blind_after="8s")
    with Daemon(home) as daemon:
        daemon.wait_for("mailbox.lost")
        daemon.wait_for("mailbox.seeing")
        ask(1)
        daemon.wait_for("case.opened")
        assert daemon.cpu_share(3) < _BUSY
        status = home.status()
        assert (status.code, status.seeing("care"), status.seeing("complaints")) == (1, True, False)
        smtp.wait_for(2, 30)  # blind, and the warning that waited for it
    assert len(daemon.events("mailbox.lost")) == 1
    steps = [mail.message["X-Relaywatch-Step"] for mail in smtp.accepted]
    assert sorted(steps) == ["1h", "blind"]


@pytest.fixture
def full_disk() -> Callable[[Daemon, Path], None]:
    """Let no file of the daemon's grow any further."""

    def fill(daemon: Daemon, database: Path) -> None:
        largest = Path(f"{database}-wal").stat().st_size
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    return fill


def test_a_disk_that_is_full(home, smtp, ask, full_disk):
    with seeing(home) as daemon:
        ask(1)
        daemon.wait_for("warning.sent")
        full_disk(daemon, home.database)
        ask(2)
        fault = daemon.wait_for("database.fault")
        assert str(home.database) in fault["error"]
        time.sleep(6)
        assert len(daemon.events("database.fault")) == 1
        status = home.status()
        assert (status.code, status.said["fault"]) == (1, fault["error"])
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        smtp.wait_for(2, 60)
        daemon.wait_for("warning.sent", 2)
        daemon.wait_for("database.back")
        status = home.status()
        assert (status.unsent, status.seeing(), status.said["fault"]) == (0, True, None)
        assert daemon.stop() == 0
    assert warned(smtp) == [(ONCALL, "1h")] * 2


def test_a_database_that_another_program_holds_for_a_while(home, smtp, ask):
    """It waits for its turn, and there is nothing to say; tests/bench/outage.py holds it for a minute."""
    with seeing(home) as daemon:
        held = sqlite3.connect(home.database, isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        ask(1)
        time.sleep(3)
        assert home.status().seeing()  # whoever only reads need not wait
        assert not smtp.accepted
        held.execute("ROLLBACK")
        held.close()
        smtp.wait_for(1, 30)
        assert daemon.stop() == 0
    assert errors(daemon) == []
    assert warned(smtp) == [(ONCALL, "1h")]
