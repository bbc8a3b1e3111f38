"""Moments in time."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.core.instant import from_text, require_utc, to_text

AWARE = st.datetimes(timezones=st.timezones()).filter(lambda moment: 1 < moment.year < 9999)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T22:13:05Z", datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC)),
        ("2026-11-22T17:13:05-05:00", datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC)),
        ("2026-11-23T06:13:05+08:00", datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC)),
        ("2026-11-22 22:13+00:00", datetime(2026, 11, 22, 22, 13, tzinfo=UTC)),
        ("2026-11-22T22:13:05.5Z", datetime(2026, 11, 22, 22, 13, 5, 500_000, tzinfo=UTC)),
    ],
)
def test_from_text(text, moment):
    assert from_text(text) == moment
    assert from_text(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-22",
        "2026-11-22T22:13:05",
        "22:13:05Z",
        "2026-02-30T00:00:00Z",
        "2026-11-22T25:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_from_text_refuses(text):
    with pytest.raises(ValueError, match=r"."):
        from_text(text)


def test_a_naive_time_is_refused():
    naive = datetime(2026, 11, 22)  # noqa: DTZ001 - what is refused
    for function in (require_utc, to_text):
        with pytest.raises(ValueError, match="a time without a zone: 2026-11-22T00:00:00"):
            function(naive)


def test_to_text_is_the_interfaces():
    moment = datetime(2026, 11, 22, 17, 13, 5, 999_999, tzinfo=timezone(timedelta(hours=-5)))
    assert to_text(moment) == "2026-11-22T22:13:05Z"


def test_early_years_keep_their_zeros():
    moment = datetime(33, 4, 3, 15, tzinfo=UTC)
    assert to_text(moment) == "0033-04-03T15:00:00Z"
    assert from_text(to_text(moment)) == moment


def test_the_hour_that_comes_twice_stays_two_hours():
    toronto = ZoneInfo("America/Toronto")
    first = datetime(2026, 11, 1, 1, 30, tzinfo=toronto)
    second = first.replace(fold=1)
    assert (to_text(first), to_text(second)) == ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z")


@given(AWARE)
def test_utc_is_the_same_moment(moment):
    assert require_utc(moment) == moment.astimezone(UTC)
    assert require_utc(moment).tzinfo is UTC


@given(AWARE)
def test_what_is_written_reads_back_to_the_second(moment):
    again = from_text(to_text(moment))
    assert timedelta(0) <= require_utc(moment) - again < timedelta(seconds=1)
    assert to_text(again) == to_text(moment)


@given(AWARE, AWARE)
def test_texts_sort_as_moments_do(one, other):
    if to_text(one) < to_text(other):
        assert require_utc(one) < require_utc(other)


@given(st.text(max_size=30))
def test_any_text_is_a_moment_in_utc_or_refused(text):
    try:
        moment = from_text(text)
    except ValueError:
        return
    assert moment.tzinfo is UTC
