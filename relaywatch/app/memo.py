"""A few moments in a small file, for the process that comes after: when somebody was told, beside no database.

Moments are seconds of CLOCK_MONOTONIC, which all processes share and nobody sets; it begins anew with the machine,
and a moment that is then in the future counts as forgotten (core/due/outage.py).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from relaywatch.store import open_for_owner

_FILE_MODE = 0o600
_MAX_BYTES = 1_000_000

Moments = dict[str, list[float]]


class Memo:
    """One such file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def place(cls, name: str, database: str, environ: Mapping[str, str] = os.environ) -> "Memo":
        """Return the memo of a name in systemd's RuntimeDirectory= (in memory, so that no full disk harms it).

        Without one it lies beside the database.
        """
        folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        return cls(Path(folder, name) if folder else Path(f"{database}.{name}"))

    def read(self) -> Moments:
        """Return what was written last, nothing where that is lost or damaged."""
        try:
            with self.path.open("rb") as file:
                found = json.loads(file.read(_MAX_BYTES))
            return {str(name): [float(moment) for moment in moments] for name, moments in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def write(self, moments: Mapping[str, list[float]]) -> bool:
        """Replace what was written; return whether it could be."""
        try:
            file = open_for_owner(self.path, _FILE_MODE)
        except OSError:
            return False
        try:
            text = json.dumps(moments).encode()
            written = os.pwrite(file, text, 0)
            os.ftruncate(file, len(text))
            return written == len(text)
        except OSError:
            return False
        finally:
            os.close(file)
