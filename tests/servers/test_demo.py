"""The demo's own servers, its story, and the whole of it as a user runs it."""

import asyncio
import contextlib
import os
import signal
import smtplib
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from imapclient import IMAPClient
from rich.console import Console

import relaywatch.demo
from relaywatch.config import load
from relaywatch.demo import story
from relaywatch.demo.imap import ImapServer
from relaywatch.demo.narrator import Narrator, owed_next
from relaywatch.demo.shop import CARE, COMPLAINTS, FOLDERS, PASSWORD, Post, write_config
from relaywatch.demo.smtp import SmtpServer, Warned
from relaywatch.demo.stage import describe, run
from relaywatch.demo.story import Picture

LOGINS = {CARE: PASSWORD, COMPLAINTS: PASSWORD}


@contextlib.contextmanager
def client(port, user=CARE):
    with IMAPClient("127.0.0.1", port=port, ssl=False, timeout=5) as connection:
        connection.login(user, PASSWORD)
        yield connection


async def test_mail_lies_where_and_when_the_story_says():
    def look(port):
        with client(port) as connection:
            assert {name for _, _, name in connection.list_folders()} == {"INBOX", *FOLDERS}
            connection.select_folder("INBOX", readonly=True)
            (uid,) = connection.search("ALL")
            return connection.fetch([uid], ["INTERNALDATE", "BODY.PEEK[]"])[uid]

    async with ImapServer(LOGINS).serve() as server:
        post = Post(server.port)
        await post.open_mailboxes()
        await post.deliver([story.WAITING])
        found = await asyncio.to_thread(look, server.port)
        assert await post.count_marked() == 0
    received = found[b"INTERNALDATE"].astimezone(UTC)
    assert timedelta(0) <= datetime.now(UTC) - story.WAITING.ago - received < timedelta(seconds=10)
    assert b"Message-ID: <jordan-1@relay.walmart.ca>" in found[b"BODY[]"]


async def test_marked_mail_is_noticed():
    def mark(port):
        with client(port) as connection:
            connection.select_folder("INBOX")
            connection.add_flags(connection.search("ALL"), [b"\\Seen"])

    async with ImapServer(LOGINS).serve() as server:
        post = Post(server.port)
        await post.open_mailboxes()
        await post.deliver([story.WAITING])
        await asyncio.to_thread(mark, server.port)
        assert await post.count_marked() == 1


async def test_closing_the_imap_server_ends_idle_connections():
    def begin_idle(port):
        connection = IMAPClient("127.0.0.1", port=port, ssl=False, timeout=5)
        connection.login(CARE, PASSWORD)
        connection.select_folder("INBOX", readonly=True)
        connection.idle()
        return connection

    async with ImapServer(LOGINS).serve() as server:
        connection = await asyncio.to_thread(begin_idle, server.port)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    connection.shutdown()


async def test_warnings_are_read_from_their_headers():
    def send(port):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.sendmail(
                "relaywatch@shop.example",
                ["oncall@shop.example"],
                "Subject: 50 min left\nX-Relaywatch-Step: 1h\nX-Relaywatch-Rule: C1\nX-Relaywatch-Case: 7\n"
                "Message-ID: <w1@shop.example>\n\nReply now.\n",
            )

    async with SmtpServer().serve() as server:
        await asyncio.to_thread(send, server.port)
        assert server.warnings == [Warned("oncall@shop.example", "50 min left", "1h", "C1", "7", "<w1@shop.example>")]


def test_the_shops_configuration_is_one_that_the_daemon_takes(tmp_path):
    settings = load(write_config(tmp_path, 1143, 1025))
    (account,) = settings.accounts
    assert [mailbox.address for mailbox in account.mailboxes] == [CARE, COMPLAINTS]
    assert [mailbox.secret.read() for mailbox in account.mailboxes] == [PASSWORD, PASSWORD]
    assert (tmp_path / "mailbox.pass").stat().st_mode & 0o077 == 0


def case_of(letter, status, *, findings=(), number=1):
    deadline = {"obligation": "reply", "status": status, "started_by": f"<{letter.id}>"}
    return {"id": number, "subject": letter.subject, "deadlines": [deadline], "findings": list(findings)}


def finding(code, mended_by=None):
    return {"code": code, **({"mended_by": mended_by} if mended_by else {})}


@pytest.mark.parametrize(
    "sight", [sight for scene in story.SCENES for sight in scene.sights], ids=lambda sight: sight.name
)
def test_nothing_is_seen_before_it_is_there(sight):
    assert not sight.seen(Picture())


