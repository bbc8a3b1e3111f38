"""Mail that is made to hang or to crash: every trap is answered within a second and in bounded memory."""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_hostile import TRAPS
from lab_parse import HEAD, message, multipart, parsed, part

from relaywatch.core.mail.message import Message

SECONDS = 1.0
MEMORY = 200_000_000  # bytes
MIXED = (
    "Return-Path: <>\nReceived: by mx.shop.example; Sun, 22 Nov 2026 22:13:07 +0000\n"
    + HEAD
    + 'References: <a@b> <c@d>\nCc: "Patel, K" <kpatel@walmart.com>, g: x@y.example;\n'
    + multipart(
        "mixed",
        multipart(
            "alternative",
            part("text/plain; charset=gb2312; format=flowed", "a \nb\n> c\n"),
            part("text/html", "<div style='display:none'>x</div><p>a&nbsp;b<blockquote>c</blockquote>"),
            boundary="in",
        ),
        part("message/delivery-status", "Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: 5.1.1\n"),
        part("message/rfc822", HEAD + "\nold\n"),
        part('text/csv; name="=?utf-8?B?w6k=?="', "AAAA", "Content-Transfer-Encoding: base64"),
    )
).encode()  # fmt: skip


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_is_answered_within_a_second(name: str):
    raw = TRAPS[name]()
    start = time.process_time()
    found = message(raw, own_hosts=None)
    assert time.process_time() - start < SECONDS
    _is_sound(found)


@pytest.mark.parametrize(
    "name",
    ["NULs", "a million headers", "nested multiparts", "thousands of parts", "html tags", "delivery status"],
)
def test_a_trap_takes_bounded_memory(name: str):
    raw = TRAPS[name]()
    tracemalloc.start()
    try:
        message(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEMORY


def test_what_was_left_out_is_said():
    assert "more than 500 parts" in message(TRAPS["thousands of parts"]()).damage
    assert "nested too deep" in message(TRAPS["nested messages"]()).damage


def junk(size: int, line: bytes = b":\n") -> bytes:
    """Lines that are no headers, and in every four kilobytes one that is."""
    unit = line * (4_000 // len(line)) + b"to: x\n"
    return unit * (size // len(unit))


def in_parts(size: int, head: str, inner: Callable[[int], bytes]) -> bytes:
    """A mail of parts, 16 kB each."""
    one = f"--b\n{head}\n".encode() + inner(16_000) + b"\n\nx\n"
    return f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n".encode() + one * (size // len(one))


def of_html(text: str, charset: str = "utf-8") -> bytes:
    return f"{HEAD}Content-Type: text/html; charset={charset}\n\n".encode() + text.encode(charset)


LINEAR: dict[str, Callable[[int], bytes]] = {  # by size
    "junk in the headers": lambda size: junk(size) + HEAD.encode(),
    "junk in parts' headers": lambda size: in_parts(size, "", junk),
    "words in parts' headers": lambda size: in_parts(size, "", lambda most: junk(most, b"a\n")),
    "junk in what is reported": lambda size: in_parts(size, "Content-Type: message/delivery-status\n", junk),
    "junk in a message within": lambda size: in_parts(size, "Content-Type: message/rfc822\n", junk),
    "marks that are folds": lambda size: in_parts(size, "", lambda most: junk(most, b":\n to: x\n")),
    "headers in a bounce's text": lambda size: (
        f"Return-Path: <>\n{HEAD}\n".encode() + b"x\n" * (size // 2) + b"To: a\n" * 200
    ),
    "tags without an end": lambda size: of_html("<a" * (size // 2) + ">"),
    "tags without an end, once and far": lambda size: of_html("<a" * (size // 8) + "x" * (size * 3 // 4) + ">"),
    "tags without an end, in what looks like one": lambda size: of_html(
        "<a" * (size // 8) + "\u343e" * (size // 4) + ">"
    ),
    "the same of one byte": lambda size: of_html("<a" * (size // 8) + "\u013e" * (size * 3 // 4) + ">", "windows-1250"),
    "declarations without an end": lambda size: of_html("<!x" * (size // 3) + ">"),
    "comments without an end": lambda size: of_html("<!--" * (size // 4) + ">"),
    "tags of open quotes": lambda size: of_html("<a b='\">" * (size // 8)),
    "tags of far quotes": lambda size: of_html(("<a b='x>" + "<b>" * 5_000 + "'>") * (size // 15_000)),
}


@pytest.mark.parametrize("name", LINEAR)
def test_four_times_as_much_takes_no_more_than_four_times_as_long(name: str):
    """Of what is quadratic it takes sixteen times as long."""
    short, long = LINEAR[name](60_000), LINEAR[name](240_000)
    assert _seconds(long) < 8 * _seconds(short) + 0.02


def _seconds(raw: bytes) -> float:
    """Return what reading takes, at its best of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        message(raw, own_hosts=None)
        taken.append(time.process_time() - start)
    return min(taken)


@given(st.binary(max_size=3_000), st.booleans())
def test_any_bytes_are_a_message(raw: bytes, whole: bool):
    _is_sound(parsed(raw, whole=whole).message)


@given(st.lists(st.sampled_from(MIXED.split(b"\n")), max_size=60), st.binary(max_size=40))
def test_any_order_of_a_mails_lines_is_a_message(lines: list[bytes], odd: bytes):
    _is_sound(message(b"\n".join(lines) + odd))


@settings(max_examples=200)
@given(st.data())
def test_a_mutated_mail_is_a_message(data: st.DataObject):
    raw = bytearray(MIXED)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw)))
        cut = data.draw(st.integers(0, 30))
        raw[at : at + cut] = data.draw(st.binary(max_size=20))
    _is_sound(parsed(bytes(raw), whole=data.draw(st.booleans())).message)


@given(st.integers(0, len(MIXED)))
def test_any_prefix_is_a_message_and_the_whole_one_is_recognised(size: int):
    found = parsed(MIXED[:size], whole=False)
    _is_sound(found.message)
    if not found.needs_more:
        assert found.message.digest == message(MIXED).digest


def _is_sound(found: Message) -> None:
    """Everything is bounded, can be stored, and holds no control character."""
    for field in fields(found):
        if isinstance(value := getattr(found, field.name), str):
            value.encode()
    for line in (
        found.subject,
        found.author,
        found.author_name,
        *found.to,
        *found.references,
        *found.attachments,
    ):
        assert line == "" or "\n" not in line
        assert not any(char < " " or "\x7f" <= char <= "\x9f" for char in line)
    assert not found.damage.startswith("could not be parsed")
    assert len(found.own_words) <= 20_000
    assert len(found.rest) <= 20_000
    assert len(found.headers) <= 60
    assert len(found.to) <= 1_000
    assert len(found.references) <= 200
