"""Reports that people attach: an agent sends a customer's mail on, and what that one holds takes no clock away."""

import pytest
from lab_post import CARE, COMPLAINTS, SMITH, bounce, customer, relay
from lab_story import H

FAILED = (
    "Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; care@shop.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
)
READ = "Final-Recipient: rfc822; a@b.example\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
ABUSE = "Feedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n"
WAITS = (
    "Hello,\r\n\r\nthe buyer of order 600000000000777 hears nothing from you, their mail is attached. Please contact"
    " them and reply within 24 hours.\r\n\r\nJohn\r\n"
)
ESCALATES = "** THIS IS AN ESCALATION **\r\n\r\nThe buyer hears nothing from you, their mail is attached.\r\n"
BROKEN = "My mug came broken. What will you do about it? Please send a new one.\r\n"
SAYS = "Hello Jordan,\r\n\r\nwe are sorry. A new mug leaves tomorrow by Canada Post, free of charge.\r\n\r\nMei\r\n"

kinds = pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("message/delivery-status", FAILED),
        ("message/delivery-status", FAILED.replace("failed", "delayed")),
        ("message/delivery-status", ""),
        ("message/disposition-notification", READ),
        ("message/feedback-report", ABUSE),
    ],
)


def beside(head: str, text: str, kind: str, body: str, *, boundary: str = "o") -> str:
    """Return a mail, or a message to attach, of a text and one further part."""
    return (
        f'{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n{body}\r\n--{boundary}--\r\n"
    )


def customers(kind: str, body: str) -> str:
    """Return what a customer sent to Walmart, with a report's part in it."""
    head = "From: Jordan <c-1@relay.walmart.ca>\r\nTo: help@walmart.ca\r\nSubject: my order\r\n"
    return beside(head, "My mug is broken, see file", kind, body, boundary="i")


def agents(to: str) -> str:
    return (
        f"From: John Smith <{SMITH}>\r\nTo: {to}\r\nSubject: Case 20481377: customer waits\r\n"
        "Message-ID: <n1@walmart.com>\r\n"
    )


@kinds
@pytest.mark.parametrize(
    ("to", "mailbox", "text", "class_", "steps"),
    [
        (CARE, "care", WAITS, "walmart_agent", ["8h", "due"]),
        (COMPLAINTS, "complaints", ESCALATES, "complaint", ["12h", "due"]),
    ],
)
def test_an_agent_attaches_what_a_customer_wrote(shop, to, mailbox, text, class_, steps, kind, body):
    """Policy C2, C3."""
    raw = beside(agents(to), text, "message/rfc822", customers(kind, body))
    assert shop.mail(raw.encode(), at=H(0), mailbox=mailbox) == class_
    assert [warned.step for hours in (1, 16, 24) for warned in shop.now(H(hours))] == steps


def test_an_agent_attaches_a_bounce(shop):
    raw = beside(agents(CARE), WAITS, "message/rfc822", bounce().decode())
    assert shop.mail(raw.encode(), at=H(0)) == "walmart_agent"
    assert shop.cases() == {1: "open"}


@kinds
def test_a_report_flat_in_a_customers_own_mail(shop, kind, body):
    """Policy C1."""
    head = f"From: {relay(5)}\r\nTo: {CARE}\r\nSubject: My mug\r\nMessage-ID: <n2@relay.walmart.ca>\r\n"
    assert shop.mail(beside(head, BROKEN, kind, body).encode(), at=H(0)) == "customer"
    assert shop.status()[0] == "running"


def test_failed_recipients_that_a_customer_names(shop):
    """Policy C1."""
    head = (
        f"From: {relay(5)}\r\nTo: {CARE}\r\nSubject: My mug\r\nMessage-ID: <n2@relay.walmart.ca>\r\n"
        "X-Failed-Recipients: a@b.example\r\n\r\n"
    )
    assert shop.mail((head + BROKEN).encode(), at=H(0)) == "customer"


@pytest.mark.parametrize(("kind", "body"), [("message/rfc822", ""), ("message/delivery-status", FAILED)])
def test_a_reply_that_attaches_a_report_is_a_reply(shop, kind, body):
    """Policy Q2: the seller shows the customer what came back."""
    shop.mail(customer(1), at=H(0))
    head = (
        f"From: {CARE}\r\nTo: {relay(1)}\r\nSubject: Re: Walmart.ca Customer: Chipped mug 1\r\n"
        "Message-ID: <r@shop.example>\r\nIn-Reply-To: <asked-1@relay.walmart.ca>\r\n"
    )
    assert shop.sent(beside(head, SAYS, kind, body or bounce(of="other").decode()).encode(), at=H(1)) == "seller_reply"
    assert shop.status() == ["met"]
