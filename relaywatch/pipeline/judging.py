"""From messages to cases, inside one transaction of the store: what ingest, the operator and a new policy share.

Judging again is always the same three steps: gather what belongs together, judge it, keep the result. Each
function returns what changed, for the log.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from relaywatch.config import Account, Settings
from relaywatch.config.fingerprint import fingerprint
from relaywatch.core.cases.case import Case, Conversation, Informed, Statement, Verb
from relaywatch.core.cases.clock import kind_of
from relaywatch.core.cases.judge import Basis, Judgement, judge
from relaywatch.core.cases.partial import answers_of_old, weighed_to, with_the_rest
from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.whose import OPENERS, is_sellers
from relaywatch.core.due.warning import next_look_at, warnings_due
from relaywatch.core.mail.message import Mail
from relaywatch.core.replies.learned import Learned, spoken, uses
from relaywatch.core.threads import thread
from relaywatch.core.threads.naming import Named, keys, note
from relaywatch.pipeline.changes import Change, changes_of, told_anew
from relaywatch.store import CONVERSATION, CaseToSave, Phrase, Rejudged, Store, StoredMail

_VERSION = "14"  # of judging itself: raise it when the same mail gives another case than before
_BESIDE_EACH = 4  # messages that are looked at beside each of many, on the average
_AGAIN = 200  # messages judged again in one transaction
_FIRST_PUSH = timedelta(seconds=30)
_LONGEST_PUSH = timedelta(hours=1)


Wordings = Callable[[str], Mapping[int, int]]
"""Store.wordings, or the same cached by whoever judges many cases."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One seller, ready to be judged: who judges what by which rules, and the name of that standard."""

    account: Account
    basis: Basis
    judged_with: str


def benches(settings: Settings) -> Mapping[str, Bench]:
    """Return a bench for each account."""
    return {
        account.name: Bench(
            account,
            Basis(account.policy, account.parties, settings.rules),
            f"{_VERSION}-{fingerprint(account, settings.rules)[:16]}",
        )
        for account in settings.accounts
    }


def look_at(case: Case, bench: Bench, now: datetime) -> datetime | None:
    """When a case must be looked at next: at once, where a warning is due."""
    if warnings_due(case, bench.basis.policy, now):
        return now
    return next_look_at(case, bench.basis.policy, now)


def judge_messages(
    store: Store, bench: Bench, rows: Iterable[int], now: datetime, *, anew: bool = False
) -> list[Change]:
    """Judge again everything that these messages, by their rows, belong to, in slices.

    `anew`: by another standard than before, so that what is judged otherwise is told with its reasons, and kept.
    """
    waiting = list(dict.fromkeys(rows))
    changes: list[Change] = []
    while waiting:
        judged_rows, found = judge_some(store, bench, waiting, now, anew=anew)
        changes += found
        waiting = [row for row in waiting if row not in judged_rows]
    return changes


def judge_some(
    store: Store, bench: Bench, rows: Sequence[int], now: datetime, *, anew: bool = False
) -> tuple[frozenset[int], list[Change]]:
    """Judge what the first of these messages belongs to, and more of them as long as all of it is at hand.

    Returns which of them were judged, and what changed. However many there are, a bounded number is looked at.
    """
    account = bench.account.name
    limit = CONVERSATION + _BESIDE_EACH * (len(rows) - 1)
    near = store.connected(account, rows, limit)
    partly = len(near) >= limit
    if partly and len(rows) > 1:  # else some of many conversations would lack a part
        near = store.connected(account, rows[:1], CONVERSATION)
        partly = len(near) >= CONVERSATION
    stored = store.load_mails([*near, *store.answered_beside(account, near)])
    asked = frozenset(rows).intersection(near)
    if partly:  # what another message answers may not be at hand; what is owed an answer itself is
        asked = asked.intersection([rows[0], *(one.id for one in stored if one.mail.verdict.class_ in OPENERS)])
    return asked, _judge(store, bench, stored, asked, now, anew=anew, partly=partly)


