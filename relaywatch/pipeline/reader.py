"""The reading child: frames of raw mail on standard input, frames of classified mail on standard output.

It ends with its parent, for then its input ends. Memory and files are bounded by the system.
"""

import resource
import sys
from typing import BinaryIO

from relaywatch.core.rules import Rules
from relaywatch.pipeline.frames import LENGTH, frame_of, what_is_in
from relaywatch.pipeline.reading import RawMail, ReadMail, read

_MEMORY = 768 * 1024 * 1024  # of address space; what is resident stays far below


def _frame(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def main() -> None:
    """Read batches until the parent closes the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold mail
    source, target = sys.stdin.buffer, sys.stdout.buffer
    knowledge = _frame(source)
    if knowledge is None:
        return
    parties, tables = what_is_in(knowledge)
    rules = Rules(tables)
    while (frame := _frame(source)) is not None:
        items: tuple[RawMail, ...] = what_is_in(frame)
        found: list[ReadMail] = [read(item, parties[item.account], rules) for item in items]
        target.write(frame_of(found))
        target.flush()


if __name__ == "__main__":
    main()
