"""policy Q1 to Q6: which of the seller's messages count as a reply, and what is wrong with the others."""

from dataclasses import replace
from datetime import timedelta

import cast as c
import pytest

from relaywatch.core.mail.message import Class, Folder, Role

ASKED = (c.SMITH, c.PATEL, c.TEAM)
STRANGER = "x@evil.example"
ALL_ASKED = c.agent(cc=(c.PATEL, c.TEAM))
WITH_PEOPLE = replace(c.PARTIES, internal=frozenset({c.BOSS, c.CLERK}))


# policy Q1


@pytest.mark.parametrize("words", ["", "Ok.", "Bien reçu, merci.", "好的，收到，谢谢！", "We will look into it."])
def test_policy_q1_thin_words_stop_nothing(words):
    case = c.case_of([c.customer(), c.sent(3, own_words=words)], 5)
    assert c.stands(case) == [("C1", "running", 24)]
    assert c.codes(case) == ["thin_reply"]
    assert c.finding(case, "thin_reply").affects == c.customer().message.key


def test_policy_q1_a_good_reply_after_a_thin_one_mends_it():
    case = c.case_of([c.customer(), c.sent(3, own_words="Ok."), c.sent(4, mid="r2")], 5)
    assert c.stands(case) == [("C1", "met", 24)]
    found = c.finding(case, "thin_reply")
    assert (found.message_id, found.mended_by, found.affects) == ("<r1>", "<r2>", None)


def test_policy_q1_thanks_after_a_good_reply_are_polite():
    case = c.case_of([c.customer(), c.sent(3), c.sent(4, mid="r2", own_words="You're welcome!")], 5)
    assert c.codes(case) == []


def test_policy_q1_words_that_were_forgotten_are_not_thin():
    reply = c.sent(3, own_words="", rest="")
    old = replace(reply, message=replace(reply.message, forgotten=True))
    assert c.stands(c.case_of([c.customer(), old], 5)) == [("C1", "met", 24)]


# policy Q2


def test_policy_q2_an_automatic_reply_stops_nothing():
    case = c.case_of([c.customer(), c.automatic(0.01)], 5)
    assert (c.stands(case), c.codes(case)) == ([("C1", "running", 24)], ["automatic_reply"])
    assert c.finding(case, "automatic_reply").detail["rule"] == "says_receipt"


def test_policy_q2_an_automatic_reply_to_an_agent_stops_nothing():
    case = c.case_of([c.agent(), c.automatic(0.01, c.SMITH)], 5)
    assert (c.stands(case), c.codes(case)) == ([("C2", "running", 24)], ["automatic_reply"])


def test_policy_q2_nor_does_the_text_that_goes_to_everybody():
    canned = "Every piece leaves our studio after two firings, and we are proud of that. Read about it on our page."
    case = c.case_of([c.customer(), c.sent(0.01, own_words=canned)], 5, learned=c.recurring(canned))
    assert (c.stands(case), c.codes(case)) == ([("C1", "running", 24)], ["automatic_reply"])
    assert c.finding(case, "automatic_reply").detail["rule"] == "same_text"


# policy Q3


@pytest.mark.parametrize(
    ("to", "missing"),
    [
        pytest.param(ASKED, None, id="everybody"),
        pytest.param((c.SMITH,), [c.TEAM, c.PATEL], id="the agent alone"),
        pytest.param((c.SMITH, c.TEAM), [c.PATEL], id="one left out"),
        pytest.param((c.PATEL,), [c.TEAM, c.SMITH], id="the agent left out"),
    ],
)
def test_policy_q3_everybody_on_the_agents_mail_is_on_the_reply(to, missing):
    case = c.case_of([ALL_ASKED, c.sent(2, to)], 5)
    if missing is None:
        assert (c.stands(case), c.codes(case)) == ([("C2", "met", 24)], [])
    else:
        assert c.stands(case) == [("C2", "running", 24)]
        assert c.finding(case, "reply_all_missing").detail == {"missing": sorted(missing)}


