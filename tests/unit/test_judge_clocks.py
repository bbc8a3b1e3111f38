"""policy C1 to C6: whose message starts which clock, and what stops it."""

from dataclasses import replace
from datetime import timedelta

import cast as c
import pytest

from relaywatch.core.cases.case import State
from relaywatch.core.mail.message import Class, Folder, Role
from relaywatch.core.policy import WALMART_CANADA, Kind, Policy

NIGHT_OF_DST = 24 * 120  # March 2027: the clocks of Toronto move within the day that follows


@pytest.mark.parametrize(
    ("mail", "kind", "rule", "due"),
    [
        pytest.param(c.customer(), "customer", "C1", 24, id="policy C1"),
        pytest.param(c.agent(), "walmart_agent", "C2", 24, id="policy C2"),
        pytest.param(c.complaint(), "complaint", "C3", 24, id="policy C3"),
        pytest.param(c.bureau(), "consumer_protection", "C4", 1, id="policy C4"),
        pytest.param(c.customer(role=Role.COMPLAINT), "customer", "C1", 24, id="a customer in the complaint mailbox"),
        pytest.param(c.bureau(role=Role.COMPLAINT), "consumer_protection", "C4", 1, id="C4 in the complaint mailbox"),
        pytest.param(c.customer(folder=Folder.JUNK), "customer", "C1", 24, id="junk starts the clock all the same"),
        pytest.param(c.customer(order=None), "customer", "C1", 24, id="policy C6: whatever was ordered"),
    ],
)
def test_each_kind_has_its_clock(mail, kind, rule, due):
    case = c.case_of([mail], due - 0.5)
    assert case.kind.value == kind
    assert c.stands(case) == [(rule, "running", due)]
    assert c.stands(c.case_of([mail], due)) == [(rule, "overdue", due)]
    assert case.state is State.OPEN


@pytest.mark.parametrize("start", [0, 9, 33.5, 24 * 9, NIGHT_OF_DST, 24 * 42 + 4.5], ids=str)
def test_policy_c5_no_clock_pauses(start):
    """Nights, weekends, Christmas and the night when the clocks change: 24 hours are 24 hours."""
    assert c.stands(c.case_of([c.customer(start)], start)) == [("C1", "running", start + 24)]


@pytest.mark.parametrize("class_", [Class.AUTOMATIC, Class.WALMART_NOTICE, Class.OTHER, Class.INTERNAL, Class.OWN])
def test_what_asks_for_nothing_opens_nothing(class_):
    mail = c.agent(class_=class_)
    assert c.judgement([mail], 30).case is None


@pytest.mark.parametrize(
    ("hours", "status", "met"),
    [
        pytest.param(0.05, "met", 0.05, id="at once"),
        pytest.param(24, "met", 24, id="in the last second"),
        pytest.param(24.01, "late", 24.01, id="policy C1: late is not overdue any more"),
    ],
)
def test_a_reply_stops_the_clock(hours, status, met):
    case = c.case_of([c.customer(), c.sent(hours)], 60)
    (deadline,) = c.deadlines(case)
    assert (deadline.status.value, c.hours_of(deadline.met_at), deadline.met_by) == (status, met, "<r1>")


def test_each_message_starts_a_clock_of_its_own():
    case = c.case_of([c.customer(), c.sent(3), c.customer(8, "c2", answers="r1")], 12)
    assert c.stands(case) == [("C1", "running", 32), ("C1", "met", 24)]
    assert case.state is State.OPEN


def test_one_reply_meets_all_that_the_customer_sent_before_it():
    mails = [c.customer(), c.customer(1, "c2"), c.customer(2, "c3", who=2), c.sent(3), c.customer(4, "c4")]
    case = c.case_of(mails, 5)
    assert [deadline.status.value for deadline in c.deadlines(case)] == ["running", "met", "met", "met"]
    assert {deadline.met_by for deadline in c.deadlines(case)} == {None, "<r1>"}


