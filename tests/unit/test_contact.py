"""The Contact-Seller form, and the numbers by which a mail names its matter."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.core.words.contact import (
    label_line_order_ids,
    labelled_order_ids,
    order_ids,
    ref_ids,
    walmart_case_ids,
)
from relaywatch.core.words.contact_form import Form, read_form

REF = "A1B2C3D4E5F60718293A4B5C6D7E8F90"
FILLED_IN = Form(
    name="Jordan",
    order_id="600000098765432",
    item_id="6000198765432",
    item="Salt-glazed teapot",
    message="The lid is cracked.\n\nCould you send another?",
    ref_id=REF,
)
FORM = f"""Jordan wants to connect with you regarding the following order:

Sales Order ID: 600000098765432
Item ID: 6000198765432
Item: Salt-glazed teapot
Message: The lid is cracked.

Could you send another?

**Note: To protect the customer, the address is hidden. Please respond within 1 business day.**

Walmart Customer Service Team
RefID: {REF}
"""
FRENCH = f"""Jordan souhaite communiquer avec vous concernant la commande suivante :

Numéro de commande : 600000098765432
Numéro d’article : 6000198765432
Article : Théière émaillée
Message : Le couvercle est fêlé.

Remarque : Pour protéger le client, son adresse est masquée. Veuillez répondre dans un délai d’un jour ouvrable.

