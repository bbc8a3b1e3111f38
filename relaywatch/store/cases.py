"""Cases as last judged, what the operator said of them, and when each must be looked at again.

A case that turns out to be part of another is merged into it and keeps its number: `merged_into` always names
a living case directly, never one that was merged itself. Whenever a case is saved, those of its deadlines and
findings that are not as they were kept are replaced.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from relaywatch.core.cases.case import Case, Deadline, Finding, Statement
from relaywatch.store.codec import RowCodec, clean, maybe_text, maybe_time, time_from_text, time_to_text
from relaywatch.store.connection import Connection, Row
from relaywatch.store.records import CaseToSave, Counts, DueCase, Rejudged, StoredCase

_CASE = RowCodec(
    Case,
    (
        "account",
        "kind",
        "state",
        "mailbox",
        "counterparty",
        "subject",
        "order_id",
        "topics",
        "opened_at",
        "messages",
    ),
    apart=("deadlines", "findings"),
)
_DEADLINE = RowCodec(
    Deadline,
    (
        "obligation",
        "rule",
        "status",
        "started_at",
        "due_at",
        "met_at",
        "met_by",
        "started_by",
        "started_key",
        "clock",
        "kind",
        "party",
    ),
    apart=("whose",),
)
_FINDING = RowCodec(Finding, ("code", "rule", "at", "detail", "mended_by", "message_id", "message_key", "affects"))
_STATEMENT = RowCodec(Statement, ("verb", "obligation", "at", "said_at", "note"))
_ERROR_LENGTH = 500


class _Queries(NamedTuple):
    """The queries by which the rows of a kind are kept as they should be."""

    among: str
    delete: str
    update: str
    insert: str


_DEADLINES = _Queries("deadlines_among", "delete_deadline_rows", "update_deadline", "insert_deadline")
_FINDINGS = _Queries("findings_among", "delete_finding_rows", "update_finding", "insert_finding")


class Cases:
    """The part of the store that knows cases. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def save_cases(self, entries: Sequence[CaseToSave]) -> list[int]:
        """Write cases as judged with their messages, merge what they swallow; return their ids in order."""
        self._clear_merged(entries)
        left = self._left_behind(entries)
        ids: list[int] = []
        deadlines: dict[int, list[Row]] = {}
        findings: dict[int, list[Row]] = {}
        attached: list[Row] = []
        for entry in entries:
            row = _CASE.row(
                entry.case,
                next_look_at=maybe_text(entry.next_look_at),
                judged_with=entry.judged_with,
            )
            if entry.case_id is None:
                case_id = self._db.insert("insert_case", row)
            else:
                case_id = entry.case_id
                self._db.write("update_case", id=case_id, **row)
            if entry.merged:
                self._db.write_in("merge_cases", entry.merged, into=case_id)
                self._db.write_in("move_messages", set(entry.merged) - {case_id}, into=case_id)
            ids.append(case_id)
            account = entry.case.account
            attached += ({"id": message, "case_id": case_id} for message in entry.message_rows)
            deadlines[case_id] = [_DEADLINE.row(one, case_id=case_id) for one in entry.case.deadlines]
            findings[case_id] = [_FINDING.row(one, case_id=case_id, account=account) for one in entry.case.findings]
        placed = {row["id"]: row["case_id"] for row in attached}
        self._db.write_many("attach_message", attached)
        self._db.write_many("delete_loose_findings", [{"message": row["id"]} for row in attached])
        self._merge_empty(left.keys() - set(ids), {old: placed[row] for old, row in left.items()})
        self._replace(_DEADLINES, deadlines)
        self._replace(_FINDINGS, findings)
        return ids

    def _clear_merged(self, entries: Iterable[CaseToSave]) -> None:
        """Remove what was judged before of the cases that are merged."""
        old = {case_id for entry in entries for case_id in entry.merged}
        self._db.write_in("delete_deadlines", old)
        self._db.write_in("delete_findings", old)

    def _replace(self, queries: _Queries, by_case: Mapping[int, Sequence[Row]]) -> None:
        """Have each case keep these rows of a kind, in this order, and no others; what is so already is not written.

        Of a large case they are many, and with each further mail most of them stay as they are.
        """
        kept = _by_case(self._db.rows_in(queries.among, by_case))
        changed: list[Row] = []
        new: list[Row] = []
        for case_id, rows in by_case.items():
            old = kept.get(case_id, [])
            changed += (
                {**row, "id": was["id"]} for was, row in zip(old, rows, strict=False) if not row.items() <= was.items()
            )
            new += rows[len(old) :]
        surplus = [was["id"] for case_id, old in kept.items() for was in old[len(by_case[case_id]) :]]
        self._db.write_in(queries.delete, surplus)
        self._db.write_many(queries.update, changed)
        self._db.write_many(queries.insert, new)

    def _left_behind(self, entries: Iterable[CaseToSave]) -> dict[int, int]:
        """Return the cases that messages are in before the write, each with one of those messages."""
        rows = [row for entry in entries for row in entry.message_rows]
        return {row["case_id"]: row["id"] for row in self._db.rows_in("cases_of_messages", rows)}

    def _merge_empty(self, left: AbstractSet[int], into: Mapping[int, int]) -> None:
        """Merge a case that lost all of its messages into the one that took them, said so or not."""
        empty = [row["id"] for row in self._db.rows_in("empty_cases", left)]
        for case_id in empty:
            self._db.write_in("merge_cases", [case_id], into=into[case_id])
        self._db.write_in("delete_deadlines", empty)
        self._db.write_in("delete_findings", empty)

    def detach(self, message_rows: Sequence[int]) -> list[int]:
        """Take messages out of their cases, for they open none; return the cases that are left without any.

        Those are dissolved: no longer listed nor looked at, but `case` still finds them by number.
        """
        left = {row["case_id"] for row in self._db.rows_in("cases_of_messages", message_rows)}
        self._db.write_in("detach_messages", message_rows)
        self._db.write_in("dissolve_cases", left)
        dissolved = [row["id"] for row in self._db.rows_in("dissolved_cases", left)]
        self._db.write_in("delete_deadlines", dissolved)
        self._db.write_in("delete_findings", dissolved)
        return sorted(dissolved)

    def save_loose_findings(self, account: str, message_row: int, findings: Iterable[Finding]) -> None:
        """Replace the findings of a message that belongs to no case."""
        self._db.write("delete_loose_findings", message=message_row)
        rows = [_FINDING.row(finding, account=account, message=message_row) for finding in findings]
        self._db.write_many("insert_loose_finding", rows)

    def current_case(self, case_id: int) -> int | None:
        """Return the case for a number ever shown: itself, or what it was merged into; None: unknown."""
        row = self._db.row("current_case", case_id=case_id)
        return None if row is None else int(row["id"])

    def case(self, case_id: int) -> StoredCase | None:
        """Return the case for a number ever shown (see `current_case`), None for an unknown one."""
        with self._db.snapshot():
            current = self.current_case(case_id)
            row = None if current is None else self._db.row("case", case_id=current)
            if row is None:
                return None
            deadlines = self._db.rows("deadlines_of_case", case_id=current)
            findings = self._db.rows("findings_of_case", case_id=current)
        return _stored(row, deadlines, findings)

    def case_rows(self) -> list[StoredCase]:
        """Return all cases as they were last judged, in no particular order."""
        with self._db.snapshot():
            rows = self._db.rows("cases")
            deadlines = _by_case(self._db.rows("deadlines_of_cases"))
            findings = _by_case(self._db.rows("findings_of_cases"))
        return [_stored(row, deadlines.get(row["id"], ()), findings.get(row["id"], ())) for row in rows]

    def due_cases(self, now: datetime, account: str) -> list[DueCase]:
        """Return an account's cases whose time to be looked at has come, the longest due first, but the forged last."""
        return [
            DueCase(row["id"], row["account"], row["failures"], bool(row["forged"]))
            for row in self._db.rows("due_cases", now=time_to_text(now), account=account)
        ]

    def still_due(self, ids: Iterable[int], now: datetime) -> frozenset[int]:
        """Return those of these cases whose time to be looked at has come."""
        return frozenset(row["id"] for row in self._db.rows_in("still_due", ids, now=time_to_text(now)))

    def next_look_at(self) -> datetime | None:
        """Return when the next case falls due for a look, None where none ever will."""
        row = self._db.row("next_look_at")
        return None if row is None else maybe_time(row["at"])

    def claim(self, case_id: int, seen: datetime, new: datetime | None) -> bool:
        """Move a case's next look from the time that was seen; False where it has moved meanwhile."""
        changed = self._db.write("claim_case", case_id=case_id, seen=time_to_text(seen), new=maybe_text(new))
        return changed == 1

    def push_forward(self, case_id: int, until: datetime, error: str) -> None:
        """Put off a case that raised; counts the failure and keeps why (one line, no mail's text)."""
        self._db.write("push_case", case_id=case_id, until=time_to_text(until), error=clean(error)[:_ERROR_LENGTH])

    def add_statement(self, case_id: int, statement: Statement) -> int:
        """Keep what the operator said of a case; return its row."""
        return self._db.insert("insert_statement", _STATEMENT.row(statement, case_id=case_id))

    def statements(self, case_id: int) -> list[Statement]:
        """Return what the operator said of a case and of those merged into it, in order of saying."""
        current = self.current_case(case_id)
        return [_STATEMENT.read(row) for row in self._db.rows("statements", case_id=current)]

    def counts(self, now: datetime) -> Counts:
        """Return what `status` counts at a moment."""
        row = self._db.row("counts", now=time_to_text(now)) or {}
        return Counts(row["open"], row["overdue"], row["unsent"], row["doubtful"], row["doubtful_late"])

    def add_rejudged(self, entries: Iterable[Rejudged], judged_with: str) -> None:
        """Keep which clocks a new standard judged otherwise, and why."""
        self._db.write_many(
            "insert_rejudged",
            [{**entry._asdict(), "at": time_to_text(entry.at), "judged_with": judged_with} for entry in entries],
        )

    def rejudged(self, limit: int = 10_000) -> list[Rejudged]:
        """Return them, the first first."""
        return [Rejudged(**{**row, "at": time_from_text(row["at"])}) for row in self._db.rows("rejudged", limit=limit)]


def _by_case(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["case_id"], []).append(row)
    return found


def _stored(row: Row, deadlines: Iterable[Row], findings: Iterable[Row]) -> StoredCase:
    case = _CASE.read(
        row,
        deadlines=tuple(map(_DEADLINE.read, deadlines)),
        findings=tuple(map(_FINDING.read, findings)),
    )
    return StoredCase(
        id=row["id"],
        account=row["account"],
        case=case,
        next_look_at=maybe_time(row["next_look_at"]),
        failures=row["failures"],
        dissolved=bool(row["dissolved"]),
    )
