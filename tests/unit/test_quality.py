"""policy Q1: words that deal with the matter, and words that only fill the page."""

import cast as c
import pytest

from relaywatch.core.words.quality import is_only_promotion, is_thin

THIN = [
    *("", "   \n\n", "Ok.", "OK, thanks!", "Noted.", "Received with thanks.", "Done", "Sure, will do.", "👍"),
    *("Hi Jordan,", "Hello Jordan,\n\nOk.\n\nKind regards,\nMei Chen Wong\nBlue Kiln Customer Care", "Thanks Jordan!"),
    "Dear Jordan,\nThank you for your message.\nBest regards,\nThe Blue Kiln Team",
    "Noted.\nMei Chen\nThe Blue Kiln",
    *("We have received your message and will get back to you shortly.", "We are looking into this.", "Will check."),
    *("Thank you, we will look into it and get back to you as soon as possible.", "Please see attached.", "FYI"),
    *("Bonjour,\n\nBien reçu, merci.\n\nCordialement,\nMei", "D'accord.", "C'est noté, merci beaucoup !", "Ci-joint."),
    *("Nous avons bien reçu votre message et nous revenons vers vous dans les plus brefs délais.", "Nous vérifions."),
    *("好的", "收到，谢谢！", "您好，\n已收到您的邮件，我们会尽快回复。", "尊敬的Jordan：\n收到。\n此致\n敬礼"),
    *("请稍等", "明白了，谢谢您"),
    *("您好，我们会尽快处理，请耐心等待。", "亲，收到", "Ok\n\n\n\nOk\n\nOk"),
]
SAYS = [
    *("It ships tomorrow.", "Yes, it is dishwasher safe.", "Refunded.", "Full refund issued.", "Your refund was sent."),
    *("Hi Jordan, refund issued today.", "Could you send a photo?"),
    "Hello Jordan,\nThe replacement is on its way.\nMei",
    *("Thanks,\nyour refund was issued today.", "Sorry about that!\nWe have cancelled it.", "Cancelled, as you asked"),
    *("We are looking into this with the carrier and will know by Friday.", "OK, I have sent a new one to you"),
    *("Bonjour Jordan,\nNous vous avons remboursée aujourd'hui.", "Remboursé.", "Votre tasse part demain matin."),
    *("Merci, le colis est parti hier.", "已退款", "您好，明天给您补发一个新的杯子。", "好的，已经给您退款了。"),
    "快递单号 CP123456789CA",
    "We have refunded the full amount, and there\nis nothing that you need to\nsend back.",
    "Ok. " * 200 + "said at length",
]


@pytest.mark.parametrize("words", THIN)
def test_thin(words):
    assert is_thin(words, c.rules())


@pytest.mark.parametrize("words", SAYS)
def test_says_enough(words):
    assert not is_thin(words, c.rules())


@pytest.mark.parametrize(
    ("words", "only"),
    [
        ("Dear customer, enjoy 20% off your next order! Shop our new collection today.", True),
        ("Check out our new arrivals.\nBuy now!\nKind regards,\nMei", True),
        ("限时促销，全场八折！立即购买。", True),
        ("Profitez de nos offres exclusives. Magasinez maintenant!", True),
        ("I am sorry about the chip. A new mug left today. Shop our new collection!", False),
        ("A new mug left our warehouse this morning.", False),
        ("", False),
        ("Ok.", False),
    ],
)
def test_promotion_and_nothing_else(words, only):
    assert is_only_promotion(c.sent(0, own_words=words).message, c.rules()) is only


def test_hostile_words_are_answered_at_once():
    for words in ("ok " * 400_000, "hi " * 300_000, "\n" * 500_000, "a, " * 300_000, "收到" * 300_000):
        is_thin(words, c.rules())
        is_thin(words[:490], c.rules())
        is_only_promotion(c.sent(0, own_words=words).message, c.rules())
