"""What was wrong with a reply, which deadline it left open, and what a report takes back (policy C4, Q1, Q4, Q6)."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.bounced import bounces_of
from relaywatch.core.classes.bounce import REFUSED_BY_WALMART
from relaywatch.core.mail.message import Mail

ROBIN = c.customer(1, "c2", who=2, order=c.OTHER_ORDER)
OF_ROBIN = c.sent(4, c.relay(2), "r2", answers="c2")


def thin(hours: float, to: str | tuple[str, ...] = (), mid: str = "r1", **fields: object) -> Mail:
    return c.sent(hours, to or c.relay(), mid, **{"own_words": "Ok.", "answers": ()} | fields)


def wrong(*mails: Mail, now: float = 5, **standard: object) -> list[tuple[str, str | None, str | None]]:
    """Return what was wrong, with which mail, and the message whose deadline it left open."""
    ids = {mail.message.key: mail.message.message_id for mail in mails}
    found = c.case_of(mails, now, **standard).findings
    return [(one.code.value, one.message_id, ids.get(one.affects or "")) for one in found]


@pytest.mark.parametrize(
    ("mails", "found"),
    [
        pytest.param([thin(-1), c.customer(), thin(1, mid="r3")], [("<r3>", "<c1>")], id="one that came after it"),
        pytest.param([c.customer(), ROBIN, thin(3, c.relay(2))], [("<r1>", "<c2>")], id="of two, whose it is"),
        pytest.param([c.agent(), thin(1, c.SMITH)], [("<r1>", "<a1>")], id="to an agent, naming nothing"),
        pytest.param(
            [c.complaint(0, "x", author="no-reply@walmart.com", own_words=f"Order {c.ORDER}"), ROBIN, thin(3)],
            [("<r1>", "<x>")],
            id="to whom nobody saw write, about a machine's complaint",
        ),
    ],
)
def test_policy_q1_a_thin_reply_leaves_open(mails, found):
    assert wrong(*mails) == [("thin_reply", *one) for one in found]


def test_policy_q1_what_is_thin_for_two_is_not_mended_by_an_answer_to_one():
    both = thin(3, (c.relay(1), c.relay(2)))
    assert wrong(c.customer(), ROBIN, both, c.sent(4, mid="r3")) == [("thin_reply", "<r1>", "<c2>")]
    assert wrong(c.customer(), ROBIN, both, OF_ROBIN) == [("thin_reply", "<r1>", "<c1>")]


@pytest.mark.parametrize(
    ("to", "found"), [(c.SMITH, ["internal_not_informed"]), ("kiln@supplier.example", [])], ids=["agent", "supplier"]
)
def test_policy_q4_people_must_learn_of_what_answers_an_agent_and_of_nothing_else(to, found):
    parties = replace(c.PARTIES, internal=frozenset({c.BOSS}))
    assert [code for code, *_ in wrong(c.agent(), c.sent(1, to, own_words=c.TO_AGENT), parties=parties)] == found


def refusal(hours: float, subject: str = "Your message") -> Mail:
    """What the relay says in plain words, without saying of which message."""
    mail = c.bounce(hours, None, subject=subject)
    message = replace(mail.message, author="no-reply@relay.walmart.ca")
    return Mail(message, replace(mail.verdict, rule=REFUSED_BY_WALMART))


FIRST, SECOND = c.sent(3, mid="r1", subject="Re: Mug"), c.sent(3.2, mid="r2", subject="")


@pytest.mark.parametrize(
    ("mails", "bounced"),
    [
        pytest.param([FIRST, c.bounce(3.1, None, c.relay()), SECOND], FIRST, id="the latest before it"),
        pytest.param([c.bounce(3.1, None, c.relay()), SECOND], SECOND, id="one that a slow clock put behind it"),
        pytest.param([FIRST, c.sent(3.5, c.SMITH, "r2"), refusal(4)], FIRST, id="the latest through the relay"),
        pytest.param([FIRST, SECOND, refusal(4)], SECOND, id="of two"),
        pytest.param([FIRST, SECOND, refusal(4, "Refused: Re: Mug")], FIRST, id="whose subject it bears"),
    ],
)
def test_policy_q6_a_report_that_names_no_message_is_of(mails, bounced):
    assert bounces_of(mails).keys() == {bounced.message.key}


def test_policy_c4_an_answer_to_one_of_an_agents_mails_meets_the_other_but_no_one_hour_complaint():
    mails = [c.agent(subject="Label"), c.agent(0.5, "a2", subject="Invoice"), c.bureau(1, subject="Urgent")]
    answer = c.sent(1.3, c.SMITH, answers="a2", subject="Re: Invoice")
    assert c.stands(c.case_of([*mails, answer], 1.5)) == [("C4", "running", 2), ("C2", "met", 24), ("C2", "met", 24.5)]


def test_policy_c4_what_did_not_reach_all_of_its_people_meets_a_one_hour_complaint_only_by_naming_it():
    mails = [c.bureau(subject="Urgent", cc=(c.PATEL,)), c.agent(0.5, subject="Label")]
    free = c.sent(0.6, c.SMITH, answers=(), subject="Our answer")
    assert c.stands(c.case_of([*mails, free], 0.8)) == [("C4", "running", 1), ("C2", "met", 24.5)]


def test_policy_q3_an_agent_who_asked_for_answers_elsewhere_is_answered_on_their_other_mail_where_they_got_it():
    mails = [c.agent(cc=(c.PATEL,)), c.agent(1, "a2", reply_to=("desk@agency.example",), subject="Label")]
    both = c.sent(2, ("desk@agency.example", c.SMITH), answers="a2", subject="Re: Label")
    alone = c.sent(2, "desk@agency.example", answers="a2", subject="Re: Label")
    assert c.stands(c.case_of([*mails, both], 3)) == [("C2", "met", 24), ("C2", "met", 25)]
    assert c.stands(c.case_of([*mails, alone], 3)) == [("C2", "running", 24), ("C2", "met", 25)]
