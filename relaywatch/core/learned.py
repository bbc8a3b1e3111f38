"""What a seller's own mail teaches: texts that go to everybody, whoever writes and whatever about (policy Q1, Q2)."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from relaywatch.core.rules import fold

_MOMENTS = timedelta(minutes=3)  # no person reads, thinks and writes sooner, again and again
_MANY = 3  # customers
_NUMBER = re.compile(r"[^\W_]*\d[^\W_]*")
_GREETING = re.compile(r"^(?:hi|hello|dear|bonjour|cher|chere|hey) [^,!.:，]{1,40}[,!.:，]")


def print_of(own_words: str) -> str:
    """Return a text's fingerprint: the same for the same words with another name in the greeting, other numbers."""
    text = _NUMBER.sub("#", _GREETING.sub("", fold(own_words[:5_000])))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned, held fixed while a case is judged."""

    canned: frozenset[str] = frozenset()  # fingerprints of texts that go out by themselves


@dataclass(frozen=True, slots=True)
class Sighting:
    """One reply of the seller's: its text's fingerprint, to whom, and how long after that customer's message."""

    fingerprint: str
    counterparty: str
    after: timedelta


def learn(sightings: Iterable[Sighting]) -> Learned:
    """Return what goes to everybody: one text to many customers within moments of their messages."""
    customers: dict[str, set[str]] = defaultdict(set)
    for sighting in sightings:
        if timedelta() <= sighting.after <= _MOMENTS:
            customers[sighting.fingerprint].add(sighting.counterparty)
    return Learned(frozenset(text for text, who in customers.items() if len(who) >= _MANY))
