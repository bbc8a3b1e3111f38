"""How long `relaywatch run --once` takes for 20,000 messages, next to mbsync's time for the same mailbox.

`python tests/bench/once.py [COUNT]`; needs Dovecot and isync. The mailbox is a shop's: forms of 1 to 8 KB as text
and as HTML, agents' mail, photos of 60 to 200 KB, replies in Sent. Everything is measured: fetching, reading,
judging, keeping, and the lists afterwards. `--age 25h` makes every question overdue, so that the sweep has as many
lapses to tell of; `--profile FILE` keeps cProfile's figures of the main process, `--store FILE` the database.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab_dovecot import PASSWORD, Dovecot
from lab_run import memory_of
from lab_smtp import SmtpLab

USER = "care@shop.example"
_CONFIG = """
[service]
database = "{home}/relaywatch.db"
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "relaywatch@shop.example"
[notify]
to = ["oncall@shop.example"]
[[mailbox]]
name = "care"
role = "care"
address = "care@shop.example"
host = "127.0.0.1"
port = {imap}
security = "none"
username = "care@shop.example"
password = "{password}"
"""
_MBSYNC = """
IMAPStore remote
Host 127.0.0.1
Port {imap}
User care@shop.example
Pass {password}
SSLType None
AuthMechs PLAIN LOGIN

MaildirStore local
Path {home}/mail/
Inbox {home}/mail/INBOX

Channel all
Far :remote:
Near :local:
Patterns INBOX Sent
Create Near
Sync Pull
SyncState {home}/state
"""
_SENTENCES = (
    "My mug arrived chipped at the rim and the box was wet.",
    "I ordered two of the blue bowls, but only one was in the parcel.",
    "Could you tell me whether the glaze is safe for the dishwasher?",
    "The handle came off after I had washed it once, by hand.",
    "I would like to send it back, or to have another one, whichever is quicker for you.",
    "It is a present for my sister, whose birthday is on the 30th.",
    "J'aimerais aussi savoir si la même tasse existe en vert, s'il vous plaît.",
    "Nobody has answered what I wrote last week, and I am getting a little worried.",
    "The colour in the picture is much lighter than that of the one that I got.",
)


def mails(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield as many mails of a shop as (folder, bytes); the same ones every time."""
    dice = random.Random(20_000)
    for number in range(count):
        kind = dice.choices(("form", "html", "agent", "photo", "reply"), (50, 20, 8, 5, 17))[0]
        asked = dice.randrange(max(1, number))
        words = _words(dice, dice.randint(500, 7_000) if kind in ("form", "html") else 600)
        if kind == "agent":
            yield "INBOX", _agents(number, words)
        elif kind == "reply":
            yield "Sent", _reply(number, asked, words)
        elif kind == "html":
            yield "INBOX", _form_in_html(number, words)
        elif kind == "photo":
            yield "INBOX", _with_photo(number, words, dice.randbytes(dice.randint(45_000, 150_000)))
        else:
            yield "INBOX", _form(number, words)


def _words(dice: random.Random, size: int) -> str:
    text = ""
    while len(text) < size:
        text += dice.choice(_SENTENCES) + dice.choice((" ", " ", " ", "\n\n"))
    return text[:size]


def _relay(number: int) -> str:
    return f"c-{number:032x}@relay.walmart.ca"


def _lines(number: int, words: str) -> str:
    return (
        "Jordan wants to connect with you regarding the following order:\n\n"
        f"Sales Order ID: 6000000{number:08}\nItem ID: 6000204338910\nItem: Stoneware mug, blue\nMessage: {words}\n\n"
        "**Note: To protect the customer, the e-mail address is hidden. Please respond within 1 business day.**\n\n"
        f"Walmart Customer Service Team\nRefID: {number:032X}\n"
    )


