"""Servers that do mischief at random: `python tests/bench/fuzzing.py [--seed N] [--seconds S] [--story SUBSEED]`.

Each story runs the whole program, its waits shortened (tests/fuzz/hasty.py), against scripted IMAP and SMTP servers
on loopback that give answers late, twice, in pieces, out of order, cut off or not at all, or refuse with any code,
while mail comes, is answered and deleted. Then the servers behave, and it is asked whether every clock is right, every
warning was sent, none was in flight twice at once, nothing spun or grew, and nothing was changed on a server.

A line for each story, with its own seed: `--story` tells that one again. Every choice hangs on the seed; how long a
thing takes does not. What broke a promise is named, with the end of what was said; returns 0 if nothing was.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.story import Told, tell

AT_ONCE = 3  # stories: each waits most of the time


def main() -> int:
    """Tell one story after another until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--story", metavar="SUBSEED", help="tell this one alone")
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    parser.add_argument("--keep", type=Path, help="a folder, for all of the stories that fail")
    options = parser.parse_args()
    if options.story:
        return 1 if _show(tell(options.story, keep=options.keep)).faults else 0
    began, numbers = time.monotonic(), count(1)

    def tell_on(_: int) -> list[bool]:
        told = []
        while time.monotonic() - began < options.seconds:
            told.append(not _show(tell(f"{options.seed}.{next(numbers)}", keep=options.keep)).faults)
        return told

    with ThreadPoolExecutor(options.at_once) as threads:
        good = [one for some in threads.map(tell_on, range(options.at_once)) for one in some]
    _say(f"seed {options.seed}: {len(good)} stories, {good.count(False)} with faults, {time.monotonic() - began:.0f} s")
    return 0 if all(good) else 1


def _show(told: Told) -> Told:
    lines = [told.line]
    if told.faults:
        lines += [f"  BROKEN {fault}" for fault in told.faults] + [f"    {line}" for line in told.tail]
        lines.append(f"  again: python tests/bench/fuzzing.py --story {told.seed}")
    _say("\n".join(lines))
    return told


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
