"""Groups of messages, of which none ever holds two customers (one reply, one party)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple


class Customer(NamedTuple):
    """What a customer's message says of who wrote it."""

    orders: frozenset[str]  # its own order numbers
    labels: frozenset[str]  # order numbers that it may have as its own
    addresses: frozenset[str]  # at the relay


class Groups:
    """Union-find over positions; the root is the lowest. `customers`: of each position, None where none wrote it."""

    def __init__(self, customers: Sequence[Customer | None]) -> None:
        self._parent = list(range(len(customers)))
        self._held = [customer is not None for customer in customers]
        self._orders = [set(customer.orders) if customer else set() for customer in customers]
        self._labels = [set(customer.labels) if customer else set() for customer in customers]
        self._addresses = [set(customer.addresses) if customer else set() for customer in customers]

    def find(self, item: int) -> int:
        """Return the root of a position's group."""
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def holds_customer(self, item: int) -> bool:
        """Whether a customer wrote any message of the group."""
        return self._held[self.find(item)]

    def is_numbered(self, item: int) -> bool:
        """Whether any order number may be the group's customer's own."""
        root = self.find(item)
        return bool(self._orders[root] or self._labels[root])

    def has_order(self, item: int) -> bool:
        """Whether an order number is surely the group's customer's own."""
        return bool(self._orders[self.find(item)])

    def differ(self, item: int, numbers: frozenset[str]) -> bool:
        """Whether the group's customer has order numbers, and none of these."""
        root = self.find(item)
        orders, labels = self._orders[root], self._labels[root]
        return bool(numbers and (orders or labels)) and numbers.isdisjoint(orders) and numbers.isdisjoint(labels)

    def is_reached(self, item: int, addresses: frozenset[str]) -> bool:
        """Whether the group's customer wrote from one of these addresses."""
        return not addresses.isdisjoint(self._addresses[self.find(item)])

    def hold(self, item: int) -> None:
        """Keep a group apart from all customers."""
        self._held[self.find(item)] = True

    def join(self, one: int, other: int) -> bool:
        """Join two groups unless each has a customer of its own; return whether they are one now."""
        first, second = self.find(one), self.find(other)
        if first != second and self._held[first] and self._held[second]:
            return False
        self._merge(first, second)
        return True

    def tie(self, one: int, other: int) -> bool:
        """Join two groups, of which the customers are one, unless each has an order of its own."""
        first, second = self.find(one), self.find(other)
        if self._orders[first] and self._orders[second] and self._orders[first].isdisjoint(self._orders[second]):
            return False
        self._merge(first, second)
        return True

    def members(self) -> dict[int, list[int]]:
        """Return the positions of each group by its root, both in ascending order."""
        found: dict[int, list[int]] = defaultdict(list)
        for position in range(len(self._parent)):
            found[self.find(position)].append(position)
        return found

    def _merge(self, first: int, second: int) -> None:
        if first == second:
            return
        root, other = min(first, second), max(first, second)
        self._parent[other] = root
        self._held[root] = self._held[root] or self._held[other]
        for kept in (self._orders, self._labels, self._addresses):
            larger, smaller = sorted((kept[root], kept[other]), key=len, reverse=True)
            larger |= smaller
            kept[root], kept[other] = larger, smaller
