"""Which mails the warnings due make."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_notices import NOW, deadline, finding
from lab_story import Story

from relaywatch.core.cases.case import Code
from relaywatch.core.due import pace
from relaywatch.core.due.pace import FORGED, LAPSES, LAST, STEPS, WrittenWarning
from relaywatch.core.due.warning import Due
from relaywatch.pipeline.gather import GATHER_ABOVE, gathered
from relaywatch.pipeline.warnings.cases import Ready
from relaywatch.pipeline.warnings.kind import message_id

SENDER = "Relaywatch <relaywatch@shop.example>"


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    story = Story(tmp_path_factory.mktemp("gather"), notify='escalate_to = ["owner@shop.example"]')
    story.store.close()
    return story.account


@pytest.fixture
def busy(monkeypatch):
    """As on a day of which so many mails left already that the lanes are bounded."""
    monkeypatch.setattr(pace, "FREE_DAILY", 0)


def ready(number, step="due", *, code=None, rule="C1", unread=()):
    about = deadline(rule, key=f"asked-{number}")
    found = replace(finding(code), message_key=f"answer-{number}") if code else None
    step = f"finding:{code}" if code else step
    return Ready(number, Due(key=f"{step}:{number}", step=step, fell_due_at=NOW, deadline=about, finding=found), unread)


def mails(account, *due):
    return gathered(due, account, SENDER, NOW).mails


def test_nothing_due_is_no_mail(account):
    assert mails(account) == []


@pytest.mark.parametrize("count", [1, GATHER_ABOVE, GATHER_ABOVE + 1, 200])
def test_more_than_ten_lapses_are_one_mail(account, count):
    found = mails(account, *(ready(number) for number in range(1, count + 1)))
    assert len(found) == (count if count <= GATHER_ABOVE else 1)
    assert sorted(number for mail in found for number in mail.cases) == list(range(1, count + 1))
    assert all(mail.recipients == ("oncall@shop.example", "owner@shop.example") for mail in found)


@pytest.mark.parametrize(("genuine", "expected"), [(3, [10, 1, 1, 1]), (GATHER_ABOVE + 1, [11, 10])])
def test_forged_lapses_share_no_mail_with_the_others(account, genuine, expected):
    """A filter may keep the mail from being read for what a stranger wrote."""
    forged = [replace(ready(100 + number), forged=True) for number in range(10)]
    found = mails(account, *(ready(number) for number in range(1, genuine + 1)), *forged)
    assert sorted((len(mail.cases) for mail in found), reverse=True) == expected
    assert all(len({number >= 100 for number in mail.cases}) == 1 for mail in found)


def test_findings_are_gathered_by_code(account):
    many = [ready(number, code=Code.JUNKED) for number in range(1, 12)]
    few = [ready(number, code=Code.THIN_REPLY) for number in range(20, 24)]
    found = mails(account, *many, *few)
    assert sorted((mail.step, len(mail.cases)) for mail in found) == [
        ("finding:junked", 11),
        *[("finding:thin_reply", 1)] * 4,
    ]
    assert all(mail.recipients == ("oncall@shop.example",) for mail in found)


def test_findings_of_forged_mail_have_no_more_room_than_its_steps(account):
    written = [WrittenWarning(at=NOW, lane=FORGED)] * 10
    forged = replace(ready(1, code=Code.JUNKED), forged=True)
    assert [mail.gathered for mail in gathered([forged], account, SENDER, NOW, written).mails] == [True]


def test_the_last_step_goes_to_more_people(account):
    (early,) = mails(account, ready(1, "8h"))
    (last,) = mails(account, ready(1, "1h"))
    assert early.recipients == ("oncall@shop.example",)
    assert last.recipients == ("oncall@shop.example", "owner@shop.example")


def test_what_could_not_be_read_is_named(account):
    (mail,) = mails(account, ready(1, unread=("complaints",)))
    assert mail.detail.unread == ("complaints",)


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


def before(lane, count, **more):
    """Mails that were written in the last minutes."""
    return [WrittenWarning(at=NOW - timedelta(minutes=1), lane=lane, **more) for _ in range(count)]


@pytest.mark.usefixtures("busy")
def test_what_finds_no_room_waits_for_a_gathered_mail(account):
    due = [ready(number, "8h") for number in range(1, 4)]
    found = gathered(due, account, SENDER, NOW, before(STEPS, 8))
    assert [mail.cases for mail in found.mails] == [(1,), (2,), (3,)]
    assert [mail.gathered for mail in found.mails] == [False, False, True]
    late = gathered(due, account, SENDER, NOW, [*before(STEPS, 10), *before(STEPS, 1, gathered=True)])
    assert late.mails == []
    assert late.waiting == dict.fromkeys((1, 2, 3), NOW + timedelta(minutes=29))


@pytest.mark.usefixtures("busy")
def test_a_gathered_mail_runs_with_the_most_urgent_of_its_warnings(account):
    full = [*before(STEPS, 10), *before(LAST, 10), *before(STEPS, 1, gathered=True)]
    (mail,) = gathered([ready(1, "8h"), ready(2, "1h")], account, SENDER, NOW, full).mails
    assert (mail.cases, mail.lane, mail.gathered) == ((1, 2), LAST, True)


@pytest.mark.usefixtures("busy")
def test_what_is_more_urgent_has_room_of_its_own(account):
    full = [*before(STEPS, 10), *before(LAST, 10), *before(LAPSES, 10), *before(FORGED, 10)]
    full += [one for lane in (STEPS, LAST, LAPSES) for one in before(lane, 1, gathered=True)]
    hour = [ready(1, "55m", rule="C4"), ready(2, "due", rule="C4")]
    found = gathered([*hour, ready(3, "8h"), ready(4, "due")], account, SENDER, NOW, full)
    assert [mail.cases for mail in found.mails] == [(1,), (2,)]
    assert sorted(found.waiting) == [3, 4]


@pytest.mark.usefixtures("busy")
def test_where_many_lapses_must_wait_those_that_find_room_do_not(account):
    lapses = [ready(number) for number in range(1, 16)]
    found = gathered(lapses, account, SENDER, NOW, before(LAPSES, 1, gathered=True))
    assert [len(mail.cases) for mail in found.mails] == [1] * 10
    assert set(found.waiting.values()) == {NOW + timedelta(minutes=4)}


def test_a_message_id_is_the_senders_and_of_one_account():
    one = message_id("main", "key", SENDER)
    assert one == message_id("main", "key", SENDER)
    assert one.startswith("<relaywatch.")
    assert one.endswith("@shop.example>")
    assert one != message_id("second", "key", SENDER)
    assert message_id("main", "key", "odd").endswith("@odd>")