def test_policy_q3_copies_and_blind_copies_count():
    case = c.case_of([ALL_ASKED, c.sent(2, c.SMITH, cc=(c.PATEL,), bcc=(c.TEAM,))], 5)
    assert c.stands(case) == [("C2", "met", 24)]


def test_policy_q3_the_sellers_own_and_no_reply_addresses_are_not_missed():
    asked = c.agent(to=(c.CARE, c.ALIAS), cc=(c.COMPLAINTS, "no-reply@walmart.com", c.PATEL))
    assert c.stands(c.case_of([asked, c.sent(2, (c.SMITH, c.PATEL))], 5)) == [("C2", "met", 24)]


def test_policy_q3_reply_to_is_where_the_agent_reads():
    asked = c.agent(reply_to=("case-1029@walmart.com",))
    assert c.stands(c.case_of([asked, c.sent(2, "case-1029@walmart.com")], 5)) == [("C2", "met", 24)]
    case = c.case_of([asked, c.sent(2, c.SMITH)], 5)
    assert c.stands(case) == [("C2", "running", 24)]
    assert c.finding(case, "reply_all_missing").detail == {"missing": ["case-1029@walmart.com"]}


def test_policy_q3_a_later_complete_reply_mends_it():
    case = c.case_of([ALL_ASKED, c.sent(2, c.SMITH), c.sent(3, ASKED, mid="r2")], 5)
    assert c.stands(case) == [("C2", "met", 24)]
    assert c.finding(case, "reply_all_missing").mended_by == "<r2>"


def test_policy_q3_two_halves_are_no_whole():
    """Nobody saw the same reply as all the others."""
    case = c.case_of([ALL_ASKED, c.sent(2, c.SMITH), c.sent(3, (c.PATEL, c.TEAM), mid="r2")], 5)
    assert c.stands(case) == [("C2", "running", 24)]


def test_policy_q3_one_reply_all_meets_all_that_the_agent_sent_before():
    mails = [ALL_ASKED, c.agent(5, "a2", answers="a1"), c.agent(6, "a3", answers="a1", author=c.PATEL)]
    case = c.case_of([*mails, c.sent(8, c.SMITH, answers=("a1", "a2"))], 9)
    assert sorted(c.stands(case)) == [("C2", "met", 24), ("C2", "met", 29), ("C2", "running", 30)]


def test_policy_q3_an_answer_to_the_first_mail_alone_needs_all_who_were_on_that():
    mails = [ALL_ASKED, c.agent(5, "a2", answers="a1")]
    case = c.case_of([*mails, c.sent(8, c.SMITH, answers="a1")], 9)
    assert c.stands(case) == [("C2", "running", 24), ("C2", "met", 29)]
    assert c.finding(case, "reply_all_missing").detail == {"missing": [c.TEAM, c.PATEL]}


def test_policy_q3_what_it_answers_is_told_by_in_reply_to_alone_too():
    """Some programs write no References."""
    mails = [ALL_ASKED, c.agent(5, "a2", answers="a1")]
    answer = c.sent(8, c.SMITH, in_reply_to=("<a2>",), references=())
    assert c.stands(c.case_of([*mails, answer], 9)) == [("C2", "met", 24), ("C2", "met", 29)]
    answer = c.sent(8, c.SMITH, in_reply_to=("<a1>",), references=())
    assert c.stands(c.case_of([*mails, answer], 9)) == [("C2", "running", 24), ("C2", "met", 29)]


@pytest.mark.parametrize("to", [(STRANGER,), (STRANGER, c.EXPERIENCE)], ids=["alone", "and another of Walmart's"])
def test_policy_q3_an_answer_to_a_stranger_in_the_agents_name_is_none_to_the_agent(to):
    """Whoever writes in their name may ask for the answer elsewhere."""
    in_their_name = c.agent(5, "a2", answers="a1", reply_to=(STRANGER,))
    case = c.case_of([ALL_ASKED, in_their_name, c.sent(8, to, answers="a2")], 9)
    assert c.stands(case) == [("C2", "running", 24), ("C2", "met", 29)]


