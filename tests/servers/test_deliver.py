"""Delivering against a real SMTP server that refuses: what waits, for how long, and in what order it leaves."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from lab_post import customer
from lab_run import ONCALL, OWNER, Box, Home
from lab_smtp import SmtpLab
from lab_story import Story
from structlog.testing import capture_logs

from relaywatch.config import load
from relaywatch.notify import Sender
from relaywatch.pipeline import deliver as delivering
from relaywatch.pipeline.again import try_again
from relaywatch.pipeline.deliver import Deliver
from relaywatch.pipeline.judging import benches
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.warnings.blindness import Unseen
from relaywatch.pipeline.warnings.selftest import Trial
from relaywatch.store import NewWarning, Store

HOUR = timedelta(hours=1)
QUOTA = "550 5.4.5 Daily user sending limit exceeded"
NOBODY = "550 5.1.1 no such user"
STRANGER = "onclal@shop.example"

pytestmark = pytest.mark.usefixtures("_soon_again")


@pytest.fixture
def pauses(monkeypatch):
    """How long each wait lasts; the real lengths are test_smtp's."""
    lengths = SimpleNamespace(seconds=0.1, asked=[])

    def pause(times, error=None):
        lengths.asked.append((times, error is not None and error.limit))
        return timedelta(seconds=lengths.seconds)

    monkeypatch.setattr(delivering, "next_try", pause)
    return lengths


@dataclass
class Desk:
    """A database with warnings, and who delivers them."""

    path: Path
    lab: SmtpLab
    to: tuple[str, ...] = (ONCALL,)
    logged: list[dict] = field(default_factory=list)

    def home(self, **more):
        return Home(path=self.path, smtp_port=self.lab.port, boxes=[Box(port=1)], to=self.to, **more)

    def store(self) -> Store:
        return Store.open(str(self.path / "relaywatch.db"))

    def warn(self, name: str, *recipients: str, due_in: timedelta = HOUR, step: str = "blind") -> None:
        """Write a warning down that needs no case, to be told apart by its Message-ID."""
        now = datetime.now(UTC)
        warning = NewWarning(
            account="main",
            case_id=None,
            mailbox="care",
            keys=(name,),
            step=step,
            rule="",
            obligation="",
            due_at=now + due_in,
            message_id=f"<{name}@shop.example>",
            created_at=now,
            recipients=recipients or self.to,
            detail=Trial(address="care@shop.example", test="t")
            if step == "self-test"
            else Unseen(since=now - HOUR, reason="gone"),
        )
        with self.store() as store, store.transaction():
            store.add_warning(warning)

    def start(self, *, once: bool = False) -> None:
        """What a start of the program does with what was refused before."""
        with self.store() as store:
            try_again(store, load(self.home().config), datetime.now(UTC), once=once)

    def states(self) -> list[tuple[str, str]]:
        with self.store() as store:
            return [(row["recipient"], row["state"]) for row in store._db.db.query("SELECT * FROM deliveries")]

    @asynccontextmanager
    async def deliver(self):
        settings = load(self.home().config)
        async with StoreThread(settings.service.database) as thread:
            sender = Sender(settings.smtp)
            try:
                with capture_logs() as self.logged:
                    yield Deliver(thread, settings, benches(settings), sender, lambda: None)
            finally:
                await sender.aclose()

    def left(self) -> list[tuple[str, str]]:
        return [
            (mail.message["Message-ID"].strip("<>").partition("@")[0], mail.recipient) for mail in self.lab.accepted
        ]

    def names(self) -> list[str]:
        return [name for name, _ in self.left()]

    def events(self) -> list[str]:
        return [event["event"] for event in self.logged]


@pytest.fixture
def desk(tmp_path, lab):
    desk = Desk(tmp_path, lab)
    desk.home()
    return desk


async def rounds(deliver: Deliver, count: int = 100, until: Callable[[], bool] = lambda: False) -> None:
    """Send until nothing waits or something is so, as the daemon's loop does."""
    async with asyncio.timeout(10):
        for _ in range(count):
            left = await deliver.send_pending()
            if left is None or until():
                return
            await asyncio.sleep(left.total_seconds() + 0.001)


async def test_the_most_urgent_leaves_first_and_the_programs_own_last(desk):
    desk.warn("test", due_in=-2 * HOUR, step="self-test")
    desk.warn("later", due_in=8 * HOUR)
    desk.warn("soon", due_in=HOUR / 6)
    desk.warn("lapsed", due_in=-HOUR)
    async with desk.deliver() as deliver:
        assert await deliver.send_pending() is None
    assert desk.names() == ["lapsed", "soon", "later", "test"]


