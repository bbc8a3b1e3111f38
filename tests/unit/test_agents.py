"""A number that agents' mails share joins them only where nothing says that they are about different things."""

from itertools import permutations

import cast as c
import pytest

from relaywatch.core.threads.thread import group

FIRST, SECOND = "600000000000777", "600000000000888"
REF = "Your ref: 10001234567"


def inquiry(hours, mid, subject="A question", order="", more="", **fields):
    words = f"The buyer{f' of order {order}' if order else ''} got the wrong mug. What will you do?\n{more}"
    return c.agent(hours, mid, subject=subject, own_words=words, **fields)


def reply(subject, words="The right mug leaves today.", answers=()):
    return c.sent(3, (c.SMITH,), "r1", subject=subject, own_words=words, answers=answers)


def grouped(mails):
    found = {frozenset(mail.message.message_id.strip("<>") for mail in some) for some in group(mails, c.PARTIES)}
    for others in permutations(mails):
        again = group(others, c.PARTIES)
        assert {frozenset(mail.message.message_id.strip("<>") for mail in some) for some in again} == found
    return found


APART, ONE = {frozenset(("a1",)), frozenset(("a2",))}, {frozenset(("a1", "a2"))}


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        pytest.param({"order": FIRST}, {"order": SECOND}, APART, id="two orders"),
        pytest.param({"subject": "Case 20481377"}, {"subject": "Case 20481399"}, APART, id="two cases"),
        pytest.param({"order": FIRST}, {"order": FIRST}, ONE, id="one order"),
        pytest.param({"subject": "Case 20481377"}, {"subject": "Re: Case 20481377"}, ONE, id="one case"),
        pytest.param({}, {}, ONE, id="nothing else"),
        pytest.param({"order": FIRST}, {}, ONE, id="one of them names an order"),
        pytest.param(
            {"subject": f"Case 20481377, order {FIRST}"},
            {"subject": f"Case 20481377, order {SECOND}"},
            ONE,
            id="one case of two orders",
        ),
    ],
)
def test_a_number_below_each_mail_joins_what_nothing_parts(first, second, wanted):
    """policy C2, C4: the seller's own number, a queue's, a bureau's file of the business."""
    assert grouped([inquiry(0, "a1", more=REF, **first), inquiry(1, "a2", more=REF, **second)]) == wanted


def test_a_mail_that_says_not_what_it_is_about_joins_neither_of_two():
    mails = [
        inquiry(0, "a1", order=FIRST, more=REF),
        inquiry(1, "a2", order=SECOND, more=REF),
        inquiry(2, "a3", more=REF),
    ]
    assert grouped(mails) == APART | {frozenset(("a3",))}


def test_what_a_customer_is_quoted_with_joins_nothing():
    said = ", ".join(f"case {number}" for number in range(20481370, 20481388))
    assert grouped([inquiry(0, "a1", "Case 20481377"), inquiry(1, "a2", "Case 20481399", more=said)]) == APART


@pytest.mark.parametrize(
    ("answer", "to"),
    [
        pytest.param(reply("Re: Case 20481399"), "a2", id="its subject"),
        pytest.param(reply("Re: Case 20481399", "As in case 20481377."), "a2", id="its subject before its words"),
        pytest.param(reply("Mugs", f"About case 20481399. {REF}"), "a2", id="its words"),
    ],
)
def test_a_reply_goes_to_the_case_of_its_subject_then_of_its_words(answer, to):
    mails = [inquiry(0, "a1", "Case 20481377", more=REF), inquiry(1, "a2", "Case 20481399", more=REF), answer]
    assert frozenset((to, "r1")) in grouped(mails)


@pytest.mark.parametrize(("order", "wanted"), [(SECOND, APART), (FIRST, ONE), ("", ONE)])
def test_an_id_of_a_template_joins_no_two_matters(order, wanted):
    first = inquiry(0, "a1", order=FIRST, references=("<t@walmart.com>",))
    assert grouped([first, inquiry(1, "a2", order=order, references=("<t@walmart.com>",))]) == wanted
