"""The policy on raw mail: read, classified, grouped and judged, in English, French and Chinese."""

import cast as c
import lab_shop as shop
import pytest

from relaywatch.core.case import Obligation, State
from relaywatch.core.message import Topic

RUNNING, OVERDUE, MET, LATE = "running", "overdue", "met", "late"
WAITS = (
    "Our customer of order 600000012345678 got the wrong glaze. Please contact the customer and tell us the outcome."
)
OUT_OF_OFFICE = "I am out of the office until Monday and will answer when I am back."


def replies(case):
    return [(rule, status) for rule, status, _ in c.stands(case)]


# policy C1


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(shop.customer(), id="the form"),
        pytest.param(shop.customer(plain=True), id="without a form"),
        pytest.param(shop.customer(body=shop.html_form(shop.ASK), kind="text/html"), id="HTML"),
        pytest.param(shop.customer(body=shop.html_form(shop.ASK), kind="text/html", transfer="base64"), id="base64"),
        pytest.param(shop.customer("Mon bol est arrivé fêlé. Que faire ?", transfer="quoted-printable"), id="French"),
        pytest.param(shop.customer("碗底有裂缝，怎么办？", charset="gb18030"), id="Chinese"),
        pytest.param(shop.customer(headers=["Auto-Submitted: auto-generated", "Precedence: bulk"]), id="by a program"),
        pytest.param(shop.customer("Thanks!"), id="only thanks: quick to waive, not to be guessed"),
        pytest.param(shop.customer("I will complain to the Better Business Bureau."), id="a threat is no C4"),
        pytest.param(shop.customer(to=c.COMPLAINTS), id="to the complaint address"),
        pytest.param(shop.customer(date=-72), id="a Date that lies"),
        pytest.param(shop.customer(date=72), id="a Date in the future"),
    ],
)
def test_policy_c1_a_customer_is_owed_a_reply_within_a_day(mail):
    outcome = shop.judged({"care": [mail]}, 5)
    assert (outcome.case.kind.value, outcome.stands()) == ("customer", [("C1", RUNNING, 24)])
    assert shop.judged({"care": [mail]}, 25).stands() == [("C1", OVERDUE, 24)]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (shop.ANSWER, {}),
        (shop.ANSWER + shop.QUOTE, {}),
        ("Bonjour Jordan,\n\nNous vous envoyons un nouveau bol demain.\n\nCordialement,\nMei", {}),
        ("您好，非常抱歉。我们今天已为您补发一个新碗，周三到。\n\n此致\n敬礼", {"charset": "gb18030"}),
        (shop.ANSWER, {"answers": (), "subject": "Your bowl"}),
        (shop.ANSWER, {"answers": ("c1", "other@x")}),
        (shop.ANSWER, {"to": f"{c.relay()}, {c.ALIAS}"}),
        (shop.ANSWER, {"author": c.COMPLAINTS}),
    ],
    ids=["text", "quote", "French", "Chinese", "names nothing", "rewritten id", "with others", "complaint address"],
)
def test_policy_c1_met_by_a_reply(text, fields):
    outcome = shop.judged({"care": [shop.customer()], "sent": [shop.reply(text, 3, **fields)]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C1", MET, 24)], [])
    assert outcome.case.state is State.ANSWERED
    resolved = shop.judged({"care": [shop.customer()], "sent": [shop.reply(text, 3, **fields)]}, 24.5)
    assert resolved.case.state is State.RESOLVED


def test_policy_c1_from_a_mailbox_that_the_help_desk_copies_to():
    outcome = shop.judged({"care": [shop.customer()], "desk": [shop.reply(shop.ANSWER, 3)]}, 5)
    assert outcome.stands() == [("C1", MET, 24)]


def test_policy_c1_two_or_three_copies_of_a_reply_are_one():
    sent = shop.reply("Ok.", 3)
    outcome = shop.judged({"care": [shop.customer()], "sent": [sent, sent, sent]}, 5)
    assert (outcome.case.messages, outcome.codes()) == (2, ["thin_reply"])


def test_policy_c1_follow_ups_each_with_its_clock_and_one_answer_for_all():
    mails = [shop.customer(), shop.customer("Hello?", 5, "c2", answers="c1"), shop.customer("Anybody?", 9, "c3", who=2)]
    outcome = shop.judged({"care": mails, "sent": [shop.reply(shop.ANSWER, 12, answers="c3", to=c.relay(2))]}, 13)
    assert replies(outcome.case) == [("C1", MET)] * 3
    assert shop.judged({"care": mails}, 13).stands() == [("C1", RUNNING, 24), ("C1", RUNNING, 29), ("C1", RUNNING, 33)]


def test_policy_c1_two_customers_with_one_subject_are_two_cases():
    mails = [shop.customer(), shop.customer("Mine too.", 1, "c2", who=2, order=c.OTHER_ORDER, ref="2B" * 16)]
    outcome = shop.judged({"care": mails, "sent": [shop.reply(shop.ANSWER, 3)]}, 5)
    assert [replies(case) for case in outcome.cases] == [[("C1", RUNNING)], [("C1", MET)]]
    assert [case.order_id for case in outcome.cases] == [c.OTHER_ORDER, c.ORDER]


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(shop.customer(OUT_OF_OFFICE, plain=True, headers=["Auto-Submitted: auto-replied"]), id="absent"),
        pytest.param(
            shop.agent(
                OUT_OF_OFFICE, subject="Automatic reply: Case 20481632", headers=["Auto-Submitted: auto-replied"]
            ),
            id="an agent's absence",
        ),
        pytest.param(shop.agent(WAITS, author="John <jsmith@walmart-support.com>"), id="a look-alike domain"),
        pytest.param(shop.agent(WAITS, author="John <jsmith@walmart.com.evil.example>"), id="another"),
        pytest.param(shop.agent("Buy mugs", author="x@spam.example"), id="anybody"),
        pytest.param(
            shop.agent(
                "Your settlement report is ready in Seller Center.",
                author="no-reply@walmart.com",
                subject="Your settlement report is available",
            ),
            id="a notice",
        ),
    ],
)
def test_policy_c1_c2_what_opens_nothing(mail):
    assert shop.judged({"care": [mail]}, 30).cases == []


