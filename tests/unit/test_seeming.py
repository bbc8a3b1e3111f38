"""Who fails authentication is not whom they seem to be: an answer to them is none to the one whose address they use."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.case import Verb
from relaywatch.core.due.warning import warnings_due
from relaywatch.core.mail.message import Class
from relaywatch.core.threads.thread import group

FAILED = "dmarc=fail"
TRIFLE = "Is the blue mug dishwasher safe?"
ANSWER = "The blue mug is safe in the dishwasher and in the microwave, and holds 350 ml."
BACK = "I did not ask that."


def standing(mails, *said) -> dict[str, str]:
    cases = (c.judgement(some, 30, *said).case for some in group(mails, c.PARTIES))
    return {(one.started_by or "").strip("<>"): one.status.value for case in cases if case for one in c.deadlines(case)}


def customers(*mails):
    """The customer's own, one forged as theirs, the answer to that, and what the customer says of it."""
    forged = c.customer(1, "f", own_words=TRIFLE, unauthenticated=FAILED, subject="Mug")
    answer = c.sent(2, mid="r", own_words=ANSWER, answers="f", subject="Re: Mug")
    return [
        c.customer(0),
        forged,
        answer,
        c.customer(3, "c3", own_words=BACK, answers=("r",), subject="Re: Mug"),
        *mails,
    ]


def agents(*mails, class_=Class.WALMART_AGENT):
    forged = c.agent(1, "f", own_words=TRIFLE, unauthenticated=FAILED, subject="Mug", class_=class_)
    answer = c.sent(2, c.SMITH, "r", own_words=ANSWER, answers="f", subject="Re: Mug")
    return [c.agent(class_=class_), forged, answer, c.agent(3, "a3", own_words=BACK, answers=("r", "a1")), *mails]


def test_what_answers_a_forged_mail_of_a_customer_answers_none_of_theirs():
    """They share a case once the customer answers what the seller wrote to them."""
    assert standing(customers()) == {"c1": "doubtful", "f": "met", "c3": "overdue"}
    assert standing(customers()[::-1]) == standing(customers())
    assert standing(customers(c.sent(4, mid="r4", answers="c3")))["c1"] == "met"


@pytest.mark.parametrize("class_", [Class.WALMART_AGENT, Class.COMPLAINT])
def test_nor_one_of_an_agent(class_):
    assert standing(agents(class_=class_)) == {"a1": "overdue", "f": "met", "a3": "overdue"}
    assert standing(agents(c.sent(4, c.SMITH, "r4", answers="a3"), class_=class_))["a1"] == "met"


def test_where_none_of_a_customers_mail_is_proved_one_reply_answers_all_of_it():
    """A mailbox that is forwarded breaks every signature."""
    first, second = (c.customer(hours, f"c{hours}", unauthenticated=FAILED) for hours in (0, 1))
    assert standing([first, second, c.sent(2, answers="c1")]) == {"c0": "met", "c1": "met"}


@pytest.mark.parametrize(
    ("people", "waived"),
    [
        ((f"unauthenticated:{c.SMITH}",), {"f"}),
        ((c.SMITH,), {"a1", "f", "a3"}),
        ((c.relay(),), set()),
    ],
)
def test_what_is_said_of_the_forged_one_is_not_said_of_the_genuine_one(people, waived):
    mails = [one for one in agents() if one.message.message_id != "<r>"]
    mails = [replace(one, message=replace(one.message, references=("<a1>",))) for one in mails]
    said = replace(c.says(Verb.WAIVE, 5), people=people)
    stands = {one.started_by.strip("<>"): one.status.value for one in c.deadlines(c.judgement(mails, 30, said).case)}
    assert {name for name, status in stands.items() if status == "waived"} == waived


def test_a_forged_complaint_hides_no_step_of_a_genuine_one():
    mails = [c.bureau(0.03), c.bureau(0, "f", unauthenticated=FAILED)]
    case = c.judgement(mails, 0.2).case
    told = {one.deadline.started_by for one in warnings_due(case, c.basis().policy, c.at(0.2))}
    assert told == {"<b1>", "<f>"}