def test_a_reply_to_any_address_that_the_customer_wrote_from_will_do():
    case = c.case_of([c.customer(), c.customer(1, "c2", who=2), c.sent(3, c.relay(2))], 5)
    assert {deadline.status.value for deadline in c.deadlines(case)} == {"met"}


def test_a_reply_to_another_customer_meets_nothing():
    case = c.case_of([c.customer(), c.sent(3, c.relay(9))], 5)
    assert c.stands(case) == [("C1", "running", 24)]
    assert c.codes(case) == []


def test_a_reply_sent_before_the_message_meets_nothing():
    case = c.case_of([c.customer(4), c.sent(3, answers=())], 5)
    assert c.stands(case) == [("C1", "running", 28)]


def test_a_reply_that_lies_before_what_it_answers_was_sent_after_it():
    """A clock on one side is wrong; the reference is not."""
    case = c.case_of([c.customer(4), c.sent(3)], 5)
    (deadline,) = c.deadlines(case)
    assert (deadline.status.value, c.hours_of(deadline.met_at)) == ("met", 4)


def test_an_answer_to_the_customer_is_none_to_the_agent_and_the_other_way_round():
    mails = [c.customer(), c.agent(1, answers="c1")]
    by_customer = c.case_of([*mails, c.sent(2)], 5)
    assert c.stands(by_customer) == [("C2", "running", 25), ("C1", "met", 24)]
    by_agent = c.case_of([*mails, c.sent(2, c.SMITH)], 5)
    assert c.stands(by_agent) == [("C1", "running", 24), ("C2", "met", 25)]


def test_policy_c4_in_a_running_conversation_is_the_most_urgent():
    case = c.case_of([c.agent(), c.sent(2, c.SMITH), c.bureau(3, answers="a1")], 3.5)
    assert case.kind is Kind.CONSUMER_PROTECTION
    assert c.stands(case) == [("C4", "running", 4), ("C2", "met", 24)]


def test_policy_c3_an_escalation_from_a_machine_is_met_by_a_reply_to_the_customer():
    escalation = c.complaint(author="no-reply@walmart.com", own_words=f"** THIS IS AN ESCALATION ** order {c.ORDER}")
    known = c.case_of([escalation, c.customer(-2), c.sent(3)], 5)
    assert {deadline.status.value for deadline in c.deadlines(known)} == {"met"}
    begun = c.sent(3, c.relay(5), answers=(), subject="Your order", class_=Class.SELLER_OUTREACH)
    assert c.stands(c.case_of([escalation, begun], 5)) == [("C3", "met", 24)]
    elses = c.sent(3, c.relay(5), answers=(), subject="Re: Your mugs")
    assert c.stands(c.case_of([escalation, elses], 5)) == [("C3", "doubtful", 24)]
    silent = c.case_of([escalation, c.sent(3, c.SMITH, answers=())], 5)
    assert c.stands(silent) == [("C3", "running", 24)]


def test_policy_c3_an_escalation_from_a_machine_is_also_met_by_reply_all_to_the_people_on_it():
    escalation = c.complaint(author="no-reply@walmart.com", cc=(c.TEAM,))
    assert c.stands(c.case_of([escalation, c.sent(3, c.TEAM, answers="x1")], 5)) == [("C3", "met", 24)]
    assert c.stands(c.case_of([escalation, c.sent(3, answers=(), subject="Your order")], 5)) == [("C3", "met", 24)]


