"""What cases amount to: counted, timed and placed in the day of whoever reads it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_store import case, deadline, finding

from relaywatch.core.cases.case import Code, Obligation, State, Status
from relaywatch.core.figures.statistics import Tally, distribution, summarize, times
from relaywatch.core.figures.statistics_form import summary_form
from relaywatch.core.policy import Kind

START = datetime(2026, 11, 2, 15, tzinfo=UTC)  # a Monday, 10:00 in Toronto
NOW = START + timedelta(days=5)
TORONTO = ZoneInfo("America/Toronto")
M, H = timedelta(minutes=1), timedelta(hours=1)


def reply(took=None, *, began=timedelta(), allowed=24 * H, kind=Kind.CUSTOMER, **fields):
    """A reply deadline: answered after `took`, or not."""
    started_at = START + began
    due_at = started_at + allowed
    met_at = started_at + took if took is not None else None
    status = (
        (Status.MET if met_at <= due_at else Status.LATE)
        if met_at
        else Status.OVERDUE
        if due_at <= NOW
        else Status.RUNNING
    )
    values = {
        "status": status,
        "started_at": started_at,
        "due_at": due_at,
        "met_at": met_at,
        "met_by": f"<r{took}{began}@shop.example>" if met_at else None,
        "kind": kind,
        "rule": kind.rule,
    }
    return deadline(**values | fields)


def cases_of(*deadlines):
    """A case for each deadline, numbered from 1."""
    return [
        (number, case(kind=one.kind, opened_at=one.started_at, deadlines=(one,)))
        for number, one in enumerate(deadlines, start=1)
    ]


def summary(*deadlines, loose=(), zone=TORONTO):
    return summarize(cases_of(*deadlines), loose, NOW, zone)


@pytest.mark.parametrize(
    ("took", "median", "p90"),
    [
        ([], None, None),
        ([3], 3, 3),
        ([1, 3], 1, 3),
        ([5, 1, 3], 3, 5),
        ([1, 2, 3, 4], 2, 4),
        (range(1, 11), 5, 9),
        (range(1, 12), 6, 10),
        ([*[1] * 90, *[100] * 10], 1, 1),
        ([*[1] * 89, *[100] * 11], 1, 100),
    ],
)
def test_median_and_ninetieth_percentile_are_times_that_were_taken(took, median, p90):
    found = times(hours * H for hours in took)
    assert found.median == (median * H if median else None)
    assert found.p90 == (p90 * H if p90 else None)
    assert found.count == len(took)


@given(st.lists(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=900)), min_size=1, max_size=60))
def test_so_many_did_not_exceed_a_percentile(took):
    found = times(took)
    at_most = [sum(one <= limit for one in took) / len(took) for limit in (found.median, found.p90, found.longest)]
    assert at_most[0] >= 0.5
    assert at_most[1] >= 0.9
    assert at_most[2] == 1
    assert sum(one < found.p90 for one in took) / len(took) < 0.9


@pytest.mark.parametrize(
    ("deadlines", "rate", "rate_48h"),
    [
        pytest.param([], None, None, id="nothing owed"),
        pytest.param([reply(H), reply(2 * H)], 1.0, 1.0, id="all in time"),
        pytest.param([reply(H), reply(30 * H)], 0.5, 1.0, id="late, but within 48 hours"),
        pytest.param([reply(H), reply(48 * H)], 0.5, 1.0, id="at 48 hours exactly"),
        pytest.param([reply(H), reply(48 * H + M)], 0.5, 0.5, id="a minute beyond 48 hours"),
        pytest.param([reply(H), reply()], 0.5, 0.5, id="never answered"),
        pytest.param([reply(H), reply(began=85 * H)], 0.5, 1.0, id="overdue, but not for 48 hours yet"),
        pytest.param([reply(H), reply(began=110 * H)], 1.0, 1.0, id="still running"),
        pytest.param([reply(began=110 * H)], None, None, id="only running"),
        pytest.param([reply(status=Status.WAIVED)], None, None, id="only waived"),
        pytest.param([reply(H), reply(status=Status.WAIVED)], 1.0, 1.0, id="the waived do not count"),
        pytest.param([reply(H, met_by="operator")], 1.0, 1.0, id="answered by telephone"),
        pytest.param([reply(2 * H, allowed=H, kind=Kind.CONSUMER_PROTECTION)], 0.0, 1.0, id="C4: one hour, not 48"),
        pytest.param([reply(allowed=130 * H)], None, 0.0, id="a longer policy still runs at 48 hours"),
    ],
)
def test_the_share_answered_in_time_and_in_48_hours(deadlines, rate, rate_48h):
    found = summary(*deadlines).replies
    assert (found.tally.rate, found.rate_48h) == (rate, rate_48h)


def test_only_replies_make_the_response_rate_and_each_kind_has_its_own():
    handover = reply(obligation=Obligation.HANDOVER, rule="H2")
    found = summary(reply(H), reply(30 * H), reply(2 * H, kind=Kind.WALMART_AGENT), handover)
    assert found.replies.tally == Tally(met=2, late=1)
    assert found.by_kind[Kind.CUSTOMER].tally == Tally(met=1, late=1)
    assert found.by_kind[Kind.WALMART_AGENT].times.median == 2 * H
    assert found.by_kind[Kind.COMPLAINT].tally == Tally()
    assert found.obligations[Obligation.HANDOVER] == Tally(overdue=1)
    assert found.kinds == {
        Kind.CONSUMER_PROTECTION: 0,
        Kind.COMPLAINT: 0,
        Kind.WALMART_AGENT: 1,
        Kind.CUSTOMER: 3,
    }


def test_a_reply_of_a_kind_counts_for_that_kind_whatever_the_case_is():
    both = case(kind=Kind.COMPLAINT, deadlines=(reply(H), reply(kind=Kind.COMPLAINT)))
    found = summarize([(1, both)], [], NOW, TORONTO)
    assert found.by_kind[Kind.CUSTOMER].tally == Tally(met=1)
    assert found.by_kind[Kind.COMPLAINT].tally == Tally(overdue=1)
    assert (found.kinds[Kind.COMPLAINT], found.kinds[Kind.CUSTOMER]) == (1, 0)


def test_lapses_are_the_longest_first_and_the_worst_one_a_case():
    late, never = reply(30 * H), reply(began=10 * H)
    handover = reply(31 * H, obligation=Obligation.HANDOVER, rule="H1")
    several = case(deadlines=(never, late, handover))
    found = summarize([(7, several), *cases_of(reply(25 * H), reply(H))], [], NOW, TORONTO)
    assert [(lapse.case_id, lapse.deadline.rule, lapse.by / H) for lapse in found.lapses] == [
        (7, "C1", 86),
        (7, "H1", 7),
        (7, "C1", 6),
        (1, "C1", 1),
    ]
    assert [(lapse.case_id, lapse.by / H) for lapse in found.worst] == [(7, 86), (1, 1)]


@pytest.mark.parametrize(
    ("met_by", "lapses"),
    [("<r1@shop.example>", 0), ("operator", 1)],
)
def test_a_resolution_that_silence_settled_late_is_no_lapse_of_its_own(met_by, lapses):
    assert len(summary(reply(30 * H, obligation=Obligation.RESOLUTION, met_by=met_by)).lapses) == lapses


def test_a_resolution_that_the_operator_owes_is_a_lapse():
    assert len(summary(reply(obligation=Obligation.RESOLUTION)).lapses) == 1


@pytest.mark.parametrize(
    ("took", "in_time", "late", "unanswered"),
    [
        (timedelta(), 0, None, 0),
        (3 * H - M, 0, None, 0),
        (3 * H, 1, None, 0),
        (24 * H, 7, None, 0),
        (24 * H + M, None, 0, 0),
        (36 * H, None, 0, 0),
        (36 * H + M, None, 1, 0),
        (48 * H, None, 1, 0),
        (72 * H, None, 2, 0),
        (None, None, None, 1),
    ],
)
def test_a_reply_falls_into_one_step_of_the_time_allowed(took, in_time, late, unanswered):
    found = distribution([reply(took)])
    assert found.in_time == tuple(int(place == in_time) for place in range(8))
    assert found.late == tuple(int(place == late) for place in range(3))
    assert (found.unanswered, found.allowed) == (unanswered, 24 * H)


def test_under_two_versions_of_a_policy_there_is_no_one_time_allowed():
    found = distribution([reply(12 * H), reply(24 * H, allowed=48 * H), reply(began=110 * H)])
    assert found.allowed is None
    assert found.in_time == (0, 0, 0, 0, 2, 0, 0, 0)


def test_findings_are_counted_by_code_those_without_a_case_too():
    cases = [
        (1, case(findings=(finding(code=Code.THIN_REPLY), finding(code=Code.JUNKED, mended_by="<r1@shop.example>"))))
    ]
    loose = [finding(code=Code.FORBIDDEN_CONTACT), finding(code=Code.FORBIDDEN_CONTACT)]
    found = summarize(cases, loose, NOW, TORONTO).findings
    assert [(one.rule, one.code, one.count, one.mended) for one in found] == [
        ("O2", "forbidden_contact", 2, 0),
        ("M1", "junked", 1, 1),
        ("Q1", "thin_reply", 1, 0),
    ]


def test_hours_and_weekdays_are_those_of_the_reader():
    """04:30 UTC of Tuesday is 23:30 on Monday in Toronto."""
    found = summary(reply(13.5 * H, began=13.5 * H))
    assert [hour for hour, slot in enumerate(found.hours) if slot.received] == [23]
    assert [day for day, slot in enumerate(found.weekdays) if slot.received] == [0]
    assert [hour for hour, slot in enumerate(found.hours) if slot.answered] == [13]
    utc = summary(reply(13.5 * H, began=13.5 * H), zone=ZoneInfo("UTC"))
    assert [day for day, slot in enumerate(utc.weekdays) if slot.received] == [1]


def test_one_reply_that_answers_three_messages_is_one_answer():
    same = {"met_by": "<r1@shop.example>", "met_at": START + 5 * H}
    found = summary(*(reply(5 * H - began * H, began=began * H, **same) for began in (0, 1, 2)))
    assert sum(slot.received for slot in found.hours) == 3
    assert sum(slot.answered for slot in found.hours) == 1


def test_what_came_in_an_hour_and_lapsed():
    found = summary(reply(H), reply(30 * H), reply(), reply(status=Status.WAIVED))
    slot = found.hours[10]
    assert (slot.received, slot.lapsed) == (3, 2)


def test_months_are_local_and_in_order():
    october = timedelta(days=-2)
    edge = datetime(2026, 11, 1, 3, 30, tzinfo=UTC) - START  # 23:30 of 31 October in Toronto
    found = summary(reply(H), reply(H, began=october), reply(30 * H, began=edge), reply(H, began=timedelta(days=-40)))
    assert [(month, replies.tally.decided, replies.tally.rate) for month, replies in found.months] == [
        ("2026-09", 1, 1.0),
        ("2026-10", 2, 0.5),
        ("2026-11", 1, 1.0),
    ]


def test_the_form_of_nothing_has_every_name():
    """The names are what dashboards rely on."""
    form = summary_form(summarize([], [], NOW, TORONTO))
    assert json.loads(json.dumps(form)) == form
    assert form["replies"] == {
        "owed": 0,
        "met": 0,
        "late": 0,
        "overdue": 0,
        "running": 0,
        "doubtful": 0,
        "waived": 0,
        "rate": None,
        "rate_48h": None,
        "answered_in_48h": 0,
        "decided_at_48h": 0,
        "answered": 0,
        "median_seconds": None,
        "p90_seconds": None,
        "longest_seconds": None,
    }
    assert (form["cases"], form["first_opened_at"], form["timezone"]) == (0, None, "America/Toronto")
    assert set(form["kinds"]) == {"consumer_protection", "complaint", "walmart_agent", "customer"}
    assert set(form["states"]) == {state.value for state in State}
    assert (len(form["hours"]), len(form["weekdays"]), form["months"], form["lapses"]) == (24, 7, [], [])


def test_the_form_writes_shares_times_and_lapses():
    form = summary_form(summary(reply(H), reply(2 * H), reply(30 * H)))
    assert (form["replies"]["rate"], form["replies"]["median_seconds"], form["replies"]["p90_seconds"]) == (
        0.6667,
        7200,
        108_000,
    )
    assert form["lapses"] == [
        {
            "case": 3,
            "kind": "customer",
            "order_id": "600000012345678",
            "obligation": "reply",
            "rule": "C1",
            "status": "late",
            "started_at": "2026-11-02T15:00:00Z",
            "due_at": "2026-11-03T15:00:00Z",
            "met_at": "2026-11-03T21:00:00Z",
            "late_by_seconds": 21_600,
        }
    ]


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        summarize([], [], NOW.replace(tzinfo=None), TORONTO)


@given(
    st.lists(
        st.builds(
            reply,
            st.none() | st.timedeltas(min_value=timedelta(), max_value=60 * H),
            began=st.timedeltas(min_value=timedelta(), max_value=timedelta(days=4)),
            kind=st.sampled_from(list(Kind)),
        ),
        max_size=25,
    )
)
def test_every_view_counts_the_same_replies(deadlines):
    found = summary(*deadlines)
    owed = found.replies.tally
    assert sum(owed_.tally.owed for owed_ in found.by_kind.values()) == owed.owed == len(deadlines)
    assert sum(replies.tally.owed for _, replies in found.months) == owed.owed
    assert sum(slot.received for slot in found.hours) == sum(slot.received for slot in found.weekdays) == owed.owed
    assert sum(slot.lapsed for slot in found.hours) == owed.lapsed == len(found.lapses)
    drawn = [(*one.in_time, *one.late, one.unanswered) for one in found.distributions.values()]
    assert sum(map(sum, drawn)) == owed.decided
    assert found.replies.times.count == owed.met + owed.late
    shuffled = [(number, replace(one)) for number, one in reversed(cases_of(*deadlines))]
    assert summarize(shuffled, [], NOW, TORONTO) == found
