"""Which customers' messages are of one customer, and which customer the seller's mail is for (one reply, one party).

Each message may come from an address of its own. So a customer is known by the order number of the form, then by
the RefID, by the relay address, and by what their messages answer: a mail of the seller's that went to one of them
alone. An order number on a line of their own words tells a customer only where nothing else does. Nothing of this
makes two customers one who gave different orders, nor does a mail of the seller's that names or reaches both.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from relaywatch.core.language.subject import answer_titles, asked_titles
from relaywatch.core.threads.answered import is_somebody_elses
from relaywatch.core.threads.board import Board
from relaywatch.core.threads.had import outsiders
from relaywatch.core.words.contact import order_id

_MOST_LOOKED_AT = 24  # messages on each side: a bound, no rule


def tie_customers(board: Board) -> None:
    """Tie the messages of each customer, and to them the seller's mail that was surely for that customer."""
    _by_order(board)
    _by_ref(board)
    _by_address(board)
    _place_answers(board)
    _by_answer(board)
    _by_label(board)
    _by_likeness(board)


def _by_order(board: Board) -> None:
    first: dict[str, int] = {}
    for position in board.customers():
        for order in sorted(board.numbers(position, "form")):
            board.groups.tie(first.setdefault(order, position), position)


def _by_ref(board: Board) -> None:
    """A RefID that stands in messages about different orders names none of them."""
    holders: dict[str, list[int]] = defaultdict(list)
    for position in board.customers():
        for ref in board.numbers(position, "ref"):
            holders[ref].append(position)
    for _, positions in sorted(holders.items()):
        if len({board.groups.find(one) for one in positions if board.groups.has_order(one)}) <= 1:
            _tie_all(board, positions)


def _tie_all(board: Board, positions: Iterable[int]) -> None:
    """Tie messages of one customer; those with an order first, so that the others cannot come between them."""
    known = sorted(positions, key=lambda one: (not board.groups.has_order(one), one))
    for position in known[1:]:
        board.groups.tie(known[0], position)


def _by_address(board: Board) -> None:
    """Tie what came from one relay address, unless more than one order is known there."""
    for _, positions in sorted(board.asked_at.items()):
        clusters = _clusters(board, positions)
        if len(clusters) <= 1:
            _tie_all(board, positions)


def _clusters(board: Board, positions: Iterable[int]) -> set[int]:
    """Return a group of each order that messages are about, where they say so; those with a common label are tied."""
    first: dict[str, int] = {}
    for position in positions:
        for number in sorted(board.numbers(position, "form") | board.numbers(position, "label")):
            board.groups.tie(first.setdefault(number, position), position)
    return {board.groups.find(one) for one in positions if board.groups.is_numbered(one)}


def _place_answers(board: Board) -> None:
    """Put what the seller sent to a relay address, or in answer to a customer, beside the customer that it was for.

    What went to a customer's address, and is about another order or answers another customer, is nobody's.
    """
    rest: list[tuple[int, int | None, bool]] = []
    for position, sellers in enumerate(board.is_sellers):
        if not sellers:
            continue
        relays = board.relays[position]
        named = [one for id_ in board.ancestors(position) if (one := board.named(position, id_)) is not None]
        asked = _asked(board, position)
        if not relays:
            place = named[0] if named and _is_theirs(board, named[0]) else None
        else:
            named = [one for one in named if _is_theirs(board, one)]
            place = next((one for one in named if board.groups.is_reached(one, relays)), None)
            if place is None and asked:
                named_first = next((one for one in named[:1] if board.is_customers[one]), None)
                place = _addressee(board, position, asked, named_first)
        if place is None or not board.groups.holds_customer(place):
            rest.append((position, place if place is not None else next(iter(named), None), bool(asked)))
        else:
            board.groups.join(position, place)
    for position, place, known in rest:
        board.astray[position] = known
        if place is not None and not (known and not board.groups.holds_customer(place)):
            board.groups.join(position, place)
        if known and not board.groups.holds_customer(position):
            board.groups.hold(position)


def _asked(board: Board, position: int) -> list[str]:
    """Return those of a mail's relay addresses that somebody wrote from.

    What answers a customer's genuine message is not drawn from it by what was forged from the address that it went to.
    """
    asked = board.relays[position] & board.asked_at.keys()
    return sorted(asked - board.forged_at if board.names_customer(position) else asked)


def _is_theirs(board: Board, position: int) -> bool:
    return board.is_customers[position] or board.is_sellers[position]