@pytest.mark.parametrize(
    ("picture", "names"),
    [
        (Picture([case_of(story.WAITING, "running")]), {"a customer waiting"}),
        (
            Picture([case_of(story.WAITING, "running", findings=[finding("automatic_reply")])]),
            {"a customer waiting", "an automatic reply that does not count"},
        ),
        (
            Picture([case_of(story.WAITING, "met", findings=[finding("automatic_reply")])]),
            {"a reply that meets its deadline"},
        ),
        (
            Picture([case_of(story.INQUIRY, "running", findings=[finding("reply_all_missing")])]),
            {"a reply to an agent without Reply All"},
        ),
        (Picture([case_of(story.INQUIRY, "met", findings=[finding("reply_all_missing")])]), set()),
        (
            Picture(
                [
                    case_of(
                        story.INQUIRY,
                        "met",
                        findings=[finding("reply_all_missing", "<offer-2@shop.example>")],
                    )
                ]
            ),
            {"a Reply All that mends it"},
        ),
        (
            Picture(
                [case_of(story.BBB, "running", number=3)],
                [Warned("oncall@shop.example", "", "55m", "C4", "3", "")],
            ),
            {"a consumer-protection complaint with its hour running", "the complaint's first warning"},
        ),
        (
            Picture(
                [case_of(story.BBB, "running", number=3)],
                [Warned("oncall@shop.example", "", "55m", "C4", "4", "")],
            ),
            {"a consumer-protection complaint with its hour running"},
        ),
    ],
)
def test_what_is_seen_in_a_picture(picture, names):
    sights = [sight for scene in story.SCENES for sight in scene.sights]
    assert {sight.name for sight in sights if sight.seen(picture)} == names


def test_a_letter_is_told_in_one_line():
    assert describe(story.INQUIRY) == (
        "jsmith@walmart.com to care@shop.example, Cc kpatel@walmart.com: “Case 20417733: wrong glaze,"
        " customer awaiting your response” (INBOX of care@shop.example, received 2 h ago)"
    )


@pytest.mark.parametrize(
    ("statuses", "owed"),
    [
        (["running"], "reply (C4), 53 min left"),
        (["overdue"], "reply (C4), late"),
        (["met", "running"], "resolution (C3), 23 h left"),
        (["met", "met"], "nothing"),
        ([], "nothing"),
    ],
)
def test_what_is_owed_next_is_told_in_words(statuses, owed):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    first = "2026-11-22T11:00:00Z" if "overdue" in statuses else "2026-11-22T12:53:00Z"
    clocks = [("reply", "C4", first), ("resolution", "C3", "2026-11-23T11:00:00Z")]
    deadlines = [
        {"obligation": obligation, "rule": rule, "due_at": due_at, "status": status}
        for (obligation, rule, due_at), status in zip(clocks, statuses, strict=False)
    ]
    assert owed_next({"deadlines": deadlines}, now) == owed


def test_without_its_packages_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(relaywatch.demo, "_NEEDED", ("pymap", "no_such_package_of_relaywatch"))
    assert relaywatch.demo.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "relaywatch: the demo needs further packages: pip install 'relaywatch[demo]'\n"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for everything temporary, empty again at the end."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    yield tmp_path
    assert [path.name for path in tmp_path.iterdir()] == []
    assert processes_about(tmp_path) == []


def processes_about(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in words:
                found.append(words)
    return found


@pytest.mark.usefixtures("temporary")
async def test_everything_is_seen():
    said = StringIO()
    status = await run(Narrator(Console(file=said, width=100)), keep=False, pace=0.0)
    assert status == 0, said.getvalue()
    assert "NO " not in said.getvalue()
    assert "WARNING" in said.getvalue()
    assert "\x1b" not in said.getvalue()


@pytest.mark.usefixtures("temporary")
async def test_kept_it_stays_until_it_is_told_to_end():
    said = StringIO()
    narrator = Narrator(Console(file=said, width=100))
    kept = asyncio.create_task(run(narrator, keep=True, scenes=story.SCENES[:1], pace=0.0))
    while "until Ctrl-C" not in said.getvalue():
        await asyncio.sleep(0.1)
        assert not kept.done(), said.getvalue()
    kept.cancel()
    assert await kept == 0, said.getvalue()
    assert "All 4 seen" in said.getvalue()


@pytest.mark.usefixtures("temporary")
async def test_a_daemon_that_ends_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr("relaywatch.demo.daemon._command", lambda *_: (sys.executable, "-c", "raise SystemExit(3)"))
    said = StringIO()
    assert await run(Narrator(Console(file=said, width=100)), keep=False, pace=0.0) == 1
    assert "the daemon ended with status 3" in said.getvalue().splitlines()[-1]


@pytest.mark.usefixtures("temporary")
def test_ctrl_c_is_clean():
    with subprocess.Popen(
        [sys.executable, "-m", "relaywatch", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    ) as demo:
        for line in demo.stdout:
            if line.startswith(b"1. "):
                break
        time.sleep(1)
        os.killpg(demo.pid, signal.SIGINT)
        os.killpg(demo.pid, signal.SIGINT)  # of an impatient person
        out, err = demo.communicate(timeout=20)
    assert (demo.returncode, err) == (130, b"")
    assert b"nothing is left behind" in out
