import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox.position import (
    BATCH_OCTETS,
    BATCH_SECONDS,
    GAP_LIFE,
    MAX_UID,
    MOST_GAPS,
    MOST_IN_BATCH,
    Gap,
    Plan,
    Position,
    View,
    advanced,
    next_count,
    plan,
    search_set,
    uid_set,
    view,
    went_back,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)

uids = st.integers(1, MAX_UID)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # Hypothesis adds the zone
positions = st.builds(Position, st.integers(0, 5), st.integers(0, MAX_UID), st.none() | moments)
views = st.builds(view, st.integers(0, 5), st.none() | uids, st.integers(0, 50))


@pytest.mark.parametrize(
    ("stored", "seen", "expected"),
    [
        pytest.param(None, View(7, 11, 10), Plan(0, NOW - WEEK), id="first sync"),
        pytest.param(Position(7, 10, NOW), View(7, 14, 13), Plan(10, None), id="new mail"),
        pytest.param(Position(7, 10, NOW), View(7, None, 13), Plan(10, None), id="no UIDNEXT"),
        pytest.param(Position(7, 10, None), View(7, 14, 13), Plan(10, NOW - WEEK), id="first sync was cut short"),
        pytest.param(
            Position(7, 10, NOW), View(8, 3, 2), Plan(0, NOW - WEEK, restarted=True), id="another UIDVALIDITY"
        ),
        pytest.param(
            Position(7, 10, NOW - 30 * DAY),
            View(8, 3, 2),
            Plan(0, NOW - 30 * DAY, restarted=True),
            id="another UIDVALIDITY after an absence longer than the lookback",
        ),
        pytest.param(
            Position(7, 10, NOW), View(7, 5, 4), Plan(0, NOW - WEEK, restarted=True), id="put back to an older state"
        ),
    ],
)
def test_what_is_to_be_read(stored, seen, expected):
    assert plan(stored, seen, now=NOW, lookback=WEEK) == expected


@pytest.mark.parametrize(
    ("uidvalidity", "uidnext", "messages", "expected"),
    [
        (7, 11, 10, View(7, 11, 10)),
        (None, 11, 10, View(1, 11, 10)),
        (7, 1, 10, View(7, None, 10)),  # ten messages have ten UIDs
        (7, 0, 0, View(7, None, 0)),
        (7, 2**33, 0, View(7, None, 0)),
        (7, 1, 0, View(7, 1, 0)),
    ],
)
def test_a_uidnext_that_cannot_be_is_not_believed(uidvalidity, uidnext, messages, expected):
    assert view(uidvalidity, uidnext, messages) == expected


@pytest.mark.parametrize(
    ("age", "wanted"),
    [(WEEK - timedelta(seconds=1), True), (WEEK, True), (WEEK + timedelta(seconds=1), False)],
)
def test_the_lookback_is_exact_to_the_second(age, wanted):
    made = plan(None, View(7, 11, 10), now=NOW, lookback=WEEK)
    assert made.wants(NOW - age) is wanted
    assert made.wants(None)


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=400)), st.integers(-14 * 60, 14 * 60))
def test_search_by_day_covers_the_lookback_in_every_zone(now, lookback, offset):
    made = plan(None, View(7, 11, 10), now=now, lookback=lookback)
    oldest = now - lookback
    assert made.search_date is not None
    assert made.search_date <= (oldest.replace(tzinfo=None) + timedelta(minutes=offset)).date()


@given(st.none() | positions, views, st.lists(uids))
def test_a_reading_never_misses_a_new_uid_nor_goes_backwards(stored, seen, found):
    made = plan(stored, seen, now=NOW, lookback=WEEK)
    to_read = made.new(found)
    assert to_read == sorted(set(to_read))
    assert set(to_read) == {uid for uid in found if uid > made.above}
    after = advanced(stored, seen, made, max(made.above, *to_read[-1:], 0), to_read, NOW)
    assert after.uidvalidity == seen.uidvalidity
    assert all(uid <= after.last_uid for uid in to_read)
    if stored is not None and not made.restarted:
        assert after.last_uid >= stored.last_uid
    assert plan(after, View(after.uidvalidity, None, 0), now=NOW, lookback=WEEK).new(found) == []
    assert plan(after, View(after.uidvalidity, None, 0), now=NOW, lookback=WEEK).above == after.last_uid


@given(positions, views)
def test_numbers_are_trusted_only_under_one_uidvalidity(stored, seen):
    made = plan(stored, seen, now=NOW, lookback=WEEK)
    assert made.restarted == (stored.uidvalidity != seen.uidvalidity or went_back(stored, seen))
    if made.restarted:
        assert made.above == 0
        assert made.since is not None
        assert made.since <= NOW - WEEK
        assert stored.read_at is None or made.since <= stored.read_at


