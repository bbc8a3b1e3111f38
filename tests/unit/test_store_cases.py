"""Cases in the store: as judged, found by every number ever shown, claimed once, and never lost."""

from dataclasses import replace

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from lab_store import (
    HOUR,
    NOON,
    add,
    case,
    deadline,
    entry,
    finding,
    judged,
    loose_findings,
    row_of,
    save,
    undone,
    warning,
)

from relaywatch.core.cases.case import Code, Obligation, State, Statement, Status, Verb
from relaywatch.store import Store
from relaywatch.store.records import Counts


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(str(tmp_path_factory.mktemp("store") / "relaywatch.db")) as opened:
        yield opened


@given(st.lists(strategies.cases, max_size=3))
def test_every_case_comes_back_as_it_was(shared, cases):
    with undone(shared):
        ids = shared.save_cases([judged(of=given_case) for given_case in cases])
        found = {stored.id: stored.case for stored in shared.case_rows()}
        assert found == dict(zip(ids, cases, strict=True))
        assert [shared.case(case_id).case for case_id in ids] == cases


@given(strategies.statements)
def test_every_statement_comes_back_as_it_was(shared, statement):
    with undone(shared):
        (case_id,) = shared.save_cases([judged()])
        shared.add_statement(case_id, statement)
        assert shared.statements(case_id) == [statement]


def test_a_case_has_its_messages_and_its_next_look(store):
    rows = add(store, entry(1), entry(2))
    (case_id,) = save(store, judged(*rows, next_look_at=NOON + HOUR, judged_with="v2"))
    stored = store.case(case_id)
    assert (stored.account, stored.next_look_at) == ("main", NOON + HOUR)
    assert row_of(store, case_id)["judged_with"] == "v2"
    assert [found.id for found in store.mails_of_case(case_id)] == rows
    assert {found.case_id for found in store.load_mails(rows)} == {case_id}


def test_saving_again_replaces_deadlines_and_findings(store):
    rows = add(store, entry(1))
    (case_id,) = save(store, judged(*rows, of=case(findings=(finding(),))))
    later = case(state=State.ANSWERED, deadlines=(deadline(status=Status.MET, met_at=NOON, met_by="<r@x>"),))
    assert save(store, judged(*rows, of=later, case_id=case_id, next_look_at=None)) == [case_id]
    stored = store.case(case_id)
    assert stored.case == later
    assert stored.next_look_at is None
    assert len(store.case_rows()) == 1


@given(strategies.cases, st.lists(strategies.cases, min_size=1, max_size=3))
def test_a_case_that_is_saved_again_comes_back_as_it_was_saved_last(shared, first, later):
    with undone(shared):
        (case_id,) = shared.save_cases([judged(of=first)])
        for again in later:
            shared.save_cases([judged(of=again, case_id=case_id)])
            assert shared.case(case_id).case == again


def test_only_what_changed_of_a_case_is_written(store):
    (row,) = add(store, entry(1))
    many = tuple(replace(deadline(), started_key=f"k{number}", weighed_to=number) for number in range(300))
    of = case(deadlines=many, findings=tuple(finding(number) for number in range(50)))
    (case_id,) = save(store, judged(row, of=of))

    def written(of):
        before = store._db.db.conn.total_changes
        save(store, judged(row, of=of, case_id=case_id))
        assert store.case(case_id).case == of
        return store._db.db.conn.total_changes - before

    assert written(of) == 1  # the case itself
    assert written(replace(of, deadlines=(*many[:5], replace(many[5], status=Status.OVERDUE), *many[6:]))) == 2
    assert written(replace(of, deadlines=many[:-1])) == 3
    assert written(replace(of, deadlines=many, findings=of.findings[:-1])) == 3
    assert [one.weighed_to for one in store.case(case_id).case.deadlines] == list(range(300))


def statement(note, at=NOON):
    return Statement(verb=Verb.RESOLVE, at=at, note=note, said_at=at)


