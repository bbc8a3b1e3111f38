"""What a warning about one case says: a step of its ladder, its lapse, or a finding that can be mended.

First what is owed, to whom and by when; then what to do now; then what was wrong with what was tried. The
words are in english.py, what is said of many cases in of_cases.py, of mailboxes in of_mailbox.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.core.cases.case import Case, Code, Deadline, Finding, Obligation
from relaywatch.core.due.warning import party_of
from relaywatch.core.instant import to_text
from relaywatch.core.mail.address import Parties, domain, is_no_reply
from relaywatch.core.mail.message import Topic
from relaywatch.core.notices.notice import Notice, Section, Tone
from relaywatch.core.notices.voice import Voice, clean, short_address

_MAX_OTHERS = 10
_MAX_FINDINGS = 5
_MAX_REASONS, _MAX_REASON = 4, 120  # of what speaks against a reply
_MAX_SUBJECT_QUOTE = 50  # of the mail's subject in ours
_MOMENT = timedelta(seconds=30)
_CUSTOMER = "customer"  # Deadline.party
_RULE_TOPICS = {"H1": (Topic.PICKUP, Topic.STORE_RETURN), "H2": (Topic.NOT_RECEIVED,)}  # policy H1, H2


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadMailbox:
    """A mailbox that could not be read; `since` None: never yet."""

    mailbox: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a warning about one case is made of. `case` is judged at `now`, `deadline` is one of its own."""

    case_id: int
    case: Case
    deadline: Deadline
    now: datetime
    voice: Voice
    parties: Parties
    subject: str | None = None  # of the message that started the clock; None: it is not at hand
    writer: str = ""  # who wrote the message that started the clock: where the answer goes
    reply_all: tuple[str, ...] = ()  # policy Q3: whom an answer to an agent must reach (reply.audience)
    registered: str = ""  # the address to answer from; "": any registered one
    others: tuple[Deadline, ...] = ()  # what else is owed in this case (warning.others)
    last_inbound: datetime | None = None
    last_sent: datetime | None = None
    unread: tuple[UnreadMailbox, ...] = ()

    @property
    def titled(self) -> str:
        """The subject to name it by: not the first opener's, where that is somebody else's message."""
        return self.case.subject if self.subject is None else self.subject

    @property
    def party(self) -> str:
        """The address that is owed something: the relay's of that message, for each may have its own."""
        return self.writer or self.case.counterparty


def step(occasion: Occasion) -> Notice:
    """Say that time runs out or has run out: as `now` and `due_at` have it, whatever the step's name."""
    voice, deadline = occasion.voice, occasion.deadline
    said = urgency(voice, deadline, occasion.now)
    return Notice(
        language=voice.language,
        subject=voice.say("subject", urgency=said, what=what(voice, deadline), case=_case_name(occasion)),
        headline=_headline(occasion),
        tone=Tone.LATE if deadline.due_at <= occasion.now else Tone.SOON,
        lead=(*unread_lines(voice, occasion.unread), *_doubt(occasion)),
        sections=_sections(occasion, _steps(occasion), wrong=_wrong(occasion)),
        footer=footer(voice, occasion.now),
    )


def finding(occasion: Occasion, found: Finding) -> Notice:
    """Say what is wrong with one message, why it does not count and how to mend it.

    The occasion's `deadline` is the one that the finding affects.
    """
    voice, deadline = occasion.voice, occasion.deadline
    said = urgency(voice, deadline, occasion.now)
    clock = voice.say(
        "lead.clock",
        owed=owed(voice, deadline, occasion.party),
        due=voice.when(deadline.due_at),
        urgency=said,
    )
    to_do = (_mend(occasion, found), *(_steps(occasion) if found.code is Code.JUNKED else ()))
    others = tuple(item for item in _told(occasion) if item is not found)
    return Notice(
        language=voice.language,
        subject=voice.say(
            "subject.finding",
            finding=voice.say(f"finding.{found.code.value}.short"),
            urgency=said,
            what=what(voice, deadline),
            case=_case_name(occasion),
        ),
        headline=_why(occasion, found),
        tone=Tone.LATE if deadline.due_at <= occasion.now else Tone.SOON,
        lead=(clock, *unread_lines(voice, occasion.unread)),
        sections=_sections(occasion, to_do, wrong=tuple(_why(occasion, item) for item in others)),
        footer=footer(voice, occasion.now),
    )


