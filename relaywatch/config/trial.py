r"""Try an operator's own patterns on hostile text, before a stranger does.

What a pattern costs hangs on what it meets: a form that is refused (rules.py) is quadratic at least, but one that is
not may still be so, as `refund of \d+ ?\d* dollars` on a line of digits. So each is tried on texts that are made from
it: what leads to one of its repeats, then what that repeats, more and more of it, until it takes too long or the text
is as long as any that it will ever see.
"""

import re
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from relaywatch.core.language.needles import PARSER
from relaywatch.core.language.rules import Rules

LONGEST = 20_000  # characters: a mail's words are cut to about as many before patterns see them
TOO_LONG = 0.2  # seconds of the processor; a linear pattern takes about a twentieth of it
_FEW = 60  # characters, within which an exponential pattern shows itself
_MOST_REPEATS = 60  # of a pattern
_MOST_MARKS = 4
_PIECES = ("a", "1", "投", " ", "a ", "1 ", "a1", "1,", "\n", "a\n", "- ")
_CHARS = "a1 -投~\n"  # of which one is in almost every class
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def slow_patterns(rules: Rules) -> list[str]:
    """Return a line for each pattern of the operator's own that a mail could hold reading up with."""
    return [
        f"{table}: {rule.name}: the pattern {pattern.pattern!r} takes {seconds:.1f} s for {size} characters of hostile"
        " text: a stranger's mail would hold others up (say how often things repeat, or make what follows differ)"
        for table, some in rules.tables.items()
        for rule in some
        if rule.own
        for pattern in (*rule.patterns, *rule.unless_patterns)
        for size, seconds in _slow(pattern)
    ]


def _slow(pattern: re.Pattern[str]) -> Iterator[tuple[int, float]]:
    """Yield for how many characters it took too long, and how long, if it did: once."""
    for before, piece in dict.fromkeys((*(("", piece) for piece in _PIECES), *_made_from(pattern))):
        for size in _sizes():
            text = f"{before}{(piece * (size // len(piece) + 1))[:size]} ~"
            started = time.thread_time()
            pattern.search(text)
            seconds = time.thread_time() - started
            if seconds > TOO_LONG:
                yield size, seconds
                return


def _sizes() -> Iterator[int]:
    """Yield sizes that grow by little at first: what takes exponential time must be found before it takes for ever."""
    size = 2
    while size < LONGEST:
        yield size
        size += max(1, size // 3 if size > _FEW else 0)
    yield LONGEST


def _made_from(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield for each repeat what leads to it, and what it repeats: by itself, and with the marks that stand around."""
    if PARSER is None:  # patterns are tried on common pieces alone
        return
    marks = list(dict.fromkeys(re.sub(r"\\.|[\w?*+(){}\[\]|^$]", "", pattern.pattern)))[:_MOST_MARKS]
    for before, repeated in islice(_repeats(PARSER.parse(pattern.pattern, pattern.flags), ""), _MOST_REPEATS):
        if repeated:
            yield before, repeated
            yield from ((before, repeated + mark) for mark in marks)


def _repeats(parsed: Iterable[Any], before: str) -> Iterator[tuple[str, str]]:
    """Yield what leads to each repeat of a parsed pattern and the shortest text of what it repeats, outermost first."""
    for op, arg in parsed:
        if op.name in _REPEATS:
            yield before, _shortest(arg[2])
        for inner in _inner(op.name, arg):
            yield from _repeats(inner, before)
        before += _shortest([(op, arg)])


def _inner(name: str, arg: Any) -> list[Any]:
    """Return the parsed patterns within an operation."""
    if name in _REPEATS:
        return [arg[2]]
    if name == "SUBPATTERN":
        return [arg[3]]
    return list(arg[1]) if name == "BRANCH" else [arg] if name == "ATOMIC_GROUP" else []


def _shortest(parsed: Iterable[Any]) -> str:
    """Return a short text that a parsed pattern matches, as far as its edges and what it looks around for allow."""
    found = ""
    for op, arg in parsed:
        inner = _inner(op.name, arg)
        if op.name == "LITERAL":
            found += chr(arg)
        elif op.name in ("IN", "ANY", "NOT_LITERAL"):
            found += _char(op, arg)
        elif inner:
            found += _shortest(inner[0]) * (arg[0] if op.name in _REPEATS else 1)
    return found


def _char(op: Any, arg: Any) -> str:
    """Return a character of a class, "" where none was found."""
    items = [(op, arg)] if op.name == "NOT_LITERAL" else arg or []
    listed = (
        chr(what if kind.name == "LITERAL" else what[0]) for kind, what in items if kind.name in ("LITERAL", "RANGE")
    )
    return next((char for char in (*_CHARS, *listed) if op.name == "ANY" or _is_in(char, items)), "")


def _is_in(char: str, items: Iterable[Any]) -> bool:
    negated = found = False
    for kind, what in items:
        if kind.name == "NEGATE":
            negated = True
        elif kind.name == "NOT_LITERAL":
            found = ord(char) != what
        elif kind.name == "CATEGORY":
            found = found or re.match(_CATEGORIES[what.name], char) is not None
        else:
            low, high = what if kind.name == "RANGE" else (what, what)
            found = found or low <= ord(char) <= high
    return found is not negated


_CATEGORIES = {
    f"CATEGORY_{no}{name}": f"\\{sign.upper() if no else sign}"
    for name, sign in (("DIGIT", "d"), ("SPACE", "s"), ("WORD", "w"))
    for no in ("", "NOT_")
}
