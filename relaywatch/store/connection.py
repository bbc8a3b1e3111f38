"""One connection to the database: how it is opened, its transactions, and named queries by name.

One connection writes, from one thread; every write transaction begins IMMEDIATE: it waits for its
turn before it has read anything (a deferred one that read first fails at once). Readers never checkpoint.
(design: One writer; design: SQLite with synchronous=FULL)
"""

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relaywatch.store.error import StoreError, damaged, explain
from relaywatch.store.owner import open_for_owner
from relaywatch.store.queries import queries
from relaywatch.store.version import check_version

if TYPE_CHECKING:
    from sqlite_utils import Database

_BUSY_SECONDS = 10.0
_CHUNK = 500  # values in one IN list
_WAL_BYTES = 64 * 1024 * 1024  # what a checkpoint leaves of a log that a long reader let grow
_CHECKED_BYTES = 256 * 1024 * 1024  # a database larger than this would hold up the start too long
_FILE_MODE = 0o640  # people's words: for the daemon's user and group

Row = dict[str, Any]


class Connection:
    """See the module's text."""

    def __init__(self, path: str, *, read_only: bool = False) -> None:
        """Open the database, and create or migrate it where it is for writing; raise StoreError."""
        self.path = path
        self.read_only = read_only
        with self._explained():
            self._raw = self._open_to_read() if read_only else self._open_to_write()
        try:
            with self._explained():
                self._prepare()
        except BaseException:
            self._raw.close()
            raise

    def _open_to_write(self) -> sqlite3.Connection:
        directory = Path(self.path).absolute().parent
        if not directory.is_dir():
            raise StoreError(f"{self.path}: the database's directory {directory} does not exist: create it")
        try:
            os.close(open_for_owner(os.path.realpath(self.path), _FILE_MODE))
        except OSError as error:
            raise StoreError(
                f"{self.path}: the database cannot be written ({error.strerror}): "
                "check who owns the file and its directory"
            ) from error
        if not os.access(directory, os.W_OK):
            raise StoreError(f"{self.path}: the database's directory {directory} cannot be written: check who owns it")
        return sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)

    def _open_to_read(self) -> sqlite3.Connection:
        path = Path(self.path).absolute()
        try:
            mode = path.stat().st_mode
        except OSError as error:
            raise StoreError(
                f"{self.path}: the database cannot be read ({error.strerror}): "
                "check [service] database, or start relaywatch run once"
            ) from error
        if not stat.S_ISREG(mode):
            raise StoreError(f"{self.path}: the database is not a file: check [service] database")
        if not os.access(path, os.R_OK):
            raise StoreError(f"{self.path}: the database cannot be read: check who may read it")
        raw = self._connect_to_read(f"{path.as_uri()}?mode=ro")
        try:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            raw.close()
            # A log in a directory that this user may not write: what lies at rest can still be read as it is.
            at_rest = error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY"))
            if not at_rest or Path(f"{path}-wal").exists():
                raise
            raw = self._connect_to_read(f"{path.as_uri()}?mode=ro&immutable=1")
        except BaseException:
            raw.close()
            raise
        return raw

    @staticmethod
    def _connect_to_read(uri: str) -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)

    def _prepare(self) -> None:
        if self.read_only:
            self._raw.execute("PRAGMA query_only = ON")
            if self._raw.execute("SELECT 1 FROM sqlite_master WHERE type = 'table'").fetchone() is None:
                raise StoreError(f"{self.path}: the database is empty: start relaywatch run once")
            if not check_version(self._raw, self.path):
                raise StoreError(
                    f"{self.path}: the database is from an older relaywatch: start relaywatch run once, "
                    "which brings it up to date"
                )
            return
        check_version(self._raw, self.path)  # before anything is changed in what may be a stranger's
        self._raw.execute("PRAGMA journal_mode = WAL")
        self._raw.execute("PRAGMA synchronous = FULL")
        self._raw.execute("PRAGMA foreign_keys = ON")
        self._raw.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        if Path(self.path).stat().st_size <= _CHECKED_BYTES:
            (answer,) = self._raw.execute("PRAGMA quick_check(1)").fetchone()
            if answer != "ok":
                raise damaged(self.path)
        with self.transaction():
            if not check_version(self._raw, self.path):
                from relaywatch.store.schema import migrate  # noqa: PLC0415 - seldom needed, and imports slowly

                migrate(self.db)

    @cached_property
    def db(self) -> "Database":
        """The same as sqlite-utils' object: for who changes the tables, not for queries."""
        from sqlite_utils import Database  # noqa: PLC0415 - imports slowly, and whoever only reads needs none

        return Database(self._raw, recursive_triggers=False, execute_plugins=False)

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back."""
        with self._explained():
            self._raw.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            known = explain(error, self.path)
            if known is None:
                raise
            raise known from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all of the block or nothing; it is on disk when the block has ended. Not to be nested."""
        if self.read_only:
            raise StoreError(f"{self.path}: the database was opened for reading only")
        if self._raw.in_transaction:
            raise RuntimeError("a transaction inside a transaction")
        with self._explained():
            self._raw.execute("BEGIN IMMEDIATE")
        try:
            yield
            with self._explained():
                self._raw.execute("COMMIT")
        except BaseException:
            if self._raw.in_transaction:  # a full disk may have ended it already
                self._raw.execute("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read several things as of one moment."""
        if self._raw.in_transaction:
            yield
            return
        with self._explained():
            self._raw.execute("BEGIN")
        try:
            yield
        finally:
            if self._raw.in_transaction:  # which has written nothing
                self._raw.execute("ROLLBACK")

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """Return all rows of a named query."""
        return self._fetch(queries()[name], values)

    def row(self, name: str, /, **values: Any) -> Row | None:
        """Return the first row of a named query."""
        return next(iter(self.rows(name, **values)), None)

    def rows_in(self, name: str, listed: Iterable[Any], /, **values: Any) -> list[Row]:
        """Return all rows of a named query whose `:listed` is a list of values, in goes of bounded size."""
        found: list[Row] = []
        for chunk in _chunks(list(listed)):
            found += self._fetch(*_spread(name, chunk, values))
        return found

    def _fetch(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        with self._explained(), closing(self._raw.execute(sql, values)) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def write(self, name: str, /, **values: Any) -> int:
        """Run a named query that writes; return how many rows it changed."""
        self._demand_transaction()
        with self._explained():
            return self._raw.execute(queries()[name], values).rowcount

    def write_in(self, name: str, listed: Iterable[Any], /, **values: Any) -> int:
        """Run a named query that writes, with a `:listed` as in `rows_in`; return how many rows it changed."""
        self._demand_transaction()
        with self._explained():
            chunks = _chunks(list(listed))
            return sum(self._raw.execute(*_spread(name, chunk, values)).rowcount for chunk in chunks)

    def write_many(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a named query that writes once for each of the rows."""
        self._demand_transaction()
        if rows:
            with self._explained():
                self._raw.executemany(queries()[name], rows)

    def insert(self, name: str, row: Mapping[str, Any]) -> int:
        """Run a named query that inserts one row RETURNING its id; return that."""
        self._demand_transaction()
        with self._explained():
            (row_id,) = self._raw.execute(queries()[name], row).fetchone()
        return int(row_id)

    def _demand_transaction(self) -> None:
        if not self._raw.in_transaction or self.read_only:
            raise RuntimeError("a write outside of Store.transaction()")


def _chunks(listed: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


def _spread(name: str, chunk: list[Any], values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a query with `:listed` written out as `:listed0, :listed1, …`, and all of its values."""
    listed = {f"listed{number}": value for number, value in enumerate(chunk)}
    sql = queries()[name].replace(":listed", ", ".join(f":{key}" for key in listed))
    return sql, {**values, **listed}
