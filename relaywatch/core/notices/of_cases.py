"""What a warning about many cases says: after a first start or an outage, one mail instead of hundreds.

And what one says that has to do without a word of others, because mail servers refuse it for those.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.cases.case import Case, Code, Deadline, Finding
from relaywatch.core.mail.address import Parties
from relaywatch.core.notices.notice import Notice, Section, Table, Tone
from relaywatch.core.notices.of_case import UnreadMailbox, footer, owed, unread_lines, urgency, what
from relaywatch.core.notices.voice import Voice, clean, short_address

_COLUMNS = ("case", "due", "rule", "counterparty", "subject")
_OWN_COLUMNS = _COLUMNS[:3]  # of which nobody else chose a word
MAX_ROWS = 300  # a mail longer than 100 KB is cut by mail programs; the headers name these, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One case that a warning is about, with the deadline that runs, is past, or that the finding affects."""

    case_id: int
    case: Case
    deadline: Deadline
    subject: str | None = None  # of the message that started the clock; None: it is not at hand
    step: str = ""  # that fell due of it
    key: str = ""  # under which it was written down; "": by an older program
    finding: Finding | None = None  # where it is about one that the case still has


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """What the cases of one gathered warning have in common. `further`: how many it is about beside those given."""

    now: datetime
    voice: Voice
    parties: Parties
    further: int = 0
    unread: tuple[UnreadMailbox, ...] = ()


def lapses(entries: Sequence[Entry], gathering: Gathering) -> Notice:
    """Say that these deadlines, one or more, are past: a table, the oldest first."""
    now, voice = gathering.now, gathering.voice
    ordered = _ordered(entries)
    number = len(ordered) + gathering.further
    oldest = voice.span(now - _first_due(ordered))
    return Notice(
        language=voice.language,
        subject=voice.say("subject.lapses", n=number),
        headline=voice.say("headline.lapses", n=number, span=oldest),
        tone=Tone.LATE,
        lead=unread_lines(voice, gathering.unread),
        sections=(
            Section(
                title=voice.say("title.todo"),
                items=(voice.say("cases.todo.lapses"), voice.say("todo.automatic"), voice.say("todo.late")),
            ),
            _cases(ordered, gathering),
            _commands(voice),
        ),
        footer=footer(voice, now),
    )


def steps(entries: Sequence[Entry], gathering: Gathering, *, forged: bool) -> Notice:
    """Say that these deadlines will lapse: a table, the first due first.

    `forged`: their messages fail authentication, so that there may be a storm of them; their clocks run all the same.
    """
    now, voice = gathering.now, gathering.voice
    ordered = _ordered(entries)
    name, number = "forged" if forged else "steps", len(ordered) + gathering.further
    left = voice.span(_first_due(ordered) - now)
    return Notice(
        language=voice.language,
        subject=voice.say(f"subject.{name}", n=number, left=left),
        headline=voice.say(f"headline.{name}", n=number, left=left),
        tone=Tone.SOON,
        lead=unread_lines(voice, gathering.unread),
        sections=(
            Section(title=voice.say("title.todo"), items=(voice.say(f"cases.todo.{name}"),)),
            _cases(ordered, gathering),
            _commands(voice),
        ),
        footer=footer(voice, now),
    )


