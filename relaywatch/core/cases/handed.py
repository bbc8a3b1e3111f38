"""Hand-overs that are owed, one to each party whose matter it is, and what hands them over (policy H1, H2).

A case can hold several customers, and whoever writes first must not take the place of the others: what was told to the
team of one of them is not told of the next. What Walmart's people or machines tell of a customer is that customer's
matter, and is handed over once with it.

A mail to the team need not name any customer's mail. Whose number stands in what it quotes was chosen by whoever wrote
that, as was the subject of an answer. So where others wrote as well, the seller's own words must say whom it is about.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import islice

from relaywatch.core.cases.attempt import Attempt
from relaywatch.core.cases.case import Obligation, Verb, Whose
from relaywatch.core.cases.clock import Clock, kind_of
from relaywatch.core.cases.party import Party
from relaywatch.core.classes.whose import OPENERS, is_sellers, is_unproved
from relaywatch.core.language.rules import fold
from relaywatch.core.language.subject import answer_titles, asked_titles, is_answer, is_forward
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message, Topic
from relaywatch.core.mail.when import received_at
from relaywatch.core.policy import Kind, Policy
from relaywatch.core.threads.answered import MOST_ANCESTORS, is_somebody_elses, nearest_first
from relaywatch.core.threads.naming import AGENTS, named
from relaywatch.core.words import contact, quotes

_TOPIC_RULES = {Topic.PICKUP: "H1", Topic.STORE_RETURN: "H1", Topic.NOT_RECEIVED: "H2"}  # policy H1, H2
_WORDS = re.compile(r"\w+")
_ADDRESS = re.compile(r"[\w.+-]{1,80}@[\w.-]{3,80}\w")
_LEAST_WORDS = 6  # of a customer's that a quote repeats: fewer may be anybody's
_MOST_WORDS = 40
_MOST_READ = 50  # mails of one party whose words are looked for
_TELLING = ("form_order:", "order:", "form_ref:", "case:")


def handover_clocks(
    mails: Sequence[Mail],
    replies: Sequence[Clock],
    attempts: Sequence[Attempt],
    owed_to: Mapping[str, Party],
    kind: Kind,
    policy: Policy,
    parties: Parties,
) -> list[Clock]:
    """Return the hand-overs of a case, each from the first message that shows it, as far as they were made.

    All in order of time; `kind`: the case's, `owed_to`: as party.parties_of returns it.
    """
    matters = _matters(replies, owed_to)
    if not matters:
        return []
    told = _ToldTeam(mails, owed_to, parties)
    sent = list(_to_team(mails, attempts, parties))
    return [_clock(matter, sent, told, kind, policy) for matter in matters]


@dataclass
class _WantedHandover:
    """What one party wants handed over."""

    first: Clock  # of the message that shows it
    whose: Whose
    relays: frozenset[str]  # the customer's
    others: frozenset[str]  # other customers'
    proved: bool
    wrote: bool  # whether the customer did, and not only Walmart

    def is_of(self, mail: Mail, owed_to: Mapping[str, Party]) -> bool:
        """Whether a mail is this party's, or Walmart's about them."""
        if mail.message.key == self.first.mail.message.key:
            return True
        if is_unproved(mail) is self.proved:
            return False
        if mail.message.key not in owed_to:
            return mail.message.author in self.relays
        relays = owed_to[mail.message.key].relays
        if self.relays or relays:
            return not relays.isdisjoint(self.relays)
        return not self.wrote and (mail.verdict.class_ is not Class.CUSTOMER)


def _matters(replies: Iterable[Clock], owed_to: Mapping[str, Party]) -> list[_WantedHandover]:
    """Return what is to be handed over, by party, in order of time.

    What Walmart tells of one customer alone is of that customer's matter; what fails authentication is nobody else's.
    """
    replies = list(replies)
    if not any(clock.mail.verdict.topics for clock in replies):
        return []
    asked = [clock for clock in replies if clock.mail.verdict.class_ is Class.CUSTOMER]
    authors = {clock.mail.message.author for clock in asked if not is_unproved(clock.mail)}
    customers: dict[frozenset[str], Clock] = {}  # by where they write from: Reply-To can differ from mail to mail
    by_address: dict[str, frozenset[str]] = {}
    for clock in asked:
        if not is_unproved(clock.mail):
            relays = owed_to[clock.mail.message.key].relays
            customers.setdefault(relays & authors or relays, clock)
            by_address.update(dict.fromkeys(relays & authors or relays, relays & authors or relays))
    found: dict[tuple[bool, bool, frozenset[str]], _WantedHandover] = {}
    for clock in replies:
        if not clock.mail.verdict.topics:
            continue
        party, proved = owed_to[clock.mail.message.key], not is_unproved(clock.mail)
        wrote = clock.mail.verdict.class_ is Class.CUSTOMER
        about = {by_address[one] for one in party.relays if one in by_address} if proved else set()
        known = next(iter(about)) if len(about) == 1 else None
        matter = found.get((proved, known is not None or wrote, known or party.relays))
        if matter is None:
            whose = customers[known].whose if known else clock.whose
            relays = owed_to[customers[known].mail.message.key].relays if known else party.relays
            matter = _WantedHandover(clock, whose, relays, party.others, proved=proved, wrote=wrote)
            found[proved, known is not None or wrote, known or party.relays] = matter
        matter.wrote = matter.wrote or wrote
    return list(found.values())


def _clock(matter: _WantedHandover, sent: Iterable[Attempt], told: "_ToldTeam", kind: Kind, policy: Policy) -> Clock:
    shows, started_at = matter.first.mail, matter.first.started_at
    clock = Clock(
        obligation=Obligation.HANDOVER,
        rule=_TOPIC_RULES[shows.verdict.topics[0]],
        kind=kind,
        party=Obligation.HANDOVER.value,
        mail=shows,
        started_at=started_at,
        due_at=started_at + policy.terms_at(started_at).handover,
        whose=matter.whose,
    )
    theirs = [one for one in sent if one.at >= started_at and told.may_be_of(one, matter)]
    by = next((one for one in theirs if told.is_of(one, matter)), None)
    return clock.met(by) if by is not None else replace(clock, doubt=next(iter(theirs), None))


class _ToldTeam:
    """Whose matter a mail to the team tells of: it answers no other customer alone, and quotes none.

    Who puts the team on their own mail is no reason to hand over another's matter.
    """

    def __init__(self, mails: Sequence[Mail], owed_to: Mapping[str, Party], parties: Parties) -> None:
        self._owed_to = owed_to
        self._parties = parties
        self._received = [mail for mail in mails if not is_sellers(mail)]
        self._by_id: dict[str, list[Mail]] = defaultdict(list)
        self._through: dict[str, Sequence[Mail]] = {}  # by id of the seller's mails, what those answer
        self._sent: dict[str, _SentWords] = {}
        self._theirs: dict[str, _Theirs] = {}
        for mail in self._received:
            if mail.message.message_id:
                self._by_id[mail.message.message_id].append(mail)
        for mail in mails:
            if is_sellers(mail) and mail.message.message_id:
                self._through.setdefault(mail.message.message_id, self._nearest(mail.message))

    def may_be_of(self, sent: Attempt, matter: _WantedHandover) -> bool:
        """Whether a mail to the team may tell of a party's matter; not where a person said that it does not."""
        if sent.weighed.said == Verb.REJECT.value:
            return False
        if any(map(self._parties.is_relay, sent.recipients)):
            return self._is_to(sent, matter, surely=False)
        # Whom the answered mail put on it, where that is another's, was not told of anything.
        return not (sent.is_reply and any(self._put_team_on(mail, sent, matter) for mail in self._answered(sent)))

    def is_of(self, sent: Attempt, matter: _WantedHandover) -> bool:
        """Whether a mail to the team, which may be, surely is; or a person said that it counts."""
        if sent.weighed.said == Verb.CONFIRM.value:
            return True
        if any(map(self._parties.is_relay, sent.recipients)):
            return self._is_to(sent, matter, surely=True)
        if any(self._is_anothers(mail, matter) for mail in self._answered(sent)):
            return False
        answered = sent.answered
        if answered is not None and matter.is_of(answered, self._owed_to):
            return True
        if answered is not None and self._owed_to[answered.message.key].relays:
            return False
        return sent.message.forgotten or self._tells_of(sent, matter)

    def _is_to(self, sent: Attempt, matter: _WantedHandover, *, surely: bool) -> bool:
        to = sent.answered_people(surely=surely)
        if matter.wrote:
            return not matter.relays.isdisjoint(to)
        return any(map(self._parties.is_relay, to - matter.others))  # whoever it is about need not have written

    def _tells_of(self, sent: Attempt, matter: _WantedHandover) -> bool:
        """Whether a mail that names none of this party's is about them, by what the seller wrote or passed on."""
        said, theirs = self._said(sent), self._of(matter)
        if not said.keys.isdisjoint(theirs.keys) or any(address in said.own for address in matter.relays):
            return True
        if theirs.others_since is not None and theirs.others_since <= sent.at:
            return False
        shown = frozenset(filter(self._parties.is_relay, said.quoted_addresses))
        if shown and matter.relays and shown.isdisjoint(matter.relays):  # whose mail is passed on
            return False
        if theirs.are_quoted(said):
            return True
        return not said.quotes and (said.titles is None or not theirs.titles.isdisjoint(said.titles))

    def _answered(self, sent: Attempt) -> Sequence[Mail]:
        """Return the nearest mail that was answered or passed on; several where they bear one id."""
        return self._nearest(sent.message)

    def _nearest(self, message: Message) -> Sequence[Mail]:
        for id_ in islice(nearest_first(message), MOST_ANCESTORS):
            found = self._by_id.get(id_) or self._through.get(id_)
            if found:
                return found
        return ()

    def _is_anothers(self, mail: Mail, matter: _WantedHandover) -> bool:
        return is_somebody_elses(mail, self._parties) and not matter.is_of(mail, self._owed_to)

    def _put_team_on(self, mail: Mail, sent: Attempt, matter: _WantedHandover) -> bool:
        team = {address for address in sent.reached if self._parties.is_handover(address)}
        return self._is_anothers(mail, matter) and team <= {*mail.message.reply_to, *mail.message.recipients}

    def _said(self, sent: Attempt) -> "_SentWords":
        key = sent.message.key
        if key not in self._sent:
            self._sent[key] = _SentWords(sent.message)
        return self._sent[key]

    def _of(self, matter: _WantedHandover) -> "_Theirs":
        key = matter.first.mail.message.key
        if key not in self._theirs:
            mails = [mail for mail in self._received if matter.is_of(mail, self._owed_to)]
            others = [mail for mail in self._received if self._is_other(mail, matter)]
            self._theirs[key] = _Theirs(mails, others, self._parties)
        return self._theirs[key]

    def _is_other(self, mail: Mail, matter: _WantedHandover) -> bool:
        """Whether somebody wrote whose matter it is not, or whom nobody knows."""
        if mail.verdict.class_ is Class.BOUNCE or matter.is_of(mail, self._owed_to):
            return False
        return mail.verdict.class_ in OPENERS or is_somebody_elses(mail, self._parties)


