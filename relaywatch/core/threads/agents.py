"""Which mails of Walmart's agents are about one case (policy C2, C4).

A case number joins them. But what looks like one may be the seller's own number, a queue's, a bureau's for the whole
business or a telephone's, and stand below each mail; or a customer wrote it, whose words an agent repeats. Where mails
that bear it are about different orders, or their subjects name different cases, it joins those alone that have an order
or a case in common.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from relaywatch.core.language.once import Kept, name_of
from relaywatch.core.mail.message import Message
from relaywatch.core.threads.groups import Groups
from relaywatch.core.words.contact import order_ids, walmart_case_ids


@dataclass(frozen=True, slots=True)
class Concern:
    """What a mail says that it is about, in its subject and its author's own words."""

    cases: frozenset[str]  # of its subject
    orders: frozenset[str]

    def differs(self, other: "Concern") -> bool:
        """Whether the two are surely about different things."""
        return _are_apart(self.cases, other.cases) or _are_apart(self.orders, other.orders)


def _are_apart(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some and others) and some.isdisjoint(others)


_CONCERNS: Kept[Concern] = Kept(2048)


def concern_of(message: Message) -> Concern:
    """Return what a mail is about."""
    return _CONCERNS.get(name_of(message), lambda: _concern(message))


def _concern(message: Message) -> Concern:
    return Concern(
        cases=frozenset(walmart_case_ids(message.subject, "")),
        orders=frozenset(order_ids(message.subject, message.own_words)),
    )


@dataclass(frozen=True, slots=True)
class CaseNumbers:
    """By case number, a mail that bears it; by a shared number and what is known beside it, one of those."""

    own: dict[str, int] = field(default_factory=dict)
    shared: dict[tuple[str, str], int] = field(default_factory=dict)

    def of_reply(self, message: Message, numbers: Iterable[str]) -> int | None:
        """Return a mail that a reply is about, by the numbers that it bears: its subject's go first."""
        concern = concern_of(message)
        for number in sorted(numbers, key=lambda one: (one not in concern.cases, one)):
            beside = (self.shared.get((number, one)) for one in sorted(concern.cases | concern.orders))
            found = self.own[number] if number in self.own else next((one for one in beside if one is not None), None)
            if found is not None:
                return found
        return None


def join_by_case(bearers: Mapping[int, frozenset[str]], messages: Mapping[int, Message], groups: Groups) -> CaseNumbers:
    """Join agents' mails, each by its position, that are about one case; return where each case is.

    `bearers`: the case numbers of each mail, in order of time.
    """
    by_number: dict[str, list[int]] = defaultdict(list)
    for position, numbers in bearers.items():
        for number in sorted(numbers):
            by_number[number].append(position)
    cases = CaseNumbers()
    for number, positions in by_number.items():
        concerns = [concern_of(messages[position]) for position in positions]
        if _is_shared(concerns):
            for position, concern in zip(positions, concerns, strict=True):
                for known in concern.cases | concern.orders:
                    groups.join(position, cases.shared.setdefault((number, known), position))
        else:
            for position in positions:
                groups.join(position, cases.own.setdefault(number, position))
    return cases


def _is_shared(concerns: Iterable[Concern]) -> bool:
    """Whether mails with one number are about different things: each is compared with the first that says what of."""
    cases = orders = frozenset[str]()
    for concern in concerns:
        if _are_apart(cases, concern.cases) or _are_apart(orders, concern.orders):
            return True
        cases, orders = cases or concern.cases, orders or concern.orders
    return False
