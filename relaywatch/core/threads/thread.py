"""Which conversation a message belongs to.

Order of trust: References and In-Reply-To name another message outright, the nearest first; then the RefID and the
order number, and an agent's case number; then, for what none of these places, the relay address or an agent's
subject. Keys join conversations; hints only find a place for a message that has none. No conversation holds two
customers (core/threads/customers.py): what names or reaches several goes to one. A customer's and an agent's mail about
one order stay apart unless a message says outright that they are one: by References, or by being sent to both. So
what the seller sends to an agent goes by order number only where it is not about that agent's own mail; a
hand-over and an escalation that nobody can be answered on belong to the customer's conversation. The result
depends on the set of messages alone, not on the order in which they came.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from relaywatch.core.classes.whose import answerable, is_unproved, seems_sellers
from relaywatch.core.language.subject import answer_titles, asked_titles
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import received_at
from relaywatch.core.threads.agents import CaseNumbers, concern_of, join_by_case
from relaywatch.core.threads.answered import aside_of
from relaywatch.core.threads.board import Board
from relaywatch.core.threads.customers import tie_customers
from relaywatch.core.threads.forged import is_only_shown, with_forged
from relaywatch.core.threads.naming import AGENTS, keys
from relaywatch.core.threads.place import BOUNCED, MAILED, REFUSED, SENT_AS, Placeable, place_strays

_UNPROVED = "?"  # before a hint: of what fails authentication
_TO = "to:"  # the hint of an address
_OF_ADDRESSES = frozenset({_TO, MAILED, BOUNCED})
_MOST_HINTS = 30  # of a message: a bound, no rule


def _goes_to_both(message: Message, parties: Parties) -> bool:
    """Whether it is sent to a customer and to an agent: then their conversations are one."""
    to = message.recipients
    return any(map(parties.is_relay, to)) and any(map(parties.is_agent, to))


def hints(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return what can find a place for a message that no key places: addresses, and agents' subjects; few."""
    return frozenset(_nearest_hints(_all_hints(mail, parties), parties))


def _all_hints(mail: Mail, parties: Parties) -> frozenset[str]:
    message = mail.message
    found = _hints_of_place(mail, parties, refusals=False)
    if mail.verdict.class_ is Class.BOUNCE:
        return frozenset() if is_unproved(mail) else frozenset(_instead_of_to(BOUNCED, found))
    if mail.verdict.class_ in AGENTS:
        return found.union(_under_subject(asked_titles(message.subject), (*message.reply_to, message.author)))
    if not seems_sellers(mail):
        return found
    found = found.union(_instead_of_to(MAILED, found))
    if any(map(parties.is_relay, message.recipients)):  # where a refusal names nothing but the subject (policy Q6)
        found = found.union(f"{SENT_AS}{title}" for title in answer_titles(message.subject) if title)
    agents = [address for address in message.recipients if parties.is_agent(address)]
    return found.union(_under_subject(answer_titles(message.subject), agents)) if agents else found


def _instead_of_to(kind: str, found: Iterable[str]) -> list[str]:
    return [kind + one.removeprefix(_TO) if one.startswith(_TO) else one for one in found]


def _hints_of_place(mail: Mail, parties: Parties, *, refusals: bool) -> frozenset[str]:
    """Return the hints by which a place is found among messages that are at hand, as they are sought.

    `refusals`: whether there may be any, so that what the seller sent is to be found by its subject.
    """
    message = mail.message
    if mail.verdict.class_ is Class.BOUNCE:
        if mail.verdict.failed:
            return frozenset(f"{_TO}{address}" for address in mail.verdict.failed)
        return frozenset(f"{REFUSED}{title}" for title in _quoted_titles(message.subject))
    if mail.verdict.class_ is Class.CUSTOMER:
        return frozenset(f"{_TO}{address}" for address in (*message.reply_to, message.author))
    if not seems_sellers(mail):
        return frozenset()
    found = {f"{_TO}{one}" for one in message.recipients if not parties.is_seller(one)}
    if refusals and any(map(parties.is_relay, message.recipients)):
        found.update(f"{REFUSED}{title}" for title in answer_titles(message.subject) if title)
    return frozenset(found)


def _quoted_titles(subject: str) -> tuple[str, ...]:
    """Return the titles of the answer that a refusal's own subject names: `Not delivered: Re: Mug`."""
    return tuple(title for title in answer_titles(subject)[1:] if title)


def _nearest_hints(found: Collection[str], parties: Parties) -> tuple[str, ...]:
    """Return no more hints than a conversation needs: of relay addresses and subjects first, then of others."""

    def rank(hint: str) -> tuple[bool, str]:
        kind, sign, address = hint.partition(":")
        return kind + sign in _OF_ADDRESSES and not parties.is_relay(address), hint

    return tuple(sorted(found, key=rank)[:_MOST_HINTS])


