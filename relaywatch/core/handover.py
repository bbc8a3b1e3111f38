"""Matters that must be handed over: pick-up, return in a store, an order that never came (policy H1, H2).

The words are data/handover.toml: near misses are cut out of the text first; some words say it all; others name
a place (a pick-up desk, "says delivered") that counts only with a problem near it. What a customer ordered is known
from the form: "no sign of my skates" is read as "my order", where that is what the item is.
"""

import re
from collections.abc import Iterator

from relaywatch.core.contact import read_form
from relaywatch.core.message import Message, Topic
from relaywatch.core.passages import MAX_TEXT, around, spots, without
from relaywatch.core.rules import Rule, Rules, Texts, fold

_REACH = 140  # characters between a place and its problem: a sentence or two
_SHOWN = 40  # of them as evidence
_ITEM = 200  # characters of an item's name
_HEAD_ENDS = re.compile(r"[,;:(/|–-]| (?:with|for|in|of|set|pack|avec|pour|en|de|par) |\d")  # folded
_LEAST = 3  # letters of a thing's name


def topics(message: Message, rules: Rules) -> tuple[tuple[Topic, str], ...]:
    """Return each topic of the author's own words and subject with the words that show it, each topic once.

    The subject of an answer is not looked at: it repeats what the first message said.
    """
    subject = "" if message.ancestors else message.subject
    texts = Texts(subject, message.own_words[:MAX_TEXT])
    return _topics(texts, rules) or _topics(Texts(subject, _with_order(message)), rules)


def _topics(texts: Texts, rules: Rules) -> tuple[tuple[Topic, str], ...]:
    if not _said(texts, rules):
        return ()
    near_misses = rules.tables["handover_near_miss"]
    texts = Texts(*(without(texts.get(where), near_misses) for where in ("subject", "own_words")))
    found: dict[Topic, str] = {}
    for topic, evidence in _said(texts, rules):
        found.setdefault(topic, evidence)
    return tuple(found.items())


def _with_order(message: Message) -> str:
    """Return folded own words in which the item that was ordered is called an order; "" where none is named.

    In English the thing is the last word before what tells more of it ("Rec Skates, Junior 3"), in French the first.
    """
    form = read_form(message.rest) if message.rest else None
    item = fold(form.item[:_ITEM]) if form else ""
    words = _HEAD_ENDS.split(item)[0].split()
    if not words or min(len(words[0]), len(words[-1])) < _LEAST:
        return ""
    text = fold(message.own_words[:MAX_TEXT])
    thing, chose = re.escape(words[-1].rstrip("s")), re.escape(words[0].rstrip("s"))
    named = re.sub(rf"\b(my|our) (?:[a-z'-]{{1,15}} )?{thing}s?\b", r"\1 order", text)
    named = re.sub(r"\bare (my|our) order\b", r"is \1 order", named)
    named = re.sub(rf"\b(mon|notre) {chose}s?\b", r"\1 colis", named)
    named = re.sub(rf"\b(?:ma|mes|nos) {chose}s?\b", "ma commande", named).replace("sont ma ", "est ma ")
    return named if named != text else ""


def _said(texts: Texts, rules: Rules) -> list[tuple[Topic, str]]:
    found = [(Topic(match.rule.result), match.evidence) for match in rules.all("handover", texts)]
    for place in rules.all("handover_place", texts):
        found += [(Topic(place.rule.result), passage) for passage in _problems_at(place.rule, texts, rules)]
    return found


def _problems_at(place: Rule, texts: Texts, rules: Rules) -> Iterator[str]:
    """Yield the passages in which a place has its problem; at most one for each text."""
    problems = [rule for rule in rules.tables["handover_problem"] if rule.result == place.name]
    for where in place.where:
        text = texts.get(where)
        for start, end in spots(place, text):
            passage = around(text, start, end, _REACH)
            if any(True for rule in problems for _ in spots(rule, passage)):
                yield around(text, start, end, _SHOWN)
                break
