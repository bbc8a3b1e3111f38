"""What of Walmart's mail nobody answers, and how a body's name is found in quotes (policy C2, C4)."""

import pytest
from lab_wholly import read_as

from relaywatch.core.mail.message import Class

AGENT, TEAM = "jsmith@walmart.com", "payments@walmart.com"
REPORT = "Your settlement report is available"
BULK = {"headers": (("precedence", "bulk"),)}


@pytest.mark.parametrize("mark", [">", ">>", "j>", "jd>", "jds>", "> > ", "| "])
def test_policy_c4_a_bodys_name_goes_on_behind_the_mark_of_the_next_line(mark):
    quote = f"{mark}A complaint was filed at the Better Business\n{mark}Bureau of Ontario."
    assert read_as("Please see below.", "Lamp", AGENT, rest=quote).class_ is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize(
    ("author", "text", "fields", "class_"),
    [
        pytest.param(TEAM, "See Seller Center.", BULK, Class.WALMART_NOTICE, id="in bulk"),
        pytest.param(TEAM, "See Seller Center.", {}, Class.WALMART_AGENT, id="to one"),
        pytest.param(TEAM, "Order number: 600000098765432", BULK, Class.WALMART_AGENT, id="of an order"),
        pytest.param(TEAM, "Case 10293847", BULK, Class.WALMART_AGENT, id="of a case"),
    ],
)
def test_policy_c2_a_team_sends_a_notice_in_bulk_and_of_no_order_or_case(author, text, fields, class_):
    assert read_as(text, REPORT, author, in_reply_to=(), **fields).class_ is class_


@pytest.mark.parametrize(
    ("author", "class_"),
    [
        pytest.param("kim@es.relay.walmart.com", Class.WALMART_NOTICE, id="a host of the relay's machines"),
        pytest.param("kim@stores.walmart.com", Class.WALMART_AGENT, id="a host of its people"),
    ],
)
def test_policy_c2_what_comes_from_a_host_of_machines_informs(author, class_):
    assert read_as("Something new.", "Hello", author, in_reply_to=()).class_ is class_
