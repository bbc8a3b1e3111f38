"""What a reply can share with the message that it answers: words in any inflection, and the thing."""

import time

import cast as c
import pytest

from relaywatch.core.language.rules import fold
from relaywatch.core.language.tokens import stem, stems, tokens, tokens_of
from relaywatch.core.words.matter import Matter, common_words, language_of, matter_of, service_in, service_words

COMMON = common_words(c.rules())


def matter(text, subject="Question", **fields):
    return matter_of([c.customer(own_words=text, subject=subject, order=None, **fields).message], c.rules())


def shared(text, reply, **fields):
    return matter(text, **fields).shared(fold(reply), COMMON)


@pytest.mark.parametrize(
    ("asked", "replied"),
    [
        ("The handle arrived broken.", "We glue broken handles again."),
        ("Does the lid whistle?", "It whistles once it boils."),
        ("The glaze is scratched.", "A scratch in it is polished out."),
        ("La poignée est cassée.", "Deux poignées partent demain."),
        ("Le couvercle est fissuré.", "Ces fissures viennent du four."),
        ("壶盖裂开了。", "新的壶盖今天寄出。"),
    ],
)
def test_a_word_is_the_same_in_every_inflection(asked, replied):
    assert shared(asked, replied)[0]


@pytest.mark.parametrize(
    ("asked", "replied"),
    [
        ("The handle arrived broken.", "Thank you for your message, we will get back to you."),
        ("My order has a problem, please help me with my order.", "We received your order and your message."),
        ("壶盖裂开了，请帮我处理订单。", "您好，感谢您的来信，我们会尽快处理您的订单。"),
        ("Ma commande a un problème, merci de m'aider.", "Merci de votre message, votre commande est importante."),
        ("It is red.", "It is red."),
    ],
)
def test_words_of_letters_and_service_are_no_matter(asked, replied):
    assert not shared(asked, replied)[0]


def test_a_name_is_no_matter():
    assert not shared(
        "Marsha Wheelwright here, the lid is off.", "Dear Marsha Wheelwright,", author_name="Marsha Wheelwright"
    )[0]


def test_who_repeats_what_was_written_says_nothing_of_it():
    asked = "The handle arrived broken."
    assert not shared(asked, 'We got "the handle arrived broken." and answer soon.')[0]
    assert shared(asked, "The broken handle is glued.")[0]
    assert not shared(asked, "Re: broken handle of teapot: we look at it", subject="broken handle of teapot")[0]


def test_the_thing_is_known_apart_from_what_was_said_of_it():
    own, thing, new = shared("It leaks at the spout.", "The spout of the teapot is glazed.", subject="Teapot")
    assert (own, thing) == ({stem("spout")}, {stem("teapot")})
    assert stem("glazed") in new


def test_numbers_and_texts_of_all_that_came_before():
    found = matter("My parcel 1Z999AA10123456784 for order 600000012345678?")
    assert "600000012345678" in found.numbers
    assert any("1Z999AA10123456784" in text for text in found.texts)
    assert found.asks


@pytest.mark.parametrize(
    ("text", "offers"), [("Do you want red or blue?", True), ("红的还是蓝的？", True), ("Is it red?", False)]
)
def test_a_choice_that_is_offered(text, offers):
    assert matter(text).offers is offers


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The lid is off and we are not happy", "en"),
        ("Le couvercle est cassé et je ne peux pas", "fr"),
        ("壶盖裂开了", "zh"),
        ("您好 my order 壶盖裂开了，请处理", "zh"),
        ("Ok.", ""),
        ("", ""),
    ],
)
def test_the_language_where_a_text_is_long_enough(text, language):
    assert language_of(fold(text)) == language


def test_little_is_not_enough_to_miss_it():
    assert not matter("Please contact the customer.", subject="Case").said
    assert matter("The handle of the teapot arrived in three pieces.").said
    assert not Matter().said


def test_all_messages_before_are_the_matter_the_latest_twelve_of_them():
    mails = [
        c.customer(n, f"c{n}", own_words=f"The {word} leaks.", order=None).message
        for n, word in enumerate(("teapot", *(f"saucer{chr(97 + n) * 4}" for n in range(12))))
    ]
    found = matter_of(mails[:2], c.rules())
    assert stem("teapot") in found.stems
    assert stem("teapot") not in matter_of(mails, c.rules()).stems


