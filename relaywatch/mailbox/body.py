"""Which parts of a mail are its author's text, as one: plain text where it says something, else HTML."""

import re
from dataclasses import dataclass
from itertools import groupby

from relaywatch.core.language.tokens import tokens_of
from relaywatch.mailbox import headers, html
from relaywatch.mailbox.charset import codec, decode, lines
from relaywatch.mailbox.mime import MAX_TEXT, Part
from relaywatch.mailbox.relabel import mended

_LEFT_OUT = "\n...\n"
_SHORT = 200  # characters of plain text that may be no more than a pointer to the HTML
_RICHER = 3  # times as long as short plain text is HTML that says more than it
_SAME = 0.5  # share of words that two versions of one text have in common, at the least
_MAX_FORWARDED = 3  # attached messages whose text counts
_FORWARD_DIVIDER = "---------- Forwarded message ----------"
_POINTER = re.compile(
    r"(?:view|see|read|display|open|voir|afficher|consulter|查看).{0,60}html|(?:support|prend|display|read).{0,40}html"
    r"|html.{0,60}(?:e-?mail|message|client|reader|viewer|version|capable|format|courriel)|不支持.{0,10}html",
    re.IGNORECASE,
)
_MARK = r"[ \t]{0,3}[>|]"
_TORN_OFF = re.compile(  # a full quoted line that is no sentence's end, a short line, and a quoted one again
    rf"(\n{_MARK}[^\n]{{48,1000}}[^\s.!?:…。？！][ \t]{{0,5}})\n(?!{_MARK}|\s{{0,60}}\n)([^\n]{{1,60}})\n(?={_MARK})"
)
_VERSIONS = 2
_SHORT_MAIL = 2_000  # characters: hardly an absence is longer
_LARGE = 200_000  # bytes of a version of it
_PICTURE = re.compile(r"src\s{0,3}=\s{0,3}[\"']?data:|url\([\"']?data:", re.IGNORECASE)
_META_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HTML_START = re.compile(r"\s{0,100}<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_CALENDAR = (
    "text/calendar",
    "text/x-vcard",
    "text/vcard",
    "text/csv",
    "text/css",
    "text/rfc822-headers",
    "text/xml",
)


@dataclass(frozen=True, slots=True)
class Body:
    """The text of a mail, what its identity is taken from, and whether any part behind it is whole."""

    text: str
    identity: str  # the first text alone: the same however much of the mail was fetched
    whole: bool
    elsewhere: bool = False  # whether another text of the mail, or what this one hides, has words that it has not


def read_body(parts: list[Part], *, forwarded: bool) -> Body:
    """Return the text of a mail; `forwarded` says whether messages attached to it belong to it."""
    own = [part for part in parts if part.within is None and is_text(part)]
    shown = [part for part in own if part.disposition != "attachment"]
    pieces, whole = _pieces(_bounded(shown or own[:1]))
    identity = pieces[0] if pieces else ""
    elsewhere = _says_elsewhere(own, pieces)
    if forwarded:
        pieces += _forwarded(parts)
    return Body("\n\n".join(pieces)[:MAX_TEXT], identity, whole, elsewhere)


def _says_elsewhere(own: list[Part], pieces: list[str]) -> bool:
    """Whether any text of the mail, or a picture within it, says what the kept one does not, as far as is known.

    Asked for an absence, which a person must not write in one version and a demand in the other. Those are short: other
    mail is not looked into, for that costs as much as all else of it.
    """
    if not any(part.kind == "text/html" for part in own) and len(own) < _VERSIONS:
        return False
    kept = "\n".join(pieces)
    if len(kept) > _SHORT_MAIL:
        return True
    said = set(tokens_of(kept))
    return any(_says_other(part, said) for part in own)


def _says_other(part: Part, said: set[str]) -> bool:
    """Whether a text part has words beside these, what it hides included, or cannot be read to its end."""
    if not part.whole or part.end - part.start > _LARGE:
        return True
    source = _source_of(part)
    if part.kind != "text/html" and not _HTML_START.match(source):
        return not said.issuperset(tokens_of(source))
    if _PICTURE.search(source) is not None:
        return True
    text = html.all_text(source)
    return text is None or not said.issuperset(tokens_of(mended(text)))


def _bounded(parts: list[Part]) -> list[Part]:
    """Return the first parts, as many as hold MAX_TEXT together."""
    left = MAX_TEXT * 4 // 3  # bytes, of which base64 takes a third
    taken: list[Part] = []
    for part in parts:
        taken.append(part)
        left -= part.end - part.start
        if left < 0:
            break
    return taken


def ends(text: str, most: int) -> str:
    """Return a text, of a longer one its beginning and its end: who repeats another's words writes above or below."""
    if len(text) <= most:
        return text
    beginning = most * 3 // 4
    return f"{text[:beginning]}{_LEFT_OUT}{text[len(text) - (most - beginning - len(_LEFT_OUT)) :]}"


