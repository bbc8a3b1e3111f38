"""Clocks: one for each obligation, started by a message and stopped by what met it.

policy C1 to C4 say how long they run, policy C5 that they never pause: a clock is a start and a duration, and
nothing here knows of nights, weekends or holidays. policy C6: no clock asks what was ordered.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from operator import itemgetter

from relaywatch.core.cases.attempt import Attempt
from relaywatch.core.cases.case import Deadline, Doubt, Obligation, Statement, Status, Verb, Whose
from relaywatch.core.cases.party import Party
from relaywatch.core.cases.urgent import RepliedTo, Waiting, WalmartMails
from relaywatch.core.classes.whose import answerable, audience, is_unproved
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import received_at
from relaywatch.core.policy import Kind

CUSTOMER = "customer"
WALMART = "walmart"
OPERATOR = "operator"
_WALMARTS = (Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION)
_KINDS = {kind.value: kind for kind in Kind}


def kind_of(mail: Mail) -> Kind | None:
    """Return the kind of case that a message opens, None where it opens none."""
    return _KINDS.get(mail.verdict.class_.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """An obligation on its way.

    `met_at` and `met_by` say what stopped it, `waived_at` that nothing was owed.
    """

    obligation: Obligation
    rule: str
    kind: Kind
    party: str  # CUSTOMER, WALMART: who is owed it
    mail: Mail  # what started it
    started_at: datetime
    due_at: datetime
    met_at: datetime | None = None
    met_by: str | None = None
    met_key: str | None = None  # Message.key of what met it: a message may have no Message-ID
    waived_at: datetime | None = None
    patient: bool = False  # never overdue: it waits for something that has a clock of its own
    audience: frozenset[str] = frozenset()  # whom Reply All must reach, where Walmart wrote
    doubt: Attempt | None = None  # what may have met it
    relays: frozenset[str] = frozenset()  # where a reply to a customer must go; empty: to any but `others`
    others: frozenset[str] = frozenset()  # relay addresses of other customers
    perhaps: frozenset[str] = frozenset()  # of customers whom it may be about, or who may be the same
    whose: Whose = ()  # who is owed it

    @property
    def people(self) -> frozenset[str]:
        """Everybody whom an answer may go to."""
        message = self.mail.message
        return self.audience.union((message.author, *message.reply_to))

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
        if self.doubt is not None:
            return Status.DOUBTFUL
        return Status.OVERDUE if now >= self.due_at and not self.patient else Status.RUNNING

    def said(self, statements: Iterable[Statement]) -> "Clock":
        """Return the clock with what the operator said; `statements` in order of time.

        A statement covers what was received up to its time, and counts only where nothing stopped the clock before.
        """
        clock = self
        for statement in statements:
            covers = clock.started_at <= statement.at and statement.covers(clock.whose)
            open_then = clock.settled_at is None or clock.settled_at > statement.at
            if not covers or not open_then:
                continue
            if statement.verb is Verb.WAIVE:
                clock = replace(clock, waived_at=statement.at, met_at=None, met_by=None, met_key=None)
            elif statement.verb is Verb.ANSWERED and (statement.obligation or Obligation.REPLY) is self.obligation:
                clock = replace(clock, met_at=statement.at, met_by=OPERATOR, met_key=None)
        return clock

    def met(self, attempt: Attempt) -> "Clock":
        """Return the clock as stopped by a message of the seller's."""
        return replace(self, met_at=attempt.at, met_by=attempt.message.message_id, met_key=attempt.message.key)

    def deadline(self, now: datetime) -> Deadline:
        """Return it as a case has it (interface: Deadlines)."""
        message = self.mail.message
        status = self.status(now)
        doubt = None
        if self.doubt is not None and status is Status.DOUBTFUL:
            sent = self.doubt.message
            doubt = Doubt(message_id=sent.message_id, message_key=sent.key, at=self.doubt.at, why=self.doubt.why)
        return Deadline(
            obligation=self.obligation,
            rule=self.rule,
            kind=self.kind,
            party=self.party,
            status=status,
            started_at=self.started_at,
            due_at=self.due_at,
            started_by=message.message_id,
            started_key=message.key,
            clock=received_at(message)[1],
            met_at=self.met_at,
            met_by=self.met_by,
            doubt=doubt,
            whose=self.whose,
        )