def _judge(
    store: Store,
    bench: Bench,
    stored: Sequence[StoredMail],
    asked: AbstractSet[int],
    now: datetime,
    *,
    anew: bool,
    partly: bool,
) -> list[Change]:
    """Judge what is asked for of the conversations among messages; `partly`: not all of those is at hand."""
    account = bench.account.name
    _note_names(store, bench, [one for one in stored if one.cut])
    by_key = {mail.mail.message.key: mail for mail in stored}
    groups = thread.group((mail.mail for mail in stored), bench.account.parties)
    conversations = _touched([[by_key[mail.message.key] for mail in group] for group in groups], asked)
    learn(store, bench, conversations, now)
    bench = with_learned(store, bench, conversations)
    changes: list[Change] = []
    failed: list[Change] = []
    to_save: list[CaseToSave] = []
    told: list[Rejudged] = []
    last_sent = _last_sent(stored)
    for members, number, merged in _numbered(conversations):
        said = store.statements(number) if number is not None else []
        said = [*said, *(statement for other in merged for statement in store.statements(other))]
        before = store.case(number) if number is not None else None
        befores = [one.case for one in (before, *map(store.case, merged)) if one is not None]
        try:
            found, failure, whole = _judged(store, bench, members, said, befores if partly else (), now)
        except Exception as error:  # noqa: BLE001 - one conversation must not stop the taking in of all mail
            failed.append(_failed(store, account, number, members, error, now))
            continue
        if failure:
            failed.append(failed_to_judge(account, number, members, failure))
        if whole != found:
            failed.append(Change("case.too_large", {"account": account, "case": number, "judged": len(members)}))
        placed_here = _placed_here(members, (None, number, *merged)) if partly else members
        if whole.case is None:
            store.detach([member.id for member in placed_here if member.case_id is not None])
            for member in placed_here:
                _save_loose(store, account, member, whole)
            continue
        case = weighed_to(whole.case, befores, _keys(members), last_sent)
        to_save.append(_to_save(number, merged, placed_here, case, bench, now))
        changes.extend(changes_of(before, case, len(to_save) - 1))
        if anew and before is not None:
            told += told_anew(before, case, now)
    numbers = store.save_cases(to_save)
    store.add_rejudged(told, bench.judged_with)
    failed += [
        Change(
            "deadline.rejudged",
            {"account": account, "case": one.case_id, "obligation": one.obligation, "message_id": one.started_by}
            | {"was": one.was, "status": one.status, "why": one.why},
        )
        for one in told
    ]
    placed = [
        Change(change.event, {"account": account, "case": numbers[position], **rest})
        for change in changes
        for position, rest in [_placed(change)]
    ]
    return [*failed, *placed]


def _placed_here(members: Iterable[StoredMail], cases: Collection[int | None]) -> list[StoredMail]:
    """Return the messages of a conversation that are of these cases, or are owed an answer.

    Of which not all was at hand, nothing else leaves its own case: what it belongs to there may be what was missing.
    """
    return [one for one in members if one.case_id in cases or one.mail.verdict.class_ in OPENERS]


def _touched(conversations: Sequence[list[StoredMail]], asked: AbstractSet[int]) -> list[list[StoredMail]]:
    """Return the conversations that hold a message which is to be judged, or that are no case as they were kept."""
    cases = [{member.case_id for member in members} for members in conversations]
    among = Counter(chain.from_iterable(cases))
    moved = [len(numbers) > 1 or any(among[number] > 1 for number in numbers - {None}) for numbers in cases]
    return [some for some, other in zip(conversations, moved, strict=True) if other or asked & {one.id for one in some}]


def _note_names(store: Store, bench: Bench, cut: Sequence[StoredMail]) -> None:
    """Tell what messages name whose ends were left out."""
    keys_of = store.keys_of([one.id for one in cut])
    for one in cut:
        found = keys_of.get(one.id, frozenset())
        orders = sorted(key.partition(":")[2] for key in found if key.startswith("order:"))
        note(one.mail, bench.account.parties, Named(found, next(iter(orders), None)))


def _with_the_rest(
    found: Judgement,
    befores: Sequence[Case],
    members: Iterable[StoredMail],
    now: datetime,
    again: Callable[[Sequence[Statement]], Judgement],
) -> Judgement:
    """Add what was not at hand, of each of the cases that are one now: a merger must not end anybody's deadline.

    `again` judges the same with more that was said: what was there already is no answer to what it left unmet.
    """
    seen = _keys(members)
    sent = {member.mail.message.key: member.id for member in members if is_sellers(member.mail)}
    old = sorted(answers_of_old(found.case, befores, sent))
    rejected = [Statement(verb=Verb.REJECT, at=now, note="", said_at=now, message_key=key) for key in old]
    without = again(rejected).case if rejected else None
    case = found.case
    for before in befores:
        case = with_the_rest(case, before, seen, now, sent, without)
    return replace(found, case=case)


