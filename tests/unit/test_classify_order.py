"""Which rule comes first where a mail of Walmart's or the seller's could be two things, and what its verdict tells."""

from dataclasses import replace

import pytest
from lab_mail import a_mail, shipped_rules
from lab_wholly import JORDAN, PARTIES, read_as

from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.message import Class, Copy, Folder, Role, UnreadAttachment, Verdict

AGENT, MACHINE, OF_RELAY = "jsmith@walmart.com", "no-reply@walmart.com", "noreply@relay.walmart.ca"
NEWS = "marketplace-news@walmart.com"
LIST = (("list-unsubscribe", "<https://news.walmart.example/u/1>"), ("list-id", "Seller News <news.walmart.com>"))
SCAN = {
    "unread": (UnreadAttachment(name="complaint.pdf", kind="application/pdf", why="it is a scan"),),
    "attachments": ("complaint.pdf",),
}
SEE = "Please see the attached complaint and respond within one hour."
BODY = "A complaint was filed at the Better Business Bureau."
LOST = "Your message could not be delivered to b@c.example."


def sent(to: str, subject: str, author: str = "care@shop.example", **fields: object) -> Verdict:
    copies = (Copy(mailbox="one", role=Role.CARE, folder=Folder.SENT),)
    message = a_mail("A new lid left today.", subject, author=author, to=(to,), copies=copies, **fields)
    return classify(message, PARTIES, shipped_rules())


@pytest.mark.parametrize(
    ("author", "text", "class_"),
    [
        pytest.param(OF_RELAY, LOST, Class.BOUNCE, id="the relay's"),
        pytest.param(
            OF_RELAY, f"{LOST} {BODY} Please respond today.", Class.CONSUMER_PROTECTION, id="the relay's, asks"
        ),
        pytest.param(MACHINE, LOST, Class.BOUNCE, id="a machine's"),
        pytest.param(MACHINE, f"{LOST} Answer the customer today.", Class.WALMART_AGENT, id="a machine's, asks"),
        pytest.param("mailer-daemon@mx.other.example", LOST, Class.BOUNCE, id="a mail system's"),
        pytest.param(
            "mailer-daemon@mx.other.example",
            "Your message could not be delivered.",
            Class.BOUNCE,
            id="that does not say to whom",
        ),
    ],
)
def test_what_was_not_delivered_is_a_bounce_unless_an_answer_is_asked_for(author, text, class_):
    assert read_as(text, "Undeliverable", author, return_path="").class_ is class_


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param(f"{BODY} {SEE}", "consumer_protection_better_business_bureau", id="a body that the words name"),
        pytest.param(f"** THIS IS AN ESCALATION ** {SEE}", "unread_attachment", id="an escalation"),
        pytest.param(SEE, "unread_attachment", id="nothing else"),
    ],
)
def test_an_attachment_that_nobody_can_read_has_the_hour_and_a_named_body_is_told_first(text, rule):
    found = read_as(text, "Complaint", AGENT, **SCAN)
    assert (found.class_, found.rule) == (Class.CONSUMER_PROTECTION, rule)


def test_walmarts_own_list_sends_no_complaint_as_a_file_that_nobody_can_read():
    listed = read_as(SEE, "Hello", NEWS, in_reply_to=(), headers=LIST, **SCAN)
    assert (listed.class_, listed.rule) == (Class.WALMART_NOTICE, "walmart_list")
    assert any(NEWS in said for said in listed.evidence)
    assert read_as(SEE, "Hello", NEWS, in_reply_to=(), headers=LIST[:1], **SCAN).class_ is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize(
    ("back", "class_"),
    [
        pytest.param((MACHINE,), Class.WALMART_NOTICE, id="nobody"),
        pytest.param(("alerts@walmart.ca",), Class.WALMART_NOTICE, id="itself"),
        pytest.param((AGENT,), Class.WALMART_AGENT, id="a person"),
    ],
)
def test_what_a_machine_tells_is_read_by_whom_its_answers_go_to(back, class_):
    assert read_as("Something new.", "Hello", "alerts@walmart.ca", reply_to=back).class_ is class_


def test_only_of_walmarts_mail_it_is_said_that_it_sounds_like_a_notice():
    text = "Hello, why was the kettle cancelled?"
    assert any("sounds like a notice" in said for said in read_as(text, "Order cancellation", AGENT).evidence)
    assert not any("sounds like a notice" in said for said in read_as(text, "Order cancellation").evidence)


@pytest.mark.parametrize("author", [MACHINE, OF_RELAY, "c-1@relay.walmart.ca", AGENT, "x@evil.example"])
def test_the_evidence_names_the_sender(author):
    assert any(author in said for said in read_as("Something new.", "Hello", author, in_reply_to=()).evidence)


def test_the_evidence_names_the_seller_and_whom_they_wrote_to():
    assert sent(JORDAN, "Your teapot").evidence == (f"from care@shop.example to {JORDAN}",)
    assert sent(JORDAN, "Your teapot", author="").evidence == (f"from the seller to {JORDAN}",)


@pytest.mark.parametrize("to", [JORDAN, AGENT])
def test_what_the_seller_forwards_to_walmart_or_a_customer_in_a_conversation_is_a_reply(to):
    team = replace(PARTIES, handover=frozenset({"cx-ca@walmart.com"}))
    copies = (Copy(mailbox="one", role=Role.CARE, folder=Folder.SENT),)
    message = a_mail(
        "Here it is.",
        "Fwd: Teapot",
        author="care@shop.example",
        to=(to,),
        copies=copies,
        in_reply_to=("<1@x.example>",),
    )
    found = classify(message, team, shipped_rules())
    assert (found.class_, found.rule) == (Class.SELLER_REPLY, "to_walmart")


def test_who_has_an_address_of_walmarts_is_no_seller_whatever_is_registered():
    both = replace(PARTIES, seller=frozenset({"shop@walmart.com"}), authserv_ids=frozenset({"mx.shop.example"}))
    proof = (("authentication-results", "mx.shop.example; dmarc=pass header.from=walmart.com"),)
    copies = (Copy(mailbox="one", role=Role.CARE, folder=Folder.INBOX),)
    message = a_mail("Hello", "Re: Teapot", author="shop@walmart.com", to=(JORDAN,), copies=copies, headers=proof)
    assert classify(message, both, shipped_rules()).class_ is Class.WALMART_AGENT
