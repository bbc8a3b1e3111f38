"""Reading one mail: raw bytes in, a classified message and what it shares with its companions out.

Imported by the reading child, so it imports nothing that the child does not need.
"""

import time
from dataclasses import dataclass, replace

from relaywatch.core.classes.attachments import UNREAD_ATTACHMENT
from relaywatch.core.classes.classify import classify
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail import authentic
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Mail, Message, Role
from relaywatch.core.mail.sender import as_written
from relaywatch.core.threads import thread
from relaywatch.core.threads.naming import Named, named
from relaywatch.mailbox import rescue
from relaywatch.mailbox.attached import FILES_SECONDS
from relaywatch.mailbox.parse import read_message
from relaywatch.pipeline.allowance import Allowance
from relaywatch.pipeline.lean import lean

_ATTACHMENTS_COUNT = frozenset({Class.WALMART_AGENT, Class.COMPLAINT})  # a notice stays one


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as a server or a file gave it. `addresses`: the roles behind one login, by the registered address.

    `slim`: what it quotes is wanted packed, for much mail stays in memory. Not `patient`: no attachment is looked
    into, for that may be what made its reader hang.
    """

    raw: bytes
    whole: bool
    account: str
    copy: Copy
    own_hosts: frozenset[str] | None
    addresses: tuple[tuple[Role, str], ...] = ()
    slim: bool = False
    patient: bool = True


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail that was read: what it is, and what it shares with its companions."""

    mail: Mail
    named: Named
    hints: frozenset[str]
    needs_more: bool
    packed: bytes = b""  # what it quotes, where the message was slimmed


def read(item: RawMail, parties: Parties, rules: Rules, allowance: Allowance | None = None) -> ReadMail:
    """Parse and classify one mail. Never raises for what the mail says.

    `allowance`: of what fails authentication, files are read within that time alone.
    """
    began: float | None = None

    def seconds(message: Message) -> float | None:
        nonlocal began
        message = as_written(message, parties)
        if not may_be_walmarts(message, parties):
            return None
        if allowance is None or authentic.verdict(message, parties).status != "fail":
            return FILES_SECONDS
        began = time.process_time()
        return min(FILES_SECONDS, allowance.left())

    try:
        parsed = read_message(
            item.raw,
            account=item.account,
            copy=item.copy,
            own_hosts=item.own_hosts,
            whole=item.whole,
            opens=seconds,
            patient=item.patient,
        )
    finally:
        if allowance is not None and began is not None:
            allowance.spend(time.process_time() - began)
    found = known(parsed.message, item, parties, rules, needs_more=parsed.needs_more)
    if parsed.attachments_need_more and not found.needs_more:
        verdict = found.mail.verdict
        return replace(found, needs_more=verdict.class_ in _ATTACHMENTS_COUNT or verdict.rule == UNREAD_ATTACHMENT)
    return found


def may_be_walmarts(message: Message, parties: Parties) -> bool:
    """Whether attachments are worth reading: only those that Walmart itself sends can tell of a body (policy C4).

    Its author is who wrote it, though a list stands in From: what else names Walmart makes nothing Walmart's.
    """
    if (message.outgoing and not message.arrived) or parties.is_relay(message.author):
        return False
    return parties.is_walmart(message.author)


def head_may_be_walmarts(item: RawMail, parties: Parties) -> bool:
    """The same of a mail that could not be read: whether it is worth a try without what is attached to it."""
    sketch = rescue.sketch(item.raw, account=item.account, copy=item.copy)
    return item.patient and may_be_walmarts(as_written(sketch, parties), parties)


def known(message: Message, item: RawMail, parties: Parties, rules: Rules, *, needs_more: bool) -> ReadMail:
    """Classify a message that was parsed."""
    message = _with_proof(as_written(_with_role(message, item), parties), parties)
    mail = Mail(message, classify(message, parties, rules))
    names = named(mail, parties)
    slim, packed = lean(mail, names, parties) if item.slim else (mail, b"")
    return ReadMail(slim, names, thread.hints(mail, parties), needs_more, packed)


def _with_proof(message: Message, parties: Parties) -> Message:
    """Note of the copy how well it is proved: of several, only the headers of the best are kept."""
    if not parties.authserv_ids:
        return message
    proof = int(authentic.proof(message, parties))
    return replace(message, copies=tuple(replace(copy, proof=proof) for copy in message.copies))


def _with_role(message: Message, item: RawMail) -> Message:
    """One login behind both addresses: the role follows Delivered-To, To, Cc (interface: [[mailbox]])."""
    if not item.addresses:
        return message
    for address in (*message.delivered_to, *message.to, *message.cc):
        for role, registered in item.addresses:
            if address == registered:
                return replace(message, copies=tuple(replace(copy, role=role) for copy in message.copies))
    return message
