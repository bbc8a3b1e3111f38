"""Values as rows: times that sort, any field kept, and queries that stay portable."""

import ast
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import relaywatch.store
from relaywatch.core.cases.case import Deadline
from relaywatch.core.mail.message import Role
from relaywatch.store.codec import RowCodec, clean, record_from, record_to_json, stored_as, time_from_text, time_to_text
from relaywatch.store.error import DamagedRow
from relaywatch.store.queries import queries


@given(st.lists(strategies.times, min_size=2, max_size=5))
def test_times_sort_as_text(times):
    assert sorted(times) == [time_from_text(text) for text in sorted(time_to_text(time) for time in times)]


@given(strategies.times, st.integers(-14 * 60, 14 * 60))
def test_a_time_of_another_zone_is_the_same_moment(moment, minutes):
    if not 2 < moment.year < 9998:
        return
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    text = time_to_text(local)
    assert time_from_text(text) == moment
    assert len(text) == len("2026-11-22T22:13:05.123456Z")
    assert text.endswith("Z")


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        time_to_text(datetime(2026, 11, 22))  # noqa: DTZ001  # that is the point


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("", ""), ("plain", "plain"), ("好é", "好é"), ("a\x00b", "a\ufffdb"), ("\ud800é", "?é"), ("😀", "😀")],
)
def test_clean(text, cleaned):
    assert clean(text) == cleaned


@given(strategies.deadlines)
def test_fields_without_a_column_go_into_facts(deadline):
    codec = RowCodec(Deadline, ("rule", "due_at"))
    row = codec.row(deadline, case_id=5)
    assert set(row) == {"rule", "due_at", "facts", "case_id"}
    assert codec.read(row) == deadline


@dataclass(frozen=True)
class Later:
    """A value that has got a field more than the row was written with."""

    role: Role
    seen: datetime | None = None
    further: tuple[tuple[str, int], ...] = ()
    notes: dict[str, object] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def test_a_new_field_takes_its_default_from_old_rows_and_old_fields_are_ignored():
    row = {"role": "care", "facts": json.dumps({"gone": 1})}
    assert RowCodec(Later, ("role",)).read(row) == Later(Role.CARE)


def test_only_what_differs_from_its_default_is_written():
    codec = RowCodec(Later, ("role",))
    assert codec.row(Later(Role.CARE)) == {"role": "care", "facts": "{}"}
    whole = Later(Role.CARE, datetime(2026, 11, 22, tzinfo=UTC), (("a", 1),), {"b": [1]}, frozenset({"d", "c"}))
    assert json.loads(codec.row(whole)["facts"]) == {
        "seen": "2026-11-22T00:00:00.000000Z",
        "further": [["a", 1]],
        "notes": {"b": [1]},
        "names": ["c", "d"],
    }
    assert codec.read(codec.row(whole)) == whole


@dataclass(frozen=True)
class Renamed:
    """A value one of whose fields has a name in JSON that Python keeps for itself."""

    role: Role
    other: str = field(default="", metadata=stored_as("else"))


def test_a_field_may_have_another_name_in_json():
    assert record_to_json(Renamed(Role.CARE, "b")) == '{"role":"care","else":"b"}'
    assert record_from(Renamed, {"role": "care", "else": "b", "gone": 1}) == Renamed(Role.CARE, "b")
    assert record_from(Renamed, {"role": "care", "other": "b"}) == Renamed(Role.CARE)
    with pytest.raises(DamagedRow):
        record_from(Renamed, {"else": "b"})


def test_free_values_are_written_as_plain_data():
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    value = Later(Role.CARE, notes={"role": Role.SENT, "at": moment, "set": frozenset({"b", "a"}), "t": (1,)})
    codec = RowCodec(Later, ("role",))
    assert codec.read(codec.row(value)).notes == {
        "role": "sent",
        "at": "2026-11-22T00:00:00.000000Z",
        "set": ["a", "b"],
        "t": [1],
    }


@dataclass(frozen=True)
class Odd:
    """A value that no column can hold."""

    thing: complex


def test_a_type_unheard_of_is_refused_at_once():
    with pytest.raises(TypeError, match="cannot be stored"):
        RowCodec(Odd, ())


def test_json_reads_as_people_write():
    codec = RowCodec(Later, ("role",))
    assert "好" in codec.row(Later(Role.CARE, notes={"a": "好"}))["facts"]


def test_every_query_is_used_and_every_name_used_is_a_query():
    folder = Path(relaywatch.store.__file__).parent
    source = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    literals = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not set(queries()) - literals
    called = re.findall(r"_db\.(?:rows?|rows_in|write|write_in|write_many|insert)\(\s*\"(\w+)\"", source)
    assert set(called) <= set(queries())


SQLITE_ALONE = (
    "insert or",
    "replace into",
    "ifnull",
    "json_",
    "strftime",
    "glob",
    "rowid",
    "datetime(",
    "`",
    " is :",
)


@pytest.mark.parametrize("name", sorted(queries()))
def test_queries_keep_to_what_sqlite_and_postgresql_share(name):
    sql = queries()[name].lower()
    assert not [word for word in SQLITE_ALONE if word in sql]
    assert not re.search(r"[?$%]", sql)
