"""What Walmart's machines refuse to pass on, told in their own words; and other odd ways to fail (policy Q6)."""

import time
from dataclasses import replace

import cast as c
import pytest
from lab_mail import a_mail, shipped_rules
from lab_parse import HEAD, message, multipart, part

from relaywatch.core.classes.bounce import REFUSED_BY_WALMART, read_bounce, read_refusal
from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Folder, Mail, Role, Verdict
from relaywatch.core.threads.thread import group

PARTIES = Parties(registered=frozenset({"care@shop.example"}))
JORDAN = "c-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@relay.walmart.ca"
ROBOT = "no-reply@relay.walmart.ca"
ORDER = "600000098765432"
REPLY = "Re: Walmart.ca Customer: Lid"
INBOX = (Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX),)
SIGNS = [
    (),
    (("auto-submitted", "auto-replied"),),
    (("auto-submitted", "auto-generated"),),
]


def verdict(text, subject, author=ROBOT, **fields):
    return classify(a_mail(text, subject, author=author, copies=INBOX, **fields), PARTIES, shipped_rules())


REFUSALS = [
    ("Your message", f"The message that you sent about the order {ORDER} was not delivered: files are not allowed."),
    ("Your message", f"Your reply to {JORDAN} was blocked, since links to other shops are not permitted."),
    ("Your message", "This customer has opted out of messages from sellers. What you wrote was not passed on."),
    ("Your message", f"Order {ORDER} is closed, and your answer could not be forwarded."),
    ("Your message", "We had to stop your e-mail to the customer: it holds a phone number."),
    ("Your message", "Unfortunately we were unable to hand on your answer of Nov. 13."),
    ("Your message", "Your last message never reached Jordan. The address that it was sent to has expired."),
    ("Your message", "We regret that this shopper prefers not to be contacted. Nothing was forwarded."),
    ("Your message", "Walmart did not let your text through. Reason: it holds a web link."),
    ("Your message", "Please remove the phone number and send it again."),
    ("A customer", "This shopper has opted out."),
    ("Your message", "The customer will not get what you sent at 3:30 PM."),
    ("Your message", "An e-mail of yours did not make it to the customer."),
    ("Message refused", "550 customer opted out"),
    ("Seller message status", f"Status: REJECTED\nOrder: {ORDER}\nReason code: ATT_TYPE"),
    ("Message à un client", "Le message a été mis de côté, car il renvoie vers un autre site."),
    ("Votre message", "Nous avons dû retenir votre courriel du 13 novembre."),
    (REPLY, "The conversation with this customer ended on November 1."),
    (REPLY, "The file that you attached is larger than 5 MB."),
    (REPLY, "You are not authorized to write to this customer."),
    (REPLY, "Sorry, we can't pass this on."),
    (f"Could not send: {REPLY}", ""),
    (f"Undelivered: {REPLY}", "See Seller Center for the reason."),
    (f"Message non remis : {REPLY}", f"Votre message sur la commande {ORDER} n'a pas été remis."),
    ("Votre message", "Votre réponse a été bloquée : la commande est fermée."),
    ("Votre message", "Le client ne souhaite plus recevoir de messages. Votre réponse n'a donc pas été transmise."),
    ("Votre message", "Nous regrettons : rien n'a été transmis à l'acheteur."),
    ("Votre message", "Votre courriel contient un lien externe. Il n'a pas été relayé."),
    ("Votre message", "Impossible de livrer votre message à l'acheteur."),
    ("Votre message", "Fichier trop volumineux. Veuillez renvoyer votre message sans pièce jointe."),
    ("RE : Walmart.ca Client : Couvercle", "Cette cliente s'est désabonnée des messages des vendeurs."),
    ("RE : Walmart.ca Client : Couvercle", "Ce client a demandé qu'on ne lui écrive plus."),
    ("通知", f"您关于订单{ORDER}的回复未能送达客户。"),
    ("回复：Walmart.ca Customer", "附件过大，请重新发送。"),
]
NO_REFUSALS = [
    ("Reminder", "You have a message from a customer that you have not answered yet."),
    ("A customer is waiting", "We have not received your reply. Please do not reply to this email."),
    ("Your message was delivered", f"Your message about order {ORDER} was delivered to the customer."),
    ("New message", "Jordan sent you a message. Replies to this email are not monitored."),
    ("Thank you", "We passed your reply on to Jordan. There is nothing more to do."),
    ("Reminder", "We are waiting for your reply to Jordan since yesterday."),
    ("Weekly summary", "Your response rate is 97 %. No customer waits."),
    ("Rappel", "Un client attend votre réponse depuis 20 heures."),
    ("Tips", "If your message is not delivered, check that you write from the registered address."),
    ("Welcome", "Add this address to your safe senders so that no message is blocked by your filter."),
    ("Case closed", "Case 10293847 has been closed."),
    ("Order", f"Order {ORDER} was not delivered on time."),
    ("Message delayed", "Your message has been delayed. We will keep trying."),
    ("Rappel", "Vous n'avez pas encore répondu au message du client. Ne répondez pas à ce courriel."),
    ("Avis", "Votre message a été remis au client."),
    ("提醒", "您还没有回复客户的消息。请勿回复此邮件。"),
]


