"""What a reading hands on, a batch of messages of one folder at a time, and who takes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from relaywatch.config import Mailbox
from relaywatch.core.mail.message import Folder, Place
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.mailbox.position import Position
from relaywatch.mailbox.unjunk import Rescues

OnAnswered = Callable[[datetime], Awaitable[None]]  # told when a look began that left no answer unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Messages of one folder in ascending order of UID, and the position after them: one transaction."""

    mailbox: Mailbox
    place: Place
    uidvalidity: int
    fetched: tuple[Fetched, ...]  # may be empty: then only the position moves
    position: Position | None  # None: it stays
    fetch_whole: Callable[[int], Awaitable[bytes]]
    """Gets `imap_messages.WHOLE` of a message by its UID, while the batch is being taken; b"" if it has gone."""
    since: datetime | None = None  # what was received before then is not wanted
    again: tuple[int, ...] = ()  # UIDs that were set aside and were asked for again: what was not fetched has gone

    @property
    def folder(self) -> Folder:
        """What the folder is for."""
        return self.place.folder


class MailSink(Rescues, Protocol):
    """What takes the mail. Any error it raises but MailboxError is told by its class only, never by its text."""

    async def position(self, mailbox: Mailbox, place: Place) -> Position | None:
        """Return where reading stands."""

    async def take(self, batch: Batch) -> None:
        """Keep messages and position, both or neither; raise if they are not kept, and they come again.

        A message with a `fault` is to be set aside, whatever else is made of it.
        """

    async def folder_read(self, mailbox: Mailbox, place: Place, started_at: datetime) -> None:
        """Learn that all that lay in the folder at that moment was taken."""

    async def due_again(self, mailbox: Mailbox) -> dict[tuple[Place, int], list[int]]:
        """Return the UIDs of what was set aside and is to be asked for now, by folder and UIDVALIDITY.

        Each is due later the next time, whatever becomes of this one.
        """
