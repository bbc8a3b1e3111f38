"""What internal parties are told of a reply that left them out (policy Q4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.cases.case import Case
from relaywatch.core.mail.message import Message
from relaywatch.core.notices.notice import Notice, Section, Tone
from relaywatch.core.notices.of_case import footer
from relaywatch.core.notices.voice import Voice, clean, short_address

_MAX_LINES = 200  # of the reply's words, as of the next
_MAX_LINE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredReply:
    """A reply that went out, and the case that it belongs to."""

    case_id: int
    case: Case
    reply: Message
    to: tuple[str, ...]  # whom it answered
    at: datetime


def inform(answered: AnsweredReply, *, now: datetime, voice: Voice) -> Notice:
    """Say who was answered, when, about what, and with which words."""
    case, reply = answered.case, answered.reply
    party = voice.several(short_address(address) for address in answered.to[:1]) or clean(case.counterparty)
    name = voice.say(
        "subject.case.order" if case.order_id else "subject.case", id=answered.case_id, order=clean(case.order_id or "")
    )
    facts = {
        "to": voice.several(answered.to),
        "sender": clean(reply.author),
        "sent": voice.when(answered.at),
        "order": clean(case.order_id or ""),
        "subject": clean(reply.subject or case.subject),
        "mailbox": clean(case.mailbox),
        "id": str(answered.case_id),
        "account": clean(case.account),
    }
    return Notice(
        language=voice.language,
        subject=voice.say("subject.inform", party=party, case=name),
        headline=voice.say("headline.inform", party=party, at=voice.when(answered.at)),
        tone=Tone.GOOD,
        lead=(voice.say("inform.why"),),
        sections=(
            Section(title=voice.say("title.inform"), lines=tuple(_words(reply.own_words, voice))),
            Section(
                title=voice.say("title.case"),
                facts=tuple((voice.say(f"fact.{key}"), value) for key, value in facts.items() if value),
            ),
        ),
        footer=footer(voice, now),
    )


def _words(text: str, voice: Voice) -> Iterator[str]:
    """Yield the reply's own words, marked as a quotation."""
    lines = [clean(line, _MAX_LINE) for line in text.splitlines()[: 4 * _MAX_LINES]]
    kept = [line for line in lines if line]
    yield from (f"> {line}" for line in kept[:_MAX_LINES])
    if not kept:
        yield voice.say("inform.nothing")
    elif len(kept) > _MAX_LINES:
        yield voice.say("inform.more")
