"""Waiting at the start: what is waited for, what is not, and what systemd hears meanwhile."""

import asyncio
import errno

import pytest
from lab_daemon import systemd
from structlog.testing import capture_logs

from relaywatch import log
from relaywatch.app import patience
from relaywatch.app.faults import Faults
from relaywatch.app.patience import patiently
from relaywatch.store import StoreBusy, StoreError

FULL = OSError(errno.ENOSPC, "No space left on device", "/srv/relaywatch.db.sock")


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(patience, "pause_after", lambda _: 0.001)


def failing(*errors):
    left = list(errors)

    async def attempt():
        if left:
            raise left.pop(0)
        return "watching"

    return attempt


async def test_what_refuses_is_tried_until_it_does_not_and_logged_each_time():
    faults = Faults()
    log.get()  # configures what another test may have configured otherwise
    with capture_logs() as events:
        assert await patiently(failing(StoreError("locked"), FULL, FULL), faults, "/srv/relaywatch.db") == "watching"
    assert faults.now == ""
    assert faults.outage is None
    said = [(event["event"], event.get("error")) for event in events]
    full = "/srv/relaywatch.db.sock: No space left on device"
    waiting = [("daemon.waiting", text) for text in ("locked", full, full)]
    assert said == [*waiting, ("database.back", None)]


@pytest.mark.parametrize("error", [StoreBusy("already running"), ZeroDivisionError()])
async def test_what_time_does_not_mend_is_not_waited_for(error):
    faults = Faults()
    with pytest.raises(type(error)):
        await patiently(failing(error), faults, "/srv/relaywatch.db")
    assert faults.outage is None


async def test_what_does_not_answer_is_a_fault_and_systemd_stays_patient(monkeypatch, tmp_path):
    monkeypatch.setattr(patience, "_TELL_SECONDS", 0.02)
    monkeypatch.setattr(patience, "_HANGS_SECONDS", 0.1)
    faults, answer = Faults(), asyncio.Event()
    with systemd(monkeypatch, tmp_path) as heard:
        waiting = asyncio.create_task(patiently(answer.wait, faults, "/srv/relaywatch.db"))
        async with asyncio.timeout(10):
            while not faults.now:  # noqa: ASYNC110 - what is waited for knows nothing of events
                await asyncio.sleep(0.01)
        assert faults.now == "/srv/relaywatch.db: it does not answer: check the disk"
        assert heard.now().count("EXTEND_TIMEOUT_USEC=60000000") >= 4
        assert heard[0] == "STATUS=starting"
        answer.set()
        assert await waiting
    assert faults.outage is None
