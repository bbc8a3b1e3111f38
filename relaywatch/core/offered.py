"""Which customers an answer reaches only because somebody else put them on the mail that it answers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from relaywatch.core.address import Parties
from relaywatch.core.answered import MOST_ANCESTORS, is_somebody_elses, nearest_first
from relaywatch.core.message import Mail, Message
from relaywatch.core.reply import is_sellers
from relaywatch.core.wrote import Wrote

_NOBODY = frozenset[str]()


def offered_to(mails: Sequence[Mail], parties: Parties) -> Mapping[str, frozenset[str]]:
    """Return, by Message.key of the seller's mails, the relay addresses that are on it by the will of another.

    Reply All to a stranger, or to a customer, reaches whomever they put into Cc or Reply-To, and answers none of these
    unless it names their mail as well. What follows such an answer is no other. `mails` in order of time.
    """
    return _Offered(mails, parties).by_key


class _Offered:
    def __init__(self, mails: Sequence[Mail], parties: Parties) -> None:
        self.by_key: dict[str, frozenset[str]] = {}
        self._parties = parties
        self._wrote = Wrote(mails, parties)
        self._received: dict[str, list[Mail]] = defaultdict(list)
        self._sent: dict[str, Message] = {}
        for mail in mails:
            id_ = mail.message.message_id
            if id_ and is_sellers(mail):
                self._sent[id_] = mail.message
            elif id_:
                self._received[id_].append(mail)
        for mail in mails:
            offered = self._on(mail.message) if is_sellers(mail) else _NOBODY
            if offered:
                self.by_key[mail.message.key] = offered

    def _on(self, message: Message) -> frozenset[str]:
        ids = islice(nearest_first(message), MOST_ANCESTORS)
        named = [id_ for id_ in ids if id_ in self._received or id_ in self._sent]
        if not named:
            return _NOBODY
        if named[0] in self._sent:
            found = self.by_key.get(self._sent[named[0]].key, _NOBODY)
        else:
            found = frozenset(self._put_on(self._received[named[0]], frozenset(message.recipients)))
        return found.difference(*map(self._people, named[1:])) if found else found

    def _put_on(self, bearers: Sequence[Mail], to: frozenset[str]) -> Iterator[str]:
        """Yield whom the author of an answered mail put on it; nobody where one of Walmart's may be meant."""
        if not all(is_somebody_elses(mail, self._parties) for mail in bearers):
            return
        theirs = _NOBODY.union(*(self._wrote.theirs(mail.message) for mail in bearers if self._is_customers(mail)))
        for message in (mail.message for mail in bearers):
            back = (message.author, *message.reply_to)
            if not to.isdisjoint(back) and not self._parties.is_seller(message.author):
                on = (*message.reply_to, *message.recipients)
                yield from (one for one in on if self._parties.is_relay(one) and one not in theirs)

    def _is_customers(self, mail: Mail) -> bool:
        return self._parties.is_relay(mail.message.author)

    def _people(self, id_: str) -> set[str]:
        """Return whose mail is named by an id beside the nearest: those who wrote it, or whom the seller wrote to."""
        if id_ in self._sent:
            return set(self._sent[id_].recipients)
        return {one for mail in self._received[id_] for one in (mail.message.author, *mail.message.reply_to)}
