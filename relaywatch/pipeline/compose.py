"""The mail of a warning, written when it leaves, so that it says how things stand now (pipeline/warnings)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from relaywatch.config import Settings
from relaywatch.core.notices.voice import Voice
from relaywatch.notify import Envelope, render
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.warnings.kind import Leaving
from relaywatch.pipeline.warnings.registry import kind_of
from relaywatch.store import PendingDelivery, Store


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail ready to leave, or the reason why it is not needed any more. `left_out`: as in Said."""

    mail: bytes
    needless: str = ""
    left_out: tuple[str, ...] = ()


def compose(
    store: Store,
    settings: Settings,
    benches: Mapping[str, Bench],
    delivery: PendingDelivery,
    now: datetime,
    *,
    bare: bool = False,
) -> Composed:
    """Write the mail of one delivery; `bare`: of cases, without a word of others'. Reads the store, writes nothing."""
    warning = delivery.warning
    bench = benches.get(warning.account)
    if bench is None:
        return Composed(b"", "its account is no longer configured")
    voice = Voice(settings.service.timezone, settings.service.language)
    said = kind_of(warning.step).say(Leaving(delivery, store, bench, voice, now, bare))
    if isinstance(said, str):
        return Composed(b"", said)
    letter = Envelope(
        sender=settings.smtp.sender,
        recipient=delivery.recipient,
        message_id=warning.message_id,
        date=now,
        headers=said.headers,
    )
    return Composed(render(said.notice, letter), left_out=said.left_out)
