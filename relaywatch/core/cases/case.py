"""Case, Deadline and Finding: what judging a conversation gives.

Field names are those of the JSON (interface: A case as JSON).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from relaywatch.core.classes.whose import seeming
from relaywatch.core.mail.message import Mail, Topic
from relaywatch.core.policy import Kind


class Obligation(StrEnum):
    """What is owed. In this order where two are due at the same time (interface: Deadlines)."""

    REPLY = "reply"
    HANDOVER = "handover"
    RESOLUTION = "resolution"


class Status(StrEnum):
    """How a deadline stands at a moment (interface: Deadlines)."""

    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    LATE = "late"
    WAIVED = "waived"
    DOUBTFUL = "doubtful"

    @property
    def unmet(self) -> bool:
        """Whether something is still owed, or may be."""
        return self in (Status.RUNNING, Status.OVERDUE, Status.DOUBTFUL)


class State(StrEnum):
    """How a case stands at a moment (interface: A case as JSON)."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    WAIVED = "waived"


class Code(StrEnum):
    """What can be wrong with a message (interface: Findings)."""

    AUTOMATIC_REPLY = "automatic_reply"
    THIN_REPLY = "thin_reply"
    REPLY_ALL_MISSING = "reply_all_missing"
    INTERNAL_NOT_INFORMED = "internal_not_informed"
    OUTSIDE_RELAY = "outside_relay"
    BOUNCED_REPLY = "bounced_reply"
    JUNKED = "junked"
    FORBIDDEN_CONTACT = "forbidden_contact"
    UNREGISTERED_SENDER = "unregistered_sender"
    UNAUTHENTICATED = "unauthenticated"

    @property
    def rule(self) -> str:
        """The policy rule that it goes against; "" for authenticity, which no rule of the policy names."""
        return _CODE_RULES[self]


_CODE_RULES = {
    Code.AUTOMATIC_REPLY: "Q2",
    Code.THIN_REPLY: "Q1",
    Code.REPLY_ALL_MISSING: "Q3",
    Code.INTERNAL_NOT_INFORMED: "Q4",
    Code.OUTSIDE_RELAY: "Q5",
    Code.BOUNCED_REPLY: "Q6",
    Code.JUNKED: "M1",
    Code.FORBIDDEN_CONTACT: "O2",
    Code.UNREGISTERED_SENDER: "Q5",
    Code.UNAUTHENTICATED: "",
}


Whose = tuple[frozenset[str], ...]
"""Who is owed something: of each party all addresses. Of a resolution they can be several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something that was sent and may not count, and what speaks against it (design: Doubtful, not guessed)."""

    message_id: str | None
    message_key: str
    at: datetime
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one message of the seller's is worth as an answer, and the signs that said so, the heaviest first."""

    message_id: str | None
    message_key: str
    at: datetime
    answer: str  # signs.Answer: counts | doubtful | does_not
    signs: tuple[tuple[str, float, str], ...]  # name, weight, reason
    said: str = ""  # "confirm" or "reject", where a person decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One obligation with its clock."""

    obligation: Obligation
    rule: str  # C1 … C4, H1, H2
    kind: Kind  # whose ladder it uses
    party: str  # who is owed it: replies to one party meet only that party's deadlines
    status: Status
    started_at: datetime
    due_at: datetime
    started_by: str | None  # the Message-ID
    started_key: str  # Message.key, which every message has
    clock: str = ""  # which of the message's times started it: internaldate | received | date
    met_at: datetime | None = None
    met_by: str | None = None  # a Message-ID, or "operator"
    doubt: Doubt | None = None  # of one that is doubtful
    whose: Whose = field(default=(), compare=False)  # who is owed it; not kept: their messages say so
    weighed_to: int = field(default=0, compare=False)  # row of the seller's latest message at hand when it was judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with one message."""

    code: Code
    rule: str
    message_id: str | None
    message_key: str
    at: datetime  # when that message was received or sent
    detail: Mapping[str, object] = field(default_factory=dict)
    mended_by: str | None = None  # what put it right: a Message-ID (a key where there is none), or "operator"
    affects: str | None = None  # started_key of the earliest deadline that it leaves unmet, if any


class Verb(StrEnum):
    """What an operator can say of a case (interface: Commands)."""

    RESOLVE = "resolve"
    ANSWERED = "answered"
    WAIVE = "waive"
    CONFIRM = "confirm"  # a reply counts
    REJECT = "reject"  # a reply does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the operator said: it covers what was received up to `at`, or is about one reply (confirm, reject)."""

    verb: Verb
    at: datetime
    note: str
    said_at: datetime
    obligation: Obligation | None = None  # with `answered`: reply or hand-over
    message_key: str | None = None  # with `confirm` and `reject`: Message.key of the reply
    wording: int | None = None  # and what it says (learned.wording_of), for the next reply that says the same
    people: tuple[str, ...] = ()  # addresses of the parties that it is about (waive, answered); none: all of the case

    def covers(self, whose: Whose) -> bool:
        """Whether it is about all who are owed something; an address is that of whoever seems to have it, too."""
        people = {*self.people, *map(seeming, self.people)}
        return not people or all(not one.isdisjoint(people) for one in whose)


@dataclass(frozen=True, slots=True, kw_only=True)
class Informed:
    """That the program itself told internal parties of a reply (policy Q4)."""

    message_key: str  # the reply's
    people: frozenset[str]
    at: datetime
    by: str  # the Message-ID of what told them


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that belongs to one matter, in no particular order: judging it gives the case."""

    mails: tuple[Mail, ...]
    statements: tuple[Statement, ...] = ()
    informed: tuple[Informed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a conversation amounts to at a moment. `deadlines` are in order (interface: Deadlines)."""

    account: str
    kind: Kind
    mailbox: str
    counterparty: str
    subject: str
    order_id: str | None
    topics: tuple[Topic, ...]
    state: State
    opened_at: datetime
    deadlines: tuple[Deadline, ...]
    findings: tuple[Finding, ...]
    messages: int
    assessments: tuple[Assessment, ...] = ()
    settles_at: datetime | None = None  # when it will be resolved by itself, if nothing comes; None: not or done
