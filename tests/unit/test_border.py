"""Which Received line is that by which a mail came in, and what of the headers around it is kept."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relaywatch.mailbox.border import is_border, taken_by
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
        "from CY5PR11.prod.outlook.com ([fe80::1]) by CY5PR11.prod.outlook.com ([fe80::1%4]) with mapi id 15.20.8",
        "from X.corp.example (10.1.1.1) by Y.corp.example (10.1.1.2) with mapi id 15.1.2 via Mailbox Transport",
        "from mx.shop.example\r\n\tby imap.shop.example with LMTP\r\n\tid 7 (envelope-from <a@b>)\r\n\tfor <c@d>",
        'from mx.shop.example by imap.shop.example with LMTP id 7 (envelope-from <"stand by me ("@b>) for <c@d>',
        'from mx.shop.example by imap.shop.example with LMTP id 7 for <"x\\" by a with smtp"@d.example>',
        "from mx.shop.example by imap.shop.example with LMTP id 7 (envelope-from <>) for <käse@bücher.example>",
        "from mx.shop.example ([unix socket]) by imap.shop.example (Cyrus v2.4.17) with LMTPA",
        "from mx.shop.example (LHLO mx.shop.example) (203.0.113.1) by imap.shop.example with LMTP",
        "from root by mx.shop.example with local (Exim 4.96) (envelope-from <root@mx.shop.example>) id 1abc-2",
        "from localhost (localhost [127.0.0.1]) by mx.shop.example (8.15.2/8.15.2/Submit) with ESMTP id x for <c@d>",
        "(from root@localhost) by mx.shop.example (8.15.2/8.15.2/Submit) id x",
        "(qmail 123 invoked by uid 89)",
        "(qmail 123 invoked from network)",
        "from unknown (HELO localhost) (127.0.0.1) by mx.shop.example with SMTP",
        "from localhost (localhost [::ffff:127.0.0.1]) by mx.shop.example with ESMTP",
        "from localhost (1.0.0.127.in-addr.arpa [127.0.0.1]) by mx.shop.example (nested (twice (over))) with ESMTP",
        (
            'from mx.shop.example (unknown [10.1.2.3]) (using TLSv1.3 with cipher X (256/256 bits)) (Client CN "x",'
            ' Issuer "R3 (CA)" (verified OK)) by imap.shop.example (Postfix) with ESMTPS id 7'
        ),
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
        (
            "from evil.example ([203.0.113.9] helo=evil.example) by mx.shop.example with esmtps (TLS1.3)"
            " (Exim 4.96) (envelope-from <a@evil.example>) id 1abc-2 for care@shop.example"
        ),
        "from evil.example (evil.example. [203.0.113.9]) by mx.google.com with ESMTPS id 7 for <c@d> (version=TLS1_3)",
        (
            "from mail.evil.example (203.0.113.9) by X.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server"
            " (version=TLS1_2, cipher=X) id 15.20 via Frontend Transport"
        ),
        "from evil.example (evil.example [203.0.113.9]) by mx.shop.example (8.15.2/8.15.2) with ESMTP id x for <c@d>",
        "from evil.example (evil.example [::ffff:203.0.113.9]) by mx.shop.example with ESMTPS",
        "from evil.example (unknown [203.0.113.9]) by smtp2 (Coremail) with SMTP id 7",
        "from pop.shop.example [203.0.113.9] by localhost with POP3 (fetchmail-6.4) for <c@localhost> (single-drop)",
        "from localhost (localhost [203.0.113.9]) by mx.shop.example via TCP with SMTP",
    ],
)
def test_from_elsewhere(line):
    assert is_border((line + DATE).encode())


POSTFIX = "from {helo} (evil.example [203.0.113.9]) by mx.shop.example (Postfix) with ESMTPS id 7 for <{to}>"
CERTIFIED = (
    "from h (h [203.0.113.9]) (using TLSv1.3 with cipher X (256/256 bits))"
    ' (Client CN "{helo}", Issuer "{by}" (not verified)) by mx.shop.example (Postfix) with ESMTPS id 7 for <{to}>'
)
EXIM = (
    "from [203.0.113.9] (helo={helo}) by mx.shop.example with esmtps (TLS1.3) (Exim 4.96) (envelope-from <{by}>)"
    " id 1abc-2 for {to}"
)
SHORT_EXIM = "from evil.example ([203.0.113.9] helo={helo}) by mx.shop.example with esmtp id 1abc-2 for {to}"
SENDMAIL = "from {helo} ({by}@evil.example [203.0.113.9]) by mx.shop.example (8.15/8.15) with ESMTP id x for <{to}>"
QMAIL = "from unknown (HELO {helo}) ({by}@203.0.113.9) by mx.shop.example with SMTP"
SCANNED = "from 203.0.113.9 by mx.shop.example (envelope-from <{by}>, uid 89) with qmail-scanner-1.25"
EXCHANGE = (
    "from {helo} (203.0.113.9) by X.outlook.com (10.1.1.1) with Microsoft SMTP Server id 15 via Frontend Transport"
)
COURIER = "from {helo} ([::ffff:203.0.113.9]) by mx.shop.example with ESMTPS"
PLAIN = "from {helo} ([203.0.113.9]) by mx.shop.example id 7 for <{to}>"
LINES = (POSTFIX, CERTIFIED, EXIM, SHORT_EXIM, SENDMAIL, QMAIL, SCANNED, EXCHANGE, COURIER, PLAIN)
C = "care@shop.example"


def written(line: str, helo: str = "evil.example", by: str = "a@evil.example", to: str = C) -> bytes:
    return line.format(helo=helo, by=by, to=to).encode() + DATE.encode()


@pytest.mark.parametrize(
    "line",
    [
        written(POSTFIX, to='"care+ by a with local "@shop.example'),
        written(POSTFIX, to='"care+\\" by a with local \\""@shop.example'),
        written(POSTFIX, to="care+ by a with local @shop.example"),
        written(SENDMAIL, to='"care+ by a with local "@shop.example'),
        written(EXIM, to='"care+ by a with local "@shop.example'),
        written(EXIM, by='"x) by a with local y("@evil'),
        written(EXIM, by="x)by_a@evil.example"),
        written(EXIM, by="x) by a with local (@evil.example"),
        written(PLAIN, to='"x with local "@shop.example'),
        written(PLAIN, to="x with local @shop.example"),
        written(SCANNED, by='"x) with local ("@evil.example'),
        written(SCANNED, by="x) with local (@evil.example"),
        written(POSTFIX, helo="x by a with local ("),
        written(POSTFIX, helo="x by a with local (", to='")"@shop.example'),
        written(POSTFIX, helo='x by a with local id "', to='"y"@shop.example'),
        written(POSTFIX, helo='x by a with local id "', to='a"b@shop.example'),
        written(POSTFIX, helo='x by a with local id <"', to='"@b> "@shop.example'),
        written(POSTFIX, helo='x by a with local id <"\\', to='"@b> <x@y> "@shop.example'),
        written(SHORT_EXIM, helo='x) by a with local id <"', to='"@b> \\"x"@shop.example'),
        written(SHORT_EXIM, helo="x) by a with local (", to="x)@shop.example"),
        written(CERTIFIED, helo='x" by a with local id <"', by='"@h>'),
        written(CERTIFIED, helo='x") by a with local ("'),
        written(QMAIL, helo="[127.0.0.1]"),
        written(QMAIL, helo="x by a with local"),
        written(COURIER, helo="x by a with local \x1b$B"),
        written(COURIER, helo="x by a with local;" + "y" * 2_000),
        written(POSTFIX, helo="x" * 2_000),
        written(POSTFIX.replace(" by ", "\r\n\tby "), to='"care+ by\ta with\tlocal "@shop.example'),
        written(POSTFIX, helo="localhost\tby\ta\twith\tlocal"),
        written(POSTFIX, helo="x by a via TCP with local"),
        written(POSTFIX, helo="x by a (a (nested) comment) with local"),
        written(POSTFIX, helo="x BY a WITH LMTP"),
        written(POSTFIX.replace(") by", ")by"), helo="x by a with local"),
        b"(a comment) " + written(POSTFIX),
        b"          " + written(POSTFIX),
        written(POSTFIX).replace(b"evil.example (", b"\xff\xfe by a with local \x81 ("),
    ],
)
def test_what_the_sender_chooses_hides_no_border(line):
    assert is_border(line)
    assert taken_by(line.decode("latin-1")) in ("mx.shop.example", "")


PIECES = (
    '"', "\\", "(", ")", "<", ">", " ", "\t", ";", "@", "@h>", '"@h>', '<"', ' <"', "x", "by", " by ", " by a",
    " with local ", "with lmtp", " id 1", " for ", "from ", "via", "127.0.0.1", "[127.0.0.1]", "[::1]", "localhost",
    "mx.shop.example", "é", "文", "\x1b$B", "\x00", "=", ",",
)  # fmt: skip
chosen = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.text(max_size=20)
quoted = chosen.map(lambda words: '"' + re.sub(r'(["\\])', r"\\\1", words) + '"@evil.example')
paths = quoted | st.from_regex(r"[a-z0-9.+=!#$/-]{1,20}@shop\.example", fullmatch=True) | st.just("")


@given(st.sampled_from(LINES), chosen, paths, paths)
@example(SHORT_EXIM, 'x by a with local <"', "", '"@h> \\"x"@shop.example')
def test_nothing_that_a_sender_chooses_makes_a_border_none(line, helo, by, to):
    assert is_border(written(line, helo, by, to))


@given(st.sampled_from((POSTFIX, EXIM, SENDMAIL, PLAIN)), chosen, chosen, chosen)
def test_nor_where_a_server_takes_any_local_part(line, helo, by, to):
    """In `<>`, that is: no address ends in the midst of one."""
    assert is_border(written(line.replace("for {to}", "for <{to}>"), helo, by, to))


@given(paths, paths)
def test_nor_makes_it_one_of_a_line_within(by, to):
    """Else the results above it would count as no proof, and one that tells of a failure perhaps not at all."""
    line = "from mx.shop.example by imap.shop.example with LMTP id 7 (envelope-from <{by}>) for <{to}>"
    unseen = re.compile(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f<>]"
    )  # no server writes the first, and in brackets it is in doubt
    assert not is_border(written(line, by=unseen.sub("", by)[:400], to=unseen.sub("", to)[:400]))


@pytest.mark.parametrize("piece", ["(", ")", '"', "<", '<"', "<@", "\\", " by ", " by a with ", "1.2.3.4", "::", " "])
def test_a_hostile_line_costs_nothing(piece):
    started = time.perf_counter()
    is_border(b"from " + piece.encode() * 16_000)
    is_border((b"from " + piece.encode() * 16_000)[:1_900] + b" by a with local")
    assert time.perf_counter() - started < 0.5


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


def test_no_encoded_word_is_decoded_in_what_a_server_wrote():
    """RFC 2047 5: none stands there; an envelope or a signature may hold one that says dkim=pass once decoded."""
    value = b"mx.shop.example; spf=none smtp.mailfrom==?us-ascii?q?;dkim=3Dpass?=@evil.example"
    assert kept_headers([("authentication-results", value)]) == (("authentication-results", value.decode()),)


def test_all_headers_of_a_warning_are_kept():
    names = ("case", "rule", "obligation", "due", "step", "mailbox", "test")
    top = [(f"x-relaywatch-{name}", b"x") for name in names]
    assert [name for name, _ in kept_headers(top)] == [name for name, _ in top]


def test_of_more_signers_than_a_mail_has_none_is_told():
    """Else forged signatures above the genuine one would hide what it leaves uncovered (RFC 6376 8.6)."""
    few = [("dkim-signature", b"v=1; d=s%d.example; h=from:to; b=" % number) for number in range(20)]
    assert len(kept_headers(few)) == 20
    assert kept_headers([*few, ("dkim-signature", b"v=1; d=shop.example; h=from; b=")]) == ()
