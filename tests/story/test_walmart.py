"""What Walmart's people write: inquiries, complaints, what a bureau sends; and that everybody must be answered."""

from datetime import timedelta

import pytest
from lab_post import CARE, COMPLAINTS, PATEL, SMITH, agent, bureau, customer, order, post, reply, to_agent
from lab_story import H, steps

from relaywatch.core.cases.case import Verb

MINUTES = timedelta(minutes=1)


def test_an_inquiry_without_an_answer(shop):
    assert shop.mail(agent(), at=H(0)) == "walmart_agent"
    assert shop.until(H(0), H(25)) == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due")]
    (deadline,) = shop.case().deadlines
    assert (deadline.rule, deadline.status) == ("C2", "overdue")


def test_a_complaint_has_a_ladder_of_its_own(shop):
    raw = agent(
        "** THIS IS AN ESCALATION **\n\nThe buyer hears nothing from you. Please contact them.\n", to=COMPLAINTS
    )
    assert shop.mail(raw, at=H(0), mailbox="complaints") == "complaint"
    assert shop.until(H(0), H(25)) == [(12, "12h"), (18, "6h"), (22, "2h"), (23.5, "30m"), (24, "due")]


def test_a_bureau_has_one_hour(shop):
    assert shop.mail(bureau(), at=H(0), mailbox="complaints") == "consumer_protection"
    said = shop.until(H(0), H(2), minutes=1)
    assert [(round(at * 60), step) for at, step in said] == [
        (5, "55m"),
        (20, "40m"),
        (35, "25m"),
        (50, "10m"),
        (60, "due"),
    ]
    (warned,) = [one for one in shop.store.warnings_of(1) if one.step == "due"]
    assert (warned.rule, warned.obligation) == ("C4", "reply")


def test_a_bureau_of_ten_minutes_ago_is_one_warning(shop):
    shop.mail(bureau(), at=H(0) - 10 * MINUTES, mailbox="complaints", seen=H(0))
    (warned,) = shop.now(H(0))
    assert (warned.step, warned.rule) == ("55m", "C4")


def test_reply_all_missing_is_told_at_once_and_mended(shop):
    shop.mail(agent(cc=f"{PATEL}, escalations-ca@walmart.com"), at=H(0))
    shop.sent(to_agent(), at=H(1))
    (warned,) = shop.now(H(1))
    assert (warned.step, warned.rule) == ("finding:reply_all_missing", "C2")
    assert PATEL in warned.text
    assert "escalations-ca@walmart.com" in warned.text
    assert shop.cases() == {1: "open"}
    shop.sent(to_agent(to=f"{SMITH}, {PATEL}", cc="escalations-ca@walmart.com", mid="to-all@shop.example"), at=H(2))
    assert shop.until(H(2), H(30), 30) == []
    assert shop.status() == ["met"]


def test_reply_all_that_stays_missing_climbs_the_ladder(shop):
    shop.mail(agent(cc=PATEL), at=H(0))
    shop.sent(to_agent(), at=H(1))
    assert [step for _, step in shop.until(H(1), H(25))] == ["finding:reply_all_missing", "8h", "3h", "1h", "due"]


def test_an_agents_and_a_customers_mail_about_one_order_are_two_cases(shop):
    shop.mail(customer(7), at=H(0))
    shop.mail(agent("What about order 600000000000007? The customer calls us.\n"), at=H(1))
    shop.sent(reply(7), at=H(2))
    assert shop.cases() == {1: "answered", 2: "open"}


def test_what_joins_two_cases_keeps_both_numbers(shop):
    shop.mail(customer(1), at=H(0))
    shop.mail(agent(), at=H(1))
    assert shop.cases() == {1: "open", 2: "open"}
    raw = post(
        SMITH,
        "care@shop.example",
        "Re: Case 20481377: customer waits for you",
        "This belongs together with what the customer wrote. Please answer both of us.\n",
        mid="joins@walmart.com",
        References="<inquiry@walmart.com> <asked-1@relay.walmart.ca>",
    )
    shop.mail(raw, at=H(2))
    assert list(shop.cases()) == [1]
    assert shop.store.current_case(2) == 1
    assert shop.case(2) == shop.case(1)
    assert {deadline.rule for deadline in shop.case().deadlines if deadline.obligation == "reply"} == {"C1", "C2"}


