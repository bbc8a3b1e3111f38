"""The installed daemon on a real Dovecot and a real mail server: found, warned, answered, and nothing changed."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lab_daemon import Desk, log_of, until
from lab_dovecot import PASSWORD
from lab_post import ANSWER, ASKED, PATEL, agent, bounce, bureau, customer, reply, to_agent
from lab_smtp import SmtpLab

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def desk(tmp_path, dovecot, user):
    with SmtpLab() as smtp:
        yield Desk(tmp_path, dovecot, smtp, user)


def test_what_a_first_sync_says_and_what_it_leaves_alone(desk):
    desk.deliver(customer(1), ago=23 * HOUR + 10 * MINUTE)
    desk.deliver(customer(2), ago=25 * HOUR)
    desk.deliver(customer(3), ago=2 * HOUR)
    desk.deliver(customer(4), ago=MINUTE, folder="Junk")
    desk.deliver(bureau(), ago=10 * MINUTE, mailbox="complaints")
    boxes = [(desk.users["care"], "INBOX"), (desk.users["care"], "Junk"), (desk.users["complaints"], "INBOX")]
    before = [desk.dovecot.flags(*box) for box in boxes]
    expected = [("1h", "C1"), ("55m", "C4"), ("due", "C1"), ("finding:junked", "C1")]
    with desk.running() as daemon:
        until(lambda: len(desk.smtp.accepted) >= 4)
        until(lambda: len(desk.cases()) == 5)
        time.sleep(1.5)  # for what must not come
        assert desk.warned() == expected
        assert len(daemon.events("warning.sent")) == 4
    assert [desk.dovecot.flags(*box) for box in boxes] == before
    for mail in desk.smtp.accepted:
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.message.get_body(("plain",)) is not None
        assert mail.message.get_body(("html",)) is not None
    again_at = datetime.now(UTC)
    with desk.running():  # all is said
        until(lambda: desk.read_since(again_at))
        time.sleep(1)
    assert desk.warned() == expected


def test_what_comes_while_it_idles(desk):
    """A message is a case within a second; a reply in Sent answers it within poll_interval."""
    desk.deliver(reply(99), folder="Sent")  # the folder is there
    taken = []
    with desk.running() as daemon:
        until(lambda: desk.read_since(datetime.now(UTC) - MINUTE))
        for number in range(1, 4):
            time.sleep(0.3)
            with desk.dovecot.client(desk.users["care"]) as client:
                client.append("INBOX", customer(number), msg_time=datetime.now(UTC) - HOUR)
                started = time.monotonic()
                until(lambda number=number: len(desk.cases()) == number)
                taken.append(time.monotonic() - started)
        assert min(taken) < 1, taken
        desk.deliver(reply(2), folder="Sent")
        started = time.monotonic()
        until(lambda: desk.states() == ["answered", "open", "open"])
        assert time.monotonic() - started < 2 + 1.5  # poll_interval, and the time to read
        assert daemon.wait_for("deadline.met")["met_by"] == "<answer-2@shop.example>"


def test_what_is_wrong_with_a_reply_is_told_and_a_bounce_opens_the_case_again(desk):
    desk.deliver(customer(), agent(cc=PATEL), ago=HOUR)
    desk.deliver(to_agent(), reply(), ago=30 * MINUTE, folder="Sent")
    with desk.running():
        until(lambda: desk.steps() == ["finding:reply_all_missing"])
        (warned,) = desk.smtp.accepted
        assert PATEL in warned.message.get_body(("plain",)).get_content()
        until(lambda: desk.states() == ["answered", "open"])
        desk.deliver(bounce())
        until(lambda: desk.states() == ["open", "open"])
        until(lambda: desk.steps() == ["finding:bounced_reply", "finding:reply_all_missing"])


def test_run_once_reads_warns_and_ends(desk):
    desk.deliver(customer(1), ago=25 * HOUR)
    first = desk.command("run", "--once")
    assert (first.returncode, first.stdout) == (0, "")
    assert (desk.steps(), desk.states()) == (["due"], ["open"])
    desk.deliver(reply(1), ago=HOUR, folder="Sent")
    assert desk.command("run", "--once").returncode == 0
    assert (desk.steps(), desk.states()) == (["due"], ["resolved"])


def test_run_once_says_what_it_could_not_read_or_send(desk):
    desk.deliver(customer(1), ago=25 * HOUR)
    desk.smtp.faults.data = "451 4.3.0 try later"
    assert desk.command("run", "--once").returncode == 3
    desk.smtp.faults.clear()
    desk.home.set_password("complaints", "wrong")
    found = desk.command("run", "--once")
    assert found.returncode == 3
    assert "mailbox.lost" in found.stderr
    assert "Traceback" not in found.stderr
    desk.home.set_password("complaints", PASSWORD)
    until(lambda: desk.command("run", "--once").returncode == 0)
    assert desk.steps() == ["due"]


def test_a_wrong_password_is_said_once_and_status_tells_the_truth(desk):
    desk.home.set_password("complaints", "not-the-password")
    with desk.running() as daemon:
        daemon.wait_for("mailbox.seeing")
        lost = daemon.wait_for("mailbox.lost")
        assert (lost["mailbox"], lost["level"]) == ("complaints", "error")
        found = desk.status()
        assert (found.code, found.seeing("care"), found.seeing("complaints")) == (1, True, False)
        assert "login" in found.reason("complaints").lower() or "password" in found.reason("complaints").lower()
        time.sleep(2)
        assert len(daemon.events("mailbox.lost")) == 1
        assert "not-the-password" not in log_of(daemon)


def test_status_is_good_while_all_is_read_and_nothing_is_late(desk):
    desk.deliver(customer(), ago=HOUR)
    with desk.running() as daemon:
        daemon.wait_for("mailbox.seeing", 2)
        until(lambda: desk.states() == ["open"])
        found = desk.status()
        assert (found.code, found.unsent) == (0, 0)
        assert {key: found.said[key] for key in ("open", "overdue", "daemon")} == {
            "open": 1,
            "overdue": 0,
            "daemon": True,
        }
        desk.deliver(customer(2), ago=30 * HOUR)
        until(lambda: desk.steps() == ["due"])
        late = desk.status()
        assert (late.code, late.said["overdue"], late.said["open"]) == (1, 1, 2)
    after = desk.status()
    assert (after.code, after.said["daemon"]) == (1, False)


def test_secrets_and_words_are_nowhere(desk):
    """Neither in the log, nor in the database or beside it, nor on the command line, nor in a warning's source."""
    desk.deliver(customer(), ago=25 * HOUR)
    desk.deliver(reply(2), folder="Sent")
    with desk.running() as daemon:
        until(lambda: desk.steps() == ["due"])
        process = daemon.process.pid
        assert PASSWORD.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
        desk.deliver(customer(3))
        until(lambda: len(desk.cases()) == 2)
        for file in desk.home.path.iterdir():
            if file.suffix != ".pass" and file.is_file():
                assert PASSWORD.encode() not in file.read_bytes(), file
    log = log_of(daemon)
    assert PASSWORD not in log
    assert ASKED[:20] not in log
    assert ANSWER[:20] not in log
    assert "Chipped mug" not in log
    assert all(PASSWORD.encode() not in mail.raw for mail in desk.smtp.accepted)
    for event in daemon.log:
        assert list(event)[:3] == ["timestamp", "level", "event"]
        assert event["timestamp"].endswith("Z")
    names = {event["event"] for event in daemon.log}
    assert {"daemon.start", "daemon.ready", "message.received", "case.opened", "warning.due", "warning.sent"} <= names
    assert (desk.home.database.stat().st_mode & 0o007) == 0
