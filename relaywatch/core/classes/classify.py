"""What is a message, and which rule says so: rules in order, of which the first that answers decides.

    own warnings → bounces → Walmart's urgent mail → automatic mail → the seller's mail
        → customers → Walmart's notices, complaints, agents → internal → other

Who wrote is asked first (core/mail/sender.py), and outranks what a header or a subject says: what comes from a
customer's or an agent's address is a bounce only if the whole mail is a report and asks nothing, a notice never, and
automatic only where it says so and wants nothing (core/classes/belief.py). When in doubt, a message from Walmart is
owed an answer, by the shorter clock, and the evidence says what spoke against it; what is not Walmart's is not ours.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from relaywatch.core.classes import attachments, walmart
from relaywatch.core.classes.belief import (
    more_than_automatic,
)
from relaywatch.core.classes.bounce import Bounce, is_about_ours, read_refusal
from relaywatch.core.classes.brought import has_relays_subject
from relaywatch.core.classes.handover import topics
from relaywatch.core.classes.reported import holds_report, without_report
from relaywatch.core.classes.seen import Seen
from relaywatch.core.language.rules import Match, Rules
from relaywatch.core.language.subject import is_answer, is_forward
from relaywatch.core.mail import authentic
from relaywatch.core.mail.address import Parties, domain, is_mail_system, is_no_reply
from relaywatch.core.mail.message import Class, Message, Verdict
from relaywatch.core.mail.sender import as_written, sent_on_by
from relaywatch.core.words.contact import ref_ids

_OWN_HEADER = "x-relaywatch-"
_OWN_PEOPLES = frozenset({Class.INTERNAL, Class.OWN})
_OWED = frozenset({Class.CUSTOMER, Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION})


def _verdict(class_: Class, match: Match) -> Verdict:
    return Verdict(class_=class_, rule=match.rule.name, evidence=(match.evidence,))


def _own(seen: Seen) -> Verdict | None:
    """Tell relaywatch's own warnings: by the header and the sender, for a header alone anybody can write."""
    if seen.message.author not in seen.parties.own:
        return None
    found = next((name for name, _ in seen.message.headers if name.startswith(_OWN_HEADER)), None)
    if found is None:
        return None
    return Verdict(class_=Class.OWN, rule="own_warning", evidence=(f"{found}, from {seen.message.author}",))


def _bounce(seen: Seen) -> Verdict | None:
    """Policy Q6. Nothing that the seller sent, and no form that a customer filled in, is one.

    A customer or an agent who says that something was not delivered has written, and so has one who sends a report on;
    a mail that is a report no person writes. A machine of Walmart's says it in words of its own; if it asks for an
    answer, that is owed first.
    """
    if seen.sent or (seen.from_relay and seen.has_form):
        return None
    found = seen.bounce
    if found is None or not found.reported:
        found = None if seen.is_persons or _wants_answer(seen) else found
        found = found if found is not None and found.failed else _refusal(seen) or found
    if found is None:
        return None
    return Verdict(
        class_=Class.BOUNCE,
        rule=found.rule,
        evidence=found.evidence,
        failed=found.failed,
        original_id=found.original_id,
    )


def _wants_answer(seen: Seen) -> bool:
    """Whether a machine of Walmart's that is no mail system asks for something, or names consumer protection."""
    if is_mail_system(seen.message.author) or not (seen.from_walmart or seen.is_relays_machine):
        return False
    if seen.is_relays_machine:  # "send it again" is no question
        return seen.is_asked and seen.protection is not None
    if seen.is_asked or seen.protection is not None or walmart.escalation(seen.texts, seen.rules) is not None:
        return True
    return seen.for_complaints and not is_about_ours(seen.message)  # what it says is not delivered is a customer's


def _refusal(seen: Seen) -> Bounce | None:
    machine = seen.is_relays_machine or _is_relays_robot(seen) or (seen.from_walmart and seen.is_machine)
    return read_refusal(seen.message, seen.parties, seen.rules) if machine and not _wants_answer(seen) else None


def _is_relays_robot(seen: Seen) -> bool:
    """Whether an address of the relay's has a machine's name, such as notifications@."""
    return seen.from_relay and seen.rules.first("walmart_machine", seen.texts) is not None


def _urgent(seen: Seen) -> Verdict | None:
    """Policy C4 and C3, before automatic mail: Walmart's case system marks what it sends as its own work.

    What names consumer protection is no notice, but for a newsletter that only teaches about it.
    """
    if not (seen.from_walmart or seen.is_relays_machine):
        return None
    body = seen.protection  # policy C4
    if body is not None and (seen.by_list or _is_lesson(seen)):
        body = None
    body = body or walmart.attached(seen.message, seen.rules)  # policy C4
    asked = seen.notice is None and not seen.by_list
    unread = attachments.unread_evidence(seen.message, seen.texts, seen.rules) if asked and not body else None
    mark = body or (walmart.escalation(seen.texts, seen.rules) if asked else None)  # policy C3
    if (mark is None and unread is None) or seen.automatic is not None:
        return None
    if unread is not None or mark is None:
        return Verdict(
            class_=Class.CONSUMER_PROTECTION,
            rule=attachments.UNREAD_ATTACHMENT,
            evidence=tuple(filter(None, unread or ())),
        )
    return _verdict(Class.CONSUMER_PROTECTION if body else Class.COMPLAINT, mark)


