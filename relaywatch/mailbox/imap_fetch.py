"""FETCH answers as imaplib hands them over, made into Fetched.

imapclient files an answer without a UID under its sequence number as if that were one, lets one malformed
answer fail all others, and parses byte by byte. Here each answer stands alone, counts only if it carries its UID,
and the common shape is read by two expressions; whatever else a server may send goes to imapclient's parser.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from imapclient.response_parser import parse_fetch_response

Record = tuple[bytes, bytes] | bytes  # imaplib: text that ends in {n} with its literal, or text alone

_ATTRIBUTE = (
    rb"(?:UID (?P<uid>\d{1,10})|INTERNALDATE \"(?P<date>[^\"]{0,40})\"|RFC822\.SIZE (?P<size>\d{1,19})"
    rb"|FLAGS \([^()\"]*\)|MODSEQ \(\d{1,20}\))"
)
_HEAD = re.compile(rb"\d{1,10} \((?:%b )*BODY\[(?:HEADER)?\](?:<\d{1,10}>)? \{\d{1,19}\}" % _ATTRIBUTE, re.IGNORECASE)
_TAIL = re.compile(rb"(?: %b)*\)" % _ATTRIBUTE, re.IGNORECASE)
_DATE = re.compile(rb" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d)(?: ([+-])(\d\d)(\d\d))?")
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One message as the server gave it, in whole or its beginning."""

    uid: int
    internaldate: datetime | None  # UTC; None where the server's is missing or no date
    size: int  # octets of the whole message, as the server says
    raw: bytes
    whole: bool
    fault: str = ""  # why its text could not be had: the message counts all the same


def parse_internaldate(text: bytes) -> datetime | None:
    """Return RFC 3501's date-time in UTC, None for what is none. One without a zone, against it, is taken as UTC."""
    match = _DATE.fullmatch(text)
    month = _MONTHS.get(match[2].lower()) if match else None
    if match is None or month is None:
        return None
    zone = timedelta()
    if match[7]:
        zone = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == b"-" else 1)
    try:
        local = datetime(
            int(match[3]),
            month,
            int(match[1]),
            int(match[4]),
            int(match[5]),
            int(match[6]),
            tzinfo=timezone(zone),
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def group(records: Iterable[Record | None]) -> Iterator[list[Record]]:
    """Put imaplib's records together into answers: what follows a literal continues the same answer."""
    answer: list[Record] = []
    for record in records:
        if record is None:
            continue
        answer.append(record)
        if not isinstance(record, tuple):
            yield answer
            answer = []
    if answer:
        yield answer


def read_fetch(records: Iterable[Record | None], *, prefix: int, text: bool = True) -> dict[int, Fetched]:
    """Return what was fetched by UID. Answers without UID, or without text if it was asked for, are left out.

    `prefix` is how many octets of text were asked for: as many mean that there may be more.
    """
    found = (_read_answer(answer, prefix, text=text) for answer in group(records))
    return {fetched.uid: fetched for fetched in found if fetched is not None}


def _read_answer(answer: Sequence[Record], prefix: int, *, text: bool) -> Fetched | None:
    match answer:
        case [(head, raw), bytes(tail)]:
            start, end = _HEAD.fullmatch(head), _TAIL.fullmatch(tail)
            if start and end:
                uid, size, date = (start[name] or end[name] for name in ("uid", "size", "date"))
                when = parse_internaldate(date) if date else None
                return _fetched(int(uid), when, int(size) if size else None, raw, prefix) if uid else None
    return _read_slowly(answer, prefix, text=text)


def _read_slowly(answer: Sequence[Record], prefix: int, *, text: bool) -> Fetched | None:
    """Read an answer of another shape: text as a quoted string or NIL, further attributes."""
    try:
        parsed = parse_fetch_response([_honest(record) for record in answer], normalise_times=False, uid_is_key=False)
    except Exception:  # noqa: BLE001  # whatever imapclient's parser trips over, the answer is of no use
        return None
    for attributes in parsed.values():
        uid, size, date = (attributes.get(name) for name in (b"UID", b"RFC822.SIZE", b"INTERNALDATE"))
        raw = next((value for key, value in attributes.items() if key.startswith(b"BODY[")), None if text else b"")
        if isinstance(uid, int) and (raw is not None or b"BODY[]" in attributes or b"BODY[]<0>" in attributes):
            when = _utc(date) if isinstance(date, datetime) else None
            octets = size if isinstance(size, int) else None
            return _fetched(uid, when, octets, raw if isinstance(raw, bytes) else b"", prefix)
    return None


def _fetched(uid: int, when: datetime | None, size: int | None, raw: bytes, prefix: int) -> Fetched:
    """Cut what a server sent beyond the prefix, and say whether this is all; some servers' sizes are estimates."""
    more = len(raw) > prefix or (len(raw) < size if size is not None else len(raw) == prefix)
    return Fetched(
        uid=uid, internaldate=when, size=len(raw) if size is None else size, raw=raw[:prefix], whole=not more
    )


def _utc(moment: datetime) -> datetime | None:
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _honest(record: Record) -> Record:
    """Return a record whose literal is as long as its text says, though the line cut it."""
    if isinstance(record, tuple):
        return record[0][: record[0].rfind(b"{")] + b"{%d}" % len(record[1]), record[1]
    return record
