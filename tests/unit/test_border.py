"""Which Received line is that by which a mail came in, and what of the headers around it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox.border import is_border
from relaywatch.mailbox.kept import kept_headers

DATE = "; Sun, 22 Nov 2026 22:13:07 +0000"


@pytest.mark.parametrize(
    "line",
    [
        "by 2002:a05:6a10:1234:b0:3f2 with SMTP id x1csp7",
        "by mx.shop.example (Postfix, from userid 1001) id 7",
        "from mx.shop.example by imap.shop.example with LMTP id 7",
        "from mx.shop.example ([127.0.0.1]) by localhost (mx.shop.example [127.0.0.1]) (amavisd-new, port 10024)",
        "from localhost (localhost [IPv6:::1]) by mx.shop.example (Postfix) with ESMTP id 7",
        "from mx.shop.example (unknown [10.1.2.3]) by imap.shop.example with ESMTP",
        "from CY5PR11.namprd11.prod.outlook.com (2603:10b6:930:45::10) by BY3PR11.PROD.OUTLOOK.COM with HTTPS",
    ],
)
def test_within_the_receiving_side(line):
    assert not is_border((line + DATE).encode())


@pytest.mark.parametrize(
    "line",
    [
        "from evil.example by mx.shop.example",
        "from mx.shop.example by mx.shop.example with ESMTP",
        "from mail.evil.example (mail.evil.example [203.0.113.9]) by mx.shop.example (Postfix) with ESMTPS id 7",
        "from mx.shop.example (unknown [203.0.113.9]) by mx.shop.example (Postfix) with ESMTP",
        "from mx.shop.example (mail.evil.example [203.0.113.9]) by mx.shop.example with ESMTP",
        "from [203.0.113.9] (helo=mx.shop.example) by mx.shop.example with esmtps",
        "from mx.shop.example ([203.0.113.9]) by mx.shop.example with ESMTP",
        "from unknown (HELO mx.shop.example) (203.0.113.9) by mx.shop.example with SMTP",
        "from [127.0.0.1] (unknown [203.0.113.9]) by mx.shop.example with ESMTP",
        "from by (unknown [203.0.113.9]) by mx.shop.example with ESMTP",
        "from localhost with LMTP by x (unknown [203.0.113.9]) by mx.shop.example with ESMTP",
        "from evil.example (unknown [172.18.0.1]) by mx.shop.example (Postfix) with ESMTP",
        "from evil.co.uk (evil.co.uk [10.1.2.3]) by shop.co.uk with ESMTP",
        "from out.hoster.example (out.hoster.example [198.51.100.7]) by mx.hoster.example (Postfix) with ESMTPS",
        "from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41]) by mx.google.com with SMTPS id 7",
        "from mail.evil.example (203.0.113.9) by DM6.mail.protection.outlook.com (10.13.178.1) with Microsoft SMTP",
        "from evil.example",
    ],
)
def test_from_elsewhere(line):
    assert is_border((line + DATE).encode())


@given(st.text() | st.text("from by with()[]127.:;x "))
def test_any_line_is_answered(line):
    assert is_border(f"from {line}".encode("utf-8", "replace")) in (True, False)


def test_of_the_lines_only_that_one_is_kept_with_its_place():
    within = b"from mx.shop.example by imap.shop.example with LMTP id 7" + DATE.encode()
    foreign = b"from mail.evil.example by mx.shop.example" + DATE.encode()
    top = [
        ("received", within),
        ("authentication-results", b"mx.shop.example; dmarc=fail"),
        ("received", foreign),
        ("authentication-results", b"mx.shop.example; dmarc=pass"),
        ("received", foreign),
    ]
    assert [name for name, _ in kept_headers(top)] == ["authentication-results", "received", "authentication-results"]


def test_a_senders_many_signatures_push_no_result_out():
    value = b"mx.shop.example;" + b" dkim=pass header.d=evil.example;" * 200 + b" dmarc=fail"
    assert kept_headers([("authentication-results", value)])[0][1].endswith("dmarc=fail")
