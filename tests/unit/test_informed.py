"""What the program itself told internal parties mends a reply that left them out (policy Q4)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lab_mail import shipped_rules
from lab_post import customer, dated, reply
from lab_story import H

from relaywatch.core.cases.case import Code, Conversation, Informed
from relaywatch.core.cases.judge import Basis, judge
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.core.policy import Policy
from relaywatch.pipeline.reading import RawMail, read

OPS, BOSS = "ops@shop.example", "boss@shop.example"
PARTIES = Parties(registered=frozenset({"care@shop.example"}), internal=frozenset({OPS, BOSS}))
BASIS = Basis(Policy(), PARTIES, shipped_rules())


def taken(raw, at, folder=Folder.INBOX):
    copy = Copy(mailbox="care", role=Role.CARE, folder=folder, internaldate=at)
    return read(RawMail(dated(raw, at), True, "main", copy, None), PARTIES, BASIS.rules).mail


MAILS = (taken(customer(), H(0)), taken(reply(), H(1), Folder.SENT))
TOLD = Informed(message_key=MAILS[1].message.key, people=frozenset({OPS, BOSS}), at=H(1.1), by="<inform@shop.example>")


def mended_by(*informed):
    (finding,) = judge(Conversation(MAILS, informed=informed), BASIS, H(2)).case.findings
    assert (finding.code, finding.detail) == (Code.INTERNAL_NOT_INFORMED, {"missing": [BOSS, OPS]})
    return finding.mended_by


@pytest.mark.parametrize(
    ("informed", "by"),
    [
        ((), None),
        ((TOLD,), "<inform@shop.example>"),
        ((replace(TOLD, people=frozenset({OPS})),), None),
        (
            (replace(TOLD, people=frozenset({OPS})), replace(TOLD, people=frozenset({BOSS}), by="<2@shop.example>")),
            "<inform@shop.example>",
        ),
        (
            (
                replace(TOLD, people=frozenset({OPS}), by="<z@shop.example>"),
                replace(TOLD, people=frozenset({BOSS}), at=H(1.2), by="<a@shop.example>"),
            ),
            "<a@shop.example>",
        ),
        ((replace(TOLD, message_key="another"),), None),
        ((replace(TOLD, at=H(2) + timedelta(minutes=1)),), None),
    ],
    ids=[
        "nobody",
        "both",
        "one of two",
        "both, by two mails",
        "one after the other",
        "of another reply",
        "later than now",
    ],
)
def test_what_was_told(informed, by):
    """policy Q4."""
    assert mended_by(*informed) == by
    assert mended_by(*reversed(informed)) == by
