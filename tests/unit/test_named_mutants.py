"""Small changes of the judgement that no other test noticed once: what each of these conditions is for."""

from dataclasses import replace

import cast as c
import pytest
from lab_mail import a_mail, shipped_rules

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.classes.automatic import read_automatic


def test_policy_c3_of_a_reply_to_the_customer_and_one_to_the_team_the_first_meets_it():
    escalation = c.complaint(author="no-reply@walmart.com", own_words=f"Order {c.ORDER}", cc=(c.TEAM,))
    team = c.sent(3, c.TEAM, answers="x1")
    customers = c.sent(5, mid="r2", answers="c1")
    case = c.case_of([escalation, c.customer(-2), team, customers], 8)
    (deadline,) = [one for one in c.deadlines(case) if one.rule == "C3"]
    assert (deadline.met_by, c.hours_of(deadline.met_at)) == ("<r1>", 3)


def test_policy_q4_who_wrote_the_reply_knows_of_it():
    parties = replace(c.PARTIES, internal=frozenset({c.BOSS, c.CLERK}), registered=c.PARTIES.registered | {c.CLERK})
    case = c.case_of([c.customer(), c.sent(3, author=c.CLERK)], 5, parties=parties)
    assert c.finding(case, "internal_not_informed").detail == {"missing": [c.BOSS]}


def test_policy_q6_of_a_reply_that_reached_nobody_only_the_bounce_is_said():
    case = c.case_of([c.agent(), c.sent(2, c.SMITH), c.bounce(2.1, "r1", c.SMITH)], 5)
    assert c.codes(case) == ["bounced_reply"]


@pytest.mark.parametrize(
    ("to", "found"),
    [
        pytest.param(c.PATEL, ["reply_all_missing"], id="to another of Walmart's people"),
        pytest.param("kiln@supplier.example", [], id="to a supplier"),
    ],
)
def test_policy_q3_an_answer_that_leaves_out_who_asked_is_an_answer_to_them(to, found):
    asked = c.agent(reply_to=(c.TEAM,))
    case = c.case_of([asked, c.sent(2, to, answers="a1")], 5)
    assert c.codes(case) == found


def test_what_the_operator_says_of_a_matter_that_silence_resolved_changes_nothing():
    mails = [c.customer(), c.sent(3)]
    (before,), (after,) = (
        c.deadlines(c.case_of(mails, 40, *said), Obligation.RESOLUTION) for said in ((), (c.says(Verb.RESOLVE, 30),))
    )
    assert (after.status, after.met_at, after.met_by) == (before.status, before.met_at, before.met_by)


LONG = (
    "I am out of the office. The mugs that you ordered for the café come in three sizes, of which the smallest holds a"
    " quarter of a litre and the largest half of one, and each of them is glazed by hand in one of nine colours, all"
    " of which go into a dishwasher and into a microwave as often as you like."
)


@pytest.mark.parametrize(("more", "automatic"), [("", False), (" I am back on Monday.", True)])
def test_a_long_text_is_an_absence_only_where_it_says_for_how_long_or_whom_to_ask(more, automatic):
    assert (read_automatic(a_mail(f"{LONG}{more}", "Your mugs"), shipped_rules()) is not None) is automatic
