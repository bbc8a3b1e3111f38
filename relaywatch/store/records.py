"""What the store takes and gives beside the core's own types. Ids are row ids; times are aware UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from relaywatch.core.cases.case import Case
from relaywatch.core.mail.message import Mail, Place, Role
from relaywatch.store.codec import record_from

D = TypeVar("D", bound="Detail")


@dataclass(frozen=True, slots=True)
class StoredPosition:
    """How far a folder was read. `uidvalidity` 0: it was read, but has no position yet."""

    uidvalidity: int
    last_uid: int
    read_at: datetime | None = None
    gaps: tuple[tuple[int, int, datetime], ...] = ()  # UIDs that were missing: the first, the last, since when
    unread: tuple[tuple[int, int], ...] = ()  # UIDs that were passed over and are to be read: the first, the last


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that the server could not give, and why. `tries`: how often it was asked for again."""

    place: Place
    uidvalidity: int
    uid: int
    since: datetime
    next_try_at: datetime
    tries: int = 0
    reason: str = ""

    @property
    def gone(self) -> bool:
        """Whether it lies there no more: it may have been moved, and is asked for no more."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """A message as it was found: `mail.message.copies` is the one place it lies in, at (uidvalidity, uid)."""

    mail: Mail
    keys: frozenset[str]  # what it shares with other messages of its conversation
    hints: frozenset[str] = frozenset()  # what can find a place for it where no key does
    name: str = ""  # of the folder; "" where nobody asks for it
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A message with its row. `forgotten`: its words are gone, so what it was found to be must stand.

    `cut`: the ends of its texts were left out, so what it names must be asked of the store.
    """

    id: int
    case_id: int | None
    mail: Mail
    forgotten: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseToSave:
    """A conversation as judged. `case_id` None opens a case; `merged` are the cases that it swallows."""

    case_id: int | None
    merged: tuple[int, ...]
    message_rows: tuple[int, ...]
    case: Case
    next_look_at: datetime | None
    judged_with: str  # names the policy, rules and program that judged


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A case as it was last judged."""

    id: int
    account: str
    case: Case
    next_look_at: datetime | None
    failures: int
    dissolved: bool = False  # its messages turned out to open no case; kept, for its number was shown


@dataclass(frozen=True, slots=True)
class DueCase:
    """A case whose time to be looked at has come. `forged`: all that is owed in it is for what fails authentication."""

    case_id: int
    account: str
    failures: int
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """What a warning is composed of when it leaves. Each kind has one of its own: a frozen dataclass of plain types.

    It is kept as JSON by the names of its fields. Rows of older programs are read too, so a field that is added later
    has a default; and where the words of a case were forgotten nothing is left of it, so of cases all have one.
    """


@dataclass(frozen=True, slots=True)
class StoredDetail(Detail):
    """A detail as it lies in the database: the kind of the warning knows its type."""

    plain: Mapping[str, Any]

    def read_as(self, detail: type[D]) -> D:
        """Return it as that type. Raises DamagedRow where it is none."""
        return record_from(detail, self.plain)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWarning:
    """A warning that is due. `keys` say what it is about, each said once; `cases` are all that it names.

    `case_id`, `rule`, `obligation`, `due_at`: of what is about cases, of many those of the first; `mailbox`: of what is
    about one. `lane`, `customer`, `gathered`: as in pace.Written, of what is about cases.
    """

    account: str
    case_id: int | None = None
    mailbox: str | None = None
    keys: tuple[str, ...]
    step: str
    rule: str = ""
    obligation: str = ""
    due_at: datetime | None = None
    message_id: str
    created_at: datetime
    recipients: tuple[str, ...]
    detail: Detail = field(default_factory=Detail)
    cases: tuple[int, ...] = ()
    lane: str = ""
    customer: str = ""
    gathered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDelivery:
    """One recipient of a warning, and how far the sending came."""

    id: int
    recipient: str
    state: str  # pending | sent | failed | dropped
    attempts: int
    ended_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWarning(NewWarning):
    """A warning as it was written down."""

    id: int
    detail: StoredDetail
    deliveries: tuple[StoredDelivery, ...]


@dataclass(frozen=True, slots=True)
class PendingDelivery:
    """A delivery that has not ended. `began_at` set: an earlier attempt may have arrived."""

    id: int
    warning: StoredWarning
    recipient: str
    began_at: datetime | None
    ended_at: datetime | None = None

    @property
    def in_flight(self) -> bool:
        """Whether an attempt was cut short by our own end, so that nobody knows what became of it."""
        return self.began_at is not None and (self.ended_at is None or self.ended_at < self.began_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Whether a mailbox can be read, as the daemon last knew."""

    account: str
    mailbox: str
    role: Role
    seeing: bool
    last_read: datetime | None
    lost_since: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What `status` counts: open cases, unmet replies and hand-overs past due, warnings not (all) sent."""

    open: int
    overdue: int
    unsent: int
    doubtful: int = 0  # replies that a person must say of whether they count
    doubtful_late: int = 0  # of those past due


@dataclass(frozen=True, slots=True)
class Addressed:
    """A pending delivery: which warning, and to whom."""

    id: int
    warning: int
    account: str
    step: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why warnings to a recipient have not left: what was said last, of how many, since when."""

    recipient: str
    state: str  # pending | failed
    error: str
    warnings: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Unsent:
    """What has not left: warnings that reached nobody for long, and the reasons, the latest first."""

    untold: int
    troubles: tuple[Trouble, ...]


class Rejudged(NamedTuple):
    """A clock that a new standard judged otherwise: what it was, what it is, and why."""

    account: str
    case_id: int
    obligation: str
    started_by: str | None
    was: str
    status: str
    why: str
    at: datetime
