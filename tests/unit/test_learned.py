"""policy Q1, Q2: the words that go to everybody within moments of their messages are no person's."""

import cast as c
import pytest

from relaywatch.core.learned import Learned, Sighting, learn, print_of, sightings
from relaywatch.core.message import Class

MACRO = "we are sorry about that. Please send us a photo of the mug, and we will replace it at once."


def conversation(who, seconds, words=MACRO, **fields):
    """Jordan number `who` writes, and gets these words so many seconds later."""
    start = 10 * who
    asked = c.customer(start, f"c{who}", who=who, order=f"60000000000000{who}")
    values = {"answers": f"c{who}", "own_words": words}
    answer = c.sent(start + seconds / 3600, c.relay(who), f"r{who}", **values | fields)
    return [asked, answer]


def learned_of(*conversations):
    return learn([sighting for mails in conversations for sighting in sightings(mails, c.PARTIES)])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Hi Jordan, your refund is out.", "Hi Robin, your refund is out.", True),
        ("Bonjour Jordan,\nc'est fait.", "Bonjour Dominique,\nc'est fait.", True),
        ("尊敬的张先生：已为您退款。", "尊敬的李女士：已为您退款。", True),
        ("Ticket 10232 is open.", "Ticket 99871 is open.", True),
        ("Ticket  AB-12\nis open.", "ticket ab-77 is open.", True),
        ("Your mug ships today.", "Your plate ships today.", False),
        ("Hi Jordan, it ships today.", "Hi Jordan, it ships tomorrow.", False),
    ],
)
def test_a_print_is_the_same_but_for_names_and_numbers(first, second, same):
    assert (print_of(first) == print_of(second)) is same


@pytest.mark.parametrize(
    ("conversations", "canned"),
    [
        pytest.param([conversation(1, 20), conversation(2, 25), conversation(3, 40)], True, id="to three at once"),
        pytest.param([conversation(n, 1, f"Dear J{n}, {MACRO}") for n in (1, 2, 3)], True, id="by name"),
        pytest.param([conversation(n, -30) for n in (1, 2, 3)], True, id="the seller's clock is behind"),
        pytest.param([conversation(1, 20), conversation(2, 25)], False, id="to two only"),
        pytest.param([conversation(n, 3600) for n in range(1, 9)], False, id="a person's own macro, an hour later"),
        pytest.param([conversation(n, 20, f"{MACRO} {'!' * n}") for n in (1, 2, 3)], False, id="other words each time"),
        pytest.param([conversation(n, 20, "") for n in (1, 2, 3)], False, id="no words"),
        pytest.param([[*conversation(1, 20), *conversation(1, 20)]] * 3, False, id="one customer thrice"),
    ],
)
def test_what_goes_to_many_customers_within_moments_is_canned(conversations, canned):
    assert bool(learned_of(*conversations).canned) is canned


def test_only_replies_to_the_relay_are_looked_at():
    mails = [*conversation(1, 20), c.agent(10, "a1"), c.sent(10.001, c.SMITH, "r9")]
    assert len(list(sightings(mails, c.PARTIES))) == 1


def test_an_answer_that_names_nothing_is_timed_from_the_latest_message():
    mails = [c.customer(), c.customer(5, "c2"), c.sent(5.001, answers=(), class_=Class.SELLER_OUTREACH)]
    (sighting,) = sightings(mails, c.PARTIES)
    assert sighting.after.total_seconds() == pytest.approx(3.6)


def test_without_a_customer_there_is_nothing_to_learn():
    assert list(sightings([c.agent(), c.sent(1, c.SMITH)], c.PARTIES)) == []


def test_nothing_learned_changes_nothing():
    assert learn([]) == Learned()
    assert learn([Sighting("x", "y", c.at(1) - c.at(0))]) == Learned()


def test_what_was_learned_in_the_seller_s_own_mail_judges_it():
    mails = [conversation(number, 20) for number in (1, 2, 3)]
    case = c.case_of(mails[0], 15, learned=learned_of(*mails))
    assert (c.stands(case), c.codes(case)) == ([("C1", "running", 34)], ["automatic_reply"])