# policy C2, C3, C4


@pytest.mark.parametrize(
    ("folder", "mail", "kind", "rule", "due"),
    [
        pytest.param("care", shop.agent(WAITS), "walmart_agent", "C2", 24, id="policy C2"),
        pytest.param("care", shop.agent(WAITS, author="j@wal-mart.com"), "walmart_agent", "C2", 24, id="hyphen"),
        pytest.param("care", shop.agent("Merci de nous revenir."), "walmart_agent", "C2", 24, id="policy C2 in French"),
        pytest.param("complaints", shop.agent(WAITS, to=c.COMPLAINTS), "complaint", "C3", 24, id="policy C3"),
        pytest.param(
            "care",
            shop.agent("** THIS IS AN ESCALATION **\n\nNo answer so far.", subject="Order 600000012345678"),
            "complaint",
            "C3",
            24,
            id="policy C3 in the care mailbox",
        ),
        pytest.param(
            "complaints",
            shop.agent("The Better Business Bureau forwarded a complaint. Please respond.", to=c.COMPLAINTS),
            "consumer_protection",
            "C4",
            1,
            id="policy C4",
        ),
        pytest.param(
            "care",
            shop.agent(
                "<p>Nous avons re&ccedil;u une plainte de l&rsquo;Office de la protection du consommateur.</p>",
                kind="text/html",
                transfer="base64",
            ),
            "consumer_protection",
            "C4",
            1,
            id="policy C4 in French HTML",
        ),
        pytest.param(
            "care",
            shop.agent(
                "Une plainte déposée auprès du Bureau d’éthique commerciale nous est parvenue.",
                charset="cp1252",
                transfer="quoted-printable",
            ),
            "consumer_protection",
            "C4",
            1,
            id="policy C4 in French, another charset",
        ),
        pytest.param(
            "care",
            shop.agent("This is not about the Competition Bureau."),
            "walmart_agent",
            "C2",
            24,
            id="no such body",
        ),
    ],
)
def test_policy_c2_c3_c4_what_walmart_sends(folder, mail, kind, rule, due):
    outcome = shop.judged({folder: [mail]}, 0.5)
    assert (outcome.case.kind.value, outcome.stands()) == (kind, [(rule, RUNNING, due)])


def test_policy_c2_an_agent_and_a_customer_about_one_order_are_two_cases_unless_the_mail_says_so():
    apart = shop.judged({"care": [shop.customer(), shop.agent(WAITS, 1)]}, 5)
    assert [case.kind.value for case in apart.cases] == ["customer", "walmart_agent"]
    joined = shop.judged({"care": [shop.customer(), shop.agent(WAITS, 1, answers="c1")]}, 5)
    assert (joined.case.kind.value, replies(joined.case)) == ("walmart_agent", [("C1", RUNNING), ("C2", RUNNING)])


def test_policy_c2_agents_by_walmarts_case_number():
    later = shop.agent("Any news?", 6, "a2", author=c.PATEL, subject="RE: CASE #20481632 second request")
    assert len(c.deadlines(shop.judged({"care": [shop.agent(WAITS), later]}, 8).case)) == 2


