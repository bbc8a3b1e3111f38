"""Names, times, and the order of lists (interface: A case as JSON)."""

import json
from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.case import Verb
from relaywatch.core.cases.form import assessment_form, case_form, most_urgent_first
from relaywatch.core.mail.message import Topic


def test_a_case_as_the_interface_shows_it():
    case = c.case_of([c.customer(topics=(Topic.NOT_RECEIVED,)), c.sent(2, own_words="Ok."), c.sent(3, mid="r2")], 5)
    form = json.loads(json.dumps(case_form(12, case)))
    assert list(form) == [
        *("id", "account", "kind", "mailbox", "counterparty", "subject", "order_id", "topics", "state", "opened_at"),
        *("deadlines", "findings", "messages", "replies"),
    ]
    assert (form["id"], form["kind"], form["state"], form["topics"]) == (12, "customer", "open", ["not_received"])
    assert (form["order_id"], form["opened_at"], form["messages"]) == (c.ORDER, "2026-11-13T21:30:00Z", 3)
    assert form["deadlines"][-1] == {
        "obligation": "reply",
        "rule": "C1",
        "status": "met",
        "started_at": "2026-11-13T21:30:00Z",
        "due_at": "2026-11-14T21:30:00Z",
        "started_by": "<c1>",
        "clock": "internaldate",
        "met_at": "2026-11-14T00:30:00Z",
        "met_by": "<r2>",
    }
    assert form["findings"][0]["detail"]["why"][0] == "it says nothing but courtesy: ok."
    assert form["findings"] == [
        {
            "code": "thin_reply",
            "rule": "Q1",
            "message_id": "<r1>",
            "at": "2026-11-13T23:30:00Z",
            "detail": form["findings"][0]["detail"],
            "mended_by": "<r2>",
        }
    ]


def test_what_is_not_mended_does_not_say_by_what():
    case = c.case_of([c.customer(mid="c1"), c.sent(2, own_words="Ok.")], 5)
    (finding,) = case_form(1, case)["findings"]
    assert "mended_by" not in finding


def test_a_mail_without_message_id_has_null():
    form = case_form(1, c.case_of([c.customer(mid=None)], 5))
    assert form["deadlines"][0]["started_by"] is None


@pytest.mark.parametrize(("verb", "said"), [(None, None), (Verb.CONFIRM, "confirm")])
def test_what_nobody_said_of_a_reply_is_null(verb, said):
    reply = c.sent(3)
    statements = [replace(c.says(verb, 4), message_key=reply.message.key)] if verb else []
    (found,) = c.case_of([c.customer(), reply], 5, *statements).assessments
    assert assessment_form(found)["said"] == said


def test_authenticity_is_no_rule_of_the_policy():
    (finding,) = case_form(1, c.case_of([c.agent(unauthenticated="dmarc=fail")], 5))["findings"]
    assert finding["rule"] is None


LATE = c.case_of([c.customer(-30)], 5)
SOON = c.case_of([c.bureau(4.5)], 5)
HANDOVER = c.case_of([c.customer(-10, topics=(Topic.PICKUP,)), c.sent(-9)], 5)
RUNNING = c.case_of([c.customer(3)], 5)
UNRESOLVED = c.case_of([c.customer(-6), c.sent(-5)], 5)
OLD = c.case_of([c.customer(-99), c.sent(-98)], 5)
NEWER = c.case_of([c.customer(-60), c.sent(-58)], 5)
WAIVED = c.case_of([c.customer(-40)], 5, c.says(Verb.WAIVE, 0))


@pytest.mark.parametrize("shuffle", [1, 3, 5, 7], ids=str)
def test_cases_stand_by_what_is_owed_first_then_unresolved_then_newest(shuffle):
    ordered = [LATE, SOON, HANDOVER, RUNNING, UNRESOLVED, WAIVED, NEWER, OLD]
    mixed = [(number, ordered[(number * shuffle) % 8]) for number in range(8)]
    assert [case for _, case in most_urgent_first(mixed)] == ordered


def test_equals_stand_by_number():
    assert [number for number, _ in most_urgent_first([(7, RUNNING), (3, RUNNING)])] == [3, 7]
