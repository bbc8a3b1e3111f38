"""A mail as a Message: its fields, its identity, and what of it must be fetched."""

import time
from datetime import UTC, datetime
from functools import partial

import pytest
from lab_parse import COPY, HEAD, RELAY, mail, message, multipart, parsed, part

from relaywatch.core.mail.message import Message
from relaywatch.mailbox import parse, rescue

PLAIN = part("text/plain; charset=utf-8", "The bowl has a crack.\n")
HTML = part("text/html; charset=utf-8", "<p>The bowl has a crack.</p>\n")


def test_an_ordinary_mail_has_all_its_fields():
    raw = (
        "Return-Path: <bounce-7@crm.example>\n"
        "Delivered-To: care@shop.example\n"
        "Received: from mx.example by imap.shop.example with ESMTPS id 7; Sun, 22 Nov 2026 22:13:07 +0000\n"
        "Received: from inside by mx.example; Sun, 22 Nov 2026 22:13:06 +0000\n"
        "Authentication-Results: mx.shop.example; dkim=pass header.d=relay.walmart.ca\n"
        "DKIM-Signature: v=1; a=rsa-sha256; d=Relay.Walmart.ca; s=one; b=AAAA\n" + HEAD + "Cc: jsmith@walmart.com\n"
        "Reply-To: KPatel@walmart.com\n"
        "Sender: robot@walmart.com\n"
        "In-Reply-To: <zero@shop.example>\n"
        "References: <a@shop.example> <zero@shop.example>\n"
        "\n"
        "The bowl has a crack.\n"
    )
    found = message(raw)
    assert found.account == "main"
    assert found.message_id == "<one@relay.walmart.ca>"
    assert (found.author, found.author_name, found.from_) == (RELAY, "Jordan", (RELAY,))
    assert found.to == ("care@shop.example",)
    assert found.cc == ("jsmith@walmart.com",)
    assert found.reply_to == ("kpatel@walmart.com",)
    assert found.sender == ("robot@walmart.com",)
    assert found.delivered_to == ("care@shop.example",)
    assert found.return_path == "bounce-7@crm.example"
    assert found.in_reply_to == ("<zero@shop.example>",)
    assert found.references == ("<a@shop.example>", "<zero@shop.example>")
    assert found.date == datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC)
    assert found.copies[0].received == datetime(2026, 11, 22, 22, 13, 7, tzinfo=UTC)
    assert found.own_words == "The bowl has a crack."
    assert found.header("authentication-results") == ("mx.shop.example; dkim=pass header.d=relay.walmart.ca",)
    assert found.header("dkim-signature") == ("relay.walmart.ca",)
    assert found.structure == ("text/plain",)
    assert found.damage == ""
    assert found.report is None


@pytest.mark.parametrize(
    ("path", "want"),
    [
        ("", None),
        ("Return-Path: <>\n", ""),
        ("Return-Path: < >\n", ""),
        ("Return-path: <A@B.example>\n", "a@b.example"),
    ],
)
def test_the_null_path_is_not_a_missing_path(path: str, want: str | None):
    assert message(f"{path}{HEAD}\nhi\n").return_path == want


@pytest.mark.parametrize(
    ("host", "counts"),
    [
        ("imap.shop.example", True),
        ("shop.example", True),
        ("SHOP.example.", True),
        ("shop.example.evil.example", False),
        ("notshop.example", False),
        ("mx.sender.example", False),
    ],
)
def test_only_an_own_servers_received_line_is_believed(host: str, counts: bool):
    raw = f"Received: from (by shop.example) x by {host} with SMTP; Sun, 22 Nov 2026 22:13:07 +0000\n{HEAD}\nhi\n"
    assert (message(raw).copies[0].received is not None) is counts


def test_only_the_topmost_received_line_counts():
    raw = (
        "Received: by elsewhere.example; Sun, 22 Nov 2026 22:13:07 +0000\n"
        f"Received: by mx.shop.example; Sun, 22 Nov 2026 22:13:01 +0000\n{HEAD}\nhi\n"
    )
    assert message(raw).copies[0].received is None