def _mail(number: int, sender: str, to: str, subject: str, headers: str, body: str) -> bytes:
    sent = format_datetime(datetime.now(UTC) - timedelta(minutes=5))
    host = sender.partition("@")[2]
    received = "".join(
        f"Received: from mx{hop}.mail.example by mx.shop.example with ESMTPS id k{number}h{hop}; {sent}\n"
        for hop in range(3)
    )
    head = f"From: <{sender}>\nTo: {to}\nSubject: {subject}\nDate: {sent}\nMessage-ID: <b{number}@{host}>\n"
    return f"{received}{head}MIME-Version: 1.0\n{headers}\n{body}\n".replace("\n", "\r\n").encode()


_PLAIN = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"


def _form(number: int, words: str) -> bytes:
    return _mail(number, _relay(number), USER, f"Walmart.ca Customer: question {number}", _PLAIN, _lines(number, words))


def _html(number: int, words: str) -> str:
    rows = "".join(
        f'<tr><td style="padding:4px 8px;font-family:Arial,sans-serif">{line or "&nbsp;"}&nbsp;</td></tr>\n'
        for line in _lines(number, words).replace(": ", ":&nbsp;").splitlines()
    )
    return f"<html><head><style>td {{ color: #2e2f32 }}</style></head><body><table>{rows}</table></body></html>"


def _form_in_html(number: int, words: str) -> bytes:
    body = (
        f"--kiln\n{_PLAIN}\n{_lines(number, words)}\n--kiln\nContent-Type: text/html; charset=utf-8\n"
        f"Content-Transfer-Encoding: 8bit\n\n{_html(number, words)}\n--kiln--\n"
    )
    return _mail(
        number,
        _relay(number),
        USER,
        f"Walmart.ca Customer: question {number}",
        'Content-Type: multipart/alternative; boundary="kiln"\n',
        body,
    )


