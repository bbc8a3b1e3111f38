"""Watching a mailbox that breaks: what is told, how often it is tried, and that nothing is lost."""

import asyncio
import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from lab_imap import FakeImap, Message
from lab_watch import LOOKBACK, Recorder, mail, mailbox, read_once, until, watching

from relaywatch.config.secrets import Secret, Source
from relaywatch.core.mail.message import Folder
from relaywatch.mailbox import remote, watch
from relaywatch.mailbox.errors import MailboxError
from relaywatch.mailbox.position import Position
from relaywatch.mailbox.watch import FolderMissing, Lost, Seeing

SOON = timedelta(milliseconds=150)


def polling(fake, **changes):
    return mailbox(fake.port, **({"poll_interval": SOON} | changes))


async def test_a_wrong_password_is_told_once_and_not_hammered(fake):
    recorder = Recorder()
    async with watching(mailbox(fake.port, secret=Secret(Source.PLAIN, "wrong")), recorder):
        await until(lambda: recorder.of(Lost))
        await asyncio.sleep(0.5)
    assert fake.taken == 1
    assert len(recorder.states) == 1


async def test_a_server_that_takes_and_drops_connections_is_not_hammered(fake):
    fake.on["IDLE"] = lambda link: link.hang_up()
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await asyncio.sleep(2.5)
    assert fake.taken <= 3


async def test_delays_grow_to_half_a_minute_and_for_logins_to_five():
    for wait, low, high in ((watch._SOON, 1, 30), (watch._BY_A_PERSON, 15, 300), (watch._AT_ONCE, 0, 1)):
        delays = [watch._seconds(wait, attempt) for attempt in (1, 2, 5, 20, 5000) for _ in range(50)]
        assert low <= min(delays) <= max(delays) <= high
        assert len(set(delays)) > 100
    assert max(watch._seconds(watch._SOON, 1) for _ in range(50)) <= 2


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_asks_to_be_left_alone_is(fake):
    fake.on["EXAMINE"] = lambda link: link.no("Request is throttled. Suggested Backoff Time: 700 milliseconds")
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Lost))
        await asyncio.sleep(0.5)
        assert fake.taken == 1
        await until(lambda: fake.taken == 2)


async def test_a_connection_that_lived_well_and_ends_is_no_loss(fake, monkeypatch):
    monkeypatch.setattr(watch, "_WELL_SECONDS", 0.2)
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: fake.count("IDLE") == 1)
        await asyncio.sleep(0.3)
        fake.links[0].hang_up()
        await until(lambda: fake.count("IDLE") == 2)
    assert recorder.changes() == ["Seeing"]


@pytest.mark.usefixtures("impatient")
async def test_the_same_reason_is_told_once_in_an_outage_and_again_in_the_next(fake):
    recorder, ordinary, down = Recorder(), fake._examine, "[UNAVAILABLE] storage is down"
    async with watching(polling(fake), recorder):
        for outage in (1, 2):
            await until(lambda: recorder.changes()[-1:] == ["Seeing"])
            # Of one folder: an outage that begins between two would have two reasons.
            fake.on["EXAMINE"] = lambda link: link.no(down) if "INBOX" in link.arguments else ordinary(link)
            taken = fake.taken
            await until(lambda taken=taken: fake.taken > taken + 3)
            assert len(recorder.of(Lost)) == outage
            fake.on.clear()
            await until(lambda: recorder.changes()[-1] == "Seeing")
    assert recorder.changes() == ["Seeing", "Lost", "Seeing", "Lost", "Seeing"]


@pytest.mark.usefixtures("impatient")
async def test_what_was_not_kept_is_read_again(fake):
    fake.put(mail("question"))
    recorder = Recorder(refuse=RuntimeError("disk full, in: The blue mug"))
    async with watching(polling(fake), recorder):
        (lost,) = await until(lambda: recorder.of(Lost))
        assert "could not be kept" in lost.reason
        assert "RuntimeError" in lost.reason
        assert "mug" not in lost.reason
        recorder.refuse = None
        await until(lambda: recorder.of(Seeing))
    assert recorder.uids() == [1]


@pytest.mark.usefixtures("impatient")
async def test_an_outage_of_whoever_is_told_does_not_end_the_watch(fake):
    recorder = Recorder()
    broken = True

    async def on_state(box, state):
        if broken:
            raise RuntimeError
        await recorder.on_state(box, state)

    with ThreadPoolExecutor(2) as executor:
        watcher = watch.Watcher(polling(fake), executor=executor, lookback=LOOKBACK, ingest=recorder, on_state=on_state)
        task = asyncio.create_task(watcher.run())
        await until(lambda: fake.taken > 2)
        broken = False
        await until(lambda: recorder.of(Seeing))
        task.cancel()
        await asyncio.wait({task})


