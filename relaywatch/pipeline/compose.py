"""The mail of a warning, written when it leaves: the case is judged once more, so that it says how things stand now.

A warning that was written down before an outage may be settled, or overtaken by a more urgent step, by the
time it can leave; then it is not sent, and the reason is kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from relaywatch.config import Account, Settings
from relaywatch.core.cases.case import Case, Code, Deadline, Finding
from relaywatch.core.classes.whose import audience, is_sellers
from relaywatch.core.due.warning import LAPSE, current_step, ladder_of, others
from relaywatch.core.instant import from_text
from relaywatch.core.mail.message import Message
from relaywatch.core.mail.when import received_at
from relaywatch.core.notices import of_case, of_cases, of_mailbox
from relaywatch.core.notices.notice import Notice
from relaywatch.core.notices.voice import Voice
from relaywatch.notify.body import About, Letter, render, warning_headers
from relaywatch.pipeline.gather import SETTLED
from relaywatch.pipeline.inform import inform_notice
from relaywatch.pipeline.judging import Bench, judged_case
from relaywatch.pipeline.selftest import SELF_TEST, notice_of
from relaywatch.pipeline.sight import BLIND, SEEING
from relaywatch.store import INFORM, PendingDelivery, Store, StoredMail, StoredWarning

_ABOUT_NONE: tuple[About, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready to leave, or the reason why it is not needed any more.

    `left_out`: keys of what it was written down for and does not tell of, because that was settled meanwhile.
    """

    mail: bytes
    needless: str = ""
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """One case that a warning is about, as it stands now."""

    number: int
    key: str
    case: Case
    deadline: Deadline
    step: str
    finding: Finding | None
    mails: Sequence[StoredMail]


def compose(
    store: Store,
    settings: Settings,
    benches: Mapping[str, Bench],
    delivery: PendingDelivery,
    now: datetime,
    *,
    bare: bool = False,
) -> Composed:
    """Write the mail of one delivery; `bare`: without a word of others'. Reads the store, writes nothing."""
    warning = delivery.warning
    bench = benches.get(warning.account)
    if bench is None:
        return Composed(b"", "its account is no longer configured")
    voice = Voice(settings.service.timezone, settings.service.language)
    about = _ABOUT_NONE
    further: Mapping[str, str] = {}
    left_out: tuple[str, ...] = ()
    if warning.step in (BLIND, SEEING):
        notice = _of_mailbox(warning, bench.account, voice, now)
    elif warning.step == INFORM:
        informing = inform_notice(store, bench, delivery, voice, now)
        if isinstance(informing, str):
            return Composed(b"", informing)
        notice = informing[1]
        further = {"X-Relaywatch-Case": str(informing[0]), "X-Relaywatch-Rule": warning.rule}
    elif warning.step == SELF_TEST:
        notice, further = notice_of(warning, voice, now)
    else:
        in_flight = _in_flight(delivery)
        entries = list(_entries(store, bench, warning, "about", now))
        needed = [entry for entry in entries if in_flight or _needed(entry, warning, bench, now)]
        if not needed:  # what it was about is settled: of the same party's further ones it is about the earliest then
            further_ones = _entries(store, bench, warning, "else", now)
            needed = [entry for entry in further_ones if _needed(entry, warning, bench, now)][:1]
        if not needed:
            return Composed(b"", SETTLED)
        if len(needed) < len(entries) and needed[0] in entries:
            left_out = tuple(entry.key for entry in entries if entry not in needed and entry.key)
        about = tuple(
            About(
                entry.number,
                entry.deadline.rule,
                entry.deadline.obligation.value,
                entry.deadline.due_at,
                entry.step if _is_running(warning) and len(needed) > 1 else "",
            )
            for entry in needed
        )
        notice = _of_cases(needed, warning, bench, voice, now, bare=bare)
    letter = Letter(
        sender=settings.smtp.sender,
        recipient=delivery.recipient,
        message_id=warning.message_id,
        date=now,
        headers={**further, **warning_headers(warning.step, about, mailbox=warning.mailbox or "")},
    )
    return Composed(render(notice, letter), left_out=left_out)


def _listed(warning: StoredWarning, name: str) -> list[Any]:
    """Return a list out of a warning's detail, as JSON gave it back."""
    value = warning.detail.get(name)
    return value if isinstance(value, list) else []


def _entries(store: Store, bench: Bench, warning: StoredWarning, name: str, now: datetime) -> Iterator[_Entry]:
    judged: dict[int, tuple[list[StoredMail], Case | None]] = {}  # each case once, however many deadlines it has
    for item in _listed(warning, name):
        number = store.current_case(int(item["case"]))
        if number is None:
            continue
        if number not in judged:
            mails = store.mails_of_case(number)
            judged[number] = mails, judged_case(store, bench, number, mails, now)[0].case
        mails, case = judged[number]
        if case is None:
            continue
        deadline = _deadline(case, item["obligation"], item["started_key"])
        finding = next(
            (
                finding
                for finding in case.findings
                if finding.message_key == item["finding"] and warning.step == f"finding:{finding.code}"
            ),
            None,
        )
        if deadline is None and finding is not None and finding.affects is not None:
            # The message has another key since its text could be had; the finding is the same and knows it.
            deadline = _deadline(case, item["obligation"], finding.affects)
        step = str(item.get("step", warning.step))
        if deadline is not None:
            yield _Entry(number, str(item.get("key", "")), case, deadline, step, finding, mails)


