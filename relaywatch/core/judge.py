"""judge(): a conversation and a moment give a case (policy C, Q, H, M, O).

Theory of operation. Each message that is owed an answer starts a clock. Each message of the seller's is an
attempt, which meets clocks or has flaws. What the operator said comes on top. Resolution, the findings and
the case's state follow from the clocks. Nothing is remembered from one judging to the next, so the order in
which mail came cannot matter, and judging twice changes nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from relaywatch.core.address import Parties
from relaywatch.core.answered import Answered
from relaywatch.core.case import (
    Case,
    Conversation,
    Deadline,
    Finding,
    Obligation,
    State,
    Statement,
    Status,
    Verb,
)
from relaywatch.core.clock import Clock, kind_of, reply_clock, stopped
from relaywatch.core.findings import Scene, findings_of
from relaywatch.core.learned import Learned, print_of
from relaywatch.core.message import Class, Folder, Mail, Message, Role, Topic
from relaywatch.core.outreach import forbidden
from relaywatch.core.policy import Kind, Policy
from relaywatch.core.quality import is_only_promotion, is_thin
from relaywatch.core.reply import Attempt, answerable, bounces_of, is_sellers
from relaywatch.core.resolution import Round, rounds_of
from relaywatch.core.rules import Match, Rules
from relaywatch.core.subject import asked_titles
from relaywatch.core.thread import order_of
from relaywatch.core.when import answered_at, received_at

_TOPIC_RULES = {Topic.PICKUP: "H1", Topic.STORE_RETURN: "H1", Topic.NOT_RECEIVED: "H2"}  # policy H1, H2
_ORDER = list(Obligation)
_READ_FOR_ORDER = 50  # messages whose texts are searched for the order number


@dataclass(frozen=True, slots=True)
class Basis:
    """What judging rests on beside the messages: the policy, who is who, the rules and what was learned."""

    policy: Policy
    parties: Parties
    rules: Rules
    learned: Learned = field(default_factory=Learned)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A case, or none where nobody in the conversation is owed anything, and then the findings alone."""

    case: Case | None
    findings: tuple[Finding, ...]


def judge(conversation: Conversation, basis: Basis, now: datetime) -> Judgement:
    """Judge a conversation as of `now`. The order of its messages and statements does not matter."""
    mails = _once(conversation.mails)
    statements = sorted((said for said in conversation.statements if said.at <= now), key=_order_of_saying)
    openers = [mail for mail in mails if kind_of(mail) and not is_sellers(mail)]
    attempts = _attempts(mails, openers, basis)
    relays = _relays(openers, basis.parties)
    replies = _reply_clocks(openers, attempts, relays, statements, basis)
    informing = [(attempt.at, attempt.message, attempt.reached) for attempt in attempts]
    informing += [
        (received_at(mail.message)[0], mail.message, frozenset(mail.message.recipients))
        for mail in mails
        if mail.verdict.class_ in (Class.INTERNAL, Class.OWN) and not is_sellers(mail)
    ]
    findings = findings_of(
        Scene(
            attempts=attempts,
            clocks=replies,
            relays=relays,
            informing=informing,
            informed=tuple(told for told in conversation.informed if told.at <= now),
            parties=basis.parties,
        )
    )
    if not openers:
        return Judgement(None, findings)
    kind = min((clock.kind for clock in replies), key=lambda kind: kind.urgency)
    handover = _handover_clock(openers, attempts, kind, statements, basis)
    rounds = rounds_of(replies, statements, basis.policy)
    clocks = [
        *replies,
        *([handover] if handover else []),
        *_resolutions(rounds, kind, statements, basis.policy, now),
    ]
    deadlines = sorted((clock.deadline(now) for clock in clocks), key=deadline_order)
    first = openers[0].message
    orders = (order_of(mail.message) for mail in openers[:_READ_FOR_ORDER])
    return Judgement(
        Case(
            account=first.account,
            kind=kind,
            mailbox=_home(first),
            counterparty=first.author,
            subject=first.subject,
            order_id=next((order for order in orders if order), None),
            topics=tuple(dict.fromkeys(topic for mail in openers for topic in mail.verdict.topics)),
            state=_state(deadlines, rounds[-1], statements, now),
            opened_at=replies[0].started_at,
            deadlines=tuple(deadlines),
            findings=findings,
            messages=len(mails),
            settles_at=None if rounds[-1].resolved(now) else rounds[-1].resolved_at,
        ),
        findings,
    )


def _order_of_saying(said: Statement) -> tuple[datetime, datetime, str, str]:
    return said.at, said.said_at, said.verb.value, said.obligation or ""


def _once(mails: Iterable[Mail]) -> list[Mail]:
    """Return the messages in order of time, each once, with all the places that it lies in."""
    found: dict[str, Mail] = {}
    for mail in mails:
        first = found.setdefault(mail.message.key, mail)
        if first is not mail:
            copies = sorted({*first.message.copies, *mail.message.copies}, key=repr)
            found[mail.message.key] = replace(first, message=replace(first.message, copies=tuple(copies)))
    return sorted(found.values(), key=lambda mail: (received_at(mail.message)[0], mail.message.key))


