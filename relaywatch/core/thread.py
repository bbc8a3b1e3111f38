"""Which conversation a message belongs to.

Order of trust: References and In-Reply-To name another message outright; then the order number, the RefID and
an agent's case number; then, for what none of these places, the relay address or an agent's subject. Strong
keys join conversations; hints only find a place for a message that has none. A customer's and an agent's mail
about one order stay apart unless References join them; a hand-over and an escalation that nobody can be
answered on belong to the customer's conversation. The result depends on the set of messages alone, not on the
order in which they came.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from relaywatch.core import contact
from relaywatch.core.address import Parties, is_no_reply
from relaywatch.core.message import Class, Mail, Message
from relaywatch.core.rules import fold
from relaywatch.core.when import received_at

_BOUNCE_WINDOW = timedelta(days=6)  # mail systems give up within five days (RFC 5321 4.5.4.1)
_PREFIX = re.compile(
    r"^(?:(?:re|fw|fwd|aw|wg|tr|rv|ref|sv|答复|回复|转发|回覆|轉寄)\s?(?:\[\d+\])?\s?[:：]\s*)+"
)
_AGENTS = (Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION)
_SELLERS = (Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER, Class.INTERNAL)


def bare_subject(subject: str) -> str:
    """Return a subject folded and without its reply and forward prefixes."""
    return _PREFIX.sub("", fold(subject))


def order_of(message: Message) -> str | None:
    """Return the order that a message is about: a labelled number before one known by its shape."""
    found = contact.order_ids(message.subject, message.text)
    return found[0] if found else None


def _speaks_of_order(mail: Mail, parties: Parties) -> bool:
    """Whether its order number may join it to a customer's conversation (an agent's may not)."""
    message, class_ = mail.message, mail.verdict.class_
    if class_ in _AGENTS:
        return is_no_reply(message.author)
    if class_ is Class.HANDOVER:
        return True
    if message.outgoing or class_ in _SELLERS:
        if any(parties.is_relay(address) for address in message.recipients):
            return True
        return not any(parties.is_agent(address) for address in message.recipients)
    return class_ is Class.CUSTOMER


def keys(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return what names the conversations that a message can belong to, to look its companions up with."""
    message = mail.message
    found = {f"id:{id_}" for id_ in (message.message_id, *message.ancestors) if id_}
    if mail.verdict.original_id:
        found.add(f"id:{mail.verdict.original_id}")
    if _speaks_of_order(mail, parties):
        order = order_of(message)
        if order:
            found.add(f"order:{order}")
        found.update(f"ref:{ref}" for ref in contact.ref_ids(message.text))
    if mail.verdict.class_ in _AGENTS or any(parties.is_agent(address) for address in message.recipients):
        found.update(f"case:{id_}" for id_ in contact.walmart_case_ids(message.subject, message.text))
    return frozenset(found)


