"""Timelines: which warnings are due when, and when to look again (interface: Which warnings there are)."""

from dataclasses import replace
from datetime import timedelta

import cast as c
import pytest

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.due.warning import current_step, key_of, next_look_at, others, warnings_due
from relaywatch.core.mail.message import Class, Folder, Topic
from relaywatch.core.policy import LADDERS, Kind, Step

SILENCE = c.basis().policy
LOST = c.customer(topics=(Topic.NOT_RECEIVED,))


def said(mails, now, *statements, policy=SILENCE):
    """The warnings due, as (step, rule, the message that started the clock)."""
    case = c.case_of(mails, now, *statements, policy=policy)
    return [(due.step, due.deadline.rule, due.deadline.started_by) for due in warnings_due(case, policy, c.at(now))]


def steps(mails, now, *statements, policy=SILENCE):
    return [step for step, _, _ in said(mails, now, *statements, policy=policy)]


@pytest.mark.parametrize(
    ("mail", "timeline"),
    [
        pytest.param(
            c.customer(),
            {
                0: [],
                15.99: [],
                16: ["8h"],
                20.99: ["8h"],
                21: ["3h"],
                23: ["1h"],
                23.99: ["1h"],
                24: ["due"],
                99: ["due"],
            },
            id="policy C1",
        ),
        pytest.param(c.agent(), {0: [], 16: ["8h"], 21: ["3h"], 23: ["1h"], 24: ["due"]}, id="policy C2"),
        pytest.param(
            c.complaint(), {11: [], 12: ["12h"], 18: ["6h"], 22: ["2h"], 23.5: ["30m"], 24: ["due"]}, id="policy C3"
        ),
        pytest.param(
            c.bureau(),
            {0: [], 0.05: [], 0.09: ["55m"], 0.34: ["40m"], 0.6: ["25m"], 0.9: ["10m"], 1: ["due"], 30: ["due"]},
            id="policy C4",
        ),
    ],
)
def test_the_ladder_of_each_kind(mail, timeline):
    assert {now: steps([mail], now) for now in timeline} == timeline


SECONDS = 1 / 3600


@pytest.mark.parametrize(
    ("now", "due"),
    [
        pytest.param(23 - 31 * SECONDS, ["3h"], id="which is not that near"),
        pytest.param(23 - 30 * SECONDS, [], id="which says all that it would"),
        pytest.param(23 - SECONDS, [], id="until its moment"),
        pytest.param(23, ["1h"], id="at its moment"),
        pytest.param(24 - SECONDS, ["1h"], id="but no lapse: then it is too late"),
    ],
)
def test_a_step_that_was_missed_waits_for_the_next_one(now, due):
    assert steps([c.customer()], now) == due


def test_a_step_leaves_at_its_moment_however_near_the_next_one_is():
    near = replace(
        SILENCE,
        ladders={**LADDERS, Kind.CUSTOMER: (Step("1h", timedelta(hours=1)), Step("3580s", timedelta(seconds=3580)))},
    )
    assert steps([c.customer()], 23, policy=near) == ["1h"]


def test_the_most_urgent_step_alone_is_due_after_an_outage():
    assert steps([c.customer()], 23.5) == ["1h"]
    assert steps([c.bureau()], 0.95) == ["10m"]


@pytest.mark.parametrize(
    "mails",
    [
        pytest.param([c.customer(), c.sent(3)], id="answered"),
        pytest.param([c.customer(), c.sent(30)], id="answered late"),
        pytest.param([c.agent(), c.sent(1, c.SMITH)], id="an agent's, answered"),
        pytest.param(
            [LOST, c.sent(3), c.sent(4, c.EXPERIENCE, "h1", class_=Class.HANDOVER, answers=(), subject="Lost")],
            id="handed over",
        ),
    ],
)
def test_nothing_is_said_of_what_is_met(mails):
    assert {now: steps(mails, now) for now in (31, 48, 99)} == {31: [], 48: [], 99: []}


def test_nothing_is_said_of_what_is_waived_or_answered_elsewhere():
    for verb in (Verb.WAIVE, Verb.ANSWERED):
        assert steps([c.customer()], 30, c.says(verb, 5)) == []


def test_what_was_resolved_but_not_answered_is_still_said():
    assert steps([c.customer()], 30, c.says(Verb.RESOLVE, 5)) == ["due"]


def test_a_step_is_said_for_the_earliest_running_deadline_of_a_party():
    mails = [c.customer(), c.customer(2, "c2"), c.customer(22, "c3")]
    assert said(mails, 22.5) == [("3h", "C1", "<c1>")]
    assert said(mails, 24.5) == [("due", "C1", "<c1>"), ("3h", "C1", "<c2>")]
    assert said(mails, 46) == [("due", "C1", "<c1>"), ("due", "C1", "<c2>"), ("due", "C1", "<c3>")]