def test_in_a_file_any_received_line_counts():
    raw = f"Received: by elsewhere.example; Sun, 22 Nov 2026 22:13:07 +0000\n{HEAD}\nhi\n"
    assert message(raw, own_hosts=None).copies[0].received == datetime(2026, 11, 22, 22, 13, 7, tzinfo=UTC)


def test_attachments_are_named_and_parts_listed():
    picture = part('image/jpeg; name="=?utf-8?Q?caf=C3=A9.jpg?="', "AAAA", "Content-Transfer-Encoding: base64")
    invoice = part("application/pdf", "AAAA", "Content-Disposition: attachment; filename*=utf-8''re%C3%A7u.pdf")
    found = message(HEAD + multipart("mixed", PLAIN, picture, invoice))
    assert found.attachments == ("café.jpg", "reçu.pdf")
    assert found.structure == ("multipart/mixed", "text/plain", "image/jpeg", "application/pdf")


def test_a_report_type_is_part_of_the_structure():
    found = message(HEAD + multipart("report; report-type=Delivery-Status", PLAIN))
    assert found.structure[0] == "multipart/report; report-type=delivery-status"


def test_headers_that_tell_automatic_mail_are_kept_in_order_and_the_others_are_not():
    raw = mail(
        "hi", "Auto-Submitted: auto-replied", "X-Secret: no", "Precedence: bulk", "X-Relaywatch-Case: 12",
        "Auto-Submitted: no",
    )  # fmt: skip
    assert message(raw).headers == (
        ("auto-submitted", "auto-replied"),
        ("precedence", "bulk"),
        ("x-relaywatch-case", "12"),
        ("auto-submitted", "no"),
    )


def test_kept_headers_are_bounded():
    raw = mail("hi", *[f"X-Loop: {'y' * 2000}"] * 100)
    assert [len(value) for _, value in message(raw).headers] == [1000] * 5


@pytest.mark.parametrize(
    "path", ['"a;dkim=pass x"@evil.example', "=?us-ascii?q?;dkim=3Dpass?=@evil.example", "y" * 500]
)
def test_an_odd_path_is_kept_as_it_stands(path):
    """It is the sender's, and no server's: whether it brings results is asked of it."""
    assert message(f"Return-Path: <{path}>\n{HEAD}\nhi\n").return_path == f"<{path}>"


def test_no_number_of_headers_hides_another():
    """RFC 6376 8.6: a list's that put the seller into From, a signature that covers no recipient."""
    signed = [f"DKIM-Signature: v=1; d=shop.example; s=x; h=from:{names}; b=x" for names in ("to:cc", "date")]
    others = ["DKIM-Signature: d=d=x; h=to", *(f"DKIM-Signature: d=x{number}.example; h=to" for number in range(18))]
    raw = mail("hi", signed[0], *["X-Loop: x"] * 100, *others, signed[1], "List-Id: <care.shop.example>")
    kept = message(raw).headers
    assert ("list-id", "<care.shop.example>") in kept
    assert ("dkim-signature", "shop.example") in kept
    assert not any(value.startswith("d=") for name, value in kept)  # as earlier versions kept a domain alone
    assert len(kept) <= 5 + 20 + 1


@pytest.mark.parametrize("pad", ["X-A: 1\n" * 2_100, f"X-Long: {'y' * 15_000}\n" * 20], ids=["many", "long"])
def test_no_headers_push_the_author_out_of_sight(pad):
    came = "Received: from relay.walmart.ca by mx.shop.example with ESMTPS id 1; Sun, 22 Nov 2026 17:13:06 -0500\n"
    found = message(came + pad + mail("hi", "In-Reply-To: <r1@shop.example>"))
    assert (found.author, found.subject) == (RELAY, "Question about my order")
    assert (found.message_id, found.in_reply_to) == ("<one@relay.walmart.ca>", ("<r1@shop.example>",))
    assert found.own_words == "hi"


