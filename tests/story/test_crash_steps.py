"""A crash between any two steps of the pipeline, and what the next life of the daemon makes of it.

The database is a file and the mail server a real one. A life ends where the test raises Killed, which nothing
catches; all that the next life has is what is on disk.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lab_run import CARE, ONCALL, OWNER, Box, Home, customer_mail, reply_mail
from lab_smtp import SmtpLab

from relaywatch.config import Mailbox, load
from relaywatch.core.cases.case import Verb
from relaywatch.core.mail.message import Folder, Place
from relaywatch.mailbox.batch import Batch
from relaywatch.mailbox.imap_fetch import Fetched
from relaywatch.mailbox.position import Position
from relaywatch.notify import Sender
from relaywatch.pipeline.deliver import Deliver
from relaywatch.pipeline.ingest import _raw, judge_kept, keep, position_of
from relaywatch.pipeline.judging import benches, judge_all_again
from relaywatch.pipeline.reading import read
from relaywatch.pipeline.request import Request
from relaywatch.pipeline.sight import note_lost
from relaywatch.pipeline.statements import apply
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.sweep import sweep
from relaywatch.pipeline.warnings.blindness import BLIND, note_seeing
from relaywatch.pipeline.warnings.kind import SweepContext
from relaywatch.store import Store, StoreError

SOON = timedelta(hours=23, minutes=10)
LATE = timedelta(hours=25)
INBOX = Place(Folder.INBOX, "INBOX")


class Killed(BaseException):
    """kill -9, as far as one process can be its own witness."""


class Shop:
    """Blue Kiln's database and mail server; `life` is the daemon from a start to its end."""

    def __init__(self, path: Path, smtp: SmtpLab, to: tuple[str, ...] = (ONCALL,)) -> None:
        home = Home(path=path, smtp_port=smtp.port, boxes=[Box(port=143, username=CARE)], to=to)
        self.settings = load(home.config)
        self.benches = benches(self.settings)
        self.bench = self.benches["main"]
        self.mailbox: Mailbox = self.settings.accounts[0].mailboxes[0]
        self.smtp = smtp

    @contextmanager
    def life(self) -> Iterator[Store]:
        with Store.open(self.settings.service.database) as store:
            yield store

    def batch(self, *mails: tuple[bytes, timedelta], first: int = 1, folder: Folder = Folder.INBOX) -> Batch:
        """Return mails as the server gave them, with UIDs from `first`."""
        now = datetime.now(UTC)
        fetched = tuple(
            Fetched(uid=uid, internaldate=now - ago, size=len(raw), raw=raw, whole=True)
            for uid, (raw, ago) in enumerate(mails, first)
        )
        return Batch(
            mailbox=self.mailbox,
            place=Place(folder, folder.value.upper()),
            uidvalidity=7,
            fetched=fetched,
            position=Position(7, first + len(mails) - 1, None),
            fetch_whole=_nothing_more,
        )

    def take(self, store: Store, batch: Batch) -> None:
        """What ingest does with a batch."""
        parties, rules = self.bench.account.parties, self.settings.rules
        found = [(fetched, read(_raw(batch, fetched), parties, rules)) for fetched in batch.fetched]
        keep(store, self.bench, batch, found, datetime.now(UTC))
        while judge_kept(store, self.bench, datetime.now(UTC))[0]:
            pass

    def look(self, store: Store) -> None:
        """Note that the mailbox was read to its end."""
        now = datetime.now(UTC)
        note_seeing(store, self.bench.account, self.mailbox, now, self.settings.smtp.sender, now)

    def sweep(self, store: Store) -> int:
        return sweep(store, self.benches, self.settings.smtp.sender, datetime.now(UTC)).written

    def ask(self, store: Store, *orders: int, ago: timedelta = SOON) -> None:
        """Take in questions, look, and sweep: their warnings are written down."""
        self.take(store, self.batch(*((customer_mail(order, ago), ago) for order in orders)))
        self.look(store)
        self.sweep(store)

    @asynccontextmanager
    async def delivering(self) -> "AsyncIterator[tuple[Deliver, Sender]]":
        async with StoreThread(self.settings.service.database) as thread:
            sender = Sender(self.settings.smtp)
            try:
                yield Deliver(thread, self.settings, self.benches, sender, lambda: None), sender
            finally:
                await sender.aclose()

    async def deliver(self) -> None:
        """One life in which all is sent that can be."""
        async with self.delivering() as (deliver, _):
            await deliver.send_pending()

    def states(self) -> list[str]:
        """Return how each delivery stands."""
        with self.life() as store:
            return [row["state"] for row in store._db.db.query("SELECT state FROM deliveries ORDER BY id")]

    def ids(self) -> list[str]:
        return [mail.message["Message-ID"] for mail in self.smtp.accepted]

    def steps(self) -> list[tuple[str, str]]:
        return [(mail.recipient, mail.message["X-Relaywatch-Step"]) for mail in self.smtp.accepted]


