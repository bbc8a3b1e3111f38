"""A notice as a mail."""

import re
from datetime import timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_notices import (
    CARE,
    JORDAN,
    NOW,
    PARTIES,
    PATEL,
    SMITH,
    VOICE,
    case,
    deadline,
    finding,
    occasion,
    said,
)

from relaywatch.core.cases.case import Code
from relaywatch.core.instant import from_text
from relaywatch.core.notices import of_case, of_cases, of_mailbox
from relaywatch.core.notices.of_cases import Entry, Gathering
from relaywatch.core.notices.of_mailbox import BlindMailbox
from relaywatch.notify import Envelope, render, warning_headers

ID = "<w.7f3a@relaywatch.shop.example>"
TAGS = frozenset(("html", "head", "meta", "title", "body", "table", "tr", "td", "th", "strong", "p", "h2"))
TAGS |= {"ol", "ul", "li", "code", "br", "span"}


def letter(**changes) -> Envelope:
    values = {
        "sender": "relaywatch@shop.example",
        "recipient": "oncall@shop.example",
        "message_id": ID,
        "date": NOW,
    }
    return Envelope(**{**values, **changes})


def parsed(raw: bytes):
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    return message_from_bytes(raw, policy=policy.default)


def texts(mail) -> tuple[str, str]:
    plain, page = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return plain.replace("\r\n", "\n"), page


