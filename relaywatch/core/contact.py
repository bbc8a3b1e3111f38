"""What Walmart's mail says of its matter: the Contact-Seller form, order numbers, RefIDs, case numbers.

The form comes as HTML with many no-break spaces, so its labels are looked for line by line, in any order,
with the value behind the label or on the next line that is not blank. A quoted form is a reply's, not a form.

Two things in it are the shopper's to choose: the message, and the name that the relay puts before its first words.
What stands before these is never a label.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from relaywatch.core.form_words import INTRO, INTRO_WORDS, LABELS, MARKED_NOTE, NOTE_STARTS, SHOPPERS_TOO, WITHOUT_COLON
from relaywatch.core.once import Kept
from relaywatch.core.rules import fold

_BOUND = 200_000  # characters looked at: a form has a few thousand
_MOST_IDS = 20
_LABEL_OF = {label: field for field, labels in LABELS.items() for label in labels}
_LONGEST_LABEL = 40
_LONGEST_BARE_LABEL = 24  # of those without a colon, with marks around
_LONGEST_NAME = 80
_PROVING = ("order", "ref_id")  # the fields that say whose matter it is
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


def _introducing(lowered: str) -> int:
    """Return how many words there are of which an introduction has one."""
    return sum(lowered.count(word) for word in INTRO_WORDS)


def _is_note(line: str) -> bool:
    if not _MAY_BE_NOTE.match(line):
        return False
    start = fold(line[:80])
    return start.lstrip("* ").startswith(NOTE_STARTS) or start.startswith(MARKED_NOTE)


@lru_cache(maxsize=512)  # the labels are the same in every form
def _field(head: str) -> tuple[str | None, bool]:
    name = fold(head.strip("*_ "))
    return _LABEL_OF.get(name), name not in WITHOUT_COLON


def _id_of(field: str, value: str) -> str:
    """Return the order number or the RefID behind a label, "" where there is none."""
    if field == "order":
        order = _ID_VALUE.match(value)
        return _normal(order[0]) if order else ""
    return value.upper() if _HEX_32.fullmatch(value) else ""


class _Reader:
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
        if self._introduces(line):
            before = INTRO.split(line, maxsplit=1)[0]
            name = before[:-1] if before[-1:].isspace() else before
            self.name = name[-_LONGEST_NAME:].strip("*_ ")
            return True
        found = _label(line)
        if found and self._take_field(*found):
            return True
        if self.ended:
            if line and self.current:
                self.fields[self.current], self.current = line, ""
            elif line and self.doubted and not _is_note(line):  # a shopper's own line, that only began as the note does
                self.message += [*self.doubted, line]
                self.ended, self.current, self.doubted = False, "message", []
            return True
        if (self.introductions or self.fields) and _is_note(line):
            self.doubted = [line] if self.current == "message" and fold(line).startswith(SHOPPERS_TOO) else []
            self.ended, self.current = True, ""
        elif self.current == "message":
            self.message.append(line)
        elif line:
            return self._take_line(line)
        else:
            self.loose.append(line)
        return True

    def _introduces(self, line: str) -> bool:
        """Whether it is the form's first line, whatever name the shopper goes by."""
        if not self.may_introduce or not (words := _introducing(line.lower())):
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


# Asked for a message's own words, its class, its order, its people and its matter, each time that it is judged.
_FORMS: Kept[tuple[Form | None]] = Kept(512)
_KEPT_TEXT = 10_000  # characters
_BEFORE_WORD, _BEHIND_WORD = 22, 10  # of an introduction's words, in characters


def _read_form(text: str) -> Form | None:
    text = text[:_BOUND].replace("\u00a0", " ").replace("&nbsp;", " ").replace("：", ":")
    lowered = text.lower()
    if not any(word in lowered for word in ("message", "ref", "order", "commande")):
        return None
    reader = _Reader(_introducing(lowered))
    if _may_be_broken(lowered):
        text = INTRO.sub(lambda intro: " ".join(intro[0].split()), text)
    for line in _split_joined(text).splitlines():
        if not reader.read(line.strip()):
            return None
    return reader.form()


_JOINED = re.compile(
    r"(?<=\S)[ \t]+(?=\*{0,2}(?:Sales Order ID:|Item ID:|Item:|Message:|RefID:|Note: To|Walmart Customer Service Team))"
)


