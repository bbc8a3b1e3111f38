"""What tests of mailbox watching share: settings of a mailbox, mail, and somebody who takes it and remembers."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from relaywatch.config import Mailbox
from relaywatch.config.secrets import Secret, Source
from relaywatch.core.mail.message import Folder, Place, Role
from relaywatch.mailbox.batch import Batch
from relaywatch.mailbox.position import Position
from relaywatch.mailbox.watch import State, Watcher

PASSWORD = "kiln-opens-at-dawn"
LOOKBACK = timedelta(days=7)


def mailbox(port: int, username: str = "care@shop.example", **changes: Any) -> Mailbox:
    settings: dict[str, Any] = {
        "account": "main",
        "name": "care",
        "role": Role.CARE,
        "address": "care@shop.example",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "username": username,
        "secret": Secret(Source.PLAIN, PASSWORD),
        "poll_interval": timedelta(seconds=60),
    }
    return Mailbox(**(settings | changes))


def mail(subject: str, text: str = "The blue mug came without its handle.", *, size: int = 0) -> bytes:
    """Return a customer's mail, of about `size` octets at least."""
    head = (
        f"From: c-{7:032x}@relay.walmart.ca\r\nTo: care@shop.example\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()
    )
    line = b"glaze and clay " * 4 + b"\r\n"
    return head + line * max(0, (size - len(head)) // len(line))


@dataclass
class Recorder:
    """An Ingest that keeps everything in memory, and on_state. `refuse` makes taking fail."""

    positions: dict[Folder | Place, Position] = field(default_factory=dict)
    several: bool = False  # folders for one use: positions are by Place
    aside: dict[tuple[Place, int], list[int]] = field(default_factory=dict)  # to be asked for again, once
    batches: list[Batch] = field(default_factory=list)
    taken_at: dict[tuple[Folder, int], float] = field(default_factory=dict)
    reads: list[tuple[Folder, datetime]] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    refuse: Exception | None = None
    take_seconds: float = 0
    taking: int = 0
    most_taking: int = 0
    whole: dict[int, bytes] = field(default_factory=dict)
    fetch_cut: bool = False
    wanted: dict[tuple[str, int], list[int]] = field(default_factory=dict)  # to be moved out of Junk
    rescued: list[tuple[Any, ...]] = field(default_factory=list)

    async def position(self, mailbox: Mailbox, place: Place) -> Position | None:
        del mailbox
        return self.positions.get(self._key(place))

    def _key(self, place: Place) -> Folder | Place:
        """A folder is known by its use alone, as long as there is but one."""
        return place if place in self.positions or self.several else place.folder

    async def take(self, batch: Batch) -> None:
        self.taking += 1
        self.most_taking = max(self.most_taking, self.taking)
        try:
            await asyncio.sleep(self.take_seconds)
            if self.refuse is not None:
                raise self.refuse
            for it in batch.fetched:
                if self.fetch_cut and not it.whole:
                    self.whole[it.uid] = await batch.fetch_whole(it.uid)
                self.taken_at[batch.folder, it.uid] = time.monotonic()
            self.batches.append(batch)
            if batch.position is not None:
                self.positions[self._key(batch.place)] = batch.position
        finally:
            self.taking -= 1

    async def folder_read(self, mailbox: Mailbox, place: Place, started_at: datetime) -> None:
        del mailbox
        self.reads.append((place.folder, started_at))
        key = self._key(place)
        self.positions[key] = replace(self.positions[key], read_at=started_at)

    async def due_again(self, mailbox: Mailbox) -> dict[tuple[Place, int], list[int]]:
        del mailbox
        due, self.aside = self.aside, {}
        return due

    async def rescues(self, mailbox: Mailbox) -> dict[tuple[str, int], list[int]]:
        del mailbox
        return self.wanted

    async def rescue_begins(self, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int]) -> None:
        del mailbox
        self.rescued.append(("begins", where[1], *uids))

    async def rescue_ends(
        self, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int], way: str, reason: str = ""
    ) -> None:
        del mailbox, reason
        self.rescued.append((way, where[1], *uids))
        self.wanted[where] = [uid for uid in self.wanted[where] if uid not in uids]

    async def on_state(self, mailbox: Mailbox, state: State) -> None:
        del mailbox
        self.states.append(state)

    def uids(self, folder: Folder = Folder.INBOX) -> list[int]:
        """Return what was taken, in the order of taking."""
        return [it.uid for batch in self.batches if batch.folder is folder for it in batch.fetched]

    def changes(self) -> list[str]:
        """Return the names of the states, each run of one kind once: every complete reading is Seeing."""
        return [name for name, _ in itertools.groupby(type(state).__name__ for state in self.states)]

    def of(self, kind: type) -> list[Any]:
        return [state for state in self.states if isinstance(state, kind)]


async def until(what: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait until something is so; fail the test if it never is."""
    async with asyncio.timeout(seconds):
        while not (value := what()):  # noqa: ASYNC110 - what is waited for knows nothing of events
            await asyncio.sleep(0.005)
    return value


@contextlib.asynccontextmanager
async def watching(box: Mailbox, recorder: Recorder, **options: Any) -> AsyncIterator[Watcher]:
    """Run a Watcher meanwhile."""
    with ThreadPoolExecutor(4) as executor:
        watcher = Watcher(
            box, executor=executor, lookback=LOOKBACK, ingest=recorder, on_state=recorder.on_state, **options
        )
        task = asyncio.create_task(watcher.run())
        try:
            yield watcher
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def read_once(box: Mailbox, recorder: Recorder, **options: Any) -> None:
    """Read a mailbox once."""
    with ThreadPoolExecutor(4) as executor:
        watcher = Watcher(
            box, executor=executor, lookback=LOOKBACK, ingest=recorder, on_state=recorder.on_state, **options
        )
        await watcher.read_once()
