"""Further ways to read a mail, when the first one raised: mail-parser, then the lines that name a mail."""

import hashlib
import logging
import re
from dataclasses import replace

from relaywatch.core import words
from relaywatch.core.message import Copy, Message
from relaywatch.mailbox import headers
from relaywatch.mailbox.charset import guess, lines

_MAX_HEADERS = 65_536  # bytes: mail-parser takes more than linear time
_MAX_BODY = 65_536
_MAX_LINES = 500  # of headers that mail-parser gets
_MAX_LINE = 2_000  # bytes
_MAX_SUBJECT = 1_000  # characters, as of the next two
_MAX_WORDS = 20_000
_MAX_REST = 20_000
_FIELD = re.compile(
    rb"^(From|To|Cc|Subject|Message-ID|Date|Received|In-Reply-To|References)[ \t]{0,5}:"
    rb"([^\n]{0,2000}(?:\n[ \t][^\n]{0,1000}){0,9})",
    re.MULTILINE | re.IGNORECASE,
)


def read(data: bytes, account: str, copy: Copy, own_hosts: frozenset[str] | None, *, reason: str) -> Message:
    """Return what can still be told of a mail. `reason` is why the first way failed. Never raises."""
    head, _, body = data.partition(b"\r\n\r\n" if b"\r\n\r\n" in data[:_MAX_HEADERS] else b"\n\n")
    found: dict[str, bytes] = {}
    for match in _FIELD.finditer(head[:_MAX_HEADERS]):
        found.setdefault(match[1].decode("ascii").lower(), b" ".join(match[2].split()))
    text, way = _text(head, body)
    authors = headers.mailboxes(found.get("from", b""))
    name, author = authors[0] if authors else ("", "")
    subject = headers.text(found.get("subject", b""))[:_MAX_SUBJECT]
    own, rest = _split(text)
    identity = "\n".join((author, " ".join(subject.split()), " ".join(text.split())))
    return Message(
        account=account,
        copies=(replace(copy, received=headers.received(found.get("received", b""), own_hosts)),),
        message_id=headers.message_id(found.get("message-id", b"")),
        digest=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
        date=headers.moment(found.get("date", b"")),
        subject=subject,
        author=author,
        author_name=name,
        from_=tuple(dict.fromkeys(address for _, address in authors if "@" in address)),
        to=headers.addresses((found.get("to", b""),)),
        cc=headers.addresses((found.get("cc", b""),)),
        in_reply_to=headers.references(found.get("in-reply-to", b"")),
        references=headers.references(found.get("references", b"")),
        own_words=own[:_MAX_WORDS],
        rest=rest[:_MAX_REST],
        size=len(data),
        damage=f"could not be parsed ({reason}), read by {way}",
    )


def _split(text: str) -> tuple[str, str]:
    try:
        return words.split(text)
    except Exception:  # noqa: BLE001 - it may be what brought us here
        return text, ""


def _text(head: bytes, body: bytes) -> tuple[str, str]:
    """Return the text by mail-parser, else as it stands, and which of the two it was."""
    bounded = b"\n".join(line[:_MAX_LINE] for line in head[:_MAX_HEADERS].splitlines()[:_MAX_LINES])
    try:
        import mailparser  # noqa: PLC0415 - seldom needed, and costs every start memory and time

        for name in ("mailparser", "mailparser.core", "mailparser.utils"):
            logging.getLogger(name).disabled = True  # it logs parts of messages
        mail = mailparser.parse_from_bytes(bounded + b"\n\n" + body[:_MAX_BODY])
        return lines("\n\n".join((*mail.text_plain, *mail.text_html)) or mail.body).strip(), "mail-parser"
    except Exception:  # noqa: BLE001 - it raises whatever its parts raise, on one in 200 bounces
        return lines(guess(body[:_MAX_BODY])).strip(), "its lines"
