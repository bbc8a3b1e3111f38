"""Who is owed each answer of a case: of several customers and agents a reply is for one (design: One reply, one party).

A customer writes from many addresses of the relay's. Those are of one customer from which came the same order number
or RefID in the relay's own form, or answers to each other or to a mail of the seller's, where one of them alone can
have had what is answered. What a shopper can write (a number in the subject, in free text, in a form that they quote
or paste) finds the case that it belongs to, and makes nobody a party to that. What fails authentication is tied to
nothing, for its sender chose all that it says.

What a machine wrote (an escalation) is about the customer whose form has its order, whom the seller wrote to first
about that order, or whose message it names. Where there is none, it is about those who wrote only if no order is
spoken of: whoever speaks of its order without having it, or of another, is another customer.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

from relaywatch.core.classes.whose import is_sellers, is_unproved, seeming
from relaywatch.core.language.subject import answer_titles
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.threads.answered import MOST_ANCESTORS, MOST_BEARERS, is_somebody_elses, may_answer, nearest_first
from relaywatch.core.threads.had import Had
from relaywatch.core.threads.naming import PROVING, named
from relaywatch.core.threads.wrote import Wrote
from relaywatch.core.words.contact import order_id
from relaywatch.core.words.known import MOST_COMPARED, quotes_any

_SPEAKING = ("order:", "ref:")


class Party(NamedTuple):
    """Where what answers a message must go. Empty `relays`: to any but `others`, where only Walmart wrote."""

    who: frozenset[str]  # the addresses of whoever is owed it
    relays: frozenset[str] = frozenset()  # at the relay
    others: frozenset[str] = frozenset()  # at the relay, and another customer's: what goes there alone is not for it
    perhaps: frozenset[str] = frozenset()  # at the relay: whether what goes there alone is for it is not known


def parties_of(mails: Sequence[Mail], openers: Iterable[Mail], parties: Parties) -> Mapping[str, Party]:
    """Return for each message that is owed an answer, by Message.key, whom a reply is for.

    `mails`: all of the conversation, in order of time; `openers`: what is owed an answer among them.
    """
    openers = list(openers)
    customers = [mail for mail in openers if mail.verdict.class_ is Class.CUSTOMER]
    wrote = Wrote(customers, parties)
    found = {
        mail.message.key: _alone(wrote.relays(mail.message), wrote.proved(mail.message), mail) for mail in customers
    }
    proved = [mail for mail in customers if not is_unproved(mail)]
    if len(proved) > 1:
        ties = _Ties()
        _tie(ties, mails, proved, wrote, parties)
        groups = {mail.message.key: ties.find(_name(mail)) for mail in proved}
        addresses = {group: ties.addresses(group) for group in groups.values()}
        perhaps = ties.perhaps()
        for key, mail in ((mail.message.key, mail) for mail in proved):
            group = groups[key]
            one = _alone(found[key].relays | addresses[group], addresses[group], mail)
            found[key] = one._replace(perhaps=perhaps.get(group, frozenset()) - one.relays)
    machines = [mail for mail in openers if mail.message.key not in found or not found[mail.message.key].relays]
    if machines:
        first = _written_first(mails, customers, wrote, parties)
        asked = _CustomersByMark(proved, found, first, parties)
        anybody = _all(wrote.relays(mail.message) for mail in customers)
        silent = _others_wrote(mails, parties) - anybody
        for mail in machines:
            relays, sure = asked.meant_by(mail)
            found[mail.message.key] = Party(
                _named(frozenset({mail.message.author}), mail),
                relays,
                anybody - relays,
                silent.difference(asked.first_about(mail)).union(() if sure else relays),
            )
    return found


def _others_wrote(mails: Iterable[Mail], parties: Parties) -> frozenset[str]:
    """Return the relay addresses from which came anything: who sends a report asks nothing, and may be answered."""
    received = (mail.message for mail in mails if not is_sellers(mail))
    return frozenset(
        one for message in received for one in (message.author, *message.reply_to) if parties.is_relay(one)
    )


class _CustomersByMark:
    """The customers of a conversation, each by all their addresses, to be found by what Walmart's mail names."""

    def __init__(
        self, customers: Sequence[Mail], found: Mapping[str, Party], first: Mapping[str, str], parties: Parties
    ) -> None:
        self._parties = parties
        self._by_mark: dict[str, set[frozenset[str]]] = defaultdict(set)
        self._relays: set[frozenset[str]] = set()
        self._first = first
        self._speak = False  # whether any of them speaks of an order
        bearers = Counter(mail.message.message_id for mail in customers)
        for mail in customers:
            relays, marks = found[mail.message.key].relays, named(mail, parties).keys
            if not relays:
                continue
            for mark in marks:
                if mark.startswith(PROVING):
                    self._by_mark[mark].add(relays)
            if bearers[mail.message.message_id] == 1:
                self._by_mark[f"id:{mail.message.message_id}"].add(relays)
            for address in relays & first.keys():
                self._by_mark[f"form_{first[address]}"].add(relays)
            self._relays.add(relays)
            self._speak = self._speak or any(mark.startswith(_SPEAKING) for mark in marks)

    def first_about(self, mail: Mail) -> frozenset[str]:
        """Return the addresses that the seller wrote to first, about the order that a mail is about."""
        order = named(mail, self._parties).order
        return frozenset(address for address, key in self._first.items() if not order or key == f"order:{order}")

    def meant_by(self, mail: Mail) -> tuple[frozenset[str], bool]:
        """Return the addresses of those whom a mail is about that has no customer's own, and whether that is sure.

        No address: of nobody who wrote. Where it is about an order and nobody speaks of any, that all who wrote may be
        meant is not sure: an order can be given in a way that only people read.
        """
        said = named(mail, self._parties)
        marks = {f"form_order:{said.order}", *(f"form_{key}" for key in said.keys if key.startswith("ref:"))}
        marks.update(f"id:{id_}" for id_ in (() if is_unproved(mail) else nearest_first(mail.message)))
        meant = [relays for mark in marks if mark in self._by_mark for relays in self._by_mark[mark]]
        if meant or (said.order and self._speak):
            return _all(meant), True
        return _all(self._relays), not said.order


