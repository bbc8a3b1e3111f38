"""A seller's days as a timeline: mail comes, mailboxes are read, the sweep runs, warnings leave; time is an argument.

    story.mail(customer(), at=H(0))
    assert story.day(until=H(25)) == ["8h", "3h", "1h", "due"]

The whole pipeline but its servers: raw bytes are parsed, classified, kept in a real database and judged; warnings
are written down by the sweep, composed as they would leave, and noted as sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from lab_post import dated

from relaywatch.config import Mailbox, Settings, load
from relaywatch.core.cases.case import Case, Obligation, Verb
from relaywatch.core.mail.message import Copy, Folder
from relaywatch.pipeline.chores import do_chores
from relaywatch.pipeline.compose import compose
from relaywatch.pipeline.ingest import add_mails, judge_kept, own_hosts
from relaywatch.pipeline.judging import Bench, Change, benches, judge_all_again, judge_messages
from relaywatch.pipeline.reading import RawMail, read
from relaywatch.pipeline.request import Request
from relaywatch.pipeline.sight import Outlook, note_lost
from relaywatch.pipeline.statements import apply
from relaywatch.pipeline.sweep import sweep
from relaywatch.pipeline.warnings.blindness import note_seeing
from relaywatch.pipeline.warnings.registry import LEAVE_LAST
from relaywatch.pipeline.warnings.selftest import note_tests
from relaywatch.store import NewMail, Store

START = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)  # a Monday morning in Toronto
CONFIG = """
[service]
database = "relaywatch.db"
{service}
[smtp]
host = "smtp.shop.example"
from = "relaywatch@shop.example"
[notify]
to = ["oncall@shop.example"]
{notify}
[seller]
{seller}
{more}
[[mailbox]]
name = "care"
role = "care"
address = "care@shop.example"
host = "imap.shop.example"
username = "care@shop.example"
password = "kiln"
[[mailbox]]
name = "complaints"
role = "complaint"
address = "complaints@shop.example"
host = "imap.shop.example"
username = "complaints@shop.example"
password = "kiln"
"""


def H(hours: float) -> datetime:  # noqa: N802 - reads as the unit it is
    """Return the moment so many hours after the story's start."""
    return START + timedelta(hours=hours)


@dataclass(frozen=True)
class Warned:
    """One mail that left, and when."""

    at: datetime
    to: str
    mail: EmailMessage

    @property
    def step(self) -> str:
        return self.mail["X-Relaywatch-Step"]

    @property
    def case(self) -> str:
        return self.mail["X-Relaywatch-Case"]

    @property
    def rule(self) -> str:
        return self.mail["X-Relaywatch-Rule"]

    @property
    def text(self) -> str:
        return self.mail.get_body(("plain",)).get_content()


