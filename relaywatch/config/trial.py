r"""Try an operator's own patterns on hostile text, before a stranger does.

What a pattern costs hangs on what it meets: a form that is refused (rules.py) is quadratic at least, but one that is
not may still be so, as `\d+ ?dollars` on a line of digits. So each is tried on texts of what it is made of, and of
what anybody can write, which grow until it takes too long or they are as long as any that it will ever see.
"""

import re
import time
from collections.abc import Iterator

from relaywatch.core.language.rules import Rules

LONGEST = 20_000  # characters: a mail's words are cut to about as many before patterns see them
TOO_LONG = 0.2  # seconds of the processor; a linear pattern takes about a twentieth of it
_FEW = 60  # characters, within which an exponential pattern shows itself
_MOST_WORDS = 8  # of a pattern, repeated
_PIECES = ("a", "1", "投", " ", "a ", "1 ", "a1", "1,", "\n", "a\n", "- ")
_ESCAPES = re.compile(r"\\.|\(\?P?[<:=!]{0,2}")
_WORD = re.compile(r"[^\W_]+")


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
    words = list(dict.fromkeys(_WORD.findall(_ESCAPES.sub(" ", pattern.pattern))))[:_MOST_WORDS]
    for piece in dict.fromkeys((*_PIECES, *words, *(f"{word} " for word in words), " ".join(words) or "a")):
        for size in _sizes():
            text = (piece * (size // len(piece) + 1))[:size] + " ~"
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
        size += max(1, size // 4 if size > _FEW else 0)
    yield LONGEST
