"""judge(): a conversation and a moment give a case (policy C, Q, H, M, O).

Theory of operation. Each message that is owed an answer starts a clock. Each message of the seller's is an
attempt, which meets clocks or has flaws. What the operator said comes on top. Resolution, the findings and
the case's state follow from the clocks. Nothing is remembered from one judging to the next, so the order in
which mail came cannot matter, and judging twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from relaywatch.core.address import Parties
from relaywatch.core.case import Case, Conversation, Deadline, Finding, Obligation, State, Statement, Status
from relaywatch.core.clock import Clock, kind_of, reply_clock, stopped
from relaywatch.core.findings import findings_of
from relaywatch.core.learned import Learned, print_of
from relaywatch.core.message import Class, Mail, Topic
from relaywatch.core.policy import Kind, Policy
from relaywatch.core.reply import Attempt, bounces_of, is_sellers, is_thin
from relaywatch.core.resolution import Round, rounds_of
from relaywatch.core.rules import Rules
from relaywatch.core.thread import order_of
from relaywatch.core.when import received_at, sent_at

_TOPIC_RULES = {Topic.PICKUP: "H1", Topic.STORE_RETURN: "H1", Topic.NOT_RECEIVED: "H2"}  # policy H1, H2
_ORDER = list(Obligation)


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
    mails = sorted(conversation.mails, key=lambda mail: (received_at(mail.message)[0], mail.message.key))
    statements = tuple(statement for statement in conversation.statements if statement.at <= now)
    openers = [mail for mail in mails if kind_of(mail) and not is_sellers(mail)]
    attempts = _attempts(mails, openers, basis)
    relays = _relays(openers, basis.parties)
    replies = _reply_clocks(openers, attempts, relays, statements, basis)
    findings = findings_of(attempts, replies, relays, basis.parties, basis.rules)
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
    orders = (order_of(mail.message) for mail in openers)
    return Judgement(
        Case(
            account=first.account,
            kind=kind,
            mailbox=first.copies[0].mailbox if first.copies else "",
            counterparty=first.author,
            subject=first.subject,
            order_id=next((order for order in orders if order), None),
            topics=tuple(dict.fromkeys(topic for mail in openers for topic in mail.verdict.topics)),
            state=_state(deadlines, rounds, now),
            opened_at=replies[0].started_at,
            deadlines=tuple(deadlines),
            findings=findings,
            messages=len(mails),
        ),
        findings,
    )


def deadline_order(deadline: Deadline) -> tuple[bool, datetime, int]:
    """Sort key of the interface: unmet before met, by due time, reply before hand-over before resolution."""
    return (not deadline.status.unmet, deadline.due_at, _ORDER.index(deadline.obligation))


def _attempts(mails: Sequence[Mail], openers: Sequence[Mail], basis: Basis) -> list[Attempt]:
    """Return the seller's messages in order of time, each with what became of it."""
    opened_at = received_at(openers[0].message)[0] if openers else None
    by_id = {mail.message.message_id: mail for mail in openers if mail.message.message_id}
    bounced = bounces_of(mails)
    found = []
    for mail in mails:
        if not is_sellers(mail):
            continue
        message = mail.message
        named = [by_id[id_] for id_ in (*message.in_reply_to, *reversed(message.references)) if id_ in by_id]
        failed, report = bounced.get(message.key, (frozenset(), None))
        found.append(
            Attempt(
                mail=mail,
                answered=named[0] if named else None,
                opened_at=opened_at if opened_at is not None else sent_at(message, None),
                bounced=failed,
                bounced_by=report,
                canned=bool(basis.learned.canned) and print_of(message.own_words) in basis.learned.canned,
                thin=is_thin(message.own_words, basis.rules),
            )
        )
    return sorted(found, key=lambda attempt: (attempt.at, attempt.message.key))


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
    answers = [attempt for attempt in attempts if not attempt.is_forbidden(basis.rules)]
    return [stopped(clock, answers, clocks, relays, basis.parties).said(statements) for clock in clocks]


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
        reached = any(basis.parties.is_handover(address) for address in attempt.reached())
        if reached and not attempt.automatic and attempt.at >= started_at:
            clock = replace(clock, met_at=attempt.at, met_by=attempt.message.message_id)
            break
    return clock.said(statements)


def _resolutions(
    rounds: Iterable[Round], kind: Kind, statements: Sequence[Statement], policy: Policy, now: datetime
) -> list[Clock]:
    clocks = (round_.clock(kind, policy, now) for round_ in rounds)
    return [clock.said(statements) for clock in clocks if clock is not None]


def _state(deadlines: Iterable[Deadline], rounds: Sequence[Round], now: datetime) -> State:
    """Return how the case stands: a reply or a hand-over that is owed keeps it open, whatever else is settled."""
    owed = [deadline for deadline in deadlines if deadline.obligation is not Obligation.RESOLUTION]
    if any(deadline.status.unmet for deadline in owed):
        return State.OPEN
    if all(deadline.status is Status.WAIVED for deadline in owed):
        return State.WAIVED
    return State.RESOLVED if rounds[-1].resolved(now) else State.ANSWERED
