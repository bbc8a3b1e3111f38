"""The kinds of warnings: whose a step is, and that rows of older programs are read."""

from datetime import UTC, datetime

import pytest

from relaywatch.core.cases.case import Code, Obligation
from relaywatch.core.cases.findings import MENDABLE
from relaywatch.core.due.warning import finding_step
from relaywatch.core.notices.of_selftest import Outcome
from relaywatch.core.policy import Policy
from relaywatch.pipeline.warnings.blindness import BLIND, SEEING, Unseen
from relaywatch.pipeline.warnings.cases import FINDINGS, LAPSES, STEPS, CasesTold
from relaywatch.pipeline.warnings.inform import INFORMING, Reply
from relaywatch.pipeline.warnings.registry import KINDS, LEAVE_LAST, NEED_NOT_ARRIVE, kind_of
from relaywatch.pipeline.warnings.selftest import SELF_TESTS, Trial
from relaywatch.pipeline.warnings.standing import Item
from relaywatch.store import DamagedRow
from relaywatch.store.records import StoredDetail

LADDERS = {step.text for ladder in Policy().ladders.values() for step in ladder}
SINCE = datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("blind", BLIND),
        ("seeing", SEEING),
        ("inform", INFORMING),
        ("self-test", SELF_TESTS),
        ("due", LAPSES),
        *((f"finding:{code.value}", FINDINGS) for code in sorted(MENDABLE)),
        *((step, STEPS) for step in sorted(LADDERS)),
    ],
)
def test_a_step_in_the_database_has_its_kind(step, kind):
    assert kind_of(step) is kind
    assert [one for one in KINDS if one.step == step] == ([kind] if kind.step else [])


def test_what_leaves_last_and_what_need_not_arrive():
    """They stood in SQL by these names, and so do the rows."""
    assert sorted(LEAVE_LAST) == ["inform", "seeing", "self-test"]
    assert sorted(NEED_NOT_ARRIVE) == ["self-test"]
    assert [kind for kind in KINDS if kind.for_one_alone] == [INFORMING, SELF_TESTS]


FIRST = {"case": 3, "obligation": "reply", "started_key": "asked", "finding": None}
LATER = {**FIRST, "key": "reply:asked:8h", "step": "8h"}


@pytest.mark.parametrize(
    ("kind", "plain", "detail"),
    [
        pytest.param(
            STEPS,
            {"about": [FIRST], "unread": ["care"]},
            CasesTold(
                about=(Item(case=3, obligation=Obligation.REPLY, started_key="asked", finding=None),), unread=("care",)
            ),
            id="the first ones",
        ),
        pytest.param(
            FINDINGS,
            {"about": [{**LATER, "finding": "answer"}], "else": [LATER], "unread": [], "forged": True},
            CasesTold(
                about=(
                    Item(
                        case=3,
                        key="reply:asked:8h",
                        obligation=Obligation.REPLY,
                        started_key="asked",
                        step="8h",
                        finding="answer",
                    ),
                ),
                further=(
                    Item(
                        case=3,
                        key="reply:asked:8h",
                        obligation=Obligation.REPLY,
                        started_key="asked",
                        step="8h",
                        finding=None,
                    ),
                ),
                forged=True,
            ),
            id="with those of the same party",
        ),
        pytest.param(LAPSES, {}, CasesTold(), id="its words were forgotten"),
        pytest.param(INFORMING, {}, Reply(), id="so were a reply's"),
        pytest.param(INFORMING, {"reply": "answer"}, Reply(reply="answer"), id="inform"),
        pytest.param(
            BLIND, {"since": "2026-11-22T22:13:05Z", "reason": "gone"}, Unseen(since=SINCE, reason="gone"), id="blind"
        ),
        pytest.param(SELF_TESTS, {"address": "a@x", "test": "<t@x>"}, Trial(address="a@x", test="<t@x>"), id="a test"),
        pytest.param(
            SELF_TESTS,
            {"address": "a@x", "outcome": "refused", "sent_at": "2026-11-22T22:13:05Z", "reason": "550"},
            Trial(address="a@x", outcome=Outcome.REFUSED, sent_at=SINCE, reason="550"),
            id="of a test",
        ),
    ],
)
def test_a_row_of_an_older_program_is_read(kind, plain, detail):
    assert StoredDetail(plain).read_as(kind.detail) == detail


@pytest.mark.parametrize(
    ("kind", "plain"),
    [(BLIND, {}), (BLIND, {"since": "yesterday"}), (STEPS, {"about": [{}]}), (SELF_TESTS, {"outcome": "lost"})],
)
def test_a_row_that_is_damaged_is_told_as_such(kind, plain):
    with pytest.raises(DamagedRow):
        StoredDetail(plain).read_as(kind.detail)


def test_a_findings_step_names_its_code():
    assert {FINDINGS.code(finding_step(code)) for code in Code} == set(Code)
