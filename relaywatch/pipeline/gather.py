"""Which mails the warnings due make: one each, or many lapses in one (interface: a warning, as mail)."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.config import Account
from relaywatch.core.case import Deadline, Obligation, Whose
from relaywatch.core.policy import Policy
from relaywatch.core.warning import LAPSE, Due, party_of
from relaywatch.store import NewWarning

GATHER_ABOVE = 10
SETTLED = "settled, or overtaken by a more urgent warning"  # why a warning was not sent, that may be owed again


@dataclass(frozen=True, slots=True)
class Ready:
    """A warning that may be said: the case it is about, and mailboxes that could not be read before it."""

    number: int
    due: Due
    unread: tuple[str, ...]
    forged: bool = False  # what started the clock fails authentication


def gathered(ready: Sequence[Ready], account: Account, sender: str, now: datetime) -> list[NewWarning]:
    """Return the mails to write. More than ten lapses make one, as do more than ten findings of one code.

    Of more than ten deadlines that still run the ten most urgent authenticated ones go by themselves; the other
    authenticated ones share a mail, and so do all that fail authentication: a storm of forgeries uses up nobody's
    SMTP account, and hides nothing.
    """
    lapses = [one for one in ready if one.due.step == LAPSE]
    findings: dict[str, list[Ready]] = defaultdict(list)
    for one in ready:
        if one.due.finding is not None:
            findings[one.due.step].append(one)
    mails = _running([one for one in ready if one.due.step != LAPSE and one.due.finding is None])
    mails += _together(_by_party(lapses), many=len(lapses) > GATHER_ABOVE)
    for alike in findings.values():
        mails += _together([[one] for one in alike], many=len(alike) > GATHER_ABOVE)
    return [_warning(mail, account, sender, now) for mail in mails]


def _running(steps: Sequence[Ready]) -> list[list[Ready]]:
    if len(steps) <= GATHER_ABOVE:
        return [[one] for one in steps]
    ordered = sorted(steps, key=lambda one: (one.due.deadline.due_at, one.number))
    genuine = [one for one in ordered if not one.forged]
    groups = (genuine[GATHER_ABOVE:], [one for one in ordered if one.forged])
    return [*([one] for one in genuine[:GATHER_ABOVE]), *(group for group in groups if group)]


def _together(mails: list[list[Ready]], *, many: bool) -> list[list[Ready]]:
    return [[one for mail in mails for one in mail]] if many else mails


def _by_party(lapses: Iterable[Ready]) -> list[list[Ready]]:
    """Lapses of one case and party that are seen at once make one mail, about the earliest."""
    groups: dict[tuple[int, Obligation, str, Whose], list[Ready]] = defaultdict(list)
    for one in lapses:
        groups[one.number, one.due.deadline.obligation, *party_of(one.due.deadline)].append(one)
    return [sorted(group, key=lambda one: one.due.deadline.due_at) for group in groups.values()]


def _warning(mail: Sequence[Ready], account: Account, sender: str, now: datetime) -> NewWarning:
    ordered = sorted(mail, key=lambda one: (one.due.deadline.due_at, one.number))
    # A mail about one party of one case is about its earliest deadline; the others are named in its text.
    numbers = {one.number for one in ordered}
    about = ordered if len(numbers) > 1 or len(ordered) > GATHER_ABOVE else ordered[:1]
    first = about[0].due
    keys = tuple(one.due.key for one in ordered)
    return NewWarning(
        account=account.name,
        case_id=about[0].number if len(about) == 1 else None,
        mailbox=None,
        keys=keys,
        step=first.step,
        rule=first.deadline.rule,
        obligation=first.deadline.obligation.value,
        due_at=first.deadline.due_at,
        message_id=message_id(account.name, keys[0], sender),
        created_at=now,
        recipients=_recipients(about, account),
        detail={
            "about": [_about(one) for one in about],
            "else": [_about(one) for one in ordered[len(about) :]],
            "unread": sorted({mailbox for one in ordered for mailbox in one.unread}),
            "forged": all(one.forged for one in ordered),
        },
        cases=tuple(one.number for one in about),
    )


def _about(one: Ready) -> dict[str, object]:
    deadline = one.due.deadline
    finding = one.due.finding
    return {
        "case": one.number,
        "key": one.due.key,
        "obligation": deadline.obligation.value,
        "started_key": deadline.started_key,
        "step": one.due.step,
        "finding": finding.message_key if finding is not None else None,
    }


def message_id(account: str, key: str, sender: str) -> str:
    """Return the Message-ID of the warning with that first key: the same whenever and however often it is made."""
    name = hashlib.sha256(f"{account}\n{key}".encode()).hexdigest()[:32]
    return f"<relaywatch.{name}@{sender.rpartition('@')[2].rstrip('>') or 'localhost'}>"


def _recipients(about: Iterable[Ready], account: Account) -> tuple[str, ...]:
    """Who is told; `escalate_to` joins at the last step of a ladder and at a lapse."""
    last = any(_is_last(one.due.deadline, one.due.step, account.policy) for one in about)
    return tuple(dict.fromkeys((*account.notify.to, *(account.notify.escalate_to if last else ()))))


def _is_last(deadline: Deadline, step: str, policy: Policy) -> bool:
    if step == LAPSE:
        return True
    ladder = policy.ladders[deadline.kind]
    return bool(ladder) and step == ladder[-1].text
