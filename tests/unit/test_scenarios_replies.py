"""policy Q1 to Q6, H1, H2, O1 and O2 on raw mail: what the seller sent, and what it is worth."""

import cast as c
import lab_shop as shop
import pytest

from relaywatch.core.cases.case import Obligation, State
from relaywatch.core.mail.message import Topic

RUNNING, MET = "running", "met"
WAITS = (
    "Our customer of order 600000012345678 got the wrong glaze. Please contact the customer and tell us the outcome."
)
OUT_OF_OFFICE = "I am out of the office until Monday and will answer when I am back."


def replies(case):
    return [(rule, status) for rule, status, _ in c.stands(case)]


# policy Q1, Q2


@pytest.mark.parametrize(
    ("rule", "text", "code"),
    [
        ("policy Q1", "Ok." + shop.QUOTE, "thin_reply"),
        ("policy Q1", "", "thin_reply"),
        ("policy Q1", shop.QUOTE, "thin_reply"),
        ("policy Q1", "Bonjour,\n\nBien reçu, merci.\n\nCordialement,\nMei", "thin_reply"),
        ("policy Q1", "您好，收到，谢谢！", "thin_reply"),
        (
            "policy Q2",
            "Thank you for contacting us. This is an automated response; we answer within a day.",
            "automatic_reply",
        ),
        ("policy Q2", OUT_OF_OFFICE, "automatic_reply"),
        (
            "policy Q2",
            "Merci de nous avoir contactés. Nous avons bien reçu votre message et vous répondrons.",
            "automatic_reply",
        ),
        (
            "policy Q2",
            "感谢您的来信。我们已收到您的邮件，会尽快回复您。此邮件由系统自动发送，请勿回复。",
            "automatic_reply",
        ),
    ],
)
def test_policy_q1_q2_what_is_no_answer(rule, text, code):
    outcome = shop.judged({"care": [shop.customer()], "sent": [shop.reply(text, 0.1)]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C1", RUNNING, 24)], [code]), rule


def test_policy_q1_a_good_answer_mends_a_thin_one():
    mail = {"care": [shop.customer()], "sent": [shop.reply("Ok.", 1), shop.reply(shop.ANSWER, 2, mid="r2")]}
    outcome = shop.judged(mail, 5)
    assert (outcome.stands(), c.finding(outcome.case, "thin_reply").mended_by) == ([("C1", MET, 24)], "<r2>")


def test_policy_q1_q2_the_same_words_to_everybody_within_moments():
    words = "Hello {},\n\nwe are sorry. Please send a photo of the bowl so that we can replace it at once.\n"
    people = [(number, f"60000000000000{number}", f"{number}C" * 16) for number in (1, 2, 3)]
    asked = [shop.customer(hours=n, mid=f"c{n}", who=n, order=o, ref=r, name=f"J{n}") for n, o, r in people]
    fast = [
        shop.reply(words.format(f"J{n}"), n + 0.005, to=c.relay(n), mid=f"r{n}", answers=f"c{n}") for n, _, _ in people
    ]
    outcome = shop.judged({"care": asked, "sent": fast}, 6)
    assert [c.codes(case) for case in outcome.cases] == [["automatic_reply"]] * 3
    slow = [shop.reply(words.format(f"J{n}"), n + 2, to=c.relay(n), mid=f"r{n}", answers=f"c{n}") for n, _, _ in people]
    assert [replies(case) for case in shop.judged({"care": asked, "sent": slow}, 6).cases] == [[("C1", "doubtful")]] * 3


def test_policy_q2_by_its_header():
    """A sign, no proof: help desks set them on their agents' answers too."""
    told = f"Hello,\n\n{c.RECEIPT}\n\nBlue Kiln\n"
    headers = ["Auto-Submitted: auto-replied"]
    sent = [shop.reply(told, 0.1, headers=headers)]
    assert shop.judged({"care": [shop.customer()], "sent": sent}, 5).codes() == ["automatic_reply"]
    sent = [shop.reply(shop.ANSWER, 3, headers=headers)]
    assert shop.judged({"care": [shop.customer()], "sent": sent}, 5).stands() == [("C1", MET, 24)]


# policy Q3


ASKED = {"cc": f"{c.PATEL}, Escalations <{c.TEAM}>"}


@pytest.mark.parametrize(
    ("asked", "answered", "missing"),
    [
        (ASKED, {"to": c.SMITH}, [c.TEAM, c.PATEL]),
        (ASKED, {"to": f"{c.SMITH}, {c.PATEL}"}, [c.TEAM]),
        (ASKED, {"to": "JSmith@Walmart.COM", "cc": f"{c.PATEL}, {c.TEAM}"}, None),
        (ASKED, {"to": c.SMITH, "headers": [f"Bcc: {c.PATEL}, {c.TEAM}"]}, None),
        ({"headers": [f"Reply-To: {c.TEAM}"]}, {"to": c.TEAM}, None),
        ({"headers": [f"Reply-To: {c.TEAM}"]}, {"to": c.SMITH}, [c.TEAM]),
        ({"to": f"{c.CARE}, {c.ALIAS}", "cc": "no-reply@walmart.com"}, {"to": c.SMITH, "author": c.ALIAS}, None),
        ({"subject": "Your customer"}, {"to": c.SMITH, "answers": (), "subject": "RE: Your customer"}, None),
    ],
    ids=[
        "alone",
        "one missing",
        "all",
        "blind copies",
        "Reply-To",
        "not to Reply-To",
        "own addresses",
        "names nothing",
    ],
)
def test_policy_q3_reply_all(asked, answered, missing):
    outcome = shop.judged({"care": [shop.agent(WAITS, **asked)], "sent": [shop.reply(shop.TO_AGENT, 2, **answered)]}, 5)
    if missing is None:
        assert (outcome.stands(), outcome.codes()) == ([("C2", MET, 24)], [])
    else:
        assert outcome.stands() == [("C2", RUNNING, 24)]
        assert c.finding(outcome.case, "reply_all_missing").detail == {"missing": missing}


def test_policy_q3_a_later_complete_reply_mends_it():
    everybody = f"{c.SMITH}, {c.PATEL}, {c.TEAM}"
    sent = [shop.reply(shop.TO_AGENT, 2, c.SMITH), shop.reply(shop.TO_AGENT, 3, everybody, "r2")]
    outcome = shop.judged({"care": [shop.agent(WAITS, **ASKED)], "sent": sent}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C2", MET, 24)], ["reply_all_missing"])


def test_policy_q3_a_recipient_that_bounced_is_missing():
    mail = {
        "care": [shop.agent(WAITS, **ASKED), shop.report(2.1, c.PATEL)],
        "sent": [shop.reply(shop.TO_AGENT, 2, f"{c.SMITH}, {c.PATEL}, {c.TEAM}")],
    }
    outcome = shop.judged(mail, 5)
    assert outcome.stands() == [("C2", RUNNING, 24)]
    assert c.finding(outcome.case, "reply_all_missing").detail == {"missing": [c.PATEL]}


# policy Q4


@pytest.mark.parametrize(
    ("sent", "codes", "mended"),
    [
        ([shop.reply(shop.ANSWER, 3)], ["internal_not_informed"], None),
        ([shop.reply(shop.ANSWER, 3, cc=c.BOSS)], [], None),
        ([shop.reply(shop.ANSWER, 3, headers=[f"Bcc: {c.BOSS}"])], [], None),
        (
            [
                shop.reply(shop.ANSWER, 3),
                shop.reply(
                    "FYI" + shop.QUOTE, 4, c.BOSS, "f1", answers=("c1", "r1"), subject="Fwd: Item arrived damaged"
                ),
            ],
            ["internal_not_informed"],
            "<f1>",
        ),
    ],
    ids=["not told", "Cc", "Bcc", "a forward"],
)
def test_policy_q4_the_sellers_own_people_learn_of_it(sent, codes, mended):
    outcome = shop.judged({"care": [shop.customer()], "sent": sent}, 5, internal=frozenset({c.BOSS}))
    assert (outcome.stands(), outcome.codes()) == ([("C1", MET, 24)], codes)
    assert [finding.mended_by for finding in outcome.case.findings] == [mended] * len(codes)


# policy Q5, Q6


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": "jordan@mail.example"}, "outside_relay"),
        ({"to": "jordan@mail.example", "answers": ()}, "outside_relay"),
        ({"author": c.ALIAS}, "unregistered_sender"),
        ({"to": f"{c.relay(9)}"}, None),
    ],
    ids=["private address", "names nothing", "not registered", "another customer's relay address"],
)
def test_policy_q5_not_through_the_relay_from_the_registered_address(fields, code):
    outcome = shop.judged(
        {"care": [shop.customer()], "sent": [shop.reply(shop.ANSWER + shop.form("x"), 3, **fields)]}, 5
    )
    assert (outcome.stands(), outcome.codes()) == ([("C1", RUNNING, 24)], [code] if code else [])


WORDS = (
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
    f"delivered to all of its recipients. This is a permanent error.\n\n  {c.relay()}\n    550 5.1.1 User unknown\n"
)


@pytest.mark.parametrize(
    ("mail", "status", "codes"),
    [
        (shop.report(3.1, c.relay()), RUNNING, ["bounced_reply"]),
        (shop.report(3.1, c.relay(), original="rewritten@provider"), RUNNING, ["bounced_reply"]),
        (
            shop.eml("Mailer-Daemon <mailer-daemon@x.example>", c.CARE, "Mail delivery failed", WORDS, 3.1, "d9"),
            RUNNING,
            ["bounced_reply"],
        ),
        (shop.report(3.1, c.relay(), action="delayed", status="4.4.1"), MET, []),
        (shop.report(3.1, c.relay(), action="relayed", status="2.0.0"), MET, []),
        (shop.report(3.1, "archive@shop.example", original="other"), MET, []),
    ],
    ids=["report", "rewritten Message-ID", "in words", "delayed", "relayed", "of something else"],
)
def test_policy_q6_a_bounce_lets_the_clock_run_on(mail, status, codes):
    outcome = shop.judged({"care": [shop.customer(), mail], "sent": [shop.reply(shop.ANSWER, 3)]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C1", status, 24)], codes)


def test_policy_q6_the_copy_to_the_sellers_own_people_bounced():
    sent = shop.reply(shop.ANSWER, 3, cc=c.BOSS)
    outcome = shop.judged({"care": [shop.customer(), shop.report(3.1, c.BOSS)], "sent": [sent]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C1", MET, 24)], [])


# policy H1, H2


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("I never received my order; the tracking has not moved for two weeks.", "H2"),
        ("It says delivered but there is nothing at my door.", "H2"),
        ("Je n'ai jamais reçu ma commande.", "H2"),
        ("The store could not find my order when I went for the pickup.", "H1"),
        ("The store refused my return at the service desk.", "H1"),
        ("I received the bowl but it is the wrong colour.", None),
        ("Where do I mail the return to?", None),
        ("When will it ship?", None),
    ],
)
def test_policy_h1_h2_what_is_handed_over(text, rule):
    outcome = shop.judged({"care": [shop.customer(text, subject="Walmart.ca Customer: Question")]}, 5)
    assert outcome.stands(Obligation.HANDOVER) == ([(rule, RUNNING, 24)] if rule else [])


def test_policy_h2_met_by_a_message_to_the_team_about_the_order():
    mail = {
        "care": [shop.customer("I never received my order.")],
        "sent": [
            shop.reply(
                "This customer's parcel is lost: order 600000012345678.",
                2,
                c.EXPERIENCE,
                "h1",
                answers=(),
                subject="Lost",
            ),
            shop.reply("I am sorry that your bowl was never received. Another one left our kiln today.", 3),
        ],
    }
    team = frozenset({c.EXPERIENCE})
    outcome = shop.judged(mail, 5, handover=team)
    assert (outcome.case.topics, outcome.case.state) == ((Topic.NOT_RECEIVED,), State.ANSWERED)
    assert outcome.stands(Obligation.HANDOVER) == [("H2", MET, 24)]
    elsewhere = shop.judged(mail, 5, handover=frozenset({"other-team@walmart.com"}))
    assert elsewhere.case.state is State.OPEN


# policy O1, O2


@pytest.mark.parametrize(
    ("text", "fields", "codes"),
    [
        ("20% off everything! Shop our new collection today.", {}, ["forbidden_contact"]),
        (
            "20% off everything! Shop our new collection today.",
            {"headers": ["Precedence: bulk"]},
            ["forbidden_contact"],
        ),
        ("20% off! Shop now.", {"headers": ["Auto-Submitted: auto-generated"]}, ["forbidden_contact"]),
        ("Your order has shipped and is on its way.", {}, ["forbidden_contact"]),
        ("Votre commande a été expédiée, voici votre numéro de suivi.", {}, ["forbidden_contact"]),
        ("新品上市，限时八折，立即购买！", {}, ["forbidden_contact"]),
        ("The bowl is out of stock. Would you take the blue one instead?", {}, []),
        ("Votre commande aura du retard : la nouvelle date de livraison est le 20.", {}, []),
        ("很抱歉，您订购的碗缺货，可以换成蓝色的吗？", {}, []),
    ],
)
def test_policy_o1_o2_what_the_seller_may_write_first(text, fields, codes):
    sent = shop.reply(text, 1, answers=(), subject="About your order", **fields)
    outcome = shop.judged({"sent": [sent]}, 5)
    assert (outcome.cases, outcome.loose) == ([], codes)


def test_policy_o2_promotion_in_a_running_conversation_is_no_reply():
    sent = shop.reply("20% off everything! Shop our new collection today.", 1, answers=(), subject="Sale")
    outcome = shop.judged({"care": [shop.customer()], "sent": [sent]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C1", RUNNING, 24)], ["forbidden_contact"])
