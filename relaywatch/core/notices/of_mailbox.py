"""What is said when a mailbox cannot be read, which is the worst fault of all, and when it is read again."""

from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.notices.notice import Notice, Section, Tone
from relaywatch.core.notices.of_case import footer
from relaywatch.core.notices.voice import Voice, clean

_MAX_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindMailbox:
    """A mailbox and since when it was not read."""

    account: str
    mailbox: str
    address: str
    since: datetime
    reason: str = ""  # one line, as the mailbox's error says it


def blind(sight: BlindMailbox, *, now: datetime, voice: Voice) -> Notice:
    """Say that nothing in a mailbox is seen, why, and what to look at (policy M2)."""
    return Notice(
        language=voice.language,
        subject=voice.say("subject.blind", mailbox=clean(sight.mailbox), span=voice.span(now - sight.since)),
        headline=voice.say(
            "headline.blind",
            mailbox=clean(sight.mailbox),
            address=clean(sight.address),
            since=voice.when(sight.since),
            span=voice.span(now - sight.since),
        ),
        tone=Tone.LATE,
        lead=(voice.say("blind.hand"), voice.say("blind.known")),
        sections=(
            Section(
                title=voice.say("title.check"),
                items=tuple(voice.say(f"blind.{name}") for name in ("check", "password", "network", "self")),
                numbered=True,
            ),
            _facts(sight, {"reason": clean(sight.reason, _MAX_REASON)}, voice),
        ),
        footer=footer(voice, now),
    )


def seeing(sight: BlindMailbox, *, now: datetime, voice: Voice) -> Notice:
    """Say that a mailbox is read again, since `now`, and for how long it was not."""
    return Notice(
        language=voice.language,
        subject=voice.say("subject.seeing", mailbox=clean(sight.mailbox), span=voice.span(now - sight.since)),
        headline=voice.say(
            "headline.seeing",
            mailbox=clean(sight.mailbox),
            address=clean(sight.address),
            back=voice.when(now),
            span=voice.span(now - sight.since),
        ),
        tone=Tone.GOOD,
        lead=(voice.say("seeing.none"), voice.say("seeing.look")),
        sections=(_facts(sight, {"back": voice.when(now)}, voice),),
        footer=footer(voice, now),
    )


def _facts(sight: BlindMailbox, more: dict[str, str], voice: Voice) -> Section:
    facts = {
        "mailbox": clean(sight.mailbox),
        "address": clean(sight.address),
        "since": voice.when(sight.since),
        **more,
        "account": clean(sight.account),
    }
    return Section(
        title=voice.say("title.why"),
        facts=tuple((voice.say(f"fact.{name}"), value) for name, value in facts.items() if value),
    )