def test_control_characters_are_in_no_string_that_is_kept():
    raw = (
        "From: Jor\x1bdan \u202e<c@relay.walmart.ca>\nSubject: =?utf-8?Q?a=0Ab=00c=1B[31m?=\n"
        "X-Loop: a\x07b\nMessage-ID: <o\x00ne@x>\n\nhel\x00lo\x9b there\u2066\n"
    )
    found = message(raw)
    assert found.author_name == "Jordan"
    assert found.subject == "a bc[31m"
    assert found.header("x-loop") == ("ab",)
    assert found.message_id == "<one@x>"
    assert found.own_words == "hello there"


# identity


def test_the_digest_is_the_same_however_the_mail_was_carried():
    text = "Bonjour, le bol est fêlé ="
    eight = mail(text + "\n", 'Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit")
    quoted = mail(
        "Bonjour, le=\n bol est f=C3=AAl=C3=A9 =3D\n",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    )
    latin = mail(text + "\n", "Content-Type: text/plain; charset=iso-8859-1").encode("latin-1")
    base = mail("Qm9uam91ciwgbGUgYm9sIGVzdCBmw6psw6kgPQ==\n", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64")  # fmt: skip
    received = "Received: by mx.shop.example; Sun, 22 Nov 2026 22:13:07 +0000\n" + eight
    digests = {message(raw).digest for raw in (eight, quoted, latin, base, received, eight.replace("\n", "\r\n"))}
    assert len(digests) == 1


@pytest.mark.parametrize(("old", "new"), [("crack", "chip"), ("Question", "Query"), ("Jordan <c-0", "Jordan <c-1")])
def test_the_digest_tells_other_text_subject_and_author_apart(old: str, new: str):
    raw = mail("The bowl has a crack.\n")
    assert message(raw).digest != message(raw.replace(old, new)).digest


def test_the_digest_of_a_prefix_is_that_of_the_whole_mail():
    picture = part("image/png; name=a.png", "AAAA\n" * 200, "Content-Transfer-Encoding: base64")
    raw = HEAD + multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="inner"), picture, PLAIN)
    prefix = raw[: raw.index("AAAA\nAAAA")]
    beginning = parsed(prefix, whole=False)
    assert not beginning.needs_more
    assert beginning.message.digest == message(raw).digest


# how much of the mail is needed


@pytest.mark.parametrize(
    ("raw", "cut", "needs_more"),
    [
        (mail("The bowl has a crack.\n" * 20), "crack", True),
        (HEAD + multipart("mixed", PLAIN, part("image/png", "AAAA\nBBBB")), "BBBB", False),
        (HEAD + multipart("mixed", part("image/png", "AAAA\nBBBB"), PLAIN), "BBBB", True),
        (HEAD + multipart("alternative", PLAIN.replace("crack", "crack " * 60), HTML), "</p>", False),
        (HEAD + multipart("alternative", part("text/plain", "\n"), HTML), "</p>", True),
        (HEAD + multipart("alternative", part("text/plain", "View this mail as HTML."), HTML), "</p>", True),
        (HEAD + multipart("alternative", PLAIN, HTML), "The bowl", True),
        (HEAD, "Message-ID", True),
    ],
)
def test_more_is_needed_where_no_text_was_whole(raw: str, cut: str, needs_more: bool):
    assert parsed(raw[: raw.index(cut)], whole=False).needs_more is needs_more
    assert parsed(raw, whole=True).needs_more is False


def test_a_long_text_is_bounded_but_its_mail_is_kept():
    found = message(mail("words " * 300_000))
    assert 0 < len(found.own_words) + len(found.rest) <= parse.MAX_OWN_WORDS + parse.MAX_REST
    assert found.subject == "Question about my order"


# what is no mail, or hardly


@pytest.mark.parametrize(
    ("raw", "damage"),
    [(b"", "empty"), (b"\n\r\n", "empty"), (b"Hello, where is my order?\n", "no headers"),
     (b"Hi Jordan: thanks.\n\nBlue Kiln\n", "no headers")],
)  # fmt: skip
def test_a_text_without_headers_is_a_body(raw: bytes, damage: str):
    found = message(raw)
    assert found.damage == damage
    assert found.own_words.split() == raw.decode().split()
    assert (found.author, found.message_id, found.headers) == ("", None, ())


