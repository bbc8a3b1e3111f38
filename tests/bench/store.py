"""How fast the store takes and gives 20,000 messages with a case each; sqlite3 with the same rows beside it.

Run it from the project's root: `python tests/bench/store.py [MESSAGES]`. The ratio is what to compare; the
rates are this machine's.
"""

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from relaywatch.core.cases.case import Case, Deadline, Obligation, State, Status
from relaywatch.core.mail.message import Class, Copy, Folder, Mail, Message, Role, Verdict
from relaywatch.core.policy import Kind
from relaywatch.store import CaseToSave, NewMail, Store

BATCH = 200
START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = "Where is my order? It should have come on Monday. " * 12


def new_mail(number: int) -> NewMail:
    customer = f"c-{number:032x}@relay.walmart.ca"
    copy = Copy(
        mailbox="care",
        role=Role.CARE,
        folder=Folder.INBOX,
        internaldate=START + timedelta(minutes=number),
    )
    message = Message(
        account="main",
        copies=(copy,),
        message_id=f"<{number}@relay.walmart.ca>",
        digest=f"{number:064x}",
        date=START,
        subject=f"Question about my order {number}",
        author=customer,
        author_name="Jordan",
        from_=(customer,),
        to=("care@shop.example",),
        references=(f"<{number}.a@relay.walmart.ca>", f"<{number}.b@relay.walmart.ca>"),
        headers=(("auto-submitted", "no"),),
        structure=("text/plain",),
        own_words=WORDS,
    )
    verdict = Verdict(class_=Class.CUSTOMER, rule="relay_sender", evidence=(customer,))
    keys = frozenset(f"{kind}:{number}" for kind in ("id", "order", "refid", "parent"))
    return NewMail(mail=Mail(message, verdict), keys=keys, uidvalidity=7, uid=number + 1)


def new_case(row: int, entry: NewMail) -> CaseToSave:
    message = entry.mail.message
    started = message.copies[0].internaldate or START
    deadlines = tuple(
        Deadline(
            obligation=obligation,
            rule="C1",
            kind=Kind.CUSTOMER,
            party=message.author,
            status=Status.RUNNING,
            started_at=started,
            due_at=started + DAY,
            started_by=message.message_id,
            started_key=message.key,
            clock="internaldate",
        )
        for obligation in (Obligation.REPLY, Obligation.RESOLUTION)
    )
    case = Case(
        account="main",
        kind=Kind.CUSTOMER,
        mailbox="care",
        counterparty=message.author,
        subject=message.subject,
        order_id="600000012345678",
        topics=(),
        state=State.OPEN,
        opened_at=started,
        deadlines=deadlines,
        findings=(),
        messages=1,
    )
    return CaseToSave(
        case_id=None,
        merged=(),
        message_rows=(row,),
        case=case,
        next_look_at=started,
        judged_with="bench",
    )


def write_store(path: Path, entries: list[NewMail]) -> None:
    with Store.open(str(path)) as store:
        for start in range(0, len(entries), BATCH):
            batch = entries[start : start + BATCH]
            with store.transaction():
                rows = store.add_mails(batch)
                store.save_cases([new_case(row, entry) for row, entry in zip(rows, batch, strict=True)])


def write_bare(source: Path, path: Path) -> float:
    """Write the very rows of a store's tables with executemany; return seconds without reading them."""
    with sqlite3.connect(source) as old:
        schema = [
            sql
            for (sql,) in old.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
            )
        ]
        tables = ("cases", "messages", "copies", "message_keys", "deadlines")
        rows = {table: old.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    old.close()
    began = time.perf_counter()
    new = sqlite3.connect(path, isolation_level=None)
    new.execute("PRAGMA journal_mode = WAL")
    new.execute("PRAGMA synchronous = FULL")
    new.execute("PRAGMA foreign_keys = ON")
    for sql in schema:
        new.execute(sql)
    pace = {table: BATCH * len(rows[table]) // len(rows["cases"]) for table in tables}
    for number in range((len(rows["cases"]) + BATCH - 1) // BATCH):
        new.execute("BEGIN IMMEDIATE")
        for table in tables:
            part = rows[table][number * pace[table] : (number + 1) * pace[table]]
            marks = ", ".join("?" * len(part[0]))
            new.executemany(f"INSERT INTO {table} VALUES ({marks})", part)
        new.execute("COMMIT")
    new.close()
    return time.perf_counter() - began


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def timed(name: str, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    tell(f"{name:<34} {seconds:6.2f} s")
    return seconds


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    entries = [new_mail(number) for number in range(count)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store.db")
        store_seconds = timed(f"store: write {count} messages + cases", lambda: write_store(path, entries))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
        tell(f"{'store: memory for it':<34} {memory / 1024:6.1f} MB")
        bare_seconds = write_bare(path, Path(folder, "bare.db"))
        tell(f"{'sqlite3: the same rows':<34} {bare_seconds:6.2f} s")
        tell(f"{'ratio':<34} {store_seconds / bare_seconds:6.2f}")
        with Store.open(str(path), read_only=True) as store:
            timed("store: case_rows", store.case_rows)
            rows = store.message_rows("main", limit=count)
            timed("store: load_mails", lambda: store.load_mails(rows))
            timed(
                "store: connected, one by one x 1000",
                lambda: [store.connected("main", [row]) for row in rows[:1000]],
            )
            timed("store: counts", lambda: store.counts(START))


if __name__ == "__main__":
    main()
