"""All messages that are to be put into conversations, in order of time, and what is asked of them again and again."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, islice

from relaywatch.core.classes.whose import is_bystanders, is_leaf, is_sellers, is_unproved
from relaywatch.core.mail.address import Parties, is_no_reply
from relaywatch.core.mail.message import Class, Mail
from relaywatch.core.threads.answered import MOST_ANCESTORS, nearest_first
from relaywatch.core.threads.groups import Customer, Groups
from relaywatch.core.threads.wrote import Wrote

_FEW = 24  # bearers of one Message-ID that are looked at one by one: a bound, no rule


class Board:
    """The messages in order of time, and the groups that they are in so far."""

    def __init__(
        self, mails: Sequence[Mail], times: Sequence[datetime], keys: Sequence[frozenset[str]], parties: Parties
    ) -> None:
        self.mails = mails
        self.times = times
        self.parties = parties
        self.is_sellers = [is_sellers(mail) for mail in mails]
        self.is_customers = [mail.verdict.class_ is Class.CUSTOMER for mail in mails]
        self.is_unproved = [is_unproved(mail) for mail in mails]
        self.is_leaf = [is_leaf(mail) for mail in mails]
        self.is_bounce = [mail.verdict.class_ is Class.BOUNCE for mail in mails]
        self._wrote = Wrote(mails, parties)
        self._keys = [_by_kind(some) for some in keys]
        self.relays = [self._relays(position) for position in range(len(mails))]
        """Of the seller's mail the relay addresses that it went to, of a customer's those that it came from."""
        self.groups = Groups(
            [
                Customer(self.numbers(position, "form"), self.numbers(position, "label"), self.relays[position])
                if customers
                else None
                for position, customers in enumerate(self.is_customers)
            ]
        )
        genuine, forged = self._asked_at(unproved=False), self._asked_at(unproved=True)
        self.asked_at = forged | genuine
        """Customers' messages by the relay address; of an address what fails authentication, if nothing else is."""
        self.forged_at = forged.keys() - genuine.keys()
        """The relay addresses from which nothing came but what fails authentication."""
        self.astray = [False] * len(mails)
        """The seller's mail that answers one customer and went to another's address."""
        self._ids = _Ids(self)

    def __len__(self) -> int:
        return len(self.mails)

    def customers(self) -> Iterator[int]:
        """Yield the positions of customers' messages, but of what fails authentication."""
        return (
            position
            for position, customers in enumerate(self.is_customers)
            if customers and not self.is_unproved[position]
        )

    def _asked_at(self, *, unproved: bool) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for position, customers in enumerate(self.is_customers):
            if customers and self.is_unproved[position] is unproved:
                for address in self.relays[position]:
                    found[address].append(position)
        return found

    def numbers(self, position: int, kind: str) -> frozenset[str]:
        """Return a message's keys of a kind, without the kind."""
        return self._keys[position].get(kind, frozenset())

    def named(self, position: int, id_: str) -> int | None:
        """Return the message that an id in this one's headers means; None where none is here, or none surely."""
        return self._ids.resolve(self, position, id_)

    def hidden(self, id_: str) -> Sequence[int]:
        """Return the bystanders' mails that bear an id which others bear, too: it need mean none of them."""
        return self._ids.hidden.get(id_, ())

    def is_here(self, id_: str) -> bool:
        """Whether any message bears this id."""
        return id_ in self._ids.bearers

    def names_customer(self, position: int) -> bool:
        """Whether a customer's genuine message bears an id that this one names, be it one of several that do."""
        bearers = (one for id_ in self.ancestors(position) for one in self._ids.bearers.get(id_, ()))
        return any(self.is_customers[one] and not self.is_unproved[one] for one in bearers)

    def is_placed(self, id_: str) -> bool:
        """Whether what bears this id belongs to a conversation, as no bystander's does."""
        return any(not self.is_leaf[one] or self.is_unproved[one] for one in self._ids.bearers.get(id_, ()))

    def ancestors(self, position: int) -> list[str]:
        """Return what a message names, nearest first; of a report the one message that it is about.

        A leaf names nothing that counts. Nor does who answers what is unproved by repeating what that names, as mail
        programs do: else its author could join by another's hand what they cannot themselves.
        """
        mail = self.mails[position]
        if self.is_leaf[position]:
            return []
        if self.is_bounce[position]:
            names = [id_ for id_ in (mail.verdict.original_id, *nearest_first(mail.message)) if id_]
            return [next(filter(self._is_others, names), names[0])] if names else []
        found: list[str] = []
        repeated: set[str] = set()
        for id_ in islice(nearest_first(mail.message), MOST_ANCESTORS):
            unproved = [one for one in self._ids.bearers.get(id_, ()) if self.is_unproved[one]]
            if unproved or id_ not in repeated:
                found.append(id_)
            for one in unproved:
                repeated.update(self.mails[one].message.ancestors)
        return found

    def is_reported(self, position: int) -> bool:
        """Whether a message is a report about one that is here: then nothing else says where it belongs."""
        return self.is_bounce[position] and any(map(self._is_others, self.ancestors(position)))

    def _is_others(self, id_: str) -> bool:
        """Whether a message that is here bears this id, and is neither a leaf nor a report."""
        return not all(self.is_leaf[one] or self.is_bounce[one] for one in self._ids.bearers.get(id_, ()))

    def people(self, position: int) -> tuple[str, ...]:
        """Return who is on the other side of a message: who got the seller's, who wrote any other."""
        message = self.mails[position].message
        if self.is_customers[position]:
            return self._wrote.theirs(message)
        return message.recipients if self.is_sellers[position] else (message.author, *message.reply_to)

    def _relays(self, position: int) -> frozenset[str]:
        if not self.is_sellers[position] and not self.is_customers[position]:
            return frozenset()
        people = self.people(position)
        return frozenset(one for one in people if self.parties.is_relay(one) and not is_no_reply(one))


