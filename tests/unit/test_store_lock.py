"""The daemon's lock: one holder, who is named, and freed however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from relaywatch.store import DaemonLock, StoreBusy, StoreError

HOLD = """
import sys, time
from relaywatch.store import DaemonLock
lock = DaemonLock(sys.argv[1])
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "relaywatch.db")


def test_one_holder_at_a_time(path):
    with DaemonLock(path) as lock:
        assert DaemonLock(path).holder() == os.getpid()
        with pytest.raises(StoreBusy, match=f"already running.*process {os.getpid()}"):
            DaemonLock(path).acquire()
        assert lock.holder() == os.getpid()
    assert DaemonLock(path).holder() is None
    with DaemonLock(path):
        pass


def test_nobody_holds_what_was_never_locked(path):
    assert DaemonLock(path).holder() is None
    DaemonLock(path).release()


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(StoreError, match="check that its directory is there"):
        DaemonLock(str(tmp_path / "nowhere" / "x.db")).acquire()


def test_a_killed_holder_lets_go(path):
    command = [sys.executable, "-c", HOLD, path]
    env = {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout.readline() == "held\n"
        assert DaemonLock(path).holder() == process.pid
        with pytest.raises(StoreBusy, match=str(process.pid)):
            DaemonLock(path).acquire()
        process.send_signal(signal.SIGKILL)
    with DaemonLock(path) as lock:
        assert lock.holder() == os.getpid()
