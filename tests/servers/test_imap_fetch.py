"""Fetching from a server that does what no server should."""

import threading
import time
import tracemalloc
from datetime import UTC, datetime

import pytest
from lab_imap import Message
from lab_watch import mail, mailbox

from relaywatch.mailbox.errors import (
    DroppedError,
    GarbledError,
    ServerSaidError,
    UnreachableError,
)
from relaywatch.mailbox.imap import ImapSession

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


def test_what_is_fetched(fake, session):
    fake.messages[3] = Message(mail("big", size=100_000), "02-Jan-2026 23:59:59 -0500")
    got = session.fetch_batch([1, 3])
    assert [(it.uid, it.whole, it.fault) for it in got] == [(1, True, ""), (3, False, "")]
    assert got[0].internaldate == AT
    assert got[0].raw == fake.messages[1].raw
    assert got[1].internaldate == datetime(2026, 1, 3, 4, 59, 59, tzinfo=UTC)
    assert (got[1].size, got[1].raw) == (len(fake.messages[3].raw), fake.messages[3].raw[:65536])
    assert session.fetch_whole(3) == fake.messages[3].raw
    raw = fake.messages[3].raw
    assert session.fetch_whole(3, limit=70_000) == raw[:35_000] + raw[-35_000:]
    assert session.fetch_whole(99) == b""
    assert not any(word in line for line in fake.commands for word in ("STORE", "SELECT", "BODY["))


def test_only_answers_with_a_uid_count(fake, session):
    def unasked(link):
        link.send(b"* 2 FETCH (FLAGS (\\Seen))\r\n* 3 FETCH (BODY[]<0> {4}\r\nfake)\r\n")
        link.send(b"* 4 FETCH (UID 4 FLAGS (\\Seen))\r\n* " + link.fetched(1, fake.messages[1]))

    fake.spoil[1] = unasked
    assert [(it.uid, it.raw) for it in session.fetch_batch([1, 2, 3, 4])] == [
        (uid, fake.messages[uid].raw) for uid in (1, 2, 3, 4)
    ]


def test_an_answer_that_nobody_asked_for_is_not_taken(fake, session):
    fake.spoil[1] = lambda link: link.send(
        b"* " + link.fetched(77, Message(b"x")), b"* " + link.fetched(1, fake.messages[1])
    )
    assert [it.uid for it in session.fetch_batch([1])] == [1]


@pytest.mark.parametrize(
    "answer",
    [
        b'1 FETCH (BODY[]<0> {7}\r\nA: b\r\n\r UID 1 RFC822.SIZE 7 INTERNALDATE "23-Nov-2026 03:00:00 +0000")\r\n',
        (
            b"1 FETCH (UID 1 FLAGS (\\Seen $Junk) RFC822.SIZE 7 BODY[] {7}\r\nA: b\r\n\r"
            b' INTERNALDATE "23-Nov-2026 03:00:00 +0000")\r\n'
        ),
        b'1 FETCH (uid 1 internaldate "23-Nov-2026 03:00:00 +0000" rfc822.size 7 body[]<0> {7}\r\nA: b\r\n\r)\r\n',
        (
            b'1 FETCH (UID 1 INTERNALDATE "23-Nov-2026 03:00:00 +0000" RFC822.SIZE 7'
            b" X-GM-MSGID 12 BODY[]<0> {7}\r\nA: b\r\n\r)\r\n"
        ),
        (
            b'1 FETCH (UID 1 INTERNALDATE "22-Nov-2026 22:00:00 -0500" MODSEQ (17)'
            b" RFC822.SIZE 7 BODY[]<0> {7}\r\nA: b\r\n\r)\r\n"
        ),
    ],
)
def test_the_order_and_case_of_attributes_do_not_matter(fake, session, answer):
    fake.spoil[1] = lambda link: link.send(b"* " + answer)
    (it,) = session.fetch_batch([1])
    assert (it.uid, it.internaldate, it.size, it.raw, it.whole) == (1, AT, 7, b"A: b\r\n\r", True)


@pytest.mark.parametrize(("text", "raw"), [(b'"Subject: UID 9 "', b"Subject: UID 9 "), (b'""', b""), (b"NIL", b"")])
def test_text_that_is_no_literal(fake, session, text, raw):
    fake.spoil[1] = lambda link: link.send(b"* 1 FETCH (UID 1 RFC822.SIZE %d BODY[]<0> %b)\r\n" % (len(raw), text))
    (it,) = session.fetch_batch([1])
    assert (it.uid, it.raw, it.internaldate, it.whole) == (1, raw, None, True)


