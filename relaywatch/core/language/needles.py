"""What a text must hold for a pattern to match: most patterns match nothing in most mails, and this is how to tell.

A regular expression that begins with a word's edge is tried at every character; to look for a few literal words is
a hundred times quicker. They are read from the pattern's parsed form. That is Python's own and not documented, so
whatever is not understood in it makes a pattern that is always tried.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

PARSER: Any = getattr(re, "_parser", None)  # a Python without it tries all patterns
_SHORTEST = 2  # letters or digits: a shorter needle is in every text
_MOST = 80
_MOST_JOINED = 8  # needles that are joined with their neighbours: to look for many costs what they save
_LONG = 1_000  # characters of text, from which on its words are looked at
_NO_WIDTH = ("AT", "ASSERT", "ASSERT_NOT")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

Needles = frozenset[str]


class Sought:
    """Patterns, each tried on a text only where it holds what every match has; that is read when first asked for."""

    __slots__ = ("_needed", "_patterns")

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._needed: list[tuple[re.Pattern[str], tuple[Needles, ...], tuple[Needles, ...]]] | None = None

    def possible(self, text: str) -> list[re.Pattern[str]]:
        """Return the patterns, in their order, without those that match nowhere in the text."""
        if self._needed is None:
            self._needed = [(pattern, *_needed_by(pattern.pattern, pattern.flags)) for pattern in self._patterns]
        words = each_once(text) if self._needed else text
        return [
            pattern
            for pattern, single, several in self._needed
            if _holds(words, single) and (not several or _holds(text, several))
        ]


def search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return what `pattern.search` does, sooner where the text cannot match: for a pattern of many words."""
    single, several = _needed_by(pattern.pattern, pattern.flags)
    possible = _holds(text, single) and (not several or _holds(text, several))
    return pattern.search(text) if possible else None


def _holds(text: str, needed: Iterable[Needles]) -> bool:
    """Whether a text holds a needle of each set."""
    for needles in needed:
        for needle in needles:
            if needle in text:
                break
        else:
            return False
    return True


def each_once(text: str) -> str:
    """Return a text for which only its words matter: of a long one each once, for people repeat themselves."""
    return _each_once(text) if len(text) > _LONG else text


@lru_cache(maxsize=16)  # the texts of one message, for all patterns and phrases
def _each_once(text: str) -> str:
    return " ".join(set(text.split(" ")))


@lru_cache(maxsize=4096)
def _needed_by(pattern: str, flags: int) -> tuple[tuple[Needles, ...], tuple[Needles, ...]]:
    """Return the needles as they can be found among single words, each one's longest piece, and those of several."""
    found = needles_of(pattern, flags)
    pieces = (frozenset(max(needle.split(" "), key=len) for needle in needles) for needles in found)
    single = tuple(needles for needles in dict.fromkeys(pieces) if all(map(_tells, needles)))
    several = (needles for needles in found if any(" " in needle.strip() for needle in needles))
    return single, tuple(sorted(several, key=len))


@lru_cache(maxsize=4096)
def needles_of(pattern: str, flags: int = 0) -> tuple[Needles, ...]:
    """Return sets of literals: every match of a pattern holds one of each set. The most telling comes first."""
    if flags & re.IGNORECASE:
        return ()
    try:
        found = _all(PARSER.parse(pattern, flags))
    except Exception:  # noqa: BLE001 - another Python's parser: then all patterns are tried
        return ()
    useful = {needles for needles in found if len(needles) <= _MOST and all(map(_tells, needles))}
    return tuple(sorted(useful, key=lambda needles: (_telling(needles), sorted(needles)), reverse=True))


def _tells(needle: str) -> bool:
    return bool(needle.strip()) and (len(needle) >= _SHORTEST or not (needle.isascii() and needle.isalnum()))


def _telling(needles: Needles) -> tuple[int, int]:
    return min(map(len, needles)), -len(needles)


_NOTHING = frozenset(("",))


def _all(sequence: Iterable[tuple[Any, Any]]) -> list[Needles]:
    """Return the needles of each part of a sequence that every match has; neighbours that are plain text as one."""
    found: list[Needles] = []
    joined = _NOTHING
    for operation, value in sequence:
        name = str(operation)
        if name in _NO_WIDTH:
            continue
        plain = _plain(name, value)
        if plain and (joined == _NOTHING or len(joined) * len(plain) <= _MOST_JOINED):
            joined = frozenset(before + behind for before in joined for behind in plain)
            continue
        found.append(joined)
        joined = plain or _NOTHING
        if not plain:
            found += _within(name, value)
    return [needles for needles in (*found, joined) if "" not in needles]


def _plain(name: str, value: Any) -> Needles:
    """Return all that a part can match, where that is plain text and not much; else nothing."""
    if name == "LITERAL":
        return frozenset((chr(value),))
    branches = [value[3]] if name == "SUBPATTERN" and not (value[1] or value[2]) else []
    branches = value[1] if name == "BRANCH" else branches
    found: set[str] = set()
    for branch in branches:
        texts = _NOTHING
        for operation, inner in branch:
            plain = _plain(str(operation), inner)
            texts = frozenset(before + behind for before in texts for behind in plain)
            if not 0 < len(texts) <= _MOST:
                return frozenset()
        found |= texts
    return frozenset(found) if len(found) <= _MOST else frozenset()


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
