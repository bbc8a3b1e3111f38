"""Who wrote outranks what the subject says: persons' mail under a notice's, a bounce's or an absence's subject."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Delivery, DeliveryReport, Folder, Role

PARTIES = Parties(registered=frozenset({"care@shop.example", "complaints@shop.example"}))
AGENT = "jsmith@walmart.com"
JORDAN = "c-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@relay.walmart.ca"
GENERATED = {"headers": (("auto-submitted", "auto-generated"),)}
REPLIED = {"headers": (("auto-submitted", "auto-replied"),)}
NOBODYS = {"headers": (("auto-submitted", "auto-generated"),), "return_path": ""}
SENT_ON = {"headers": (("auto-submitted", "auto-forwarded"),)}
BULK = {"headers": (("list-unsubscribe", "<mailto:u@walmart.com>"), ("precedence", "bulk"))}
TOLD = "A complaint was filed at the Better Business Bureau."


def judged(subject, text, author=AGENT, role=Role.CARE, **fields):
    copies = (Copy(mailbox="one", role=role, folder=Folder.INBOX),)
    fields = {"return_path": author} | fields
    return classify(a_mail(text, subject, author=author, copies=copies, **fields), PARTIES, shipped_rules())


def class_of(*args, **fields):
    return judged(*args, **fields).class_


# --- an agent's address sends no notice and no bounce by its subject (policy C2, C3, C4)

PERSONS = [
    ("Order cancellation", "Hello, why was Mr. Lam's kettle cancelled? He is furious. John"),
    ("Refund notification for your buyer", "Ms. Roy has waited three weeks. I count on you to settle this today."),
    ("Late shipment - please look into it", "The blue mug again. John"),
    ("Customer cannot open the kiln app: password", "He waits for you. Priya"),
    ("Shipping label", "The one you gave Ms. Roy does not scan at the post office."),
    ("New review", "A buyer says that your shop does not answer. Kindly look."),
    ("Join us", "Join us in solving this: the lamp flickers, she wants another."),
    ("System maintenance", "Our chat was down, so I write instead: the lamp of Ms. Roy flickers."),
    ("Policy reminder", "Second day without news about the teapot. The policy says 24 hours."),
    ("Avis de remboursement", "Bonjour, Mme Roy n'a rien reçu sur sa carte. Jean"),
    ("Annulation de commande", "La cliente n'a jamais demandé cela. Jean"),
    ("订单取消 Order cancelled", "您好，客户说她没有取消订单。"),
    ("Undeliverable", "Ms. Roy's parcel is marked as undeliverable. What now?"),
    ("Not delivered: 600000098765432", "Hello, this one was not delivered, the customer called twice."),
    ("Delivery failure", "Third delivery failure for the same lady. 550 Main Street. Your move."),
    ("Re: Case 10293847", "Your last e-mail was blocked by our filter. Send it again without the zip."),
    ("Non livré", "Le colis de Mme Roy n'a pas pu être livré : destinataire inconnu."),
    ("投递失败", "客户说包裹投递失败，地址不存在。"),
    ("Re: Case 10293847", "Thank you for your quick answer. I am closing the case. John"),
    ("Re: Case 10293847", "Merci de votre réponse rapide. Je ferme le dossier. Jean"),
    ("Re: Case 10293847", "Thank you for your message. I have received it and will get back to you tomorrow."),
    ("Re: Case 10293847", "谢谢您的快速回复，我关闭此案件。"),
    ("Automatic reply received", "Your shop answers her with an automatic reply only. She wants a person."),
]


@pytest.mark.parametrize("fields", [{}, GENERATED, NOBODYS, SENT_ON, BULK])
@pytest.mark.parametrize(("subject", "text"), PERSONS)
def test_what_a_persons_address_sends_is_a_persons(subject, text, fields):
    assert class_of(subject, text, **fields) is Class.WALMART_AGENT
    assert class_of(subject, text, role=Role.COMPLAINT, **fields) is Class.COMPLAINT
    assert class_of(subject, f"{text} {TOLD}", **fields) is Class.CONSUMER_PROTECTION


def test_the_evidence_says_what_spoke_against_it():
    assert any("sounds like a notice" in said for said in judged(*PERSONS[0]).evidence)
    assert any("sounds like a bounce" in said for said in judged("Undeliverable", "550 5.1.1", **NOBODYS).evidence)
    assert any("sounds automatic" in said for said in judged("Lamp", "It flickers.", **GENERATED).evidence)
    assert len(judged("Lamp", "It flickers.").evidence) == 1


# --- absences


WITH_REQUESTS = [
    "I am out of the office until Monday, so answer Priya, in copy, today.",
    "Hello, I'm on vacation from tomorrow. Tell Priya (in copy) by noon what you will do about the broken lamp.",
    "I will be out of the office on Friday. What happened to Ms. Roy's lamp? Did you ship it?",
    "I'm out of the office tomorrow. The mug of Mr. Lam came in two pieces.",
    "I am away until Thursday. Order 600000098765432 is still open on your side.",
    "Our office is closed on Monday, we need your answer before that.",
    "I'll be out of the office until Tuesday, which is too late for Ms. Roy: her party is on Sunday. Find a way.",
    "While I'm away this week Priya handles the Lam file. She needs the tracking number before noon.",
    "Je suis absent jusqu'à lundi. Répondez donc à Priya, en copie, aujourd'hui même, pour la lampe de Mme Roy.",
    "Je serai en vacances dès demain; veuillez envoyer votre réponse à Priya avant ce soir.",
    "Je suis en congé à partir de demain. Qu'allez-vous faire pour la cliente de Laval?",
    "您好，我周一前不在办公室，请今天之内回复抄送的Priya，说明台灯的情况。",
    "我明天开始休假，同事Kim接手。今天先把台灯的补发单号发给她。",
]
ABSENCES = [
    "I am out of the office until Monday, November 30. For urgent matters please contact kpatel@walmart.com.",
    "I am out of the office until Monday. Need help sooner? Contact Kavita Patel.",
    "I'm out of office with no internet. Please send urgent things to Kavita; everything else waits until I'm back.",
    "I am on parental leave until May. Kavita Patel has taken over my accounts. Please update your contact list.",
    "I no longer work for Walmart. Please direct your inquiries to escalations-ca@walmart.com.",
    "I am out of the office until Monday. For a BBB complaint write to kpatel@walmart.com.",
    "Bonjour, je suis en congé jusqu'au 2 décembre. Pour toute question urgente, veuillez écrire à Kim.",
    "Je suis absent du bureau. Une question urgente? Appelez Kim au 555-0100.",
    "您好，我目前休假中，12月2日回来。紧急事宜请联系Kim。其他邮件我回来后回复。",
]


@pytest.mark.parametrize("fields", [{}, GENERATED])
@pytest.mark.parametrize("text", WITH_REQUESTS)
def test_an_agent_who_mentions_an_absence_and_wants_something_has_written(text, fields):
    assert class_of("Your customer in Laval", text, **fields) is Class.WALMART_AGENT
    assert class_of("Your customer in Laval", text, role=Role.COMPLAINT, **fields) is Class.COMPLAINT
    assert class_of("Your customer in Laval", f"{TOLD} {text}", **fields) is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("text", [*WITH_REQUESTS[:3], *WITH_REQUESTS[4:6]])
def test_a_header_does_not_take_a_request_away(text):
    assert class_of("Your customer in Laval", text, **REPLIED) is Class.WALMART_AGENT


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Automatic reply: Re: Case 10293847", REPLIED),
        ("Automatic reply: Re: Case 10293847: BBB complaint", GENERATED),
        ("Out of Office: Re: Case 10293847", {}),
        ("Réponse automatique : Re: Case 10293847", {}),
        ("[EXTERNAL] Automatic reply: Case 10293847", {}),
        ("Re: Case 10293847", REPLIED),
    ],
)
@pytest.mark.parametrize("text", ABSENCES)
def test_a_real_absence_is_automatic(text, subject, fields):
    assert class_of(subject, text, **fields) is Class.AUTOMATIC
    assert class_of(subject, text, role=Role.COMPLAINT, **fields) is Class.AUTOMATIC


def test_an_absence_in_words_of_its_own_is_known_by_what_its_program_says():
    text = "Hi! My daughter arrived early. Kavita covers my files until spring."
    assert class_of("Automatic reply: Re: Case 10293847", text, **GENERATED) is Class.AUTOMATIC
    assert class_of("Re: Case 10293847: BBB complaint", text, **REPLIED) is Class.AUTOMATIC
    assert class_of("Re: Case 10293847", text) is Class.WALMART_AGENT


# --- customers (policy C1)

CUSTOMERS = [
    ("Not delivered", "It was not delivered. The address on the label does not exist."),
    ("Undelivered", "Undelivered!"),
    ("Mail delivery failed", "Canada Post left a card: mail delivery failed, user unknown at the buzzer."),
    ("Returned to sender", "My parcel was returned to sender, mailbox full they say. 550 Main Street."),
    ("Walmart.ca Customer: Lamp", "Purolator says they cannot deliver here. Can you use Canada Post?"),
    ("Question", "Bonjour, ma lampe n'a pas été livrée. Que se passe-t-il?"),
    ("Échec de livraison", "La livraison a échoué deux fois, destinataire inconnu."),
    ("退信", "快递说地址错误退回了，请重发。"),
    ("Vacation", "I'm on vacation this week."),
    ("Re: Your teapot", "I am away until Monday, so leave it with my neighbour please."),
    ("Re: Your teapot", "Thanks for your email. I'll be out of town until the 5th, so hold the delivery until then."),
    ("Re: théière", "Je suis absente jusqu'à vendredi, déposez le colis chez ma voisine."),
    ("Re: 茶壶", "我下周出差中，请周一以后再送。"),
    ("Out of office", "That was your answer to me last week. I still wait for the lid."),
    ("Hors du bureau", "C'est là que le colis a été laissé, hors du bureau de poste. Disparu."),
    ("Re: lampe", "Bien reçu votre message, je vous réponds dès que possible avec des photos."),
    ("Absence", "Personne ne répond chez vous depuis une semaine."),
    ("Automatic reply: your teapot", "My teapot is broken. Where is my refund?"),
    ("Automatic reply: your teapot", "I am away until Friday, please deliver it to my neighbour."),
    ("Automatic reply: your teapot", "I am out of the office until Monday. My teapot arrived broken."),
    ("Out of office: your teapot", "I have limited access to email. The handle of the pot has come off."),
    ("Réponse automatique : théière", "Je suis absent jusqu'à lundi. L'anse de la théière est cassée."),
    ("Automatic reply: your teapot", "This is an automatic reply. I am away. The pot is in two pieces now."),
    ("Re: Your teapot", "Your message has been received. Do not reply to this email. The lid has a crack in it."),
    ("Re: théière", "Ceci est une réponse automatique. La théière est arrivée avec une fissure dans l'anse."),
]


@pytest.mark.parametrize("fields", [{}, GENERATED, NOBODYS, SENT_ON, {"headers": (("x-autoreply", ""),)}])
@pytest.mark.parametrize(("subject", "text"), CUSTOMERS)
def test_a_customer_who_speaks_of_a_parcel_or_of_a_journey_is_a_customer(subject, text, fields):
    assert class_of(subject, text, JORDAN, **fields) is Class.CUSTOMER


@pytest.mark.parametrize(
    ("subject", "text", "fields"),
    [
        ("Automatic reply: your teapot", "I am out of the office until Monday.", REPLIED),
        ("[EXTERNAL] Out of Office: Re: Your teapot", "Back soon.", {}),
        ("Re: Your teapot", "I am out of the office until November 30. For urgent matters contact Kim.", {}),
        ("Re: Your teapot", "This is an automatic reply. We have received your message.", {}),
        ("Réponse automatique : votre théière", "Je suis absente jusqu'au 20 novembre.", {}),
        ("Re: Your teapot", "We have received your message and will get back to you within two business days.", {}),
        ("Auto: Tee", "I am out of the office. This is an automated response to your message. Kim is in.", REPLIED),
    ],
)
def test_a_customers_program_is_automatic(subject, text, fields):
    answers = {"in_reply_to": ("<r1@shop.example>",)}
    assert class_of(subject, text, JORDAN, **fields, **answers) is Class.AUTOMATIC


# --- machines and teams

MACHINES = ["no-reply@walmart.com", "case-notifications@walmart.com", "alerts@walmart.ca"]
ASKED = "Answer within one hour. Do not reply to this email, use the link in Seller Center."


@pytest.mark.parametrize("author", MACHINES)
@pytest.mark.parametrize("fields", [{}, GENERATED, REPLIED, NOBODYS, BULK])
@pytest.mark.parametrize(
    ("subject", "text", "class_"),
    [
        ("Action needed: Better Business Bureau", f"It was assigned to you. {ASKED}", Class.CONSUMER_PROTECTION),
        ("Policy update", f"Complaint 44012 of the BBB waits for you. {ASKED}", Class.CONSUMER_PROTECTION),
        ("Nouveau dossier", "Plainte 2211 de l'OPC. Répondez dans l'heure.", Class.CONSUMER_PROTECTION),
        ("Refund notification", f"She has no answer from you. {ASKED}", Class.WALMART_AGENT),
        ("Avis", "Veuillez répondre au client avant ce soir. Ne répondez pas à ce courriel.", Class.WALMART_AGENT),
    ],
)
def test_a_machine_that_names_consumer_protection_or_asks_is_owed_an_answer(author, fields, subject, text, class_):
    assert class_of(subject, text, author, **fields) is class_


@pytest.mark.parametrize("author", MACHINES)
@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Order cancellation", "Order 600000098765432 was cancelled by the customer. Do not reply to this email."),
        ("Late shipment", "3 orders are late. Ship your orders today to keep your on-time rate."),
        ("Verification code", "Your one-time code is 204518. Sign in now."),
        ("Reminder: update your tax form", "Please confirm your tax form by Friday."),
        ("Seller newsletter", "Learn how to answer BBB complaints within the hour. Join our webinar."),
    ],
)
def test_a_machine_that_informs_sends_a_notice(author, subject, text):
    assert class_of(subject, text, author) is Class.WALMART_NOTICE


def test_one_person_who_wants_something_is_owed_an_answer_from_any_address():
    text = "Ms. Roy has waited three weeks. I promised her an answer and I count on you to settle this. John"
    assert class_of("Refund notification", text, "updates@walmart.com") is Class.WALMART_AGENT
    answered = {"reply_to": (AGENT,)}
    assert class_of("About Ms. Roy", "Her lamp flickers.", MACHINES[0], **answered) is Class.WALMART_AGENT
    assert class_of("About us", "News.", MACHINES[0], **answered, **BULK) is Class.WALMART_NOTICE


def test_a_team_sends_a_notice_by_address_form_and_wording_together():
    subject, text = "Your settlement report is available", "See Seller Center."
    assert class_of(subject, text, "payments@walmart.com", **BULK) is Class.WALMART_NOTICE
    assert class_of(subject, text, "payments@walmart.com") is Class.WALMART_AGENT
    assert class_of(subject, text, AGENT, **BULK) is Class.WALMART_AGENT
    assert class_of("Hello", text, "payments@walmart.com", **BULK) is Class.WALMART_AGENT
    assert class_of(subject, "Please answer her today.", "payments@walmart.com", **BULK) is Class.WALMART_AGENT
    assert class_of(subject, TOLD, "payments@walmart.com", **BULK) is Class.CONSUMER_PROTECTION


def test_the_contact_form_is_a_customers_from_any_machine():
    form = f"Sales Order ID: 600000098765432\nItem ID: 1\nItem: Lid\nMessage: It is cracked.\nRefID: {'A' * 32}"
    found = judged("Walmart.ca Customer: Lid", "It is cracked.", "no-reply@walmart.com", rest=form)
    assert (found.class_, found.rule) == (Class.CUSTOMER, "contact_form")


OWED = {Class.WALMART_AGENT, Class.CONSUMER_PROTECTION, Class.COMPLAINT}


@given(
    st.sampled_from([subject for subject, _ in PERSONS]),
    st.sampled_from([text for _, text in PERSONS] + WITH_REQUESTS),
    st.sampled_from([{}, GENERATED, NOBODYS, SENT_ON, BULK]),
    st.sampled_from(Role),
)
def test_no_subject_and_no_header_takes_a_persons_mail_away(subject, text, fields, role):
    if role is not Role.SENT:
        assert class_of(subject, text, role=role, **fields) in OWED


# --- Walmart's own mailing lists ask for nothing, whatever they speak of

LISTED = {
    "author": "marketplace-news@walmart.com",
    "headers": (
        ("list-unsubscribe", "<https://news.walmart.example/u/1>"),
        ("list-id", "Seller News <news.walmart.com>"),
    ),
}
LESSONS = [
    "Dear sellers, complaints that reach us through the Better Business Bureau have to be answered within one hour.",
    "Bonjour cher vendeur, le mardi 24 novembre je vous montrerai comment répondre : « je veux être remboursé ».",
]


@pytest.mark.parametrize("text", LESSONS)
def test_walmarts_own_list_asks_for_nothing(text):
    assert class_of("Seller News, November", text, **LISTED) is Class.WALMART_NOTICE


@pytest.mark.parametrize(
    ("host", "rule"),
    [("news.walmart.com", "walmart_list"), ("news.walmart.example", None)],
    ids=["Walmart's", "another's"],
)
def test_a_list_is_walmarts_where_one_click_at_a_host_of_theirs_ends_it(host, rule):
    """RFC 8058; it has no List-Id, and no wording of a notice."""
    headers = (("list-unsubscribe", f"<https://{host}/u/1>"), ("list-unsubscribe-post", "List-Unsubscribe=One-Click"))
    found = judged("Hello", "How do you answer your customers?", headers=headers)
    assert (found.rule if found.class_ is Class.WALMART_NOTICE else None) == rule


@pytest.mark.parametrize(
    "more",
    [
        {"subject": "Case 10293847: complaint"},
        {"headers": LISTED["headers"][:1]},
        {"headers": (LISTED["headers"][0], ("list-id", "<care.groups.shop.example>"))},
        {"in_reply_to": ("<p1@shop.example>",)},
    ],
    ids=["a case", "no list", "the seller's own group", "an answer"],
)
def test_what_only_looks_like_a_list_is_taken_as_strictly_as_ever(more):
    fields = LISTED | more
    assert class_of(fields.pop("subject", "Seller News"), TOLD, **fields) is Class.CONSUMER_PROTECTION


def test_a_letter_that_was_passed_on_with_a_word_names_its_sender_at_its_end():
    letter = (
        "Madame, Monsieur,\n\nNous vous transmettons ci-dessous la plainte d'un consommateur, qui a reçu une tasse "
        "fêlée et à qui le commerçant n'a pas répondu. Nous vous invitons à communiquer avec lui et à nous faire part "
        "de votre position.\n\nService aux consommateurs\nOffice de la protection du consommateur"
    )
    assert (
        class_of("FW: 2026-LAV-0091827", "Pls see below and advise. Thx\n\nJohn", rest=letter)
        is Class.CONSUMER_PROTECTION
    )


# --- a report that a person sends on is no report of theirs (RFC 3464, 5965, 6522, 8098; policy C1, C2, C3, Q2, Q6)

FAILED = DeliveryReport(deliveries=(Delivery(recipient="care@shop.example", action="failed", status="5.1.1"),))
FIELDS = ["message/delivery-status", "message/disposition-notification", "message/feedback-report"]
FORM = "multipart/report; report-type=delivery-status"
WAITS = "The buyer of order 600000000000777 hears nothing from you. Please reply within 24 hours."
BROKEN = "My mug came broken. What will you do about it?"


@pytest.mark.parametrize("top", ["multipart/mixed", FORM])
@pytest.mark.parametrize("fields", FIELDS)
def test_a_report_beside_what_a_person_asks_takes_no_clock_away(fields, top):
    holds = {"structure": (top, "text/plain", fields), "report": FAILED}
    assert class_of("Case 20481377", WAITS, **holds) is Class.WALMART_AGENT
    assert class_of("Case 20481377", f"** THIS IS AN ESCALATION ** {WAITS}", role=Role.COMPLAINT, **holds) is (
        Class.COMPLAINT
    )
    assert class_of("My mug", BROKEN, author=JORDAN, **holds) is Class.CUSTOMER
    found = judged("Case 20481377", WAITS, **holds)
    assert any("holds a report" in said for said in found.evidence)


@pytest.mark.parametrize("fields", FIELDS)
def test_a_person_puts_a_report_beside_few_words_too(fields):
    holds = {"structure": ("multipart/mixed", "text/plain", fields), "report": FAILED}
    assert class_of("Lamp", "It came back.", **holds) is Class.WALMART_AGENT
    assert class_of("Lamp", "It came back.", author=JORDAN, **holds) is Class.CUSTOMER


def test_a_machine_of_walmarts_that_asks_is_owed_an_answer_whatever_it_attaches():
    holds = {
        "structure": ("multipart/mixed", "text/plain", FIELDS[0]),
        "report": FAILED,
        "author": "no-reply@walmart.com",
    }
    escalation = f"** THIS IS AN ESCALATION ** {WAITS}"
    assert class_of("Escalation", escalation, role=Role.COMPLAINT, **holds) is Class.COMPLAINT


def test_a_header_of_failed_recipients_is_believed_of_a_machine_alone():
    header = {"headers": (("x-failed-recipients", "a@b.example"),), "report": FAILED, "structure": ("text/plain",)}
    assert class_of("My mug", BROKEN, author=JORDAN, **header) is Class.CUSTOMER
    assert class_of("Case 20481377", WAITS, **header) is Class.WALMART_AGENT
    of_system = {"author": "mailer-daemon@relay.walmart.ca", "return_path": ""}
    assert class_of("Delivery", "Report.", **header | of_system) is Class.BOUNCE


@pytest.mark.parametrize("author", [AGENT, JORDAN])
@pytest.mark.parametrize(
    ("fields", "text", "report", "class_"),
    [
        (FIELDS[0], "Your message could not be delivered. Please check the address, try again.", FAILED, Class.BOUNCE),
        (FIELDS[0], "This report relates to a message you sent with these header fields:", FAILED, Class.BOUNCE),
        (FIELDS[0], "", FAILED, Class.BOUNCE),
        (FIELDS[1], "Your message\n\n  To: Jo\n  Subject: Re: Where is my mug?\n\nwas read on Friday.",
         DeliveryReport(), Class.AUTOMATIC),
        (FIELDS[1], "This is a return receipt for the mail that you sent to Jo.", DeliveryReport(), Class.AUTOMATIC),
        (FIELDS[1], "Votre message a été lu le vendredi 27 novembre.", DeliveryReport(), Class.AUTOMATIC),
    ],
)  # fmt: skip
def test_a_report_by_its_form_is_believed_of_a_persons_address(author, fields, text, report, class_):
    structure = ("multipart/report", "text/plain", fields)
    assert class_of("Re: mug", text, author=author, structure=structure, report=report) is class_
