"""Headers as values: text, addresses, message ids, times. Takes unfolded, bounded bytes; never raises."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from relaywatch.mailbox.charset import codec, decode, unbase64, visible_line

MAX_ADDRESSES = 200
MAX_REFERENCES = 200
_LONGEST_ADDRESS = 320  # RFC 3696 errata 1690, with room
_LONGEST_NAME = 12  # pieces of a name that commas may divide
_LONGEST_ID = 998  # RFC 5322 2.1.1
_FIRST_YEAR = 1990  # a clock that says less is not set
_LAST_YEAR = 9_000  # room for every zone and duration beyond it

# RFC 2047 2, and beyond it what real mail does: blanks and single question marks inside a word.
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,4})\?=")
_Q_ESCAPE = re.compile(rb"_|=([0-9A-Fa-f]{2})")
_SIMPLE = re.compile(
    r'\s*(?:"([^"\\<>]{0,200})"|([^"\\<>(),:;@]{0,200}))\s*<([^\s<>()",;:\\@]{1,200}@[^\s<>()",;:\\@]{1,200})>\s*'
)
_BARE = re.compile(r'\s*([^\s<>()",;:\\@]{1,200}@[^\s<>()",;:\\@]{1,200})\s*')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.){0,400}"|\\.|<[^<>]{0,400}>|[(),:;]|[^"<\\(),:;]+|.')
_NO_BRACKETS = str.maketrans("", "", "<>")
_ID = re.compile(r"<([^<>]{1,998})>")
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_ID_OR_COMMENT = re.compile(r"(<[^<>]*>)|\([^()]{0,500}\)")
_ZONE_IN_COMMENT = re.compile(r"\([^()]{0,100}\)")


def text(raw: bytes) -> str:
    """Return a header as text: encoded words (RFC 2047) and raw 8-bit bytes in whatever charset decoded."""
    plain = decode(raw)
    return visible_line(unword(plain) if "=?" in plain else plain)


def unword(plain: str) -> str:
    """Decode the encoded words of a text; neighbours as one, for a character may be split between them."""
    out: list[str] = []
    charset, data, position = "", b"", 0
    for match in _WORD.finditer(plain):
        between = plain[position : match.start()]
        joined = position > 0 and not between.strip()
        name = match[1].partition("*")[0].lower()  # RFC 2231 5: a language may follow
        if data and not (joined and name == charset):
            out.append(decode(data, charset))
            data = b""
        if not joined:
            out.append(between)
        charset = name
        data += _word_bytes(match[2], match[3], charset)
        position = match.end()
    if data:
        out.append(decode(data, charset))
    out.append(plain[position:])
    return "".join(out)


def _word_bytes(encoding: str, word: str, charset: str) -> bytes:
    raw = word.encode(codec(charset) or "utf-8", "replace")  # 8-bit in it was decoded before
    if encoding in "qQ":
        return _Q_ESCAPE.sub(lambda match: b" " if match[1] is None else bytes.fromhex(match[1].decode()), raw)
    return unbase64(raw)


def mailboxes(raw: bytes) -> list[tuple[str, str]]:
    """Return (name, bare lower-case address) of each mailbox in an address header (RFC 5322 3.4)."""
    if not raw:
        return []
    plain = decode(raw)
    match = _SIMPLE.fullmatch(plain)
    if match:
        return _found(match[1] or match[2] or "", match[3])
    match = _BARE.fullmatch(plain)
    if match:
        return _found("", match[1])
    found = _scan(plain)
    if not found and "=?" in plain:  # the whole, address included, was encoded
        decoded = unword(plain)
        found = _scan(decoded) if "@" in decoded else []
    return found


def _scan(plain: str) -> list[tuple[str, str]]:
    """Read an address list token by token: quotes, comments, groups and routes."""
    found: list[tuple[str, str]] = []
    words: list[str] = []
    comment: list[str] = []
    angle: str | None = None
    depth = 0
    for piece in _TOKEN.findall(plain):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth:
            comment.append(piece)
        elif piece == ";" or (piece == "," and not _in_a_name(words, angle)):
            found += _mailbox(words, comment, angle)
            words, comment, angle = [], [], None
            if len(found) >= MAX_ADDRESSES:
                return found[:MAX_ADDRESSES]
        elif piece == ":" and "@" not in "".join(words[-1:]):
            words = []  # a group's name; its members follow
        elif piece.startswith("<") and piece.endswith(">"):
            if angle is not None:
                found += _mailbox(words, comment, angle)
                words, comment = [], []
            angle = piece[1:-1]
        else:
            words.append(piece)
    found += _mailbox(words, comment, angle)
    return found[:MAX_ADDRESSES]


def _in_a_name(words: Sequence[str], angle: str | None) -> bool:
    """Whether a comma behind these words stands in a name without quotes: `Smith, John <j@x.example>`."""
    if angle is not None or len(words) > _LONGEST_NAME:
        return False
    return any(map(str.strip, words)) and not any("@" in word for word in words)


def _mailbox(words: list[str], comment: list[str], angle: str | None) -> list[tuple[str, str]]:
    if angle:
        address = unword(angle) if "=?" in angle else angle
        if address.startswith("@"):  # RFC 5322 4.4: a route before the address
            address = address.partition(":")[2]
        return _found("".join(words), address)
    pieces = "".join(words).split()
    spotted = [piece for piece in pieces if "@" in piece.strip("@'\"")]
    if spotted:  # the angle brackets are missing: what stands before the address is its owner's name
        name = "".join(comment) or " ".join(pieces[: pieces.index(spotted[0])]).rstrip("[(-:, ")
        return [pair for number, piece in enumerate(spotted) for pair in _found("" if number else name, piece)]
    return _found("".join(comment), pieces[0]) if len(pieces) == 1 and "=?" not in pieces[0] else []


def _found(name: str, address: str) -> list[tuple[str, str]]:
    """One mailbox, cleaned; none where there is no address."""
    address = visible_line("".join(address.split())).translate(_NO_BRACKETS).strip("'\".,;").lower()
    address = address.removeprefix("[").removesuffix("]") if address.endswith("]") and "@[" not in address else address
    if address.startswith("mailto:"):
        address = address.removeprefix("mailto:")
    if not address or len(address) > _LONGEST_ADDRESS:
        return []
    name = name.strip()
    if name.startswith('"') and name.endswith('"'):
        name = name[1:-1].replace('\\"', '"')
    name = unword(name) if "=?" in name else name
    return [(visible_line(name)[:200], address)]


def addresses(raws: Iterable[bytes]) -> tuple[str, ...]:
    """Return the bare addresses of headers in order, each once, at most MAX_ADDRESSES."""
    found: dict[str, None] = {}
    for raw in raws:
        for _, address in mailboxes(raw):
            if "@" in address:
                found[address] = None
        if len(found) >= MAX_ADDRESSES:
            break
    return tuple(found)[:MAX_ADDRESSES]


def ids(raw: bytes) -> tuple[str, ...]:
    """Return the message ids of a header (RFC 5322 3.6.4) with `<>`, each once; bare ones get their `<>`."""
    if not raw:
        return ()
    plain = decode(raw)
    if "(" in plain:  # an id in a comment is none
        plain = _ID_OR_COMMENT.sub(lambda match: match[1] or " ", plain)
    found = dict.fromkeys(id_ for id_ in map(_id, _ID.findall(plain)) if id_)
    if not found:
        bare = [token.strip("<>,;\"'") for token in plain.split()]
        some = bare if len(bare) == 1 else [token for token in bare if "@" in token]
        found = dict.fromkeys(id_ for id_ in map(_id, some) if id_)
    return tuple(found)


def message_id(raw: bytes) -> str | None:
    """Return the id in a Message-ID header, None where there is nothing in it."""
    found = ids(raw)
    if found:
        return found[0]
    bare = text(raw).strip("<>")
    return _id(bare) if bare and " " not in bare else None


def _id(inner: str) -> str | None:
    inner = visible_line("".join(inner.split()))
    return f"<{inner}>" if 0 < len(inner) <= _LONGEST_ID - 2 else None


def references(raw: bytes) -> tuple[str, ...]:
    """Return the ids of References: of too many the first, which names the thread, and the latest."""
    found = ids(raw)
    return found if len(found) <= MAX_REFERENCES else (found[0], *found[1 - MAX_REFERENCES :])


def moment(raw: bytes | str) -> datetime | None:
    """Return a Date (RFC 5322 3.3, and as the wild has it) in UTC; None for nonsense and unset clocks."""
    plain = (raw if isinstance(raw, str) else decode(raw[:200]))[:200].strip()
    if not plain:
        return None
    try:
        parsed = parsedate_tz(_ZONE_IN_COMMENT.sub(" ", plain))
        if parsed is None:
            found = datetime.fromisoformat(plain)
        else:
            offset = timedelta(seconds=parsed[9] or 0)
            found = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=timezone(offset))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, IndexError, TypeError, OverflowError, AttributeError):
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


def received(raw: bytes, own_hosts: frozenset[str] | None) -> datetime | None:
    """Return the time of a Received line (RFC 5321 4.4) if an own host wrote it; own_hosts None: any host."""
    line, semicolon, stamp = decode(raw).rpartition(";")
    if not semicolon:
        return None
    if own_hosts is not None:
        by = _BY.search(_COMMENT.sub(" ", line))
        host = by[1].strip("[]").rstrip(".").lower() if by else ""
        if not any(host == own or host.endswith(f".{own}") for own in own_hosts):
            return None
    return moment(stamp)
