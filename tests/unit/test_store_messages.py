"""Messages in the store: kept once, with all their copies and keys, and given back as they were."""

from dataclasses import replace
from datetime import timedelta

import pytest
import strategies
from hypothesis import given
from lab_store import HOUR, INBOX, JORDAN, NOON, add, case, entry, in_folder, judged, mail, row_of, save, undone

from relaywatch.core.cases.case import State
from relaywatch.core.mail.message import Class, DeliveryReport, Folder, Mail, Message, Topic, UnreadAttachment, Verdict
from relaywatch.store import NewMail, Store


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with Store.open(str(tmp_path_factory.mktemp("store") / "relaywatch.db")) as opened:
        yield opened


@given(strategies.mails)
def test_every_message_comes_back_as_it_was(shared, given_mail):
    new = NewMail(mail=given_mail, keys=frozenset(), uidvalidity=1, uid=1)
    with undone(shared):
        (stored,) = shared.load_mails(shared.add_mails([new]))
    assert stored.mail.message == given_mail.message
    assert stored.mail.verdict == given_mail.verdict


@pytest.mark.parametrize("hostile", ["\ud800", "a\x00b", "\udcff\x00", "好\ud83d"])
def test_what_no_database_takes_is_replaced_not_refused(store, hostile):
    fields = {"subject": hostile, "own_words": hostile, "to": (hostile,), "message_id": hostile}
    message = Message(account="main", copies=(INBOX,), digest="0" * 64, **fields)
    new = entry(of=Mail(message, mail().verdict))
    (first,) = add(store, new)
    (again,) = add(store, new)
    assert first == again
    (stored,) = store.load_mails([first])
    assert "\x00" not in stored.mail.message.subject
    stored.mail.message.subject.encode()


def test_the_same_mail_in_two_folders_is_one_message_with_two_copies(store):
    junk = in_folder(Folder.JUNK, internaldate=NOON - HOUR)
    (first,) = add(store, entry(1, "a"))
    (second,) = add(store, entry(1, "b", copy=junk, uid=99))
    assert first == second
    (stored,) = store.load_mails([first])
    assert set(stored.mail.message.copies) == {INBOX, junk}
    other = add(store, entry(2, "b", uid=2))
    assert store.connected("main", other) == [first, *other]


def test_the_same_mail_twice_in_one_batch_is_one_message(store):
    sent = in_folder(Folder.SENT)
    first, second = add(store, entry(1), entry(1, copy=sent))
    assert first == second
    assert store.load_mails([first])[0].mail.message.copies == (INBOX, sent)


def test_the_same_mail_in_two_accounts_is_two_messages(store):
    first, second = add(store, entry(1), entry(1, account="other"))
    assert first != second
    assert store.connected("main", [first]) == [first]


def test_a_known_place_changes_nothing(store):
    rows = add(store, entry(1))
    assert add(store, entry(1)) == rows
    assert store.load_mails(rows)[0].mail.message.copies == (INBOX,)


def copy_rows(store):
    return store._db.db.execute("SELECT uidvalidity, uid FROM copies ORDER BY id").fetchall()


def test_a_changed_uidvalidity_moves_copies_and_does_not_add_to_them(store):
    add(store, entry(1), entry(2))
    for uidvalidity in (8, 9, 10):
        add(store, entry(1, uidvalidity=uidvalidity, uid=2), entry(2, uidvalidity=uidvalidity, uid=1))
    assert copy_rows(store) == [(10, 2), (10, 1)]


def test_a_mail_that_is_replaced_keeps_its_row_its_copies_and_its_time(store):
    sent = in_folder(Folder.SENT, internaldate=NOON + HOUR)
    better = entry(1, "b", copy=sent, uid=9, to=("pottery@fans.example",))
    (row,) = add(store, entry(1, "a", to=(JORDAN,), in_reply_to=("<a>",)))
    (other,) = add(store, entry(2, "a", uid=2))
    assert [stored and stored.id for stored in store.known_mails([entry(3), better])] == [None, row]
    assert add(store, better) == [row]
    with store.transaction():
        assert store.replace_mail(row, better)
    (stored,) = store.load_mails([row])
    assert stored.mail == replace(better.mail, message=replace(better.mail.message, copies=(INBOX, sent)))
    assert store.keys_of([row]) == {row: frozenset({"b"})}
    assert store.connected("main", [other]) == [other]
    assert (
        store._db.db.execute("SELECT received_at FROM messages WHERE id = ?", [row])
        .fetchone()[0]
        .startswith("2026-11-22T12:00")
    )


def test_what_is_forgotten_is_not_replaced(store):
    (row,) = add(store, entry(1, "a"))
    with store.transaction():
        assert store.forget_words(NOON + HOUR) == 1
        assert not store.replace_mail(row, entry(1, "b"))
    assert store.load_mails([row])[0].mail.message.own_words == ""
    assert store.keys_of([row]) == {row: frozenset({"a"})}


def test_a_copy_that_lies_twice_in_a_folder_is_one_value(store):
    rows = add(store, entry(1, uid=1), entry(1, uid=2))
    assert copy_rows(store) == [(7, 1), (7, 2)]
    assert store.load_mails(rows[:1])[0].mail.message.copies == (INBOX,)


def received_at(store):
    return store._db.db.execute("SELECT received_at FROM messages").fetchone()[0]


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        (INBOX, "2026-11-22T12:00:00.000000Z"),
        (in_folder(Folder.INBOX, received=NOON - HOUR), "2026-11-22T11:00:00.000000Z"),
        (in_folder(Folder.INBOX, internaldate=None), "2026-11-21T12:00:00.000000Z"),
    ],
)
def test_received_at_is_the_earliest_server_time_or_else_the_date(store, copy, expected):
    add(store, entry(1, copy=copy, date=NOON - 24 * HOUR))
    assert received_at(store) == expected


