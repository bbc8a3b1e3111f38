"""Warnings in the store: said once, delivered to each, and never lost on the way."""

import sqlite3
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_store import HOUR, NOON, add, case, entry, judged, save, undone, warning
from strategies import texts

from relaywatch.core.cases.case import State
from relaywatch.core.due.pace import WrittenWarning
from relaywatch.pipeline.warnings.cases import CasesTold
from relaywatch.store import Detail, Store, StoreError
from relaywatch.store.records import StoredDetail


@dataclass(frozen=True)
class Quoting(Detail):
    """What a kind of warning keeps."""

    subject: str
    n: int = 0


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(str(tmp_path_factory.mktemp("store") / "relaywatch.db")) as opened:
        yield opened


def say(store, **fields):
    with store.transaction():
        return store.add_warning(warning(**fields))


def pending(store, limit=100, **more):
    return store.pending_deliveries(limit, **more)


def test_a_warning_comes_back_with_its_deliveries(store):
    (case_id,) = save(store, judged())
    row = say(store, case_id=case_id, detail=Quoting(subject="Where?", n=1), recipients=("a@x", "b@x", "a@x"))
    (found,) = store.warnings_of(case_id)
    assert (found.id, found.step, found.detail.read_as(Quoting), found.cases) == (
        row,
        "8h",
        Quoting(subject="Where?", n=1),
        (case_id,),
    )
    assert (found.keys, found.due_at, found.created_at) == (("C1 8h",), NOON + 24 * HOUR, NOON)
    assert found.recipients == ("a@x", "b@x")
    assert [(item.recipient, item.state, item.attempts) for item in found.deliveries] == [
        ("a@x", "pending", 0),
        ("b@x", "pending", 0),
    ]


def test_what_was_said_is_not_said_again(store):
    assert say(store, keys=("a", "b")) is not None
    assert say(store, keys=("b", "a")) is None
    assert len(pending(store)) == 1
    assert say(store, keys=("b", "c")) is not None
    assert store.said("main", ["a", "b", "c", "d"]) == {"a", "b", "c"}
    assert store.said("main", []) == set()


def test_each_account_says_its_own(store):
    assert say(store, account="other") is not None
    assert store.said("main", ["C1 8h"]) == set()
    assert say(store) is not None


def test_a_warning_without_keys_is_always_said(store):
    assert say(store, keys=()) is not None
    assert say(store, keys=()) is not None


@given(st.lists(texts, min_size=1, max_size=4))
def test_any_text_is_a_key(shared, keys):
    with undone(shared):
        shared.add_warning(warning(keys=tuple(keys)))
        assert shared.said("main", keys) == set(keys)


def test_a_gathered_warning_is_found_by_each_of_its_cases(store):
    one, two, three = save(store, judged(), judged(), judged())
    say(store, cases=(two, one), step="due")
    assert [found.cases for found in store.warnings_of(one)] == [(one, two)]
    assert [found.case_id for found in store.warnings_of(two)] == [None]
    assert store.warnings_of(three) == []


def test_the_mails_about_cases_that_were_written_within_a_time_are_known(store):
    say(store, keys=("a",), lane="steps", customer="jordan", created_at=NOON)
    say(store, keys=("b",), lane="lapses", gathered=True, created_at=NOON + HOUR)
    say(store, keys=("c",), lane="steps", created_at=NOON + 2 * HOUR)
    say(store, keys=("d",), step="blind", created_at=NOON + HOUR)
    say(store, keys=("e",), lane="steps", account="second", created_at=NOON + HOUR)
    assert store.written("main", NOON, NOON + HOUR) == [WrittenWarning(at=NOON + HOUR, lane="lapses", gathered=True)]
    assert [one.customer for one in store.written("main", NOON - HOUR, NOON)] == ["jordan"]


def test_the_most_urgent_delivery_comes_first(store):
    say(store, keys=("later",), due_at=NOON + 8 * HOUR, message_id="<later@x>")
    say(store, keys=("late",), due_at=NOON - HOUR, message_id="<late@x>")
    say(store, keys=("blind",), due_at=None, message_id="<blind@x>", mailbox="care")
    assert [item.warning.message_id for item in pending(store)] == ["<late@x>", "<blind@x>", "<later@x>"]
    assert [item.warning.message_id for item in pending(store, limit=1)] == ["<late@x>"]


