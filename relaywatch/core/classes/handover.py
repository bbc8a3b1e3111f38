"""Matters that must be handed over: pick-up, return in a store, an order that never came (policy H1, H2).

The words are data/handover*.toml: near misses are cut out of the text first; some words say it all; others name
a place (a pick-up desk, "says delivered") that counts only with a problem near it. What a customer ordered is known
from the form: "no sign of my skates" is read as "my order", where that is what the item is.
"""

import re
from collections.abc import Iterator

from relaywatch.core.language.passages import MAX_TEXT, around, spots, without
from relaywatch.core.language.rules import Rule, Rules, Texts, fold
from relaywatch.core.mail.message import Message, Topic
from relaywatch.core.words.contact_form import read_form

_REACH = 140  # characters between a place and its problem: a sentence or two
_SHOWN = 40  # of them as evidence
_ITEM = 200  # characters of an item's name
_HEAD_ENDS = re.compile(r"[,;:(/|–-]| (?:with|for|in|of|set|pack|avec|pour|en|de|par) |\d")  # folded
_LEAST = 3  # letters of a thing's name
_POSSESSIVE = 24  # characters before it that may say whose it is
_MY = re.compile(r"\b(my|our) (?:[a-z'-]{1,15} )?$")
_MON = re.compile(r"\b(mon|notre|ma|mes|nos) $")
_CALLED = {"my": "my order", "our": "my order", "mon": "mon colis", "notre": "notre colis"}
_CALLED |= dict.fromkeys(("ma", "mes", "nos"), "ma commande")


def topics(message: Message, rules: Rules) -> tuple[tuple[Topic, str], ...]:
    """Return each topic of the author's own words and subject with the words that show it, each topic once.

    The subject of an answer is not looked at: it repeats what the first message said.
    """
    own, called = _with_order(message)
    found = _topics(Texts("" if message.ancestors else message.subject, own), rules)
    return tuple((topic, _as_written(evidence, called)) for topic, evidence in found) if called else found


def _topics(texts: Texts, rules: Rules) -> tuple[tuple[Topic, str], ...]:
    if not _said(texts, rules):
        return ()
    near_misses = rules.tables["handover_near_miss"]
    texts = Texts(*(without(texts.get(where), near_misses) for where in ("subject", "own_words")))
    found: dict[Topic, str] = {}
    for topic, evidence in _said(texts, rules):
        found.setdefault(topic, evidence)
    return tuple(found.items())


def _with_order(message: Message) -> tuple[str, dict[str, str]]:
    """Return own words in which the item that was ordered is called an order, and what each such name stands for.

    In English the thing is the last word before what tells more of it ("Rec Skates, Junior 3"), in French the first.
    """
    text = message.own_words[:MAX_TEXT]
    form = read_form(message.rest) if message.rest else None
    item = fold(form.item[:_ITEM]) if form else ""
    words = [word.rstrip("s") for word in _HEAD_ENDS.split(item)[0].split()]
    both = zip(words[-1:] + words[:1], (_MY, _MON), strict=False)
    things = [(thing, theirs) for thing, theirs in both if len(thing) >= _LEAST]
    if text.isascii() and all(thing not in text.lower() for thing, _ in things):
        return text, {}  # as most: nobody names it
    called: dict[str, str] = {}
    named = Texts(own_words=text).get("own_words")  # folded once for all who ask
    for thing, theirs in things:
        named = _renamed(named, thing, theirs, called)
    named = named.replace("are my order", "is my order").replace("sont ma ", "est ma ")
    return (named if called else text), called


def _renamed(text: str, thing: str, theirs: re.Pattern[str], called: dict[str, str]) -> str:
    """Return a text in which a thing that somebody calls theirs is the order; note what it was called."""
    parts, start, at = [], 0, text.find(thing)
    while at >= 0:
        end = at + len(thing)
        end += text.startswith("s", end)
        found = theirs.search(text, max(start, at - _POSSESSIVE), at)
        if found and not text[end : end + 1].isalnum():
            name = _CALLED[found[1]]
            called.setdefault(name, text[found.start() : end])
            parts += [text[start : found.start()], name]
            start = end
        at = text.find(thing, end)
    return "".join([*parts, text[start:]])


def _as_written(evidence: str, called: dict[str, str]) -> str:
    for name, written in called.items():
        evidence = evidence.replace(name, written)
    return evidence


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
