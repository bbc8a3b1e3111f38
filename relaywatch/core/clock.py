"""Clocks: one for each obligation, started by a message and stopped by what met it (policy C1 to C5, H1, H2)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from relaywatch.core.address import Parties
from relaywatch.core.case import Deadline, Obligation, Statement, Status, Verb
from relaywatch.core.message import Class, Mail
from relaywatch.core.policy import Kind
from relaywatch.core.reply import Attempt, audience
from relaywatch.core.when import received_at

CUSTOMER = "customer"
WALMART = "walmart"
OPERATOR = "operator"
_KINDS = {kind.value: kind for kind in Kind}


def kind_of(mail: Mail) -> Kind | None:
    """Return the kind of case that a message opens, None where it opens none."""
    return _KINDS.get(mail.verdict.class_.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """An obligation on its way. `met_at` and `met_by` say what stopped it, `waived_at` that nothing was owed."""

    obligation: Obligation
    rule: str
    kind: Kind
    party: str  # CUSTOMER, WALMART: who is owed it
    mail: Mail  # what started it
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    met_by: str | None = None
    waived_at: datetime | None = None
    patient: bool = False  # never overdue: it waits for something that has a clock of its own

    @property
    def settled_at(self) -> datetime | None:
        """When it stopped, whatever stopped it."""
        return self.waived_at if self.waived_at is not None else self.met_at

    def owed_at(self, moment: datetime) -> bool:
        """Whether it ran at a moment."""
        return self.started_at <= moment and (self.settled_at is None or self.settled_at >= moment)

    def status(self, now: datetime) -> Status:
        """Return how it stands."""
        if self.waived_at is not None:
            return Status.WAIVED
        if self.met_at is not None:
            return Status.MET if self.met_at <= self.due_at else Status.LATE
        return Status.OVERDUE if now >= self.due_at and not self.patient else Status.RUNNING

    def said(self, statements: Iterable[Statement]) -> "Clock":
        """Return the clock with what the operator said: it covers what was received up to the statement's time."""
        clock = self
        for statement in sorted(statements, key=lambda statement: statement.at):
            covers = clock.started_at <= statement.at
            open_then = clock.settled_at is None or clock.settled_at > statement.at
            if not covers or not open_then:
                continue
            if statement.verb is Verb.WAIVE:
                clock = replace(clock, waived_at=statement.at, met_at=None, met_by=None)
            elif (
                statement.verb is Verb.ANSWERED
                and (statement.obligation or Obligation.REPLY) is self.obligation
            ):
                clock = replace(clock, met_at=statement.at, met_by=OPERATOR)
        return clock

    def deadline(self, now: datetime) -> Deadline:
        """Return it as the interface shows it."""
        message = self.mail.message
        return Deadline(
            obligation=self.obligation,
            rule=self.rule,
            kind=self.kind,
            party=self.party,
            status=self.status(now),
            started_at=self.started_at,
            due_at=self.due_at,
            started_by=message.message_id,
            started_key=message.key,
            clock=received_at(message)[1],
            met_at=self.met_at,
            met_by=self.met_by,
        )


def reply_clock(mail: Mail, kind: Kind, duration: timedelta, parties: Parties) -> Clock:
    """Start the clock of a message that is owed a reply (policy C1 to C4; C5: it never pauses)."""
    started_at, _ = received_at(mail.message)
    # An escalation that nobody can be answered on is met by a reply to the customer.
    to_agent = mail.verdict.class_ is not Class.CUSTOMER and bool(audience(mail.message, parties))
    return Clock(
        obligation=Obligation.REPLY,
        rule=kind.rule,
        kind=kind,
        party=WALMART if to_agent else CUSTOMER,
        mail=mail,
        started_at=started_at,
        due_at=started_at + duration,
    )


def meets(
    attempt: Attempt, clock: Clock, clocks: Iterable[Clock], relays: frozenset[str], parties: Parties
) -> bool:
    """Whether a message of the seller's stops a reply clock: one reply meets all that the same party sent before it."""
    if attempt.at < clock.started_at:
        return False
    if clock.party == CUSTOMER:
        return attempt.flaws_for_customer(relays, parties) == {}
    if attempt.flaws_for_agent(clock.mail.message, parties) == {}:
        return True
    # Reply All to a later mail of the same agent's, which may have had others on it.
    author = clock.mail.message.author
    return any(
        other.party == WALMART
        and other.mail.message.author == author
        and clock.started_at <= other.started_at <= attempt.at
        and (attempt.answered is None or attempt.answered.message.key == other.mail.message.key)
        and attempt.flaws_for_agent(other.mail.message, parties) == {}
        for other in clocks
    )


def stopped(
    clock: Clock,
    attempts: Iterable[Attempt],
    clocks: Iterable[Clock],
    relays: frozenset[str],
    parties: Parties,
) -> Clock:
    """Return the clock stopped by the first message that meets it; `attempts` in order of time."""
    clocks = tuple(clocks)
    for attempt in attempts:
        if meets(attempt, clock, clocks, relays, parties):
            return replace(clock, met_at=attempt.at, met_by=attempt.message.message_id)
    return clock
