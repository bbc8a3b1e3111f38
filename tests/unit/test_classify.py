"""What a message is: each class with its rule, in order, and what must not be taken for it."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from lab_mail import a_mail, shipped_rules
from strategies import messages

from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.explain import explain, explain_rule
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Delivery, DeliveryReport, Folder, Role, Topic
from relaywatch.core.words.own_words import split

PARTIES = Parties(
    registered=frozenset({"care@shop.example", "complaints@shop.example"}),
    seller=frozenset({"help@bluekiln.example"}),
    internal=frozenset({"warehouse@shop.example"}),
    own=frozenset({"relaywatch@shop.example"}),
    authserv_ids=frozenset({"mx.shop.example"}),
)
WITH_TEAM = replace(PARTIES, handover=frozenset({"cx-ca@walmart.com"}))
JORDAN = "c-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@relay.walmart.ca"
AGENT = "jsmith@walmart.com"
ANSWERS = {"in_reply_to": ("<1@relay.walmart.ca>",)}
GENERATED = (("auto-submitted", "auto-generated"),)
REPLIED = (("auto-submitted", "auto-replied"),)
PASS = (("authentication-results", "mx.shop.example; dmarc=pass header.from=shop.example"),)


def contact_form(text):
    own, rest = split(
        "Jordan wants to connect with you regarding the following order:\n\nSales Order ID: 600000098765432\n"
        f"Item ID: 6000198765432\nItem: Teapot\nMessage: {text}\n\n"
        "**Note: To protect the customer, the address is hidden.**\n\n"
        f"Walmart Customer Service Team\nRefID: {'A' * 32}\n"
    )
    return {"text": own, "rest": rest}


def judged(author, text="", subject="", *, role=Role.CARE, folder=Folder.INBOX, parties=PARTIES, **fields):
    copies = (Copy(mailbox="one", role=role, folder=folder),)
    fields = {"return_path": author or None} | fields
    message = a_mail(text, subject, author=author, copies=copies, **fields)
    return classify(message, parties, shipped_rules())


def came(*args, **fields):
    verdict = judged(*args, **fields)
    return verdict.class_, verdict.rule


def sent(to, text="A new lid left today.", subject="Your teapot", *, parties=PARTIES, **fields):
    verdict = judged("care@shop.example", text, subject, folder=Folder.SENT, parties=parties, **({"to": to} | fields))
    return verdict.class_, verdict.rule


# --- customers


@pytest.mark.parametrize(
    "author",
    [JORDAN, "c-1@relay.walmart.com", "0F" * 16 + "@relay.walmart.ca", "pc-1@relay.walmart.com", "x@relay.walmart.ca"],
)
@pytest.mark.parametrize("role", [Role.CARE, Role.COMPLAINT])
def test_a_customer_in_both_mailboxes(author, role):
    assert came(author, "The lid is cracked.", role=role) == (Class.CUSTOMER, "relay_sender")


@pytest.mark.parametrize(
    "fields",
    [
        {"headers": GENERATED},
        {"headers": REPLIED},
        {"headers": (("x-autoreply", "yes"),)},
        {"return_path": ""},
        {"headers": (("precedence", "bulk"),)},
        {"headers": (("x-relaywatch-case", "12"),)},
    ],
)
def test_no_header_takes_a_customers_text_away(fields):
    assert came(JORDAN, "The lid is cracked.", **fields)[0] is Class.CUSTOMER
    assert came(JORDAN, **contact_form("I am out of the office until Monday."), **fields)[0] is Class.CUSTOMER


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Automatic reply: your teapot", "I am out of the office until Monday."),
        ("Réponse automatique : votre théière", "Je suis absente jusqu'au 20 novembre."),
        ("自动回复：茶壶", "我正在休假，周一回来。"),
    ],
)
def test_a_customers_absence_is_automatic(subject, text):
    assert came(JORDAN, text, subject)[0] is Class.AUTOMATIC


def test_a_customer_may_speak_like_walmart():
    said = "THIS IS AN ESCALATION. I will complain to the Better Business Bureau. Do not reply to this email."
    assert came(JORDAN, said, "Please contact the customer to resolve an issue")[0] is Class.CUSTOMER
    quoted = "Mail delivery failed: returning message to sender. What does that mean?"
    assert came(JORDAN, **contact_form(quoted))[0] is Class.CUSTOMER


def test_a_customers_topics():
    verdict = judged(JORDAN, **contact_form("I never received it."))
    assert verdict.topics == (Topic.NOT_RECEIVED,)
    assert any("never received" in evidence for evidence in verdict.evidence)
    assert judged(JORDAN, **contact_form("It is the wrong colour.")).topics == ()


def test_an_agents_topics():
    told = judged(AGENT, "The customer states that the order was never delivered. Please respond.")
    assert told.topics == (Topic.NOT_RECEIVED,)


# --- Walmart's people


@pytest.mark.parametrize("author", [AGENT, "k@care.walmart.ca", "x@wal-mart.com", "k@walmart.ca"])
def test_an_agent(author):
    text = "The customer says that the lid is cracked. Please let us know how this will be resolved."
    assert came(author, text, "Case 10293847")[0] is Class.WALMART_AGENT
    assert came(author, text, "Case 10293847", role=Role.COMPLAINT) == (Class.COMPLAINT, "complaint_mailbox")


@pytest.mark.parametrize("text", ["", "Hello", "See attached.", "谢谢", "Your report is available, what do you think?"])
def test_what_no_rule_knows_is_owed_an_answer(text):
    assert came(AGENT, text)[0] is Class.WALMART_AGENT


@pytest.mark.parametrize("author", [AGENT, "no-reply@walmart.com", "noreply@es.relay.walmart.com"])
@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Please contact the customer to resolve an issue with order 600000098765432", "The lid is cracked."),
        ("Order 600000098765432", "** THIS IS AN ESCALATION **\n\nThe customer has not heard from you."),
        ("Re: Please contact the customer to resolve an issue with a teapot", "Any news?"),
        ("Commande 600000098765432", "Ceci est une escalade. Le couvercle est fêlé."),
        ("Veuillez contacter le client pour résoudre un problème", "Le couvercle est fêlé."),
    ],
)
@pytest.mark.parametrize("headers", [(), GENERATED])
def test_an_escalation_is_a_complaint_anywhere(author, subject, text, headers):
    assert came(author, text, subject, headers=headers) == (Class.COMPLAINT, "escalation")


def test_what_is_said_to_be_no_escalation_is_none():
    text = "This is not an escalation. Please reply soon to avoid an escalation."
    assert came(AGENT, text)[0] is Class.WALMART_AGENT


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Your settlement report is available", "Your report is ready in Seller Center."),
        ("You have a new order", "Order 600000098765432 was placed."),
        ("3 items unpublished", "See Seller Center. Please do not reply to this email."),
        ("Votre rapport de règlement est disponible", "Ne répondez pas à ce courriel."),
        ("Join our webinar", "Please let us know what you think in our survey."),
        ("Hello", "Something that no rule knows."),
        ("Return initiated", "A return label was created for order 600000098765432."),
    ],
)
@pytest.mark.parametrize("author", ["no-reply@walmart.com", "donotreply@es.relay.walmart.com", "alerts@walmart.ca"])
@pytest.mark.parametrize("headers", [(), GENERATED])
def test_notices(author, subject, text, headers):
    assert came(author, text, subject, headers=headers)[0] is Class.WALMART_NOTICE


@pytest.mark.parametrize(
    ("author", "subject", "text"),
    [
        (
            "no-reply@walmart.com",
            "A customer is waiting",
            "The customer has contacted us. Please contact the customer.",
        ),
        ("no-reply@walmart.com", "Response required: case 10293847", "Do not reply to this email."),
        ("no-reply@walmart.com", "Seller performance", "We are awaiting your response to the complaint."),
        (AGENT, "Your payment", "Can you please check order 600000098765432?"),
        (AGENT, "Re: Your settlement report is available", "Here it is."),
        (AGENT, "New order 600000098765432", "It was a mistake."),
        ("marketplace@walmart.ca", "Something new", "Hello"),
    ],
)
def test_near_misses_of_notices_are_owed_an_answer(author, subject, text):
    assert came(author, text, subject)[0] is Class.WALMART_AGENT


def test_a_team_may_send_a_notice():
    assert came("marketplace@walmart.ca", "Grow your shop.", "Seller newsletter")[0] is Class.WALMART_NOTICE
    assert came(AGENT, "Grow your shop.", "Seller newsletter")[0] is Class.WALMART_AGENT


def test_a_machine_in_the_complaint_mailbox_needs_more_than_its_address():
    assert came("no-reply@walmart.com", "The lid.", "Order", role=Role.COMPLAINT)[0] is Class.COMPLAINT
    known = came("no-reply@walmart.com", "Ready.", "Your settlement report is available", role=Role.COMPLAINT)
    assert known[0] is Class.WALMART_NOTICE


def test_an_agents_absence_and_receipt_are_automatic():
    away = ("I am out of the office until Monday.", "Automatic reply: Case 10293847")
    assert came(AGENT, *away)[0] is Class.AUTOMATIC
    assert came(AGENT, away[0], "Case 10293847", headers=REPLIED)[0] is Class.AUTOMATIC


def test_a_case_system_sends_what_people_wrote():
    text = "Hello, the customer says that the lid is cracked. Please contact the customer."
    assert came(AGENT, text, "Case 10293847", headers=GENERATED)[0] is Class.WALMART_AGENT
    assert came(AGENT, f"This is an automated message. {text}", "Case 10293847")[0] is Class.WALMART_AGENT


# --- who is who


@pytest.mark.parametrize(
    ("author", "rule"),
    [
        ("jsmith@walmart-support.com", "lookalike_domain"),
        ("jsmith@walmart.com.evil.example", "lookalike_domain"),
        ("c-1@relay.walmart.ca.evil.example", "lookalike_domain"),
        ("jsmith@notwalmart.com", "lookalike_domain"),
        ("jordan@mail.example", "unknown_sender"),
        ("", "unknown_sender"),
        ("@", "unknown_sender"),
    ],
)
def test_what_is_not_walmarts_is_not_ours(author, rule):
    text = "** THIS IS AN ESCALATION ** BBB complaint, please respond."
    assert came(author, text, "Case 10293847") == (Class.OTHER, rule)


def test_own_warnings_are_known_by_sender_and_header():
    header = (("x-relaywatch-case", "12"), ("auto-submitted", "auto-generated"))
    assert came("relaywatch@shop.example", "BBB", headers=header) == (Class.OWN, "own_warning")
    assert came("jordan@mail.example", "Hello", headers=header[:1])[0] is Class.OTHER
    assert came(AGENT, "Please advise.", headers=header[:1])[0] is Class.WALMART_AGENT
    assert came("relaywatch@shop.example", "Hello")[0] is not Class.OWN


def test_bounces_say_who_and_what():
    report = DeliveryReport(
        deliveries=(Delivery(recipient=JORDAN, action="failed", status="5.1.1"),),
        original_id="<r1@shop.example>",
    )
    verdict = judged(
        "mailer-daemon@smtp.shop.example",
        "User unknown",
        "Undelivered Mail Returned to Sender",
        report=report,
        structure=("multipart/report; report-type=delivery-status", "message/delivery-status"),
        headers=REPLIED,
        return_path="",
    )
    assert verdict.class_ is Class.BOUNCE
    assert (verdict.failed, verdict.original_id) == ((JORDAN,), "<r1@shop.example>")


# --- the seller's mail


@pytest.mark.parametrize("subject", ["Re: Teapot", "RE : Théière", "回复：茶壶", "Réf : Théière", "Re[2]: Teapot"])
def test_answers(subject):
    assert sent((JORDAN,), subject=subject) == (Class.SELLER_REPLY, "answer_to_walmart")
    assert sent((AGENT, "kpatel@walmart.com"), subject=subject)[0] is Class.SELLER_REPLY


def test_answers_by_thread_headers():
    assert sent((JORDAN,), subject="Teapot", **ANSWERS)[0] is Class.SELLER_REPLY
    assert sent((AGENT,), subject="Teapot", references=("<1@walmart.com>",))[0] is Class.SELLER_REPLY


def test_an_answer_around_the_relay_is_still_a_reply():
    private = ("jordan@mail.example",)
    assert sent(private, subject="Re: Teapot", **ANSWERS) == (Class.SELLER_REPLY, "answer_elsewhere")
    assert sent(private, subject="Re: Walmart.ca Customer: Teapot")[0] is Class.SELLER_REPLY
    assert sent(private, subject="Re: Teapot", rest=f"> RefID: {'A' * 32}")[0] is Class.SELLER_REPLY
    assert sent(private, subject="Re: Teapot") == (Class.OTHER, "seller_elsewhere")
    assert sent(private, subject="Teapot")[0] is Class.OTHER


def test_new_messages_to_customers_are_outreach():
    assert sent((JORDAN,)) == (Class.SELLER_OUTREACH, "new_to_relay")


@pytest.mark.parametrize(
    ("subject", "fields"),
    [
        ("Not received: order 600000098765432", {}),
        ("Fwd: Walmart.ca Customer: Not received", {"references": ("<1@relay.walmart.ca>",)}),
        ("Tr : Client", {}),
        ("转发：客户", ANSWERS),
    ],
)
def test_hand_overs(subject, fields):
    team = ("cx-ca@walmart.com",)
    assert sent(team, subject=subject, **fields) == (Class.HANDOVER, "new_or_forwarded_to_walmart")
    assert sent(team, subject=subject, parties=WITH_TEAM, **fields) == (Class.HANDOVER, "to_customer_experience")


def test_hand_overs_with_a_named_team():
    assert sent(("cx-ca@walmart.com",), subject="Re: Case", parties=WITH_TEAM, **ANSWERS)[0] is Class.HANDOVER
    assert sent((AGENT,), subject="Fwd: Teapot", parties=WITH_TEAM) == (Class.SELLER_REPLY, "to_walmart")
    both = (JORDAN, "cx-ca@walmart.com")
    assert sent(both, subject="Re: Teapot", parties=WITH_TEAM, **ANSWERS)[0] is Class.SELLER_REPLY


def test_among_themselves():
    assert sent(("warehouse@shop.example",), subject="Fwd: Teapot") == (Class.INTERNAL, "to_own_people")
    assert sent((), subject="Draft")[0] is Class.OTHER
    assert came("warehouse@shop.example", "Found the lid.") == (Class.INTERNAL, "seller_sender")


def test_a_sent_mailbox_is_the_sellers():
    verdict = judged("help@bluekiln.example", "Hello", "Re: Teapot", role=Role.SENT, to=(JORDAN,))
    assert verdict.class_ is Class.SELLER_REPLY


def test_the_sellers_mail_in_the_inbox_counts_only_when_authenticated():
    fields = {"to": (JORDAN,), **ANSWERS}
    assert came("care@shop.example", "Hello", "Re: Teapot", headers=PASS, **fields)[0] is Class.SELLER_REPLY
    assert came("care@shop.example", "Hello", "Re: Teapot", **fields)[0] is Class.INTERNAL
    assert came("jordan@mail.example", "Hello", "Re: Teapot", headers=PASS, **fields)[0] is Class.OTHER


def test_an_automatic_reply_of_the_sellers_is_automatic():
    text = "Thank you for contacting Blue Kiln. We have received your message and will get back to you soon."
    assert sent((JORDAN,), text, "Re: Teapot", headers=REPLIED, **ANSWERS)[0] is Class.AUTOMATIC
    assert sent((JORDAN,), text, "Re: Teapot", **ANSWERS)[0] is Class.AUTOMATIC


# --- authenticity, reasons, cost


@pytest.mark.parametrize("author", [AGENT, JORDAN])
def test_failed_authentication_is_said_and_changes_nothing_else(author):
    failed = (("authentication-results", "mx.shop.example; dmarc=fail header.from=walmart.com"),)
    verdict = judged(author, "BBB complaint, please respond.", "Case 10293847", headers=failed)
    assert verdict.class_ is judged(author, "BBB complaint, please respond.", "Case 10293847").class_
    assert verdict.unauthenticated == "dmarc=fail"
    assert "fraud" in explain(verdict)


def test_every_rule_is_explained():
    by_rule = {
        (verdict.rule, verdict.class_)
        for verdict in (
            judged(JORDAN, "x"),
            judged(AGENT, "BBB complaint"),
            judged("no-reply@walmart.com", "x", "Your settlement report is available"),
            judged(AGENT, "I am out of the office until Monday.", "Automatic reply: x"),
            judged("jordan@mail.example", "x"),
        )
    }
    sentences = {explain_rule(rule, class_) for rule, class_ in by_rule}
    assert len(sentences) == len(by_rule)
    assert all(rule not in sentence for rule, _ in by_rule for sentence in sentences)
    assert explain_rule("consumer_protection_alberta") == explain_rule("mine", Class.CONSUMER_PROTECTION)
    assert explain_rule("mine") == "The rule mine of the data files matched."


def test_every_verdict_says_why():
    for author in (JORDAN, AGENT, "no-reply@walmart.com", "care@shop.example", "jordan@mail.example", ""):
        verdict = judged(author, "Hello")
        assert verdict.rule
        assert all(verdict.evidence)


@given(messages)
def test_any_message_is_classified(message):
    verdict = classify(message, PARTIES, shipped_rules())
    assert isinstance(verdict.class_, Class)
    assert verdict == classify(message, PARTIES, shipped_rules())


def test_an_ordinary_message_costs_little():
    form = contact_form("The teapot arrived with a cracked lid. Could you send me another one, please? " * 6)
    best = 1.0
    for _ in range(50):
        started = time.perf_counter()
        judged(JORDAN, **form)
        best = min(best, time.perf_counter() - started)
    assert best < 0.001  # a fifth of that on an idle machine
