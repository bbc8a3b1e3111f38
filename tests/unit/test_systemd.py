"""What systemd is told, and the pulse that the watchdog listens to."""

import asyncio
import contextlib
import os
import socket
from datetime import timedelta

import pytest
from lab_daemon import systemd
from lab_story import Story

from relaywatch.app import systemd as systemd_of
from relaywatch.app.faults import Faults
from relaywatch.app.session import Session
from relaywatch.app.systemd import Pulse, notify, watchdog_interval


def test_it_is_told_over_its_socket(tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(path)
        notify("READY=1", {"NOTIFY_SOCKET": path})
        assert channel.recv(100) == b"READY=1"


def test_it_is_told_over_an_abstract_socket():
    name = f"relaywatch-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0{name}")
        notify("STOPPING=1", {"NOTIFY_SOCKET": f"@{name}"})
        assert channel.recv(100) == b"STOPPING=1"


@pytest.mark.parametrize("socket_", ["", "relative", "/nowhere/notify", None])
def test_without_systemd_nothing_happens(socket_):
    notify("READY=1", {} if socket_ is None else {"NOTIFY_SOCKET": socket_})


@pytest.mark.parametrize(
    ("environ", "interval"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, timedelta(seconds=30)),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=30)),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
        ({"WATCHDOG_USEC": ""}, None),
    ],
)
def test_how_often_the_watchdog_listens(environ, interval):
    assert watchdog_interval(environ) == interval


def test_a_loop_that_is_silent_for_too_long_is_stuck(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(systemd_of.time, "monotonic", lambda: clock[0])
    pulse = Pulse()
    pulse.register("sweep", timedelta(seconds=10))
    pulse.register("deliver", timedelta(seconds=60))
    pulse.beat("nobody waits for this one")
    clock[0] += 9
    assert pulse.stuck() == []
    clock[0] += 2
    assert pulse.stuck() == ["sweep"]
    pulse.beat("sweep")
    assert pulse.stuck() == []
    clock[0] += 9
    pulse.beat("sweep")
    clock[0] += 1_000
    assert pulse.stuck() == ["deliver", "sweep"]


async def told(what):
    while not what():  # noqa: ASYNC110 - what is waited for knows nothing of events
        await asyncio.sleep(0.01)


async def test_the_watchdog_beats_only_while_every_loop_moves(monkeypatch, tmp_path):
    story = Story(tmp_path)
    story.store.close()
    with systemd(monkeypatch, tmp_path, watchdog_seconds=0.1) as heard:
        pulse, clock = Pulse(), [100.0]
        faults = Faults(lambda: clock[0])
        session = Session(story.settings, None, pulse, faults)
        pulse.register("sweep", timedelta(seconds=60))
        watchdog = asyncio.create_task(session._watchdog())
        async with asyncio.timeout(10):
            await told(lambda: heard.now().count("WATCHDOG=1") >= 3)
            pulse.register("deliver", timedelta(seconds=-1))  # it should have moved before now
            await asyncio.sleep(0.15)
            heard.now()
            heard.clear()
            await asyncio.sleep(0.4)
            assert heard.now() == []
            pulse.register("deliver", timedelta(seconds=60))
            await told(lambda: "WATCHDOG=1" in heard.now())
            faults.met("sweep", "the disk is full")
            heard.clear()
            await told(lambda: "WATCHDOG=1" in heard.now())  # as long as there is hope
            assert "STATUS=the disk is full" in heard
            clock[0] += 3600 + 300 + 1  # blind_after, and an hour in which the mail changed nothing
            await asyncio.sleep(0.15)
            heard.now()
            heard.clear()
            await asyncio.sleep(0.4)
            assert heard.now() == []
            faults.over("sweep")
            await told(lambda: "WATCHDOG=1" in heard.now())
            assert "STATUS=watching" in heard
        watchdog.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watchdog
