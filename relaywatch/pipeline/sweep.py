"""Sweep: from cases to warnings due, written down before anything is sent.

Theory of operation. The index on `next_look_at` says *not before*; judging decides again; a conditional claim
makes the row ours. No warning about a case leaves before every mailbox of its seller was read after the step
fell due (else a first sync cries wolf over every answered case): what is not ready is held, and the watchers
are asked to look. A mailbox that cannot be read holds a warning back for `blind_after` at the most. A row
that raises is pushed forward with growing delay, and never stops the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from relaywatch.core.warning import Due, next_look_at, warnings_due
from relaywatch.pipeline.gather import Ready, gathered
from relaywatch.pipeline.judging import Bench, Change, failed_to_judge, judge_case, put_off
from relaywatch.pipeline.rescuing import waits_for_rescue
from relaywatch.pipeline.sight import blind
from relaywatch.store import DueCase, NewWarning, Sight, Store, StoreError

_NONE: Mapping[tuple[str, str], datetime] = {}


@dataclass
class Swept:
    """What a sweep did: events for the log, and the accounts whose mailboxes must be read before more is said."""

    changes: list[Change] = field(default_factory=list)
    held: dict[str, "Outlook"] = field(default_factory=dict)
    written: int = 0


def sweep(
    store: Store,
    benches: Mapping[str, Bench],
    sender: str,
    now: datetime,
    held: Mapping[str, "Outlook"] | None = None,
    untried: Mapping[tuple[str, str], datetime] = _NONE,
) -> Swept:
    """Write down every warning that is due and may be said at `now`. Raises StoreError alone.

    `held`: what the sweep before held back, if no message has come since. While nothing more was read, what
    fell due since then must wait too, so that account is passed over. `untried`: by account and mailbox, when the
    daemon started that has not come to read it yet, so that an old loss tells nothing of today.
    """
    done = Swept()
    sights = store.sights()
    for name, bench in benches.items():
        outlook = Outlook.of(bench, sights, now, untried)
        if outlook.seen_until is None or (held or {}).get(name) == outlook:
            done.held[name] = outlook
            continue
        _sweep_account(store, bench, outlook, sender, now, done)
    return done


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a seller's mailboxes were read. `seen_until` None: nothing may be said of any case yet."""

    seen_until: datetime | None
    unread: tuple[str, ...]  # mailboxes that have been given up waiting for

    @staticmethod
    def of(
        bench: Bench, sights: Iterable[Sight], now: datetime, untried: Mapping[tuple[str, str], datetime] = _NONE
    ) -> "Outlook":
        """Judge the mailboxes of an account at a moment."""
        known = {sight.mailbox: sight for sight in sights if sight.account == bench.account.name}
        seen: list[datetime | None] = []
        unread: list[str] = []
        for mailbox in bench.account.mailboxes:
            sight = known.get(mailbox.name)
            if sight is not None and blind(sight, bench.account, now, untried):
                unread.append(mailbox.name)
            else:
                seen.append(sight.last_read if sight is not None else None)
        if any(moment is None for moment in seen):
            return Outlook(None, tuple(unread))
        return Outlook(min((moment for moment in seen if moment), default=now), tuple(unread))

    def allows(self, due: Due) -> bool:
        """Whether every mailbox that can be read was read after the step fell due."""
        return self.seen_until is not None and self.seen_until >= due.fell_due_at


def _sweep_account(store: Store, bench: Bench, outlook: Outlook, sender: str, now: datetime, done: Swept) -> None:
    with store.transaction():
        ready: list[Ready] = []
        for row in store.due_cases(now, account=bench.account.name):
            ready.extend(_look(store, bench, row, outlook, now, done))
        for warning in gathered(ready, bench.account, sender, now):
            if store.add_warning(warning) is not None:
                done.written += 1
                done.changes.append(Change("warning.due", about(warning)))


def about(warning: NewWarning) -> dict[str, object]:
    """Return the ids of a warning, for the log."""
    cases: object = warning.case_id if warning.case_id is not None else list(warning.cases)
    named = {"case": cases} if warning.cases else {"mailbox": warning.mailbox}
    return {
        "account": warning.account,
        **named,
        "step": warning.step,
        "rule": warning.rule,
        "id": warning.message_id,
    }


def _look(store: Store, bench: Bench, row: DueCase, outlook: Outlook, now: datetime, done: Swept) -> list[Ready]:
    """Judge one row and set when to look at it again; return what may be said of it."""
    try:
        case, changes = judge_case(store, bench, row.case_id, now)
        due = warnings_due(case, bench.basis.policy, now) if case is not None else []
    except StoreError:
        raise  # of the database's faults no case is to blame, and the transaction is gone
    except Exception as error:  # noqa: BLE001 - one case that cannot be judged must not silence the others
        put_off(store, row.case_id, row.failures, error, now)
        done.changes.append(failed_to_judge(row.account, row.case_id, (), type(error).__name__))
        return []
    done.changes.extend(changes)
    if case is None:
        return []
    said = store.said(bench.account.name, [warning.key for warning in due])
    unsaid = [warning for warning in due if warning.key not in said]
    waiting = waits_for_rescue(store, bench, unsaid, outlook.unread, now)
    ready = [warning for warning in unsaid if outlook.allows(warning) and warning.key not in waiting]
    if len(ready) < len(unsaid):
        done.held[bench.account.name] = outlook  # the row stays due: the next sweep looks again
    elif not store.claim(row.case_id, now, next_look_at(case, bench.basis.policy, now)):
        return []
    return [Ready(row.case_id, warning, outlook.unread) for warning in ready]
