"""Reading one mail: raw bytes in, a classified message and what it shares with its companions out.

Imported by the reading child, so it imports nothing that the child does not need.
"""

from dataclasses import dataclass, replace

from relaywatch.core import thread
from relaywatch.core.address import Parties
from relaywatch.core.classify import classify
from relaywatch.core.message import Copy, Mail, Message, Role
from relaywatch.core.rules import Rules
from relaywatch.core.sender import as_written
from relaywatch.mailbox.parse import read_message
from relaywatch.pipeline.lean import lean


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as a server or a file gave it. `addresses`: the roles behind one login, by the registered address.

    `slim`: what it quotes is wanted packed, for much mail stays in memory.
    """

    raw: bytes
    whole: bool
    account: str
    copy: Copy
    own_hosts: frozenset[str] | None
    addresses: tuple[tuple[Role, str], ...] = ()
    slim: bool = False


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail that was read: what it is, and what it shares with its companions."""

    mail: Mail
    keys: frozenset[str]
    hints: frozenset[str]
    needs_more: bool
    packed: bytes = b""  # what it quotes, where the message was slimmed


def read(item: RawMail, parties: Parties, rules: Rules) -> ReadMail:
    """Parse and classify one mail. Never raises for what the mail says."""
    parsed = read_message(item.raw, account=item.account, copy=item.copy, own_hosts=item.own_hosts, whole=item.whole)
    return known(parsed.message, item, parties, rules, needs_more=parsed.needs_more)


def known(message: Message, item: RawMail, parties: Parties, rules: Rules, *, needs_more: bool) -> ReadMail:
    """Classify a message that was parsed."""
    message = as_written(_with_role(message, item), parties)
    mail = Mail(message, classify(message, parties, rules))
    keys = thread.keys(mail, parties)
    slim, packed = lean(mail, keys, parties) if item.slim else (mail, b"")
    return ReadMail(slim, keys, thread.hints(mail, parties), needs_more, packed)


def _with_role(message: Message, item: RawMail) -> Message:
    """One login behind both addresses: the role follows Delivered-To, To, Cc (interface: `addresses`)."""
    if not item.addresses:
        return message
    for address in (*message.delivered_to, *message.to, *message.cc):
        for role, registered in item.addresses:
            if address == registered:
                return replace(message, copies=tuple(replace(copy, role=role) for copy in message.copies))
    return message
