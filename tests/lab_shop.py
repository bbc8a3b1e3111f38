"""A shop on paper: raw mail of the cast in its folders, read, classified, grouped and judged as in the program.

`judged({...}, hours)` takes messages by folder ("care", "complaints", "sent", "junk", "desk") and a moment in
hours since T0, and gives the cases, most urgent first, and the findings that belong to none.
"""

import base64
import quopri
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.header import Header
from email.utils import format_datetime

import cast as c

from relaywatch.core.cases.case import Case, Conversation, Finding, Obligation
from relaywatch.core.cases.form import most_urgent_first
from relaywatch.core.cases.judge import Basis, judge
from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Copy, Folder, Mail, Message, Role
from relaywatch.core.mail.when import received_at
from relaywatch.core.policy import Policy
from relaywatch.core.replies.learned import learned_of
from relaywatch.core.threads.thread import group
from relaywatch.mailbox.parse import read_message

PLACES = {
    "care": ("care", Role.CARE, Folder.INBOX),
    "complaints": ("complaints", Role.COMPLAINT, Folder.INBOX),
    "sent": ("care", Role.CARE, Folder.SENT),
    "junk": ("care", Role.CARE, Folder.JUNK),
    "desk": ("desk", Role.SENT, Folder.INBOX),
}
PARTIES = Parties(
    registered=frozenset({c.CARE, c.COMPLAINTS}),
    seller=frozenset({c.ALIAS}),
    own=frozenset({"relaywatch@shop.example"}),
    authserv_ids=frozenset({"mx.shop.example"}),
)
ASK = "The bowl came with a crack in its foot. What can you do about it?"
ANSWER = (
    "Hello Jordan,\n\nI am sorry about the cracked bowl. We have sent another one today by parcel post; you will have\n"
    "it on Wednesday. There is no need to send the first one back.\n\nKind regards,\nMei\nBlue Kiln\n"
)
TO_AGENT = "Hello John,\n\nwe wrote to the customer this morning and refunded the bowl in full.\n\nRegards,\nMei\n"
QUOTE = "\nOn Fri, Nov 13, 2026 at 4:30 PM Jordan <c-1@relay.walmart.ca> wrote:\n> The bowl came with a crack.\n"


def eml(
    author: str,
    to: str,
    subject: str,
    body: str | bytes,
    hours: float,
    mid: str,
    *,
    answers: Iterable[str] = (),
    cc: str = "",
    headers: Iterable[str] = (),
    kind: str = "text/plain",
    charset: str = "utf-8",
    transfer: str = "8bit",
    date: float | None = None,
    sent: bool = False,
) -> bytes:
    """One mail as bytes. `sent`: it lies where the seller's mail lies, so no server wrote a Received line."""
    answers = [answers] if isinstance(answers, str) else list(answers)
    lines = [line for line in headers if line.startswith(("Authentication-Results", "Return-Path"))]
    rest = [line for line in headers if line not in lines]
    moment = c.T0 + timedelta(hours=hours)
    if not sent:
        lines.append(
            f"Received: from out.example (out.example [192.0.2.1]) by mx.shop.example; {format_datetime(moment)}"
        )
    shown = subject if subject.isascii() else Header(subject, "utf-8").encode()
    stamp = format_datetime(moment if date is None else c.T0 + timedelta(hours=date))
    lines += [f"From: {author}", f"To: {to}", f"Subject: {shown}", f"Date: {stamp}", f"Message-ID: <{mid}>"]
    lines += [f"Cc: {cc}"] * bool(cc)
    if answers:
        lines += [f"In-Reply-To: <{answers[-1]}>", "References: " + " ".join(f"<{id_}>" for id_ in answers)]
    lines += rest
    raw = body if isinstance(body, bytes) else body.encode(charset)
    if transfer == "base64":
        raw = base64.encodebytes(raw)
    elif transfer == "quoted-printable":
        raw = quopri.encodestring(raw)
    if not any(line.lower().startswith("content-type") for line in rest):
        lines += [
            "MIME-Version: 1.0",
            f'Content-Type: {kind}; charset="{charset}"',
            f"Content-Transfer-Encoding: {transfer}",
        ]
    return "\r\n".join([*lines, "", ""]).encode() + raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def form(text: str, *, order: str = c.ORDER, ref: str = "1A" * 16, name: str = "Jordan") -> str:
    """The Contact-Seller form, as plain text."""
    return (
        f"{name} wants to connect with you regarding the following order:\n\nSales Order ID: {order}\n"
        f"Item ID: 6000111122223\nItem: Serving bowl, celadon\nMessage: {text}\n\n"
        "**Note: The customer's e-mail address is hidden. Please respond within 1 business day.**\n\n"
        f"Walmart Customer Service Team\nRefID: {ref}\n"
    )


