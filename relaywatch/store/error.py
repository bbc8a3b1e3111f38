"""What can go wrong with the database, in one line that says what, where and what to do."""

import sqlite3

_ADVICE = {
    "SQLITE_CORRUPT": "is damaged: restore it from a backup, or move it away and start anew",
    "SQLITE_NOTADB": "is not a SQLite database: check [service] database",
    "SQLITE_READONLY": "cannot be written: check who owns the file and its directory",
    "SQLITE_CANTOPEN": "cannot be opened: check that it is there and who may read it and its directory",
    "SQLITE_PERM": "cannot be opened: check who may read it",
    "SQLITE_FULL": "cannot grow, for the disk is full: make room",
    "SQLITE_IOERR": "cannot be read or written: check the disk",
    "SQLITE_BUSY": "is held by another program that writes to it: end that program",
    "SQLITE_LOCKED": "is held by another program that writes to it: end that program",
    "SQLITE_PROTOCOL": "is held by another program that writes to it: end that program",
    "SQLITE_NOLFS": "cannot grow any more: its file system takes no larger files",
    "SQLITE_ERROR": "is not as relaywatch made it: restore it from a backup, or move it away and start anew",
}
_PASSING = frozenset({"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"})
_MAX_DETAIL = 200


class StoreError(Exception):
    """The database cannot be used; its text is one line for the operator."""

    def __init__(self, text: str, *, passing: bool = False) -> None:
        super().__init__(text)
        self.passing = passing
        """Whether it may go away by itself: a full disk, another program's lock."""


class StoreBusy(StoreError):  # noqa: N818  # named after the state (interface: Exit statuses)
    """Another daemon holds this database."""


class DamagedRow(StoreError):  # noqa: N818  # named after what was found
    """One row cannot be read; others may. Whoever works row by row goes on with the next."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"the database {_ADVICE['SQLITE_CORRUPT']} (a row of it cannot be read: {type(error).__name__})"
        )

    def lies_in(self, path: str) -> None:
        """Name the database, which whoever reads a row does not know."""
        text = str(self)
        if not text.startswith(path):
            self.args = (f"{path}: {text}",)


def concerns_all(error: Exception) -> bool:
    """Whether the database itself is at fault, so that what comes next would fail as well."""
    return isinstance(error, StoreError) and not isinstance(error, DamagedRow)


def damaged(path: str) -> StoreError:
    """Return the error of a database that fails its own check."""
    return StoreError(f"{path}: the database {_ADVICE['SQLITE_CORRUPT']}")


def explain(error: sqlite3.Error | UnicodeDecodeError, path: str) -> StoreError | None:
    """Return what a SQLite error means for the operator; None for one that only a bug of ours can cause."""
    if isinstance(error, UnicodeDecodeError):  # the damage was to be quoted in an error's own text
        return damaged(path)
    if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)):
        return None
    undecodable = isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorname")
    full_name = "SQLITE_CORRUPT" if undecodable else getattr(error, "sqlite_errorname", "")
    name = "_".join(full_name.split("_")[:2])  # SQLITE_IOERR_WRITE is a SQLITE_IOERR
    advice = _ADVICE.get(name)
    if advice is None:
        return None
    if undecodable:  # it would quote the row, and with it people's words
        return damaged(path)
    return StoreError(f"{path}: the database {advice} ({_detail(error)})", passing=name in _PASSING)


def _detail(error: sqlite3.Error) -> str:
    """Return what SQLite says as one bounded line: of a damaged schema it quotes what stands there."""
    printable = "".join(char if char.isprintable() else " " for char in str(error)[:_MAX_DETAIL])
    return " ".join(printable.split())