def _is_lesson(seen: Seen) -> bool:
    """Whether a body is named only in what goes to all sellers: a notice that teaches, or a machine's news of rules."""
    if seen.notice is not None and walmart.teaches(seen.texts, seen.rules):
        return True
    quiet = seen.is_machine and not (seen.for_complaints or seen.request or seen.message.attachments)
    return quiet and not seen.from_relay and walmart.is_news(seen.message, seen.texts, seen.rules)


def _automatic(seen: Seen) -> Verdict | None:
    """Policy Q2. A header alone says nothing against a customer's text, nor against what a person may send."""
    found = seen.automatic
    if found is None:
        return None
    return Verdict(class_=Class.AUTOMATIC, rule=found.rule, evidence=found.evidence)


def _sellers(seen: Seen) -> Verdict | None:
    """Tell the seller's mail: what lies in Sent, or elsewhere what is proved to be theirs."""
    message, parties = seen.message, seen.parties
    if not seen.sent:
        is_theirs = parties.is_seller(message.author) and not parties.is_walmart(message.author)
        if not is_theirs or not authentic.is_as_sent(message, parties):
            return None
    evidence = (f"from {message.author or 'the seller'} to {', '.join(message.recipients[:5]) or 'nobody'}",)
    class_, rule = _sellers_class(message, parties)
    return Verdict(class_=class_, rule=rule, evidence=evidence)


def _sellers_class(message: Message, parties: Parties) -> tuple[Class, str]:
    to = message.recipients
    relay = any(parties.is_relay(address) for address in to)
    agent = any(parties.is_agent(address) for address in to)
    team = any(address in parties.handover for address in to)
    forward = is_forward(message.subject)
    answers = not forward and (bool(message.ancestors) or is_answer(message.subject))
    own_people = bool(to) and all(parties.is_seller(address) for address in to)
    decisions = (
        (team and not relay, Class.HANDOVER, "to_customer_experience"),  # policy H1, H2
        (
            agent and not (relay or answers or parties.handover),
            Class.HANDOVER,
            "new_or_forwarded_to_walmart",  # policy H1, H2
        ),
        (relay and not answers and not message.ancestors, Class.SELLER_OUTREACH, "new_to_relay"),  # policy O1
        ((relay or agent) and answers, Class.SELLER_REPLY, "answer_to_walmart"),
        (relay or agent, Class.SELLER_REPLY, "to_walmart"),
        (own_people, Class.INTERNAL, "to_own_people"),
        (
            bool(to) and answers and (bool(message.ancestors) or _shows_relay(message)),
            Class.SELLER_REPLY,
            "answer_elsewhere",  # policy Q5
        ),
        (True, Class.OTHER, "seller_elsewhere"),
    )
    return next((class_, rule) for holds, class_, rule in decisions if holds)


def _shows_relay(message: Message) -> bool:
    """Whether an answer without thread headers repeats a customer's message (policy Q5)."""
    return has_relays_subject(message) or bool(ref_ids(message.text))


def _customer(seen: Seen) -> Verdict | None:
    """Policy C1. A machine of the relay's that says so, and brings no form, is no customer."""
    author = seen.message.author
    if seen.brings_form:
        return Verdict(class_=Class.CUSTOMER, rule="contact_form", evidence=(f"the contact form, from {author}",))
    if not seen.from_relay or seen.is_relays_machine:
        return None
    evidence = f"from {author}, of relay domain {domain(author)}"
    return Verdict(class_=Class.CUSTOMER, rule="relay_sender", evidence=(evidence,))


def _notice(seen: Seen) -> Verdict | None:
    """Tell what nobody answers. In the complaint mailbox a machine's address alone does not say that."""
    if seen.from_relay:
        evidence = f"from {seen.message.author}, without the contact form"
        return Verdict(class_=Class.WALMART_NOTICE, rule="relay_machine", evidence=(evidence,))
    if not seen.from_walmart or (seen.is_machine and seen.has_form):  # who filled it in waits, whoever passes it on
        return None
    if seen.notice is not None:
        return _verdict(Class.WALMART_NOTICE, seen.notice)
    if seen.by_list:
        evidence = f"from {seen.message.author}, by a mailing list of Walmart's"
        return Verdict(class_=Class.WALMART_NOTICE, rule="walmart_list", evidence=(evidence,))
    asks = seen.for_complaints or seen.request or walmart.asks_in_person(seen.texts, seen.rules)
    if not seen.is_machine or asks or _is_read(seen):
        return None
    evidence = f"from {seen.message.author}, and asks for nothing"
    return Verdict(class_=Class.WALMART_NOTICE, rule="no_reply_sender", evidence=(evidence,))


