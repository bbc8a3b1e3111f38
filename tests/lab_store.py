"""What tests of the store need: small values of the fixed cast, and a database that goes with the test."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from relaywatch.core.cases.case import Case, Code, Deadline, Finding, Obligation, State, Status
from relaywatch.core.mail.message import Class, Copy, Folder, Mail, Message, Role, Verdict
from relaywatch.core.policy import Kind
from relaywatch.store import CaseToSave, NewMail, NewWarning, Store
from relaywatch.store.cases import _FINDING

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
JORDAN = "c-0123456789abcdef0123456789abcdef@relay.walmart.ca"
INBOX = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX, internaldate=NOON)


def mail(number=1, *, account="main", copy=INBOX, **fields):
    message = Message(
        account=account,
        copies=(copy,),
        message_id=f"<{number}@relay.walmart.ca>",
        digest=f"{number:064x}",
        **{"subject": "Where is my order?", "author": JORDAN, "own_words": "It never came.", **fields},
    )
    return Mail(message, Verdict(class_=Class.CUSTOMER, rule="relay_sender", evidence=(JORDAN,)))


def entry(number=1, *keys, uid=None, uidvalidity=7, of=None, **fields):
    return NewMail(
        mail=of or mail(number, **fields),
        keys=frozenset(keys or {f"id:{number}"}),
        uidvalidity=uidvalidity,
        uid=uid or number,
    )


def deadline(**fields):
    return Deadline(
        **{
            "obligation": Obligation.REPLY,
            "rule": "C1",
            "kind": Kind.CUSTOMER,
            "party": JORDAN,
            "status": Status.RUNNING,
            "started_at": NOON,
            "due_at": NOON + 24 * HOUR,
            "started_by": "<1@relay.walmart.ca>",
            "started_key": mail().message.key,
            **fields,
        }
    )


def finding(number=1, code=Code.JUNKED, **fields):
    message = mail(number).message
    return Finding(
        code=code,
        rule=code.rule,
        message_id=message.message_id,
        message_key=message.key,
        at=NOON,
        **fields,
    )


def case(**fields):
    return Case(
        **{
            "account": "main",
            "kind": Kind.CUSTOMER,
            "mailbox": "care",
            "counterparty": JORDAN,
            "subject": "Where is my order?",
            "order_id": "600000012345678",
            "topics": (),
            "state": State.OPEN,
            "opened_at": NOON,
            "deadlines": (deadline(),),
            "findings": (),
            "messages": 1,
            **fields,
        }
    )


def judged(*rows, of=None, case_id=None, merged=(), next_look_at=NOON, judged_with="v1"):
    return CaseToSave(
        case_id=case_id,
        merged=tuple(merged),
        message_rows=rows,
        case=of or case(messages=len(rows)),
        next_look_at=next_look_at,
        judged_with=judged_with,
    )


def row_of(store, case_id):
    """A case's row as it stands in the database, with what only people who look there read."""
    return store._db.db["cases"].get(case_id)


def loose_findings(store):
    """The findings that belong to no case, in order of time, each after its account and its message's row."""
    rows = store._db.db.query("SELECT * FROM findings WHERE case_id IS NULL ORDER BY at, id")
    return [(row["account"], row["message"], _FINDING.read(row)) for row in rows]


def warning(**fields):
    return NewWarning(
        **{
            "account": "main",
            "case_id": None,
            "mailbox": None,
            "keys": ("C1 8h",),
            "step": "8h",
            "rule": "C1",
            "obligation": "reply",
            "due_at": NOON + 24 * HOUR,
            "message_id": "<w1@shop.example>",
            "created_at": NOON,
            "recipients": ("oncall@shop.example",),
            **fields,
        }
    )


def add(store: Store, *entries):
    with store.transaction():
        return store.add_mails(entries)


def save(store: Store, *entries):
    with store.transaction():
        return store.save_cases(entries)


@contextmanager
def undone(store: Store):
    """A transaction that leaves no trace: hundreds of examples share one database."""
    with store.transaction():
        yield
        store._db.db.rollback()
        store._db.db.begin()


def in_folder(folder, **fields):
    return replace(INBOX, folder=folder, **fields)
