"""What a mail system reports of: delivery status (RFC 3464), read receipts (RFC 8098), returned mail."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from relaywatch.core.mail.message import Delivery, DeliveryReport
from relaywatch.mailbox import headers
from relaywatch.mailbox.mime import Headers, Part, read_headers

MAX_DELIVERIES = 200
_DAEMONS = ("mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "maildaemon", "mdaemon")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_FIELD = re.compile(
    r"^[> \t|]{0,10}(Message-ID|To|Cc|Subject|From|Date)[ \t]{0,5}:"
    r"([^\n]{0,1000}(?:\n[ \t][^\n]{1,500}){0,3})",
    re.MULTILINE | re.IGNORECASE,
)
_MAX_FIELDS = 200  # lines of a bounce's text that look like an original's headers
_Original = tuple[str | None, tuple[str, ...]]  # id and recipients of the message that a report is about
_BLANK_LINES = re.compile(rb"\r?\n[ \t]*\r?\n\s*")
_NAMES_RECIPIENT = re.compile(rb"^(?:original|final)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_MAX_STATUS = 262_144  # bytes of a delivery-status body
_MAX_BLOCKS = 400  # groups of fields that are read, of all such bodies of a mail
_ORIGINALS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
_STATUSES = ("message/delivery-status", "message/global-delivery-status")
_RECEIPTS = ("message/disposition-notification", "message/global-disposition-notification")


def is_daemon(address: str) -> bool:
    """Whether an address is that of a mail system."""
    return address.partition("@")[0].startswith(_DAEMONS)


def read_report(parts: list[Part], top: Headers, text: str, *, returned: bool) -> DeliveryReport | None:
    """Return what the mail reports, None where it is no report. Whether that is believed is for the core to judge.

    `parts` are the mail's own, none of an attached message's: what that one reports is no report of this mail's.
    `text` is its decoded text; `returned` says that it comes from a mail system (null path, mailer-daemon):
    then an original in it counts though no part declares a report.
    """
    deliveries: list[Delivery] = []
    original_id: str | None = None
    declared = any(part.kind in _STATUSES for part in parts)
    deliveries += _read_statuses(part.body() for part in parts if part.kind in _STATUSES)
    for part in parts:
        if part.kind in _RECEIPTS:
            declared = True
            fields, _ = read_headers(*_whole(part.body()))
            original_id = original_id or headers.message_id(_first(fields, "original-message-id"))
            deliveries += _disposed(fields)
        elif part.kind == "multipart/report":
            declared = True
    failed = [address for name, raw in top if name == "x-failed-recipients" for address in headers.addresses((raw,))]
    known = {delivery.recipient for delivery in deliveries}
    deliveries += [Delivery(recipient=address, action="failed") for address in failed if address not in known]
    original: _Original | None = None
    if declared or returned or failed:
        original = _original(parts, declared=declared) or _inline_original(text)
    if not (declared or deliveries or original):
        return None
    found_id, to = original or (None, ())
    return DeliveryReport(
        deliveries=tuple(dict.fromkeys(deliveries))[:MAX_DELIVERIES],
        original_id=found_id or original_id,
        original_to=to,
    )


def _read_statuses(bodies: Iterable[bytes]) -> list[Delivery]:
    """Return the recipients of delivery-status bodies (RFC 3464 2.1): groups of fields.

    A group that names no recipient is not read, for it costs much and says nothing.
    """
    found: list[Delivery] = []
    blocks = (block for body in bodies for block in _BLANK_LINES.split(body[:_MAX_STATUS].strip()))
    for block in islice(filter(_NAMES_RECIPIENT.search, blocks), _MAX_BLOCKS):
        fields, _ = read_headers(*_whole(block))
        action = headers.text(_first(fields, "action")).lower().partition(" ")[0][:40]
        status = _STATUS.search(headers.text(_first(fields, "status")))
        named = (recipient(_first(fields, name)) for name in ("original-recipient", "final-recipient"))
        found += [
            Delivery(recipient=address, action=action, status=status[0] if status else "")
            for address in dict.fromkeys(named)
            if address
        ]
    return found


def _disposed(fields: Headers) -> Iterator[Delivery]:
    """Yield what a receipt says became of the message, by a program (RFC 8098 3.2.6): displayed, deleted, failed."""
    mode, _, kind = headers.text(_first(fields, "disposition")).lower().partition(";")
    if not mode.strip().startswith("automatic-action"):
        return
    named = (recipient(_first(fields, name)) for name in ("original-recipient", "final-recipient"))
    yield Delivery(recipient=next(filter(None, named), ""), action=kind.strip()[:40])


def recipient(raw: bytes) -> str:
    """Return the bare address of `rfc822; a@b.example` (RFC 3464 2.3.1), "" where there is none."""
    kind, semicolon, address = headers.text(raw).partition(";")
    found = headers.addresses([(address if semicolon else kind).encode()])
    return found[0] if found else ""


def _original(parts: list[Part], *, declared: bool) -> _Original | None:
    for part in parts:
        if part.kind not in _ORIGINALS and not (declared and part.kind == "text/rfc822"):
            continue
        body = part.body()[:65_536].lstrip(b"\r\n")
        fields, _ = read_headers(*_whole(body))
        found = _from_fields(fields)
        if found:
            return found
    return None


def _from_fields(fields: Headers) -> _Original | None:
    id_ = headers.message_id(_first(fields, "message-id"))
    to = headers.addresses(raw for name, raw in fields if name in ("to", "cc"))
    return (id_, to) if id_ or to or headers.text(_first(fields, "subject")) else None


def _inline_original(text: str) -> _Original | None:
    """Read the headers of an original that was put into the text of a bounce: lines of one paragraph."""
    paragraphs: dict[int, dict[str, str]] = {}
    paragraph = looked_at = 0
    for match in islice(_FIELD.finditer(text), _MAX_FIELDS):
        paragraph = max(paragraph, text.rfind("\n\n", looked_at, match.start()))
        looked_at = match.start()
        fields = paragraphs.setdefault(paragraph, {})
        fields.setdefault(match[1].lower(), " ".join(match[2].split()))
    likely = [fields for fields in paragraphs.values() if "<" in fields.get("message-id", "")]
    likely += [fields for fields in paragraphs.values() if {"to", "subject"} <= fields.keys()]
    if not likely:
        return None
    raw = [(name, value.encode("utf-8", "replace")) for name, value in likely[0].items()]
    return _from_fields(raw)


def _first(fields: Iterable[tuple[str, bytes]], name: str) -> bytes:
    return next((value for key, value in fields if key == name), b"")


def _whole(body: bytes) -> tuple[bytes, int, int]:
    return body, 0, len(body)
