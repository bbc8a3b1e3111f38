"""One message as the rules of classify.py see it: each thing that they ask, found once and only if one asks."""

from dataclasses import dataclass, replace
from functools import cached_property

from relaywatch.core.classes import walmart
from relaywatch.core.classes.automatic import Automatic, read_automatic
from relaywatch.core.classes.belief import asks_beside_report, customers_automatic, walmarts_automatic
from relaywatch.core.classes.bounce import Bounce, read_bounce
from relaywatch.core.classes.brought import only_brings_form
from relaywatch.core.classes.reported import holds_report, is_by_form
from relaywatch.core.language.rules import Match, Rules, Texts
from relaywatch.core.mail.address import Parties, is_mail_system, is_no_reply
from relaywatch.core.mail.message import Message, Role
from relaywatch.core.words import quotes
from relaywatch.core.words.contact_form import read_form


@dataclass(frozen=True)
class Seen:
    """One message, and what is asked of it."""

    message: Message
    parties: Parties
    rules: Rules

    @cached_property
    def texts(self) -> Texts:
        """The texts in which it is looked for what a mail asks and tells of.

        A machine of Walmart's that answers nothing, or repeats nothing, quotes nobody: what ends like a signature or
        begins like a quote is of the customer whose words it passes on, and what stands below is the machine's. What
        came back it quotes.
        """
        if not self.from_walmart or self.brings_form or self._brings_back or self._quotes:
            return self._divided
        bulk_teams = not self.message.ancestors and self._is_bulk_teams
        return walmart.whole_texts_of(self.message) if self.is_machine or bulk_teams else self._divided

    @property
    def _quotes(self) -> bool:
        """Whether it answers something, and repeats it: a signature alone ends no machine's words."""
        return bool(self.message.ancestors) and quotes.holds_quote(self.message.text)

    @property
    def _brings_back(self) -> bool:
        """Whether it is a mail system's, which quotes what was not delivered."""
        return is_mail_system(self.message.author) or (self.bounce is not None and self.bounce.reported)

    @cached_property
    def _divided(self) -> Texts:
        """The texts as whose words they are: what a notice says must be the writer's own."""
        return walmart.texts_of(self.message)

    @property
    def _is_bulk_teams(self) -> bool:
        """Whether a team sent it to many: only such a team's mail may be a notice."""
        team = self.rules.first("walmart_team", self._divided) is not None
        return team and walmart.is_bulk(self.message, self._divided, self.rules)

    @cached_property
    def sent(self) -> bool:
        """Whether the seller sent it, as far as folders show: a `sent` mailbox gets Walmart's own mail, too."""
        message = self.message
        return message.outgoing and not (message.arrived and self.parties.is_walmart(message.author))

    @cached_property
    def from_relay(self) -> bool:
        """Whether it came through Walmart's relay."""
        return not self.sent and self.parties.is_relay(self.message.author)

    @cached_property
    def from_walmart(self) -> bool:
        """Whether Walmart's people or machines wrote it, no customer."""
        return not self.sent and not self.from_relay and self.parties.is_walmart(self.message.author)

    @cached_property
    def has_form(self) -> bool:
        """Whether it holds Walmart's Contact-Seller form, filled in."""
        return read_form(self.message.rest) is not None or read_form(self.message.own_words) is not None

    @cached_property
    def brings_form(self) -> bool:
        """Whether a machine of Walmart's brings the form itself, not within what it tells of (policy C1)."""
        return (
            self.from_walmart
            and self.is_machine
            and not self.for_complaints
            and self.has_form
            and only_brings_form(self.message, self.rules)
        )

    @cached_property
    def is_machine(self) -> bool:
        """Whether a program of Walmart's wrote it."""
        return walmart.is_machine(self.message, self.parties, self.rules)

    @cached_property
    def wording(self) -> Match | None:
        """What sounds like a notice, whoever wrote it."""
        return walmart.wording(self._divided, self.rules)

    @cached_property
    def notice(self) -> Match | None:
        """What shows that it only informs; that nobody reads answers says it not of a complaint (policy C3)."""
        if self.wording is None or (self.for_complaints and walmart.tells_of_itself(self.wording)):
            return None
        return walmart.notice(self.wording, self.message, self.texts, self.parties, self.rules)

    @cached_property
    def by_list(self) -> bool:
        """Whether Walmart's own mailing list sent it."""
        return walmart.is_list_mail(self.message, self.texts, self.parties, self.rules)

    @cached_property
    def request(self) -> Match | None:
        """What asks for an answer."""
        return walmart.request(self.texts, self.rules)

    @cached_property
    def is_relays_machine(self) -> bool:
        """Whether the relay wrote it itself, no customer through it."""
        author = self.message.author
        itself = is_no_reply(author) or is_mail_system(author)
        return self.from_relay and itself and not self.has_form

    @cached_property
    def is_persons(self) -> bool:
        """Whether a customer's or an agent's address sent it."""
        if self.from_relay:
            return not self.is_relays_machine
        return self.from_walmart and not self.is_machine

    @cached_property
    def bounce(self) -> Bounce | None:
        """What says that a message was not delivered."""
        return read_bounce(self.message, self.rules)

    @cached_property
    def sounds_automatic(self) -> Automatic | None:
        """What shows an automatic mail, whoever wrote it."""
        return read_automatic(self.message, self.rules)

    @cached_property
    def automatic(self) -> Automatic | None:
        """What shows an automatic mail and is believed of its sender."""
        if self.from_relay and self.has_form:
            return None
        found = self.sounds_automatic
        if found is None or not (self.from_relay or self.from_walmart):
            return found
        if self.from_relay and not self.is_relays_machine:
            return customers_automatic(self.message, found, self.rules)
        unread = self.is_relays_machine or self.is_machine or self.notice is not None
        whole = replace(self.message, own_words=self.texts.own_words, rest=self.texts.rest)
        return walmarts_automatic(whole if self.is_machine else self.message, found, self.rules, unread=unread)

    @cached_property
    def protection(self) -> Match | None:
        """What tells of a consumer-protection body's complaint (policy C4)."""
        return walmart.consumer_protection(self.texts, self.rules)

    @cached_property
    def brings_report(self) -> bool:
        """Whether somebody only sends a report on, with words of their own, and none of theirs is believed.

        A mail system's is believed, a machine's of Walmart's or the relay's by its form (RFC 6522 3) or where nothing
        is asked beside it, a person's by its form and where nothing is; of what the seller sent, the form.
        """
        message = self.message
        if not holds_report(message) or not (self.sent or self.from_relay or self.from_walmart):
            return False
        if self.sent:
            return not is_by_form(message)
        if is_mail_system(message.author) or (is_by_form(message) and not self.is_persons):
            return False
        if self.is_persons and not is_by_form(message):
            return True
        if self.from_walmart and self.protection is not None:
            return True
        return asks_beside_report(message, self.rules, of_walmart=self.from_walmart, by_person=self.is_persons)

    @property
    def is_asked(self) -> bool:
        """Whether an answer is asked for in words that no courtesy has."""
        return self.request is not None and not walmart.is_plain(self.request)

    @property
    def for_complaints(self) -> bool:
        """Whether it came to the mailbox for complaints."""
        return any(copy.role is Role.COMPLAINT for copy in self.message.believed)
