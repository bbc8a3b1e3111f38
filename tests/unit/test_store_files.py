"""The database as a file: what can be wrong with it, in one line; versions; readers beside the writer."""

import multiprocessing
import os
import shutil
import sqlite3
import stat
import tempfile
import threading
import warnings
from contextlib import closing
from pathlib import Path

import pytest
from lab_store import NOON, add, entry, judged, save, warning
from sqlite_utils import Database

from relaywatch.store import DaemonLock, Store, StoreError, concerns_all, roots_own
from relaywatch.store.queries import queries
from relaywatch.store.schema import migrations
from relaywatch.store.version import MIGRATIONS

NOBODY = 65534


@pytest.fixture
def path(tmp_path):
    return tmp_path / "relaywatch.db"


def filled(path):
    with Store.open(str(path)) as store:
        rows = add(store, *(entry(number, own_words="x" * 2000) for number in range(60)))
        save(store, *(judged(row) for row in rows))


def read_all(path, *, read_only):
    with Store.open(str(path), read_only=read_only) as store:
        store.case_rows()
        store.load_mails(range(60))


def error_of(path, *, read_only=False):
    """Return the one line that opening and reading the database gives."""
    with pytest.raises(StoreError) as caught:
        read_all(path, read_only=read_only)
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_a_new_database_is_for_its_owner_and_group(path):
    Store.open(str(path)).close()
    assert not stat.S_IMODE(path.stat().st_mode) & 0o007


