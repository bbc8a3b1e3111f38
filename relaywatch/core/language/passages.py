"""Passages: what words mean by what stands around them. For rules that a near miss must not set off.

A near miss ("I have not received a reply") is cut out of the text before that is searched ("not received"):
so it cannot hide what else is said there, as an `unless` for the whole text would.
"""

from collections.abc import Iterable, Iterator

from relaywatch.core.language.rules import Rule, find_phrase

MAX_TEXT = 20_000  # folded characters searched: nobody says more, and hostile text costs no more
_MOST_SPOTS = 20
_CUT = " ~ "  # what is no word, so that no phrase is found across it


def without(text: str, near_misses: Iterable[Rule]) -> str:
    """Return folded text with every passage cut out that one of the rules matches."""
    for rule in near_misses:
        for phrase in rule.phrases:
            start = find_phrase(phrase, text) if phrase in text else -1
            while start >= 0:
                text = text[:start] + _CUT + text[start + len(phrase) :]
                start = find_phrase(phrase, text)
        for pattern in rule.sought.possible(text):
            text = pattern.sub(_CUT, text)
    return text


def spots(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a rule's phrases and patterns stand in folded text, at most 20 of each: [start, end)."""
    for phrase in rule.phrases:
        if phrase not in text:
            continue
        at = 0
        for _ in range(_MOST_SPOTS):
            found = find_phrase(phrase, text[at:])
            if found < 0:
                break
            yield at + found, at + found + len(phrase)
            at += found + len(phrase)
    for pattern in rule.sought.possible(text):
        for _, match in zip(range(_MOST_SPOTS), pattern.finditer(text), strict=False):
            yield match.span()


def around(text: str, start: int, end: int, reach: int) -> str:
    """Return a passage with so many characters on either side of it."""
    return text[max(0, start - reach) : end + reach]
