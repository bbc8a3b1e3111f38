"""Warnings as written down before anything is sent, and their deliveries, one for each recipient.

A delivery is `pending` until it is `sent`, `failed` (refused for good) or `dropped` (nobody needs it any
more). An attempt is noted when it begins: after a crash the mail may have arrived, and is sent again with the
same Message-ID.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from relaywatch.core.due.pace import WrittenWarning
from relaywatch.store.chores import INFORM
from relaywatch.store.codec import (
    RowCodec,
    clean,
    from_facts,
    maybe_text,
    maybe_time,
    record_to_json,
    time_from_text,
    time_to_text,
)
from relaywatch.store.connection import Connection, Row
from relaywatch.store.records import (
    Addressed,
    NewWarning,
    PendingDelivery,
    StoredDelivery,
    StoredDetail,
    StoredWarning,
    Trouble,
    Unsent,
)

_WARNING_COLUMNS = (
    "account",
    "case_id",
    "mailbox",
    "step",
    "rule",
    "obligation",
    "due_at",
    "created_at",
    "message_id",
)
_APART = ("keys", "recipients", "cases", "detail")
_NEW = RowCodec(NewWarning, _WARNING_COLUMNS, apart=_APART)
_STORED = RowCodec(StoredWarning, (*_WARNING_COLUMNS, "id"), apart=(*_APART, "deliveries"))
_WRITTEN = RowCodec(WrittenWarning, ("at",))
_ANSWER_LENGTH = 500  # of what a mail server said
_MOST_TROUBLES = 10
_NOTHING: Mapping[int | str, int] = MappingProxyType({})


class Alarms:
    """The part of the store that knows warnings. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def said(self, account: str, keys: Iterable[str]) -> set[str]:
        """Return which of these keys a warning of the account was already written for."""
        ours = {clean(key): key for key in keys}
        return {ours[row["key"]] for row in self._db.rows_in("warning_keys_said", ours, account=account)}

    def add_warning(self, warning: NewWarning) -> int | None:
        """Write a warning and a delivery for each recipient; return its row, None if all was said before."""
        said = self.said(warning.account, warning.keys)
        missing = [key for key in dict.fromkeys(warning.keys) if key not in said]
        if warning.keys and not missing:
            return None
        row_id = self._db.insert("insert_warning", _NEW.row(warning, detail=record_to_json(warning.detail)))
        self._db.write_many(
            "insert_warning_key",
            [{"account": warning.account, "key": clean(key), "warning": row_id} for key in missing],
        )
        cases = [*warning.cases] if warning.case_id is None else [warning.case_id, *warning.cases]
        self._db.write_many(
            "insert_warning_case",
            [{"warning": row_id, "case_id": case_id} for case_id in dict.fromkeys(cases)],
        )
        self.add_recipients(row_id, warning.recipients, warning.created_at)
        return row_id

    def written(self, account: str, since: datetime, until: datetime) -> list[WrittenWarning]:
        """Return the mails about cases that were written for an account after one moment and up to another."""
        rows = self._db.rows("warnings_written", account=account, since=time_to_text(since), until=time_to_text(until))
        return [found for found in map(_WRITTEN.read, rows) if found.lane]

    def add_recipients(self, warning: int, recipients: Iterable[str], at: datetime) -> None:
        """Write a delivery of a warning for each recipient who has none of it."""
        rows = [
            {"warning": warning, "recipient": recipient, "next_try_at": time_to_text(at)}
            for recipient in dict.fromkeys(recipients)
        ]
        self._db.write_many("insert_delivery", rows)

    def addressed(self) -> list[Addressed]:
        """Return to whom the pending deliveries go."""
        return [
            Addressed(row["id"], row["warning"], row["account"], row["step"], row["recipient"])
            for row in self._db.rows("addressed")
        ]

    def warnings_of(self, case_id: int) -> list[StoredWarning]:
        """Return the warnings that name a case, or one merged into it, in order of time."""
        with self._db.snapshot():
            current = self._db.row("current_case", case_id=case_id)
            if current is None:
                return []
            rows = self._db.rows("warnings_of_case", case_id=current["id"])
            return self._warnings([row["warning"] for row in rows])

    def _warnings(self, ids: Sequence[int]) -> list[StoredWarning]:
        keys = _grouped(self._db.rows_in("keys_of_warnings", ids))
        cases = _grouped(self._db.rows_in("cases_of_warnings", ids))
        deliveries = _grouped(self._db.rows_in("deliveries_of_warnings", ids))
        rows = sorted(self._db.rows_in("warnings", ids), key=lambda row: (row["created_at"], row["id"]))
        return [
            _STORED.read(
                row,
                detail=StoredDetail(from_facts(row["detail"])),
                keys=tuple(item["key"] for item in keys.get(row["id"], ())),
                cases=tuple(item["case_id"] for item in cases.get(row["id"], ())),
                recipients=tuple(item["recipient"] for item in deliveries.get(row["id"], ())),
                deliveries=tuple(_delivery(item) for item in deliveries.get(row["id"], ())),
            )
            for row in rows
        ]

    def pending_deliveries(
        self,
        limit: int = 100,
        *,
        held: Collection[int] = (),
        last: Collection[str] = (),
        behind: Mapping[int | str, int] = _NOTHING,
    ) -> list[PendingDelivery]:
        """Return the pending deliveries but for those that are `held`, the most urgent warning first.

        What tells of nothing but messages that fail authentication comes after the others.
        `last`: steps that no deadline waits for; they come after all others. `behind`: deliveries and recipients that
        come after even those, those with the highest number last. When each may be tried again is for the caller's
        clock: this machine's may be set back.
        """
        with self._db.snapshot():
            rows = [row for row in self._db.rows("pending_deliveries") if row["id"] not in held]
            rows.sort(
                key=lambda row: (max(behind.get(row["id"], 0), behind.get(row["recipient"], 0)), row["step"] in last)
            )
            del rows[limit:]
            found = self._warnings(list(dict.fromkeys(row["warning"] for row in rows)))
        warnings = {warning.id: warning for warning in found}
        return [
            PendingDelivery(
                row["id"],
                warnings[row["warning"]],
                row["recipient"],
                maybe_time(row["began_at"]),
                maybe_time(row["ended_at"]),
            )
            for row in rows
        ]

    def next_try_at(self) -> datetime | None:
        """Return when the next pending delivery may be tried, None where none is pending."""
        row = self._db.row("next_try_at")
        return None if row is None else maybe_time(row["at"])

    def delivery_began(self, delivery_id: int, at: datetime) -> bool:
        """Note, before it, that an attempt begins; False where the delivery is not pending any more."""
        return self._db.write("delivery_began", id=delivery_id, at=time_to_text(at)) == 1

    def delivery_sent(self, delivery_id: int, at: datetime, response: str, left_out: Collection[str] = ()) -> None:
        """Note that the server took it; a case whose internal parties know now is to be judged again (policy Q4).

        `left_out`: keys that it was written down for and did not tell of: they count as not said.
        """
        self._end(delivery_id, at, "sent", response=response)
        if left_out:
            self._db.write_in("unsay", map(clean, left_out), id=delivery_id)
        self._db.write("look_again_when_told", id=delivery_id, at=time_to_text(at), step=INFORM)

    def delivery_failed(self, delivery_id: int, at: datetime, error: str, next_try_at: datetime | None) -> None:
        """Note that an attempt failed; it is tried again at `next_try_at`, None: the refusal is for good."""
        state = "failed" if next_try_at is None else "pending"
        self._end(delivery_id, at, state, error=error, next_try_at=next_try_at)

    def delivery_dropped(self, delivery_id: int, at: datetime, why: str) -> None:
        """Note that it is not sent, and why: what it warns of is settled."""
        self._end(delivery_id, at, "dropped", error=why)

    def revive_dropped(self, account: str, keys: Iterable[str], why: str, at: datetime) -> int:
        """Make pending again what of these keys was dropped for that reason; return how many deliveries that are."""
        listed = [clean(key) for key in keys]
        return self._db.write_in("revive_dropped", listed, account=account, why=why, at=time_to_text(at))

    def _end(  # one for each column that an attempt's end sets
        self,
        delivery_id: int,
        at: datetime,
        state: str,
        *,
        response: str = "",
        error: str = "",
        next_try_at: datetime | None = None,
    ) -> None:
        self._db.write(
            "delivery_ended",
            id=delivery_id,
            at=time_to_text(at),
            state=state,
            response=clean(response)[:_ANSWER_LENGTH],
            error=clean(error)[:_ANSWER_LENGTH],
            next_try_at=maybe_text(next_try_at),
        )

    def try_refused_again(self, at: datetime, ended_before: datetime, *, but: Collection[str] = ()) -> None:
        """Make pending what was refused for good before a moment, but for these steps: its reason may be mended."""
        refused = self._db.rows("refused", before=time_to_text(ended_before))
        again = [row["id"] for row in refused if row["step"] not in but]
        self._db.write_in("try_refused_again", again, at=time_to_text(at))

    def unsent(self, now: datetime, patience: timedelta, *, but: Collection[str] = ()) -> Unsent:
        """Return why warnings have not left, and how many reached nobody for longer than `patience`.

        `but`: steps of which nobody needs to hear.
        """
        untold = self._db.rows("untold", before=time_to_text(now - patience))
        rows = self._db.rows("troubles", limit=_MOST_TROUBLES)
        return Unsent(
            sum(row["untold"] for row in untold if row["step"] not in but),
            tuple(
                Trouble(row["recipient"], row["state"], row["error"], row["warnings"], time_from_text(row["since"]))
                for row in rows
            ),
        )


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["warning"], []).append(row)
    return found


def _delivery(row: Row) -> StoredDelivery:
    return StoredDelivery(
        id=row["id"],
        recipient=row["recipient"],
        state=row["state"],
        attempts=row["attempts"],
        ended_at=maybe_time(row["ended_at"]),
        error=row["error"],
    )
