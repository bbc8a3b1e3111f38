"""Which one-hour complaints a reply to Walmart's people is an answer to (policy C4 and its reading below Q).

A reply meets what the same agent sent before it. A one-hour complaint it meets only if it answers that mail, names it
(by References, by a number or a subject that came up with it), or comes after it without answering another mail. What
answers a later mail of the same matter also answers what came up in it before.
"""

import re
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from relaywatch.core.cases.attempt import Attempt
from relaywatch.core.language.subject import answer_titles, asked_titles
from relaywatch.core.mail.message import Message
from relaywatch.core.words import contact

_LOOKED_AT = 20_000  # characters
_MOST_NUMBERS = 40
_MOST_LOOKED_AT = 24  # mails with one subject: a bound, no rule
_NUMBER = re.compile(r"(?<![\w@./-])(?:[a-z]{1,5}-?)?\d+(?:-\d+)*(?![\w@-])", re.IGNORECASE | re.ASCII)
_NO_FILE = re.compile(  # dates, telephones, times, amounts
    r"(?:19|20)\d\d(?:-\d{1,2}){2}|(?:\d{1,2}-){2}\d{2,4}|(?:19|20)\d{6}|(?:\d{1,2}-)?(?:\d{3}-)?\d{3}-\d{4}|\d{1,4}"
)
_FEWEST_DIGITS, _MOST_DIGITS = 4, 12


def numbers_of(message: Message) -> frozenset[str]:
    """Return what may be the number of a case or a file: no order, date or telephone."""
    text = f"{message.subject}\n{message.text[:_LOOKED_AT]}"
    found = set(contact.walmart_case_ids(message.subject, message.text))
    for match in _NUMBER.finditer(text):
        number = match[0].upper()
        if _FEWEST_DIGITS <= sum(map(str.isdigit, number)) <= _MOST_DIGITS and not _NO_FILE.fullmatch(number):
            found.add(number)
        if len(found) >= _MOST_NUMBERS:
            break
    return frozenset(found.difference(contact.labelled_order_ids(message.subject, message.text)))


def _marks(message: Message, titles: Iterable[str]) -> frozenset[str]:
    """Return by what a mail's matter is known: its titles and its numbers."""
    return frozenset((*(f"title:{one}" for one in titles if one), *(f"number:{one}" for one in numbers_of(message))))


@dataclass(frozen=True, slots=True)
class RepliedTo:
    """What a reply says of the mails that it answers."""

    named: frozenset[str]  # ids, titles and numbers
    matter: frozenset[str]  # titles and numbers of the mail that it answers
    until: datetime | None  # when that mail was received
    free: bool  # it answers no other mail that is known


class WalmartMails:
    """The mails of Walmart's people in one conversation, in order of time: what each brought up first."""

    def __init__(self, mails: Sequence[tuple[datetime, Message]]) -> None:
        self._marks: dict[str, frozenset[str]] = {}
        self._first: dict[str, str] = {}  # by mark, the key of the mail that brought it up
        self._times: dict[str, datetime] = {}
        self._by_title: dict[str, list[tuple[datetime, Message]]] = defaultdict(list)
        for at, message in mails:
            titles = asked_titles(message.subject)
            self._marks[message.key] = _marks(message, titles)
            self._times[message.key] = at
            for mark in self._marks[message.key]:
                self._first.setdefault(mark, message.key)
            for title in titles:
                self._by_title[title].append((at, message))

    def marks(self, message: Message) -> frozenset[str]:
        """Return by what a mail's matter is known."""
        return self._marks[message.key]

    def own_marks(self, message: Message) -> Iterator[str]:
        """Yield by what this mail alone is known: what came up with it. A title that was there with `Re:` did not."""
        if message.message_id:
            yield f"id:{message.message_id}"
        marks = self._marks[message.key]
        new = [mark for mark in marks if self._first[mark] == message.key]
        if any(mark.startswith("title:") and self._first[mark] != message.key for mark in marks):
            new = [mark for mark in new if not mark.startswith("title:")]
        yield from new

    def told(self, attempt: Attempt) -> RepliedTo:
        """Return what a reply says of the mails that it answers."""
        message = attempt.message
        if attempt.aside is not None:  # its words and its subject are about the mail of somebody else
            return RepliedTo(frozenset(f"id:{id_}" for id_ in attempt.aside), frozenset(), None, free=False)
        if message.forgotten:  # words that were forgotten say nothing against it
            return RepliedTo(frozenset(), frozenset(), None, free=True)
        answered = attempt.answered.message if attempt.answered else self._under_subject(attempt)
        ids = {*message.ancestors, *(answered.ancestors if answered else ())}
        named = frozenset(f"id:{id_}" for id_ in ids) | _marks(message, answer_titles(message.subject))
        key = answered.key if answered else ""
        free = answered is None and not message.ancestors
        return RepliedTo(named, self._marks.get(key, frozenset()), self._times.get(key), free)

    def _under_subject(self, attempt: Attempt) -> Message | None:
        """Return the latest mail before a reply whose subject it bears, and whose author it went to."""
        for title in answer_titles(attempt.message.subject):
            mails = self._by_title.get(title, ())
            count = bisect_right(mails, attempt.at, key=itemgetter(0))
            for _, message in reversed(mails[max(0, count - _MOST_LOOKED_AT) : count]):
                if title and not attempt.reached.isdisjoint((message.author, *message.reply_to)):
                    return message
        return None


class Waiting:
    """One-hour complaints with one audience, in order of time, that no reply has met so far."""

    def __init__(self) -> None:
        self._all: deque[tuple[datetime, int]] = deque()
        self._own: Mapping[str, deque[tuple[datetime, int]]] = defaultdict(deque)
        self._shared: Mapping[str, deque[tuple[datetime, int]]] = defaultdict(deque)
        self._met: set[int] = set()

    def add(self, at: datetime, position: int, message: Message, asked: WalmartMails) -> None:
        """Add one, known by its position."""
        self._all.append((at, position))
        for mark in asked.own_marks(message):
            self._own[mark].append((at, position))
        for mark in asked.marks(message):
            self._shared[mark].append((at, position))

    def met_by(self, told: RepliedTo, until: datetime, *, named: bool = False) -> list[int]:
        """Return, once, the positions of what was received up to a moment and what a reply is an answer to.

        `named`: it must say so; that it came after it is not enough.
        """
        found = [one for mark in told.named if mark in self._own for one in self._taken(self._own[mark], until)]
        if told.until is not None:
            before = min(until, told.until)
            found += (
                one for mark in told.matter if mark in self._shared for one in self._taken(self._shared[mark], before)
            )
        if told.free and not named:
            found += self._taken(self._all, until)
        return found

    def _taken(self, waiting: deque[tuple[datetime, int]], until: datetime) -> Iterator[int]:
        while waiting and waiting[0][0] <= until:
            position = waiting.popleft()[1]
            if position not in self._met:
                self._met.add(position)
                yield position
