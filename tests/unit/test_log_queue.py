"""A log whose reader is slow, hangs or goes away: what the program does goes on."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUEUED = "import sys; from relaywatch import log; log.setup(queued=True)\n"


def started(program):
    return subprocess.Popen(
        [sys.executable, "-c", QUEUED + program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_queued_log_loses_nothing_at_the_end():
    with started("for n in range(99): log.get().info('x', n=n)") as process:
        told = [json.loads(line)["n"] for line in process.stderr]
    assert told == list(range(99))


def test_a_process_goes_on_when_the_reader_of_its_log_hangs():
    """What finds no room is counted, and told once there is room again."""
    program = "for n in range(5000): log.get().info('x', n=n, text='y' * 400)\n"
    program += "print('went on', flush=True)\nsys.stdin.readline()\nlog.get().info('last')\nlog.flush(9)\n"
    with started(program) as process:
        assert process.stdout.readline() == "went on\n"
        process.stdin.write("\n")
        process.stdin.close()
        told = [json.loads(line) for line in process.stderr]
    dropped = sum(line["lines"] for line in told if line["event"] == "log.dropped")
    written = [line["n"] for line in told if line["event"] == "x"]
    assert written == sorted(set(written))  # in order, though some that found no room are missing
    assert written[:500] == list(range(500))
    assert len(written) + dropped == 5000 + ("last" not in {line["event"] for line in told})
    assert 1_000 < len(written) < 4_000


def test_a_process_ends_though_the_reader_of_its_log_hangs():
    with started("for _ in range(999): log.get().info('x', text='y' * 400)") as process:
        assert process.wait(10) == 0
        process.stderr.close()