def findings(code: Code, entries: Sequence[Entry], gathering: Gathering) -> Notice:
    """Say that the same is wrong in these cases, one or more, and how to mend it: the first due first.

    `code` is one of findings.MENDABLE; KeyError for another.
    """
    now, voice, parties = gathering.now, gathering.voice, gathering.parties
    ordered = _ordered(entries)
    number, first = len(ordered) + gathering.further, _first_due(ordered)
    short = voice.say(f"finding.{code.value}.short")
    mend = voice.say(
        f"finding.{code.value}.mend",
        all=voice.say("cases.all"),
        party=voice.say("cases.party"),
        registered=voice.several(sorted(parties.registered)),
        host=voice.several(sorted(parties.relay_domains)),
    )
    overdue = first <= now
    return Notice(
        language=voice.language,
        subject=voice.say(
            "subject.findings.overdue" if overdue else "subject.findings",
            finding=short,
            n=number,
            left=voice.span(first - now),
        ),
        headline=voice.say("headline.findings", n=number, finding=short),
        tone=Tone.LATE if overdue else Tone.SOON,
        lead=(voice.say(f"finding.{code.value}.many"), *unread_lines(voice, gathering.unread)),
        sections=(
            Section(title=voice.say("title.todo"), items=(mend,)),
            _cases(ordered, gathering),
            _commands(voice),
        ),
        footer=footer(voice, now),
    )


def bare(entries: Sequence[Entry], gathering: Gathering, *, code: Code | None = None) -> Notice:
    """Say what is owed by when in these cases, one or more, without a word or an address that others chose.

    `code`: the finding that the warning is about, one of findings.MENDABLE.
    """
    now, voice = gathering.now, gathering.voice
    ordered = _ordered(entries)
    first = ordered[0].deadline
    said = urgency(voice, first, now)
    found = () if code is None else (voice.say(f"finding.{code.value}.many"),)
    number = len(ordered) + gathering.further
    name = "subject.case" if number == 1 else "subject.cases"
    return Notice(
        language=voice.language,
        subject=voice.say(
            "subject",
            urgency=said,
            what=what(voice, first),
            case=voice.say(name, id=ordered[0].case_id, n=number),
        ),
        headline=voice.say("headline.bare", owed=owed(voice, first), due=voice.when(first.due_at), urgency=said),
        tone=Tone.LATE if first.due_at <= now else Tone.SOON,
        lead=(voice.say("lead.bare"), *unread_lines(voice, gathering.unread), *found),
        sections=(
            Section(title=voice.say("title.todo"), items=(voice.say("todo.bare"),)),
            _cases(ordered, gathering, _OWN_COLUMNS),
            _commands(voice),
        ),
        footer=footer(voice, now),
    )


def _ordered(entries: Sequence[Entry]) -> list[Entry]:
    """The first due first; what fails authentication below all that does not, so that no flood hides a genuine case."""
    return sorted(entries, key=lambda entry: (_is_forged(entry), entry.deadline.due_at, entry.case_id))


def _first_due(entries: Iterable[Entry]) -> datetime:
    return min(entry.deadline.due_at for entry in entries)


def _is_forged(entry: Entry) -> bool:
    key = entry.deadline.started_key
    return any(one.code is Code.UNAUTHENTICATED and one.message_key == key for one in entry.case.findings)


def _cases(ordered: Sequence[Entry], gathering: Gathering, columns: Sequence[str] = _COLUMNS) -> Section:
    now, voice = gathering.now, gathering.voice
    rows = tuple(
        (
            str(entry.case_id),
            voice.say(
                "cases.due.value",
                due=voice.when(entry.deadline.due_at),
                urgency=urgency(voice, entry.deadline, now),
            ),
            clean(entry.deadline.rule),
            short_address(entry.case.counterparty),
            clean(entry.case.subject if entry.subject is None else entry.subject),
        )[: len(columns)]
        for entry in ordered[:MAX_ROWS]
    )
    more = len(ordered) - len(rows) + gathering.further
    return Section(
        title=voice.say("title.cases"),
        lines=(voice.say("cases.more", n=more),) if more else (),
        table=Table(tuple(voice.say(f"cases.{name}") for name in columns), rows),
    )


def _commands(voice: Voice) -> Section:
    return Section(
        title=voice.say("title.commands"),
        commands=(
            ("relaywatch cases", voice.say("command.cases")),
            ("relaywatch show N", voice.say("command.show")),
            ('relaywatch answered N --note "..."', voice.say("command.answered")),
            ('relaywatch waive N --reason "..."', voice.say("command.waive")),
        ),
    )
