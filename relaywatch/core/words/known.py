"""What was read before: by it a quote is known, whatever marks, language or program it comes with.

A line of a reply that stands in a message which the conversation had before is a copy, however it is wrapped. What
introduces a copy is known by what it says of that message: its sender's address or name, its subject, its date. Of
messages whose words were forgotten a fingerprint stays, a few shingles, which say no words.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache, partial
from itertools import chain

from relaywatch.core.language.once import Kept, name_of
from relaywatch.core.language.rules import fold_line
from relaywatch.core.language.tokens import RUN, runs, shingles, tokens_in_line, tokens_of
from relaywatch.core.mail.message import Message
from relaywatch.core.mail.when import received_at
from relaywatch.core.words.contact_form import read_form
from relaywatch.core.words.said import read

_LOOKED_AT = 20_000  # characters of a message
_KEPT = 72  # shingles of a fingerprint: 216 bytes, 288 as text
_BYTES = 3
_MASK = (1 << 8 * _BYTES) - 1
_COVERED = b"\1" * RUN
_COPIED = 0.75  # share of a line's tokens that makes it a copy
_SHORTEST_NAME = 2
_SHORT_MESSAGE = 60  # characters
MOST_COMPARED = 4  # messages of a conversation that a reply is compared with: the latest
_NEAR_DAYS = 1  # a date is told in the reader's zone
_STRONG = 3  # points of a line that introduces a copy by itself
_WEAK = 1
_NUMBER = re.compile(r"\d+")
_HOUR = re.compile(r"(\d{1,2})(?:[:.h时]| h )(\d\d)")
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w.-]{1,80}")
_ADDRESS_POINTS, _DATE_POINTS, _HOUR_POINTS, _SUBJECT_POINTS, _NAME_POINTS = 2, 1, 1, 1, 1
_HALF = 0.5
_LONGEST_INTRODUCTION = 30  # tokens of a line that introduces: more is a sentence
_AROUND_A_QUOTE = 40  # tokens: who wrote it, when, to whom


def print_of(text: str) -> str:
    """Return a text's fingerprint, at most 288 characters: the lowest of its shingles, each in three bytes."""
    kept = sorted({number & _MASK for number in shingles(tokens_of(text[:_LOOKED_AT]))})[:_KEPT]
    return base64.b64encode(b"".join(number.to_bytes(_BYTES, "big") for number in kept)).decode("ascii")


@lru_cache(maxsize=256)
def _numbers_of(fingerprint: str) -> frozenset[int]:
    data = base64.b64decode(fingerprint)
    return frozenset(int.from_bytes(data[at : at + _BYTES], "big") for at in range(0, len(data), _BYTES))


class _Text:
    """A text as it is compared with: its runs of words, its short lines, and fingerprints where it is forgotten."""

    def __init__(self, texts: Sequence[str], prints: Iterable[frozenset[int]] = ()) -> None:
        self._texts = texts
        self.runs = frozenset[int]().union(*map(_runs_of, texts))
        self.prints = frozenset[int]().union(*prints)

    @cached_property
    def short(self) -> frozenset[tuple[str, ...]]:
        """The lines that have fewer tokens than a run."""
        lines = (tokens_in_line(fold_line(line)) for text in self._texts for line in text.splitlines())
        return frozenset(line for line in lines if len(line) < RUN)


_RUNS: Kept[frozenset[int]] = Kept(128)
_KEPT_TEXT = 6_000  # characters


def _runs_of(text: str) -> frozenset[int]:
    if len(text) > _KEPT_TEXT:
        return frozenset(runs(tokens_of(text)))
    return _RUNS.get((len(text), hash(text)), lambda: frozenset(runs(tokens_of(text))))


