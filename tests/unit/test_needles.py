"""What a pattern needs: never more than its matches have, and enough to be worth it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_mail import shipped_rules

from relaywatch.core.language import manner
from relaywatch.core.language.needles import Sought, needles_of, search
from relaywatch.core.words import facts

SHIPPED = sorted(
    {
        pattern
        for table in shipped_rules().tables.values()
        for rule in table
        for pattern in (*rule.patterns, *rule.unless_patterns)
    },
    key=lambda pattern: pattern.pattern,
)

OF_MANNER = [one for place in (facts, manner) for one in vars(place).values() if isinstance(one, re.Pattern)]


def may_match(pattern, text):
    """Whether a pattern is tried on a text."""
    return Sought((pattern,)).possible(text) == [pattern]


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("lost", [{"lost"}]),
        (r"\bwalmart in [a-z]{2,20}\b", [{"walmart in "}]),
        (r"\b(?:tomorrow|next week|demain)\b", [{"tomorrow", "next week", "demain"}]),
        (r"(?:a|the )?order(?: is)? missing", [{" missing"}, {"order"}]),
        (r"\b(?:took|bring)\b.{0,40}\b(?:it (?:back|away))", [{"it back", "it away"}, {"took", "bring"}]),
        (
            r"(?:do|does) not have (?:my|the) \w",
            [{"does not have my ", "do not have my ", "does not have the ", "do not have the "}],
        ),
        (r"(?:order ){1,3}\d", [{"order "}]),
        (r"(?:order )?lost", [{"lost"}]),
        (r"x(?!lost)\d", []),
        (r"(?=lost)\w", []),
        (r"(?:tomorrow|\d+)", []),
        (r"[a-z]+\d", []),
        (r"a|lost", []),
        ("(?i:lost)", []),
    ],
)
def test_needles(pattern, needles):
    assert list(needles_of(pattern)) == needles


def test_a_pattern_that_knows_no_case_is_always_tried():
    assert may_match(re.compile("lost", re.IGNORECASE), "LOST")


def test_a_text_without_any_needle_is_told():
    pattern = re.compile(r"\b(?:tomorrow|demain)\b")
    assert not may_match(pattern, "it came today")
    assert may_match(pattern, "it comes tomorrow")


def test_one_needle_of_each_set_is_needed():
    pattern = re.compile(r"(?:took|bring) it (?:back|away)")
    assert not may_match(pattern, "took it in")
    assert may_match(pattern, "bring it away")


@settings(max_examples=300)
@given(st.data())
def test_what_a_shipped_pattern_matches_is_never_passed_over(data):
    pattern = data.draw(st.sampled_from(SHIPPED))
    text = data.draw(st.from_regex(pattern))
    assert pattern.search(text)
    assert may_match(pattern, text)
    assert may_match(pattern, text + " and so on" * 200)


@settings(max_examples=300)
@given(st.data())
def test_to_search_with_needles_finds_what_the_pattern_finds(data):
    pattern = data.draw(st.sampled_from([*OF_MANNER, *SHIPPED]))
    text = data.draw(st.one_of(st.from_regex(pattern), st.text(max_size=40)))
    found, expected = search(pattern, text), pattern.search(text)
    assert (found and found.span()) == (expected and expected.span())


def test_nearly_all_shipped_patterns_have_needles():
    without = [pattern.pattern for pattern in SHIPPED if not needles_of(pattern.pattern, pattern.flags)]
    assert len(without) * 5 < len(SHIPPED), without
