"""What strangers can send in masses: it costs a bounded number of looks, and no deadline is lost in it."""

from datetime import timedelta

import pytest
from lab_post import CARE, COMPLAINTS, agent, bounce, bureau, customer, post, relay, reply
from lab_story import H, steps

from relaywatch.core.cases.case import Verb
from relaywatch.core.mail.message import Folder
from relaywatch.pipeline.chores import do_chores
from relaywatch.pipeline.judging import judge_case
from relaywatch.pipeline.sweep import sweep
from relaywatch.store import CONVERSATION, Store

MOST = CONVERSATION + 4 * 50 + 100  # that are judged together at the most: those, and what is owed an answer
RECIPIENTS = ("Cc: " + ", ".join(f"t{number:x}@b.example" for number in range(600)) + "\r\n").encode()
LONG = "🏺 The glaze is thin. " * 2_600


@pytest.fixture
def loaded(monkeypatch):
    """How many messages are loaded at once, each time."""
    sizes = []
    load_mails = Store.load_mails

    def counted(store, ids, **more):
        sizes.append(len(ids))
        return load_mails(store, ids, **more)

    monkeypatch.setattr(Store, "load_mails", counted)
    return sizes


def stranger(number, text="Hello", **more):
    return post(f"s{number}@x.example", more.pop("to", CARE), f"Hi {number}", text, mid=f"s{number}@x.example", **more)


def naming_the_order(number):
    """Another customer's, who speaks of the victim's order."""
    text = "Hi, this is about order 600000000000001, still nothing."
    return post(relay(5_000 + number), CARE, "Question", text, mid=f"c{number}@relay.walmart.ca")


def victims(shop):
    deadlines = shop.case(1).deadlines
    return [
        one.status.value
        for one in deadlines
        if one.obligation == "reply" and one.started_by == "<asked-1@relay.walmart.ca>"
    ]


NOBODYS = {
    "small ones": stranger,
    "large ones in one thread": lambda number: stranger(number, LONG, answers="root@x.example"),
    "many recipients": lambda number: stranger(number).replace(b"Subject:", RECIPIENTS + b"Subject:", 1),
    "long References": lambda number: stranger(
        number, References=" ".join(f"<{one}@x.example>" for one in range(number, number + 150))
    ),
    "programs' answers to one mail": lambda number: stranger(
        number, answers="asked-1@relay.walmart.ca", Auto_Submitted="auto-replied"
    ),
}


@pytest.mark.parametrize("flood", NOBODYS)
def test_what_nobody_is_owed_anything_for_is_looked_at_once(shop, loaded, flood):
    shop.mail(customer(1), at=H(0))
    shop.mail(bureau(), at=H(0), mailbox="complaints")
    loaded.clear()
    shop.mails([NOBODYS[flood](number) for number in range(300)], at=H(0.1))
    assert sum(loaded) <= 2 * 300
    loaded.clear()
    shop.mail(NOBODYS[flood](1_000), at=H(0.2))
    assert sum(loaded) <= 4
    assert steps(shop.now(H(0.34))) == ["40m"]
    assert (23.0, "1h") in shop.until(H(22.5), H(23), 30)


def test_the_deadline_of_an_order_that_thousands_name_stays(shop, loaded):
    shop.mail(customer(1), at=H(0))
    shop.mails([naming_the_order(number) for number in range(CONVERSATION + 300)], at=H(1))
    assert max(loaded) <= MOST
    assert victims(shop) == ["running"]
    assert (23, "1h") in shop.until(H(22), H(24), 30)
    shop.sent(reply(1), at=H(23.2))
    assert victims(shop) == ["met"]


def test_a_reply_that_comes_amid_a_flood_meets_its_own_customers_clock(shop):
    shop.mail(customer(1), at=H(0))
    shop.mail(customer(2), at=H(0))
    shop.mails([naming_the_order(number) for number in range(CONVERSATION + 50)], at=H(1))
    answer = reply(2, text="Your mug is in the post. The other order, 600000000000001, leaves on Monday.")
    shop.mails([naming_the_order(9_000), answer], at=H(2), folder=Folder.SENT)
    assert shop.status(2) == ["met"]
    assert not [change for change in shop.changes if change.event == "case.too_large"]  # each case is looked at whole


