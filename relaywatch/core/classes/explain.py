"""Why a message is what it is, and what would have made it otherwise, in plain words."""

from collections.abc import Mapping
from types import MappingProxyType

from relaywatch.core.mail.message import Class, Verdict

_BY_RULE: Mapping[str, str] = MappingProxyType(
    {
        "own_warning": "relaywatch sent it itself."
        " Without its header, or from another sender, it would be judged as any other mail.",
        "relay_sender": "It came from a masked address of Walmart's relay, behind which a customer stands (policy C1)."
        " From any other domain, a look-alike included, it would be nobody's.",
        "contact_form": "It brings the form with which a customer writes, from an address of Walmart's that nobody"
        " reads (policy C1). Without the form it would be a notice.",
        "relay_machine": "It came from an address of the relay's that nobody reads, and brings no contact form."
        " With the form it would be a customer's.",
        "complaint_mailbox": "Walmart sent it to the complaint mailbox (policy C3)."
        " In the care mailbox, without marks of an escalation, it would be an agent's inquiry.",
        "escalation": "It says of itself that the matter was escalated (policy C3)."
        " Without those words, in the care mailbox, it would be an agent's inquiry.",
        "escalation_forwarded": "What it forwards or quotes was escalated (policy C3)."
        " Without that it would be judged by its sender and its mailbox.",
        "unread_attachment": "Walmart sends the reader to an attachment that no program can read, and says little else:"
        " in doubt there is an hour to answer (policy C4). Look at the attachment. If it told of its matter in"
        " its words, or gave a longer time, it would be an agent's inquiry.",
        "agent_request": "Walmart wrote it and asks for something (policy C2)."
        " In the complaint mailbox it would be a complaint.",
        "agent_sender": "Walmart wrote it and no rule knows it as a notice: in doubt, it is owed an answer (policy C2)."
        " From a no-reply address and asking nothing, it would be a notice.",
        "no_reply_sender": "Walmart sent it from an address that nobody reads, and it asks for nothing."
        " With a request or marks of an escalation it would be owed an answer.",
        "to_customer_experience": "It went to the Customer Experience team's address (policy H1, H2).",
        "new_or_forwarded_to_walmart": "It is new or forwarded, and went to Walmart's people (policy H1, H2)."
        " As an answer to their mail it would be a reply.",
        "answer_to_walmart": "The seller answers a customer or an agent. Without `Re:` and thread headers it would be"
        " a message of the seller's own making.",
        "to_walmart": "The seller writes to Walmart's people in a matter that runs.",
        "answer_elsewhere": "The seller answers, but neither on the relay nor to Walmart (policy Q5).",
        "new_to_relay": "The seller writes to a customer first (policy O1, O2)."
        " As an answer to the customer's message it would be a reply.",
        "to_own_people": "Everybody addressed is the seller's own.",
        "seller_elsewhere": "The seller wrote it to somebody who is neither Walmart nor a customer on the relay.",
        "seller_sender": "Its sender is the seller's, and nothing proves that the seller sent it."
        " In the Sent folder, or authenticated by a trusted server, it would be the seller's mail.",
        "lookalike_domain": "Its sender's domain looks like Walmart's and is not. It is nobody's: take care with it.",
        "unknown_sender": "Its sender is neither Walmart's, nor a customer on the relay, nor the seller's.",
    }
)
_BY_CLASS: Mapping[Class, str] = MappingProxyType(
    {
        Class.CONSUMER_PROTECTION: "Walmart tells of a complaint of a consumer-protection body: there is an hour"
        " to answer (policy C4). Said by a customer, or as a threat, it would not have the hour.",
        Class.WALMART_NOTICE: "Walmart's systems sent it for information; nobody answers it."
        " If it asked for an answer, or named an escalation, it would be owed one.",
        Class.BOUNCE: "A mail system says that a message was not delivered (policy Q6)."
        " A delay, or a person who writes about such a report, would be none.",
        Class.AUTOMATIC: "A program wrote it: an absence, a receipt, a report (policy Q2)."
        " With a person's own words about the matter it would count as theirs.",
    }
)
_JOINS_NOTHING = (Class.INTERNAL, Class.OWN, Class.BOUNCE)
_SELLERS = (Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER, Class.OTHER)
_CLASS_OF = (  # what the names of rules begin or end with, for those that stand in data/
    (Class.CONSUMER_PROTECTION, ("consumer_protection",), ()),
    (Class.WALMART_NOTICE, (), ("_notice",)),
    (Class.BOUNCE, ("dsn_", "bounce_", "status_", "not_delivered"), ("_bounce",)),
    (Class.AUTOMATIC, ("header_", "words_", "subject_", "abuse_", "read_receipt", "delay_", "delivery_"), ()),
)


def explain_rule(rule: str, class_: Class | None = None) -> str:
    """Return why a rule decides as it does and what would have made it otherwise, in a sentence or two.

    `class_`: what it decided, for rules whose names do not tell (an operator's own).
    """
    if rule in _BY_RULE:
        return _BY_RULE[rule]
    by_name = (found for found, starts, ends in _CLASS_OF if rule.startswith(starts) or (ends and rule.endswith(ends)))
    return _BY_CLASS.get(class_ or next(by_name, Class.OTHER)) or f"The rule {rule} of the data files matched."


def explain(verdict: Verdict) -> str:
    """Return explain_rule for what a message was found to be, and what speaks against its sender."""
    said = explain_rule(verdict.rule, verdict.class_)
    if verdict.unauthenticated and verdict.class_ in _JOINS_NOTHING:
        said += f" It fails authentication ({verdict.unauthenticated}), so it counts for nothing in any case."
    elif verdict.unauthenticated and verdict.class_ in _SELLERS:
        said += f" What came to a mailbox for copies and fails authentication ({verdict.unauthenticated}) is no reply."
    elif verdict.unauthenticated:
        said += f" It says that it is Walmart's and fails authentication ({verdict.unauthenticated}): it may be fraud."
    return said