def _is_read(seen: Seen) -> bool:
    """Whether a machine's mail wants its answers elsewhere, and has not the form of what goes to many."""
    back = (address for address in seen.message.reply_to if address != seen.message.author)
    persons = any(seen.parties.is_agent(address) and not is_no_reply(address) for address in back)
    return persons and not walmart.is_bulk(seen.message, seen.texts, seen.rules)


def _complaint(seen: Seen) -> Verdict | None:
    """Policy C3: what agents send to the complaint mailbox is one."""
    if not seen.from_walmart or not seen.for_complaints:
        return None
    evidence = f"from {seen.message.author}, in the complaint mailbox"
    return Verdict(class_=Class.COMPLAINT, rule="complaint_mailbox", evidence=(evidence,))


def _agent(seen: Seen) -> Verdict | None:
    """Policy C2; also what no rule knows, if it is Walmart's."""
    if not seen.from_walmart:
        return None
    asked = seen.request
    evidence = (f"from {seen.message.author}, of Walmart's domain {domain(seen.message.author)}",)
    return Verdict(
        class_=Class.WALMART_AGENT,
        rule="agent_request" if asked else "agent_sender",
        evidence=(*evidence, asked.evidence) if asked else evidence,
    )


def _internal(seen: Seen) -> Verdict | None:
    if not seen.parties.is_seller(seen.message.author):
        return None
    evidence = f"from {seen.message.author}, the seller's own"
    return Verdict(class_=Class.INTERNAL, rule="seller_sender", evidence=(evidence,))


def _other(seen: Seen) -> Verdict:
    author = seen.message.author
    rule = "lookalike_domain" if "walmart" in domain(author) else "unknown_sender"
    evidence = f"from {author}, no domain of Walmart's" if author else "no sender"
    return Verdict(class_=Class.OTHER, rule=rule, evidence=(evidence,))


def _doubts(seen: Seen) -> Iterator[str]:
    """Yield what spoke against a message that is owed an answer, and why that was not believed."""
    by = sent_on_by(seen.message)
    if by:
        yield f"sent on by {by}, which stands in From"
    if seen.from_relay and seen.has_form:
        return
    if seen.bounce is not None:
        yield f"sounds like a bounce ({seen.bounce.evidence[0]}), but no mail system wrote it"
    found = seen.sounds_automatic
    if found is not None:
        yield f"sounds automatic ({found.evidence[0]}), but it is of a person's address or asks for something"
        more = more_than_automatic(seen.message, found, seen.rules) if seen.is_persons and seen.from_relay else ""
        if more:
            yield f"says more than a program does: {more}"
    if seen.from_walmart and seen.wording is not None:
        yield f"sounds like a notice ({seen.wording.evidence}), but it is of a person's address or asks for something"


_RULES: tuple[Callable[[Seen], Verdict | None], ...] = (
    _own,
    _bounce,
    _urgent,
    _automatic,
    _sellers,
    _customer,
    _notice,
    _complaint,
    _agent,
    _internal,
    _other,
)


def classify(message: Message, parties: Parties, rules: Rules) -> Verdict:
    """Return what a message is, by which rule, and what shows it; never raises for any message.

    What is owed an answer also gets its topics (policy H1, H2), and what fails authentication says so: its
    class stays, for the clock of what Walmart seems to have sent runs all the same.
    """
    message = as_written(message, parties)
    seen = Seen(message, parties, rules)
    brought = holds_report(message) if seen.brings_report else ""
    if brought:
        seen = Seen(without_report(message), parties, rules)
    verdict = next(answer for rule in _RULES if (answer := rule(seen)) is not None)
    if verdict.class_ in _OWED:
        if brought:
            verdict = replace(verdict, evidence=(*verdict.evidence, f"holds a report ({brought}), but is none itself"))
        verdict = replace(verdict, evidence=(*verdict.evidence, *_doubts(seen)))
        matters = topics(message, rules)
        verdict = replace(
            verdict,
            topics=tuple(topic for topic, _ in matters),
            evidence=(*verdict.evidence, *(f"{topic}: {words}" for topic, words in matters)),
        )
    found = _authenticity(seen, verdict.class_)
    if found is not None and found.status == "fail":
        verdict = replace(verdict, unauthenticated=found.reason)
    return verdict


def _authenticity(seen: Seen, class_: Class) -> authentic.Authenticity | None:
    """Return whether a mail is from whom it says, None where nobody is deceived if it is not."""
    message, parties = seen.message, seen.parties
    if seen.sent:
        return authentic.of_copy(message, parties)
    if class_ is Class.BOUNCE:
        return authentic.of_report(message, parties)
    if seen.from_relay or seen.from_walmart:
        return authentic.verdict(message, parties)
    return authentic.of_own(message, parties) if class_ in _OWN_PEOPLES else None
