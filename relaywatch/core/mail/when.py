"""When was a message received, when was a reply sent (policy: When a clock starts).

Senders' clocks lie, servers' move on copy and migration: the earliest time that the seller's own side vouches
for counts, and the sender's `Date` only where there is none. A time that cannot be is nobody's word: clocks that
were never set say 1970, and an import gives what it likes.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from relaywatch.core.mail.message import Copy, Message

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)  # of a mail that carries no time at all
_ZONES = timedelta(hours=14)  # what a clock set to a wrong time zone is off; what is more is a late copy
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # before it no server had IMAP: its clock was not set
SKEW = timedelta(minutes=5)  # that clocks which are set may differ
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)


def _vouched(copies: tuple[Copy, ...]) -> Iterator[tuple[datetime, str]]:
    for copy in copies:
        if copy.internaldate is not None and copy.internaldate >= EARLIEST:
            yield copy.internaldate, "internaldate"
        if copy.received is not None and copy.received >= EARLIEST:
            yield copy.received, "received"


def as_seen(message: Message, now: datetime) -> Message:
    """Return a message that was just read without times that cannot be: `now` is when it was seen.

    What was seen was received by then: a server's clock that is hours fast must not make a clock start late. Where
    no time is left, not even a possible `Date`, the moment when it was seen stands for its INTERNALDATE.
    """
    dated = message.date if message.date is not None and EARLIEST <= message.date <= now + SKEW else None

    def seen(moment: datetime | None, *others: datetime | None) -> datetime | None:
        if moment is None or not EARLIEST <= moment <= now + _DAY:
            return None
        if any(other is not None and moment < other - _YEAR for other in others):
            return None
        return moment if moment <= now + SKEW else now

    times = []
    for copy in message.copies:
        received = seen(copy.received, dated)
        times.append((received, seen(copy.internaldate, received, dated)))
    if dated is None and not any(map(any, times)):
        times = [(None, now) for _ in times]
    if times == [(copy.received, copy.internaldate) for copy in message.copies]:
        return message  # as nearly all
    pairs = zip(message.copies, times, strict=True)
    return replace(message, copies=tuple(replace(copy, received=at, internaldate=laid) for copy, (at, laid) in pairs))


def received_at(message: Message) -> tuple[datetime, str]:
    """Return when a message was received, UTC, and which of its times that is.

    That is one of `internaldate`, `received`, `date` or `unknown`.
    """
    found = min(_vouched(message.copies), default=None)
    if found is not None:
        return found
    return (message.date, "date") if message.date is not None else (UNKNOWN, "unknown")


def sent_at(message: Message, not_before: datetime | None) -> datetime:
    """Return when the seller sent a message.

    An earlier `Date` counts, for a mail program may store the copy in Sent late, but not one before
    `not_before`, the moment when what it answers was received: then the sender's clock is wrong.
    """
    stored, _ = received_at(message)
    date = message.date
    if date is None or date >= stored or (not_before is not None and date < not_before):
        return stored
    return date


def answered_at(message: Message, named: datetime | None, latest: datetime | None) -> datetime:
    """Return when a message of the seller's was sent, as far as the mail that it may answer tells.

    `named`: when the latest message that it names was received, None where none of those is here; it was sent
    no sooner than that. `latest`: when the last message that came before its copy was stored was received;
    what names nothing may answer that one, so a `Date` before it is either wrong or the copy came late, which
    the size of the gap tells. A message more in the conversation never makes the result earlier.
    """
    if message.ancestors:
        sent = sent_at(message, named)
        return sent if named is None else max(sent, named)
    stored, _ = received_at(message)
    if message.date is not None and stored - message.date > _ZONES:
        return message.date
    return sent_at(message, latest)
