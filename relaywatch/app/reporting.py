"""What the lists show: the store's last judgement, judged again where time alone has changed it since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from relaywatch.config import Mailbox, Settings
from relaywatch.core.cases.case import Case, Statement
from relaywatch.core.cases.form import case_form
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.instant import to_text
from relaywatch.core.mail.when import received_at
from relaywatch.pipeline.request import LARGEST
from relaywatch.store import Sight, Store, StoredCase, StoredMail, StoredWarning, Trouble, concerns_all

if TYPE_CHECKING:
    from relaywatch.pipeline.judging import Bench, Wordings


def judged_cases(store: Store, settings: Settings, now: datetime) -> list[tuple[int, Case]]:
    """Return all cases as of now. Reads only: what the daemon has not looked at yet is judged here as well."""
    rows = store.case_rows()
    due = _due(rows, settings, now)
    wordings = cache(store.wordings)
    return [(stored.id, _as_of(store, due.get(stored.id), stored, now, wordings)) for stored in rows]


def _due(rows: Sequence[StoredCase], settings: Settings, now: datetime) -> Mapping[int, "Bench"]:
    """Return the cases that must be judged again, by number, each with who judges it."""
    due = [one for one in rows if one.next_look_at is not None and one.next_look_at <= now and not one.dissolved]
    if not due:
        return {}
    from relaywatch.pipeline.judging import benches  # noqa: PLC0415 - where nothing is due, nobody waits for it

    by_account = benches(settings)
    return {one.id: by_account[one.account] for one in due if one.account in by_account}


def _as_of(
    store: Store, bench: "Bench | None", stored: StoredCase, now: datetime, wordings: "Wordings | None" = None
) -> Case:
    if bench is None:
        return stored.case
    from relaywatch.pipeline.judging import judged_case  # noqa: PLC0415 - as above

    try:
        case = judged_case(store, bench, stored.id, store.mails_of_case(stored.id), now, wordings)[0].case
    except Exception as error:  # a case that cannot be judged must not hide the others: as it last stood
        if concerns_all(error):
            raise
        return stored.case
    return case if case is not None else stored.case


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """One case with all that belongs to it."""

    number: int
    asked_for: int  # another number, if that case was merged into this one
    case: Case
    mails: tuple[StoredMail, ...]
    statements: tuple[Statement, ...]
    warnings: tuple[StoredWarning, ...]

    def form(self) -> dict[str, object]:
        """Return it for programs: the case, its messages, statements, warnings by time (interface: A case as JSON)."""
        return {
            **case_form(self.number, self.case),
            "mail": [_mail_form(mail) for mail in self.mails],
            "statements": [
                {
                    "verb": said.verb.value,
                    "obligation": said.obligation.value if said.obligation else None,
                    "at": to_text(said.at),
                    "note": said.note,
                }
                for said in self.statements
            ],
            "warnings": [_warning_form(warning) for warning in self.warnings],
        }


def _mail_form(stored: StoredMail) -> dict[str, object]:
    message, verdict = stored.mail.message, stored.mail.verdict
    received, clock = received_at(message)
    return {
        "message_id": message.message_id,
        "received_at": to_text(received),
        "clock": clock,
        "direction": "out" if is_sellers(stored.mail) else "in",
        "from": message.author,
        "to": list(message.recipients),
        "subject": message.subject,
        "class": verdict.class_.value,
        "rule": verdict.rule,
        "evidence": list(verdict.evidence),
        "own_words": message.own_words,
        "folders": sorted({f"{copy.mailbox}/{copy.folder.value}" for copy in message.copies}),
        "attachments": list(message.attachments),
    }


def _warning_form(warning: StoredWarning) -> dict[str, object]:
    return {
        "step": warning.step,
        "rule": warning.rule,
        "obligation": warning.obligation,
        "due_at": to_text(warning.due_at) if warning.due_at else None,
        "created_at": to_text(warning.created_at),
        "message_id": warning.message_id,
        "deliveries": [
            {
                "recipient": delivery.recipient,
                "state": delivery.state,
                "attempts": delivery.attempts,
                "ended_at": to_text(delivery.ended_at) if delivery.ended_at else None,
                "error": delivery.error or None,
            }
            for delivery in warning.deliveries
        ],
    }


def case_detail(store: Store, settings: Settings, number: int, now: datetime) -> CaseDetail | None:
    """Return a case with all that belongs to it, None for a number that was never given."""
    stored = store.case(number) if 0 < number <= LARGEST else None
    if stored is None:
        return None
    mails = store.mails_of_case(stored.id)
    return CaseDetail(
        stored.id,
        number,
        _as_of(store, _due([stored], settings, now).get(stored.id), stored, now),
        tuple(mails),
        tuple(store.statements(stored.id)),
        tuple(store.warnings_of(stored.id)),
    )


@dataclass(frozen=True, slots=True)
class MailboxStatus:
    """Whether one mailbox is being read."""

    name: str
    account: str
    seeing: bool
    last_read: datetime | None
    reason: str
    set_aside: int = 0  # messages that the server cannot give


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What `status` says."""

    mailboxes: tuple[MailboxStatus, ...]
    open: int
    overdue: int
    unsent: int
    daemon: bool
    doubtful: int = 0
    doubtful_late: int = 0
    fault: str = ""  # why the daemon can write nothing down
    untold: int = 0  # warnings that reached nobody for longer than `blind_after`
    troubles: tuple[Trouble, ...] = ()  # why warnings have not left, the latest first

    @property
    def good(self) -> bool:
        """Whether all is read, nothing is late, warnings reach somebody and the daemon runs."""
        late = self.overdue or self.doubtful_late or self.untold
        return self.daemon and not self.fault and not late and all(mailbox.seeing for mailbox in self.mailboxes)

    def form(self) -> dict[str, object]:
        """Return it for programs (interface: status as JSON)."""
        return {
            "mailboxes": [
                {
                    "name": mailbox.name,
                    "account": mailbox.account,
                    "seeing": mailbox.seeing,
                    "last_read": to_text(mailbox.last_read) if mailbox.last_read else None,
                    "reason": mailbox.reason or None,
                    "set_aside": mailbox.set_aside,
                }
                for mailbox in self.mailboxes
            ],
            "open": self.open,
            "overdue": self.overdue,
            "doubtful": self.doubtful,
            "unsent_warnings": self.unsent,
            "untold_warnings": self.untold,
            "not_sent": [
                {
                    "recipient": trouble.recipient,
                    "state": trouble.state,
                    "error": trouble.error,
                    "warnings": trouble.warnings,
                    "since": to_text(trouble.since),
                }
                for trouble in self.troubles
            ],
            "daemon": self.daemon,
            "fault": self.fault or None,
        }


