"""Whose a message is and whom an answer to it must reach, told by its class (policy Q3)."""

from relaywatch.core.mail.address import Parties, is_no_reply
from relaywatch.core.mail.message import Class, Mail, Message

SELLERS = frozenset({Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER})
OPENERS = frozenset({Class.CUSTOMER, Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION})
_NEVER_SELLERS = OPENERS | {Class.BOUNCE, Class.OWN, Class.WALMART_NOTICE}
_SEEMING = "unauthenticated:"
_BYSTANDERS = frozenset({Class.OTHER, Class.AUTOMATIC, Class.WALMART_NOTICE})


def is_sellers(mail: Mail) -> bool:
    """Whether the seller wrote it: it lies in Sent, or elsewhere it was proved to be theirs."""
    return seems_sellers(mail) and not mail.verdict.unauthenticated


def is_forged(mail: Mail) -> bool:
    """Whether it seems to be the seller's, for it came to a `sent` mailbox, and is not: it fails authentication."""
    return seems_sellers(mail) and is_unproved(mail)


def seems_sellers(mail: Mail) -> bool:
    """Whether it is the seller's, or would be if nothing spoke against it."""
    class_ = mail.verdict.class_
    return class_ in SELLERS or (mail.message.outgoing and class_ not in _NEVER_SELLERS)


def is_unproved(mail: Mail) -> bool:
    """Whether it fails authentication: what is owed for it is owed all the same, and it is nobody's but its own.

    Its sender chose whose it says it is, what it answers and which numbers it names.
    """
    return bool(mail.verdict.unauthenticated)


def seeming(address: str) -> str:
    """Return the name of whoever seems to have an address and did not prove it: they are a party of their own."""
    return f"{_SEEMING}{address}"


def is_seeming(name: str) -> bool:
    """Whether it is the name of somebody who did not prove who they are."""
    return name.startswith(_SEEMING)


def is_leaf(mail: Mail) -> bool:
    """Whether nothing is joined by what a mail names, which anybody can write; what answers it may name it."""
    return is_unproved(mail) or is_bystanders(mail)


def is_bystanders(mail: Mail) -> bool:
    """Whether nobody is owed anything for a mail and it settles nothing: a stranger's, a notice, their programs'.

    Of such mail anybody can send as much as they like, so it is kept and shown, and asked for nothing.
    """
    return mail.verdict.class_ in _BYSTANDERS and not is_sellers(mail)


def answerable(message: Message, parties: Parties) -> bool:
    """Whether somebody reads what is sent back to a message."""
    back = message.reply_to or (message.author,)
    return any(address and not is_no_reply(address) and not parties.is_seller(address) for address in back)


def audience(message: Message, parties: Parties) -> frozenset[str]:
    """Return whom Reply All to an agent's mail must reach (policy Q3).

    That is everybody on it but the seller's own addresses and those that nobody reads. An address by which it was
    delivered to the seller is theirs, though nobody configured it: an alias.
    """
    everybody = (*(message.reply_to or (message.author,)), *message.to, *message.cc)
    aliases = {address for address in message.delivered_to if not parties.is_walmart(address)}
    return frozenset(
        address
        for address in everybody
        if address
        and address not in aliases
        and not (parties.is_seller(address) or is_no_reply(address) or address in parties.own)
    )
