"""Which messages the seller's mail answers, by the ids that it names, and whom it is for by that."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import Enum, auto
from itertools import chain, islice

from relaywatch.core.classes.whose import OPENERS, is_sellers, is_unproved
from relaywatch.core.language.subject import answer_titles, is_answer
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import SKEW, received_at
from relaywatch.core.words.quotes import holds_quote

MOST_BEARERS = 24  # of one Message-ID: a bound, no rule
MOST_ANCESTORS = 100  # of one message: a bound, no rule
_NOBODY_ELSES = (OPENERS - {Class.CUSTOMER}) | {Class.INTERNAL, Class.OWN}


def nearest_first(message: Message) -> Iterator[str]:
    """Yield what a message answers, from its parent to its oldest ancestor, each once (RFC 5322 3.6.4)."""
    yield from dict.fromkeys((*message.in_reply_to, *reversed(message.references)))


class OpenersById:
    """The messages that are owed an answer, by Message-ID; of one that several bear, the one from whom it went to.

    What was received after an answer was stored is not what it answers, whatever id it bears: senders choose those,
    and what their first mail refers to stands in the answer. Only where the one message that an answer says it
    answers came later, a clock is wrong.
    """

    def __init__(self, openers: Iterable[Mail]) -> None:
        """`openers`: in order of time."""
        self._by_id: dict[str, list[Mail]] = defaultdict(list)
        self._times: dict[str, list[datetime]] = defaultdict(list)
        for mail in openers:
            if mail.message.message_id:
                self._by_id[mail.message.message_id].append(mail)
                self._times[mail.message.message_id].append(received_at(mail.message)[0])
        self._through: dict[str, Mail] = {}

    def by(self, message: Message) -> tuple[Mail | None, datetime | None]:
        """Return what a mail of the seller's answers, and when the latest message that it names was received.

        To be asked in order of time: what answers the seller's own mail answers what that answered.
        """
        named = [(id_, self._named(id_, message)) for id_ in nearest_first(message)]
        found = (mail or self._through.get(id_) for id_, mail in named)
        answered = next((mail for mail in found if mail is not None), None)
        if answered is not None and message.message_id:
            self._through.setdefault(message.message_id, answered)
        return answered, max((received_at(mail.message)[0] for _, mail in named if mail), default=None)

    def _named(self, id_: str, message: Message) -> Mail | None:
        bearers = self._by_id.get(id_, [])
        count = bisect_right(self._times.get(id_, ()), received_at(message)[0] + SKEW)
        if not count:
            return bearers[0] if len(bearers) == 1 and id_ in message.in_reply_to else None
        earlier = bearers[max(0, count - MOST_BEARERS) : count]
        people = set(message.recipients) if count > 1 else set()
        wrote = (
            mail for mail in reversed(earlier) if not people.isdisjoint((mail.message.author, *mail.message.reply_to))
        )
        return next(wrote, earlier[-1])


def aside_of(mails: Sequence[Mail], parties: Parties) -> Mapping[str, frozenset[str]]:
    """Return, by Message.key, the seller's mails that answer neither Walmart's people nor the seller's own.

    That is told by the nearest mail that is here of those which they name; what follows such a mail is for the same
    people. Where that is none of Walmart's, it is told by whom it went to: see _Company. Of each it returns the ids
    that may say that it answers an agent as well: a number, a subject and who is in Cc were chosen by whom it answers.
    `mails` in order of time.
    """
    elses: dict[str, bool] = {}  # by id: whether none who bears it is Walmart's or the seller's
    own: dict[str, frozenset[str]] = {}  # by id of the seller's mails, what they name
    unproved: dict[str, frozenset[str]] = {}  # of what fails authentication likewise
    writers = [_writer_of(mail, parties) for mail in mails]
    for mail, who in zip(mails, writers, strict=True):
        id_ = mail.message.message_id
        if id_:
            elses[id_] = elses.get(id_, True) and who is _Writer.OTHERS
            if who is _Writer.SELLER:
                own[id_] = own.get(id_, frozenset()).union(mail.message.ancestors[:MOST_ANCESTORS])
            if is_unproved(mail):
                unproved[id_] = unproved.get(id_, frozenset()).union(mail.message.ancestors[:MOST_ANCESTORS])
    theirs = [mail.message for mail, who in zip(mails, writers, strict=True) if who is _Writer.WALMART]
    people = frozenset(chain.from_iterable((one.author, *one.reply_to, *one.recipients) for one in theirs))
    found: dict[str, frozenset[str]] = {}
    company = _Company(parties)
    for mail, who in zip(mails, writers, strict=True):
        if who is not _Writer.SELLER:
            company.add(mail, who)
            continue
        named = [id_ for id_ in islice(nearest_first(mail.message), MOST_ANCESTORS) if id_ in elses]
        answers = bool(named) and elses[named[0]]
        if not answers and named and named[0] not in own:
            continue
        if not (
            answers or company.is_for_them(mail.message) or (not named and _is_strange(mail.message, people, parties))
        ):
            continue
        through = (own[id_] for id_ in named if id_ in own)
        # What unproved mail names is repeated at the wish of its author: see Board.ancestors.
        repeated = (unproved[id_] for id_ in named if id_ in unproved)
        found[mail.message.key] = frozenset(named).union(*through).difference(*repeated)
        if answers and mail.message.message_id:
            elses[mail.message.message_id] = True
    return found


class _Writer(Enum):
    """Who wrote a mail."""

    SELLER = auto()
    WALMART = auto()  # their people and programs, and the seller's people
    OTHERS = auto()


def _writer_of(mail: Mail, parties: Parties) -> _Writer:
    if is_sellers(mail):
        return _Writer.SELLER
    return _Writer.OTHERS if is_somebody_elses(mail, parties) else _Writer.WALMART


class _Company:
    """Customers and strangers who wrote so far, and the agents whom they put on their mail.

    Who writes without a Message-ID, or with one that no program repeats, leaves the answer nothing to name; the agent
    whom they put into Cc is on it all the same.
    """

    def __init__(self, parties: Parties) -> None:
        self._parties = parties
        self._with: dict[str, set[str]] = defaultdict(set)  # by address, agents

    def add(self, mail: Mail, who: _Writer) -> None:
        """Take a mail that is not the seller's."""
        if who is not _Writer.OTHERS:
            return
        message = mail.message
        agents = {to for to in (*message.reply_to, *message.recipients) if self._parties.is_agent(to)}
        for address in (message.author, *message.reply_to):
            if not (self._parties.is_agent(address) or self._parties.is_seller(address)):
                self._with[address] |= agents

    def is_for_them(self, message: Message) -> bool:
        """Whether a mail that went to agents, and names none of theirs, may as well answer one of those who wrote.

        So it is where the agents are in Cc, or stand on the mail of whoever wrote. An agent whom the seller put into To
        by themselves is one of two whom it is for.
        """
        agents = {to for to in message.recipients if self._parties.is_agent(to)}
        theirs = [self._with[to] for to in message.recipients if to in self._with] if agents else []
        return bool(theirs) and (agents.isdisjoint(message.to) or any(not agents.isdisjoint(some) for some in theirs))


def _is_strange(message: Message, people: AbstractSet[str], parties: Parties) -> bool:
    """Whether a mail that names nothing here went to strangers, and to Walmart's people beside them at the most.

    `people`: who stands on the mail of Walmart's and of the seller's people.
    """
    strange = [to for to in message.to if not (parties.is_walmart(to) or parties.is_relay(to) or parties.is_seller(to))]
    return not people >= set(strange) and not any(map(parties.is_agent, message.to))


def may_answer(message: Message) -> bool:
    """Whether a mail may answer another though it names none: it says so, quotes, or accepts an invitation.

    What has no subject may answer what had none.
    """
    says = bool(message.ancestors) or is_answer(message.subject) or not any(answer_titles(message.subject))
    calendar = any(kind.startswith("text/calendar") for kind in message.structure)
    return says or calendar or holds_quote(message.rest)


def is_somebody_elses(mail: Mail, parties: Parties) -> bool:
    """Whether it was not shown to be of Walmart's people or programs, of the seller or of the seller's people."""
    if is_unproved(mail):
        return True
    return not (is_sellers(mail) or mail.verdict.class_ in _NOBODY_ELSES or parties.is_agent(mail.message.author))
