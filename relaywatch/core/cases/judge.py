"""judge(): a conversation and a moment give a case (policy C, Q, H, M, O).

Theory of operation. Each message that is owed an answer starts a clock. Each message of the seller's is an
attempt, which meets clocks or has flaws. What the operator said comes on top. Resolution, the findings and
the case's state follow from the clocks. Nothing is remembered from one judging to the next, so the order in
which mail came cannot matter, and judging twice changes nothing (design: Judged anew, never patched).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from relaywatch.core.cases.attempt import Attempt
from relaywatch.core.cases.attempts import Basis, attempts_of
from relaywatch.core.cases.case import (
    Assessment,
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
from relaywatch.core.cases.clock import Clock, kind_of, reply_clock, stopped
from relaywatch.core.cases.findings import FindingContext, findings_of
from relaywatch.core.cases.handed import handover_clocks
from relaywatch.core.cases.party import Party, parties_of
from relaywatch.core.cases.resolution import Round, rounds_of
from relaywatch.core.classes.whose import is_forged, is_sellers, is_unproved, seems_sellers
from relaywatch.core.mail.message import Class, Folder, Mail, Message, Role
from relaywatch.core.mail.when import received_at
from relaywatch.core.policy import Kind, Policy
from relaywatch.core.threads.naming import named

__all__ = ["Basis", "Judgement", "assessments_of", "deadline_order", "judge"]

_ORDER = list(Obligation)
_READ_FOR_ORDER = 50  # messages whose texts are searched for the order number


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
    owed_to = parties_of(mails, openers, basis.parties)
    attempts = attempts_of(mails, openers, owed_to, statements, basis)
    replies = _reply_clocks(openers, owed_to, attempts, statements, basis)
    informing = [(attempt.at, attempt.message, attempt.reached) for attempt in attempts]
    informing += [
        (received_at(mail.message)[0], mail.message, frozenset(mail.message.recipients))
        for mail in mails
        if mail.verdict.class_ in (Class.INTERNAL, Class.OWN) and not (seems_sellers(mail) or is_unproved(mail))
    ]
    findings = findings_of(
        FindingContext(
            attempts=attempts,
            clocks=replies,
            informing=informing,
            forged=tuple(filter(is_forged, mails)),
            informed=tuple(told for told in conversation.informed if told.at <= now),
            parties=basis.parties,
        )
    )
    if not openers:
        return Judgement(None, findings)
    kind = min((clock.kind for clock in replies), key=lambda kind: kind.urgency)
    handovers = handover_clocks(mails, replies, attempts, owed_to, kind, basis.policy, basis.parties)
    rounds = rounds_of(replies, statements, basis.policy)
    clocks = [
        *replies,
        *(clock.said(statements) for clock in handovers),
        *_resolutions(rounds, kind, statements, basis.policy, now),
    ]
    deadlines = sorted((clock.deadline(now) for clock in clocks), key=deadline_order)
    first = openers[0].message
    orders = (named(mail, basis.parties).order for mail in openers[:_READ_FOR_ORDER])
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
            assessments=tuple(map(_assessment, attempts)),
            settles_at=None if rounds[-1].resolved(now) else rounds[-1].resolved_at,
        ),
        findings,
    )


def assessments_of(conversation: Conversation, basis: Basis) -> tuple[Assessment, ...]:
    """Return what each message of the seller's in a conversation is worth, in order of time."""
    mails = _once(conversation.mails)
    openers = [mail for mail in mails if kind_of(mail) and not is_sellers(mail)]
    owed_to = parties_of(mails, openers, basis.parties)
    return tuple(map(_assessment, attempts_of(mails, openers, owed_to, conversation.statements, basis)))


def _assessment(attempt: Attempt) -> Assessment:
    weighed = attempt.weighed
    heaviest = sorted(weighed.shown, key=lambda one: (-abs(one.sign.weight), one.sign.name))
    return Assessment(
        message_id=attempt.message.message_id,
        message_key=attempt.message.key,
        at=attempt.at,
        answer=weighed.answer.value,
        signs=tuple((one.sign.name, one.sign.weight, one.reason) for one in heaviest),
        said=weighed.said,
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
        ((copy.role is not Role.COMPLAINT, copy.folder is Folder.JUNK, copy.mailbox) for copy in message.believed),
        default=(False, False, ""),
    )[-1]


def deadline_order(deadline: Deadline) -> tuple[bool, datetime, int]:
    """Return the sort key: unmet before met, by due time, then by obligation (interface: Deadlines)."""
    return (not deadline.status.unmet, deadline.due_at, _ORDER.index(deadline.obligation))


def _reply_clocks(
    openers: Sequence[Mail],
    owed_to: Mapping[str, Party],
    attempts: Sequence[Attempt],
    statements: Sequence[Statement],
    basis: Basis,
) -> list[Clock]:
    clocks = []
    for mail in openers:
        kind = kind_of(mail)
        if kind is not None:
            terms = basis.policy.terms_at(received_at(mail.message)[0])
            clocks.append(reply_clock(mail, kind, terms.reply[kind], owed_to[mail.message.key], basis.parties))
    return [clock.said(statements) for clock in stopped(clocks, attempts, basis.parties)]


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
    waives = (said for said in statements if said.verb is Verb.WAIVE and said.covers(last.clocks[-1].whose))
    waived_at = max((said.at for said in waives), default=None)
    if all(deadline.status is Status.WAIVED for deadline in owed) or _is_waived(last, waived_at):
        return State.WAIVED
    return State.RESOLVED if last.resolved(now) else State.ANSWERED


def _is_waived(last: Round, waived_at: datetime | None) -> bool:
    """Whether the operator waived what was left of a case: its last message, before it was resolved."""
    if waived_at is None or waived_at < last.clocks[-1].started_at:
        return False
    return last.resolved_at is None or waived_at < last.resolved_at
