"""Whom an answer is for: what the mails of a conversation show of its customers (policy C1, C3)."""

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
