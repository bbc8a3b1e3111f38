"""How many warnings leave in an hour and a day, whatever comes."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_notices import NOW

from relaywatch.core.due import pace
from relaywatch.core.due.pace import FORGED, HURRIED, LAPSES, LAST, STEPS, Pace, WrittenWarning

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _busy(monkeypatch):
    """As on a day of which so many mails left already that the lanes are bounded."""
    monkeypatch.setattr(pace, "FREE_DAILY", 0)


def test_until_then_all_lanes_but_of_what_is_forged_have_all_room(monkeypatch):
    monkeypatch.setattr(pace, "FREE_DAILY", 30)
    assert room(STEPS) == 30
    assert room(FORGED) == 10
    assert room(STEPS, *written(LAST, *range(20))) == 10
    free = Pace(written(STEPS, 1, gathered=True), NOW)
    assert free.gather(STEPS, spaced=False)
    assert not free.gather(STEPS, spaced=True)


def written(lane, *minutes, customer="", gathered=False):
    return [
        WrittenWarning(at=NOW - minute * MINUTE, lane=lane, customer=customer, gathered=gathered) for minute in minutes
    ]


def room(lane, *before, customer=""):
    """How many mails of one warning may leave now."""
    now = Pace(before, NOW)
    return next(count for count in range(1_000) if not now.alone(lane, customer))


def test_a_lane_has_room_for_ten_mails_an_hour():
    assert room(STEPS) == 10
    assert room(STEPS, *written(STEPS, 1, 59, 60, 61)) == 8
    assert room(STEPS, *written(STEPS, *range(1, 11))) == 0
    assert room(STEPS, *written(STEPS, *range(1, 11), gathered=True)) == 10


def test_and_for_so_many_a_day():
    assert room(STEPS, *written(STEPS, *range(100, 100 + pace.ALONE_DAILY - 1))) == 1
    assert room(STEPS, *written(STEPS, *range(1_440, 1_440 + pace.ALONE_DAILY))) == 10


@pytest.mark.parametrize("lane", [HURRIED, LAPSES, LAST])
def test_what_is_less_urgent_takes_no_room(lane):
    assert room(lane, *written(STEPS, *range(60))) == 10


def test_one_customer_leaves_room_for_the_others():
    before = written(STEPS, *range(5), customer="jordan")
    assert room(STEPS, customer="jordan") == 5
    assert room(LAST, *before, customer="jordan") == 0
    assert room(STEPS, *before, customer="sam") == 5


def test_one_gathered_mail_leaves_at_once_and_the_next_later():
    first = Pace([], NOW)
    assert first.gather(LAST, spaced=False)
    assert not first.gather(LAST, spaced=False)
    assert first.opens_at(LAST) == NOW + pace.SOON
    assert first.gather(STEPS, spaced=False)
    assert first.opens_at(STEPS) == NOW + pace.LATER
    assert Pace(written(LAST, 5, gathered=True), NOW).gather(LAST, spaced=False)
    assert not Pace(written(LAST, 4.9, gathered=True), NOW).gather(LAST, spaced=False)


def test_after_many_in_a_day_urgent_ones_come_later_too():
    many = written(LAST, *range(5, 5 + 5 * pace.SOON_DAILY[LAST], 5), gathered=True)
    assert Pace(many, NOW).opens_at(LAST) == NOW - 5 * MINUTE + pace.LATER


def test_what_was_written_before_the_clock_was_set_back_holds_nothing_up():
    ahead = [*written(STEPS, *range(-100, 0)), *written(STEPS, -600_000, gathered=True)]
    assert room(STEPS, *ahead) == 10
    assert Pace(ahead, NOW).gather(STEPS, spaced=False)


@settings(max_examples=25)
@given(st.sampled_from([LAST, STEPS]), st.integers(1, 90), st.sampled_from(["", "jordan"]))
def test_in_no_hour_and_no_day_more_leave(lane, seconds, customer):
    mails = []
    for moment in range(0, 48 * 3_600, seconds * 20):
        now = NOW + timedelta(seconds=moment)
        left = Pace(mails, now)
        gathered = not left.alone(lane, customer)
        if not gathered or left.gather(lane, spaced=False):
            mails.append(WrittenWarning(at=now, lane=lane, customer=customer, gathered=gathered))
    for first in mails:
        since = [one.at - first.at for one in mails if one.at >= first.at]
        assert sum(age < pace.HOUR for age in since) <= 10 + 12
        assert sum(age < pace.DAY for age in since) <= (25 + 50 + 48 if lane == LAST else 25 + 49)