def _doubt(occasion: Occasion) -> tuple[str, ...]:
    """Say what was sent that may not count, when, and what speaks against it."""
    voice, doubt = occasion.voice, occasion.deadline.doubt
    if doubt is None:
        return ()
    why = "; ".join(clean(reason, _MAX_REASON) for reason in doubt.why[:_MAX_REASONS])
    return (voice.say("lead.doubt", at=voice.when(doubt.at), why=why or voice.say("lead.doubt.nothing")),)


def urgency(voice: Voice, deadline: Deadline, now: datetime) -> str:
    """Return `52 min left`, `DUE NOW` or `OVERDUE since 25 min`."""
    left = deadline.due_at - now
    if left > timedelta(0):
        return voice.say("urgency.left", span=voice.span(left))
    return voice.say("urgency.now" if -left < _MOMENT else "urgency.overdue", span=voice.span(left))


def owed(voice: Voice, deadline: Deadline, party: str = "") -> str:
    """Return what is owed, and to which address if one is given, as the beginning of a sentence."""
    name = "resolution" if deadline.obligation is Obligation.RESOLUTION else deadline.rule
    said = voice.say(f"owed.{name}")
    if not party or deadline.obligation is not Obligation.REPLY:
        return said
    return voice.say("owed.to", owed=said, party=short_address(party))


def what(voice: Voice, deadline: Deadline) -> str:
    """Return what is owed in a few words, for a subject."""
    if deadline.obligation is Obligation.REPLY:
        return voice.say(f"what.{deadline.rule}")
    return voice.say(f"what.{deadline.obligation.value}")


def unread_lines(voice: Voice, unread: Sequence[UnreadMailbox]) -> tuple[str, ...]:
    """Return the sentences that a warning must begin with when not everything was read."""
    return tuple(
        voice.say("lead.unread.never", mailbox=clean(box.mailbox))
        if box.since is None
        else voice.say("lead.unread", mailbox=clean(box.mailbox), since=voice.when(box.since))
        for box in unread
    )


def footer(voice: Voice, now: datetime) -> str:
    """Return the last line: when it was written, and in which zone its times are."""
    return voice.say("footer", now=voice.when(now), zone=voice.zone)


def _case_name(occasion: Occasion) -> str:
    case = occasion.case
    if case.order_id:
        return occasion.voice.say("subject.case.order", id=occasion.case_id, order=clean(case.order_id))
    quote = clean(occasion.titled, _MAX_SUBJECT_QUOTE)
    return occasion.voice.say("subject.case.subject" if quote else "subject.case", id=occasion.case_id, subject=quote)


def _headline(occasion: Occasion) -> str:
    voice, deadline = occasion.voice, occasion.deadline
    left = deadline.due_at - occasion.now
    late = "now" if -left < _MOMENT else "overdue"
    return voice.say(
        "headline.left" if left > timedelta(0) else f"headline.{late}",
        owed=owed(voice, deadline, occasion.party),
        due=voice.when(deadline.due_at),
        span=voice.span(left),
    )


def _steps(occasion: Occasion) -> tuple[str, ...]:
    """Return what to do now for the obligation, in order."""
    match occasion.deadline.obligation:
        case Obligation.HANDOVER:
            said = _handover_steps(occasion)
        case Obligation.RESOLUTION:
            said = [occasion.voice.say("todo.resolution", id=occasion.case_id)]
        case Obligation.REPLY:
            said = _reply_steps(occasion)
    if occasion.deadline.doubt is not None:
        said.insert(0, occasion.voice.say("todo.doubt", id=occasion.case_id))
    if occasion.deadline.due_at <= occasion.now:
        said.append(occasion.voice.say("todo.late"))
    return tuple(said)


