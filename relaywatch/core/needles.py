"""What a text must hold for a pattern to match: most patterns match nothing in most mails, and this is how to tell.

A regular expression that begins with a word's edge is tried at every character; to look for a few literal words is
a hundred times quicker. They are read from the pattern's parsed form. That is Python's own and not documented, so
whatever is not understood in it makes a pattern that is always tried.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from typing import Any

_SHORTEST = 2  # characters: a shorter needle is in every text
_MOST = 40
_NO_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

Needles = frozenset[str]


def may_match(pattern: re.Pattern[str], text: str) -> bool:
    """Return False only where the pattern matches nowhere in the text."""
    needles = needles_of(pattern.pattern, pattern.flags)
    if not needles:
        return True
    for needle in needles:  # noqa: SIM110 - `any` with a generator costs more than what it asks
        if needle in text:
            return True
    return False


@lru_cache(maxsize=4096)
def needles_of(pattern: str, flags: int = 0) -> Needles:
    """Return literals of which every match of a pattern holds at least one; none where that is not known."""
    if flags & re.IGNORECASE:
        return frozenset()
    try:
        found = _best(import_module("re._parser").parse(pattern, flags))
    except Exception:  # noqa: BLE001 - another Python's parser: then all patterns are tried
        return frozenset()
    return found if found and len(found) <= _MOST and min(map(len, found)) >= _SHORTEST else frozenset()


def _best(sequence: Iterable[tuple[Any, Any]]) -> Needles | None:
    """Return the needles of the part of a sequence whose shortest needle is the longest."""
    found: list[Needles] = []
    literal = ""
    for operation, value in sequence:
        name = str(operation)
        if name == "LITERAL":
            literal += chr(value)
        elif name not in _NO_WIDTH:
            found += [frozenset((literal,))] if literal else []
            literal = ""
            within = _within(name, value)
            found += [within] if within else []
    found += [frozenset((literal,))] if literal else []
    return max(found, key=lambda needles: (min(map(len, needles)), -len(needles)), default=None)


def _within(name: str, value: Any) -> Needles | None:
    if name == "SUBPATTERN":
        _, added, removed, inner = value
        return None if added or removed else _best(inner)
    if name == "ATOMIC_GROUP":
        return _best(value)
    if name in _REPEATS:
        least, _, inner = value
        return _best(inner) if least else None
    if name == "BRANCH":
        branches = [_best(branch) for branch in value[1]]
        known = [needles for needles in branches if needles]
        return frozenset().union(*known) if len(known) == len(branches) else None
    return None
