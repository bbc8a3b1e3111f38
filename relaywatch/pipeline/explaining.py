"""What one reply is worth, by a shop's own mail: as audit judges it, for a single message."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from relaywatch.core.cases.case import Assessment, Conversation
from relaywatch.core.cases.judge import Basis, assessments_of
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.message import Folder
from relaywatch.core.replies.learned import learned_of
from relaywatch.core.threads import thread
from relaywatch.pipeline.audit import Desk, Seller
from relaywatch.pipeline.reading import ReadMail

_EVER = datetime.max.replace(tzinfo=UTC)


def as_sent(found: ReadMail, seller: Seller) -> ReadMail:
    """Return a mail of the seller's as one that lies in Sent: a file says nothing of the folder that it was in."""
    message = found.mail.message
    if not seller.parties.is_seller(message.author) or seller.parties.is_walmart(message.author):
        return found
    copies = tuple(replace(copy, folder=Folder.SENT) for copy in message.copies)
    return replace(found, mail=replace(found.mail, message=replace(message, copies=copies)))


def assess(
    found: ReadMail, seller: Seller, rules: Rules, history: str | None, complain: Callable[[str], None]
) -> Assessment | None:
    """Return what a message of the seller's is worth as an answer; None where it is no message of theirs.

    `history`: a folder of the shop's own mail, which tells what it answers and what recurs.
    """
    if not is_sellers(found.mail):
        return None
    desk = Desk([seller], rules, _EVER, complain)
    if history is not None:
        asyncio.run(desk.read([history]))
    desk.take(found)
    groups = thread.group(desk.mails_of(seller), seller.parties)
    basis = Basis(seller.policy, seller.parties, rules, learned_of(groups))
    key = found.mail.message.key
    group = next(group for group in groups if any(mail.message.key == key for mail in group))
    assessments = assessments_of(Conversation(tuple(map(desk.whole, group))), basis)
    return next((one for one in assessments if one.message_key == key), None)
