"""Which conversation a message belongs to.

Order of trust: References and In-Reply-To name another message outright; then the order number, the RefID and
an agent's case number; then, for what none of these places, the relay address or an agent's subject. Keys join
conversations; hints only find a place for a message that has none. A customer's and an agent's mail about one
order stay apart unless a message says outright that they are one: by References, or by being sent to both. So
what the seller sends to an agent goes by order number only where it is not about that agent's own mail; a
hand-over and an escalation that nobody can be answered on belong to the customer's conversation. The result
depends on the set of messages alone, not on the order in which they came.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from relaywatch.core import contact
from relaywatch.core.address import Parties
from relaywatch.core.message import Class, Mail, Message
from relaywatch.core.place import REFUSED, Slot, place_strays
from relaywatch.core.reply import answerable
from relaywatch.core.rules import fold
from relaywatch.core.when import received_at

_PREFIX = re.compile(
    r"^(?:(?:re|fw|fwd|aw|wg|tr|rv|ref|rep|sv|答复|回复|转发|回覆|轉寄)\s?(?:\[\d{1,3}\])?\s?[:：]\s{0,5}){1,20}"
)
_ANSWER = re.compile(r"(?:re|sv|aw|antw|réf|rép|réponse|回复|答复|回覆)\s{0,2}[:：](.{1,1000})", re.IGNORECASE)
_AGENTS = (Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION)
_SELLERS = (Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER)


def bare_subject(subject: str) -> str:
    """Return a subject folded and without its reply and forward prefixes."""
    return _PREFIX.sub("", fold(subject[:1_000]))


def order_of(message: Message) -> str | None:
    """Return the order that a message is about: a labelled number before one known by its shape."""
    if message.forgotten:
        return next((key.partition(":")[2] for key in message.remembered if key.startswith("order:")), None)
    return contact.order_id(message.subject, message.text)


def _is_sellers(mail: Mail) -> bool:
    return mail.verdict.class_ in _SELLERS or (mail.message.outgoing and mail.verdict.class_ is not Class.BOUNCE)


def _goes_to_both(message: Message, parties: Parties) -> bool:
    """Whether it is sent to a customer and to an agent: then their conversations are one."""
    to = message.recipients
    return any(map(parties.is_relay, to)) and any(map(parties.is_agent, to))


def _speaks_of_order(mail: Mail, parties: Parties) -> bool:
    """Whether its order number may join it to a customer's conversation (an agent's may not)."""
    message, class_ = mail.message, mail.verdict.class_
    if class_ is Class.CUSTOMER or class_ is Class.HANDOVER:
        return True
    if class_ in _AGENTS:
        return not answerable(message, parties)
    if class_ is Class.BOUNCE:  # of the relay's refusals, which may name nothing else (policy Q6)
        return parties.is_walmart(message.author) and not parties.is_agent(message.author)
    if not _is_sellers(mail):
        return False
    return any(map(parties.is_relay, message.recipients)) or not any(map(parties.is_agent, message.recipients))


def keys(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return what names the conversations that a message can belong to, to look its companions up with.

    `id:` a Message-ID, `order:` an order number, `ref:` a RefID, `case:` Walmart's number of a case.
    """
    message = mail.message
    found = {f"id:{id_}" for id_ in (message.message_id, *message.ancestors) if id_}
    if mail.verdict.original_id:
        found.add(f"id:{mail.verdict.original_id}")
    if message.forgotten:
        return frozenset(found.union(message.remembered))
    if _speaks_of_order(mail, parties):
        order = order_of(message)
        if order:
            found.add(f"order:{order}")
        found.update(f"ref:{ref}" for ref in contact.ref_ids(message.text))
    if mail.verdict.class_ in _AGENTS or any(map(parties.is_agent, message.recipients)):
        found.update(f"case:{id_}" for id_ in contact.walmart_case_ids(message.subject, message.text))
    return frozenset(found)


