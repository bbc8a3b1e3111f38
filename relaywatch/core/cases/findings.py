"""What is wrong with a conversation's messages, and what has put it right (interface: Findings)."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from heapq import heappop, heappush, merge
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from relaywatch.core.cases.attempt import Attempt
from relaywatch.core.cases.case import Code, Finding, Informed
from relaywatch.core.cases.clock import CUSTOMER, OPERATOR, WALMART, Clock
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Folder, Mail, Message
from relaywatch.core.mail.when import received_at

MENDABLE = frozenset(
    {
        Code.THIN_REPLY,
        Code.REPLY_ALL_MISSING,
        Code.BOUNCED_REPLY,
        Code.OUTSIDE_RELAY,
        Code.UNREGISTERED_SENDER,
        Code.JUNKED,
    }
)
"""Findings that are worth a warning of their own while what they touch is unmet."""
_LATEST = 50  # clocks that a message may be about, where it does not say: a bound, no rule


@dataclass(frozen=True, kw_only=True)
class FindingContext:
    """What a conversation's messages are judged by once its reply clocks are stopped.

    `attempts` and `clocks` are in order of time.
    """

    attempts: Sequence[Attempt]
    clocks: Sequence[Clock]
    informing: Sequence[tuple[datetime, Message, frozenset[str]]]
    """What may have told the seller's own people (policy Q4): when, by what, and whom it reached."""
    informed: Sequence[Informed] = ()  # what told them of single replies
    forged: Sequence[Mail] = ()  # what seemed to be the seller's and is not
    parties: Parties

    @cached_property
    def relays(self) -> frozenset[str]:
        """All addresses at the relay from which somebody wrote who is owed an answer."""
        customers = {clock.relays for clock in self.clocks if clock.mail.verdict.class_ is Class.CUSTOMER}
        return frozenset[str]().union(*customers)


def findings_of(scene: FindingContext) -> tuple[Finding, ...]:
    """Return all findings of a conversation in order of time, each code once for a message."""
    found = [
        *(finding for clock in scene.clocks for finding in _of_received(clock)),
        *(finding for mail in scene.forged for finding in _of_forged(mail, scene.clocks)),
        *_of_attempts(scene),
        *_not_informed(scene),
        *(finding for attempt in scene.attempts for finding in _forbidden(attempt)),
    ]
    found.sort(key=lambda one: (one.at, one.code, one.message_key, one.mended_by is not None))
    first: dict[tuple[Code, str], Finding] = {}
    for one in found:
        first.setdefault((one.code, one.message_key), one)
    return tuple(first.values())


def _finding(
    code: Code,
    message: Message,
    at: datetime,
    detail: Mapping[str, object],
    *,
    mended_by: str | None = None,
    affects: Clock | None = None,
) -> Finding:
    return Finding(
        code=code,
        rule=code.rule,
        message_id=message.message_id,
        message_key=message.key,
        at=at,
        detail=detail,
        mended_by=mended_by,
        affects=affects.mail.message.key if affects is not None and affects.settled_at is None else None,
    )


def _mender(clock: Clock) -> str | None:
    """What put a clock right, so that what was wrong before it no longer matters."""
    if clock.settled_at is None:
        return None
    return clock.met_by or clock.met_key or OPERATOR


def _of_received(clock: Clock) -> Iterable[Finding]:
    message = clock.mail.message
    folders = {copy.folder for copy in message.copies}
    if Folder.JUNK in folders:  # policy M1
        rescued = (message.message_id or message.key) if folders != {Folder.JUNK} else None
        yield _finding(Code.JUNKED, message, clock.started_at, {}, mended_by=rescued or _mender(clock), affects=clock)
    reason = clock.mail.verdict.unauthenticated
    if reason:
        yield _finding(Code.UNAUTHENTICATED, message, clock.started_at, {"reason": reason}, affects=clock)


def _of_forged(mail: Mail, clocks: Iterable[Clock]) -> Iterator[Finding]:
    """Tell of what seemed to answer somebody and is not the seller's: it stopped no clock, and nothing mends that."""
    message, at = mail.message, received_at(mail.message)[0]
    detail = {"reason": mail.verdict.unauthenticated, "sender": message.author}
    owed = [clock for clock in clocks if clock.owed_at(at)]
    meant = (clock for clock in owed if not clock.people.isdisjoint(message.recipients))
    yield _finding(Code.UNAUTHENTICATED, message, at, detail, affects=next(meant, next(iter(owed), None)))


class _Owed:
    """Which clocks of one party run, asked at moments in order of time."""

    def __init__(self, clocks: Iterable[Clock]) -> None:
        self._coming = sorted(clocks, key=lambda clock: clock.started_at, reverse=True)
        self._by_due: list[tuple[datetime, int, Clock]] = []
        self._by_start: list[Clock] = []
        self._by_key: dict[str, Clock] = {}

    def at(self, moment: datetime) -> bool:
        """Move on to a moment; return whether anything is owed then."""
        while self._coming and self._coming[-1].started_at <= moment:
            clock = self._coming.pop()
            heappush(self._by_due, (clock.due_at, len(self._by_start), clock))
            self._by_start.append(clock)
            self._by_key[clock.mail.message.key] = clock
        while self._by_due and not self._by_due[0][2].owed_at(moment):
            heappop(self._by_due)
        while self._by_start and not self._by_start[-1].owed_at(moment):
            self._by_start.pop()
        return bool(self._by_due)

    @property
    def earliest(self) -> Clock:
        """The one that is due first."""
        return self._by_due[0][2]

    def likeliest_first(self, attempt: Attempt) -> Iterator[Clock]:
        """Yield the clock whose message a reply answers, then the latest ones."""
        answered = self._by_key.get(attempt.answered.message.key) if attempt.answered else None
        if answered is not None and answered.owed_at(attempt.at):
            yield answered
        for clock in islice(reversed(self._by_start), _LATEST):
            if clock.owed_at(attempt.at):
                yield clock


