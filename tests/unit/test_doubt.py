"""A reply that may not count is said to be doubtful, and a person is asked (interface: Deadlines)."""

from dataclasses import replace
from itertools import permutations

import cast as c
import pytest

from relaywatch.core.cases.case import Obligation, State, Statement, Status, Verb
from relaywatch.core.cases.form import case_form, most_urgent_first
from relaywatch.core.cases.judge import Basis
from relaywatch.core.due.warning import next_look_at, warnings_due
from relaywatch.core.language.signs import Answer, SignTable
from relaywatch.core.policy import Policy

# Any reply that is no courtesy is doubtful to this table but for one that gives a measure: what a reply is worth is
# not tested here.
TEXT, SURE, POOR = "It may be so, and then again it may be otherwise.", "It holds 750 ml, the chip and all.", "Ok."


def table():
    real = c.rules().signs
    weights = {"measure": 9.0, "courtesy": -9.0, "empty": -9.0, "says_little": -9.0}
    signs = {name: replace(sign, weight=weights.get(name, 0.0)) for name, sign in real.signs.items()}
    return SignTable(signs=signs, base=0.0, counts=1.0, does_not=-1.0)


@pytest.fixture(autouse=True)
def unsure(monkeypatch):
    rules = replace(c.rules(), signs=table())
    monkeypatch.setattr(c, "basis", lambda **given: Basis(given.get("policy") or Policy(), c.PARTIES, rules))


def maybe(hours=2, mid="r1", **fields):
    return c.sent(hours, mid=mid, own_words=TEXT, **fields)


def says(verb, mail, hours):
    return Statement(verb=verb, at=c.at(hours), note="", said_at=c.at(hours), message_key=mail.message.key)


def reply_of(case):
    (found,) = c.deadlines(case)
    return found


def test_something_was_sent_that_may_not_count():
    case = c.case_of([c.customer(), maybe()], 5)
    found = reply_of(case)
    assert (found.status, found.met_at, found.met_by) == (Status.DOUBTFUL, None, None)
    assert (found.doubt.message_id, found.doubt.at) == ("<r1>", c.at(2))
    assert (case.state, c.codes(case)) == (State.OPEN, [])
    form = case_form(1, case)
    told = next(one for one in form["deadlines"] if one["obligation"] == "reply")
    assert set(told["doubt"]) == {"message_id", "at", "why"}
    assert (form["replies"][0]["answer"], form["replies"][0]["said"]) == (Answer.DOUBTFUL.value, None)


def test_it_stays_so_past_due():
    assert reply_of(c.case_of([c.customer(), maybe()], 500)).status is Status.DOUBTFUL


def test_it_is_sorted_as_unmet():
    doubtful, answered = c.case_of([c.customer(), maybe()], 5), c.case_of([c.customer(), c.sent(2, own_words=SURE)], 5)
    running = c.case_of([c.customer(1)], 5)
    order = most_urgent_first([(1, answered), (2, running), (3, doubtful)])
    assert [number for number, _ in order] == [3, 2, 1]
    mails = [c.customer(), c.sent(1, own_words=SURE), c.customer(2, "c2"), maybe(3, answers="c2")]
    assert [status for _, status, _ in c.stands(c.case_of(mails, 5))] == ["doubtful", "met"]


def test_silence_does_not_resolve_it():
    for hours in (5, 30, 500):
        case = c.case_of([c.customer(), maybe()], hours)
        (resolution,) = c.deadlines(case, Obligation.RESOLUTION)
        assert resolution.status.unmet
        assert case.state is State.OPEN


@pytest.mark.parametrize(("hours", "status"), [(2, Status.MET), (25, Status.LATE)])
def test_confirmed_it_is_met_as_of_that_reply(hours, status):
    mail = maybe(hours)
    case = c.case_of([c.customer(), mail], 60, says(Verb.CONFIRM, mail, 50))
    found = reply_of(case)
    assert (found.status, found.met_at, found.met_by, found.doubt) == (status, c.at(hours), "<r1>", None)
    assert case_form(1, case)["replies"][0]["said"] == "confirm"
    assert c.codes(case) == []


def test_rejected_it_is_owed_and_keeps_a_finding():
    mail = maybe()
    case = c.case_of([c.customer(), mail], 5, says(Verb.REJECT, mail, 4))
    assert reply_of(case).status is Status.RUNNING
    assert len(c.codes(case)) == 1
    assert set(c.codes(case)) <= {"thin_reply", "automatic_reply"}
    assert case.assessments[0].said == "reject"
    assert reply_of(c.case_of([c.customer(), mail], 30, says(Verb.REJECT, mail, 4))).status is Status.OVERDUE


