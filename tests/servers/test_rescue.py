"""Customers' mail in Junk is moved to the inbox, if that was asked for, and nothing else on a server changes (M1)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lab_dovecot import Dovecot
from lab_run import Box, Daemon, Home, customer_mail
from lab_smtp import SmtpLab
from lab_watch import Recorder, mail, mailbox, read_once

from relaywatch.core.mail.message import Folder
from relaywatch.mailbox.errors import ServerSaidError, UnreachableError
from relaywatch.mailbox.imap import ImapSession

pytestmark = pytest.mark.timeout(120)
HOUR = timedelta(hours=1)
PROOF = b"Authentication-Results: mx.shop.example; dmarc=pass header.from=relay.walmart.ca\r\n"
SPAM = b"From: prize@lottery.example\r\nTo: care@shop.example\r\nSubject: You won\r\n\r\nClaim your prize today.\r\n"


@pytest.fixture
def junk(dovecot: Dovecot, user: str) -> str:
    """A mailbox with two messages in Junk, one of them read."""
    with dovecot.client(user) as client:
        client.create_folder("Sent")
    dovecot.put(user, mail("one"), folder="Junk", flags=[b"\\Flagged"])
    dovecot.put(user, mail("two"), folder="Junk", flags=[b"\\Seen", b"$Label1"])
    return user


def flags(dovecot: Dovecot, user: str, folder: str) -> list[set[bytes]]:
    return [found - {b"\\Recent"} for _, found in sorted(dovecot.flags(user, folder).items())]


@pytest.fixture
def opened(dovecot: Dovecot, junk: str):
    session = ImapSession(mailbox(dovecot.port, junk))
    session.open()
    yield session
    session.close()


@pytest.mark.parametrize(("has_move", "way", "left"), [(True, "moved", 1), (False, "copied", 2)])
def test_what_is_moved_keeps_its_flags(dovecot, junk, opened, monkeypatch, has_move, way, left):
    """policy M1: without MOVE (RFC 6851) the original stays, for nothing is ever deleted."""
    offers = opened._offers
    monkeypatch.setattr(opened, "_offers", lambda name: has_move if name == "MOVE" else offers(name))
    seen = opened.examine("Junk")
    assert opened.move("Junk", seen.uidvalidity, [1], "INBOX") == way
    assert opened._client.wire.is_readonly
    assert flags(dovecot, junk, "INBOX") == [{b"\\Flagged"}]
    assert flags(dovecot, junk, "Junk")[-1] == {b"\\Seen", b"$Label1"}
    assert len(flags(dovecot, junk, "Junk")) == left


def test_numbers_that_mean_other_messages_now_move_nothing(dovecot, junk, opened):
    seen = opened.examine("Junk")
    assert opened.move("Junk", seen.uidvalidity + 1, [1, 2], "INBOX") == "gone"
    assert (len(flags(dovecot, junk, "Junk")), opened._client.wire.is_readonly) == (2, True)


def test_a_refusal_leaves_the_session_reading(dovecot, junk, opened):
    seen = opened.examine("Junk")
    with pytest.raises(ServerSaidError):
        opened.move("Junk", seen.uidvalidity, [1], "No such folder")
    assert opened._client.wire.is_readonly
    assert [it.uid for it in opened.fetch_batch([1, 2])] == [1, 2]
    assert flags(dovecot, junk, "Junk") == [{b"\\Flagged"}, {b"\\Seen", b"$Label1"}]


async def test_the_inbox_is_read_again_before_anything_is_said(dovecot, junk, opened):
    recorder = Recorder(wanted={("Junk", opened.examine("Junk").uidvalidity): [1]})
    await read_once(mailbox(dovecot.port, junk, rescue=True), recorder)
    assert [entry[0] for entry in recorder.rescued] == ["begins", "moved"]
    assert (recorder.uids(Folder.INBOX), recorder.uids(Folder.JUNK)) == ([1], [1, 2])
    assert recorder.changes()[-1] == "Seeing"


async def test_one_that_cannot_be_moved_costs_only_itself(dovecot, junk, opened, monkeypatch):
    moved = ImapSession.move

    def move(session, source, uidvalidity, uids, target):
        if 1 in uids:
            raise ServerSaidError("the server refused moving messages: over quota", "over quota")
        return moved(session, source, uidvalidity, uids, target)

    monkeypatch.setattr(ImapSession, "move", move)
    recorder = Recorder(wanted={("Junk", opened.examine("Junk").uidvalidity): [1, 2]})
    await read_once(mailbox(dovecot.port, junk, rescue=True), recorder)
    assert [entry[0] for entry in recorder.rescued] == ["begins", "begins", "failed", "begins", "moved"]
    assert flags(dovecot, junk, "Junk") == [{b"\\Flagged"}]


async def test_a_connection_that_breaks_at_it_is_noted_as_tried(dovecot, junk, opened, monkeypatch):
    def move(*_):
        raise UnreachableError("it closed the connection during moving messages")

    monkeypatch.setattr(ImapSession, "move", move)
    recorder = Recorder(wanted={("Junk", opened.examine("Junk").uidvalidity): [1]})
    with pytest.raises(UnreachableError):
        await read_once(mailbox(dovecot.port, junk, rescue=True), recorder)
    assert [entry[0] for entry in recorder.rescued] == ["begins"]


async def test_nothing_moves_unless_asked_for(dovecot, junk):
    recorder = Recorder(wanted={("Junk", 1): [1]})
    await read_once(mailbox(dovecot.port, junk), recorder)
    assert recorder.rescued == []
    assert flags(dovecot, junk, "INBOX") == []


def test_the_daemon_rescues_customers_mail_and_tells_nobody(dovecot: Dovecot, user: str, tmp_path: Path):
    """policy M1."""
    with dovecot.client(user) as client:
        client.create_folder("Sent")
    at = datetime.now(UTC) - HOUR
    dovecot.put(user, PROOF + customer_mail(7, HOUR), folder="Junk", at=at, flags=[b"\\Flagged"])
    dovecot.put(user, SPAM, folder="Junk", at=at, flags=[b"$Label1"])
    with SmtpLab() as smtp:
        home = Home(path=tmp_path, smtp_port=smtp.port, boxes=[Box(port=dovecot.port, username=user)])
        trusted = '[walmart]\nauthserv_ids = ["mx.shop.example"]\n'
        home.config.write_text(f"{home.config.read_text()}rescue = true\n{trusted}")
        with Daemon(home) as daemon:
            assert daemon.wait_for("mailbox.rescued")["way"] == "moved"
            daemon.wait_for("mailbox.seeing")
            assert flags(dovecot, user, "INBOX") == [{b"\\Flagged"}]
            assert flags(dovecot, user, "Junk") == [{b"$Label1"}]
            dovecot.put(user, PROOF + customer_mail(8, HOUR), folder="Junk", at=at)
            daemon.wait_for("mailbox.rescued", 2)
            assert flags(dovecot, user, "INBOX") == [{b"\\Flagged"}, set()]
            daemon.wait_for("message.received", 5)
            cases = home.cases()
            assert daemon.stop() == 0
        assert [(case["findings"][0]["code"], bool(case["findings"][0]["mended_by"])) for case in cases] == [
            ("junked", True),
            ("junked", True),
        ]
        assert smtp.accepted == []
