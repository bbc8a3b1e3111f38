"""From which of the relay's addresses a customer writes: From proves one, Reply-To does not.

A customer chooses their Reply-To, so it is theirs only where nobody else wrote from it.
"""

from collections.abc import Iterable

from relaywatch.core.classes.whose import is_unproved
from relaywatch.core.mail.address import Parties, is_no_reply
from relaywatch.core.mail.message import Class, Mail, Message


class Wrote:
    """The relay addresses that customers wrote from."""

    def __init__(self, mails: Iterable[Mail], parties: Parties) -> None:
        self._parties = parties
        proved = (mail for mail in mails if mail.verdict.class_ is Class.CUSTOMER and not is_unproved(mail))
        self._authors = {mail.message.author for mail in proved}

    def theirs(self, message: Message) -> tuple[str, ...]:
        """Return the addresses of a customer's message that are its author's.

        What a machine of Walmart's or of the relay's sends for a customer has no other address of theirs than Reply-To.
        """
        author = message.author
        sent_on = self._is_sent_on(message)
        return (author, *(one for one in message.reply_to if sent_on or one == author or one not in self._authors))

    def relays(self, message: Message) -> frozenset[str]:
        """Return those of them that are at the relay and that somebody reads."""
        return self._read(self.theirs(message))

    def proved(self, message: Message) -> frozenset[str]:
        """Return those of them by which a customer's other messages are known: no Reply-To that only asks for answers.

        Who can forge From where nothing is authenticated would draw the answers to all of that customer's mail away.
        """
        return self._read(self.theirs(message) if self._is_sent_on(message) else (message.author,))

    def _is_sent_on(self, message: Message) -> bool:
        return not self._parties.is_relay(message.author) or is_no_reply(message.author)

    def _read(self, addresses: Iterable[str]) -> frozenset[str]:
        return frozenset(one for one in addresses if self._parties.is_relay(one) and not is_no_reply(one))