def test_merged_cases_keep_their_numbers_and_what_was_said_of_them(store):
    one, two, three = add(store, entry(1), entry(2), entry(3))
    first, second, third = save(store, judged(one), judged(two), judged(three))
    with store.transaction():
        store.add_statement(first, statement("a"))
        store.add_statement(second, statement("b", NOON - HOUR))
        store.add_warning(warning(case_id=first))
    save(store, judged(one, two, case_id=second, merged=(first,)))
    save(store, judged(one, two, three, case_id=third, merged=(second,)))
    assert [store.current_case(case_id) for case_id in (first, second, third)] == [third] * 3
    assert [stored.id for stored in store.case_rows()] == [third]
    assert store.case(first).id == third
    for case_id in (first, second, third):
        assert [said.note for said in store.statements(case_id)] == ["b", "a"]
        assert [said.case_id for said in store.warnings_of(case_id)] == [first]
        assert [found.id for found in store.mails_of_case(case_id)] == [one, two, three]
    assert [due.case_id for due in store.due_cases(NOON, "main")] == [third]


def test_a_case_may_swallow_the_one_that_swallowed_it(store):
    one, two = add(store, entry(1), entry(2))
    first, second = save(store, judged(one), judged(two))
    save(store, judged(one, two, case_id=second, merged=(first,)))
    save(store, judged(one, two, case_id=first, merged=(second,)))
    assert store.current_case(first) == store.current_case(second) == first


def test_merging_takes_messages_along_that_were_not_named(store):
    one, two = add(store, entry(1), entry(2))
    first, second = save(store, judged(one), judged(two))
    save(store, judged(two, case_id=second, merged=(first,)))
    assert [found.id for found in store.mails_of_case(second)] == [one, two]


def test_a_case_that_lost_all_its_messages_is_merged_though_nobody_said_so(store):
    one, two = add(store, entry(1), entry(2))
    first, second = save(store, judged(one), judged(two))
    save(store, judged(one, two, case_id=second))
    assert store.current_case(first) == second
    assert [stored.id for stored in store.case_rows()] == [second]
    assert store.counts(NOON + 48 * HOUR).overdue == 1


def test_a_case_that_lost_one_of_its_messages_stays(store):
    one, two = add(store, entry(1), entry(2))
    (first,) = save(store, judged(one, two))
    kept, opened = save(store, judged(one, case_id=first), judged(two))
    assert kept == first
    assert {stored.id for stored in store.case_rows()} == {first, opened}
    assert [found.id for found in store.mails_of_case(opened)] == [two]


def test_detached_messages_dissolve_a_case_that_is_left_without_any(store):
    one, two = add(store, entry(1), entry(2))
    (case_id,) = save(store, judged(one, two))
    with store.transaction():
        assert store.detach([one]) == []
    assert [stored.id for stored in store.case_rows()] == [case_id]
    with store.transaction():
        assert store.detach([two]) == [case_id]
    assert store.case_rows() == []
    assert store.due_cases(NOON, "main") == []
    assert store.case(case_id).dissolved
    assert store.counts(NOON + 48 * HOUR) == Counts(0, 0, 0)
    save(store, judged(one, case_id=case_id))
    assert not store.case(case_id).dissolved
    assert [stored.id for stored in store.case_rows()] == [case_id]


def test_an_unknown_case_is_none(store):
    assert store.current_case(1) is None
    assert store.case(1) is None
    assert store.mails_of_case(1) == []
    assert store.statements(1) == []
    assert store.warnings_of(1) == []


def test_numbers_never_come_again(store):
    (first,) = save(store, judged())
    store._db.db.execute("DELETE FROM deadlines")
    store._db.db.execute("DELETE FROM cases")
    (second,) = save(store, judged())
    assert second > first


def test_due_cases_are_the_longest_due_first(store):
    late, early, never, future = save(
        store,
        judged(next_look_at=NOON),
        judged(next_look_at=NOON - HOUR),
        judged(next_look_at=None),
        judged(next_look_at=NOON + HOUR),
    )
    assert [due.case_id for due in store.due_cases(NOON, "main")] == [early, late]
    assert [due.case_id for due in store.due_cases(NOON, "other")] == []
    assert store.next_look_at() == NOON - HOUR
    assert {never, future}.isdisjoint(due.case_id for due in store.due_cases(NOON, "main"))


