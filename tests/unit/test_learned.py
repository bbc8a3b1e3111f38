"""policy Q1, Q2: what recurs in a seller's replies to different people is furniture, or no person's answer."""

from dataclasses import replace

import cast as c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywatch.core.language.rules import fold
from relaywatch.core.mail.message import Class
from relaywatch.core.replies.habits import Habit, Use, learn
from relaywatch.core.replies.learned import (
    Learned,
    learned_of,
    names_of,
    sentences,
    spoken,
    uses,
    wording_of,
)
from relaywatch.core.words.said import read

DAY = 24
MACRO = "Your parcel is in good hands with us. Please look at our page of questions, and be patient."
SLOGAN = "Hand thrown stoneware from the valley."
ANSWERS = (
    "The handle is glued with a clay slip, so it holds.",
    "We sent the lid again on Tuesday by the blue van.",
    "Both bowls were fired twice and hold boiling soup.",
    "The plate is flat on its foot, as the drawing shows.",
)
NOBODY = frozenset()


def conversation(who, seconds=7_200, words=MACRO, start=None, **fields):
    """Jordan number `who` writes, and gets these words so many seconds later."""
    start = 10 * who if start is None else start
    asked = c.customer(start, f"c{who}", who=who, author_name=f"Jordan{who}", order=None)
    values = {"answers": f"c{who}", "own_words": words}
    return [asked, c.sent(start + seconds / 3600, c.relay(who), f"r{who}", **values | fields)]


def learned(*conversations):
    return learned_of(conversations)


def number(text, names=NOBODY):
    (found,) = sentences(fold(text), names)
    return found


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Ticket 10232 is open.", "Ticket 99871 is open.", True),
        ("Your refund of $12.50 is out.", "Your refund of $99.00 is out.", True),
        ("Thank you so much, Jordan.", "Thank you so much, Robin.", True),
        ("尊敬的张先生已为您退款。", "尊敬的李先生已为您退款。", True),
        ("Your mug ships today.", "Your plate ships today.", False),
        ("It ships today.", "It ships tomorrow.", False),
    ],
)
def test_a_sentence_is_the_same_but_for_names_and_numbers(first, second, same):
    names = frozenset(("jordan", "robin", "张", "李"))
    assert (sentences(fold(first), names) == sentences(fold(second), names)) is same
    assert (wording_of(first, names) == wording_of(second, names)) is same


@pytest.mark.parametrize(
    ("line", "count"), [("Ok.", 0), ("Thank you!", 0), ("好的。", 0), ("One two three. Four five six!", 2)]
)
def test_what_anybody_says_is_no_sentence(line, count):
    assert len(sentences(fold(line), NOBODY)) == count


def test_the_numbers_fit_a_database():
    for text in (*ANSWERS, MACRO, SLOGAN):
        assert -(2**31) <= wording_of(text) < 2**31
        assert all(-(2**31) <= one < 2**31 for one in sentences(fold(text), NOBODY))


def test_names_are_those_of_who_wrote():
    mails = [c.customer(author_name="Jordan O'Neil 42"), c.customer(mid="c2")]
    assert names_of(mail.message for mail in mails) == {"jordan", "o", "neil"}


# ---- what a reply says, to whom, beside what, how soon ----


def test_each_sentence_once_with_its_person_and_its_delay():
    mails = conversation(1, 90, f"{MACRO} {MACRO}\n{SLOGAN}")
    found = [use for _, use in uses(mails)]
    assert len({use.sentence for use in found}) == len(found) == 3
    assert {use.after for use in found} == {90.0}
    assert len({use.person for use in found}) == 1
    assert {key for key, _ in uses(mails)} == {mails[1].message.key}


def test_a_sentence_alone_has_nothing_beside_it():
    (use,) = [use for _, use in uses(conversation(1, words=SLOGAN))]
    assert use.context == 0


def test_a_greeting_is_nothing_beside_it():
    (use,) = [use for _, use in uses(conversation(1, words=f"Hello Jordan1,\n\n{SLOGAN}"))]
    assert use.context == 0


@pytest.mark.parametrize(
    ("mails", "after"),
    [
        pytest.param([c.customer(), c.customer(5, "c2"), c.sent(6, own_words=SLOGAN)], 6 * 3600, id="what it names"),
        pytest.param(
            [c.customer(), c.customer(5, "c2"), c.sent(6, own_words=SLOGAN, answers=())], 3600, id="else the latest"
        ),
        pytest.param([c.customer(), c.sent(-0.01, own_words=SLOGAN)], 0, id="the seller's clock is behind"),
        pytest.param([c.customer(5), c.sent(1, own_words=SLOGAN, answers=())], None, id="before anybody wrote"),
    ],
)
def test_from_which_message_a_reply_is_timed(mails, after):
    (use,) = [use for _, use in uses(mails)]
    assert use.after == after


@pytest.mark.parametrize(
    "mails",
    [
        pytest.param([c.sent(1)], id="nobody wrote"),
        pytest.param([c.customer(), c.sent(1, own_words=" ")], id="no words"),
        pytest.param([c.customer(), c.customer(1, "c2", own_words=MACRO)], id="a customer's words"),
        pytest.param([c.notice(), c.sent(1, class_=Class.SELLER_OUTREACH)], id="a notice asks for nothing"),
    ],
)
def test_there_is_nothing_to_learn(mails):
    assert list(uses(mails)) == []


