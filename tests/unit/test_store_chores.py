"""What the store keeps beside cases: sentences that recur, rescues, tests of addresses, who was told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lab_store import HOUR, NOON, add, case, entry, finding, in_folder, judged, mail, save, warning

from relaywatch.core.cases.case import Code, Informed, State
from relaywatch.core.mail.message import Folder
from relaywatch.core.replies.habits import Habit, Use
from relaywatch.core.replies.learned import Learned
from relaywatch.store import Phrase, SelfTest, Store, inform_key
from relaywatch.store.chores import Rescue

MACRO, OTHER = 1_234, -5_678  # what two sentences are known by
TEST = SelfTest(
    account="main", address="care@shop.example", mailbox="care", message_id="<t1@shop.example>", written_at=NOON
)


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


def said(row, person, sentence=MACRO, context=0, at=NOON, after=60.0):
    """One sentence in one message."""
    return Phrase(row, Use(sentence, person, context, at, after))


def seen(store, *phrases):
    """Keep what messages say; return the sentences of which something else is known."""
    with store.transaction():
        return store.save_phrases("main", phrases, [phrase.message for phrase in phrases])


def known(store, account="main", at=NOON):
    return Learned(store.habits(account, [MACRO])).habit(MACRO, at)


def test_what_went_to_three_people_is_learned(store):
    rows = add(store, *(entry(number) for number in range(1, 8)))
    assert seen(store, said(rows[0], 1), said(rows[1], 2), said(rows[2], 3, OTHER)) == set()
    assert seen(store, said(rows[3], 1)) == set()  # the same person again
    assert seen(store, said(rows[3], 9)) == {MACRO}
    assert known(store) == Habit(recurs=True, rhythm=True)
    assert known(store, "other") == Habit()
    assert Learned(store.habits("main", [OTHER])).habit(MACRO, NOON) == Habit()  # it was not asked for
    assert seen(store, said(rows[4], 5, after=7200.0)) == {MACRO}
    assert known(store) == Habit(recurs=True)
    assert seen(store, *(said(row, row, context=row, after=7200.0) for row in rows[4:7])) == {MACRO}
    assert known(store) == Habit(recurs=True, furniture=True)


def test_what_stays_as_it_was_is_not_written_again(store):
    rows = add(store, *(entry(number) for number in range(1, 4)))
    phrases = [said(row, row) for row in rows]
    assert seen(store, *phrases) == {MACRO}
    assert seen(store, *phrases) == set()
    assert seen(store, *(said(row, row, OTHER) for row in rows)) == {MACRO, OTHER}
    with store.transaction():
        assert store.save_phrases("main", [], rows) == {OTHER}


def test_of_a_sentence_the_sixteen_are_kept_who_got_it_last(store):
    rows = add(store, *(entry(number) for number in range(1, 41)))
    for row in rows:
        seen(store, said(row, row % 30, at=NOON + row * HOUR))
    kept = store._db.rows_in("phrases_of_messages", rows)
    assert sorted(row["message"] for row in kept) == rows[-16:]
    assert known(store).recurs


def test_the_cases_that_hold_a_sentence_are_looked_at_again(store):
    rows = add(store, entry(1), entry(2))
    later = NOON + HOUR
    save(store, *(judged(row, of=case(), next_look_at=later) for row in rows))
    seen(store, said(rows[1], 1))
    with store.transaction():
        store.look_again_at_phrases("main", [MACRO], NOON)
    assert [due.case_id for due in store.due_cases(NOON, "main")] == [2]


def test_sentences_are_forgotten_with_the_words(store):
    rows = add(store, *(entry(number) for number in range(1, 4)))
    save(store, *(judged(row, of=case(state=State.RESOLVED)) for row in rows))
    assert seen(store, *(said(row, row) for row in rows)) == {MACRO}
    with store.transaction():
        assert store.forget_words(NOON + HOUR) == 3
    assert known(store) == Habit()
    assert store._db.rows_in("phrases_of_messages", rows) == []


def test_sentences_of_some_messages_can_be_forgotten(store):
    rows = add(store, *(entry(number) for number in range(1, 5)))
    seen(store, *(said(row, row) for row in rows))
    with store.transaction():
        store.forget_phrases(rows[:2])
    assert known(store) == Habit()
    assert len(store._db.rows_in("phrases_of_messages", rows)) == 2


def test_a_sentence_that_nobody_wrote_for_ninety_days_is_forgotten(store):
    rows = add(store, entry(1), entry(2))
    seen(store, said(rows[0], 1), said(rows[1], 2, at=NOON + timedelta(days=30)), said(rows[0], 1, OTHER))
    for days, kept in ((89, 3), (91, 2), (119, 2), (121, 0)):
        with store.transaction():
            store.forget_unused_phrases(NOON + timedelta(days=days))
        assert len(store._db.rows_in("phrases_of_messages", rows)) == kept


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
    (delivery,) = store.pending_deliveries()
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
        store.want_rescues("main", "care", ("", 7), [12, 13, 99], NOON)
        store.want_rescues("main", "care", ("", 7), [12], NOON + HOUR)
        store.try_rescues("main", "care", ("", 7), [12])
    assert store.wanted_rescues("main", "care") == [Rescue("", 7, 12, 1)]
    assert [(one.state, one.at) for one in store.rescues_under_way("main", [key])[key]] == [("wanted", NOON)]
    with store.transaction():
        store.end_rescues("main", "care", ("", 7), [12], state="failed", at=NOON + HOUR)
        store.end_rescues("main", "care", ("", 7), [12], state="moved", at=NOON + HOUR)
        store.want_rescues("main", "care", ("", 7), [12], NOON + HOUR)
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