@pytest.mark.parametrize(
    ("answers", "words", "status"),
    [
        pytest.param("c1", "The glass bowl goes into the dishwasher.", "running", id="the customer's other question"),
        pytest.param("c1", "Your kettle is refunded in full today, Jordan.", "met", id="there, but of the complaint"),
        pytest.param("b1", "We are sorry that the kettle burst, 49 dollars went back.", "met", id="it names it"),
        pytest.param(
            (),
            "We are sorry that the kettle burst, 49 dollars went back.",
            "met",
            id="it names nothing",
        ),
    ],
)
def test_policy_c4_of_a_machine_is_met_by_what_answers_it(answers, words, status):
    complaint = c.bureau(
        1, author="no-reply@walmart.com", own_words="The Better Business Bureau sent us a complaint: the kettle burst."
    )
    asked = c.customer(0, own_words="Is the glass bowl safe in a dishwasher?")
    case = c.case_of([asked, complaint, c.sent(1.5, c.relay(), answers=answers, own_words=words)], 1.6)
    assert ("C4", status, 2) in c.stands(case)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("The glass bowl goes into the dishwasher, and into the oven too.", "running"),
        (
            "The glass bowl goes into the dishwasher. For the kettle that burst, 49 dollars went back to the card.",
            "met",
        ),
    ],
)
def test_policy_c4_is_not_met_by_what_a_customer_made_the_answer_name(words, status):
    complaint = c.bureau(0, own_words="The Better Business Bureau sent us a complaint: the kettle burst.")
    asked = c.customer(0.2, own_words="Is the glass bowl safe in a dishwasher?", answers="b1", cc=(c.SMITH,))
    reply = c.sent(0.4, c.relay(), answers=("b1", "c1"), cc=(c.SMITH,), own_words=words)
    assert ("C4", status, 1) in c.stands(c.case_of([complaint, asked, reply], 0.5))


@pytest.mark.parametrize(
    ("to", "cc", "status"),
    [
        pytest.param(("bob@mail.example",), (c.SMITH,), "running", id="to a stranger whose mail it cannot name"),
        pytest.param((c.SMITH, "bob@mail.example"), (), "doubtful", id="to the agent, and to somebody more"),
        pytest.param((c.SMITH,), ("bob@mail.example",), "doubtful", id="to the agent"),
        pytest.param((c.CLERK,), (c.SMITH,), "met", id="to the seller's own, with the agent in Cc"),
        pytest.param((c.TEAM,), (c.SMITH,), "met", id="to another of Walmart's"),
    ],
)
def test_an_answer_to_strangers_that_names_nothing_is_none_to_the_agent_in_cc(to, cc, status):
    parties = replace(c.PARTIES, internal=frozenset({c.CLERK}))
    case = c.case_of([c.agent(), c.sent(3, to, answers=(), cc=cc, own_words=c.TO_AGENT)], 5, parties=parties)
    assert c.stands(case) == [("C2", status, 24)]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"own_words": f"Case 10293847: {c.TO_AGENT}"}, id="has the agent's case in its own words"),
        pytest.param({"answers": "a1"}, id="names the agent's mail"),
        pytest.param({"cc": ()}, id="went to nobody else"),
    ],
)
def test_but_one_to_the_agent_that(fields):
    answer = c.sent(3, c.SMITH, **{"answers": (), "cc": ("bob@mail.example",), "own_words": c.TO_AGENT} | fields)
    assert c.stands(c.case_of([c.agent(), answer], 5)) == [("C2", "met", 24)]


@pytest.mark.parametrize(
    ("subject", "answers", "status"),
    [
        pytest.param("Re: Question about your mugs", (), "doubtful", id="another's subject"),
        pytest.param("Re: Question about your mugs", "lost", "doubtful", id="of what is elsewhere"),
        pytest.param("Re:", (), "doubtful", id="no subject"),
        pytest.param("Re: Mug (case 10293847)", "lost", "doubtful", id="their case, in words of another's"),
        pytest.param("Re: Case 10293847", (), "met", id="their subject"),
        pytest.param("About your case", (), "met", id="a subject of its own"),
    ],
)
def test_one_to_the_agent_alone_that_names_nothing_may_answer_who_asked_for_answers_there(subject, answers, status):
    answer = c.sent(3, c.SMITH, answers=answers, subject=subject, own_words=c.TO_AGENT)
    assert c.stands(c.case_of([c.agent(subject="Case 10293847"), answer], 5)) == [("C2", status, 24)]


