"""Complaints of consumer-protection bodies that Walmart's agents send on (policy C4): an hour, when in doubt."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Delivery, DeliveryReport, Folder, Role

PARTIES = Parties(registered=frozenset({"care@shop.example", "complaints@shop.example"}))


def class_of(text, subject="Case 10293847", *, role=Role.CARE, author="jsmith@walmart.com", **fields):
    copies = (Copy(mailbox="one", role=role, folder=Folder.INBOX),)
    message = a_mail(text, subject, author=author, return_path=author, copies=copies, **fields)
    return classify(message, PARTIES, shipped_rules()).class_


TOLD = [
    "Answer within the hour.\n\nThe customer says: that is what I am thinking\n\nBetter Business Bureau case, attached",
    "Answer within the hour.\n\nThe customer says: I was told that I am not from\n\nBBB complaint 4711, see below",
    "Voici.\n_________\nOffice de la protection du consommateur\nConsommatrice : Mme R.\nCommerçant : vendeur tiers",
    "加拿大商业促进局今天转来一份消费者投诉,涉及贵店订单。请说明情况。",
    "安大略省消费者事务厅收到一份投诉，请马上回复。",
    "The provincial consumer affairs office sent us a complaint about your kettle.",
    # every body, in its own names
    "We received a complaint from the Better Business Bureau about order 600000098765432.",
    "The customer has filed with the BBB. Please respond.",
    "BBB complaint, please reply within the hour",
    "A complaint came in through bbb.org.",
    "Nous avons reçu une plainte du Bureau d’éthique commerciale.",
    "Plainte reçue du BEC concernant la commande 600000098765432",
    "L’Office de la protection du consommateur nous a transmis une plainte.",
    "The Québec OPC has sent us a complaint.",
    "Plainte de l'OPC, prière de répondre.",
    "The client complained to Consumer Protection Ontario.",
    "Plainte déposée à Protection du consommateur Ontario",
    "A case was opened by Consumer Protection BC.",
    "Service Alberta forwarded a complaint to us.",
    "The Consumer Investigations Unit contacted us.",
    "We were contacted by the FCAA in Saskatchewan.",
    "The Financial and Consumer Affairs Authority asks about this order.",
    "Manitoba's Consumer Protection Office wrote to us.",
    "FCNB has a file on this order.",
    "Plainte de la Commission des services financiers et des services aux consommateurs",
    "Service Nova Scotia received a complaint about your shop.",
    "PEI Consumer Services sent a letter.",
    "Digital Government and Service NL has contacted us about a complaint.",
    "Consumer Affairs in Yukon received a complaint.",
    "Nunavut Consumer Affairs has opened a file.",
    "The Office of Consumer Affairs forwarded this.",
    "Bureau de la consommation : plainte",
    "The Financial Consumer Agency of Canada has written.",
    "The customer complained to the Attorney General.",
    "A consumer protection agency has sent us a complaint.",
    # where a near miss stands beside it
    "The customer threatened to go to the BBB last week and has now filed a BBB complaint.",
    "You did not respond to the BBB complaint.",
    "We need your response to the BBB within the hour.",
    "We will report back to the BBB once you answer.",
    "Your BBB rating may suffer from this BBB complaint.",
    "This is not only about the refund: the Better Business Bureau has written to us.",
    "Please respond to the BBB case. We are sorry that we have not heard from you.",
    "The better   business\nbureau has written.",
    "BBB’s complaint no. 55 is attached.",
    "Hello,\n\nWe received a complaint from the BEC about order 600000012345678. Please respond.\n",
    "Bonjour,\n\nLe client a déposé une plainte auprès de : BEC. Merci de répondre.\n",
    "BEC file 20481632 was sent to us today regarding your order. Response due today.\n",
    "Hi team,\n\nThe customer filed a complaint with CPO Manitoba. Kindly advise.\n",
    (
        "Alberta Consumer Investigations Unit file 20481632 was sent to us today regarding your order. "
        "Response due today.\n"
    ),
    "A complaint was lodged against you at the BBB.",
    "We were contacted by the BBB on behalf of the customer.",
    "BBB Complaint ID 21999223: customer states she did not get the refund.",
    "L'OPC nous a transmis une plainte concernant votre produit.",
    "The customer has gone to the Better Business Bureau. Please resolve today.",
    "This customer has escalated to the BBB, we need your answer within the hour.",
    "The BBB has reached out to us regarding this customer.",
    "Customer opened a BBB case.",
    "The customer threatened to go to the BBB, and today she filed with them: complaint 22190.",
    "Nous avons reçu un avis du Bureau d’éthique commerciale.",
    "Une plainte a été déposée à l'Office de la protection du consommateur (OPC).",
    "The Ontario Attorney General sent us a consumer complaint about this order.",
    "We have got a letter from the Office of the Attorney General.",
    "See attached Better Business Bureau complaint.",
    "BBB #22190",
    "This is a BBB matter, please handle urgently.",
    "Le BBB du Québec nous a écrit au sujet de cette commande.",
    "FCAA Saskatchewan has asked us for your response.",
    "We received a regulatory complaint from a provincial consumer agency.",
    "The provincial consumer protection office wrote to us about this order.",
    "A consumer protection complaint was received.",
    "Plainte de l'OPC : dossier 2211.",
    "The Privacy Commissioner is not involved, but the BBB complaint needs an answer.",
    "The Better Business Bureau is asking for an update. Did you refund?",
    "Customer wrote to the BBB yesterday, see their notice attached.",
]
NOT_TOLD = [
    "我们的消费者服务中心收到投诉，请联系客户。",
    "The customer wants a refund.",
    "Your BBB rating is excellent. The customer wants a refund.",
    "Walmart is a BBB accredited business. The customer filed a claim with the carrier.",
    "We are not the BBB, but please treat this complaint with care.",
    "This is not a BBB complaint.",
    "There is no BBB complaint yet.",
    "The customer threatens to file a complaint with the BBB.",
    "She says that she will go to the Better Business Bureau if you do not answer.",
    "Please resolve this complaint to avoid a BBB complaint.",
    "The Competition Bureau received a complaint.",
    "Le Bureau de la concurrence a reçu une plainte.",
    "The Office of the Privacy Commissioner (OPC) received a privacy complaint.",
    "Le Commissariat à la protection de la vie privée du Canada a une plainte.",
    "Corporate Affairs asks about this complaint.",
    "The Consumer Protection Act applies to this complaint.",
    "La Loi sur la protection du consommateur s'applique à cette plainte.",
    "Le bec verseur est cassé, voici la plainte du client.",
    "Our delivery service Alberta had a complaint.",
    "The item's code is ABBBA.",
    "Le client menace de porter plainte à l'Office de la protection du consommateur.",
    "Please note that Blue Kiln has a great BBB rating. The customer wants a refund.",
    "This is not a BBB complaint. Please contact the customer about the refund.",
    "The customer says she will go to the BBB if she does not hear from you today.",
    "Customer is threatening to file a BBB complaint. Please contact the customer.",
    "The customer mentioned that he might report this to the Better Business Bureau. Please reply.",
    "The Office of the Privacy Commissioner (OPC) asks all sellers to protect data. Please confirm receipt.",
    "The Competition Bureau has published new rules on drip pricing. Please confirm that your price is right.",
    "Le client menace de porter plainte au Bureau d’éthique commerciale.",
    "Le client dit qu'il va se plaindre à l'Office de la protection du consommateur.",
    "Customer wants a refund.\n\nRegards,\nJohn\nWalmart Care, BBB accredited business",
    "The customer is asking for a refund under the Consumer Protection Act. Please respond.",
    "To avoid a BBB complaint, please reply to the customer today.",
    "If this is not resolved the customer will contact the Attorney General.",
    'The customer said: "I will report you to the BBB". Please call her.',
    "Le bec de la théière est cassé. Merci de communiquer avec le client.",
    "Customer service Alberta team asks: where is the item?",
    "The customer does not intend to go to the BBB; she only wants a reply.",
    "Customer states he would file with the BBB unless he gets his money. Please respond.",
    "The customer has threatened us with the BBB.",
    "The customer wants to escalate to consumer protection. Please help.",
    'Customer: "I\'m going to the BBB if nothing happens". Please advise.',
    "La cliente envisage de déposer une plainte à l’OPC. Merci de lui répondre.",
    "Si rien ne se passe, le client fera une plainte au BBB. Merci de répondre.",
    "No BBB complaint has been filed so far. Please contact the customer.",
    "The customer asked how to file a complaint with the BBB. Please contact her first.",
    "Please ship the BBB brand mug to the customer.",
]


@pytest.mark.parametrize("role", [Role.CARE, Role.COMPLAINT])
@pytest.mark.parametrize("text", TOLD)
def test_an_agent_tells_of_a_complaint(text, role):
    assert class_of(text, role=role) is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("text", NOT_TOLD)
def test_near_misses_are_an_agents_inquiry(text):
    assert class_of(text) is Class.WALMART_AGENT
    assert class_of(text, role=Role.COMPLAINT) is Class.COMPLAINT


@pytest.mark.parametrize("text", NOT_TOLD)
def test_a_near_miss_hides_no_complaint(text):
    assert class_of(f"{text} A complaint was filed at the Better Business Bureau.") is Class.CONSUMER_PROTECTION


def test_subject_and_forwarded_text_count():
    assert class_of("Please respond.", "BBB complaint 4711") is Class.CONSUMER_PROTECTION
    forwarded = "---------- Forwarded message ----------\nFrom: BBB\nA consumer filed a complaint."
    assert class_of("See below.", rest=forwarded) is Class.CONSUMER_PROTECTION


def test_also_in_a_running_conversation():
    text = "The customer has now complained to the BBB."
    assert class_of(text, "Re: Case 10293847", in_reply_to=("<1@shop.example>",)) is Class.CONSUMER_PROTECTION


def test_a_mention_in_a_signature_or_a_quoted_threat_is_none():
    assert class_of("The lid is cracked.", rest="--\nJohn\nWalmart, BBB accredited, A+ rating") is Class.WALMART_AGENT
    quoted = "> I will file a complaint with the Better Business Bureau"
    assert class_of("Any news for the customer?", rest=quoted) is Class.WALMART_AGENT


@pytest.mark.parametrize(
    "rest",
    [
        "> une plainte a été déposée à l'Office de la protection\n> du consommateur le 12 novembre",
        "> > plainte à l'Office\n> de la\n>> protection\n>>> du consommateur",
        ">>plainte à l'Office de la protection\n>>du\n>>consommateur",
        "| a complaint with the Better\n| Business Bureau",
        "> | a complaint | Better | Business | Bureau |",
        "JD> a complaint with the Better Business\nJD> Bureau",
        "＞ a complaint with the Better\n＞ Business Bureau",
        "> complaint of the Better Busi-\n> ness Bureau",
        "  >  plainte du Bureau d’éthique\n  >\n  >  commerciale",
    ],
)
def test_names_go_on_behind_the_marks_of_the_next_line(rest):
    assert class_of("See below.", rest=rest) is Class.CONSUMER_PROTECTION
    assert class_of(f"See below.\n{rest}") is Class.CONSUMER_PROTECTION


NAMES = ("Better Business Bureau", "Office de la protection du consommateur", "Consumer Protection Ontario")


@given(
    st.sampled_from(NAMES),
    st.lists(
        st.sampled_from([" ", "\n", "\r\n", "\n> ", "\n>> ", "\n> > ", "\n| ", "\n>\n> ", " | ", "\t"]), min_size=5
    ),
)
def test_names_wrapped_anywhere(name, gaps):
    words = name.split()
    wrapped = "".join(word + gap for word, gap in zip(words, [*gaps, " ", " "], strict=False))
    assert class_of("See below.", rest=f"> A complaint came from the {wrapped}today.") is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("gap", ["\n> ", "\n>> ", "\n| ", " | "])
def test_a_threat_goes_on_too(gap):
    words = "I will file a complaint with the Better Business Bureau".replace(" ", gap)
    assert class_of("Any news for the customer?", rest=f"> {words}") is Class.WALMART_AGENT


def test_who_says_it_matters():
    text = "I have filed a complaint with the Better Business Bureau."
    assert class_of(text, author="c-1@relay.walmart.ca") is Class.CUSTOMER
    assert class_of(text, author="complaints@bbb.example") is Class.OTHER
    assert class_of(text, author="jsmith@walmart-care.example") is Class.OTHER


def test_headers_and_receipts_do_not_hide_it():
    generated = (("auto-submitted", "auto-generated"),)
    text = "A BBB complaint was filed. Please respond."
    assert class_of(text, headers=generated) is Class.CONSUMER_PROTECTION
    assert class_of(text, author="no-reply@walmart.com", headers=generated) is Class.CONSUMER_PROTECTION
    assert class_of(f"This is an automated message. {text}") is Class.CONSUMER_PROTECTION


REPORTED = DeliveryReport(deliveries=(Delivery(recipient="care@shop.example", action="failed", status="5.1.1"),))
BESIDE = ("multipart/mixed", "text/plain", "message/delivery-status")
ITSELF = ("multipart/report; report-type=delivery-status", *BESIDE[1:])


@pytest.mark.parametrize("author", ["jsmith@walmart.com", "no-reply@walmart.com"])
@pytest.mark.parametrize("value", ["auto-generated", "auto-replied"])
def test_a_report_that_is_put_to_it_does_not_hide_it(author, value):
    """policy C4: the customer's mail came back, and she went to the BBB."""
    facts = {"report": REPORTED, "author": author, "headers": (("auto-submitted", value),)}
    text = "A BBB complaint was filed: the customer's mail to you came back. Please respond."
    assert class_of(text, structure=BESIDE, **facts) is Class.CONSUMER_PROTECTION
    of_person = author == "jsmith@walmart.com"  # what a person puts beside their own words, they send on
    came_back = class_of("The customer's mail to you came back.", structure=BESIDE, **facts)
    assert came_back is (Class.WALMART_AGENT if of_person else Class.BOUNCE)
    assert class_of(text, structure=ITSELF, **facts) is (Class.CONSUMER_PROTECTION if of_person else Class.BOUNCE)
    assert class_of(text, structure=BESIDE, **facts | {"author": "mailer-daemon@walmart.com"}) is Class.BOUNCE


def test_an_absence_that_names_it_is_automatic():
    replied = (("auto-submitted", "auto-replied"),)
    text = "I am out of the office until Monday. For a BBB complaint write to kpatel@walmart.com."
    assert class_of(text, "Automatic reply: Case 10293847", headers=replied) is Class.AUTOMATIC


def test_a_machines_newsletter_that_names_it_is_a_notice():
    text = "Learn how to answer BBB complaints within the hour. Join our webinar."
    assert class_of(text, "Seller newsletter", author="no-reply@walmart.com") is Class.WALMART_NOTICE


@given(st.lists(st.sampled_from((*TOLD, *NOT_TOLD)), max_size=3), st.text())
def test_any_text_is_answered(said, text):
    class_of(" ".join((*said, text)), text, rest=text)


@pytest.mark.parametrize("piece", ["bbb ", "not the ", "threatens to ", "will file a ", "no complaint was "])
def test_hostile_text_costs_no_more_than_long_text(piece):
    started = time.perf_counter()
    class_of(piece * 200_000 + "bbb", rest=piece * 200_000 + "bbb")
    assert time.perf_counter() - started < 2
