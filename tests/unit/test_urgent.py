"""policy C4 and its reading: a one-hour complaint is met by a reply that answers it, names it, or comes after it
to the same people without answering another mail."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.urgent import numbers_of

FIRST = "Case 10293847: customer awaiting your response"
URGENT = "Case 10293847: urgent"
BUREAU = "The Better Business Bureau sent us complaint 44012771 on November 13, 2026. Call 905-555-0199."


def asked(*more):
    """An agent's mail, then the same agent's one-hour complaint within the same case."""
    return [c.agent(subject=FIRST), c.bureau(1, subject=URGENT, own_words=BUREAU), *more]


def reply(hours=1.3, **fields):
    values = {"answers": (), "subject": "Our answer"}
    return c.sent(hours, fields.pop("to", c.SMITH), fields.pop("mid", "r1"), **values | fields)


def c4(mails, now=1.5):
    case = c.case_of(mails, now)
    (status,) = [d.status.value for d in c.deadlines(case) if d.rule == "C4" and d.started_by == "<b1>"]
    return status


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"answers": "b1", "subject": f"Re: {URGENT}"}, id="answers it"),
        pytest.param({"answers": ("b1", "a1")}, id="names it in References"),
        pytest.param({"answers": ("a1", "b1")}, id="answers it in a longer thread"),
        pytest.param({}, id="comes after it and answers nothing"),
        pytest.param({"subject": f"Odp: {URGENT} [#12]"}, id="bears its subject"),
        pytest.param({"answers": "a1", "subject": f"Re: {URGENT}"}, id="bears its subject, in another thread"),
        pytest.param({"answers": "a1", "own_words": f"As to complaint 44012771: {c.TO_AGENT}"}, id="its file's number"),
        pytest.param({"answers": "lost", "subject": f"Re: {URGENT}"}, id="a lost mail, under its subject"),
        pytest.param({"answers": "a1", "rest": f"> {BUREAU}"}, id="quotes it"),
    ],
)
def test_policy_c4_met_by(fields):
    assert c4(asked(reply(**fields))) == "met"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"answers": "a1", "subject": f"Re: {FIRST}"}, id="answers the earlier mail"),
        pytest.param({"subject": f"Odp: {FIRST}"}, id="bears the earlier mail's subject"),
        pytest.param({"answers": "a1", "own_words": f"Case 10293847: {c.TO_AGENT}"}, id="names the case of both"),
        pytest.param(
            {"answers": "a1", "rest": "> On Nov 13, 2026 John wrote (905-555-0199):"}, id="a date, a telephone"
        ),
        pytest.param({"answers": "lost"}, id="answers a lost mail"),
        pytest.param({"hours": 0.9}, id="came before it"),
        pytest.param({"to": c.PATEL}, id="went to another agent"),
        pytest.param({"answers": "b1", "own_words": "Ok."}, id="is thin"),
    ],
)
def test_policy_c4_not_met_by(fields):
    assert c4(asked(reply(**fields))) == "running"


def test_policy_c4_the_earlier_mail_is_met_all_the_same():
    case = c.case_of(asked(reply(answers="a1", subject=f"Re: {FIRST}")), 1.5)
    assert c.stands(case) == [("C4", "running", 2), ("C2", "met", 24)]


def test_policy_c4_an_answer_to_it_meets_the_earlier_mail_too():
    case = c.case_of(asked(reply(answers="b1", subject=f"Re: {URGENT}")), 1.5)
    assert sorted(c.stands(case)) == [("C2", "met", 24), ("C4", "met", 2)]


def test_policy_c4_no_subject_is_not_the_same_subject():
    mails = [c.agent(subject=""), c.bureau(1, subject="")]
    assert c4([*mails, reply(answers="a1", subject="Re:")]) == "running"


def test_policy_c4_what_has_no_subject_is_not_named_by_a_reply_without_one():
    mails = [c.agent(subject=FIRST), c.bureau(1, subject="", own_words=BUREAU)]
    assert c4([*mails, reply(answers="a1", subject="Re:")]) == "running"
    assert c4([*mails, reply(answers="b1", subject="Re:")]) == "met"


def test_policy_c4_who_goes_on_in_its_thread_names_it():
    label = c.agent(1.2, "a2", answers="b1", subject="Your return label", own_words="Please send us the label.")
    answer = reply(answers=("b1", "a2"), subject="Re: Your return label", own_words="The label is on its way to you.")
    assert c4(asked(label, answer)) == "met"


def test_policy_c4_under_the_same_subject_only_a_reply_to_it_or_to_none():
    mails = [c.agent(subject=FIRST), c.bureau(1, subject=f"RE: {FIRST}")]
    assert c4([*mails, reply(answers="a1", subject=f"Re: {FIRST}")]) == "running"
    assert c4([*mails, reply(answers="b1", subject=f"Re: {FIRST}")]) == "met"
    assert c4([*mails, reply(subject=f"Re: {FIRST}")]) == "met"


def test_policy_c4_an_answer_to_a_later_mail_of_the_same_matter_meets_it():
    later = c.agent(1.2, "a2", subject=f"RE: {URGENT}", own_words="One thing more: she wants the money back.")
    assert c4(asked(later, reply(answers="a2", subject=f"Re: {URGENT}"))) == "met"
    label = c.agent(1.2, "a2", subject="Your return label", own_words="Please send us the label.")
    assert c4(asked(label, reply(answers="a2", subject="Re: Your return label"))) == "running"


def test_policy_c4_what_follows_the_sellers_own_reply_answers_what_that_answered():
    first = reply(0.5, answers="a1", subject=f"Re: {FIRST}")
    assert c4(asked(first, reply(mid="r2", answers="r1", subject=f"Re: {FIRST}"))) == "running"


def test_policy_c4_reply_all_to_an_earlier_mail_with_the_same_people_is_not_enough():
    mails = [c.agent(cc=(c.PATEL,)), c.bureau(1, subject=URGENT, cc=(c.PATEL,))]
    assert c4([*mails, reply(to=(c.SMITH, c.PATEL), answers="a1", subject=f"Re: {FIRST}")]) == "running"
    assert c4([*mails, reply(to=(c.SMITH, c.PATEL), answers="b1")]) == "met"
    assert c4([*mails, reply(to=c.SMITH, answers="b1")]) == "running"


def test_policy_c4_words_that_were_forgotten_say_nothing_against_a_reply():
    answer = reply(answers="a1")
    old = replace(answer, message=replace(answer.message, own_words="", subject="", forgotten=True))
    assert c4(asked(old)) == "met"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("complaint 44012771", {"44012771"}),
        ("plainte no 2026-44012", {"2026-44012"}),
        ("file BBB-22871 and dossier 55121", {"BBB-22871", "55121"}),
        ("file AB1234 and BBB-123456789012, not AB123", {"AB1234", "BBB-123456789012"}),  # from 4 to 12 digits
        (f"order {c.ORDER}, item 6000204338910", set()),
        ("on 2026-11-13 at 16:30, 13-11-2026, 20261113, in 2026, 905-555-0199, 555-0199, $1250", set()),
    ],
)
def test_numbers_of_cases_and_files(words, expected):
    assert numbers_of(c.agent(subject="x", own_words=words).message) == expected