def test_words_of_service_are_counted_once_each():
    service = service_words(c.rules())
    assert service_in(tokens(fold("Your request, your request and your message")), service) == service_in(
        tokens(fold("your message and request")), service
    )
    assert service_in(tokens(fold("The kiln leaks.")), service) == 0


def test_stems():
    assert stems(["arrived", "arrives", "arriving"]) == {"arriv"}
    assert stem("mug") == stem("a1b2c3") == ""
    assert stems(tokens_of("壶盖裂")) == {"壶盖", "盖裂"}
    assert stems(["teapot"], frozenset(("teapot",))) == frozenset()


@pytest.mark.parametrize("text", ["a " * 500_000, '"' * 1_000_000, "«a" * 500_000, "水" * 1_000_000, "a1" * 500_000])
def test_hostile_text_costs_linear_time(text):
    start = time.process_time()
    found = matter(text, subject=text)
    found.shared(fold(text[:4_000]), COMMON)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("asked", "replied"),
    [
        ("There is no lid in the box, and the listing shows one.", "Your lid stayed on our bench."),
        ("Le pot est fendu.", "Un autre pot part ce matin."),
    ],
)
def test_a_short_word_of_the_customers_is_shared(asked, replied):
    assert shared(asked, replied)[1]


@pytest.mark.parametrize(
    ("asked", "replied"),
    [
        ("Who can say why it was not for me?", "You are not who can say why, but it was."),
        ("Que dit votre site sur les pas?", "Les vis sont ici, mais pas sur les nos."),
    ],
)
def test_small_words_are_about_nothing(asked, replied):
    assert not shared(asked, replied)[1]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("I am sorry that your item arrived damaged. I refunded the full amount to your card today.", False),
        ("We are sorry to hear that your item arrived damaged, and send another one tomorrow.", False),
        ("Your request item arrived damaged was taken down.", True),
        ("Thank you for your message about item arrived damaged.", True),
        ('We took down "Item arrived damaged" for you.', True),
        ("Re: Item arrived damaged", True),
        ("Here it is.\nItem arrived damaged\nOur team looks at it.", True),
        ("Ticket #1234 - Item arrived damaged", True),
        ("Nous avons pris votre demande « Item arrived damaged ».", True),
        ("The blue one is not.", False),
    ],
)
def test_a_subject_is_named_as_a_title_and_said_in_a_sentence(said, named):
    found = matter("The rim is chipped.", subject="Walmart.ca Customer: Item arrived damaged")
    assert found.is_named_in(fold(said)) is named


@pytest.mark.parametrize(
    "said",
    [
        "Hello Jordan,\n\nI am sorry that your item arrived damaged. I have refunded you in full today.",
        "Hello Jordan,\n\nI am sorry that your item arrived damaged. A replacement ships today.",
        "Hello Jordan,\n\nI am sorry that your item arrived damaged. Could you send me a photo of the mug?",
    ],
)
def test_who_says_the_topic_back_is_no_program(said):
    case = c.case_of([c.customer(0), c.sent(3, own_words=said)], 40)
    assert "automatic_reply" not in c.codes(case)
    assert [status for _, status, _ in c.stands(case)] in (["met"], ["doubtful"])


@pytest.mark.parametrize(
    "said",
    [
        "Your refund was processed today. Sorry for the inconvenience!",
        "Your refund was processed and should show up in 3-5 business days.",
        "Thank you for reaching out. Your refund was processed.",
        "We have received your return and processed your refund today.",
        "Votre remboursement a été traité et devrait apparaître d'ici 3 à 5 jours ouvrables.",
    ],
)
@pytest.mark.parametrize("topic", ["Where is my refund", "Item arrived damaged"])
def test_who_tells_in_haste_what_was_done_is_asked_about(said, topic):
    """Programs say it in the same words, so that it is not sure; but nobody is told that they did not answer."""
    asked = c.customer(0, subject=f"Walmart.ca Customer: {topic}")
    case = c.case_of([asked, c.sent(3, own_words=said, subject=f"Re: {asked.message.subject}")], 40)
    assert [status for _, status, _ in c.stands(case)] in (["met"], ["doubtful"])
    assert c.codes(case) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("用了一次就坏了", {"用了", "一次", "次就", "就坏", "坏了"}),
        ("我们的", set()),
        ("这个没有了", set()),
        ("杯子的", {"杯子", "子的"}),
    ],
)
def test_two_characters_of_grammar_are_about_nothing(text, found):
    assert stems(tokens_of(text)) == found
