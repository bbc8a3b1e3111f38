from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox.position import (
    BATCH_OCTETS,
    BATCH_SECONDS,
    MAX_UID,
    MOST_IN_BATCH,
    Plan,
    Position,
    View,
    advanced,
    next_count,
    plan,
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