class Seen(HTMLParser):
    """The tags, attributes and visible text of an HTML part."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data):
        self.text.append(data)


def test_the_headers_are_those_of_the_interface():
    about = deadline("C1")
    headers = warning_headers("1h", [Entry(case_id=12, case=case(about), deadline=about)])
    mail = parsed(render(of_case.step(occasion(about)), letter(headers=headers)))
    assert {name: mail[name] for name in mail if name.startswith("X-Relaywatch")} == {
        "X-Relaywatch-Case": "12",
        "X-Relaywatch-Rule": "C1",
        "X-Relaywatch-Obligation": "reply",
        "X-Relaywatch-Due": "2026-11-22T22:13:20Z",
        "X-Relaywatch-Step": "1h",
    }
    assert (mail["From"], mail["To"], mail["Message-ID"]) == (
        "relaywatch@shop.example",
        "oncall@shop.example",
        ID,
    )
    assert mail["Subject"] == "[relaywatch] 1 h left: reply to customer (case 12, order 600000012345678)"
    assert mail["Date"].datetime == NOW
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert mail["Precedence"] is None
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_blindness_has_a_mailbox_and_no_case():
    assert warning_headers("blind", mailbox="care") == {
        "X-Relaywatch-Step": "blind",
        "X-Relaywatch-Mailbox": "care",
    }


def test_a_name_beyond_ascii_is_encoded():
    headers = warning_headers("blind", mailbox="sécurité 客服")
    mail = parsed(
        render(
            of_case.step(occasion(deadline())),
            letter(headers=headers, sender='"Blue Kiln, Ltée" <a@shop.example>'),
        )
    )
    assert mail["X-Relaywatch-Mailbox"] == "sécurité 客服"
    assert mail["From"].addresses[0].addr_spec == "a@shop.example"
    assert mail["From"].addresses[0].display_name == "Blue Kiln, Ltée"


def test_a_thousand_cases_fit_the_headers_in_order():
    clocks = [deadline(f"C{number % 4 + 1}", -timedelta(minutes=number)) for number in range(1, 1001)]
    about = [Entry(case_id=number, case=case(clock), deadline=clock) for number, clock in enumerate(clocks, 1)]
    notice = of_cases.lapses(about, Gathering(now=NOW, voice=VOICE, parties=PARTIES))
    raw = render(notice, letter(headers=warning_headers("due", about)))
    mail = parsed(raw)
    assert [int(number) for number in mail["X-Relaywatch-Case"].split(",")] == [one.case_id for one in about]
    assert [rule.strip() for rule in mail["X-Relaywatch-Rule"].split(",")] == [one.rule for one in clocks]
    assert [from_text(due.strip()) for due in mail["X-Relaywatch-Due"].split(",")] == [one.due_at for one in clocks]
    assert len(raw) < 300_000


NOTICES = {
    "step": of_case.step(occasion(deadline("C4", timedelta(minutes=52)), deadline("H2"), reply_all=(SMITH, PATEL))),
    "lapse": of_case.step(occasion(deadline("C1", timedelta(minutes=-25)), findings=(finding(Code.AUTOMATIC_REPLY),))),
    "finding": of_case.finding(
        occasion(deadline("C2"), reply_all=(SMITH, PATEL)), finding(Code.REPLY_ALL_MISSING, missing=[PATEL])
    ),
    "gathered": of_cases.lapses(
        [Entry(case_id=7, case=case(deadline()), deadline=deadline())],
        Gathering(now=NOW, voice=VOICE, parties=PARTIES),
    ),
    "blind": of_mailbox.blind(
        BlindMailbox(
            account="main",
            mailbox="care",
            address=CARE,
            since=NOW - timedelta(hours=1),
            reason="login refused",
        ),
        now=NOW,
        voice=VOICE,
    ),
}


def squeezed(words: str) -> str:
    return re.sub(r"[\s|:]+", "", words)


@pytest.mark.parametrize("name", NOTICES)
def test_both_parts_say_everything(name):
    notice = NOTICES[name]
    plain, page = texts(parsed(render(notice, letter())))
    seen = Seen(page)
    assert seen.tags <= TAGS
    for line in said(notice).split("\n"):
        if line != notice.subject:
            assert squeezed(line) in squeezed("".join(seen.text))
    for section in notice.sections:
        for words in (*section.lines, *section.items):
            assert squeezed(words) in squeezed(plain)
        for pair in (*section.facts, *section.commands):
            assert squeezed("".join(pair)) in squeezed(plain)


def test_addresses_and_commands_are_never_broken_over_lines():
    plain, _ = texts(parsed(render(NOTICES["lapse"], letter())))
    assert JORDAN in plain
    assert '\n  relaywatch waive 12 --reason "..."\n' in plain
    assert all(len(line) <= 100 for line in plain.split("\n"))


def test_a_subject_is_text_and_not_html():
    hostile = '<script>alert(1)</script><img src=x onerror="x"> &amp; </td>'
    _, page = texts(parsed(render(of_case.step(occasion(deadline(), of={"subject": hostile})), letter())))
    assert hostile in Seen(page).text


_ENCODED = st.builds(
    "=?{}?{}?{}?=".format,
    st.sampled_from(("utf-8", "us-ascii", "unknown-8bit", "x", "utf-16", "iso-2022-jp", "")),
    st.sampled_from("qQbBx"),
    st.sampled_from(("=0AX-Spam-Flag:_YES", "=0D=0A=0D=0Ax", "=ED=A0=80", "=80", "Cgo=", "CkJjYzogeA==", "?", "=")),
)


@settings(max_examples=60)
@given(
    st.text(max_size=200) | st.lists(_ENCODED | st.text(max_size=9), max_size=6).map("".join),
    st.text(max_size=60) | _ENCODED,
)
def test_hostile_mail_cannot_inject_headers_or_html(subject, writer):
    found = (finding(Code.REPLY_ALL_MISSING, missing=[writer, subject]),)
    of = {"subject": subject, "order_id": None, "counterparty": writer}
    notice = of_case.step(occasion(deadline("C2"), findings=found, of=of, writer=writer))
    mail = parsed(render(notice, letter()))
    assert "".join(mail["Subject"].split()) == "".join(notice.subject.split())  # the library folds with more blanks
    assert mail.keys() == parsed(render(NOTICES["lapse"], letter())).keys()
    assert mail["To"] == "oncall@shop.example"
    seen = Seen(texts(mail)[1])
    assert seen.tags <= TAGS
    assert not {name for name in seen.attributes if name.startswith("on")}


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: x@y.example", "nobody", "", "a b@c.example"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="not a mail address"):
        render(NOTICES["lapse"], letter(recipient=address))


def test_a_header_with_a_line_break_is_refused():
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        render(NOTICES["lapse"], letter(headers={"X-Relaywatch-Step": "1h\r\nBcc: x@y.example"}))