def test_policy_c3_in_both_mailboxes_it_is_one_complaint():
    mail = shop.agent(WAITS, to=f"{c.CARE}, {c.COMPLAINTS}")
    outcome = shop.judged({"care": [mail], "complaints": [mail]}, 5)
    assert (outcome.case.mailbox, outcome.stands(), outcome.case.messages) == ("complaints", [("C3", RUNNING, 24)], 1)


def test_policy_c3_a_machines_escalation_is_met_by_a_reply_to_the_customer():
    escalation = shop.agent(
        f"** THIS IS AN ESCALATION **\n\nOrder {c.ORDER}: the customer has had no answer.",
        2,
        "e1",
        author="no-reply@walmart.com",
        to=c.COMPLAINTS,
        subject="Please contact the customer to resolve an issue",
    )
    mail = {"care": [shop.customer()], "complaints": [escalation]}
    assert replies(shop.judged(mail, 5).case) == [("C1", RUNNING), ("C3", RUNNING)]
    answered = shop.judged({**mail, "sent": [shop.reply(shop.ANSWER, 4)]}, 5)
    assert (answered.case.kind.value, replies(answered.case)) == ("complaint", [("C1", MET), ("C3", MET)])


def test_policy_c4_in_a_running_conversation():
    urgent = shop.agent("The BBB has now sent us a complaint about this.", 4, "a2", answers="a1")
    outcome = shop.judged({"care": [shop.agent(WAITS), urgent]}, 4.5)
    assert outcome.stands() == [("C4", RUNNING, 5), ("C2", RUNNING, 24)]


def test_policy_c5_a_weekend_is_no_pause():
    assert shop.judged({"care": [shop.customer(hours=9)]}, 34).stands() == [("C1", OVERDUE, 33)]


@pytest.mark.parametrize("order", ["600000012345678", "200012345678901", "Y12345678", "1234567890", "4577450840432"])
def test_policy_c6_whatever_was_ordered(order):
    outcome = shop.judged({"care": [shop.customer(order=order)]}, 5)
    assert (outcome.case.order_id, outcome.stands()) == (order, [("C1", RUNNING, 24)])


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
    assert [replies(case) for case in shop.judged({"care": asked, "sent": slow}, 6).cases] == [[("C1", MET)]] * 3


def test_policy_q2_by_its_header():
    sent = [shop.reply(shop.ANSWER, 0.1, headers=["Auto-Submitted: auto-replied"])]
    assert shop.judged({"care": [shop.customer()], "sent": sent}, 5).codes() == ["automatic_reply"]


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
    f"delivered to one or more of its recipients. This is a permanent error.\n\n  {c.relay()}\n    550 5.1.1 User unknown\n"
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
            shop.reply(shop.ANSWER, 3),
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


# policy M1, and who it really was


def test_policy_m1_in_junk():
    outcome = shop.judged({"junk": [shop.customer()]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C1", RUNNING, 24)], ["junked"])
    rescued = shop.judged({"junk": [shop.customer()], "care": [shop.customer()]}, 5)
    assert (rescued.case.messages, c.finding(rescued.case, "junked").mended_by) == (1, "<c1>")


FAILED = "Authentication-Results: mx.shop.example; dmarc=fail header.from=walmart.com"
FORGED = "Authentication-Results: mx.evil.example; dmarc=pass header.from=walmart.com"


@pytest.mark.parametrize(
    ("headers", "codes"),
    [([FAILED], ["unauthenticated"]), ([FAILED, FORGED], ["unauthenticated"]), ([FORGED], []), ([], [])],
    ids=["failed", "a forged one below", "of no trusted server", "none"],
)
def test_what_fails_authentication_is_marked_and_its_clock_runs_all_the_same(headers, codes):
    outcome = shop.judged({"care": [shop.agent(WAITS, headers=headers)]}, 5)
    assert (outcome.stands(), outcome.codes()) == ([("C2", RUNNING, 24)], codes)


def test_mail_in_the_inbox_that_says_it_is_the_sellers_answers_nothing_unless_proved():
    forged = shop.reply(shop.ANSWER, 3)
    assert shop.judged({"care": [shop.customer(), forged]}, 5).stands() == [("C1", RUNNING, 24)]
    proof = "Authentication-Results: mx.shop.example; dmarc=pass header.from=shop.example"
    proved = shop.reply(shop.ANSWER, 3, headers=[proof])
    assert shop.judged({"care": [shop.customer(), proved]}, 5).stands() == [("C1", MET, 24)]
