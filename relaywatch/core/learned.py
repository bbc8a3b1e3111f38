"""What a seller's own mail teaches: texts that go to everybody, whoever writes and whatever about.

Such a text is no person's answer to a matter (policy Q1, Q2), though no header and no word of it says so.
"""

import hashlib
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from relaywatch.core.address import Parties
from relaywatch.core.message import Class, Mail
from relaywatch.core.reply import is_sellers
from relaywatch.core.rules import fold
from relaywatch.core.when import received_at

_MOMENTS = timedelta(minutes=3)  # no person reads, thinks and writes sooner, again and again
_SKEW = timedelta(minutes=2)  # between the sender's clock and the receiving server's
_MANY = 3  # customers
_LOOKED_AT = 3_000  # characters
_NUMBER = re.compile(r"[^\W_]*\d[^\W_]*")
_GREETING = re.compile(
    r"^(?:hi|hello|dear|bonjour|bonsoir|cher|chere|hey|good (?:morning|afternoon|evening))\b ?[^,!.:，！]{0,40}"
    r"[,!.:，！]|^(?:尊敬的|亲爱的)[^,，:：!！。]{0,20}[,，:：!！。]|^[^\s,，]{1,20} ?(?:您好|你好)[,，!！。]"
)


def print_of(own_words: str) -> str:
    """Return a text's fingerprint: the same for the same words with another name in the greeting, other numbers."""
    text = _NUMBER.sub("#", _GREETING.sub("", fold(own_words[:_LOOKED_AT])))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


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
    key: str = ""  # Message.key of the reply

    @property
    def quick(self) -> bool:
        """Whether it went out within moments of the customer's message."""
        return -_SKEW <= self.after <= _MOMENTS


def sightings(conversation: Iterable[Mail], parties: Parties) -> Iterator[Sighting]:
    """Yield the seller's replies to the customer of one conversation, for `learn`.

    A reply that names the message it answers is timed from that one, any other from the latest before it. The
    customer has one name, though each of their messages may come from an address of its own.
    """
    mails = list(conversation)
    asked = sorted(
        (received_at(mail.message)[0], mail.message.message_id or "", mail.message.author)
        for mail in mails
        if mail.verdict.class_ is Class.CUSTOMER
    )
    if not asked:
        return
    by_id = {id_: at for at, id_, _ in asked if id_}
    times = [at for at, _, _ in asked]
    customer = asked[0][2]
    for mail in mails:
        message = mail.message
        to_relay = any(parties.is_relay(address) for address in message.recipients)
        if not to_relay or not is_sellers(mail) or not message.own_words.strip():
            continue
        sent = received_at(message)[0]
        before = bisect_right(times, sent + _SKEW)
        named = max((by_id[id_] for id_ in message.ancestors if id_ in by_id), default=None)
        since = named if named is not None else times[before - 1] if before else None
        if since is not None:
            yield Sighting(print_of(message.own_words), customer, max(sent - since, -_SKEW), message.key)


def is_canned(quick: int, slow: int) -> bool:
    """Whether a text goes to everybody: so many customers got it within moments, so many later.

    A person's template is quick now and then; what a program sends is hardly ever slow.
    """
    return quick >= _MANY and quick > slow


def learn(sightings: Iterable[Sighting]) -> Learned:
    """Return what goes to everybody: one text to many customers, mostly within moments of their messages."""
    quick: dict[str, set[str]] = defaultdict(set)
    slow: dict[str, set[str]] = defaultdict(set)
    for sighting in sightings:
        (quick if sighting.quick else slow)[sighting.fingerprint].add(sighting.counterparty)
    return Learned(frozenset(text for text, who in quick.items() if is_canned(len(who), len(slow[text]))))


def learned_of(conversations: Iterable[Iterable[Mail]], parties: Parties) -> Learned:
    """Return what all conversations of one seller teach; their order does not matter."""
    return learn(sighting for conversation in conversations for sighting in sightings(conversation, parties))
