"""What came to a `sent` mailbox and is not the seller's stops no clock, and is told (policy Q1, C1, C2)."""

from dataclasses import replace

import cast as c
import pytest
from lab_notices import VOICE, said

from relaywatch.core.cases.case import Code
from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.whose import is_forged, is_sellers
from relaywatch.core.due.warning import warnings_due
from relaywatch.core.mail.authentic import Proof, proof
from relaywatch.core.mail.message import Class, Folder, Mail, Role
from relaywatch.core.notices.of_case import Occasion, step
from relaywatch.core.threads.thread import group

PARTIES = replace(c.PARTIES, authserv_ids=frozenset({"mx.shop.example"}))
STRANGER = "x@evil.example"


def results(value: str) -> tuple[tuple[str, str], ...]:
    return (
        ("authentication-results", f"mx.shop.example; {value}"),
        ("received", "from evil.example by mx.shop.example"),
    )


SENT_ON = results("spf=pass smtp.mailfrom=x@desk.example; dkim=pass header.d=shop.example")
FAILED = results("dmarc=fail header.from=shop.example")
PASSED = results("dmarc=pass header.from=shop.example")
UNPROVED = results("spf=none smtp.mailfrom=evil.example; dkim=none; dmarc=temperror header.from=shop.example")
LOGGED_IN = results("auth=pass smtp.auth=care@shop.example; dmarc=fail header.from=shop.example")
OTHERS = results("dmarc=pass header.from=evil.example")
OTHERS_SIGNED = results("spf=pass smtp.mailfrom=x@evil.example; dkim=none")


def copied(
    hours: float = 3, to=c.SMITH, headers=FAILED, mid: str = "f1", author: str = c.CARE, **fields: object
) -> Mail:
    """What lies in the inbox of a mailbox for copies, classified."""
    values = {"role": Role.SENT, "folder": Folder.INBOX, "headers": headers, "author": author, "answers": ()}
    message = c.sent(hours, to, mid, **values | fields).message
    return Mail(message, classify(message, PARTIES, c.rules()))


@pytest.mark.parametrize(
    ("headers", "author", "sellers"),
    [
        pytest.param(FAILED, c.CARE, False, id="forged"),
        pytest.param(PASSED, c.CARE, True, id="a help desk's"),
        pytest.param((), c.CARE, True, id="one that came by a way on which nothing is asked"),
        pytest.param((*SENT_ON, ("dkim-signature", "shop.example")), c.CARE, False, id="one that a stranger sent on"),
        pytest.param((*SENT_ON, ("dkim-signature", "shop.example to")), c.CARE, True, id="signed with whom it is for"),
        pytest.param(OTHERS, STRANGER, False, id="a stranger's in their own name"),
        pytest.param(OTHERS, c.CARE, False, id="two authors, and DMARC is about the other"),
        pytest.param(OTHERS_SIGNED, c.CARE, False, id="a server without DMARC"),
        pytest.param((FAILED[1], FAILED[0]), c.CARE, False, id="failed, told below the border's line"),
    ],
)
@pytest.mark.parametrize("to", [c.SMITH, c.relay()])
def test_what_comes_to_a_mailbox_for_copies_is_asked_for_its_proof(headers, author, sellers, to):
    mail = copied(to=to, headers=headers, author=author)
    assert (is_sellers(mail), is_forged(mail)) == (sellers, not sellers)
    opened = c.customer(0) if to == c.relay() else c.agent(0)
    (some,) = group([opened, mail], PARTIES)
    case = c.case_of(some, 5, parties=PARTIES)
    assert [status for _, status, _ in c.stands(case)] == ["met" if sellers else "running"]
    assert c.codes(case) == ([] if sellers else ["unauthenticated"])


def test_a_further_address_of_the_sellers_may_answer_an_agent():
    mail = copied(headers=PASSED, author=c.ALIAS)
    assert [status for _, status, _ in c.stands(c.case_of([c.agent(0), mail], 5, parties=PARTIES))] == ["met"]


