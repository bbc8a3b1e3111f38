"""Matters that must be handed over: pick-up, return in a store, an order that never came (policy H1, H2).

The words are data/handover.toml: near misses are cut out of the text first; some words say it all; others name
a place (a pick-up desk, "says delivered") that counts only with a problem near it.
"""

from collections.abc import Iterator

from relaywatch.core.message import Message, Topic
from relaywatch.core.passages import MAX_TEXT, around, spots, without
from relaywatch.core.rules import Rule, Rules, Texts

_REACH = 140  # characters between a place and its problem: a sentence or two
_SHOWN = 40  # of them as evidence


def topics(message: Message, rules: Rules) -> tuple[tuple[Topic, str], ...]:
    """Return each topic of the author's own words and subject with the words that show it, each topic once.

    The subject of an answer is not looked at: it repeats what the first message said.
    """
    texts = Texts("" if message.ancestors else message.subject, message.own_words[:MAX_TEXT])
    if not _said(texts, rules):
        return ()
    near_misses = rules.tables["handover_near_miss"]
    texts = Texts(*(without(texts.get(where), near_misses) for where in ("subject", "own_words")))
    found: dict[Topic, str] = {}
    for topic, evidence in _said(texts, rules):
        found.setdefault(topic, evidence)
    return tuple(found.items())


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