def test_what_was_said_of_a_case_is_not_said_again_of_what_it_became(shop):
    shop.mail(agent(subject="Blue lid", mid="q1@walmart.com"), at=H(0))
    shop.mail(agent(subject="Red lid", mid="q2@walmart.com"), at=H(0))
    assert steps(shop.now(H(16))) == ["8h", "8h"]
    joining = agent(subject="Lids", mid="joins@walmart.com", answers="q1@walmart.com> <q2@walmart.com")
    shop.mail(joining, at=H(16.5))
    assert list(shop.cases()) == [1]
    assert shop.now(H(17)) == []
    assert steps(shop.now(H(21))) == ["3h"]


def test_what_the_operator_said_of_a_case_holds_for_what_it_became(shop):
    shop.mail(agent(subject="Blue lid", mid="q1@walmart.com"), at=H(0))
    shop.mail(agent(subject="Red lid", mid="q2@walmart.com"), at=H(0))
    shop.say(Verb.ANSWERED, 2, at=H(1))
    joining = agent(subject="Lids", mid="joins@walmart.com", answers="q1@walmart.com> <q2@walmart.com")
    shop.mail(joining, at=H(2))
    assert shop.say(Verb.WAIVE, 2, at=H(3)) == [1]
    assert list(shop.cases()) == [1]
    assert sorted(shop.status()) == [
        "met",
        "met",
        "waived",
    ]  # the matter was answered, and what came after it is waived


def test_a_forgers_reply_to_takes_no_genuine_clock_away(shop):
    """Mail with an agent's address in From asks for its answers elsewhere: nobody at Walmart was answered."""
    shop.mail(agent(mid="genuine@walmart.com"), at=H(0))
    elsewhere = {"Reply_To": "jsmith@walmart-care.example", "answers": "genuine@walmart.com"}
    shop.mail(agent("Which colour is the mug? Please answer.", mid="forged@walmart.com", **elsewhere), at=H(1))
    answer = "Hello John,\n\nthe mug is blue, and a new one leaves tomorrow, free of charge.\n\nMei\n"
    ids = {"In_Reply_To": "<forged@walmart.com>", "References": "<genuine@walmart.com> <forged@walmart.com>"}
    shop.sent(post(CARE, "jsmith@walmart-care.example", "Re: the mug", answer, mid="r@shop.example", **ids), at=H(2))
    statuses = {one.started_by: one.status.value for one in shop.case(1).deadlines if one.obligation == "reply"}
    assert statuses == {"<genuine@walmart.com>": "running", "<forged@walmart.com>": "met"}


@pytest.mark.parametrize(
    ("subject", "text", "class_"),
    [
        pytest.param("BBB complaint 55102", "It was filed with them:\n\n{}\n", "consumer_protection", id="policy C4"),
        pytest.param("Complaint, order 600000000000777", "The customer wrote:\n\n{}\n", "complaint", id="policy C3"),
    ],
)
def test_a_form_in_a_machines_complaint_is_met_by_no_reply_to_whom_it_names(shop, subject, text, class_):
    form = f"Sales Order ID: {order(1)}\nItem: mug\nMessage: My lamp is dead."
    shop.mail(customer(1), at=H(0))
    raw = post("noreply@walmart.com", COMPLAINTS, subject, text.format(form), mid="bbb@walmart.com")
    assert shop.mail(raw, at=H(0.5), mailbox="complaints") == class_
    shop.sent(reply(1), at=H(0.6))
    assert shop.cases() == {1: "answered", 2: "open"}
    assert "due" in [step for _, step in shop.until(H(0.6), H(25), 10)]


def test_a_number_below_each_complaint_of_a_bureau_lets_no_answer_to_one_end_another(shop):
    """policy C4: the bureau's file of the whole business, or the seller's own number, stands below each."""
    for number in (1, 2):
        text = (
            f"Hello,\n\nwe received a Better Business Bureau complaint about order {order(number)}: the mug is wrong."
            "\nPlease respond today.\n\nJohn\nBBB business file 1234567\n"
        )
        raw = agent(text, to=COMPLAINTS, subject=f"BBB complaint 5510{number}", mid=f"bbb-{number}@walmart.com")
        shop.mail(raw, at=H(number / 60), mailbox="complaints")
    answer = "Hello John,\n\nI called the buyer: the right mug leaves our kiln tomorrow, and she keeps the wrong one.\n"
    raw = post(COMPLAINTS, SMITH, "Re: BBB complaint 55102", answer, mid="r@shop.example", answers="bbb-2@walmart.com")
    shop.sent(raw, at=H(5 / 60), mailbox="complaints")
    said = [step for _, step in shop.until(H(0.2), H(2), minutes=5)]
    assert (said[-1], sorted(shop.status(1) + shop.status(2))) == ("due", ["met", "overdue"])