def is_text(part: Part) -> bool:
    """Whether a leaf holds text for people."""
    return part.leaf and part.kind.startswith("text/") and part.kind not in _CALENDAR


def _pieces(parts: list[Part]) -> tuple[list[str], bool]:
    """Return the texts of the parts, one of each multipart/alternative, and whether any of them is whole."""
    texts: list[str] = []
    whole = False
    for branch, members in groupby(parts, key=lambda part: part.branch and part.branch[0]):
        group = list(members)
        single = [(text_of(part), part.whole) for part in group] if branch is None else [_alternative(group)]
        for text, complete in single:
            if text:
                texts.append(text)
                whole = whole or complete
    return texts, whole


def _alternative(group: list[Part]) -> tuple[str, bool]:
    """Return the best text of a multipart/alternative (RFC 2046 5.1.4) and whether it is whole.

    The plain text, for it is the author's own, unless it is empty, points to the HTML, or says far less.
    """
    plain_parts = [part for part in group if part.kind != "text/html"]
    first = plain_parts[0].branch if plain_parts else None
    plain_parts = [part for part in plain_parts if part.branch == first]
    plain = "\n\n".join(filter(None, map(text_of, plain_parts)))
    plain_whole = all(part.whole for part in plain_parts)
    html_parts = [part for part in group if part.kind == "text/html"]
    if len(plain) > _SHORT or not html_parts:
        return plain, plain_whole
    rich = "\n\n".join(filter(None, map(text_of, html_parts)))
    rich_whole = all(part.whole for part in html_parts)
    if not plain or (rich and _POINTER.search(plain)) or len(rich) > _RICHER * len(plain) + _SHORT:
        return rich, rich_whole
    if len(rich) > len(plain) and _tells_other(plain, rich):
        return rich, rich_whole
    return plain, plain_whole


def _tells_other(plain: str, rich: str) -> bool:
    """Whether plain text is no version of the HTML beside it, but a word about it: most of its words are not there."""
    words = set(tokens_of(plain))
    return len(words & set(tokens_of(rich))) < _SAME * len(words)


def text_of(part: Part) -> str:
    """Return one text part as people see it, without what is not seen."""
    text = _source_of(part)
    if part.kind == "text/html" or (text.lstrip()[:1] == "<" and _HTML_START.match(text)):
        return lines(mended(html.to_text(text))).strip()  # entities may spell what was encoded twice
    text = lines(text)
    if part.params.get("format", "").lower() == "flowed":
        text = unflow(text, delete_blank=part.params.get("delsp", "").lower() == "yes")
    return text.strip()


def _source_of(part: Part) -> str:
    data = part.body()
    charset = part.params.get("charset", "")
    if part.kind == "text/html" and not codec(charset):
        declared = _META_CHARSET.search(data, 0, 2_048)
        charset = declared[1].decode("ascii") if declared else charset
    return decode(data, charset)


def unflow(text: str, *, delete_blank: bool) -> str:
    """Join the lines that a mail program broke (RFC 3676 4.1 to 4.5)."""
    out: list[str] = []
    paragraph: list[str] = []  # pieces of the line that is being joined
    flowing = False
    depth = 0
    for line in text.split("\n"):
        bare = line.lstrip(">")
        level = len(line) - len(bare)
        bare = bare.removeprefix(" ")  # space-stuffed, or the blank behind the marks
        signature = bare == "-- "
        if not flowing or level != depth or signature:
            out.append("".join(paragraph))
            paragraph = [">" * level + " "] if level else []
        flowing = bare.endswith(" ") and not signature
        depth = level
        paragraph.append(bare[:-1] if flowing and delete_blank else bare)
    return "\n".join((*out[1:], "".join(paragraph)))


def rejoined(text: str) -> str:
    """Give back their mark to the ends of quoted lines that a mail program wrapped and left without it.

    Such an end stands between quoted lines, and the one above it is long and no whole sentence.
    """
    if ">" not in text and "|" not in text:
        return text
    return _TORN_OFF.sub(r"\1\n> \2\n", f"\n{text}")[1:]


def _forwarded(parts: list[Part]) -> list[str]:
    """Return the texts of attached messages, each below the headers that say whose it is."""
    found: list[str] = []
    for message in [part for part in parts if part.kind in ("message/rfc822", "message/global") and not part.leaf]:
        inner = [part for part in parts if part.within is message]
        if not inner:
            continue
        pieces, _ = _pieces(_bounded([part for part in inner if is_text(part) and part.disposition != "attachment"]))
        shown = [
            f"{name.title()}: {headers.text(inner[0].raw(name))[:1_000]}" for name in ("from", "date", "subject", "to")
        ]
        found.append("\n".join([_FORWARD_DIVIDER, *shown, "", *pieces]))
        if len(found) == _MAX_FORWARDED:
            break
    return found
