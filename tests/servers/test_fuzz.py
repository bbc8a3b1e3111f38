"""One story of the fuzzer, and that its judges find what is wrong; `make fuzz` tells many."""

import socket
from random import Random

import pytest
from fuzz.imap import WildImap
from fuzz.judges import of_mailbox, of_smtp
from fuzz.mischief import Deed
from fuzz.smtp import WildSmtp
from fuzz.story import Story, tell
from lab_daemon import until

ENVELOPE = b"MAIL FROM:<a@shop.example>\r\nRCPT TO:<oncall@shop.example>\r\nDATA\r\n"
WARNING = b"Message-ID: <one@shop.example>\r\n\r\nx\r\n.\r\n"


@pytest.mark.timeout(180)
def test_a_story_ends_well():
    told = tell("servers.1")
    assert told.faults == [], "\n".join(told.tail)


@pytest.mark.timeout(180)
def test_warnings_that_the_mail_server_loses_are_missed(tmp_path):
    told = Story("servers.1", tmp_path, drop=lambda mail: mail.recipient.startswith("owner"), patience=20).tell()
    assert told.faults
    assert all(fault.startswith("never sent: ") and "owner@" in fault for fault in told.faults)
    assert "-- smtp" in "\n".join(told.tail)


def test_a_warning_in_two_open_transactions_is_seen_and_one_after_the_other_is_not():
    with WildSmtp() as server:
        with _speaking(server.port, ENVELOPE + WARNING) as first, first.makefile("rb") as lines:
            assert [lines.readline()[:3] for _ in range(5)] == [b"220", b"250", b"250", b"354", b"250"]
            first.sendall(ENVELOPE + WARNING)
            assert [lines.readline()[:3] for _ in range(4)] == [b"250", b"250", b"354", b"250"]
        assert of_smtp(server) == []
        server.temper.deed = lambda what: Deed("silent", Random(1)) if what == "." else None
        with _speaking(server.port, ENVELOPE + WARNING), _speaking(server.port, ENVELOPE + WARNING):
            (fault,) = until(lambda: of_smtp(server))
    assert fault == "in flight twice at once: <one@shop.example> for oncall@shop.example"


def _speaking(port: int, said: bytes) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(said)
    return sock


@pytest.mark.parametrize("command", ["SELECT INBOX", "UID STORE 1 +FLAGS (\\Seen)", "UID FETCH 1 (BODY[])", "EXPUNGE"])
def test_what_marks_or_changes_mail_is_seen(command):
    with WildImap() as server, _speaking(server.port, f"b {command}\r\n".encode()):
        until(lambda: of_mailbox("care", server), 5)
        (fault,) = of_mailbox("care", server)
    assert repr(command) in fault
