"""Inform: internal parties learn of a reply that left them out (policy Q4), if the seller asked for that.

Written down before it is sent, like every warning, once for a reply. Nobody is told before every mailbox was
read since the reply went out, for somebody may have forwarded it; nor of what is older than a day. What was told
counts once the mail server took it: the case is then judged again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.core.cases.case import Case, Code, Finding
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.mail.when import received_at
from relaywatch.core.notices.of_reply import AnsweredReply, inform
from relaywatch.notify import warning_headers
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.judging import Bench, failed_to_judge, judge_case, judged_case
from relaywatch.pipeline.sight import Outlook
from relaywatch.pipeline.warnings.kind import (
    Leaving,
    SweepContext,
    WarningKind,
    WarningsWritten,
    WarningText,
    ids_of,
    message_id,
)
from relaywatch.store import INFORM, Detail, NewWarning, Store, concerns_all, inform_key

_YOUNG = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Detail):
    """The reply that left them out, by its Message.key."""

    reply: str = ""


class Informing(WarningKind[Reply]):
    """Internal parties do not know of a reply."""

    step = INFORM
    detail = Reply
    leaves_last = True
    for_one_alone = True

    def write(self, store: Store, round_: SweepContext) -> WarningsWritten:
        """Write a mail for each reply that internal parties do not know of."""
        done = WarningsWritten()
        for bench in round_.benches.values():
            if not bench.account.inform_internal or not _people(bench):
                continue
            outlook = Outlook.of(bench, round_.sights, round_.now, round_.untried)
            left_out = store.uninformed(bench.account.name, round_.now - _YOUNG)
            said = store.said(bench.account.name, [inform_key(key) for _, key in left_out])
            unsaid: dict[int, set[str]] = {}
            for number, key in left_out:
                if inform_key(key) not in said:
                    unsaid.setdefault(number, set()).add(key)
            for number, keys in unsaid.items():
                with store.transaction():
                    done.changes.extend(_write(store, bench, number, keys, outlook, round_))
        return done

    def say(self, leaving: Leaving) -> WarningText | str:
        """Tell of the reply by the case as it is numbered now."""
        store, bench, delivery, now = leaving.store, leaving.bench, leaving.delivery, leaving.now
        warning = delivery.warning
        number = store.current_case(warning.case_id) if warning.case_id is not None else None
        if delivery.recipient not in _people(bench):
            return "not an internal party any more"
        members = store.mails_of_case(number) if number is not None else []
        mails = [stored.mail for stored in members]
        key = self.kept(delivery).reply
        reply = next((mail for mail in mails if mail.message.key == key and is_sellers(mail)), None)
        if number is None or reply is None or reply.message.forgotten:
            return "the reply is not known any more"
        case = judged_case(store, bench, number, members, now)[0].case
        finding = _finding(case, reply.message.key) if case is not None else None
        if case is None or finding is None or (finding.mended_by is not None and delivery.began_at is None):
            return "they know of the reply by now"
        parties = bench.account.parties
        to = tuple(address for address in reply.message.recipients if not parties.is_seller(address))
        answered = AnsweredReply(
            case_id=number, case=case, reply=reply.message, to=to, at=received_at(reply.message)[0]
        )
        of_case = {"X-Relaywatch-Case": str(number), "X-Relaywatch-Rule": warning.rule}
        return WarningText(inform(answered, now=now, voice=leaving.voice), {**of_case, **warning_headers(INFORM)})


INFORMING = Informing()


def _write(
    store: Store, bench: Bench, number: int, keys: set[str], outlook: Outlook, round_: SweepContext
) -> list[Change]:
    try:
        case, changes = judge_case(store, bench, number, round_.now)
    except Exception as error:  # one case that cannot be judged must not keep the others from theirs
        if concerns_all(error):
            raise
        return [failed_to_judge(bench.account.name, number, (), type(error).__name__)]
    for finding in case.findings if case is not None else ():
        if finding.message_key in keys and _owed(finding, outlook, round_.now):
            warning = _warning(bench, number, finding, round_)
            if warning.recipients and store.add_warning(warning) is not None:
                changes.append(Change("warning.due", ids_of(warning)))
    return changes


def _owed(finding: Finding, outlook: Outlook, now: datetime) -> bool:
    """Whether a reply is to be told now."""
    if finding.code is not Code.INTERNAL_NOT_INFORMED or finding.mended_by is not None:
        return False
    seen = outlook.seen_until
    return now - finding.at < _YOUNG and seen is not None and seen >= finding.at


def _people(bench: Bench) -> frozenset[str]:
    """Return whom relaywatch may tell what the seller wrote: internal parties, none of them Walmart's."""
    parties = bench.account.parties
    return frozenset(address for address in parties.internal if not parties.is_walmart(address))


def _warning(bench: Bench, number: int, finding: Finding, round_: SweepContext) -> NewWarning:
    missing = finding.detail.get("missing")
    assert isinstance(missing, list)
    recipients = tuple(address for address in missing if address in _people(bench))
    assert set(recipients) <= bench.account.parties.internal
    key = inform_key(finding.message_key)
    return NewWarning(
        account=bench.account.name,
        case_id=number,
        keys=(key,),
        step=INFORM,
        rule=finding.rule,
        message_id=message_id(bench.account.name, key, round_.sender),
        created_at=round_.now,
        recipients=recipients,
        detail=Reply(reply=finding.message_key),
    )


def _finding(case: Case, message_key: str) -> Finding | None:
    return next(
        (
            finding
            for finding in case.findings
            if finding.code is Code.INTERNAL_NOT_INFORMED and finding.message_key == message_key
        ),
        None,
    )
