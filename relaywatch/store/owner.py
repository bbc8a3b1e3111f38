"""Whose the files of a database are: what root makes beside it would be closed to the service's user.

SQLite gives its own further files (`-wal`, `-shm`) to the database's owner where root makes them; this does the same
for the database itself and the daemon's lock.
"""

import os
from contextlib import suppress
from pathlib import Path

_BESIDE = ("", "-wal", "-shm", ".lock")


def open_for_owner(path: str | Path, mode: int) -> int:
    """Open a file, no link, for reading and writing; return its descriptor.

    Where there is none yet it is made with that mode and, by root, for the owner and group of its directory.
    Raises OSError.
    """
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW  # a link that the service's user made must not lead root astray
    while True:
        with suppress(FileNotFoundError):
            return os.open(path, flags)
        with suppress(FileExistsError):  # made meanwhile
            made = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
            break
    if os.geteuid() == 0:
        directory = Path(path).absolute().parent.stat()
        try:
            os.fchown(made, directory.st_uid, directory.st_gid)
        except OSError:
            os.close(made)
            raise
    return made


def roots_own(path: str) -> list[str]:
    """Return the files of a database that belong to root although their directory is another user's."""
    if Path(path).absolute().parent.stat().st_uid == 0:
        return []
    files = [Path(f"{path}{ending}") for ending in _BESIDE]
    return [str(file) for file in files if file.exists() and file.stat().st_uid == 0]
