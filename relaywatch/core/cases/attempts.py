"""What the seller tried: each message of theirs in a conversation, read and weighed by what came before it.

A reply's own words are read anew here, for only here the messages are known that it may repeat. Everything that is
weighed depends on the messages before it alone, so the order of arrival cannot matter.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from relaywatch.core.cases.attempt import Attempt
from relaywatch.core.cases.bounced import bounces_of
from relaywatch.core.cases.case import Statement, Verb
from relaywatch.core.cases.offered import SURE as SURELY
from relaywatch.core.cases.offered import beside
from relaywatch.core.cases.party import Party
from relaywatch.core.classes.outreach import forbidden
from relaywatch.core.classes.whose import answerable, is_sellers, is_unproved
from relaywatch.core.language.once import ByIdentity, Kept, name_of
from relaywatch.core.language.rules import Match, Rules, Texts, fold
from relaywatch.core.language.signs import SURE, Answer, Weighed
from relaywatch.core.language.subject import answer_titles, asked_titles, is_answer, said_in
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import answered_at, received_at
from relaywatch.core.policy import Policy
from relaywatch.core.replies.gist import Past, SentText, automatic_words
from relaywatch.core.replies.learned import Learned, names_of
from relaywatch.core.replies.weighing import tells_deed, weigh
from relaywatch.core.threads.answered import OpenersById, aside_of, is_calendars
from relaywatch.core.words.known import Known
from relaywatch.core.words.matter import NO_MATTER, common_words, matter_of
from relaywatch.core.words.own_words import in_order, is_all_marked, repeats, reread, stands_between
from relaywatch.core.words.quality import is_only_promotion
from relaywatch.core.words.said import NOTHING, read

_MOST_PARAGRAPHS = 6  # in which a receipt is looked for
_MOST_BEFORE = 4  # messages that a reply is compared with: the latest


@dataclass(frozen=True, slots=True)
class Basis:
    """What judging rests on beside the messages: the policy, who is who, the rules and what was learned."""

    policy: Policy
    parties: Parties
    rules: Rules
    learned: Learned = field(default_factory=Learned)


def attempts_of(
    mails: Sequence[Mail],
    openers: Sequence[Mail],
    owed_to: Mapping[str, Party],
    statements: Iterable[Statement],
    basis: Basis,
) -> list[Attempt]:
    """Return the seller's messages in order of time, each with what became of it and what it is worth.

    `mails` and `openers`, what is owed an answer among them, in order of time; `owed_to`: as parties_of returns it.
    """
    sellers = [mail for mail in mails if is_sellers(mail)]
    if not sellers:
        return []
    received = [received_at(mail.message)[0] for mail in openers]
    answers = OpenersById(openers)
    aside = aside_of(mails, basis.parties)
    others = beside(
        mails, owed_to, basis.parties, partial(_speaks_of, basis.rules), partial(_seems_programs, basis.rules)
    )
    asked = next((at for at, mail in zip(received, openers, strict=True) if _waits_at_relay(mail, basis)), None)
    subjects = _titles(mail for mail in openers if mail.verdict.class_ is Class.CUSTOMER)
    titles = _titles(openers)
    bounced = bounces_of(mails)
    scale = _Scale(sellers, [mail for mail in openers if not is_unproved(mail)] or openers, statements, basis)
    found = []
    for mail in sellers:
        message = mail.message
        answered, named = answers.by(message)
        before = bisect_right(received, received_at(message)[0])
        at = answered_at(message, named, received[before - 1] if before else None)
        failed, report = bounced.get(message.key, (frozenset(), None))
        about = others.get(message.key, SURELY)
        found.append(
            Attempt(
                mail=mail,
                answered=answered,
                aside=aside.get(message.key),
                offered=about.offered,
                may_not_answer=about.unsure,
                seeming=about.seeming,
                at=at,
                bounced=failed,
                bounced_by=report,
                weigh=partial(scale.weigh, mail, at, answered, unsure=bool(about.unsure)),
                speaks_of=partial(_speaks_of, basis.rules, message),
                subjects=subjects,
                asked=titles,
                forbidden=_forbidden(mail, basis, asked=asked is not None and asked <= at),
            )
        )
    return sorted(found, key=lambda attempt: (attempt.at, attempt.message.key))


_Asked = list[tuple[Message, datetime]]  # messages of one party in order of time, each with when it came


class _Scale:
    """Weighs the seller's messages of one conversation."""

    def __init__(
        self,
        sellers: Sequence[Mail],
        openers: Sequence[Mail],
        statements: Iterable[Statement],
        basis: Basis,
    ) -> None:
        """Take what a reply is compared with, beside what it answers itself: no `openers` that anybody can forge."""
        self._basis = basis
        self._openers = openers
        self._received = received = [received_at(mail.message)[0] for mail in openers]
        sent = sorted((_sent_at(mail.message), mail.message.key, mail.message) for mail in sellers)
        self._sent = [message for _, _, message in sent]
        self._sent_at = [at for at, _, _ in sent]
        self._by_address: dict[str, list[int]] = defaultdict(list)  # positions of what somebody wrote
        for position, mail in enumerate(openers):
            for address in {mail.message.author, *mail.message.reply_to}:
                self._by_address[address].append(position)
        self._customers = [at for at, mail in enumerate(openers) if mail.verdict.class_ is Class.CUSTOMER]
        self._subjects = _titles(openers)
        self._asked = {mail.message.message_id for mail in openers}
        self._own_ids = {message.message_id: message for message in self._sent}
        self._own = basis.parties.registered | basis.parties.seller
        self._machines = [at for at, mail in enumerate(openers) if not answerable(mail.message, basis.parties)]
        self._unanswerable = [received[at] for at in self._machines[:1]]
        self._said = {
            statement.message_key: statement
            for statement in statements
            if statement.verb in (Verb.CONFIRM, Verb.REJECT) and statement.message_key is not None
        }

    def weigh(self, mail: Mail, at: datetime, answered: Mail | None, *, unsure: bool) -> Weighed:
        """Return whether a message counts, and why; what a person said of it outweighs all signs.

        `unsure`: whether it may answer only some of those who are on it. Where its words count, and a person says that
        it does not, that is said of the others.
        """
        found = self._by_signs(mail, at, answered)
        said = self._said.get(mail.message.key)
        if said is None:
            return found
        if unsure and found.answer is Answer.COUNTS:
            return replace(found, said=said.verb.value)
        answer = Answer.COUNTS if said.verb is Verb.CONFIRM else Answer.DOES_NOT
        return replace(found, answer=answer, said=said.verb.value)

    def _by_signs(self, mail: Mail, at: datetime, answered: Mail | None) -> Weighed:
        message = mail.message
        automatic = mail.verdict.class_ is Class.AUTOMATIC
        if message.forgotten:
            return replace(SURE, answer=Answer.DOES_NOT, machine=True) if automatic else SURE
        parties = self._asked_by(message, at, answered)
        related = self._is_related(message, parties, at)
        found = [self._for_party(mail, asked, at, answered, related=related) for asked in parties]
        return max(found, key=lambda weighed: weighed.score)  # what answers one of those whom it went to is an answer

    def _for_party(self, mail: Mail, asked: _Asked, at: datetime, answered: Mail | None, *, related: bool) -> Weighed:
        message = mail.message
        before = [one for one, _ in asked if message.message_id not in one.ancestors]
        since = received_at(answered.message)[0] if answered is not None else self._since(asked, at)
        frame = SentText(
            message=message,
            said=NOTHING,
            matter=NO_MATTER,
            after=at - since if since is not None and since < at else None,
            past=Past(),
            spoken=mail.verdict.class_ is Class.AUTOMATIC,
            to_customer=any(map(self._basis.parties.is_relay, message.recipients)),
            related=related,
            titled=self._bears_subject(message),
        )
        sent = self._sent_before(at, message)
        rules, learned = ByIdentity(self._basis.rules), self._basis.learned.key
        mails = hash((*map(name_of, (message, *before)), None, *map(name_of, sent)))
        name = (mails, self._own, at, frame.after, frame.spoken, related, rules, learned)
        return _WEIGHED.get(name, lambda: _weighed(frame, Known(before, sent, self._own), self._basis, at))

    def _asked_by(self, message: Message, at: datetime, answered: Mail | None) -> list[_Asked]:
        """Return what a message may answer, and when that came: the latest of those whom it went to, before it.

        One reply is for one party: what others wrote neither is its matter nor times it. What goes to the customer and
        to people of Walmart's is for each of the two; what a machine of Walmart's told of the customer is answered to
        the customer. Of what goes to nobody who wrote, all that came before.
        """
        count = bisect_right(self._received, at)
        relayed = any(map(self._basis.parties.is_relay, message.recipients))
        people = {one for to in message.recipients for one in self._latest(self._by_address.get(to, ()), count)}
        customers = set(self._latest(self._customers, count)) if relayed else set()
        customers.update(self._latest(self._machines, count) if customers else ())
        found = [self._those(some, answered) for some in (customers, people - customers) if some]
        return found or [self._those(range(max(0, count - _MOST_BEFORE), count), answered)]

    @staticmethod
    def _latest(positions: Sequence[int], count: int) -> Sequence[int]:
        return positions[: bisect_left(positions, count)][-_MOST_BEFORE:]

    def _those(self, positions: Iterable[int], answered: Mail | None) -> _Asked:
        found = [(self._openers[one].message, self._received[one]) for one in sorted(positions)[-_MOST_BEFORE:]]
        if answered is not None and all(one is not answered.message for one, _ in found):
            found[: max(0, len(found) - _MOST_BEFORE + 1)] = [(answered.message, received_at(answered.message)[0])]
        return found

    def _since(self, asked: _Asked, at: datetime) -> datetime | None:
        """Return when the first message came that nothing was sent after: a program answers each at once."""
        count = bisect_left(self._sent_at, at)
        last = self._sent_at[count - 1] if count else None
        waiting = [moment for _, moment in asked if last is None or moment > last]
        return next(iter(waiting), asked[-1][1] if asked else None)

    def _is_related(self, message: Message, parties: Sequence[_Asked], at: datetime) -> bool:
        """Whether a message answers, or continues, something that is here, by its headers, its people or its subject.

        What comes after a message that nobody can be answered on may be its answer, whatever it names.
        """
        asked = [one for party in parties for one, _ in party]
        return (
            self._continues(message)
            or any(self._basis.parties.is_agent(one.author) and one.author in message.recipients for one in asked)
            or any(moment <= at for moment in self._unanswerable)
            or not asked
            or not self._subjects.isdisjoint(answer_titles(message.subject))
        )

    def _bears_subject(self, message: Message) -> bool:
        """Whether a message has the subject of one that is here, says that it answers, or has none."""
        found = answer_titles(message.subject)
        return not any(found) or not self._subjects.isdisjoint(found) or is_answer(message.subject)

    def _sent_before(self, at: datetime, message: Message) -> list[Message]:
        """Return the latest of the seller's other messages before a moment."""
        count = bisect_left(self._sent_at, at)
        return [one for one in self._sent[max(0, count - _MOST_BEFORE) : count] if one.key != message.key]

    def _continues(self, message: Message) -> bool:
        """Whether a message names one that is owed an answer, or one that is not here; through the seller's own too."""
        looked: set[str] = set()
        waiting = list(message.ancestors)
        while waiting and len(looked) < _MOST_BEFORE:
            id_ = waiting.pop()
            if id_ in looked:
                continue
            looked.add(id_)
            if id_ in self._asked or id_ not in self._own_ids:
                return True
            waiting += self._own_ids[id_].ancestors
        return False


