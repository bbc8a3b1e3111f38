"""Whether two mails have one subject, whatever mail programs and help desks put around it.

Prefixes and tags are taken off by their form, in any language: in front a bracketed group (`[EXTERNAL]`, `【外部】`), a
short word with a colon (`Antw:`, `RE[2]:`, `返信：`) or a ticket's number; behind a bracketed group or a number
(`[Ticket#61212]`, `- Ticket 61212`). But a subject's own first word may have a colon, its own last one be a number. So
nothing is taken off for good: a subject has titles, from the whole to the barest, and an answer bears the subject of
a mail where they share one. From what was asked no number is taken off: `Case 1: please answer` is not case 2.
"""

import re
from collections.abc import Container, Iterator
from functools import lru_cache
from typing import NamedTuple

from relaywatch.core.language.prefixes import ANSWERS, FORWARDS, any_of, composed

_LONGEST = 1_000  # characters looked at
_KEPT = 200  # characters of a subject whose titles are kept: of longer ones memory would be full
_MOST_IN_FRONT = 20  # tags and prefixes
_MOST_BEHIND = 3
_MOST_TITLES = 16
_REACH = 80  # characters at the end in which a tag is looked for
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x61C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A))
)
# In any script; folding may write one letter as several.
_WORD = r"[^\s\d_:()\[\]{}<>【】〔〕《》「」|/\\,;!?\"'“”„«».&@#*+=~^…–—-]{1,20}"
_COUNT = r"(?:\[\d{1,3}\]|\(\d{1,3}\)|[\^*]?\d{1,2})"  # of answers, as some programs add it: `RE[2]:`
_PREFIX = re.compile(rf"(?P<word>{_WORD}(?: {_WORD})?)\.?\s?{_COUNT}?\s?:\s?")
_GROUP = (
    r"(?:\[[^\[\]]{0,40}\]|\([^()]{0,40}\)|\{[^{}]{0,40}\}|<[^<>]{0,40}>"
    r"|【[^【】]{0,40}】|〔[^〔〕]{0,40}〕|《[^《》]{0,40}》|「[^「」]{0,40}」)"
)
_NUMBER = r"(?:[#:]|n[°o]\.?|nr\.?)?\s?#{0,2}(?:[a-z]{1,8}-)?\d{2,14}#{0,2}"
_TICKET = rf"(?:{_WORD}\s?)?{_NUMBER}"
_IN_FRONT = re.compile(rf"{_GROUP}\s?[:–—-]?\s?|{_TICKET}(?:\s?[:|–—-])?\s")
_BEHIND = re.compile(rf"\s?[|,–—-]?\s?{_GROUP}$")
_NUMBER_BEHIND = re.compile(rf"(?:\s|\s?[|#–—-]\s?){_NUMBER}$")
_TICKET_BEHIND = re.compile(rf"(?:\s|\s?[|–—-]\s?){_TICKET}$")
_ENDS = frozenset(")]}>】〕》」#")
_DIGIT = re.compile(r"\d")
_WORDS = re.compile(r"\w+")
_END_OF_MESSAGE = re.compile(r"[\s(\[<–—-]+(?:eom|e\.o\.m\.|end of message|fin de message|fdm|n/t)\b", re.IGNORECASE)
_ANSWER_WITHIN = re.compile(rf"(?:^|[:\]\s\"“«‘'(]){any_of(ANSWERS)}\s{{0,2}}:")


class Title(NamedTuple):
    """A subject, or what is left of it once something was taken off."""

    words: str
    numbered: bool  # a number was taken off


class _Titles(NamedTuple):
    every: tuple[Title, ...]
    asked: tuple[str, ...]
    answered: tuple[str, ...]


def titles(subject: str) -> tuple[Title, ...]:
    """Return what a subject may be without prefixes and tags, the whole first, the barest last."""
    return _titles(subject).every


def asked_titles(subject: str) -> tuple[str, ...]:
    """Return the titles under which a mail may be answered: those that have kept all its numbers."""
    return _titles(subject).asked


def answer_titles(subject: str) -> tuple[str, ...]:
    """Return the titles of the mails that one with this subject may answer, the likeliest first."""
    return _titles(subject).answered


