"""Where disk or database refuse, at the start and later: the daemon waits, somebody hears of it, and it goes on."""

import os
import signal
import sqlite3
import subprocess
import time
from datetime import timedelta

import pytest
from lab_daemon import Desk, hang_up, systemd, until
from lab_post import customer
from lab_run import ONCALL, Daemon
from lab_smtp import SmtpLab

from relaywatch.app.alarm import DOWN, UP


@pytest.fixture
def desk(tmp_path, dovecot, user):
    with SmtpLab() as smtp:
        made = Desk(tmp_path, dovecot, smtp, user, poll="1s")
        made.edit('blind_after = "5m"', 'blind_after = "2s"')
        yield made


def damage(database):
    """Overwrite all but the first page, as a failing disk may."""
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))


def told(desk, step):
    return [mail for mail in desk.smtp.accepted if mail.message["X-Relaywatch-Step"] == step]


def test_a_folder_that_is_not_mounted_yet_is_waited_for(desk, monkeypatch, tmp_path):
    desk.edit('database = "relaywatch.db"', 'database = "disk/relaywatch.db"')
    with systemd(monkeypatch, tmp_path) as heard, Daemon(desk.home) as daemon:
        waiting = daemon.wait_for("daemon.waiting", 2)
        assert (waiting["level"], waiting["tries"]) == ("warning", 2)
        assert "disk" in waiting["error"]
        heard.now()
        assert any(said.startswith("STATUS=waiting: ") and "disk" in said for said in heard)
        assert "EXTEND_TIMEOUT_USEC=60000000" in heard
        right = desk.home.config.read_text()
        desk.home.config.write_text("no TOML [")
        hang_up(daemon)
        daemon.wait_for("configuration.refused")
        desk.home.config.write_text(right)
        assert "READY=1" not in heard.now()
        (tmp_path / "disk").mkdir()
        daemon.wait_for("mailbox.seeing", 2)
        assert "READY=1" in heard.now()
        assert "STATUS=watching" in heard
        assert len(daemon.events("database.back")) == 1
        assert daemon.stop() == 0


def test_a_full_disk_is_waited_for(desk):
    desk.deliver(customer(), ago=timedelta(hours=25))
    with Daemon(desk.home, limit_file_bytes=8192) as daemon:
        daemon.wait_for("daemon.waiting", 2)
        subprocess.run(["prlimit", f"--pid={daemon.process.pid}", "--fsize=unlimited"], check=True)
        until(lambda: "due" in desk.steps())
        assert daemon.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("fault", ["missing", "locked"])
def test_it_stops_at_once_while_it_waits(desk, monkeypatch, tmp_path, fault, number):
    if fault == "missing":
        desk.edit('database = "relaywatch.db"', 'database = "disk/relaywatch.db"')
    held = sqlite3.connect(desk.home.database, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    with systemd(monkeypatch, tmp_path) as heard, Daemon(desk.home) as daemon:
        daemon.wait_for("daemon.waiting" if fault == "missing" else "daemon.start")
        time.sleep(1)
        began = time.monotonic()
        daemon.process.send_signal(number)
        assert daemon.process.wait(15) == 0
        assert time.monotonic() - began < 2
        assert "STOPPING=1" in heard.now()
    held.close()


def test_a_database_damaged_at_rest_is_told_and_waited_for(desk):
    with desk.running() as daemon:
        daemon.wait_for("mailbox.seeing", 2)
    damage(desk.home.database)
    with Daemon(desk.home) as daemon:
        (mail,) = until(lambda: told(desk, DOWN))
        assert mail.recipient == ONCALL
        text = " ".join(mail.message.get_body(("plain",)).get_content().split())
        assert "is damaged: restore it from a backup" in text
        assert daemon.process.poll() is None
        desk.home.database.rename(desk.home.path / "damaged.db")
        for ending in ("-wal", "-shm"):
            desk.home.database.with_name(f"relaywatch.db{ending}").unlink(missing_ok=True)
        daemon.wait_for("daemon.ready", seconds=40)
        until(lambda: told(desk, UP))
        assert len(told(desk, DOWN)) == 1
        assert daemon.stop() == 0


def test_a_database_damaged_while_it_runs_is_told(desk):
    for number in range(1, 21):
        desk.deliver(customer(number), ago=timedelta(hours=1))
    with desk.running() as daemon:
        until(lambda: len(desk.cases()) == 20)
        with sqlite3.connect(desk.home.database) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        damage(desk.home.database)
        desk.deliver(customer(99))
        until(lambda: told(desk, DOWN))
        assert daemon.wait_for("database.fault")["error"].startswith(str(desk.home.database))
        time.sleep(3)
        assert len(told(desk, DOWN)) == 1
        assert daemon.process.poll() is None
        status = desk.command("status")
        assert status.returncode == 3
        assert "is damaged" in status.stderr


def test_a_database_that_is_put_in_the_place_of_a_damaged_one_is_opened_by_a_reload(desk):
    desk.deliver(customer(), ago=timedelta(hours=25))
    with desk.running() as daemon:
        until(lambda: "due" in desk.steps())
        with sqlite3.connect(desk.home.database) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        damage(desk.home.database)
        daemon.wait_for("database.fault")
        hang_up(daemon)
        daemon.wait_for("daemon.waiting")
        for ending in ("", "-wal", "-shm"):
            desk.home.database.with_name(f"relaywatch.db{ending}").unlink(missing_ok=True)
        daemon.wait_for("daemon.ready", 2, seconds=40)
        until(lambda: desk.steps().count("due") == 2)  # it was read anew: nothing says that it was told


def test_a_lock_that_somebody_holds_is_told_and_its_end_too(desk):
    desk.deliver(customer(), ago=timedelta(hours=1))
    with desk.running() as daemon:
        until(lambda: len(desk.cases()) == 1)
        held = sqlite3.connect(desk.home.database, isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        desk.deliver(customer(2), ago=timedelta(hours=25))
        until(lambda: told(desk, DOWN), 40)
        held.execute("ROLLBACK")
        held.close()
        until(lambda: told(desk, UP) and "due" in desk.steps(), 40)
        daemon.wait_for("database.back")


def test_a_short_fault_is_told_to_nobody(desk):
    desk.edit('blind_after = "2s"', 'blind_after = "5m"')
    desk.edit('database = "relaywatch.db"', 'database = "disk/relaywatch.db"')
    with Daemon(desk.home) as daemon:
        daemon.wait_for("daemon.waiting", 3)
        (desk.home.path / "disk").mkdir()
        daemon.wait_for("mailbox.seeing", 2)
        time.sleep(1)
        assert daemon.stop() == 0
    assert not desk.smtp.accepted
