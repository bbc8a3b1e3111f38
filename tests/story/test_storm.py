"""A storm that is spread over time: cases that fall due one by one use up nobody's SMTP account, and hide nothing."""

from datetime import timedelta

import pytest
from lab_post import CARE, bureau, complaint, customer, order, post, relay, reply
from lab_story import START, H

from relaywatch.core.due import pace
from relaywatch.store import Store

MANY = 40
MINUTE = 1 / 60


@pytest.fixture
def busy(monkeypatch):
    """As on a day of which so many mails left already that the lanes are bounded."""
    monkeypatch.setattr(pace, "FREE_DAILY", 0)


def asked(number, author):
    """A question about another order each time, as a program can ask a mail a minute."""
    return post(author, CARE, f"Order {order(number)}", f"Is the mug {number} blue?", mid=f"s{number}@x.example")


def storm(shop, authors=lambda _: relay(2), at=0):
    for number in range(MANY):
        shop.mail(asked(number + 100, authors(number)), at=H(at + number * MINUTE))


def minutes(shop, first, last):
    """What leaves in each minute from one hour to another."""
    return [
        warned for minute in range(round((last - first) * 60) + 1) for warned in shop.now(H(first + minute * MINUTE))
    ]


def told(said):
    """Of each warning the case, its step, when it left, in hours, and whether by itself."""
    for one in said:
        numbers, steps = ([*one.mail[name].split(", ")] for name in ("X-Relaywatch-Case", "X-Relaywatch-Step"))
        for number, step in zip(numbers, steps * len(numbers) if len(steps) == 1 else steps, strict=False):
            yield int(number), step, round((one.at - START) / timedelta(hours=1), 2), len(numbers) == 1


def about(said, case):
    return [found[1:] for found in told(said) if found[0] == case]


def cases(said):
    return sorted(found[0] for found in told(said))


def test_one_customer_who_asks_each_minute_makes_few_mails(shop):
    storm(shop)
    said = minutes(shop, 16, 17.5)
    assert cases(said) == list(range(1, MANY + 1))
    assert len(said) <= 2 * 5 + 4
    assert minutes(shop, 18, 18.5) == []


@pytest.mark.usefixtures("busy")
def test_many_who_ask_each_minute_make_few_mails(shop):
    storm(shop, lambda number: relay(number + 2))
    said = minutes(shop, 16, 17.5)
    assert cases(said) == list(range(1, MANY + 1))
    assert [by_itself for *_, by_itself in told(said)][:11] == [True] * 11
    assert len(said) <= 2 * 10 + 4


def test_on_a_quiet_day_each_leaves_as_it_falls_due(shop):
    storm(shop, lambda number: relay(number + 2))
    said = minutes(shop, 16, 17)
    assert [(at, by_itself) for _, _, at, by_itself in told(said)] == [
        (round(16 + number * MINUTE, 2), True) for number in range(MANY)
    ]


@pytest.mark.usefixtures("busy")
def test_last_steps_and_lapses_come_minutes_later_at_the_most(shop):
    storm(shop, lambda number: relay(number + 2))
    said = minutes(shop, 16, 24.9)
    for hour, step in ((23, "1h"), (24, "due")):
        late = [at - hour - (case - 1) * MINUTE for case, what, at, _ in told(said) if what == step]
        assert len(late) == MANY
        assert -0.01 <= min(late) <= max(late) <= 5 * MINUTE + 0.01
        assert sum(step in one.step for one in said) <= 10 + 7


def test_another_customer_is_warned_of_by_themselves_and_in_time(shop):
    storm(shop)
    shop.mail(customer(1), at=H(0.5))
    said = minutes(shop, 16, 24.7)
    assert about(said, MANY + 1) == [("8h", 16.5, True), ("3h", 21.5, True), ("1h", 23.5, True), ("due", 24.5, True)]


@pytest.mark.usefixtures("busy")
def test_a_complaint_with_an_hour_leaves_at_its_time_by_itself(shop):
    storm(shop, lambda number: relay(number + 2))
    shop.mail(bureau(), at=H(16.25), mailbox="complaints")
    said = minutes(shop, 16, 17.3)
    times = [
        ("55m", 16.33, True),
        ("40m", 16.58, True),
        ("25m", 16.83, True),
        ("10m", 17.08, True),
        ("due", 17.25, True),
    ]
    assert about(said, MANY + 1) == times


def test_the_room_that_is_left_outlives_a_restart(shop):
    storm(shop)
    said = minutes(shop, 16, 16.2)
    shop.store.close()
    shop.store = Store.open(str(shop.folder / "relaywatch.db"))
    shop.restart(H(16.21))
    said += minutes(shop, 16.22, 17.5)
    assert cases(said) == list(range(1, MANY + 1))
    assert len(said) <= 2 * 5 + 4


def test_what_is_answered_while_it_waits_is_not_told(shop):
    storm(shop)
    said = minutes(shop, 16, 16.25)
    waiting = min(set(range(1, 16)).difference(cases(said)))
    answer = reply(2, mid="answer@shop.example", answers=f"s{waiting + 99}@x.example")
    shop.sent(answer, at=H(16.26))
    assert waiting not in cases(said + minutes(shop, 16.27, 17.5))


@pytest.mark.usefixtures("busy")
def test_forged_complaints_one_by_one_leave_the_room_to_genuine_ones(shop_with):
    shop = shop_with(more='[walmart]\nauthserv_ids = ["mx.shop.example"]')
    for number in range(MANY):
        shop.mail(complaint(number, "pass" if number == MANY - 1 else "fail"), at=H(number * MINUTE))
    said = minutes(shop, 0, 1.9)
    assert [step for step, _, by_itself in about(said, MANY) if by_itself] == ["55m", "40m", "25m", "10m", "due"]
    assert len(said) <= 5 + 2 * (2 * 10 + 4)  # steps and lapses, in two hours