async def test_a_limit_is_a_pause_and_then_the_most_urgent_leaves_first(desk, pauses):
    """Gmail's daily limit comes as 550: nothing is given up, and what came meanwhile may be more urgent."""
    desk.warn("later", due_in=8 * HOUR)
    desk.warn("soon")
    desk.lab.faults.rcpt = QUOTA
    async with desk.deliver() as deliver:
        assert await deliver.send_pending()
        assert await deliver.send_pending()  # a new warning wakes it, and the server is not asked the oftener
        assert desk.lab.asked == [ONCALL]
        desk.warn("sooner", due_in=HOUR / 6)
        desk.lab.faults.clear()
        await rounds(deliver)
    assert desk.names() == ["sooner", "soon", "later"]
    assert pauses.asked == [(1, True)]
    assert [event for event in desk.events() if event.startswith("smtp.")] == ["smtp.paused", "smtp.back"]
    (paused,) = [event for event in desk.logged if event["event"] == "smtp.paused"]
    assert QUOTA in paused["error"]
    assert "more was sent than it allows" in paused["error"]


@pytest.mark.parametrize(
    ("fault", "event"),
    [
        ({"rcpt": "553 5.7.1 <relaywatch@shop.example>: Sender address rejected: not owned"}, "smtp.lost"),
        ({"rcpt": "504 5.5.2 <kiln>: Helo command rejected"}, "smtp.lost"),
        ({"mail": "550 5.7.1 sender not allowed"}, "smtp.lost"),
        ({"greeting": "554 5.7.1 no"}, "smtp.lost"),
        ({"names": {"": "550 5.7.1 who are you"}}, "smtp.lost"),
        ({"rcpt": "554 5.7.1 Client host rejected"}, "warning.put_off"),
        ({"rcpt": "450 4.7.1 Greylisted"}, "warning.put_off"),
        ({"rcpt": "550 no"}, "warning.put_off"),
        ({"data_command": "554 5.7.1 no"}, "warning.put_off"),
        ({"data": "554 5.7.1 spam"}, "warning.put_off"),
        ({"data": "550 5.4.5 daily limit"}, "smtp.paused"),
        ({"mail": "421 4.7.0 too many messages"}, "smtp.paused"),
    ],
)
@pytest.mark.usefixtures("pauses")
async def test_what_will_be_mended_gives_nothing_up(desk, fault, event):
    desk.warn("w")
    vars(desk.lab.faults).update(fault)
    async with desk.deliver() as deliver:
        await rounds(deliver, 3)
        assert desk.states() == [(ONCALL, "pending")]
        assert desk.events() == [event]
        desk.lab.faults.clear()
        await rounds(deliver)
    assert desk.names() == ["w"]


@pytest.mark.usefixtures("pauses")
async def test_greylisting_while_the_clock_is_put_back(desk, monkeypatch):
    desk.warn("w")
    desk.lab.faults.rcpt, desk.lab.faults.times = "450 4.7.1 Greylisted, try later", 3
    async with desk.deliver() as deliver:
        assert await deliver.send_pending()

        class Back(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) - HOUR / 3

        monkeypatch.setattr(delivering, "datetime", Back)
        await rounds(deliver)
        desk.warn("ahead")  # and one that was written down before it
        await rounds(deliver)
    assert desk.names() == ["w", "ahead"]


@pytest.mark.parametrize(
    "reply",
    [
        "450 4.2.2 mailbox full",
        "554 5.7.1 not for this address",
        "553 5.7.1 <relaywatch@shop.example> may not write here",
    ],
)
@pytest.mark.usefixtures("pauses")
async def test_a_recipient_who_is_refused_keeps_nothing_from_the_others(desk, reply):
    """Whether the server calls it the recipient's fault or ours, and however urgent theirs are."""
    for number in range(9):
        desk.warn(f"theirs{number}", OWNER, due_in=HOUR / 9)
    for number in range(9):
        desk.warn(f"ours{number}", ONCALL, due_in=8 * HOUR)
    desk.lab.faults.recipients = {OWNER: reply}
    async with desk.deliver() as deliver:
        await rounds(deliver, until=lambda: len(desk.left()) == 9)
        assert {recipient for _, recipient in desk.left()} == {ONCALL}
        desk.lab.faults.clear()
        await rounds(deliver)
    assert len(desk.left()) == 18


