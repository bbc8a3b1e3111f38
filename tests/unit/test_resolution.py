"""The second half of policy C1 and policy C3, the case's state, and what the operator says."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.case import Obligation, State, Verb
from relaywatch.core.mail.message import Topic

RESOLUTION = Obligation.RESOLUTION


def resolutions(case):
    return [(d.rule, d.status.value, c.hours_of(d.due_at), c.hours_of(d.met_at)) for d in c.deadlines(case, RESOLUTION)]


# Silence


@pytest.mark.parametrize(
    ("mails", "now", "expected", "state"),
    [
        pytest.param([c.customer()], 5, [("C1", "running", 24, None)], "open", id="unanswered"),
        pytest.param([c.customer()], 99, [("C1", "running", 24, None)], "open", id="policy C1: never overdue"),
        pytest.param([c.customer(), c.sent(3)], 5, [("C1", "running", 24, None)], "answered", id="silence so far"),
        pytest.param([c.customer(), c.sent(3)], 24, [("C1", "met", 24, 24)], "resolved", id="silence for a day"),
        pytest.param([c.customer(), c.sent(26)], 30, [("C1", "late", 24, 26)], "resolved", id="at the late reply"),
        pytest.param(
            [c.customer(), c.sent(3), c.customer(8, "c2"), c.sent(12, mid="r2")],
            20,
            [("C1", "running", 36, None)],
            "answered",
            id="what comes moves it to its own reply and a day",
        ),
        pytest.param(
            [c.customer(), c.sent(3), c.customer(8, "c2"), c.sent(12, mid="r2")],
            36,
            [("C1", "met", 36, 36)],
            "resolved",
            id="and silence from there",
        ),
        pytest.param(
            [c.customer(), c.customer(1, "c2"), c.sent(3)],
            24,
            [("C1", "running", 27, None)],
            "answered",
            id="two, one reply",
        ),
        pytest.param(
            [c.customer(), c.sent(3), c.customer(30, "c2")],
            31,
            [("C1", "running", 54, None), ("C1", "met", 24, 24)],
            "open",
            id="a message after it was resolved starts another",
        ),
        pytest.param(
            [c.complaint(), c.sent(3, c.SMITH, answers="x1")], 25, [("C3", "met", 24, 24)], "resolved", id="policy C3"
        ),
        pytest.param([c.agent(), c.sent(3, c.SMITH)], 5, [], "answered", id="an agent is owed a reply only"),
        pytest.param([c.agent(), c.sent(3, c.SMITH)], 24, [], "resolved", id="agents' cases are resolved too"),
        pytest.param([c.bureau(), c.sent(0.5, c.SMITH, answers="b1")], 25, [], "resolved", id="policy C4: reply only"),
        pytest.param(
            [c.customer(), c.sent(3), c.bounce(30, "r1", c.relay())],
            31,
            [("C1", "running", 24, None)],
            "open",
            id="a bounce takes the resolution back",
        ),
        pytest.param(
            [c.agent(), c.sent(3, c.SMITH), c.customer(10, answers="a1")],
            12,
            [("C1", "running", 34, None)],
            "open",
            id="counted from the customer's message, not from the agent's before it",
        ),
        pytest.param(
            [c.customer(topics=(Topic.NOT_RECEIVED,)), c.sent(3)],
            30,
            [("C1", "met", 24, 24)],
            "open",
            id="not handed over",
        ),
    ],
)
def test_silence(mails, now, expected, state):
    case = c.case_of(mails, now)
    assert (resolutions(case), case.state.value) == (expected, state)


def test_met_by_the_last_reply():
    case = c.case_of([c.customer(), c.sent(3), c.customer(8, "c2"), c.sent(12, mid="r2")], 40)
    assert [d.met_by for d in c.deadlines(case, RESOLUTION)] == ["<r2>"]


# Operator


@pytest.mark.parametrize(
    ("said", "now", "expected", "state"),
    [
        pytest.param((), 5, [("C1", "running", 24, None)], "answered", id="answered, and nobody said so"),
        pytest.param((), 24, [("C1", "overdue", 24, None)], "answered", id="overdue"),
        pytest.param((c.says(Verb.RESOLVE, 6),), 30, [("C1", "met", 24, 6)], "resolved", id="said in time"),
        pytest.param((c.says(Verb.RESOLVE, 25),), 30, [("C1", "late", 24, 25)], "resolved", id="said late"),
        pytest.param((c.says(Verb.RESOLVE, 40),), 30, [("C1", "overdue", 24, None)], "answered", id="not said yet"),
        pytest.param((c.says(Verb.RESOLVE, -1),), 30, [("C1", "overdue", 24, None)], "answered", id="said of before"),
    ],
)
def test_the_operator_alone_says_what_is_resolved(said, now, expected, state):
    case = c.case_of([c.customer(), c.sent(3)], now, *said, policy=c.OPERATOR_SAYS)
    assert (resolutions(case), case.state.value) == (expected, state)


def test_a_message_after_what_the_operator_said_starts_another():
    mails = [c.customer(), c.sent(3), c.customer(10, "c2")]
    case = c.case_of(mails, 12, c.says(Verb.RESOLVE, 6), policy=c.OPERATOR_SAYS)
    assert resolutions(case) == [("C1", "running", 34, None), ("C1", "met", 24, 6)]
    assert [d.met_by for d in c.deadlines(case, RESOLUTION)] == [None, "operator"]


def test_the_operator_may_resolve_before_silence_does():
    case = c.case_of([c.customer(), c.sent(3)], 7, c.says(Verb.RESOLVE, 6))
    assert (resolutions(case), case.state) == ([("C1", "met", 24, 6)], State.RESOLVED)


def test_resolving_is_no_reply():
    case = c.case_of([c.customer()], 7, c.says(Verb.RESOLVE, 6))
    assert (c.stands(case), case.state) == ([("C1", "running", 24)], State.OPEN)


# Answered elsewhere


def test_answered_by_telephone_meets_what_was_received_by_then():
    case = c.case_of([c.customer(), c.customer(8, "c2")], 9, c.says(Verb.ANSWERED, 5))
    assert c.stands(case) == [("C1", "running", 32), ("C1", "met", 24)]
    assert [(c.hours_of(d.met_at), d.met_by) for d in c.deadlines(case)] == [(None, None), (5, "operator")]


def test_answered_late_is_late():
    assert c.stands(c.case_of([c.customer()], 30, c.says(Verb.ANSWERED, 26))) == [("C1", "late", 24)]


def test_a_hand_over_by_telephone_is_no_reply_and_the_other_way_round():
    mail = c.customer(topics=(Topic.NOT_RECEIVED,))
    handed = c.case_of([mail], 7, c.says(Verb.ANSWERED, 6, Obligation.HANDOVER))
    assert (c.stands(handed), c.stands(handed, Obligation.HANDOVER)) == ([("C1", "running", 24)], [("H2", "met", 24)])
    answered = c.case_of([mail], 7, c.says(Verb.ANSWERED, 6, Obligation.REPLY))
    assert (c.stands(answered), c.stands(answered, Obligation.HANDOVER)) == (
        [("C1", "met", 24)],
        [("H2", "running", 24)],
    )


def test_what_came_first_met_it():
    by_mail = c.case_of([c.customer(), c.sent(3)], 7, c.says(Verb.ANSWERED, 6))
    by_telephone = c.case_of([c.customer(), c.sent(6)], 7, c.says(Verb.ANSWERED, 3))
    assert [d.met_by for d in (*c.deadlines(by_mail), *c.deadlines(by_telephone))] == ["<r1>", "operator"]


def test_what_was_said_mends_what_was_wrong():
    case = c.case_of([c.customer(), c.sent(2, own_words="Ok.")], 7, c.says(Verb.ANSWERED, 6))
    assert c.finding(case, "thin_reply").mended_by == "operator"


# Waived


def test_waived_covers_what_was_received_by_then():
    case = c.case_of([c.customer(topics=(Topic.PICKUP,))], 30, c.says(Verb.WAIVE, 5))
    assert {d.status.value for d in case.deadlines} == {"waived"}
    assert case.state is State.WAIVED


def test_what_is_answered_elsewhere_is_not_waived():
    assert c.case_of([c.customer(), c.sent(3)], 9, c.says(Verb.ANSWERED, 5)).state is State.ANSWERED


def test_what_is_waived_before_it_was_answered_was_met_by_nothing():
    (found,) = c.deadlines(c.case_of([c.customer(), c.sent(6)], 9, c.says(Verb.WAIVE, 5)))
    assert (found.status.value, found.met_at, found.met_by) == ("waived", None, None)


def test_a_message_after_it_was_waived_starts_its_own_clock():
    case = c.case_of([c.customer(), c.customer(8, "c2")], 9, c.says(Verb.WAIVE, 5))
    assert (c.stands(case), case.state) == ([("C1", "running", 32), ("C1", "waived", 24)], State.OPEN)


def test_what_was_met_before_stays_met():
    mails = [c.customer(), c.sent(3), c.customer(4, "c2", own_words="Thanks!")]
    case = c.case_of(mails, 9, c.says(Verb.WAIVE, 5))
    assert sorted(d.status.value for d in c.deadlines(case)) == ["met", "waived"]
    assert case.state is State.WAIVED


def test_what_is_waived_after_it_was_resolved_stays_resolved():
    assert c.case_of([c.customer(), c.sent(3)], 40, c.says(Verb.WAIVE, 30)).state is State.RESOLVED


def test_what_is_waived_is_not_overdue_though_a_bounce_comes():
    case = c.case_of([c.customer(), c.sent(3), c.bounce(6, "r1", c.relay())], 40, c.says(Verb.WAIVE, 5))
    assert (c.stands(case), case.state) == ([("C1", "waived", 24)], State.WAIVED)


def test_two_things_said_of_one_moment_count_in_the_order_in_which_they_were_said():
    answered, waived = c.says(Verb.ANSWERED, 5), c.says(Verb.WAIVE, 5)
    later = replace(answered, said_at=c.at(7))
    for said in ((later, waived), (waived, later)):
        assert c.stands(c.case_of([c.customer()], 9, *said)) == [("C1", "waived", 24)]
    for said in ((answered, waived), (waived, answered)):
        assert c.stands(c.case_of([c.customer()], 9, *said)) == [("C1", "met", 24)]
