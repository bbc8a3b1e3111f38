"""The reading child: frames of raw mail on standard input, frames of classified mail on standard output.

It ends with its parent, for then its input ends. Memory and files are bounded by the system.

A batch has so much processor time and no more, and no mail can take another's: each gets its share of what is left.
What is slower than that is put off until all have had their turn, and read again with a share of the time kept for
such mails; at last, what may be Walmart's without its attachments. A mail that takes too long then, too, is given up
alone. The files of all that fails authentication share an allowance of this process. Where nothing can interrupt it,
this process ends, and its parent finds out which mail it was.
"""

import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.address import Parties
from relaywatch.mailbox.limit import TimeUp, listening, timed
from relaywatch.pipeline.allowance import Allowance
from relaywatch.pipeline.frames import LENGTH, frame_of, what_is_in
from relaywatch.pipeline.reading import RawMail, ReadMail, head_may_be_walmarts, read

_MEMORY = 768 * 1024 * 1024  # of address space; what is resident stays far below
# Shares of a batch's time, and whether attachments are looked into: for all mails, for slow ones, for the last try.
_TURNS = ((0.25, True), (0.5, True), (0.25, False))
_LEAST_SECONDS = 0.01  # for one mail, whatever the others took: ten times what most take
_DEAF_SECONDS = 1.0  # more, after which the system ends what does not notice that its time is up


def _frame(pipe: BinaryIO) -> bytes | None:
    head = pipe.read(LENGTH.size)
    return pipe.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def read_batch(
    items: Sequence[RawMail], seconds: float, parties: Mapping[str, Parties], rules: Rules, allowance: Allowance
) -> list[ReadMail | None]:
    """Read a batch within so much processor time; None stands for a mail that takes too long."""
    with listening():
        return _in_turns(items, seconds, parties, partial(read, rules=rules, allowance=allowance))


def _in_turns(
    items: Sequence[RawMail],
    seconds: float,
    parties: Mapping[str, Parties],
    reads: Callable[[RawMail, Parties], ReadMail],
) -> list[ReadMail | None]:
    found: list[ReadMail | None] = [None] * len(items)
    for part, patient in _TURNS:
        waiting = [at for at, one in enumerate(found) if one is None]
        if not patient:
            waiting = [at for at in waiting if head_may_be_walmarts(items[at], parties[items[at].account])]
        until = time.process_time() + part * seconds
        for done, at in enumerate(waiting):
            share = max(_LEAST_SECONDS, (until - time.process_time()) / (len(waiting) - done))
            item = items[at] if patient else replace(items[at], patient=False)
            found[at] = _read_within(share, partial(reads, item, parties[item.account]))
    return found


def _read_within(seconds: float, reads: Callable[[], ReadMail]) -> ReadMail | None:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds + _DEAF_SECONDS)  # its signal ends the process
    try:
        with timed(seconds):
            return reads()
    except TimeUp:
        return None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def main() -> None:
    """Read batches until the parent closes the pipe."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold mail
    source, target = sys.stdin.buffer, sys.stdout.buffer
    knowledge = _frame(source)
    if knowledge is None:
        return
    parties, tables = what_is_in(knowledge)
    rules, allowance = Rules(tables), Allowance()
    while (frame := _frame(source)) is not None:
        items, seconds = what_is_in(frame)
        target.write(frame_of(read_batch(items, seconds, parties, rules, allowance)))
        target.flush()


if __name__ == "__main__":
    main()
