"""A session and a reading against a real server."""

import asyncio
import itertools
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
from lab_dovecot import no_news
from lab_watch import PASSWORD, Recorder, mail, mailbox, read_once

from relaywatch.config.secrets import Secret, Source
from relaywatch.core.mail.message import Folder
from relaywatch.mailbox.errors import LoginRefusedError, ServerSaidError, UnreachableError
from relaywatch.mailbox.imap import ImapSession
from relaywatch.mailbox.position import BATCH_OCTETS, FIRST_BATCH

DAY = timedelta(days=1)


def now():
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def box(dovecot, user):
    return mailbox(dovecot.port, user)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_tls_with_a_certificate_that_is_trusted(dovecot, user, security):
    context = ssl.create_default_context(cafile=str(dovecot.certificate))
    port = dovecot.tls_port if security == "tls" else dovecot.port
    dovecot.put(user, mail("question"))
    session = ImapSession(mailbox(port, user, security=security), context=context)
    session.open()
    session.examine("INBOX")
    assert [it.raw for it in session.fetch_batch([1])] == [mail("question")]
    assert not session.rest()
    assert not session.pump()
    session.rise()
    session.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_is_not_trusted_keeps_the_password(dovecot, user, security):
    port = dovecot.tls_port if security == "tls" else dovecot.port
    with pytest.raises(UnreachableError, match="SSL_CERT_FILE"):
        ImapSession(mailbox(port, user, security=security)).open()


def test_a_certificate_for_another_name_is_explained(dovecot, user, monkeypatch):
    context = ssl.create_default_context(cafile=str(dovecot.certificate))
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    with pytest.raises(UnreachableError, match="certificate is for another name"):
        ImapSession(mailbox(dovecot.tls_port, user, security="tls", host="imap.shop.example"), context=context).open()


def test_a_wrong_password(dovecot, user):
    with pytest.raises(LoginRefusedError, match="check username and password"):
        ImapSession(mailbox(dovecot.port, user, secret=Secret(Source.PLAIN, "wrong"))).open()


def test_a_password_beyond_ascii_reaches_the_server(dovecot, user):
    with pytest.raises(LoginRefusedError, match="Authentication failed"):
        ImapSession(mailbox(dovecot.port, user, secret=Secret(Source.PLAIN, f"{PASSWORD}é"))).open()


async def test_the_first_reading_goes_back_as_far_as_asked_and_changes_nothing(dovecot, user, box):
    at = now()
    ages = [30 * DAY, 7 * DAY + timedelta(minutes=5), 7 * DAY - timedelta(minutes=5), timedelta(hours=25), timedelta()]
    for age in ages:
        dovecot.put(user, mail(f"{age} old"), at=at - age, flags=[b"\\Seen"] if age > DAY else [])
    dovecot.put(user, mail("answer"), folder="Sent", at=at - DAY)
    before = dovecot.flags(user)
    recorder = Recorder()
    await read_once(box, recorder)
    assert recorder.uids() == [3, 4, 5]
    assert recorder.uids(Folder.SENT) == [1]
    dates = {
        it.uid: it.internaldate for batch in recorder.batches for it in batch.fetched if batch.folder is Folder.INBOX
    }
    assert dates == {3: at - ages[2], 4: at - ages[3], 5: dates[5]}
    assert recorder.positions[Folder.INBOX].last_uid == 5
    assert dovecot.flags(user) == before
    assert before[5] >= {b"\\Recent"}


async def test_the_next_reading_takes_only_what_is_new_however_old_it_says_it_is(dovecot, user, box):
    dovecot.put(user, mail("first"))
    recorder = Recorder()
    await read_once(box, recorder)
    dovecot.put(user, mail("moved here from elsewhere"), at=now() - 300 * DAY)
    await read_once(box, recorder)
    await read_once(box, recorder)
    assert recorder.uids() == [1, 2]


async def test_an_old_folder_with_nothing_new_is_not_read_later(dovecot, user, box):
    dovecot.put(user, mail("ancient"), mail("old"), at=now() - 90 * DAY)
    recorder = Recorder()
    await read_once(box, recorder)
    assert recorder.positions[Folder.INBOX].last_uid == 2
    dovecot.put(user, mail("new"))
    await read_once(box, recorder)
    assert recorder.uids() == [3]