def hints(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return what can find a place for a message that no key places: addresses, and agents' subjects."""
    message = mail.message
    if mail.verdict.class_ is Class.BOUNCE:
        return frozenset(f"to:{address}" for address in mail.verdict.failed)
    subject = bare_subject(message.subject)
    if mail.verdict.class_ in _AGENTS:
        return frozenset(f"subject:{subject}|{address}" for address in (*message.reply_to, message.author))
    if mail.verdict.class_ is Class.CUSTOMER:
        return frozenset(f"to:{address}" for address in (*message.reply_to, message.author))
    found = set()
    for address in message.recipients:
        if parties.is_agent(address):
            found.add(f"subject:{subject}|{address}")
        if not parties.is_seller(address):
            found.add(f"to:{address}")
    return frozenset(found)


class _Groups:
    """Union-find over positions."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def find(self, item: int) -> int:
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parent[second] = first


def group(mails: Iterable[Mail], parties: Parties) -> list[tuple[Mail, ...]]:
    """Return the conversations among the messages, each in order of time."""
    ordered = sorted(mails, key=lambda mail: (received_at(mail.message)[0], mail.message.key))
    groups = _Groups(len(ordered))
    named = [keys(mail, parties) for mail in ordered]
    _join_by_id(ordered, named, groups)
    _join_by_number(named, groups)
    _place_strays(ordered, named, groups, parties)
    found: dict[int, list[Mail]] = defaultdict(list)
    for position, mail in enumerate(ordered):
        found[groups.find(position)].append(mail)
    return [tuple(members) for members in found.values()]


def _join_by_id(ordered: Sequence[Mail], named: Sequence[frozenset[str]], groups: _Groups) -> None:
    """Join what names one message, be it here or not: two replies to a lost message belong together."""
    first: dict[str, int] = {}
    for position in range(len(ordered)):
        for key in named[position]:
            if key.startswith("id:"):
                groups.join(position, first.setdefault(key, position))


def _join_by_number(named: Sequence[frozenset[str]], groups: _Groups) -> None:
    """Join by order, RefID and Walmart's case number. A RefID never joins two orders: the order is trusted more."""
    holders: dict[str, list[int]] = defaultdict(list)
    orders: dict[int, set[str]] = defaultdict(set)
    for position, keys_ in enumerate(named):
        for key in keys_:
            if not key.startswith("id:"):
                holders[key].append(position)
            if key.startswith("order:"):
                orders[position].add(key)
    for key in sorted(holders, key=lambda key: (key.startswith("ref:"), key)):
        members = holders[key]
        if key.startswith("ref:"):
            distinct = {order for member in members for order in orders[member]}
            if len(distinct) > 1:
                continue
        for member in members[1:]:
            groups.join(members[0], member)


def _place_strays(
    ordered: Sequence[Mail], named: Sequence[frozenset[str]], groups: _Groups, parties: Parties
) -> None:
    """Give each group that no number identifies a place beside what shares an address or an agent's subject."""
    members: dict[int, list[int]] = defaultdict(list)
    for position in range(len(ordered)):
        members[groups.find(position)].append(position)
    hinted: dict[str, list[int]] = defaultdict(list)
    for position, mail in enumerate(ordered):
        for hint in hints(mail, parties):
            hinted[hint].append(position)
    for root in sorted(members):
        if not _is_stray(members[root], ordered, named):
            continue
        for position in members[root]:
            best = _best_place(position, ordered, hinted, groups, parties)
            if best is not None:
                groups.join(position, best)
                break


def _is_stray(positions: Sequence[int], ordered: Sequence[Mail], named: Sequence[frozenset[str]]) -> bool:
    """Whether nothing but hints can place it: no number, and no agent's mail, for one subject is many matters."""
    if any(not key.startswith("id:") for position in positions for key in named[position]):
        return False
    return all(ordered[position].verdict.class_ not in _AGENTS for position in positions)


def _best_place(
    position: int, ordered: Sequence[Mail], hinted: dict[str, list[int]], groups: _Groups, parties: Parties
) -> int | None:
    """Return what the message most likely goes with: same subject first, then the nearest before it, then after."""
    mail = ordered[position]
    subject = bare_subject(mail.message.subject)
    moment = received_at(mail.message)[0]
    best: tuple[tuple[int, int, float], int] | None = None
    for hint in sorted(hints(mail, parties)):
        for other in hinted[hint]:
            if groups.find(other) == groups.find(position) or not _can_go_with(mail, ordered[other]):
                continue
            there = received_at(ordered[other].message)[0]
            rank = (
                int(bare_subject(ordered[other].message.subject) != subject),
                int(there > moment),
                abs((moment - there) / timedelta(seconds=1)),
            )
            if best is None or (rank, other) < best:
                best = (rank, other)
    return best[1] if best else None


def _can_go_with(stray: Mail, other: Mail) -> bool:
    """A bounce goes with what was sent shortly before it; all else with what the other party sent or got."""
    if Class.BOUNCE not in (stray.verdict.class_, other.verdict.class_):
        return True
    bounce, sent = (stray, other) if stray.verdict.class_ is Class.BOUNCE else (other, stray)
    return sent.message.outgoing and _shortly_before(sent.message, received_at(bounce.message)[0])


def _shortly_before(sent: Message, bounced_at: datetime) -> bool:
    return timedelta() <= bounced_at - received_at(sent)[0] <= _BOUNCE_WINDOW
