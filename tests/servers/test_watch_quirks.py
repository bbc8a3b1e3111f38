"""Watching servers as public reports describe them: each does one thing wrong, and no mail may be lost by it."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from lab_imap import Message
from lab_watch import Recorder, mail, mailbox, read_once, until, watching

from relaywatch.core.mail.message import Folder, Place
from relaywatch.mailbox.errors import ServerSaidError
from relaywatch.mailbox.watch import Lost, Seeing

pytestmark = pytest.mark.usefixtures("impatient")
SOON = timedelta(milliseconds=150)
INBOX = Place(Folder.INBOX, "INBOX")


def polling(fake, **changes):
    return mailbox(fake.port, **({"poll_interval": SOON} | changes))


async def test_a_uid_that_becomes_visible_late_is_read_though_no_number_moves(fake):
    fake.messages = {10: Message(mail("ten")), 12: Message(mail("twelve"))}
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.uids() == [10, 12])
        assert [(it.first, it.last) for it in recorder.positions[Folder.INBOX].gaps] == [(11, 11)]
        fake.messages = {11: Message(mail("eleven")), 12: fake.messages[12]}  # and one was deleted
        await until(lambda: recorder.uids() == [10, 12, 11])
        await until(lambda: not recorder.positions[Folder.INBOX].gaps)


async def test_a_gap_is_looked_for_after_a_restart(fake):
    fake.messages = {10: Message(mail("ten")), 12: Message(mail("twelve"))}
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    fake.messages[11] = Message(mail("eleven"))
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [10, 12, 11]


async def test_without_uidnext_one_that_came_for_one_that_went_is_read(fake):
    """mail.163.com."""
    fake.on["EXAMINE"] = lambda link: link.ok(f"{len(fake._of(link))} EXISTS".encode(), b"OK [UIDVALIDITY 7] x")
    fake.on["STATUS"] = lambda link: link.ok(b'STATUS "Sent" ()')
    fake.others = {"Sent": {1: Message(mail("old"))}}
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.uids(Folder.SENT) == [1])
        fake.others["Sent"] = {2: Message(mail("answer"))}
        await until(lambda: recorder.uids(Folder.SENT) == [1, 2])


async def test_exists_at_every_idle_is_no_news(fake):
    fake.put(mail("question"))

    def idle(link):
        link.send(f"+ idling\r\n* {len(fake.messages)} EXISTS\r\n".encode())
        link.file.readline()
        link.ok()

    fake.on["IDLE"] = idle
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: fake.count("IDLE"))
        await asyncio.sleep(0.5)
        assert fake.count("IDLE") == 1
        fake.put(mail("another"))
        fake.push(b"* 2 EXISTS\r\n")
        await until(lambda: recorder.uids() == [1, 2])


async def test_news_that_are_never_true_slow_the_reading_down(fake):
    told = iter(range(2, 10_000))

    def idle(link):
        link.send(f"+ idling\r\n* {next(told)} EXISTS\r\n".encode())
        link.file.readline()
        link.ok()

    fake.on["IDLE"] = idle
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder) as watcher:
        await until(lambda: fake.count("IDLE"))
        await asyncio.sleep(2)
        assert fake.count("IDLE") < 8
        fake.put(mail("question"))
        watcher.look()
        await until(lambda: recorder.uids() == [1], 1)


async def test_a_uidvalidity_that_changes_at_every_examine_neither_spins_nor_reads_all_again(fake):
    numbers = iter(range(1, 10_000))
    ordinary = fake._examine

    def examine(link):
        fake.uidvalidity = next(numbers)
        ordinary(link)

    fake.on["EXAMINE"] = examine
    for number in range(1, 11):
        fake.put(mail(f"question {number}", size=100 * number))
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: len(recorder.of(Seeing)) > 5)
        fake.put(mail("at last"))
        await until(lambda: 11 in recorder.uids())
        seen = len(recorder.of(Seeing))
        await until(lambda: len(recorder.of(Seeing)) > seen + 3)
    taken = Counter(recorder.uids())
    assert taken.pop(11) == 1
    assert max(taken.values()) <= 3  # the first reading, and two before the server is known
    recorder = Recorder()
    async with watching(mailbox(fake.port), recorder):
        await until(lambda: recorder.of(Seeing))
        commands = len(fake.commands)
        await asyncio.sleep(1)
    assert len(fake.commands) - commands < 6


async def test_an_empty_folder_is_not_searched(fake):
    """Proton Mail Bridge."""
    ordinary = fake._uid_search
    fake.on["UID SEARCH"] = lambda link: ordinary(link) if link.folder else link.no("no such message")
    fake.put(mail("question"))
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [1]
    assert recorder.of(Seeing)


@pytest.mark.parametrize("said", ["no such folder", "[UNAVAILABLE] storage is down"])
async def test_a_folder_that_is_refused_holds_up_no_other(fake, said):
    ordinary = fake._examine
    fake.on["EXAMINE"] = lambda link: link.no(said) if "Sent" in link.arguments else ordinary(link)
    fake.others = {"Junk": {1: Message(mail("lost"))}}
    fake.put(mail("question"))
    recorder = Recorder()
    with pytest.raises(ServerSaidError, match="Sent"):
        await read_once(mailbox(fake.port), recorder)
    assert (recorder.uids(), recorder.uids(Folder.JUNK)) == ([1], [1])


async def test_a_folder_at_which_the_connection_breaks_holds_up_no_other(fake):
    ordinary = fake._examine
    fake.on["EXAMINE"] = lambda link: link.hang_up() if "INBOX" in link.arguments else ordinary(link)
    fake.others = {"Sent": {1: Message(mail("answer"))}, "Junk": {1: Message(mail("lost"))}}
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.uids(Folder.SENT) == [1] and recorder.uids(Folder.JUNK) == [1])
    assert recorder.of(Lost)


async def test_a_server_that_limits_the_account_is_left_alone(fake):
    fake.on["EXAMINE"] = lambda link: link.no("[OVERQUOTA] Account exceeded command or bandwidth limits.")
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        (lost,) = await until(lambda: recorder.of(Lost))
        await asyncio.sleep(0.5)
    assert "locked the account" in lost.reason
    assert (fake.taken, fake.count("EXAMINE")) == (1, 1)


async def test_every_sent_folder_is_read_with_a_position_of_its_own(fake):
    fake.folders = (b'() "/" INBOX', b'(\\Sent) "/" Sent', b'(\\Sent) "/" "Sent Messages"')
    fake.others = {"Sent": {1: Message(mail("one"))}, "Sent Messages": {1: Message(mail("two"))}}
    recorder = Recorder(several=True)
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.of(Seeing))
        assert sorted(it.raw for batch in recorder.batches for it in batch.fetched) == [mail("one"), mail("two")]
        fake.others["Sent Messages"][2] = Message(mail("three"))
        await until(lambda: recorder.uids(Folder.SENT) == [1, 1, 2])
    assert recorder.positions[Place(Folder.SENT, "Sent")].last_uid == 1
    assert recorder.positions[Place(Folder.SENT, "Sent Messages")].last_uid == 2


async def test_one_message_that_is_refused_for_ever_does_not_hide_the_next(fake):
    def refuse(link):
        link.no("[UNAVAILABLE] cannot")
        link.tag = ""

    fake.put(mail("the only one"))
    fake.spoil[1] = refuse
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.of(Seeing))
        (damaged,) = (it for batch in recorder.batches for it in batch.fetched)
        assert (damaged.uid, damaged.raw, bool(damaged.fault)) == (1, b"", True)
        fake.put(mail("the next"))
        await until(lambda: recorder.uids() == [1, 2])


async def test_what_was_set_aside_is_asked_for_again(fake):
    fake.put(mail("mended"))
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    before = recorder.positions[Folder.INBOX]
    recorder.aside = {(INBOX, 7): [1, 9], (INBOX, 6): [3], (Place(Folder.INBOX, "gone"), 7): [1]}
    await read_once(mailbox(fake.port), recorder)
    again = [(batch.uidvalidity, batch.again, [it.uid for it in batch.fetched]) for batch in recorder.batches[-3:]]
    assert again == [(7, (1,), [1]), (7, (9,), []), (6, (3,), [])]
    assert all(batch.position is None for batch in recorder.batches[-3:])
    assert recorder.positions[Folder.INBOX].last_uid == before.last_uid


async def test_a_time_of_1970_keeps_no_message_from_being_read(fake):
    fake.put(mail("old"), date="01-Jan-2020 00:00:00 +0000")
    fake.put(mail("broken clock"), date="01-Jan-1970 00:00:00 +0000")
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [2]
    (batch,) = (batch for batch in recorder.batches if batch.fetched)
    assert batch.since is not None


@pytest.mark.parametrize("command", ["UID SEARCH", "UID FETCH", "EXAMINE"])
async def test_an_answer_that_comes_after_its_end_is_not_taken_for_no_answer(fake, command):
    """Else a search that seems to find nothing, or a fetch, moves the position past mail that was never read."""
    ordinary, late = getattr(fake, f"_{command.lower().replace(' ', '_')}"), iter(range(3))

    def answer(link):
        said, send = [], link.send
        link.send = lambda *lines: said.extend(lines)
        ordinary(link)
        link.send = send
        lines = b"".join(said)
        untagged, tagged, end = lines.rpartition(link.tag.encode() + b" ")
        send(tagged + end + untagged if next(late, None) is not None else lines)

    fake.on[command] = answer
    for number in range(1, 4):
        fake.put(mail(f"question {number}"))
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: sorted(recorder.uids()) == [1, 2, 3])
    assert "after it had said" in recorder.of(Lost)[0].reason


async def test_what_comes_between_the_searches_of_a_first_reading_is_read(fake):
    ordinary = fake._uid_search

    def search(link):
        ordinary(link)
        if len(fake.messages) < 8:
            fake.put(mail(f"question {len(fake.messages)}"))

    fake.on["UID SEARCH"] = search
    fake.put(mail("question"))
    recorder = Recorder()
    async with watching(polling(fake), recorder):
        await until(lambda: recorder.uids() == list(range(1, 9)))


async def test_a_search_that_says_ok_and_nothing_else_is_asked_otherwise(fake):
    fake.on["UID SEARCH"] = lambda link: link.ok()
    for number in range(1, 4):
        fake.put(mail(f"question {number}"))
    recorder = Recorder()
    await read_once(mailbox(fake.port), recorder)
    assert recorder.uids() == [1, 2, 3]
