"""Who is on a mail of the seller's without that it surely answers them, for it may answer somebody else.

Who else is on the mail that it answers was chosen by whoever wrote that, and need not be seen: headers ask for answers
in many ways, and what is read of a mail has bounds. So an answer is surely a customer's by what it names of theirs.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple

from relaywatch.core.cases.party import Party
from relaywatch.core.classes.whose import OPENERS, is_sellers, is_unproved
from relaywatch.core.language.subject import answer_titles, asked_titles
from relaywatch.core.language.tokens import tokens_of
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import SKEW, received_at
from relaywatch.core.threads.answered import (
    MOST_ANCESTORS,
    MOST_BEARERS,
    is_somebody_elses,
    may_answer,
    nearest_first,
)
from relaywatch.core.threads.had import outsiders
from relaywatch.core.threads.naming import AGENTS, named
from relaywatch.core.words.contact import order_id, walmart_case_ids
from relaywatch.core.words.known import MOST_COMPARED, can_be_quoted, quotes_any
from relaywatch.core.words.quotes import holds_quote

_NOBODY = frozenset[str]()
_A_LINE = 30  # tokens of a quote and of what introduces it
_LONG = 1_000  # characters


class Beside(NamedTuple):
    """Who is on a mail of the seller's beside those whom it surely answers."""

    offered: frozenset[str] = _NOBODY  # relay addresses that another put on their mail: it does not answer those
    unsure: frozenset[str] = _NOBODY  # relay addresses, and people of Walmart's, whom it may answer or not
    seeming: frozenset[str] = _NOBODY  # of both, addresses in the name of which somebody wrote what it answers


SURE = Beside()


def beside(
    mails: Sequence[Mail],
    owed_to: Mapping[str, Party],
    parties: Parties,
    speaks_of: Callable[[Message, Message], bool],
    seems_programs: Callable[[Mail], bool],
) -> Mapping[str, Beside]:
    """Return, by Message.key of the seller's mails, who is on it that it may not answer.

    What names another's mail before a customer's answers that one alone, unless it names the customer's as well. What
    names nothing that is here is told by whom it went to, and by its subject and order. `mails` in order of time;
    `owed_to` as party.parties_of returns it; `speaks_of`: whether a mail of the seller's has a word of another;
    `seems_programs`: whether a program may have sent it.
    """
    found = _Offers(mails, owed_to, parties, speaks_of, seems_programs)
    for mail in mails:
        one = found.on(mail) if is_sellers(mail) else SURE
        if one != SURE:
            found.by_key[mail.message.key] = one
    return found.by_key


