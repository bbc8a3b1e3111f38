"""Walmart's Contact-Seller form, as a customer filled it in.

The form comes as HTML with many no-break spaces, so its labels are looked for line by line, in any order,
with the value behind the label or on the next line that is not blank. A quoted form is a reply's, not a form.

Two things in it are the shopper's to choose: the message, and the name that the relay puts before its first words.
What stands before these is never a label.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from relaywatch.core.language.once import Kept
from relaywatch.core.language.rules import fold
from relaywatch.core.words.contact import LOOKED_AT, leading_order_id
from relaywatch.core.words.form_words import (
    INTRO,
    INTRO_WORDS,
    LABEL_OF,
    MARKED_NOTE,
    NOTE_STARTS,
    SHOPPERS_TOO,
    WITHOUT_COLON,
)

_LONGEST_LABEL = 40
_LONGEST_BARE_LABEL = 24  # of those without a colon, with marks around
_LONGEST_NAME = 80
_MOST_ABOVE = 400  # lines above a form that somebody pasted
_MOST_TRIED = 12  # of them that are like its first
_MOST_LINES = 60  # above the message: a form has a dozen
_PROVING = ("order", "ref_id")  # the fields that say whose matter it is
_INTRO_WORDS = tuple(word.encode() for word in INTRO_WORDS)
_MAY_BE_FORM = (b"message", b"ref", b"order", b"commande")
_MAY_BE_NOTE = re.compile(r"[\s*]*(?:no|to|pl|re|ve|wa|l['`]|eq|.?[^\x00-\x7f])", re.IGNORECASE)  # before folding
_QUOTE_HEADER = re.compile(
    r"-{3,}|_{10,}|>|(?:on|le)\b.{0,200}(?:wrote|a écrit)\s?:|(?:from|de|发件人|sent|envoyé)\s?[:：]"
    r"|begin forwarded message|.{0,100}写道",
    re.IGNORECASE,
)
_MOST_LINES_BEFORE = 2  # a logo's text, a greeting; more is somebody's own words above a form they quote
_MOST_CHARS_BEFORE = 120
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_HEX_32 = re.compile(r"[0-9A-Fa-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The Contact-Seller form as it was filled in; "" for what is missing."""

    above: str = field(default="", compare=False)  # what stands before it
    introduced: bool = field(default=False, compare=False)  # whether the relay's sentence stands above its labels
    name: str = ""
    order_id: str = ""
    item_id: str = ""
    item: str = ""
    message: str = ""  # the shopper's own text, with its line breaks
    ref_id: str = ""  # 32 hex digits, upper-case
    contradicts: bool = False
    """Whether somebody else than the relay may have written its labels: then it has neither an order nor a RefID."""


def _label(line: str) -> tuple[str, str] | None:
    """Return the form's field and the value behind its label, None where the line has no label."""
    head, colon, value = line.partition(":")
    if len(head) > (_LONGEST_LABEL if colon else _LONGEST_BARE_LABEL):
        return None
    field, needs_colon = _field(head)
    if field is None or (needs_colon and not colon):
        return None
    return field, value.strip("*_ ")


def _introducing(lowered: bytes) -> list[tuple[int, int]]:
    """Return where the words stand of which an introduction has one."""
    found = []
    for word in _INTRO_WORDS:
        at = lowered.find(word)
        while at >= 0:
            end = at + len(word)
            found.append((at, end))
            at = lowered.find(word, end)
    return found


def _is_note(line: str) -> bool:
    if not _MAY_BE_NOTE.match(line):
        return False
    start = fold(line[:80])
    return start.lstrip("* ").startswith(NOTE_STARTS) or start.startswith(MARKED_NOTE)


@lru_cache(maxsize=512)  # the labels are the same in every form
def _field(head: str) -> tuple[str | None, bool]:
    name = fold(head.strip("*_ "))
    return LABEL_OF.get(name), name not in WITHOUT_COLON


def _id_of(field: str, value: str) -> str:
    """Return the order number or the RefID behind a label, "" where there is none."""
    if field == "order":
        return leading_order_id(value)
    return value.upper() if _HEX_32.fullmatch(value) else ""


