"""What Walmart's people and machines pass on: a customer's words in it take no clock away (policy C1 to C4)."""

import pytest
from lab_mail import a_mail
from lab_wholly import read_as

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Role, Verdict
from relaywatch.core.threads.naming import named

AGENT, MACHINE, TEAM = "jsmith@walmart.com", "noreply@walmart.com", "payments@walmart.com"
FIRST = {"in_reply_to": ()}
STATEMENT = "This is an automated message, please do not reply to this email."
STATED = [
    pytest.param(STATEMENT, id="a line"),
    pytest.param('All they send is: "This is an automated response".', id="told"),
    pytest.param('They write: "Thank you for contacting us. We have received your message."', id="a receipt"),
    pytest.param("La boutique envoie « Ceci est un message automatique ».", id="French"),
    pytest.param("店家只回「此邮件由系统自动发送,请勿回复」。", id="Chinese"),
]
PARTIES = Parties(registered=frozenset({"care@shop.example", "complaints@shop.example"}))
MINE, OTHERS = "600000000000777", "600000000000001"
LABELS = f"Sales Order ID: {OTHERS}\nItem: mug\nMessage: My lamp is dead."
FORM = f"Jordan wants to connect with you regarding this order:\n{LABELS}\nRefID: {'0F' * 16}"


# --- a program's sentence in what a person passes on


@pytest.mark.parametrize("stated", STATED)
@pytest.mark.parametrize(
    ("subject", "text", "role", "class_"),
    [
        pytest.param("Customer 20481377", "Shared with you:\n\n{}", Role.COMPLAINT, Class.COMPLAINT, id="complaint"),
        pytest.param("Order 600000000000777", "Comments:\n\n{}", Role.CARE, Class.WALMART_AGENT, id="inquiry"),
        pytest.param("Escalated case 20481377", "Hello,\n\n{}", Role.CARE, Class.COMPLAINT, id="escalation"),
        pytest.param("Better Business Bureau", "Hello,\n\n{}", Role.CARE, Class.CONSUMER_PROTECTION, id="a body"),
    ],
)
def test_a_programs_sentence_in_what_an_agent_passes_on_takes_no_clock_away(subject, text, role, class_, stated):
    passed_on = text.format(f"The lamp came in two halves. {stated}\n\nAna")
    assert read_as(passed_on, subject, AGENT, role=role, **FIRST).class_ is class_


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param("Case 0991", "Thank you for contacting us. We have received your message.", id="a receipt"),
        pytest.param("Case 0991", f"{STATEMENT} We will get back to you within 2 business days.", id="a statement"),
        pytest.param("Better Business Bureau", f"Hello,\n\n{STATEMENT}", id="of a body's matter"),
    ],
)
def test_what_is_a_programs_as_a_whole_is_automatic_from_a_person_too(subject, text):
    assert read_as(text, subject, AGENT).class_ is Class.AUTOMATIC


# --- what a machine asks below a customer's words


ENDINGS = [
    pytest.param("Sent from my iPhone", id="a phone's"),
    pytest.param("-- \nJordan", id="a signature"),
    pytest.param("On Mon, Nov 16, 2026 at 9:00 AM, Care <care@shop.example> wrote:", id="a reply's header"),
    pytest.param("Le lun. 16 nov. 2026 à 9 h, Care <care@shop.example> a écrit :", id="a French one"),
    pytest.param("-----Original Message-----\nFrom: care@shop.example\nSent: Monday\nTo: x\nSubject: y", id="a copy"),
    pytest.param("---------- Forwarded message ----------", id="a forward's title"),
    pytest.param("> thank you", id="a quote"),
    pytest.param("从我的iPhone发送", id="a Chinese phone's"),
]
BELOW = [
    pytest.param("Please respond to the customer within 24 hours.", Class.WALMART_AGENT, id="a request"),
    pytest.param("Veuillez communiquer avec le client dans les 24 heures.", Class.WALMART_AGENT, id="in French"),
    pytest.param("This is an escalation.", Class.COMPLAINT, id="an escalation"),
    pytest.param("The Better Business Bureau sent it.", Class.CONSUMER_PROTECTION, id="a body"),
]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(("below", "class_"), BELOW)
def test_a_machine_that_answers_nothing_quotes_nobody(ending, below, class_):
    text = f"Message from the shopper:\n\nThe lamp is dead on arrival.\n{ending}\n\n{below}\n"
    assert read_as(text, "Message", MACHINE, **FIRST).class_ is class_