class _Offers:
    def __init__(
        self,
        mails: Sequence[Mail],
        owed_to: Mapping[str, Party],
        parties: Parties,
        speaks_of: Callable[[Message, Message], bool],
        seems_programs: Callable[[Mail], bool],
    ) -> None:
        self.by_key: dict[str, Beside] = {}
        self._seems_programs = seems_programs
        self._parties = parties
        self._speaks_of = speaks_of
        self._bearers = _Bearers(mails)
        self._people = _People(mails, owed_to, parties)

    def on(self, mail: Mail) -> Beside:
        message = mail.message
        to = message.recipients
        relays = frozenset(filter(self._parties.is_relay, to))
        agents = frozenset(filter(self._parties.is_agent, to))
        if not relays and not agents:
            return SURE
        ids = islice(nearest_first(message), MOST_ANCESTORS)
        here = [bearers for id_ in ids if (bearers := self._bearers.of(id_, message))]
        # What did not lie in Sent may be a website's, which sends what anybody types in the shop's name; and the words
        # of what a program answers with may be those of whatever it answers.
        if not here and (not message.outgoing or self._seems_programs(mail)):
            return Beside(unsure=relays | agents)
        if not here:
            unsure = [one for one in relays if not self._seems_for(message, one)]
            return Beside(unsure=agents.union(unsure) if self._may_be_strange(message) else frozenset(unsure))
        repeated = _repeated(here, self._parties)
        open_ = self._is_open(here[0])
        not_theirs = [one for one in relays if not self._names(message, here, repeated, one)] if open_ else ()
        put_on = self._put_on(here, frozenset(to)) if not_theirs else _NOBODY
        offered = put_on.intersection(not_theirs)
        surely = not agents or self._is_for(message, agents, here, repeated)
        beside = frozenset(not_theirs).union(() if surely else agents) - offered
        return Beside(offered, beside, frozenset(not_theirs).intersection(*map(_seeming, here[0])))

    def _put_on(self, here: Iterable[Sequence[Mail]], to: AbstractSet[str]) -> frozenset[str]:
        """Return whom others put on what is named, where it was answered to those, and who is so on what follows it."""
        found = _NOBODY
        for mail in chain.from_iterable(here):
            message = mail.message
            if is_sellers(mail):
                found |= self.by_key.get(message.key, SURE).offered
            elif is_somebody_elses(mail, self._parties) and not to.isdisjoint((message.author, *message.reply_to)):
                found = found.union(message.reply_to, message.recipients)
        return found

    def _is_open(self, bearers: Sequence[Mail]) -> bool:
        """Whether an id is none of Walmart's, which may be answered to anybody."""
        return any(
            is_sellers(mail) or mail.verdict.class_ is Class.INTERNAL or is_somebody_elses(mail, self._parties)
            for mail in bearers
        )

    def _names(
        self,
        message: Message,
        here: Sequence[Sequence[Mail]],
        repeated: Mapping[str, Sequence[Mail]],
        relay: str,
    ) -> bool:
        """Whether one of the ids is of this customer's mail: the nearest, or one that no other's mail hands on."""
        for number, bearers in enumerate(here):
            by = repeated.get(_id_of(bearers), ()) if number else ()
            if self._is_theirs(message, bearers, relay) and all(self._people.wrote(mail, relay) for mail in by):
                return True
        return False

    def _is_theirs(self, message: Message, bearers: Sequence[Mail], relay: str) -> bool:
        others = [mail for mail in bearers if is_somebody_elses(mail, self._parties)]
        if others:  # who may have taken the id of the seller's mail
            return all(self._people.wrote(mail, relay) for mail in others)
        own = self._people.mails_of(relay)
        return any(
            self._is_to(mail.message, relay) and _goes_on(message, mail.message, own)
            if is_sellers(mail)
            else self._people.passed_on(mail, relay)
            for mail in bearers
        )

    def _is_to(self, sent: Message, relay: str) -> bool:
        """Whether a mail of the seller's was for no other customer and no stranger."""
        there = self.by_key.get(sent.key, SURE)
        return relay not in there.offered | there.unsure and not self._people.strange_to(sent, relay)

    def _is_for(
        self,
        message: Message,
        agents: AbstractSet[str],
        here: Sequence[Sequence[Mail]],
        repeated: Mapping[str, Sequence[Mail]],
    ) -> bool:
        """Whether what names mails that are here tells whether it answers people of Walmart's: see answered.aside_of.

        It does not where the nearest id is another's as well, or of a mail of the seller's that was unsure, or where
        theirs is named only because another's mail hands it on, that other is on no mail of theirs, and nothing is said
        of it.
        """
        mails = [mail.message for mail in here[0] if is_sellers(mail)]
        sent = [self.by_key.get(one.key, SURE) for one in mails]
        goes_on = len(mails) < len(here[0]) or any(_goes_on(message, one, self._people.walmarts) for one in mails)
        elses = [is_somebody_elses(mail, self._parties) for mail in here[0]]
        theirs = [
            bearers
            for bearers in here
            if any(mail.verdict.class_ in AGENTS and not is_somebody_elses(mail, self._parties) for mail in bearers)
        ]
        if all(elses) and not theirs:
            return True
        if not any(elses) and goes_on and all(one.unsure.isdisjoint(agents) for one in sent):
            return True
        return any(
            not any(is_somebody_elses(mail, self._parties) for mail in bearers)
            and (
                all(self._people.is_with_walmarts(mail) for mail in repeated.get(_id_of(bearers), ()))
                or any(self._speaks_of(message, mail.message) for mail in bearers)
            )
            for bearers in theirs
        )

    def _seems_for(self, message: Message, relay: str) -> bool:
        """Whether a mail that names nothing here is for a customer on it.

        What answers must bear their subject or quote them: the number of their order may have been given by whoever
        asked, and an answer repeats it. One that went to nobody else is for them then, and where the seller began it.
        Else their order in its own words tells. Who is on it beside them may have put them there.
        """
        people, found = self._people, answer_titles(message.subject)
        own = people.mails_of(relay)
        theirs = own if own.keys else people.walmarts
        answers, ambiguous = may_answer(message), people.have_others(relay, found)
        if answers and theirs.keys:
            titled = not (own.titles | people.walmarts.titles).isdisjoint(found)
            if not own.is_quoted_in(message) and not (titled and not theirs.is_unquoted_in(message)):
                return False
        if not people.strange_to(message, relay):
            return True
        if not own.keys:
            return False
        subject = "" if answers or ambiguous else message.subject  # whoever asked chose it
        return order_id(subject, message.own_words) in theirs.orders

    def _may_be_strange(self, message: Message) -> bool:
        """Whether a mail to people of Walmart's that names nothing here may answer somebody else, who put them on it.

        So it may where it went to somebody who is on no mail of theirs, or says that it answers what none of theirs is
        called. The number of their case in its own words tells only where it does not answer such a mail: whoever
        asked may have given it.
        """
        walmarts = self._people.walmarts
        titled = not walmarts.titles.isdisjoint(answer_titles(message.subject))
        bears = titled and not walmarts.is_unquoted_in(message)
        other = may_answer(message) and not bears and not walmarts.is_quoted_in(message)
        own = self._parties.registered | self._parties.seller  # which Reply All keeps on it
        if other and all(map(self._parties.is_walmart, set(message.to) - own)):
            return True
        return self._people.strange_to_walmarts(message) and (other or not self._gives_case(message.own_words))

    def _gives_case(self, words: str) -> bool:
        """Whether words have the number of a case of Walmart's people."""
        return not self._people.cases.isdisjoint(f"case:{number}" for number in walmart_case_ids("", words))


