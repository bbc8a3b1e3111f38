"""Durations as text."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.config.durations import LONGEST, duration_text, parse_duration

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("24h", 86400), ("7d", 604800), ("1s", 1), ("36500d", 36500 * 86400)],
)
def test_a_duration(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0s", "00h", "08h", "-1h", "+1h", "1.5h", "1h30m", "1 h", " 1h", "1h ", "1h\n", "1H", "h", "1"),
        *("1w", "1ms", "٣h", "１h", "1e3s", "1_0s", "1000000000s", "36501d", "9" * 5000 + "s"),
    ],
)
def test_no_duration(text):
    with pytest.raises(ValueError, match=r"^a duration "):
        parse_duration(text)


@given(st.integers(1, 999_999_999), st.sampled_from(list(UNITS)))
def test_a_number_and_a_unit_are_that_long_or_too_long(number, unit):
    seconds = number * UNITS[unit]
    if timedelta(seconds=seconds) <= LONGEST:
        assert parse_duration(f"{number}{unit}") == timedelta(seconds=seconds)
    else:
        with pytest.raises(ValueError, match="at most 36500d"):
            parse_duration(f"{number}{unit}")


@given(st.integers(1, 999_999_999))
def test_what_is_written_reads_back_the_same(seconds):
    duration = timedelta(seconds=seconds)
    assert parse_duration(duration_text(duration)) == duration


@given(st.text(max_size=12))
def test_any_text_is_a_positive_duration_or_refused(text):
    try:
        duration = parse_duration(text)
    except ValueError:
        return
    assert timedelta(0) < duration <= LONGEST
    assert text[:-1].isascii()
    assert text[:-1].isdigit()
    assert text[-1] in UNITS
