"""Which `authserv_ids` the newest mail proposes (RFC 8601 5)."""

from dataclasses import dataclass, field

import cast as c
import pytest

from relaywatch.app.vouching import Vouchers, advice, vouchers_of
from relaywatch.core.mail.message import Role

BORDER = b"Received: from out.example (out.example [198.51.100.7]) by mx.shop.example with ESMTPS; now\r\n"
INWARD = b"Received: from mx.shop.example by imap.shop.example with LMTP; now\r\n"
GMAIL = (
    b"Received: by 2002:a05:6a10:1234:b0:3f2 with SMTP id x1csp7; now\r\n"
    b"ARC-Authentication-Results: i=1; mx.google.com; dmarc=pass header.from=walmart.com\r\n"
    b"Received: from out.example (out.example [198.51.100.7]) by mx.google.com with ESMTPS id 7; now\r\n"
    b"Authentication-Results: mx.google.com; dmarc=pass header.from=walmart.com\r\n"
)
REST = b"From: a@out.example\r\n\r\nhello"


def results(name: str = "mx.shop.example") -> bytes:
    return f"Authentication-Results: {name}; dmarc=pass header.from=out.example\r\n".encode()


@dataclass
class Box:
    name: str
    role: Role
    address: str = "copies@shop.example"


@dataclass
class Seller:
    parties: object = c.PARTIES
    name: str = "main"
    mailboxes: tuple[Box, ...] = field(default=(Box("care", Role.CARE),))


def said(*raws: bytes, seller: Seller | None = None) -> str:
    return "\n".join(advice(seller or Seller(), {"care": vouchers_of(raw + REST for raw in raws)}))


@pytest.mark.parametrize(
    ("raws", "wanted"),
    [
        pytest.param([results() + BORDER], '["mx.shop.example"] under [walmart]', id="on top"),
        pytest.param([INWARD + results() + BORDER], '["mx.shop.example"] under [walmart]', id="below an inward hop"),
        pytest.param([GMAIL], '["mx.google.com"] under [walmart]', id="in the header of ARC"),
        pytest.param(
            [results() + BORDER, results("mx2.shop.example") + BORDER, results() + BORDER],
            '["mx.shop.example", "mx2.shop.example"]',
            id="two, the more frequent first",
        ),
        pytest.param([BORDER + results()], "only failures are believed there", id="below its own line"),
        pytest.param([BORDER + results("mx.evil.example")], "no server tells", id="a sender's own"),
        pytest.param(
            [
                BORDER.replace(b"; now", b' for <"x by mx.evil.example "@shop.example>; now')
                + results("mx.evil.example")
            ],
            "no server tells",
            id="a sender's own, named in the recipient's local part",
        ),
        pytest.param([BORDER], "no server tells", id="none"),
    ],
)
def test_what_to_write_is_proposed(raws, wanted):
    assert wanted in said(*raws)
    assert "evil" not in said(*raws)


def test_nothing_is_said_of_an_empty_mailbox_nor_where_all_is_well():
    trusting = Seller(parties=c.Parties(authserv_ids=frozenset({"mx.shop.example"})))
    assert said() == ""
    assert said(results() + BORDER, seller=trusting) == ""
    assert said(results() + BORDER, results("mx.evil.example") + BORDER, seller=trusting) == ""
    assert "none of the 1 newest messages has results of mx.shop.example" in said(BORDER, seller=trusting)


def test_a_mailbox_for_copies_without_any_is_open_to_forgers():
    boxes = (Box("care", Role.CARE), Box("helpdesk", Role.SENT))
    assert "helpdesk (copies@shop.example, sent) is open to forgers" in said(seller=Seller(mailboxes=boxes))
    trusting = Seller(parties=c.Parties(authserv_ids=frozenset({"mx.shop.example"})), mailboxes=boxes)
    assert said(seller=trusting) == ""


def test_hostile_headers_propose_nothing_that_could_be_written_otherwise():
    assert "\n" not in said(b'Authentication-Results: mx\x1b[2J"];x=[; dmarc=pass\r\n' + BORDER)
    assert advice(Seller(), {"care": Vouchers()}) == []