class _FormReader:
    """Reads a form line by line. Before it only a greeting may stand, behind its note only the RefID."""

    def __init__(self, may_introduce: int) -> None:
        """`may_introduce`: how many words the text has that an introduction may hold."""
        self.may_introduce = may_introduce
        self.name = ""
        self.fields: dict[str, str] = {}
        self.message: list[str] = []
        self.loose: list[str] = []  # lines under no label: the message, where its label is missing
        self.before: list[str] = []
        self.current = ""  # the label whose value is still to come, or "message"
        self.introductions = 0
        self.doubtful: set[str] = set()  # labels that the shopper may have written, in their name or in their message
        self.repeated: set[str] = set()
        self.differs = False  # whether another order number stands below
        self.ended = False
        self.doubted: list[str] = []  # a line that ended the message and may be the shopper's

    def read(self, line: str) -> bool:
        """Take one line; return False once it is certain that this is no form."""
        if not line:
            self._take_blank()
            return True
        if self.may_introduce and self._introduces(line):
            before = INTRO.split(line, maxsplit=1)[0]
            name = before[:-1] if before[-1:].isspace() else before
            self.name = name[-_LONGEST_NAME:].strip("*_ ")
            return True
        found = _label(line) if len(line) <= _LONGEST_BARE_LABEL or ":" in line[: _LONGEST_LABEL + 1] else None
        if found and self._take_field(*found):
            return True
        if self.ended:
            if self.current:
                self.fields[self.current], self.current = line, ""
            elif self.doubted and not _is_note(line):  # a shopper's own line, that only began as the note does
                self.message += [*self.doubted, line]
                self.ended, self.current, self.doubted = False, "message", []
            return True
        if (self.introductions or self.fields) and _is_note(line):
            self.doubted = [line] if self.current == "message" and fold(line).startswith(SHOPPERS_TOO) else []
            self.ended, self.current = True, ""
        elif self.current == "message":
            self.message.append(line)
        else:
            return self._take_line(line)
        return True

    def _take_blank(self) -> None:
        if not self.ended:
            (self.message if self.current == "message" else self.loose).append("")

    def _introduces(self, line: str) -> bool:
        """Whether it is the form's first line, whatever name the shopper goes by."""
        if not (words := len(_introducing(_lower(line)))):
            return False
        self.may_introduce -= words
        count = len(INTRO.findall(line))
        first = count > 0 and not self.introductions
        self.introductions += count
        if first and self.fields:  # they are lines of the name
            self.doubtful.update(_PROVING)
        return first and not self.fields

    def _take_field(self, field: str, value: str) -> bool:
        if field in self.fields or (self.ended and field != "ref_id"):
            self._doubt(field, value)
            return False  # a label's word in the shopper's own text
        if field == "ref_id" and value and not _HEX_32.fullmatch(value):
            return False
        self.fields[field] = value
        self.current = field if not value or field == "message" else ""
        return True

    def _doubt(self, field: str, value: str) -> None:
        """Note a label that stands there twice, with another value: one proves nothing then.

        But an order behind the one introduction and above the message is the relay's, whatever the message says, if
        that is no form of its own.
        """
        self.repeated.add(field)
        same = _id_of(field, value) == _id_of(field, self.fields.get(field, ""))
        if field == "ref_id" and not same:
            self.doubtful.add(field)
        elif field == "order" and not same:
            self.differs = True
            if self.introductions != 1 or "message" not in self.fields:
                self.doubtful.update(_PROVING)
        if self.differs and "message" in self.repeated:
            self.doubtful.update(_PROVING)

    def _take_line(self, line: str) -> bool:
        if self.current:
            self.fields[self.current] = line.strip("*_ ")
            self.current = ""
            return True
        if self.introductions or self.fields:
            self.loose.append(line)
            return True
        self.before.append(line)
        return (
            len(self.before) <= _MOST_LINES_BEFORE
            and sum(map(len, self.before)) <= _MOST_CHARS_BEFORE
            and not _QUOTE_HEADER.match(line)
        )

    def form(self) -> Form | None:
        """Return the form, None where too little of one was there."""
        fields = self.fields
        known = {"order", "item_id", "item", "ref_id"} & fields.keys()
        if not (known and self.introductions) and not ("message" in fields and len(known) > 1):
            return None
        text = "\n".join([fields["message"], *self.message] if "message" in fields else self.loose)
        order, ref = ("" if key in self.doubtful else _id_of(key, fields.get(key, "")) for key in _PROVING)
        return Form(
            above=" ".join(self.before),
            introduced=self.introductions > 0,
            name=self.name,
            order_id=order,
            item_id=fields.get("item_id", ""),
            item=fields.get("item", ""),
            message=(_MANY_BLANK_LINES.sub("\n\n", text) if "\n\n\n" in text else text).strip(),
            ref_id=ref,
            contradicts="order" in self.doubtful,
        )


