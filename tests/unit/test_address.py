"""Whose address is it? (policy Q5, H, and the look-alikes that are nobody's)"""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.core.mail.address import Parties, domain, is_below, is_no_reply

CUSTOMER = f"c-{'0123456789abcdef' * 2}@relay.walmart.ca"
BLUE_KILN = Parties(
    registered=frozenset({"care@shop.example", "complaints@shop.example"}),
    seller=frozenset({"desk@helpdesk.example"}),
    seller_domains=frozenset({"bluekiln.example"}),
    internal=frozenset({"owner@elsewhere.example"}),
    own=frozenset({"relaywatch@shop.example"}),
)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("care@Shop.Example", "shop.example"),
        ('"a@b"@shop.example', "shop.example"),
        ("care", ""),
        ("", ""),
        ("@shop.example", "shop.example"),
        ("care@", ""),
    ],
)
def test_domain(address, host):
    assert domain(address) == host


@pytest.mark.parametrize(
    "address",
    [
        "noreply@x.example",
        "No-Reply@x.example",
        "do_not_reply@x.example",
        "donotreply+12@x.example",
        "cases-noreply@x.example",
        "noreply",
        "ne-pas-repondre@x.example",
    ],
)
def test_no_reply(address):
    assert is_no_reply(address)


@pytest.mark.parametrize("address", ["reply@x.example", "care@noreply.example", "nora@x.example", "", "@noreply"])
def test_reply(address):
    assert not is_no_reply(address)


@pytest.mark.parametrize(
    ("host", "below"),
    [
        ("walmart.com", True),
        ("email.walmart.com", True),
        ("a.b.walmart.com", True),
        ("notwalmart.com", False),
        ("walmart.com.evil.example", False),
        ("walmart-support.com", False),
        ("com", False),
        ("", False),
        (".walmart.com", True),
    ],
)
def test_is_below(host, below):
    assert is_below(host, frozenset({"walmart.com"})) is below


@pytest.mark.parametrize(
    ("address", "relay", "agent", "walmart"),
    [
        (CUSTOMER, True, False, True),
        (CUSTOMER.upper(), True, False, True),
        ("0123456789ABCDEF0123456789ABCDEF@relay.walmart.com", True, False, True),
        ("pc-00@relay.walmart.com", True, False, True),
        ("anything.at.all@relay.walmart.ca", True, False, True),  # the local part has no fixed shape
        ("x@es.relay.walmart.com", False, False, True),  # a machine that sends notices
        ("x@a.relay.walmart.ca", False, False, True),
        ("jsmith@walmart.com", False, True, True),
        ("KPatel@Walmart.com", False, True, True),
        ("kpatel@walmart.ca", False, True, True),
        ("x@wal-mart.com", False, True, True),
        ("x@email.wal-mart.com", False, True, True),
        ("x@myrelay.walmart.com", False, True, True),  # another name, no relay
        ("x@walmart.co", False, False, False),
        ("x@walmart.com.evil.example", False, False, False),
        ("x@walmart-support.com", False, False, False),
        ("x@relay-walmart.ca", False, False, False),
        ("x@relay.walmart.ca.evil.example", False, False, False),
        ("x@notwalmart.com", False, False, False),
        ("jsmith@walmart.com@evil.example", False, False, False),
        ("walmart.com", False, False, False),
        ("jordan@gmail.example", False, False, False),
        ("", False, False, False),
    ],
)
def test_walmarts(address, relay, agent, walmart):
    assert BLUE_KILN.is_relay(address) is relay
    assert BLUE_KILN.is_agent(address) is agent
    assert BLUE_KILN.is_walmart(address) is walmart


@pytest.mark.parametrize(
    ("address", "registered", "seller"),
    [
        ("care@shop.example", True, True),
        ("Complaints@SHOP.example", True, True),
        ("desk@helpdesk.example", False, True),
        ("Owner@elsewhere.example", False, True),
        ("anyone@bluekiln.example", False, True),
        ("anyone@post.bluekiln.example", False, True),
        ("other@shop.example", False, False),  # a domain is the seller's only where they say so
        ("other@elsewhere.example", False, False),
        ("x@notbluekiln.example", False, False),
        (CUSTOMER, False, False),
        ("jsmith@walmart.com", False, False),
        ("", False, False),
    ],
)
def test_the_sellers(address, registered, seller):
    assert BLUE_KILN.is_registered(address) is registered  # policy Q5
    assert BLUE_KILN.is_seller(address) is seller


@pytest.mark.parametrize(
    ("handover", "address", "reaches"),
    [
        (frozenset(), "jsmith@walmart.com", True),
        (frozenset(), CUSTOMER, False),
        (frozenset(), "owner@elsewhere.example", False),
        (frozenset(), "No-Reply@walmart.ca", False),
        (frozenset(), "postmaster@walmart.com", False),
        (frozenset({"no-reply@walmart.ca"}), "no-reply@walmart.ca", True),
        (frozenset({"cx@walmart.ca"}), "CX@walmart.ca", True),
        (frozenset({"cx@walmart.ca"}), "jsmith@walmart.com", False),
        (frozenset({"cx@partner.example"}), "cx@partner.example", True),
    ],
)
def test_the_customer_experience_teams(handover, address, reaches):  # policy H1, H2
    assert Parties(handover=handover).is_handover(address) is reaches


def test_other_domains_can_be_named():
    parties = Parties(relay_domains=frozenset({"relay.test.example"}), agent_domains=frozenset({"test.example"}))
    assert parties.is_relay("c-1@relay.test.example")
    assert not parties.is_agent("c-1@relay.test.example")
    assert parties.is_agent("jsmith@test.example")
    assert not parties.is_agent("jsmith@walmart.com")


LABELS = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=8)
HOSTS = st.lists(LABELS | st.sampled_from(["relay", "walmart", "ca", "com", "es"]), min_size=1, max_size=4).map(
    ".".join
)
ADDRESSES = st.builds("{}@{}".format, LABELS, HOSTS | st.sampled_from(["relay.walmart.ca", "walmart.com"])) | st.text()


@given(ADDRESSES)
def test_nobody_is_both_a_customer_and_an_agent(address):
    relay, agent = BLUE_KILN.is_relay(address), BLUE_KILN.is_agent(address)
    assert not (relay and agent)
    assert BLUE_KILN.is_walmart(address) or not (relay or agent)


@given(ADDRESSES.filter(str.isascii))
def test_case_makes_no_difference(address):
    for ask in (
        BLUE_KILN.is_relay,
        BLUE_KILN.is_agent,
        BLUE_KILN.is_walmart,
        BLUE_KILN.is_registered,
        BLUE_KILN.is_seller,
        BLUE_KILN.is_handover,
        is_no_reply,
    ):
        assert ask(address.upper()) is ask(address.lower())


@given(LABELS, HOSTS)
def test_only_what_ends_in_walmarts_domain_is_walmarts(local, host):
    ends = any(f".{host}".endswith(f".{own}") for own in BLUE_KILN.agent_domains | BLUE_KILN.relay_domains)
    assert BLUE_KILN.is_walmart(f"{local}@{host}") is ends