@pytest.mark.parametrize("to", [(c.CARE, c.SMITH), (c.ALIAS, c.SMITH)])
def test_nor_is_it_the_agents_because_reply_all_keeps_the_sellers_own_address(to):
    answer = c.sent(3, to, answers=(), subject="Re: Question about your mugs", own_words=c.TO_AGENT)
    assert c.stands(c.case_of([c.agent(), answer], 5)) == [("C2", "doubtful", 24)]


def test_policy_c3_an_agents_escalation_is_answered_to_the_agent():
    case = c.case_of([c.complaint(), c.sent(3, c.relay(), answers="x1")], 5)
    assert c.stands(case) == [("C3", "running", 24)]


def test_a_deadline_keeps_the_version_under_which_its_message_came():
    longer = replace(
        WALMART_CANADA,
        reply=dict.fromkeys(Kind, timedelta(hours=48)),
        handover=timedelta(hours=30),
        valid_from=c.at(10),
    )
    policy = Policy(versions=(WALMART_CANADA, longer))
    case = c.case_of([c.customer(), c.customer(10, "c2", topics=("not_received",))], 11, policy=policy)
    assert c.stands(case) == [("C1", "running", 24), ("C1", "running", 58)]
    assert [c.hours_of(d.due_at) for d in case.deadlines if d.rule == "H2"] == [40]


def test_the_same_mail_in_two_mailboxes_is_one_message_of_the_complaint_mailbox():
    twice = c.lying(c.complaint(), (Role.CARE, Folder.INBOX), (Role.COMPLAINT, Folder.INBOX))
    case = c.case_of([twice, c.complaint()], 5)
    assert (case.mailbox, case.messages, len(c.deadlines(case))) == ("complaints", 1, 1)


def test_two_mails_with_one_message_id_are_two_messages():
    case = c.case_of([c.customer(), c.customer(1, "c1", own_words="And where is the saucer?")], 5)
    assert len(c.deadlines(case)) == 2


def test_the_first_message_names_the_case():
    case = c.case_of([c.customer(3, "c2", order=c.OTHER_ORDER, subject="later"), c.customer(), c.sent(-4)], 5)
    assert (case.subject, case.order_id, case.counterparty) == (
        "Walmart.ca Customer: Item arrived damaged",
        c.ORDER,
        c.relay(),
    )
    assert (case.opened_at, case.messages) == (c.at(0), 3)


def test_a_mail_without_message_id_meets_and_says_so_without_one():
    case = c.case_of([c.customer(), c.sent(2, mid=None)], 5)
    (deadline,) = c.deadlines(case)
    assert (deadline.status.value, deadline.met_by) == ("met", None)


def test_what_anybody_could_have_sent_in_the_sellers_name_meets_nothing():
    """In INBOX the seller's mail is theirs only when it was proved to be; else it is `internal` at best."""
    forged = c.sent(2, folder=Folder.INBOX, class_=Class.INTERNAL)
    assert c.stands(c.case_of([c.customer(), forged], 5)) == [("C1", "running", 24)]
    proved = c.sent(2, folder=Folder.INBOX)
    assert c.stands(c.case_of([c.customer(), proved], 5)) == [("C1", "met", 24)]


def test_a_help_desk_that_copies_its_replies_into_a_mailbox_is_heard():
    assert c.stands(c.case_of([c.customer(), c.sent(2, role=Role.SENT, folder=Folder.INBOX)], 5)) == [("C1", "met", 24)]


def test_relay_mail_that_somebody_moved_into_sent_is_still_the_customers():
    assert c.stands(c.case_of([c.customer(folder=Folder.SENT)], 5)) == [("C1", "running", 24)]