@pytest.mark.parametrize("headers", SIGNS)
@pytest.mark.parametrize("author", [ROBOT, "postmaster@relay.walmart.ca", "mailer-daemon@relay.walmart.com"])
@pytest.mark.parametrize(("subject", "text"), REFUSALS)
def test_a_refusal_of_the_relays_in_plain_words_is_a_bounce(subject, text, author, headers):
    found = verdict(text, subject, author, headers=headers)
    assert found.class_ is Class.BOUNCE
    assert found.evidence


@pytest.mark.parametrize(("subject", "text"), NO_REFUSALS)
def test_what_only_sounds_like_a_refusal_is_a_notice(subject, text):
    assert verdict(text, subject).class_ is Class.WALMART_NOTICE


@pytest.mark.parametrize(("subject", "text"), REFUSALS)
def test_a_customer_may_say_the_same(subject, text):
    assert verdict(text, subject, JORDAN, return_path="", headers=SIGNS[1]).class_ is Class.CUSTOMER


@pytest.mark.parametrize(("subject", "text"), [REFUSALS[0], REFUSALS[1], (f"Undelivered: {REPLY}", "See why.")])
def test_a_machine_of_another_host_of_walmarts_must_say_it_plainly(subject, text):
    for author in ("noreply@es.relay.walmart.com", "no-reply@walmart.com"):
        assert verdict(text, subject, author).class_ is Class.BOUNCE
        assert verdict("It was sent to your customer.", "Your message", author).class_ is Class.WALMART_NOTICE


def test_a_machine_that_asks_for_an_answer_is_owed_it_first():
    refused = "Your reply to case 10293847 was not delivered."
    assert verdict(refused, "Case 10293847", "no-reply@walmart.com").class_ is Class.BOUNCE
    asks = f"{refused} Please respond to the customer within 24 hours."
    assert verdict(asks, "Case 10293847", "no-reply@walmart.com").class_ is Class.WALMART_AGENT
    told = f"{refused} The Better Business Bureau sent us a complaint."
    assert verdict(told, "Case 10293847", "no-reply@walmart.com").class_ is Class.CONSUMER_PROTECTION
    parcel = f"The package of order {ORDER} could not be delivered to the customer."
    assert verdict(parcel, "Delivery failed", "no-reply@walmart.com").class_ is Class.WALMART_NOTICE


def test_a_refusal_says_to_whom_and_what():
    found = verdict(f"Your reply to {JORDAN} was blocked. Help: help@walmart.ca, care@shop.example", "x")
    assert JORDAN in found.failed
    assert "care@shop.example" not in found.failed
    assert (
        verdict("Your reply was blocked.", "x", in_reply_to=("<r1@shop.example>",)).original_id == "<r1@shop.example>"
    )