def reply_clock(mail: Mail, kind: Kind, duration: timedelta, party: Party, parties: Parties) -> Clock:
    """Start the clock of a message that is owed a reply (policy C1 to C4; C5: it never pauses).

    `party`: whom a reply is for, as core/cases/party.py found it.
    """
    started_at, _ = received_at(mail.message)
    customers = mail.verdict.class_ is Class.CUSTOMER
    others = frozenset() if customers else audience(mail.message, parties)
    # An escalation that nobody can be answered on is met by a reply to the customer.
    to_agent = bool(others) and answerable(mail.message, parties)
    return Clock(
        obligation=Obligation.REPLY,
        rule=kind.rule,
        kind=kind,
        party=WALMART if to_agent else CUSTOMER,
        mail=mail,
        started_at=started_at,
        due_at=started_at + duration,
        audience=others,
        relays=frozenset() if to_agent else party.relays,
        others=frozenset() if to_agent else party.others,
        perhaps=frozenset() if to_agent else party.perhaps,
        whose=(party.who if customers or to_agent else party.relays or party.who,),
    )


def stopped(clocks: Sequence[Clock], attempts: Sequence[Attempt], parties: Parties) -> list[Clock]:
    """Return the reply clocks, each stopped by the first message that meets it; `attempts` in order of time.

    One reply meets all that the same party sent before it: a customer's by a reply to one of that customer's relay
    addresses, an agent's by Reply All to that mail or to a later one of the same agent's; a one-hour complaint
    of an agent's only by a reply that answers it (core/cases/urgent.py).
    """
    if not clocks:  # what answers nobody need not be weighed
        return []
    met = _meeting(clocks, [attempt for attempt in attempts if attempt.counts], parties, surely=True)
    unsure = [attempt for attempt in attempts if attempt.doubtful or (attempt.counts and attempt.unsure)]
    doubts = _meeting(clocks, unsure, parties, surely=False) if unsure else [None] * len(clocks)
    if any(clock.perhaps for clock in clocks):
        maybe = _meeting(clocks, [one for one in attempts if one.doubtful or one.counts], parties, surely=False)
        doubts = [one if clock.perhaps else doubt for clock, one, doubt in zip(clocks, maybe, doubts, strict=True)]
    return [
        clock.met(by) if by is not None else replace(clock, doubt=doubt) if doubt is not None else clock
        for clock, by, doubt in zip(clocks, met, doubts, strict=True)
    ]


def _meeting(
    clocks: Sequence[Clock], attempts: Sequence[Attempt], parties: Parties, *, surely: bool
) -> list[Attempt | None]:
    """Return for each clock the first of these attempts that meets it, by whom it went to and from.

    `surely`: not by one that may as well answer somebody else.
    """
    to_customers = _ToCustomers(attempts, parties, surely=surely)
    to_agents = [
        one for one in attempts if not any(map(parties.is_agent, one.recipients - one.answered_people(surely=surely)))
    ]
    by_agents = _met_by_reply_all(clocks, to_agents, parties)
    found: list[Attempt | None] = []
    for position, clock in enumerate(clocks):
        meeting = by_agents.get(position)
        if clock.party == CUSTOMER:
            # Who answers an escalation of a machine's: the customer, or all the people on it.
            customers = clock.mail.verdict.class_ is Class.CUSTOMER and bool(clock.relays)
            unproved = is_unproved(clock.mail)
            if customers:
                maybe = frozenset() if surely else clock.perhaps
                replies = to_customers.at(clock.relays | maybe, unproved=unproved)
            else:
                replies = to_customers.at_any_but(clock.others, clock.perhaps)
            fits = partial(_may_answer, clock.mail.message) if clock.kind is Kind.CONSUMER_PROTECTION else None
            # Where it is not known whom it is about, a reply may say so by answering it.
            named = None if clock.relays else to_customers.answering(clock.mail).first(clock.started_at)
            meeting = min(
                (reply for reply in (replies.first(clock.started_at, fits), named, meeting) if reply is not None),
                key=lambda reply: (reply.at, reply.message.key),
                default=None,
            )
        found.append(meeting)
    return found


def _may_answer(asked: Message, attempt: Attempt) -> bool:
    """Whether a reply may be to a one-hour complaint, which names no one who reads answers (policy C4, below Q).

    One that says it answers another mail, of the customer's, is to that, but where it speaks of the complaint.
    """
    other = attempt.answered is not None and attempt.answered.message.key != asked.key
    return not other or attempt.speaks_of(asked)


class _FlawlessReplies:
    """Replies that nothing is wrong with, to be asked for the first since a moment."""

    def __init__(self, replies: Iterable[Attempt]) -> None:
        self._replies = list(replies)
        self._times = [reply.at for reply in self._replies]

    def first(self, since: datetime, fits: Callable[[Attempt], bool] | None = None) -> Attempt | None:
        later = islice(self._replies, bisect_left(self._times, since), None)
        return next((reply for reply in later if fits is None or fits(reply)), None)


