"""Attachments of Walmart's that lie beyond what is first fetched of a mail: fetched, read, and told (policy C4)."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from lab_daemon import Desk, until
from lab_files import COMPLAINT, agents, attached, pdf
from lab_run import CARE, Box, Home
from lab_smtp import SmtpLab
from lab_watch import LOOKBACK, Recorder

from relaywatch.config import load
from relaywatch.mailbox.errors import DroppedError, ServerSaidError
from relaywatch.mailbox.watch import Watcher
from relaywatch.pipeline.ingest import Ingest
from relaywatch.pipeline.judging import benches
from relaywatch.pipeline.readers import Readers
from relaywatch.pipeline.storing import StoreThread

MATTER = "Hello seller,\n\nMs. Roy in Laval has waited three weeks for her lamp. What happened to it?\n\nJohn"
PHOTO = attached(b"\xff\xd8\xff" + b"\0" * 200_000, "IMG_2041.jpg", "image/jpeg")
BIG_PHOTO = attached(b"\xff\xd8\xff" + b"\0" * 3_000_000, "IMG_2041.jpg", "image/jpeg")
BUREAU = attached(pdf(COMPLAINT), "scan.pdf", "application/pdf")
LONG_TEXT = attached(
    "The weather was fine. " * 20_000 + "A complaint was filed with the BBB.", "notes.txt", "text/plain"
)
LETTER = attached(
    "From: intake@office.example\nSubject: File 44012\n\nA complaint was filed with the Better Business Bureau.\n",
    "fwd.eml",
)


def crlf(raw):
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Desktop:
    """A mailbox on a server, read into a database by the daemon's own parts but for its loops."""

    def __init__(self, path, fake):
        home = Home(path=path, smtp_port=25, boxes=[Box(port=fake.port, username=CARE)])
        self.fake = fake
        self.settings = load(home.config)
        self.account = self.settings.accounts[0]
        self.events = []

    @asynccontextmanager
    async def open(self):
        async with (
            StoreThread(self.settings.service.database) as thread,
            Readers({"main": self.account.parties}, self.settings.rules, 1) as readers,
        ):
            self.ingest = Ingest(thread, readers, benches(self.settings), lambda: None)
            self.thread = thread
            yield self

    async def read(self):
        recorder = Recorder()
        with ThreadPoolExecutor(4) as executor:
            watcher = Watcher(
                self.account.mailboxes[0],
                executor=executor,
                lookback=LOOKBACK,
                ingest=self.ingest,
                on_state=recorder.on_state,
            )
            await watcher.read_once()

    async def mails(self):
        return await self.thread(lambda store: [stored.mail for stored in store.load_mails(store.message_rows("main"))])

    async def kinds(self):
        return [mail.verdict.class_.value for mail in await self.mails()]

    def fetched(self):
        """Return how many octets were asked for, time after time."""
        return [int(size) for line in self.fake.commands for size in re.findall(r"BODY\.PEEK\[\]<\d+\.(\d+)>", line)]


@pytest.fixture
def desktop(tmp_path, fake):
    return Desktop(tmp_path, fake)


@pytest.mark.parametrize(
    "parts",
    [
        [PHOTO, BUREAU],
        [PHOTO, LETTER],
        [
            attached(pdf(COMPLAINT, raw=[(b"% x\n" * 40_000, b"")]), "a.pdf"),
        ],
    ],
    ids=["a PDF behind a photo", "a message behind a photo", "a long PDF"],
)
async def test_what_lies_behind_the_prefix_is_fetched_and_read(desktop, fake, parts):
    fake.put(crlf(agents(MATTER, *parts)))
    async with desktop.open():
        await desktop.read()
        assert await desktop.kinds() == ["consumer_protection"]
    assert desktop.fetched() == [65_536, 1_048_576]


async def test_a_customers_photo_is_never_fetched(desktop, fake):
    fake.put(crlf(agents(MATTER, BIG_PHOTO, BUREAU, author="c-1@relay.walmart.ca")))
    fake.put(crlf(agents(MATTER, BIG_PHOTO, BUREAU, author="ann@mail.example")))
    async with desktop.open():
        await desktop.read()
        assert await desktop.kinds() == ["customer", "other"]
    assert desktop.fetched() == [65_536]


async def test_what_is_fetched_is_bounded(desktop, fake):
    fake.put(crlf(agents("The complaint is attached. Answer right away.", BIG_PHOTO, BUREAU, BIG_PHOTO)))
    fake.put(crlf(agents(MATTER, LONG_TEXT)))
    async with desktop.open():
        await desktop.read()
        assert await desktop.kinds() == ["consumer_protection"] * 2
        assert (await desktop.mails())[0].verdict.rule == "unread_attachment"
        assert all(len(mail.message.attached) <= 20_000 for mail in await desktop.mails())
    assert desktop.fetched() == [65_536, 1_048_576, 1_048_576, 1_048_576]


