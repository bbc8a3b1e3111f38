"""The seller's own first messages: what helps is allowed (policy O1), what advertises or reports is not (policy O2)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.outreach import forbidden


def rule_of(text, subject=""):
    match = forbidden(a_mail(text, subject), shipped_rules())
    return match.rule.name if match else None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Take 20% off your next order with code CLAY20.", "discount"),
        ("Here is a coupon for you!", "discount"),
        ("Our new collection is here. Shop now!", "advertising"),
        ("Subscribe to our newsletter and follow us on social media.", "advertising"),
        ("Please leave us a review, it helps a small shop.", "review_request"),
        ("How did we do? A five-star rating would make our day", "review_request"),
        ("Good news: your order has shipped and is on its way!", "status_update"),
        ("Your order is being processed.", "status_update"),
        ("Your tracking number is CP123456789CA", "status_update"),
        ("Your order was delivered today.", "status_update"),
        ("Your order was delivered today. Do you like it?", "status_update"),
        ("Your order has shipped. If anything arrives damaged or late, please write to us.", "status_update"),
        ("Your order will ship within two days, without delay.", "status_update"),
        ("This is your order confirmation.", "transactional"),
        ("Please find your invoice attached.", "transactional"),
        ("Thank you for your purchase! We hope you love your teapot.", "thanks"),
        ("We are sorry for the delay. Meanwhile, shop our new arrivals!", "advertising"),
        ("Your order is late, sorry. Please leave us a review.", "review_request"),
        ("Profitez de 20 % de rabais avec le code promo ARGILE.", "discount"),
        ("Découvrez notre nouvelle collection !", "advertising"),
        ("Merci de laisser un avis, 5 étoiles si possible", "review_request"),
        ("Votre commande a été expédiée.", "status_update"),
        ("Votre commande est en cours de traitement", "status_update"),
        ("Voici votre facture.", "transactional"),
        ("Merci pour votre achat !", "thanks"),
        ("新品上市，立即购买！", "advertising"),
        ("下次购买可使用优惠券", "discount"),
        ("请给我们五星好评", "review_request"),
        ("您的订单已发货", "status_update"),
        ("附上发票，请查收", "transactional"),
    ],
)
def test_forbidden(text, rule):
    assert rule_of(text) == rule


@pytest.mark.parametrize(
    "text",
    [
        "Your order will be delayed by three days because of the storm. The new shipping date is Monday.",
        "Thank you for your order. Unfortunately the blue teapot is out of stock. Would you like the green one?",
        "The teapot is sold out; we can offer a similar item, or cancel your order.",
        "Your order has been delayed; as an apology, here is a coupon for 15% off your next order.",
        "We had to cancel the teapot in your order because it is no longer available.",
        "Your order has shipped in two packages: one is delayed at customs.",
        "The address is incomplete. Could you tell us your apartment number?",
        "Please confirm your address, the carrier could not deliver the parcel.",
        "The carrier needs a signature. Which day suits you?",
        "Safety recall: please do not use the teapot's handle, we will replace it.",
        "Your parcel was lost by the carrier. We can send a replacement or refund you.",
        "The glaze of your teapot differs a little from the picture; is that fine with you?",
        "As requested, here is the invoice.",
        "Thank you for your order. Shall we engrave the name on the lid or below?",
        "Your order was packed with the wrong colour by our mistake; the right one follows.",
        "Votre commande aura du retard à cause de la tempête.",
        "La théière bleue est en rupture de stock; accepteriez-vous une autre couleur ?",
        "L'adresse est incomplète : quel est votre numéro d'appartement ?",
        "Nous devons annuler votre commande, l'article n'est plus disponible.",
        "很抱歉，您的订单会延迟三天发货。",
        "您订购的茶壶缺货，可以换成绿色吗？",
        "地址不完整，请提供门牌号。",
        "",
        "We are sorry, the celadon bowl is out of stock. Would you take the white one?",
        "Your order will be two days late because of the snow storm.",
        "The carrier could not find your address. Is there an apartment number?",
        "Purolator tried to deliver and nobody was home; please call them.",
        "The blue mug broke in our kiln; may we send you a green one?",
        "Nous sommes désolés, votre colis aura trois jours de retard.",
        "L'article est en rupture de stock, souhaitez-vous un remboursement?",
        "抱歉，您订购的碗缺货，可以换白色的吗？",
        "您的地址不完整，请提供门牌号。",
        "We need your unit number to deliver.",
        "Your parcel was damaged in transit; we ship a new one today.",
        "We have refunded you the shipping since your parcel came late.",
        "The bowl was recalled, please do not use it.",
        "Your order ships in two parcels; the second follows on Monday.",
        "Following up on your phone call: the new lid ships tomorrow.",
        "The courier needs a signature; which day suits you?",
        "Is your phone number still 416-555-0101? The freight company needs it.",
        "Your order was returned to us by Canada Post as unclaimed. Shall we send it again?",
        "Le transporteur demande un numéro de téléphone pour la livraison.",
        "We made a mistake and sent the wrong size, a new one is on its way.",
        "There is a problem with your order, please contact us.",
        "Unfortunately we had to change the delivery date of your order to November 30.",
        "We cannot send the bowl in the colour that you picked.",
    ],
)
def test_allowed(text):
    assert rule_of(text) is None


@pytest.mark.parametrize(
    ("subject", "text", "rule"),
    [
        ("20% off just for you", "Come and see.", "discount"),
        ("Your order has shipped", "See the link.", "status_update"),
        ("Delay of your order", "Your order is being processed and will ship on Monday.", None),
        ("Out of stock: your teapot", "We offer you 10% off another colour.", None),
    ],
)
def test_subject_counts(subject, text, rule):
    assert rule_of(text, subject) == rule


@given(st.text(), st.text())
def test_any_message_is_answered(text, subject):
    rule_of(text, subject)


@pytest.mark.parametrize("piece", ["if any ", "coupon ", "without delay ", "si un ", "如果"])
def test_hostile_text_costs_no_more_than_long_text(piece):
    started = time.perf_counter()
    rule_of(piece * 200_000)
    assert time.perf_counter() - started < 1
