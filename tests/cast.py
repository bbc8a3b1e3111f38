"""The cast of the judgement's tests: mail of Jordan, of Walmart's agents and of the Blue Kiln, already classified.

Times are hours since T0. Nothing is parsed here; tests/unit/test_scenarios.py does that.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from relaywatch.config import load_rules
from relaywatch.core.cases.case import Case, Conversation, Deadline, Finding, Obligation, Statement, Verb
from relaywatch.core.cases.judge import Basis, Judgement, judge
from relaywatch.core.language.rules import Rules, fold
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Folder, Mail, Message, Role, Topic, Verdict
from relaywatch.core.policy import Policy, ResolvedBy
from relaywatch.core.replies.habits import Habit
from relaywatch.core.replies.learned import Learned, sentences

T0 = datetime(2026, 11, 13, 21, 30, tzinfo=UTC)  # a Friday afternoon in Toronto
CARE, COMPLAINTS = "care@shop.example", "complaints@shop.example"
ALIAS, BOSS, CLERK = "help@shop.example", "boss@shop.example", "clerk@shop.example"
SMITH, PATEL, TEAM = "jsmith@walmart.com", "kpatel@walmart.com", "escalations-ca@walmart.com"
EXPERIENCE = "cx-ca@walmart.com"
ORDER, OTHER_ORDER = "600000012345678", "600000087654321"
PARTIES = Parties(registered=frozenset({CARE, COMPLAINTS}), seller=frozenset({ALIAS}))
GOOD = "I am sorry about the chip in the rim. A replacement left our warehouse this morning."
RECEIPT = "Thank you for contacting us. We have received your message and will answer within one business day."
TO_AGENT = "We have offered the customer a refund or a replacement, and she chose the replacement."
OPERATOR_SAYS = Policy(resolved_by=ResolvedBy.OPERATOR)


def relay(number: int = 1) -> str:
    return f"c-{number:032x}@relay.walmart.ca"


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


@cache
def rules() -> Rules:
    return load_rules()


def message(hours: float, author: str, to: Iterable[str], mid: str | None, **fields: object) -> Message:
    """A message that lies in INBOX of the care mailbox, unless `copies` or `folder` and `role` say otherwise."""
    folder = fields.pop("folder", Folder.INBOX)
    role = fields.pop("role", Role.CARE)
    mailbox = "complaints" if role is Role.COMPLAINT else "care"
    stored = fields.pop("stored", hours)
    copy = Copy(mailbox=mailbox, role=role, folder=folder, internaldate=at(stored))
    answers = fields.pop("answers", ())
    answers = (answers,) if isinstance(answers, str) else tuple(answers)
    text = str(fields.get("own_words", "")) + str(fields.get("rest", ""))
    values = {
        "account": "main",
        "copies": (copy,),
        "message_id": f"<{mid}>" if mid else None,
        "digest": hashlib.sha256(f"{mid} {author} {fields.get('subject')} {text} {hours}".encode()).hexdigest(),
        "date": at(hours),
        "author": author,
        "from_": (author,),
        "to": tuple(to),
        "in_reply_to": tuple(f"<{id_}>" for id_ in answers[-1:]),
        "references": tuple(f"<{id_}>" for id_ in answers),
    }
    return Message(**values | fields)


def customer(hours: float = 0, mid: str = "c1", *, who: int = 1, order: str | None = ORDER, **fields: object) -> Mail:
    """What Jordan writes through the relay, as the core is given it: read, and found to be a customer's mail."""
    topics = fields.pop("topics", ())
    verdict = _verdict(Class.CUSTOMER, fields, topics=tuple(topics))
    values = {
        "subject": "Walmart.ca Customer: Item arrived damaged",
        "own_words": "My mug arrived with a chip in the rim. Can you help?",
        "rest": f"Jordan wants to connect with you regarding this order:\nSales Order ID: {order}" if order else "",
    }
    return Mail(message(hours, relay(who), fields.pop("to", (CARE,)), mid, **values | fields), verdict)


def agent(hours: float = 0, mid: str = "a1", *, author: str = SMITH, **fields: object) -> Mail:
    """What somebody of Walmart's care team writes; `class_` makes it another kind."""
    class_ = fields.pop("class_", Class.WALMART_AGENT)
    verdict = _verdict(class_, fields, topics=tuple(fields.pop("topics", ())))
    values = {
        "subject": "Case 10293847: customer awaiting your response",
        "own_words": "Please contact the customer and let us know how this will be resolved.",
    }
    return Mail(message(hours, author, fields.pop("to", (CARE,)), mid, **values | fields), verdict)


def complaint(hours: float = 0, mid: str = "x1", **fields: object) -> Mail:
    """An escalation to the complaint mailbox."""
    values = {"class_": Class.COMPLAINT, "role": Role.COMPLAINT, "to": (COMPLAINTS,)}
    return agent(hours, mid, **values | fields)