def test_without_a_trusted_server_every_copy_is_believed():
    message = copied().message
    assert not classify(message, c.PARTIES, c.rules()).unauthenticated


@pytest.mark.parametrize("role", [Role.SENT, Role.CARE])
@pytest.mark.parametrize(
    ("headers", "author", "believed"),
    [
        pytest.param((), c.CARE, True, id="put there by a mail program"),
        pytest.param((("received", "from kiln.local by smtp.shop.example"),), c.CARE, True, id="or by a server"),
        pytest.param(PASSED, c.CARE, True, id="moved there by a rule"),
        pytest.param(LOGGED_IN, c.CARE, True, id="sent through the same server, whose domain has no signature"),
        pytest.param(FAILED, c.CARE, False, id="a stranger's, to care+Sent@"),
        pytest.param((FAILED[1], FAILED[0]), c.CARE, False, id="failed, told below the border's line"),
        pytest.param(OTHERS, STRANGER, False, id="a stranger's in their own name"),
        pytest.param(OTHERS_SIGNED, c.CARE, False, id="a server without DMARC"),
        pytest.param(UNPROVED, c.CARE, False, id="a stranger's, whom nothing speaks for or against"),
    ],
)
@pytest.mark.parametrize("to", [c.SMITH, c.relay()])
def test_what_lies_in_sent_may_have_come_by_mail(role, headers, author, believed, to):
    """Some servers file by the detail of an address, so that it takes no login to put a mail into Sent."""
    mail = copied(to=to, headers=headers, author=author, role=role, folder=Folder.SENT)
    assert (is_sellers(mail), is_forged(mail)) == (believed, not believed)
    assert (proof(mail.message, PARTIES) is Proof.FILED) is believed
    assert not classify(mail.message, c.PARTIES, c.rules()).unauthenticated


@pytest.mark.parametrize("both", [False, True])
def test_what_walmart_sends_to_a_mailbox_for_copies_is_owed_an_answer_all_the_same(both):
    message = c.agent(0, to=(c.CARE, "copies@shop.example"), role=Role.SENT, folder=Folder.INBOX).message
    if both:
        message = replace(message, copies=(*message.copies, c.agent(0).message.copies[0]))
    mail = Mail(message, classify(message, PARTIES, c.rules()))
    assert mail.verdict.class_ is Class.WALMART_AGENT
    assert c.stands(c.case_of([mail], 1, parties=PARTIES)) == [("C2", "running", 24.0)]


def test_a_forged_copy_joins_no_two_cases():
    some = [c.customer(0), c.agent(1), copied(to=(c.relay(), c.SMITH), answers=("c1", "a1"))]
    found = group(some, PARTIES)
    assert sorted(len(members) for members in found) == [1, 2]
    assert [mail.message.message_id for mail in next(one for one in found if len(one) == 2)] == ["<a1>", "<f1>"]


def test_it_is_told_in_the_next_step():
    case = c.case_of([c.customer(0), copied(to=c.relay())], 23.5, parties=PARTIES)
    (found,) = case.findings
    assert (found.code, found.affects) == (Code.UNAUTHENTICATED, c.customer(0).message.key)
    due = warnings_due(case, c.basis().policy, c.at(23.5))
    assert [one.step for one in due] == ["1h"]
    told = said(
        step(Occasion(case_id=1, case=case, deadline=due[0].deadline, now=c.at(23.5), voice=VOICE, parties=PARTIES))
    )
    assert "dmarc=fail" in told
    assert "is no reply and stopped no clock" in told


@pytest.mark.parametrize(
    ("answered", "affected"),
    [
        pytest.param([], c.agent(1), id="whom it went to"),
        pytest.param([c.sent(2, c.SMITH)], c.customer(), id="whoever is still owed an answer, where they have theirs"),
    ],
)
def test_it_is_told_of_beside_the_deadline_that_it_seemed_to_meet(answered, affected):
    case = c.case_of([c.customer(), c.agent(1), *answered, copied()], 5, parties=PARTIES)
    assert c.finding(case, "unauthenticated").affects == affected.message.key
