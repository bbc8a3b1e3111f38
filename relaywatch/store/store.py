"""Store: the one door to the database. Synchronous; a Store belongs to the thread that opened it."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

from relaywatch.store.alarms import Alarms
from relaywatch.store.cases import Cases
from relaywatch.store.chores import Chores
from relaywatch.store.connection import Connection
from relaywatch.store.error import DamagedRow
from relaywatch.store.messages import MessageRows
from relaywatch.store.sights import Sights


class Store(MessageRows, Cases, Alarms, Sights, Chores):
    """All that is kept. Whatever writes must stand in a `transaction()`, else it raises RuntimeError."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, path: str, *, read_only: bool = False) -> "Store":
        """Open the database at a path; for writing it is created and brought up to date.

        Read-only works beside the daemon's writing. Raises StoreError: one line that says what to do.
        """
        return cls(Connection(path, read_only=read_only))

    def close(self) -> None:
        """Close the database; an open transaction is rolled back."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, DamagedRow):
            error.lies_in(self._db.path)
        self.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Write all of a block or, if it raises, nothing; at its end it is on disk. Not to be nested."""
        return self._db.transaction()