def bureau(hours: float = 0, mid: str = "b1", **fields: object) -> Mail:
    """A consumer-protection body's complaint, sent on by an agent."""
    return agent(hours, mid, **{"class_": Class.CONSUMER_PROTECTION} | fields)


def sent(hours: float, to: str | Iterable[str] = (), mid: str | None = "r1", **fields: object) -> Mail:
    """What the Blue Kiln sent: an answer to Jordan, unless said otherwise."""
    to = (to,) if isinstance(to, str) else tuple(to) or (relay(),)
    class_ = fields.pop("class_", Class.SELLER_REPLY)
    to_agent = any(address.endswith("@walmart.com") for address in to)
    values = {
        "subject": "Re: Case 10293847: customer awaiting your response"
        if to_agent
        else "Re: Walmart.ca Customer: Item arrived damaged",
        "own_words": TO_AGENT if to_agent else GOOD,
        "answers": "a1" if to_agent else "c1",
        "folder": Folder.SENT,
    }
    author = str(fields.pop("author", CARE))
    return Mail(message(hours, author, to, mid, **values | fields), _verdict(class_, fields))


def automatic(hours: float, to: str | Iterable[str] = (), mid: str = "auto1", **fields: object) -> Mail:
    """An automatic reply of the seller's."""
    return sent(hours, to, mid, **{"class_": Class.AUTOMATIC, "own_words": RECEIPT} | fields)


def bounce(hours: float, original: str | None = "r1", *failed: str, mid: str = "d1", **fields: object) -> Mail:
    """A delivery report: `original` was not delivered to `failed`."""
    verdict = Verdict(
        class_=Class.BOUNCE,
        rule="dsn_failed",
        failed=failed,
        original_id=f"<{original}>" if original else None,
    )
    values = {"subject": "Undelivered Mail Returned to Sender", "return_path": ""}
    return Mail(message(hours, "mailer-daemon@smtp.shop.example", (CARE,), mid, **values | fields), verdict)


def notice(hours: float = 0, mid: str = "n1", **fields: object) -> Mail:
    """Walmart's automatic mail that nobody answers."""
    verdict = Verdict(class_=Class.WALMART_NOTICE, rule="report_notice")
    return Mail(message(hours, "no-reply@walmart.com", (CARE,), mid, **fields), verdict)


def _verdict(class_: Class, fields: dict[str, object], topics: tuple[Topic, ...] = ()) -> Verdict:
    return Verdict(
        class_=class_, rule=class_.value, topics=topics, unauthenticated=str(fields.pop("unauthenticated", ""))
    )


def lying(mail: Mail, *places: tuple[Role, Folder]) -> Mail:
    """The same mail in these places, at its own time."""
    first = mail.message.copies[0]
    copies = tuple(
        replace(first, mailbox="complaints" if role is Role.COMPLAINT else "care", role=role, folder=folder)
        for role, folder in places
    )
    return Mail(replace(mail.message, copies=copies), mail.verdict)


def says(verb: Verb, hours: float, obligation: Obligation | None = None) -> Statement:
    return Statement(verb=verb, at=at(hours), note="by telephone", said_at=at(hours), obligation=obligation)


def basis(*, policy: Policy | None = None, parties: Parties = PARTIES, learned: Learned | None = None) -> Basis:
    return Basis(policy or Policy(), parties, rules(), learned or Learned())


def recurring(*texts: str, furniture: bool = False) -> Learned:
    """What is learned once these texts went to several people, whatever they asked."""
    habit = Habit(recurs=True, furniture=furniture)
    always = (at(-24_000), at(24_000), habit)
    numbers = [number for text in texts for line in text.splitlines() for number in sentences(fold(line), frozenset())]
    return Learned(dict.fromkeys(numbers, (always,)))


def judgement(mails: Iterable[Mail], now: float, *said: Statement, **standard: object) -> Judgement:
    return judge(Conversation(tuple(mails), said), basis(**standard), at(now))


def case_of(mails: Iterable[Mail], now: float, *said: Statement, **standard: object) -> Case:
    case = judgement(mails, now, *said, **standard).case
    assert case is not None
    return case


def deadlines(case: Case, obligation: Obligation = Obligation.REPLY) -> list[Deadline]:
    return [deadline for deadline in case.deadlines if deadline.obligation is obligation]


def hours_of(moment: datetime | None) -> float | None:
    return None if moment is None else round((moment - T0) / timedelta(hours=1), 6)


def stands(case: Case, obligation: Obligation = Obligation.REPLY) -> list[tuple[str, str, float | None]]:
    """Each deadline as (rule, status, due in hours), in the case's order."""
    return [
        (deadline.rule, deadline.status.value, hours_of(deadline.due_at)) for deadline in deadlines(case, obligation)
    ]


def codes(case: Case | Judgement) -> list[str]:
    return sorted(finding.code.value for finding in case.findings)


def finding(case: Case, code: str) -> Finding:
    (found,) = [finding for finding in case.findings if finding.code.value == code]
    return found