class _ToCustomers:
    """Replies by the customer whom they are for. What is found for one is kept: many clocks are of one customer."""

    def __init__(self, attempts: Sequence[Attempt], parties: Parties, *, surely: bool) -> None:
        self._attempts = attempts
        self._parties = parties
        self._surely = surely
        self._by_address: dict[str, list[int]] = defaultdict(list)
        for position, attempt in enumerate(attempts):
            for address in attempt.recipients:
                self._by_address[address].append(position)
        self._at: dict[tuple[frozenset[str], bool], _FlawlessReplies] = {}
        self._any_but: dict[tuple[frozenset[str], frozenset[str]], _FlawlessReplies] = {}
        self._naming: dict[str | None, list[Attempt]] | None = None

    def at(self, relays: frozenset[str], *, unproved: bool) -> _FlawlessReplies:
        """Return the replies to one of these addresses; `unproved`: to whoever only seems to have it."""
        if (relays, unproved) not in self._at:
            near = sorted({position for address in relays for position in self._by_address.get(address, ())})
            some = (self._attempts[position] for position in near)
            self._at[relays, unproved] = _FlawlessReplies(
                one
                for one in some
                if not relays.isdisjoint(self._people(one, unproved=unproved))
                and one.flaws_for_customer(relays, self._parties) == {}
            )
        return self._at[relays, unproved]

    def at_any_but(self, others: frozenset[str], perhaps: frozenset[str]) -> _FlawlessReplies:
        """Return the replies to any address of the relay's, but for those that went to `others` alone.

        Of those that went to `perhaps` alone a person must say that they count.
        """
        if (others, perhaps) not in self._any_but:
            flawless = (one for one in self._attempts if one.flaws_for_customer(frozenset(), self._parties) == {})
            unsaid = others | perhaps if self._surely else others
            self._any_but[others, perhaps] = _FlawlessReplies(
                one
                for one in flawless
                if any(map(self._parties.is_relay, self._people(one) - (others if one.confirmed else unsaid)))
            )
        return self._any_but[others, perhaps]

    def _people(self, one: Attempt, *, unproved: bool = False) -> frozenset[str]:
        return one.answered_people(surely=self._surely, unproved=unproved)

    def answering(self, mail: Mail) -> _FlawlessReplies:
        """Return the replies to any address of the relay's that say by their own headers that they answer a mail."""
        if self._naming is None:
            self._naming = defaultdict(list)
            for one in self._attempts:
                for id_ in one.names:
                    self._naming[id_].append(one)
        found = self._naming.get(mail.message.message_id, ())
        return _FlawlessReplies(
            one
            for one in found
            if one.answered is not None
            and one.answered.message.key == mail.message.key
            and any(map(self._parties.is_relay, self._people(one)))
            and one.flaws_for_customer(frozenset(), self._parties) == {}
        )


class _Group:
    """The clocks of one agent's mails that have one audience, in order of time."""

    def __init__(self) -> None:
        self.clocks: list[tuple[datetime, int]] = []  # start and position
        self.urgent = Waiting()  # those of policy C4
        self._taken = 0  # how many of the others are met
        self._others: list[tuple[datetime, int]] = []
        self._by_id: dict[str, datetime] = {}
        self._about: dict[str, list[datetime]] = defaultdict(list)  # by id of what an agent's mail answers itself

    def add(self, clock: Clock, position: int, asked: WalmartMails | None) -> None:
        self.clocks.append((clock.started_at, position))
        if asked is not None and clock.kind is Kind.CONSUMER_PROTECTION:
            self.urgent.add(clock.started_at, position, clock.mail.message, asked)
        else:
            self._others.append((clock.started_at, position))
        if clock.mail.message.message_id:
            self._by_id[clock.mail.message.message_id] = clock.started_at
        for id_ in clock.mail.message.in_reply_to:
            self._about[id_].append(clock.started_at)

    def latest_answered(self, attempt: Attempt) -> datetime | None:
        """When the latest mail that came before a reply, and that it may answer, was received."""
        if attempt.names or attempt.aside is not None:
            names = attempt.names if attempt.aside is None else attempt.aside
            named = [self._by_id[id_] for id_ in names if id_ in self._by_id]
            if attempt.aside is not None:  # the agent may have asked about that very mail
                named += (moment for id_ in attempt.names if id_ in self._about for moment in self._about[id_])
            return max((moment for moment in named if moment <= attempt.at), default=None)
        count = bisect_right(self.clocks, attempt.at, key=itemgetter(0))
        return self.clocks[count - 1][0] if count else None

    def take_before(self, attempt: Attempt, told: RepliedTo | None) -> list[int]:
        """Return the positions of what a full answer meets because it came after it.

        It meets nothing so where it is for somebody else: whoever they are, they can put an agent into Cc.
        """
        return self.take(attempt.at, told) if attempt.aside is None else []

    def take(self, until: datetime, told: RepliedTo | None, *, named: bool = False) -> list[int]:
        """Return the positions of what a reply meets up to a moment and what none met before."""
        first, count = self._taken, bisect_right(self._others, until, key=itemgetter(0))
        self._taken = max(first, count)
        urgent = self.urgent.met_by(told, until, named=named) if told is not None else []
        return [*(position for _, position in self._others[first : self._taken]), *urgent]


