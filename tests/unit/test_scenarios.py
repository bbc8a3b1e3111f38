"""policy C1 to C6 and M1 on raw mail: read, classified, grouped and judged, in English, French and Chinese."""

import cast as c
import lab_shop as shop
import pytest

from relaywatch.core.cases.case import State

RUNNING, OVERDUE, MET = "running", "overdue", "met"
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
