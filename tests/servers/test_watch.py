"""Watching for ever: what is noticed, how soon, and what happens when it breaks."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from lab_imap import Message
from lab_watch import LOOKBACK, Recorder, mail, mailbox, until, watching

from relaywatch.core.mail.message import Folder
from relaywatch.mailbox import watch
from relaywatch.mailbox.watch import FolderMissing, Lost, Seeing

SOON = timedelta(milliseconds=150)


# -- a real server -----------------------------------------------------------------------------------------------


async def test_mail_that_comes_while_idling_is_taken_within_a_second(dovecot, user):
    recorder = Recorder()
    async with watching(mailbox(dovecot.port, user), recorder):
        await until(lambda: recorder.of(Seeing))
        for number in range(1, 4):
            await asyncio.sleep(0.1)
            await asyncio.to_thread(dovecot.put, user, mail(f"question {number}"))
            arrived = time.monotonic()
            await until(lambda number=number: recorder.uids() == list(range(1, number + 1)))
            assert recorder.taken_at[Folder.INBOX, number] - arrived < 0.9
    assert dovecot.flags(user) == {uid: {b"\\Recent"} for uid in (1, 2, 3)}


async def test_a_reply_in_sent_is_taken_within_poll_interval(dovecot, user):
    recorder = Recorder()
    async with watching(mailbox(dovecot.port, user, poll_interval=timedelta(seconds=0.5)), recorder):
        await until(lambda: recorder.of(Seeing))
        await asyncio.to_thread(dovecot.put, user, mail("answer"), folder="Sent")  # the folder is new, too
        await until(lambda: recorder.uids(Folder.SENT) == [1], 3)
        await asyncio.to_thread(dovecot.put, user, mail("answer"), folder="Sent")
        await until(lambda: recorder.uids(Folder.SENT) == [1, 2], 3)
    assert [state.folder for state in recorder.of(FolderMissing)] == [Folder.JUNK, Folder.SENT]


async def test_an_outage_is_told_once_and_mended(dovecot, user):
    recorder = Recorder()
    async with watching(mailbox(dovecot.port, user), recorder):
        await until(lambda: recorder.of(Seeing))
        stopped = datetime.now(UTC)
        dovecot.stop()
        await until(lambda: recorder.of(Lost))
        await asyncio.sleep(1)
        dovecot.start()
        await asyncio.to_thread(dovecot.put, user, mail("sent during the outage"))
        await until(lambda: recorder.changes()[-2:] == ["Lost", "Seeing"], 20)
        await until(lambda: recorder.uids() == [1])
    assert recorder.changes() == ["FolderMissing", "Seeing", "Lost", "Seeing"]
    lost = recorder.of(Lost)
    assert "closed the connection" in lost[0].reason
    assert len({state.reason for state in lost}) == len(lost)
    assert all(abs(state.since - stopped) < timedelta(seconds=1) for state in lost)


@pytest.mark.usefixtures("impatient")
async def test_a_restart_in_the_middle_of_a_first_reading_loses_and_doubles_nothing(dovecot, user):
    count = 3000
    dovecot.fill(
        user, (mail(f"question {number}") for number in range(count)), at=datetime.now(UTC) - timedelta(days=1)
    )
    recorder = Recorder(take_seconds=0.02)
    async with watching(mailbox(dovecot.port, user), recorder):
        await until(lambda: len(recorder.uids()) > 500)
        dovecot.stop()
        await until(lambda: recorder.of(Lost))
        assert len(recorder.uids()) < count
        dovecot.start()
        await until(lambda: recorder.of(Seeing), 20)
    assert sorted(recorder.uids()) == list(range(1, count + 1))


# -- a scripted one ----------------------------------------------------------------------------------------------


def polling(fake, **changes):
    return mailbox(fake.port, **({"poll_interval": SOON} | changes))


async def test_news_wakes_it_and_other_folders_are_read_too(fake):
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Seeing))
        fake.put(mail("question"))
        await until(lambda: fake.count("IDLE") == 1)
        fake.push(b"* 1 EXISTS\r\n")
        await until(lambda: recorder.uids() == [1])
        await until(lambda: len(recorder.reads) == 6)
    assert [folder for folder, _ in recorder.reads] == [Folder.SENT, Folder.INBOX, Folder.JUNK] * 2


async def test_replies_are_known_before_what_they_answer(fake):
    fake.put(mail("question"))
    fake.others = {"Sent": {1: fake.messages[1]}}
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Seeing))
    assert [batch.folder for batch in recorder.batches if batch.fetched] == [Folder.SENT, Folder.INBOX]


async def test_news_is_looked_for_though_the_servers_numbers_did_not_move(fake):
    fake.put(mail("question"))
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: fake.count("IDLE") == 1)
        fake.messages = {9: Message(mail("another"))}  # one came, one went
        fake.on["EXAMINE"] = lambda link: link.ok(b"1 EXISTS", b"OK [UIDVALIDITY 7] x", b"OK [UIDNEXT 2] x")
        fake.push(b"* 2 EXISTS\r\n* 1 EXPUNGE\r\n")
        await until(lambda: recorder.uids() == [1, 9])


async def test_mail_that_comes_while_other_folders_are_read_is_not_left_lying(fake):
    recorder = Recorder()
    ordinary = fake._examine

    def examine(link):
        if "Junk" in link.arguments and not fake.messages:
            fake.put(mail("between"))
        ordinary(link)

    fake.on["EXAMINE"] = examine
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.uids() == [1])


async def test_without_idle_it_polls(fake):
    fake.capability = "IMAP4rev1"
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.of(Seeing))
        fake.put(mail("question"))
        await until(lambda: recorder.uids() == [1], 2)
    assert fake.count("IDLE") == 0


async def test_a_poll_of_unchanged_folders_asks_for_numbers_only(fake):
    fake.put(mail("question"))
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: len(recorder.reads) >= 12)
    assert fake.count("UID SEARCH") <= 6  # of the first reading
    assert fake.count("UID FETCH") == 1
    assert fake.count("STATUS") >= 4
    started = [at for _, at in recorder.reads]
    assert started == sorted(started)
    assert recorder.changes() == ["Seeing"]
    inbox = [at for folder, at in recorder.reads if folder is Folder.INBOX]
    assert all(state.started_at <= at for state, at in zip(recorder.states, inbox, strict=False))


async def test_look_reads_now_and_several_are_one(fake):
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder) as watcher:
        await until(lambda: fake.count("IDLE") == 1)
        for _ in range(50):
            watcher.look()
        await asyncio.to_thread(watcher.look)
        await until(lambda: fake.count("IDLE") == 2)
        await asyncio.sleep(0.1)
        assert fake.count("IDLE") == 2
    assert len(recorder.reads) == 6


async def test_cancelling_is_prompt_whatever_it_waits_for(fake):
    fake.put(mail("question"))
    for silent in (None, "IDLE", "EXAMINE", "LOGIN", "UID SEARCH"):
        fake.commands.clear()
        fake.on = {silent: lambda link: link.file.readline()} if silent else {}
        async with watching(mailbox(fake.port), Recorder()):
            await until(lambda silent=silent: fake.count(silent or "IDLE"))
            await asyncio.sleep(0.05)
            started = time.monotonic()
        assert time.monotonic() - started < 0.5


async def test_no_thread_waits_while_it_idles(fake):
    boxes = [mailbox(fake.port, name=f"care{number}") for number in range(20)]
    recorders = [Recorder() for _ in boxes]
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        with ThreadPoolExecutor(2) as executor:
            watchers = [
                watch.Watcher(box, executor=executor, lookback=LOOKBACK, ingest=recorder, on_state=recorder.on_state)
                for box, recorder in zip(boxes, recorders, strict=True)
            ]
            tasks = [group.create_task(watcher.run()) for watcher in watchers]
            await until(lambda: fake.count("IDLE") == len(boxes))
            fake.put(mail("question"))
            fake.push(b"* 1 EXISTS\r\n")
            await until(lambda: all(recorder.uids() == [1] for recorder in recorders))
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def test_chatter_wakes_nobody(fake):
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: fake.count("IDLE") == 1)
        for _ in range(20):
            fake.push(b"* OK still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n")
            await asyncio.sleep(0.005)
        assert fake.count("IDLE") == 1