class _ByCustomer(NamedTuple):
    """What each customer is owed, by all addresses of theirs, which are found by each."""

    owed: Mapping[frozenset[str], _Owed]
    addresses: Mapping[str, list[frozenset[str]]]


def _by_customer(clocks: Iterable[Clock]) -> _ByCustomer:
    some: dict[frozenset[str], list[Clock]] = defaultdict(list)
    for clock in clocks:
        some[clock.relays].append(clock)
    addresses: dict[str, list[frozenset[str]]] = defaultdict(list)
    for relays in some:
        for address in relays:
            addresses[address].append(relays)
    return _ByCustomer({relays: _Owed(theirs) for relays, theirs in some.items()}, addresses)


def _of_attempts(scene: FindingContext) -> Iterator[Finding]:
    """Tell what kept messages from answering what was owed when they were sent.

    Where nothing was owed, nothing is wrong: a bare "you are welcome" after a good answer is only polite.
    """
    asked = [clock for clock in scene.clocks if clock.party == CUSTOMER]
    customers, by_customer = _Owed(asked), _by_customer(asked)
    agents = _Owed(clock for clock in scene.clocks if clock.party == WALMART)
    for attempt in scene.attempts:
        meant = dict.fromkeys(
            relays for one in sorted(attempt.recipients) for relays in by_customer.addresses.get(one, ())
        )
        for relays in meant:
            owed = by_customer.owed[relays]
            if owed.at(attempt.at):
                yield from _flawed(attempt, attempt.flaws_for_customer(relays, scene.parties), owed.earliest)
        if not meant and customers.at(attempt.at):
            flaws = attempt.flaws_for_customer(scene.relays, scene.parties)
            if flaws is None and customers.earliest.mail.verdict.class_ is not Class.CUSTOMER:
                flaws = attempt.flaws_for_customer(frozenset(), scene.parties)
            yield from _flawed(attempt, flaws, customers.earliest)
        if agents.at(attempt.at):
            judged = (
                (clock, attempt.flaws_for_agent(clock.mail.message, clock.audience, scene.parties))
                for clock in agents.likeliest_first(attempt)
            )
            tried = next(((clock, flaws) for clock, flaws in judged if flaws is not None), None)
            if tried is not None:
                yield from _flawed(attempt, tried[1], tried[0])


def _flawed(attempt: Attempt, flaws: Mapping[Code, Mapping[str, object]] | None, affected: Clock) -> Iterator[Finding]:
    if affected.met_key == attempt.message.key:
        return
    for code, detail in (flaws or {}).items():
        yield _finding(code, attempt.message, attempt.at, detail, mended_by=_mender(affected), affects=affected)


def _not_informed(scene: FindingContext) -> Iterator[Finding]:
    """Policy Q4: the seller's own people must learn of every reply, by a copy of it or by a forward."""
    internal = scene.parties.internal
    if not internal:
        return
    told = [
        (at, message.message_id or message.key, internal & people)
        for at, message, people in scene.informing
        if internal & people
    ]
    told.sort(key=itemgetter(0, 1))
    times = [at for at, _, _ in told]
    asked = {clock.audience: clock for clock in reversed(scene.clocks) if clock.party == WALMART}
    customers = [clock.started_at for clock in scene.clocks if clock.party == CUSTOMER][:1]
    for attempt in scene.attempts:
        message = attempt.message
        missing = internal - attempt.reached - {message.author}
        if not missing or not _answers(attempt, customers, asked.values(), scene):
            continue
        mended: str | None = None
        still = missing
        alone = [(one.at, one.by, one.people) for one in scene.informed if one.message_key == message.key]
        later = islice(told, bisect_left(times, attempt.at), None)
        for _, by, people in merge(later, sorted(alone, key=itemgetter(0, 1)), key=itemgetter(0, 1)):
            still -= people
            if not still:
                mended = by
                break
        yield _finding(Code.INTERNAL_NOT_INFORMED, message, attempt.at, {"missing": sorted(missing)}, mended_by=mended)


def _answers(attempt: Attempt, customers: Iterable[datetime], asked: Iterable[Clock], scene: FindingContext) -> bool:
    """Whether a message is a reply that nothing is wrong with, whether or not anything was still owed."""
    asked_at_relay = any(start <= attempt.at for start in customers)
    if asked_at_relay and attempt.flaws_for_customer(scene.relays, scene.parties) == {}:
        return True
    return any(
        clock.started_at <= attempt.at
        and clock.audience <= attempt.reached
        and attempt.flaws_for_agent(clock.mail.message, clock.audience, scene.parties) == {}
        for clock in asked
    )


def _forbidden(attempt: Attempt) -> Iterator[Finding]:
    """Policy O2: promotion, status updates and transactional mail that the seller sent unasked."""
    match = attempt.forbidden
    if match is not None:
        detail = {"rule": match.rule.name, "words": match.evidence}
        yield _finding(Code.FORBIDDEN_CONTACT, attempt.message, attempt.at, detail)