def test_policy_q3_a_new_mail_to_where_answers_were_asked_to_is_an_answer():
    asked = c.agent(reply_to=(c.TEAM,))
    assert c.stands(c.case_of([asked, c.sent(2, c.TEAM, answers=())], 5)) == [("C2", "met", 24)]


def test_policy_q3_a_recipient_whose_copy_bounced_is_missing():
    case = c.case_of([ALL_ASKED, c.sent(2, ASKED), c.bounce(2.1, "r1", c.PATEL)], 5)
    assert c.stands(case) == [("C2", "running", 24)]
    assert c.finding(case, "reply_all_missing").detail == {"missing": [c.PATEL]}
    assert c.finding(case, "bounced_reply").detail == {"recipients": [c.PATEL], "bounce": "<d1>"}


def test_policy_q3_to_an_agent_any_of_the_sellers_addresses_will_do():
    assert c.codes(c.case_of([c.agent(), c.sent(2, c.SMITH, author=c.ALIAS)], 5)) == []


def test_policy_q3_a_forward_to_somebody_of_walmarts_is_no_try_to_answer():
    forward = c.sent(2, c.EXPERIENCE, subject="Fwd: Case 10293847", class_=Class.HANDOVER)
    assert c.codes(c.case_of([c.agent(), forward], 5)) == []


# policy Q4


def test_policy_q4_internal_parties_must_learn_of_the_reply():
    case = c.case_of([c.customer(), c.sent(3)], 5, parties=WITH_PEOPLE)
    assert c.stands(case) == [("C1", "met", 24)]
    assert c.finding(case, "internal_not_informed").detail == {"missing": [c.BOSS, c.CLERK]}


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"to": (c.relay(), c.BOSS, c.CLERK)}, None),
        ({"cc": (c.BOSS, c.CLERK)}, None),
        ({"cc": (c.BOSS,), "bcc": (c.CLERK,)}, None),
        ({"cc": (c.CLERK,)}, [c.BOSS]),
    ],
    ids=["to", "cc", "bcc", "one missing"],
)
def test_policy_q4_by_a_copy_of_any_kind(fields, missing):
    case = c.case_of([c.customer(), c.sent(3, **fields)], 5, parties=WITH_PEOPLE)
    assert c.codes(case) == (["internal_not_informed"] if missing else [])
    if missing:
        assert c.finding(case, "internal_not_informed").detail == {"missing": missing}


@pytest.mark.parametrize("class_", [Class.INTERNAL, Class.OWN])
def test_policy_q4_or_by_a_forward_later(class_):
    told = c.sent(4, (c.BOSS, c.CLERK), "f1", class_=class_, answers=("c1", "r1"), subject="Fwd: mug")
    case = c.case_of([c.customer(), c.sent(3), told], 5, parties=WITH_PEOPLE)
    assert c.finding(case, "internal_not_informed").mended_by == "<f1>"


def test_policy_q4_a_forward_of_the_question_before_tells_nothing_of_the_reply():
    told = c.sent(2, (c.BOSS, c.CLERK), "f1", class_=Class.INTERNAL, subject="Fwd: mug")
    case = c.case_of([c.customer(), told, c.sent(3)], 5, parties=WITH_PEOPLE)
    assert c.finding(case, "internal_not_informed").mended_by is None


def test_policy_q4_every_reply_but_not_what_is_none():
    mails = [c.customer(), c.sent(3, cc=(c.BOSS, c.CLERK)), c.sent(4, mid="r2"), c.sent(5, mid="r3", own_words="Bye!")]
    case = c.case_of(mails, 6, parties=WITH_PEOPLE)
    assert c.finding(case, "internal_not_informed").message_id == "<r2>"


def test_policy_q4_a_copy_that_bounced_told_nobody_and_reopens_nothing():
    mails = [c.customer(), c.sent(3, cc=(c.BOSS, c.CLERK)), c.bounce(3.1, "r1", c.BOSS)]
    case = c.case_of(mails, 5, parties=WITH_PEOPLE)
    assert c.stands(case) == [("C1", "met", 24)]
    assert c.finding(case, "internal_not_informed").detail == {"missing": [c.BOSS]}


# policy Q5