L’équipe du service à la clientèle de Walmart
RefID : {REF.lower()}
"""


@pytest.mark.parametrize(
    "text",
    [
        FORM,
        FORM.replace("\n", "\r\n"),
        FORM.replace(": ", ":\u00a0\u00a0"),
        FORM.replace("ID: ", "ID:\n\n\u00a0\n"),
        FORM.replace("Item: ", "**Item:** ").replace("Sales Order ID:", "*Sales Order ID:*"),
        FORM.replace("&", "&amp;").replace("Item ID: ", "Item ID:&nbsp;"),
        "\n\u00a0\nWalmart Marketplace\n\n" + FORM,
        FORM.replace("Sales Order ID", "SALES ORDER ID").replace("RefID", "Ref ID"),
        FORM.replace("Sales Order ID:", "Order #:"),
        FORM.replace("Sales Order ID:", "Order number："),
    ],
)
def test_form_is_read_however_it_was_rendered(text):
    assert read_form(text) == FILLED_IN


def test_french_form():
    form = read_form(FRENCH)
    assert form is not None
    assert (form.order_id, form.item_id, form.item) == ("600000098765432", "6000198765432", "Théière émaillée")
    assert (form.message, form.ref_id) == ("Le couvercle est fêlé.", REF)


def test_form_that_lost_its_line_breaks():
    form = read_form(" ".join(FORM.split()))
    assert form is not None
    assert (form.order_id, form.item) == ("600000098765432", "Salt-glazed teapot")
    assert form.message == "The lid is cracked. Could you send another?"
    assert form.ref_id == REF


def test_fields_in_another_order():
    text = f"RefID: {REF}\nMessage: Is it dishwasher safe?\nOrder number: Y12345678\nItem: Bowl\n"
    assert read_form(text) == Form(order_id="Y12345678", item="Bowl", message="Is it dishwasher safe?", ref_id=REF)


def test_label_words_in_the_customers_text_stay_there():
    text = FORM.replace("Could you", "Item: not as shown\nRefID: none\nNote: call me\nCould you")
    form = read_form(text)
    assert form is not None
    assert form.message == (
        "The lid is cracked.\n\nItem: not as shown\nRefID: none\nNote: call me\nCould you send another?"
    )
    assert form.item == "Salt-glazed teapot"


@pytest.mark.parametrize(
    ("missing", "field"),
    [("Item ID", "item_id"), ("Sales Order ID", "order_id"), ("Item", "item"), ("RefID", "ref_id")],
)
def test_missing_fields_are_empty(missing, field):
    text = "\n".join(line for line in FORM.splitlines() if not line.startswith(f"{missing}:"))
    form = read_form(text)
    assert form is not None
    assert getattr(form, field) == ""
    assert form.message == FILLED_IN.message


def test_message_without_its_label():
    form = read_form(FORM.replace("Message: ", ""))
    assert form is not None
    assert form.message == FILLED_IN.message


VICTIMS, VICTIMS_REF = "600000012345678", "0F" * 16
LABELLED = f"Sales Order ID: {VICTIMS}"
CONNECTS = "wants to connect with you regarding the following order:"
NAMES = [
    pytest.param(LABELLED, "600000098765432", id="a label"),
    pytest.param(f"{LABELLED} Message:", "600000098765432", id="two labels"),
    pytest.param(f"Jo {LABELLED} Item ID: 1 Item: a Message: b", "600000098765432", id="a form behind a name"),
    pytest.param(f"Numéro de commande : {VICTIMS}", "600000098765432", id="a French label"),
    pytest.param(f"Message: x RefID: {VICTIMS_REF}", "600000098765432", id="a RefID"),
    pytest.param(f"{LABELLED}\nJordan", "", id="a line"),
    pytest.param(f"{LABELLED}\rJordan", "", id="a bare CR"),
    pytest.param(f"{LABELLED}\u2028Jordan", "", id="a line separator"),
    pytest.param(f"{LABELLED}\nMessage: x\n\nJordan", "", id="two lines and a blank one"),
    pytest.param(f"{LABELLED}\n**Note: x\nRefID: {VICTIMS_REF}\n", "", id="lines and a note"),
    pytest.param(f"Jo wants to contact you {LABELLED} Message:", "", id="an introduction and labels"),
    pytest.param(f"Jo {CONNECTS}\n\n{LABELLED}\nMessage: x\n", "", id="a form in lines"),
    pytest.param(f"Jo {CONNECTS}\n\n{LABELLED}\nMessage: x\n**Note: y\nRefID: {VICTIMS_REF}\n", "", id="whole"),
]
WRITTEN = {
    "lines": FORM,
    "French": FRENCH,
    "value below its label": FORM.replace("ID: ", "ID:\n\n"),
    "one line": " ".join(FORM.split()),
    "an introduction over two lines": FORM.replace("connect with", "connect\nwith"),
    "other words": FORM.replace("wants to connect with you", "has a question for you"),
    "a logo above": "Walmart Canada\n\n" + FORM,
}


@pytest.mark.parametrize("shape", WRITTEN)
@pytest.mark.parametrize(("name", "order"), NAMES)
def test_what_stands_before_the_introduction_is_a_name(name, order, shape):
    text = WRITTEN[shape]
    form = read_form(text.replace("Jordan", name, 1))
    if form is not None:
        assert (form.order_id, form.ref_id) in ((order, REF), ("", REF), ("", ""))
        assert form.order_id or order == "" or shape == "other words" or "RefID" in name


@pytest.mark.parametrize("name", [LABELLED, f"{LABELLED} Message:", f"{LABELLED},"])
def test_nor_is_it_a_line_of_the_mail(name):
    assert label_line_order_ids(f"{name} {CONNECTS}\n\nItem: x") == ()
    assert label_line_order_ids(f"{name}\n\nItem: x") == (VICTIMS,)


@pytest.mark.parametrize("shape", ["lines", "value below its label", "one line", "a logo above"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{LABELLED}", id="a label"),
        pytest.param(f"x\n{LABELLED}\nItem ID: 1\n", id="labels"),
        pytest.param(f"x {LABELLED} Message: y", id="labels in one line"),
        pytest.param(f"My wife wants to contact you.\n{LABELLED}", id="an introduction"),
        pytest.param(f"She wrote:\nJo {CONNECTS}\n\n{LABELLED}\nMessage: y", id="a form"),
        pytest.param(f"x\n**Note: y\n{LABELLED}", id="a note"),
    ],
)
def test_nor_does_the_shoppers_text_say_whose_it_is(text, shape):
    form = read_form(WRITTEN[shape].replace("The lid is cracked.", text, 1))
    assert form is not None
    assert form.order_id in ("600000098765432", "")
    assert form.order_id or form.contradicts


def test_two_ref_ids_prove_nothing():
    ended = FORM.replace("The lid", f"**Note: x**\nRefID: {VICTIMS_REF}\nThe lid")
    form = read_form(ended)
    assert form is not None
    assert (form.order_id, form.ref_id) == ("600000098765432", "")
    assert read_form(FORM + f"\nRefID: {REF.lower()}") == FILLED_IN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, where is my teapot?",
        "\n".join(f"> {line}" for line in FORM.splitlines()),
        "We sent another.\n\nOn Fri, Nov 13, 2026 at 4:30 PM Jordan wrote:\n\n" + FORM,
        "Nous vous remboursons.\n\nLe ven. 13 nov. 2026 à 16:30, Jordan a écrit :\n" + FORM,
        "-----Original Message-----\n" + FORM,
        "From: Jordan\n" + FORM,
        "发件人：Jordan\n" + FORM,
        "Hello Jordan,\n\nA new lid left today.\n\nKind regards,\nMei\nBlue Kiln\n\n" + FORM,
        "Order number: 600000098765432\nThe customer says that the lid is cracked. Please respond.",
        "Message: hello",
    ],
)
def test_no_form_of_its_own(text):
    assert read_form(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sales Order ID: 600000098765432", "600000098765432"),
        ("Sales Order ID:\u00a0\n\n600000098765432", "600000098765432"),
        ("> Sales Order ID:\n> 600000098765432", "600000098765432"),
        ("my order number is 600000098765432.", "600000098765432"),
        ("Order #457-745-084-0432", "4577450840432"),
        ("ORDER NO. 1234567890", "1234567890"),
        ("order y12345678", "Y12345678"),
        ("Numéro de commande : 200123456789012", "200123456789012"),
        ("la commande nº 600000098765432", "600000098765432"),
        ("订单号：600000098765432", "600000098765432"),
        ("PO# 1234567890123", "1234567890123"),
        ("P.O. number: 1234567890123", "1234567890123"),
        ("Original Customer Order Id 6171867186778", "6171867186778"),
    ],
)
def test_labelled_order_numbers(text, found):
    assert labelled_order_ids("", text) == (found,)
    assert labelled_order_ids(text, "") == (found,)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("about 600000098765432, please", "600000098765432"),
        ("about (200123456789012)", "200123456789012"),
        ("457-745-084-0432 came broken", "4577450840432"),
        ("6171867186778", "6171867186778"),
        ("Y12345678?", "Y12345678"),
    ],
)
def test_unlabelled_order_numbers_are_known_by_their_shape(text, found):
    assert order_ids("", text) == (found,)
    assert labelled_order_ids("", text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Item ID: 6000204338910",
        "6000204338910",
        "SKU 6171867186778",
        "UPC: 6171867186778",
        "tracking number 6171867186778",
        "Tracking #: 7316971867186778",
        "numéro de suivi : 6171867186778",
        "call 416-555-0199 or 1-800-925-6278",
        "my order: 416-555-0199",
        "+16171867186778",
        "1234567890",
        f"RefID: {'1' * 32}",
        "https://shop.example/p/6171867186778",
        "c-60000009876543212345678901234567@relay.walmart.ca",
        "CP123456789CA",
        "I ordered 2 mugs on 2026-11-13",
        "600000098765432123",
    ],
)
def test_other_numbers_are_no_orders(text):
    assert order_ids("", text) == ()


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Message from Walmart.com Customer:  Cancel Order, 6171867186778", ("6171867186778",)),
        ("Re: Walmart.ca Customer: Damaged, 1234567890 ", ("1234567890",)),
        ("Walmart.ca Customer: Damaged, Y12345678", ("Y12345678",)),
        ("Teapot, 1234567890", ()),
        ("Walmart.ca Customer: Damaged", ()),
    ],
)
def test_subjects_of_the_relay(subject, found):
    assert labelled_order_ids(subject, "") == found


def test_labelled_numbers_stand_first_and_each_once():
    text = "6171867186778 and 200123456789012. Purchase order: 1112223334445. Order: 600000098765432"
    assert order_ids("Walmart.ca Customer: x, 600000098765432", text) == (
        "600000098765432",
        "1112223334445",
        "6171867186778",
        "200123456789012",
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"RefID: {REF}", (REF,)),
        (f"> RefID:\n> {REF.lower()}", (REF,)),
        (f"RefID : {REF}\nRefID: {'0' * 32}\nRefID: {REF}", (REF, "0" * 32)),
        (f"RefID: {REF}0", ()),
        (f"{REF}", ()),
        ("RefID: 123", ()),
    ],
)
def test_ref_ids(text, found):
    assert ref_ids(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Case 10293847: customer awaiting your response", ("10293847",)),
        ("Case #10293847", ("10293847",)),
        ("CASE NUMBER: 10293847", ("10293847",)),
        ("[Case ID - 10293847]", ("10293847",)),
        ("Incident INC0012345", ("INC0012345",)),
        ("Ref: 7654321", ("7654321",)),
        ("Dossier nº 8899001", ("8899001",)),
        ("Dossier no. 8899001", ("8899001",)),
        ("[ ref:_00D41abc._5003xyz:ref ]", ("_00D41abc._5003xyz",)),
        ("in case 2 mugs break", ()),
        ("order 600000098765432", ()),
        ("Ref: 600000098765432", ()),
        ("10293847", ()),
        ("a showcase 10293847", ()),
    ],
)
def test_walmarts_case_numbers(text, found):
    assert walmart_case_ids(text, "") == found
    assert walmart_case_ids("", f"Hello,\n\n{text}\n") == found


@given(st.text(), st.text("Order Item ID:Message\n >0123456789-Y#,"))
def test_any_text_is_answered(text, like):
    for said in (text, like, f"Jordan wants to connect with you\n{like}{text}"):
        read_form(said)
        order_ids(said, said)
        ref_ids(said)
        walmart_case_ids(said, said)


@pytest.mark.parametrize(
    "text",
    [
        "Sales Order ID: " * 60_000,
        "Message:\n" * 100_000,
        "order " * 160_000,
        "1-" * 500_000,
        "1" * 1_000_000,
        "\u00a0\n" * 400_000,
        "wants to connect with yo" * 40_000,
        "case " * 200_000,
        "ref:" + "a" * 1_000_000,
    ],
)
def test_hostile_text_costs_no_more_than_long_text(text):
    started = time.perf_counter()
    read_form(text)
    order_ids(text, text)
    ref_ids(text)
    walmart_case_ids(text, text)
    assert time.perf_counter() - started < 2
