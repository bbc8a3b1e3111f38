"""What the operator says of cases, and who else is told."""

import pytest
from lab_post import CARE, customer, order, post, relay, reply
from lab_story import H, steps

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.pipeline.request import StatementError

BY_OPERATOR = '[policy]\nresolved_by = "operator"\n'


def test_answered_by_telephone_silences_the_ladder(shop):
    shop.mail(customer(), at=H(0))
    shop.say(Verb.ANSWERED, 1, at=H(2))
    assert (shop.cases(), shop.status()) == ({1: "answered"}, ["met"])
    assert shop.until(H(2), H(30), 60) == []


def test_answered_as_of_an_earlier_time(shop):
    shop.mail(customer(), at=H(0))
    shop.say(Verb.ANSWERED, 1, at=H(3), now=H(30))
    assert shop.status() == ["met"]
    (deadline,) = [one for one in shop.case().deadlines if one.obligation is Obligation.REPLY]
    assert (deadline.met_at, deadline.met_by) == (H(3), "operator")


def test_a_later_message_starts_its_own_clock(shop):
    shop.mail(customer(), at=H(0))
    shop.say(Verb.WAIVE, 1, at=H(1))
    assert shop.cases() == {1: "waived"}
    shop.mail(customer(mid="still@relay.walmart.ca", text="Still nothing from you?"), at=H(5))
    assert shop.cases() == {1: "open"}
    assert shop.until(H(5), H(30), 30) == [(21, "8h"), (26, "3h"), (28, "1h"), (29, "due")]


def test_several_are_waived_at_once_or_none(shop):
    for number in (1, 2, 3):
        shop.mail(customer(number), at=H(number))
    with pytest.raises(StatementError, match="case 9"):
        shop.say(Verb.WAIVE, 1, 9, at=H(5))
    assert shop.cases() == {1: "open", 2: "open", 3: "open"}
    assert shop.say(Verb.WAIVE, 1, 3, 1, at=H(5)) == [1, 3]
    assert shop.cases() == {1: "waived", 2: "open", 3: "waived"}


def test_all_older_ones_are_waived_but_what_is_settled(shop):
    for number in range(4):
        shop.mail(customer(number + 1), at=H(number))
    shop.sent(reply(2), at=H(1.5))
    waived = shop.say(Verb.WAIVE, at=H(10), before=H(3))
    assert set(waived) >= {1, 3}
    assert 4 not in waived
    assert shop.cases()[4] == "open"


def two_in_one_case(shop) -> tuple[str, str]:
    """Another customer writes the first one's order number on a line of their own; return whose addresses they are."""
    shop.mail(customer(1), at=H(0))
    shop.mail(
        post(relay(2), CARE, "Any news?", f"Where is it?\nOrder number: {order(1)}\n", mid="c2@r.example"), at=H(1)
    )
    assert shop.cases() == {1: "open"}
    return relay(1), relay(2)


def test_what_is_said_of_a_case_with_several_is_about_one_of_them(shop):
    first, second = two_in_one_case(shop)
    for verb in (Verb.WAIVE, Verb.ANSWERED):
        with pytest.raises(StatementError, match=f"case 1: several.*--party: {first}, {second}"):
            shop.say(verb, 1, at=H(2))
    with pytest.raises(StatementError, match=f"nobody in it is x@y.example; it has {first}, {second}"):
        shop.say(Verb.WAIVE, 1, at=H(2), party="x@y.example")
    shop.say(Verb.WAIVE, 1, at=H(2), party=second)
    assert (shop.cases(), sorted(shop.status())) == ({1: "open"}, ["running", "waived"])
    assert shop.until(H(2), H(23.5), 30) == [(16, "8h"), (21, "3h"), (23, "1h")]
    shop.say(Verb.ANSWERED, 1, at=H(23.6))  # of those who are owed something only one is left
    assert sorted(shop.status()) == ["met", "waived"]
    assert shop.until(H(24), H(40), 60) == []


def test_each_of_several_is_warned_about(shop):
    two_in_one_case(shop)
    assert shop.until(H(2), H(26), 30) == [
        *((16, "8h"), (17, "8h"), (21, "3h"), (22, "3h"), (23, "1h"), (24, "due"), (24, "1h"), (25, "due")),
    ]


def test_what_was_said_covers_nobody_who_joins_the_case_later(shop):
    """Not even with a mail from before: a case that grows together with another's must not waive that."""
    shop.mail(
        post(relay(2), CARE, "Any news?", f"Where is it?\nOrder number: {order(1)}\n", mid="c2@r.example"), at=H(1)
    )
    shop.say(Verb.WAIVE, 1, at=H(2))
    assert shop.cases() == {1: "waived"}
    shop.mail(customer(1), at=H(0))
    shop.judge_again(H(3))
    assert (shop.cases(), sorted(shop.status())) == ({1: "open"}, ["running", "waived"])