class Story:
    """One seller's database and what goes in and comes out of it."""

    def __init__(self, folder: Path, *, notify: str = "", seller: str = "", service: str = "", more: str = "") -> None:
        self.folder = folder
        self.store = Store.open(str(folder / "relaywatch.db"))
        self.store._db.db.execute("PRAGMA synchronous = OFF")  # no power fails here, and hundreds of stories are told
        self.dropped: list[str] = []
        self.changes: list[Change] = []
        self.held: dict[str, Outlook] = {}
        self.untried: dict[tuple[str, str], datetime] = {}
        self.slow: set[str] = set()  # mailboxes of which a reading goes on and on
        self._uid = 0
        self.configure(notify=notify, seller=seller, service=service, more=more)

    def configure(self, *, notify: str = "", seller: str = "", service: str = "", more: str = "") -> None:
        """Put another configuration in force."""
        path = self.folder / "relaywatch.toml"
        path.write_text(CONFIG.format(notify=notify, seller=seller, service=service, more=more))
        self.reload()

    def reload(self) -> None:
        """Read the configuration file again."""
        self.settings: Settings = load(self.folder / "relaywatch.toml")
        self.benches = benches(self.settings)
        self.account = self.settings.accounts[0]

    @property
    def bench(self) -> Bench:
        return self.benches["main"]

    def mail(
        self,
        raw: bytes,
        at: datetime,
        *,
        folder: Folder = Folder.INBOX,
        mailbox: str = "care",
        seen: datetime | None = None,
        uidvalidity: int = 7,
    ) -> str:
        """Deliver a mail that a server received `at`, and take it in, then or when `seen`; return its class."""
        box = next(box for box in self.account.mailboxes if box.name == mailbox)
        entry = self._entry(raw, at, box, folder, uidvalidity)
        with self.store.transaction():
            rows = add_mails(self.store, self.bench, [entry])
            self.changes += judge_messages(self.store, self.bench, rows, seen or at)
            note_tests(self.store, box, folder, [entry.mail])
        self.held = {}
        return entry.mail.verdict.class_.value

    def mails(
        self,
        raws: Sequence[bytes],
        at: datetime,
        *,
        folder: Folder = Folder.INBOX,
        mailbox: str = "care",
        many: int = 50,
    ) -> None:
        """Deliver mails that came at once, and take them in as a watcher's batches."""
        box = next(box for box in self.account.mailboxes if box.name == mailbox)
        for start in range(0, len(raws), many):
            some = raws[start : start + many]
            entries = [self._entry(raw, at, box, folder, 7) for raw in some]
            with self.store.transaction():
                self.store.mark_unjudged("main", add_mails(self.store, self.bench, entries))
            more = True
            while more:
                more, changes = judge_kept(self.store, self.bench, at)
                self.changes += changes
        self.held = {}

    def _entry(self, raw: bytes, at: datetime, box: Mailbox, folder: Folder, uidvalidity: int) -> NewMail:
        copy = Copy(mailbox=box.name, role=box.role, folder=folder, internaldate=at)
        raw = dated(raw, at)
        found = read(RawMail(raw, True, "main", copy, own_hosts(box)), self.account.parties, self.settings.rules)
        self._uid += 1
        return NewMail(
            mail=found.mail, keys=found.named.keys, hints=found.hints, uidvalidity=uidvalidity, uid=self._uid
        )

    def sent(self, raw: bytes, at: datetime, **more) -> str:
        return self.mail(raw, at, folder=Folder.SENT, **more)

    def restart(self, now: datetime) -> None:
        """The daemon was stopped, and starts again."""
        self.held = {}
        self.untried = {("main", box.name): now for box in self.account.mailboxes}

    def look(self, now: datetime, *names: str) -> None:
        """All mailboxes, or those named, were read to their end."""
        for box in self.account.mailboxes:
            if not names or box.name in names:
                self.untried.pop(("main", box.name), None)
                note_seeing(self.store, self.account, box, now, self.settings.smtp.sender, now)

    def lose(self, now: datetime, *names: str) -> None:
        """Mailboxes cannot be read from now on."""
        for box in self.account.mailboxes:
            if not names or box.name in names:
                self.untried.pop(("main", box.name), None)
                note_lost(self.store, box, now, f"{box.name}: the server is away")

    def sweep(self, now: datetime) -> None:
        """Write down what is due, and send nothing."""
        sender = self.settings.smtp.sender
        untried = self._not_slow(now)
        swept = sweep(self.store, self.benches, sender, now, self.held, untried)
        self.changes += swept.changes
        self.held = swept.held
        self.changes += do_chores(self.store, self.settings, self.benches, now, untried)[0]

    def _not_slow(self, now: datetime) -> dict[tuple[str, str], datetime]:
        """Whom to be patient with: no story tells of each poll, so what is not lost nor slow was just read."""
        lost = {sight.mailbox for sight in self.store.sights() if sight.lost_since is not None}
        fresh = {("main", box.name): now for box in self.account.mailboxes if box.name not in lost | self.slow}
        return {**fresh, **self.untried}

    def deliver(self, now: datetime) -> list[Warned]:
        """Send what was written down; return what left."""
        found = []
        for delivery in self.store.pending_deliveries(limit=1_000, last=LEAVE_LAST):
            composed = compose(self.store, self.settings, self.benches, delivery, now)
            with self.store.transaction():
                if composed.needless:
                    self.store.delivery_dropped(delivery.id, now, composed.needless)
                    self.dropped.append(delivery.warning.step)
                else:
                    self.store.delivery_sent(delivery.id, now, "250 OK", composed.left_out)
                    parsed = message_from_bytes(composed.mail, policy=policy.default)
                    found.append(Warned(now, delivery.recipient, parsed))
        return found

    def now(self, now: datetime) -> list[Warned]:
        """One round of the daemon at a moment: all is read, what is due is said."""
        self.look(now)
        self.sweep(now)
        return self.deliver(now)

    def until(self, first: datetime, last: datetime, minutes: float = 10) -> list[tuple[float, str]]:
        """Run the daemon from one moment to another; return what was said, with the hours since the start."""
        said = []
        moment = first
        while moment <= last:
            said += [((moment - START) / timedelta(hours=1), warned.step) for warned in self.now(moment)]
            moment += timedelta(minutes=minutes)
        return said

    def say(self, verb: Verb, *cases: int, at: datetime, now: datetime | None = None, **more) -> list[int]:
        """The operator says something of cases."""
        request = Request(verb=verb, cases=cases, note="by telephone", at=at, **more)
        numbers, changes = apply(self.store, self.benches, request, now or at)
        self.changes += changes
        self.held = {}
        return numbers

    def judge_again(self, now: datetime) -> None:
        """Judge all again, as after a change of the configuration."""
        after: int | None = 0
        while after is not None:
            after, changes = judge_all_again(self.store, self.bench, after, now)
            self.changes += changes

    def case(self, number: int = 1) -> Case:
        stored = self.store.case(number)
        assert stored is not None
        return stored.case

    def cases(self) -> dict[int, str]:
        """Return the state of every case by its number."""
        return {stored.id: stored.case.state.value for stored in self.store.case_rows()}

    def status(self, number: int = 1, obligation: Obligation = Obligation.REPLY) -> list[str]:
        """Return how the deadlines of one obligation stand, by when they began."""
        deadlines = sorted(self.case(number).deadlines, key=lambda deadline: deadline.started_at)
        return [deadline.status.value for deadline in deadlines if deadline.obligation is obligation]

    def events(self, name: str) -> list[Change]:
        return [change for change in self.changes if change.event == name]


def steps(said: list[Warned]) -> list[str]:
    return [warned.step for warned in said]