def test_nor_does_a_team_that_writes_to_many():
    text = "The lamp is dead.\nSent from my iPhone\n\nPlease respond to the customer within 24 hours."
    bulk = {"headers": (("precedence", "bulk"),)}
    assert read_as(text, "Your settlement report is available", TEAM, **FIRST, **bulk).class_ is Class.WALMART_AGENT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Done.\n\nOn Monday, Care <care@shop.example> wrote:\n> Please respond within 24 hours.", id="reply"
        ),
        pytest.param(
            "Done.\n\n-----Original Message-----\nFrom: x\nSubject: y\n\nPlease respond within a day.", id="copy"
        ),
    ],
)
def test_what_a_machine_answers_it_quotes(text):
    assert read_as(text, "Hello", MACHINE).class_ is Class.WALMART_NOTICE


# --- a form in what a machine tells of


@pytest.mark.parametrize("form", [pytest.param(FORM, id="a form"), pytest.param(LABELS, id="three labels")])
@pytest.mark.parametrize(
    ("subject", "text", "role", "class_"),
    [
        pytest.param("Customer", "Comments:\n{}", Role.COMPLAINT, Class.COMPLAINT, id="complaint mailbox"),
        pytest.param("Customer", "{}", Role.COMPLAINT, Class.COMPLAINT, id="complaint mailbox, first"),
        pytest.param("Escalated case", "{}", Role.CARE, Class.COMPLAINT, id="an escalation"),
        pytest.param("Hello", "The customer wrote:\n{}", Role.CARE, Class.WALMART_AGENT, id="below its words"),
        pytest.param("Case 20481377", "{}", Role.CARE, Class.WALMART_AGENT, id="of a case"),
        pytest.param(f"Order {MINE}", "{}", Role.CARE, Class.WALMART_AGENT, id="of another order"),
    ],
)
def test_a_form_in_what_a_machine_tells_of_is_no_customers_mail(form, subject, text, role, class_):
    assert read_as(text.format(form), subject, MACHINE, role=role, **FIRST).class_ is class_


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param("Walmart.ca Customer: Mug", LABELS, id="by its subject"),
        pytest.param("A customer wrote", FORM, id="by its introduction"),
        pytest.param(f"Walmart.ca Customer: Mug, {OTHERS}", FORM, id="by both"),
    ],
)
def test_a_form_that_a_machine_only_brings_is_a_customers(subject, text):
    assert read_as(text, subject, MACHINE, **FIRST).class_ is Class.CUSTOMER


def keys_of(subject, own_words="", rest="", author=MACHINE, class_=Class.COMPLAINT):
    message = a_mail(own_words, subject, author=author, rest=rest)
    found = named(Mail(message, Verdict(class_=class_, rule="a_rule", evidence=())), PARTIES)
    return found.order, {key for key in found.keys if not key.startswith(("id:", "case:"))}


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param(f"Complaint, order {MINE}", FORM, id="the subject"),
        pytest.param("Complaint", f"About order {MINE}:\n\n{LABELS}", id="above a form"),
        pytest.param("Complaint", f"Hello\n\nLa commande {MINE}\nDetails\nName: Sam\n\n{FORM}", id="far above"),
    ],
)
def test_what_a_machine_names_itself_outranks_what_it_passes_on(subject, text):
    assert keys_of(subject, text) == (MINE, {f"order:{MINE}", f"form:{MINE}"})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"For {MINE}: her words.\n\nMy neighbour's order {OTHERS} came.", id="a label in a customer's words"
        ),
        pytest.param(f"She says: my lamp ({OTHERS}) is dead.\n\nOrder number: {MINE}", id="a bare number in them"),
    ],
)
def test_of_several_orders_none_says_whose_a_machines_mail_is(text):
    """A customer's number would move a complaint into the case of another, whose answer would end it."""
    assert keys_of("Complaint", text) == (None, set())


def test_a_form_that_a_machine_passes_on_says_not_whose_the_mail_is():
    assert keys_of("Complaint", f"Her words:\n\n{FORM}") == (None, set())
    assert keys_of("Complaint", f"Purchase order number: 1234567890123\nOrder number: {MINE}")[0] == MINE
    assert keys_of("Complaint", "My lamp is dead.", FORM, AGENT)[0] == OTHERS  # a person's mail is joined by no order


# --- news, and marks of escalation


@pytest.mark.parametrize(
    "text",
    [
        "New rules of the Office de la protection du consommateur take effect on Oct 5. Read more in Seller Help.",
        "Holiday dates. Also: new OPC rules for Quebec sellers about product complaints start December 1.",
        "The Office de la protection du consommateur reminds merchants that complaints must be answered.",
        "L'Office de la protection du consommateur a publié de nouvelles règles sur les garanties.",
    ],
)
def test_policy_c4_a_machines_news_of_rules_is_a_notice(text):
    assert read_as(text, "Policy update", MACHINE, **FIRST).class_ is Class.WALMART_NOTICE
    owed = {Class.CONSUMER_PROTECTION}
    assert {read_as(text, "Policy update", AGENT, **FIRST).class_} == owed
    assert {read_as(text, "Policy update", MACHINE, role=Role.COMPLAINT, **FIRST).class_} == owed