async def test_a_letter_behind_a_picture_of_megabytes_is_read(desktop, fake):
    """Policy C4."""
    fake.put(crlf(agents(MATTER, BIG_PHOTO, BUREAU)))
    async with desktop.open():
        await desktop.read()
        assert await desktop.kinds() == ["consumer_protection"]
        assert (await desktop.mails())[0].verdict.rule != "unread_attachment"


async def test_a_mail_that_names_a_body_needs_no_more(desktop, fake):
    fake.put(crlf(agents("The BBB sent us a complaint.", PHOTO, BUREAU)))
    async with desktop.open():
        await desktop.read()
        assert await desktop.kinds() == ["consumer_protection"]
    assert desktop.fetched() == [65_536]


async def test_a_refusal_costs_the_attachment_only(desktop, fake):
    fake.put(crlf(agents("See attached and answer right away.", PHOTO, BUREAU)))
    fake.put(crlf(agents(MATTER, PHOTO, BUREAU)))
    ordinary = fake._uid_fetch
    fake.on["UID FETCH"] = lambda link: link.no("too big") if "1048576" in link.arguments else ordinary(link)
    async with desktop.open():
        await desktop.read()
        assert await desktop.kinds() == ["consumer_protection", "walmart_agent"]


async def test_a_server_that_hangs_up_holds_up_no_mail(desktop, fake):
    """Twice it comes again; then what was fetched must do."""
    fake.put(crlf(agents(MATTER, PHOTO, BUREAU)))
    ordinary = fake._uid_fetch
    fake.on["UID FETCH"] = lambda link: link.hang_up() if "1048576" in link.arguments else ordinary(link)
    async with desktop.open():
        for _ in range(2):
            with pytest.raises(DroppedError):
                await desktop.read()
            assert await desktop.mails() == []
        await desktop.read()
        assert await desktop.kinds() == ["walmart_agent"]


async def test_a_message_of_which_only_the_beginning_came_is_the_one_that_comes_whole(desktop, fake):
    """It was moved between the two questions, and lies elsewhere now: it must not be two."""
    raw = crlf(agents(MATTER, LONG_TEXT))
    fake.put(raw)
    ordinary = fake._uid_fetch
    fake.on["UID FETCH"] = lambda link: link.ok() if "1048576" in link.arguments else ordinary(link)
    async with desktop.open():
        await desktop.read()
        (part,) = await desktop.mails()
        assert part.message.size == 65_536
        assert "only the beginning" in part.message.damage
        del fake.on["UID FETCH"]
        fake.put(raw)
        await desktop.read()
        (whole,) = await desktop.mails()
        assert whole.message.size == len(raw)
        assert whole.message.damage == ""


async def test_a_server_in_trouble_is_asked_again(desktop, fake):
    fake.put(crlf(agents(MATTER, PHOTO, BUREAU)))
    ordinary = fake._uid_fetch
    fake.on["UID FETCH"] = lambda link: link.no("[LIMIT] later") if "1048576" in link.arguments else ordinary(link)
    async with desktop.open():
        for _ in range(4):
            with pytest.raises(ServerSaidError):
                await desktop.read()
        del fake.on["UID FETCH"]
        await desktop.read()
        assert await desktop.kinds() == ["consumer_protection"]


async def test_words_of_attachments_are_forgotten_with_the_others(desktop, fake):
    fake.put(crlf(agents(MATTER, PHOTO, attached("The lamp is green.", "a.txt"), BIG_PHOTO)))
    async with desktop.open():
        await desktop.read()
        (mail,) = await desktop.mails()
        assert mail.message.attached == "The lamp is green."
        assert [unread.name for unread in mail.message.unread] == ["IMG_2041.jpg", "IMG_2041.jpg"]

        def forget(store):
            with store.transaction():
                store._db.db.execute("UPDATE cases SET state = 'waived'")
                return store.forget_words(datetime.now(UTC) + timedelta(days=1))

        assert await desktop.thread(forget) == 1
        assert not any("green" in str(row) or "IMG_" in str(row) for row in await desktop.thread(_everything))


def _everything(store):
    return store._db.db.execute("SELECT * FROM messages").fetchall()


def test_the_daemon_tells_of_it_within_the_hour(tmp_path, dovecot, user):
    with SmtpLab() as smtp:
        desk = Desk(tmp_path, dovecot, smtp, user)
        desk.deliver(crlf(agents(MATTER, PHOTO, BUREAU)), ago=timedelta(minutes=10))
        with desk.running():
            until(desk.warned)
            assert desk.warned() == [("55m", "C4")]
        assert [case.kind.value for case in desk.cases().values()] == ["consumer_protection"]
