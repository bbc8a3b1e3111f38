"""How what a warning of cases was written down for stands when it leaves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from relaywatch.core.cases.case import Case, Deadline, Finding, Obligation
from relaywatch.core.classes.whose import audience, is_sellers
from relaywatch.core.due.warning import finding_step, others
from relaywatch.core.mail.message import Message
from relaywatch.core.mail.when import received_at
from relaywatch.core.notices.of_case import Occasion, UnreadMailbox
from relaywatch.core.notices.of_cases import Entry
from relaywatch.pipeline.judging import judged_case
from relaywatch.pipeline.warnings.kind import Leaving
from relaywatch.store import StoredMail


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One deadline that a warning is about: how to find it again, whatever became of its case."""

    case: int
    key: str = ""
    obligation: Obligation
    started_key: str
    step: str = ""
    finding: str | None  # the Message.key that it is about, where it is about one


@dataclass(frozen=True, slots=True)
class _Judged:
    """A case as it is now."""

    case: Case | None
    mails: Sequence[StoredMail]
    by_key: Mapping[str, Message]


class Standing:
    """The cases of a warning that leaves, each judged once, however many of its deadlines it is about."""

    def __init__(self, leaving: Leaving) -> None:
        self._leaving = leaving
        self._step = leaving.delivery.warning.step
        self._known: dict[int, _Judged] = {}
        self._wordings = cache(leaving.store.wordings)

    def entries(self, items: Iterable[Item]) -> Iterator[Entry]:
        """Yield what is still there, as its case has it now."""
        for item in items:
            number = self._leaving.store.current_case(item.case)
            if number is None:
                continue
            judged = self._judged(number)
            if judged.case is None:
                continue
            finding = self._finding(judged.case, item)
            deadline = _deadline(judged.case, item.obligation, item.started_key)
            if deadline is None and finding is not None and finding.affects is not None:
                # The message has another key since its text could be had; the finding is the same and knows it.
                deadline = _deadline(judged.case, item.obligation, finding.affects)
            if deadline is None:
                continue
            starter = judged.by_key.get(deadline.started_key)
            yield Entry(
                case_id=number,
                case=judged.case,
                deadline=deadline,
                subject=starter.subject if starter is not None else None,
                step=item.step or self._step,
                key=item.key,
                finding=finding,
            )

    def occasion(self, entry: Entry, unread: tuple[UnreadMailbox, ...]) -> Occasion:
        """Return all that is told of one case at length."""
        account, judged = self._leaving.bench.account, self._judged(entry.case_id)
        starter = judged.by_key.get(entry.deadline.started_key)
        inbound = [received_at(mail.mail.message)[0] for mail in judged.mails if not is_sellers(mail.mail)]
        sent = [received_at(mail.mail.message)[0] for mail in judged.mails if is_sellers(mail.mail)]
        mailboxes = {mailbox.name: mailbox.address for mailbox in account.mailboxes}
        home = starter.copies[0].mailbox if starter is not None and starter.copies else entry.case.mailbox
        return Occasion(
            case_id=entry.case_id,
            case=entry.case,
            deadline=entry.deadline,
            now=self._leaving.now,
            voice=self._leaving.voice,
            parties=account.parties,
            subject=entry.subject,
            writer=starter.author if starter is not None else "",
            reply_all=tuple(sorted(audience(starter, account.parties))) if starter is not None else (),
            registered=mailboxes.get(home, ""),
            others=others(entry.case, entry.deadline),
            last_inbound=max(inbound, default=None),
            last_sent=max(sent, default=None),
            unread=unread,
        )

    def _judged(self, number: int) -> _Judged:
        if number not in self._known:
            leaving = self._leaving
            mails = leaving.store.mails_of_case(number)
            case = judged_case(leaving.store, leaving.bench, number, mails, leaving.now, self._wordings)[0].case
            messages = [mail.mail.message for mail in mails]
            self._known[number] = _Judged(case, mails, {message.key: message for message in reversed(messages)})
        return self._known[number]

    def _finding(self, case: Case, item: Item) -> Finding | None:
        same = (one for one in case.findings if one.message_key == item.finding)
        return next((one for one in same if finding_step(one.code) == self._step), None)


def _deadline(case: Case, obligation: Obligation, started_key: str) -> Deadline | None:
    about = (obligation, started_key)
    return next((one for one in case.deadlines if (one.obligation, one.started_key) == about), None)
