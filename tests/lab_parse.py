"""Mails as bytes, and reading them, for the tests of the reader."""

from relaywatch.core.mail.message import Copy, Folder, Message, Role
from relaywatch.mailbox.parse import Parsed, read_message

COPY = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX)
OWN_HOSTS = frozenset({"shop.example"})
RELAY = "c-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@relay.walmart.ca"
HEAD = (
    f"From: Jordan <{RELAY}>\n"
    "To: Blue Kiln <care@shop.example>\n"
    "Subject: Question about my order\n"
    "Date: Sun, 22 Nov 2026 17:13:05 -0500\n"
    "Message-ID: <one@relay.walmart.ca>\n"
)


def parsed(raw: str | bytes, *, own_hosts: frozenset[str] | None = OWN_HOSTS, whole: bool = True) -> Parsed:
    """Read a mail as it would be read from a mailbox."""
    data = raw.encode() if isinstance(raw, str) else raw
    return read_message(data, account="main", copy=COPY, own_hosts=own_hosts, whole=whole)


def message(raw: str | bytes, *, own_hosts: frozenset[str] | None = OWN_HOSTS) -> Message:
    """Read a whole mail."""
    return parsed(raw, own_hosts=own_hosts).message


def mail(body: str, *headers: str) -> str:
    """Build a mail of the fixed cast's with further headers."""
    return HEAD + "".join(f"{header}\n" for header in headers) + "\n" + body


def multipart(kind: str, *parts: str, boundary: str = "=_b") -> str:
    """Build the Content-Type and the body of a multipart from whole parts, to follow a mail's other headers."""
    inner = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inner}--{boundary}--\n'


def part(content_type: str, body: str, *headers: str) -> str:
    """Build one part of a multipart."""
    return f"Content-Type: {content_type}\n" + "".join(f"{header}\n" for header in headers) + "\n" + body
