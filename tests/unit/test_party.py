"""Whom an answer is for: what the mails of a conversation show of its customers (policy C1, C3)."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.party import Party, parties_of
from relaywatch.core.mail.message import Class, Folder, Mail

JORDAN, SILENT = c.relay(1), c.relay(5)


def of(machine: Mail, *mails: Mail) -> Party:
    """Return whom an answer to a machine's complaint is for, beside other mails."""
    some = sorted([machine, *mails], key=lambda mail: mail.message.date)
    openers = [mail for mail in some if mail.verdict.class_ in (Class.CUSTOMER, Class.COMPLAINT)]
    return parties_of(some, openers, c.PARTIES)[machine.message.key]


def complaint(order: str) -> Mail:
    return c.complaint(9, "x", author="no-reply@walmart.com", own_words=f"Order {order} never came.")


@pytest.mark.parametrize("silent_first", [True, False])
def test_a_complaint_about_an_order_is_of_nobody_who_wrote_where_one_of_them_speaks_of_another(silent_first):
    without = c.customer(0 if silent_first else 2, "c2", who=2, order=None)
    found = of(complaint(c.OTHER_ORDER), c.customer(1), without)
    assert (found.relays, found.others) == (frozenset(), {JORDAN, c.relay(2)})
    assert of(complaint(c.ORDER), c.customer(1), without).relays == {JORDAN}
    assert of(complaint(c.OTHER_ORDER), without).relays == {c.relay(2)}


@pytest.mark.parametrize(("order", "perhaps"), [(c.ORDER, set()), (c.OTHER_ORDER, {SILENT})])
def test_whom_the_seller_wrote_to_first_about_the_order_is_meant_by_a_complaint_about_it(order, perhaps):
    first = c.sent(
        1, SILENT, "o1", class_=Class.SELLER_OUTREACH, answers=(), subject="Mug", own_words=f"Order {c.ORDER} is late."
    )
    report = c.sent(2, c.CARE, "z1", class_=Class.AUTOMATIC, folder=Folder.INBOX, author=SILENT, answers=())
    assert of(complaint(order), first, report).perhaps == perhaps


def test_who_is_owed_an_answer_is_known_by_where_they_write_from_not_by_where_answers_go():
    asked = c.customer(reply_to=(SILENT,))
    found = parties_of([asked], [asked], c.PARTIES)[asked.message.key]
    assert found.who == {JORDAN}
    assert SILENT in found.relays


def relays_of(asked: Mail, *mails: Mail) -> frozenset[str]:
    """Return where an answer to a customer's mail may go, beside other mails."""
    some = sorted([asked, *mails], key=lambda mail: mail.message.date)
    openers = [mail for mail in some if mail.verdict.class_ in (Class.CUSTOMER, Class.WALMART_AGENT)]
    return parties_of(some, openers, c.PARTIES)[asked.message.key].relays


ASKED = c.customer()
STRANGER = c.sent(1, c.CARE, "s1", class_=Class.OTHER, folder=Folder.INBOX, author="x@evil.example", answers=())
TWIN = c.customer(1, "c9", who=2)
REPORT = c.sent(1.5, c.CARE, "s1", class_=Class.AUTOMATIC, folder=Folder.INBOX, author=c.relay(2), answers=())


@pytest.mark.parametrize(
    ("mails", "answers", "relays"),
    [
        pytest.param([], "c1", {1, 9}, id="their own mail"),
        pytest.param([STRANGER], ("c1", "s1"), {9}, id="a stranger's as well"),
        pytest.param(
            [replace(STRANGER, message=replace(STRANGER.message, reply_to=(JORDAN,)))],
            ("c1", "s1"),
            {9},
            id="a stranger's who asks for answers at theirs",
        ),
        pytest.param([TWIN, REPORT], ("c1", "s1"), {1, 2, 9}, id="what came from their other address"),
    ],
)
def test_who_goes_on_from_a_new_address_is_the_customer_to_whom_alone_went_what_they_answer(mails, answers, relays):
    answer = c.sent(3, JORDAN, "r1", answers=answers)
    went_on = c.customer(4, "c2", who=9, order=None, answers="r1", rest=f"> {c.GOOD}\n> {ASKED.message.own_words}")
    assert relays_of(went_on, ASKED, *mails, answer) == set(map(c.relay, relays))


def test_two_who_answer_one_mail_of_an_agents_are_two():
    title = f"Order {c.ORDER}"
    agent = c.agent(0, subject=title)
    jordan, robin = (
        c.customer(hours, f"c{hours}", who=hours, order=None, answers="a1", subject=f"Re: {title}") for hours in (1, 2)
    )
    assert relays_of(jordan, agent, robin) == {JORDAN}
    assert relays_of(robin, agent, jordan) == {c.relay(2)}


def test_where_a_machine_asks_for_answers_makes_its_complaint_no_customers():
    elsewhere = complaint(c.ORDER)
    elsewhere = replace(elsewhere, message=replace(elsewhere.message, reply_to=(c.relay(7),)))
    assert of(elsewhere, c.customer(1)).relays == {JORDAN}
