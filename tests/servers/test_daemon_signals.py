"""How the daemon starts, is told to stop or to read its configuration again, and what systemd hears of it."""

import os
import signal
import socket
import stat
import time
from datetime import timedelta

import pytest
from lab_daemon import Desk, complaint_of, hang_up, run, systemd, until
from lab_imap import FakeImap
from lab_post import customer
from lab_run import Box, Daemon, Home
from lab_smtp import SmtpLab

from relaywatch.app.control import ask

HOUR = timedelta(hours=1)


@pytest.fixture
def smtp():
    with SmtpLab() as lab:
        yield lab


@pytest.fixture
def desk(tmp_path, dovecot, user, smtp):
    return Desk(tmp_path, dovecot, smtp, user)


def seconds_to_stop(daemon, number=signal.SIGTERM):
    started = time.monotonic()
    daemon.process.send_signal(number)
    assert daemon.process.wait(15) == 0
    return time.monotonic() - started


def test_it_stops_cleanly_while_it_idles(desk):
    with Daemon(desk.home) as daemon:
        daemon.wait_for("mailbox.seeing", 2)
        assert seconds_to_stop(daemon) < 5
        daemon.wait_for("daemon.stop")
    assert [event["event"] for event in daemon.log if event["level"] != "info"] == ["mailbox.folder_missing"] * 4
    assert not list(desk.home.path.glob("*.sock"))


@pytest.mark.parametrize("hanging", ["greeting", "EXAMINE", "IDLE"])
def test_it_stops_while_a_server_hangs(tmp_path, fake: FakeImap, smtp, hanging):
    def silent(link):
        link.server.commands.append("silence")
        link.file.read()

    if hanging == "greeting":
        fake.greeting = silent
    else:
        fake.on = {hanging: silent}
    home = Home(path=tmp_path, smtp_port=smtp.port, boxes=[Box(port=fake.port)])
    with Daemon(home) as daemon:
        daemon.wait_for("daemon.ready")
        until(lambda: fake.count("silence"))
        assert seconds_to_stop(daemon) < 5


def test_it_stops_while_a_password_command_hangs(tmp_path, fake: FakeImap, smtp):
    home = Home(path=tmp_path, smtp_port=smtp.port, boxes=[Box(port=fake.port)])
    text = home.config.read_text().replace('password_file = "care.pass"', 'password_command = "sleep 8"')
    home.config.write_text(text)
    with Daemon(home) as daemon:
        daemon.wait_for("daemon.ready")
        time.sleep(0.5)
        assert seconds_to_stop(daemon, signal.SIGINT) < 5


def test_it_stops_while_the_mail_server_hangs(desk):
    desk.smtp.faults.delay = 60
    desk.deliver(customer(), ago=25 * HOUR)
    with Daemon(desk.home) as daemon:
        daemon.wait_for("warning.due")
        until(lambda: desk.smtp.connections)
        time.sleep(0.3)
        assert seconds_to_stop(daemon) < 5
    desk.smtp.faults.clear()
    with desk.running():
        until(lambda: desk.steps() == ["due"])


def test_another_configuration_is_put_in_force(desk):
    desk.deliver(customer(), ago=5 * HOUR)
    with desk.running() as daemon:
        until(lambda: desk.states() == ["open"])
        assert desk.steps() == []
        desk.edit("[notify]", '[policy]\ncustomer = "4h"\n[policy.warn_before]\ncustomer = ["1h"]\n[notify]')
        hang_up(daemon)
        daemon.wait_for("configuration.read")
        daemon.wait_for("daemon.ready", 2)
        until(lambda: desk.steps() == ["due"])
        desk.deliver(customer(2))
        until(lambda: len(desk.cases()) == 2)


def test_a_wrong_configuration_is_refused_and_the_old_one_kept(desk):
    with desk.running() as daemon:
        daemon.wait_for("mailbox.seeing", 2)
        right = desk.home.config.read_text()
        for number, wrong in enumerate(
            (right.replace('role = "care"', 'role = "cares"'), "no TOML [", right.replace("relaywatch.db", "other.db")),
            start=1,
        ):
            desk.home.config.write_text(wrong)
            hang_up(daemon)
            refused = daemon.wait_for("configuration.refused", number)
            assert refused["level"] == "error"
            assert refused["problems"]
        desk.home.config.unlink()
        hang_up(daemon)
        daemon.wait_for("configuration.refused", 4)
        desk.home.config.write_text(right)
        desk.deliver(customer())
        until(lambda: desk.states() == ["open"])
        assert len(daemon.events("daemon.ready")) == 1
    assert not (desk.home.path / "other.db").exists()


def test_after_kill_the_next_one_starts(desk):
    with Daemon(desk.home) as daemon:
        daemon.wait_for("daemon.ready")
        daemon.kill()
    assert list(desk.home.path.glob("*.sock"))
    with desk.running():
        assert desk.command("resolve", "77").returncode == 2  # answered over the socket


def said(**changes):
    return {"verb": "waive", "cases": [1], "note": "", "at": None, "obligation": None, "before": None} | changes


def test_only_sense_over_the_socket_only_its_own_and_only_one_daemon(desk):
    with desk.running() as daemon:
        for words in (("run",), ("run", "--once")):
            line = complaint_of(desk.command(*words), 3)
            assert "already running" in line
            assert str(daemon.process.pid) in line
        (path,) = desk.home.path.glob("*.sock")
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert path.stat().st_mode & 0o007 == 0
        for request in (
            {},
            said(verb="explode"),
            said(cases=["1"]),
            said(cases=[True]),
            said(at="soon"),
            said(cases=[10**30]),
            said(obligation="lunch"),
        ):
            answer = ask(str(desk.home.database), request)
            assert answer is not None
            assert answer["status"] == 2, answer
            assert "\n" not in str(answer["error"])
        with socket.socket(socket.AF_UNIX) as rude:  # one that says nothing holds up nobody
            rude.connect(str(path))
            assert ask(str(desk.home.database), said())["status"] == 2


def test_systemd_is_told_ready_alive_and_stopping(desk, monkeypatch, tmp_path):
    with systemd(monkeypatch, tmp_path) as heard, Daemon(desk.home) as daemon:
        until(lambda: heard.now().count("WATCHDOG=1") >= 3)
        assert "READY=1" in heard
        assert heard.index("READY=1") < heard.index("WATCHDOG=1")
        os.kill(daemon.process.pid, signal.SIGSTOP)  # its event loop stands still
        time.sleep(0.3)
        heard.now()
        heard.clear()
        time.sleep(1.2)
        assert heard.now() == []
        os.kill(daemon.process.pid, signal.SIGCONT)
        until(lambda: "WATCHDOG=1" in heard.now())
        hang_up(daemon)
        until(lambda: "READY=1" in heard.now())
        assert "RELOADING=1" in heard
        assert daemon.stop() == 0
        assert heard.now()[-1] == "STOPPING=1"


def test_without_a_configuration_it_does_not_start(tmp_path):
    line = complaint_of(run("run", "--config", str(tmp_path / "none.toml")), 2)
    assert "none.toml" in line
