"""Mail of the fixed cast, as it lies on a server: Blue Kiln sells, Jordan buys, two of Walmart's agents write."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

CARE, COMPLAINTS = "care@shop.example", "complaints@shop.example"
SMITH, PATEL = "jsmith@walmart.com", "kpatel@walmart.com"
SUBJECT = "Walmart.ca Customer: Chipped mug"
ASKED = "The glaze on my mug came off in the first wash. What can be done about it?"
ANSWER = (
    "Hello Jordan, that should not happen with our glaze. A new mug went out this morning by Canada Post, "
    "and there is no need to send the old one back."
)
RECEIPT = "Thank you for contacting Blue Kiln. This is an automated response: we have received your message."
CASE_SUBJECT = "Case 20481377: customer waits for you"


def relay(number: int = 1) -> str:
    """Return the address of a customer behind the relay."""
    return f"c-{number:032x}@relay.walmart.ca"


def order(number: int = 1) -> str:
    return f"600000{number:09}"


def post(
    author: str,
    to: str,
    subject: str,
    text: str,
    *,
    mid: str,
    date: datetime | None = None,
    cc: str = "",
    answers: str = "",
    **headers: str,
) -> bytes:
    """Return a mail as it goes over the wire; `answers` is the Message-ID that it replies to.

    Without `date` it has none: `dated` gives it one.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, to, subject
    if cc:
        mail["Cc"] = cc
    mail["Message-ID"] = f"<{mid}>"
    if date is not None:
        mail["Date"] = format_datetime(date)
    if answers:
        mail["In-Reply-To"] = mail["References"] = f"<{answers}>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return bytes(mail).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def dated(raw: bytes, moment: datetime) -> bytes:
    """Return a mail with a Date, if it had none."""
    if b"\r\nDate:" in raw.partition(b"\r\n\r\n")[0]:
        return raw
    return f"Date: {format_datetime(moment)}\r\n".encode() + raw


def customer(number: int = 1, *, text: str = ASKED, **more: str) -> bytes:
    """Return a customer's mail through the Contact-Seller form, raw; each number is another customer and order."""
    form = (
        f"Jordan wants to connect with you regarding the following order:\n\nSales Order ID: {order(number)}\n"
        f"Item ID: 6000{number:08}\nItem: Blue mug, 350 ml\nMessage: {text}\n\n"
        f"Walmart Customer Service Team\nRefID: {number:032X}\n"
    )
    return post(
        more.pop("author", relay(number)),
        CARE,
        more.pop("subject", f"{SUBJECT} {number}"),
        form,
        mid=more.pop("mid", f"asked-{number}@relay.walmart.ca"),
        **more,
    )


def reply(number: int = 1, *, text: str = ANSWER, **more: str) -> bytes:
    """Return the seller's answer to a customer, as it lies in Sent."""
    return post(
        more.pop("author", CARE),
        more.pop("to", relay(number)),
        f"Re: {SUBJECT} {number}",
        f"{text}\n\nKind regards,\nMei\n",
        mid=more.pop("mid", f"answer-{number}@shop.example"),
        answers=more.pop("answers", f"asked-{number}@relay.walmart.ca"),
        **more,
    )


def agent(text: str = "", **more: str) -> bytes:
    """Return the inquiry of one of Walmart's agents."""
    return post(
        more.pop("author", f"John Smith <{SMITH}>"),
        more.pop("to", CARE),
        more.pop("subject", CASE_SUBJECT),
        text
        or "Hello,\n\nthe buyer of order 600000000000777 says that the colour is wrong. What will you do?\n\nJohn\n",
        mid=more.pop("mid", "inquiry@walmart.com"),
        **more,
    )


def to_agent(**more: str) -> bytes:
    """Return the seller's answer to that inquiry."""
    return post(
        CARE,
        more.pop("to", SMITH),
        f"Re: {CASE_SUBJECT}",
        "Hello John,\n\nwe wrote to the buyer: the right mug leaves tomorrow, free of charge.\n\nMei\n",
        mid=more.pop("mid", "to-agent@shop.example"),
        answers=more.pop("answers", "inquiry@walmart.com"),
        **more,
    )


def bureau(**more: str) -> bytes:
    """Return what an agent sends on of the Better Business Bureau's."""
    text = "Hello,\n\nwe received a Better Business Bureau complaint about your shop. Please respond to it.\n\nJohn\n"
    return agent(text, to=COMPLAINTS, subject="BBB complaint 55102", mid=more.pop("mid", "bbb@walmart.com"), **more)


def complaint(number: int, dmarc: str) -> bytes:
    """Return an agent's mail about a consumer-protection body's complaint, and what the server found of its sender."""
    text = "Hello,\n\nwe received a Better Business Bureau complaint about your shop. Please respond to it.\n\nJohn\n"
    raw = agent(text, to=COMPLAINTS, mid=f"bbb-{number}@walmart.com", subject=f"BBB complaint {44000 + number}")
    return f"Authentication-Results: mx.shop.example; dmarc={dmarc} header.from=walmart.com\r\n".encode() + raw


def bounce(*, number: int = 1, of: str = "answer-1@shop.example", mid: str = "dsn@shop.example") -> bytes:
    """Return the mail system's report that an answer never arrived (RFC 3464)."""
    head = (
        f"From: MAILER-DAEMON@smtp.shop.example\nTo: {CARE}\nSubject: Undelivered Mail Returned to Sender\n"
        f"Message-ID: <{mid}>\nReturn-Path: <>\nAuto-Submitted: auto-replied\n"
        'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="kiln"\n\n'
    )
    parts = (
        "--kiln\nContent-Type: text/plain\n\nYour message could not be delivered: 550 5.1.1 no such user\n\n"
        "--kiln\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; smtp.shop.example\n\n"
        f"Final-Recipient: rfc822; {relay(number)}\nAction: failed\nStatus: 5.1.1\n\n"
        "--kiln\nContent-Type: message/rfc822\n\n"
        f"From: {CARE}\nTo: {relay(number)}\nMessage-ID: <{of}>\n\nx\n--kiln--\n"
    )
    return (head + parts).encode().replace(b"\n", b"\r\n")