@pytest.mark.usefixtures("impatient")
async def test_a_message_that_breaks_every_connection_holds_up_no_other(fake):
    for number in range(1, 41):
        fake.put(mail(f"question {number}"))

    def poison(link):
        if "BODY" in link.arguments:
            link.send(b"* 1 FETCH (UID 17 BODY[]<0> {12}\r\nhalf")
            link.hang_up()
            raise ConnectionError
        link.send(b"* " + link.fetched(17, fake.messages[17]))

    fake.spoil[17] = poison
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.of(Seeing), 20)
    assert sorted(recorder.uids()) == list(range(1, 41))
    (damaged,) = (it for batch in recorder.batches for it in batch.fetched if it.fault)
    assert (damaged.uid, damaged.raw, damaged.whole) == (17, b"", False)
    assert damaged.internaldate is not None


@pytest.mark.usefixtures("impatient")
async def test_a_message_that_breaks_connections_even_by_its_time_is_counted(fake):
    for number in range(1, 4):
        fake.put(mail(f"question {number}"))

    def poison(link):
        link.hang_up()
        raise ConnectionError

    fake.spoil[2] = poison
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.of(Seeing), 20)
    assert sorted(recorder.uids()) == [1, 2, 3]


async def test_a_first_reading_that_was_cut_short_goes_on_by_date(fake):
    old, new = "01-Jan-2020 00:00:00 +0000", datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
    for number in range(1, 7):
        fake.put(mail(f"question {number}"), date=old if number == 5 else new)
    recorder = Recorder()
    recorder.positions[Folder.INBOX] = Position(7, 3, None)
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [4, 6]
    assert recorder.positions[Folder.INBOX].last_uid == 6


async def test_a_lagging_uidnext_is_no_reason_to_read_again(fake):
    for number in range(1, 4):
        fake.put(mail(f"question {number}"))
    fake.on["EXAMINE"] = lambda link: link.ok(b"3 EXISTS", b"OK [UIDVALIDITY 7] x", b"OK [UIDNEXT 4] x")
    fake.messages[9] = Message(mail("ahead of UIDNEXT"))
    recorder = Recorder()
    recorder.positions = {folder: Position(7, 9, datetime.now(UTC)) for folder in Folder}
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == []
    assert recorder.positions[Folder.INBOX].last_uid == 9


async def test_a_server_put_back_to_an_older_state_is_read_again(fake):
    now = datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")
    for number in range(1, 4):
        fake.put(mail(f"question {number}"), date=now)
    recorder = Recorder()
    recorder.positions[Folder.INBOX] = Position(7, 50, datetime.now(UTC))
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [1, 2, 3]
    assert recorder.positions[Folder.INBOX].last_uid == 3


async def test_a_server_that_refuses_dates_is_read_by_internaldate(fake):
    fake.put(mail("old"), date="01-Jan-2020 00:00:00 +0000")
    fake.put(mail("new"), date=datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000"))
    ordinary = fake._uid_search
    fake.on["UID SEARCH"] = lambda link: link.bad("SINCE?") if "SINCE" in link.arguments else ordinary(link)
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [2]


async def test_no_more_than_two_batches_are_in_memory(fake):
    for number in range(1, 451):
        fake.put(mail(f"question {number}"))
    fetches = []
    ordinary = fake._uid_fetch

    def fetch(link):
        fetches.append(sum(bool(batch.fetched) for batch in recorder.batches))
        ordinary(link)

    fake.on["UID FETCH"] = fetch
    recorder = Recorder(take_seconds=0.05)
    await read_once(mailbox(fake.port), recorder)
    assert sorted(recorder.uids()) == list(range(1, 451))
    assert recorder.most_taking == 1
    assert all(started - kept <= 2 for started, kept in enumerate(fetches, 1))
    assert any(started - kept == 2 for started, kept in enumerate(fetches, 1))  # and the next one is on its way


async def test_beats_come_while_working_waiting_and_backing_off(fake, monkeypatch):
    monkeypatch.setattr(remote, "_BEAT_SECONDS", 0.02)
    monkeypatch.setattr(watch, "_BEAT_SECONDS", 0.02)
    beats = []
    fake.on["EXAMINE"] = lambda link: (time.sleep(0.3), link.no("cannot"))
    async with watching(mailbox(fake.port), Recorder(), beat=lambda: beats.append(time.monotonic())):
        await asyncio.sleep(1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(beats)]
    assert max(gaps) < 0.2


async def test_read_once_says_what_is_wrong(fake):
    fake.on["LOGIN"] = lambda link: link.no("[AUTHENTICATIONFAILED] no")
    with pytest.raises(MailboxError, match="login"):
        await read_once(mailbox(fake.port), Recorder())


async def test_read_once_ends_the_connection(fake):
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    await until(lambda: not fake.links)
    assert recorder.changes() == ["Seeing"]


async def test_a_folder_that_is_missing_is_told_once():
    with FakeImap(folders=(b'() "/" INBOX',)) as fake:
        recorder = Recorder()
        async with watching(polling(fake), recorder):
            await until(lambda: fake.count("LIST") > 3)
        assert [state.folder for state in recorder.of(FolderMissing)] == [Folder.JUNK, Folder.SENT]
        assert recorder.of(Seeing)
