"""Headers as values: text, addresses, ids and times, as the wild writes them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox import headers


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        (b"Question about my order", "Question about my order"),
        (b"=?utf-8?Q?Caf=C3=A9_cass=C3=A9?=", "Café cassé"),
        (b"=?UTF-8?B?Q2Fmw6k=?= =?UTF-8?B?IGNhc3PDqQ==?=", "Café cassé"),
        (b"=?utf-8?B?5Lit?= =?utf-8?B?5paH?=", "中文"),
        (b"=?utf-8?B?5Lit5paH?= =?utf-8?B?5L?=", "中文\ufffd"),  # cut off
        (b"=?utf-8?Q?=E4=B8?= =?utf-8?Q?=AD?=", "中"),  # a character in two words
        (b"=?gb2312?B?1tDOxA==?=", "中文"),
        (b"=?GBK?Q?=D6=D0=CE=C4?=", "中文"),
        (b"=?x-gbk?B?1tDOxA==?=", "中文"),
        (b"=?iso-2022-jp?B?GyRCJDMkbBsoQg==?=", "これ"),
        (b"=?windows-874?Q?=A1?=", "ก"),
        (b"=?ISO-8859?Q?caf=E9?=", "café"),
        (b"=?unknown-8bit?Q?caf=E9?=", "café"),
        (b"=?iso-8859-1*fr?Q?caf=E9?=", "café"),
        (b"=?iso-8859-1?Q?Fr\xf6sche?=", "Frösche"),
        (b"=?utf-8?Q?not encoded, but said to be?=", "not encoded, but said to be"),
        (b"=?utf-8?Q?Where is it??=", "Where is it?"),
        (b"=?utf-8?Q?cut off", "=?utf-8?Q?cut off"),
        (b"Re: =?utf-8?Q?caf=C3=A9?= order", "Re: café order"),
        (b"=?zlib?Q?x?=", "x"),
        ("Café".encode(), "Café"),
        ("Café fêlé".encode("latin-1"), "Café fêlé"),
        ("Formação e informação".encode("latin-1"), "Formação e informação"),
        ("订单什么时候发货？".encode("gbk"), "订单什么时候发货？"),
        ("关于 Order 123 的问题".encode("gb18030"), "关于 Order 123 的问题"),
        ("これは".encode("iso2022_jp"), "これは"),
        (b"a\x00b\x1b[0mc\xc2\x85\xe2\x80\xaed", "ab[0mcd"),
        (b"", ""),
    ],
)
def test_a_header_is_read_in_any_charset(raw: bytes, want: str):
    assert headers.text(raw) == want


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        (b"Jordan <C-0F@Relay.Walmart.ca>", [("Jordan", "c-0f@relay.walmart.ca")]),
        (b"care@shop.example", [("", "care@shop.example")]),
        (b"<care@shop.example>", [("", "care@shop.example")]),
        (b'"Patel, K" <kpatel@walmart.com>', [("Patel, K", "kpatel@walmart.com")]),
        (b"Patel, K <kpatel@walmart.com>", [("Patel, K", "kpatel@walmart.com")]),
        (b"K Patel, Care <k@x.example>, L <l@x.example>", [("K Patel, Care", "k@x.example"), ("L", "l@x.example")]),
        (b"a@x.example, Patel, K <k@x.example>", [("", "a@x.example"), ("Patel, K", "k@x.example")]),
        (b"Patel, K k@x.example", [("Patel, K", "k@x.example")]),
        (b"K Patel [k@x.example]", [("K Patel", "k@x.example")]),
        (b"care, k@x.example", [("care", "k@x.example")]),
        (b"=?utf-8?Q?Patel,_K?= <k@x.example>", [("Patel, K", "k@x.example")]),
        (b'"Smith \\"J\\", Jo" <j@x.example>, b@y.example', [('Smith "J", Jo', "j@x.example"), ("", "b@y.example")]),
        (b"care@shop.example (Blue Kiln)", [("Blue Kiln", "care@shop.example")]),
        (b"a@x.example (one (two) three), b@x.example", [("one two three", "a@x.example"), ("", "b@x.example")]),
        (b"Team: a@x.example, B <b@x.example>;", [("", "a@x.example"), ("B", "b@x.example")]),
        (b"undisclosed-recipients:;", []),
        (b"undisclosed recipients: ;, c@x.example", [("", "c@x.example")]),
        (b"=?utf-8?Q?Ren=C3=A9=2C_Blue_Kiln?= <r@x.example>", [("René, Blue Kiln", "r@x.example")]),
        (b"=?utf-8?B?YUB4LmV4YW1wbGU=?=", [("", "a@x.example")]),
        (b"a@x.example b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        (b"a@x.example; b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
        (b"<@hop.example:a@x.example>", [("", "a@x.example")]),
        (b"jsmith@walmart.com <evil@x.example>", [("jsmith@walmart.com", "evil@x.example")]),
        (b'"jsmith@walmart.com" <evil@x.example>', [("jsmith@walmart.com", "evil@x.example")]),
        (b"<mailto:a@x.example>", [("", "a@x.example")]),
        (b"a b < a @ x.example >", [("a b", "a@x.example")]),
        (b"MAILER-DAEMON <>", [("", "mailer-daemon")]),
        (b"MAILER-DAEMON (Mail Delivery System)", [("Mail Delivery System", "mailer-daemon")]),
        (b"Mail Delivery Subsystem <MAILER-DAEMON>", [("Mail Delivery Subsystem", "mailer-daemon")]),
        (b"<>", []),
        (b"", []),
        (b",;,", []),
        (b"somebody who is no address", []),
        ("René <r@x.example>".encode("latin-1"), [("René", "r@x.example")]),
        (b"a@x.example\r\nBcc: b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
    ],
)  # fmt: skip
def test_addresses_are_bare_and_lower_case(raw: bytes, want: list[tuple[str, str]]):
    assert headers.mailboxes(raw) == want


def test_addresses_of_several_headers_come_once_each_and_are_bounded():
    many = ", ".join(f"a{n}@x.example" for n in range(2_000)).encode()
    found = headers.addresses([b"b@x.example, B@x.example", b"nobody", many])
    assert found[:2] == ("b@x.example", "a0@x.example")
    assert len(found) == headers.MAX_ADDRESSES


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        (b"<a@b>", "<a@b>"),
        (b" <A@b> (comment)", "<A@b>"),
        (b"(<p@q>) <a@b>", "<a@b>"),
        (b"<a(x)@b>", "<a(x)@b>"),
        (b"a@b", "<a@b>"),
        (b"<a@b", "<a@b>"),
        (b"no-at-sign", "<no-at-sign>"),
        (b"<[x]@b>", "<[x]@b>"),
        (b"< a @b >", "<a@b>"),
        (b"<a\x00b@c>", "<ab@c>"),
        (b"<<a@b>>", "<a@b>"),
        (b"two words", None),
        (b"<>", None),
        (b"", None),
        (b"<" + b"x" * 1_000 + b">", None),
    ],
)
def test_a_message_id_stands_in_brackets(raw: bytes, want: str | None):
    assert headers.message_id(raw) == want


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        (b"<a@b> <c@d>\t<a@b>", ("<a@b>", "<c@d>")),
        (b"<a@b><c@d>,<e@f>", ("<a@b>", "<c@d>", "<e@f>")),
        (b'Your message of "Sun, 22 Nov" <a@b>', ("<a@b>",)),
        (b"a@b c@d", ("<a@b>", "<c@d>")),
        (b"(<p@q>) <a@b>", ("<a@b>",)),
        (b"no-at-sign", ("<no-at-sign>",)),
        (b"nothing here", ()),
    ],
)
def test_references_are_ids(raw: bytes, want: tuple[str, ...]):
    assert headers.references(raw) == want


def test_of_too_many_references_the_first_and_the_latest_are_kept():
    found = headers.references(b" ".join(b"<%d@x>" % n for n in range(500)))
    assert (found[0], found[1], found[-1], len(found)) == ("<0@x>", "<301@x>", "<499@x>", 200)


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "want"),
    [
        (b"Sun, 22 Nov 2026 12:00:00 +0000", NOON),
        (b"Sun, 22 Nov 2026 07:00:00 -0500 (EST)", NOON),
        (b"22 Nov 2026 12:00 GMT", NOON),
        (b"Sun, 22 Nov 26 12:00:00 -0000", NOON),
        (b"Sun, 22 Nov 2026 12:00:00", NOON),
        (b"Sun,22 Nov 2026 07:00:00 EST", NOON),
        (b"Sun Nov 22 12:00:00 2026", NOON),
        (b"2026-11-22T12:00:00Z", NOON),
        (b"2026-11-22 12:00:00", NOON),
        (b"Sun, 22 Nov 2026 12:00:60 +0000", datetime(2026, 11, 22, 12, 0, 59, tzinfo=UTC)),
        (b"Thu, 01 Jan 1970 00:00:00 +0000", None),
        (b"Sun, 22 Nov 1989 12:00:00 +0000", None),
        (b"Sun, 22 Nov 9999 12:00:00 +0000", None),
        (b"Sun, 22 Nov 99999 12:00:00 +0000", None),
        (b"Sun, 32 Nov 2026 12:00:00 +0000", None),
        (b"Sun, 22 Nov 2026 25:00:00 +0000", None),
        (b"Sun, 22 Nov 2026 12:00:00 +9999", None),
        (b"yesterday", None),
        (b"", None),
        (b"\xff\xfe", None),
    ],
)
def test_a_time_is_utc_or_nothing(raw: bytes, want: datetime | None):
    assert headers.moment(raw) == want


@given(st.binary(max_size=400))
def test_no_header_raises(raw: bytes):
    headers.text(raw).encode()
    headers.mailboxes(raw)
    headers.message_id(raw)
    headers.references(raw)
    headers.moment(raw)
    headers.received(raw, None)
    headers.received(raw, frozenset({"shop.example"}))


@given(st.text(alphabet='"\\<>(),:;@ a=?Q.', max_size=200))
def test_no_mixture_of_address_marks_raises_or_gives_a_mark(plain: str):
    for _, address in headers.mailboxes(plain.encode()):
        assert address == address.lower()
        assert not {"<", ">", "\n", " "} & set(address)
