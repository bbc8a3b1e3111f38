"""How a text speaks: what puts an answer off, breaks off, has buttons, is for somebody else; and facts."""

import time

import pytest

from relaywatch.core.language import manner
from relaywatch.core.language.rules import fold
from relaywatch.core.replies.gist import apart
from relaywatch.core.words.facts import Facts
from relaywatch.core.words.matter import Matter


@pytest.mark.parametrize(
    "sentence",
    [
        "I will look into it and write to you tomorrow.",
        "We'll get back to you on Monday.",
        "Je vous réponds demain à tête reposée.",
        "On vous revient là-dessus mardi.",
        "稍后回复您。",
        "我会再核实。",
    ],
)
def test_what_puts_an_answer_off(sentence):
    said, deferring = apart(fold(f"The mug is blue. {sentence}"))
    assert (said.strip(), deferring.strip()) == ("the mug is blue.", fold(sentence))


@pytest.mark.parametrize(
    "sentence",
    ["A new mug left this morning.", "I will send you another one.", "Je vous envoie une tasse.", "今天补发。"],
)
def test_what_does_not(sentence):
    assert apart(fold(sentence)) == (fold(sentence), "")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Ce que je vous propose, c'est de", True),
        ("We will send you the", True),
        ("我们已经把", True),
        ("It is blue", False),
        ("Yes, it is dishwasher safe", False),
        ("Je vous en envoie une autre", False),
    ],
)
def test_what_breaks_off(text, cut):
    assert (manner.CUT_OFF.search(fold(text)) is not None) is cut


@pytest.mark.parametrize(
    ("text", "buttons"),
    [
        ("[ Insert as reply ]  [ Edit ]  [ Dismiss ]", True),
        ("[ Oui, fermer ma demande ]   [ Non, j'attends une réponse ]", True),
        ("Text\n[ This solved it, close my request ]\n", True),
        ("[image: logo.png]", False),
        ("See the picture [attached] and the label.", False),
    ],
)
def test_buttons(text, buttons):
    assert (manner.BUTTONS.search(text) is not None) is buttons


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Please refund the customer and tell her.", True),
        ("Tu lui réponds quand tu peux?", True),
        ("你今天给他补发一只，直接回客人。", True),
        ("Our customer service is open on Monday.", False),
        ("La cliente vous remercie.", True),
        ("@小王 这单你去查下三号架。", True),
        ("先别回客户，问问老板。", True),
        ("尊敬的客户，给您带来不便，我们深表歉意。", False),
        ("Write to mei@shop.example, please.", False),
        ("You can tell us.", False),
    ],
)
def test_what_speaks_of_the_customer(text, about):
    assert (manner.ABOUT_CUSTOMER.search(fold(text)) is not None) is about


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("We paid back $12.50.", "money", "$12.50"),
        ("Free shipping over $35.", "money", ""),
        ("Livraison gratuite à l'achat de 50 $ et plus", "money", ""),
        ("It comes on Monday.", "day", "monday"),
        ("We are here Monday to Friday.", "day", ""),
        ("New arrivals every Thursday!", "day", ""),
        ("We are out of the shop until Monday.", "day", ""),
        ("I will be back at my desk on Friday, 4 December.", "day", ""),
        ("Je serai à l'extérieur jusqu'au lundi 23 novembre inclusivement.", "day", ""),
        ("Je suis de retour jeudi.", "day", ""),
        ("我周一回来。", "day", ""),
        ("The mug is back in stock on Tuesday.", "day", "tuesday"),
        ("No signal up here. Back at the bench Wednesday the 18th.", "day", ""),
        ("I am away until Monday; it leaves on Tuesday.", "day", "tuesday"),
        ("预计周五到货", "day", "周五"),
        ("It holds 300 ml.", "measure", "300 ml"),
        ("You are number 55172 in the line.", "measure", ""),
        ("The shelf is 12 in wide.", "measure", "12 in"),
        ("It is 12 in.", "measure", "12 in"),
        ("p: 1-878-555-0111  w: shop.example", "measure", ""),
        ("预计1个工作日", "measure", ""),
        ("单号5154825827016431，周二到", "reference", "5154825827016431"),
    ],
)
def test_facts(text, name, found):
    assert getattr(Facts.of(fold(text), Matter()), name) == found


@pytest.mark.parametrize("piece", ["i will ", "je vous ", "a. ", "[ a ] ", "* a?\n", "我会", "over $1 ", "1 "])
def test_hostile_text_costs_linear_time(piece):
    def seconds(times):
        text = fold(piece * times)
        start = time.process_time()
        apart(text)
        for pattern in (manner.CUT_OFF, manner.BUTTONS, manner.LIST, manner.ABOUT_CUSTOMER, manner.YES_NO):
            pattern.search(piece * times)
        Facts.of(text, Matter())
        return time.process_time() - start

    seconds(100)
    assert seconds(8_000) < max(14 * seconds(1_000), 0.2)
