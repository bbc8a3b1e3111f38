"""What is wrong with a conversation's messages, and what has put it right (interface: findings)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from relaywatch.core.address import Parties
from relaywatch.core.case import Code, Finding
from relaywatch.core.clock import CUSTOMER, OPERATOR, WALMART, Clock
from relaywatch.core.message import Folder, Message
from relaywatch.core.outreach import forbidden
from relaywatch.core.reply import Attempt
from relaywatch.core.rules import Rules

MENDABLE = frozenset(
    {
        Code.THIN_REPLY,
        Code.REPLY_ALL_MISSING,
        Code.BOUNCED_REPLY,
        Code.OUTSIDE_RELAY,
        Code.UNREGISTERED_SENDER,
        Code.JUNKED,
    }
)
"""Findings that are worth a warning of their own while what they touch is unmet."""


def findings_of(
    attempts: Sequence[Attempt],
    clocks: Sequence[Clock],
    relays: frozenset[str],
    parties: Parties,
    rules: Rules,
) -> tuple[Finding, ...]:
    """Return all findings of a conversation in order of time. `clocks`: its reply clocks, as they are met."""
    found: list[Finding] = []
    for clock in clocks:
        found.extend(_of_received(clock))
    for position, attempt in enumerate(attempts):
        found.extend(_of_attempt(attempt, clocks, relays, parties))
        found.extend(_not_informed(attempt, attempts[position + 1 :], clocks, parties))
        found.extend(_forbidden(attempt, rules))
    return tuple(sorted(found, key=lambda finding: (finding.at, finding.code, finding.message_key)))


def _finding(
    code: Code,
    message: Message,
    at: datetime,
    detail: Mapping[str, object],
    *,
    mended_by: str | None = None,
    affects: Clock | None = None,
) -> Finding:
    return Finding(
        code=code,
        rule=code.rule,
        message_id=message.message_id,
        message_key=message.key,
        at=at,
        detail=detail,
        mended_by=mended_by,
        affects=affects.mail.message.key if affects is not None and affects.settled_at is None else None,
    )


def _mender(clock: Clock) -> str | None:
    """What put a clock right, so that what was wrong before it no longer matters."""
    if clock.settled_at is None:
        return None
    return clock.met_by or OPERATOR


def _of_received(clock: Clock) -> Iterable[Finding]:
    message = clock.mail.message
    folders = {copy.folder for copy in message.copies}
    if Folder.JUNK in folders:  # policy M1
        rescued = message.message_id if folders != {Folder.JUNK} else None
        yield _finding(
            Code.JUNKED, message, clock.started_at, {}, mended_by=rescued or _mender(clock), affects=clock
        )
    reason = clock.mail.verdict.unauthenticated
    if reason:
        yield _finding(Code.UNAUTHENTICATED, message, clock.started_at, {"reason": reason}, affects=clock)


def _of_attempt(
    attempt: Attempt, clocks: Iterable[Clock], relays: frozenset[str], parties: Parties
) -> Iterable[Finding]:
    """What kept a message from answering what was owed when it was sent. Where nothing was owed, nothing is wrong."""
    for party in (CUSTOMER, WALMART):
        owed = [clock for clock in clocks if clock.party == party and clock.owed_at(attempt.at)]
        judged = (
            (clock, _flaws(attempt, clock, relays, parties)) for clock in _likeliest_first(attempt, owed)
        )
        for clock, flaws in judged:
            if flaws and clock.met_by != attempt.message.message_id:
                earliest = min(owed, key=lambda clock: clock.due_at)
                for code, detail in flaws.items():
                    affected = clock if party == WALMART else earliest
                    yield _finding(
                        code,
                        attempt.message,
                        attempt.at,
                        detail,
                        mended_by=_mender(affected),
                        affects=affected,
                    )
                break


def _likeliest_first(attempt: Attempt, owed: Iterable[Clock]) -> list[Clock]:
    """The clocks of a party, the one first whose message was answered, then the latest."""
    answered = attempt.answered.message.key if attempt.answered else None
    return sorted(
        owed, key=lambda clock: (clock.mail.message.key == answered, clock.started_at), reverse=True
    )


def _flaws(
    attempt: Attempt, clock: Clock, relays: frozenset[str], parties: Parties
) -> dict[Code, dict[str, object]] | None:
    if clock.party == CUSTOMER:
        return attempt.flaws_for_customer(relays, parties)
    return attempt.flaws_for_agent(clock.mail.message, parties)


def _not_informed(
    attempt: Attempt, later: Iterable[Attempt], clocks: Iterable[Clock], parties: Parties
) -> Iterable[Finding]:
    """Policy Q4: the seller's own people who must learn of a reply, by a copy of it or by a forward."""
    message = attempt.message
    met = any(clock.met_by == message.message_id and clock.met_at == attempt.at for clock in clocks)
    missing = parties.internal - frozenset(message.recipients) - {message.author}
    if not met or not missing:
        return
    told: str | None = None
    still = set(missing)
    for other in later:
        still -= frozenset(other.message.recipients)
        if not still:
            told = other.message.message_id
            break
    yield _finding(
        Code.INTERNAL_NOT_INFORMED, message, attempt.at, {"missing": sorted(missing)}, mended_by=told
    )


def _forbidden(attempt: Attempt, rules: Rules) -> Iterable[Finding]:
    """Policy O2: promotion, status updates and transactional mail that the seller sent unasked."""
    if attempt.is_forbidden(rules):
        match = forbidden(attempt.message, rules)
        detail = {"rule": match.rule.name, "words": match.evidence} if match else {}
        yield _finding(Code.FORBIDDEN_CONTACT, attempt.message, attempt.at, detail)
