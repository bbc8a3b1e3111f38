"""Whose matter a mail is, by the order numbers that it gives as its own."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.owner import own_orders

MINE, OTHER = c.ORDER, c.OTHER_ORDER
FORM = f"""Jordan wants to connect with you regarding the following order:

Sales Order ID: {MINE}
Item ID: 6000204338910
Item: Stoneware mug
Message: {{}}

**Note: To protect the customer, the address is hidden.**

Walmart Customer Service Team
RefID: {"0F" * 16}
"""


def own(own_words="", rest="", subject="Walmart.ca Customer: Question"):
    message = c.customer().message
    found = own_orders(replace(message, own_words=own_words, rest=rest, subject=subject))
    return list(found.orders), found.labelled


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"rest": FORM.format("It broke.")}, ([MINE], None), id="the form"),
        pytest.param(
            {"rest": FORM.format(f"Order number: {OTHER}\nis my sister's.")}, ([MINE], None), id="and no other"
        ),
        pytest.param({"own_words": FORM.format("It broke.")}, ([MINE], None), id="the form as the text"),
        pytest.param({"subject": f"Walmart.ca Customer: Cancel, {MINE}"}, ([MINE], None), id="the subject's tail"),
        pytest.param({"subject": f"Your order {MINE}"}, ([MINE], None), id="the subject"),
        pytest.param({"rest": f"> Sales Order ID: {MINE}\n> x"}, ([MINE], None), id="a quoted form"),
        pytest.param({"rest": f"> *Sales Order ID:*\n> {MINE}"}, ([MINE], None), id="over two lines"),
        pytest.param({"rest": f"> Numéro de commande : {MINE}"}, ([MINE], None), id="in French"),
        pytest.param({"rest": f"> 订单号：{MINE}"}, ([MINE], None), id="in Chinese"),
        pytest.param({"rest": f"> it was order {OTHER} that I meant"}, ([], None), id="a quoted sentence"),
        pytest.param({"own_words": f"Hello,\nOrder number: {MINE}\nIt broke."}, ([], MINE), id="a labelled line"),
        pytest.param({"own_words": f"Order number {MINE}"}, ([], MINE), id="without a colon"),
        pytest.param(
            {"own_words": f"Order ID: {MINE}\nRefID: {'0F' * 16}\nIt broke."},
            ([MINE], None),
            id="a form of a new shape",
        ),
        pytest.param({"own_words": f"My neighbour's order {OTHER} came chipped."}, ([], None), id="a sentence"),
        pytest.param({"own_words": f"Order {OTHER} of my sister came chipped."}, ([], None), id="at its beginning"),
        pytest.param({"own_words": f"La commande {OTHER} de ma voisine est là."}, ([], None), id="a French one"),
        pytest.param({"own_words": f"我邻居的订单{OTHER}有缺口。"}, ([], None), id="a Chinese one"),
        pytest.param({"own_words": f"Purchase order number: {OTHER}"}, ([], None), id="a purchase order"),
        pytest.param({}, ([], None), id="nothing"),
    ],
)
def test_own_orders(fields, expected):
    assert own(**fields) == expected


def test_a_subject_and_a_form_may_give_two():
    found = own(rest=FORM.format("It broke."), subject=f"Walmart.ca Customer: Cancel, {OTHER}")
    assert found == ([MINE, OTHER], None)