def test_a_refusal_that_names_only_the_order_goes_with_it():
    refused = c.message(4, ROBOT, (c.CARE,), "z1", subject="x", own_words=f"Your reply on order {c.ORDER} was blocked.")
    of_relay = Mail(refused, Verdict(class_=Class.BOUNCE, rule=REFUSED_BY_WALMART))
    assert len(group([c.customer(), c.sent(3), of_relay], c.PARTIES)) == 1
    of_others = replace(of_relay, message=replace(refused, author="mailer-daemon@walmart.com"))
    assert len(group([c.customer(), c.sent(3), of_others], c.PARTIES)) == 2


# --- failures told in other odd ways

SYSTEM = {"author": "system@mx.example", "return_path": ""}


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("<kpatel@walmart.com>: 550 5.1.1 user unknown. Your message could not be delivered.", REPLY),
        ("Votre message n'a pas pu être remis : 550 5.1.1, destinataire inconnu.", "RE : Couvercle"),
        ("您的邮件无法送达：550 5.1.1 user unknown", "回复：盖子"),
        ("Your message could not be delivered: 550 5.1.1 user unknown", "[Kiln] Re: Lid"),
    ],
)
def test_a_mail_system_may_answer(text, subject):
    assert read_bounce(a_mail(text, subject, **SYSTEM), shipped_rules())
    assert read_bounce(a_mail(text, subject), shipped_rules()) is None
    sent_on = {"headers": (("auto-submitted", "auto-forwarded"),)}
    assert read_bounce(a_mail(text, subject, **sent_on), shipped_rules()) is None


@pytest.mark.parametrize(
    "text",
    [
        "|------ Message log follows: ------|\n|------ Failed addresses follow: ------|\n <k@walmart.com>",
        "----- Unsent message follows -----\nFrom: care@shop.example",
        "====== Undelivered message follows ======\nTo: k@walmart.com",
        "*** Failed recipients ***\nk@walmart.com",
        "|--- Adresses refusées : ---|\n<k@walmart.com>",
    ],
)
def test_ruled_titles_of_old_mailers(text):
    assert read_bounce(a_mail(text, "mail for you", **SYSTEM), shipped_rules())


def test_the_original_below_a_ruled_title_is_not_the_notice():
    text = "|--- Failed addresses follow: ---|\n <k@walmart.com>\n|--- Message text follows: ---|\nTo: other@x.example"
    found = read_bounce(a_mail(text, "mail failed", **SYSTEM), shipped_rules())
    assert found is not None
    assert found.failed == ("k@walmart.com",)


def receipt(disposition, text, subject="Lid"):
    fields = (
        f"Final-Recipient: rfc822; k@walmart.com\nOriginal-Message-ID: <r1@shop.example>\nDisposition: {disposition}\n"
    )
    head = HEAD.replace("Question about my order", subject).replace(JORDAN, "k@walmart.com")
    parts = part("text/plain", text), part("message/disposition-notification", fields)
    mail = message(head + multipart("report; report-type=disposition-notification", *parts))
    return classify(mail, PARTIES, shipped_rules())


BY_PROGRAM = "automatic-action/MDN-sent-automatically"


@pytest.mark.parametrize(
    ("disposition", "text", "subject", "class_"),
    [
        (f"{BY_PROGRAM}; deleted", "The message was rejected by our filter.", "Refused", Class.BOUNCE),
        (f"{BY_PROGRAM}; deleted/error", "Policy.", "Lid", Class.BOUNCE),
        (f"{BY_PROGRAM}; failed", "", "Lid", Class.BOUNCE),
        (f"{BY_PROGRAM}; denied", "Votre message a été refusé.", "Couvercle", Class.BOUNCE),
        (f"{BY_PROGRAM}; denied", "No receipt is given.", "Lid", Class.AUTOMATIC),
        (f"{BY_PROGRAM}; displayed", "Your message was read on Friday.", "Read: Lid", Class.AUTOMATIC),
        (
            f"{BY_PROGRAM}; displayed",
            "你的邮件\n\n   收件人: Jo\n   主题: Lid\n\n已于 2026年11月13日 18:52:11 (UTC-05:00) 阅读。",
            "已读: Lid",
            Class.AUTOMATIC,
        ),
        (f"{BY_PROGRAM}; deleted", "It was deleted without being read.", "Not read: Lid", Class.AUTOMATIC),
        ("manual-action/MDN-sent-manually; deleted", "Deleted.", "Lid", Class.AUTOMATIC),
    ],
)
def test_a_refusal_may_come_as_a_receipt(disposition, text, subject, class_):
    found = receipt(disposition, text, subject)
    assert found.class_ is class_
    if class_ is Class.BOUNCE:
        assert (found.failed, found.original_id) == (("k@walmart.com",), "<r1@shop.example>")