def _deadline(case: Case, obligation: str, started_key: str) -> Deadline | None:
    return next(
        (
            deadline
            for deadline in case.deadlines
            if deadline.obligation.value == obligation and deadline.started_key == started_key
        ),
        None,
    )


def _in_flight(delivery: PendingDelivery) -> bool:
    """Whether an attempt was cut short by our own end, so that nobody knows what became of it: it is made again."""
    ended_at = next((one.ended_at for one in delivery.warning.deliveries if one.id == delivery.id), None)
    return delivery.began_at is not None and (ended_at is None or ended_at < delivery.began_at)


def _needed(entry: _Entry, warning: StoredWarning, bench: Bench, now: datetime) -> bool:
    """Whether a warning is still worth sending: what it warns of is unmet, and no more urgent step is reached."""
    if not entry.deadline.status.unmet:
        return False
    if warning.step.startswith("finding:"):
        return entry.finding is not None and entry.finding.mended_by is None
    if warning.step == LAPSE:
        return True
    step = current_step(entry.deadline, ladder_of(entry.deadline, bench.basis.policy), now)
    return entry.deadline.due_at > now and step is not None and step.text == entry.step


def _is_running(warning: StoredWarning) -> bool:
    """Whether a warning is of steps: of deadlines that still run."""
    return warning.step != LAPSE and not warning.step.startswith("finding:")


def _of_cases(
    entries: Sequence[_Entry], warning: StoredWarning, bench: Bench, voice: Voice, now: datetime, *, bare: bool
) -> Notice:
    unread = tuple(of_case.Unread(mailbox=str(name)) for name in _listed(warning, "unread"))
    if bare or len(entries) > 1:
        rows = [
            of_cases.Entry(
                case_id=entry.number,
                case=entry.case,
                deadline=entry.deadline,
                subject=starter.subject if (starter := _starter(entry)) is not None else None,
            )
            for entry in entries
        ]
        gathering = of_cases.Gathering(now=now, voice=voice, parties=bench.account.parties, unread=unread)
        about_steps = warning.step == LAPSE or _is_running(warning)
        code = None if about_steps else Code(warning.step.removeprefix("finding:"))
        if bare:
            return of_cases.bare(rows, gathering, code=code)
        if code is not None:
            return of_cases.findings(code, rows, gathering)
        if warning.step == LAPSE:
            return of_cases.lapses(rows, gathering)
        return of_cases.steps(rows, gathering, forged=bool(warning.detail.get("forged")))
    entry = entries[0]
    occasion = _occasion(entry, bench, voice, now)
    occasion = replace(occasion, unread=unread)
    if entry.finding is not None:
        return of_case.finding(occasion, entry.finding)
    return of_case.step(occasion)


def _starter(entry: _Entry) -> Message | None:
    """Return the message that started the clock, if it is at hand."""
    messages = (mail.mail.message for mail in entry.mails)
    return next((message for message in messages if message.key == entry.deadline.started_key), None)


def _occasion(entry: _Entry, bench: Bench, voice: Voice, now: datetime) -> of_case.Occasion:
    parties = bench.account.parties
    starter = _starter(entry)
    inbound = [received_at(mail.mail.message)[0] for mail in entry.mails if not is_sellers(mail.mail)]
    sent = [received_at(mail.mail.message)[0] for mail in entry.mails if is_sellers(mail.mail)]
    mailboxes = {mailbox.name: mailbox.address for mailbox in bench.account.mailboxes}
    home = starter.copies[0].mailbox if starter is not None and starter.copies else entry.case.mailbox
    return of_case.Occasion(
        case_id=entry.number,
        case=entry.case,
        deadline=entry.deadline,
        now=now,
        voice=voice,
        parties=parties,
        subject=starter.subject if starter is not None else None,
        writer=starter.author if starter is not None else "",
        reply_all=tuple(sorted(audience(starter, parties))) if starter is not None else (),
        registered=mailboxes.get(home, ""),
        others=others(entry.case, entry.deadline),
        last_inbound=max(inbound, default=None),
        last_sent=max(sent, default=None),
    )


def _of_mailbox(warning: StoredWarning, account: Account, voice: Voice, now: datetime) -> Notice:
    addresses = {mailbox.name: mailbox.address for mailbox in account.mailboxes}
    mailbox = warning.mailbox or ""
    sight = of_mailbox.Sight(
        account=account.name,
        mailbox=mailbox,
        address=addresses.get(mailbox, ""),
        since=from_text(str(warning.detail["since"])),
        reason=str(warning.detail.get("reason", "")),
    )
    if warning.step == BLIND:
        return of_mailbox.blind(sight, now=now, voice=voice)
    return of_mailbox.seeing(sight, now=now, voice=voice)