def _seeming(mail: Mail) -> frozenset[str]:
    """Return whose a mail that fails authentication says that it is, by the addresses that it asks answers at."""
    return frozenset((mail.message.author, *mail.message.reply_to)) if is_unproved(mail) else _NOBODY


def _goes_on(message: Message, sent: Message, asked: "_WrittenBy") -> bool:
    """Whether what names a mail of the seller's goes on with it, or with what was asked, by its subject or a quote.

    Help desks number their mail: whoever guesses a number can have an answer to their own mail name it.
    """
    found = answer_titles(message.subject)
    titled = not asked.titles.isdisjoint(found) or not set(filter(None, answer_titles(sent.subject))).isdisjoint(found)
    if quotes_any(message, [sent]) or asked.is_quoted_in(message):
        return True
    return titled and not (holds_quote(message.rest) and can_be_quoted(sent))


def _id_of(bearers: Sequence[Mail]) -> str:
    return bearers[0].message.message_id or ""


def _repeated(here: Sequence[Sequence[Mail]], parties: Parties) -> Mapping[str, Sequence[Mail]]:
    """Return by id the mails of somebody else's, among those that are named, which hand it on."""
    found: dict[str, list[Mail]] = defaultdict(list)
    for mail in chain.from_iterable(here):
        if is_somebody_elses(mail, parties):
            for id_ in mail.message.ancestors[:MOST_ANCESTORS]:
                found[id_].append(mail)
    return found


class _Bearers:
    """The mails by Message-ID: of one that several bear, those that came before an answer."""

    def __init__(self, mails: Iterable[Mail]) -> None:
        self._by_id: dict[str, list[Mail]] = defaultdict(list)
        for mail in mails:
            if mail.message.message_id:
                self._by_id[mail.message.message_id].append(mail)

    def of(self, id_: str, message: Message) -> Sequence[Mail]:
        """Return who bears an id that a message names; one that came later where a clock must be wrong."""
        bearers = self._by_id.get(id_, [])
        until = received_at(message)[0] + SKEW
        count = bisect_right(bearers, until, key=lambda mail: received_at(mail.message)[0])
        before = bearers[max(0, count - MOST_BEARERS) : count] or bearers[:1]
        return [mail for mail in before if mail.message.key != message.key]


