"""What recurs is learned as mail comes, in whatever order, and as audit learns it (policy Q1, Q2)."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lab_mail import shipped_rules
from lab_post import customer, dated, reply
from lab_story import H, Story

from relaywatch.core.cases.form import case_form
from relaywatch.core.mail.message import Folder
from relaywatch.pipeline.audit import audit, seller_of

BESIDE = "Hello {name}, you are in good hands with us, and somebody looks into it as soon as can be. Be patient."
ON_MATTER = "Hello {name}, I am sorry that the glaze came off in the wash. Another mug left our kiln today."
NOW = H(40)
UNMET = {"overdue", "doubtful"}


def shop_mail():
    """Three customers get one text within moments, with no word of their matter; a fourth later; a fifth an answer."""
    found = [(customer(number), H(number), Folder.INBOX) for number in range(1, 6)]
    for number, name, late in ((1, "Jordan", 60), (2, "Jordan", 62), (3, "Jordan", 64), (4, "there", 5_400)):
        found.append((reply(number, text=BESIDE.format(name=name)), H(number) + timedelta(seconds=late), Folder.SENT))
    found.append((reply(5, text=ON_MATTER.format(name="Jordan")), H(5) + timedelta(minutes=20), Folder.SENT))
    return found


def as_said(cases):
    """Return the cases without their numbers, which follow the order of arrival."""
    plain = [case_form(0, case) for case in cases]
    return without_clock(sorted(plain, key=lambda case: case["order_id"]))


def without_clock(cases):
    """Leave out which of its times a message counts by: files have no INTERNALDATE."""
    for case in cases:
        for deadline in case["deadlines"]:
            deadline.pop("clock")
    return cases


def daemons(folder: Path, order) -> list:
    story = Story(folder)
    try:
        for raw, at, where in order:
            story.mail(raw, at, folder=where, seen=NOW)
        story.look(NOW)
        story.sweep(NOW)
        return as_said(stored.case for stored in story.store.case_rows())
    finally:
        story.store.close()


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """What audit says of the same mail in files."""
    folder = tmp_path_factory.mktemp("mail")
    for number, (raw, at, where) in enumerate(shop_mail()):
        inside = folder / ("Sent" if where is Folder.SENT else "Inbox")
        inside.mkdir(exist_ok=True)
        (inside / f"{number}.eml").write_bytes(dated(raw, at))
    story = Story(tmp_path_factory.mktemp("config"))
    try:
        seller = seller_of(story.account)
    finally:
        story.store.close()
    found = asyncio.run(audit([str(folder)], [seller], shipped_rules(), NOW, complain))
    return as_said(case for _, case in found.cases)


def complain(line: str) -> None:
    raise AssertionError(line)


def statuses(cases):
    return [next(one["status"] for one in case["deadlines"] if one["obligation"] == "reply") for case in cases]


def signs(case):
    (said,) = case["replies"]
    return {sign["name"] for sign in said["signs"]}


def test_audit_learns_it(audited):
    """policy Q1, Q2."""
    assert set(statuses(audited[:4])) <= UNMET
    assert statuses(audited[4:]) == ["met"]
    assert all("same_text" in signs(case) for case in audited[:4])
    assert "same_text" not in signs(audited[4])


@settings(max_examples=8, phases=[Phase.explicit, Phase.generate])
@given(order=st.permutations(range(len(shop_mail()))))
def test_the_daemon_gives_the_same_cases_in_whatever_order_mail_comes(audited, tmp_path_factory, order):
    """policy Q1, Q2."""
    mail = shop_mail()
    found = daemons(tmp_path_factory.mktemp("shop"), [mail[place] for place in order])
    assert found == audited


def test_what_is_of_the_matter_counts_though_it_recurs(shop):
    """policy Q1: a template is a person's, where it deals with what each of them wrote."""
    for number in range(1, 5):
        shop.now(H(number))
        shop.mail(customer(number), at=H(number))
        text = ON_MATTER.format(name="Jordan")
        shop.sent(reply(number, text=text), at=H(number) + timedelta(minutes=20 + 7 * number))
    shop.now(H(6))
    assert [shop.status(number) for number in range(1, 5)] == [["met"]] * 4


