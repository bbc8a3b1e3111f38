"""What the operator says of cases: settled, answered elsewhere, not owed. Kept, and judged at once."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from relaywatch.core.cases.attempt import UNNAMED
from relaywatch.core.cases.case import Deadline, Obligation, Statement, Verb
from relaywatch.core.instant import to_text
from relaywatch.core.notices.voice import clean
from relaywatch.core.replies.learned import names_of, wording_of
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.judging import Bench, failed_to_judge, judge_case, judged_case, put_off
from relaywatch.pipeline.request import LARGEST, Request, StatementError
from relaywatch.store import Store, concerns_all

_MOST_PEOPLE = 200  # addresses that are kept with a statement
_MOST_LISTED = 20


def apply(
    store: Store, benches: Mapping[str, Bench], request: Request, now: datetime
) -> tuple[list[int], list[Change]]:
    """Keep a statement for each of its cases and judge them again; return the cases' numbers and what changed.

    All or nothing. Raises StatementError for an unknown case, a time to come, or where nothing is left to
    say.
    """
    at = request.at or now
    if at > now:
        raise StatementError(f"--at {to_text(at)} lies in the future")
    numbers = _older(store, request.before) if request.before is not None else _known(store, request.cases)
    changes: list[Change] = []
    statement = Statement(verb=request.verb, at=at, note=request.note, said_at=now, obligation=request.obligation)
    with store.transaction():
        for number in numbers:
            about = _of_parties(store, benches, number, statement, request)
            for said in _of_replies(store, number, about, request.message):
                changes.extend(_say(store, benches, number, said, now))
    return numbers, changes


def _of_parties(
    store: Store, benches: Mapping[str, Bench], number: int, statement: Statement, request: Request
) -> Statement:
    """Return the statement as one about those who are owed something, so that nobody who joins them later is covered.

    Raises StatementError where several are and the request does not say who, but for all cases of before a time.
    """
    stored = store.case(number)
    of_people = statement.verb in (Verb.WAIVE, Verb.ANSWERED, Verb.RESOLVE)
    if not of_people or stored is None or stored.account not in benches:
        return statement
    try:
        members = store.mails_of_case(number)
        case = judged_case(store, benches[stored.account], number, members, statement.said_at)[0].case
    except Exception as error:  # what cannot be judged now must not keep the operator from saying so
        if concerns_all(error):
            raise
        return statement
    replies = [one for one in case.deadlines if one.obligation is not Obligation.RESOLUTION] if case else []
    resolves = statement.verb is Verb.RESOLVE  # all that is in the case now, and nobody who joins it later
    wanted = replies if resolves else [one for one in replies if one.status.unmet and _speaks_of(statement, one)]
    written = {member.mail.message.key: member.mail.message.author for member in members}
    authors = {one.started_key: _address(one, written.get(one.started_key, "")) for one in replies}
    if request.party is not None:
        named = [one for one in replies if any(request.party in people for people in one.whose)]
        if not named:
            raise StatementError(f"case {number}: nobody in it is {request.party}; it has {_listed(replies, authors)}")
        wanted = [one for one in named if one in wanted] or named
    elif request.before is None and not resolves and len({one.whose for one in wanted}) > 1:
        raise StatementError(
            f"case {number}: several are owed something in it; name one with --party: {_listed(wanted, authors)}"
        )
    people = dict.fromkeys(authors.get(one.started_key, "") for one in wanted)
    people |= dict.fromkeys(sorted(person for one in wanted for some in one.whose for person in some))
    if resolves and len(people) > _MOST_PEOPLE:
        return statement
    return replace(statement, people=tuple(filter(None, people))[:_MOST_PEOPLE])


def _address(deadline: Deadline, author: str) -> str:
    """Return who is owed something: the author, but where Walmart told of a customer's matter."""
    people = frozenset[str]().union(*deadline.whose)
    return author if author in people or not people else min(people)


def _speaks_of(statement: Statement, deadline: Deadline) -> bool:
    obligation = statement.obligation or Obligation.REPLY
    covered = deadline.started_at <= statement.at
    return covered and (statement.verb is Verb.WAIVE or deadline.obligation is obligation)