def test_received_at_moves_to_an_earlier_copy_only(store):
    add(store, entry(1))
    add(store, entry(1, copy=in_folder(Folder.JUNK, internaldate=NOON + HOUR)))
    assert received_at(store) == "2026-11-22T12:00:00.000000Z"
    add(store, entry(1, copy=in_folder(Folder.SENT, internaldate=NOON - HOUR)))
    assert received_at(store) == "2026-11-22T11:00:00.000000Z"


def test_connected_is_transitive(store):
    one, two, three, four = add(store, entry(1, "a"), entry(2, "a", "b"), entry(3, "b", "c"), entry(4, "z"))
    assert store.connected("main", [one]) == [one, two, three]
    assert store.connected("main", [three]) == [one, two, three]
    assert store.connected("main", [four]) == [four]
    assert store.connected("main", [one, four]) == [one, two, three, four]
    assert store.connected("other", [one]) == [one]
    assert store.connected("main", []) == []


def test_connected_is_cut_to_the_newest_of_the_farthest(store):
    rows = add(store, *(entry(number, "same") for number in range(1, 21)))
    assert store.connected("main", rows[:1], limit=5) == [rows[0], *rows[-4:]]
    assert store.connected("main", rows[:3], limit=2) == rows[:3]


def test_connected_crosses_more_keys_than_one_query_takes(store):
    chain = [entry(number, f"k{number}", f"k{number + 1}") for number in range(1, 30)]
    wide = entry(40, *(f"w{number}" for number in range(1200)), "k5")
    far = entry(41, "w1199")
    rows = add(store, *chain, wide, far)
    assert store.connected("main", [rows[-1]]) == rows


def test_load_mails_keeps_the_order_asked_and_leaves_out_the_unknown(store):
    one, two = add(store, entry(1), entry(2))
    assert [stored.id for stored in store.load_mails([two, 99, one, two])] == [two, one, two]
    assert store.load_mails([]) == []


def test_update_verdicts(store):
    one, two = add(store, entry(1), entry(2))
    verdict = Verdict(class_=Class.AUTOMATIC, rule="x", evidence=("y",), topics=(Topic.PICKUP,))
    with store.transaction():
        store.update_verdicts([(one, verdict)])
    first, second = store.load_mails([one, two])
    assert first.mail.verdict == verdict
    assert second.mail.verdict == mail().verdict


def test_message_rows_go_through_an_account(store):
    rows = add(store, *(entry(number) for number in range(5)), entry(9, account="other"))
    first = store.message_rows("main", limit=3)
    assert first == rows[:3]
    assert store.message_rows("main", after=first[-1], limit=3) == rows[3:5]


def test_forgetting_words_keeps_times_and_findings(store):
    report = DeliveryReport(original_id="<o@x>")
    keys = ("order:600000000000001", "id:<r@x>")
    files = {
        "attachments": ("mug.jpg",),
        "attached": "words",
        "unread": (UnreadAttachment(name="a.pdf", kind="x", why="y"),),
    }
    old = entry(1, *keys, **files, author_name="Jordan", report=report, references=("<r@x>",))
    rows = add(store, old)
    closed = judged(*rows, of=case(state=State.RESOLVED))
    (case_id,) = save(store, closed)
    with store.transaction():  # as earlier versions kept it
        store._db.db.execute("UPDATE messages SET facts = json_set(facts, '$.report.original_subject', 'words')")
    with store.transaction():
        assert store.forget_words(NOON + HOUR) == 1
        assert "words" not in store._db.db["messages"].get(rows[0])["facts"]
        assert store.forget_words(NOON + HOUR) == 0
    (stored,) = store.mails_of_case(case_id)
    message = stored.mail.message
    assert stored.forgotten
    assert message.forgotten
    assert message.remembered == ("order:600000000000001",)
    assert (message.subject, message.own_words, message.author_name) == ("", "", "")
    assert (message.attached, message.unread) == ("", ())
    assert (message.attachments, message.report) == ((), DeliveryReport(original_id="<o@x>"))
    assert stored.mail.verdict.evidence == ()
    assert message.copies == (INBOX,)
    assert message.references == ("<r@x>",)
    found = store.case(case_id)
    assert row_of(store, case_id)["forgotten"]
    assert found.case.subject == ""
    assert found.case.deadlines == closed.case.deadlines


@pytest.mark.parametrize(
    ("state", "later", "forgotten"),
    [
        (State.RESOLVED, timedelta(0), 2),
        (State.WAIVED, timedelta(0), 2),
        (State.OPEN, timedelta(0), 0),
        (State.ANSWERED, timedelta(0), 0),
        (State.RESOLVED, 48 * HOUR, 0),
    ],
)
def test_only_closed_cases_without_a_later_message_are_forgotten(store, state, later, forgotten):
    rows = add(store, entry(1), entry(2, copy=in_folder(Folder.INBOX, internaldate=NOON + later)))
    save(store, judged(*rows, of=case(state=state)))
    with store.transaction():
        assert store.forget_words(NOON + HOUR) == forgotten


def test_a_message_of_no_case_is_forgotten_too(store):
    rows = add(store, entry(1))
    with store.transaction():
        assert store.forget_words(NOON) == 0
        assert store.forget_words(NOON + HOUR) == 1
    assert store.load_mails(rows)[0].mail.message.own_words == ""


def test_a_write_outside_of_a_transaction_is_refused(store):
    with pytest.raises(RuntimeError, match="transaction"):
        store.add_mails([entry(1)])
