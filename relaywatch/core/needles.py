"""What a text must hold for a pattern to match: most patterns match nothing in most mails, and this is how to tell.

A regular expression that begins with a word's edge is tried at every character; to look for a few literal words is
a hundred times quicker. They are read from the pattern's parsed form. That is Python's own and not documented, so
whatever is not understood in it makes a pattern that is always tried.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_PARSER: Any = getattr(re, "_parser", None)  # a Python without it tries all patterns
_SHORTEST = 2  # characters: a shorter needle is in every text
_MOST = 40
_LONG = 1_000  # characters of text, from which on its words are looked at
_NO_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

Needles = frozenset[str]


def may_match(pattern: re.Pattern[str], text: str) -> bool:
    """Return False only where the pattern matches nowhere in the text."""
    words = _words(text) if len(text) > _LONG else text
    for needles in _pieces_of(pattern.pattern, pattern.flags):
        for needle in needles:
            if needle in words:
                break
        else:
            return False
    return True


@lru_cache(maxsize=16)  # the texts of one message, for all patterns
def _words(text: str) -> str:
    """Return what stands between blanks, each once: people repeat themselves."""
    return " ".join(set(text.split(" ")))


@lru_cache(maxsize=4096)
def _pieces_of(pattern: str, flags: int) -> tuple[Needles, ...]:
    """Return the needles as they can be found among single words: each one's longest piece without a blank."""
    found = (frozenset(max(needle.split(" "), key=len) for needle in needles) for needles in needles_of(pattern, flags))
    return tuple(needles for needles in dict.fromkeys(found) if min(map(len, needles)) >= _SHORTEST)


@lru_cache(maxsize=4096)
def needles_of(pattern: str, flags: int = 0) -> tuple[Needles, ...]:
    """Return sets of literals: every match of a pattern holds one of each set. The most telling comes first."""
    if flags & re.IGNORECASE:
        return ()
    try:
        found = _all(_PARSER.parse(pattern, flags))
    except Exception:  # noqa: BLE001 - another Python's parser: then all patterns are tried
        return ()
    useful = {needles for needles in found if len(needles) <= _MOST and min(map(len, needles)) >= _SHORTEST}
    return tuple(sorted(useful, key=lambda needles: (_telling(needles), sorted(needles)), reverse=True))


def _telling(needles: Needles) -> tuple[int, int]:
    return min(map(len, needles)), -len(needles)


def _all(sequence: Iterable[tuple[Any, Any]]) -> list[Needles]:
    """Return the needles of each part of a sequence that every match has."""
    found: list[Needles] = []
    literal = ""
    for operation, value in sequence:
        name = str(operation)
        if name == "LITERAL":
            literal += chr(value)
        elif name not in _NO_WIDTH:
            found += [frozenset((literal,))] if literal else []
            literal = ""
            found += _within(name, value)
    return [*found, frozenset((literal,))] if literal else found


def _within(name: str, value: Any) -> list[Needles]:
    if name == "SUBPATTERN":
        _, added, removed, inner = value
        return [] if added or removed else _all(inner)
    if name == "ATOMIC_GROUP":
        return _all(value)
    if name in _REPEATS:
        least, _, inner = value
        return _all(inner) if least else []
    if name == "BRANCH":
        branches = [max(_all(branch), key=_telling, default=None) for branch in value[1]]
        known = [needles for needles in branches if needles]
        return [frozenset().union(*known)] if len(known) == len(branches) else []
    return []