def _titles(subject: str) -> _Titles:
    """A subject is asked for its titles to find its companions, to group and to judge them; long ones are rare."""
    return _known_titles(subject) if len(subject) <= _KEPT else _find_titles(subject)


def _find_titles(subject: str) -> _Titles:
    found = [shorter for left, numbered in _without_front(_folded(subject)) for shorter in _without_end(left, numbered)]
    found.sort(key=lambda one: -len(one[0]))
    words: dict[str, bool] = {}
    for left, numbered in (*found[:1], *found[1:][-_MOST_TITLES:]):
        name = " ".join(_WORDS.findall(left)) or left
        words[name] = words.get(name, True) and numbered
    asked = tuple(name for name, numbered in words.items() if not numbered)
    return _Titles(tuple(Title(name, numbered) for name, numbered in words.items()), asked, tuple(words))


_known_titles = lru_cache(maxsize=1024)(_find_titles)


def said_in(subject: str) -> str:
    """Return what a subject says itself, where it ends in "end of message": all was said there; else ""."""
    found = _END_OF_MESSAGE.search(subject[:_LONGEST])
    return subject[: found.start()].strip() if found else ""


def is_forward(subject: str) -> bool:
    """Whether it says first of itself that it passes something on."""
    return _first_word(subject) in FORWARDS


def is_answer(subject: str, asked: Container[str] = ()) -> bool:
    """Whether it says first of itself that it answers, or says something and then has one of these titles.

    `asked`: titles of mails that may be answered; which languages say what for an answer need not be known then.
    """
    first = _first_word(subject)
    if not first or first in FORWARDS:
        return False
    return first in ANSWERS or any(title in asked for title in answer_titles(subject)[1:])


def is_answer_or_forward(subject: str) -> bool:
    """Whether it says first of itself that it answers or passes something on."""
    first = _first_word(subject)
    return first in ANSWERS or first in FORWARDS


def names_answer(subject: str) -> bool:
    """Whether the subject of an answer stands anywhere in it: `Out of office: Re: my mug`."""
    return _ANSWER_WITHIN.search(_folded(subject)) is not None


def _folded(subject: str) -> str:
    return composed(subject[:_LONGEST].translate(_INVISIBLE))


def _without_front(text: str) -> Iterator[tuple[str, bool]]:
    """Yield a subject, then what is left of it as one prefix or tag after the other is taken off."""
    numbered = False
    yield text, numbered
    for _ in range(_MOST_IN_FRONT):
        word = _PREFIX.match(text)
        tag = None if word else _IN_FRONT.match(text)
        match = word or tag
        if match is None or (tag is not None and tag.end() == len(text)):
            return
        numbered = numbered or (tag is not None and _DIGIT.search(tag[0]) is not None)
        text = text[match.end() :]
        yield text, numbered


def _without_end(text: str, numbered: bool) -> Iterator[tuple[str, bool]]:
    """Yield what is left of a subject, then that without what stands behind it: of a number alone, and of its label."""
    yield text, numbered
    for _ in range(_MOST_BEHIND):
        if not _may_end(text):
            return
        start = max(0, len(text) - _REACH)
        tags = [pattern.search(text, start) for pattern in (_BEHIND, _NUMBER_BEHIND, _TICKET_BEHIND)]
        ends = sorted({tag.start() for tag in tags if tag is not None and tag.start()}, reverse=True)
        if not ends:
            return
        numbered = numbered or _DIGIT.search(text, ends[0]) is not None
        for end in ends:
            yield text[:end], numbered
        text = text[: ends[-1]]


def _may_end(text: str) -> bool:
    """Whether a tag or a number may stand at the end of a text: nothing else is looked for there."""
    last = text[-1:]
    return last.isdigit() or last in _ENDS


def _first_word(subject: str) -> str:
    """Return the first prefix of a subject, behind its tags; "" where it has none."""
    text = _folded(subject)
    for _ in range(_MOST_IN_FRONT):
        word = _PREFIX.match(text)
        if word:
            return word["word"]
        tag = _IN_FRONT.match(text)
        if tag is None or tag.end() == len(text):
            return ""
        text = text[tag.end() :]
    return ""
