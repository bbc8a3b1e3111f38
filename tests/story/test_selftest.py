"""A test mail goes to each registered address and must arrive in its inbox (policy M1, M2)."""

import pytest
from lab_post import post
from lab_story import H, Story, steps

from relaywatch.core.mail.message import Folder

CARE, COMPLAINTS, ONCALL = "care@shop.example", "complaints@shop.example", "oncall@shop.example"
MAILBOXES = {CARE: "care", COMPLAINTS: "complaints"}


@pytest.fixture
def tested(shop_with) -> Story:
    return shop_with(service='self_test = "24h"')


def arrives(story, warned, at, folder=Folder.INBOX):
    """Deliver a test mail that left."""
    return story.mail(warned.mail.as_bytes(), at=at, folder=folder, mailbox=MAILBOXES[warned.to])


def test_a_test_that_arrives_is_silent_and_comes_once_in_an_interval(tested):
    """policy M2."""
    sent = tested.now(H(0))
    assert [(one.to, one.step, one.mail["Subject"]) for one in sent] == [
        (CARE, "self-test", "[relaywatch] self-test"),
        (COMPLAINTS, "self-test", "[relaywatch] self-test"),
    ]
    assert len({one.mail["Message-ID"] for one in sent}) == 2
    assert [arrives(tested, one, H(0.01)) for one in sent] == ["own", "own"]
    tested.restart(H(1))
    assert tested.until(H(1), H(23), 60) == []
    assert [one.to for one in tested.now(H(24))] == [CARE, COMPLAINTS]
    assert tested.cases() == {}


def test_what_does_not_arrive_is_told_once_and_once_more_when_it_does(tested):
    """policy M2."""
    care, complaints = tested.now(H(0))
    arrives(tested, complaints, H(0.01))
    assert tested.now(H(0.2)) == []  # 12 minutes
    (failed,) = tested.now(H(0.26))
    assert (failed.to, failed.step, failed.mail["X-Relaywatch-Mailbox"]) == (ONCALL, "self-test", "care")
    assert "did not arrive" in failed.mail["Subject"]
    assert CARE in failed.text
    assert failed.mail["Message-ID"] != care.mail["Message-ID"]
    assert tested.until(H(1), H(23), 60) == []
    again = tested.now(H(24))
    assert [one.to for one in again] == [CARE, COMPLAINTS]
    assert tested.until(H(24.5), H(30), 60) == [(24.5, "self-test")]
    assert [event.ids["address"] for event in tested.events("address.failed")] == [CARE, COMPLAINTS]
    third = tested.now(H(48.5))
    for one in third:
        arrives(tested, one, H(48.6))
    works = tested.now(H(48.7))
    assert [one.step for one in works] == ["self-test", "self-test"]
    assert all("works again" in one.mail["Subject"] for one in works)
    assert tested.now(H(49)) == []


def test_junk_is_a_failure_and_says_so(tested):
    """policy M1."""
    care, complaints = tested.now(H(0))
    arrives(tested, complaints, H(0.01))
    arrives(tested, care, H(0.01), Folder.JUNK)
    (failed,) = tested.now(H(0.02))
    assert "junk" in failed.mail["Subject"]
    assert tested.now(H(1)) == []


def test_a_bounce_is_a_failure(tested):
    care, complaints = tested.now(H(0))
    arrives(tested, complaints, H(0.01))
    told = bounce(care)
    assert tested.mail(told, at=H(0.02), mailbox="complaints") == "bounce"
    (failed,) = tested.now(H(0.03))
    assert "bounced" in failed.mail["Subject"]


def test_a_refusal_is_a_failure_with_the_servers_words(tested):
    tested.look(H(0))
    tested.sweep(H(0))
    for delivery in tested.store.pending_deliveries():
        with tested.store.transaction():
            tested.store.delivery_failed(delivery.id, H(0), "550 5.1.1 no such user", None)
    failed = tested.now(H(0.01))
    assert steps(failed) == ["self-test", "self-test"]
    assert "no such user" in failed[0].text


def test_a_message_id_that_a_server_rewrote_does_not_matter(tested):
    care, complaints = tested.now(H(0))
    arrives(tested, complaints, H(0.01))
    care.mail.replace_header("Message-ID", "<rewritten@ses.example>")
    arrives(tested, care, H(0.01))
    assert tested.until(H(0.1), H(20), 60) == []


def test_nothing_is_concluded_from_a_mailbox_that_is_not_read(tested):
    tested.now(H(0))
    tested.look(H(0.1), "complaints")
    tested.lose(H(0.1), "care")
    tested.sweep(H(2))
    assert steps(tested.deliver(H(2))) == ["blind"]
    assert tested.events("address.failed") == []


def test_a_mail_that_only_looks_like_a_test_counts_for_nothing(tested):
    care, _ = tested.now(H(0))
    forged = post(CARE, CARE, "[relaywatch] self-test", "x", mid="x@shop.example", X_Relaywatch_Test="<x@shop.example>")
    tested.mail(forged, at=H(0.01))
    assert tested.store.self_test("main", CARE).folder is None
    arrives(tested, care, H(0.02))
    assert tested.store.self_test("main", CARE).folder is Folder.INBOX


def bounce(warned) -> bytes:
    head = (
        "From: MAILER-DAEMON@smtp.shop.example\r\nTo: relaywatch@shop.example\r\nSubject: Undelivered Mail\r\n"
        "Message-ID: <dsn@smtp.shop.example>\r\nReturn-Path: <>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="kiln"\r\n\r\n'
    )
    parts = (
        "--kiln\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered: 552 mailbox full\r\n\r\n"
        "--kiln\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; smtp.shop.example\r\n\r\n"
        f"Final-Recipient: rfc822; {warned.to}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n"
        "--kiln\r\nContent-Type: message/rfc822\r\n\r\n"
        f"From: relaywatch@shop.example\r\nTo: {warned.to}\r\nMessage-ID: {warned.mail['Message-ID']}\r\n\r\nx\r\n"
        "--kiln--\r\n"
    )
    return (head + parts).encode()