def _listed(deadlines: Iterable[Deadline], authors: Mapping[str, str]) -> str:
    """Return an address of each who is owed something, as it stands in the message."""
    first: dict[object, str] = {}
    for one in deadlines:
        first.setdefault(one.whose, authors.get(one.started_key, ""))
    return ", ".join(clean(author) for author in list(first.values())[:_MOST_LISTED] if author) or "nobody"


def _of_replies(store: Store, number: int, statement: Statement, message: str | None) -> list[Statement]:
    """Return the statement for each reply that it is about; as it is where it is about a case (policy Q1)."""
    if statement.verb not in (Verb.CONFIRM, Verb.REJECT):
        return [statement]
    stored = store.case(number)
    assert stored is not None
    mails = {mail.mail.message.key: mail.mail.message for mail in store.mails_of_case(number)}
    unsettled = [deadline for deadline in stored.case.deadlines if deadline.doubt is not None]
    doubts = [deadline.doubt for deadline in unsettled if deadline.doubt is not None]
    if message is not None:
        named = message if message.startswith("<") else f"<{message}>"
        keys = [one.message_key for one in stored.case.assessments if one.message_id == named]
        if not keys:
            known = ", ".join(str(one.message_id) for one in stored.case.assessments) or "none"
            raise StatementError(f"case {number}: {named} is no reply of yours in it; its replies: {known}")
    else:
        keys = [doubt.message_key for doubt in doubts]
        if not keys:
            raise StatementError(f"case {number}: no reply in it is doubtful; name one with --message ID")
        people = {mails[one.started_key].author for one in unsettled if one.started_key in mails}
        if len(set(keys)) > 1 and len(people) > 1:
            ids = ", ".join(dict.fromkeys(clean(str(doubt.message_id)) for doubt in doubts[:_MOST_LISTED]))
            raise StatementError(
                f"case {number}: replies to several people in it are doubtful; name one with --message: {ids}"
            )
    # What was unsure is whom it answers: that says nothing of the same words elsewhere.
    unsure = {doubt.message_key for doubt in doubts if UNNAMED in doubt.why}
    words = {key: mails[key].own_words for key in keys if key in mails and key not in unsure}
    names = names_of(mail for mail in mails.values() if not mail.outgoing)
    return [
        replace(
            statement,
            message_key=key,
            wording=wording_of(words[key], names) if words.get(key) else None,
        )
        for key in dict.fromkeys(keys)
    ]


def _say(store: Store, benches: Mapping[str, Bench], number: int, statement: Statement, now: datetime) -> list[Change]:
    stored = store.case(number)
    if stored is None or stored.account not in benches:
        raise StatementError(f"case {number}: its account is no longer configured")
    if statement.at < stored.case.opened_at:
        raise StatementError(
            f"case {number} was opened at {to_text(stored.case.opened_at)}, after {to_text(statement.at)}"
        )
    store.add_statement(number, statement)
    if statement.message_key is not None:  # the same words elsewhere are weighed by it too
        store.look_again_at_wordings(stored.account, statement.message_key, now)
    said = Change("operator.said", {"account": stored.account, "case": number, "verb": statement.verb.value})
    try:
        return [said, *judge_case(store, benches[stored.account], number, now)[1]]
    except Exception as error:  # what the operator said is kept, though the case cannot be judged now
        if concerns_all(error):
            raise
        put_off(store, number, stored.failures, error, now)
        return [said, failed_to_judge(stored.account, number, (), type(error).__name__)]


def _known(store: Store, numbers: Iterable[int]) -> list[int]:
    found = []
    for number in numbers:
        current = store.current_case(number) if 0 < number <= LARGEST else None
        if current is None:
            raise StatementError(f"case {number}: there is no such case; `relaywatch cases` lists them")
        found.append(current)
    return list(dict.fromkeys(found))


def _older(store: Store, before: datetime) -> list[int]:
    """Return the cases opened before a moment in which something is still owed."""
    return sorted(
        stored.id
        for stored in store.case_rows()
        if stored.case.opened_at < before and any(deadline.status.unmet for deadline in stored.case.deadlines)
    )
