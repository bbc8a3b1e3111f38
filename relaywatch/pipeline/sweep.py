"""Sweep: from cases to warnings due, written down before anything is sent (design: Look before warning).

Theory of operation. The index on `next_look_at` says *not before*; judging decides again; a conditional claim
makes the row ours. No warning about a case leaves before every mailbox of its seller was read after the step
fell due (else a first sync cries wolf over every answered case), or all of it that the seller may have answered
with: what is not ready is held, and the watchers are asked to look. A mailbox that cannot be read holds a warning
back for `blind_after` at the most. A row that raises is pushed forward with growing delay, and never stops the
others.

Thousands of cases that fall due at once are judged in slices, so that mail is kept between them; what they give
is written down together after the last one, for many lapses make one mail; what is owed for forged messages comes
after all else, so that no number of them delays another's warning. A case that was touched meanwhile is
left to the next sweep, as its claim tells. Until then its row stays due, so a crash loses nothing.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from relaywatch.core.cases.case import Code
from relaywatch.core.due.pace import DAY
from relaywatch.core.due.warning import next_look_at, warnings_due
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.gather import gathered
from relaywatch.pipeline.judging import Bench, Wordings, failed_to_judge, judge_case, put_off
from relaywatch.pipeline.rescuing import waits_for_rescue
from relaywatch.pipeline.sight import NONE, Outlook
from relaywatch.pipeline.warnings.cases import SETTLED, Ready
from relaywatch.pipeline.warnings.kind import ids_of
from relaywatch.store import DueCase, Store, concerns_all

_ENDED = object()
_SLICE = 500  # cases judged in one transaction: a second


@dataclass
class Swept:
    """What a sweep did: events for the log, and the accounts whose mailboxes must be read before more is said."""

    changes: list[Change] = field(default_factory=list)
    held: dict[str, Outlook] = field(default_factory=dict)
    written: int = 0


def sweep(
    store: Store,
    benches: Mapping[str, Bench],
    sender: str,
    now: datetime,
    held: Mapping[str, Outlook] | None = None,
    untried: Mapping[tuple[str, str], datetime] = NONE,
    answered: Mapping[tuple[str, str], datetime] = NONE,
) -> Swept:
    """Do all steps of a Sweep at once. Raises StoreError alone."""
    whole = Sweep(benches, sender, now, held, untried, answered)
    while whole.step(store):
        pass
    return whole.done


class Sweep:
    """Writes down every warning that is due and may be said at `now`, in steps.

    `held`: what the sweep before held back, if no message has come since. While nothing more was read, what
    fell due since then must wait too, so that account is passed over. `untried`: by account and mailbox, when the
    daemon started that has not come to read it yet, so that an old loss tells nothing of today. `answered`: likewise,
    when the last look began that left no answer of the seller's unread, though it left other mail. What is owed for
    forged messages comes after all else, not at all where `forged` is false; `is_at_forged` says that the rest is done,
    so that what falls due meanwhile can go between.
    """

    def __init__(
        self,
        benches: Mapping[str, Bench],
        sender: str,
        now: datetime,
        held: Mapping[str, Outlook] | None = None,
        untried: Mapping[tuple[str, str], datetime] = NONE,
        answered: Mapping[tuple[str, str], datetime] = NONE,
        *,
        forged: bool = True,
    ) -> None:
        self.done = Swept()
        self.is_at_forged = False
        self._benches = benches
        self._sender = sender
        self._now = now
        self._held = held or {}
        self._untried = untried
        self._answered = answered
        self._parts = (False, True) if forged else (False,)
        self._steps: Iterator[None] | None = None

    def step(self, store: Store) -> bool:
        """Do the next step, a transaction; return whether one more is to come. Raises StoreError alone."""
        if self._steps is None:
            self._steps = self._run(store)
        return next(self._steps, _ENDED) is not _ENDED

    def _run(self, store: Store) -> Iterator[None]:
        sights = store.sights()
        due: dict[str, tuple[Outlook, list[DueCase]]] = {}
        for name, bench in self._benches.items():
            outlook = Outlook.of(bench, sights, self._now, self._untried, self._answered)
            if outlook.seen_until is None or self._held.get(name) == outlook:
                self.done.held[name] = outlook
            elif rows := store.due_cases(self._now, account=name):
                due[name] = outlook, rows
        written: Counter[str] = Counter()
        begun = False
        for forged in self._parts:
            for name, (outlook, rows) in due.items():
                some = [row for row in rows if row.forged is forged]
                if some:
                    self.is_at_forged = forged
                    if begun:
                        yield
                    begun = True
                    written[name] += yield from _sweep_rows(
                        store, self._benches[name], some, outlook, self._sender, self._now, self.done, written[name]
                    )


@dataclass(frozen=True, slots=True)
class _DueFound:
    """What may be said of a case, and when to look at it again: at once, where more waits to be said."""

    case_id: int
    ready: list[Ready]
    look_at: datetime | None
    said: list[str]  # keys of what is due and was written down before


def _sweep_rows(
    store: Store,
    bench: Bench,
    rows: Sequence[DueCase],
    outlook: Outlook,
    sender: str,
    now: datetime,
    done: Swept,
    beside: int,
) -> Generator[None, None, int]:
    """Sweep these, and return how many warnings are ready; `beside`: as many of the same sweep are written already."""
    found: list[_DueFound] = []
    for start in range(0, len(rows), _SLICE):
        if start:
            yield
        with store.transaction():
            some = rows[start : start + _SLICE]
            still_due = store.still_due([row.case_id for row in some], now)
            wordings = cache(store.wordings)
            looked = (
                _look(store, bench, row, outlook, now, done, wordings) for row in some if row.case_id in still_due
            )
            found += [one for one in looked if one is not None]
            if start + _SLICE >= len(rows):
                _write(store, bench, found, sender, now, done, beside)
    return sum(len(one.ready) for one in found)


def _write(
    store: Store, bench: Bench, found: Iterable[_DueFound], sender: str, now: datetime, done: Swept, beside: int
) -> None:
    """Write the warnings about all that is still as it was found; what must wait for a gathered mail is looked at then.

    What was written down before, and not sent because it was settled by then, is owed again where it is due once more:
    the reply that had settled it bounced, or a person rejected it.
    """
    claimed = [one for one in found if store.claim(one.case_id, now, now)]
    done.written += store.revive_dropped(bench.account.name, (key for one in claimed for key in one.said), SETTLED, now)
    ready = [one for some in claimed for one in some.ready]
    written = store.written(bench.account.name, now - DAY, now) if ready else []
    mails = gathered(ready, bench.account, sender, now, written, beside)
    for warning in mails.mails:
        if store.add_warning(warning) is not None:
            done.written += 1
            done.changes.append(Change("warning.due", ids_of(warning)))
    for one in claimed:
        moments = (one.look_at, mails.waiting.get(one.case_id))
        store.claim(one.case_id, now, min((moment for moment in moments if moment is not None), default=None))


def _look(
    store: Store, bench: Bench, row: DueCase, outlook: Outlook, now: datetime, done: Swept, wordings: Wordings
) -> _DueFound | None:
    """Judge one row; return what may be said of it, None where that is nothing."""
    try:
        case, changes = judge_case(store, bench, row.case_id, now, wordings)
        due = warnings_due(case, bench.basis.policy, now) if case is not None else []
    except Exception as error:
        if concerns_all(error):
            raise  # of the database's faults no case is to blame, and the transaction is gone
        put_off(store, row.case_id, row.failures, error, now)
        done.changes.append(failed_to_judge(row.account, row.case_id, (), type(error).__name__))
        return None
    done.changes.extend(changes)
    if case is None:
        return None
    said = store.said(bench.account.name, [warning.key for warning in due])
    unsaid = [warning for warning in due if warning.key not in said]
    waiting = waits_for_rescue(store, bench, unsaid, outlook.unread, now)
    ready = [warning for warning in unsaid if outlook.allows(warning) and warning.key not in waiting]
    look_at = next_look_at(case, bench.basis.policy, now)
    if len(ready) < len(unsaid):
        done.held[bench.account.name] = outlook
        look_at = now  # the row stays due: the next sweep looks again
    forged = {finding.message_key for finding in case.findings if finding.code is Code.UNAUTHENTICATED}
    return _DueFound(
        row.case_id,
        [Ready(row.case_id, one, outlook.unread, one.deadline.started_key in forged) for one in ready],
        look_at,
        [one.key for one in due if one.key in said and outlook.allows(one)],
    )