@pytest.mark.parametrize("text", ["31-Feb-2026 03:00:00 +0000", "yesterday", "01-Jan-0001 00:00:00 +2359", ""])
def test_an_internaldate_that_is_none_costs_only_itself(fake, session, text):
    fake.messages[1].date = text
    (it,) = session.fetch_batch([1])
    assert (it.internaldate, it.raw) == (None, fake.messages[1].raw)


def test_what_was_deleted_meanwhile_is_left_out(fake, session):
    del fake.messages[2]
    assert [it.uid for it in session.fetch_batch([1, 2, 3])] == [1, 3]


@pytest.mark.parametrize("answer", ["no", "bad"])
def test_a_message_that_the_server_cannot_give_costs_only_itself(fake, session, answer):
    def refuse(link):
        if "BODY.PEEK[]" in link.arguments:
            getattr(link, answer)("internal error")
            link.tag = ""
        else:
            link.send(b"* " + link.fetched(4, fake.messages[4]))

    fake.spoil[4] = refuse
    got = {it.uid: it for it in session.fetch_batch([1, 2, 3, 4, 5])}
    assert sorted(got) == [1, 2, 3, 4, 5]
    assert (got[4].internaldate, got[4].whole) == (AT, False)
    assert b"Subject: question 4" in got[4].raw
    assert "internal error" in got[4].fault
    assert not any(got[uid].fault for uid in (1, 2, 3, 5))


def test_a_message_of_which_nothing_can_be_had_is_counted_all_the_same(fake, session):
    def refuse(link):
        link.no("gone wrong")
        link.tag = ""

    fake.spoil[2] = refuse
    got = {it.uid: it for it in session.fetch_batch([1, 2, 3])}
    assert (got[2].raw, got[2].internaldate, got[2].whole) == (b"", None, False)
    assert "gone wrong" in got[2].fault


def test_an_answer_that_makes_no_sense_costs_only_itself(fake, session):
    fake.spoil[2] = lambda link: link.send(b"* 2 FETCH (UID 2 BODY[]<0> (((\r\n")
    got = {it.uid: it for it in session.fetch_batch([1, 2, 3])}
    assert sorted(got) == [1, 2, 3]
    assert "makes no sense" in got[2].fault


def test_a_server_in_trouble_makes_no_faulty_messages(fake, session):
    fake.on["UID FETCH"] = lambda link: link.no("[SERVERBUG] storage is down")
    with pytest.raises(ServerSaidError, match="storage is down"):
        session.fetch_batch([1, 2, 3])
    assert fake.count("UID FETCH") == 1


def test_nothing_at_all_is_an_error_not_a_batch_of_faults(fake, session):
    fake.on["UID FETCH"] = lambda link: link.no("cannot")
    with pytest.raises(ServerSaidError, match="cannot"):
        session.fetch_batch([1, 2])


def test_a_server_that_ignores_the_bound_is_cut(fake, session):
    big = mail("big", size=3_000_000)
    fake.spoil[1] = lambda link: link.send(
        b"* 1 FETCH (UID 1 RFC822.SIZE %d BODY[] {%d}\r\n" % (len(big), len(big)), big, b")\r\n"
    )
    got = session.fetch_batch([1, 2])
    assert (len(got[0].raw), got[0].whole, got[0].size) == (65536, False, len(big))
    assert got[1].raw == fake.messages[2].raw


