"""What must not be tried again yet."""

from datetime import timedelta

import pytest

from relaywatch.pipeline.waits import Waits

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock():
    return [100.0]


@pytest.fixture
def waits(clock):
    return Waits(lambda: clock[0])


def test_a_wait_grows_with_each_failure_and_ends(waits, clock):
    assert waits.soonest() is None
    assert [waits.put_off(7, lambda times: times * SECOND) for _ in range(3)] == [SECOND, 2 * SECOND, 3 * SECOND]
    assert (waits.held(), waits.left(7), waits.soonest()) == ({7}, 3 * SECOND, 3 * SECOND)
    clock[0] += 2.5
    assert waits.left(7) == SECOND / 2
    clock[0] += 0.5
    assert (waits.held(), waits.left(7), waits.soonest()) == (frozenset(), timedelta(), None)
    assert waits.put_off(7, lambda times: times * SECOND) == 4 * SECOND


def test_what_is_over_begins_anew_and_others_wait_on(waits):
    waits.put_off(7, lambda times: times * SECOND)
    waits.put_off(8, lambda times: 9 * times * SECOND)
    waits.over(7)
    assert waits.held() == {8}
    assert waits.soonest() == 9 * SECOND
    assert waits.put_off(7, lambda times: times * SECOND) == SECOND
