"""In which order much mail is read, of real servers and scripted ones: what has an hour's time is known first."""

import asyncio
import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from lab_dovecot import Dovecot
from lab_run import Box, Daemon, Home, bbb_mail, customer_mail
from lab_smtp import SmtpLab
from lab_watch import Recorder, mail, mailbox, read_once, until, watching

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder, Role
from relaywatch.mailbox import reading
from relaywatch.mailbox.watch import RepliesRead, Seeing

pytestmark = pytest.mark.usefixtures("impatient")
DAY = timedelta(days=1)
COUNT = 3_000
OLDEST, NEWEST = 600_000_000_900_001, 600_000_000_900_002
_FIRST = 600_000_000_000_000


def spam(number: int) -> bytes:
    return f"From: Offers <o{number}@mail.example>\r\nTo: care@shop.example\r\nSubject: {number}\r\n\r\nhi\r\n".encode()


def much_mail():
    """Yield questions of customers, a third of it a stranger's, between two complaints with an hour's time."""
    yield bbb_mail(OLDEST, timedelta(minutes=20))
    for number in range(COUNT - 2):
        yield spam(number) if number % 3 == 0 else customer_mail(_FIRST + number, timedelta(minutes=10))
    yield bbb_mail(NEWEST, timedelta(minutes=1))


# -- a real server -----------------------------------------------------------------------------------------------


async def test_complaints_are_known_with_the_first_batch_and_each_mail_is_read_once(dovecot, user):
    dovecot.fill(user, much_mail(), at=datetime.now(UTC) - DAY)
    recorder = Recorder(take_seconds=0.02)
    async with watching(mailbox(dovecot.port, user), recorder):
        await until(lambda: len(recorder.uids()) > 500)
    assert {1, COUNT} <= {*recorder.uids()[:50]}
    read_before = len(recorder.uids())
    assert read_before < COUNT
    async with watching(mailbox(dovecot.port, user), recorder):  # another process would know no more
        await until(lambda: recorder.of(Seeing), 30)
    assert sorted(recorder.uids()) == list(range(1, COUNT + 1))
    assert recorder.positions[Folder.INBOX].unread == ()


@pytest.mark.timeout(180)
def test_a_daemon_that_is_killed_in_the_middle_keeps_each_mail_once(dovecot: Dovecot, user: str, tmp_path) -> None:
    dovecot.fill(user, much_mail(), at=datetime.now(UTC) - timedelta(minutes=10))
    with SmtpLab() as smtp:
        home = Home(path=tmp_path, smtp_port=smtp.port, boxes=[Box(port=dovecot.port, username=user)])
        received: Counter[str] = Counter()
        for kept in (300, 1200):
            with Daemon(home) as daemon:
                daemon.wait_for("message.received", kept, seconds=60)
                daemon.kill()
            _count(received, daemon)
            assert _kept(home) < COUNT
            assert _position(home)[1] != "[]"
        complaints = {f"<b{order}@walmart.com>" for order in (OLDEST, NEWEST)}
        assert complaints <= {*list(received)[:100]}
        with Daemon(home) as daemon:
            daemon.wait_for("mailbox.seeing", seconds=90)
            _count(received, daemon)
    assert _kept(home) == COUNT
    assert _position(home) == (COUNT, "[]")
    assert sum(received.values()) <= COUNT + 2 * 400  # at a kill, two batches are under way


def _count(received: Counter[str], daemon: Daemon) -> None:
    received.update(event["message_id"] for event in daemon.events("message.received"))


def _kept(home: Home) -> int:
    with sqlite3.connect(home.database) as db:
        uids = [uid for (uid,) in db.execute("SELECT uid FROM copies WHERE folder = 'inbox'")]
    assert len(uids) == len({*uids})
    return len(uids)


def _position(home: Home) -> tuple[int, str]:
    with sqlite3.connect(home.database) as db:
        ((last_uid, unread),) = db.execute("SELECT last_uid, unread FROM positions WHERE folder = 'inbox'").fetchall()
    return last_uid, unread