def test_each_party_has_its_own():
    mails = [c.customer(), c.agent(1, answers="c1")]
    assert said(mails, 23.5) == [("1h", "C1", "<c1>"), ("3h", "C2", "<a1>")]
    assert said([*mails, c.sent(2, c.SMITH)], 23.5) == [("1h", "C1", "<c1>")]


def test_the_most_urgent_comes_first_and_a_lapse_before_a_step():
    mails = [c.agent(), c.bureau(23.5, answers="a1"), c.customer(0, answers="a1", topics=(Topic.PICKUP,))]
    assert [step for step, _, _ in said(mails, 24)] == ["due", "due", "due", "40m"]
    assert [rule for _, rule, _ in said(mails, 23.9)] == ["C2", "C1", "H1", "C4"]


def test_an_hour_is_not_hidden_behind_a_day_that_ends_a_little_sooner():
    mails = [c.agent(), c.bureau(23.05, "b1")]
    assert said(mails, 23.2) == [("1h", "C2", "<a1>"), ("55m", "C4", "<b1>")]
    assert said(mails, 23.95)[-1] == ("10m", "C4", "<b1>")
    assert said(mails, 24.1) == [("due", "C2", "<a1>"), ("due", "C4", "<b1>")]
    assert said([*mails, c.bureau(23.1, "b2")], 23.95)[1:] == [("10m", "C4", "<b1>")]


def test_a_reply_takes_all_steps_back_and_a_bounce_brings_them_again():
    mails = [c.customer(), c.sent(3)]
    assert steps(mails, 23) == []
    assert steps([*mails, c.bounce(22, "r1", c.relay())], 23) == ["1h", "finding:bounced_reply"]


def test_policy_h2_a_hand_over_has_the_ladder_of_the_cases_kind():
    answered = [LOST, c.sent(3)]
    assert said(answered, 16) == [("8h", "H2", "<c1>")]
    assert said(answered, 24) == [("due", "H2", "<c1>")]
    urgent = [LOST, c.bureau(1, answers="c1"), c.sent(2)]
    assert steps(urgent, 16) == ["due"]
    assert said(urgent, 23.5) == [("due", "C4", "<b1>"), ("40m", "H2", "<c1>")]


# Resolution


def test_resolution_speaks_under_operator_only():
    mails = [c.customer(), c.sent(3)]
    assert steps(mails, 23.5) == []
    assert steps(mails, 23.5, policy=c.OPERATOR_SAYS) == ["1h"]
    assert said(mails, 24, policy=c.OPERATOR_SAYS) == [("due", "C1", "<c1>")]
    assert steps(mails, 99, c.says(Verb.RESOLVE, 50), policy=c.OPERATOR_SAYS) == []


def test_resolution_speaks_only_once_the_reply_is_met():
    case = c.case_of([c.customer()], 23.5, policy=c.OPERATOR_SAYS)
    found = warnings_due(case, c.OPERATOR_SAYS, c.at(23.5))
    assert [due.deadline.obligation for due in found] == [Obligation.REPLY]


# Findings


@pytest.mark.parametrize(
    ("mails", "code"),
    [
        ([c.customer(), c.sent(2, own_words="Ok.")], "thin_reply"),
        ([c.agent(cc=(c.PATEL,)), c.sent(2, c.SMITH)], "reply_all_missing"),
        ([c.customer(), c.sent(2, "jordan@mail.example")], "outside_relay"),
        ([c.customer(), c.sent(2, author=c.ALIAS)], "unregistered_sender"),
        ([c.customer(), c.sent(2), c.bounce(2.1, "r1", c.relay())], "bounced_reply"),
        ([c.customer(folder=Folder.JUNK)], "junked"),
    ],
)
def test_what_can_be_mended_is_said_while_it_helps(mails, code):
    step = f"finding:{code}"
    assert steps(mails, 3) == [step]
    first = mails[0].message.message_id
    assert said(mails, 3) == [(step, "C2" if "a1" in first else "C1", first)]
    mended = c.sent(4, (c.SMITH, c.PATEL) if "a1" in first else c.relay(), "r9")
    assert steps([*mails, mended], 5) == []
    assert steps(mails, 3, c.says(Verb.ANSWERED, 2.5)) == []
    assert steps(mails, 30) == ["due"]


@pytest.mark.parametrize(
    "mails",
    [
        pytest.param([c.customer(), c.automatic(0.01)], id="automatic_reply"),
        pytest.param([c.agent(unauthenticated="dmarc=fail")], id="unauthenticated"),
    ],
)
def test_what_is_told_in_the_next_steps_text_is_never_mailed_alone(mails):
    assert steps(mails, 3) == []


def test_a_finding_names_the_deadline_that_it_touches():
    mails = [c.customer(-3, "c0"), c.customer(), c.sent(2, own_words="Ok.")]
    assert said(mails, 3) == [("finding:thin_reply", "C1", "<c0>")]


# Keys, the others, and when to look again