def read_form(text: str) -> Form | None:
    """Read the Contact-Seller form from a message's plain or rendered text; None where it has none.

    A form under a quotation mark, under a reply's "… wrote:" or below more than a greeting is quoted: None.
    """
    if len(text) > _KEPT_TEXT:
        return _read_form(text)
    return _FORMS.get((len(text), hash(text)), lambda: (_read_form(text),))[0] if text else None


def above_form(text: str) -> str | None:
    """Return what stands above a form, however much that is; None where there is no form."""
    lines = text[:LOOKED_AT].split("\n", _MOST_ABOVE)
    begins = (at for at, line in enumerate(lines) if INTRO.search(line[: _LONGEST_NAME * 2]) or _label(line.strip()))
    found = (at for at in islice(begins, _MOST_TRIED) if read_form("\n".join(lines[at : at + _MOST_LINES])) is not None)
    at = next(found, -1)
    return None if at < 0 else "\n".join(lines[:at])


def without_message(text: str, form: Form) -> str | None:
    """Return a form's text without the message behind its label; None where that does not stand as it was read."""
    end = 0
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        start, end = end, end + len(line) + 1
        head, colon, _ = line.partition(":")
        if len(head) > _LONGEST_LABEL or _field(head)[0] != "message":
            continue
        at = text.find(form.message, start + len(head) + len(colon))
        between = text[start + len(head) + len(colon) : at] if at >= 0 else "-"
        return None if between.strip("*_ \t\n") else text[:at] + text[at + len(form.message) :]
    return None


# Asked for a message's own words, its class, its order, its people and its matter, each time that it is judged.
_FORMS: Kept[tuple[Form | None]] = Kept(512)
_KEPT_TEXT = 10_000  # characters
# An introduction's bytes around one of its words. A line that ends within them is seldom, and dear to look for.
_BEFORE_WORD, _BEHIND_WORD = 30, 12


def _read_form(text: str) -> Form | None:
    text = text[:LOOKED_AT].replace("\u00a0", " ").replace("&nbsp;", " ").replace("：", ":")
    lowered = _lower(text)
    if not any(word in lowered for word in _MAY_BE_FORM):
        return None
    words = _introducing(lowered)
    reader = _FormReader(len(words))
    if any(b"\n" in lowered[max(0, at - _BEFORE_WORD) : end + _BEHIND_WORD] for at, end in words):
        text = INTRO.sub(lambda intro: " ".join(intro[0].split()), text)
    for line in _split_joined(text).splitlines():
        if not reader.read(line.strip()):
            return None
    return reader.form()


_JOINED = re.compile(
    r"(?<=\S)[ \t]+(?=\*{0,2}(?:Sales Order ID:|Item ID:|Item:|Message:|RefID:|Note: To|Walmart Customer Service Team))"
)


def _lower(text: str) -> bytes:
    """Return text for which only words of ASCII letters matter: of bytes, lower case costs a third."""
    return text.encode("utf-8", "surrogatepass").lower()


def _split_joined(text: str) -> str:
    """Break a form whose rendering lost its line breaks before each label; leave other texts as they are.

    It is broken behind its introduction only: what stands before that is the shopper's name.
    """
    start = text.find("Sales Order ID")
    if start >= 0 and (intro := INTRO.search(text)):
        start = text.find("Sales Order ID", intro.end())
    while start >= 0:
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        if text.find("Message:", start, end) >= 0:
            return text[:start] + "\n" + _JOINED.sub("\n", text[start:])
        start = text.find("Sales Order ID", end)
    return text