def test_what_turns_out_to_go_to_everybody_is_judged_again(shop):
    """policy Q2."""
    for number in (1, 2, 3):
        shop.now(H(number))
        shop.mail(customer(number), at=H(number))
        shop.sent(reply(number, text=BESIDE.format(name="Jordan")), at=H(number) + timedelta(seconds=60))
    shop.now(H(3.1))
    assert all(shop.status(number) != ["met"] for number in (1, 2, 3))
    steps = [step for _, step in shop.until(H(4), H(26), 30)]
    assert "due" in steps


def test_of_many_who_got_one_text_the_first_is_judged_as_the_last(shop):
    """policy Q2: of a sentence a bounded number of uses is kept, and what was not kept is judged by it all the same."""
    for number in range(1, 22):
        shop.mail(customer(number), at=H(number / 10))
        shop.sent(reply(number, text=BESIDE.format(name="Jordan")), at=H(number / 10) + timedelta(minutes=number))
        shop.now(H(number / 10 + 0.5))
    before = [shop.status(number) for number in range(1, 22)]
    shop.mail(customer(1, mid="again@relay.walmart.ca", text="Are you there?"), at=H(4))
    shop.now(H(4.1))
    assert [shop.status(1)[:1], *map(shop.status, range(2, 22))] == before
    assert all("same_text" in {name for name, *_ in shop.case(number).assessments[0].signs} for number in (1, 21))


DONE = "We have refunded you in full today."
SORRY = (
    "The rim of your mug had a chip.",
    "The lid had stayed on our packing table.",
    "The green bowl was our mistake.",
)


def answered(shop, number, text, **how):
    shop.mail(customer(number), at=H(number))
    shop.sent(reply(number, text=f"Hello Jordan,\n\n{text}", **how), at=H(number) + timedelta(minutes=30 + 9 * number))
    shop.now(H(number + 2))


@pytest.mark.parametrize("first", [True, False], ids=["before the others", "after the others"])
def test_what_was_done_for_many_in_the_same_words_was_done(shop, first):
    """policy Q1: a sentence that recurs beside other words is furniture, but not where it is the whole answer."""
    order = [4, 1, 2, 3] if first else [1, 2, 3, 4]
    for number in order:
        answered(shop, number, DONE if number == 4 else f"{SORRY[number - 1]} {DONE}")
    case = next(case for case in shop.cases() if shop.case(case).counterparty.endswith("4@relay.walmart.ca"))
    assert shop.status(case) == ["met"]


def test_a_fact_that_is_all_that_is_said_is_no_furniture(shop):
    """policy Q1."""
    fact = "It fits under a coffee machine with 9 cm of room."
    for number in (1, 2, 3, 4):
        answered(shop, number, fact if number == 4 else f"{SORRY[number - 1]} {fact}")
    assert shop.status(4) == ["met"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("We are glad to look into whatever troubles you so.", {"doubtful", "running"}, id="nothing done"),
        pytest.param("We looked.", {"doubtful", "running"}, id="little beside it"),
    ],
)
def test_what_says_nothing_counts_no_more_for_the_furniture_beside_it(shop, text, wanted):
    """policy Q1."""
    for number in (1, 2, 3):
        answered(shop, number, f"{SORRY[number - 1]} {DONE}")
    answered(shop, 4, f"{text}\n\n{DONE}" if "looked" in text else text)
    assert set(shop.status(4)) <= wanted


RECEIPT = """Thank you for writing to Blue Kiln. This is an automated response: we have received your message.

{tip}

We will come back to you within two business days."""
TIPS = (
    "A chipped mug? Keep the packaging, please.",
    "For a lid that is missing we need its name.",
    "A wrong bowl goes back to us.",
    "For a plate in pieces a photo helps.",
)


def test_no_words_of_a_program_are_furniture(shop):
    """policy Q2: a receipt with a line of the matter stays a receipt, however often the rest of it went out."""
    statuses = []
    for number in (1, 2, 3, 4):
        shop.mail(
            customer(number, text=f"My {('mug', 'lid', 'bowl', 'plate')[number - 1]} is not as it should be."),
            at=H(number),
        )
        text = RECEIPT.format(tip=TIPS[number - 1])
        shop.sent(reply(number, text=text), at=H(number) + timedelta(minutes=7 + 2 * number * number))
    shop.now(H(6))
    statuses = [status for number in shop.cases() for status in shop.status(number)]
    assert "met" not in statuses
