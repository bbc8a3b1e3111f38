"""What happens in a story, told by a seed: which mail comes when, what is deleted, what is answered.

Mail comes with a time of long ago, so that what is due falls due within seconds. No due time lies between the end of a
story and the minute after it, so that the judges may take their time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from random import Random

from lab_post import COMPLAINTS, SMITH, agent, bounce, bureau, customer, post, relay, reply

SECONDS = 6.0  # of mischief
CARE_BOX, COMPLAINT_BOX = "care", "complaints"
_HOUR = timedelta(hours=1)
_WORDS = [
    "glaze",
    "handle",
    "rim",
    "kiln",
    "saucer",
    "lid",
    "spout",
    "box",
    "parcel",
    "colour",
    "crack",
    "chip",
    "base",
    "foot",
    "stain",
    "label",
]


@dataclass(frozen=True)
class Letter:
    """A mail that a server receives `at` seconds after the beginning, as if `ago` before."""

    at: float
    box: str
    folder: str
    raw: bytes
    ago: timedelta
    deleted_at: float | None = None


@dataclass(frozen=True)
class Plot:
    letters: tuple[Letter, ...]


def plot(seed: str) -> Plot:
    """Make up a story."""
    chance = Random(seed)
    numbers = count(chance.randint(1, 900) * 1_000)
    letters: list[Letter] = []
    for _ in range(chance.randint(4, 12)):
        letters += chance.choice(_SCENES)(chance, next(numbers))
    return Plot(tuple(sorted(letters, key=lambda letter: letter.at)))


def _when(chance: Random) -> float:
    """Return a moment; a third of the mail lies there when the watch begins."""
    return 0.0 if chance.random() < 0.34 else chance.uniform(0.0, SECONDS - 1)


def _text(chance: Random, number: int) -> str:
    first, second, third = chance.sample(_WORDS, 3)
    return (
        f"The {first} of my mug number {number} came off near the {second}, and the {third} looks odd. "
        "What can be done about it?"
    )


def _answer(chance: Random, number: int) -> str:
    first, second, third = chance.sample(_WORDS, 3)
    return (
        f"Hello Jordan, that should not happen with the {first}: a new mug number {number} with a better {second} went "
        f"out this morning by Canada Post, and you may keep the old one with its {third}."
    )


def _question(chance: Random, number: int, ago: timedelta, **more: object) -> Letter:
    text = _text(chance, number)
    if chance.random() < 0.15:
        text += "\n" + "I took notes on how it broke.\n" * chance.choice((700, 3_000))
    at = more.pop("at", None)
    at = _when(chance) if at is None else at
    return Letter(at, CARE_BOX, str(more.pop("folder", "INBOX")), customer(number, text=text), ago, **more)


def _hours_left(chance: Random, hours: float) -> timedelta:
    """Return how long ago what has so many hours left came, of 24; it falls due before the end of the story."""
    return timedelta(hours=24 - hours) - timedelta(seconds=chance.uniform(-600, SECONDS - 1))


def last_hour(chance: Random, number: int) -> Iterator[Letter]:
    yield _question(chance, number, _hours_left(chance, 1))


def lapsing(chance: Random, number: int) -> Iterator[Letter]:
    yield _question(chance, number, _hours_left(chance, 0))


def fresh(chance: Random, number: int) -> Iterator[Letter]:
    yield _question(chance, number, chance.uniform(0.2, 14) * _HOUR)


def junked(chance: Random, number: int) -> Iterator[Letter]:
    yield _question(chance, number, 2 * _HOUR, folder="Junk")


def answered(chance: Random, number: int) -> Iterator[Letter]:
    at = _when(chance)
    yield _question(chance, number, chance.choice((2 * _HOUR, _hours_left(chance, 1), 25 * _HOUR)), at=at)
    raw = reply(number, text=_answer(chance, number))
    yield Letter(chance.uniform(at, SECONDS), CARE_BOX, "Sent", raw, timedelta(minutes=chance.randint(1, 50)))


def bounced(chance: Random, number: int) -> Iterator[Letter]:
    yield from answered(chance, number)
    raw = bounce(number=number, of=f"answer-{number}@shop.example", mid=f"dsn-{number}@shop.example")
    yield Letter(_when(chance), CARE_BOX, "INBOX", raw, timedelta(seconds=30))


def deleted(chance: Random, number: int) -> Iterator[Letter]:
    """Somebody deletes it, read by the watch or not."""
    at = _when(chance)
    gone = chance.uniform(at, SECONDS)
    yield _question(chance, number, _hours_left(chance, 1), at=at, deleted_at=gone)


def moved(chance: Random, number: int) -> Iterator[Letter]:
    """Somebody moves it from Junk to INBOX, or the other way."""
    at = _when(chance)
    gone = chance.uniform(at, SECONDS)
    here, there = chance.sample(("INBOX", "Junk"), 2)
    first = _question(chance, number, 3 * _HOUR, at=at, folder=here, deleted_at=gone)
    yield first
    yield Letter(gone, CARE_BOX, there, first.raw, first.ago)


def inquiry(chance: Random, number: int) -> Iterator[Letter]:
    text = f"Hello,\n\nthe buyer of order 600000{number:09} says that it is broken. What will you do?\n\nJohn\n"
    raw = agent(text, subject=f"Case {20_000_000 + number}: customer waits", mid=f"inquiry-{number}@walmart.com")
    at = _when(chance)
    yield Letter(at, CARE_BOX, "INBOX", raw, _hours_left(chance, chance.choice((0, 1, 3))))
    if chance.random() < 0.4:
        words = f"Hello John,\n\nwe wrote to the buyer of mug number {number}: a new one leaves tomorrow.\n\nMei\n"
        sent = post(
            *("care@shop.example", SMITH, f"Re: Case {20_000_000 + number}: customer waits", words),
            mid=f"to-agent-{number}@shop.example",
            answers=f"inquiry-{number}@walmart.com",
        )
        yield Letter(chance.uniform(at, SECONDS), CARE_BOX, "Sent", sent, timedelta(minutes=3))


def bureaus(chance: Random, number: int) -> Iterator[Letter]:
    left = chance.choice((0, 10, 25, 40, 55))
    ago = timedelta(minutes=60 - left) - timedelta(seconds=chance.uniform(-60, SECONDS - 1))
    raw = bureau(mid=f"bbb-{number}@walmart.com").replace(b"BBB complaint 55102", f"BBB complaint {number}".encode())
    yield Letter(_when(chance), COMPLAINT_BOX, "INBOX", raw, ago)


def complaint(chance: Random, number: int) -> Iterator[Letter]:
    text = f"Hello,\n\nthis is about order 600000{number:09}: the customer complains. Please resolve it.\n\nJohn\n"
    raw = agent(text, to=COMPLAINTS, subject=f"Complaint {number}", mid=f"complaint-{number}@walmart.com")
    yield Letter(_when(chance), COMPLAINT_BOX, "INBOX", raw, _hours_left(chance, chance.choice((0, 2, 6))))


def stranger(chance: Random, number: int) -> Iterator[Letter]:
    text = "Our offers of this week.\n" * chance.choice((1, 40, 8_000))
    box = chance.choice((CARE_BOX, COMPLAINT_BOX))
    raw = post("news@shop.invalid", "care@shop.example", f"Offers {number}", text, mid=f"news-{number}@x.invalid")
    at = _when(chance)
    gone = chance.uniform(at, SECONDS) if chance.random() < 0.5 else None
    yield Letter(at, box, "INBOX", raw, timedelta(minutes=5), gone)


def twice(chance: Random, number: int) -> Iterator[Letter]:
    """The customer writes again in the same conversation."""
    first = _question(chance, number, 5 * _HOUR)
    yield first
    raw = customer(number, text=_text(chance, number + 1), mid=f"again-{number}@relay.walmart.ca", author=relay(number))
    yield Letter(chance.uniform(first.at, SECONDS), CARE_BOX, "INBOX", raw, _HOUR)


Scene = Callable[[Random, int], Iterator[Letter]]
_SCENES: tuple[Scene, ...] = (
    *(last_hour, last_hour, lapsing, fresh, junked, answered, answered, bounced, deleted, moved),
    *(inquiry, bureaus, bureaus, complaint, stranger, twice),
)
