"""Further ways to read a mail, for when the first one raised: mail-parser, then the few lines that name a mail."""

import hashlib
import logging
import re

from relaywatch.core import words
from relaywatch.core.message import Copy, Message
from relaywatch.mailbox import headers
from relaywatch.mailbox.charset import guess, lines

_MAX_HEADERS = 65_536  # bytes: mail-parser takes more than linear time
_MAX_BODY = 65_536
_MAX_LINE = 2_000  # bytes of a header that are handed on
_LINE = re.compile(
    rb"^(From|To|Cc|Subject|Message-I[Dd]|Date|In-Reply-To|References)[ \t]{0,5}:([^\n]{0,2000})",
    re.MULTILINE,
)


def read(data: bytes, *, account: str, copy: Copy, size: int, reason: str) -> Message:
    """Return what can still be told of a mail. `reason` is why the first way failed. Never raises."""
    head, _, body = data.partition(b"\r\n\r\n" if b"\r\n\r\n" in data[:_MAX_HEADERS] else b"\n\n")
    found: dict[str, bytes] = {}
    for match in _LINE.finditer(head[:_MAX_HEADERS]):
        found.setdefault(match[1].decode("ascii").lower(), match[2].strip())
    text, how = _text(head, body)
    authors = headers.mailboxes(found.get("from", b""))
    name, author = authors[0] if authors else ("", "")
    subject = headers.text(found.get("subject", b""))[:1_000]
    own, rest = words.split(text)
    identity = "\n".join((author, subject, " ".join(text.split())))
    return Message(
        account=account,
        copies=(copy,),
        message_id=headers.message_id(found.get("message-id", b"")),
        digest=hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
        date=headers.moment(found.get("date", b"")),
        subject=subject,
        author=author,
        author_name=name,
        from_=tuple(dict.fromkeys(address for _, address in authors if "@" in address)),
        to=headers.addresses([found.get("to", b"")]),
        cc=headers.addresses([found.get("cc", b"")]),
        in_reply_to=headers.references(found.get("in-reply-to", b"")),
        references=headers.references(found.get("references", b"")),
        own_words=own[:20_000],
        rest=rest[:20_000],
        size=size,
        damage=f"could not be parsed ({reason}), read by {how}",
    )


def _text(head: bytes, body: bytes) -> tuple[str, str]:
    """Return the text by mail-parser, else as it stands, and which of the two it was."""
    bounded = b"\n".join(line[:_MAX_LINE] for line in head[:_MAX_HEADERS].splitlines()[:500])
    try:
        import mailparser  # noqa: PLC0415 - seldom needed, and costs every start memory and time

        for name in ("mailparser", "mailparser.core", "mailparser.utils"):
            logging.getLogger(name).disabled = True  # it logs parts of messages
        mail = mailparser.parse_from_bytes(bounded + b"\n\n" + body[:_MAX_BODY])
        return lines("\n\n".join((*mail.text_plain, *mail.text_html)) or mail.body).strip(), "mail-parser"
    except Exception:  # noqa: BLE001 - it raises whatever its parts raise, on one in 200 bounces
        return lines(guess(body[:_MAX_BODY])).strip(), "its lines"
