"""Mail that comes back: who got a mail returns it as if it had been sent to somebody else, before its copy in Sent."""

import pytest
from lab_post import ANSWER, CARE, SUBJECT, agent, customer, post, relay, reply, to_agent
from lab_story import H

from relaywatch.core.mail.message import Folder

SERVER = "mx.shop.example"
TRUSTING = f'\n[walmart]\nauthserv_ids = ["{SERVER}"]\n'
COPIES = """
[[mailbox]]
name = "desk"
role = "sent"
address = "desk@shop.example"
host = "imap.shop.example"
username = "desk@shop.example"
password = "kiln"
"""
STRANGER = "pottery@fans.example"
BOTH = pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
TRUST = pytest.mark.parametrize("trusting", [True, False], ids=["trusting", "plain"])


def found(raw, result):
    """Return a mail as the seller's server hands it on: with what it found, above the line by which it came in."""
    lines = (
        f"Authentication-Results: {SERVER}; {result}\r\n"
        f"Received: from mail.example (mail.example [203.0.113.9]) by {SERVER} with ESMTPS id 1;"
        " Mon, 16 Nov 2026 14:00:00 +0000\r\n"
    )
    return lines.encode() + raw


def to_stranger(to=STRANGER, answers="hello@fans.example"):
    """Return what the seller wrote to a stranger, or that as if it had answered somebody else."""
    text = f"{ANSWER}\n\nKind regards,\nMei\n"
    return post(CARE, to, f"Re: {SUBJECT} 1", text, mid="to-stranger@shop.example", answers=answers)


def returned(to=None, answers="asked-1@relay.walmart.ca"):
    return found(to_stranger(to or relay(), answers), "dmarc=fail header.from=shop.example")


def tell(*steps, first):
    """The first two steps happen in this order, or in the other."""
    for step in steps if first else reversed(steps):
        step()


@TRUST
@BOTH
def test_what_is_returned_as_sent_to_a_customer_answers_nobody(shop, trusting, first):
    shop.configure(more=TRUSTING if trusting else "")
    shop.mail(customer(), at=H(0))
    tell(
        lambda: shop.mail(returned(), at=H(1), mailbox="complaints"),
        lambda: shop.sent(to_stranger(), at=H(1)),
        first=first,
    )
    assert shop.status() == ["running"]
    assert shop.case().messages == 1
    assert shop.until(H(1.1), H(25)) == [(16.1, "8h"), (21.1, "3h"), (23.1, "1h"), (24.1, "due")]


@BOTH
def test_what_is_returned_as_sent_to_an_agent_answers_nobody(shop, first):
    shop.mail(agent(), at=H(0))
    true = to_agent(to=STRANGER, answers="hello@fans.example")
    tell(lambda: shop.mail(to_agent(), at=H(1)), lambda: shop.sent(true, at=H(1)), first=first)
    assert shop.status() == ["running"]


@BOTH
def test_an_answer_that_is_returned_as_sent_to_another_customer_counts_where_it_was_sent(shop, first):
    shop.mail(customer(2), at=H(0))
    shop.mail(customer(1), at=H(1))
    raw = reply(1, to=relay(2), answers="asked-2@relay.walmart.ca")
    tell(lambda: shop.mail(raw, at=H(2)), lambda: shop.sent(reply(1), at=H(2)), first=first)
    assert (shop.status(1), shop.status(2)) == (["running"], ["met"])
    assert (shop.case(1).counterparty, shop.case(2).counterparty) == (relay(2), relay(1))


@BOTH
def test_what_fails_at_a_mailbox_for_copies_borrows_nothing_from_what_came_elsewhere(shop, first):
    shop.configure(more=TRUSTING + COPIES)
    shop.mail(customer(), at=H(0))
    tell(
        lambda: shop.mail(to_stranger(relay(), "asked-1@relay.walmart.ca"), at=H(1), mailbox="complaints"),
        lambda: shop.mail(returned(), at=H(1), mailbox="desk"),
        first=first,
    )
    assert shop.status() == ["running"]


@TRUST
@BOTH
def test_what_came_to_a_mailbox_for_copies_is_believed_before_what_came_elsewhere(shop, trusting, first):
    shop.configure(more=(TRUSTING if trusting else "") + COPIES)
    shop.mail(customer(), at=H(0))
    true = found(to_stranger(), "dmarc=pass header.from=shop.example")
    tell(
        lambda: shop.mail(returned(), at=H(1), mailbox="complaints"),
        lambda: shop.mail(true, at=H(1), mailbox="desk"),
        first=first,
    )
    assert shop.status() == ["running"]


