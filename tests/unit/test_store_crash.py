"""kill -9 at any moment: what was committed is there, what was not leaves no trace."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lab_store import NOON

from relaywatch.store import Store

ROUNDS = 12
WRITER = """
import sys
from lab_store import entry, judged, warning
from relaywatch.core.mail.message import Folder, Place
from relaywatch.store import Store, StoredPosition
INBOX = Place(Folder.INBOX, "INBOX")
with Store.open(sys.argv[1]) as store:
    position = store.positions("main", "care").get(INBOX)
    last = position.last_uid if position else 0
    print("ready", flush=True)
    while True:
        with store.transaction():
            rows = store.add_mails([entry(uid, own_words="x" * 500) for uid in range(last + 1, last + 6)])
            for case_id in store.save_cases([judged(row) for row in rows]):
                store.add_warning(warning(case_id=case_id, keys=(str(case_id),)))
            last += 5
            store.save_position("main", "care", INBOX, StoredPosition(7, last))
        print(last, flush=True)
"""


@pytest.mark.timeout(120)
def test_what_was_committed_survives_and_nothing_else(tmp_path):
    path = str(tmp_path / "relaywatch.db")
    chance = random.Random(7)
    tests = Path(__file__).parents[1]
    env = {"PYTHONPATH": f"{tests}:{tests.parent}"}
    said = 0
    for _ in range(ROUNDS):
        command = [sys.executable, "-c", WRITER, path]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            lines = process.stdout.read().split("\n")[:-1]  # the last may be cut in the middle
        said = max([said, *map(int, lines)])
        with Store.open(path) as store:  # which checks the whole file
            rows = store.message_rows("main", limit=1_000_000)
            cases = store.case_rows()
            assert store._db.db.execute("PRAGMA foreign_key_check").fetchall() == []
            assert len(rows) == len(cases) == store.counts(NOON).unsent
            assert len(rows) >= said
            assert len(rows) % 5 == 0
            assert all(stored.case.deadlines for stored in cases)
    assert said > 0
