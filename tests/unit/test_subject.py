"""Whether two mails have one subject: prefixes and tags are taken off by their form, in any language."""

import time

import pytest
from cast import CARE, message, rules
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.core.classes.automatic import automatic_subject
from relaywatch.core.language.prefixes import ANSWERS as ANSWER_PREFIXES
from relaywatch.core.language.prefixes import FORWARDS
from relaywatch.core.language.rules import fold
from relaywatch.core.language.subject import (
    answer_titles,
    asked_titles,
    is_answer,
    is_answer_or_forward,
    is_forward,
    names_answer,
    said_in,
    titles,
)

ASKED = "Question about the blue mug of Ms. Roy"
ANSWERS = [
    *("Re: {}", "RE : {}", "Re:  {}", "re: RE: Fw: {}", "RE[2]: {}", "Re(3): {}", "Re^4: {}", "Re*2: {}", "RÉP : {}"),
    *(
        "Antw: {}",
        "Antw.: {}",
        "AW: {}",
        "Odp: {}",
        "Vá: {}",
        "VS: {}",
        "YNT: {}",
        "ATB: {}",
        "Réponse : {}",
        "BLS: {}",
    ),
    *(
        "回复：{}",
        "答复: {}",
        "回覆: {}",
        "返信：{}",
        "회신: {}",
        "Ответ: {}",
        "ΑΠ: {}",
        "תגובה: {}",
        "رد: {}",
        "ตอบกลับ: {}",
    ),
    *(
        "Trả lời: {}",
        "[EXTERNAL] Re: {}",
        "Re: [EXTERNAL] {}",
        "(External) Re: {}",
        "【外部邮件】回复: {}",
        "CAUTION: {}",
    ),
    *("[#12345] Re: {}", "[BLUEKILN-221] {}", "Ticket #88211: {}", "#61212: {}", "BK-221 {}", "##RE-1123## {}"),
    *("Re: {} [Ticket#61212]", "Re: {} (#4471)", "Re: {} - Ticket 61212", "Re: {} #61212", "{} {{ref:881223}}"),
    *(
        "回复：{}【工单号：61212】",
        "RE : {} [Billet no 441]",
        "Re: {} [solved]",
        "Re: {} n° 1221",
        "[a] (b) Re: {} [c] (d)",
    ),
    *("\u200fRe: {}", "{}", "RE: [Blue Kiln] Fwd: {} - 22101"),
]
OTHERS = ["Re: Question about the green mug of Ms. Roy", "Re: mug", "Re: Question about the blue mug", "Re:", ""]


@pytest.mark.parametrize("form", ANSWERS)
@pytest.mark.parametrize(
    "asked", [ASKED, "杯子有缺口", "Où est ma tasse?", "Case 10293847: customer awaiting your response"]
)
def test_an_answer_bears_the_subject_of_what_it_answers(form, asked):
    assert not set(answer_titles(form.format(asked))).isdisjoint(asked_titles(asked))


@pytest.mark.parametrize("subject", OTHERS)
def test_another_subject_is_another(subject):
    assert set(answer_titles(subject)).isdisjoint(asked_titles(ASKED))


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("Re: Case 10293847: please answer", "Case 10293848: please answer"),
        ("Re: [Case 10293847] please answer", "[Case 10293848] please answer"),
        ("Re: please answer (#12)", "please answer (#13)"),
        ("please answer 12", "please answer 13"),
    ],
)
def test_a_number_is_not_taken_off_what_was_asked(answer, asked):
    assert set(answer_titles(answer)).isdisjoint(asked_titles(asked))


def test_the_title_with_least_taken_off_comes_first():
    found = answer_titles("Odp: Question: where is it [#12]")
    assert found.index("question where is it") < found.index("where is it")
    assert [title.words for title in titles("Question: where is it")] == ["question where is it", "where is it"]


def test_spaces_case_and_punctuation_do_not_matter():
    assert asked_titles(ASKED) == asked_titles("QUESTION about \t the  blue mug of Ms Roy")


