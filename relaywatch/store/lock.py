"""The daemon's lock: one daemon to a database. The kernel lets go of it when the process dies."""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from relaywatch.store.error import StoreBusy, StoreError
from relaywatch.store.owner import open_for_owner

_FILE_MODE = 0o644
_TRIES = 10  # somebody who only asks (`holder`) has it for an instant
_PAUSE_SECONDS = 0.05


class DaemonLock:
    """flock(2) on `<database>.lock`, which holds the daemon's process id and is never removed."""

    def __init__(self, database_path: str) -> None:
        self._database = database_path
        self._path = Path(f"{database_path}.lock")
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock; raise StoreBusy if another process has it, StoreError if its file cannot be used."""
        try:
            file = open_for_owner(self._path, _FILE_MODE)
        except OSError as error:
            raise StoreError(
                f"{self._path}: the daemon's lock cannot be written ({error.strerror}): "
                "check that its directory is there and who owns it"
            ) from error
        for attempt in range(_TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt + 1 < _TRIES:
                    time.sleep(_PAUSE_SECONDS)
        else:
            who = _read_pid(file)
            os.close(file)
            raise StoreBusy(
                f"{self._database}: relaywatch is already running on this database"
                f"{f' (process {who})' if who else ''}: stop it first"
            )
        self._file = file
        with suppress(OSError):  # a full disk: who holds it is for people alone
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go of the lock; nothing happens where it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def holder(self) -> int | None:
        """Return the process id of whoever holds the lock (0 if it does not say), None where nobody does."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read_pid(file) or 0
        else:
            return None
        finally:
            os.close(file)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _read_pid(file: int) -> int | None:
    text = os.pread(file, 20, 0).strip()
    return int(text) if text.isdigit() else None