@pytest.mark.parametrize(
    ("at", "now", "words"), [(H(5), H(4), "future"), (H(-1), H(4), "was opened at")], ids=["to come", "before it began"]
)
def test_a_time_that_cannot_be_is_refused(shop, at, now, words):
    shop.mail(customer(), at=H(0))
    with pytest.raises(StatementError, match=words):
        shop.say(Verb.ANSWERED, 1, at=at, now=now)
    assert shop.store.statements(1) == []


def test_resolution_by_the_operator_warns_until_it_is_said(shop_with):
    shop = shop_with(more=BY_OPERATOR)
    shop.mail(customer(), at=H(0))
    shop.sent(reply(), at=H(2))
    said = shop.until(H(2), H(30))
    assert said == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due")]
    assert {warning.obligation for warning in shop.store.warnings_of(1)} == {"resolution"}
    shop.say(Verb.RESOLVE, 1, at=H(31))
    assert shop.cases() == {1: "resolved"}
    assert shop.until(H(31), H(60), 60) == []


def test_resolution_is_silent_while_the_reply_is_owed(shop_with):
    shop = shop_with(more=BY_OPERATOR)
    shop.mail(customer(), at=H(0))
    shop.until(H(0), H(25))
    assert {warning.obligation for warning in shop.store.warnings_of(1)} == {"reply"}


def test_a_case_that_was_resolved_in_time_never_warns(shop_with):
    shop = shop_with(more=BY_OPERATOR)
    shop.mail(customer(), at=H(0))
    shop.sent(reply(), at=H(2))
    shop.say(Verb.RESOLVE, 1, at=H(3))
    assert shop.until(H(3), H(30), 60) == []


def test_more_people_join_at_the_last_step_and_at_the_lapse(shop_with):
    shop = shop_with(notify='escalate_to = ["owner@shop.example", "oncall@shop.example"]')
    shop.mail(customer(), at=H(0))
    told = {hour: sorted(warned.to for warned in shop.now(H(hour))) for hour in (16, 21, 23, 24)}
    both = ["oncall@shop.example", "owner@shop.example"]
    assert told == {16: both[:1], 21: both[:1], 23: both, 24: both}


def test_one_warning_to_two_people_is_one_message(shop_with):
    shop = shop_with(notify='escalate_to = ["owner@shop.example"]')
    shop.mail(customer(), at=H(0), seen=H(24))
    first, second = shop.now(H(24))
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert steps([first, second]) == ["due", "due"]


def test_that_a_reply_is_for_somebody_else_says_nothing_of_its_words(shop):
    for number in (1, 2):
        shop.mail(customer(number), at=H(0))
    shop.mail(post("x@evil.example", CARE, "Mug", "Is it blue?", mid="x1@evil.example"), at=H(1))
    shop.sent(reply(1, answers="x1@evil.example"), at=H(2))
    shop.look(H(3))
    assert shop.status(1) == ["doubtful"]
    shop.say(Verb.REJECT, 1, at=H(3))
    shop.sent(reply(2), at=H(4))
    shop.look(H(5))
    assert (shop.status(1), shop.status(2)) == (["running"], ["met"])
    shop.sent(reply(1, mid="again@shop.example"), at=H(6))
    assert shop.status(1) == ["met"]


@pytest.mark.parametrize("verb", [Verb.CONFIRM, Verb.REJECT])
def test_of_doubtful_replies_to_several_people_one_must_be_named(shop, verb):
    two_in_one_case(shop)
    for number in (1, 2):
        shop.mail(post(f"x{number}@evil.example", CARE, "Mug", "Is it blue?", mid=f"x{number}@evil.example"), at=H(2))
        shop.sent(reply(number, answers=f"x{number}@evil.example"), at=H(3))
    shop.look(H(4))
    assert shop.status(1) == ["doubtful", "doubtful"]
    with pytest.raises(StatementError, match=r"several people.*--message: <answer-1@.*>, <answer-2@.*>"):
        shop.say(verb, 1, at=H(4))
    shop.say(verb, 1, at=H(4), message="<answer-2@shop.example>")
    said = "met" if verb is Verb.CONFIRM else "running"
    assert sorted(shop.status(1)) == sorted(["doubtful", said])
    shop.say(verb, 1, at=H(4))  # one is left
    assert shop.status(1) == [said, said]


@pytest.mark.parametrize("verb", [Verb.WAIVE, Verb.ANSWERED, Verb.RESOLVE])
def test_what_was_said_of_one_with_anothers_reply_to_is_not_said_of_that_other(shop, verb):
    shop.mail(customer(1), at=H(0))
    shop.mail(post(relay(2), CARE, "Hello", "Is the mug blue?", mid="h1@x.example", reply_to=relay(1)), at=H(1))
    shop.look(H(2))
    shop.say(verb, 2, at=H(2))
    shop.mail(
        post(relay(2), CARE, f"Order {order(1)}", "And is it round?", mid="h2@x.example", answers="h1@x.example"),
        at=H(3),
    )
    shop.look(H(4))
    assert len(shop.cases()) == 1
    theirs = {
        one.obligation.value: one.status
        for one in shop.case(1).deadlines
        if one.started_by == "<asked-1@relay.walmart.ca>"
    }
    assert theirs["reply"].unmet
    assert theirs["resolution"].unmet
