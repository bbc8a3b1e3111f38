"""What the seller tried: each message of theirs in a conversation, read and weighed by what came before it.

A reply's own words are read anew here, for only here the messages are known that it may repeat. Everything that is
weighed depends on the messages before it alone, so the order of arrival cannot matter.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from relaywatch.core.address import Parties
from relaywatch.core.answered import Answered
from relaywatch.core.case import Statement, Verb
from relaywatch.core.known import Known
from relaywatch.core.learned import Learned, names_of
from relaywatch.core.matter import matter_of
from relaywatch.core.message import Class, Mail, Message
from relaywatch.core.outreach import forbidden
from relaywatch.core.policy import Policy
from relaywatch.core.quality import is_only_promotion
from relaywatch.core.reply import Attempt, answerable, bounces_of, is_sellers
from relaywatch.core.rules import Match, Rules
from relaywatch.core.said import NOTHING, read
from relaywatch.core.signs import SURE, Answer, Weighed
from relaywatch.core.subject import answer_titles, asked_titles
from relaywatch.core.weighing import Past, Sent, weigh
from relaywatch.core.when import answered_at, received_at
from relaywatch.core.words import in_order, is_all_marked, repeats, reread

_MOST_BEFORE = 4  # messages that a reply is compared with: the latest


@dataclass(frozen=True, slots=True)
class Basis:
    """What judging rests on beside the messages: the policy, who is who, the rules and what was learned."""

    policy: Policy
    parties: Parties
    rules: Rules
    learned: Learned = field(default_factory=Learned)


def attempts_of(
    mails: Sequence[Mail], openers: Sequence[Mail], statements: Iterable[Statement], basis: Basis
) -> list[Attempt]:
    """Return the seller's messages in order of time, each with what became of it and what it is worth.

    `mails` and `openers`, what is owed an answer among them, in order of time.
    """
    received = [received_at(mail.message)[0] for mail in openers]
    answers = Answered(openers)
    asked = next((at for at, mail in zip(received, openers, strict=True) if _waits_at_relay(mail, basis)), None)
    subjects = _titles(mail for mail in openers if mail.verdict.class_ is Class.CUSTOMER)
    titles = _titles(openers)
    bounced = bounces_of(mails)
    scale = _Scale(mails, openers, received, statements, basis)
    found = []
    for mail in mails:
        if not is_sellers(mail):
            continue
        message = mail.message
        answered, named = answers.by(message)
        before = bisect_right(received, received_at(message)[0])
        at = answered_at(message, named, received[before - 1] if before else None)
        failed, report = bounced.get(message.key, (frozenset(), None))
        found.append(
            Attempt(
                mail=mail,
                answered=answered,
                at=at,
                bounced=failed,
                bounced_by=report,
                weighed=scale.weigh(mail, at, answered),
                subjects=subjects,
                asked=titles,
                forbidden=_forbidden(mail, basis, asked=asked is not None and asked <= at),
            )
        )
    return sorted(found, key=lambda attempt: (attempt.at, attempt.message.key))


class _Scale:
    """Weighs the seller's messages of one conversation."""

    def __init__(
        self,
        mails: Sequence[Mail],
        openers: Sequence[Mail],
        received: Sequence[datetime],
        statements: Iterable[Statement],
        basis: Basis,
    ) -> None:
        self._basis = basis
        self._openers = [mail.message for mail in openers]
        self._received = received
        sent = sorted((_sent_at(mail.message), mail.message.key, mail.message) for mail in mails if is_sellers(mail))
        self._sent = [message for _, _, message in sent]
        self._sent_at = [at for at, _, _ in sent]
        self._subjects = _titles(openers)
        self._asked = {mail.message.message_id for mail in openers}
        self._own_ids = {message.message_id: message for message in self._sent}
        self._own = basis.parties.registered | basis.parties.seller
        self._said = {
            statement.message_key: statement
            for statement in statements
            if statement.verb in (Verb.CONFIRM, Verb.REJECT) and statement.message_key is not None
        }

    def weigh(self, mail: Mail, at: datetime, answered: Mail | None) -> Weighed:
        """Return whether a message counts, and why; what a person said of it outweighs all signs."""
        found = self._by_signs(mail, at, answered)
        said = self._said.get(mail.message.key)
        if said is None:
            return found
        answer = Answer.COUNTS if said.verb is Verb.CONFIRM else Answer.DOES_NOT
        return replace(found, answer=answer, said=said.verb.value)

    def _by_signs(self, mail: Mail, at: datetime, answered: Mail | None) -> Weighed:
        message = mail.message
        if message.forgotten:
            return (
                SURE
                if mail.verdict.class_ is not Class.AUTOMATIC
                else replace(SURE, answer=Answer.DOES_NOT, machine=True)
            )
        count = bisect_right(self._received, at)
        before = [
            one
            for one in self._openers[max(0, count - _MOST_BEFORE) : count]
            if message.message_id not in one.ancestors
        ]
        rules = self._basis.rules
        names = names_of(before)
        since = (
            received_at(answered.message)[0] if answered is not None else self._received[count - 1] if count else None
        )
        frame = Sent(
            message=message,
            said=NOTHING,
            matter=matter_of(before, rules),
            after=at - since if since is not None and since < at else None,
            past=Past(),
            spoken=mail.verdict.class_ is Class.AUTOMATIC,
            related=self._continues(message)
            or self._goes_to_agent(message, before)
            or not any(answerable(one, self._basis.parties) for one in before)
            or not self._subjects.isdisjoint(answer_titles(message.subject)),
        )
        known = Known(before, self._sent_before(at, message), self._own)
        lines = message.own_words.split("\n") if message.own_words else []
        if lines and not repeats(lines, known):
            found = self._weigh(frame, lines, names, at)
            if found.answer is Answer.COUNTS:
                return found  # what else may stand below a quote can only add to it
            if is_all_marked(message.rest) and message.layout[:1] > (0,):
                return found  # and nothing else stands there
        lines = reread(in_order(message.own_words, message.rest, message.layout), known)
        return self._weigh(replace(frame, spoken=True), lines, names, at)

    def _weigh(self, frame: Sent, lines: Sequence[str], names: frozenset[str], at: datetime) -> Weighed:
        """Weigh a message by those lines that are its author's."""
        learned = self._basis.learned
        said = read(lines)
        furniture = learned.furniture((line.folded for line in (*said.body, *said.below)), names, at)
        if furniture:
            said = read(lines, furniture)
        past = learned.past(said.body, frame.message.own_words, names, at)
        return weigh(replace(frame, said=said, past=past), self._basis.rules)

    def _sent_before(self, at: datetime, message: Message) -> list[Message]:
        """Return the latest of the seller's other messages before a moment."""
        count = bisect_left(self._sent_at, at)
        return [one for one in self._sent[max(0, count - _MOST_BEFORE) : count] if one.key != message.key]

    def _goes_to_agent(self, message: Message, before: Sequence[Message]) -> bool:
        """Whether it goes to one of Walmart's people who wrote: what comes later may answer them (policy C4)."""
        wrote = {one.author for one in before if self._basis.parties.is_agent(one.author)}
        return not wrote.isdisjoint(message.recipients)

    def _continues(self, message: Message) -> bool:
        """Whether a message names one that is owed an answer, or one that is not here; through the seller's own too."""
        looked: set[str] = set()
        waiting = list(message.ancestors)
        while waiting and len(looked) < _MOST_BEFORE:
            id_ = waiting.pop()
            if id_ in looked:
                continue
            looked.add(id_)
            if id_ in self._asked or id_ not in self._own_ids:
                return True
            waiting += self._own_ids[id_].ancestors
        return False