def _keys(members: Iterable[StoredMail]) -> frozenset[str]:
    return frozenset(member.mail.message.key for member in members)


def _last_sent(stored: Iterable[StoredMail]) -> int:
    return max((one.id for one in stored if is_sellers(one.mail)), default=0)


def _placed(change: Change) -> tuple[int, dict[str, object]]:
    rest = dict(change.ids)
    position = rest.pop("position")
    assert isinstance(position, int)
    return position, rest


def judge_case(
    store: Store, bench: Bench, number: int, now: datetime, wordings: Wordings | None = None
) -> tuple[Case | None, list[Change]]:
    """Judge one case again, as its messages stand; return it as it is now and what changed.

    `wordings`: as in `with_learned`.
    Raises whatever judging raises, if not even what opened the case can be judged.
    """
    members = store.mails_of_case(number)
    account = bench.account.name
    found, failure = judged_case(store, bench, number, members, now, wordings)
    failed = [failed_to_judge(account, number, members, failure)] if failure else []
    if found.case is None:
        store.detach([member.id for member in members])
        return None, failed
    before = store.case(number)
    befores = [before.case] if before is not None else []
    case = weighed_to(found.case, befores, _keys(members), _last_sent(members))
    store.save_cases([_to_save(number, (), members, case, bench, now)])
    changes = [
        Change(change.event, {"account": account, "case": number, **_placed(change)[1]})
        for change in changes_of(before, case, 0)
    ]
    return case, [*failed, *changes]


def with_learned(
    store: Store, bench: Bench, conversations: Iterable[Sequence[StoredMail]], wordings: Wordings | None = None
) -> Bench:
    """Return the bench with what was learned of what the seller says in these conversations (policy Q1, Q2).

    `wordings`: Store.wordings, cached, from whoever judges many cases; None: they are read now.
    """
    account = bench.account.name
    said = frozenset[int]().union(*(spoken(member.mail for member in members) for members in conversations))
    learned = Learned(store.habits(account, said), (wordings or store.wordings)(account))
    return replace(bench, basis=replace(bench.basis, learned=learned))


def learn(store: Store, bench: Bench, conversations: Iterable[Sequence[StoredMail]], now: datetime) -> None:
    """Keep what the seller wrote in these conversations; where that teaches something new, have the sweep judge again.

    All that hold such a sentence are judged by it then, so that the order in which mail came cannot matter.
    """
    account = bench.account.name
    phrases: list[Phrase] = []
    rows: list[int] = []
    for members in conversations:
        by_key = {member.mail.message.key: member.id for member in members}
        rows += by_key.values()
        phrases += (Phrase(by_key[key], use) for key, use in uses(member.mail for member in members))
    changed = store.save_phrases(account, phrases, rows)
    if changed:
        store.look_again_at_phrases(account, changed, now)


def informed(store: Store, bench: Bench, mails: Iterable[Mail]) -> tuple[Informed, ...]:
    """Return what the program itself told internal parties of the seller's messages among these (policy Q4)."""
    if not bench.account.parties.internal:
        return ()
    return store.informed(bench.account.name, [mail.message.key for mail in mails if is_sellers(mail)])


def judged_case(
    store: Store,
    bench: Bench,
    number: int,
    members: Sequence[StoredMail],
    now: datetime,
    wordings: Wordings | None = None,
) -> tuple[Judgement, str]:
    """Judge a case's messages by all that is kept of it, as `judged` does; nothing is written.

    `wordings`: as in `with_learned`.
    """
    bench = with_learned(store, bench, [members], wordings)
    before = store.case(number) if len(members) >= CONVERSATION else None
    befores = [before.case] if before is not None else []
    _, failure, whole = _judged(store, bench, members, store.statements(number), befores, now)
    return whole, failure


def _judged(
    store: Store,
    bench: Bench,
    members: Sequence[StoredMail],
    said: Sequence[Statement],
    befores: Sequence[Case],
    now: datetime,
) -> tuple[Judgement, str, Judgement]:
    """Judge messages; return the judgement, what went wrong, and the judgement with what else is in `befores`.

    `befores`: the cases as they were, where not all of them is at hand.
    """
    mails = [member.mail for member in members]
    told = informed(store, bench, mails)
    found, failure = judged(mails, said, bench, now, told)
    whole = _with_the_rest(
        found, befores, members, now, lambda more: judged(mails, [*said, *more], bench, now, told)[0]
    )
    return found, failure, whole