_WEIGHED: Kept[Weighed] = Kept(2048)  # conversations are judged again and again, and their mails stay as they are


def _weighed(frame: SentText, known: Known, basis: Basis, at: datetime) -> Weighed:
    """Weigh a message by those of its lines that are its author's."""
    message, before = frame.message, known.received
    between = stands_between(message.own_words, message.rest, message.layout, known)
    frame = replace(frame, matter=matter_of(before, basis.rules), between=between)
    names = names_of(before)
    lines = message.own_words.split("\n") if message.own_words else []
    if lines and not repeats(lines, known):
        found = _weigh(frame, known.without_whole(lines), names, basis, at)
        if found.answer is Answer.COUNTS:
            return found  # what else may stand below a quote can only add to it
        if is_all_marked(message.rest) and message.layout[:1] > (0,):
            return found  # and nothing else stands there
    lines = [said_in(message.subject), *reread(in_order(message.own_words, message.rest, message.layout), known)]
    return _weigh(replace(frame, spoken=True), known.without_whole(lines), names, basis, at)


def _weigh(frame: SentText, lines: Sequence[str], names: frozenset[str], basis: Basis, at: datetime) -> Weighed:
    """Weigh what is said in these lines, without the shop's furniture; of a program's words none is furniture."""
    sent = frame.message.date
    whole = read(lines, sent)
    frame = replace(frame, said=whole, around=whole)
    furniture = basis.learned.furniture((line.folded for line in (*whole.body, *whole.below)), names, at)
    said = read(lines, sent, furniture) if furniture else whole
    past = basis.learned.past(said.body, frame.message.own_words, names, at)
    found = weigh(replace(frame, said=said, past=past), basis.rules)
    if said is whole or found.answer is Answer.COUNTS:
        return found
    taken = (line.raw for line in whole.body if line.folded in furniture)
    if said.body and not any(tells_deed(line, basis.rules) for line in taken):
        return found
    # what is all that is said is no furniture, and what was done for many in the same words was done all the same
    past = basis.learned.past(whole.body, frame.message.own_words, names, at)
    anew = weigh(replace(frame, past=past), basis.rules)
    if anew.score <= found.score:
        return found
    return replace(anew, answer=Answer.DOUBTFUL) if said.body and anew.answer is Answer.COUNTS else anew


