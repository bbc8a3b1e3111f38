"""What the store keeps beside cases: texts and what is learned of them, rescues, tests of addresses, who was told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lab_store import HOUR, NOON, add, case, entry, finding, in_folder, judged, mail, save, warning

from relaywatch.core.case import Code, Informed, State
from relaywatch.core.learned import print_of
from relaywatch.core.message import Folder
from relaywatch.store import Rescue, SelfTest, Store, Text, inform_key

CANNED, OTHER = print_of("We got your message."), print_of("The mug is safe in a dishwasher.")
TEST = SelfTest(
    account="main", address="care@shop.example", mailbox="care", message_id="<t1@shop.example>", written_at=NOON
)


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


def seen(store, *texts):
    """Keep texts; return what else is known now of those that changed."""
    with store.transaction():
        changed = store.save_texts("main", texts, [text.message for text in texts])
        return store.learn_texts("main", changed)


def test_what_went_to_three_customers_at_once_is_learned_and_a_slow_majority_unlearns_it(store):
    rows = add(store, *(entry(number) for number in range(1, 8)))
    assert seen(store, *(Text(row, CANNED, f"c{row}", True) for row in rows[:2]), Text(rows[2], OTHER)) == set()
    assert seen(store, Text(rows[3], CANNED, "c1", True)) == set()  # the same customer again
    assert seen(store, Text(rows[3], CANNED, "c9", True)) == {CANNED}
    assert store.learned("main").canned == {CANNED}
    assert store.learned("other").canned == set()
    assert seen(store, *(Text(row, CANNED, f"c{row}", False) for row in rows[4:7])) == {CANNED}
    assert store.learned("main").canned == set()


def test_what_stays_as_it_was_is_not_written_again(store):
    (row,) = add(store, entry())
    with store.transaction():
        assert store.save_texts("main", [Text(row, CANNED, "c1", True)], [row]) == {CANNED}
        assert store.save_texts("main", [Text(row, CANNED, "c1", True)], [row]) == set()
        assert store.save_texts("main", [Text(row, OTHER)], [row]) == {CANNED, OTHER}
        assert store.save_texts("main", [], [row]) == {OTHER}


def test_the_cases_that_hold_a_text_are_looked_at_again(store):
    rows = add(store, entry(1), entry(2))
    later = NOON + HOUR
    save(store, *(judged(row, of=case(), next_look_at=later) for row in rows))
    seen(store, Text(rows[1], CANNED, "c1", True))
    with store.transaction():
        store.look_again_at_texts("main", [CANNED], NOON)
    assert [due.case_id for due in store.due_cases(NOON, "main")] == [2]


def test_texts_are_forgotten_with_the_words(store):
    rows = add(store, *(entry(number) for number in range(1, 4)))
    save(store, *(judged(row, of=case(state=State.RESOLVED)) for row in rows))
    assert seen(store, *(Text(row, CANNED, f"c{row}", True) for row in rows)) == {CANNED}
    with store.transaction():
        assert store.forget_words(NOON + HOUR) == 3
    assert store.learned("main").canned == set()
    assert store._db.rows_in("texts_of_messages", rows) == []


def test_who_was_told_is_known_once_the_mail_was_taken(store):
    (row,) = add(store, entry())
    key = mail().message.key
    left_out = finding(code=Code.INTERNAL_NOT_INFORMED)
    save(store, judged(row, of=case(findings=(left_out,)), next_look_at=None))
    assert store.uninformed("main", NOON - HOUR) == [(1, key)]
    assert store.uninformed("main", NOON) == []
    with store.transaction():
        store.add_warning(warning(keys=(inform_key(key),), step="inform", case_id=1, recipients=("ops@shop.example",)))
    assert store.informed("main", [key]) == ()
    (delivery,) = store.pending_deliveries(NOON)
    with store.transaction():
        store.delivery_sent(delivery.id, NOON + HOUR, "250 OK")
    told = Informed(message_key=key, people=frozenset({"ops@shop.example"}), at=NOON + HOUR, by="<w1@shop.example>")
    assert store.informed("main", [key, "another"]) == (told,)
    assert store.informed("other", [key]) == ()
    assert store.next_look_at() == NOON + HOUR


def test_a_rescue_is_wanted_once_tried_and_ended(store):
    junk = in_folder(Folder.JUNK)
    add(store, entry(uid=12, copy=junk), entry(2, uid=13, copy=junk), entry(2, uid=13))
    key = mail().message.key
    with store.transaction():
        store.want_rescues("main", "care", 7, [12, 13, 99], NOON)
        store.want_rescues("main", "care", 7, [12], NOON + HOUR)
        store.try_rescues("main", "care", 7, [12])
    assert store.wanted_rescues("main", "care") == [Rescue(7, 12, 1)]
    assert [(one.state, one.at) for one in store.rescues_under_way("main", [key])[key]] == [("wanted", NOON)]
    with store.transaction():
        store.end_rescues("main", "care", 7, [12], state="failed", at=NOON + HOUR)
        store.end_rescues("main", "care", 7, [12], state="moved", at=NOON + HOUR)
        store.want_rescues("main", "care", 7, [12], NOON + HOUR)
    assert store.wanted_rescues("main", "care") == []
    assert store.rescues_under_way("main", [key]) == {}


def test_a_self_test_is_kept_and_remembers_what_was_said(store):
    assert store.self_test("main", TEST.address) is None
    with store.transaction():
        store.begin_self_test(TEST)
        store.self_test_arrived("main", "complaints", TEST.message_id, Folder.INBOX)  # another mailbox's
        store.self_test_arrived("main", "care", TEST.message_id, Folder.JUNK)
    assert store.self_test("main", TEST.address).folder is Folder.JUNK
    with store.transaction():
        store.self_test_arrived("main", "care", TEST.message_id, Folder.INBOX)
        store.self_test_arrived("main", "care", TEST.message_id, Folder.JUNK)
        store.self_test_bounced("main", TEST.message_id)
        store.end_self_test("main", TEST.address, passed=False)
    found = store.self_test("main", TEST.address)
    assert (found.folder, found.bounced, found.state, found.failing) == (Folder.INBOX, True, "failed", True)
    with store.transaction():
        store.begin_self_test(replace(TEST, message_id="<t2@shop.example>", written_at=NOON + timedelta(days=1)))
    found = store.self_test("main", TEST.address)
    assert (found.folder, found.bounced, found.state, found.failing) == (None, False, "waiting", True)
