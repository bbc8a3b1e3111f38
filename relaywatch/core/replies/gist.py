"""What of a reply speaks of the matter: its text without headings, without what only serves, and of that the core."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from relaywatch.core.classes.automatic import ProgramSign, read_automatic
from relaywatch.core.language import manner
from relaywatch.core.language.needles import search
from relaywatch.core.language.rules import Rules, Texts, fold
from relaywatch.core.language.tokens import stems, tokens
from relaywatch.core.mail.message import Message
from relaywatch.core.words.facts import Facts
from relaywatch.core.words.frame import Line, is_poll
from relaywatch.core.words.matter import Matter, language_of, service_in, service_words
from relaywatch.core.words.said import NOTHING, Said

LOOKED_AT = 4_000  # characters of what is said
DETAIL = 60
_SIGNS = {  # of data/signs.toml
    ProgramSign.STATEMENT: "says_automatic",
    ProgramSign.ABSENCE: "says_absent",
    ProgramSign.RECEIPT: "says_receipt",
    ProgramSign.SUBJECT: "subject_automatic",
}
STANDS_AROUND = ("says_automatic", "says_receipt", "says_absent")
_SERVES = 0.4  # share of words of service in a text that only serves
_DENSE = 0.5  # share of words that are about something
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
_HEADING = 18  # tokens
_QUESTION = 4
_STOPS = (". ", "! ", "? ", "。", "！", "？", "，", ", ")
SHORT = 5  # tokens: less is seldom an answer


@dataclass(frozen=True, slots=True)
class Past:
    """What the shop sent before, as far as it meets this text (`learned.Learned`)."""

    share: float = 0.0  # of its words, that went to several people, word for word
    rhythm: bool = False  # each time as long after the message that was answered
    confirmed: int = 0  # how often a person said that this wording counts, less how often that it does not


@dataclass(frozen=True, slots=True)
class SentText:
    """One message of the seller's, ready to be weighed."""

    message: Message
    said: Said
    matter: Matter
    after: timedelta | None  # since the message that it answers; None where that is not here
    past: Past
    spoken: bool  # whether it may use words that programs use: its class knows of none where it is not automatic
    to_customer: bool
    related: bool  # it answers, or continues, something that is here, by its headers or its subject
    titled: bool  # its subject is one that it answers, or none of its own
    between: bool = False  # it stands between lines of what it answers
    around: Said = NOTHING  # all that it says, the shop's furniture too

    @property
    def everything(self) -> Said:
        """All that it says, the shop's furniture too."""
        return self.around if self.around.body else self.said

    def shared(self, folded: str, common: frozenset[str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return what `Matter.shared` does, of a text without the shop's own name."""
        own = fold(self.message.author_name)
        return self.matter.shared(folded.replace(own, " ") if len(own) > 1 else folded, common)


@dataclass(frozen=True, slots=True)
class Read:
    """A text, taken apart once."""

    text: str
    folded: str
    words: tuple[str, ...]
    language: str
    chinese: bool


@lru_cache(maxsize=128)
def read_text(text: str) -> Read:
    """Take a text apart."""
    folded = Texts(own_words=text).get("own_words")
    words = tuple(tokens(folded))
    language = language_of(folded)
    return Read(text, folded, words, language, language == "zh")


def without_pleasantries(text: str, rules: Rules, common: frozenset[str]) -> str:
    """Return a text without the sentences that only serve, where the larger half of it says many things."""
    sentences = _SENTENCE.findall(text)
    left = "".join(one for one in sentences if not _is_service(read_text(one).words, rules))
    words = read_text(left).words
    dense = len(stems(words, common)) >= _DENSE * len(words)
    return left if dense and len(left) * 2 >= len(text) else text


def _is_service(words: Sequence[str], rules: Rules) -> bool:
    return service_in(words, service_words(rules)) >= _SERVES * len(words)


def automatic_words(message: Message, text: str, rules: Rules) -> tuple[str, str]:
    """Return the sign and evidence of words that programs use ("" where nothing)."""
    found = read_automatic(replace(message, own_words=text, headers=(), return_path=None), rules)
    if found is None:
        return "", ""
    if found.shown is ProgramSign.ABSENCE and found.evidence and manner.OF_READER.search(found.evidence[0]):
        return "", ""  # "since you are away until Monday"
    return _SIGNS.get(found.shown, "report"), cut(found.evidence[0] if found.evidence else message.subject)


def apart(folded: str) -> tuple[str, str]:
    """Return a folded text in two: what it says, and the sentences that put an answer off."""
    if not search(manner.DEFERS, folded):
        return folded, ""
    sentences = _SENTENCE.findall(folded)
    deferring = [one for one in sentences if search(manner.DEFERS, one)]
    return " ".join(one for one in sentences if one not in deferring), " ".join(deferring)


def asks_back(sent: SentText, read: Read, rules: Rules) -> bool:
    """Whether a text asks the customer something of the matter: no question of letters and service."""
    asked = (one for one in _SENTENCE.findall(read.text) if one.rstrip().endswith(("?", "？")))
    return sent.matter.said and any(
        len(words) >= _QUESTION and not _is_service(words, rules) for words in (read_text(one).words for one in asked)
    )


def core_of(sent: SentText, common: frozenset[str]) -> tuple[Line, ...]:
    """Return the paragraphs that speak of the matter; of a text where none does, all but a short last one."""
    paragraphs = sent.said.paragraphs()
    told = [lines for lines in paragraphs if _on_matter(sent, lines, common)]
    if not told and paragraphs:
        *told, last = paragraphs
        if not _is_less([last], told):
            told = paragraphs
    return tuple(line for lines in told for line in lines)


def _on_matter(sent: SentText, lines: Sequence[Line], common: frozenset[str]) -> bool:
    folded = read_text(text_of(lines)).folded
    return bool(sent.shared(folded, common)[0]) or Facts.of(folded, sent.matter).any


def above_service(sent: SentText, rules: Rules, common: frozenset[str]) -> Said:
    """Return what is said without a heading, and without the last paragraphs that only serve."""
    kept = sent.said.paragraphs()
    count = len(kept)
    kept = [lines for lines in kept if count == 1 or not any(map(is_poll, lines))]
    headed = len(kept) > 1 and _is_heading(kept[0]) and not _on_matter(sent, kept[0], common)
    if headed and not all(serves(sent, lines, rules) for lines in kept[1:]):
        kept.pop(0)
    aside = [not _on_matter(sent, lines, common) for lines in kept]
    for at in range(1, len(kept)):
        if not (all(aside[at:]) and serves(sent, kept[at], rules)):
            continue
        linked = kept[at][0].paragraph in sent.said.linked
        if linked or at + 1 == len(kept) or _is_less(kept[at:], kept[:at]):
            kept = kept[:at]
            break
    if len(kept) == count:
        return sent.said
    return replace(sent.said, body=tuple(line for lines in kept for line in lines))


def _is_less(some: Sequence[Sequence[Line]], others: Sequence[Sequence[Line]]) -> bool:
    return sum(len(text_of(lines)) for lines in some) <= sum(len(text_of(lines)) for lines in others)


def _is_heading(lines: Sequence[Line]) -> bool:
    """Whether a paragraph is one line without any stop, with a capital, longer than a word or two."""
    text = lines[0].raw
    stopped = lines[0].is_sentence or any(mark in text for mark in _STOPS)
    return len(lines) == 1 and not stopped and not text[:1].islower() and SHORT < len(read_text(text).words) <= _HEADING


def serves(sent: SentText, lines: Sequence[Line], rules: Rules) -> bool:
    """Whether a paragraph holds a link, speaks as programs do, or many of its words are of letters and service."""
    if lines[0].paragraph in sent.said.linked:
        return True
    text = text_of(lines)
    return _is_service(read_text(text).words, rules) or automatic_words(sent.message, text, rules)[0] in STANDS_AROUND


def text_of(lines: Iterable[Line]) -> str:
    """Return lines as one text, as far as it is looked at."""
    return "\n".join(line.raw for line in lines)[:LOOKED_AT]


def cut(text: str, most: int = DETAIL) -> str:
    """Return the beginning of a text, for a person to read."""
    return text if len(text) <= most else f"{text[:most]}…"
