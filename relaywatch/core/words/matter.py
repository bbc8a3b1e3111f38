"""The matter: what somebody wrote that a reply may answer, as far as a reply can share it.

Words are compared by their stems, so that an inflection does not hide them. Words of letters and service ("message",
"order", "thank") say nothing of a matter: they stand in every mail (data/common.toml).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from relaywatch.core.language.once import ByIdentity
from relaywatch.core.language.rules import Rules, fold
from relaywatch.core.language.tokens import is_chinese, stem, stems, tokens, tokens_of
from relaywatch.core.mail.message import Message
from relaywatch.core.words.contact_form import read_form

_LOOKED_AT = 3_000  # characters of a message
_MOST = 8  # messages, the latest: what was asked before is answered or repeated
_NUMBER = re.compile(r"\d{3,}")
_OFFERS = re.compile(r"\b(?:or|ou)\b|还是|或者")
_QUOTED = re.compile(r"[\"“«「『][^\"“”«»「」『』]{3,300}[\"”»」』]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z]{2,}")
_LANGUAGES = {
    "en": frozenset(
        [
            "the",
            "this",
            "will",
            "your",
            "you",
            "and",
            "with",
            "it",
            "we",
            "are",
            "not",
            "do",
            "to",
            "of",
            "for",
            "on",
            "at",
            "is",
            "in",
            "be",
            "our",
            "has",
            "have",
            "was",
        ]
    ),
    "fr": frozenset(
        [
            "le",
            "les",
            "la",
            "votre",
            "notre",
            "nous",
            "vous",
            "est",
            "une",
            "un",
            "cet",
            "pour",
            "il",
            "elle",
            "du",
            "des",
            "par",
            "au",
            "ne",
            "je",
            "en",
            "que",
            "et",
        ]
    ),
}
_BESIDE = 40  # characters looked at in front of a title
_CALLS = re.compile(  # folded, in front of a title
    r"(?:[\"“”«「『'‘(\[【<:：#|/–—-]|\d|\b(?:about|regarding|concerning|re|subject|title|titled|called|named|entitled|request|message"
    r"|e-?mail|inquiry|enquiry|question|query|ticket|case|issue|conversation|topic|matter|report|objet|sujet|intitulee?"
    r"|demande|courriel|dossier|billet|concernant)|关于|主题|标题|您的(?:咨询|请求|邮件|问题))$"
)
_LEAST_NAMED = 14  # characters: a shorter subject may be two words that anybody says
_LEAST_SUBJECT = 8  # characters: a shorter one is a word
_SHORT = 3  # letters
_NAME_WORDS = 2  # of a greeting's; more is something that somebody says: "hi sorry about that"
_GRAMMAR = frozenset().union(*_LANGUAGES.values(), ("set", "new", "par"))
_ENOUGH = 3  # stems
_SMALL_WORDS = 2
_CHINESE_SHARE = 0.3
_TELLS = 1_000  # characters that tell a language


def language_of(folded: str) -> str:
    """Return `zh`, `en` or `fr` where a text is long enough to tell, else ""."""
    folded = folded[:_TELLS]
    chinese = len(_CHINESE.findall(folded))
    words = _LATIN.findall(folded)
    if chinese > _CHINESE_SHARE * (chinese + len(words)):
        return "zh"
    hits = {name: sum(map(small.__contains__, words)) for name, small in _LANGUAGES.items()}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] >= _SMALL_WORDS else ""


@dataclass(frozen=True, slots=True)
class Matter:
    """What was written, by words, numbers and names."""

    stems: frozenset[str] = frozenset()  # of what somebody wrote in their own words
    things: frozenset[str] = frozenset()  # of the subject and the item's name, which a program knows as well
    short: frozenset[str] = frozenset()  # words of the item's name that are too short for stems: a mug, a lid
    small: frozenset[str] = frozenset()  # those of what somebody wrote
    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()  # of who wrote, word by word
    language: str = ""
    words: frozenset[str] = frozenset()  # all that was written, word by word
    texts: tuple[str, ...] = ()  # all that was received
    asks: bool = False
    offers: bool = False  # it asks for one of two
    subjects: frozenset[str] = frozenset()  # folded: to repeat them is to name the message, not to speak of the matter
    items: frozenset[str] = frozenset()  # folded, without blanks: what a program knows of the item by its name
    files: frozenset[str] = frozenset()  # names of what was attached: a reply that has them, too, only returns them

    @property
    def said(self) -> bool:
        """Whether enough is known of it to miss it in a reply: "please contact the customer" names no matter."""
        return len(self.stems - self.names) + len(self.things) >= _ENOUGH

    @property
    def has_words(self) -> bool:
        """Whether there is any word that a reply could share; "Hello?" has none, and what answers it shows nothing."""
        return bool(self.stems - self.names or self.things or self.short)

    def has_code(self, code: str) -> bool:
        """Whether a number stands in what was received: then it is nothing new."""
        return any(code in fold(text).replace(" ", "") for text in self.texts)

    def is_in_name(self, measure: str) -> bool:
        """Whether a measure stands in the item's name: then it is nothing that anybody found out."""
        return any(measure.replace(" ", "") in item for item in self.items)

    def is_another(self, name: str, common: frozenset[str]) -> bool:
        """Whether a greeting's name is somebody else's: not the writer's, not in what they wrote, and no courtesy."""
        called = [word for word in tokens(name) if len(word) > 1 and word not in common and not is_chinese(word)]
        known = self.names | self.words
        if not called or len(called) > _NAME_WORDS or not self.names:
            return False
        return not any(word in known or any(one.startswith(word) for one in self.names) for word in called)

    def is_named_in(self, folded: str) -> bool:
        """Whether a text names the subject of what was written: it speaks of the mail, as programs do.

        The relay's subjects are sentences, and a person says them in one: "I am sorry that your item arrived damaged".
        """
        named = (subject for subject in self.subjects if len(subject) >= _LEAST_NAMED)
        return any(_is_called(folded, found) for one in named for found in islice(_places(folded, one), _MOST))

    def shared(self, folded: str, common: frozenset[str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return what folded text shares with what somebody wrote, with the thing that it is about, and what it adds.

        These are stems; a name of the writer's is no matter.
        """
        for subject in self.subjects:
            if len(subject) >= _LEAST_SUBJECT and subject in folded:
                folded = _without_called(folded, subject)
        folded = _QUOTED.sub(" ", folded)  # who repeats in quotation marks what was written says nothing of it
        words = tokens(folded)
        found = stems(words, common) - self.names
        things = found & self.things | (self.short | self.small).intersection(words)
        return found & self.stems - self.things, things, found - self.stems - self.things


def _places(folded: str, part: str) -> Iterator[int]:
    at = folded.find(part)
    while at >= 0:
        yield at
        at = folded.find(part, at + len(part))


def _is_called(folded: str, at: int) -> bool:
    """Whether words stand as a title: where a sentence begins, in quotation marks, behind a colon, or called so."""
    before = folded[max(0, at - _BESIDE) : at].rstrip(" \t>*_")
    return not before or before[-1] in "\n.!?" or _CALLS.search(before) is not None


def _without_called(folded: str, subject: str) -> str:
    """Return a text without a subject where that stands as a title: then its words say nothing of the matter."""
    kept, end = [], 0
    for at in _places(folded, subject):
        if _is_called(folded, at):
            kept += [folded[end:at], " "]
            end = at + len(subject)
    return "".join((*kept, folded[end:]))


NO_MATTER = Matter()
"""Of a message that comes before any other."""


@lru_cache(maxsize=8)
def _words_of(by: ByIdentity, tables: tuple[str, ...]) -> frozenset[str]:
    phrases = [phrase for name in tables for rule in by.rules.tables[name] for phrase in rule.phrases]
    pairs = {phrase for phrase in phrases if _CHINESE.match(phrase)}
    return frozenset({token for phrase in phrases for token in tokens(phrase)} | pairs)


def common_words(rules: Rules) -> frozenset[str]:
    """Return the words that every mail has."""
    return _words_of(ByIdentity(rules), ("common_words", "service_words"))


def service_words(rules: Rules) -> frozenset[str]:
    """Return the words of letters and service."""
    return _words_of(ByIdentity(rules), ("service_words",))


def service_in(words: Sequence[str], service: frozenset[str]) -> int:
    """Return how many different words of service stand among tokens."""
    pairs = (one + other for one, other in pairwise(words) if is_chinese(one) and is_chinese(other))
    return len(service.intersection(words)) + len(service.intersection(pairs))


def matter_of(messages: Iterable[Message], rules: Rules) -> Matter:
    """Return the matter of the messages that came before a reply, in order of time."""
    common, small = common_words(rules), _words_of(ByIdentity(rules), ("short_words",))
    whole = NO_MATTER
    for message in list(messages)[-_MOST:]:
        text = message.own_words[:_LOOKED_AT]
        one = _of_text(text, message.subject, message.author_name, _item(message), common, small)
        whole = Matter(
            whole.stems | one.stems,
            whole.things | one.things,
            whole.short | one.short,
            whole.small | one.small,
            whole.numbers | one.numbers,
            whole.names | one.names,
            one.language or whole.language,
            whole.words | one.words,
            (*whole.texts, message.text[:_LOOKED_AT]),
            whole.asks or one.asks,
            whole.offers or one.offers,
            whole.subjects | one.subjects,
            whole.items | one.items,
            whole.files.union(message.attachments),
        )
    return whole


def _item(message: Message) -> tuple[str, str]:
    form = read_form(message.rest) if message.rest else None
    return (form.item, form.name) if form else ("", "")


def _short(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if len(word) == _SHORT and word.isascii() and word.isalpha())


@lru_cache(maxsize=32)
def _of_text(
    text: str, subject: str, author: str, item: tuple[str, str], common: frozenset[str], small: frozenset[str]
) -> Matter:
    folded = fold(text)
    words = tokens(folded)
    distinct = frozenset(words)
    things = stems([*tokens_of(subject[:300]), *tokens_of(item[0][:300])], common)
    names = {token for name in (author[:80], item[1][:80]) for token in tokens_of(name) if not token.isdigit()}
    return Matter(
        stems(words, common),
        things,
        frozenset(_short(tokens_of(item[0][:300]))) - _GRAMMAR,
        frozenset(_short(distinct)) - small,
        frozenset((*_NUMBER.findall(folded), *_NUMBER.findall(fold(subject)))),
        frozenset(names | {stem(name) for name in names}),
        language_of(folded),
        distinct,
        (),
        "?" in text or "？" in text,
        _OFFERS.search(folded) is not None,
        frozenset(filter(None, (fold(subject[:200]).rpartition(": ")[2],))),
        frozenset(filter(None, (fold(item[0][:300]).replace(" ", ""),))),
    )