def _home(message: Message) -> str:
    """Return the mailbox that a message is in; of several the complaint mailbox, INBOX before Junk."""
    return min(
        ((copy.role is not Role.COMPLAINT, copy.folder is Folder.JUNK, copy.mailbox) for copy in message.copies),
        default=(False, False, ""),
    )[-1]


def deadline_order(deadline: Deadline) -> tuple[bool, datetime, int]:
    """Return the sort key of the interface: unmet before met, by due time, then by obligation."""
    return (not deadline.status.unmet, deadline.due_at, _ORDER.index(deadline.obligation))


def _attempts(mails: Sequence[Mail], openers: Sequence[Mail], basis: Basis) -> list[Attempt]:
    """Return the seller's messages in order of time, each with what became of it."""
    received = [received_at(mail.message)[0] for mail in openers]
    answers = Answered(openers)
    asked = next((at for at, mail in zip(received, openers, strict=True) if _waits_at_relay(mail, basis)), None)
    subjects = _titles(mail for mail in openers if mail.verdict.class_ is Class.CUSTOMER)
    titles = _titles(openers)
    bounced = bounces_of(mails)
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
                canned=bool(basis.learned.canned) and print_of(message.own_words) in basis.learned.canned,
                thin=not message.forgotten and is_thin(message.own_words, basis.rules),
                subjects=subjects,
                asked=titles,
                forbidden=_forbidden(mail, basis, asked=asked is not None and asked <= at),
            )
        )
    return sorted(found, key=lambda attempt: (attempt.at, attempt.message.key))


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


def _relays(openers: Iterable[Mail], parties: Parties) -> frozenset[str]:
    """Return the relay addresses behind which the conversation's customer stands."""
    return frozenset(
        address
        for mail in openers
        if mail.verdict.class_ is Class.CUSTOMER
        for address in (mail.message.author, *mail.message.reply_to)
        if parties.is_relay(address)
    )


def _reply_clocks(
    openers: Iterable[Mail],
    attempts: Sequence[Attempt],
    relays: frozenset[str],
    statements: Sequence[Statement],
    basis: Basis,
) -> list[Clock]:
    clocks = []
    for mail in openers:
        kind = kind_of(mail)
        if kind is not None:
            terms = basis.policy.terms_at(received_at(mail.message)[0])
            clocks.append(reply_clock(mail, kind, terms.reply[kind], basis.parties))
    return [clock.said(statements) for clock in stopped(clocks, attempts, relays, basis.parties)]


def _handover_clock(
    openers: Iterable[Mail],
    attempts: Iterable[Attempt],
    kind: Kind,
    statements: Sequence[Statement],
    basis: Basis,
) -> Clock | None:
    """Policy H1, H2: one hand-over for a case, from the message that shows that it is owed."""
    shows = next((mail for mail in openers if mail.verdict.topics), None)
    if shows is None:
        return None
    started_at = received_at(shows.message)[0]
    clock = Clock(
        obligation=Obligation.HANDOVER,
        rule=_TOPIC_RULES[shows.verdict.topics[0]],
        kind=kind,
        party=Obligation.HANDOVER.value,
        mail=shows,
        started_at=started_at,
        due_at=started_at + basis.policy.terms_at(started_at).handover,
    )
    for attempt in attempts:
        reached = any(basis.parties.is_handover(address) for address in attempt.reached)
        if reached and not attempt.automatic and attempt.at >= started_at:
            clock = clock.met(attempt)
            break
    return clock.said(statements)


def _resolutions(
    rounds: Iterable[Round], kind: Kind, statements: Sequence[Statement], policy: Policy, now: datetime
) -> list[Clock]:
    clocks = (round_.clock(kind, policy, now) for round_ in rounds)
    return [clock.said(statements) for clock in clocks if clock is not None]


def _state(deadlines: Iterable[Deadline], last: Round, statements: Iterable[Statement], now: datetime) -> State:
    """Return how the case stands: a reply or a hand-over that is owed keeps it open, whatever else is settled."""
    owed = [deadline for deadline in deadlines if deadline.obligation is not Obligation.RESOLUTION]
    if any(deadline.status.unmet for deadline in owed):
        return State.OPEN
    waived_at = max((statement.at for statement in statements if statement.verb is Verb.WAIVE), default=None)
    if all(deadline.status is Status.WAIVED for deadline in owed) or _is_waived(last, waived_at):
        return State.WAIVED
    return State.RESOLVED if last.resolved(now) else State.ANSWERED


def _is_waived(last: Round, waived_at: datetime | None) -> bool:
    """Whether the operator waived what was left of a case: its last message, before it was resolved."""
    if waived_at is None or waived_at < last.clocks[-1].started_at:
        return False
    return last.resolved_at is None or waived_at < last.resolved_at