class _WrittenBy:
    """What somebody wrote: the keys of the mails, the titles under which they may be answered, their orders."""

    def __init__(self, mails: Sequence[Mail], parties: Parties, addresses: Iterable[str] = ()) -> None:
        self._mails = mails  # in order of time
        self._times = [received_at(mail.message)[0] for mail in mails]
        self._parties = parties
        self.addresses = frozenset(addresses)  # whose they are
        self.keys = frozenset(mail.message.key for mail in mails)
        self.ids = frozenset(mail.message.message_id for mail in mails if mail.message.message_id)
        self.titles = frozenset(title for mail in mails for title in asked_titles(mail.message.subject) if title)

    def is_quoted_in(self, message: Message) -> bool:
        """Whether a mail repeats words of theirs."""
        return quotes_any(message, self._latest_before(message))

    def is_unquoted_in(self, message: Message) -> bool:
        """Whether a mail quotes more than a line that is none of theirs, though all of theirs would be known there."""
        mails = self._latest_before(message)
        quotes = holds_quote(message.rest) and len(tokens_of(message.rest[:_LONG])) > _A_LINE
        return quotes and all(map(can_be_quoted, mails)) and not quotes_any(message, mails)

    def _latest_before(self, message: Message) -> list[Message]:
        """Return what a mail may quote: the latest that came before it."""
        count = bisect_right(self._times, received_at(message)[0] + SKEW)
        return [mail.message for mail in self._mails[max(0, count - MOST_COMPARED) : count]]

    @cached_property
    def orders(self) -> frozenset[str]:
        return frozenset(order for mail in self._mails if (order := named(mail, self._parties).order))


class _People:
    """Which mails are a customer's by one of their addresses, and who is none of the seller's, Walmart's or theirs."""

    def __init__(self, mails: Sequence[Mail], owed_to: Mapping[str, Party], parties: Parties) -> None:
        self._parties = parties
        self._owed_to = owed_to
        received = [mail for mail in mails if not is_sellers(mail)]
        self.walmarts = _WrittenBy(
            [one for one in received if one.verdict.class_ in OPENERS - {Class.CUSTOMER}], parties
        )
        theirs = [mail for mail in received if not is_somebody_elses(mail, parties)]
        self._colleagues = {mail.message.author for mail in theirs}
        agents = [mail for mail in theirs if mail.verdict.class_ in AGENTS]
        self._with_agents = {to for mail in agents for to in (*mail.message.reply_to, *mail.message.recipients)}
        self.cases = frozenset(key for mail in agents for key in named(mail, parties).keys if key.startswith("case:"))
        self._by_address: dict[str, list[Mail]] = defaultdict(list)
        self._keys_by_title: dict[str, set[str]] = defaultdict(set)
        self._of: dict[str, _WrittenBy] = {}
        for mail in received:
            if mail.verdict.class_ is Class.CUSTOMER:
                for address in owed_to[mail.message.key].relays:
                    self._by_address[address].append(mail)
                for title in filter(None, asked_titles(mail.message.subject)):
                    self._keys_by_title[title].add(mail.message.key)

    def wrote(self, mail: Mail, relay: str) -> bool:
        """Whether a mail is of the customer who has an address."""
        if is_unproved(mail):
            return False
        if mail.verdict.class_ is Class.CUSTOMER and not is_sellers(mail):
            return relay in self._owed_to[mail.message.key].relays
        return relay == mail.message.author

    def passed_on(self, mail: Mail, relay: str) -> bool:
        """Whether a colleague's mail names one of the customer's, as what they pass on does."""
        return not self.mails_of(relay).ids.isdisjoint(mail.message.ancestors)

    def is_with_walmarts(self, mail: Mail) -> bool:
        """Whether its author is on a mail of Walmart's people, by their will."""
        return mail.message.author in self._with_agents

    def mails_of(self, relay: str) -> _WrittenBy:
        """Return what the customer who has an address wrote."""
        if relay not in self._of:
            mails = self._by_address.get(relay, [])
            addresses = {relay}.union(*{self._owed_to[mail.message.key].relays for mail in mails})
            self._of[relay] = _WrittenBy(mails, self._parties, addresses)
        return self._of[relay]

    def have_others(self, relay: str, titles: Iterable[str]) -> bool:
        """Whether other customers' mail has one of these titles."""
        keys = self.mails_of(relay).keys
        return any(not keys >= self._keys_by_title.get(title, _NOBODY) for title in titles)

    def strange_to(self, message: Message, relay: str) -> bool:
        """Whether a mail of the seller's went to another customer too, or to a stranger."""
        return not outsiders(message, self._parties) <= self.mails_of(relay).addresses | self._colleagues

    def strange_to_walmarts(self, message: Message) -> bool:
        """Whether a mail of the seller's went to somebody who is on no mail of Walmart's people."""
        return not outsiders(message, self._parties) <= self._with_agents | self._colleagues
