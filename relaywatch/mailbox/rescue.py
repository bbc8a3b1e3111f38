"""Further ways to read a mail, when the first one raised: mail-parser, then the lines that name a mail."""

import contextlib
import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from relaywatch.core.mail.message import Copy, Message
from relaywatch.core.words import own_words
from relaywatch.mailbox import headers
from relaywatch.mailbox.charset import guess, lines
from relaywatch.mailbox.kept import kept_headers
from relaywatch.mailbox.mime import Headers

_MAX_HEADERS = 65_536  # bytes: mail-parser takes more than linear time
_MAX_BODY = 65_536
_MAX_LINES = 500  # of headers that mail-parser gets
_MAX_LINE = 2_000  # bytes
_MAX_SUBJECT = 1_000  # characters, as of the next two
_MAX_WORDS = 20_000
_MAX_REST = 20_000
_TOO_LONG = "reading it took too long or too much memory: its text is not known"
_HEADER = re.compile(rb"^([!-9;-~]{1,80})[ \t]{0,5}:([^\n]{0,9000}(?:\n[ \t][^\n]{0,1000}){0,50})", re.MULTILINE)


def read(data: bytes, account: str, copy: Copy, own_hosts: frozenset[str] | None, *, reason: str) -> Message:
    """Return what can still be told of a mail. `reason` is why the first way failed. Never raises."""
    head, _, body = data.partition(b"\r\n\r\n" if b"\r\n\r\n" in data[:_MAX_HEADERS] else b"\n\n")
    fields = _fields(head)
    came = next((value for name, value in fields if name == "received"), b"")
    message = _named(fields, account, replace(copy, received=headers.received(came, own_hosts)))
    text, way = _text(head, body)
    own, rest = _split(text)
    identity = "\n".join((message.author, " ".join(message.subject.split()), " ".join(text.split())))
    return replace(
        message,
        digest=_digest(identity.encode("utf-8", "replace")),
        own_words=own[:_MAX_WORDS],
        rest=rest[:_MAX_REST],
        size=len(data),
        damage=f"could not be parsed ({reason}), read by {way}",
    )


def sketch(data: bytes, *, account: str, copy: Copy) -> Message:
    """Return a message of the lines that name it and no text: for a mail that no way of reading survives."""
    head = data[:_MAX_HEADERS].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return replace(
        _named(_fields(head), account, copy),
        digest=_digest(data[:_MAX_HEADERS]),
        size=len(data),
        damage=_TOO_LONG,
    )


def is_sketch(message: Message) -> bool:
    """Whether a message is no more than its sketch."""
    return message.damage == _TOO_LONG


def _fields(head: bytes) -> Headers:
    """Return the headers that stand at the top, unfolded and bounded, however little else can be made of the mail."""
    found = islice(_HEADER.finditer(head[:_MAX_HEADERS]), _MAX_LINES)
    return [(match[1].decode("ascii").lower(), b" ".join(match[2].split())) for match in found]


def _named(fields: Headers, account: str, copy: Copy) -> Message:
    """Return a message without its text. What a server found of its sender stays: who delays a reader gains nothing."""
    found: defaultdict[str, bytes] = defaultdict(bytes)
    for name, value in fields:
        found.setdefault(name, value)
    authors = headers.mailboxes(found["from"])
    author_name, author = authors[0] if authors else ("", "")
    return Message(
        account=account,
        copies=(copy,),
        message_id=headers.message_id(found["message-id"]),
        digest="",
        date=headers.moment(found["date"]),
        subject=headers.text(found["subject"])[:_MAX_SUBJECT],
        author=author,
        author_name=author_name,
        from_=tuple(dict.fromkeys(address for _, address in authors if "@" in address)),
        to=headers.addresses((found["to"],)),
        cc=headers.addresses((found["cc"],)),
        bcc=headers.addresses((found["bcc"],)),
        reply_to=headers.addresses((found["reply-to"],)),
        in_reply_to=headers.references(found["in-reply-to"]),
        references=headers.references(found["references"]),
        headers=kept_headers(fields),
    )


def _digest(identity: bytes) -> str:
    return hashlib.sha256(identity).hexdigest()


def _split(text: str) -> tuple[str, str]:
    try:
        return own_words.split(text)
    except Exception:  # noqa: BLE001 - it may be what brought us here
        return text, ""


def _text(head: bytes, body: bytes) -> tuple[str, str]:
    """Return the text by mail-parser, else as it stands, and which of the two it was."""
    bounded = b"\n".join(line[:_MAX_LINE] for line in head[:_MAX_HEADERS].splitlines()[:_MAX_LINES])
    try:
        import mailparser  # noqa: PLC0415 - seldom needed, and costs every start memory and time

        with _silent("mailparser", "mailparser.core", "mailparser.utils"):  # it logs parts of messages
            mail = mailparser.parse_from_bytes(bounded + b"\n\n" + body[:_MAX_BODY])
        return lines("\n\n".join((*mail.text_plain, *mail.text_html)) or mail.body).strip(), "mail-parser"
    except Exception:  # noqa: BLE001 - it raises whatever its parts raise, on one in 200 bounces
        return lines(guess(body[:_MAX_BODY])).strip(), "its lines"


@contextlib.contextmanager
def _silent(*names: str) -> Iterator[None]:
    """Keep loggers from saying anything for a while."""
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
