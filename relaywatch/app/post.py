"""Mail straight from memory: what must be told when there is no database to write it down in first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from relaywatch import log
from relaywatch.config import Outlet
from relaywatch.core.notices.notice import Notice
from relaywatch.core.notices.voice import Voice
from relaywatch.notify import Envelope, PermanentError, Sender, SendError, render, warning_headers
from relaywatch.pipeline.warnings.kind import message_id

_ACCOUNT = ""  # such a mail is of no seller's


@dataclass(frozen=True, slots=True)
class Posted:
    """Who was told, and of the others why not; nobody tries again one whom the server does not know."""

    told: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def voice_of(outlet: Outlet) -> Voice:
    """Return how people are spoken to."""
    return Voice(outlet.service.timezone, outlet.service.language)


async def post(outlet: Outlet, notice: Notice, step: str, key: str, to: Iterable[str], now: datetime) -> Posted:
    """Send a notice to each recipient, though one is refused. The same `key` makes the same Message-ID."""
    posted = Posted()
    sender = Sender(outlet.smtp)
    try:
        for recipient in to:
            letter = Envelope(
                sender=outlet.smtp.sender,
                recipient=recipient,
                message_id=message_id(_ACCOUNT, f"{step}:{key}", outlet.smtp.sender),
                date=now,
                headers=warning_headers(step),
            )
            try:
                await sender.send(render(notice, letter), recipient)
            except (SendError, ValueError) as error:
                if isinstance(error, PermanentError | ValueError):
                    posted.unknown.append(recipient)
                posted.problems.append(f"{recipient}: {error}")
                log.get().error("alarm.unsent", step=step, recipient=recipient, error=str(error))
            else:
                posted.told.append(recipient)
                log.get().warning("alarm.sent", step=step, recipient=recipient)
    finally:
        await sender.aclose()
    return posted
