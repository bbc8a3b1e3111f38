"""Authentication-Results: the topmost of a trusted server counts, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.authentic import is_as_sent, verdict
from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.mailbox.parse import read_message

PARTIES = Parties(authserv_ids=frozenset({"mx.shop.example"}))
AGENT = "jsmith@walmart.com"


SIGNATURES = "; ".join(f"dkim=pass header.d=e{number}.example" for number in range(60))  # as many as a sender likes


def said(*values, author=AGENT, parties=PARTIES):
    headers = tuple(("authentication-results", value) for value in values)
    return verdict(a_mail(author=author, headers=headers), parties).status


FAILED = "dmarc=fail (p=reject) header.from=walmart.com"
CLOSING = '"a);dmarc=pass header.from=walmart.com;x=(b"@evil.example'  # an envelope's sender (RFC 5321 4.1.2)


@pytest.mark.parametrize(
    "value",
    [
        "mx.shop.example; dmarc=pass header.from=walmart.com",
        "mx.shop.example 1; dmarc=pass (p=reject dis=none) header.from=walmart.com",
        "MX.Shop.Example; spf=fail smtp.mailfrom=bounce@crm.example; dmarc=pass header.from=walmart.com",
        "mx.shop.example; dkim=pass header.d=wal-mart.com header.s=s1; spf=pass smtp.mailfrom=x@crm.example",
        "mx.shop.example; dkim=fail header.d=crm.example; dkim=pass header.d=email.walmart.ca",
        "mx.shop.example; dkim=pass header.i=@wal-mart.com",
        "mx.shop.example; spf=pass smtp.mailfrom=jsmith@walmart.com; dkim=none",
        "mx.shop.example;\r\n\tdkim=pass (2048-bit key; unprotected)\r\n\theader.d=walmart.com",
        'mx.shop.example; dkim=pass reason="good; really = good" header.d=walmart.com',
        '"mx.shop.example"; dmarc = pass header.from = walmart.com',
        "mx.shop.example; dmarc=temperror header.from=walmart.com; dkim=pass header.d=walmart.com",
        "mx.shop.example (a (nested) comment); dkim/1=pass header.d=walmart.com",
        "mx.shop.example; dmarc=bestguesspass action=none header.from=walmart.com",
    ],
)
def test_passes(value):
    assert said(value) == "pass"


@pytest.mark.parametrize(
    "value",
    [
        "mx.shop.example; dmarc=fail header.from=walmart.com",
        "mx.shop.example; dkim=pass header.d=walmart.com; dmarc=fail (p=reject) header.from=walmart.com",
        "mx.shop.example; spf=fail smtp.mailfrom=jsmith@walmart.com",
        "mx.shop.example; spf=softfail smtp.mailfrom=jsmith@walmart.com; dkim=none",
        "mx.shop.example; dkim=fail header.d=walmart.com; spf=pass smtp.mailfrom=x@evil.example",
        "mx.shop.example; dkim=pass header.d=walmart.com.evil.example; spf=fail smtp.mailfrom=x@walmart.com",
        "mx.shop.example; dkim=fail (dmarc=pass header.from=walmart.com) header.d=walmart.com",
        'mx.shop.example; spf=fail reason="x; dkim=pass header.d=walmart.com"',
        "mx.shop.example; spf=pass smtp.mailfrom=x@evil.example smtp.helo=walmart.com; dkim=permerror",
        "mx.shop.example; spf=pass smtp.mailfrom=x@evil.example; dkim=none",
        "mx.shop.example; dmarc=none header.from=walmart.com; spf=none; dkim=pass header.d=evil.example",
        "mx.shop.example; dmarc=pass header.from=evil.example",
        "mx.shop.example; dmarc=permerror header.from=walmart.com",
        "mx.shop.example; spf=none smtp.helo=a(b; dmarc=fail header.from=walmart.com",
        'mx.shop.example; spf=none smtp.helo="a; dmarc=fail header.from=walmart.com',
        "mx.shop.example; spf=none (HELO a(b); dmarc=fail (p=reject) header.from=walmart.com",
        f"mx.shop.example; {SIGNATURES}; spf=pass smtp.mailfrom=x@evil.example; dmarc=fail header.from=walmart.com",
        f"mx.shop.example; {SIGNATURES * 10}; dmarc=fail header.from=walmart.com",
        f"mx.shop.example; dmarc=pass header.from=walmart.com; {SIGNATURES * 10}; dmarc=fail header.from=walmart.com",
        "mx.shop.example; spf=none; dkim=none",
        "mx.shop.example; spf=neutral smtp.mailfrom=x@evil.example; dkim=none",
        f"mx.shop.example; spf=pass (mx: domain of {CLOSING} is fine) smtp.mailfrom={CLOSING}; {FAILED}",
        f"mx.shop.example; spf=none (HELO a);dmarc=pass header.from=walmart.com;x=(b); {FAILED}",
        f"mx.shop.example; {FAILED}; spf=none (HELO a);dmarc=pass header.from=walmart.com;x=(b)",
        f"mx.shop.example; spf=none (HELO a(b); {FAILED}; dkim=none (c))",
        f'mx.shop.example; spf=none (HELO a"b); {FAILED}; dkim=none (c")',
        f'mx.shop.example; spf=none smtp.helo=a"b; {FAILED}; dkim=none reason=c"d',
    ],
)
def test_fails(value):
    assert said(value) == "fail"


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        ("mx.shop.example; none",),
        ("mx.shop.example",),
        ("mx.shop.example; spf=neutral smtp.mailfrom=x@walmart.com; dkim=temperror",),
        ("mx.shop.example; dmarc=temperror header.from=walmart.com",),
        ("mx.shop.example; spf=pass smtp.mailfrom=x@crm.example",),
        ("mx.shop.example; spf=pass smtp.mailfrom=x@crm.example; dkim=temperror header.d=walmart.com",),
        ("other.example; dmarc=fail header.from=walmart.com",),
        ("spf=fail smtp.mailfrom=x@evil.example; dmarc=fail",),
        ("mx.shop.example.evil.example; dmarc=fail",),
        (";;;=;==",),
        ("mx.shop.example; spf=none smtp.helo=a(b; dmarc=pass header.from=walmart.com",),
        (f"mx.shop.example; spf=temperror (mx: domain of {CLOSING} is not told)",),
        ("mx.shop.example; spf=none (HELO a);dmarc=pass header.from=walmart.com;x=(b); dmarc=none",),
    ],
)
def test_says_nothing(values):
    assert said(*values) == "none"


def test_what_stands_below_the_topmost_trusted_header_is_forged():
    good = "mx.shop.example; dmarc=pass header.from=walmart.com"
    bad = "mx.shop.example; dmarc=fail header.from=walmart.com"
    assert said(bad, good) == "fail"
    assert said(good, bad) == "pass"  # nobody knows which line it came in by
    assert said("mx.evil.example; dmarc=pass header.from=walmart.com", bad) == "fail"


RECEIVED = "received", "from mail.evil.example by mx.shop.example"
GOOD, BAD = "mx.shop.example; dmarc=pass header.from=walmart.com", "mx.shop.example; dmarc=fail header.from=walmart.com"


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        pytest.param((("authentication-results", GOOD), RECEIVED), "pass", id="above the line by which it came in"),
        pytest.param((RECEIVED, ("authentication-results", GOOD)), "none", id="a pass below it is no proof"),
        pytest.param((RECEIVED, ("authentication-results", BAD)), "fail", id="a failure below it is believed"),
        pytest.param(
            (("authentication-results", BAD), RECEIVED, ("authentication-results", GOOD)), "fail", id="forged below"
        ),
        pytest.param(
            (("authentication-results", "mx.shop.example; spf=neutral"), ("authentication-results", GOOD), RECEIVED),
            "pass",
            id="a header for each method",
        ),
        pytest.param(
            (("authentication-results", "mx.shop.example; spf=neutral"), ("authentication-results", GOOD)),
            "none",
            id="not where it is unknown which of them came with the mail",
        ),
        pytest.param(
            (("authentication-results", GOOD), ("authentication-results", BAD), RECEIVED),
            "fail",
            id="of two above it a failure",
        ),
        pytest.param((("arc-authentication-results", f"i=1; {GOOD}"), RECEIVED), "pass", id="in the header of ARC"),
        pytest.param((RECEIVED, ("arc-authentication-results", f"i=1; {GOOD}")), "none", id="but not below"),
        pytest.param((("arc-authentication-results", GOOD), RECEIVED), "none", id="ARC's has a number"),
    ],
)
def test_only_what_stands_above_the_borders_line_is_a_proof(headers, wanted):
    """RFC 8601 5, 7.1."""
    assert verdict(a_mail(author=AGENT, headers=headers), PARTIES).status == wanted
    own = tuple((name, value.replace("walmart.com", "shop.example")) for name, value in headers)
    assert is_as_sent(a_mail(author="care@shop.example", headers=own), PARTIES) is (wanted == "pass")


@pytest.mark.parametrize(
    ("hello", "path"),
    [
        ("a);dkim=pass header.d=walmart.com;x=(b", None),
        ("a);dkim/1=pass header.d=walmart.com;x=(b", None),
        ('a) "dkim" = pass header.d=walmart.com (b', None),
        ("a) dkim(x) =pass header.d=walmart.com (b", None),
        ("a);auth/1=pass smtp.auth=x;x=(b", None),
        ("a);x=y", None),
        (f"a);dkim=pass header.d=walmart.com;{'x' * 8_000}", None),
        ("mail.example", "a);spf=pass smtp.mailfrom=x"),
    ],
)
def test_no_pass_is_believed_where_the_sender_wrote_results(hello, path):
    """RFC 8601 7.1: a server repeats what it was told, and it may stand in a comment as its own word."""
    came = f"from {hello} (unknown [203.0.113.9]) by mx.shop.example with ESMTPS id 1; Sun, 22 Nov 2026 17:13:06 -0500"
    headers = ("authentication-results", GOOD), ("received", came)
    assert verdict(a_mail(author=AGENT, headers=headers, return_path=path), PARTIES).status != "pass"


def test_no_trusted_server_no_verdict():
    bad = "mx.shop.example; dmarc=fail header.from=walmart.com"
    assert said(bad, parties=Parties()) == "none"


def test_relay_and_strangers():
    bad = "mx.shop.example; dmarc=fail"
    assert said(bad, author="c-1@relay.walmart.ca") == "fail"
    assert said(bad, author="jordan@mail.example") == "none"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("mx.shop.example; dmarc=pass header.from=shop.example", True),
        ("mx.shop.example; dkim=pass header.d=mail.shop.example", True),
        ("mx.shop.example; spf=pass smtp.mailfrom=care@shop.example", True),
        ("mx.shop.example; dkim=pass header.d=example", False),
        ("mx.shop.example; dkim=pass header.d=otherShop.example", False),
        ("mx.shop.example; dmarc=fail header.from=shop.example", False),
        ("other.example; dmarc=pass header.from=shop.example", False),
        ("mx.shop.example; none", False),
    ],
)
def test_the_sellers_own_mail_elsewhere(value, wanted):
    message = a_mail(author="care@shop.example", headers=(("authentication-results", value),))
    assert is_as_sent(message, PARTIES) is wanted


SIGNED = "dkim=pass header.d=shop.example; dmarc=pass header.from=shop.example"
FOREIGN = f"mx.shop.example; spf=pass smtp.mailfrom=x@evil.example; {SIGNED}"
OWN = f"mx.shop.example; spf=pass smtp.mailfrom=bounce@mail.shop.example; {SIGNED}"


@pytest.mark.parametrize(
    ("value", "headers", "wanted"),
    [
        pytest.param(FOREIGN, [("dkim-signature", "shop.example")], False, id="to anybody, from elsewhere"),
        pytest.param(FOREIGN, [("dkim-signature", "shop.example to")], False, id="the copies are not signed"),
        pytest.param(FOREIGN, [("dkim-signature", "shop.example cc to")], True, id="those it is for are signed"),
        pytest.param(
            FOREIGN,
            [("dkim-signature", "shop.example"), ("dkim-signature", "shop.example cc to")],
            False,
            id="one of two, which may be forged",
        ),
        pytest.param(
            FOREIGN,
            [("dkim-signature", "desk.example"), ("dkim-signature", "shop.example cc to")],
            True,
            id="a help desk's beside it",
        ),
        pytest.param(
            FOREIGN, [("dkim-signature", "new.shop.example cc to")], False, id="one that passed is not among those kept"
        ),
        pytest.param(
            f"{FOREIGN}; dkim=fail header.d=old.shop.example",
            [("dkim-signature", "old.shop.example"), ("dkim-signature", "shop.example cc to")],
            True,
            id="another of theirs that did not pass",
        ),
        pytest.param(
            "mx.shop.example; dkim=pass header.i=@mail.shop.example; spf=pass smtp.mailfrom=x@evil.example",
            [("dkim-signature", "shop.example cc to")],
            True,
            id="passed for a host below who signed",
        ),
        pytest.param(
            "mx.shop.example; dkim=pass; spf=pass smtp.mailfrom=x@evil.example; dmarc=pass header.from=shop.example",
            [("dkim-signature", "shop.example cc to")],
            True,
            id="passed for nobody by name",
        ),
        pytest.param(FOREIGN, [], False, id="signed by nothing that is known"),
        pytest.param(FOREIGN, [("dkim-signature", "d=shop.example")], True, id="as earlier versions kept it"),
        pytest.param(OWN, [("dkim-signature", "shop.example")], True, id="from where the seller sends"),
        pytest.param(
            f"mx.shop.example; {SIGNED}", [("dkim-signature", "shop.example")], True, id="from who knows where"
        ),
        pytest.param(OWN, [("dkim-signature", "shop.example cc to"), ("subject", "Mugs")], False, id="two subjects"),
        pytest.param(OWN, [("message-id", "<x@y.example>")], False, id="two ids"),
    ],
)
def test_what_was_sent_on_by_somebody_who_got_it_is_not_as_it_was_sent(value, headers, wanted):
    """RFC 6376 8.6, 8.15."""
    received = (("authentication-results", value), *headers)
    to, cc = ("c-1@relay.walmart.ca", "x@y.example"), ("jsmith@walmart.com",)
    assert is_as_sent(a_mail(author="care@shop.example", to=to, cc=cc, headers=received), PARTIES) is wanted


@pytest.mark.parametrize(
    ("signed", "bcc", "wanted"),
    [
        ("to cc", (), True),
        ("to cc", ("desk@shop.example",), True),
        ("to cc", ("c-1@relay.walmart.ca",), False),
    ],
)
def test_nobody_of_walmarts_is_put_on_a_mail_by_who_sends_it_on(signed, bcc, wanted):
    headers = (("authentication-results", FOREIGN), ("dkim-signature", f"shop.example {signed}"))
    message = a_mail(author="care@shop.example", to=("x@y.example",), cc=("z@y.example",), bcc=bcc, headers=headers)
    assert is_as_sent(message, PARTIES) is wanted


@pytest.mark.parametrize(
    ("value", "authors", "wanted"),
    [
        pytest.param("dmarc=pass", ("care@shop.example",), True, id="one author, whoever is meant"),
        pytest.param("dmarc=pass", ("care@shop.example", "a@evil.example"), False, id="two, and nobody named"),
        pytest.param("dmarc=bestguesspass", ("care@shop.example", "a@evil.example"), False, id="as a guess"),
        pytest.param(
            "dmarc=pass header.from=shop.example", ("care@shop.example", "a@evil.example"), True, id="named, of two"
        ),
        pytest.param(
            "dmarc=pass header.from=evil.example", ("care@shop.example", "a@evil.example"), False, id="the other named"
        ),
        pytest.param(
            "dmarc=pass; dkim=pass header.d=shop.example", ("care@shop.example", "a@evil.example"), True, id="signed"
        ),
    ],
)
def test_with_two_authors_a_pass_must_say_whose_it_is(value, authors, wanted):
    """RFC 7489 6.6.1."""
    headers = (("authentication-results", f"mx.shop.example; {value}"),)
    message = a_mail(author="care@shop.example", from_=authors, headers=headers)
    assert is_as_sent(message, PARTIES) is wanted


def test_with_two_authors_a_failure_of_nobody_by_name_is_still_one():
    headers = (("authentication-results", "mx.shop.example; dmarc=fail"),)
    message = a_mail(author=AGENT, from_=(AGENT, "a@evil.example"), headers=headers)
    assert verdict(message, PARTIES).status == "fail"


@pytest.mark.parametrize("further", ["From: a@evil.example\n", 'from: "x" <a@evil.example>\n'])
def test_the_second_of_two_from_lines_is_an_author_too(further):
    raw = f"Authentication-Results: mx.shop.example; dmarc=pass\nFrom: care@shop.example\n{further}\nhello".encode()
    copy = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX)
    message = read_message(raw, account="main", copy=copy, own_hosts=None, whole=True).message
    assert message.author == "care@shop.example"
    assert message.from_ == ("care@shop.example", "a@evil.example")
    assert not is_as_sent(message, PARTIES)


@given(st.lists(st.text() | st.text('mx.shop.example;=dkimpasfl()"\\ \t'), max_size=3), st.text())
def test_any_header_is_answered(values, author):
    values = ["mx.shop.example;" + value for value in values]
    assert said(*values) in ("pass", "fail", "none")
    is_as_sent(a_mail(author=author, headers=(("authentication-results", values[0] if values else ""),)), PARTIES)


@pytest.mark.parametrize("piece", ["(", '"', "\\", "dkim=pass ", ";", "= ", "a=b;"])
def test_hostile_headers_cost_nothing(piece):
    started = time.perf_counter()
    said("mx.shop.example;" + piece * 300_000)
    assert time.perf_counter() - started < 0.5