def _under_subject(titles: Iterable[str], addresses: Iterable[str]) -> list[str]:
    """Return a hint for each title and address, the likeliest title first."""
    addresses = tuple(addresses)
    return [f"subject:{title}|{address}" for title in titles for address in addresses]


def group(mails: Iterable[Mail], parties: Parties) -> list[tuple[Mail, ...]]:
    """Return the conversations among the messages, each in order of time."""
    timed = [(received_at(mail.message)[0], mail.message.key, mail) for mail in mails]
    timed.sort(key=lambda entry: entry[:2])
    forged = [mail for _, _, mail in timed if is_only_shown(mail)]
    timed = [entry for entry in timed if not is_only_shown(entry[2])]
    some = [mail for _, _, mail in timed]
    board = Board(some, [at for at, _, _ in timed], [keys(mail, parties) for mail in some], parties)
    tie_customers(board)
    _Joiner(board).join()
    found = [tuple(some[position] for position in members) for members in board.groups.members().values()]
    return with_forged(found, forged) if forged else found


class _Joiner:
    """Puts all that is not a customer's where it belongs."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._groups = board.groups
        self._agents = [
            mail.verdict.class_ in AGENTS and answerable(mail.message, board.parties) for mail in board.mails
        ]
        self._both = [
            sellers and _goes_to_both(mail.message, board.parties)
            for mail, sellers in zip(board.mails, board.is_sellers, strict=True)
        ]
        self._about_agents = [False] * len(board)  # the seller's mail that is about an agent's own

    def join(self) -> None:
        """Join, from what is surest to what is least sure."""
        self._by_form()
        self._by_id()
        self._by_case()
        self._by_number("ref")
        self._by_number("order")
        if len(self._groups.members()) > 1:  # nothing strays from a single conversation
            self._strays()
        self._hidden()

    def _by_form(self) -> None:
        """Join a machine's mail that names no message to the customer whose form has its order.

        The seller may answer it to another customer: that makes it no other customer's.
        """
        board = self._board
        owners = self._owners("form_order")
        for position, mail in enumerate(board.mails):
            if mail.verdict.class_ not in AGENTS or self._agents[position]:
                continue
            if all(board.named(position, id_) is None for id_ in board.ancestors(position)):
                for number in sorted(board.numbers(position, "order") & owners.keys()):
                    self._groups.join(position, owners[number])

    def _by_id(self) -> None:
        """Join what names one message, be it here or not: two replies to a lost message belong together."""
        board = self._board
        lost: dict[str, int] = {}
        copies: dict[tuple[str, ...], int] = {}
        for position, mail in enumerate(board.mails):
            if mail.message.message_id and not (board.is_customers[position] or board.is_leaf[position]):
                same = (mail.message.message_id, mail.message.author, *sorted(mail.message.recipients))
                self._groups.join(copies.setdefault(same, position), position)
            for id_ in board.ancestors(position):
                named = board.named(position, id_)
                if named is not None:
                    self._groups.join(position, named)
                elif not board.is_here(id_) and not self._differ(lost.setdefault(id_, position), position):
                    self._groups.join(lost[id_], position)

    def _differ(self, one: int, other: int) -> bool:
        """Whether two agents' mails are surely about different things: a template's id may be in both."""
        if not (self._agents[one] and self._agents[other]):
            return False
        first, second = (concern_of(self._board.mails[position].message) for position in (one, other))
        return first.differs(second)

    def _hidden(self) -> None:
        """Put beside the seller's mail bystanders' mail with an id that it names: it may answer that."""
        board = self._board
        placed: set[int] = set()
        for position, sellers in enumerate(board.is_sellers):
            for id_ in board.ancestors(position) if sellers else ():
                for hidden in board.hidden(id_):
                    if hidden not in placed:
                        placed.add(hidden)
                        self._groups.join(position, hidden)

    def _by_case(self) -> None:
        """Join agents' mail by Walmart's case number, and what the seller sent about agents' mail to it.

        That is: what descends from an agent's mail, bears its case number, or its subject back to the agent. What
        answers somebody else's mail bears what those wrote.
        """
        board = self._board
        aside = aside_of(board.mails, board.parties)
        agents_mails = {position: mail.message for position, mail in enumerate(board.mails) if self._agents[position]}
        bearers = {position: board.numbers(position, "case") for position in agents_mails}
        cases = join_by_case(bearers, agents_mails, self._groups)
        subjects: dict[str, list[int]] = defaultdict(list)
        about: set[str | None] = {message.message_id for message in agents_mails.values()}
        for position in agents_mails:
            for hint in hints(board.mails[position], board.parties):
                subjects[_UNPROVED * board.is_unproved[position] + hint].append(position)
        for position, mail in enumerate(board.mails):
            if not board.is_sellers[position]:
                continue
            known = set(filter(board.is_placed, board.ancestors(position)))
            agents = None
            if board.mails[position].message.key not in aside and (self._both[position] or not known):
                agents = self._said_to_answer(position, cases, subjects)
            if agents is not None:
                self._groups.join(position, agents)
            if agents is not None or known & about:
                self._about_agents[position] = True
                about.add(mail.message.message_id)

    def _said_to_answer(self, position: int, cases: CaseNumbers, subjects: Mapping[str, list[int]]) -> int | None:
        """Return an agent's mail whose case number a mail bears, or its subject where it went to no customer too."""
        agents = cases.of_reply(self._board.mails[position].message, self._board.numbers(position, "case"))
        if agents is None and not self._both[position]:
            agents = self._asked_under_subject(position, subjects)
        return agents

    def _asked_under_subject(self, position: int, subjects: Mapping[str, list[int]]) -> int | None:
        """Return the agent's latest mail, before this one, whose subject it bears; no customer's reply does.

        A subject with less taken off goes before one with more: `Re: Question: mug` answers `Question: mug`. What
        fails authentication comes last.
        """
        message, parties = self._board.mails[position].message, self._board.parties
        if any(map(parties.is_relay, message.recipients)):
            return None
        agents = [address for address in message.recipients if parties.is_agent(address)]
        hints_ = [_under_subject((title,), agents) for title in answer_titles(message.subject)]
        for some in (*hints_, *([_UNPROVED + hint for hint in one] for one in hints_)):
            found = []
            for hint in some:
                earlier = subjects.get(hint, [])
                count = bisect_left(earlier, position)
                found += earlier[count - 1 : count] if count else []
            if found:
                return max(found)
        return None

    def _by_number(self, kind: str) -> None:
        """Join what is nobody's yet to the customer whose number it bears.

        That is the one who gives the number as their own, else who spoke of it last before. What went to a
        customer's address bears that customer's number or none. What belongs to no customer is joined by itself.
        """
        board = self._board
        owners, speakers = self._owners("form" if kind == "order" else kind), self._speakers(kind)
        loose: dict[str, int] = {}
        for position in range(len(board)):
            if board.is_customers[position] or (self._about_agents[position] and not self._both[position]):
                continue
            if board.is_reported(position):
                continue
            for number in sorted(board.numbers(position, kind)):
                owner = owners.get(number)
                if owner is None:
                    owner = _last_before(speakers.get(number, []), position)
                if owner is None:
                    owner = loose.setdefault(number, position)
                self._groups.join(position, owner)

    def _owners(self, kind: str) -> dict[str, int]:
        """Return of each number a message of the customer whose own it is; of a RefID the only one who bears it."""
        board = self._board
        owners: dict[str, int] = {}
        shared = set()
        for position in board.customers():
            for number in board.numbers(position, kind):
                first = owners.setdefault(number, position)
                if self._groups.find(first) != self._groups.find(position):
                    shared.add(number)
        return {number: owner for number, owner in owners.items() if number not in shared}

    def _speakers(self, kind: str) -> dict[str, list[int]]:
        board = self._board
        found: dict[str, list[int]] = defaultdict(list)
        for position in board.customers() if kind == "order" else ():
            for number in board.numbers(position, kind):
                found[number].append(position)
        return found

    def _strays(self) -> None:
        """Give what no number identifies a place beside what shares an address."""
        board = self._board
        refusals = any(mail.verdict.class_ is Class.BOUNCE and not mail.verdict.failed for mail in board.mails)
        slots = []
        for position, mail in enumerate(board.mails):
            own = board.numbers(position, "form") | board.numbers(position, "label")
            slots.append(
                Placeable(
                    at=board.times[position],
                    subject=mail.message.subject,
                    hints=()
                    if board.is_reported(position)
                    else _nearest_hints(_hints_of_place(mail, board.parties, refusals=refusals), board.parties),
                    bounce=mail.verdict.class_ is Class.BOUNCE,
                    sent=board.is_sellers[position],
                    opens=board.is_customers[position] or mail.verdict.class_ in AGENTS,
                    orders=own,
                    speaks=own | board.numbers(position, "order"),
                )
            )
        for one, other in place_strays(slots, list(self._groups.members().values()), board.parties):
            self._groups.join(one, other)


def _last_before(positions: Sequence[int], position: int) -> int | None:
    """Return the last of these before a position, else the first behind it, None where there are none."""
    count = bisect_left(positions, position)
    return positions[max(0, count - 1)] if positions else None