def test_agents_mail_under_one_subject_loses_no_deadline(shop, loaded):
    shop.mail(bureau(), at=H(0), mailbox="complaints")
    forged = [agent(mid=f"a{number}@walmart.com", to=COMPLAINTS) for number in range(CONVERSATION + 200)]
    shop.mails(forged, at=H(0.1), mailbox="complaints")
    assert {change.ids["case"] for change in shop.changes if change.event == "case.too_large"} == {2}
    assert max(loaded) <= MOST
    assert "40m" in steps(shop.now(H(0.34)))


@pytest.mark.parametrize("flood", [agent, naming_the_order], ids=["one subject", "one order"])
def test_what_comes_at_once_is_judged_together(shop, loaded, flood):
    """Each slice takes up to half of what it may look at from what waits: a conversation's newest are not enough."""
    many = 3 * CONVERSATION
    raws = [flood(mid=f"a{one}@walmart.com") if flood is agent else flood(one) for one in range(many)]
    shop.mails(raws, at=H(0), many=many)
    assert shop.store.unjudged("main") == []
    assert len(loaded) <= 2 * (2 * many // CONVERSATION + 2)


def test_two_cases_become_one_and_no_deadline_is_lost(shop):
    """The mail that joins them comes when most of both is not at hand."""

    def under_one_number(number):
        mid, subject = f"b{number}@walmart.com", f"Case 20481377: question {number}"
        return agent("Case 20481377: please answer.", mid=mid, subject=subject, author=f"x{number}@walmart.com")

    shop.mail(agent(subject="Case 11111111: another", mid="low@walmart.com", author="kpatel@walmart.com"), at=H(-1))
    shop.mails([under_one_number(number) for number in range(CONVERSATION)], at=H(0))
    shop.mail(agent(subject="Case 20481377: customer waits", mid="victim@walmart.com"), at=H(0.1))
    shop.mails([under_one_number(1_000 + number) for number in range(CONVERSATION + 50)], at=H(0.2))
    newest = f"b{1_000 + CONVERSATION + 49}@walmart.com"
    joins = {"In_Reply_To": f"<{newest}>", "References": f"<low@walmart.com> <{newest}>"}
    shop.mail(post("z@walmart.com", CARE, "More", "Please answer.", mid="join@walmart.com", **joins), at=H(0.3))
    (case,) = [row.case for row in shop.store.case_rows()]
    assert "<victim@walmart.com>" in {one.started_by for one in case.deadlines if one.status == "running"}
    shop.now(H(24.2))
    (case,) = [row.case for row in shop.store.case_rows()]
    assert "<victim@walmart.com>" in {one.started_by for one in case.deadlines if one.status == "overdue"}


def under_the_order(number):
    """One other customer's, under the victim's order: it may be the victim at another address, and joins their case."""
    return post(relay(2), CARE, "Order 600000000000001", f"Is mug {number} blue?", mid=f"u{number}@relay.walmart.ca")


def slid(shop, start, little):
    """A hundred little mails that name the order, each at a time of its own, and after each of them a look."""
    for number in range(CONVERSATION + 15):
        at = start + number * timedelta(minutes=5)
        shop.mail(little(number), at=at)
        if number > CONVERSATION - 10:
            with shop.store.transaction():
                judge_case(shop.store, shop.bench, 1, at)


BY = pytest.mark.parametrize("little", [naming_the_order, under_the_order], ids=["many customers", "in the case"])


@BY
def test_a_bounce_that_a_flood_pushes_out_is_still_held_against_the_reply(shop, little):
    shop.mail(customer(1), at=H(0))
    shop.sent(reply(1), at=H(1))
    shop.mail(bounce(), at=H(1.1))
    assert victims(shop) == ["running"]
    slid(shop, H(2), little)
    assert victims(shop) == ["running"]
    assert (24, "due") in shop.until(H(23.9), H(24), 6)
    shop.sent(reply(1, mid="again@shop.example"), at=H(24.5))
    assert victims(shop) == ["late"]


@BY
def test_an_answer_to_somebody_else_becomes_nobody_elses_when_what_it_answers_is_pushed_out(shop, little):
    """A stranger asks with the victim's address in Cc, and the seller answers with Reply All."""
    shop.mail(customer(1), at=H(0))
    asked = "Do you sell the blue mug in sets? How big is it?"
    shop.mail(post("eve@x.example", CARE, "Question about your mugs", asked, mid="ask@x.example", cc=relay(1)), at=H(1))
    text = "Thank you for asking. The blue mug holds 350 ml and ships within two days; four cost 59 dollars."
    answer = {"mid": "aside@shop.example", "cc": relay(1), "answers": "ask@x.example"}
    shop.sent(post(CARE, "eve@x.example", "Re: Question about your mugs", text, **answer), at=H(2))
    assert victims(shop) == ["running"]
    slid(shop, H(3), little)
    assert victims(shop) == ["running"]
    shop.say(Verb.ANSWERED, 1, at=H(13), party=relay(1))
    assert victims(shop) == ["met"]


def test_a_report_that_names_no_mail_is_laid_to_the_answer_behind_all_that_bears_the_address(shop):
    """Policy Q6. The address stands on whatever anybody writes as that customer."""
    shop.mail(customer(1), at=H(0))
    shop.sent(reply(1), at=H(1))
    many = [post(relay(1), CARE, f"Vase {one}", "How tall?", mid=f"v{one}@relay.walmart.ca") for one in range(600)]
    shop.mails(many, at=H(1.1))
    assert victims(shop) == ["met"]
    shop.mail(bounce().replace(b"Message-ID: <answer-1@shop.example>", b"Subject: x"), at=H(1.2))
    assert victims(shop) == ["running"]


def test_a_reply_to_a_flood_of_ones_own_meets_all_of_it(shop):
    """Looks that follow meet what was not at hand when it came."""
    many = CONVERSATION + 70
    shop.mails([customer(1, mid=f"m{number}@relay.walmart.ca") for number in range(many)], at=H(0))
    shop.sent(reply(1, answers=f"m{many - 1}@relay.walmart.ca"), at=H(1))
    for hour in range(2, 8):
        shop.now(H(hour))
        shop.mail(customer(1, mid=f"n{hour}@relay.walmart.ca"), at=H(hour))
    assert shop.status() == ["met"] * many + ["running"] * 6


def test_a_further_mail_of_a_large_case_writes_few_rows(shop):
    shop.mails([customer(1, mid=f"m{number}@relay.walmart.ca") for number in range(3 * CONVERSATION)], at=H(0))
    connection = shop.store._db.db.conn
    before = connection.total_changes
    shop.mail(customer(1, mid="more@relay.walmart.ca"), at=H(1))
    assert connection.total_changes - before < 30


def test_a_sweep_reads_what_holds_for_all_cases_once(shop_with, monkeypatch):
    shop = shop_with(service='self_test = "24h"', seller='internal = ["team@shop.example"]\ninform_internal = true')
    for number in range(1, 6):
        shop.mail(customer(number), at=H(0))
    shop.look(H(16))
    read = []
    for name in ("wordings", "sights"):
        whole = getattr(Store, name)
        monkeypatch.setattr(Store, name, lambda *which, name=name, whole=whole: read.append(name) or whole(*which))
    sweep(shop.store, shop.benches, "relaywatch@shop.example", H(16))
    assert sorted(read) == ["sights", "wordings"]
    assert shop.case(5).deadlines
    read.clear()
    do_chores(shop.store, shop.settings, shop.benches, H(16), {})
    assert read == ["sights"]
    assert shop.store.self_test("main", CARE) is not None
