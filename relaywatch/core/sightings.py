"""What the seller sent in answer to whom, and how soon: from this is learned what goes to everybody (policy Q1, Q2)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from relaywatch.core.address import Parties
from relaywatch.core.clock import kind_of
from relaywatch.core.learned import Learned, Sighting, learn, print_of
from relaywatch.core.message import Mail
from relaywatch.core.reply import is_sellers
from relaywatch.core.when import received_at, sent_at

_LOOKED_AT = 50  # messages of one address, the latest: who wrote more is answered by those


def learned_of(mails: Iterable[Mail], parties: Parties) -> Learned:
    """Return what the mail of one seller teaches; its order does not matter."""
    return learn(sightings(mails, parties))


def sightings(mails: Iterable[Mail], parties: Parties) -> Iterator[Sighting]:
    """Yield each message of the seller's that answers somebody: its words, whom it answers, how long after.

    What it answers is the message that it names, else the last that its recipient sent before it.
    """
    mails = tuple(mails)
    asked = [mail for mail in mails if kind_of(mail) is not None and not is_sellers(mail)]
    by_id = {mail.message.message_id: mail for mail in asked if mail.message.message_id}
    by_address = _by_address(asked)
    for mail in mails:
        message = mail.message
        if not is_sellers(mail) or not message.own_words.strip():
            continue
        answered = next((by_id[id_] for id_ in message.ancestors if id_ in by_id), None)
        if answered is None:
            answered = _last_before(mail, by_address, parties)
        if answered is not None:
            received = received_at(answered.message)[0]
            yield Sighting(print_of(message.own_words), answered.message.author, sent_at(message, received) - received)


def _by_address(asked: Iterable[Mail]) -> Mapping[str, list[tuple[datetime, str, Mail]]]:
    found: dict[str, list[tuple[datetime, str, Mail]]] = defaultdict(list)
    for mail in asked:
        message = mail.message
        for address in dict.fromkeys((message.author, *message.reply_to)):
            found[address].append((received_at(message)[0], message.key, mail))
    for sent in found.values():
        sent.sort(key=lambda entry: entry[:2])
    return found


def _last_before(
    mail: Mail, by_address: Mapping[str, list[tuple[datetime, str, Mail]]], parties: Parties
) -> Mail | None:
    moment = sent_at(mail.message, None)
    for address in mail.message.recipients:
        if parties.is_walmart(address):
            for received, _, asked in reversed(by_address.get(address, ())[-_LOOKED_AT:]):
                if received <= moment:
                    return asked
    return None
