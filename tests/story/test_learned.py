"""Texts that go to everybody are learned as mail comes, in whatever order, and as audit learns them (policy Q1, Q2)."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lab_mail import shipped_rules
from lab_post import customer, dated, reply
from lab_story import H, Story

from relaywatch.core.form import case_form
from relaywatch.core.message import Folder
from relaywatch.pipeline.audit import audit, seller_of

CANNED = "Hello {name}, your question about the glaze is a good one, and somebody of our kiln looks into it today."
NOW = H(40)


def shop_mail():
    """Three customers get one text at once, a fourth gets it at leisure, a fifth a person's answer at once."""
    found = [(customer(number), H(number), Folder.INBOX) for number in range(1, 6)]
    for number, name, late in ((1, "Jordan", 1), (2, "Sam", 2), (3, "Mei", 1), (4, "Ana", 90)):
        text = CANNED.format(name=name)
        found.append((reply(number, text=text), H(number) + timedelta(minutes=late), Folder.SENT))
    found.append((reply(5), H(5) + timedelta(minutes=2), Folder.SENT))
    return found


def as_said(cases):
    """Return the cases without their numbers, which follow the order of arrival."""
    plain = [case_form(0, case) for case in cases]
    return without_clock(sorted(plain, key=lambda case: case["order_id"]))


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
    return [case["deadlines"][0]["status"] for case in cases]


def without_clock(cases):
    """Leave out which of its times a message counts by: files have no INTERNALDATE."""
    for case in cases:
        for deadline in case["deadlines"]:
            deadline.pop("clock")
    return cases


def test_audit_learns_it(audited):
    """policy Q2."""
    assert sorted(statuses(audited)) == ["met", "overdue", "overdue", "overdue", "overdue"]
    canned = [case for case in audited if statuses([case]) == ["overdue"]]
    assert {finding["code"] for case in canned for finding in case["findings"]} == {"automatic_reply"}
    assert audited[-1]["deadlines"][-1]["status"] == "met"


@settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(order=st.permutations(range(len(shop_mail()))))
def test_the_daemon_gives_the_same_cases_in_whatever_order_mail_comes(audited, tmp_path_factory, order):
    """policy Q1, Q2."""
    mail = shop_mail()
    found = daemons(tmp_path_factory.mktemp("shop"), [mail[place] for place in order])
    assert found == audited


def test_an_answer_counts_until_its_text_turns_out_to_go_to_everybody(shop):
    """policy Q2."""
    for number in (1, 2, 3):
        assert shop.now(H(number)) == []
        shop.mail(customer(number), at=H(number))
        shop.sent(reply(number, text=CANNED.format(name="Jordan")), at=H(number) + timedelta(minutes=1))
        assert shop.status(number) == (["met"] if number < 3 else ["running"])
    assert shop.status(1) == ["met"]  # as last judged
    shop.now(H(3.1))
    assert [shop.status(number) for number in (1, 2, 3)] == [["running"]] * 3
    assert len(shop.events("deadline.reopened")) == 2
    assert ("8h" in [step for _, step in shop.until(H(4), H(20), 30)]) is True