def status_report(store: Store, settings: Settings, daemon: bool, now: datetime, fault: str = "") -> StatusReport:
    """Return how things stand, by what the daemon wrote down, by the clock, and by why it can write nothing."""
    from relaywatch.pipeline.warnings.registry import NEED_NOT_ARRIVE  # noqa: PLC0415 - no list of cases waits for it

    sights = {(sight.account, sight.mailbox): sight for sight in store.sights()}
    mailboxes = [
        _mailbox_status(
            mailbox,
            sights.get((account.name, mailbox.name)),
            account.notify.blind_after.total_seconds(),
            sum(not aside.gone for aside in store.asides(account.name, mailbox.name)),
            now,
        )
        for account in settings.accounts
        for mailbox in account.mailboxes
    ]
    counts = store.counts(now)
    patience = min(account.notify.blind_after for account in settings.accounts)
    unsent = store.unsent(now, patience, but=NEED_NOT_ARRIVE)
    return StatusReport(
        tuple(mailboxes),
        counts.open,
        counts.overdue,
        counts.unsent,
        daemon,
        counts.doubtful,
        counts.doubtful_late,
        fault,
        unsent.untold,
        unsent.troubles,
    )


def _mailbox_status(
    mailbox: Mailbox, sight: Sight | None, blind_after: float, set_aside: int, now: datetime
) -> MailboxStatus:
    """A mailbox is seen if the last attempt read it, and that was not too long ago: a daemon may hang or be dead."""
    if sight is None:
        return MailboxStatus(mailbox.name, mailbox.account, False, None, "not read yet")
    longest = 2 * mailbox.poll_interval.total_seconds() + max(blind_after, 60.0)
    stale = sight.last_read is None or (now - sight.last_read).total_seconds() > longest
    reason = sight.reason if not sight.seeing else "not read lately" if stale else ""
    return MailboxStatus(mailbox.name, mailbox.account, sight.seeing and not stale, sight.last_read, reason, set_aside)
