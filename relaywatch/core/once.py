"""Keys of caches for what is costly to compare: a message by its name, rules by being the same object."""

from relaywatch.core.message import Message
from relaywatch.core.rules import Rules


class ByName:
    """A message, known by what names it within the program."""

    __slots__ = ("_name", "message")

    def __init__(self, message: Message) -> None:
        self.message = message
        words = (message.own_words, message.rest, message.author_name)  # what is made of them is what is kept
        self._name = (message.account, message.key, message.forgotten, *words)

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByName) and self._name == other._name


class ByIdentity:
    """Rules, which are one object for as long as a configuration is in force."""

    __slots__ = ("rules",)

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __hash__(self) -> int:
        return id(self.rules)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and other.rules is self.rules