def test_policy_q5_a_reply_around_the_relay_is_none():
    case = c.case_of([c.customer(), c.sent(3, "jordan@mail.example")], 5)
    assert c.stands(case) == [("C1", "running", 24)]
    assert c.finding(case, "outside_relay").detail == {"recipients": ["jordan@mail.example"]}


def test_policy_q5_found_by_the_subject_where_nothing_else_says_what_it_answers():
    case = c.case_of([c.customer(), c.sent(3, "jordan@mail.example", answers=())], 5)
    assert c.codes(case) == ["outside_relay"]


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(c.sent(3, (c.relay(), "jordan@mail.example")), id="through the relay as well"),
        pytest.param(c.sent(3, "mugs@supplier.example", subject="Re: glaze 14", answers=()), id="the supplier"),
        pytest.param(c.sent(3, "claims@carrier.example", subject="Fwd: Walmart.ca Customer: x"), id="a forward"),
        pytest.param(c.sent(3, "jordan@mail.example", answers=(), subject="Hello"), id="a new message"),
        pytest.param(c.sent(3, c.CLERK, class_=Class.INTERNAL), id="a note to their own people"),
    ],
)
def test_policy_q5_near_misses(mail):
    parties = replace(c.PARTIES, seller=frozenset({c.CLERK}))
    assert c.codes(c.case_of([c.customer(), mail], 5, parties=parties)) == []


def test_policy_q5_the_relay_drops_what_comes_from_another_address():
    case = c.case_of([c.customer(), c.sent(3, author=c.ALIAS), c.sent(4, mid="r2")], 5)
    assert c.stands(case) == [("C1", "met", 24)]
    assert c.finding(case, "unregistered_sender").detail == {"sender": c.ALIAS}
    assert c.finding(case, "unregistered_sender").mended_by == "<r2>"


def test_policy_q5_nor_does_it_pass_on_an_answer_to_an_escalation():
    escalation = c.complaint(author="no-reply@walmart.com")
    answer = c.sent(2, answers="x1", author=c.CLERK)
    assert c.stands(c.case_of([escalation, answer], 5)) == [("C3", "running", 24)]


def test_policy_q5_both_registered_addresses_will_do():
    assert c.codes(c.case_of([c.customer(), c.sent(3, author=c.COMPLAINTS)], 5)) == []


# policy Q6


def test_policy_q6_the_clock_runs_on_from_where_it_began():
    case = c.case_of([c.customer(), c.sent(3), c.bounce(3.1, "r1", c.relay())], 5)
    assert c.stands(case) == [("C1", "running", 24)]
    assert c.finding(case, "bounced_reply").detail == {"recipients": [c.relay()], "bounce": "<d1>"}
    assert case.state.value == "open"


def test_policy_q6_a_bounce_after_days_shows_what_was_overdue_all_along():
    case = c.case_of([c.customer(), c.sent(3), c.bounce(90, "r1", c.relay())], 91)
    assert c.stands(case) == [("C1", "overdue", 24)]


def test_policy_q6_sent_again_it_is_mended():
    case = c.case_of([c.customer(), c.sent(3), c.bounce(3.1, "r1", c.relay()), c.sent(4, mid="r2")], 5)
    assert c.stands(case) == [("C1", "met", 24)]
    assert c.finding(case, "bounced_reply").mended_by == "<r2>"


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(c.bounce(3.1, "rewritten", c.relay()), id="the provider rewrote the Message-ID"),
        pytest.param(c.bounce(3.1, None, c.relay()), id="no Message-ID at all"),
        pytest.param(c.bounce(2.9, None, c.relay()), id="the two servers' clocks differ"),
        pytest.param(c.bounce(3.1, "r1"), id="nobody named: in doubt, all"),
        pytest.param(c.bounce(3.1, "r1", "jordan@mail.example"), id="named by an address behind the relay"),
    ],
)
def test_policy_q6_matched_by_message_id_or_by_recipient_and_time(report):
    assert c.stands(c.case_of([c.customer(), c.sent(3), report], 5)) == [("C1", "running", 24)]


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(c.bounce(3.1, None, c.relay(9)), id="of another customer's"),
        pytest.param(c.bounce(2, None, c.relay()), id="before it was sent"),
        pytest.param(
            c.sent(3.1, (c.CARE,), "d1", class_=Class.AUTOMATIC, folder=Folder.INBOX, author="mailer-daemon@x"),
            id="a delay: the mail system still tries",
        ),
    ],
)
def test_policy_q6_near_misses(report):
    assert c.stands(c.case_of([c.customer(), c.sent(3), report], 5)) == [("C1", "met", 24)]


