"""Blue Kiln, the demo's shop: its mailboxes, who writes to it, and how mail gets there over IMAP."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from imapclient import IMAPClient

CARE = "care@shop.example"
COMPLAINTS = "complaints@shop.example"
JORDAN = "c-5d0c8a3be94f4c0f9a1e6b7720d4f318@relay.walmart.ca"
SAM = "c-a81f37c2d5e64b70b3c9e01f4d86527a@relay.walmart.ca"
SMITH = "jsmith@walmart.com"
PATEL = "kpatel@walmart.com"
PASSWORD = "blue-kiln-demo"  # noqa: S105 - of an embedded server on loopback that lives for a minute
FOLDERS = ("Sent", "Junk")
_TIMEOUT = 10.0

CONFIG = """\
[service]
database = "relaywatch.db"
timezone = "America/Toronto"

[smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"
from = "relaywatch@shop.example"

[notify]
to = ["oncall@shop.example"]

[[mailbox]]
name = "care"
role = "care"
address = "care@shop.example"
host = "127.0.0.1"
port = {imap_port}
security = "none"
username = "care@shop.example"
password_file = "mailbox.pass"
poll_interval = "2s"

[[mailbox]]
name = "complaints"
role = "complaint"
address = "complaints@shop.example"
host = "127.0.0.1"
port = {imap_port}
security = "none"
username = "complaints@shop.example"
password_file = "mailbox.pass"
poll_interval = "2s"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMail:
    """A mail of the story. `ago`: how long ago the server received it; `answers`: the id of another."""

    id: str
    author: str
    to: tuple[str, ...]
    subject: str
    text: str
    cc: tuple[str, ...] = ()
    answers: str = ""
    ago: timedelta = timedelta()
    folder: str = "INBOX"
    automatic: bool = False

    @property
    def mailbox(self) -> str:
        """The login whose mailbox it lies in."""
        return self.author if self.folder == "Sent" else self.to[0]

    def write(self, now: datetime) -> bytes:
        """Return it as a mail with CRLF line ends."""
        mail = EmailMessage()
        mail["From"] = self.author
        mail["To"] = ", ".join(self.to)
        if self.cc:
            mail["Cc"] = ", ".join(self.cc)
        mail["Subject"] = self.subject
        mail["Date"] = format_datetime(now - self.ago)
        mail["Message-ID"] = f"<{self.id}>"
        if self.answers:
            mail["In-Reply-To"] = mail["References"] = f"<{self.answers}>"
        if self.automatic:
            mail["Auto-Submitted"] = "auto-replied"  # RFC 3834 5
        mail.set_content(self.text)
        return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def contact_form(name: str, order: str, item: str, words: str, ref: str) -> str:
    """Return what Walmart's Contact Seller link makes of a shopper's words."""
    return (
        f"{name} wants to connect with you regarding the following order:\n\n"
        f"Sales Order ID: {order}\nItem: {item}\nMessage: {words}\n\n"
        "Please respond within 1 business day.\n\nWalmart Customer Service Team\n"
        f"RefID: {ref}\n"
    )


class Post:
    """Puts letters into the mailboxes over IMAP, as mail servers and mail programs do."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open_mailboxes(self) -> None:
        """Make the folders that every provider's mailbox has."""
        for user in (CARE, COMPLAINTS):
            await asyncio.to_thread(self._make_folders, user)

    async def deliver(self, letters: Iterable[StoryMail]) -> None:
        """APPEND each letter, received as long ago as it says."""
        for letter in letters:
            await asyncio.to_thread(self._append, letter, datetime.now(UTC))

    async def count_marked(self) -> int:
        """Return how many messages have any flag: relaywatch must leave them all as they are."""
        return sum([await asyncio.to_thread(self._count_marked, user) for user in (CARE, COMPLAINTS)])

    def _client(self, user: str) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self._port, ssl=False, timeout=_TIMEOUT)
        client.login(user, PASSWORD)
        return client

    def _make_folders(self, user: str) -> None:
        with self._client(user) as client:
            for folder in FOLDERS:
                client.create_folder(folder)

    def _append(self, letter: StoryMail, now: datetime) -> None:
        with self._client(letter.mailbox) as client:
            client.append(letter.folder, letter.write(now), msg_time=now - letter.ago)

    def _count_marked(self, user: str) -> int:
        marked = 0
        with self._client(user) as client:
            for folder in ("INBOX", *FOLDERS):
                client.select_folder(folder, readonly=True)
                uids = client.search("ALL")
                flags = client.get_flags(uids) if uids else {}
                marked += sum(bool(set(each) - {b"\\Recent"}) for each in flags.values())
        return marked


def write_config(home: Path, imap_port: int, smtp_port: int) -> Path:
    """Write the shop's configuration into its folder and return the path."""
    (home / "mailbox.pass").write_text(PASSWORD)
    (home / "mailbox.pass").chmod(0o600)
    path = home / "relaywatch.toml"
    path.write_text(CONFIG.format(imap_port=imap_port, smtp_port=smtp_port))
    return path
