"""Bounces: a message was not delivered. What only sounds like it, and what people say of it, is none (policy Q6)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.bounce import read_bounce
from relaywatch.core.mail.message import Delivery, DeliveryReport

TO = "jsmith@walmart.com"
DAEMON = {"author": "mailer-daemon@mx.shop.example", "author_name": "Mail Delivery System", "return_path": ""}
POSTMASTER = {"author": "postmaster@shop.example", "author_name": "", "return_path": ""}
NULL_PATH = {"author": "system@mx.example", "author_name": "", "return_path": ""}
AUTO = {"author": "no-reply@mx.example", "author_name": "", "headers": (("auto-submitted", "auto-replied"),)}
REPORT = ("multipart/report; report-type=delivery-status", "text/plain", "message/delivery-status")


def bounce_of(text="", subject="", **fields):
    return read_bounce(a_mail(text, subject, **fields), shipped_rules())


def report(*actions, original_id=None, original_to=()):
    deliveries = tuple(Delivery(recipient=TO, action=action, status=status) for action, status in actions)
    return DeliveryReport(deliveries=deliveries, original_id=original_id, original_to=original_to)


SYSTEMS = {
    "qmail": (
        "failure notice",
        (
            "Hi. This is the qmail-send program at mx.shop.example.\nI'm afraid I wasn't able"
            f" to deliver your message to the following addresses.\n\n<{TO}>:\nSorry, no "
            "mailbox here by that name. (#5.1.1)\n"
        ),
    ),
    "exim": (
        "Mail delivery failed: returning message to sender",
        (
            "This message was created automatically by mail delivery software.\n\nA message "
            "that you sent could not be delivered to one or more of its\nrecipients. The "
            f"following address(es) failed:\n\n  {TO}\n"
        ),
    ),
    "postfix": (
        "Undelivered Mail Returned to Sender",
        (
            "This is the mail system at host mx.shop.example.\n\nI'm sorry to have to inform "
            "you that your message could not\nbe delivered to one or more recipients.\n\n<"
            f"{TO}>: host mx.walmart.com said: 550 5.1.1 unknown\n"
        ),
    ),
    "sendmail": (
        "Returned mail: see transcript for details",
        (f"----- The following addresses had permanent fatal errors -----\n<{TO}>\n    (reason: 550 5.1.1 unknown)"),
    ),
    "exchange": (
        "Undeliverable: Your kettle",
        (
            f"Delivery has failed to these recipients or groups:\n\n{TO}\nThe email address "
            "you entered couldn't be found."
        ),
    ),
    "office_365": ("Undeliverable: Your kettle", f"Your message to {TO} couldn't be delivered.\n"),
    "gmail": (
        "Delivery Status Notification (Failure)",
        (f"** Address not found **\n\nYour message wasn't delivered to {TO}"),
    ),
    "domino": (
        "DELIVERY FAILURE: User not listed",
        (f"Your message\n  Subject: Kettle\nwas not delivered to:\n  {TO}\nbecause:"),
    ),
    "yahoo": (
        "Failure Notice",
        (f"Sorry, we were unable to deliver your message to the following address.\n\n<{TO}>:\n550"),
    ),
    "firewall": ("Message blocked", (f"Your message to {TO} was blocked by our Spam Firewall and was not delivered.")),
    "groupwise": (
        "Mail failure",
        (f"The message that you sent was undeliverable to the following:\n\t{TO} (user unknown)"),
    ),
    "french_exchange": (
        "Non remis : Votre bouilloire",
        (f"Échec de la remise pour ces destinataires ou groupes :\n{TO}"),
    ),
    "french": ("Échec de distribution", (f"Votre message n'a pas pu être remis à {TO} : destinataire inconnu.")),
    "chinese_163": ("系统退信", f"抱歉，您的邮件被退回来了。\n收件人邮件地址：{TO}\n退信原因：收件人不存在"),
    "chinese_qq": ("来自收件服务器的退信", f"您的邮件无法送达 {TO}，投递失败。"),
    "german": ("Unzustellbar: Ihr Kessel", (f"Fehler bei der Nachrichtenzustellung an folgende Empfänger:\n{TO}")),
    "spanish": ("No se puede entregar: Tetera", f"No se pudo entregar el mensaje a {TO}."),
    "italian": ("Mancato recapito", f"Non è stato possibile recapitare il messaggio a {TO}."),
    "russian": ("Недоставленное сообщение", f"Ваше письмо не может быть доставлено: {TO}"),
    "japanese": ("配信エラー", f"次のあて先へのメッセージはエラーのため送信できませんでした。\n{TO}"),
}


@pytest.mark.parametrize(
    "sender", [DAEMON, POSTMASTER, NULL_PATH, AUTO], ids=["daemon", ("postmaster"), "null", "auto"]
)
@pytest.mark.parametrize(("subject", "text"), SYSTEMS.values(), ids=SYSTEMS)
def test_bounce_in_words(subject, text, sender):
    found = bounce_of(text, subject, **sender)
    assert found is not None
    assert found.failed == (TO,)
    assert found.evidence
    assert found.rule


OWN_WORDS = {  # a mail system's own, in no table
    "handed over": ("About your mail", f"The message that you wrote to {TO} could not be handed over, for good."),
    "remise": ("Votre courriel", f"Votre courriel à {TO} a été refusé par l'autre serveur."),
    "拒收": ("关于您的邮件", f"您发给 {TO} 的邮件被对方拒绝。"),
}
FOR_NOW = {
    "queued": ("About your mail", f"Your message to {TO} could not be handed over yet and stays in the queue."),
    "plus tard": ("Votre courriel", f"Votre courriel à {TO} n'est pas remis pour l'instant, nouvel essai plus tard."),
    "稍后": ("关于您的邮件", f"您发给 {TO} 的邮件暂时无法送出，稍后重试。"),
    "went": ("About your mail", f"Your message to {TO} was handed over."),
}


@pytest.mark.parametrize("sender", [DAEMON, POSTMASTER | {"return_path": None}], ids=["daemon", "postmaster"])
@pytest.mark.parametrize(("texts", "is_bounce"), [(OWN_WORDS, True), (FOR_NOW, False)], ids=["for good", "for now"])
def test_what_a_mail_system_says_of_a_message_in_words_of_its_own(texts, is_bounce, sender):
    for subject, text in texts.values():
        found = bounce_of(text, subject, **sender)
        assert (found is not None) is is_bounce, text
        assert found is None or len(found.evidence) > 1  # what it says, not only who says it


@pytest.mark.parametrize(("subject", "text"), SYSTEMS.values(), ids=SYSTEMS)
def test_person_who_forwards_or_quotes_a_bounce_is_a_person(subject, text):
    assert bounce_of("What does this mean?", f"Fwd: {subject}", rest=text) is None
    assert bounce_of("I could not reach you yesterday.", f"Re: {subject}", rest=text) is None
    assert bounce_of(f"I wrote to you twice and got this:\n\n{text}", "Question about my order") is None


@pytest.mark.parametrize(
    ("actions", "is_bounce"),
    [
        ((("failed", "5.1.1"),), True),
        ((("failed", "4.4.7"),), True),
        ((("delivered", "2.0.0"), ("failed", "5.1.1")), True),
        ((("delayed", "4.4.7"),), False),
        ((("relayed", "2.0.0"),), False),
        ((("delivered", "2.0.0"),), False),
        ((("expanded", "2.0.0"),), False),
        ((("", "5.1.1"),), True),
    ],
)
def test_delivery_report_is_believed(actions, is_bounce):
    found = bounce_of("Report.", "Delivery", structure=REPORT, report=report(*actions), **DAEMON)
    assert (found is not None) is is_bounce
    if found:
        assert found.failed == (TO,)


NO_REPLY = {"author": "no-reply@mx.example"}
PERSON = {"author": "jordan@mail.example", "return_path": "jordan@mail.example"}


@pytest.mark.parametrize(
    ("fields", "structure", "is_bounce"),
    [
        (DAEMON, REPORT, True),
        (PERSON, REPORT, True),
        (DAEMON, ("multipart/mixed", *REPORT), True),  # a guard's footer stands around it
        (DAEMON, ("multipart/mixed", "text/plain", "message/delivery-status", "message/rfc822"), True),
        (NULL_PATH, ("message/delivery-status",), True),
        (DAEMON, ("text/plain",), True),  # by X-Failed-Recipients
        (PERSON, ("text/plain",), False),
        (PERSON, ("message/delivery-status",), False),
        (PERSON, ("multipart/mixed", "text/plain", "message/delivery-status"), False),
        (PERSON, ("multipart/mixed", "text/plain", *REPORT), False),
        (NO_REPLY, ("multipart/mixed", "text/plain", "message/delivery-status"), True),
        (NO_REPLY, ("multipart/mixed", "text/plain", "message/delivery-status", "image/jpeg"), False),
    ],
)
def test_a_mail_that_holds_a_report_is_one_by_its_form_or_its_sender(fields, structure, is_bounce):
    found = bounce_of("It is here.", "Lid", structure=structure, report=report(("failed", "5.1.1")), **fields)
    assert (found is not None) is is_bounce


SAID = "My message could not be delivered to you on Friday, so here it is again."
WITH_CODE = "Your message could not be delivered to k@supplier.example: 550 5.1.1 unknown"


@pytest.mark.parametrize(
    ("subject", "text", "author", "is_bounce"),
    [
        ("Undeliverable: Your kettle", SAID, "kim@shop.example", False),
        ("Kettle", WITH_CODE, "kim@shop.example", False),
        ("Undeliverable: Your kettle", WITH_CODE, "kim@shop.example", True),
        ("Undeliverable: Your kettle", SAID, "", True),  # nobody's
    ],
)
def test_where_no_mail_system_is_known_to_write_subject_words_and_a_code_agree(subject, text, author, is_bounce):
    assert (bounce_of(text, subject, author=author) is not None) is is_bounce


def test_of_several_recipients_those_that_failed_are_told():
    delayed = Delivery(recipient="kpatel@walmart.com", action="delayed", status="4.2.0")
    failed = Delivery(recipient=TO, action="failed", status="5.1.1")
    found = bounce_of("x", structure=REPORT, report=DeliveryReport(deliveries=(delayed, failed)))
    assert (found.evidence, found.failed) == ((f"Action: failed {TO} 5.1.1",), (TO,))


@pytest.mark.parametrize(("subject", "text"), SYSTEMS.values(), ids=SYSTEMS)
def test_what_the_words_show_is_reported_where_a_status_says_it_too(subject, text):
    """RFC 3464 2.3.4: a status of class 5 is permanent; some reports have no Action."""
    in_words = bounce_of(text, subject, **DAEMON)
    with_status = bounce_of(text, subject, **DAEMON, structure=REPORT, report=report(("", "5.1.1")))
    assert (in_words.reported, with_status.reported) == (False, True)
    assert in_words.rule == with_status.rule


def test_unreadable_report_is_judged_by_words():
    assert bounce_of("Your message could not be delivered.", "Returned", structure=REPORT, report=report(), **DAEMON)
    delayed = "Your message has been delayed. Delivery attempts will continue."
    assert bounce_of(delayed, "Delayed", structure=REPORT, report=report(), **DAEMON) is None


NO_BOUNCES = {
    "exim_delay": (
        "Warning: message 1abc delayed 24 hours",
        (
            "A message that you sent has not yet been delivered to one or more of its "
            "recipients after more than 24 hours. Delivery attempts will continue for some "
            "time."
        ),
    ),
    "postfix_delay": (
        "Delayed Mail (still being retried)",
        ("THIS IS A WARNING ONLY. Your message could not be delivered for more than 4 hours. It will be retried."),
    ),
    "gmail_delay": (
        "Delivery Status Notification (Delay)",
        (f"Delivery to the following recipient has been delayed:\n{TO}"),
    ),
    "exchange_delay": ("Delivery delayed: Kettle", "The server will keep trying to deliver this message."),
    "french_delay": (
        "Remise retardée : Bouilloire",
        ("La remise est retardée. De nouvelles tentatives seront faites."),
    ),
    "chinese_delay": ("投递延迟", "您的邮件尚未送达，系统会继续尝试投递。"),
    "success": (
        "Successful Mail Delivery Report",
        ("Your message was successfully delivered to the destination(s)."),
    ),
    "exchange_relayed": ("Relayed: Kettle", "Delivery to these recipients or groups is complete."),
    "read": ("Read: Your kettle", "Your message was read on Monday."),
    "challenge": ("Please confirm your message", ("To complete the delivery of your message, click this link.")),
    "moderation": ("Your message awaits approval", ("Your message is being held until the moderator approves it.")),
    "digest": ("Quarantine summary", "You have 3 new messages in quarantine."),
}


@pytest.mark.parametrize(("subject", "text"), NO_BOUNCES.values(), ids=NO_BOUNCES)
def test_what_only_sounds_like_a_failure(subject, text):
    assert bounce_of(text, subject, **DAEMON) is None


def test_warning_and_failure_in_one_notice_is_a_failure():
    text = (
        "----- Transient non-fatal errors -----\n<a@b.example>\n----- The following "
        "addresses had permanent fatal errors -----"
    )
    assert bounce_of(f"{text}\n<{TO}>", "Returned mail: see transcript", **DAEMON)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Your package could not be delivered to your address. Please call the courier.", "Delivery failed"),
        ("The item was not delivered and was returned to sender by the carrier.", "Delivery failure"),
        ("Votre colis n'a pas pu être livré.", "Échec de livraison"),
        ("您的包裹投递失败，请联系快递。", "投递失败"),
    ],
)
@pytest.mark.parametrize("sender", [{}, AUTO], ids=["person", "machine"])
def test_parcel_is_no_mail(text, subject, sender):
    assert bounce_of(text, subject, **sender) is None


@pytest.mark.parametrize(
    "text",
    [
        "My order could not be delivered, the driver said my mailbox is full.",
        "The address was rejected at checkout. User unknown?",
        "Hello, where is my kettle?",
        "",
    ],
)
def test_customers_words_are_no_bounce(text):
    assert bounce_of(text, "Question about my order") is None


@pytest.mark.parametrize(
    "structure",
    [
        ("multipart/report; report-type=feedback-report", "text/plain", "message/feedback-report"),
        (
            "multipart/report; report-type=disposition-notification",
            "text/plain",
            "message/disposition-notification",
        ),
    ],
)
def test_other_reports_are_no_bounce(structure):
    text = "This is a report. The message was rejected by the user."
    assert bounce_of(text, "Report", structure=structure, report=DeliveryReport(), **DAEMON) is None


def test_notification_service_says_so_in_json():
    text = '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"' + TO + '"}]}}'
    found = bounce_of(text, "Notification", author="no-reply@sns.example", return_path="x@y.example")
    assert found is not None
    assert found.failed == (TO,)
    delivered = '{"notificationType":"Delivery","mail":{}}'
    assert bounce_of(delivered, "Notification", author="no-reply@sns.example") is None


@pytest.mark.parametrize(
    ("fields", "original_id"),
    [
        ({"report": report(("failed", "5.1.1"), original_id="<o@shop.example>")}, "<o@shop.example>"),
        ({"rest": "Received: by mx\nMessage-ID: <o@shop.example>\nSubject: Kettle"}, "<o@shop.example>"),
        ({"headers": (("x-original-message-id", "<o@shop.example>"),)}, "<o@shop.example>"),
        ({"in_reply_to": ("<o@shop.example>",)}, "<o@shop.example>"),
        ({"references": ("<first@shop.example>", "<o@shop.example>")}, "<o@shop.example>"),
        ({}, None),
    ],
)
def test_original_is_named(fields, original_id):
    found = bounce_of(f"Delivery failed permanently: {TO}", "Undeliverable", **(DAEMON | fields))
    assert found is not None
    assert found.original_id == original_id


def test_failed_recipient_is_neither_the_sender_nor_the_system():
    text = (
        "I'm sorry to have to inform you that your message could not be delivered to one "
        f"or more recipients.\nAsk postmaster@mx.shop.example.\n<{TO.upper()}>: from "
        "<care@shop.example>: 550 5.1.1 unknown\n\n------ This is a copy of the message, "
        "including all the headers. ------\n\nFrom: care@shop.example\nTo: "
        f"kpatel@walmart.com, {TO}\n"
    )
    found = bounce_of(text, "Undelivered Mail Returned to Sender", **DAEMON)
    assert found is not None
    assert found.failed == (TO,)


def test_only_recipient_of_the_original_failed_where_the_notice_names_nobody():
    found = bounce_of("Delivery failed.", "Undeliverable", report=report(original_to=(TO,)), **DAEMON)
    assert found is not None
    assert found.failed == (TO,)


@given(st.text(max_size=300), st.text(max_size=80))
def test_whatever_it_says_there_is_an_answer(text, subject):
    found = bounce_of(text, subject, **DAEMON)
    assert found is None or found.evidence


def test_hostile_text_takes_no_time():
    for text in (
        "@" * 20_000,
        "a@" * 10_000,
        "a." * 10_000,
        "<" * 20_000,
        "message-id: " * 1_600,
        "-" * 20_000,
    ):
        started = time.perf_counter()
        bounce_of(f"could not be delivered {text}", "Undeliverable", rest=text, **DAEMON)
        assert time.perf_counter() - started < 0.5


def test_a_mail_system_that_says_it_needs_no_subject():
    assert bounce_of("Your message was bounced back.", "Hello", **DAEMON) is not None
    assert bounce_of("Your message was bounced back.", "Hello") is None


def test_a_report_of_delivery_is_believed_beside_a_receipt():
    both = ("multipart/report", "text/plain", "message/disposition-notification", "message/delivery-status")
    assert bounce_of("", "Report", report=report(("failed", "5.1.1")), structure=both, **DAEMON).rule == "dsn_failed"
    assert bounce_of("", "Report", report=report(("displayed", "")), structure=both[:3], **DAEMON) is None
