"""Attempt: a message of the seller's that may be a reply, of quality, to everybody (policy Q1 to Q5).

It is looked at for each party that it could answer, and says what is wrong with it for that party; a flawless one
meets the party's deadlines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from relaywatch.core.cases.case import Code, Verb
from relaywatch.core.language.rules import Match
from relaywatch.core.language.signs import Answer, Side, Weighed
from relaywatch.core.language.subject import answer_titles, is_answer, is_forward
from relaywatch.core.mail.address import Parties, is_no_reply
from relaywatch.core.mail.message import Class, Mail, Message

UNNAMED = "it names no mail of theirs and may answer somebody else's"
_PLAIN = -3.0  # the weight of a sign that shows a program by itself


@dataclass(frozen=True)
class Attempt:
    """One message of the seller's within a conversation."""

    mail: Mail
    answered: Mail | None  # the message that its In-Reply-To or References name, if it is here
    at: datetime  # when it was sent: never before what it answers
    bounced: frozenset[str]  # recipients that it never reached (policy Q6)
    bounced_by: str | None  # the report's Message-ID
    weigh: Callable[[], Weighed]
    speaks_of: Callable[[Message], bool]  # whether it has a word of that message
    subjects: frozenset[str]  # titles of the customer's messages here
    asked: frozenset[str]  # titles of all messages here that are owed an answer
    forbidden: Match | None = None  # what may never go to a customer (policy O2), where it is nothing else
    aside: frozenset[str] | None = None  # where it answers somebody else than Walmart's people: see answered.aside_of
    offered: frozenset[str] = frozenset()  # relay addresses on it that it does not answer: see offered.beside
    may_not_answer: frozenset[str] = frozenset()  # addresses on it, of which that is not known
    seeming: frozenset[str] = frozenset()  # addresses on it that it answers as far as their mail is unproved

    @property
    def message(self) -> Message:
        """The seller's message."""
        return self.mail.message

    @cached_property
    def weighed(self) -> Weighed:
        """Whether what it says counts as an answer; weighed when first asked for."""
        return self.weigh()

    @property
    def automatic(self) -> bool:
        """Whether no person wrote it for this matter (policy Q2)."""
        return self.weighed.answer is Answer.DOES_NOT and self.weighed.machine

    @property
    def by_program(self) -> bool:
        """Whether one sign alone shows that a program wrote it: it need not answer anybody to be a person's."""
        return self.automatic and any(
            one.sign.side is Side.MACHINE and one.sign.weight <= _PLAIN for one in self.weighed.shown
        )

    @property
    def thin(self) -> bool:
        """Whether it says too little (policy Q1)."""
        return self.weighed.answer is Answer.DOES_NOT and not self.weighed.machine

    @property
    def counts(self) -> bool:
        """Whether what it says counts without any doubt."""
        return self.weighed.answer is Answer.COUNTS

    @property
    def doubtful(self) -> bool:
        """Whether a person must say if it counts."""
        return self.weighed.answer is Answer.DOUBTFUL

    @property
    def confirmed(self) -> bool:
        """Whether a person said that it counts."""
        return self.weighed.said == Verb.CONFIRM.value

    @property
    def unsure(self) -> bool:
        """Whether it may not answer some who are on it, and no person said so far whether it does."""
        return bool(self.may_not_answer) and not self.weighed.said

    @property
    def why(self) -> tuple[str, ...]:
        """Why it is doubtful, in words."""
        return self.weighed.why if self.doubtful else (UNNAMED, *self.weighed.why)

    def answered_people(self, *, surely: bool, unproved: bool = False) -> frozenset[str]:
        """Return whom it was sent to as an answer; `surely`: without those of whom that is not known.

        `unproved`: as far as their own mail is unproved.
        """
        people = self.recipients - self.offered
        rejected = self.weighed.said == Verb.REJECT.value
        if self.may_not_answer and (surely if self.unsure else rejected):
            people -= self.may_not_answer
        return people | self.seeming if unproved and not rejected else people

    @cached_property
    def is_reply(self) -> bool:
        """Whether it looks like an answer, not like a forward or a new message."""
        subject = self.message.subject
        if is_forward(subject):
            return False
        return bool(self.message.in_reply_to) or is_answer(subject, self.asked)

    @cached_property
    def names(self) -> frozenset[str]:
        """Message ids that it says it answers directly; empty where it names none."""
        return frozenset(self.message.in_reply_to or self.message.references[-1:])

    @cached_property
    def recipients(self) -> frozenset[str]:
        """Everybody whom it was sent to."""
        return frozenset(self.message.recipients)

    @cached_property
    def reached(self) -> frozenset[str]:
        """Everybody whom it was sent to and who got it."""
        return self.recipients - self.bounced

    def flaws_for_customer(self, relays: frozenset[str], parties: Parties) -> dict[Code, dict[str, object]] | None:
        """Return what keeps it from answering a customer ({}: nothing); None where it does not try to.

        `relays`: the relay addresses that the customer wrote from; empty: any, where only Walmart wrote.
        """
        there = {address for address in self.recipients if parties.is_relay(address)}
        if not there:
            return self._flaws_around_the_relay(parties)
        there -= self.offered - self.seeming
        there = there & relays if relays else there
        if not there:
            return None
        if self.forbidden is not None:  # it has a finding of its own
            return None
        if self.automatic:  # policy Q2
            return {Code.AUTOMATIC_REPLY: self._program()}
        flaws: dict[Code, dict[str, object]] = {}
        if not parties.is_registered(self.message.author):  # policy Q5
            flaws[Code.UNREGISTERED_SENDER] = {"sender": self.message.author}
        if self.thin:  # policy Q1
            flaws[Code.THIN_REPLY] = self._too_little()
        if there <= self.bounced:  # policy Q6
            flaws[Code.BOUNCED_REPLY] = self._bounce()
        return flaws

    def _flaws_around_the_relay(self, parties: Parties) -> dict[Code, dict[str, object]] | None:
        """Policy Q5: an answer to the customer's own address, which Walmart does not see."""
        outside = [
            address
            for address in self.message.recipients
            if not parties.is_seller(address) and not parties.is_walmart(address) and not is_no_reply(address)
        ]
        if self.answered is not None:
            to_customer = self.answered.verdict.class_ is Class.CUSTOMER
        else:  # no supplier's or carrier's mail about the same order
            to_customer = not self.subjects.isdisjoint(answer_titles(self.message.subject))
        if not outside or not self.is_reply or not to_customer:
            return None
        if self.automatic:
            return {Code.AUTOMATIC_REPLY: self._program()}
        return {Code.OUTSIDE_RELAY: {"recipients": outside}}

    def flaws_for_agent(
        self, asked: Message, wanted: frozenset[str], parties: Parties
    ) -> dict[Code, dict[str, object]] | None:
        """Return what keeps it from answering an agent's mail ({}: nothing); None where it does not try to.

        `wanted`: the audience of `asked`.
        """
        there = wanted & self.recipients
        if not there and not self._goes_back(asked, parties):
            return None
        if self.automatic:
            return {Code.AUTOMATIC_REPLY: self._program()}
        flaws: dict[Code, dict[str, object]] = {}
        if self.thin:
            flaws[Code.THIN_REPLY] = self._too_little()
        if there & self.bounced:
            flaws[Code.BOUNCED_REPLY] = self._bounce()
        missing = wanted - self.reached
        if missing and not (there and there <= self.bounced):  # policy Q3; one whose copy bounced is missing
            flaws[Code.REPLY_ALL_MISSING] = {"missing": sorted(missing)}
        return flaws

    def _goes_back(self, asked: Message, parties: Parties) -> bool:
        """Whether it answers the agent, if by another address than the one that answers were asked to."""
        named = self.answered is not None and self.answered.message.key == asked.key and self.is_reply
        agents = any(parties.is_agent(address) for address in self.recipients)
        return asked.author in self.recipients or (named and agents)

    def _program(self) -> dict[str, object]:
        heaviest = next((one for one in self.weighed.against if one.sign.side is Side.MACHINE), None)
        return {"rule": heaviest.sign.name if heaviest else self.mail.verdict.rule, "why": list(self.weighed.why)}

    def _too_little(self) -> dict[str, object]:
        heaviest = next(iter(self.weighed.against), None)
        return {"rule": heaviest.sign.name if heaviest else "", "why": list(self.weighed.why)}

    def _bounce(self) -> dict[str, object]:
        return {"recipients": sorted(self.bounced), "bounce": self.bounced_by}
