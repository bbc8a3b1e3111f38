"""What is kept of a case of which not all messages were looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lab_notices import NOW, case, deadline, finding

from relaywatch.core.cases.case import Assessment, Code, Doubt, Obligation, State, Status
from relaywatch.core.cases.partial import answers_of_old, weighed_to
from relaywatch.core.cases.partial import with_the_rest as with_the_rest_and

HOUR = timedelta(hours=1)
OLD, NEW = 7, 9  # rows of the seller's messages: what was there when the deadline was judged last, and what came then
SENT = {"old": OLD, "new": NEW}


def with_the_rest(judged, before, seen, now):
    return with_the_rest_and(judged, before, seen, now, {})


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


def assessed(key, said="", sign="money"):
    return Assessment(
        message_id=f"<{key}@shop.example>",
        message_key=key,
        at=NOW - HOUR,
        answer="counts",
        signs=((sign, 3.0, ""),),
        said=said,
    )


def met(by, status=Status.MET, **changes):
    return replace(deadline(**changes), status=status, met_at=NOW - HOUR, met_by=by)


def unmet(status=Status.RUNNING, **changes):
    return replace(deadline(**changes), status=status, weighed_to=OLD)


OF_OLD, OF_NEW = "<old@shop.example>", "<new@shop.example>"


@pytest.mark.parametrize(
    ("before", "now", "assessment", "found"),
    [
        pytest.param(unmet(), met(OF_OLD), assessed("old"), "running", id="by what was there"),
        pytest.param(unmet(Status.OVERDUE), met(OF_OLD, Status.LATE), assessed("old"), "overdue", id="late by that"),
        pytest.param(unmet(Status.DOUBTFUL), met(OF_OLD), assessed("old"), "doubtful", id="by what was in doubt"),
        pytest.param(unmet(rule="H1"), met(OF_OLD, rule="H1"), assessed("old"), "running", id="a hand-over"),
        pytest.param(unmet(), met(OF_NEW), assessed("new"), "met", id="by what came then"),
        pytest.param(unmet(), met(OF_OLD), assessed("old", said="confirm"), "met", id="a person said that it counts"),
        pytest.param(unmet(), met(OF_OLD), assessed("old", sign="confirmed"), "met", id="and so of the same words"),
        pytest.param(unmet(), met("operator", Status.LATE), assessed("old"), "late", id="answered elsewhere"),
        pytest.param(unmet(), replace(deadline(), status=Status.WAIVED), assessed("old"), "waived", id="waived"),
        pytest.param(met(OF_OLD), met(OF_OLD), assessed("old"), "met", id="it was met"),
        pytest.param(met(OF_OLD), unmet(), assessed("old"), "running", id="it is met no more"),
        pytest.param(deadline(key="other"), met(OF_OLD), assessed("old"), "met", id="there was no such deadline"),
    ],
)
def test_what_was_there_when_a_deadline_was_unmet_settles_it_no_more(before, now, assessment, found):
    judged = case(now, assessments=(assessment,), state=State.ANSWERED)
    whole = with_the_rest_and(judged, case(before), {"asked", "other"}, NOW, SENT)
    (one,) = whole.deadlines
    assert (one.status, one.met_at is not None) == (found, found in ("met", "late"))
    assert (whole.state is State.OPEN) == (found in ("running", "overdue", "doubtful"))


def test_what_was_held_back_lapses():
    judged = case(met(OF_OLD), assessments=(assessed("old"),))
    (found,) = with_the_rest_and(judged, case(unmet()), {"asked"}, NOW + 2 * HOUR, SENT).deadlines
    assert (found.status, found.met_by, found.weighed_to) == (Status.OVERDUE, None, OLD)


def test_whose_it_is_that_was_held_back_is_told_by_its_messages():
    """The store does not keep it."""
    judged = case(replace(met(OF_OLD), whose=(frozenset({"jordan"}),)), assessments=(assessed("old"),))
    (found,) = with_the_rest_and(judged, case(unmet()), {"asked"}, NOW, SENT).deadlines
    assert found.whose == (frozenset({"jordan"}),)


def test_a_doubt_stays_with_its_deadline():
    doubt = Doubt(message_id=OF_OLD, message_key="old", at=NOW, why=("short",))
    judged = case(met(OF_OLD), assessments=(assessed("old"),))
    before = case(replace(unmet(Status.DOUBTFUL), doubt=doubt))
    (found,) = with_the_rest_and(judged, before, {"asked"}, NOW, SENT).deadlines
    assert found.doubt == doubt


@pytest.mark.parametrize(("by", "found"), [(OF_NEW, "met"), (OF_OLD, "running")])
def test_where_an_old_answer_would_settle_it_a_new_one_still_may(by, found):
    judged = case(met(OF_OLD), assessments=(assessed("old"), assessed("new")))
    again = case(met(by), assessments=(assessed("old"), assessed("new")))
    (one,) = with_the_rest_and(judged, case(unmet()), {"asked"}, NOW, SENT, again).deadlines
    assert (one.status, one.met_by) == (found, OF_NEW if found == "met" else None)


def test_which_answers_are_of_old():
    judged = case(met(OF_OLD), assessments=(assessed("old"), assessed("new")))
    assert answers_of_old(judged, [case(unmet())], SENT) == {"old"}
    assert answers_of_old(judged, [case(met(OF_OLD))], SENT) == set()
    assert answers_of_old(None, [case(unmet())], SENT) == set()
    said = case(met(OF_OLD), met("<x@shop.example>", key="b"), assessments=(assessed("old", said="confirm"),))
    assert answers_of_old(said, [case(unmet(), unmet(key="b"))], {**SENT, "x": 3}) == {"x"}


@pytest.mark.parametrize(
    ("by", "started", "found"),
    [
        pytest.param(OF_OLD, 0, "running", id="by time, while a reply is owed"),
        pytest.param("operator", 0, "met", id="the operator said so"),
        pytest.param(OF_OLD, 2, "met", id="before that was asked"),
    ],
)
def test_no_resolution_is_settled_by_time_while_a_reply_is_owed_of_before(by, started, found):
    asked = replace(deadline(key="old"), started_at=NOW + (started - 2) * HOUR)
    later = replace(asked, started_key="later", started_at=NOW + HOUR)
    settled = met(by, key="new", obligation=Obligation.RESOLUTION)
    for owed in ([asked], [later, asked]):
        before = case(*owed, unmet(key="new", obligation=Obligation.RESOLUTION))
        whole = with_the_rest_and(case(settled), before, {"new"}, NOW, SENT)
        assert {one.obligation: one.status for one in whole.deadlines}[Obligation.RESOLUTION] == found


def test_up_to_which_answer_a_deadline_was_judged():
    before = case(replace(deadline(key="seen"), weighed_to=OLD), replace(deadline(key="rest"), weighed_to=OLD))
    judged = case(deadline(key="seen"), deadline(key="rest"), deadline(key="first"))

    def rows(row):
        return {
            one.started_key: one.weighed_to for one in weighed_to(judged, [before], {"seen", "first"}, row).deadlines
        }

    assert rows(NEW) == {"seen": NEW, "rest": OLD, "first": NEW}
    assert rows(1) == {"seen": OLD, "rest": OLD, "first": 1}
