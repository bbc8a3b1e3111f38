"""Which mails the warnings due make."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_notices import NOW, deadline, finding
from lab_story import Story

from relaywatch.core.case import Code
from relaywatch.core.warning import Due
from relaywatch.pipeline.gather import GATHER_ABOVE, Ready, gathered, message_id

SENDER = "Relaywatch <relaywatch@shop.example>"


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    story = Story(tmp_path_factory.mktemp("gather"), notify='escalate_to = ["owner@shop.example"]')
    story.store.close()
    return story.account


def ready(number, step="due", *, code=None, rule="C1", unread=()):
    about = deadline(rule, key=f"asked-{number}")
    found = replace(finding(code), message_key=f"answer-{number}") if code else None
    step = f"finding:{code}" if code else step
    return Ready(number, Due(key=f"{step}:{number}", step=step, fell_due_at=NOW, deadline=about, finding=found), unread)


def mails(account, *due):
    return gathered(due, account, SENDER, NOW)


def test_nothing_due_is_no_mail(account):
    assert mails(account) == []


@pytest.mark.parametrize("count", [1, GATHER_ABOVE, GATHER_ABOVE + 1, 200])
def test_more_than_ten_lapses_are_one_mail(account, count):
    found = mails(account, *(ready(number) for number in range(1, count + 1)))
    assert len(found) == (count if count <= GATHER_ABOVE else 1)
    assert sorted(number for mail in found for number in mail.cases) == list(range(1, count + 1))
    assert all(mail.recipients == ("oncall@shop.example", "owner@shop.example") for mail in found)


def test_findings_are_gathered_by_code(account):
    many = [ready(number, code=Code.JUNKED) for number in range(1, 12)]
    few = [ready(number, code=Code.THIN_REPLY) for number in range(20, 24)]
    found = mails(account, *many, *few)
    assert sorted((mail.step, len(mail.cases)) for mail in found) == [
        ("finding:junked", 11),
        *[("finding:thin_reply", 1)] * 4,
    ]
    assert all(mail.recipients == ("oncall@shop.example",) for mail in found)


def test_the_last_step_goes_to_more_people(account):
    (early,) = mails(account, ready(1, "8h"))
    (last,) = mails(account, ready(1, "1h"))
    assert early.recipients == ("oncall@shop.example",)
    assert last.recipients == ("oncall@shop.example", "owner@shop.example")


def test_what_could_not_be_read_is_named(account):
    (mail,) = mails(account, ready(1, unread=("complaints",)))
    assert mail.detail["unread"] == ["complaints"]


_DUE = st.builds(
    ready,
    st.integers(1, 40),
    st.sampled_from(["8h", "3h", "1h", "due"]),
    code=st.sampled_from([None, Code.JUNKED, Code.THIN_REPLY]),
)


@given(st.lists(_DUE, max_size=60, unique_by=lambda one: one.due.key))
def test_every_warning_is_in_one_mail_and_its_ids_stay(account, due):
    found = mails(account, *due)
    keys = [key for mail in found for key in mail.keys]
    assert sorted(keys) == sorted(one.due.key for one in due)
    assert [mail.message_id for mail in mails(account, *due)] == [mail.message_id for mail in found]
    assert len({mail.message_id for mail in found}) == len(found)
    running = [mail for mail in found if mail.step not in ("due", "finding:junked", "finding:thin_reply")]
    assert sum(len(mail.keys) > 1 for mail in running) <= 1  # the ten most urgent of what still runs go by themselves
    assert len(running) <= 11
    for mail in found:
        assert (mail.case_id is not None) == (len(mail.cases) == 1)


def test_a_message_id_is_the_senders_and_of_one_account():
    one = message_id("main", "key", SENDER)
    assert one == message_id("main", "key", SENDER)
    assert one.startswith("<relaywatch.")
    assert one.endswith("@shop.example>")
    assert one != message_id("second", "key", SENDER)
    assert message_id("main", "key", "odd").endswith("@odd>")