def html_form(text: str, *, order: str = c.ORDER, ref: str = "1A" * 16) -> str:
    """The same as HTML, with the blanks that it has."""
    return (
        f"<html><body><p>Jordan wants to connect with you regarding the following order:</p><table><tr><td>"
        f"Sales&nbsp;Order&nbsp;ID:&nbsp;</td><td>{order}</td></tr></table><p>Item&nbsp;ID:&nbsp;6000111122223<br>"
        f"Item:&nbsp;Serving bowl<br>Message:&nbsp;&nbsp;{text}</p><p><b>Note: Please respond within 1 business day."
        f"</b></p><p>Walmart Customer Service Team</p><p>RefID:&nbsp;{ref}</p></body></html>"
    )


def customer(text: str = ASK, hours: float = 0, mid: str = "c1", *, who: int = 1, **fields: object) -> bytes:
    """What Jordan writes by the Contact-Seller form, as a raw mail whose every part a test may vary.

    `hours` after the cast's T0; `plain=True`: without the form.
    """
    known = {name: fields.pop(name) for name in ("order", "ref", "name") if name in fields}
    body = fields.pop("body", None) or (text if fields.pop("plain", False) else form(text, **known))
    subject = fields.pop("subject", "Walmart.ca Customer:  Item arrived damaged")
    to = fields.pop("to", c.CARE)
    return eml(f"<{c.relay(who)}>", to, subject, body, hours, mid, **fields)


def agent(text: str, hours: float = 0, mid: str = "a1", **fields: object) -> bytes:
    """What an agent writes."""
    author = fields.pop("author", f"John Smith <{c.SMITH}>")
    subject = fields.pop("subject", "Case 20481632: your customer is waiting")
    return eml(author, fields.pop("to", c.CARE), subject, text, hours, mid, **fields)


def reply(text: str, hours: float, to: str | None = None, mid: str = "r1", **fields: object) -> bytes:
    """What the Blue Kiln answers: to Jordan, unless said otherwise."""
    to = to or f"<{c.relay()}>"
    to_agent = "@walmart" in to.lower()
    about = "Case 20481632: your customer is waiting" if to_agent else "Walmart.ca Customer:  Item arrived damaged"
    values = {
        "answers": "a1" if to_agent else "c1",
        "subject": f"Re: {about}",
        "sent": True,
    }
    values |= fields
    author = values.pop("author", f"Blue Kiln <{c.CARE}>")
    subject = values.pop("subject")
    return eml(author, to, subject, text, hours, mid, **values)


def report(hours: float, failed: str, *, original: str = "r1", action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery report as RFC 3464 has it."""
    body = (
        "--b1\nContent-Type: text/plain\n\nThis is the mail system at host smtp.shop.example.\n\n--b1\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; smtp.shop.example\n\n"
        f"Final-Recipient: rfc822; {failed}\nAction: {action}\nStatus: {status}\n\n--b1\n"
        f"Content-Type: message/rfc822\n\nFrom: {c.CARE}\nTo: {failed}\nSubject: Re: bowl\n"
        f"Message-ID: <{original}>\n\nx\n--b1--\n"
    )
    headers = [
        "Return-Path: <>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b1"',
    ]
    author = "Mail Delivery System <MAILER-DAEMON@smtp.shop.example>"
    return eml(author, c.CARE, "Undelivered Mail Returned to Sender", body, hours, f"d{hours}", headers=headers)


@dataclass(frozen=True)
class Outcome:
    """What became of a shop's mail."""

    cases: list[Case]
    findings: list[Finding]
    classes: dict[str | None, str]

    @property
    def case(self) -> Case:
        (case,) = self.cases
        return case

    @property
    def loose(self) -> list[str]:
        return [finding.code.value for finding in self.findings]

    def stands(self, obligation: Obligation = Obligation.REPLY) -> list[tuple[str, str, float | None]]:
        return c.stands(self.case, obligation)

    def codes(self) -> list[str]:
        return c.codes(self.case)


def judged(
    folders: Mapping[str, Iterable[bytes]], hours: float, *, policy: Policy | None = None, **parties: object
) -> Outcome:
    """Read, classify, group and judge a shop's mail as of a moment; `parties`: what differs from PARTIES."""
    who = replace(PARTIES, **parties)
    messages: dict[str, Message] = {}
    for folder, raws in folders.items():
        mailbox, role, kind = PLACES[folder]
        for raw in raws:
            copy = Copy(mailbox=mailbox, role=role, folder=kind)
            message = read_message(raw, account="main", copy=copy, own_hosts=None, whole=True).message
            known = messages.get(message.key)
            messages[message.key] = known.with_copies(message.copies) if known else message
    now = c.at(hours)
    mails = [
        Mail(message, classify(message, who, c.rules()))
        for message in messages.values()
        if received_at(message)[0] <= now
    ]
    groups = group(mails, who)
    learned = learned_of(groups)
    basis = Basis(policy or Policy(), who, c.rules(), learned)
    found = [judge(Conversation(members), basis, now) for members in groups]
    cases = most_urgent_first(enumerate(one.case for one in found if one.case is not None))
    return Outcome(
        [case for _, case in cases],
        [finding for one in found if one.case is None for finding in one.findings],
        {mail.message.message_id: mail.verdict.class_.value for mail in mails},
    )