@pytest.mark.parametrize("action", ["deliverable", "undeliverable"])
def test_asking_about_an_address_loses_no_message(action):
    fields = f"Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; k@walmart.com\nAction: {action}\nStatus: 5.1.1\n"
    parts = part("text/plain", "The report that you requested."), part("message/delivery-status", fields)
    mail = message(HEAD + multipart("report; report-type=delivery-status", *parts))
    assert read_bounce(mail, shipped_rules()) is None


@pytest.mark.parametrize(
    "piece", ["your message ", "le message n'a pas ", "we could not ", "if your ", "this mail ", "您的邮件"]
)
def test_hostile_text_costs_no_more_than_long_text(piece):
    tail = " not delivered, refused, n'a pas remis, customer opted out, attachments too large, order closed"
    started = time.perf_counter()
    for text in (piece * 5_000, piece * 400 + tail, tail + piece * 400):
        read_refusal(a_mail(text, REPLY, author=ROBOT), PARTIES, shipped_rules())
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("fields", "refuses"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"in_reply_to": ("<r1@shop.example>",)}, True, id="In-Reply-To"),
        pytest.param({"references": ("<r1@shop.example>",)}, True, id="References"),
        pytest.param({"headers": (("auto-submitted", "auto-replied"),)}, True, id="RFC 3834: auto-replied"),
        pytest.param({"headers": (("auto-submitted", "auto-generated"),)}, False, id="RFC 3834: auto-generated"),
    ],
)
def test_why_messages_do_not_get_through_is_a_refusal_in_an_answer_to_one(fields, refuses):
    found = verdict("The conversation with this customer ended on November 1.", "Kettle", **fields)
    assert (found.rule == REFUSED_BY_WALMART) is refuses


def refused(text, subject="About your reply", hours=4):
    mail = c.message(hours, ROBOT, (c.CARE,), f"z{hours}", subject=subject, own_words=text)
    return Mail(mail, classify(mail, c.PARTIES, shipped_rules()))


@pytest.mark.parametrize(
    "refusal",
    [
        refused(f"Your reply on order {c.ORDER} was blocked."),
        refused(f"Your reply to {c.relay()} was blocked."),
        refused("Your reply was blocked.", "Not delivered: Re: Walmart.ca Customer: Item arrived damaged"),
        refused("Votre réponse n'a pas été transmise.", "Non remis : Re: Walmart.ca Customer: Item arrived damaged"),
    ],
)
def test_what_the_relay_refused_was_never_received(refusal):
    mails = [c.customer(), c.sent(3), refusal]
    assert len(group(mails, c.PARTIES)) == 1
    case = c.case_of(mails, 5)
    assert c.stands(case) == [("C1", "running", 24)]
    assert c.codes(case) == ["bounced_reply"]
    again = c.case_of([*mails, c.sent(5, mid="r2")], 6)  # policy Q6: what is sent after it is another message
    assert c.stands(again) == [("C1", "met", 24)]


def test_a_refusal_is_of_the_latest_reply_before_it():
    early, late = refused(f"Your reply on order {c.ORDER} was blocked.", hours=2), c.sent(3, mid="r2")
    case = c.case_of([c.customer(), c.sent(1), early, late], 5)
    assert c.deadlines(case)[0].met_by == "<r2>"
    other = c.sent(1.5, c.relay(2), "o1", answers=(), subject="Re: Plate", rest=f"Order {c.OTHER_ORDER}")
    subject = "Not delivered: Re: Walmart.ca Customer: Item arrived damaged"
    assert any(
        {"r1", "z2"} <= {(mail.message.message_id or "").strip("<>") for mail in one}
        for one in group([c.customer(), c.sent(1), other, refused("Your reply was blocked.", subject, 2)], c.PARTIES)
    )
