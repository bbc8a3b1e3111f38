"""Which mails the warnings due make: one each, or many in one, soon or later (interface: How many mails leave)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.config import Account
from relaywatch.core.due.pace import (
    FORGED,
    FORGED_LAPSES,
    HURRIED,
    HURRIED_LAPSES,
    LAPSES,
    LAST,
    STEPS,
    URGENT,
    Pace,
    WrittenWarning,
)
from relaywatch.core.due.warning import LAPSE, is_last, party_of
from relaywatch.core.policy import Kind
from relaywatch.pipeline.warnings.cases import Ready, written_down
from relaywatch.store import NewWarning

GATHER_ABOVE = 10


@dataclass(frozen=True, slots=True)
class Gathered:
    """The mails to write, and by case when what must wait for a gathered mail may be said."""

    mails: list[NewWarning]
    waiting: Mapping[int, datetime]


def gathered(
    ready: Sequence[Ready],
    account: Account,
    sender: str,
    now: datetime,
    written: Iterable[WrittenWarning] = (),
    beside: int = 0,
) -> Gathered:
    """Return the mails to write. More than ten lapses make one, as do more than ten findings of one code.

    Of more than ten deadlines that still run the ten most urgent authenticated ones go by themselves, the others share
    a mail. Of more than ten of each kind, all that fail authentication share a mail of their own: a storm of forgeries
    uses up nobody's SMTP account, and hides nothing. `written`: the mails of the last day, for a storm may come one by
    one (pace.py). `beside`: how many warnings fell due together with these, and have their mails already.
    """
    mails = _Mails(account, sender, now, written, beside)
    findings: dict[str, list[Ready]] = defaultdict(list)
    for one in ready:
        if one.due.finding is not None:
            findings[one.due.step].append(one)
    mails.add_running([one for one in ready if one.due.step != LAPSE and one.due.finding is None])
    mails.add_alike(_by_party(one for one in ready if one.due.step == LAPSE))
    for alike in findings.values():
        mails.add_alike([[one] for one in alike])
    return Gathered(mails.written, mails.waiting)


class _Mails:
    """The mails of a sweep as they are put together, the most urgent first, while there is room."""

    def __init__(
        self, account: Account, sender: str, now: datetime, written: Iterable[WrittenWarning], beside: int
    ) -> None:
        self.written: list[NewWarning] = []
        self.waiting: dict[int, datetime] = {}
        self._account = account
        self._sender = sender
        self._now = now
        self._pace = Pace(written, now)
        self._beside = beside

    def add_running(self, steps: Iterable[Ready]) -> None:
        """Add steps: of more than ten, ten by themselves at the most, and none that fails authentication."""
        ordered = sorted(steps, key=_urgency)
        many, alone = self._beside + len(ordered) > GATHER_ABOVE, 0
        rest: list[list[Ready]] = []
        for one in ordered:
            if not (many and (one.forged or alone >= GATHER_ABOVE)) and self._alone([one]):
                alone += 1
            else:
                rest.append([one])
        self._gather(rest)

    def add_alike(self, groups: Iterable[list[Ready]]) -> None:
        """Add lapses or findings of one code: more than ten in one mail that may leave now, the forged in another.

        If it may not, those that find room do not wait for it.
        """
        ordered = sorted(groups, key=lambda group: _urgency(group[0]))
        many = self._beside + sum(map(len, ordered)) > GATHER_ABOVE
        rest: list[list[Ready]] = []
        for forged in (False, True):  # what a stranger wrote must not decide whether the others' mail is read
            some = [group for group in ordered if group[0].forged is forged]
            share = many and (forged or sum(map(len, some)) > GATHER_ABOVE)
            if not (share and some and self._together(some)):
                rest += [group for group in some if not self._alone(group)]
        self._gather(rest)

    def _alone(self, group: list[Ready]) -> bool:
        lane, customer = self._lane(group[0]), _customer(group[0])
        if not self._pace.alone(lane, customer):
            return False
        self._write([group], WrittenWarning(at=self._now, lane=lane, customer=customer))
        return True

    def _gather(self, groups: Sequence[list[Ready]]) -> None:
        """Put what found no room into one mail, what fails authentication into another; or let it wait."""
        for forged in (False, True):
            some = [group for group in groups if group[0].forged is forged]
            if some and not self._together(some):
                until = self._pace.opens_at(self._top(some))
                for group in some:
                    self.waiting[group[0].number] = min(until, self.waiting.get(group[0].number, until))

    def _together(self, groups: Sequence[list[Ready]]) -> bool:
        lane, spaced = self._top(groups), not any(self._pace.takes(_customer(group[0])) for group in groups)
        if not self._pace.gather(lane, spaced=spaced):
            return False
        self._write(groups, WrittenWarning(at=self._now, lane=lane, gathered=True))
        return True

    def _top(self, groups: Iterable[list[Ready]]) -> str:
        lanes = {self._lane(one) for group in groups for one in group}
        return next((lane for lane in URGENT if lane in lanes), None) or min(lanes)

    def _lane(self, one: Ready) -> str:
        due, lapsed = one.due, one.due.step == LAPSE
        if one.forged:
            return FORGED_LAPSES if lapsed else FORGED
        if due.finding is not None:
            return due.step
        if due.deadline.kind is Kind.CONSUMER_PROTECTION:
            return HURRIED_LAPSES if lapsed else HURRIED
        if lapsed:
            return LAPSES
        return LAST if is_last(due.deadline, due.step, self._account.policy) else STEPS

    def _write(self, groups: Sequence[list[Ready]], written: WrittenWarning) -> None:
        ordered = sorted((one for group in groups for one in group), key=_urgency)
        # A mail about one party of one case is about its earliest deadline; the others are named in its text.
        number = len(ordered) if len(groups) > 1 or len(ordered) > GATHER_ABOVE else 1
        mail = written_down(ordered[:number], ordered[number:], self._account, self._sender, written)
        self.written.append(mail)


def _urgency(one: Ready) -> tuple[datetime, int]:
    return one.due.deadline.due_at, one.number


def _customer(one: Ready) -> str:
    """Return who the customer is that a warning is about; "" where it is about none or several, or may be forged."""
    deadline = one.due.deadline
    if one.forged or deadline.kind is not Kind.CUSTOMER or len(deadline.whose) != 1:
        return ""
    return min(deadline.whose[0], default="")


def _by_party(lapses: Iterable[Ready]) -> list[list[Ready]]:
    """Lapses of one case and party that are seen at once make one mail, about the earliest."""
    groups: dict[tuple[object, ...], list[Ready]] = defaultdict(list)
    for one in lapses:
        groups[one.number, one.due.deadline.obligation, *party_of(one.due.deadline)].append(one)
    return [sorted(group, key=lambda one: one.due.deadline.due_at) for group in groups.values()]