def _reply_steps(occasion: Occasion) -> list[str]:
    voice, deadline, parties = occasion.voice, occasion.deadline, occasion.parties
    values = {
        "mailbox": clean(occasion.case.mailbox),
        "registered": _registered(occasion),
        "party": clean(occasion.party),
        "all": _all(occasion),
        "window": voice.span(deadline.due_at - deadline.started_at),
    }
    if parties.is_relay(occasion.party):  # policy C1, and C3 where the complaint comes from the customer; Q5
        keys = ["todo.customer", "todo.customer.relay"]
    elif deadline.party == _CUSTOMER or is_no_reply(occasion.party):
        keys = ["todo.complaint.customer"]
    elif deadline.rule == "C4":  # policy C4
        keys = ["todo.consumer_protection", "todo.agent.all"]
    else:  # policy C2, C3, Q3
        keys = ["todo.complaint" if deadline.rule == "C3" else "todo.agent", "todo.agent.all"]
    return [voice.say(key, **values) for key in (*keys, "todo.automatic")]


def _handover_steps(occasion: Occasion) -> list[str]:
    """Policy H1, H2: a message to the Customer Experience team, beside the reply."""
    voice, case = occasion.voice, occasion.case
    of_rule = [topic for topic in _RULE_TOPICS.get(occasion.deadline.rule, ()) if topic in case.topics]
    key = "todo.handover" if occasion.parties.handover else "todo.handover.any"
    said = voice.say(
        key,
        team=voice.several(sorted(occasion.parties.handover)),
        topics="; ".join(voice.say(f"topic.{topic.value}") for topic in of_rule) or voice.say("topic.none"),
        order=clean(case.order_id) if case.order_id else voice.say("order.unknown"),
    )
    return [said, voice.say("todo.handover.too")]


def _told(occasion: Occasion) -> tuple[Finding, ...]:
    """Return what is wrong and still matters, the latest first. Policy O2 touches no deadline: not here."""
    owed_keys = {deadline.started_key for deadline in occasion.case.deadlines if deadline.status.unmet}
    matters = [
        item
        for item in occasion.case.findings
        if item.mended_by is None
        and item.code is not Code.FORBIDDEN_CONTACT
        and (item.affects in owed_keys or (item.affects is None and item.at >= occasion.deadline.started_at))
    ]
    matters.sort(key=lambda item: item.at, reverse=True)
    return tuple(matters[:_MAX_FINDINGS])


def _wrong(occasion: Occasion) -> tuple[str, ...]:
    return tuple(f"{_why(occasion, item)} {_mend(occasion, item)}" for item in _told(occasion))


def _why(occasion: Occasion, found: Finding) -> str:
    voice = occasion.voice
    missing = _listed(found, "missing") or _listed(found, "recipients") or (occasion.party,)
    return voice.say(
        f"{_named(found)}.why",
        at=voice.when(found.at),
        missing=voice.several(missing),
        sender=clean(found.detail.get("sender", "")),
        reason=clean(found.detail.get("reason", "")),
    )


def _named(found: Finding) -> str:
    """Return the name of a finding's sentences: of what fails authentication, it matters whose it seems to be."""
    copied = found.code is Code.UNAUTHENTICATED and "sender" in found.detail
    return "finding.unauthenticated_copy" if copied else f"finding.{found.code.value}"


def _mend(occasion: Occasion, found: Finding) -> str:
    missing = _listed(found, "missing") if found.code is Code.REPLY_ALL_MISSING else ()
    return occasion.voice.say(
        f"{_named(found)}.mend",
        all=_all(occasion, missing),
        registered=_registered(occasion),
        party=clean(occasion.party),
        host=clean(domain(occasion.party) or occasion.party),
    )


def _all(occasion: Occasion, missing: Sequence[str] = ()) -> str:
    """Policy Q3: everybody whom the reply must reach, as far as is known."""
    known = occasion.reply_all or ((occasion.party,) if "@" in occasion.party else ())
    return occasion.voice.several((*known, *missing))


def _registered(occasion: Occasion) -> str:
    """Policy Q5: from where an answer counts."""
    if occasion.registered:
        return clean(occasion.registered)
    return occasion.voice.several(sorted(occasion.parties.registered))