def test_how_the_database_is_held(path):
    with Store.open(str(path)) as store:
        pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [store._db.db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
        assert values == ["wal", 2, 1, 10_000]


def test_missing(path):
    assert "No such file" in error_of(path, read_only=True)
    assert "does not exist: create it" in error_of(path.parent / "nowhere" / "x.db")


@pytest.mark.parametrize("read_only", [False, True])
def test_a_directory(tmp_path, read_only):
    text = error_of(tmp_path, read_only=read_only)
    assert "directory" in text or "not a file" in text


@pytest.mark.parametrize("read_only", [False, True])
def test_not_a_database(path, read_only):
    path.write_bytes(b"From: jsmith@walmart.com\n" * 200)
    assert "not a SQLite database" in error_of(path, read_only=read_only)


def test_an_empty_file_is_nothing_to_read_but_may_be_begun(path):
    path.touch()
    assert "empty" in error_of(path, read_only=True)
    Store.open(str(path)).close()
    Store.open(str(path), read_only=True).close()


@pytest.mark.parametrize("read_only", [False, True])
def test_damaged_pages(path, read_only):
    filled(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    assert "is damaged" in error_of(path, read_only=read_only)


@pytest.mark.parametrize("read_only", [False, True])
def test_cut_short(path, read_only):
    filled(path)
    os.truncate(path, path.stat().st_size // 2)
    assert "is damaged" in error_of(path, read_only=read_only)


def test_text_that_is_none(path):
    filled(path)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE cases SET subject = CAST(x'fffe' AS TEXT)")
    raw.close()
    assert "is damaged" in error_of(path)


def test_damage_amid_peoples_words_is_said_without_them(path):
    with Store.open(str(path)) as store:
        add(store, entry(1, own_words="my kiln burst"))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE messages SET own_words = CAST(CAST(own_words AS BLOB) || x'fffe' AS TEXT)")
    raw.close()
    text = error_of(path)
    assert "is damaged" in text
    assert "kiln" not in text


def test_a_damaged_schema_is_quoted_in_one_bounded_line(path):
    filled(path)
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE x(' || char(10) || ?", ("y" * 5_000,))
    raw.close()
    text = error_of(path, read_only=True)
    assert "is damaged" in text
    assert len(text) < 500


def test_a_table_that_somebody_took_away(path):
    filled(path)
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE mailboxes")
    raw.close()
    with Store.open(str(path), read_only=True) as store, pytest.raises(StoreError, match="not as relaywatch made it"):
        store.sights()


@pytest.mark.parametrize("read_only", [False, True])
def test_damage_that_an_error_quotes(path, read_only):
    """SQLite names what it cannot read, in bytes that are no text."""
    filled(path)
    whole = path.read_bytes()
    assert b"PRIMARY KEY AUTOINCREMENT" in whole
    path.write_bytes(whole.replace(b"PRIMARY KEY AUTOINCREMENT", b"PRIMARY \xffEY AUTOINCREMENT"))
    assert "is damaged" in error_of(path, read_only=read_only)


@pytest.mark.parametrize(
    "damage",
    ["facts = '{'", "facts = '[]'", "opened_at = 'soon'", "kind = 'x'"],
)
def test_a_row_that_cannot_be_read(path, damage):
    filled(path)
    with sqlite3.connect(path) as raw:
        raw.execute(f"UPDATE cases SET {damage} WHERE id = 30")
    raw.close()
    with Store.open(str(path), read_only=True) as store:
        with pytest.raises(StoreError, match="is damaged") as caught:
            store.case_rows()
        assert not concerns_all(caught.value)
        assert store.case(29) is not None


@pytest.mark.parametrize("read_only", [False, True])
def test_a_strangers_database_is_left_as_it_is(path, read_only):
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE songs (name TEXT)")
    raw.close()
    before = path.read_bytes()
    assert "not relaywatch's" in error_of(path, read_only=read_only)
    assert path.read_bytes() == before


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_version(path, read_only):
    filled(path)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE _sqlite_migrations SET name = 'm999_more' WHERE name LIKE 'm005%'")
    raw.close()
    assert "newer relaywatch: upgrade" in error_of(path, read_only=read_only)


with closing(Database(memory=True)) as _empty:
    STEPS = [migration.name for migration in migrations.pending(_empty)]


def test_a_reader_knows_every_step():
    assert list(MIGRATIONS) == STEPS


def schema_of(path):
    with sqlite3.connect(path) as raw:
        found = raw.execute("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        schema = found.fetchall()
    raw.close()
    return schema


@pytest.mark.parametrize("step", STEPS[1:])
def test_an_older_version_is_brought_up_to_date(tmp_path, path, step):
    old = Database(str(path))
    migrations.apply(old, stop_before=step)
    old.table("meta").insert({"key": "kept", "value": "yes"})
    old.close()
    assert "older relaywatch" in error_of(path, read_only=True)
    with Store.open(str(path)) as store:
        assert store.get_meta("kept") == "yes"
    Store.open(str(tmp_path / "fresh.db")).close()
    assert schema_of(path) == schema_of(tmp_path / "fresh.db")


def test_a_reader_cannot_write(path):
    filled(path)
    with Store.open(str(path), read_only=True) as reader:
        with pytest.raises(StoreError, match="reading only"), reader.transaction():
            pass
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._db.db.execute("DELETE FROM cases")


def test_readers_see_whole_transactions_while_the_daemon_writes(path):
    """Each transaction adds a message, a case and a warning: a snapshot must hold as many of each."""
    Store.open(str(path)).close()
    stop = threading.Event()
    failures = []

    def read():
        with Store.open(str(path), read_only=True) as reader:
            while not stop.is_set():
                with reader._db.snapshot():
                    cases = len(reader.case_rows())
                    rows = len(reader.message_rows("main"))
                    unsent = reader.counts(NOON).unsent
                if not cases == rows == unsent:
                    failures.append((cases, rows, unsent))

    readers = [threading.Thread(target=read) for _ in range(2)]
    with Store.open(str(path)) as store:
        for reader in readers:
            reader.start()
        for number in range(100):
            with store.transaction():
                rows = store.add_mails([entry(number)])
                (case_id,) = store.save_cases([judged(*rows)])
                store.add_warning(warning(case_id=case_id, keys=(str(number),)))
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []


def save_and_warn_of_another(store):
    with store.transaction():
        (case_id,) = store.save_cases([judged()])
        store.add_warning(warning(case_id=case_id + 1))


def test_an_exception_rolls_everything_back(path):
    with Store.open(str(path)) as store:
        with pytest.raises(AttributeError), store.transaction():
            store.add_mails([entry(1), None])
        with pytest.raises(sqlite3.IntegrityError):
            save_and_warn_of_another(store)
        assert store.case_rows() == []
        assert store.message_rows("main") == []
        with (
            store.transaction(),
            pytest.raises(RuntimeError, match="inside a transaction"),
            store.transaction(),
        ):
            pass


def test_another_writer_is_named_as_the_trouble(path, monkeypatch):
    monkeypatch.setattr("relaywatch.store.connection._BUSY_SECONDS", 0.05)
    filled(path)
    other = sqlite3.connect(path, isolation_level=None)
    with Store.open(str(path)) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program") as caught, store.transaction():
            pass
        assert caught.value.passing
        other.execute("ROLLBACK")
        add(store, entry(99))
    other.close()


def test_a_full_disk_undoes_the_transaction_and_may_pass(path):
    with Store.open(str(path)) as store:
        rows = add(store, entry(1))
        database = store._db.db
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="disk is full") as caught:
            add(store, *(entry(number, own_words="x" * 9999) for number in range(2, 50)))
        assert caught.value.passing
        assert store.message_rows("main") == rows
        database.execute("PRAGMA max_page_count = 1073741823")
        add(store, entry(2))


HOT = {
    "messages_by_key": {"account": "main", "listed0": "k"},
    "keys_of_messages": {"listed0": 1},
    "messages_of_keys": {"account": "main", "listed0": "k", "limit": 9},
    "copies": {"listed0": 1},
    "messages_of_case": {"case_id": 1, "limit": 9},
    "unmet_openers_of_case": {"case_id": 1, "limit": 9},
    "unmet_openers_beside": {"account": "main", "listed0": 1, "limit": 9},
    "unjudged_of_keys": {"account": "main", "listed0": "k", "limit": 9},
    "bearers_of_named": {"account": "main", "listed0": 1, "each": 9, "limit": 9},
    "sellers_among": {"listed0": 1},
    "keyless_bearers_of_id": {"account": "main", "id": "<k>", "each": 9},
    "bounces_of": {"listed0": 1, "named": 9, "limit": 9},
    "keys_by_message": {"listed0": 1},
    "unjudged": {"account": "main", "limit": 9},
    "due_cases": {"now": "2026", "account": "main"},
    "claim_case": {"case_id": 1, "seen": "2026", "new": "2027"},
    "deadlines_of_case": {"case_id": 1},
    "findings_of_case": {"case_id": 1},
    "deadlines_among": {"listed0": 1},
    "findings_among": {"listed0": 1},
    "delete_loose_findings": {"message": 1},
    "statements": {"case_id": 1},
    "warning_keys_said": {"account": "main", "listed0": "k"},
    "pending_deliveries": {},
    "next_try_at": {},
    "next_look_at": {},
}


@pytest.mark.parametrize("name", HOT)
def test_what_runs_often_never_reads_a_whole_table(path, name):
    sql = queries()[name].replace(":listed", ":listed0")
    with Store.open(str(path)) as store:
        plan = store._db.db.execute(f"EXPLAIN QUERY PLAN {sql}", HOT[name]).fetchall()
    scans = [step for *_, step in plan if step.startswith("SCAN") and "USING" not in step]
    assert scans == []


@pytest.mark.parametrize("name", ["unmet_openers_beside", "unmet_openers_of_case"])
def test_an_openers_message_is_looked_for_by_its_key_not_among_all_of_its_case(path, name):
    with Store.open(str(path)) as store:
        sql = queries()[name].replace(":listed", ":listed0")
        plan = store._db.db.execute(f"EXPLAIN QUERY PLAN {sql}", HOT[name]).fetchall()
    order = [step for *_, step in plan if "messages" in step and "rowid" not in step]
    assert order == ["SEARCH messages USING INDEX idx_messages_account_key (account=? AND key=?)"]


@pytest.fixture
def open_to_all():
    """A directory that every user may enter, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to others")
def test_what_root_makes_is_for_the_directorys_owner(open_to_all):
    """As `relaywatch check` by root does, before the service's first start."""
    os.chown(open_to_all, NOBODY, NOBODY)
    path = open_to_all / "relaywatch.db"
    with DaemonLock(str(path)), Store.open(str(path)) as store:
        add(store, entry(1))
        made = sorted(open_to_all.iterdir())
        assert [file.name for file in made] == [f"relaywatch.db{end}" for end in ("", "-shm", "-wal", ".lock")]
        assert {(file.stat().st_uid, file.stat().st_gid) for file in made} == {(NOBODY, NOBODY)}
    assert as_another_user(path, read_only=False) == "0 cases"
    assert roots_own(str(path)) == []
    os.chown(path, 0, 0)
    assert roots_own(str(path)) == [str(path)]


def test_a_lock_that_is_a_link_leads_nowhere(tmp_path, path):
    """Else who may write beside the database could have root empty any file."""
    other = tmp_path / "other"
    other.write_text("kept")
    Path(f"{path}.lock").symlink_to(other)
    with pytest.raises(StoreError, match="cannot be written"):
        DaemonLock(str(path)).acquire()
    assert other.read_text() == "kept"


def test_the_database_may_be_a_link(tmp_path, path):
    path.symlink_to(tmp_path / "elsewhere.db")
    filled(path)
    read_all(path, read_only=True)


def _answer(queue, path, read_only):
    if os.getuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        with Store.open(path, read_only=read_only) as store:
            queue.put(f"{len(store.case_rows())} cases")
    except StoreError as error:
        queue.put(str(error))


def as_another_user(path, *, read_only):
    """Return what opening gives to a user without root's rights."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=_answer, args=(queue, str(path), read_only))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads at a fork, which other tests may leave
        process.start()
    process.join()
    return queue.get()


def test_a_read_only_directory_can_be_read_but_not_written(open_to_all):
    path = open_to_all / "relaywatch.db"
    filled(path)
    path.chmod(0o444)
    open_to_all.chmod(0o555)
    assert as_another_user(path, read_only=True) == "60 cases"
    assert "cannot be written" in as_another_user(path, read_only=False)
    path.chmod(0o666)
    assert "cannot be written" in as_another_user(path, read_only=False)


def test_a_file_that_may_not_be_read(open_to_all):
    path = open_to_all / "relaywatch.db"
    filled(path)
    path.chmod(0)
    for read_only in (True, False):
        text = as_another_user(path, read_only=read_only)
        assert "check who" in text