def test_the_last_that_was_said_holds():
    mail = maybe()
    said = [says(Verb.REJECT, mail, 3), says(Verb.CONFIRM, mail, 4)]
    for order in permutations(said):
        assert reply_of(c.case_of([c.customer(), mail], 5, *order)).status is Status.MET
    assert reply_of(c.case_of([c.customer(), mail], 5, *said, says(Verb.REJECT, mail, 4.5))).status is Status.RUNNING


def test_what_a_person_says_outweighs_signs_either_way():
    good, poor = c.sent(2, own_words=SURE), c.sent(2, own_words=POOR)
    assert reply_of(c.case_of([c.customer(), good], 5, says(Verb.REJECT, good, 4))).status is Status.RUNNING
    assert reply_of(c.case_of([c.customer(), poor], 5, says(Verb.CONFIRM, poor, 4))).status is Status.MET


def test_what_is_said_of_another_reply_changes_nothing():
    mail, other = maybe(), c.sent(3, mid="r9", own_words=SURE)
    assert reply_of(c.case_of([c.customer(), mail], 5, says(Verb.CONFIRM, other, 4))).status is Status.DOUBTFUL


@pytest.mark.parametrize("hours", [1, 3])
def test_another_reply_that_counts_wins(hours):
    mails = [c.customer(), maybe(), c.sent(hours, mid="r2", own_words=SURE)]
    found = reply_of(c.case_of(mails, 5))
    assert (found.status, found.met_by, found.doubt) == (Status.MET, "<r2>", None)


def test_answered_by_other_means():
    assert reply_of(c.case_of([c.customer(), maybe()], 5, c.says(Verb.ANSWERED, 4))).status is Status.MET


def test_the_next_message_of_theirs_runs_on():
    case = c.case_of([c.customer(), maybe(), c.customer(3, "c2")], 5)
    assert {(one.started_by, one.status.value) for one in c.deadlines(case)} == {
        ("<c1>", "doubtful"),
        ("<c2>", "running"),
    }


def test_one_that_does_not_count_is_no_doubt():
    case = c.case_of([c.customer(), c.sent(2, own_words=POOR)], 5)
    assert (reply_of(case).status, c.codes(case)) == (Status.RUNNING, ["thin_reply"])


def test_the_order_of_arrival_does_not_matter():
    mails = [c.customer(), maybe(), c.customer(3, "c2"), maybe(4, "r2", answers="c2")]
    said = says(Verb.CONFIRM, mails[1], 5)
    cases = [c.case_of(order, 6, said) for order in permutations(mails)]
    assert all(case == cases[0] for case in cases)


# ---- its warnings ----


def steps(mails, start, end, *said):
    """Which steps fall due from hour to hour, in order, each once."""
    found = {}
    for quarter in range(start * 4, end * 4 + 1):
        case = c.case_of(mails, quarter / 4, *said)
        for due in warnings_due(case, Policy(), c.at(quarter / 4)):
            found.setdefault(due.key, due.step)
    return list(found.values())


def test_the_last_two_steps_and_the_lapse():
    everything = steps([c.customer()], 0, 25)
    quiet = steps([c.customer(), maybe(0.1)], 1, 25)
    assert everything[-1] == "due"
    assert quiet == everything[-3:]
    assert len(everything) > len(quiet)


def test_policy_c4_all_of_its_steps():
    mails = [c.bureau(), c.sent(0.05, c.SMITH, answers="b1", own_words=TEXT)]
    assert reply_of(c.case_of(mails, 0.5)).status is Status.DOUBTFUL
    assert steps(mails, 0, 2)[-1] == "due"
    assert set(steps(mails, 0, 2)) == set(steps(mails[:1], 0, 2))


def test_confirmed_nothing_is_said_any_more():
    mail = maybe()
    assert steps([c.customer(), mail], 5, 30, says(Verb.CONFIRM, mail, 5)) == []


def test_rejected_the_whole_ladder_speaks():
    mail = maybe(0.1)
    found = steps([c.customer(), mail], 1, 25, says(Verb.REJECT, mail, 1))
    assert [step for step in found if not step.startswith("finding")] == steps([c.customer()], 1, 25)


def test_it_is_looked_at_again_when_it_is_to_speak():
    mails, moment, spoken = [c.customer(), maybe()], c.at(5), []
    while moment is not None and moment <= c.at(24):
        case = c.case_of(mails, c.hours_of(moment))
        spoken += [due.step for due in warnings_due(case, Policy(), moment) if due.step not in spoken]
        moment = next_look_at(case, Policy(), moment)
    assert spoken == steps(mails, 5, 24)