@pytest.mark.parametrize(
    "before",
    ["From care@shop.example Sun Nov 22 22:13:05 2026\n", ">From x Sun Nov 22 22:13:05 2026\n", "\n\n", "\ufeff",
     "a line that is no header\n"],
)  # fmt: skip
def test_what_stands_before_the_headers_does_not_hide_them(before: str):
    found = message(before + mail("hi\n"))
    assert (found.message_id, found.own_words) == ("<one@relay.walmart.ca>", "hi")


def test_a_letter_may_begin_with_from():
    assert message("From what I know, it broke.\n\nBye\n").own_words.startswith("From what I know")


def test_a_body_without_a_blank_line_before_it_is_found():
    assert message(HEAD + "Hello there, it broke.\nBye\n").own_words == "Hello there, it broke.\nBye"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_break_is_read(line_break: str):
    found = message(mail("one\ntwo\n").replace("\n", line_break))
    assert (found.subject, found.own_words) == ("Question about my order", "one\ntwo")


def test_a_mail_in_utf_16_is_read():
    assert message(mail("hello\n").encode("utf-16")).own_words == "hello"


# further ways


def test_when_the_first_way_raises_mail_parser_reads_the_mail(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parse, "read_body", _raise)
    raw = "Received: by mx.shop.example; Sun, 22 Nov 2026 22:13:07 +0000\n" + mail(
        "It br=C3=B6ke.\n",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
    )
    found = message(raw)
    _is_recognisable(found)
    assert found.own_words == "It bröke."
    assert found.copies[0].received == datetime(2026, 11, 22, 22, 13, 7, tzinfo=UTC)
    assert found.damage == "could not be parsed (ZeroDivisionError), read by mail-parser"


def test_when_both_ways_raise_the_lines_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parse, "read_body", _raise)
    monkeypatch.setattr("mailparser.parse_from_bytes", _raise)
    monkeypatch.setattr(rescue.own_words, "split", _raise)
    found = message(mail("It broke.\n", "Subject: not this one"))
    _is_recognisable(found)
    assert found.own_words == "It broke."
    assert found.damage == "could not be parsed (ZeroDivisionError), read by its lines"


def test_a_mail_that_nothing_survives_is_sketched_by_its_headers():
    found = rescue.sketch(mail("It broke.\n").encode(), account="main", copy=COPY)
    _is_recognisable(found)
    assert (found.text, len(found.digest)) == ("", 64)
    assert rescue.sketch(b"", account="main", copy=COPY).message_id is None
    assert rescue.is_sketch(found)


@pytest.mark.parametrize("way", [rescue.sketch, partial(rescue.read, own_hosts=None, reason="x")])
def test_a_mail_that_nothing_survives_keeps_what_its_server_found(way):
    found = "Authentication-Results: mx.shop.example;\r\n\tdmarc=fail header.from=walmart.com"
    came = "Received: from a.example by mx.shop.example with ESMTP id 1; Fri, 13 Nov 2026 21:30:00 +0000"
    raw = f"{found}\r\n{came}\r\n".encode() + mail("It broke.\n").encode()
    whole = message(raw).headers
    kept = way(raw, account="main", copy=COPY).headers
    assert kept[:2] == whole[:2]
    assert kept[0] == ("authentication-results", "mx.shop.example; dmarc=fail header.from=walmart.com")


def test_a_sketch_costs_no_more_than_a_long_text():
    def cost(head):
        started = time.process_time()
        rescue.sketch(head * (60_000 // len(head)), account="main", copy=COPY)
        return time.process_time() - started

    plain = max(0.005, cost(b"X-Some: thing\n"))
    for head in (
        b"a:\n",
        b":\n",
        b"To: x,\n y,\n",
        b"Authentication-Results: a;b=c;\n",
        b"Received: from a by b\n",
        b" x\n",
    ):
        assert cost(head) < 30 * plain


def _is_recognisable(found: Message) -> None:
    assert (found.author, found.author_name, found.subject) == (RELAY, "Jordan", "Question about my order")
    assert found.message_id == "<one@relay.walmart.ca>"
    assert found.date == datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC)
    assert found.to == ("care@shop.example",)
    assert found.copies[0].mailbox == COPY.mailbox


def _raise(*_: object, **__: object) -> None:
    raise ZeroDivisionError