def _written_first(
    mails: Iterable[Mail], customers: Iterable[Mail], wrote: Wrote, parties: Parties
) -> Mapping[str, str]:
    """Return the relay addresses that the seller wrote to before anybody wrote from them (policy O1), and the order.

    The seller has such an address from Walmart, by the order (policy O3). `mails` in order of time.
    """
    asked = {mail.message.key for mail in customers}
    known: set[str] = set()
    found: dict[str, str] = {}
    for mail in mails:
        to = [one for one in mail.message.recipients if parties.is_relay(one)]
        if mail.message.key in asked:
            known |= wrote.relays(mail.message)
        elif len(to) == 1 and to[0] not in known and is_sellers(mail) and not may_answer(mail.message):
            orders = [key for key in named(mail, parties).keys if key.startswith("order:")]
            if len(orders) == 1:
                found.setdefault(to[0], orders[0])
    return found


def _all(some: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*some)


def _name(mail: Mail) -> str:
    return f"key:{mail.message.key}"


def _numbers(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return the order number of a message's form, as a key."""
    return frozenset(key for key in named(mail, parties).keys if key.startswith("form_order:"))


def _alone(relays: frozenset[str], proved: frozenset[str], mail: Mail) -> Party:
    """`proved`: those of the addresses that say who it is, and not only where answers may go."""
    return Party(_named(proved or relays or frozenset({mail.message.author}), mail), relays)


def _named(people: frozenset[str], mail: Mail) -> frozenset[str]:
    """Return who is owed an answer, by their addresses; whoever fails authentication is not whom they seem to be."""
    return frozenset(map(seeming, people)) if is_unproved(mail) else people


def _tie(ties: "_Ties", mails: Sequence[Mail], customers: Sequence[Mail], wrote: Wrote, parties: Parties) -> None:
    """Tie messages to their addresses, ids, numbers and to what they answer."""
    bearers = Counter(mail.message.message_id for mail in mails)
    shared = _shared_refs(customers, parties)
    had = Had(mails, wrote, parties)
    ids = (mail.message.message_id for mail in customers)
    telling: dict[str, Message | None] = {
        id_: None for id_ in ids if id_ and bearers[id_] == 1 and not had.by_others(id_)
    }
    for mail in customers:
        relays = sorted(wrote.proved(mail.message))
        tokens = [f"at:{address}" for address in relays]
        tokens += [key for key in named(mail, parties).keys if key.startswith(PROVING) and key not in shared]
        ties.join(_name(mail), *tokens)
        ties.wrote(_name(mail), relays)
    sent = {mail.message.key: to for mail in mails if is_sellers(mail) and (to := had.alone(mail.message))}
    asked = {mail.message.key for mail in customers}
    asked_before = _asked_before(mails, customers, wrote, sent)
    elses = _Elses(mails, wrote, parties)
    for mail in (*mails, *mails):  # twice: what was stored late may be answered before
        id_, to = mail.message.message_id, sent.get(mail.message.key)
        if mail.message.key in asked:
            own, near = _ids(mail.message, bearers, telling)
            ties.join(_name(mail), *own)
            if near is not None and _shows(mail.message, telling[near], asked_before.get(near, ())):
                ties.join(_name(mail), f"id:{near}")
            elif near is not None:
                ties.may_join(_name(mail), f"id:{near}")
        elif to and id_ and id_ not in telling and bearers[id_] == 1 and not elses.are_named(mail.message, to, ties):
            ties.join(f"id:{id_}", f"at:{to}")  # whoever answers it had it
            telling[id_] = mail.message


def _asked_before(
    mails: Iterable[Mail], customers: Iterable[Mail], wrote: Wrote, sent: Mapping[str, str]
) -> Mapping[str | None, Sequence[Message]]:
    """Return by Message-ID of the seller's mails to one customer the latest that came from their address before it.

    `mails` in order of time; `sent`: by Message.key, the address that the seller's went to.
    """
    asked = {mail.message.key for mail in customers}
    latest: dict[str, deque[Message]] = defaultdict(lambda: deque(maxlen=MOST_COMPARED))
    found: dict[str | None, Sequence[Message]] = {}
    for message in (mail.message for mail in mails):
        if message.key in asked:
            for address in wrote.proved(message):
                latest[address].append(message)
        elif message.key in sent:
            found[message.message_id] = tuple(latest[sent[message.key]])
    return found


class _Elses:
    """From which relay addresses came what is none of the seller's, by Message-ID; none: from somebody else."""

    def __init__(self, mails: Iterable[Mail], wrote: Wrote, parties: Parties) -> None:
        self._from: dict[str, list[frozenset[str]]] = defaultdict(list)
        for mail in mails:
            message = mail.message
            if message.message_id and is_somebody_elses(mail, parties):
                known = not is_unproved(mail) and parties.is_walmart(message.author)
                self._from[message.message_id].append(wrote.relays(message) if known else frozenset())

    def are_named(self, sent: Message, to: str, ties: "_Ties") -> bool:
        """Whether a mail of the seller's to a customer names mail of another's, who may have had it unseen."""
        root = ties.find(f"at:{to}")
        named_there = islice(nearest_first(sent), MOST_ANCESTORS)
        found = [self._from[id_] for id_ in named_there if id_ in self._from]
        return any(
            len(writers) > MOST_BEARERS
            or any(to not in some and all(ties.find(f"at:{one}") != root for one in some) for some in writers)
            for writers in found
        )


def _ids(
    message: Message, bearers: Mapping[str | None, int], telling: Mapping[str, Message | None]
) -> tuple[list[str], str | None]:
    """Return the token of a customer's message by its own id, and the nearest id by which it may be tied to others.

    `telling`: the ids that one customer alone can have had, and the mail, where it is the seller's. Several may have
    had one that is not here, or that went to nobody who is named on it, or to more than one.
    """
    named_there = islice(nearest_first(message), MOST_ANCESTORS)
    known = takewhile(lambda id_: bearers.get(id_, 0) <= 1, named_there)
    own = [f"id:{message.message_id}"] if message.message_id in telling else []
    return own, next((id_ for id_ in known if id_ in telling), None)


def _shows(message: Message, sent: Message | None, asked: Sequence[Message]) -> bool:
    """Whether a message shows that its author had a mail of the seller's that it names.

    Help desks number their mail, so that an id can be guessed, and shops send one text to many: what a quote must hold
    is words of whom the mail was for, of `asked`. The relay gives many mails one subject: it shows this only with an
    order in it.
    """
    if sent is None or quotes_any(message, asked, sent):
        return True
    titles = set(filter(None, answer_titles(sent.subject)))
    return bool(order_id(sent.subject, "")) and not titles.isdisjoint(answer_titles(message.subject))


def _shared_refs(customers: Iterable[Mail], parties: Parties) -> frozenset[str]:
    """Return the RefIDs that stand in messages about different orders: those name none of them."""
    orders: dict[str, set[frozenset[str]]] = defaultdict(set)
    for mail in customers:
        form = _numbers(mail, parties)
        for key in named(mail, parties).keys if form else ():
            if key.startswith("form_ref:"):
                orders[key].add(form)
    return frozenset(key for key, forms in orders.items() if not frozenset.intersection(*forms))


class _Ties:
    """Union-find over what messages bear."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}  # by the root: addresses that somebody wrote from
        self._unsure: set[tuple[str, str]] = set()

    def find(self, token: str) -> str:
        root = token
        while (above := self._parent.get(root, root)) != root:
            root = above
        while (above := self._parent.get(token, token)) != root:
            self._parent[token], token = root, above
        return root

    def join(self, *tokens: str) -> None:
        for token in tokens:
            if token not in self._parent:
                self._parent[token] = token
                self._members[token] = set()
        for token in tokens[1:]:
            one, other = self.find(tokens[0]), self.find(token)
            if one == other:
                continue
            if len(self._members[one]) < len(self._members[other]):
                one, other = other, one
            self._parent[other] = one
            self._members[one] |= self._members.pop(other)

    def may_join(self, token: str, other: str) -> None:
        """Say that two may be one customer's."""
        self._unsure.add((token, other))

    def perhaps(self) -> Mapping[str, frozenset[str]]:
        """Return by root the addresses of others who may be the same customer."""
        found: dict[str, set[str]] = defaultdict(set)
        for one, other in ((self.find(one), self.find(other)) for one, other in self._unsure):
            found[one] |= self._members.get(other, set())
            found[other] |= self._members.get(one, set())
        return {root: frozenset(addresses) for root, addresses in found.items()}

    def wrote(self, token: str, addresses: Iterable[str]) -> None:
        self._members[self.find(token)].update(addresses)

    def addresses(self, root: str) -> frozenset[str]:
        return frozenset(self._members[root])