async def _nothing_more(_: int) -> bytes:
    return b""


def killed(*_: Any, **__: Any) -> None:
    raise Killed


@pytest.fixture
def smtp() -> Iterator[SmtpLab]:
    with SmtpLab() as lab:
        yield lab


@pytest.fixture
def shop(tmp_path: Path, smtp: SmtpLab) -> Shop:
    return Shop(tmp_path, smtp)


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Let the next life end where it calls this for the nth time: before it, or after."""

    @contextmanager
    def at(owner: type, name: str, *, call: int = 1, after: bool = False) -> Iterator[None]:
        real, calls = getattr(owner, name), [0]

        def deadly(*args: Any, **more: Any) -> Any:
            calls[0] += 1
            if calls[0] == call and not after:
                raise Killed
            answer = real(*args, **more)
            if calls[0] == call:
                raise Killed
            return answer

        with monkeypatch.context() as patch:
            patch.setattr(owner, name, deadly)
            with pytest.raises(Killed):
                yield

    return at


# -- ingest ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["add_mails", "mark_unjudged", "save_position"])
@pytest.mark.parametrize("after", [False, True])
def test_a_batch_is_kept_whole_with_its_position_or_not_at_all(shop, dies, name, after):
    batch = shop.batch((customer_mail(1, SOON), SOON), (customer_mail(2, LATE), LATE))
    with shop.life() as store, dies(Store, name, after=after):
        shop.take(store, batch)
    with shop.life() as store:
        assert (store.message_rows("main"), store.case_rows()) == ([], [])
        assert position_of(store, shop.mailbox, INBOX) is None
        shop.take(store, batch)  # which is what the folder's position asks for
    with shop.life() as store:
        assert len(store.case_rows()) == 2
        assert position_of(store, shop.mailbox, INBOX) == Position(7, 2, None)


@pytest.mark.parametrize("name", ["save_cases", "mark_judged"])
@pytest.mark.parametrize("after", [False, True])
def test_what_was_kept_and_not_judged_is_judged_the_next_time(shop, dies, name, after):
    batch = shop.batch((customer_mail(1, SOON), SOON), (customer_mail(2, LATE), LATE))
    with shop.life() as store, dies(Store, name, after=after):
        shop.take(store, batch)
    with shop.life() as store:
        assert (len(store.message_rows("main")), store.case_rows()) == (2, [])
        assert position_of(store, shop.mailbox, INBOX) == Position(7, 2, None)
        assert judge_kept(store, shop.bench, datetime.now(UTC))[0]
    with shop.life() as store:
        assert len(store.case_rows()) == 2
        assert store.unjudged("main") == []


def test_between_two_batches_the_second_is_still_to_be_read(shop):
    with shop.life() as store:
        shop.take(store, shop.batch((customer_mail(1, SOON), SOON)))
    with shop.life() as store:
        position = position_of(store, shop.mailbox, INBOX)
        assert position == Position(7, 1, None)
        shop.take(store, shop.batch((customer_mail(2, SOON), SOON), first=position.last_uid + 1))
        assert len(store.case_rows()) == 2


def test_a_batch_that_comes_again_changes_nothing(shop):
    """Killed after the commit, before anybody learnt of it."""
    batch = shop.batch((customer_mail(1, SOON), SOON))
    with shop.life() as store:
        shop.take(store, batch)
        before = store.case_rows()
    with shop.life() as store:
        shop.take(store, batch)
        assert [(row.id, row.case) for row in store.case_rows()] == [(row.id, row.case) for row in before]
        assert len(store.message_rows("main")) == 1


def test_what_was_taken_but_not_swept_is_swept_in_the_next_life(shop):
    with shop.life() as store:
        shop.take(store, shop.batch((customer_mail(1, SOON), SOON)))
    with shop.life() as store:
        assert shop.sweep(store) == 0  # nothing is said before the mailbox was read to its end
        shop.look(store)
        assert shop.sweep(store) == 1
        assert shop.sweep(store) == 0


def test_a_judging_that_was_cut_off_begins_anew(shop, dies):
    with shop.life() as store:
        shop.take(store, shop.batch((customer_mail(1, SOON), SOON), (customer_mail(2, SOON), SOON)))
        before = store.case_rows()
        with dies(Store, "set_meta"):
            _judge_again(shop, store)
    with shop.life() as store:
        _judge_again(shop, store)
        assert [(row.id, row.case) for row in store.case_rows()] == [(row.id, row.case) for row in before]
        assert store.get_meta("judged_with:main") == shop.bench.judged_with


def _judge_again(shop: Shop, store: Store) -> None:
    after: int | None = 0
    while after is not None:
        after, _ = judge_all_again(store, shop.bench, after, datetime.now(UTC))


def test_what_the_operator_says_of_several_cases_is_kept_whole_or_not_at_all(shop, dies):
    waive = Request(verb=Verb.WAIVE, cases=(1, 2), note="spam")
    with shop.life() as store:
        shop.take(store, shop.batch((customer_mail(1, SOON), SOON), (customer_mail(2, SOON), SOON)))
        with dies(Store, "add_statement", call=2):
            apply(store, shop.benches, waive, datetime.now(UTC))
    with shop.life() as store:
        assert [row.case.state.value for row in store.case_rows()] == ["open", "open"]
        apply(store, shop.benches, waive, datetime.now(UTC))
        assert [row.case.state.value for row in store.case_rows()] == ["waived", "waived"]


# -- sweep -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "call"), [("add_warning", 1), ("add_warning", 2), ("claim", 2)])
@pytest.mark.parametrize("after", [False, True])
async def test_a_sweep_writes_all_its_warnings_or_none(shop, dies, name, call, after):
    with shop.life() as store:
        shop.take(store, shop.batch((customer_mail(1, SOON), SOON), (customer_mail(2, LATE), LATE)))
        shop.look(store)
        with dies(Store, name, call=call, after=after):
            shop.sweep(store)
    with shop.life() as store:
        assert store.counts(datetime.now(UTC)).unsent == 0
        assert shop.sweep(store) == 2
        assert shop.sweep(store) == 0
    await shop.deliver()
    assert sorted(shop.steps()) == [(ONCALL, "1h"), (ONCALL, "due")]


async def test_what_was_written_down_is_sent_once_in_the_next_life(shop):
    with shop.life() as store:
        shop.ask(store, 1, 2)
    await shop.deliver()
    await shop.deliver()
    assert shop.steps() == [(ONCALL, "1h")] * 2
    assert len(set(shop.ids())) == 2


async def test_blindness_is_said_once_although_the_daemon_died_over_it(shop, dies):
    lost = datetime.now(UTC) - timedelta(minutes=10)
    with shop.life() as store:
        note_lost(store, shop.mailbox, lost, "care: it does not answer")
        with dies(Store, "add_warning", after=True):
            BLIND.write(store, SweepContext(shop.settings, shop.benches, datetime.now(UTC), store.sights()))
    for written in (1, 0):
        with shop.life() as store:
            note_lost(store, shop.mailbox, datetime.now(UTC), "care: it does not answer")  # since when stays
            assert (
                BLIND.write(
                    store, SweepContext(shop.settings, shop.benches, datetime.now(UTC), store.sights())
                ).warnings
                == written
            )
    with shop.life() as store:
        shop.look(store)
        shop.look(store)
    await shop.deliver()
    assert shop.steps() == [(ONCALL, "blind"), (ONCALL, "seeing")]


# -- deliver ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "name", "after", "copies"),
    [
        (Store, "delivery_began", False, 1),  # the server waits for the message; nothing is noted
        (Store, "delivery_began", True, 1),  # nor after it, for the transaction is not over
        (Sender, "_data", False, 1),  # DATA began, and no byte of it left
        (Store, "delivery_sent", False, 2),  # accepted, not noted: RFC 1047
        (Store, "delivery_sent", True, 2),
    ],
)
async def test_a_warning_leaves_whenever_the_daemon_dies(shop, dies, owner, name, after, copies):
    with shop.life() as store:
        shop.ask(store, 1)
    with dies(owner, name, after=after):
        await shop.deliver()
    await shop.deliver()
    await shop.deliver()
    assert shop.steps() == [(ONCALL, "1h")] * copies
    assert len(set(shop.ids())) == 1  # the same Message-ID
    assert shop.states() == ["sent"]


@pytest.mark.parametrize("lives", [1, 3])
async def test_dying_over_one_warning_holds_no_other_back(shop, dies, lives):
    with shop.life() as store:
        shop.ask(store, 1, 2, 3)
    for _ in range(lives):
        with dies(Store, "delivery_sent"):
            await shop.deliver()
    await shop.deliver()
    assert len(set(shop.ids())) == 3
    assert len(shop.ids()) == 3 + lives  # one more for each kill
    assert shop.states() == ["sent"] * 3


async def test_whoever_was_told_before_the_crash_is_not_told_again(tmp_path, smtp, dies):
    shop = Shop(tmp_path, smtp, to=(ONCALL, OWNER))
    with shop.life() as store:
        shop.ask(store, 1)
    with dies(Store, "delivery_began", call=2):
        await shop.deliver()
    assert shop.states() == ["sent", "pending"]
    await shop.deliver()
    assert shop.steps() == [(ONCALL, "1h"), (OWNER, "1h")]


async def test_a_refusal_that_was_not_noted_is_heard_again(shop, dies):
    with shop.life() as store:
        shop.ask(store, 1)
    shop.smtp.faults.rcpt = "550 5.1.1 no such user"
    with dies(Store, "delivery_failed"):
        await shop.deliver()
    assert shop.states() == ["pending"]
    await shop.deliver()
    assert shop.states() == ["failed"]
    assert shop.smtp.accepted == []


async def test_what_was_answered_before_it_could_leave_is_dropped(shop):
    with shop.life() as store:
        shop.ask(store, 1)
    with shop.life() as store:
        answer = shop.batch((reply_mail(1, timedelta()), timedelta()), folder=Folder.SENT)
        shop.take(store, answer)
    await shop.deliver()
    assert shop.steps() == []
    assert shop.states() == ["dropped"]


async def test_what_was_answered_while_it_may_have_left_comes_again(shop, dies):
    """Twice beats never, and the second copy has the first one's Message-ID."""
    with shop.life() as store:
        shop.ask(store, 1)
    with dies(Store, "delivery_sent"):
        await shop.deliver()
    with shop.life() as store:
        shop.take(store, shop.batch((reply_mail(1, timedelta()), timedelta()), folder=Folder.SENT))
    await shop.deliver()
    assert len(shop.ids()) == 2
    assert len(set(shop.ids())) == 1
    assert shop.states() == ["sent"]


