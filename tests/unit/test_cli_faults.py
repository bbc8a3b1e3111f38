"""What can be wrong around a command: usage, configuration, database. One line each, and the right exit status."""

import contextlib
import io
import multiprocessing
import os
import re
import shutil
import sqlite3
import tempfile
import warnings
from pathlib import Path

import pytest
from lab_daemon import run
from lab_post import customer
from lab_story import H, Story

from relaywatch.cli import main

NOBODY = 65534
READS = (("cases",), ("show", "1"), ("status",))
WRITES = (("resolve", "1"), ("answered", "1", "--note", "x"), ("waive", "1", "--reason", "x"))


@pytest.fixture
def failing(tmp_path, capsys):
    """Run a command that must fail, on the configuration of `tmp_path`; return its one line."""

    def run_(*words, status, config=tmp_path / "relaywatch.toml"):
        try:
            found = main([*words, "--config", str(config)] if config else [*words])
        except SystemExit as end:  # argparse
            found = end.code
        said = capsys.readouterr()
        assert (found, said.out) == (status, ""), said
        (line,) = said.err.splitlines()
        assert line.startswith("relaywatch: ")
        assert "Traceback" not in line
        assert "internal error" not in line
        return line

    return run_


@pytest.fixture
def database(tmp_path):
    story = Story(tmp_path)
    story.mail(customer(), at=H(0))
    story.store.close()
    return tmp_path / "relaywatch.db"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("frobnicate",), "frobnicate"),
        ((), "COMMAND"),
        (("show",), "CASE"),
        (("show", "one"), "one"),
        (("show", "1.5"), "1.5"),
        (("cases", "--state", "lost"), "lost"),
        (("cases", "--format", "xml"), "xml"),
        (("resolve",), "CASE"),
        (("resolve", "1", "--at", "yesterday"), "yesterday"),
        (("resolve", "1", "--at", "2026-11-22T10:00:00"), "zone"),
        (("answered", "1"), "--note"),
        (("answered", "1", "--note", " "), "empty"),
        (("answered", "1", "--note", "x", "--obligation", "resolution"), "resolution"),
        (("waive", "1"), "--reason"),
        (("waive", "1", "--reason", ""), "empty"),
        (("explain",), "FILE"),
        (("explain", "a.eml", "--role", "sent"), "sent"),
        (("run", "--twice"), "--twice"),
        (("status", "extra"), "extra"),
    ],
)
@pytest.mark.usefixtures("database")
def test_wrong_usage_is_one_line(failing, words, hint):
    line = failing(*words, status=2)
    assert hint in line


@pytest.mark.usefixtures("database")
def test_waive_wants_cases_or_a_time(failing):
    assert "not both" in failing("waive", "--reason", "x", status=2)
    assert "not both" in failing("waive", "1", "--before", "2026-11-22T10:00:00Z", "--reason", "x", status=2)


@pytest.mark.parametrize("words", [*READS, *WRITES, ("run",), ("check",)], ids=" ".join)
def test_no_configuration_is_one_line(failing, tmp_path, words, monkeypatch):
    missing = tmp_path / "missing.toml"
    assert "missing.toml" in failing(*words, status=2, config=missing)
    monkeypatch.setenv("RELAYWATCH_CONFIG", str(missing))
    assert "missing.toml" in failing(*words, status=2, config=None)


