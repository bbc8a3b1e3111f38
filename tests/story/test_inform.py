"""Internal parties are told of a reply that left them out, once, and then it is mended (policy Q4)."""

import pytest
from lab_post import ANSWER, CARE, agent, customer, post, relay, reply, to_agent
from lab_story import H, Story, steps

from relaywatch.core.cases.case import Verb

OPS, BOSS = "ops@shop.example", "boss@shop.example"
INFORM = f'internal = ["{OPS}", "{BOSS}"]\ninform_internal = true'


@pytest.fixture
def team(shop_with) -> Story:
    return shop_with(seller=INFORM)


def forward(to: str = OPS) -> bytes:
    return post(CARE, to, "Fwd: Chipped mug", ANSWER, mid="fwd@shop.example", answers="answer-1@shop.example")


def test_they_are_told_once_and_the_reply_counts_as_known(team):
    """policy Q4."""
    team.mail(customer(), at=H(0))
    team.sent(reply(), at=H(1))
    told = team.now(H(1.1))
    assert steps(told) == ["inform", "inform"]
    assert sorted(one.to for one in told) == [BOSS, OPS]
    assert len({one.mail["Message-ID"] for one in told}) == 1
    assert (told[0].case, told[0].rule, told[0].mail["Auto-Submitted"]) == ("1", "Q4", "auto-generated")
    assert "a new mug" in " ".join(told[0].text.lower().split())
    assert "600000000000001" in told[0].text
    assert relay()[:10] in told[0].text
    team.sweep(H(1.2))
    (finding,) = team.case().findings
    assert (finding.code, finding.mended_by) == ("internal_not_informed", told[0].mail["Message-ID"])
    assert team.until(H(1.3), H(30), 60) == []
    team.judge_again(H(31))
    assert team.case().findings[0].mended_by == told[0].mail["Message-ID"]


def test_nobody_is_told_who_was_on_it_or_had_it_forwarded(team):
    team.mail(customer(), at=H(0))
    team.sent(reply(cc=OPS), at=H(1))
    assert [one.to for one in team.now(H(1.1))] == [BOSS]
    team.mail(customer(2), at=H(2))
    team.sent(reply(2, cc=f"{OPS}, {BOSS}"), at=H(2.1))
    assert team.now(H(2.2)) == []


def test_a_forward_before_all_was_read_spares_the_mail(team):
    team.mail(customer(), at=H(0))
    team.look(H(0.9))
    team.sent(reply(), at=H(1))
    team.sweep(H(1.01))
    team.look(H(1.02), "care")  # the complaint mailbox's Sent was not read since
    team.sweep(H(1.03))
    assert team.deliver(H(1.03)) == []
    team.sent(forward(f"{OPS}, {BOSS}"), at=H(1.02), seen=H(1.04), mailbox="complaints")
    assert team.now(H(1.1)) == []
    assert team.case().findings[0].mended_by == "<fwd@shop.example>"


def test_a_forward_while_the_mail_waits_to_leave_drops_it(team):
    team.mail(customer(), at=H(0))
    team.sent(reply(), at=H(1))
    team.look(H(1.1))
    team.sweep(H(1.1))
    team.sent(forward(f"{OPS}, {BOSS}"), at=H(1.2))
    assert team.now(H(1.3)) == []
    assert team.dropped == ["inform", "inform"]


@pytest.mark.parametrize(("hours", "told"), [(23.9, 2), (24.1, 0)])
def test_what_is_older_than_a_day_is_not_told(team, hours, told):
    team.mail(customer(), at=H(0), seen=H(hours))
    team.sent(reply(), at=H(1), seen=H(1 + hours))
    assert len([one for one in team.now(H(1 + hours)) if one.step == "inform"]) == told


def test_a_reply_to_an_agent_is_told_too(team):
    team.mail(agent(), at=H(0))
    team.sent(to_agent(), at=H(1))
    assert sorted(one.to for one in team.now(H(1.1))) == [BOSS, OPS]


def test_what_answers_nobody_is_not_told(team):
    """A thin reply will be mended by another: that one is told."""
    team.mail(customer(), at=H(0))
    team.sent(reply(text="Ok."), at=H(1))
    assert steps(team.now(H(1.1))) == ["finding:thin_reply"]


def test_it_is_off_unless_asked_for(shop_with):
    story = shop_with(seller=f'internal = ["{OPS}"]')
    story.mail(customer(), at=H(0))
    story.sent(reply(), at=H(1))
    assert story.now(H(1.1)) == []
    assert story.case().findings[0].mended_by is None


def test_walmart_and_customers_are_never_told_whatever_is_configured(shop_with):
    """policy Q4."""
    story = shop_with(seller=f'internal = ["{OPS}", "x@walmart.com", "{relay(7)}"]\ninform_internal = true')
    story.mail(customer(), at=H(0))
    story.sent(reply(), at=H(1))
    assert [one.to for one in story.now(H(1.1))] == [OPS]


def test_who_is_not_internal_any_more_is_not_told(team):
    team.mail(customer(), at=H(0))
    team.sent(reply(), at=H(1))
    team.look(H(1.1))
    team.sweep(H(1.1))
    team.configure(seller=f'internal = ["{OPS}"]\ninform_internal = true')
    assert [one.to for one in team.deliver(H(1.2))] == [OPS]


def test_it_holds_for_a_case_that_was_merged_meanwhile(team):
    team.mail(agent(subject="Blue lid", mid="q1@walmart.com"), at=H(0))
    team.mail(agent(subject="Red lid", mid="q2@walmart.com"), at=H(0))
    team.sent(to_agent(answers="q2@walmart.com"), at=H(1))
    team.look(H(1.1))
    team.sweep(H(1.1))
    team.mail(agent(subject="Lids", mid="joins@walmart.com", answers="q1@walmart.com> <q2@walmart.com"), at=H(1.2))
    told = team.now(H(1.3))
    assert {one.case for one in told if one.step == "inform"} == {"1"}
    team.sweep(H(1.4))
    assert [finding.mended_by for finding in team.case(1).findings] == [told[0].mail["Message-ID"]]
    team.say(Verb.WAIVE, 1, at=H(2))
