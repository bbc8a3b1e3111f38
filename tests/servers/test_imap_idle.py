"""Waiting for news from a server that does what no server should."""

import select
import time
from datetime import UTC, datetime

import pytest
from lab_watch import mailbox

from relaywatch.mailbox.errors import (
    DroppedError,
    GarbledError,
)
from relaywatch.mailbox.imap import ImapSession
from relaywatch.mailbox.position import Plan

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


def wait_readable(session, seconds=2):
    poll = select.poll()
    poll.register(session.fileno(), select.POLLIN)
    return bool(poll.poll(seconds * 1000))


@pytest.mark.parametrize("speech", [b"+ idling\r\n* 6 EXISTS\r\n", b"* 6 EXISTS\r\n+ idling\r\n"])
def test_news_around_the_answer_to_idle_is_not_lost(fake, session, speech):
    def idle(link):
        link.send(speech)
        link.file.readline()
        link.ok()

    fake.on["IDLE"] = idle
    assert session.rest()
    session.rise()
    assert session.examine("INBOX").messages == 5


def test_news_while_something_else_is_asked_is_not_lost(fake, session):
    ordinary = fake._uid_search

    def search(link):
        link.send(b"* 6 EXISTS\r\n")
        ordinary(link)

    fake.on["UID SEARCH"] = search
    session.search(Plan(0, None))
    assert session.rest()
    del fake.on["UID SEARCH"]
    session.examine("INBOX")
    session.search(Plan(0, None))
    assert not session.rest()
    assert not session.rise()


def test_news_in_pieces_is_news_once_it_is_whole(fake, session):
    assert not session.rest()
    fake.push(b"* 6 EX")
    assert wait_readable(session)
    assert not session.pump()
    fake.push(b"ISTS\r\n")
    assert wait_readable(session)
    assert session.pump()
    assert not session.rise()


def test_chatter_is_no_news(fake, session):
    assert not session.rest()
    fake.push(b"* OK still here\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n* 0 RECENT\r\n")
    assert wait_readable(session)
    assert not session.pump()
    assert not session.rise()


def test_news_that_comes_with_the_end_of_idle_counts(fake, session):
    def idle(link):
        link.send(b"+ idling\r\n")
        link.file.readline()
        link.ok(b"6 EXISTS")

    fake.on["IDLE"] = idle
    assert not session.rest()
    assert session.rise()


@pytest.mark.parametrize("end", ["hang_up", "bye"])
def test_the_end_of_the_connection_is_seen_at_once(fake, session, end):
    assert not session.rest()
    if end == "bye":
        fake.push(b"* BYE restarting\r\n")
    else:
        fake.links[0].hang_up()
    assert wait_readable(session)
    with pytest.raises(DroppedError, match="restarting" if end == "bye" else "closed the connection"):
        session.pump()


def test_a_flood_while_idle_is_bounded(fake, session):
    assert not session.rest()
    fake.push(b"* OK " + b"x" * 3_000_000 + b"\r\n")
    time.sleep(0.2)
    with pytest.raises(GarbledError):
        session.pump()


@pytest.mark.parametrize("answer", ["no", "bad"])
def test_idle_that_is_refused_is_not_tried_again(fake, session, answer):
    fake.on["IDLE"] = lambda link: getattr(link, answer)("not here")
    assert session.can_idle
    assert not session.rest()
    assert not session.can_idle
    assert not session.rise()
    assert not session.rest()
    assert fake.count("IDLE") == 1


def test_without_idle_nothing_is_sent_to_wait(fake):
    fake.capability = "IMAP4rev1"
    made = ImapSession(mailbox(fake.port), timeout=1)
    made.open()
    made.examine("INBOX")
    assert not made.can_idle
    assert not made.rest()
    assert not made.rise()
    assert fake.count("IDLE") == 0
    made.close()