async def test_a_new_uidvalidity_means_reading_again_from_the_lookback(dovecot, user, box):
    dovecot.put(user, mail("old"), at=now() - 90 * DAY)
    dovecot.put(user, mail("one"), mail("two"))
    recorder = Recorder()
    await read_once(box, recorder)
    first = recorder.positions[Folder.INBOX]
    await asyncio.sleep(1.1)  # Dovecot's UIDVALIDITY is the second of its making
    dovecot.renumber(user)
    dovecot.put(user, mail("three"))
    await read_once(box, recorder)
    again = recorder.positions[Folder.INBOX]
    assert again.uidvalidity != first.uidvalidity
    raws = sorted(
        it.raw for batch in recorder.batches if batch.uidvalidity == again.uidvalidity for it in batch.fetched
    )
    assert raws == sorted([mail("one"), mail("two"), mail("three")])
    await read_once(box, recorder)
    assert recorder.positions[Folder.INBOX].last_uid == again.last_uid
    assert len(recorder.uids()) == 5


async def test_folders_that_go_by_chinese_names(dovecot, user, box):
    dovecot.put(user, mail("answer"), folder="已发送")
    dovecot.put(user, mail("lost"), folder="垃圾邮件")
    session = ImapSession(box)
    session.open()
    found = session.folders()
    session.close()
    assert found.names == {Folder.INBOX: ("INBOX",), Folder.SENT: ("已发送",), Folder.JUNK: ("垃圾邮件",)}
    recorder = Recorder()
    await read_once(box, recorder)
    assert recorder.uids(Folder.SENT) == recorder.uids(Folder.JUNK) == [1]


def test_special_use_comes_before_a_likely_name(dovecot, user, box):
    for folder in ("Sent Items", "Sent"):
        dovecot.put(user, mail("answer"), folder=folder)
    session = ImapSession(box)
    session.open()
    assert session.folders().names[Folder.SENT] == ("Sent", "Sent Items")
    session.close()


async def test_a_folder_that_is_not_there_is_an_error_after_the_others_were_read(dovecot, user):
    dovecot.put(user, mail("question"))
    recorder = Recorder()
    with pytest.raises(ServerSaidError, match="Gesendet"):
        await read_once(mailbox(dovecot.port, user, folders={Folder.SENT: ("Gesendet",)}), recorder)
    assert recorder.uids() == [1]
    assert recorder.states == recorder.states[:1]


async def test_a_long_mail_comes_as_a_prefix_and_whole_where_asked(dovecot, user, box):
    long = mail("photo of a broken mug", size=700_000)
    dovecot.put(user, mail("short"), long)
    recorder = Recorder(fetch_cut=True)
    await read_once(box, recorder)
    short, cut = recorder.batches[0].fetched
    assert (short.whole, short.raw, short.size) == (True, mail("short"), len(mail("short")))
    assert (cut.whole, cut.raw, cut.size) == (False, long[:65536], len(long))
    assert recorder.whole == {2: long}


async def test_thousands_of_messages_are_read_newest_first_within_bounds(dovecot, user, box):
    count = 6_000
    dovecot.fill(user, (mail(f"question {number}") for number in range(count)), at=now() - DAY)
    recorder = Recorder(take_seconds=0.001)
    started = time.monotonic()
    await read_once(box, recorder)
    took = time.monotonic() - started
    assert sorted(recorder.uids()) == list(range(1, count + 1))
    batches = [[it.uid for it in batch.fetched] for batch in recorder.batches if batch.fetched]
    assert all(max(later) < min(earlier) for earlier, later in itertools.pairwise(batches))
    assert recorder.positions[Folder.INBOX].last_uid == count
    assert recorder.most_taking == 1
    assert max(len(batch.fetched) for batch in recorder.batches) <= 200
    assert took < 20  # about a second on a quiet machine; tests/bench/sync.py measures


async def test_memory_is_for_so_many_octets_whatever_comes_after_small_mail(dovecot, user, box):
    large = [mail(f"photo {number}", size=80_000) for number in range(150)]
    dovecot.fill(user, [*large, *(mail(f"question {number}") for number in range(400))], at=now() - DAY)
    recorder = Recorder()
    await read_once(box, recorder)
    assert sorted(recorder.uids()) == list(range(1, 551))
    octets = [sum(len(it.raw) for it in batch.fetched) for batch in recorder.batches]
    assert max(octets) <= max(BATCH_OCTETS, FIRST_BATCH * 65_536)
    assert max(len(batch.fetched) for batch in recorder.batches) == 200


@pytest.mark.parametrize(("kind", "plural"), [("instance", "instances"), ("watch", "watches")])
def test_the_lab_says_why_there_are_no_news_and_of_no_other_cause(kind, plural):
    said = f"Warning: Inotify {kind} limit for user 109 (UID 109 dovecot) exceeded, disabling. Increase /proc/sys/…"
    assert plural in no_news(f"imap(care1)<1><a>: {said}\n")
    assert no_news("imap(care1)<1><a>: Error: read(inotify) failed: Bad file descriptor\n") == ""