def test_no_case_no_next_look(store):
    assert store.next_look_at() is None


def test_only_one_claims_what_it_saw(store):
    (case_id,) = save(store, judged())
    (due,) = store.due_cases(NOON, "main")
    with store.transaction():
        assert store.claim(due.case_id, NOON, NOON + HOUR)
        assert not store.claim(due.case_id, NOON, NOON + HOUR)
    assert store.due_cases(NOON, "main") == []
    with store.transaction():
        assert store.claim(case_id, NOON + HOUR, None)
    assert store.next_look_at() is None


def test_a_case_that_raises_is_pushed_forward_and_counted(store):
    (case_id,) = save(store, judged())
    with store.transaction():
        store.push_forward(case_id, NOON + HOUR, "ValueError: odd")
        store.push_forward(case_id, NOON + 2 * HOUR, "ValueError: odder")
    (due,) = store.due_cases(NOON + 2 * HOUR, "main")
    assert due.failures == 2
    assert row_of(store, case_id)["last_error"] == "ValueError: odder"
    with store.transaction():
        assert store.claim(case_id, NOON + 2 * HOUR, NOON + 3 * HOUR)
    assert (store.case(case_id).failures, row_of(store, case_id)["last_error"]) == (0, "")


def test_pushing_does_not_revive_a_merged_case(store):
    one, two = add(store, entry(1), entry(2))
    first, second = save(store, judged(one), judged(two))
    save(store, judged(one, two, case_id=second, merged=(first,)))
    with store.transaction():
        store.push_forward(first, NOON, "late")
    assert [due.case_id for due in store.due_cases(NOON, "main")] == [second]


def test_loose_findings_go_when_their_message_gets_a_case(store):
    one, two = add(store, entry(1), entry(2))
    found = finding(1, Code.FORBIDDEN_CONTACT, detail={"words": ["sale"]})
    with store.transaction():
        store.save_loose_findings("main", one, [finding(1)])
        store.save_loose_findings("main", one, [found])
        store.save_loose_findings("main", two, [replace(finding(2), at=NOON - HOUR)])
    assert loose_findings(store) == [
        ("main", two, replace(finding(2), at=NOON - HOUR)),
        ("main", one, found),
    ]
    save(store, judged(two))
    assert loose_findings(store) == [("main", one, found)]
    assert all(not stored.case.findings for stored in store.case_rows())


def test_a_case_finding_points_to_its_message(store):
    add(store, entry(5))
    rows = add(store, entry(1))
    save(store, judged(*rows, of=case(findings=(finding(1),))))
    assert store._db.db.execute("SELECT message FROM findings").fetchall() == [(rows[0],)]


@pytest.mark.parametrize(
    ("fields", "overdue"),
    [
        ({}, 1),
        ({"obligation": Obligation.HANDOVER}, 1),
        ({"obligation": Obligation.RESOLUTION}, 0),
        ({"status": Status.OVERDUE}, 1),
        ({"status": Status.MET}, 0),
        ({"status": Status.LATE}, 0),
        ({"status": Status.WAIVED}, 0),
        ({"due_at": NOON + 25 * HOUR}, 0),
    ],
)
def test_overdue_counts_unmet_replies_and_handovers(store, fields, overdue):
    save(store, judged(of=case(deadlines=(deadline(**fields),))))
    assert store.counts(NOON + 24 * HOUR + HOUR / 2) == Counts(open=1, overdue=overdue, unsent=0)


def test_open_counts_living_open_cases(store):
    one, two = add(store, entry(1), entry(2))
    first, second = save(store, judged(one), judged(two))
    save(store, judged(of=case(state=State.ANSWERED, deadlines=())))
    assert store.counts(NOON).open == 2
    save(store, judged(one, two, case_id=second, merged=(first,)))
    assert store.counts(NOON).open == 1
