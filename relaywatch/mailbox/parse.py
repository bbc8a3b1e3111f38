"""From the bytes of a mail to a core Message: bounded, linear, and never an exception.

Three ways, each taken when the one before it raised, so that a mail is never lost: the parts as `mime` finds
them, with the standard library's decoders; mail-parser; a scan for the few lines that name a mail. What could
not be read is said in `damage`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from relaywatch.core.mail.message import Copy, Message
from relaywatch.core.words import own_words
from relaywatch.mailbox import headers, rescue
from relaywatch.mailbox.attached import name_of, read_attached
from relaywatch.mailbox.body import Body, ends, read_body, rejoined
from relaywatch.mailbox.charset import visible_line
from relaywatch.mailbox.kept import kept_headers
from relaywatch.mailbox.mime import Headers, Part, Parts, has_headers
from relaywatch.mailbox.report import is_daemon, read_report

MAX_RAW = 2_097_152  # bytes looked at: MAX_TEXT in base64, headers, and room
MAX_OWN_WORDS = 20_000  # characters
MAX_REST = 20_000
MAX_SUBJECT = 1_000
MAX_LAYOUT = 400  # turns from own words to the rest and back
MAX_ATTACHMENTS = 50
MAX_STRUCTURE = 100
_MAX_NAME = 200  # characters of a sender's, where that is all there is
_DELIVERED = frozenset({"delivered-to", "x-original-to", "x-envelope-to", "envelope-to", "x-delivered-to"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail that was read, and whether more of it must be fetched before its text, or attachments, can be known."""

    message: Message
    needs_more: bool
    attachments_need_more: bool = False


def read_message(
    raw: bytes,
    *,
    account: str,
    copy: Copy,
    own_hosts: frozenset[str] | None,
    whole: bool,
    opens: Callable[[Message], float | None] | None = None,
    patient: bool = True,
) -> Parsed:
    """Return a mail as a Message. Never raises, whatever the bytes are.

    `raw` is the mail or, if not `whole`, its beginning; `copy` is where it lies, and gets the time of the top
    Received line (UTC) if one of `own_hosts` or a host below one wrote it, for a file (None) in any case. `opens`
    says of a message for how many seconds of processor time its attachments are read, too, None: not at all; not
    `patient`: they are only named.
    """
    data = _prepared(raw)
    whole = whole and len(raw) <= MAX_RAW
    try:
        parsed, mail, text = _read(data, account, copy, own_hosts, whole=whole)
        seconds = opens(parsed.message) if opens is not None else None
        if seconds is None:
            return parsed
        return _opened(parsed, mail, text, whole=whole, seconds=seconds, patient=patient)
    except Exception as error:  # noqa: BLE001 - a mail that breaks the reader must not be lost
        message = rescue.read(data, account, copy, own_hosts, reason=type(error).__name__)
        return Parsed(message, needs_more=False)


def _prepared(raw: bytes) -> bytes:
    """Return the bytes that are looked at: bounded, from the first header on, with line feeds."""
    data = bytes(raw[:MAX_RAW])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if b"\n" not in data[:8_192] and b"\r" in data[:8_192]:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.startswith((b"From ", b">From ")):  # a line of an mbox, unless it is a letter's first words
        following = data.partition(b"\n")[2]
        data = following if has_headers(following) else data
    return data


def _opened(parsed: Parsed, mail: Parts, text: str, *, whole: bool, seconds: float, patient: bool) -> Parsed:
    """Return a mail with all that is said in it, its attachments too, and quoted lines whole."""
    found = read_attached(mail.parts, whole=whole, seconds=seconds, patient=patient)
    message = replace(
        parsed.message,
        attachments=tuple(dict.fromkeys((*parsed.message.attachments, *found.names)))[:MAX_ATTACHMENTS],
        attached=found.text,
        unread=found.unread,
    )
    joined = rejoined(text)
    if joined != text:
        own, rest = own_words.split(joined)
        message = replace(message, own_words=ends(own, MAX_OWN_WORDS), rest=ends(rest, MAX_REST))
    return Parsed(message, parsed.needs_more, attachments_need_more=found.cut)