def test_a_key_stays_the_same_for_what_it_warns_of():
    mails = [c.customer(), c.sent(2, own_words="Ok.")]
    before = warnings_due(c.case_of(mails, 23), SILENCE, c.at(23))
    after = warnings_due(c.case_of([*mails, c.customer(22, "c2")], 23.5), SILENCE, c.at(23.5))
    assert {due.key for due in before} == {due.key for due in after}
    assert len({due.key for due in before}) == len(before)
    assert before[0].key == key_of(before[0].deadline, "1h")


def test_a_mail_without_message_id_has_a_key_too():
    (due,) = warnings_due(c.case_of([c.customer(mid=None)], 23), SILENCE, c.at(23))
    assert due.key.startswith("reply:#")


def test_the_others_are_the_unmet_replies_and_hand_overs():
    case = c.case_of([LOST, c.customer(1, "c2")], 23.5)
    (about, *_) = warnings_due(case, SILENCE, c.at(23.5))
    assert [(d.obligation.value, d.started_by) for d in others(case, about.deadline)] == [
        ("handover", "<c1>"),
        ("reply", "<c2>"),
    ]


@pytest.mark.parametrize(
    ("left", "step"), [(9, None), (8, "8h"), (3.5, "8h"), (3, "3h"), (0.1, "1h"), (-5, "1h")], ids=str
)
def test_current_step(left, step):
    (deadline,) = c.deadlines(c.case_of([c.customer()], 1))
    found = current_step(deadline, LADDERS[Kind.CUSTOMER], c.at(24 - left))
    assert (found.text if found else None) == step


@pytest.mark.parametrize(
    ("mails", "now", "hours"),
    [
        pytest.param([c.customer()], 0, 16, id="the first step"),
        pytest.param([c.customer()], 16, 21, id="the next"),
        pytest.param([c.customer()], 23, 24, id="the lapse"),
        pytest.param([c.customer()], 24, None, id="nothing left to say"),
        pytest.param([c.customer(), c.sent(3)], 5, 16, id="at the latest when silence has settled it"),
        pytest.param([c.customer(), c.sent(3)], 24, None, id="settled"),
        pytest.param([c.customer(), c.customer(20, "c2")], 24, 36, id="another deadline's step"),
        pytest.param([c.agent(), c.sent(3, c.SMITH)], 5, 24, id="an agent's case, resolved by silence"),
        pytest.param([c.agent(), c.sent(3, c.SMITH)], 24, None, id="and done"),
    ],
)
def test_next_look(mails, now, hours):
    found = next_look_at(c.case_of(mails, now), SILENCE, c.at(now))
    assert c.hours_of(found) == hours


def test_an_empty_ladder_leaves_the_lapse():
    policy = replace(SILENCE, ladders=dict.fromkeys(Kind, ()))
    assert steps([c.customer()], 23.9, policy=policy) == []
    assert steps([c.customer()], 24, policy=policy) == ["due"]


# What must not keep back what


OTHERS_INQUIRY = c.agent(0, "a0", author=c.PATEL)


@pytest.mark.parametrize(("now", "step"), [(13.1, "12h"), (19.1, "6h"), (23.1, "2h"), (24.6, "30m")])
def test_policy_c3_a_gentler_inquiry_keeps_no_step_of_a_complaint_back(now, step):
    complaint = c.complaint(1, answers="a0")
    assert (step, "C3", "<x1>") in said([OTHERS_INQUIRY, complaint], now)


def test_of_one_ladder_the_earliest_alone_speaks():
    assert said([OTHERS_INQUIRY, c.agent(1, answers="a0")], 17.1) == [("8h", "C2", "<a0>")]


def test_a_doubtful_deadline_keeps_no_step_back_of_one_that_nothing_met():
    unsure = c.sent(0.5, (c.PATEL, "bob@mail.example"), answers=(), subject="Re: something else")
    mails = [OTHERS_INQUIRY, c.agent(1, answers="a0"), unsure]
    assert [one.status.value for one in c.deadlines(c.case_of(mails, 17.1))] == ["doubtful", "running"]
    assert said(mails, 17.1) == [("8h", "C2", "<a1>")]


def test_another_who_goes_on_writing_does_not_silence_a_resolution():
    another = [c.customer(hours, f"o{hours}", who=2, order=None) for hours in (10, 20, 30)]
    mails = [c.customer(), c.sent(1), *another]
    assert ("1h", "C1", "<c1>") in said(mails, 23.5, policy=c.OPERATOR_SAYS)
    assert ("due", "C1", "<c1>") in said(mails, 25, policy=c.OPERATOR_SAYS)
    assert ("due", "C1", "<c1>") not in said(another, 25, policy=c.OPERATOR_SAYS)


def test_each_partys_hand_over_has_its_steps():
    another = c.customer(-1, "c0", who=2, order=None, topics=(Topic.NOT_RECEIVED,))
    case = c.case_of([another, LOST], 21)
    told = [(due.step, due.deadline.started_by) for due in warnings_due(case, SILENCE, c.at(21))]
    assert sorted(told) == [("3h", "<c0>"), ("3h", "<c0>"), ("3h", "<c1>"), ("3h", "<c1>")]