@pytest.mark.usefixtures("pauses")
async def test_a_message_that_ends_the_connection_each_time_keeps_nothing_from_the_others(desk, monkeypatch):
    desk.warn("poison", due_in=HOUR / 9)
    desk.warn("sound")
    right = SmtpLab.handle_DATA

    async def dies(lab, server, session, envelope):
        if b"<poison@" in envelope.content:
            server.transport.abort()
            return "451 gone"
        return await right(lab, server, session, envelope)

    monkeypatch.setattr(SmtpLab, "handle_DATA", dies)
    async with desk.deliver() as deliver:
        await rounds(deliver, until=lambda: bool(desk.left()))
    assert desk.names() == ["sound"]


@pytest.mark.parametrize(
    ("reply", "refusals"),
    [
        ("554 5.7.1 Spam message rejected", 1),
        ("451 4.7.1 Message looks suspicious", 2),
        ("554 5.7.1 Rejected: spam score 12.1 exceeds the limit", 1),
        ("554 5.7.1 Rejected: it exceeds the limit", 2),
    ],
)
@pytest.mark.usefixtures("pauses")
async def test_what_a_filter_refuses_for_a_strangers_words_comes_without_them(desk, monkeypatch, reply, refusals):
    now = datetime.now(UTC)
    story = Story(desk.path)
    story.mail(customer(subject="cheap pills at pills.example"), at=now - 23.5 * HOUR)
    story.look(now)
    story.sweep(now)
    story.store.close()
    right, refused = SmtpLab.handle_DATA, []

    async def filtered(lab, server, session, envelope):
        if b"pills" in envelope.content:
            refused.append(envelope.content)
            return reply
        return await right(lab, server, session, envelope)

    monkeypatch.setattr(SmtpLab, "handle_DATA", filtered)
    async with desk.deliver() as deliver:
        await rounds(deliver, 6, until=lambda: bool(desk.left()))
    (warned,) = [one.message for one in desk.lab.accepted]
    assert len(refused) == refusals
    assert warned["Message-ID"] in refused[0].decode()
    assert (warned["X-Relaywatch-Case"], warned["X-Relaywatch-Step"]) == ("1", "1h")
    assert warned["Subject"] == "[relaywatch] 30 min left: reply to customer (case 1)"
    assert "relaywatch show" in warned.get_body(("plain",)).get_content()
    assert desk.states() == [(ONCALL, "sent")]


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.7.1 message content rejected",
        "451 4.7.1 Message looks suspicious",
        "421 4.7.0 Too much like spam",
        "554 5.7.1 blocked: rate-limit.example is listed",
        "550 5.7.1 rejected: 'dear sender'",
        "",  # it hangs up
    ],
)
async def test_what_a_filter_refuses_holds_up_no_other_warning(desk, monkeypatch, pauses, reply):
    """Strangers choose the words of their own mail, and with them what the server answers."""
    pauses.seconds = 60
    now = datetime.now(UTC)
    story = Story(desk.path)
    for number in range(1, 7):
        story.mail(customer(number, subject="cheap pills at pills.example"), at=now - 23.6 * HOUR)
    story.mail(customer(7), at=now - 23.5 * HOUR)
    story.look(now)
    story.sweep(now)
    story.store.close()
    right = SmtpLab.handle_DATA

    async def filtered(lab, server, session, envelope):
        if b"pills" in envelope.content and not reply:
            server.transport.abort()
        return reply if b"pills" in envelope.content else await right(lab, server, session, envelope)

    monkeypatch.setattr(SmtpLab, "handle_DATA", filtered)
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    told = {one.message["X-Relaywatch-Case"] for one in desk.lab.accepted}
    assert "7" in told
    assert len(told) > 1  # of every third of them, without the words


async def test_who_is_not_there_is_asked_for_again_at_the_next_start(desk):
    desk.warn("w")
    desk.lab.faults.rcpt = NOBODY
    async with desk.deliver() as deliver:
        await deliver.send_pending()
        await deliver.send_pending()
    assert (desk.states(), desk.lab.asked) == ([(ONCALL, "failed")], [ONCALL])
    desk.start()
    desk.lab.faults.clear()
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    assert desk.names() == ["w"]