@pytest.mark.parametrize(
    "text",
    [
        'The Better Business Bureau passed this on. Sam Lee says: "They sold me a dead lamp and cite a new policy".',
        "The Better Business Bureau passed this on. Sam Lee bought a lamp from you. Under the new policy it is late.",
        "Le BBB l'a transmis. Sam Lee dit : « la boutique parle d'une nouvelle politique ».",
    ],
)
def test_policy_c4_what_somebody_says_of_rules_makes_no_news(text):
    assert read_as(text, "For you", MACHINE, **FIRST).class_ is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("ending", ["Sam", "Sent from my iPhone", "Envoyé de mon iPhone", "-- \nSam"])
def test_policy_c2_a_signature_in_what_a_machine_passes_on_ends_no_words_of_the_machines(ending):
    """In a thread, too, where nothing is repeated."""
    text = f"Message from the shopper:\nThe lamp is dead.\n{ending}\n\nPlease respond to the customer within 24 hours."
    assert read_as(text, "Update", MACHINE, in_reply_to=("<a@walmart.com>",)).class_ is Class.WALMART_AGENT


@pytest.mark.parametrize(
    "more",
    [
        pytest.param("A complaint was filed.", id="a complaint"),
        pytest.param(f"It is about order {MINE}.", id="an order"),
        pytest.param("File 55102.", id="a file"),
        pytest.param("A customer went there.", id="a customer"),
        pytest.param("Please respond within one hour.", id="a request"),
        pytest.param("Une plainte nous est parvenue.", id="a French one"),
    ],
)
def test_policy_c4_what_names_somebodys_matter_is_no_news(more):
    text = f"New rules of the Office de la protection du consommateur take effect. {more}"
    assert read_as(text, "Policy update", MACHINE, **FIRST).class_ is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("author", [AGENT, MACHINE])
@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Escalated: case 20481377", "The lamp."),
        ("Escalation - order 600000000000777", "The lamp."),
        ("Case 20481377 escalated", "The lamp."),
        ("Case #20481377 has been escalated", "The lamp."),
        ("The lamp", "The customer's complaint has been escalated."),
        ("Escalade : dossier 20481377", "La lampe."),
        ("Dossier 20481377 escaladé", "La lampe."),
        ("La lampe", "La plainte du client a été escaladée."),
    ],
)
def test_policy_c3_an_escalation_by_its_number_or_of_a_customers_complaint(author, subject, text):
    assert read_as(text, subject, author, **FIRST).class_ is Class.COMPLAINT


@pytest.mark.parametrize(
    "text",
    [
        "Case 20481377 has been escalated to our technical team.",
        "When the customer's complaint has been escalated, it is listed there.",
        "Si la plainte du client a été escaladée, elle y est.",
        "Escalation of an item's price.",
    ],
)
def test_policy_c3_what_only_speaks_of_escalations_is_none(text):
    assert read_as(text, "Hello", AGENT, **FIRST).class_ is Class.WALMART_AGENT


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("Please contact the shopper within 24 hours.", Class.WALMART_AGENT),
        ("Please reach out to your buyer.", Class.WALMART_AGENT),
        ("Veuillez communiquer avec l'acheteuse.", Class.WALMART_AGENT),
        ("Répondez à l'acheteur.", Class.WALMART_AGENT),
        ("The Competition Bureau forwarded a consumer's complaint.", Class.CONSUMER_PROTECTION),
        ("Le Bureau de la concurrence a transmis une plainte.", Class.CONSUMER_PROTECTION),
        ("The Competition Bureau keeps complaints.", Class.WALMART_NOTICE),
    ],
)
def test_what_a_machine_asks_and_tells_of(text, class_):
    assert read_as(text, "Hello", MACHINE, **FIRST).class_ is class_


@pytest.mark.parametrize(
    ("role", "class_"),
    [(Role.COMPLAINT, Class.COMPLAINT), (Role.CARE, Class.WALMART_NOTICE)],
    ids=["complaint", "care"],
)
def test_policy_c3_a_machines_footer_makes_no_notice_of_what_came_to_the_complaint_mailbox(role, class_):
    text = "Customer: Jane D. Issue: not received.\n\nThis is a system generated message. Please do not reply."
    assert read_as(text, "Customer issue", MACHINE, role=role, **FIRST).class_ is class_