@pytest.mark.parametrize(
    ("subject", "answer", "forward"),
    [
        ("Re: Mug", True, False),
        ("[EXTERNAL] RE : Mug", True, False),
        ("回复：杯子", True, False),
        ("Re: Fwd: Mug", True, False),
        ("Fwd: Mug", False, True),
        ("[x] TR : Tasse", False, True),
        ("转发：杯子", False, True),
        ("WG: Re: Mug", False, True),
        ("Case 10293847: customer awaiting your response", False, False),
        ("Walmart.ca Customer: Item arrived damaged", False, False),
        ("Question: where is it", False, False),
        ("Mug", False, False),
        ("", False, False),
    ],
)
def test_what_a_subject_says_of_itself(subject, answer, forward):
    assert (is_answer(subject), is_forward(subject)) == (answer, forward)


@pytest.mark.parametrize("written", ["{}: {}", "{}： {}", "{} : {}", "[kiln] {}: {}", "{}[2]: {}"])
@pytest.mark.parametrize("prefix", sorted(ANSWER_PREFIXES | FORWARDS))
def test_who_asks_of_a_prefix_is_told_the_same(prefix, written):
    subject = written.format(prefix.upper(), "out of office")
    assert (is_answer(subject), is_forward(subject)) == (prefix in ANSWER_PREFIXES, prefix in FORWARDS)
    assert is_answer_or_forward(subject)
    assert automatic_subject(message(0, CARE, (), "m1", subject=subject), rules()) is None


@pytest.mark.parametrize("prefix", sorted(ANSWER_PREFIXES))
def test_the_subject_of_an_answer_stands_in_another(prefix):
    assert names_answer(f"Out of office: {prefix.upper()}: my mug")
    assert not names_answer("Out of office until Monday: the mugs")


def test_an_unknown_prefix_says_that_it_answers_where_the_rest_is_known():
    known = frozenset(asked_titles("Walmart.ca Customer: Item arrived damaged"))
    assert is_answer("Odgovor: Walmart.ca Customer: Item arrived damaged", known)
    assert not is_answer("Walmart.ca Customer: Item arrived damaged", known)
    assert not is_answer("Invoice: 12 mugs", known)
    assert not is_answer("转发: Walmart.ca Customer: Item arrived damaged", known)


words = st.text(st.characters(categories=("Lu", "Ll", "Lo")), min_size=1, max_size=10).filter(
    lambda word: len(fold(word)) <= 20 and fold(word).isalpha()  # a short word, as it is compared
)
fronts = st.one_of(
    words.map("{}: ".format), words.map("{} : ".format), words.map("[{}] ".format), words.map("【{}】".format)
)
behind = st.one_of(words.map(" [{}]".format), st.integers(10, 99_999).map(" (#{})".format), st.just(""))


@given(st.lists(fronts, max_size=4), behind)
def test_whatever_is_put_around_it(front, tag):
    """In whatever script: the title that was asked is always among those of the answer."""
    assert "my blue mug has a chip" in answer_titles("".join(front) + "My blue mug has a chip" + tag)


@given(st.text(max_size=60))
def test_titles_end_with_the_barest_and_are_never_many(subject):
    found = titles(subject)
    assert 1 <= len(found) <= 20
    assert len({title.words for title in found}) == len(found)


@pytest.mark.parametrize(
    "part", ["[", "a:", "a ", "1", "- ", "【a】", "x #12 ", "re: [12] ", "-" * 39 + "1 ", "(", "a1-"]
)
def test_hostile_subjects_take_no_time(part):
    started = time.perf_counter()
    for number in range(20):
        titles(f"{number}{part * 100_000}")
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        (
            "Yes, it fits, it is 11 cm tall. Mei (EOM) Re: Walmart.ca Customer: Question",
            "Yes, it fits, it is 11 cm tall. Mei",
        ),
        ("The lid is NOT safe (eom) - Re: Mug", "The lid is NOT safe"),
        ("Remboursé ce matin <fin de message>", "Remboursé ce matin"),
        ("Re: Question about the geometry", ""),
        ("", ""),
    ],
)
def test_what_a_subject_says_where_the_message_ends_there(subject, said):
    assert said_in(subject) == said