def test_what_tells_of_forgeries_alone_comes_after_the_others(store):
    say(store, keys=("forged",), due_at=NOON - HOUR, message_id="<forged@x>", detail=CasesTold(forged=True))
    say(store, keys=("some",), due_at=NOON + 8 * HOUR, message_id="<some@x>", detail=CasesTold())
    say(store, keys=("other",), due_at=None, message_id="<other@x>")
    assert [item.warning.message_id for item in pending(store)] == ["<other@x>", "<some@x>", "<forged@x>"]


def test_a_warning_whose_detail_is_damaged_is_told_as_damage(store, tmp_path):
    say(store)
    with sqlite3.connect(tmp_path / "relaywatch.db") as database:
        database.execute("UPDATE warnings SET detail = '{' WHERE id = 1")
    database.close()
    with pytest.raises(StoreError, match="the database is damaged"):
        pending(store)


def test_a_delivery_that_fails_for_now_is_tried_again(store):
    say(store)
    (item,) = pending(store)
    assert item.began_at is None
    with store.transaction():
        assert store.delivery_began(item.id, NOON)
        store.delivery_failed(item.id, NOON, "connection refused", NOON + HOUR)
    assert pending(store, held={item.id}) == []  # how long is for a clock that nobody sets, and not for this one
    assert store.next_try_at() == NOON + HOUR
    assert store.counts(NOON).unsent == 1
    (again,) = pending(store)
    assert again.began_at == NOON
    (delivery,) = again.warning.deliveries
    assert (delivery.attempts, delivery.error) == (1, "connection refused")


@pytest.mark.parametrize(
    ("end", "state", "unsent"),
    [
        (lambda store, row: store.delivery_sent(row, NOON, "250 2.0.0 ok"), "sent", 0),
        (lambda store, row: store.delivery_failed(row, NOON, "550 no such user", None), "failed", 1),
        (lambda store, row: store.delivery_dropped(row, NOON, "answered"), "dropped", 0),
    ],
)
def test_a_delivery_that_ended_is_over(store, end, state, unsent):
    (case_id,) = save(store, judged())
    say(store, case_id=case_id)
    (item,) = pending(store)
    with store.transaction():
        store.delivery_began(item.id, NOON)
        end(store, item.id)
    assert pending(store) == []
    assert store.next_try_at() is None
    assert store.counts(NOON).unsent == unsent
    delivery = store.warnings_of(case_id)[0].deliveries[0]
    assert (delivery.state, delivery.ended_at) == (state, NOON)
    with store.transaction():
        assert not store.delivery_began(item.id, NOON)
        store.delivery_failed(item.id, NOON, "too late", NOON)
    assert store.warnings_of(case_id)[0].deliveries[0].state == state


def test_two_recipients_are_one_unsent_warning(store):
    say(store, recipients=("a@x", "b@x"))
    assert store.counts(NOON).unsent == 1
    first, second = pending(store)
    with store.transaction():
        store.delivery_sent(first.id, NOON, "ok")
    assert store.counts(NOON).unsent == 1
    with store.transaction():
        store.delivery_sent(second.id, NOON, "ok")
    assert store.counts(NOON).unsent == 0


def test_a_long_answer_is_kept_in_part(store):
    (case_id,) = save(store, judged())
    say(store, case_id=case_id)
    with store.transaction():
        store.delivery_failed(pending(store)[0].id, NOON, "x" * 9999, NOON)
    assert len(store.warnings_of(case_id)[0].deliveries[0].error) == 500


def test_a_forgotten_case_forgets_what_its_warnings_quoted(store):
    rows = add(store, entry(1))
    (case_id,) = save(store, judged(*rows, of=case(state=State.RESOLVED)))
    say(store, case_id=case_id, detail=Quoting(subject="Where is my order?"), keys=("a",))
    with store.transaction():
        store.delivery_sent(pending(store)[0].id, NOON, "ok")
    say(store, case_id=case_id, detail=Quoting(subject="Where is my order?"), keys=("b",))
    with store.transaction():
        store.forget_words(NOON + HOUR)
    assert [found.detail for found in store.warnings_of(case_id)] == [
        StoredDetail({}),
        StoredDetail({"subject": "Where is my order?"}),
    ]
