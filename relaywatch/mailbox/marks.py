"""What tells the messages of a folder that is numbered anew: some servers do that at every EXAMINE."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from relaywatch.core.mail.message import Place

Mark = tuple[datetime | None, int]  # when it came, and its size


class Marks:
    """The marks of what was read, of folders whose numbers mean nothing."""

    def __init__(self) -> None:
        self._renumbered: Counter[Place] = Counter()
        self._read: dict[Place, Counter[Mark]] = {}

    def renumbered(self, place: Place) -> int:
        """Note that a folder was numbered anew; return how often it has been."""
        self._renumbered[place] += 1
        return self._renumbered[place]

    def new(self, place: Place, uids: list[int], marks: Mapping[int, Mark] | None) -> list[int]:
        """Leave out what was read before the folder was numbered anew, as far as time and size tell it."""
        if marks is None or place not in self._read:
            return uids
        known, new = Counter(self._read[place]), []
        for uid in uids:
            mark = marks.get(uid)
            if mark is None or not known[mark]:
                new.append(uid)
            else:
                known[mark] -= 1
        return new

    def keep(self, place: Place, marks: Iterable[Mark]) -> None:
        """Note all that a folder holds, which has been read."""
        self._read[place] = Counter(marks)
