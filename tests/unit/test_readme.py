"""README.md says what is so: its configuration loads, its queries run, what it names is there."""

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import lab_store
import pytest
import sqlite_utils

from relaywatch.cli.arguments import parser
from relaywatch.cli.topics import topics
from relaywatch.config import load
from relaywatch.core.cases.case import Code, Status
from relaywatch.core.policy import Policy
from relaywatch.store import Store

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "relaywatch").rglob("*.py")))
EVENT = re.compile(r'(?:(?:info|warning|error|critical|Change)\(\s*f?|event = f?)"([a-z]+(?:\.[a-z_{}.]+)?)"')
FAMILIES = {  # events whose last word is a value
    "case.{}": {"case.open", "case.answered", "case.resolved", "case.waived"},
    "deadline.{}": {"deadline.met", "deadline.late", "deadline.waived"},
    "mailbox.{}": {"mailbox.seeing", "mailbox.back"},
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table whose header row begins with a word."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()]


def test_the_configuration_is_a_whole_one(tmp_path):
    (text,) = blocks("toml")
    (tmp_path / "relaywatch.toml").write_text(text)
    settings = load(tmp_path / "relaywatch.toml")
    (account,) = settings.accounts
    assert account.policy == Policy()
    assert [mailbox.role.value for mailbox in account.mailboxes] == ["care", "complaint"]
    assert set(tomllib.loads(text)) == {"service", "smtp", "notify", "mailbox"}


@pytest.fixture
def database(tmp_path):
    """A case that was answered late and another that is overdue, with a warning."""
    path = tmp_path / "relaywatch.db"
    now = datetime.now(UTC)
    began = now - 30 * lab_store.HOUR
    clock = {"started_at": began, "due_at": began + 24 * lab_store.HOUR}
    late = lab_store.deadline(**clock, status=Status.LATE, met_at=began + 25 * lab_store.HOUR)
    overdue = lab_store.deadline(**clock, status=Status.OVERDUE, started_key=lab_store.mail(2).message.key)
    with Store.open(str(path)) as store:
        answered, waiting = lab_store.add(store, lab_store.entry(1), lab_store.entry(2))
        lab_store.save(
            store,
            lab_store.judged(answered, of=lab_store.case(deadlines=(late,))),
            lab_store.judged(waiting, of=lab_store.case(deadlines=(overdue,))),
        )
        with store.transaction():
            store.add_warning(lab_store.warning(step="due", case_id=2))
    database = sqlite_utils.Database(path)
    yield database
    database.close()


def test_the_queries_answer(database):
    speed, lapsed, told = ([*database.query(query)] for query in blocks("sql"))
    assert [(row["kind"], row["replies"], row["late"]) for row in speed] == [("customer", 1, 1)]
    assert speed[0]["hours_on_average"] == 25.0
    assert {row["met_at"] is None for row in lapsed} == {True, False}
    assert [(row["step"], row["recipient"]) for row in told] == [("due", "oncall@shop.example")]


def test_every_make_target_is_there():
    shown = set(re.findall(r"\bmake ([a-z-]+)", "\n".join([*blocks("sh"), *re.findall(r"`([^`]+)`", README)])))
    assert {"demo", "test", "check"} <= shown
    assert {name for name in shown if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)} == set()


def test_every_command_is_there_and_no_other():
    shown = {cells[0].split()[1].strip("`") for cells in rows("command")}
    (commands,) = (action.choices for action in parser()._actions if action.choices)
    assert shown == set(commands)


@pytest.mark.parametrize("words", [cells[0].strip("`") for cells in rows("command")])
def test_every_command_is_used_rightly(words):
    options = re.findall(r'"[^"]*"|\S+', words)[1:]
    parser().parse_args([option.strip('"') for option in options])


def test_every_event_of_the_log_is_told_and_no_other():
    told = {name for cells in rows("event") for name in re.findall(r"`([a-z]+(?:\.[a-z_]+)?)`", cells[0])}
    used = {re.sub(r"\{[^}]*\}", "{}", name) for name in EVENT.findall(SOURCES)}
    used = {name for name in used if name == "finding" or "." in name}
    known = {name for event in used for name in FAMILIES.get(event, {event})}
    assert told == {name for name in known if not name.startswith(("thread.", "library."))}  # others' faults


def test_the_interface_names_the_same_events():
    told = {name for cells in rows("event") for name in re.findall(r"`([a-z]+(?:\.[a-z_]+)?)`", cells[0])}
    named = topics()["interface"].partition("\n## The log\n")[2].partition("\n## ")[0]
    fields = {"timestamp", "level", "event"}
    assert set(re.findall(r"`([a-z]+(?:\.[a-z_]+)?)`", named)) - fields == told


def test_the_lines_of_the_log_are_as_the_log_writes_them():
    for line in blocks("json")[0].splitlines():
        event = json.loads(line)
        assert list(event)[:3] == ["timestamp", "level", "event"]


def test_every_place_is_there():
    places = set(re.findall(r"`((?:relaywatch|config|tests|\.ci)/[\w./]*)`", README))
    assert len(places) > 20
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


def test_every_finding_and_status_is_named():
    assert [code.value for code in Code if f"`{code.value}`" not in README] == []
    assert [status.value for status in (Status.OVERDUE, Status.LATE) if f"'{status.value}'" not in README] == []


def test_the_service_is_told_as_it_is():
    unit = (ROOT / "config" / "relaywatch.service").read_text("utf-8")
    for path in ("/opt/relaywatch", "/etc/relaywatch/relaywatch.toml", "/etc/relaywatch/credentials"):
        assert path in README
        assert path in unit
