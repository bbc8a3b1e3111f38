"""Words as they are compared: one by one, in runs, and without their endings.

A token is a word of folded text, or one Chinese character. A shingle is a number that stands for a run of four
tokens: two texts that share one have four words in a row in common. A stem is a word without what grammar puts at
its end, so that "arrived" and "arrives" are one; of Chinese it is two neighbouring characters, not
both of grammar: "了一" is in what anybody writes.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

from relaywatch.core.language.rules import KEPT_LINE, ascii_words, fold

RUN = 4  # tokens of a shingle
_TOKEN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LONGEST = 40  # characters of a token that count: what is longer is no word
_STEM = 5  # characters that stay of a long word: what follows is inflection more often than meaning
_SHORTEST = 4  # characters of a word that can be about something; shorter ones are grammar in most languages
_DIGITS = re.compile(r"\d")
_CHINESE_GRAMMAR = frozenset("的了一是我你您他她它们这那个不没有在就也都和吗呢吧啊把被给还很又再着过")


def tokens(folded: str) -> list[str]:
    """Return the tokens of folded text in order."""
    found = ascii_words(folded) if folded.isascii() else _TOKEN.findall(folded)
    return found if max(map(len, found), default=0) <= _LONGEST else [token[:_LONGEST] for token in found]


def tokens_of(text: str) -> list[str]:
    """Return the tokens of a text as it was written."""
    return tokens(fold(text))


def tokens_in_line(folded: str) -> tuple[str, ...]:
    """Return the tokens of one folded line. Lines are met again: in quotes, signatures and forms."""
    return _of_line(folded) if len(folded) <= KEPT_LINE else tuple(tokens(folded))


@lru_cache(maxsize=4096)
def _of_line(folded: str) -> tuple[str, ...]:
    return tuple(tokens(folded))


def number_of(run: Iterable[str]) -> int:
    """Return the number that stands for a run of tokens: the same in every process, 32 bits."""
    return crc32(" ".join(run).encode("utf-8", "replace"))


def shingles(words: Sequence[str]) -> list[int]:
    """Return the shingles of a sequence of tokens, one for each place where four begin."""
    return [crc32(" ".join(run).encode("utf-8", "replace")) for run in _runs(words)]


def runs(words: Sequence[str]) -> list[int]:
    """Return numbers for the same runs as `shingles`, quicker to make: they hold within one process only."""
    return list(map(hash, _runs(words)))


def _runs(words: Sequence[str]) -> Iterable[tuple[str, str, str, str]]:
    return zip(words, words[1:], words[2:], words[3:], strict=False)  # RUN of them


def is_chinese(token: str) -> bool:
    """Whether a token is a Chinese character."""
    return "\u3400" <= token[:1] <= "\u9fff"


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return a word without its ending; "" for what is too short to be about anything, or has digits."""
    if len(word) < _SHORTEST or _DIGITS.search(word):
        return ""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            if ending in ("ing", "ed") and len(word) > _SHORTEST and word[-1] == word[-2]:
                word = word[:-1]  # "chipped", "dropping"
            break
    return word[:_STEM]


def stems(words: Sequence[str], common: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the stems of tokens, without those of `common` words; of Chinese, pairs of neighbours."""
    distinct = set(words)
    if all(map(str.isascii, distinct)):
        return frozenset(map(stem, distinct - common)) - {""}
    found = {stem(word) for word in distinct - common if not is_chinese(word)}
    found.discard("")
    pairs = (one + other for one, other in pairwise(words) if is_chinese(one) and is_chinese(other))
    return frozenset(
        found.union(pair for pair in pairs if pair not in common and not _CHINESE_GRAMMAR.issuperset(pair))
    )