def _sent_at(message: Message) -> datetime:
    return min(moment for moment in (message.date, received_at(message)[0]) if moment is not None)


def _titles(mails: Iterable[Mail]) -> frozenset[str]:
    return frozenset(title for mail in mails for title in asked_titles(mail.message.subject))


def _waits_at_relay(mail: Mail, basis: Basis) -> bool:
    """Whether a message is answered through the relay: a customer's, or what nobody else can be answered on."""
    return mail.verdict.class_ is Class.CUSTOMER or not answerable(mail.message, basis.parties)


def _forbidden(mail: Mail, basis: Basis, *, asked: bool) -> Match | None:
    """Return what makes a message of the seller's one that may never go to a customer (policy O1, O2).

    `asked`: whether the customer had written by then. What answers them may say how their order stands;
    advertising may not go out even then, where it is all that is said.
    """
    message, class_ = mail.message, mail.verdict.class_
    if not any(basis.parties.is_relay(address) for address in message.recipients):
        return None
    new = class_ is Class.SELLER_OUTREACH or (class_ is Class.AUTOMATIC and not message.ancestors)
    if not new and not is_only_promotion(message, basis.rules):
        return None
    match = forbidden(message, basis.rules)
    if match is None or (asked and not is_only_promotion(message, basis.rules)):
        return None
    return match
