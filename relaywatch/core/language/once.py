"""What is made once: results kept by names, so that no mail is held for them, and rules by being the same object."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.message import Message

Made = TypeVar("Made")


def name_of(message: Message) -> Hashable:
    """Return what stands for a message, as far as it is read for its words, its letterhead and its time.

    Texts stand as their hashes, which are salted anew in every process: nobody can write a text that has another's.
    """
    texts = hash((message.own_words, message.rest, message.layout, message.subject, message.author_name))
    people = (message.author, message.reply_to, message.to, message.cc, message.bcc)
    head = (message.date, message.return_path, message.structure, message.headers, message.copies)
    return (message.account, message.key, message.forgotten, texts, hash((people, head)))


class Kept(Generic[Made]):
    """The latest results, by what they were made of, in two generations: the older goes where there are too many.

    Threads may share one (mail is read in one and judged in another): each step is a single one of the dictionary's.
    """

    def __init__(self, most: int) -> None:
        """Keep at most so many."""
        self._half = max(1, most // 2)
        self._made: dict[Hashable, Made] = {}
        self._older: dict[Hashable, Made] = {}

    def get(self, name: Hashable, make: Callable[[], Made]) -> Made:
        """Return what is kept under a name, else make it."""
        made = self._made.get(name)
        if made is None:
            made = self._older.get(name)
            if made is None:
                made = make()
            if len(self._made) >= self._half:
                self._older, self._made = self._made, {}
            self._made[name] = made
        return made

    def clear(self) -> None:
        """Forget everything."""
        self._made, self._older = {}, {}


class ByIdentity:
    """Rules, which are one object for as long as a configuration is in force."""

    __slots__ = ("rules",)

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return id(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other.rules is self.rules


__all__ = ["ByIdentity", "Kept", "name_of"]
