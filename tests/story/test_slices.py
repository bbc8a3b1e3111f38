"""More cases at once than one transaction takes: what lies between two steps of a sweep."""

import pytest
from lab_post import complaint, customer, reply
from lab_story import H, steps

from relaywatch.pipeline import sweep as sweeping
from relaywatch.pipeline.sweep import Sweep


@pytest.fixture
def slices_of_four(monkeypatch):
    monkeypatch.setattr(sweeping, "_SLICE", 4)


@pytest.fixture
def lapsed(shop, slices_of_four):  # noqa: ARG001 - in force while it is used
    """Twelve cases that lapsed unseen: three slices of four."""
    for number in range(1, 13):
        shop.mail(customer(number), at=H(-30 - number / 60), seen=H(0))
    shop.look(H(0))
    return shop


def begun(shop):
    return Sweep(shop.benches, shop.settings.smtp.sender, H(0))


def finish(shop, sweep):
    while sweep.step(shop.store):
        pass
    return shop.deliver(H(0))


def test_lapses_of_all_slices_are_one_mail(lapsed):
    sweep = begun(lapsed)
    taken = 1
    while sweep.step(lapsed.store):
        assert lapsed.store.pending_deliveries() == []
        taken += 1
    assert taken == 3
    (warned,) = lapsed.deliver(H(0))
    assert len(warned.case.split(",")) == 12
    assert lapsed.now(H(1)) == []


def test_a_case_answered_between_two_slices_is_not_warned_of(lapsed):
    sweep = begun(lapsed)
    assert sweep.step(lapsed.store)
    lapsed.sent(reply(12), at=H(-25), seen=H(0.01))  # of the first slice: the longest due come first
    lapsed.sent(reply(1), at=H(-25), seen=H(0.01))  # of the last
    warned = finish(lapsed, sweep)
    assert steps(warned) == ["due"] * 10
    assert {"12", "1"}.isdisjoint(one.case for one in warned)


def test_what_came_between_two_slices_is_looked_at_again(lapsed):
    sweep = begun(lapsed)
    assert sweep.step(lapsed.store)
    lapsed.mail(customer(12), at=H(-29), seen=H(0.01))  # the case is judged again, and is as late as before
    told = {number for one in finish(lapsed, sweep) for number in one.case.split(", ")}
    told |= {number for one in lapsed.now(H(0.02)) for number in one.case.split(", ")}
    assert told == {str(number) for number in range(1, 13)}


def test_a_crash_between_two_slices_loses_nothing(lapsed):
    sweep = begun(lapsed)
    assert sweep.step(lapsed.store)
    (warned,) = lapsed.now(H(0.1))  # the next life begins anew
    assert len(warned.case.split(",")) == 12


@pytest.mark.usefixtures("slices_of_four")
def test_a_genuine_warning_is_written_before_any_number_of_forged_cases_is_judged(shop_with):
    shop = shop_with(more='[walmart]\nauthserv_ids = ["mx.shop.example"]')
    for number in range(30):
        shop.mail(complaint(number, "fail"), at=H(0), seen=H(0.1))
    shop.mail(complaint(99, "pass"), at=H(0), seen=H(0.1))
    shop.look(H(0.1))
    sweep = Sweep(shop.benches, shop.settings.smtp.sender, H(0.1))
    assert sweep.step(shop.store)
    (pending,) = shop.store.pending_deliveries()
    assert pending.warning.cases == (31,)
    while sweep.step(shop.store):
        pass
    (_, together) = shop.store.pending_deliveries()
    assert together.warning.cases == tuple(range(1, 31))


@pytest.mark.usefixtures("slices_of_four")
def test_what_falls_due_while_forged_cases_are_swept_goes_between(shop_with):
    shop = shop_with(more='[walmart]\nauthserv_ids = ["mx.shop.example"]')
    shop.mail(customer(1), at=H(-15.8), seen=H(0.1))
    for number in range(30):
        shop.mail(complaint(number, "fail"), at=H(0), seen=H(0.1))
    shop.look(H(0.1))
    sender = shop.settings.smtp.sender
    sweep = Sweep(shop.benches, sender, H(0.1))
    assert sweep.step(shop.store)
    assert sweep.is_at_forged
    assert shop.store.pending_deliveries() == []
    shop.look(H(0.21))
    between = Sweep(shop.benches, sender, H(0.21), forged=False)
    while between.step(shop.store):
        pass
    (pending,) = shop.store.pending_deliveries()
    assert pending.warning.cases == (1,)
    while sweep.step(shop.store):
        pass
    assert [len(one.warning.cases) for one in shop.store.pending_deliveries()] == [1, 30]