def judged(
    mails: Iterable[Mail], said: Iterable[Statement], bench: Bench, now: datetime, told: tuple[Informed, ...] = ()
) -> tuple[Judgement, str]:
    """Judge a conversation; return the judgement and the name of what went wrong on the way, "" where nothing did.

    A conversation that cannot be judged as a whole is judged by what opened it alone: in doubt, an answer is
    still owed. Raises what judging raises, if it does so for these as well.
    """
    conversation = Conversation(tuple(mails), tuple(dict.fromkeys(said)), told)
    try:
        return judge(conversation, bench.basis, now), ""
    except Exception as error:  # noqa: BLE001 - a bug in judging must never silence a deadline
        openers = tuple(mail for mail in conversation.mails if kind_of(mail) and not is_sellers(mail))
        return judge(replace(conversation, mails=openers), bench.basis, now), type(error).__name__


def failed_to_judge(account: str, number: int | None, members: Iterable[StoredMail], error: str) -> Change:
    """Return the change that says so; a conversation without a case is named by its messages."""
    ids: dict[str, object] = {"case": number}
    if number is None:
        ids = {"messages": [member.mail.message.message_id for member in members]}
    return Change("case.failed", {"account": account, **ids, "error": error})


def put_off(store: Store, number: int, failures: int, error: Exception, now: datetime) -> None:
    """Push a case that cannot be judged forward, further each time, and count it."""
    delay = min(_FIRST_PUSH * 2 ** min(failures, 10), _LONGEST_PUSH)
    store.push_forward(number, now + delay, type(error).__name__)


def _failed(
    store: Store,
    account: str,
    number: int | None,
    members: Sequence[StoredMail],
    error: Exception,
    now: datetime,
) -> Change:
    """Keep messages that cannot be judged at all as they are: with their case, or counted where they have none."""
    before = store.case(number) if number is not None else None
    if before is not None:
        put_off(store, before.id, before.failures, error, now)
    else:
        note = f"unjudged:{account}"
        store.set_meta(note, str(int(store.get_meta(note) or 0) + len(members)))
    return failed_to_judge(account, number, members, type(error).__name__)


def _save_loose(store: Store, account: str, member: StoredMail, found: Judgement) -> None:
    findings = [finding for finding in found.findings if finding.message_key == member.mail.message.key]
    store.save_loose_findings(account, member.id, findings)


def _to_save(
    number: int | None,
    merged: tuple[int, ...],
    members: Iterable[StoredMail],
    case: Case,
    bench: Bench,
    now: datetime,
) -> CaseToSave:
    return CaseToSave(
        case_id=number,
        merged=merged,
        message_rows=tuple(member.id for member in members),
        case=case,
        next_look_at=look_at(case, bench, now),
        judged_with=bench.judged_with,
    )


def _numbered(
    conversations: Sequence[Sequence[StoredMail]],
) -> Iterator[tuple[Sequence[StoredMail], int | None, tuple[int, ...]]]:
    """Give each conversation its case number: the lowest that its messages had, so that shown numbers stay valid.

    Where one case turns out to be two, the conversation with its oldest message keeps the number.
    """
    taken: set[int] = set()
    for members in conversations:
        numbers = sorted({member.case_id for member in members if member.case_id is not None} - taken)
        taken.update(numbers)
        yield members, (numbers[0] if numbers else None), tuple(numbers[1:])


def judge_all_again(store: Store, bench: Bench, after: int, now: datetime) -> tuple[int | None, list[Change]]:
    """Judge the next messages of an account again, if it was last judged by another standard.

    Returns the row to go on after, None where all is done. One step is one transaction; a crash starts anew.
    """
    account = bench.account.name
    note = f"judged_with:{account}"
    if store.get_meta(note) == bench.judged_with:
        return None, []
    with store.transaction():
        rows = store.message_rows(account, after=after, limit=_AGAIN)
        if not rows:
            store.set_meta(note, bench.judged_with)
            return None, []
        parties = bench.account.parties
        verdicts = []
        for stored in store.load_mails(rows, whole=True):
            if not stored.forgotten:
                verdict = classify(stored.mail.message, bench.basis.parties, bench.basis.rules)
                mail = Mail(stored.mail.message, verdict)
                verdicts.append((stored.id, verdict))
                store.replace_keys(account, stored.id, keys(mail, parties), thread.hints(mail, parties))
        store.update_verdicts(verdicts)
        return rows[-1], judge_messages(store, bench, rows, now, anew=True)
