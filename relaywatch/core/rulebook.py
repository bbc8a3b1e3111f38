"""The rules of the policy that relaywatch watches, by number: what code and tests cite as `policy C4`.

Walmart Canada Marketplace, customer-care requirements for sellers, state of 2025-12-15; docs/policy.md has them with
their readings. `make check` finds a rule that no code keeps, no test proves or that document lacks, and a number that
is cited but stands nowhere here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One rule. `left_to_seller` says why no program can keep it, "" where this one does."""

    text: str
    left_to_seller: str = ""


RULEBOOK: Mapping[str, PolicyRule] = MappingProxyType(
    {
        "C1": PolicyRule("Reply to every customer request within 24 h, and resolve it."),
        "C2": PolicyRule("Reply to every Walmart agent's care inquiry within 24 h."),
        "C3": PolicyRule("Reply to and resolve every escalated complaint within 24 h."),
        "C4": PolicyRule("Reply to a consumer-protection complaint that an agent sends on within 1 h."),
        "C5": PolicyRule("No clock ever pauses: not at night, on weekends, on holidays or on days off."),
        "C6": PolicyRule("Every order sent through Seller Center is covered, whatever the item."),
        "Q1": PolicyRule("Only a person's own words that deal with the matter are a reply."),
        "Q2": PolicyRule("An automatic reply is never a reply, whatever its headers say or leave out."),
        "Q3": PolicyRule("A reply to an agent is Reply All."),
        "Q4": PolicyRule("Every internal care party learns of the reply."),
        "Q5": PolicyRule("A reply to a customer goes through the relay, from the registered address."),
        "Q6": PolicyRule("A reply that bounced was never received: its clock runs on from where it began."),
        "H1": PolicyRule("Problems with an in-store pick-up or return go to the Customer Experience team."),
        "H2": PolicyRule("Orders that never arrived go to the Customer Experience team."),
        "O1": PolicyRule("Writing first is allowed for an order's logistics or to finish a customer's matter."),
        "O2": PolicyRule("Never write transactional mail, status updates or promotion."),
        "O3": PolicyRule(
            "Contact addresses come from the order dashboard's export or the Refunds tab.",
            "where an address was taken from leaves no trace in mail",
        ),
        "M1": PolicyRule("Mail from the relay passes the spam filter."),
        "M2": PolicyRule("Both registered addresses are right and working at all times."),
        "M3": PolicyRule("Business contact information at Walmart is kept up to date.", "it is kept in Seller Center"),
        "P1": PolicyRule("Walmart compensates the customer out of the seller's funds.", "a consequence, no duty"),
        "P2": PolicyRule("Categories are restricted.", "a consequence, no duty"),
        "P3": PolicyRule("Selling is suspended.", "a consequence, no duty"),
    }
)