async def test_a_run_by_the_minute_asks_for_nobody_by_the_minute(desk):
    desk.start(once=True)
    desk.warn("w")
    desk.lab.faults.rcpt = NOBODY
    for _ in range(3):
        desk.start(once=True)
        async with desk.deliver() as deliver:
            await deliver.send_pending()
    assert desk.lab.asked == [ONCALL]
    desk.to = (OWNER,)
    desk.lab.faults.clear()
    desk.start(once=True)
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    assert desk.left() == [("w", OWNER)]


async def test_a_corrected_address_gets_what_the_wrong_one_did_not(desk):
    desk.to = (STRANGER, OWNER)
    desk.start()
    desk.warn("w")
    desk.lab.faults.recipients = {STRANGER: NOBODY}
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    assert desk.states() == [(STRANGER, "failed"), (OWNER, "sent")]
    desk.to = (ONCALL, OWNER)
    desk.start()
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    assert desk.states() == [(STRANGER, "dropped"), (OWNER, "sent"), (ONCALL, "sent")]
    assert desk.left() == [("w", OWNER), ("w", ONCALL)]


async def test_a_test_of_an_address_is_no_warning_and_is_not_told_to_others(desk):
    desk.start()
    desk.warn("t", "care@shop.example", step="self-test")
    desk.lab.faults.rcpt = NOBODY
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    desk.to = (OWNER,)
    desk.start()
    assert desk.states() == [("care@shop.example", "failed")]


@pytest.mark.parametrize(
    ("reply", "state"), [("554 5.7.1 not here", "failed"), ("450 4.2.2 full", "pending"), (QUOTA, "pending")]
)
async def test_a_refusal_is_the_answer_to_a_test_of_an_address(desk, reply, state):
    """policy M2: what is asked is whether mail arrives there."""
    desk.warn("t", "care@shop.example", step="self-test")
    desk.lab.faults.rcpt = reply
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    assert desk.states() == [("care@shop.example", state)]


@pytest.mark.usefixtures("pauses")
async def test_what_is_said_with_another_id_each_time_is_logged_once(desk):
    desk.warn("w")
    ids = count(1)
    desk.lab.faults.strikes = lambda name, _="": (
        f"550 5.4.5 Daily user sending limit exceeded. d2e1a72fcca58-{next(ids)} - gsmtp" if name == "rcpt" else ""
    )
    async with desk.deliver() as deliver:
        await rounds(deliver, 3)
        desk.lab.faults.strikes = lambda name, _="": "550 5.7.1 your address 192.0.2.7 is listed" * (name == "mail")
        await rounds(deliver, 2)
    assert next(ids) > 3
    assert desk.events() == ["smtp.paused", "smtp.lost"]


async def test_status_tells_what_has_not_left_and_why(desk):
    desk.warn("w", ONCALL, OWNER)
    desk.lab.faults.recipients = {OWNER: NOBODY, ONCALL: "450 4.2.2 mailbox full"}
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    said = {row["recipient"]: row for row in desk.home().status().said["not_sent"]}
    assert {name: row["state"] for name, row in said.items()} == {OWNER: "failed", ONCALL: "pending"}
    assert NOBODY in said[OWNER]["error"]
    text = desk.home().command("status").stdout
    assert "REFUSED: 1 to owner@shop.example" in text
    assert "NOT SENT: 1 to oncall@shop.example" in text


@pytest.mark.parametrize(("sent_to_one", "untold"), [(False, 1), (True, 0)])
async def test_a_warning_that_reached_nobody_for_long_is_an_alarm(desk, sent_to_one, untold):
    desk.warn("w", ONCALL, OWNER)
    desk.lab.faults.recipients = {OWNER: NOBODY} if sent_to_one else {OWNER: NOBODY, ONCALL: "450 4.2.2 full"}
    async with desk.deliver() as deliver:
        await deliver.send_pending()
    now = datetime.now(UTC)
    with desk.store() as store:
        assert store.unsent(now, HOUR).untold == 0
        assert store.unsent(now + 2 * HOUR, HOUR).untold == untold


async def test_what_cannot_be_written_leaves_without_the_words_of_others(desk, monkeypatch):
    written = delivering.compose

    monkeypatch.setattr(delivering, "compose", lambda *of, bare, **to: written(*of, bare=bare, **to) if bare else 1 / 0)
    desk.warn("one")
    async with desk.deliver() as deliver:
        await rounds(deliver, until=lambda: bool(desk.left()))
    assert desk.names() == ["one"]
    assert "warning.put_off" not in desk.events()