def _addressee(board: Board, position: int, addresses: Iterable[str], named: int | None) -> int | None:
    """Return the likeliest message, of those who have the relay addresses, that the seller's mail is an answer to.

    `named`: another customer's message that it says it answers. Then it is for the addressee only if a number in its
    own words or the subject says so: it may as well have been meant for the other, and have gone astray, or have been
    drawn there by a Reply-To of theirs. What it quotes they wrote.
    """
    groups = board.groups
    asked = [one for address in addresses for one in _near(board.asked_at[address], position)]
    numbers = board.numbers(position, "form") | board.numbers(position, "label")
    spoken = numbers | board.numbers(position, "order")
    if named is not None:
        own = order_id("", board.mails[position].message.own_words)
        numbers = spoken = frozenset({own}) if own else frozenset()
    told = [one for one in asked if spoken and groups.is_numbered(one) and not groups.differ(one, spoken)]
    if not told and named is not None:
        title = set(answer_titles(board.mails[position].message.subject))
        title.difference_update(asked_titles(board.mails[named].message.subject))
        told = [one for one in asked if not title.isdisjoint(asked_titles(board.mails[one].message.subject))]
        asked = []
    found = told or [one for one in asked if not groups.differ(one, numbers)]
    return min(found, key=lambda one: (*_unlike(board, position, one), one), default=None)


def _near(positions: Sequence[int], position: int) -> Iterator[int]:
    """Yield the positions around one, the nearest before it first, then those behind it."""
    middle = bisect_left(positions, position)
    yield from reversed(positions[max(0, middle - _MOST_LOOKED_AT) : middle])
    yield from positions[middle : middle + _MOST_LOOKED_AT]


def _by_answer(board: Board) -> None:
    """Tie a customer's message to what it answers: a message of theirs, or of the seller's that went to them alone.

    Where that is not here, to the nearest one that it names, if it names no other customer's; and to what answers
    the same lost message.
    """
    first: dict[str, int] = {}
    for position in board.customers():
        named = []
        for id_ in board.ancestors(position):
            one = board.named(position, id_)
            if one is not None and _is_theirs(board, one):
                named.append((id_, one))
            elif one is None and not board.is_here(id_) and not named:
                board.groups.tie(first.setdefault(id_, position), position)
        if not named:
            continue
        (id_, nearest), rest = named[0], named[1:]
        others = {board.groups.find(one) for _, one in rest if board.groups.holds_customer(one)}
        sure = id_ in board.mails[position].message.in_reply_to or others <= {board.groups.find(nearest)}
        if sure and not board.is_unproved[nearest] and (board.is_customers[nearest] or _shows_customer(board, nearest)):
            board.groups.tie(nearest, position)


def _shows_customer(board: Board, position: int) -> bool:
    """Whether only one customer can have answered a mail of the seller's: no stranger can have had it."""
    relays = board.relays[position]
    if not outsiders(board.mails[position].message, board.parties) <= relays:
        return False
    named = [one for id_ in board.ancestors(position) if (one := board.named(position, id_)) is not None]
    if not all(board.is_customers[one] or not is_somebody_elses(board.mails[one], board.parties) for one in named):
        return False
    if relays:
        return len(relays) == 1 and not board.astray[position]
    return len({board.groups.find(one) for one in named if board.groups.holds_customer(one)}) <= 1


def _by_label(board: Board) -> None:
    """Tie what has an order number on a line of its own words, and nothing else that tells its customer."""
    first: dict[str, int] = {}
    for position in board.customers():
        for order in board.numbers(position, "form"):
            first.setdefault(order, position)
    shared = {address for address, asked in board.asked_at.items() if len(set(map(board.groups.find, asked))) > 1}
    for position in board.customers():
        for order in board.numbers(position, "label"):
            known = first.setdefault(order, position)
            if not board.groups.has_order(position) and board.relays[position].isdisjoint(shared):
                board.groups.tie(known, position)


def _by_likeness(board: Board) -> None:
    """Give what has no number, from an address with several orders, to the one with its subject, else the nearest.

    All places are found before any is taken, so the result does not depend on the order of looking.
    """
    found: list[tuple[int, int]] = []
    for _, positions in sorted(board.asked_at.items()):
        if len({board.groups.find(one) for one in positions}) <= 1:
            continue
        numbered = [one for one in positions if board.groups.is_numbered(one)]
        for position in positions if numbered else ():
            if not board.groups.is_numbered(position):
                place = min(_near(numbered, position), key=lambda one: (*_unlike(board, position, one), one))
                found.append((position, place))
    for position, place in found:
        board.groups.tie(place, position)


def _unlike(board: Board, position: int, other: int) -> tuple[bool, bool, timedelta]:
    """Return how little one message is like an answer to another, or like one about the same: to choose the least."""
    titles = answer_titles if board.is_sellers[position] else asked_titles
    mine = titles(board.mails[position].message.subject)
    theirs = asked_titles(board.mails[other].message.subject)
    return set(mine).isdisjoint(theirs), other > position, abs(board.times[position] - board.times[other])
