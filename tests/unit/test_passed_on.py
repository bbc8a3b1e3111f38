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
