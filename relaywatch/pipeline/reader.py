"""The reading child: frames of raw mail on standard input, frames of classified mail on standard output.

It ends with its parent, for then its input ends. Memory and files are bounded by the system.
"""

import pickle
import resource
import struct
import sys
from typing import BinaryIO

from relaywatch.core.rules import Rules
from relaywatch.pipeline.reading import RawMail, ReadMail, read

_LENGTH = struct.Struct(">Q")
_MEMORY = 768 * 1024 * 1024  # of address space; what is resident stays far below


def _frame(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(_LENGTH.size)
    return pipe.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else None


def main() -> None:
    """Read batches until the parent closes the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold mail
    source, target = sys.stdin.buffer, sys.stdout.buffer
    knowledge = _frame(source)
    if knowledge is None:
        return
    parties, tables = pickle.loads(knowledge)  # noqa: S301 - from our own parent
    rules = Rules(tables)
    while (frame := _frame(source)) is not None:
        items: tuple[RawMail, ...] = pickle.loads(frame)  # noqa: S301 - from our own parent
        found: list[ReadMail] = [read(item, parties[item.account], rules) for item in items]
        data = pickle.dumps(found)
        target.write(_LENGTH.pack(len(data)))
        target.write(data)
        target.flush()


if __name__ == "__main__":
    main()