def _speaks_of(rules: Rules, message: Message, asked: Message) -> bool:
    """Whether a message of the seller's has a word of another, or of the thing that that one is about."""
    shared, things, _ = matter_of([asked], rules).shared(fold(message.own_words), common_words(rules))
    return bool(shared or things)


def _seems_programs(rules: Rules, mail: Mail) -> bool:
    """Whether a program may have sent it: a paragraph of its words is one's, or it accepts an invitation.

    Help desks repeat below a receipt what they answer, so that the rest may be anybody's words.
    """
    if mail.verdict.class_ is Class.AUTOMATIC or is_calendars(mail.message):
        return True
    paragraphs = mail.message.own_words.split("\n\n", _MOST_PARAGRAPHS)[:_MOST_PARAGRAPHS]
    return any(
        automatic_words(mail.message, one, rules)[0] or rules.first("automatic_receipt", Texts(own_words=fold(one)))
        for one in paragraphs
    )


def _sent_at(message: Message) -> datetime:
    return min(moment for moment in (message.date, received_at(message)[0]) if moment is not None)


def _titles(mails: Iterable[Mail]) -> frozenset[str]:
    return frozenset(title for mail in mails for title in asked_titles(mail.message.subject))


def _waits_at_relay(mail: Mail, basis: Basis) -> bool:
    """Whether a message is answered through the relay: a customer's, or what nobody else can be answered on."""
    return mail.verdict.class_ is Class.CUSTOMER or not answerable(mail.message, basis.parties)


def _forbidden(mail: Mail, basis: Basis, *, asked: bool) -> Match | None:
    """Return what makes a message of the seller's one that may never go to a customer (policy O1, O2).

    `asked`: whether the customer had written by then. What answers them may say how their order stands;
    advertising may not go out even then, where it is all that is said.
    """
    message, class_ = mail.message, mail.verdict.class_
    if not any(basis.parties.is_relay(address) for address in message.recipients):
        return None
    new = class_ is Class.SELLER_OUTREACH or (class_ is Class.AUTOMATIC and not message.ancestors)
    if not new and not is_only_promotion(message, basis.rules):
        return None
    match = forbidden(message, basis.rules)
    if match is None or (asked and not is_only_promotion(message, basis.rules)):
        return None
    return match
