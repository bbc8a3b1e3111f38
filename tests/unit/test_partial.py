"""What is kept of a case of which not all messages were looked at."""

from dataclasses import replace
from datetime import timedelta

from lab_notices import NOW, case, deadline, finding

from relaywatch.core.case import Code, Obligation, State, Status
from relaywatch.core.partial import with_the_rest

HOUR = timedelta(hours=1)


def test_a_deadline_of_what_was_not_looked_at_stays_and_keeps_the_case_open():
    before = case(deadline(key="old"), deadline(key="new"))
    judged = case(replace(deadline(key="new"), status=Status.MET), state=State.ANSWERED, messages=3)
    found = with_the_rest(judged, replace(before, messages=9), {"new"}, NOW)
    assert [(one.started_key, one.status) for one in found.deadlines] == [("old", "running"), ("new", "met")]
    assert (found.state, found.messages) == (State.OPEN, 9)


def test_it_can_lapse_and_nothing_else():
    before = case(deadline(key="old"), replace(deadline(key="met"), status=Status.MET))
    found = with_the_rest(case(deadline(key="new")), before, {"new"}, NOW + 2 * HOUR)
    assert {one.started_key: one.status.value for one in found.deadlines} == {
        "old": "overdue",
        "met": "met",
        "new": "running",
    }


def test_what_was_looked_at_is_as_it_was_judged():
    before = case(deadline(key="seen"), findings=(finding(Code.THIN_REPLY),))
    judged = case(replace(deadline(key="seen"), status=Status.WAIVED), state=State.WAIVED)
    assert with_the_rest(judged, before, {"seen", "answer"}, NOW) == judged
    assert with_the_rest(judged, None, {"seen"}, NOW) == judged


def test_findings_of_what_was_not_looked_at_stay():
    before = case(deadline(key="seen"), findings=(finding(Code.THIN_REPLY),))
    found = with_the_rest(case(deadline(key="seen")), before, {"seen"}, NOW)
    assert [one.code for one in found.findings] == [Code.THIN_REPLY]


def test_a_resolution_that_is_settled_is_told_by_what_was_looked_at():
    settled = replace(deadline(key="old", obligation=Obligation.RESOLUTION), status=Status.MET)
    found = with_the_rest(case(deadline(key="new")), case(deadline(key="new"), settled), {"new"}, NOW)
    assert [one.started_key for one in found.deadlines] == ["new"]


def test_where_nothing_that_was_looked_at_opens_a_case_the_rest_does():
    before = case(deadline(key="old"), deadline(key="seen"))
    found = with_the_rest(None, before, {"seen"}, NOW)
    assert [one.started_key for one in found.deadlines] == ["old"]
    assert with_the_rest(None, before, {"seen", "old"}, NOW) is None
