"""What a pattern needs: never more than its matches have, and enough to be worth it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_mail import shipped_rules

from relaywatch.core.needles import may_match, needles_of

SHIPPED = sorted(
    {
        pattern
        for table in shipped_rules().tables.values()
        for rule in table
        for pattern in (*rule.patterns, *rule.unless_patterns)
    },
    key=lambda pattern: pattern.pattern,
)


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("lost", {"lost"}),
        (r"\bwalmart in [a-z]{2,20}\b", {"walmart in "}),
        (r"\b(?:tomorrow|next week|demain)\b", {"tomorrow", "next week", "demain"}),
        (r"(?:a|the )?order(?: is)? missing", {" missing"}),
        (r"(?:order ){1,3}\d", {"order "}),
        (r"(?:order )?lost", {"lost"}),
        (r"x(?!lost)\d", set()),
        (r"(?=lost)\w", set()),
        (r"(?:tomorrow|\d+)", set()),
        (r"[a-z]+\d", set()),
        (r"a|lost", set()),
        ("(?i:lost)", set()),
    ],
)
def test_needles(pattern, needles):
    assert needles_of(pattern) == needles


def test_a_pattern_that_knows_no_case_is_always_tried():
    assert may_match(re.compile("lost", re.IGNORECASE), "LOST")


def test_a_text_without_any_needle_is_told():
    pattern = re.compile(r"\b(?:tomorrow|demain)\b")
    assert not may_match(pattern, "it came today")
    assert may_match(pattern, "it comes tomorrow")


@settings(max_examples=300)
@given(st.data())
def test_what_a_shipped_pattern_matches_is_never_passed_over(data):
    pattern = data.draw(st.sampled_from(SHIPPED))
    text = data.draw(st.from_regex(pattern))
    assert pattern.search(text)
    assert may_match(pattern, text)


def test_nearly_all_shipped_patterns_have_needles():
    without = [pattern.pattern for pattern in SHIPPED if not needles_of(pattern.pattern, pattern.flags)]
    assert len(without) * 5 < len(SHIPPED), without