def test_all_copies_in_one_batch_and_after_a_restart(shop):
    shop.configure(more=TRUSTING)
    shop.mail(customer(), at=H(0))
    shop.mails([returned(), returned(answers="asked-9@relay.walmart.ca")], at=H(1))
    shop.restart(H(1))
    shop.mails([to_stranger(), to_stranger(relay())], at=H(1), folder=Folder.SENT)
    shop.mails([returned()], at=H(2))
    shop.judge_again(H(2))
    assert shop.status() == ["running"]
    shop.sent(reply(), at=H(3))
    assert shop.status() == ["met"]


@BOTH
def test_a_forged_copy_takes_nothing_from_an_agents_mail(shop, first):
    shop.configure(more=TRUSTING)
    forged = found(agent(Reply_To=STRANGER), "dmarc=fail header.from=walmart.com")
    true = found(agent(), "dmarc=pass header.from=walmart.com")
    tell(lambda: shop.mail(forged, at=H(0)), lambda: shop.mail(true, at=H(0)), first=first)
    (kept,) = shop.store.load_mails(shop.store.message_rows("main"))
    assert (kept.mail.message.reply_to, kept.mail.verdict.unauthenticated) == ((), "")
    assert shop.cases() == {1: "open"}
    assert [one for one in shop.case().findings if one.mended_by is None] == []
    shop.sent(to_agent(), at=H(2))
    assert (shop.cases(), shop.status()) == ({1: "answered"}, ["met"])


def test_a_copy_in_junk_that_is_proved_worse_changes_nothing_but_where_it_lies(shop):
    shop.configure(more=TRUSTING)
    shop.mail(found(customer(), "dmarc=pass header.from=relay.walmart.ca"), at=H(1))
    (before,) = shop.store.load_mails(shop.store.message_rows("main"))
    shop.mail(found(customer(), "dmarc=fail header.from=relay.walmart.ca"), at=H(0), seen=H(2), folder=Folder.JUNK)
    (after,) = shop.store.load_mails(shop.store.message_rows("main"))
    assert after.mail.message == before.mail.message.with_copies(after.mail.message.copies)
    assert len(after.mail.message.copies) == 2
    assert shop.case().deadlines[0].started_at == H(0)


_WALMARTS = "header.from=walmart.com"


@BOTH
@pytest.mark.parametrize(
    ("care", "complaints", "rule"),
    [
        pytest.param("dmarc=pass", "dmarc=fail", "C2", id="returned to the other mailbox"),
        pytest.param("dmarc=pass", "spf=none", "C2", id="returned without a proof"),
        pytest.param("dmarc=fail", "dmarc=pass", "C3", id="the complaint is the true one"),
        pytest.param("dmarc=pass", "dmarc=pass", "C3", id="sent to both"),
        pytest.param("dmarc=fail", "dmarc=fail", "C3", id="sent to both, where nothing passes"),
        pytest.param("spf=none", "spf=none", "C3", id="sent to both, where nothing tells"),
    ],
)
def test_policy_c3_a_copy_that_is_proved_worse_makes_no_complaint(shop, care, complaints, rule, first):
    shop.configure(more=TRUSTING)
    tell(
        lambda: shop.mail(found(agent(), f"{care} {_WALMARTS}"), at=H(0)),
        lambda: shop.mail(found(agent(), f"{complaints} {_WALMARTS}"), at=H(0), mailbox="complaints"),
        first=first,
    )
    assert [one.rule for one in shop.case().deadlines if one.obligation == "reply"] == [rule]
    assert (shop.case().kind, shop.case().mailbox) == (
        ("complaint", "complaints") if rule == "C3" else ("walmart_agent", "care")
    )
    shop.judge_again(H(1))
    assert shop.case().deadlines[0].rule == rule


@BOTH
def test_policy_c3_without_a_trusted_server_every_copy_counts(shop, first):
    tell(
        lambda: shop.mail(found(agent(), f"dmarc=pass {_WALMARTS}"), at=H(0)),
        lambda: shop.mail(found(agent(), f"dmarc=fail {_WALMARTS}"), at=H(0), mailbox="complaints"),
        first=first,
    )
    assert shop.case().deadlines[0].rule == "C3"
