"""Warnings of cases: a step of a deadline's ladder, its lapse, a finding that can be mended; of one case or of many.

What is due is found by the sweep (core/due/warning.py) and put into mails (pipeline/gather.py); here they are written
down. When one leaves, its cases are judged once more. A warning that was written down before an outage may be settled,
or overtaken by a more urgent step, by the time it can leave; then it is not sent.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from relaywatch.config import Account
from relaywatch.core.cases.case import Code
from relaywatch.core.due.pace import WrittenWarning
from relaywatch.core.due.warning import LAPSE, Due, code_of, current_step, is_last, is_of_finding, ladder_of
from relaywatch.core.notices import of_case, of_cases
from relaywatch.core.notices.notice import Notice
from relaywatch.core.notices.of_cases import Entry, Gathering
from relaywatch.notify import listed, warning_headers
from relaywatch.pipeline.warnings.kind import Leaving, WarningKind, WarningText, message_id
from relaywatch.pipeline.warnings.standing import Item, Standing
from relaywatch.store import Detail, NewWarning, stored_as

SETTLED = "settled, or overtaken by a more urgent warning"  # why a warning was not sent, that may be owed again


@dataclass(frozen=True, slots=True)
class Ready:
    """A warning that may be said: the case it is about, and mailboxes that could not be read before it."""

    number: int
    due: Due
    unread: tuple[str, ...]
    forged: bool = False  # what started the clock fails authentication


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesTold(Detail):
    """What a warning of cases tells of."""

    about: tuple[Item, ...] = ()
    further: tuple[Item, ...] = field(default=(), metadata=stored_as("else"))  # of the same party, due later
    unread: tuple[str, ...] = ()  # mailboxes that could not be read
    forged: bool = False  # all of it fails authentication


def written_down(
    about: Sequence[Ready], further: Sequence[Ready], account: Account, sender: str, written: WrittenWarning
) -> NewWarning:
    """Return the row of a mail about these, the most urgent first; `further` ones are named in its text."""
    first, everything = about[0].due, [*about, *further]
    keys = tuple(one.due.key for one in everything)
    return NewWarning(
        account=account.name,
        case_id=about[0].number if len(about) == 1 else None,
        keys=keys,
        step=first.step,
        rule=first.deadline.rule,
        obligation=first.deadline.obligation.value,
        due_at=first.deadline.due_at,
        message_id=message_id(account.name, keys[0], sender),
        created_at=written.at,
        recipients=_recipients(about, account),
        detail=CasesTold(
            about=tuple(map(_item, about)),
            further=tuple(map(_item, further)),
            unread=tuple(sorted({mailbox for one in everything for mailbox in one.unread})),
            forged=all(one.forged for one in everything),
        ),
        cases=tuple(one.number for one in about),
        lane=written.lane,
        customer=written.customer,
        gathered=written.gathered,
    )


def _item(one: Ready) -> Item:
    due = one.due
    return Item(
        case=one.number,
        key=due.key,
        obligation=due.deadline.obligation,
        started_key=due.deadline.started_key,
        step=due.step,
        finding=due.finding.message_key if due.finding is not None else None,
    )


def _recipients(about: Sequence[Ready], account: Account) -> tuple[str, ...]:
    """Who is told; `escalate_to` joins at the last step of a ladder and at a lapse."""
    last = any(is_last(one.due.deadline, one.due.step, account.policy) for one in about)
    return tuple(dict.fromkeys((*account.notify.to, *(account.notify.escalate_to if last else ()))))


class _OfCases(WarningKind[CasesTold]):
    """What all of them have in common."""

    detail = CasesTold

    def say(self, leaving: Leaving) -> WarningText | str:
        """Tell of what is still owed: of one case at length, of many in a table.

        Of thousands those that the table shows are judged, and the rest is counted: anybody can send mail that makes as
        many, and every other warning waits meanwhile.
        """
        told, warning, in_flight = self.kept(leaving.delivery), leaving.delivery.warning, leaving.delivery.in_flight
        standing = Standing(leaving)
        needed: list[Entry] = []
        settled: list[str] = []
        looked_at = 0
        for item in told.about:
            if len(needed) == of_cases.MAX_ROWS:
                break
            looked_at += 1
            for entry in standing.entries([item]):
                if in_flight or self.needed(entry, leaving):
                    needed.append(entry)
                elif entry.key:
                    settled.append(entry.key)
        left_out = tuple(settled) if needed else ()
        if not needed:  # what it was about is settled: of the same party's further ones it is about the earliest then
            needed = [entry for entry in standing.entries(told.further) if self.needed(entry, leaving)][:1]
        if not needed:
            return SETTLED
        step = warning.step if len(needed) == 1 else self.step_of(warning.step, needed)
        notice = self._notice(needed, len(told.about) - looked_at, told, standing, leaving)
        return WarningText(notice, warning_headers(step, needed), left_out)

    def _notice(
        self, entries: Sequence[Entry], further: int, told: CasesTold, standing: Standing, leaving: Leaving
    ) -> Notice:
        unread = tuple(of_case.UnreadMailbox(mailbox=name) for name in told.unread)
        if len(entries) == 1 and not leaving.bare:
            (entry,) = entries
            occasion = standing.occasion(entry, unread)
            return of_case.step(occasion) if entry.finding is None else of_case.finding(occasion, entry.finding)
        parties = leaving.bench.account.parties
        many = Gathering(now=leaving.now, voice=leaving.voice, parties=parties, further=further, unread=unread)
        if leaving.bare:
            return of_cases.bare(entries, many, code=self.code(leaving.delivery.warning.step))
        return self.of_many(entries, many, leaving)

    @abstractmethod
    def needed(self, entry: Entry, leaving: Leaving) -> bool:
        """Whether it is still worth sending: what it warns of is unmet, and no more urgent step is reached."""

    @abstractmethod
    def of_many(self, entries: Sequence[Entry], gathering: Gathering, leaving: Leaving) -> Notice:
        """Return what is said of more than one."""

    def step_of(self, step: str, _entries: Sequence[Entry]) -> str:
        """Return what X-Relaywatch-Step says of more than one: where all have the same, that once."""
        return step

    def code(self, _step: str) -> Code | None:
        """Return the finding that it is about, None where it is about none."""
        return None


class Steps(_OfCases):
    """A deadline runs out."""

    def bears(self, _step: str) -> bool:
        """Whatever the configuration calls the steps of its ladders."""
        return True

    def needed(self, entry: Entry, leaving: Leaving) -> bool:
        """While it runs, until the next step."""
        deadline, now = entry.deadline, leaving.now
        reached = current_step(deadline, ladder_of(deadline, leaving.bench.basis.policy), now)
        runs = deadline.status.unmet and deadline.due_at > now
        return runs and reached is not None and reached.text == entry.step

    def of_many(self, entries: Sequence[Entry], gathering: Gathering, leaving: Leaving) -> Notice:
        """Return what is said of more than one."""
        return of_cases.steps(entries, gathering, forged=self.kept(leaving.delivery).forged)

    def step_of(self, _step: str, entries: Sequence[Entry]) -> str:
        """Return the step of each."""
        return listed(entry.step for entry in entries)


class Lapses(_OfCases):
    """A deadline is past."""

    step = LAPSE

    def needed(self, entry: Entry, _leaving: Leaving) -> bool:
        """Until it is met."""
        return entry.deadline.status.unmet

    def of_many(self, entries: Sequence[Entry], gathering: Gathering, _leaving: Leaving) -> Notice:
        """Return what is said of more than one."""
        return of_cases.lapses(entries, gathering)


class Findings(_OfCases):
    """Something was sent that does not count and can be mended."""

    def bears(self, step: str) -> bool:
        """A step for each code."""
        return is_of_finding(step)

    def needed(self, entry: Entry, _leaving: Leaving) -> bool:
        """Until it is mended, or the deadline is met."""
        return entry.deadline.status.unmet and entry.finding is not None and entry.finding.mended_by is None

    def of_many(self, entries: Sequence[Entry], gathering: Gathering, leaving: Leaving) -> Notice:
        """Return what is said of more than one."""
        return of_cases.findings(self.code(leaving.delivery.warning.step), entries, gathering)

    def code(self, step: str) -> Code:
        """Return the finding that it is about."""
        return code_of(step)


STEPS, LAPSES, FINDINGS = Steps(), Lapses(), Findings()
