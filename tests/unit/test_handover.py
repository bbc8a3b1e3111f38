"""What must be handed over: pick-up, return in a store, not received (policy H1, H2), and what only sounds so."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.handover import topics
from relaywatch.core.mail.message import Topic


def found(text, subject="", **fields):
    return tuple(topic for topic, _ in topics(a_mail(text, subject, **fields), shipped_rules()))


NOT_RECEIVED = [  # policy H2
    "I never received my order.",
    "I have not received my teapot yet and it has been three weeks.",
    "I still haven’t received the package",
    "We didn't receive anything.",
    "havent recieved my parcel",
    "My order has not been received.",
    "The teapot never arrived.",
    "My order hasn't arrived.",
    "It did not arrive!",
    "It hasn't come yet, what is going on?",
    "The parcel never showed up",
    "Nothing has arrived.",
    "I never got it.",
    "I didn't get my package, can you help?",
    "We haven't gotten our order",
    "It was never delivered.",
    "My order was not delivered",
    "The order hasn't been delivered and I want my money back.",
    "It says delivered but there's nothing there.",
    "The tracking says it was delivered on Tuesday. I was home all day and there was no package at my door.",
    "Marked as delivered, not in my mailbox, nobody has seen it. I can't find it.",
    "Canada Post shows it as delivered; my neighbours don't have it either",
    "It was delivered to the wrong address.",
    "I think my parcel was lost in transit",
    "My package was stolen",
    "missing package",
    "Still waiting for my order after a month.",
    "My order was supposed to arrive two weeks ago.",
    "It should have been delivered last Friday",
    "Where is my order? It's been three weeks and the tracking has not moved.",
    "I have not received a reply. My order never arrived.",
    "I have not received my order or any reply from you.",
    "I got an email saying it was delivered but I never received it",
    "The customer states that she did not receive the order.",
    "Customer reports non-receipt of the item.",
    "Je n’ai jamais reçu ma commande.",
    "Je n'ai toujours pas reçu mon colis",
    "Nous n'avons rien reçu.",
    "Ma théière n’est jamais arrivée.",
    "Mon colis n'est pas encore arrivé",
    "La commande n'a jamais été livrée",
    "Le suivi indique « livré », mais il n'y a rien à ma porte.",
    "C'est indiqué comme livré, pourtant je ne trouve pas le colis",
    "J'attends toujours mon colis",
    "Mon colis est perdu",
    "Où est ma commande ? Elle devait arriver il y a deux semaines.",
    "我一直没收到货",
    "我还没有收到包裹",
    "显示已签收,但是我没有看到包裹",
    "包裹丢失了",
]
PICKUP = [  # policy H1
    "I went to the store to pick up my order and they could not find it.",
    "My in-store pickup was not ready when I arrived.",
    "The store has no record of my pickup order",
    "They refused to give me my order at the pickup counter, there was a problem with the code",
    "There is an issue with my store pickup.",
    "Curbside pickup: I waited an hour and no one came",
    "I tried to pick it up at Walmart but they said someone else had it",
    "It says it was picked up but I was not there",
    "My pickup order was cancelled by the store",
    "The customer was unable to pick up the order at the store.",
    "Je suis allée chercher ma commande au magasin et elle est introuvable.",
    "Problème avec le ramassage en magasin",
    "La cueillette en magasin n'était pas prête",
    "我去自提的时候店员说找不到我的订单",
]
STORE_RETURN = [  # policy H1
    "I tried to return it in the store and they refused.",
    "The store would not accept my return at the returns desk. They said it is from a third-party seller.",
    "Walmart store return: they told me to contact you",
    "I returned it to the store two weeks ago and I still have not been refunded.",
    "Went to return the teapot at Walmart, they couldn't find it in the system",
    "I can't return this in store, the barcode does not scan",
    "J'ai essayé de retourner l'article en magasin et ils ont refusé.",
    "Le retour en magasin est impossible",
    "Je l'ai rapportée au magasin mais on m'a dit que c'est un vendeur tiers",
    "我去店里退货,他们拒绝了",
]
NEAR_MISSES = [
    "I received the teapot but it is the wrong colour.",
    "I received my order, thank you!",
    "It arrived broken.",
    "How do I return it by post?",
    "I would like to return it by mail, please send a label.",
    "I want to send it back to you.",
    "When will it ship?",
    "When will my order arrive?",
    "Has it shipped yet?",
    "My order has not shipped yet.",
    "Where is my order? It says arriving tomorrow.",
    "Where is my order?",
    "I haven't received it yet, the tracking says arriving tomorrow. Can I change the address?",
    "I have not received a reply.",
    "I haven't received any answer to my last message",
    "I have still not received my refund.",
    "I didn't receive an invoice",
    "I never received the tracking number",
    "I have not received an order confirmation.",
    "I didn't get a response.",
    "never got my refund",
    "I never got a return label",
    "The refund never arrived.",
    "Your e-mail did not arrive",
    "The return label has not arrived.",
    "I picked it up and it is broken.",
    "I picked up my order at the store and the handle is cracked",
    "I picked the teapot up from the floor and the lid fell off.",
    "Can I pick it up in store?",
    "Please have a courier pick up the broken one.",
    "I could not pick up the parcel at the post office.",
    "Can I return it in store?",
    "Is there a problem if I return it to your store by mail?",
    "It did not arrive in one piece.",
    "It didn't come with a lid.",
    "It was supposed to come with two cups",
    "I did not receive the lid.",
    "I only received one of the two cups, the other one is missing from the box",
    "My order is missing a cup.",
    "I did not receive what I ordered",
    "I did not receive the right colour.",
    "If it does not arrive by Friday, please cancel.",
    "What happens if I don't receive it in time?",
    "I can't get it open.",
    "I didn't get it to work.",
    "The lid does not come off",
    "You have not received my return yet?",
    "It says delivered yesterday, but the teapot is chipped.",
    "It finally arrived today, I had not received it before. Thanks!",
    "It was supposed to arrive on Monday and came on Friday, broken.",
    "The store where I bought the last one has no problem with returns.",
    "We have not received your response.",
    "The customer has not received a refund.",
    "The customer has not heard from you and would like a replacement.",
    "Je n'ai pas reçu de réponse.",
    "Je n'ai toujours pas reçu mon remboursement",
    "Nous n'avons pas reçu la facture",
    "J'ai bien reçu ma commande mais la couleur n'est pas la bonne.",
    "Quand ma commande sera-t-elle expédiée ?",
    "Je veux la retourner par la poste.",
    "Elle n'est pas arrivée en bon état",
    "Vous n'avez pas encore reçu mon retour ?",
    "还没收到退款",
    "没有收到你们的回复",
    "什么时候发货？",
    "收到了，但是颜色不对",
    "可以到店自提吗？",
]


@pytest.mark.parametrize("text", NOT_RECEIVED)
def test_not_received(text):
    assert found(text) == (Topic.NOT_RECEIVED,)


@pytest.mark.parametrize("text", PICKUP)
def test_pickup(text):
    assert found(text) == (Topic.PICKUP,)


@pytest.mark.parametrize("text", STORE_RETURN)
def test_store_return(text):
    assert found(text) == (Topic.STORE_RETURN,)


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_near_misses(text):
    assert found(text) == ()


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_a_near_miss_hides_nothing(text):
    assert Topic.NOT_RECEIVED in found(f"{text} Besides, my other parcel was lost in transit.")


def test_subject_counts_but_not_that_of_an_answer():
    assert found("Please help.", "Walmart.ca Customer: Item not received") == (Topic.NOT_RECEIVED,)
    assert found("Thanks!", "Re: Item not received", in_reply_to=("<1@shop.example>",)) == ()


def test_two_matters():
    text = "The store refused my return at the returns desk. And my second order never arrived."
    assert set(found(text)) == {Topic.STORE_RETURN, Topic.NOT_RECEIVED}


def test_only_the_authors_own_words_count():
    assert found("Thanks!", rest="> I never received my order") == ()


def test_evidence_shows_the_words():
    ((topic, words),) = topics(a_mail("Hello. My teapot never arrived."), shipped_rules())
    assert topic is Topic.NOT_RECEIVED
    assert "never arrived" in words


@given(st.text(), st.lists(st.sampled_from((*NOT_RECEIVED, *NEAR_MISSES)), max_size=3))
def test_any_text_is_answered(text, said):
    found(" ".join((text, *said)), text)


@pytest.mark.parametrize(
    "piece",
    ["never received ", "not ", "return it ", "says delivered ", "n't get my ", "my pickup ", "if i ", "没收到"],
)
def test_hostile_text_costs_no_more_than_long_text(piece):
    started = time.perf_counter()
    found(piece * 100_000)
    assert time.perf_counter() - started < 1.5
