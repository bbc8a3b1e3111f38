"""What mail programs put before the subject of an answer or a forward, in the languages that they speak.

The one list of it: to teach relaywatch another prefix, add it here, without its colon. Upper or lower case and accents
do not matter, nor does a count behind it (`RE[2]:`).
"""

import re
from unicodedata import normalize

from relaywatch.core.language.rules import fold


def composed(text: str) -> str:
    """Return a subject as prefixes are compared: folded, and Hangul, which folding takes apart, put together."""
    return normalize("NFC", fold(text))


_ANSWERS = (
    "re",
    "ref",  # French
    "rep",
    "reponse",
    "aw",  # German
    "antw",  # Dutch, too
    "ant",
    "sv",  # the Scandinavian languages
    "vs",  # Finnish
    "odp",  # Polish
    "ynt",  # Turkish
    "r",  # Italian
    "rif",
    "res",  # Portuguese
    "回复",
    "回覆",
    "答复",
    "返信",  # Japanese
    "회신",  # Korean
)
_FORWARDS = (
    "fw",
    "fwd",
    "tr",  # French
    "wg",  # German
    "rv",  # Spanish
    "enc",  # Portuguese
    "vb",  # Swedish
    "vl",  # Finnish
    "pd",  # Polish
    "ilt",  # Turkish
    "转发",
    "轉寄",
    "转寄",
    "轉發",
    "転送",  # Japanese
    "전달",  # Korean
)
ANSWERS = frozenset(composed(word) for word in _ANSWERS)
FORWARDS = frozenset(composed(word) for word in _FORWARDS)


def any_of(words: frozenset[str]) -> str:
    """Return a pattern of one of some prefixes, for a text that is composed()."""
    return rf"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"