class _Theirs:
    """What one party wrote, and Walmart about them."""

    def __init__(self, mails: Sequence[Mail], others: Sequence[Mail], parties: Parties) -> None:
        """`others`: what somebody else wrote in the case; both in order of time."""
        self._mails = mails[:_MOST_READ]
        self._others = others[:_MOST_READ]
        self._parties = parties

    @cached_property
    def others_since(self) -> datetime | None:
        """When somebody else first wrote in the case."""
        return next((received_at(mail.message)[0] for mail in self._others), None)

    @cached_property
    def titles(self) -> frozenset[str]:
        return frozenset(title for mail in self._mails for title in asked_titles(mail.message.subject))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The numbers by which the seller can name them."""
        found: set[str] = set()
        for mail in self._mails:
            told = named(mail, self._parties)
            found.update(key.removeprefix("form_") for key in told.keys if key.startswith(_TELLING))
            if told.order and mail.verdict.class_ in AGENTS:
                found.add(f"order:{told.order}")
        return frozenset(found)

    def are_quoted(self, said: "_SentWords") -> bool:
        """Whether what is passed on has words that this party wrote, and nobody else, or the RefID of their form."""
        if not said.quoted_refs.isdisjoint(self.keys):
            return True
        texts = [f" {' '.join(_words(f'{mail.message.own_words} {mail.message.rest}'))} " for mail in self._others]
        found = (f" {' '.join(words[:_MOST_WORDS])} " for words in self._words if len(words) >= _LEAST_WORDS)
        return any(words in said.quoted_words and not any(words in text for text in texts) for words in found)

    @cached_property
    def _words(self) -> list[list[str]]:
        return [_words(mail.message.own_words) for mail in self._mails]


@dataclass
class _SentWords:
    """What a mail of the seller's says itself, and what it quotes or passes on."""

    message: Message
    own: str = field(init=False)

    def __post_init__(self) -> None:
        self.own = self.message.own_words.lower()

    @cached_property
    def keys(self) -> AbstractSet[str]:
        """The numbers in the seller's own words; in the subject only where it is theirs as well."""
        subject, own = "" if self.titles is not None or self.quotes else self.message.subject, self.message.own_words
        found = {f"order:{number}" for number in contact.order_ids(subject, own)}
        found.update(f"ref:{number}" for number in contact.ref_ids(own))
        found.update(f"case:{number}" for number in contact.walmart_case_ids(subject, own))
        return found

    @cached_property
    def titles(self) -> tuple[str, ...] | None:
        """What the mail is called that it says it answers or passes on; None where it says nothing of that."""
        subject = self.message.subject
        said = self.message.ancestors or is_answer(subject) or is_forward(subject)
        return answer_titles(subject) if said else None

    @cached_property
    def quotes(self) -> bool:
        """Whether it has anybody else's words."""
        lines = self.message.rest.split("\n")
        folded = [fold(line) for line in lines]
        return (
            any(map(quotes.is_quote, lines))
            or any(quotes.begins_original(folded, at) for at in range(len(folded)))
            or any(map(quotes.is_forward_title, folded))
            or contact.order_id("", self.message.rest) is not None
        )

    @cached_property
    def quoted_refs(self) -> frozenset[str]:
        return frozenset(f"ref:{number}" for number in contact.ref_ids(self.message.rest))

    @cached_property
    def quoted_addresses(self) -> frozenset[str]:
        return frozenset(_ADDRESS.findall(self.message.rest.lower()))

    @cached_property
    def quoted_words(self) -> str:
        return f" {' '.join(_words(self.message.rest))} "