def hints(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return what can find a place for a message that no key places: addresses, and agents' subjects."""
    message = mail.message
    if mail.verdict.class_ is Class.BOUNCE:
        if mail.verdict.failed:
            return frozenset(f"to:{address}" for address in mail.verdict.failed)
        return frozenset(f"{REFUSED}{subject}" for subject in _quoted_answer(message.subject))
    subject = bare_subject(message.subject)
    if mail.verdict.class_ in _AGENTS:
        return frozenset(f"subject:{subject}|{address}" for address in (*message.reply_to, message.author))
    if mail.verdict.class_ is Class.CUSTOMER:
        return frozenset(f"to:{address}" for address in (*message.reply_to, message.author))
    found = set()
    for address in message.recipients:
        if parties.is_agent(address):
            found.add(f"subject:{subject}|{address}")
        if parties.is_relay(address) and subject:
            found.add(f"{REFUSED}{subject}")  # where a refusal names nothing but the subject (policy Q6)
        if not parties.is_seller(address):
            found.add(f"to:{address}")
    return frozenset(found)


def _quoted_answer(subject: str) -> Iterator[str]:
    """Yield the bare subject of the answer that a refusal's own subject names: `Not delivered: Re: Mug`."""
    answer = _ANSWER.search(subject[:1_000])
    bare = bare_subject(answer[1]) if answer else ""
    if bare:
        yield bare


class _Groups:
    """Union-find over positions; the root is the lowest."""

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

    def members(self) -> dict[int, list[int]]:
        """Return the positions of each group by its root, both in ascending order."""
        found: dict[int, list[int]] = defaultdict(list)
        for position in range(len(self._parent)):
            found[self.find(position)].append(position)
        return found


def group(mails: Iterable[Mail], parties: Parties) -> list[tuple[Mail, ...]]:
    """Return the conversations among the messages, each in order of time."""
    timed = [(received_at(mail.message)[0], mail.message.key, mail) for mail in mails]
    timed.sort(key=lambda entry: entry[:2])
    board = _Board([mail for _, _, mail in timed], [at for at, _, _ in timed], parties)
    board.join_by_id()
    board.join_by_case()
    board.join_by_order()
    board.place_strays()
    return [tuple(board.mails[position] for position in members) for members in board.groups.members().values()]


class _Board:
    """The messages in order of time, and what is known of which belong together."""

    def __init__(self, mails: Sequence[Mail], times: Sequence[datetime], parties: Parties) -> None:
        self.mails = mails
        self.groups = _Groups(len(mails))
        self._times = times
        self._parties = parties
        self._keys = [keys(mail, parties) for mail in mails]
        self._agents = [mail.verdict.class_ in _AGENTS and answerable(mail.message, parties) for mail in mails]
        self._both = [_is_sellers(mail) and _goes_to_both(mail.message, parties) for mail in mails]
        self._about_agents = [False] * len(mails)  # the seller's mail that is about an agent's own

    def _numbers(self, position: int, prefix: str) -> list[str]:
        return [key for key in self._keys[position] if key.startswith(prefix)]

    def join_by_id(self) -> None:
        """Join what names one message, be it here or not: two replies to a lost message belong together.

        A Message-ID that messages about different orders share names none of them.
        """
        bearers: dict[str, set[str]] = defaultdict(set)
        for position, mail in enumerate(self.mails):
            if mail.message.message_id:
                bearers[f"id:{mail.message.message_id}"].update(self._numbers(position, "order:"))
        first: dict[str, int] = {}
        for position in range(len(self.mails)):
            for key in self._numbers(position, "id:"):
                if len(bearers.get(key, ())) <= 1:
                    self.groups.join(position, first.setdefault(key, position))

    def join_by_case(self) -> None:
        """Join agents' mail by Walmart's case number, and what the seller sent about agents' mail to it.

        That is: what descends from an agent's mail, bears its case number, or its subject back to the agent.
        """
        cases: dict[str, int] = {}
        subjects: dict[str, list[int]] = defaultdict(list)
        about: set[str | None] = set()
        for position, mail in enumerate(self.mails):
            if self._agents[position]:
                about.add(mail.message.message_id)
                for key in self._numbers(position, "case:"):
                    self.groups.join(position, cases.setdefault(key, position))
                for hint in hints(mail, self._parties):
                    subjects[hint].append(position)
        here = {mail.message.message_id for mail in self.mails}
        for position, mail in enumerate(self.mails):
            if not _is_sellers(mail):
                continue
            known = here.intersection(mail.message.ancestors)
            agents = self._same_case(position, cases) if self._both[position] or not known else None
            if agents is None and not known and not self._both[position]:
                agents = self._asked_under_subject(position, subjects)
            if agents is not None:
                self.groups.join(position, agents)
            if agents is not None or known & about:
                self._about_agents[position] = True
                about.add(mail.message.message_id)

    def _same_case(self, position: int, cases: dict[str, int]) -> int | None:
        return next((cases[key] for key in sorted(self._numbers(position, "case:")) if key in cases), None)

    def _asked_under_subject(self, position: int, subjects: dict[str, list[int]]) -> int | None:
        """Return the agent's latest mail, before this one, whose subject it bears; no customer's reply does."""
        if any(map(self._parties.is_relay, self.mails[position].message.recipients)):
            return None
        found = []
        for hint in hints(self.mails[position], self._parties):
            earlier = subjects.get(hint, [])
            count = bisect_left(earlier, position)
            found += earlier[count - 1 : count] if count else []
        return max(found, default=None)

    def join_by_order(self) -> None:
        """Join customers' conversations by order and RefID. A RefID never joins two orders."""
        holders: dict[str, list[int]] = defaultdict(list)
        refs: dict[str, list[int]] = defaultdict(list)
        for position in range(len(self.mails)):
            if self._about_agents[position] and not self._both[position]:
                continue
            for key in self._numbers(position, "order:"):
                holders[key].append(position)
            for key in self._numbers(position, "ref:"):
                refs[key].append(position)
        for members in holders.values():
            for member in members[1:]:
                self.groups.join(members[0], member)
        for members in refs.values():
            orders = {order for member in members for order in self._numbers(member, "order:")}
            if len(orders) <= 1:
                for member in members[1:]:
                    self.groups.join(members[0], member)

    def place_strays(self) -> None:
        """Give what no number identifies a place beside what shares an address."""
        slots = [
            Slot(
                at=self._times[position],
                subject=bare_subject(mail.message.subject),
                hints=tuple(sorted(hint for hint in hints(mail, self._parties) if hint.startswith(("to:", REFUSED)))),
                bounce=mail.verdict.class_ is Class.BOUNCE,
                sent=_is_sellers(mail),
                opens=mail.verdict.class_ is Class.CUSTOMER or mail.verdict.class_ in _AGENTS,
                agents=self._agents[position],
                orders=frozenset(self._numbers(position, "order:")),
                numbered=any(not key.startswith("id:") for key in self._keys[position]),
            )
            for position, mail in enumerate(self.mails)
        ]
        for one, other in place_strays(slots, list(self.groups.members().values()), self._parties):
            self.groups.join(one, other)