@pytest.mark.parametrize("place", ["subject", "own_words"])
def test_what_repeats_who_asked_teaches_nothing(place):
    """A receipt repeats a subject: whoever chooses it chooses no furniture of the shop's."""
    asked, answer = conversation(1, words=f"We have your message: Hello. {ANSWERS[0]}\n\n{SLOGAN}")
    asked = replace(asked, message=replace(asked.message, **{place: f"Hello!\n{ANSWERS[0]} Thanks"}))
    taught = {use.sentence for _, use in uses([asked, answer])}
    assert taught == {number(SLOGAN), number("We have your message: Hello.")}
    assert number(ANSWERS[0]) in spoken([asked, answer])


# ---- what that amounts to ----


@pytest.mark.parametrize(
    ("conversations", "habit"),
    [
        pytest.param([conversation(n) for n in (1, 2)], Habit(), id="two people"),
        pytest.param([conversation(n, 3600 * n) for n in (1, 2, 5)], Habit(recurs=True), id="three"),
        pytest.param([conversation(n, 20 + n) for n in (1, 2, 5)], Habit(recurs=True, rhythm=True), id="at once"),
        pytest.param(
            [conversation(n, 3600) for n in (1, 2, 5)], Habit(recurs=True, rhythm=True), id="an hour after each"
        ),
        pytest.param([[*conversation(1), *conversation(1)]] * 3, Habit(), id="one person thrice"),
        pytest.param(
            [conversation(n, 3600 * n, f"{ANSWERS[n]}\n{MACRO}") for n in range(3)],
            Habit(recurs=True, furniture=True),
            id="beside other words each time",
        ),
        pytest.param(
            [conversation(n, 3600 * n, f"{ANSWERS[0]}\n{MACRO}") for n in (1, 2, 5)],
            Habit(recurs=True),
            id="beside the same words each time",
        ),
    ],
)
def test_what_is_known_of_a_sentence(conversations, habit):
    sentence = sentences(fold(MACRO), NOBODY)[0]
    assert learned(*conversations).habit(sentence, c.at(50)) == habit


def test_what_is_unused_for_ninety_days_is_forgotten():
    found = learned(*(conversation(n, start=n * DAY, seconds=3600 * n) for n in (1, 2, 3)))
    sentence, last = sentences(fold(MACRO), NOBODY)[0], 3 * DAY + 3
    assert found.habit(sentence, c.at(last + 90 * DAY)).recurs
    assert not found.habit(sentence, c.at(last + 90 * DAY + 1)).recurs
    assert not found.habit(sentence, c.at(DAY + 1 - 90 * DAY - 1)).recurs


def test_what_pauses_for_ninety_days_begins_anew():
    late = [conversation(n, start=200 * DAY + n, seconds=3600 * n) for n in (4, 5)]
    found = learned(*(conversation(n, start=n, seconds=3600 * n) for n in (1, 2, 3)), *late)
    sentence = sentences(fold(MACRO), NOBODY)[0]
    assert found.habit(sentence, c.at(20)).recurs
    assert not found.habit(sentence, c.at(200 * DAY + 9)).recurs


USES = st.builds(
    Use,
    sentence=st.integers(1, 2),
    person=st.integers(1, 4),
    context=st.integers(0, 3),
    at=st.integers(0, 4_000).map(c.at),
    after=st.none() | st.integers(0, 200).map(float),
)


@settings(max_examples=100)
@given(st.lists(USES, max_size=12).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_does_not_matter(both):
    first, second = both
    assert learn(first) == learn(second)


def test_nothing_learned_says_nothing():
    assert learn([]) == {}
    assert Learned().habit(7, c.at(0)) == Habit()
    assert Learned().furniture([fold(SLOGAN)], NOBODY, c.at(0)) == frozenset()


# ---- what a new reply has of it ----


def test_furniture_are_lines_whose_every_sentence_is():
    found = learned(*(conversation(n, 3600 * n, f"{ANSWERS[n]}\n{SLOGAN}") for n in range(3)))
    lines = [fold(SLOGAN), fold(ANSWERS[0]), fold(f"{SLOGAN} {ANSWERS[3]}")]
    assert found.furniture(lines, NOBODY, c.at(50)) == {fold(SLOGAN)}


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [
        pytest.param(MACRO, 1, 1, id="all of it"),
        pytest.param(ANSWERS[0], 0, 0, id="none of it"),
        pytest.param(f"{MACRO}\n{ANSWERS[0]}", 0.4, 0.8, id="a part of it"),
    ],
)
def test_how_much_of_a_reply_went_to_others(words, least, most):
    found = learned(*(conversation(n, 20) for n in (1, 2, 3)))
    past = found.past(read(words.splitlines()).body, words, NOBODY, c.at(50))
    assert least <= past.share <= most
    assert past.rhythm is (least > 0)


def test_what_a_person_said_is_for_the_wording_with_other_names_and_numbers():
    names = frozenset(("robin",))
    found = Learned(said={wording_of("Your mug 12 is fine, Jordan.", frozenset(("jordan",))): -1})
    words = "Your mug 77 is fine, Robin."
    assert found.past(read([words]).body, words, names, c.at(0)).confirmed == -1
    assert found.past(read([SLOGAN]).body, SLOGAN, names, c.at(0)).confirmed == 0


def test_what_was_learned_in_the_sellers_own_mail_judges_it():
    mails = [conversation(number, 20) for number in (1, 2, 3)]
    case = c.case_of(mails[0], 15, learned=learned(*mails))
    assert (c.stands(case), c.codes(case)) == ([("C1", "running", 34)], ["automatic_reply"])
    assert "same_text" in {name for name, _, _ in case.assessments[0].signs}
