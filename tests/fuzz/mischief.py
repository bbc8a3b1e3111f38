"""What a server does to its answers, told by a seed: pure, so that a story can be told again.

The nth answer to a command always meets the same fate, whatever came before it, for threads take turns as they like:
a fate hangs on the seed, the command and n alone. Each server of a story has a temper of its own: a few kinds of
mischief, at one rate, so that some stories are full of one thing and others have a little of all.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

RATES = (0.03, 0.08, 0.15, 0.25)
LATE_SECONDS = (0.05, 0.9)
SOON_SECONDS = 0.02  # between the pieces of an answer
_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Cut:
    """The connection is closed here."""


@dataclass(frozen=True)
class Silence:
    """Nothing more comes, and the connection stays open for as long as the client likes."""


Step = bytes | Pause | Cut | Silence


@dataclass(frozen=True)
class Deed:
    """What befalls one answer: its kind, and the chance that decides the rest of it."""

    kind: str
    chance: Random = field(compare=False)


@dataclass
class Temper:
    """How one server behaves until it is `calm`."""

    seed: str
    kinds: tuple[str, ...]
    rate: float | None = None
    calm: bool = False
    done: Counter[str] = field(default_factory=Counter)  # what was done, by kind

    def __post_init__(self) -> None:
        chance = Random(self.seed)
        self.rate = chance.choice(RATES) if self.rate is None else self.rate
        self.kinds = tuple(sorted(chance.sample(self.kinds, chance.randint(min(2, len(self.kinds)), len(self.kinds)))))
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def deed(self, what: str) -> Deed | None:
        """Return what befalls the next answer to that command."""
        if self.calm:
            return None
        with self._lock:
            self._counts[what] += 1
            chance = Random(f"{self.seed}:{what}:{self._counts[what]}")
            if chance.random() >= (self.rate or 0):
                return None
            kind = chance.choice(self.kinds)
            self.done[kind] += 1
        return Deed(kind, chance)

    def grudge(self, what: str, share: float) -> bool:
        """Whether the server holds something against this one thing until it is calm."""
        return not self.calm and Random(f"{self.seed}:grudge:{what}").random() < share


def pieces(data: bytes, chance: Random) -> Iterator[Step]:
    """Cut an answer anywhere, also within a literal or between CR and LF, with pauses between."""
    cuts = sorted({chance.randint(0, len(data)) for _ in range(chance.randint(1, 6))} - {0, len(data)})
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        yield data[start:end]
        if end < len(data):
            yield Pause(SOON_SECONDS * chance.random())


def shape(deed: Deed | None, answer: bytes, refusals: Sequence[bytes], *, bye: bytes = b"") -> list[Step]:
    """Return what is sent in place of an IMAP or SMTP answer, step by step.

    `refusals`: whole answers that may stand instead of it, empty where there is no such. `bye`: what a server says
    that closes the connection.
    """
    if deed is None:
        return [answer]
    chance = deed.chance
    make: Mapping[str, Sequence[Step]] = {
        "late": (Pause(chance.uniform(*LATE_SECONDS)), answer),
        "split": tuple(pieces(answer, chance)),
        "twice": (answer, answer),
        "refused": (chance.choice(refusals) if refusals else answer,),
        "bye": (bye, Cut()),
        "cut": (answer[: chance.randint(0, max(0, len(answer) - 1))], Cut()),
        "silent": (answer[: chance.choice((0, 0, chance.randint(0, max(0, len(answer) - 1))))], Silence()),
        "echoed": (_echoed(answer),),
        "shuffled": (_shuffled(answer, chance),),
        "early": (_early(answer),),
    }
    return list(make[deed.kind])


def units(answer: bytes) -> list[bytes]:
    """Take an IMAP answer apart into responses, a literal staying with its line."""
    found: list[bytes] = []
    start = at = 0
    while at < len(answer):
        end = answer.find(b"\r\n", at)
        end = len(answer) if end < 0 else end + 2
        literal = _LITERAL.search(answer, at, end)
        if literal:
            at = end + int(literal[1])
            continue
        found.append(answer[start:end])
        start = at = end
    return found


def _parted(answer: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the untagged responses, and the others."""
    all_ = units(answer)
    return [one for one in all_ if one.startswith(b"* ")], [one for one in all_ if not one.startswith(b"* ")]


def _echoed(answer: bytes) -> bytes:
    """Each untagged response comes twice."""
    untagged, tagged = _parted(answer)
    return b"".join([one for one in untagged for _ in range(2)] + tagged)


def _shuffled(answer: bytes, chance: Random) -> bytes:
    """Untagged responses in any order, as RFC 3501 7 allows."""
    untagged, tagged = _parted(answer)
    chance.shuffle(untagged)
    return b"".join(untagged + tagged)


def _early(answer: bytes) -> bytes:
    """The end of the command before what it asked for, which no RFC allows."""
    untagged, tagged = _parted(answer)
    return b"".join(tagged + untagged)
