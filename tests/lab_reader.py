"""A reading child that some mail makes hang, as what nobody has found yet would: in Python, or where it is deaf."""

import itertools
import time
from collections import deque

from relaywatch.pipeline import reader

SLOW = b"X-Trap: slow"  # for ever, in Python
DEAF = b"X-Trap: deaf"  # for ever, in one step of the interpreter
BUSY = b"X-Trap: busy"  # for so long as only a slow mail's share is enough for
BUSY_SECONDS = 0.5
read = reader.read


def hanging(item, parties, **more):
    """Read a mail, or hang; an attachment hangs who looks into it."""
    head = item.raw.partition(b"\r\n\r\n")[0]
    if b"attached" in head and not item.patient:
        return read(item, parties, **more)
    while SLOW in head:
        pass
    if DEAF in head:
        deque(itertools.repeat(None), maxlen=0)
    until = time.process_time() + BUSY_SECONDS
    while BUSY in head and time.process_time() < until:
        pass
    return read(item, parties, **more)


if __name__ == "__main__":
    reader.read = hanging
    reader.main()
