"""With the real daemon and real servers: internal parties are told once (Q4), a test mail goes out once (M2)."""

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lab_dovecot import Dovecot
from lab_run import CARE, Box, Daemon, Home, customer_mail, reply_mail
from lab_smtp import SmtpLab

pytestmark = pytest.mark.timeout(120)
OPS = "ops@shop.example"
HOUR = timedelta(hours=1)


@pytest.fixture
def home(dovecot: Dovecot, user: str, tmp_path: Path):
    """A shop that tells internal parties and tests its address, with a customer who was answered an hour ago."""
    with dovecot.client(user) as client:
        for folder in ("Sent", "Junk"):
            client.create_folder(folder)
    now = datetime.now(UTC)
    dovecot.put(user, customer_mail(7, 2 * HOUR), at=now - 2 * HOUR)
    dovecot.put(user, reply_mail(7, HOUR), folder="Sent", at=now - HOUR)
    with SmtpLab() as smtp:
        home = Home(path=tmp_path, smtp_port=smtp.port, boxes=[Box(port=dovecot.port, username=user)])
        text = home.config.read_text().replace("[service]\n", '[service]\nself_test = "1h"\n')
        seller = f'[seller]\ninternal = ["{OPS}"]\ninform_internal = true\n'
        home.config.write_text(text.replace("\n[[mailbox]]", f"\n{seller}[[mailbox]]"))
        yield home, smtp


def test_both_happen_once_and_are_known(dovecot: Dovecot, user: str, home):
    """policy Q4, M2."""
    shop, smtp = home
    with Daemon(shop) as daemon:
        smtp.wait_for(2)
        told = {one.recipient: one for one in smtp.accepted}
        assert {name: one.message["X-Relaywatch-Step"] for name, one in told.items()} == {
            OPS: "inform",
            CARE: "self-test",
        }
        assert "dishwasher" in told[OPS].message.get_body(("plain",)).get_content()
        dovecot.put(user, told[CARE].message.as_bytes())
        daemon.wait_for("message.received", 3)
        assert daemon.events("message.received")[-1]["class"] == "own"
        _until(lambda: _states(shop) == ["passed"])
        _until(lambda: _mended(shop) == [told[OPS].message["Message-ID"]])
        assert daemon.stop() == 0
    with Daemon(shop) as daemon:
        daemon.wait_for("daemon.ready")
        time.sleep(2.5)  # it reads all folders and sweeps
        assert daemon.stop() == 0
    assert len(smtp.accepted) == 2
    assert shop.cases()[0]["findings"][0]["mended_by"] == told[OPS].message["Message-ID"]


def _until(so) -> None:
    deadline = time.monotonic() + 15
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _asked(shop: Home, query: str) -> list[str]:
    with sqlite3.connect(f"file:{shop.database}?mode=ro", uri=True) as database:
        found = [value for (value,) in database.execute(query)]
    database.close()
    return found


def _states(shop: Home) -> list[str]:
    return _asked(shop, "SELECT state FROM self_tests")


def _mended(shop: Home) -> list[str]:
    return _asked(shop, "SELECT mended_by FROM findings WHERE code = 'internal_not_informed'")
