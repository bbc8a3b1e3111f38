"""Whose matter a mail is, by the order numbers that it gives as its own."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.threads.owner import own_orders, relays_form
from relaywatch.core.words.own_words import divide

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


@pytest.mark.parametrize("subject", [f"Walmart.ca Customer: Cancel, {OTHER}", f"Question Order# {OTHER}"])
def test_a_form_goes_before_a_subject(subject):
    assert own(rest=FORM.format("It broke."), subject=subject) == ([MINE], OTHER)
    assert own(rest=FORM.format("It broke."), subject=f"Your order {MINE}") == ([MINE], None)


def relays(text, subject="Walmart.ca Customer: Question", **fields):
    split = divide(text)
    texts = {"own_words": split.own, "rest": split.rest, "layout": split.layout}
    message = replace(c.customer().message, subject=subject, **texts | fields)
    form = relays_form(message)
    return None if form is None else form.order_id


def quoted(text, mark="> "):
    return "".join(f"{mark}{line}\n" for line in text.splitlines())


BROKE = FORM.format("It broke.")
HEADERS = "-----Original Message-----\nFrom: Jordan\nSent: Friday\nTo: care\nSubject: Mug\n\n"
LONG = "Hello,\n\nmy neighbour has the same mug.\nHers came chipped, and this is what she sent to you.\n\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BROKE, id="as it comes"),
        pytest.param(FORM.format(""), id="without a message"),
        pytest.param(FORM.format("It broke.\n\nOn Friday Mei wrote:\n> Sorry."), id="with a quote in it"),
        pytest.param(FORM.format(f"Sales Order ID: {OTHER}\nis my neighbour's."), id="with another's number in it"),
        pytest.param(f"Walmart Canada\n\n{BROKE}", id="below a logo"),
        pytest.param(f"Hello Blue Kiln,\n\n{BROKE}", id="below a greeting"),
        pytest.param(BROKE.replace("Jordan", f"Order: {OTHER}", 1), id="whatever the shopper's name"),
    ],
)
def test_the_relays_own_form(text):
    assert relays(text) == MINE


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"This is my neighbour's form:\n\n{BROKE}", id="below a line"),
        pytest.param(LONG + BROKE, id="below a letter"),
        pytest.param(LONG + quoted(BROKE), id="quoted"),
        pytest.param(quoted(BROKE), id="nothing but a quote"),
        pytest.param("See.\n\nOn Fri, Nov 13, 2026 at 4:30 PM Jordan wrote:\n\n" + BROKE, id="below an attribution"),
        pytest.param("See.\n\nDnia 13.11.2026 o 16:30 Jordan napisał(a):\n\n" + BROKE, id="a Polish one"),
        pytest.param(LONG + HEADERS + BROKE, id="below copied headers"),
        pytest.param(HEADERS + BROKE, id="below nothing but copied headers"),
        pytest.param(f"Order number: {MINE}\nRefID: {'0F' * 16}\nIt broke.", id="lines like it"),
        pytest.param(f"Order number: {MINE}", id="a line"),
    ],
)
def test_what_a_shopper_may_have_written_is_not_the_relays(text):
    assert relays(text, f"Walmart.ca Customer: Question, {MINE}") is None


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"in_reply_to": ("<r@shop.example>",)}, id="by In-Reply-To"),
        pytest.param({"references": ("<r@shop.example>",)}, id="by References"),
        pytest.param({"subject": "Re: Mug"}, id="by its subject"),
        pytest.param({"subject": "RE : Mug"}, id="by a French one"),
    ],
)
def test_nor_is_an_answer(fields):
    assert relays(BROKE, **fields) is None


def test_a_subject_may_begin_like_an_answers():
    assert relays(BROKE, "Walmart.ca Customer: Re-order, please") == MINE
