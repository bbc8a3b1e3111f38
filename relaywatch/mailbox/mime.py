"""The parts of a mail, in bounded, linear time: what the standard library's parser does, without its traps.

Bytes are never copied while splitting: a part is a stretch of the mail. Everything that a hostile mail can
repeat (headers, parts, nesting, lines that look like a boundary) has a bound; what lies beyond is left out.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from relaywatch.mailbox.charset import decode, unbase64, visible_line

MAX_HEADERS = 262_144  # bytes of all headers of a mail
MAX_HEADER = 16_384  # bytes of one header
MAX_ADDRESS_HEADER = 65_536  # the same, for those that list addresses: a thousand of them
MAX_RECEIVED = 200
MAX_FIELDS = 2_000  # headers of one part
MAX_PARTS = 500
MAX_DEPTH = 25  # of multiparts and messages in one another
MAX_TEXT = 1_048_576  # bytes of one part, decoded
_MAX_PART_HEADERS = 16_384
_DECIDING = re.compile(
    rb"^(from|sender|reply-to|to|cc|subject|date|message-id|in-reply-to|references|content-type"
    rb"|content-transfer-encoding)[ \t]{0,9}:((?:[^\n]*\n[ \t]){0,50}[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_DELIMITERS = 20_000  # lines that begin like a boundary, in all
_MAX_PARAMETERS = 4_096  # bytes of Content-Type that are read

_HEADER = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*(?:\n[ \t].*)*)\n?")
_BLANK = re.compile(rb"\n\r?\n")
_TYPE = re.compile(r"\s*([\w.+-]{1,80}/[\w.+-]{1,120})")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.){0,2000}"|"?[^;"\s][^;]{0,2000})')
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})?\*?$")
_ESCAPED = re.compile(r"\\(.)")
_ADDRESSES = frozenset({"to", "cc", "bcc", "from", "reply-to", "resent-to", "resent-cc", "references"})
# A first block without any of these is text that happens to hold a colon, not a mail's headers.
_MARK = re.compile(
    rb"^[^\S\n]{0,80}(from|to|cc|subject|date|received|message-id|mime-version|content-type|return-path|delivered-to"
    rb"|sender|reply-to|in-reply-to|references|x-mailer|content-transfer-encoding|auto-submitted)[^\S\n]{0,80}:",
    re.IGNORECASE | re.MULTILINE,
)
_SURE_MARKS = (b"received", b"message-id", b"mime-version", b"return-path")
_MARK_WITHIN = 4_096  # bytes behind a line that is none

Headers = list[tuple[str, bytes]]


@dataclass(slots=True, eq=False)
class Part:
    """One part, container or leaf: its headers and where its body stands in `data`."""

    data: bytes
    start: int
    end: int
    headers: Headers
    kind: str = "text/plain"
    params: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True  # its end was seen
    branch: tuple[int, int] | None = None  # outermost multipart/alternative that it is in, and which branch of it
    within: "Part | None" = None  # the message/rfc822 that it belongs to
    leaf: bool = True

    def raw(self, name: str) -> bytes:
        """Return the first header of that name, unfolded, b"" where there is none."""
        for key, value in self.headers:
            if key == name:
                return value
        return b""

    @property
    def disposition(self) -> str:
        """`attachment`, `inline` or ""."""
        return value_and_parameters(self.raw("content-disposition"))[0]

    @property
    def filename(self) -> str:
        """The name that the part gives its content as a file, "" where none."""
        if not self.headers:
            return ""
        name = value_and_parameters(self.raw("content-disposition"))[1].get("filename", "")
        return name or self.params.get("name", "")

    def body(self, limit: int = MAX_TEXT) -> bytes:
        """Return the content with its transfer encoding undone, bounded; a broken one as far as it goes."""
        encoding = self.raw("content-transfer-encoding").strip().lower()
        if encoding == b"base64":
            return unbase64(self.data[self.start : min(self.end, self.start + limit * 3 // 2)])[:limit]
        content = self.data[self.start : min(self.end, self.start + limit)]
        if encoding == b"quoted-printable":
            return binascii.a2b_qp(content)
        return content

    def text(self) -> str:
        """Return the content as text by its charset, else by the best guess."""
        return decode(self.body(), self.params.get("charset", ""))


def value_and_parameters(raw: bytes) -> tuple[str, Mapping[str, str]]:
    """Split `attachment; filename="a"` into its value and its parameters (RFC 2045 5.1, RFC 2231)."""
    return _parameters(bytes(raw[:_MAX_PARAMETERS])) if raw else ("", {})


@lru_cache(maxsize=512)
def _parameters(raw: bytes) -> tuple[str, Mapping[str, str]]:
    text = decode(raw)
    found: dict[str, str] = {}
    encoded: dict[str, list[tuple[int, str]]] = {}
    for match in _PARAMETER.finditer(text):
        name, value = match[1].lower(), match[2].strip()
        if value.startswith('"'):
            value = _ESCAPED.sub(r"\1", value[1:].removesuffix('"'))
        continued = _CONTINUED.match(name) if "*" in name else None
        if continued:
            encoded.setdefault(continued[1], []).append((int(continued[2] or 0), value))
        else:
            found.setdefault(name, value)
    for name, pieces in encoded.items():
        found[name] = _unquoted("".join(value for _, value in sorted(pieces)))
    return text.partition(";")[0].strip().lower(), found


def _unquoted(value: str) -> str:
    charset, mark, rest = value.partition("'")
    if not mark or "'" not in rest:
        return decode(unquote_to_bytes(value)) if "%" in value else value
    return visible_line(decode(unquote_to_bytes(rest.partition("'")[2]), charset))


def content_type(raw: bytes, default: str) -> tuple[str, Mapping[str, str]]:
    """Return the lower-case content type and its parameters; nonsense is the default (RFC 2045 5.2)."""
    value, params = value_and_parameters(raw)
    match = _TYPE.match(value)
    if match:
        return match[1], params
    return ("text/html" if value == "html" else default), params


def read_headers(data: bytes, start: int, end: int, *, limit: int = _MAX_PART_HEADERS) -> tuple[Headers, int]:
    """Return the headers that stand at `start`, unfolded and bounded, and where the body begins."""
    if data.startswith(b"\n", start):
        return [], start + 1
    if data.startswith(b"\r\n", start):
        return [], start + 2
    blank = _BLANK.search(data, start, end)
    stop, body = (blank.start() + 1, blank.end()) if blank else (end, end)
    headers: Headers = []
    position, last, received = start, min(stop, start + limit), 0
    marked = -1  # where the next mark stands, looked for once: keeps time linear
    while position < last and len(headers) < MAX_FIELDS:
        match = _HEADER.match(data, position, last)
        if match is None:
            line_end = data.find(b"\n", position, last)
            if line_end < 0 and last < stop:
                break  # the bound cuts this one in two
            if marked < position:  # is it a blemish among headers, or the beginning of the body?
                mark = _MARK.search(data, position, min(last, position + _MARK_WITHIN))
                if mark is None:
                    return headers, position
                marked = mark.start()
            position = line_end + 1 or last
            continue
        name = match[1].decode("ascii").lower()
        position = match.end()
        received += name == "received"
        if name != "received" or received <= MAX_RECEIVED:
            headers.append((name, _unfold(match[2], MAX_ADDRESS_HEADER if name in _ADDRESSES else MAX_HEADER)))
    headers += _beyond(data, position, stop, {name for name, _ in headers})
    return headers, body


def _beyond(data: bytes, position: int, stop: int, known: set[str]) -> Headers:
    """Return what decides whose a mail is, of headers beyond the bound: nothing may push it out of sight."""
    found: dict[str, bytes] = {}
    for match in _DECIDING.finditer(data, position, stop):
        name = match[1].decode("ascii").lower()
        if name not in known:
            found.setdefault(name, _unfold(match[2], MAX_HEADER))
    return list(found.items())


def _unfold(value: bytes, limit: int) -> bytes:
    value = value[:limit]
    if b"\n" in value or b"\r" in value[:-1]:
        return b" ".join([line.strip() for line in value.splitlines()]).strip()
    return value.strip()


def has_headers(data: bytes) -> bool:
    """Whether a file's beginning is a mail's headers, rather than plain text."""
    blank = _BLANK.search(data, 0, MAX_HEADERS)
    block = data[: blank.start() if blank else min(len(data), MAX_HEADERS)]
    first = _HEADER.match(block)
    if first is None and not block.startswith((b"From ", b">From ")):
        return any(mark[1].lower() in _SURE_MARKS for mark in _MARK.finditer(block, 0, 8_192))
    return _MARK.search(block) is not None


class Parts:
    """The parts of one mail in their order, containers included, and notes of what was left out."""

    def __init__(self, data: bytes, *, whole: bool) -> None:
        self.parts: list[Part] = []
        self.notes: list[str] = []
        self._delimiters = _MAX_DELIMITERS
        self._alternatives = 0
        top, body = read_headers(data, 0, len(data), limit=MAX_HEADERS)
        self.top = self._add(Part(data, body, len(data), top, whole=whole), "text/plain", 0)

    def note(self, text: str) -> None:
        """Note once what is wrong with the mail."""
        if text not in self.notes:
            self.notes.append(text)

    def _add(self, part: Part, default: str, depth: int) -> Part:
        part.kind, part.params = content_type(part.raw("content-type"), default)
        self.parts.append(part)
        if part.kind.startswith("multipart/"):
            self._split(part, depth)
        elif part.kind in ("message/rfc822", "message/global"):
            self._open(part, depth)
        return part

    def _open(self, part: Part, depth: int) -> None:
        if depth >= MAX_DEPTH:
            self.note("nested too deep")
            return
        part.leaf = False
        data, start, end = part.data, part.start, part.end
        if part.raw("content-transfer-encoding").strip().lower() in (b"base64", b"quoted-printable"):
            data = part.body()
            start, end = 0, len(data)
        while data.startswith((b"\n", b"\r\n"), start) and start < end:  # a blank line too many before the headers
            start += 1 if data.startswith(b"\n", start) else 2
        headers, body = read_headers(data, start, end)
        inner = Part(data, body, end, headers, whole=part.whole, branch=part.branch, within=part)
        self._add(inner, "text/plain", depth + 1)

    def _split(self, part: Part, depth: int) -> None:
        boundary = part.params.get("boundary", "").encode("utf-8", "replace")[:200].rstrip()
        stretches = list(self._stretches(part, boundary)) if boundary and depth < MAX_DEPTH else []
        if not stretches:
            self.note("nested too deep" if depth >= MAX_DEPTH else "a multipart without parts")
            part.kind = "text/plain" if depth < MAX_DEPTH else part.kind
            return
        part.leaf = False
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        group = -1
        if part.kind == "multipart/alternative" and part.branch is None:
            group = self._alternatives = self._alternatives + 1
        for number, (start, end, whole) in enumerate(stretches):
            if len(self.parts) >= MAX_PARTS:
                self.note(f"more than {MAX_PARTS} parts")
                return
            headers, body = read_headers(part.data, start, end)
            branch = (group, number) if group > 0 else part.branch
            inner = Part(part.data, min(body, end), end, headers, whole=whole, branch=branch, within=part.within)
            self._add(inner, default, depth + 1)

    def _stretches(self, part: Part, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
        """Yield where each part begins and ends, and whether its end was seen (RFC 2046 5.1)."""
        data, end = part.data, part.end
        needle = b"--" + boundary
        opened = -1
        at = data.find(needle, part.start, end)
        while at >= 0:
            self._delimiters -= 1
            if self._delimiters < 0:
                self.note("too many boundaries")
                break
            after = at + len(needle)
            line_end = data.find(b"\n", after, end)
            line_end = end if line_end < 0 else line_end
            closing = data.startswith(b"--", after)
            at_line_start = at == part.start or data[at - 1] in b"\r\n"
            if at_line_start and not data[after + 2 * closing : min(line_end, after + 200)].strip():
                if opened >= 0:
                    yield opened, _before(data, opened, at), True
                opened = -1 if closing else min(line_end + 1, end)
            at = data.find(needle, max(line_end, after), end)
        if opened >= 0:
            yield opened, end, part.whole


def _before(data: bytes, start: int, at: int) -> int:
    """Return where a part ends: the line break before a boundary belongs to the boundary."""
    at -= data[at - 1 : at] == b"\n"
    at -= data[at - 1 : at] == b"\r"
    return max(start, at)