@dataclass(frozen=True)
class _LetterHead:
    """What introduces a message where it is quoted."""

    addresses: frozenset[str]
    names: tuple[frozenset[str], ...]
    subject: str  # its words between blanks; "" where it has too few to tell
    moments: tuple[datetime, ...]
    minutes: str

    @cached_property
    def days(self) -> frozenset[tuple[str, str]]:
        """Day and year, in the zones about the moment."""
        return frozenset(day for moment in self.moments for day in _days(moment))

    @cached_property
    def telling(self) -> frozenset[str]:
        """The words of which one stands in a line without an address that says anything of it."""
        years = {year for one in self.moments for year in _years(one)}
        return frozenset(years.union(*self.names, self.subject.split()))


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of the lines of a reply, by position."""

    copied: list[bool]  # it stands in a message that was received
    echoed: list[bool]  # it stands in a message that the seller sent
    points: list[int]  # how much a line says of a message before: who, when, about what

    def strong(self, at: int) -> bool:
        """Whether a line introduces a message by itself."""
        return self.points[at] >= _STRONG

    def weak(self, at: int) -> bool:
        """Whether a line says anything of a message."""
        return self.points[at] >= _WEAK


class Known:
    """The messages of a conversation that came before a reply."""

    def __init__(
        self, received: Sequence[Message], sent: Sequence[Message] = (), own: frozenset[str] = frozenset()
    ) -> None:
        """Take the messages, the latest last; `own`: the seller's addresses, which stand in every quote's To."""
        self.received, self._sent = received[-MOST_COMPARED:], sent[-MOST_COMPARED:]
        self._own = own
        self.empty = not received and not sent

    @cached_property
    def _theirs(self) -> _Text:
        """All that was received as one; of what is forgotten the fingerprints."""
        prints = (_numbers_of(message.print) for message in self.received if message.print and message.forgotten)
        texts = [message.text[:_LOOKED_AT] for message in self.received]
        asked = (message.own_words[:_SHORT_MESSAGE].split("\n")[0] for message in self.received if message.rest)
        return _Text([*texts, *(f"Message: {text}" for text in asked)], prints)  # as the form begins with them

    @cached_property
    def _ours(self) -> _Text:
        return _Text([message.text[:_LOOKED_AT] for message in self._sent])

    @cached_property
    def _single(self) -> list[frozenset[int]]:
        """The texts one by one, of what was received its author's words as well: what a quote may repeat whole."""
        texts = [message.text for message in (*self.received, *self._sent)]
        return [_runs_of(text[:_LOOKED_AT]) for text in (*texts, *(message.own_words for message in self.received))]

    @cached_property
    def _letters(self) -> list[_LetterHead]:
        return [_letter_of(one) for one in (*self.received, *self._sent)]

    @cached_property
    def _telling(self) -> frozenset[str]:
        """The words of which one must stand in a line without an address that says anything of a message."""
        return frozenset[str]().union(*(letter.telling for letter in self._letters))

    @cached_property
    def _whole(self) -> frozenset[tuple[str, ...]]:
        """The short messages, each a few words that a quote may repeat as a line without any mark."""
        texts = (message.own_words for message in self.received if len(message.own_words) < _SHORT_MESSAGE)
        words = (tokens_in_line(fold_line(text)) for text in texts)
        return frozenset(some for some in words if 1 < len(some) <= RUN)

    def without_whole(self, lines: Sequence[str]) -> Sequence[str]:
        """Return lines without those that are a whole short message."""
        if not self._whole:
            return lines
        return [line for line in lines if tokens_in_line(fold_line(line)) not in self._whole]

    def look_at(self, lines: Sequence[str]) -> Looked:
        """Return what is known of a reply's folded lines. Time is linear in the lines and the messages."""
        words = [tokens_in_line(line) for line in lines]
        flow = list(chain.from_iterable(words))
        numbers = runs(flow)
        copied = _found(self._theirs, words, flow, numbers)
        echoed = _found(self._ours, words, flow, numbers) if self._sent else [False] * len(lines)
        points = [0 if copied[at] or not words[at] else self._points(line, words[at]) for at, line in enumerate(lines)]
        return Looked(copied, echoed, points)

    def fills_in(self, line: str) -> int:
        """Return where in a folded line an answer begins behind a label that stood empty before; 0 where none does."""
        at = max(line.find(":"), line.find("："))
        label = tokens_in_line(line[: at + 1]) if at > 0 else ()
        return at + 1 if label and line[at + 1 :].strip() and label in self._theirs.short else 0

    def share_of(self, words: Sequence[str]) -> float:
        """Return how much of the message that is repeated most stands in these tokens, 0 to 1."""
        found = set(runs(words))
        return max((len(found & text) / len(text) for text in self._single if text), default=0.0)

    def _points(self, line: str, words: Sequence[str]) -> int:
        """Return how much a line says of a message: its sender's address, name, its subject, its day, its minute."""
        if len(words) > _LONGEST_INTRODUCTION:
            return 0
        held = set(words)
        if "@" not in line and self._telling.isdisjoint(held):
            return 0
        spaced = f" {' '.join(words)} "
        addresses = set(_ADDRESS.findall(line)) if "@" in line else set()
        numbers = set(_NUMBER.findall(line))
        hours = {f"{int(hour) % 12}:{minute}" for hour, minute in _HOUR.findall(line)} if numbers else set()
        best = _WEAK if addresses & self._own else 0
        for letter in self._letters:
            points = _ADDRESS_POINTS * bool(addresses & letter.addresses)
            points += _NAME_POINTS * any(name <= held for name in letter.names)
            points += _SUBJECT_POINTS * (letter.subject != "" and letter.subject in spaced)
            if any(day in numbers and year in numbers for day, year in letter.days):
                points += _DATE_POINTS + _HOUR_POINTS * any(hour.endswith(letter.minutes) for hour in hours)
            best = max(best, points)
        return best


