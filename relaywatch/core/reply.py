"""Whether a message of the seller's is a reply, of quality, to everybody (policy Q1 to Q6).

An Attempt is one message of the seller's, looked at for each party it could answer. It says what is wrong
with it for that party; a flawless one meets the party's deadlines.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter

from relaywatch.core.address import Parties, domain, is_no_reply
from relaywatch.core.bounce import REFUSED_BY_WALMART
from relaywatch.core.case import Code, Verb
from relaywatch.core.message import Class, Mail, Message
from relaywatch.core.rules import Match, fold
from relaywatch.core.signs import Answer, Side, Weighed
from relaywatch.core.subject import answer_titles, is_answer, is_forward
from relaywatch.core.when import received_at, sent_at

SELLERS = frozenset({Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER})
OPENERS = frozenset({Class.CUSTOMER, Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION})
_NEVER_SELLERS = OPENERS | {Class.BOUNCE, Class.OWN, Class.WALMART_NOTICE}
_BYSTANDERS = frozenset({Class.OTHER, Class.AUTOMATIC, Class.WALMART_NOTICE})
UNNAMED = "it names no mail of theirs and may answer somebody else's"
_PLAIN = -3.0  # the weight of a sign that shows a program by itself
_SKEW = timedelta(minutes=15)  # between the clocks of two servers


def is_sellers(mail: Mail) -> bool:
    """Whether the seller wrote it: it lies in Sent, or elsewhere it was proved to be theirs."""
    return seems_sellers(mail) and not mail.verdict.unauthenticated


def is_forged(mail: Mail) -> bool:
    """Whether it seems to be the seller's, for it came to a `sent` mailbox, and is not: it fails authentication."""
    return seems_sellers(mail) and is_unproved(mail)


def seems_sellers(mail: Mail) -> bool:
    """Whether it is the seller's, or would be if nothing spoke against it."""
    class_ = mail.verdict.class_
    return class_ in SELLERS or (mail.message.outgoing and class_ not in _NEVER_SELLERS)


def is_unproved(mail: Mail) -> bool:
    """Whether it fails authentication: what is owed for it is owed all the same, and it is nobody's but its own.

    Its sender chose whose it says it is, what it answers and which numbers it names.
    """
    return bool(mail.verdict.unauthenticated)


def is_leaf(mail: Mail) -> bool:
    """Whether nothing is joined by what a mail names, which anybody can write; what answers it may name it."""
    return is_unproved(mail) or is_bystanders(mail)


def is_bystanders(mail: Mail) -> bool:
    """Whether nobody is owed anything for a mail and it settles nothing: a stranger's, a notice, their programs'.

    Of such mail anybody can send as much as they like, so it is kept and shown, and asked for nothing.
    """
    return mail.verdict.class_ in _BYSTANDERS and not is_sellers(mail)


def answerable(message: Message, parties: Parties) -> bool:
    """Whether somebody reads what is sent back to a message."""
    back = message.reply_to or (message.author,)
    return any(address and not is_no_reply(address) and not parties.is_seller(address) for address in back)


def audience(message: Message, parties: Parties) -> frozenset[str]:
    """Return whom Reply All to an agent's mail must reach (policy Q3).

    That is everybody on it but the seller's own addresses and those that nobody reads.
    """
    everybody = (*(message.reply_to or (message.author,)), *message.to, *message.cc)
    return frozenset(
        address
        for address in everybody
        if address and not parties.is_seller(address) and not is_no_reply(address) and address not in parties.own
    )


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
    def unsure(self) -> bool:
        """Whether it may not answer some who are on it, and no person said so far whether it does."""
        return bool(self.may_not_answer) and not self.weighed.said

    @property
    def why(self) -> tuple[str, ...]:
        """Why it is doubtful, in words."""
        return self.weighed.why if self.doubtful else (UNNAMED, *self.weighed.why)

    def answered_people(self, *, surely: bool) -> frozenset[str]:
        """Return whom it was sent to as an answer; `surely`: without those of whom that is not known."""
        people = self.recipients - self.offered
        if self.may_not_answer and (surely if self.unsure else self.weighed.said == Verb.REJECT.value):
            people -= self.may_not_answer
        return people

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
        there -= self.offered
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


