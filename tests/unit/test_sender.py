"""The true sender: names with commas, groups and forwarders that stand in From, and what is not believed of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from lab_mail import a_mail, shipped_rules
from lab_parse import RELAY, message
from strategies import messages

from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.whose import answerable, audience
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.authentic import verdict
from relaywatch.core.mail.message import Class, Copy, Folder, Role
from relaywatch.core.mail.sender import as_written, sent_on_by

CARE, AGENT = "care@shop.example", "jsmith@walmart.com"
PARTIES = Parties(registered=frozenset({CARE, "complaints@shop.example"}), own=frozenset({"relaywatch@shop.example"}))
GUARDED = replace(PARTIES, authserv_ids=frozenset({"mx.shop.example"}))
VIA = "'John Smith' via Care <care@shop.example>"
ASKS = "The lid of Ms. Roy's teapot is cracked. Please contact the customer."
LIST = ("List-ID: <care.shop.example>", "Mailing-list: list care@shop.example", "Precedence: list")


def read(from_, *headers, to=CARE, text=ASKS):
    lines = ("Subject: Case 10293847", f"To: {to}", "Message-ID: <a1@walmart.com>", *headers, "", text)
    return as_written(message("\n".join((f"From: {from_}", *lines))), PARTIES)


def class_of(mail, parties=PARTIES):
    return classify(mail, parties, shipped_rules()).class_


# --- From as people and programs write it


@pytest.mark.parametrize(
    "from_",
    [
        "Smith, John <jsmith@walmart.com>",
        "John Smith, Walmart Canada <jsmith@walmart.com>",
        "Smith, John, Jr. <jsmith@walmart.com>",
        "Smith, John jsmith@walmart.com",
        "John Smith [jsmith@walmart.com]",
        "John Smith <jsmith@walmart.com",
        "John Smith jsmith@walmart.com>",
        "<<jsmith@walmart.com>>",
        '"Smith, John <jsmith@walmart.com>',
        "Smith, John (Walmart, Care) <jsmith@walmart.com>",
        "Walmart Care: John Smith <jsmith@walmart.com>;",
        "=?utf-8?Q?Smith,_John?= <jsmith@walmart.com>",
        "=?utf-8?B?U21pdGgsIEpvaG4gPGpzbWl0aEB3YWxtYXJ0LmNvbT4=?=",
        "John =?utf-8?B?PGpzbWl0aEB3YWxtYXJ0LmNvbT4=?=",
        "care@shop.example, John Smith <jsmith@walmart.com>",
        "Lévesque, Zoé <jsmith@walmart.com>",
        "史密斯，约翰 <jsmith@walmart.com>",
    ],
)
def test_an_agent_whose_name_is_written_badly_is_an_agent(from_):
    mail = read(from_)
    assert mail.author == AGENT
    assert class_of(mail) is Class.WALMART_AGENT


# --- groups and forwarders


@pytest.mark.parametrize("from_", [VIA, "care@shop.example", "John via Forwarder <fwd@shop.example>"])
@pytest.mark.parametrize(
    "header",
    [
        "X-Original-Sender: jsmith@walmart.com",
        "X-Original-From: John Smith <jsmith@walmart.com>",
        "X-Original-From: Smith, John <jsmith@walmart.com>",
        "X-Original-From: =?utf-8?Q?Jean-S=C3=A9bastien?= <jsmith@walmart.com>",
        "Original-From: jsmith@walmart.com",
        "Author: John Smith <jsmith@walmart.com>",
        "Reply-To: John Smith <jsmith@walmart.com>",
        "Sender: John Smith <jsmith@walmart.com>",
    ],
)
def test_what_a_group_sends_on_is_its_authors(from_, header):
    mail = read(from_, header, *LIST)
    assert mail.author == AGENT
    assert sent_on_by(mail) == mail.from_[0]
    assert class_of(mail) is Class.WALMART_AGENT
    assert as_written(mail, PARTIES) == mail
    assert any("sent on by" in evidence for evidence in classify(mail, PARTIES, shipped_rules()).evidence)


@pytest.mark.parametrize(
    "name",
    [
        "'jsmith@walmart.com' via Care",
        "jsmith at walmart.com via Forwarder",
        "jsmith@walmart.com on behalf of Care",
        "jsmith@walmart.com par l'intermédiaire de Care",
    ],
)
def test_an_author_in_the_name(name):
    assert read(f'"{name}" <care@shop.example>').author == AGENT


def test_a_customer_through_a_group_can_be_answered_on_the_relay():
    mail = read(f"'Jordan' via Care <{CARE}>", f"X-Original-From: Jordan <{RELAY}>", f"Reply-To: {CARE}", *LIST)
    assert (mail.author, mail.author_name, mail.reply_to) == (RELAY, "Jordan", ())
    assert class_of(mail) is Class.CUSTOMER


@pytest.mark.parametrize("reply_to", [CARE, f"Care <{CARE}>", AGENT, f"{AGENT}, {CARE}"])
def test_an_agent_through_a_group_can_be_answered(reply_to):
    mail = read(VIA, "X-Original-Sender: jsmith@walmart.com", f"Reply-To: {reply_to}", "Cc: kpatel@walmart.com", *LIST)
    assert answerable(mail, PARTIES)
    assert audience(mail, PARTIES) == {AGENT, "kpatel@walmart.com"}  # policy Q3


def test_a_list_elsewhere_that_names_itself():
    public = ("List-ID: <kiln.lists.example>", "List-Post: <mailto:kiln@lists.example>")
    assert read("John via Kiln <kiln@lists.example>", "X-Original-Sender: jsmith@walmart.com", *public).author == AGENT


def test_a_customer_for_whom_a_machine_of_walmarts_sends():
    mail = read("Walmart.ca <no-reply@walmart.com>", f"Reply-To: Jordan <{RELAY}>", text="The lid is cracked.")
    assert mail.author == RELAY
    assert class_of(mail) is Class.CUSTOMER


@pytest.mark.parametrize(
    ("from_", "headers"),
    [
        ("x@evil.example", ("X-Original-Sender: jsmith@walmart.com",)),
        ("x@evil.example", ("Reply-To: jsmith@walmart.com",)),
        ("x@evil.example", ("X-Original-Sender: jsmith@walmart.com", "List-ID: <other.example>")),
        ("jsmith@walmart.com via x <x@evil.example>", ()),
        (VIA, (f"X-Original-Sender: {CARE}", f"Reply-To: {CARE}", *LIST)),
        ("relaywatch@shop.example", (f"Reply-To: {RELAY}",)),
    ],
)
def test_nobody_else_is_made_walmarts(from_, headers):
    mail = read(from_, *headers)
    assert mail.author == mail.from_[0]
    assert class_of(mail) in (Class.OTHER, Class.INTERNAL)


@pytest.mark.parametrize(
    ("from_", "headers"),
    [
        (VIA, ("X-Original-Sender: jordan@mail.example",)),
        (VIA, ("X-Original-Sender: jordan@mail.example", *LIST)),
        (CARE, ("X-Original-From: Jordan <jordan@mail.example>",)),
        (VIA, ("Reply-To: jordan@mail.example", *LIST)),
        (VIA, ("Cc: Jordan <jordan@mail.example>", *LIST)),
    ],
)
def test_a_stranger_who_writes_to_a_list_of_the_sellers_wrote_nothing_of_theirs(from_, headers):
    """Policy Q1: the list signs what they say to a customer or an agent as well."""
    proof = (
        "Authentication-Results: mx.shop.example; dkim=pass header.d=shop.example; dmarc=pass header.from=shop.example"
    )
    mail = read(from_, proof, *headers, to=f"{CARE}, {RELAY}")
    assert mail.author == "jordan@mail.example"
    assert class_of(mail, GUARDED) is Class.OTHER


@pytest.mark.parametrize(
    "headers",
    [(), LIST, (f"X-Original-Sender: {CARE}", *LIST), (f"Reply-To: {CARE}", *LIST), ("Reply-To: x@desk.example",)],
)
def test_what_the_seller_writes_by_a_list_is_theirs(headers):
    proof = "Authentication-Results: mx.shop.example; dmarc=pass header.from=shop.example"
    mail = read(f"Mei via Care <{CARE}>", proof, *headers, to=f"{CARE}, {RELAY}")
    assert class_of(mail, GUARDED) is Class.SELLER_OUTREACH


def test_a_reply_of_the_sellers_that_comes_back_through_the_group_is_no_customers():
    mail = read(f"'Mei' via Care <{CARE}>", f"X-Original-Sender: {CARE}", f"Reply-To: {RELAY}", *LIST, to=RELAY)
    assert class_of(mail) is Class.INTERNAL


def test_what_lies_in_sent_is_the_sellers():
    places = (Copy(mailbox="care", role=Role.CARE, folder=Folder.SENT),)
    mail = a_mail(author=CARE, from_=(CARE,), reply_to=(RELAY,), copies=places)
    assert as_written(mail, PARTIES) == mail


# --- authenticity: no forgery is believed, and its clock runs all the same


@pytest.mark.parametrize(
    ("result", "believed"),
    [
        ("dkim=pass header.d=wal-mart.com", True),
        ("dmarc=pass header.from=shop.example; dkim=pass header.i=@walmart.com", True),
        ("dmarc=pass header.from=shop.example", False),
        ("dmarc=pass", False),
        ("dkim=pass header.d=shop.example; spf=pass smtp.mailfrom=care@shop.example", False),
        ("dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=x@evil.example", False),
        ("none", False),
        (None, False),
    ],
)
def test_a_group_vouches_for_itself_alone(result, believed):
    headers = (f"Authentication-Results: mx.shop.example; {result}",) if result else ()
    mail = read(VIA, *headers, "X-Original-Sender: jsmith@walmart.com", *LIST)
    found = classify(mail, GUARDED, shipped_rules())
    assert found.class_ is Class.WALMART_AGENT
    assert bool(found.unauthenticated) is not believed
    assert verdict(mail, PARTIES).status != "fail"  # nothing is trusted, so nothing is known


@given(messages)
def test_finding_the_author_twice_changes_nothing(mail):
    once = as_written(mail, PARTIES)
    assert as_written(once, PARTIES) == once
    assert once.from_ == mail.from_
    assert once.author == mail.author or PARTIES.is_walmart(once.author)