_Agent = tuple[str, bool]  # an author, and whether the mail fails authentication: those are two
_Groups = Mapping[_Agent, Mapping[frozenset[str], _Group]]


def _met_by_reply_all(clocks: Sequence[Clock], attempts: Sequence[Attempt], parties: Parties) -> dict[int, Attempt]:
    """Return which clocks of Walmart's people are met by Reply All, by position, and by what (policy Q3)."""
    groups: _Groups = defaultdict(lambda: defaultdict(_Group))
    people = [(clock.started_at, clock.mail.message) for clock in clocks if clock.mail.verdict.class_ in _WALMARTS]
    hurried = any(clock.audience and clock.kind is Kind.CONSUMER_PROTECTION for clock in clocks)
    asked = WalmartMails(people) if hurried else None
    urgent = {one.mail.message.message_id: one for one in clocks if one.kind is Kind.CONSUMER_PROTECTION}
    for position, clock in enumerate(clocks):
        if clock.audience:
            who = (clock.mail.message.author, is_unproved(clock.mail))
            groups[who][clock.audience].add(clock, position, asked)
    by_address = _by_rarest_address(groups)
    met: dict[int, Attempt] = {}
    for attempt in attempts if groups else ():
        told = asked.told(attempt) if asked is not None else None
        told = _without_repeated(told, attempt, urgent) if told is not None else None
        until: dict[_Agent, datetime] = {}  # the latest mail that it is a full answer to
        strays: set[_Agent] = set()  # from whom such a mail asked for answers outside Walmart
        for agent, wanted in (one for address in sorted(attempt.reached) for one in by_address.get(address, ())):
            group = groups[agent][wanted]
            first = clocks[group.clocks[0][1]].mail.message
            if not wanted <= attempt.reached or attempt.flaws_for_agent(first, wanted, parties) != {}:
                continue
            met.update(dict.fromkeys(group.take_before(attempt, told), attempt))
            answered = group.latest_answered(attempt)
            if answered is not None:
                until[agent] = max(answered, until.get(agent, answered))
                strays |= set() if all(map(parties.is_agent, first.reply_to)) else {agent}
        at_walmart = any(map(parties.is_agent, attempt.reached))
        for agent, moment in until.items():  # a later mail of the same agent's may have had others on it
            for group in groups[agent].values():
                first = clocks[group.clocks[0][1]].mail.message
                # An address in From proves nothing: what has it may ask for its answers elsewhere.
                there = at_walmart and agent not in strays
                if there or not attempt.reached.isdisjoint(first.reply_to or (first.author,)):
                    met.update(dict.fromkeys(group.take(moment, told, named=True), attempt))
    return met


def _without_repeated(told: RepliedTo, attempt: Attempt, urgent: Mapping[str | None, Clock]) -> RepliedTo:
    """Return what a reply tells without the one-hour complaints that it names because the mail it answers does.

    A customer who has the agent's mail chooses that, and makes an answer to a question of theirs name the complaint.
    `urgent`: those complaints, by Message-ID.
    """
    if attempt.aside is None or attempt.answered is None:
        return told
    repeated = [id_ for id_ in attempt.answered.message.ancestors if id_ in urgent]
    passed = (f"id:{id_}" for id_ in repeated if not attempt.speaks_of(urgent[id_].mail.message))
    return replace(told, named=told.named.difference(passed))


def _by_rarest_address(groups: _Groups) -> dict[str, list[tuple[_Agent, frozenset[str]]]]:
    """Return agents and audiences by an address that a full answer must have reached, the one on fewest mails."""
    count = Counter(address for audiences in groups.values() for wanted in audiences for address in wanted)
    found: dict[str, list[tuple[_Agent, frozenset[str]]]] = defaultdict(list)
    for agent, audiences in groups.items():
        for wanted in audiences:
            found[min(wanted, key=lambda address: (count[address], address))].append((agent, wanted))
    return found