def _may_be_broken(lowered: str) -> bool:
    """Whether a line may end within an introduction: seldom, and to look for one costs more than all else."""
    for word in INTRO_WORDS:
        at = lowered.find(word)
        while at >= 0:
            end = at + len(word)
            if "\n" in lowered[max(0, at - _BEFORE_WORD) : end + _BEHIND_WORD]:
                return True
            at = lowered.find(word, end)
    return False


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


# Order numbers. A label's value may have any length that order numbers have or had; without a label only the
# known shapes count, for item numbers, telephone and tracking numbers stand in the same mails.
_ID = r"(?P<id>y\d{8}(?!\w)|\d(?:-?\d){7,19}(?!\w|-\w))"
_ID_VALUE = re.compile(_ID, re.IGNORECASE | re.ASCII)
_NUMBER_WORD = r"(?:[\s_-]?(?:id|number|num|no\b|n[°ºo](?!\w)|#|numéro|numero))?(?:\s(?:is|est))?[\s>*_#:：.]{0,12}"
_LABELS_OF_NUMBERS = {
    "order": re.compile(r"(?<![a-z])orders?" + _NUMBER_WORD + _ID, re.ASCII),
    "commande": re.compile(r"(?<![a-z])commande" + _NUMBER_WORD + _ID, re.ASCII),
    "订单": re.compile(r"订单(?:号码|编号|号)?[\s:：#]{0,5}" + _ID, re.ASCII),
    "po": re.compile(r"(?<![a-z.])p\.?o\.?\s?(?:number|no\b|#|:)" + _NUMBER_WORD + _ID, re.ASCII),
}
_PURCHASE = ("purchase ", "bon de ")  # before the label: another number than the customer's
_SUBJECT_TAIL = re.compile(r",\s{0,5}(Y\d{8}|\d{10,15})\s{0,5}$", re.IGNORECASE | re.ASCII)
_PHONE = re.compile(r"(?:\d{1,2}-)?\d{3}-\d{3}-\d{4}")
_CANDIDATE = re.compile(r"[0-9Y][0-9](?:-?[0-9]){7,15}(?![\w@/-])")
_SHAPE = re.compile(r"600000\d{9}|200\d{12}|(?!6000)\d{13}|\d{3}-\d{3}-\d{3}-\d{4}|Y\d{8}")  # 6000…: an item's
_JOINED_TO = re.compile(r"[\w/@=+.-]")
_OTHER_LABEL = re.compile(
    r"(?:item|article|product|produit|sku|upc|gtin|ean|isbn|tracking|track|suivi|colis|phone|tel|telephone"
    r"|téléphone|call|fax|case|dossier|invoice|facture|serial|model|ref|shipment)\b"
    r"[\s.]{0,3}(?:id|numbers?|num|no|n[°ºo]|#|is|est|:)?[\s.:#]{0,5}$",
    re.IGNORECASE,
)
_LABEL_REACH = 40


def _normal(number: str) -> str:
    return number.replace("-", "").upper()


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:_MOST_IDS]


def _labelled(text: str) -> Iterator[str]:
    """Yield labelled numbers, the customer's first, those of purchase orders behind."""
    purchase = []
    for match, bought in _labelled_matches(_lowered(text)):
        if bought:
            purchase.append(_normal(match["id"]))
        else:
            yield _normal(match["id"])
    yield from purchase


