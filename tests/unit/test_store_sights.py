"""Mailboxes in the store: positions, sights and the program's own notes."""

from dataclasses import replace

import pytest
from lab_store import HOUR, NOON

from relaywatch.core.mail.message import Folder, Place, Role
from relaywatch.store import DamagedRow, Sight, Store, StoredPosition

INBOX, OTHER_INBOX = Place(Folder.INBOX, "INBOX"), Place(Folder.INBOX, "Shop")
JUNK = Place(Folder.JUNK, "Junk")
CARE = Sight(
    account="main",
    mailbox="care",
    role=Role.CARE,
    seeing=False,
    last_read=NOON,
    lost_since=NOON + HOUR,
    reason="connection refused",
)


@pytest.fixture
def store(tmp_path):
    with Store.open(str(tmp_path / "relaywatch.db")) as opened:
        yield opened


def test_a_position_is_kept_by_folder(store):
    gaps, unread = ((1, 1, NOON), (2, 2, NOON + HOUR)), ((1, 1), (3, 3))
    with store.transaction():
        store.save_position("main", "care", INBOX, StoredPosition(7, 12))
        store.save_read("main", "care", INBOX, NOON)
        store.save_position("main", "care", INBOX, StoredPosition(8, 3, gaps=gaps, unread=unread))
        store.save_position("main", "care", OTHER_INBOX, StoredPosition(7, 5))
        store.save_position("main", "complaint", INBOX, StoredPosition(9, 1))
    assert store.positions("main", "care") == {
        INBOX: StoredPosition(8, 3, NOON, gaps, unread),
        OTHER_INBOX: StoredPosition(7, 5),
    }
    assert store.positions("other", "care") == {}


def test_a_folder_may_have_been_read_before_it_has_a_position(store):
    with store.transaction():
        store.save_read("main", "care", JUNK, NOON)
        store.save_position("main", "care", Place(Folder.SENT, "Sent"), StoredPosition(7, 1))
        store.save_read("other", "care", JUNK, NOON)
    assert store.positions("main", "care")[JUNK] == StoredPosition(0, 0, NOON)
    assert store.positions("main", "care")[Place(Folder.SENT, "Sent")] == StoredPosition(7, 1)


def test_sights_are_replaced_and_pruned(store):
    complaint = replace(CARE, mailbox="complaint", role=Role.COMPLAINT)
    with store.transaction():
        store.save_sight(complaint)
        store.save_sight(CARE)
        store.save_sight(replace(CARE, account="gone"))
    assert [sight.account for sight in store.sights()] == ["gone", "main", "main"]
    seeing = replace(CARE, seeing=True, lost_since=None, reason="")
    with store.transaction():
        store.save_sight(seeing)
        store.prune_sights({("main", "care"), ("main", "complaint")})
    assert store.sights() == [seeing, complaint]


@pytest.mark.parametrize(
    ("table", "damage"),
    [
        ("mailboxes", "role = 'x'"),
        ("mailboxes", "last_read = 'soon'"),
        ("mailboxes", "last_read = '2026-11-22'"),  # without a zone no time can be told
        ("positions", "folder = 'x'"),
        ("positions", "gaps = '['"),
        ("positions", "gaps = '[1]'"),
    ],
)
def test_what_cannot_be_read_is_damage_of_that_file(tmp_path, store, table, damage):
    with store.transaction():
        store.save_sight(CARE)
        store.save_position("main", "care", INBOX, StoredPosition(7, 12))
        store._db._raw.execute(f"UPDATE {table} SET {damage}")
    path = str(tmp_path / "relaywatch.db")
    with pytest.raises(DamagedRow) as caught, Store.open(path, read_only=True) as reader:  # noqa: PT012 - one of both
        reader.sights()
        reader.positions("main", "care")
    assert str(caught.value).startswith(f"{path}: the database is damaged: restore it")


def test_notes(store):
    assert store.get_meta("judged_with") is None
    with store.transaction():
        store.set_meta("judged_with", "v1")
        store.set_meta("judged_with", "v2")
    assert store.get_meta("judged_with") == "v2"