@pytest.mark.parametrize(
    ("speech", "kind"),
    [
        pytest.param(
            lambda link: link.send(b"* 1 FETCH (UID 1 BODY[] {104857600}\r\n"), GarbledError, id="100 MB announced"
        ),
        pytest.param(lambda link: link.send(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n" % 10**30), GarbledError, id="absurd"),
        pytest.param(lambda link: link.send(b"* OK " + b"x" * 9_000_000), GarbledError, id="endless line"),
        pytest.param(lambda link: link.send(b"* 1 EXISTS\r\n" * 60_000), GarbledError, id="endless lines"),
        pytest.param(lambda link: link.send(b"!?%$ what\r\n"), GarbledError, id="garbage"),
        pytest.param(lambda link: link.send(b"A9 OK done\r\n"), GarbledError, id="another's tag"),
        pytest.param(
            lambda link: (link.send(b"* 1 FETCH (UID 1 BODY[] {99}\r\nhalf"), link.hang_up()),
            DroppedError,
            id="end in a literal",
        ),
        pytest.param(lambda link: (link.send(b"* 1 FET"), link.hang_up()), DroppedError, id="end in a line"),
        pytest.param(lambda link: (link.send(b"* BYE shutting down\r\n"), link.hang_up()), DroppedError, id="BYE"),
        pytest.param(lambda _: time.sleep(1.3), UnreachableError, id="silence"),
        pytest.param(
            lambda link: link.drip(b"* 1 FETCH (UID 1 BODY[] {99}\r\n" + b"x" * 99, every=0.05),
            UnreachableError,
            id="dripping",
        ),
        pytest.param(
            lambda link: (link.send(b"* 1 FETCH (UID 1 BODY[] {900000}\r\n"), time.sleep(1.3)),
            UnreachableError,
            id="literal that never comes",
        ),
    ],
)
def test_what_cannot_go_on_is_closed_in_bounded_time_and_memory(fake, session, speech, kind):
    fake.on["UID FETCH"] = speech
    tracemalloc.start()
    started = time.monotonic()
    with pytest.raises(kind) as caught:
        session.fetch_batch([1, 2])
    took, (_, most) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < 10  # tracing memory slows it
    assert most < 60_000_000
    assert "\n" not in caught.value.text
    assert len(caught.value.text) < 300
    with pytest.raises(UnreachableError):  # the stream may be out of step: nothing more goes over it
        session.status("INBOX")


def test_bytes_that_keep_coming_buy_time(fake):
    fake.put(mail("slow", size=60_000))

    def slowly(link):
        answer = b"* " + link.fetched(1, fake.messages[1])
        for start in range(0, len(answer), 4000):
            link.send(answer[start : start + 4000])
            time.sleep(0.05)

    fake.spoil[1] = slowly
    made = ImapSession(mailbox(fake.port), timeout=0.6)
    made.open()
    made.examine("INBOX")
    started = time.monotonic()
    assert len(made.fetch_batch([1])[0].raw) > 59_000
    assert time.monotonic() - started > 0.6
    made.close()


def test_abort_from_another_thread_ends_a_wait_at_once(fake):
    fake.on["EXAMINE"] = lambda _: time.sleep(2)
    made = ImapSession(mailbox(fake.port), timeout=30)
    made.open()
    timer = threading.Timer(0.2, made.abort)
    timer.start()
    started = time.monotonic()
    with pytest.raises(UnreachableError):
        made.examine("INBOX")
    assert time.monotonic() - started < 1
    timer.join()


TROUBLE = "[SERVERBUG] Internal error occurred"


def refuse(link):
    link.no(TROUBLE)
    link.tag = ""


def test_a_message_refused_as_if_the_server_were_in_trouble_costs_only_itself_when_asked_again(fake, session):
    fake.spoil[1] = refuse
    fake.on["FETCH"] = lambda link: (link.send(b"* " + link.fetched(5, fake.messages[5])), link.ok())
    with pytest.raises(ServerSaidError, match="Internal error"):
        session.fetch_batch([1, 2, 3])
    assert fake.count("UID FETCH") == 1
    got = {it.uid: it.fault for it in session.fetch_batch([1, 2, 3], again=True)}
    assert (got.keys(), bool(got[1]), got[2], got[3]) == ({1, 2, 3}, True, "", "")


def test_where_nothing_can_be_had_another_message_tells_who_is_to_blame(fake, session):
    for uid in range(1, 5):
        fake.spoil[uid] = refuse
    with pytest.raises(ServerSaidError):
        session.fetch_batch([1, 2, 3, 4], again=True)
    assert fake.count("UID FETCH") < 16
    fake.on["FETCH"] = lambda link: (link.send(b"* " + link.fetched(5, fake.messages[5])), link.ok())
    assert [bool(it.fault) for it in session.fetch_batch([1, 2, 3, 4], again=True)] == [True] * 4


def test_a_server_that_limits_the_account_is_asked_nothing_more(fake, session):
    fake.on["UID FETCH"] = lambda link: link.no("[OVERQUOTA] Account exceeded command or bandwidth limits.")
    with pytest.raises(ServerSaidError, match="locked the account for an hour"):
        session.fetch_batch([1, 2, 3], again=True)
    assert fake.count("UID FETCH") == 1
