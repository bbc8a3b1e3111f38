"""What a server could not give: set aside, asked for again with pauses, and read in place of what was kept of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lab_store import HOUR, INBOX, NOON, add, entry, mail
from sqlite_utils import Database

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder, Mail, Place
from relaywatch.mailbox.batch import Batch
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.mailbox.position import Position
from relaywatch.pipeline.asides import due_again, set_aside, with_their_texts
from relaywatch.pipeline.ingest import position_of
from relaywatch.store import Store, StoredPosition
from relaywatch.store.chores import Rescue
from relaywatch.store.schema import migrations

WHERE = Place(Folder.INBOX, "INBOX")
MINUTE = timedelta(minutes=1)


class Box:
    account, name = "main", "care"


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


def batch(*fetched, again=()):
    return Batch(
        mailbox=Box,
        place=WHERE,
        uidvalidity=7,
        fetched=fetched,
        position=None,
        fetch_whole=None,
        again=again,
    )


def fetched(uid, fault=""):
    return Fetched(uid=uid, internaldate=NOON, size=9, raw=b"" if fault else b"From: x", whole=not fault, fault=fault)


def keep(store, some, now):
    with store.transaction():
        return [change.ids["uid"] for change in set_aside(store, some, now)]


def test_what_could_not_be_had_is_told_once_and_asked_for_with_growing_pauses(store):
    assert keep(store, batch(fetched(1, "NO"), fetched(2)), NOON) == [1]
    assert keep(store, batch(fetched(1, "NO")), NOON) == []
    assert due_again(store, Box, NOON) == {}
    asked, now = [], NOON
    while now < NOON + 10 * 24 * HOUR:
        if due_again(store, Box, now):
            asked.append(now - NOON)
            assert keep(store, batch(fetched(1, "NO"), again=(1,)), now) == []
        now += MINUTE
    assert [one // MINUTE for one in asked[:5]] == [1, 6, 21, 81, 261]
    assert len(asked) < 20
    assert store.asides("main", "care")[0].tries == len(asked)


@pytest.mark.parametrize("some", [batch(fetched(1), again=(1,)), batch(again=(1,))], ids=["read", "gone"])
def test_what_was_read_after_all_or_has_gone_is_asked_for_no_more(store, some):
    keep(store, batch(fetched(1, "NO"), fetched(3, "NO")), NOON)
    assert due_again(store, Box, NOON + MINUTE) == {(WHERE, 7): [1, 3]}
    keep(store, some, NOON + MINUTE)
    assert [aside.uid for aside in store.asides("main", "care") if not aside.gone] == [3]
    later = NOON + timedelta(hours=2)
    assert due_again(store, Box, later) == {(WHERE, 7): [3]}
    assert due_again(store, Box, NOON + timedelta(days=31)) == {}
    assert store.asides("main", "care") == []


def test_after_a_month_it_is_given_up(store):
    keep(store, batch(fetched(1, "NO")), NOON)
    assert due_again(store, Box, NOON + timedelta(days=31)) == {}
    assert store.asides("main", "care") == []


def test_a_text_that_comes_late_takes_the_place_of_what_was_kept_without_it(store):
    stub = replace(mail().message, digest="f" * 64, own_words="", damage="NO")
    (row,) = add(store, replace(entry(uid=5, of=replace(mail(), message=stub)), name="INBOX"))
    late = replace(entry(uid=5), name="INBOX")
    with store.transaction():
        store.renew_mail(store.stub_of(late).id, late)
        assert store.add_mails([late]) == [row]
    (kept,) = store.load_mails([row])
    assert kept.mail == late.mail
    assert kept.mail.message.copies == (INBOX,)
    assert store.message_rows("main") == [row]


JUNK = replace(INBOX, folder=Folder.JUNK)
PARTIES = Parties(registered=frozenset({"care@shop.example"}))


def elsewhere(number, message, copy=JUNK, fault=""):
    """A message as it is read at another place than the first."""
    mail_there = Mail(replace(message, copies=(copy,), damage=fault), mail().verdict)
    return fetched(number, fault), replace(entry(uid=number, of=mail_there), name="Bulk")


def read_at(store, some, *entries):
    """Read at a place, as the daemon does; return the rows."""
    with store.transaction():
        rows = store.add_mails(with_their_texts(store, PARTIES, some, entries))
        set_aside(store, some, NOON)
    return rows


def of_junk(*some, again=()):
    return replace(batch(*some, again=again), place=Place(Folder.JUNK, "Bulk"))


def headless(message):
    """The same message as a server gives it by its header alone."""
    return replace(message, digest="f" * 64, own_words="", rest="")


def beginning(message):
    """The same message as a server gives it that breaks off."""
    return replace(message, digest="f" * 64, own_words=message.own_words[:40], rest="")


@pytest.mark.parametrize("gone", [False, True], ids=["copied", "moved"])
@pytest.mark.parametrize("part", [headless, beginning])
def test_a_message_moved_before_its_text_was_had_is_one_message(store, gone, part):
    whole = mail().message
    stub = elsewhere(5, part(whole), fault="NO")
    (row,) = read_at(store, of_junk(stub[0]), stub)
    if gone:
        read_at(store, of_junk(again=(5,)))
    assert read_at(store, batch(fetched(8)), (fetched(8), replace(entry(uid=8), name="INBOX"))) == [row]
    (kept,) = store.load_mails([row])
    assert kept.mail.message.own_words == whole.own_words
    assert {copy.folder for copy in kept.mail.message.copies} == {Folder.JUNK, Folder.INBOX}
    assert store.message_rows("main") == [row]
    assert store.asides("main", "care") == []


@pytest.mark.parametrize("part", [headless, beginning])
def test_a_message_read_whole_before_is_no_other_where_only_a_part_is_had(store, part):
    whole = mail().message
    (row,) = read_at(store, batch(fetched(8)), (fetched(8), replace(entry(uid=8), name="INBOX")))
    stub = elsewhere(5, part(whole), fault="NO")
    assert read_at(store, of_junk(stub[0]), stub) == [row]
    (kept,) = store.load_mails([row])
    assert (kept.mail.message.own_words, len(kept.mail.message.copies)) == (whole.own_words, 2)
    assert [aside.uid for aside in store.asides("main", "care")] == [5]


@pytest.mark.parametrize("first", [headless, beginning])
def test_a_message_of_which_parts_are_had_again_and_again_is_one_and_keeps_the_most(store, first):
    whole = mail().message
    header, start = headless(whole), replace(beginning(whole), digest="e" * 64)
    rows = []
    for part in (first(whole), header, start, header, start):
        some = elsewhere(5, part, fault="NO")
        rows += read_at(store, of_junk(some[0], again=(5,)), some)
    assert len(set(rows)) == 1
    assert store.message_rows("main") == rows[:1]
    assert store.load_mails(rows[:1])[0].mail.message.own_words == start.own_words
    last = elsewhere(5, whole)
    assert read_at(store, of_junk(last[0], again=(5,)), last) == rows[:1]
    assert store.load_mails(rows[:1])[0].mail.message.own_words == whole.own_words
    assert store.asides("main", "care") == []


OTHERS = [{"author": "c-2@relay.walmart.ca"}, {"subject": "Another"}, {"message_id": "<x@y>"}]


@pytest.mark.parametrize(
    ("other", "part"), [*((other, headless) for other in OTHERS), ({"own_words": "Quite another text."}, beginning)]
)
def test_another_mail_takes_no_place(store, other, part):
    whole = mail().message
    stub = elsewhere(5, part(replace(whole, **other)), fault="NO")
    (row,) = read_at(store, of_junk(stub[0]), stub)
    assert read_at(store, batch(fetched(8)), (fetched(8), replace(entry(uid=8), name="INBOX"))) != [row]


def test_a_forged_text_takes_no_place_of_a_better_proved_header(store):
    parties = replace(PARTIES, authserv_ids=frozenset({"mx.shop.example"}))
    message = replace(mail().message, author="jsmith@walmart.com", from_=("jsmith@walmart.com",))
    passed = (("authentication-results", "mx.shop.example; dmarc=pass header.from=walmart.com"),)
    stub = elsewhere(5, replace(headless(message), headers=passed), fault="NO")
    with store.transaction():
        (row,) = store.add_mails(with_their_texts(store, parties, of_junk(stub[0]), [stub]))
        set_aside(store, of_junk(stub[0]), NOON)
        forged = elsewhere(8, message, INBOX)
        assert store.add_mails(with_their_texts(store, parties, batch(forged[0]), [forged])) != [row]


def test_two_folders_with_the_same_numbers_are_told_apart(store):
    rows = add(store, replace(entry(1, uid=5), name="Sent"), replace(entry(2, uid=5), name="Sent Messages"))
    assert [len(stored.mail.message.copies) for stored in store.load_mails(rows)] == [1, 1]


def test_a_folder_under_a_new_name_is_read_from_where_the_last_one_for_it_was(store):
    with store.transaction():
        store.save_position("main", "care", WHERE, StoredPosition(7, 12))
        store.save_read("main", "care", WHERE, NOON)
    other = position_of(store, Box, Place(Folder.INBOX, "Shop"))
    assert (other.uidvalidity, other.read_at) == (0, NOON)
    assert position_of(store, Box, Place(Folder.SENT, "Sent")) is None
    assert position_of(store, Box, WHERE).last_uid == 12


def test_what_was_read_before_names_were_kept_is_read_again_from_then_on_and_doubles_nothing(tmp_path):
    path = tmp_path / "old.db"
    old = Database(str(path))
    migrations.apply(old, stop_before="m012_folder_names")
    place = {"account": "main", "mailbox": "care", "folder": "inbox"}
    old.table("positions").insert(place | {"uidvalidity": 7, "last_uid": 12, "read_at": "2026-11-22T12:00:00.000000Z"})
    key = mail().message.key
    message = {"account": "main", "key": key, "class": "customer", "author": "", "subject": "", "own_words": ""}
    old.table("messages").insert(message | {"id": 1, "rest": "", "facts": "{}", "forgotten": 0})
    copy = place | {"id": 1, "message": 1, "role": "care", "internaldate": "2026-11-22T12:00:00.000000Z"}
    old.table("copies").insert(copy | {"uidvalidity": 7, "uid": 12, "facts": "{}"})
    rescue = {"account": "main", "mailbox": "care", "uidvalidity": 7, "uid": 12, "message": 1}
    old.table("rescues").insert(rescue | {"state": "wanted", "tries": 1, "at": "2026-11-22T12:00:00.000000Z"})
    old.close()
    with Store.open(str(path)) as store:
        assert position_of(store, Box, WHERE) == Position(0, 0, NOON)
        assert store.wanted_rescues("main", "care") == [Rescue("", 7, 12, 1)]
        assert add(store, replace(entry(uid=12), name="INBOX")) == [1]
        assert [(row["name"], row["uid"]) for row in store._db.rows_in("copies", [1])] == [("INBOX", 12)]