# -- no crash, and yet no word of what became of it ------------------------------------------------------------


async def test_an_acceptance_that_the_database_could_not_take_is_noted_later_and_not_sent_again(shop, monkeypatch):
    with shop.life() as store:
        shop.ask(store, 1, 2)
    real, faults = Store.delivery_sent, [StoreError("the disk is full")]

    def full_once(*args: Any, **more: Any) -> None:
        if faults:
            raise faults.pop()
        real(*args, **more)

    monkeypatch.setattr(Store, "delivery_sent", full_once)
    async with shop.delivering() as (deliver, _):
        with pytest.raises(StoreError):
            await deliver.send_pending()
        await deliver.send_pending()
    assert len(shop.ids()) == len(set(shop.ids())) == 2
    assert shop.states() == ["sent", "sent"]


async def test_stopped_in_good_order_it_hears_the_answer_first(shop, smtp):
    with shop.life() as store:
        shop.ask(store, 1, 2)
    smtp.faults.delay = 0.5
    async with shop.delivering() as (deliver, _):
        sending = asyncio.create_task(deliver.send_pending())
        while not deliver._on_its_way:  # noqa: ASYNC110 - what is waited for is a moment, and no event of the program's
            await asyncio.sleep(0.01)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    assert shop.states() == ["sent", "pending"]
    await shop.deliver()
    assert len(shop.ids()) == len(set(shop.ids())) == 2


async def test_a_warning_that_cannot_be_written_silences_no_other(shop):
    with shop.life() as store:
        shop.ask(store, 1, 2)
        store._db.db.execute("UPDATE warnings SET detail = '{\"about\": [{}]}' WHERE id = 1")
    await shop.deliver()
    assert shop.states() == ["pending", "sent"]
