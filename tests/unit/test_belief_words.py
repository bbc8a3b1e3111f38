"""Which words of an absence or a receipt count, for and against it, where a header or a subject names a program."""

import pytest
from lab_wholly import read_as

from relaywatch.core.mail.message import Class, Delivery, DeliveryReport

AGENT, MACHINE = "jsmith@walmart.com", "no-reply@walmart.com"
REPLIED = {"headers": (("auto-submitted", "auto-replied"),)}
AWAY = "I am out of the office until Monday."
SAYS_SO = "Automatic reply: Re: Your question"
FAILED = DeliveryReport(deliveries=(Delivery(recipient="care@shop.example", action="failed", status="5.1.1"),))
RECEIPT = {
    "structure": ("multipart/report", "text/plain", "message/disposition-notification"),
    "report": DeliveryReport(),
}


@pytest.mark.parametrize(
    ("subject", "text", "class_"),
    [
        pytest.param("Out of office", "Thank you.", Class.CUSTOMER, id="an absence in the subject alone"),
        pytest.param("Out of office", AWAY, Class.AUTOMATIC, id="and in the words"),
        pytest.param(
            "Re: Your teapot",
            "This is an automatic reply. I have received your message.",
            Class.AUTOMATIC,
            id="a program that speaks as its owner",
        ),
        pytest.param("Re: Your teapot", "I have received your message.", Class.CUSTOMER, id="or the owner"),
        pytest.param("Re: Your teapot", AWAY, Class.AUTOMATIC, id="an absence under an answer's subject"),
        pytest.param("Your teapot", AWAY, Class.CUSTOMER, id="under another"),
    ],
)
def test_a_customers_program_is_believed_that_answers_and_says_so(subject, text, class_):
    assert read_as(text, subject, in_reply_to=()).class_ is class_


@pytest.mark.parametrize(
    ("subject", "text", "class_"),
    [
        pytest.param("Re: Your question", AWAY, Class.AUTOMATIC, id="an absence in the words"),
        pytest.param("Out of office", AWAY, Class.AUTOMATIC, id="and in the subject"),
        pytest.param("Out of office", "That was all that I heard.", Class.WALMART_AGENT, id="the subject alone"),
    ],
)
def test_an_agents_absence_needs_no_header(subject, text, class_):
    assert read_as(text, subject, AGENT).class_ is class_


@pytest.mark.parametrize(
    ("words", "class_"),
    [
        pytest.param("How was your weekend in Laval?", Class.AUTOMATIC, id="a question about nothing"),
        pytest.param("Can you look at case 10293847 for her?", Class.WALMART_AGENT, id="about a case"),
        pytest.param("Can you look at order 600000098765432?", Class.WALMART_AGENT, id="about an order"),
        pytest.param("What became of case 10293847?", Class.WALMART_AGENT, id="in other words"),
        pytest.param("Response required by Friday.", Class.WALMART_AGENT, id="an answer by a day"),
        pytest.param("We await your reply by Friday.", Class.WALMART_AGENT, id="that is awaited"),
        pytest.param("Respond within 24 hours.", Class.WALMART_AGENT, id="within hours"),
    ],
)
def test_an_agent_whose_program_says_so_is_owed_an_answer_where_the_absence_asks_of_a_matter(words, class_):
    assert read_as(f"I am away until Monday. {words}", SAYS_SO, AGENT, **REPLIED).class_ is class_


OTHER_TONGUE = "Kim Lee\n\nJe suis absente du bureau jusqu'au 4 décembre."


@pytest.mark.parametrize(
    ("author", "rest", "class_"),
    [
        pytest.param(AGENT, OTHER_TONGUE, Class.AUTOMATIC, id="the absence again, below a name"),
        pytest.param(AGENT, "The buyer has called again about the lamp.", Class.WALMART_AGENT, id="a person's word"),
        pytest.param(MACHINE, "The buyer has called again about the lamp.", Class.AUTOMATIC, id="a machine's history"),
    ],
)
def test_what_stands_below_walmarts_absence_counts_where_a_person_reads(author, rest, class_):
    assert read_as(AWAY, SAYS_SO, author, rest=rest, **REPLIED).class_ is class_


@pytest.mark.parametrize(
    ("author", "words", "is_bounce"),
    [
        pytest.param(AGENT, "", True, id="nothing"),
        pytest.param(AGENT, "The lamp in the window flickers all the time.", False, id="a sentence of a person's"),
        pytest.param(MACHINE, "Did you send the lamp again to her?", False, id="a machine's question"),
    ],
)
def test_a_report_of_walmarts_is_one_where_nothing_is_said_or_asked_beside_it(author, words, is_bounce):
    top = "multipart/report" if author == AGENT else "multipart/mixed"
    holds = {"structure": (top, "text/plain", "message/delivery-status"), "report": FAILED}
    assert (read_as(words, "Lamp", author, **holds).class_ is Class.BOUNCE) is is_bounce


def test_a_customers_receipt_may_cite_headers_in_the_midst_of_its_sentence():
    cited = "Your message\n\n  To: Jo\n  Subject: Re: Where is my mug?\n\nwas read on Friday."
    assert read_as("", "Re: mug", rest=cited, **RECEIPT).class_ is Class.AUTOMATIC
    torn = "Votre message\n\n  À: Jo\n\na été lu le vendredi 27 novembre."
    assert read_as("", "Re: mug", rest=torn, **RECEIPT).class_ is Class.AUTOMATIC
    assert read_as("", "Re: mug", rest=f"{cited}\nIt is broken.", **RECEIPT).class_ is Class.CUSTOMER
