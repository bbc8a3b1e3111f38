"""Which Message-IDs one customer alone can have had: by those, and no others, whoever names one is known.

Who is on a mail has its id, and the ids that it names. Anybody may put a customer's address on their mail: Reply All
to that is had by both.
"""

from collections.abc import Iterable
from itertools import islice, product

from relaywatch.core.classes.whose import is_sellers, is_unproved
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.threads.answered import MOST_ANCESTORS, nearest_first
from relaywatch.core.threads.wrote import Wrote


def outsiders(message: Message, parties: Parties) -> frozenset[str]:
    """Return who is on a mail that is neither Walmart's nor the seller's: customers and strangers.

    A stranger in Bcc (an archive, a ticket system) is there by the seller's own choice: no mail asks for that.
    """
    blind = filter(parties.is_relay, message.bcc)
    return frozenset(filter(parties.is_outside, (*message.to, *message.cc, *blind)))


class Had:
    """Who had the ids of mails, as far as the seller's mail and customers' shows."""

    def __init__(self, mails: Iterable[Mail], wrote: Wrote, parties: Parties) -> None:
        """`mails`: in order of time."""
        self._parties = parties
        self._by_others: set[str] = set()
        some = [(mail, outsiders(mail.message, parties)) for mail in mails if is_sellers(mail) or _is_customers(mail)]
        known: set[tuple[str, str]] = set()  # relay addresses, and ids that they had of their own mail or to them alone
        for mail, others in some:
            own = wrote.relays(mail.message) if _is_customers(mail) else others
            known.update((address, mail.message.message_id or "") for address in own)
        for mail, others in some:
            message = mail.message
            named = list(islice(nearest_first(message), MOST_ANCESTORS))
            if _is_customers(mail):
                theirs = wrote.relays(message)
                if others - theirs:
                    self._by_others.update((*named, message.message_id or ""))
                known.update(product(theirs, named))  # so an answer there tells them nothing new
            else:
                if self._only(others) is None:
                    self._by_others.add(message.message_id or "")
                self._by_others.update(id_ for id_ in named if any((one, id_) not in known for one in others))

    def by_others(self, id_: str) -> bool:
        """Whether others may have had an id than the customer whose mail it is, or to whom the seller's went."""
        return id_ in self._by_others

    def alone(self, sent: Message) -> str | None:
        """Return the relay address that a mail of the seller's went to, if nobody else can have its id."""
        if self.by_others(sent.message_id or ""):
            return None
        return self._only(outsiders(sent, self._parties))

    def _only(self, others: frozenset[str]) -> str | None:
        return next(filter(self._parties.is_relay, others), None) if len(others) == 1 else None


def _is_customers(mail: Mail) -> bool:
    return mail.verdict.class_ is Class.CUSTOMER and not is_unproved(mail) and not is_sellers(mail)