def _read(
    data: bytes, account: str, copy: Copy, own_hosts: frozenset[str] | None, *, whole: bool
) -> tuple[Parsed, Parts, str]:
    plain = not has_headers(data)
    mail = Parts(b"\n" + data if plain else data, whole=whole)
    if plain:
        mail.note("no headers" if data.strip() else "empty")
    top = mail.top.headers
    first: dict[str, bytes] = {}
    for name, value in top:
        first.setdefault(name, value)
    authors = headers.mailboxes(first.get("from", b""))
    unread = (headers.text(first.get("from", b""))[:_MAX_NAME], "")
    author_name, author = next((one for one in authors if "@" in one[1]), authors[0] if authors else unread)
    signed = tuple(dict.fromkeys(address for _, address in authors if "@" in address))
    return_path = _return_path(first)
    returned = return_path == "" or is_daemon(author)
    reporting = mail.top.kind == "multipart/report"  # what a person sends on is read, a report's original is not
    body = read_body(mail.parts, forwarded=not (reporting or returned))
    own_parts = [part for part in mail.parts if part.within is None]  # those of an attached message are another mail's
    divided = own_words.divide(body.text)
    subject = headers.text(first.get("subject", b""))[:MAX_SUBJECT]
    received = first.get("received")
    if received:
        copy = replace(copy, received=headers.received(received, own_hosts))
    message_id = headers.message_id(first.get("message-id", b""))
    message = Message(
        account=account,
        copies=(copy,),
        message_id=message_id,
        digest=_digest(signed or (author,), subject, body, () if message_id else _circumstances(first)),
        date=headers.moment(first["date"]) if "date" in first else None,
        subject=subject,
        author=author,
        author_name=author_name,
        from_=_addresses(top, first, "from"),  # of every such line: a server may have judged by the second
        sender=_addresses(top, first, "sender"),
        reply_to=_addresses(top, first, "reply-to"),
        to=_addresses(top, first, "to"),
        cc=_addresses(top, first, "cc"),
        bcc=_addresses(top, first, "bcc"),
        delivered_to=headers.addresses(value for name, value in top if name in _DELIVERED),
        return_path=return_path,
        in_reply_to=headers.references(first.get("in-reply-to", b"")),
        references=headers.references(first.get("references", b"")),
        headers=kept_headers(top),
        structure=tuple(_structure(part) for part in own_parts[:MAX_STRUCTURE]),
        attachments=_attachments(mail.parts),
        own_words=ends(divided.own, MAX_OWN_WORDS),
        rest=ends(divided.rest, MAX_REST),
        layout=divided.layout[:MAX_LAYOUT],
        elsewhere=body.elsewhere,
        report=read_report(own_parts, top, body.text, returned=returned),
        size=len(data),
        damage="; ".join(mail.notes),
    )
    return Parsed(message, needs_more=not whole and not body.whole), mail, body.text


def _addresses(top: Headers, first: dict[str, bytes], wanted: str) -> tuple[str, ...]:
    if wanted not in first:
        return ()
    return headers.addresses(value for name, value in top if name == wanted)


def _return_path(first: dict[str, bytes]) -> str | None:
    """Return the envelope's address, "" for the null path; what is neither, or holds more, as it stands."""
    if "return-path" not in first:
        return None
    said = visible_line(first["return-path"].decode("utf-8", "replace"))
    if said.replace(" ", "") in ("", "<>"):
        return ""
    found = headers.mailboxes(first["return-path"])
    plain = found and "=?" not in said and ";" not in said
    return found[0][1] if plain else said[:MAX_SUBJECT]


def _structure(part: Part) -> str:
    report_type = part.params.get("report-type") if part.kind == "multipart/report" else None
    return f"{part.kind}; report-type={visible_line(report_type.lower())[:80]}" if report_type else part.kind


def _attachments(parts: list[Part]) -> tuple[str, ...]:
    found = dict.fromkeys(name_of(part) for part in parts if part.headers and part.filename)
    return tuple(found)[:MAX_ATTACHMENTS]


def _circumstances(first: dict[str, bytes]) -> tuple[str, ...]:
    """Return what tells the same words that somebody wrote twice from two copies, where no Message-ID does."""
    return tuple(first.get(name, b"").decode("latin-1") for name in ("date", "to", "in-reply-to"))


def _digest(authors: tuple[str, ...], subject: str, body: Body, more: tuple[str, ...]) -> str:
    """Identity beside the Message-ID: not changed by transfer encodings, line breaks or further headers."""
    parts = (",".join(authors), subject, body.identity, *more)
    content = "\n".join(" ".join(part.split()) if at else part for at, part in enumerate(parts))
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
