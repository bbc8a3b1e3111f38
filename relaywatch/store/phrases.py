"""What the seller's own replies teach: their sentences as numbers, to whom, beside what and how soon each went out.

Numbers say no words, yet they go when the words of their messages go (interface: [service]), and when a sentence was
not used for 90 days. Of a sentence the sixteen people are kept who got it last: more teach nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from relaywatch.core.cases.case import Verb
from relaywatch.core.replies.habits import UNUSED, Habit, Habits, Use, learn
from relaywatch.store.codec import from_facts, time_from_text, time_to_text
from relaywatch.store.connection import Connection, Row

_MOST = 16  # uses of a sentence
_FEW = 4


class Phrase(NamedTuple):
    """One sentence in one message of the seller's, by its row."""

    message: int
    use: Use


class Phrases:
    """The part of the store that knows what recurs. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def save_phrases(self, account: str, phrases: Iterable[Phrase], message_rows: Collection[int]) -> set[int]:
        """Replace what these messages say; return the sentences of which something else is known than before."""
        now = {(phrase.message, phrase.use.sentence): phrase.use for phrase in phrases}
        before = {
            (row["message"], row["sentence"]): _use(row)
            for row in self._db.rows_in("phrases_of_messages", message_rows)
        }
        if now == before:
            return set()
        gone = [key for key, use in before.items() if now.get(key) != use]
        new = [key for key, use in now.items() if before.get(key) != use]
        touched = {sentence for _, sentence in (*gone, *new)}
        old = self._uses(account, touched)
        self._db.write_many("delete_phrase", [{"message": message, "sentence": sentence} for message, sentence in gone])
        self._db.write_many(
            "insert_phrase", [_row(account, message, now[message, sentence]) for message, sentence in new]
        )
        changed: dict[int, dict[int, Use]] = {sentence: dict(old.get(sentence, {})) for sentence in touched}
        for message, sentence in gone:
            changed[sentence].pop(message, None)
        for message, sentence in new:
            changed[sentence][message] = now[message, sentence]
        self._trim(changed)
        return {sentence for sentence in touched if _habits(old.get(sentence, {})) != _habits(changed[sentence])}

    def _trim(self, changed: dict[int, dict[int, Use]]) -> None:
        """Keep the newest use for each person, and the newest of those."""
        for sentence, uses in changed.items():
            if len(uses) <= _MOST:
                continue
            newest: dict[int, int] = {}
            for message in sorted(uses, key=lambda message: (uses[message].at, message)):
                newest[uses[message].person] = message
            kept = set(sorted(newest.values(), key=lambda message: (uses[message].at, message))[-_MOST:])
            dropped = [message for message in uses if message not in kept]
            self._db.write_many("delete_phrase", [{"message": message, "sentence": sentence} for message in dropped])
            for message in dropped:
                del uses[message]

    def _uses(self, account: str, sentences: Collection[int]) -> dict[int, dict[int, Use]]:
        found: dict[int, dict[int, Use]] = defaultdict(dict)
        for row in self._db.rows_in("phrases", sentences, account=account):
            found[row["sentence"]][row["message"]] = _use(row)
        return found

    def habits(self, account: str, sentences: Collection[int]) -> Habits:
        """Return what was learned of these sentences."""
        return learn(map(_use, self._db.rows_in("phrases", sentences, account=account)))

    def wordings(self, account: str) -> Mapping[int, int]:
        """Return the wordings that people judged: how often one said that it counts, less how often that it does not.

        All of an account's are read, so whoever judges many cases asks once.
        """
        said: dict[int, int] = defaultdict(int)
        for row in self._db.rows("judged_wordings", account=account):
            wording = from_facts(row["facts"]).get("wording")
            if wording is not None:
                said[int(wording)] += 1 if row["verb"] == Verb.CONFIRM.value else -1
        return MappingProxyType(dict(said))

    def look_again_at_phrases(self, account: str, sentences: Collection[int], now: datetime) -> None:
        """Have every case that holds one of these sentences judged again by the next sweep."""
        self._db.write_in("look_again_at_phrases", sentences, account=account, now=time_to_text(now))

    def look_again_at_wordings(self, account: str, message_key: str, now: datetime) -> None:
        """Have every open case judged again in which somebody said what this message says."""
        self._db.write("look_again_at_wordings", account=account, key=message_key, now=time_to_text(now))

    def forget_phrases(self, message_rows: Collection[int]) -> None:
        """Forget what these messages say."""
        self._db.write_in("forget_phrases", message_rows)

    def forget_unused_phrases(self, now: datetime) -> None:
        """Forget what nobody has written for 90 days."""
        self._db.write("forget_unused_phrases", before=time_to_text(now - UNUSED))


def _habits(uses: dict[int, Use]) -> list[Habit]:
    if len(uses) < _FEW - 1:
        return []
    return [habit for stretches in learn(uses.values()).values() for _, _, habit in stretches]


def _row(account: str, message: int, use: Use) -> Row:
    return {
        "account": account,
        "sentence": use.sentence,
        "message": message,
        "person": use.person,
        "context": use.context,
        "delay": use.after,
        "at": time_to_text(use.at),
    }


def _use(row: Row) -> Use:
    return Use(row["sentence"], row["person"], row["context"], time_from_text(row["at"]), row["delay"])
