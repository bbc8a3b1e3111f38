"""Notice: what a warning says, in the order in which a tired person needs it, without saying how it looks."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How much of a hurry it is: what a reader's eye sees first, as a colour."""

    LATE = "late"
    SOON = "soon"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; every row is as long as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part: sentences, then things in a list, then facts by name, then a table."""

    title: str
    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    numbered: bool = False  # items are steps, in order
    facts: tuple[tuple[str, str], ...] = ()
    commands: tuple[tuple[str, str], ...] = ()  # what to type, and what it does
    table: Table | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say under the title."""
        return not (self.lines or self.items or self.facts or self.commands or self.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A whole warning. All texts are single lines of plain text without control characters, and bounded."""

    language: str
    subject: str
    headline: str
    tone: Tone
    lead: tuple[str, ...] = ()  # what must be known before anything is done
    sections: tuple[Section, ...] = ()
    footer: str = ""
