"""What is said when a test mail to a registered address does not arrive, and when it does again (policy M2)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from relaywatch.core.notices.notice import Notice, Section, Tone
from relaywatch.core.notices.of_case import footer
from relaywatch.core.notices.voice import Voice, clean

_MAX_REASON = 300


class Outcome(StrEnum):
    """What became of a test mail."""

    ARRIVED = "arrived"
    JUNK = "junk"  # policy M1: what lies there is not read
    MISSING = "missing"
    BOUNCED = "bounced"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """A test mail to an address, sent at a moment."""

    account: str
    mailbox: str
    address: str
    sent_at: datetime
    reason: str = ""  # the mail server's words, where it refused


def probe(mailbox: str, address: str, *, now: datetime, voice: Voice) -> Notice:
    """Say what the test mail itself is."""
    return Notice(
        language=voice.language,
        subject=voice.say("subject.probe"),
        headline=voice.say("headline.probe", address=clean(address)),
        tone=Tone.GOOD,
        lead=(voice.say("probe.why", mailbox=clean(mailbox)),),
        footer=footer(voice, now),
    )


def tested(test: Tested, outcome: Outcome, *, now: datetime, voice: Voice) -> Notice:
    """Say that an address does not work, how that was seen and what to look at; or that it works again."""
    works = outcome is Outcome.ARRIVED
    name = "passed" if works else "failed"
    said = "" if works else voice.say(f"test.outcome.{outcome.value}")
    values = {"address": clean(test.address), "outcome": said, "sent": voice.when(test.sent_at)}
    to_do = () if works else (voice.say(f"test.{outcome.value}"), voice.say("test.registered"))
    facts = {
        "mailbox": clean(test.mailbox),
        "address": clean(test.address),
        "tested": voice.when(test.sent_at),
        "reason": clean(test.reason, _MAX_REASON),
        "account": clean(test.account),
    }
    sections = (
        Section(title=voice.say("title.check"), items=to_do, numbered=True),
        Section(
            title=voice.say("title.why"),
            facts=tuple((voice.say(f"fact.{key}"), value) for key, value in facts.items() if value),
        ),
    )
    return Notice(
        language=voice.language,
        subject=voice.say(f"subject.test.{name}", **values),
        headline=voice.say(f"headline.test.{name}", **values),
        tone=Tone.GOOD if works else Tone.LATE,
        lead=(voice.say(f"test.{name}"),),
        sections=tuple(section for section in sections if not section.empty),
        footer=footer(voice, now),
    )