async def test_what_comes_meanwhile_is_read_before_what_is_old(dovecot, user, monkeypatch):
    monkeypatch.setattr(reading, "_SLICE_SECONDS", 0.1)
    dovecot.fill(user, (spam(number) for number in range(COUNT)), at=datetime.now(UTC) - DAY)
    await asyncio.to_thread(dovecot.put, user, mail("before"), folder="Sent")
    recorder = Recorder(take_seconds=0.1)
    async with watching(mailbox(dovecot.port, user), recorder):
        await until(recorder.uids)
        await asyncio.to_thread(dovecot.put, user, mail("new"))
        await asyncio.to_thread(dovecot.put, user, mail("answer"), folder="Sent")
        put = time.monotonic()
        await until(lambda: recorder.of(Seeing), 60)
    last = recorder.taken_at[Folder.INBOX, 1]
    for taken in (recorder.taken_at[Folder.INBOX, COUNT + 1], recorder.taken_at[Folder.SENT, 2]):
        assert taken < put + (last - put) / 2
    assert sorted(recorder.uids()) == list(range(1, COUNT + 2))
    assert recorder.uids(Folder.SENT) == [1, 2]


REPLY = b"From: care@shop.example\r\nTo: jsmith@walmart.com\r\nSubject: Re: Case\r\n\r\nIt left today.\r\n"


@pytest.mark.parametrize("role", [Role.CARE, Role.SENT])
async def test_what_may_be_an_answer_is_known_long_before_a_flood_is_read(dovecot, user, role):
    """A warning need not wait for strangers' mail; in a mailbox of copies of what was sent all may be an answer."""
    dovecot.fill(user, [REPLY, *(spam(number) for number in range(COUNT))], at=datetime.now(UTC) - DAY)
    recorder = Recorder(take_seconds=0.1)
    parties = Parties(registered=frozenset({"care@shop.example"}))
    box = mailbox(dovecot.port, user, role=role)
    async with watching(box, recorder, parties=parties) as watcher:
        await until(recorder.uids)
        asked_at = datetime.now(UTC)
        watcher.look()
        if role is Role.SENT:
            await until(lambda: recorder.of(Seeing), 30)
            assert not recorder.of(RepliesRead)
            return
        await until(lambda: any(one.started_at >= asked_at for one in recorder.of(RepliesRead)))
        assert datetime.now(UTC) - asked_at < timedelta(seconds=3)
        assert 1 in recorder.uids()[:200]
        assert not recorder.of(Seeing)
        await until(lambda: recorder.of(Seeing), 30)
    assert sorted(recorder.uids()) == list(range(1, COUNT + 2))


# -- scripted ones -----------------------------------------------------------------------------------------------


async def test_a_server_that_refuses_to_search_for_senders_is_read_all_the_same(fake):
    for number in range(1, 201):
        fake.put(mail(f"question {number}"))
    ordinary = fake._uid_search
    fake.on["UID SEARCH"] = lambda link: link.bad("FROM?") if "FROM" in link.arguments else ordinary(link)
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids()[:50] == list(range(151, 201))
    assert sorted(recorder.uids()) == list(range(1, 201))
    assert sum("FROM" in command for command in fake.commands) == 1


async def test_a_server_that_breaks_at_that_search_is_read_all_the_same(fake):
    for number in range(1, 201):
        fake.put(mail(f"question {number}"))
    ordinary = fake._uid_search
    fake.on["UID SEARCH"] = lambda link: link.hang_up() if "FROM" in link.arguments else ordinary(link)
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Seeing))
    assert sorted(recorder.uids()) == list(range(1, 201))
    assert sum("FROM" in command for command in fake.commands) == 2


async def test_little_mail_is_not_searched_for_senders(fake):
    for number in range(1, 51):
        fake.put(mail(f"question {number}"))
    await read_once(mailbox(fake.port), Recorder())
    assert not any("FROM" in command for command in fake.commands)


@pytest.mark.parametrize("answer", ["refuse", "hang_up"])
async def test_a_server_that_does_not_say_sizes_is_read_all_the_same(fake, answer):
    for number in range(1, 301):
        fake.put(mail(f"question {number}"))
    ordinary = fake._uid_search

    def search(link):
        if "LARGER" not in link.arguments:
            ordinary(link)
        elif answer == "refuse":
            link.no("I will not say")
        else:
            link.hang_up()

    fake.on["UID SEARCH"] = search
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Seeing), 30)
    assert sorted(recorder.uids()) == list(range(1, 301))
    assert max(len(batch.fetched) for batch in recorder.batches) <= 50


async def test_a_folder_that_is_numbered_anew_at_every_examine_is_read_to_its_end(fake, monkeypatch):
    monkeypatch.setattr(reading, "_SLICE_SECONDS", 0.0)
    numbers, ordinary = iter(range(1, 10_000)), fake._examine

    def examine(link):
        fake.uidvalidity = next(numbers)
        ordinary(link)

    fake.on["EXAMINE"] = examine
    for number in range(1, 451):
        fake.put(mail(f"question {number}"))
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Seeing))
    assert {*recorder.uids()} == {*range(1, 451)}