def _listed(found: Finding, name: str) -> tuple[str, ...]:
    """Return the addresses that a finding's detail holds under a name."""
    value = found.detail.get(name)
    return tuple(str(item) for item in value) if isinstance(value, (list, tuple)) else ()


def _sections(occasion: Occasion, to_do: tuple[str, ...], *, wrong: tuple[str, ...]) -> tuple[Section, ...]:
    voice = occasion.voice
    sections = (
        Section(title=voice.say("title.todo"), items=to_do, numbered=True),
        Section(title=voice.say("title.wrong"), items=wrong),
        Section(title=voice.say("title.done"), lines=_done(occasion)),
        Section(title=voice.say("title.others"), items=_others(occasion)),
        Section(title=voice.say("title.case"), facts=_facts(occasion)),
        Section(title=voice.say("title.commands"), commands=_commands(occasion)),
    )
    return tuple(section for section in sections if not section.empty)


def _done(occasion: Occasion) -> tuple[str, ...]:
    voice, case, now = occasion.voice, occasion.case, occasion.now
    said = [voice.say("done.message" if case.messages == 1 else "done.messages", n=case.messages)]
    if occasion.last_inbound:
        ago = voice.span(now - occasion.last_inbound)
        said.append(voice.say("done.inbound", at=voice.when(occasion.last_inbound), span=ago))
    if occasion.last_sent:
        ago = voice.span(now - occasion.last_sent)
        said.append(voice.say("done.sent", at=voice.when(occasion.last_sent), span=ago))
    elif not any(deadline.met_at for deadline in case.deadlines) and not _told(occasion):
        said.append(voice.say("done.nothing"))
    return tuple(said)


def _others(occasion: Occasion) -> tuple[str, ...]:
    voice, this = occasion.voice, occasion.deadline
    others = occasion.others[:_MAX_OTHERS]
    said = [
        voice.say(
            "others.line",
            owed=owed(voice, other),
            received=voice.when(other.started_at),
            due=voice.when(other.due_at),
            urgency=urgency(voice, other, occasion.now),
        )
        for other in others
    ]
    if any(party_of(other) == party_of(this) and this.party == _CUSTOMER for other in others):
        said.append(voice.say("others.one_reply"))
    return tuple(said)


def _facts(occasion: Occasion) -> tuple[tuple[str, str], ...]:
    voice, case, deadline = occasion.voice, occasion.case, occasion.deadline
    rule = voice.say(
        "rule.resolution" if deadline.obligation is Obligation.RESOLUTION else f"rule.{deadline.rule}",
        rule=deadline.rule,
        window=voice.span(deadline.due_at - deadline.started_at),
    )
    due = voice.say("fact.due.value", local=voice.when(deadline.due_at), utc=to_text(deadline.due_at))
    facts = {
        "due": due,
        "received": voice.when(deadline.started_at),
        "rule": rule,
        "counterparty": clean(occasion.party),
        "order": clean(case.order_id or ""),
        "subject": clean(occasion.titled),
        "mailbox": clean(case.mailbox),
        "id": str(occasion.case_id),
        "account": clean(case.account),
    }
    return tuple((voice.say(f"fact.{name}"), value) for name, value in facts.items() if value)


def _commands(occasion: Occasion) -> tuple[tuple[str, str], ...]:
    voice, number = occasion.voice, occasion.case_id
    commands = [(f"relaywatch show {number}", voice.say("command.show"))]
    if occasion.deadline.doubt is not None:
        commands.append((f"relaywatch confirm {number}", voice.say("command.confirm")))
        commands.append((f"relaywatch reject {number}", voice.say("command.reject")))
    match occasion.deadline.obligation:
        case Obligation.REPLY:
            commands.append((f'relaywatch answered {number} --note "..."', voice.say("command.answered")))
        case Obligation.HANDOVER:
            told = f'relaywatch answered {number} --obligation handover --note "..."'
            commands.append((told, voice.say("command.handed")))
        case Obligation.RESOLUTION:
            commands.append((f"relaywatch resolve {number}", voice.say("command.resolve")))
    commands.append((f'relaywatch waive {number} --reason "..."', voice.say("command.waive")))
    return tuple(commands)
