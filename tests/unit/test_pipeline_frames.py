"""What goes from one process to the other comes out as it went in, every field of it."""

import pickle
from dataclasses import asdict, fields, is_dataclass

import pytest
from lab_files import agents, attached
from lab_post import customer, dated
from lab_story import H, Story

from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.pipeline.frames import LENGTH, frame_of, what_is_in
from relaywatch.pipeline.reading import RawMail, read

COPY = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX, internaldate=H(0), received=H(1), proof=2)


def there_and_back(what):
    frame = frame_of(what)
    assert LENGTH.unpack(frame[: LENGTH.size])[0] == len(frame) - LENGTH.size
    return what_is_in(frame[LENGTH.size :])


@pytest.fixture(scope="module")
def read_mails(tmp_path_factory):
    story = Story(tmp_path_factory.mktemp("frames"))
    story.store.close()
    raws = [customer(1), agents("See the papers.", attached(b"%PDF", "a.pdf", "application/pdf")), b"", b"\xff\n\n\x00"]
    items = [RawMail(dated(raw, H(0)), True, "main", COPY, frozenset(), slim=True) for raw in raws]
    return items, [read(one, story.account.parties, story.settings.rules) for one in items]


def test_raw_mail_is_the_same_at_the_other_end(read_mails):
    items, _ = read_mails
    assert there_and_back(items) == items


def test_every_field_of_a_read_mail_is_the_same_at_the_other_end(read_mails):
    _, found = read_mails
    assert any(one.mail.message.unread for one in found)
    assert [asdict(one) for one in there_and_back(found)] == [asdict(one) for one in found]


def test_what_a_frame_gives_is_as_whole_as_what_was_made(read_mails):
    _, found = read_mails
    for one in there_and_back(found):
        assert all(hasattr(part, field.name) for part in (one, one.mail.message) for field in fields(part))
        assert is_dataclass(one.mail.verdict)
        assert hash(one.mail.message)


@pytest.mark.parametrize("cut", [0, 1, 40])
def test_a_torn_frame_is_told(cut):
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        what_is_in(frame_of(["a mail", "another"] * 40)[LENGTH.size :][:cut])
