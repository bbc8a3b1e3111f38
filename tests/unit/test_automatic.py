"""Automatic mail: headers, structure, subjects and words; and what is a person's after all (policy Q2)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.automatic import read_automatic
from relaywatch.core.mail.message import Delivery, DeliveryReport


def automatic(text="", subject="Your kettle", **fields):
    return read_automatic(a_mail(text, subject, **fields), shipped_rules())


HUMAN = "The lid is cracked, please send another one."


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ((("auto-submitted", "auto-replied"),), "header_auto_submitted"),
        ((("auto-submitted", "auto-generated (vacation)"),), "header_auto_submitted"),
        ((("auto-submitted", "auto-notified"),), "header_auto_submitted"),
        ((("x-autoreply", "yes"),), "header_autoreply"),
        ((("x-autorespond", "care@shop.example"),), "header_autoreply"),
        ((("x-vacation", "1"),), "header_autoreply"),
        ((("precedence", "auto_reply"),), "header_precedence"),
        ((("x-apple-action", "VACATION"),), "header_vacation"),
    ],
)
def test_headers_that_say_so(headers, rule):
    found = automatic(HUMAN, headers=headers)
    assert found is not None
    assert found.rule == rule
    assert found.evidence


def test_null_path_is_a_header_sign():
    found = automatic(HUMAN, return_path="")
    assert found is not None
    assert found.rule == "header_null_path"


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("auto-submitted", "no"),),
        (("auto-submitted", ""),),
        (("x-autoreply", "no"),),
        (("precedence", "list"), ("list-id", "<kettles.example>")),
        (("precedence", "bulk"),),
        (("precedence", "junk"),),
        (("x-auto-response-suppress", "All"),),
        (("x-auto-response-suppress", "DR, OOF, AutoReply"),),
        (("list-unsubscribe", "<mailto:x@y.example>"),),
        (("auto-submitted", "auto-forwarded"),),
        (("x-autoreply", ""),),
        (("x-autorespond", " "),),
        (("x-apple-action", "move-to-folder"),),
        (("x-apple-note", "vacation"),),
    ],
)
def test_headers_that_prove_nothing(headers):
    assert automatic(HUMAN, headers=headers) is None


@pytest.mark.parametrize(
    ("structure", "report", "rule"),
    [
        (("multipart/report; report-type=disposition-notification",), DeliveryReport(), "read_receipt"),
        (("multipart/report; report-type=feedback-report",), DeliveryReport(), "abuse_report"),
        (
            ("multipart/report; report-type=delivery-status", "message/delivery-status"),
            DeliveryReport(deliveries=(Delivery(recipient="a@b.example", action="delayed"),)),
            "delay_report",
        ),
        (
            ("multipart/report; report-type=delivery-status", "message/delivery-status"),
            DeliveryReport(deliveries=(Delivery(recipient="a@b.example", action="delivered"),)),
            "delivery_report",
        ),
    ],
)
def test_reports_that_are_no_bounce(structure, report, rule):
    found = automatic("Report.", structure=structure, report=report)
    assert found is not None
    assert found.rule == rule


@pytest.mark.parametrize("kind", ["delivery-status", "disposition-notification", "feedback-report"])
def test_what_a_person_puts_beside_their_words_is_no_report(kind):
    structure = ("multipart/mixed", "text/plain", f"message/{kind}")
    report = DeliveryReport(deliveries=(Delivery(recipient="a@b.example", action="delayed"),))
    assert automatic(HUMAN, structure=structure, report=report) is None
    assert automatic("Report.", structure=structure, report=report, author="mailer-daemon@mx.example") is not None
    assert automatic("Report.", structure=structure, report=report, return_path="mailer-daemon") is not None


def test_delay_in_words():
    text = "A message that you sent has not yet been delivered. Delivery attempts will continue."
    found = automatic(text, "Warning: message delayed 24 hours", author="mailer-daemon@mx.example")
    assert found is not None
    assert found.rule == "delay_report"


SUBJECTS = [
    "Automatic reply: Your kettle",
    "Auto-reply: Your kettle",
    "Autoreply: Your kettle",
    "AUTO: Kim is out of the office (returning 12/01/2026)",
    "[Auto-Reply] Your kettle",
    "Auto Response: we are closed",
    "Out of Office: Your kettle",
    "Out of Office AutoReply: Your kettle",
    "Out of office",
    "Your kettle (out of office)",
    "Kim is out of the office",
    "Vacation reply",
    "Réponse automatique : Votre bouilloire",
    "Message d'absence",
    "Absence du bureau : Votre bouilloire",
    "Absent du bureau",
    "自动回复: 水壶",
    "自动回复：水壶",
    "自動回覆: 水壺",
    "Automatische Antwort: Ihr Kessel",
    "Abwesenheitsnotiz: Ihr Kessel",
    "Respuesta automática: Tetera",
    "Resposta automática: Chaleira",
    "Risposta automatica: Bollitore",
    "Automatisch antwoord: Ketel",
    "Automatyczna odpowiedź: Czajnik",
    "Autosvar: Kanna",
    "Automatisk svar: Kjele",
    "Automaattinen vastaus: Kannu",
    "Automatická odpověď: Konvice",
    "Автоматический ответ: Чайник",
    "自動返信: やかん",
]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_that_only_programs_write(subject):
    found = automatic("Some text.", subject)
    assert found is not None
    assert found.rule.startswith("subject_")


@pytest.mark.parametrize("prefix", ["Re: ", "RE : ", "AW: ", "回复：", "Fwd: "])
@pytest.mark.parametrize("subject", SUBJECTS[::4])
def test_person_may_answer_automatic_mail_and_keep_its_subject(prefix, subject):
    assert automatic(HUMAN, prefix + subject) is None
    assert automatic("I am out of the office until Monday.", prefix + subject) is not None


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic kettle does not switch off",
        "My kettle is out of order",
        "Away game tickets",
        "Auto parts question",
        "Absent-minded: wrong address given",
        "Question about the office kettle",
        "Received: wrong colour",
    ],
)
def test_subjects_of_people(subject):
    assert automatic(HUMAN, subject) is None


@pytest.mark.parametrize(
    "tag", ["[kettles] ", "[#20931] ", "【通知】", "(kettles) ", "Ticket#2209 - ", "[EXT] [kettles] "]
)
@pytest.mark.parametrize("subject", [*SUBJECTS[::5], "auto reply: Your kettle"])
def test_tags_stand_before_what_programs_write(tag, subject):
    assert automatic("Some text.", tag + subject) is not None
    assert automatic(HUMAN, f"{tag}Re: {subject}") is None
    assert automatic(HUMAN, f"Re: {tag}{subject}") is None


@pytest.mark.parametrize("text", ["Your message is important to us.", "We will get back to you.", "我们已收到。"])
def test_an_empty_header_of_a_responder_needs_one_word_that_agrees(text):
    assert automatic(text, "Re: Your kettle", headers=(("x-autoreply", ""),)) is not None
    for headers in ((), (("x-note", ""),), (("x-autoreply", "no"),)):
        assert automatic(text, "Re: Your kettle", headers=headers) is None


def test_what_a_mail_system_says_of_a_delay_in_words_alone():
    told = "This is a warning message only. You do not need to resend your message. Delivery is delayed."
    assert automatic(told, "Your message", author="mailer-daemon@mx.example").rule == "delay_report"
    assert automatic(told, "Your message", author="jordan@mail.example") is None


def test_who_asks_two_things_is_a_person():
    receipt, asks = "感谢您的来信，我们已收到，会尽快回复。", ("杯子碎了吗？", "要换还是退款？", "请告诉我们。")
    assert automatic(receipt + asks[0] + asks[2]) is not None
    assert automatic(receipt + "".join(asks)) is None


ABSENCES = {
    "english": "I am out of the office until Monday, November 30. For urgent matters please "
    "contact kpatel@walmart.com.",
    "english_short": "I'm on vacation this week.",
    "english_limited": "Thank you for your email. I am currently away with limited access to email and "
    "will return on "
    "November 30. If your matter is urgent, please call +1 555 0100.",
    "english_leave": ("Hi, I will be on annual leave from November 23 to November 30. I will reply upon my return."),
    "english_left": "I no longer work for Walmart. Please contact kpatel@walmart.com instead.",
    "english_closed": "Our office is closed for Thanksgiving. We will be back on Monday.",
    "french": ("Bonjour, je suis absente du bureau jusqu'au 30 novembre. En cas d'urgence, veuillez contacter Kim."),
    "french_leave": ("Je suis actuellement en congé. Je répondrai à votre courriel à mon retour le 30 novembre."),
    "french_closed": "Nos bureaux sont fermés pour les fêtes et rouvriront le 5 janvier.",
    "chinese": "您好，我目前不在办公室，11月30日返回。如有急事，请拨打电话。",
    "chinese_leave": "您好，我最近正在休假中，无法亲自回复您的邮件。我将在假期结束后，尽快给您回复。",
    "german": "Ich bin bis zum 30.11. nicht im Büro. In dringenden Fällen wenden Sie sich an Kim.",
    "spanish": "Estoy fuera de la oficina hasta el 30 de noviembre.",
    "italian": "Sono in ferie fino al 30 novembre. Per urgenze contattare Kim.",
    "dutch": "Ik ben afwezig tot 30 november. Voor dringende zaken kunt u contact opnemen met Kim.",
    "polish": "Przebywam na urlopie do dnia 30 listopada. W sprawach pilnych proszę o kontakt z Kim.",
    "swedish": "Jag är på semester till och med 30 november.",
    "czech": "Jsem mimo kancelář do 30. listopadu.",
    "russian": "Я нахожусь в отпуске до 30 ноября. По срочным вопросам обращайтесь к Ким.",
    "latvian": "Esmu atvaļinājumā līdz 30. novembrim.",
    "japanese": "休暇中のため、11月30日まで不在にしております。",
}
RECEIPTS = {
    "english": "Thank you for contacting Blue Kiln. We have received your message and a member "
    "of our team will get back "
    "to you within one business day.",
    "english_thanks": (
        "Hi there,\n\nThanks for reaching out! One of our agents will be in touch shortly.\n\nBlue Kiln"
    ),
    "english_ticket": (
        "Hello,\n\nYour request (#48213) has been received and is being reviewed by our "
        "support staff. To add additional comments, reply to this email."
    ),
    "english_number": ("We received your enquiry. Your ticket number is 48213. We aim to respond within 24 hours."),
    "english_statement": "This is an automated response. We have received your email.",
    "english_order": "Thank you for your email about order 600000012345678. We have received your "
    "request and will respond "
    "as soon as possible.",
    "english_unmonitored": "This mailbox is not monitored. Use the form on our site.",
    "english_do_not_reply": "We got it. Please do not reply to this email.",
    "english_long": "Thank you for contacting Blue Kiln. We have received your message and will reply"
    " within 24 hours.\n\n" + "Our hours are Monday to Friday, 9 to 5. " * 20,
    "french": "Nous avons bien reçu votre message et vous répondrons dans les plus brefs délais.",
    "french_thanks": "Bonjour, merci de nous avoir contactés. Un membre de notre équipe communiquera "
    "avec vous sous peu.",
    "french_statement": "Ceci est une réponse automatique. Votre courriel a bien été reçu.",
    "french_ticket": ("Votre demande a bien été enregistrée sous le numéro 48213. Elle sera traitée dès que possible."),
    "chinese": "您的邮件我们已收到，会尽快回复。",
    "chinese_short": "您好，您的邮件已收到，我会尽快回复您，谢谢！",
    "chinese_thanks": "感谢您的来信，我们会在24小时内回复您。",
    "chinese_statement": "这是自动回复，请勿回复此邮件。",
    "chinese_system": "本邮件由系统自动发送，请勿直接回复。您的工单编号为48213。",
    "german": (
        "Vielen Dank für Ihre Nachricht. Wir haben Ihre Anfrage erhalten und melden uns so schnell wie möglich."
    ),
    "spanish": "Gracias por contactarnos. Hemos recibido su mensaje y le responderemos lo antes posible.",
    "portuguese": "Obrigado pelo seu contato. Recebemos sua mensagem e responderemos em breve.",
    "italian": ("Grazie per averci contattato. Abbiamo ricevuto la richiesta e ti risponderemo il prima possibile."),
    "dutch": "Bedankt voor uw bericht. Wij hebben uw bericht ontvangen en reageren binnen twee werkdagen.",
    "polish": "Dziękujemy za wiadomość. Otrzymaliśmy zgłoszenie i odpowiemy najszybciej jak to możliwe.",
    "swedish": "Tack för ditt mejl. Vi har tagit emot ditt ärende och återkommer så snart vi kan.",
    "japanese": "お問い合わせいただきありがとうございます。担当者より折り返しご連絡いたします。",
}


@pytest.mark.parametrize("text", (ABSENCES | RECEIPTS).values(), ids=(ABSENCES | RECEIPTS))
@pytest.mark.parametrize("subject", ["Your kettle", "Re: Your kettle"])
def test_automatic_in_words_alone(text, subject):
    found = automatic(text, subject)
    assert found is not None
    assert not found.rule.startswith("header_")
    assert found.evidence


REPLIES = {
    "shipped": "Thank you for your message. Your replacement shipped today, tracking CP123456789CA.",
    "shipped_short": "Thank you for your message. Your replacement shipped today, tracking CP123",
    "refund": "Thank you for contacting Blue Kiln. We have received your message. We issued a "
    "refund of $24.99 and you will "
    "see it within 3 business days.",
    "checked": (
        "Thanks for reaching out! I checked with our warehouse: the kettle was packed on "
        "Monday. We will get back to you with the tracking number tomorrow."
    ),
    "holding": "Thank you for your message. I will get back to you tomorrow about the lid.",
    "replacement": (
        "Thanks for your message, we received your photos. You will get a full refund as soon as possible."
    ),
    "answer": ("Hi Jordan, the kettle holds 1.7 litres and the lid comes off for cleaning. Thanks for your message."),
    "out_of_stock": ("Thank you for your patience. The blue kettle is out of stock, would you take the red one?"),
    "absence_and_matter": ("I am out of the office until Monday, but your replacement has been shipped already."),
    "automatic_and_deed": "We have refunded your order 600000012345678. This mailbox is not monitored.",
    "question": "Thank you for your email. We have received your photos. Which of the two lids is cracked?",
    "french": ("Merci de votre message. Votre article de remplacement a été expédié aujourd'hui, suivi CP123456789CA."),
    "french_refund": (
        "Nous avons bien reçu votre message. Un remboursement de 24,99 $ vous sera versé sous 48 heures."
    ),
    "chinese": "感谢您的来信。补发的水壶今天已寄出，单号CP123456789CA。",
    "chinese_refund": "您好，您的邮件我们已收到，已为您退款24.99加元，三个工作日内到账。",
    "instructions": "Hello Jordan, hold the switch for five seconds, then the light turns green.",
}
CUSTOMERS = {
    "order": "Where is my order? I have been waiting for three weeks.",
    "away": "I will be out of the office until Friday, please deliver my package to the neighbour.",
    "vacation": "I'm on vacation from Monday. Can you cancel my order?",
    "got_automatic": 'I only got "this is an automated response" from you. I still have no refund, where is my order?',
    "got_automatic_statement": (
        "You sent me an automatic reply saying a member of our team will get back to me. My kettle is still broken."
    ),
    "promise": "I was told that you will get back to me within 24 hours. I have not received my kettle.",
    "thanks": "Thank you for your message. The kettle arrived.",
    "thanks_alone": "Thank you for your email.",
    "soon": "Please answer as soon as possible, it is a gift.",
    "received": "I have received your parcel but the lid is missing.",
    "french": "Je n'ai toujours pas reçu ma commande, merci de répondre dans les plus brefs délais.",
    "french_away": "Je suis absente du bureau jusqu'à vendredi, veuillez livrer le colis chez ma voisine.",
    "french_automatic": "J'ai reçu une réponse automatique mais je n'ai toujours pas reçu mon remboursement.",
    "chinese": "我的订单还没收到，请尽快回复。",
    "chinese_automatic": "我只收到自动回复，请问我的包裹在哪里？",
    "chinese_received": "我收到的水壶坏了，请尽快处理退款。",
}
AGENTS = {
    "escalation": (
        "** THIS IS AN ESCALATION ** Please contact the customer within 24 hours. This mailbox is not monitored."
    ),
    "customer_contacted": ("The customer contacted us about order 600000012345678. This is an automated message."),
    "french_request": (
        "Veuillez communiquer avec le client dans les plus brefs délais. Ceci est un message automatique."
    ),
    "agent": ("Hello seller, the customer has not received order 600000012345678. Please respond within 24 hours."),
    "follow_up": "Please contact the customer to resolve an issue with order 600000012345678. We "
    "look forward to your reply as "
    "soon as possible.",
    "receipt": ("Thank you for your reply. We have informed the customer. Could you confirm the tracking number?"),
    "list": (
        "Thanks for your message, Kim. I think the patch breaks the second test when it "
        "runs twice. I will look at it when I am back at my desk."
    ),
}


@pytest.mark.parametrize("text", (REPLIES | CUSTOMERS | AGENTS).values(), ids=(REPLIES | CUSTOMERS | AGENTS))
@pytest.mark.parametrize("subject", ["Your kettle", "Re: Your kettle", ("Question about my order, 600000012345678")])
def test_persons_words(text, subject):
    assert automatic(text, subject) is None


def test_acknowledgement_of_an_escalation_is_automatic():
    subject = "Re: Please contact the customer to resolve an issue with order 600000012345678"
    assert automatic("We have received your message and will reply within one business day.", subject)


def test_receipts_subject_helps_a_receipt_but_no_person():
    assert automatic("We have received your request.", "Request received: [#48213]") is not None
    assert automatic(HUMAN, "[Ticket #48213] Your kettle") is None


def test_quoted_automatic_mail_is_not_the_authors():
    assert automatic(HUMAN, rest="> This is an automated response. I am out of the office.") is None
    assert automatic("", rest="> This is an automated response.") is None


@given(st.text(max_size=300), st.text(max_size=80))
def test_whatever_it_says_there_is_an_answer(text, subject):
    found = automatic(text, subject)
    assert found is None or (found.rule and found.evidence)


def test_hostile_text_takes_no_time():
    for text in (
        "tracking " * 2_200,
        "1z" * 10_000,
        "we have " * 2_500,
        "?" * 20_000,
        "为您" * 10_000,
        "i " * 10_000,
    ):
        started = time.perf_counter()
        automatic(text, text[:1_000])
        assert time.perf_counter() - started < 0.5


def test_who_asks_twice_in_two_languages_has_written():
    text = "I am out of the office until Monday. How are you? 您好吗？ See you."
    assert automatic(text) is None
    assert automatic(text.replace("How are you? ", "")) is not None