def quotes_any(message: Message, before: Sequence[Message], beside: Message | None = None) -> bool:
    """Whether a mail repeats at least half of what the author of another said, and little else below its own.

    Less may be courtesies, a phrase that everybody writes, or a signature. Of `before` the latest are looked at;
    `beside`: a mail that may stand there as well.
    """
    latest = before[-MOST_COMPARED:] if message.rest else ()
    around = name_of(beside) if beside is not None else None
    return any(
        _QUOTED.get((name_of(message), name_of(one), around), partial(_quotes, message, one, beside)) for one in latest
    )


_QUOTED: Kept[bool] = Kept(16_384)  # conversations are judged again and again


def _quotes(message: Message, other: Message, beside: Message | None) -> bool:
    first, every = _said_runs(other)
    if not first:
        return False
    repeated = _runs_of(message.rest[:_LOOKED_AT])
    if any(len(one & repeated) < _HALF * len(one) for one in (first, every)):
        return False
    known = _runs_of(other.text[:_LOOKED_AT])
    if beside is not None:
        known |= _runs_of(beside.text[:_LOOKED_AT])
    foreign = len(repeated - known)
    return foreign <= len(repeated) - foreign + _AROUND_A_QUOTE


def can_be_quoted(message: Message) -> bool:
    """Whether a mail says so much that a quote of it is known."""
    return bool(_said_runs(message)[0])


def _said_runs(message: Message) -> tuple[frozenset[int], frozenset[int]]:
    """Return the runs of the first paragraph that has any, and of all: the last may stand in all of a shop's mail."""
    said = read(message.own_words[:_LOOKED_AT].split("\n"), message.date)
    paragraphs = [_runs_of("\n".join(line.raw for line in lines)) for lines in said.paragraphs()]
    return next((one for one in paragraphs if one), frozenset()), frozenset().union(*paragraphs)


def _found(text: _Text, words: Sequence[tuple[str, ...]], flow: Sequence[str], numbers: Sequence[int]) -> list[bool]:
    """Return which lines stand in a text, however they are wrapped."""
    starts = [] if text.runs.isdisjoint(numbers) else [at for at, number in enumerate(numbers) if number in text.runs]
    if text.prints:
        known = (at for at, number in enumerate(shingles(flow)) if number & _MASK in text.prints)
        starts = sorted({*starts, *known})
    if not starts:
        return [False] * len(words)
    covered = bytearray(len(flow))
    for start in starts:
        covered[start : start + RUN] = _COVERED
    found = []
    end = 0
    for line in words:
        start, end = end, end + len(line)
        found.append(end > start and covered.count(1, start, end) >= _COPIED * (end - start))
    return _with_short_lines(text, words, found) if any(found) else found


def _with_short_lines(text: _Text, words: Sequence[tuple[str, ...]], found: Sequence[bool]) -> list[bool]:
    """Add lines too short for a run: such a line is a copy where it is a whole line of the text, beside a copy."""
    whole = list(found)
    for order in (range(len(words)), range(len(words) - 1, -1, -1)):
        beside = False
        for at in order:
            if not words[at]:
                continue
            if not whole[at] and beside and len(words[at]) < RUN:
                whole[at] = words[at] in text.short
            beside = whole[at]
    return whole


_LETTERS: Kept[_LetterHead] = Kept(512)


def _letter_of(message: Message) -> _LetterHead:
    return _LETTERS.get(name_of(message), lambda: _letter(message))


def _letter(message: Message) -> _LetterHead:
    form = read_form(message.rest) if message.rest else None
    shown = (message.author_name, form.name if form else "")
    names = tuple(frozenset(found) for name in shown if (found := tokens_of(name[:80])) and len(name) >= _SHORTEST_NAME)
    subject = tokens_of(message.subject[:200])
    while subject and len(subject) > 1 and subject[0] in ("re", "fw", "fwd"):
        subject.pop(0)
    moments = [moment for moment in (message.date, received_at(message)[0]) if moment is not None]
    return _LetterHead(
        frozenset(filter(None, (message.author, *message.reply_to))),
        names,
        f" {' '.join(subject[-6:])} " if len(subject) > 1 else "",
        tuple(moments),
        f":{moments[0].minute:02}" if moments else ":",
    )


def _days(moment: datetime) -> Iterable[tuple[str, str]]:
    for shift in (-_NEAR_DAYS, 0, _NEAR_DAYS):
        day = datetime.fromordinal(max(1, moment.toordinal() + shift))
        for year in (str(day.year), f"{day.year % 100:02}"):
            yield from ((str(day.day), year), (f"{day.day:02}", year))


def _years(moment: datetime) -> Iterable[str]:
    for shift in (-_NEAR_DAYS, _NEAR_DAYS):
        year = datetime.fromordinal(max(1, moment.toordinal() + shift)).year
        yield from (str(year), f"{year % 100:02}")


__all__ = ["Known", "Looked", "print_of"]
