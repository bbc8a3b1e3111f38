"""Many at once: what is gathered in one mail, and what never is."""

from lab_post import complaint, customer, reply
from lab_story import H, steps

from relaywatch.core.mail.message import Folder
from relaywatch.core.notices import of_cases


def lapsed(shop, count, first=1):
    for number in range(first, first + count):
        shop.mail(customer(number), at=H(-30 - number / 60), seen=H(0))


def test_twelve_lapses_at_once_are_one_mail(shop):
    lapsed(shop, 12)
    (warned,) = shop.now(H(0))
    assert warned.step == "due"
    cases = [int(number) for number in warned.case.split(",")]
    dues = warned.mail["X-Relaywatch-Due"].split(", ")
    assert sorted(cases) == list(range(1, 13))
    assert warned.rule.split(", ") == ["C1"] * 12
    assert (len(dues), dues) == (12, sorted(dues))
    assert cases == list(range(12, 0, -1))  # in the same order
    assert all(f"\n{number} " in warned.text or f" {number} " in warned.text for number in cases)
    assert shop.now(H(1)) == []


def test_ten_lapses_are_ten_mails(shop):
    lapsed(shop, 10)
    assert steps(shop.now(H(0))) == ["due"] * 10


def test_of_running_deadlines_the_ten_most_urgent_go_by_themselves(shop):
    lapsed(shop, 12)
    for number in range(20, 35):
        shop.mail(customer(number), at=H(-23 - number / 60), seen=H(0))
    said = shop.now(H(0))
    alone = [one for one in said if one.step == "1h"]
    (together,) = [one for one in said if one.step.startswith("1h, ")]
    assert sorted(steps(said)) == ["1h"] * 10 + [together.step, "due"]
    assert sorted(int(one.case) for one in alone) == list(range(18, 28))  # what came first is due first
    assert [int(number) for number in together.case.split(",")] == [17, 16, 15, 14, 13]
    assert together.step.split(", ") == ["1h"] * 5
    assert together.rule.split(", ") == ["C1"] * 5
    assert shop.now(H(0.1)) == []


def test_of_more_cases_than_a_table_shows_the_rest_is_counted(shop, monkeypatch):
    """Judging thousands for a mail would hold up every other warning, and their headers be refused."""
    monkeypatch.setattr(of_cases, "MAX_ROWS", 5)
    lapsed(shop, 12)
    (warned,) = shop.now(H(0))
    assert len(warned.case.split(",")) == 5
    assert "12 cases" in warned.mail["Subject"]
    assert "7 more" in " ".join(warned.text.split())
    assert shop.now(H(1)) == []


def test_ten_running_deadlines_are_ten_mails(shop):
    for number in range(10):
        shop.mail(customer(number), at=H(-23), seen=H(0))
    assert steps(shop.now(H(0))) == ["1h"] * 10


def test_forged_complaints_share_one_mail_and_the_genuine_one_goes_by_itself(shop_with):
    shop = shop_with(more='[walmart]\nauthserv_ids = ["mx.shop.example"]')
    for number in range(30):
        shop.mail(complaint(number, "fail"), at=H(0), seen=H(0.1))
    shop.mail(complaint(99, "pass"), at=H(0), seen=H(0.1))
    said = shop.now(H(0.1))
    (alone,) = [one for one in said if "," not in one.step]
    (together,) = [one for one in said if "," in one.step]
    assert (alone.rule, alone.case) == ("C4", "31")
    assert len(together.case.split(",")) == 30
    assert "forged" in together.mail["Subject"]
    assert "fails authentication" in " ".join(together.text.split())


def test_those_answered_before_it_leaves_are_not_named(shop):
    lapsed(shop, 12)
    shop.look(H(0))
    shop.sweep(H(0))
    shop.sent(reply(3), at=H(0.5))
    (warned,) = shop.deliver(H(1))
    assert len(warned.case.split(",")) == 11
    assert "3" not in [number.strip() for number in warned.case.split(",")]


def test_the_next_lapse_after_a_gathered_mail_is_a_mail_of_its_own(shop):
    lapsed(shop, 12)
    shop.now(H(0))
    lapsed(shop, 1, first=50)
    (warned,) = shop.now(H(1))
    assert (warned.step, warned.case) == ("due", "13")


def test_many_findings_of_one_code_are_one_mail(shop):
    for number in range(1, 13):
        shop.mail(customer(number), at=H(-1), seen=H(0), folder=Folder.JUNK)
    (warned,) = shop.now(H(0))
    assert warned.step == "finding:junked"
    assert len(warned.case.split(",")) == 12
    assert shop.now(H(0.5)) == []