@pytest.mark.usefixtures("database")
def test_a_wrong_configuration_is_a_line_for_each_problem(tmp_path, capsys):
    path = tmp_path / "relaywatch.toml"
    path.write_text(path.read_text().replace('role = "care"', 'role = "cares"').replace("[seller]", "[sellr]"))
    assert main(["cases", "--config", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert any("sellr" in line for line in lines)
    assert any("mailbox[0].role" in line or "mailbox[1].role" in line for line in lines)
    assert all(line.startswith("relaywatch: ") for line in lines)


@pytest.mark.parametrize("words", READS, ids=" ".join)
def test_before_the_first_run_there_is_nothing_to_read(failing, database, words):
    database.unlink()
    line = failing(*words, status=3)
    assert "relaywatch.db" in line
    assert "relaywatch run" in line


@pytest.mark.parametrize("words", WRITES, ids=" ".join)
def test_before_the_first_run_there_is_no_case_and_no_database_is_made(failing, database, words):
    database.unlink()
    assert failing(*words, status=3)
    assert not database.exists()


@pytest.mark.parametrize("words", [*READS, *WRITES, ("run", "--once")], ids=" ".join)
@pytest.mark.parametrize(
    "content",
    [b"these are no tables\n" * 500, None],
    ids=["no database", "damaged"],
)
def test_a_database_that_is_none(failing, database, words, content):
    if content is None:
        whole = database.read_bytes()
        content = whole[:4096] + os.urandom(len(whole) - 4096)
    database.write_bytes(content)
    assert "relaywatch.db" in failing(*words, status=3)


@pytest.mark.parametrize("words", [*READS, *WRITES], ids=" ".join)
def test_a_database_that_is_empty(failing, database, words):
    database.write_bytes(b"")
    assert "empty" in failing(*words, status=3)


@pytest.mark.parametrize("words", [*READS, *WRITES, ("run", "--once")], ids=" ".join)
def test_a_strangers_and_a_newer_database(failing, database, words):
    raw = sqlite3.connect(database)
    raw.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('relaywatch', 'm999', 'now')")
    raw.commit()
    raw.close()
    assert "newer" in failing(*words, status=3)
    database.unlink()
    raw = sqlite3.connect(database)
    raw.execute("CREATE TABLE recipes (name)")
    raw.commit()
    raw.close()
    line = failing(*words, status=3)
    assert "not relaywatch's" in line


@pytest.mark.parametrize("words", [*READS, *WRITES], ids=" ".join)
def test_a_database_that_is_a_folder(failing, database, words):
    database.unlink()
    database.mkdir()
    assert "relaywatch.db" in failing(*words, status=3)


@pytest.fixture
def open_to_all():
    """A folder that every user may enter, as pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def _answer(queue, words):
    if os.getuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(words)
    queue.put((status, out.getvalue(), err.getvalue()))


def as_another_user(*words):
    """Run a command without root's rights; return its exit status, output and complaint."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=_answer, args=(queue, words))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads at a fork, which other tests may leave
        process.start()
    process.join(30)
    return queue.get()


def test_a_database_that_may_not_be_written_can_be_read(open_to_all):
    story = Story(open_to_all)
    story.mail(customer(), at=H(0))
    story.store.close()
    config = str(open_to_all / "relaywatch.toml")
    (open_to_all / "relaywatch.db").chmod(0o444)
    open_to_all.chmod(0o555)
    for words in WRITES:
        status, out, err = as_another_user(*words, "--config", config)
        assert (status, out, err.count("\n")) == (3, "", 1)
        assert "relaywatch.db" in err
        assert "cannot be" in err
    status, out, err = as_another_user("cases", "--config", config)
    assert (status, err) == (0, "")
    assert "600000000000001" in out
    (open_to_all / "relaywatch.db").chmod(0)
    for words in (*READS, *WRITES):
        status, out, err = as_another_user(*words, "--config", config)
        assert (status, out, err.count("\n")) == (3, "", 1)
        assert "check who" in err


def test_what_nobody_foresaw_is_one_line(tmp_path, monkeypatch, capsys, database):
    del database

    def break_(*_):
        raise ZeroDivisionError("words of a mail")

    monkeypatch.setattr("relaywatch.cli.commands.judged_cases", break_)
    assert main(["cases", "--config", str(tmp_path / "relaywatch.toml")]) == 3
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "internal error" in said.err


def test_help_and_every_command_is_named_in_it():
    found = run("--help")
    assert found.returncode == 0
    commands = "run check cases show resolve answered waive explain status demo tell-failure"
    for command in commands.split():
        assert re.search(rf"^ +{command}\s", found.stdout, re.MULTILINE)