def bounces_of(mails: Iterable[Mail]) -> Mapping[str, tuple[frozenset[str], str | None]]:
    """Return, by Message.key of the seller's message, which recipients bounced and the report that said so.

    A report is matched by the original's Message-ID, else by recipient and time: the latest message sent to a
    failed recipient before the report came (policy Q6). A relay's refusal that names neither is of the latest
    message that went through it, rather of one whose subject it bears.

    A report that is surely forged, or surely of a message of somebody else's, is of none. What cannot be told from
    a genuine one counts, for a false alarm costs less than a reply wrongly held for received: few reports are
    authenticated, servers rewrite Message-IDs, and recipients stand behind aliases.
    """
    mails = tuple(mails)
    reports = [mail for mail in mails if mail.verdict.class_ is Class.BOUNCE and not is_unproved(mail)]
    if not reports:
        return {}
    others = {mail.message.message_id for mail in mails if not is_sellers(mail) and not is_leaf(mail)}
    sent = _Sent((mail.message for mail in mails if is_sellers(mail)), others - {None})
    found: dict[str, tuple[frozenset[str], str | None]] = {}
    for report in sorted(reports, key=lambda mail: (received_at(mail.message)[0], mail.message.key)):
        original = sent.original_of(report)
        if original is None:
            continue
        recipients = frozenset(original.recipients)
        # Recipients under names that the seller never wrote to (an alias behind one): in doubt, all of them.
        failed = recipients & frozenset(report.verdict.failed) or recipients
        before, first = found.get(original.key, (frozenset(), report.message.message_id))
        found[original.key] = (before | failed, first)
    return found


class _Sent:
    """What the seller sent, to be found by Message-ID, or by recipient and time."""

    def __init__(self, messages: Iterable[Message], others: Collection[str | None]) -> None:
        """Take the seller's messages, and the ids of what others wrote."""
        self._others = others
        self._by_id: dict[str, Message] = {}
        self._by_recipient: dict[str, list[tuple[datetime, str, Message]]] = defaultdict(list)
        self._timed = sorted(
            ((sent_at(message, None), message.key, message) for message in messages), key=itemgetter(0, 1)
        )
        for entry in self._timed:
            message = entry[2]
            if message.message_id:
                self._by_id.setdefault(message.message_id, message)
            for address in message.recipients:
                self._by_recipient[address].append(entry)

    def original_of(self, report: Mail) -> Message | None:
        stated = report.message.report.original_id if report.message.report else None
        if stated in self._others:
            return None
        for id_ in (report.verdict.original_id, *report.message.ancestors):
            if id_ in self._by_id:
                return self._by_id[id_]
        reported_at = received_at(report.message)[0]
        found = self._latest(report, reported_at) or self._latest(report, reported_at + _SKEW)
        if found is None and not report.verdict.failed and report.verdict.rule == REFUSED_BY_WALMART:
            found = self._latest_through(report.message, reported_at + _SKEW)
        return found

    def _latest_through(self, report: Message, until: datetime) -> Message | None:
        """Return the latest message that went through the host that refuses one, if possible of that subject."""
        host = domain(report.author)
        before = [message for at, _, message in self._timed if at <= until]
        sent = [one for one in before if any(domain(address) == host for address in one.recipients)] or before
        named = [message for message in sent if fold(message.subject) and fold(message.subject) in fold(report.subject)]
        return next(reversed(named or sent), None)

    def _latest(self, report: Mail, until: datetime) -> Message | None:
        latest: tuple[datetime, str, Message] | None = None
        for address in report.verdict.failed:
            entries = self._by_recipient.get(address, ())
            position = bisect_right(entries, until, key=itemgetter(0))
            if position and (latest is None or entries[position - 1][:2] > latest[:2]):
                latest = entries[position - 1]
        return latest[2] if latest else None
