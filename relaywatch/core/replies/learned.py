"""What a seller's own mail teaches: what recurs, in replies to different people.

Sentences of replies are compared with numbers and the customer's name taken out. A sentence that went to three people
or more recurs; one that stood each time beside other words is furniture: a signature, a slogan, opening hours. A text
of which most recurs, whatever was asked, is no person's answer to a matter (policy Q1, Q2), though no header and no
word of it says so. What is unused for 90 days is forgotten. The result depends on the set of replies alone, and nothing
is learned of what others can put into them: see `uses`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType

from relaywatch.core.classes.whose import is_sellers, is_unproved
from relaywatch.core.language.once import Kept, name_of
from relaywatch.core.language.rules import fold
from relaywatch.core.language.tokens import is_chinese, number_of, tokens
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import received_at
from relaywatch.core.replies.gist import Past
from relaywatch.core.replies.habits import Habit, Habits, Use, learn
from relaywatch.core.words.contact_form import read_form
from relaywatch.core.words.said import Line, read

_SKEW = timedelta(minutes=2)  # between the sender's clock and the receiving server's
_LOOKED_AT = 6_000  # characters of a reply
_MOST = 24  # sentences of a reply: the first and the last
_LEAST, _LEAST_CHINESE = 3, 5  # tokens of a sentence: fewer say what anybody says
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_LATER = 1 << 31  # numbers are kept as signed 32 bits


def _signed(number: int) -> int:
    return number - (_LATER << 1) if number >= _LATER else number


@lru_cache(maxsize=1024)  # asked to learn, to find furniture, and to find what recurs
def _sentences(line: str, names: frozenset[str]) -> tuple[tuple[int, str], ...]:
    """Return a folded line's sentences, short ones left out: the number that stands for each, and its words."""
    found = []
    for sentence in _SENTENCE.findall(line):
        said = list(tokens(sentence))
        words = ["#" if any(char.isdigit() for char in word) else word for word in said if word not in names]
        chinese = sum(map(is_chinese, words))
        if len(words) >= (_LEAST_CHINESE if chinese > len(words) // 2 else _LEAST):
            found.append((_signed(number_of(words)), _running(said)))
    return tuple(found)


def sentences(line: str, names: frozenset[str]) -> tuple[int, ...]:
    """Return the numbers that stand for a folded line's sentences, short ones left out."""
    return tuple(number for number, _ in _sentences(line, names))


def _running(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


def wording_of(own_words: str, names: frozenset[str] = frozenset()) -> int:
    """Return the number that stands for a whole text: the same with another name in it, or other numbers."""
    words = [word for word in tokens(fold(own_words[:_LOOKED_AT])) if word not in names]
    return _signed(number_of("#" if any(char.isdigit() for char in word) else word for word in words))


@dataclass(frozen=True)
class Learned:
    """What was learned, held fixed while a case is judged."""

    habits: Habits = field(default_factory=lambda: MappingProxyType({}))
    """By sentence, the stretches of time in which it was used, in order, each widened by 90 days."""
    said: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    """By wording: how often a person said that it counts, less how often that it does not."""

    @cached_property
    def key(self) -> int:
        """A number that is another one where something else was learned."""
        return hash((frozenset(self.habits.items()), frozenset(self.said.items())))

    def habit(self, sentence: int, at: datetime) -> Habit:
        """Return what is known of a sentence at a moment."""
        stretches = self.habits.get(sentence, ())
        position = bisect_right(stretches, at, key=lambda stretch: stretch[0])
        if position and stretches[position - 1][1] >= at:
            return stretches[position - 1][2]
        return Habit()

    def furniture(self, lines: Iterable[str], names: frozenset[str], at: datetime) -> frozenset[str]:
        """Return those of these folded lines that are the shop's furniture."""
        if not self.habits:
            return frozenset()
        found = set()
        for line in lines:
            numbers = sentences(line, names)
            if numbers and all(self.habit(number, at).furniture for number in numbers):
                found.add(line)
        return frozenset(found)

    def past(self, body: Sequence[Line], own_words: str, names: frozenset[str], at: datetime) -> Past:
        """Return how much of what a reply says went to others too."""
        confirmed = self.said.get(wording_of(own_words, names), 0) if self.said else 0
        if not self.habits:
            return Past(confirmed=confirmed)
        whole = again = 0
        rhythm = False
        for line in body:
            size = len(tokens(line.folded))
            numbers = sentences(line.folded, names)
            habits = [self.habit(number, at) for number in numbers]
            whole += size
            again += size * sum(habit.recurs for habit in habits) // max(1, len(habits))
            rhythm = rhythm or any(habit.rhythm for habit in habits)
        return Past(again / whole if whole else 0.0, rhythm, confirmed)


def uses(conversation: Iterable[Mail]) -> Iterator[tuple[str, Use]]:
    """Yield what the seller's replies in one conversation teach, with the reply's Message.key.

    The customer has one name, though each of their messages may come from an address of its own. A reply that names
    the message it answers is timed from that one, any other from the latest before it. A sentence of whoever is
    answered, which a receipt repeats, teaches nothing: else anybody could say what is the shop's furniture.
    """
    mails = list(conversation)
    replies = _replies(mails)
    asked = _asked(mails) if replies else []
    if not asked:
        return
    timed = sorted(
        ((received_at(mail.message)[0], mail.message.message_id or "", mail.message) for mail in asked),
        key=lambda one: (one[0], one[1], one[2].key),
    )
    by_id = {id_: at for at, id_, _ in timed if id_}
    times = [at for at, _, _ in timed]
    person = _signed(number_of((timed[0][2].author, timed[0][2].key)))
    names = names_of(mail.message for mail in asked)
    askers = _running(tokens(fold("\n".join(_words_of(mail.message) for mail in asked))))
    for message in replies:
        sent = received_at(message)[0]
        before = bisect_right(times, sent + _SKEW)
        named = max((by_id[id_] for id_ in message.ancestors if id_ in by_id), default=None)
        since = named if named is not None else times[before - 1] if before else None
        after = None if since is None else max((sent - since).total_seconds(), 0.0)
        for use in _of_reply(_said(message, names), askers, person, sent, after):
            yield message.key, use


def spoken(conversation: Iterable[Mail]) -> frozenset[int]:
    """Return the numbers of the sentences in the seller's replies of one conversation, whether they teach or not."""
    mails = list(conversation)
    replies = _replies(mails)
    names = names_of(mail.message for mail in _asked(mails)) if replies else frozenset[str]()
    return frozenset(number for message in replies for number, _ in _said(message, names))


_ASKS = frozenset({Class.CUSTOMER, Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION})


def _replies(mails: Iterable[Mail]) -> list[Message]:
    return [mail.message for mail in mails if is_sellers(mail) and mail.message.own_words.strip()]


def _asked(mails: Iterable[Mail]) -> list[Mail]:
    """Return what was asked; what fails authentication only where nothing else was."""
    asks = [mail for mail in mails if mail.verdict.class_ in _ASKS]
    return [one for one in asks if not is_unproved(one)] or asks


def _words_of(message: Message) -> str:
    return f"{message.subject}\n{message.own_words[:_LOOKED_AT]}"


def names_of(messages: Iterable[Message]) -> frozenset[str]:
    """Return the words of the names of those who wrote: what a text to them may differ in."""
    return frozenset[str]().union(*map(_names_of, messages))


_NAMES: Kept[frozenset[str]] = Kept(1024)


def _names_of(message: Message) -> frozenset[str]:
    return _NAMES.get(name_of(message), lambda: _names(message))


def _names(message: Message) -> frozenset[str]:
    form = read_form(message.rest) if message.rest and not message.outgoing else None
    shown = f"{message.author_name[:80]} {form.name[:80] if form else ''}"
    return frozenset(token for token in tokens(fold(shown)) if not token.isdigit())


def _said(message: Message, names: frozenset[str]) -> list[tuple[int, str]]:
    """Return a reply's sentences, the first and the last: the number of each, and its words."""
    said = read(message.own_words[:_LOOKED_AT].split("\n"), message.date)
    found = [one for line in (*said.body, *said.below) for one in _sentences(line.folded, names)]
    return found if len(found) <= _MOST else [*found[: _MOST // 2], *found[-_MOST // 2 :]]


def _of_reply(
    said: Sequence[tuple[int, str]], askers: str, person: int, sent: datetime, after: float | None
) -> Iterator[Use]:
    every = sorted({number for number, _ in said})
    theirs = {number for number, words in said if words in askers}
    for number in every:
        if number not in theirs:
            others = [str(other) for other in every if other != number]
            yield Use(number, person, _signed(number_of(others)) if others else 0, sent, after)


def learned_of(conversations: Iterable[Iterable[Mail]]) -> Learned:
    """Return what all conversations of one seller teach; their order does not matter."""
    return Learned(learn(use for conversation in conversations for _, use in uses(conversation)))