def _by_kind(keys: frozenset[str]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key in keys:
        kind, _, value = key.partition(":")
        if kind != "id":
            found[kind].add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


class _Ids:
    """Messages by Message-ID. One that several bear is told by who is on the other side.

    No leaf and no report, as which anybody can write, takes the id of another.
    """

    def __init__(self, board: Board) -> None:
        """The board is not kept: each would hold the other, and all of the mail, until cycles are looked for."""
        self.bearers: dict[str, list[int]] = defaultdict(list)
        self.hidden: dict[str, list[int]] = {}
        for position, mail in enumerate(board.mails):
            if mail.message.message_id:
                self.bearers[mail.message.message_id].append(position)
        self._by_person: dict[tuple[str, str], list[int]] = defaultdict(list)
        for id_, every in self.bearers.items():
            bearers = [one for one in every if not (board.is_leaf[one] or board.is_bounce[one])] or every
            self.bearers[id_] = bearers
            if len(every) > 1:
                self.hidden[id_] = [one for one in every if is_bystanders(board.mails[one])][:_FEW]
            for position in bearers if len(bearers) > 1 else ():
                for person in dict.fromkeys(board.people(position)):
                    self._by_person[id_, person].append(position)

    def resolve(self, board: Board, position: int, id_: str) -> int | None:
        bearers = self.bearers.get(id_, ())
        if len(bearers) <= 1:
            return next((one for one in bearers if one != position), None)
        people = dict.fromkeys(board.people(position))
        near = [self._nearest(position, self._by_person.get((id_, person), ())) for person in people]
        found = [one for one in near if one is not None]
        if not found and len(bearers) <= _FEW:
            others = [one for one in bearers if one != position]
            if len({board.groups.find(one) for one in others}) == 1:
                found = others
        return self._nearest(position, sorted(found))

    @staticmethod
    def _nearest(position: int, others: Sequence[int]) -> int | None:
        """Return the last one before a position, else the first behind it."""
        middle = bisect_left(others, position)
        before = others[middle - 1 : middle] if middle else ()
        behind = (one for one in others[middle : middle + 2] if one != position)
        return next(chain(before, behind), None)