def _words(text: str) -> list[str]:
    return _WORDS.findall(fold(text))


def _to_team(mails: Collection[Mail], attempts: Iterable[Attempt], parties: Parties) -> Iterator[Attempt]:
    """Yield what a person wrote to the team that matters are handed over to; `attempts` in order of time.

    Where nobody named the team, Reply All to an address of Walmart's that the customer put into Cc hands nothing over:
    at least one must be whom the seller wrote to first, or an agent who wrote here.
    """
    offered: dict[str, datetime] = {}  # since when an address stands on the customer's, or on anybody's, mail
    agents: set[str] = set()
    for mail in mails:
        if is_somebody_elses(mail, parties):
            for address in (mail.message.author, *mail.message.reply_to, *mail.message.recipients):
                offered.setdefault(address, received_at(mail.message)[0])
        elif mail.verdict.class_ in AGENTS:
            agents.update((mail.message.author, *mail.message.reply_to))
    owed = {mail.message.message_id for mail in mails if kind_of(mail)}
    chosen = agents | parties.handover
    for attempt in attempts:
        team = [address for address in attempt.reached if parties.is_handover(address)]
        if not team or attempt.by_program or _is_elses(attempt, owed, parties):
            continue
        new = attempt.mail.verdict.class_ is Class.HANDOVER  # written to Walmart alone, and in answer to nobody
        chosen.update(one for one in team if new or one not in offered or offered[one] > attempt.at)
        if not chosen.isdisjoint(team):
            yield attempt


def _is_elses(attempt: Attempt, owed: Collection[str | None], parties: Parties) -> bool:
    """Whether it answers somebody to whom nothing is owed here: that hands nothing over."""
    if attempt.aside is None or any(id_ in owed for id_ in attempt.message.ancestors):
        return False
    return bool(attempt.aside) or not _is_to_customer(attempt.message, parties)


def _is_to_customer(message: Message, parties: Parties) -> bool:
    """Whether it went to a relay address, and to nobody else but Walmart's people and the seller's own."""
    others = [to for to in message.recipients if not (parties.is_agent(to) or parties.is_seller(to))]
    return bool(others) and all(map(parties.is_relay, others))