def _with_photo(number: int, words: str, photo: bytes) -> bytes:
    octets = photo.hex()  # not base64, which is as large: what matters is that nobody looks at it
    lines = "\n".join(octets[start : start + 76] for start in range(0, len(octets) * 2 // 3, 76))
    body = (
        f"--kiln\n{_PLAIN}\n{_lines(number, words)}\n--kiln\nContent-Type: image/jpeg\n"
        'Content-Disposition: attachment; filename="mug.jpg"\nContent-Transfer-Encoding: base64\n\n'
        f"{lines}\n--kiln--\n"
    )
    return _mail(
        number,
        _relay(number),
        USER,
        f"Walmart.ca Customer: question {number}",
        'Content-Type: multipart/mixed; boundary="kiln"\n',
        body,
    )


def _agents(number: int, words: str) -> bytes:
    body = (
        f"Hello seller,\n\nOur customer wrote about order 6000000{number:08}: {words}\n\nPlease contact the customer "
        "and let us know how this will be resolved.\n\nJohn Smith\nWalmart Canada Customer Care\n"
    )
    return _mail(
        number, "jsmith@walmart.com", USER, f"Case {10_000_000 + number}: customer waits for you", _PLAIN, body
    )


def _reply(number: int, asked: int, words: str) -> bytes:
    quoted = "\n".join(f"> {line}" for line in _lines(asked, words).splitlines())
    body = (
        "Hello Jordan,\n\nI am sorry that the mug arrived chipped. A replacement left our warehouse this morning, and "
        "you can keep the damaged one.\n\nKind regards,\nMei\nBlue Kiln Customer Care\n\n"
        f"On Fri, Nov 13, 2026 at 4:30 PM Jordan wrote:\n{quoted}\n"
    )
    headers = f"In-Reply-To: <b{asked}@relay.walmart.ca>\nReferences: <b{asked}@relay.walmart.ca>\n{_PLAIN}"
    return _mail(number, USER, _relay(asked), f"Re: Walmart.ca Customer: question {asked}", headers, body)


def fill(server: Dovecot, count: int, at: datetime) -> int:
    """Lay the mails into Maildirs; return their octets."""
    octets = 0
    box = server.mail / USER
    folders = {"INBOX": box / "cur", "Sent": box / ".Sent" / "cur"}
    for folder in folders.values():
        for name in ("cur", "new", "tmp"):
            (folder.parent / name).mkdir(parents=True, exist_ok=True)
    for number, (folder, raw) in enumerate(mails(count)):
        path = folders[folder] / f"{1_000_000_000 + number}.{number:07}.kiln,S={len(raw)}:2,"
        path.write_bytes(raw)
        os.utime(path, (at.timestamp(), at.timestamp()))
        octets += len(raw)
    server.fill(USER, (), at=at)  # gives all of it to the server's user
    with server.client(USER) as client:
        for folder, path in folders.items():  # the server builds its index
            found = client.select_folder(folder, readonly=True)[b"EXISTS"]
            if found != len(list(path.iterdir())):
                raise SystemExit(f"{folder}: the server shows {found} messages")
            uids = client.search("ALL")
            for start in range(0, len(uids), 500):
                client.fetch(uids[start : start + 500], ["INTERNALDATE"])
    return octets


@dataclass
class Run:
    """A program that ran: seconds, seconds of CPU of it and its children, and memory in MB."""

    status: int
    wall: float
    cpu: float
    largest: float  # the process that took most
    together: float  # at one moment, each page that processes share counted for its part
    output: str = field(repr=False)


def measured(command: list[str], log: Path) -> Run:
    """Run a program to its end."""
    with log.open("wb") as stream:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
        watch = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.stop()
    cpu = usage.ru_utime + usage.ru_stime
    return Run(process.returncode, wall, cpu, usage.ru_maxrss / 1024, watch.most, log.read_text("utf-8"))


class _Memory:
    """Looks at a process and its children every 100 ms."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.most = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.1):
            self.most = max(self.most, memory_of(self.pid))


def main() -> None:
    """Measure mbsync, `run --once` and `cases` one after the other, and print a line of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--age", choices=("0h", "25h"), default="0h", help="how long ago everything was received")
    parser.add_argument("--profile", type=Path)
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    if shutil.which("mbsync") is None:
        raise SystemExit("mbsync is not installed: apt-get install isync")
    server = Dovecot()
    try:
        with SmtpLab() as smtp, tempfile.TemporaryDirectory() as home:
            octets = fill(server, options.count, datetime.now(UTC) - timedelta(hours=int(options.age[:-1])))
            _say(f"{options.count} messages of {octets / options.count / 1024:.1f} KB")
            _measure(Path(home), server, smtp, options)
    finally:
        server.close()


def _measure(home: Path, server: Dovecot, smtp: SmtpLab, options: argparse.Namespace) -> None:
    (home / "mail").mkdir()
    (home / "mbsyncrc").write_text(_MBSYNC.format(imap=server.port, password=PASSWORD, home=home))
    theirs = measured(["mbsync", "-c", str(home / "mbsyncrc"), "-a"], home / "log")
    _say(f"mbsync  {theirs.wall:.2f} s  {theirs.cpu:.2f} s CPU  status {theirs.status}")
    config = home / "relaywatch.toml"
    config.write_text(_CONFIG.format(home=home, smtp=smtp.port, imap=server.port, password=PASSWORD))
    config.chmod(0o600)
    profiling = ["-m", "cProfile", "-o", str(options.profile)] if options.profile else []
    ours = measured(
        [sys.executable, *profiling, "-m", "relaywatch", "run", "--once", "--config", str(config)], home / "log"
    )
    ratio = ours.wall / theirs.wall
    _say(
        f"run --once  {ours.wall:.2f} s  {ours.cpu:.2f} s CPU  status {ours.status}  ratio {ratio:.2f}"
        f"  {options.count / ours.wall:.0f} messages/s  {ours.largest:.0f} MB largest, {ours.together:.0f} MB together"
        f"  {len(smtp.accepted)} warnings"
    )
    if ours.status:
        _say(ours.output[-500:])
    listed = measured(
        [sys.executable, "-m", "relaywatch", "cases", "--format", "json", "--config", str(config)], home / "list"
    )
    cases = len(json.loads(listed.output))
    _say(f"cases  {listed.wall:.2f} s  {listed.cpu:.2f} s CPU  {listed.largest:.0f} MB  {cases} cases")
    if options.store:
        shutil.copyfile(home / "relaywatch.db", options.store)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