def test_policy_q6_of_two_replies_the_one_that_bounced():
    mails = [c.customer(), c.sent(2), c.sent(3, mid="r2"), c.bounce(2.1, None, c.relay())]
    case = c.case_of(mails, 5)
    (deadline,) = c.deadlines(case)
    assert deadline.met_by == "<r2>"
    assert c.finding(case, "bounced_reply").message_id == "<r1>"


# policy M1 and authenticity


def test_policy_m1_relay_mail_in_junk_is_told():
    case = c.case_of([c.customer(folder=Folder.JUNK)], 5)
    found = c.finding(case, "junked")
    assert (found.rule, found.mended_by, found.affects) == ("M1", None, c.customer(folder=Folder.JUNK).message.key)


def test_policy_m1_mended_once_it_lies_in_the_inbox_or_is_answered():
    both = c.lying(c.customer(), (Role.CARE, Folder.JUNK), (Role.CARE, Folder.INBOX))
    assert c.finding(c.case_of([both], 5), "junked").mended_by == "<c1>"
    found_again = c.case_of([c.customer(folder=Folder.JUNK), c.customer()], 5)  # as it is read from two folders
    assert (c.finding(found_again, "junked").mended_by, found_again.messages) == ("<c1>", 1)
    answered = c.case_of([c.customer(folder=Folder.JUNK), c.sent(3)], 5)
    assert c.finding(answered, "junked").mended_by == "<r1>"


def test_what_fails_authentication_is_marked_and_its_clock_runs():
    case = c.case_of([c.agent(unauthenticated="dmarc=fail")], 5)
    assert c.stands(case) == [("C2", "running", 24)]
    assert c.finding(case, "unauthenticated").detail == {"reason": "dmarc=fail"}


def test_a_flaw_for_both_parties_is_one_finding():
    mails = [c.customer(), c.agent(1, answers="c1"), c.sent(2, (c.relay(), c.SMITH), own_words="Ok.")]
    assert c.codes(c.case_of(mails, 5)) == ["thin_reply"]


def test_a_flaw_in_a_mail_without_message_id_is_found():
    case = c.case_of([c.customer(), c.sent(2, mid=None, own_words="Ok."), c.sent(3, mid=None)], 5)
    good = c.sent(3, mid=None).message.key
    assert c.finding(case, "thin_reply").mended_by == good


def test_a_flaw_is_of_the_latest_mail_where_nothing_says_which_is_answered():
    case = c.case_of([c.agent(), c.agent(1, "a2"), c.sent(2, c.SMITH, answers=(), own_words="Ok.")], 5)
    assert c.finding(case, "thin_reply").affects == c.agent(1, "a2").message.key


def test_what_is_wrong_with_a_mail_to_another_customer_is_nothing_of_this_ones():
    assert c.codes(c.case_of([c.customer(), c.sent(3, c.relay(9), answers=(), own_words="Ok.")], 5)) == []


def test_when_nothing_is_owed_nothing_is_wrong():
    mails = [c.customer(), c.sent(3), c.automatic(4), c.sent(5, "jordan@mail.example", "r2"), c.sent(6, mid="r3")]
    assert c.codes(c.case_of(mails, 9)) == []


def test_findings_stand_in_order_of_time():
    mails = [c.customer(), c.automatic(0.1), c.sent(2, own_words="Ok."), c.sent(1, "jordan@mail.example", "r0")]
    found = c.case_of(mails, 5).findings
    assert [finding.at - c.T0 for finding in found] == [timedelta(hours=hours) for hours in (0.1, 1, 2)]
