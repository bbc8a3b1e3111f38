"""A demand beside a receipt or a bounce of a customer's: all must be what mail systems say (policy C1, Q6)."""

from dataclasses import replace

import pytest
from lab_wholly import DEMANDS, read_as

from relaywatch.core.mail.message import Class, Delivery, DeliveryReport

RECEIPT = {
    "structure": ("multipart/report", "text/plain", "message/disposition-notification"),
    "report": DeliveryReport(),
}


@pytest.mark.parametrize("more", DEMANDS)
def test_a_demand_in_a_receipt_starts_its_clock(more):
    read = "Your message was read on Monday."
    assert read_as(read, "Re: mug", **RECEIPT).class_ is Class.AUTOMATIC
    assert read_as(f"{read} {more}", "Re: mug", **RECEIPT).class_ is Class.CUSTOMER
    assert read_as(f"{read}\n\n{more}", "Re: mug", **RECEIPT).class_ is Class.CUSTOMER
    assert read_as(read, "Re: mug", **RECEIPT, elsewhere=True).class_ is Class.CUSTOMER


READ = "Your message was displayed on Fri, 13 Nov 2026."
CITED = [
    "Subject: My kettle exploded, I want a refund of 49 dollars now!",
    "Subject: Re: I want a refund",
    "Subject: Re: the kettle exploded",
    "Subject: Re: mug\nSubject: Re: it never came",
    "To: give me my money back now",
    "To: Kettle Exploded",
    "Sent: give me my money",
    "Sent: Friday 13 the kettle exploded",
    "Date: 13 kettles broken",
]


@pytest.mark.parametrize("subject", ["Read: mug", "Re: mug"])
@pytest.mark.parametrize(
    "place", ["{read}\n{cited}", "{cited}\n{read}", "Your message\n\n  {cited}\n\nwas read on Friday."]
)
@pytest.mark.parametrize("cited", CITED)
def test_a_demand_among_the_headers_that_a_receipt_cites_starts_its_clock(cited, place, subject):
    assert read_as(place.format(read=READ, cited=cited), subject, **RECEIPT).class_ is Class.CUSTOMER


EASTERN = "6:52:11 PM (UTC-05:00) Eastern Time (US & Canada)"
OUTLOOK = f"""Your message

  To: Jordan Smith
  Subject: Re: Item arrived damaged
  Sent: Friday, November 13, 2026 {EASTERN}

was read on Friday, November 13, 2026 {EASTERN}."""
OUTLOOK_FRENCH = """Votre message

  À : Jeanne Roy
  Objet : RE: Couvercle
  Envoyé : vendredi 13 novembre 2026 18:52

a été lu le vendredi 13 novembre 2026 18:53."""
OUTLOOK_CHINESE = "你的邮件\n\n   收件人: Jo\n   主题: Lid\n\n已于 2026年11月13日 18:52:11 (UTC-05:00) 阅读。"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Read: mug", READ),
        ("Read: Re: Walmart.ca Customer: Lid", f"{READ}\nSubject: Re: Walmart.ca Customer: Lid"),
        ("Read: Re: Item arrived damaged", OUTLOOK),
        ("已读: Lid", OUTLOOK_CHINESE),
        ("已读: Lid", "您的邮件\n收件人: Kelly\n主题: Re: Lid\n\n于 2026年11月14日 8:02 被阅读。"),
        ("Lu : RE: Couvercle", OUTLOOK_FRENCH),
    ],
)
def test_a_shoppers_receipt_starts_no_clock(subject, text):
    assert read_as(text, subject, **RECEIPT).class_ is Class.AUTOMATIC


FAILED = DeliveryReport(deliveries=(Delivery(recipient="c@mail.example", action="failed", status="5.1.1"),))
BOUNCE = {
    "structure": ("multipart/report; report-type=delivery-status", "text/plain", "message/delivery-status"),
    "report": FAILED,
}
OPENS = "Delivery to the following recipient failed permanently."
BESIDE_A_BOUNCE = [
    "I am very angry with you and expect my money back. The kettle of order 600000012345678 exploded.",
    "My order never arrived.",
    "My order could not be delivered.",
    "It was not delivered.",
    "Nothing was delivered.",
    "Please send a new lid.",
    "Send it again.",
    "Could you please tell us when the kettle comes?",
    "Kettle Exploded",
    "Subject: My kettle exploded, I want a refund of 49 dollars now!",
]


@pytest.mark.parametrize("place", ["{opens}\n{more}", "{more}\n{opens}", "{opens} {more}", "{more}"])
@pytest.mark.parametrize("more", [*BESIDE_A_BOUNCE, *DEMANDS])
def test_a_demand_beside_a_customers_bounce_starts_its_clock(more, place):
    text = place.format(opens=OPENS, more=more)
    assert read_as(text, "Delivery Status Notification (Failure)", **BOUNCE).class_ is Class.CUSTOMER


POSTFIX = """This is the mail system at host mx.mail.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

For further assistance, please send mail to postmaster.

If you do so, please include this problem report. You can
delete your own text from the attached returned message.

                   The mail system

<jordan@mail.example>: host mx2.mail.example[192.0.2.7] said: 550
    5.1.1 <jordan@mail.example>: Recipient address rejected: User unknown in
    virtual mailbox table (in reply to RCPT TO command)"""
SENDMAIL = """The original message was received at Tue, 28 Apr 2009 11:02:18 +0900 (JST)
from [192.0.2.31]

   ----- The following addresses had permanent fatal errors -----
<jordan@mail.example>
    (reason: 550 5.1.1 User unknown)

   ----- Transcript of session follows -----
... while talking to mx.mail.example.:
>>> DATA
<<< 550 5.1.1 User unknown"""


@pytest.mark.parametrize(
    "text", ["", OPENS, POSTFIX, SENDMAIL, f"{OPENS}\n\n  jordan@mail.example\n\n550 5.1.1 user unknown"]
)
def test_what_mail_systems_report_through_the_relay_is_a_bounce(text):
    assert read_as(text, "Undelivered Mail Returned to Sender", **BOUNCE).class_ is Class.BOUNCE


def test_what_a_bounce_brings_back_is_no_more_than_it_and_a_picture_is():
    kinds = (*BOUNCE["structure"], "message/rfc822")
    known = replace(FAILED, original_id="<r1@shop.example>")
    assert read_as(OPENS, "x", structure=kinds, report=known).class_ is Class.BOUNCE
    assert read_as(OPENS, "x", structure=kinds, report=FAILED).class_ is Class.CUSTOMER
    assert read_as(OPENS, "x", structure=(*kinds, "image/png"), report=known).class_ is Class.CUSTOMER