def _labelled_matches(lowered: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield each labelled number of a text, and whether its label is a purchase order's."""
    for word, label in _LABELS_OF_NUMBERS.items():
        opening = "p.o" if word == "po" and "p.o" in lowered else word
        if opening not in lowered:
            continue
        for match in _each(label, lowered, "p" if opening == "p.o" else opening):
            if not _PHONE.fullmatch(match["id"]):
                before = lowered[max(0, match.start() - 10) : match.start()]
                yield match, word == "po" or before.endswith(_PURCHASE)


@lru_cache(maxsize=4)
def _lowered(text: str) -> str:
    return text[:_BOUND].replace("\u00a0", " ").lower()


def _each(pattern: re.Pattern[str], text: str, opening: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern, each of which begins with a word: to find that first is what is quick."""
    at = text.find(opening)
    while at >= 0:
        match = pattern.match(text, at)
        if match:
            yield match
        at = text.find(opening, match.end() if match else at + 1)


def _subject_tail(subject: str) -> Iterator[str]:
    match = _SUBJECT_TAIL.search(subject[-200:])
    if match and any(word in subject.lower() for word in ("walmart", "order", "commande")):
        yield _normal(match[1])


def _by_shape(text: str) -> Iterator[str]:
    text = text[:_BOUND]
    for match in _CANDIDATE.finditer(text):
        start = match.start()
        if not _SHAPE.fullmatch(match[0]) or (start and _JOINED_TO.match(text[start - 1])):
            continue
        if not _OTHER_LABEL.search(text[max(0, start - _LABEL_REACH) : start]):
            yield _normal(match[0])


@lru_cache(maxsize=8)
def labelled_order_ids(subject: str, text: str) -> tuple[str, ...]:
    """Return the order numbers that the mail calls so, in a quote too, or that end a relay mail's subject.

    Normalised: without dashes, `Y` in upper case. At most 20, each once, the subject's tail first.
    """
    return _distinct((*_subject_tail(subject), *_labelled(subject), *_labelled(text)))


_AROUND_LABEL = " \t\n\r>*_|#:：.-•"
_NEXT_LABEL = re.compile(r"[ \t]*[*_|,;]?[ \t]*[^\W\d_][\w .#-]{1,30}[:：]")
_LONGEST_HEAD = 80


def label_line_order_ids(text: str) -> tuple[str, ...]:
    """Return the order numbers that stand on a labelled line of their own, quoted ones too, not in a sentence."""
    lowered = _lowered(text)
    found = []
    for match, bought in _labelled_matches(lowered):
        start = lowered.rfind("\n", 0, match.start()) + 1
        if bought or match.start("id") - start > _LONGEST_HEAD:
            continue
        label = fold(lowered[start : match.start("id")].strip(_AROUND_LABEL))
        end = lowered.find("\n", match.end())
        behind = lowered[match.end() : end if end >= 0 else len(lowered)]
        if INTRO.search(behind):  # a shopper's name
            continue
        behind = behind[:_LONGEST_HEAD]
        alone = not behind.strip(_AROUND_LABEL + ",;") or _NEXT_LABEL.match(behind)
        if _LABEL_OF.get(label) == "order" and alone:
            found.append(_normal(match["id"]))
    return _distinct(found)


def subject_order_id(subject: str) -> str | None:
    """Return the order number that a subject calls so, or that ends a relay mail's subject."""
    return next(chain(_subject_tail(subject), _labelled(subject)), None)


def _orders(subject: str, text: str) -> Iterator[str]:
    yield from labelled_order_ids(subject, text)
    yield from _by_shape(subject)
    yield from _by_shape(text)


def order_ids(subject: str, text: str) -> tuple[str, ...]:
    """Return the labelled order numbers, then what has an order number's shape and no other label."""
    return _distinct(_orders(subject, text))


@lru_cache(maxsize=8)
def order_id(subject: str, text: str) -> str | None:
    """Return the first of `order_ids`, None where there is none; without looking for the others."""
    return next(_orders(subject, text), None)


_REF_ID = re.compile(r"ref(?:erence)?[\s_]?id[\s>*_:：#]{1,12}([0-9a-f]{32})(?![0-9a-z])")
_CASE = re.compile(
    r"(?:\b(?:case|incident|ticket|service request|escalation|dossier|cas|ref|reference|référence|réf|complaint|claim"
    r"|file|plainte|réclamation)\b(?: [a-z]{2,6}(?= ))?|案件|投诉|档案)"
    r"[\s.]{0,3}(?:(?:id|number|num|no|n[°ºo]|numéro|numero)\b[\s.]{0,3})?[\s#:：>*_-]{0,8}"
    r"(?P<id>[a-z]{0,4}-?[0-9]{5,14}|(?:19|20)\d\d[-/]\d{3,8})(?![\w@-])"
)
_CRM_THREAD = re.compile(r"\bref:([!_0-9A-Za-z.]{8,60}):ref\b")


@lru_cache(maxsize=8)
def ref_ids(text: str) -> tuple[str, ...]:
    """Return the relay's RefIDs, quoted ones too: 32 hex digits in upper case."""
    return _distinct(match[1].upper() for match in _REF_ID.finditer(_lowered(text)))


@lru_cache(maxsize=8)
def walmart_case_ids(subject: str, text: str) -> tuple[str, ...]:
    """Return Walmart's own case numbers, labelled ones only; in upper case, without the label."""
    found = []
    for place in (subject, text[:_BOUND]):
        found += [match["id"].upper() for match in _CASE.finditer(place.lower())]
        found += [match[1] for match in _CRM_THREAD.finditer(place)]
    return _distinct(found)
