"""What a change of the lexicon does: which mails are judged otherwise, and which phrase does it.

A mail is judged by the lexicon as it was and as it is. Where the two differ, each phrase that came or went and stands
in the mail is taken back by itself: if the mail is then judged otherwise again, that phrase did it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from relaywatch.core.language.rules import Rule, Rules, Texts, find_phrase
from relaywatch.core.mail.message import Message

LISTS = ("phrases", "patterns", "unless", "unless_patterns")
SHOWN = 80  # characters of a pattern


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One phrase or pattern, and where it stands."""

    table: str
    rule: str
    where: tuple[str, ...]
    key: str
    text: str

    def __str__(self) -> str:
        text = self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}…"
        return f'"{text}" ({self.key} of {self.table}, {self.rule})'

    def stands_in(self, texts: Texts) -> bool:
        if self.key.endswith("patterns"):
            return any(re.search(self.text, texts.get(where)) for where in self.where)
        return any(find_phrase(self.text, texts.get(where)) >= 0 for where in self.where)


@dataclass(frozen=True, slots=True)
class Change:
    """What came into the lexicon, or went out of it."""

    entry: Entry
    came: bool

    def __str__(self) -> str:
        return f"{'+' if self.came else '-'} {self.entry}"


@dataclass(frozen=True, slots=True)
class Case:
    """A mail, and how it is judged: in words, the same words for the same judgement."""

    name: str
    message: Message
    judge: Callable[[Rules], str]

    @property
    def texts(self) -> Texts:
        message = self.message
        return Texts(message.subject, message.own_words, message.rest, f"{message.author_name} <{message.author}>")


@dataclass(frozen=True, slots=True)
class Difference:
    """A mail that is judged otherwise than before, and by what."""

    name: str
    was: str
    now: str
    by: tuple[Change, ...]


def changes(old: Rules, new: Rules) -> list[Change]:
    """Return what came and what went, table by table."""
    before, after = entries(old), entries(new)
    found = [Change(entry, came=True) for entry in after - before]
    found += [Change(entry, came=False) for entry in before - after]
    return sorted(found, key=lambda change: (change.entry, change.came))


def entries(rules: Rules) -> set[Entry]:
    return {
        Entry(table, rule.name, rule.where, key, value if isinstance(value, str) else value.pattern)
        for table, tables in rules.tables.items()
        for rule in tables
        for key in LISTS
        for value in getattr(rule, key)
    }


def differences(cases: Iterable[Case], old: Rules, new: Rules) -> Iterator[Difference]:
    """Yield each mail that is judged otherwise than before, in the order of the mails."""
    changed = changes(old, new)
    for case in cases:
        was, now = case.judge(old), case.judge(new)
        if was != now:
            texts = case.texts
            there = [change for change in changed if change.entry.stands_in(texts)]
            alone = [change for change in there if case.judge(taken_back(change, new)) != now]
            yield Difference(case.name, was, now, tuple(alone or there))


def taken_back(change: Change, rules: Rules) -> Rules:
    """Return the rules without one change."""
    entry = change.entry
    table = tuple(
        _without(rule, change) if (rule.name, rule.where) == (entry.rule, entry.where) else rule
        for rule in rules.tables.get(entry.table, ())
    )
    return Rules({**rules.tables, entry.table: table}, rules.signs)


def _without(rule: Rule, change: Change) -> Rule:
    entry = change.entry
    value = re.compile(entry.text) if entry.key.endswith("patterns") else entry.text
    values = [other for other in getattr(rule, entry.key) if other != value]
    return replace(rule, **{entry.key: tuple(values if change.came else [*values, value])})
