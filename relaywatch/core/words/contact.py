"""The numbers by which a mail names its matter: order numbers, RefIDs, Walmart's case numbers.

A label's value may have any length that order numbers have or had; without a label only the known shapes count, for
item numbers, telephone and tracking numbers stand in the same mails.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from relaywatch.core.language.rules import fold
from relaywatch.core.words.form_words import INTRO, LABEL_OF

LOOKED_AT = 200_000  # characters: a form has a few thousand
_MOST_IDS = 20
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


def leading_order_id(value: str) -> str:
    """Return the order number that a label's value begins with, "" where it has none."""
    found = _ID_VALUE.match(value)
    return _normal(found[0]) if found else ""


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
    return text[:LOOKED_AT].replace("\u00a0", " ").lower()


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
    text = text[:LOOKED_AT]
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
        if LABEL_OF.get(label) == "order" and alone:
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


def only_order_id(subject: str, text: str) -> str | None:
    """Return the order number that a mail names: the subject's, else the only one of its text.

    Of several none says whose matter the mail is: some may stand in the words of a customer that it passes on. A
    purchase order's number counts where there is no other.
    """
    found = subject_order_id(subject) or next(_by_shape(subject), None)
    if found is not None:
        return found
    labelled = list(_labelled_matches(_lowered(text)))
    bought = {_normal(match["id"]) for match, purchase in labelled if purchase}
    others = {_normal(match["id"]) for match, purchase in labelled if not purchase}.union(_by_shape(text)) - bought
    named = others or bought
    return next(iter(named)) if len(named) == 1 else None


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
    for place in (subject, text[:LOOKED_AT]):
        found += [match["id"].upper() for match in _CASE.finditer(place.lower())]
        found += [match[1] for match in _CRM_THREAD.finditer(place)]
    return _distinct(found)
