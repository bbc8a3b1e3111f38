"""What is said when nothing at all is watched: the database cannot be used, or the service itself fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.notices.notice import Notice, Section, Tone
from relaywatch.core.notices.of_case import footer
from relaywatch.core.notices.voice import Voice, clean

_MAX_REASON = 300
_MAX_PROBLEMS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """What keeps the daemon from its work, in one line that says what to do, and since when."""

    reason: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How the service ended, in systemd's words (systemd.exec(5), $SERVICE_RESULT), and what it is not started for."""

    unit: str
    result: str
    status: str
    problems: Sequence[str] = ()  # of the configuration, without secrets
    refused: bool = False  # it stays down until somebody does something


def down(outage: Standstill, *, now: datetime, voice: Voice) -> Notice:
    """Say that no warning leaves because the database cannot be used, and what to do meanwhile."""
    values = {"span": voice.span(now - outage.since), "since": voice.when(outage.since)}
    return Notice(
        language=voice.language,
        subject=voice.say("subject.down", **values),
        headline=voice.say("headline.down", **values),
        tone=Tone.LATE,
        lead=(voice.say("down.means"), voice.say("down.hand")),
        sections=(
            Section(
                title=voice.say("title.todo"),
                items=tuple(voice.say(f"down.{name}") for name in ("mend", "check", "restart", "again")),
                numbered=True,
            ),
            _facts({"reason": clean(outage.reason, _MAX_REASON), "down": values["since"]}, voice),
        ),
        footer=footer(voice, now),
    )


def up(database: str, *, now: datetime, voice: Voice) -> Notice:
    """Say that the database can be used again."""
    return Notice(
        language=voice.language,
        subject=voice.say("subject.up"),
        headline=voice.say("headline.up", now=voice.when(now)),
        tone=Tone.GOOD,
        lead=(voice.say("up.none"), voice.say("seeing.look")),
        sections=(_facts({"database": clean(database, _MAX_REASON)}, voice),),
        footer=footer(voice, now),
    )


def failed(failure: Failure, *, now: datetime, voice: Voice) -> Notice:
    """Say that the service failed, in systemd's words, whether it is tried again, and where to look."""
    name = "refused" if failure.refused else "failing"
    problems = [clean(problem, _MAX_REASON) for problem in failure.problems[:_MAX_PROBLEMS]]
    steps = ("config", "start") if failure.refused else ("journal", "check")
    facts = {"unit": clean(failure.unit), "result": clean(failure.result), "status": clean(failure.status)}
    sections = (
        Section(title=voice.say("title.problems"), items=tuple(problems)),
        Section(title=voice.say("title.todo"), items=tuple(voice.say(f"failed.{one}") for one in steps), numbered=True),
        _facts(facts, voice),
    )
    return Notice(
        language=voice.language,
        subject=voice.say(f"subject.{name}"),
        headline=voice.say(f"headline.{name}"),
        tone=Tone.LATE,
        lead=(voice.say("down.hand"),),
        sections=tuple(section for section in sections if not section.empty),
        footer=footer(voice, now),
    )


def _facts(facts: dict[str, str], voice: Voice) -> Section:
    return Section(
        title=voice.say("title.why"),
        facts=tuple((voice.say(f"fact.{name}"), value) for name, value in facts.items() if value),
    )