@given(st.sets(uids, min_size=1, max_size=300))
def test_a_uid_set_means_what_it_was_made_of(numbers):
    text = uid_set(sorted(numbers))
    meant = []
    for part in text.split(","):
        low, _, high = part.partition(":")
        assert int(high or low) - int(low) < len(numbers)
        meant += range(int(low), int(high or low) + 1)
    assert meant == sorted(numbers)


@pytest.mark.parametrize(
    ("numbers", "expected"), [([5], "5"), ([1, 2, 3], "1:3"), ([1, 3, 4, 9], "1,3:4,9"), ([MAX_UID], str(MAX_UID))]
)
def test_a_uid_set_is_short(numbers, expected):
    assert uid_set(numbers) == expected


@given(st.lists(st.tuples(st.integers(0, 64 * 1024 * 400), st.floats(0, 100)), max_size=50))
def test_batches_stay_between_one_and_the_most(fetches):
    count = 100
    for octets, seconds in fetches:
        count = next_count(count, octets, seconds)
        assert 1 <= count <= MOST_IN_BATCH


def test_batches_of_big_or_slow_mail_shrink_and_of_small_mail_grow():
    assert next_count(100, BATCH_OCTETS + 1, 0) == 50
    assert next_count(100, 0, BATCH_SECONDS + 1) == 50
    assert next_count(50, 1000, 0.1) == 100
    assert next_count(100, BATCH_OCTETS - 1, 0) == 100


LATER = NOW + timedelta(minutes=1)


def read(stored, there, *, now=NOW):
    """Read a folder in which these UIDs can be seen; return what was taken and the position after it."""
    seen = View(7, None, len(there))
    made = plan(stored, seen, now=now, lookback=WEEK)
    new = made.new(there)
    return new, replace(advanced(stored, seen, made, max([made.above, *there]), new, now), read_at=now)


def test_a_uid_that_becomes_visible_after_a_higher_one_is_read():
    _, first = read(None, [10])
    _, second = read(first, [10, 12])
    assert second.gaps == (Gap(11, 11, NOW),)
    taken, third = read(second, [10, 11, 12], now=LATER)
    assert (taken, third.gaps, third.last_uid) == ([11], (), 12)
    assert read(second, [10, 11, 12], now=NOW + GAP_LIFE)[0] == []


@given(st.lists(st.sets(st.integers(1, 60), max_size=20), min_size=1, max_size=12))
def test_in_whatever_order_they_become_visible_each_is_read_once(steps):
    stored, visible, taken = Position(7, 0, NOW), set(), []
    for step in steps:
        visible |= step
        new, stored = read(stored, sorted(visible))
        taken += new
    assert sorted(taken) == sorted(visible)
    assert all(one.last < other.first for one, other in itertools.pairwise(stored.gaps))


@given(st.sets(st.integers(1, 60), min_size=1), st.integers(1, 5))
def test_after_each_batch_what_was_not_taken_is_still_looked_for(there, size):
    stored = Position(7, 30, NOW, (Gap(3, 9, NOW), Gap(20, 22, NOW)))
    seen = View(7, None, 60)
    made = plan(stored, seen, now=NOW, lookback=WEEK)
    new = made.new(there)
    for end in range(size, len(new), size):
        after = advanced(stored, seen, made, new[end - 1], new, NOW)
        assert plan(after, seen, now=NOW, lookback=WEEK).new(there) == new[end:]


def test_what_is_remembered_and_asked_of_gaps_is_bounded():
    _, after = read(Position(7, 1, NOW), [*range(1, 5000, 3), 4999])
    assert len(after.gaps) == MOST_GAPS
    assert after.gaps[-1] == Gap(4997, 4998, NOW)
    assert len(search_set(plan(after, View(7, None, 0), now=NOW, lookback=WEEK))) < 4000


def test_a_first_reading_takes_no_old_mail_for_a_gap():
    seen = View(7, None, 3)
    made = plan(None, seen, now=NOW, lookback=WEEK)
    assert advanced(None, seen, made, 12, [9, 10, 12], NOW).gaps == (Gap(11, 11, NOW),)
    assert advanced(None, seen, made, 12, [], NOW).gaps == ()


def test_gaps_are_searched_before_what_is_new():
    assert search_set(Plan(12, None, gaps=(Gap(3, 3, NOW), Gap(5, 9, NOW)))) == "3,5:9,13:*"
