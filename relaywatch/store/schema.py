"""The tables, as migrations in order: what is released is never edited, a change is a further migration.

People read these tables with sqlite-utils and Datasette, so names and columns are promised (interface: The database).
How times and composed values are written is told in codec.py; `facts` holds, as JSON, what has no column of its
own. Ids of cases and warnings stand in mails that went out: they are AUTOINCREMENT and never come again.
"""

from sqlite_utils import Database, Migrations
from sqlite_utils.db import ForeignKey

migrations = Migrations("relaywatch")  # a further one is named in version.py as well


@migrations()
def m001_mailboxes(db: Database) -> None:
    """Keep how far each folder was read, whether each mailbox can be read, and notes of the program's own."""
    db.table("positions").create(
        {"account": str, "mailbox": str, "folder": str, "uidvalidity": int, "last_uid": int, "read_at": str},
        pk=("account", "mailbox", "folder"),
        not_null={"account", "mailbox", "folder", "uidvalidity", "last_uid"},
    )
    db.table("mailboxes").create(
        {
            "account": str,
            "mailbox": str,
            "role": str,
            "seeing": int,
            "last_read": str,
            "lost_since": str,
            "reason": str,
        },
        pk=("account", "mailbox"),
        not_null={"account", "mailbox", "role", "seeing", "reason"},
    )
    db.table("meta").create({"key": str, "value": str}, pk="key", not_null={"value"})


@migrations()
def m002_cases(db: Database) -> None:
    """Keep what conversations amount to, as last judged, and what the operator said of them."""
    db.execute(
        """CREATE TABLE cases (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             account TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, mailbox TEXT NOT NULL,
             counterparty TEXT NOT NULL, subject TEXT NOT NULL, order_id TEXT, topics TEXT NOT NULL,
             opened_at TEXT NOT NULL, messages INTEGER NOT NULL,
             next_look_at TEXT, judged_with TEXT NOT NULL,
             failures INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '',
             merged_into INTEGER REFERENCES cases(id),
             dissolved INTEGER NOT NULL DEFAULT 0, forgotten INTEGER NOT NULL DEFAULT 0,
             facts TEXT NOT NULL)"""
    )
    cases = db.table("cases")
    for columns in (["next_look_at"], ["state"], ["merged_into"]):
        cases.create_index(columns)
    db.table("deadlines").create(
        {
            "id": int,
            "case_id": int,
            "obligation": str,
            "rule": str,
            "status": str,
            "started_at": str,
            "due_at": str,
            "met_at": str,
            "met_by": str,
            "started_by": str,
            "started_key": str,
            "clock": str,
            "kind": str,
            "party": str,
            "facts": str,
        },
        pk="id",
        not_null={"case_id", "obligation", "rule", "status", "started_at", "due_at", "started_key", "facts"},
        foreign_keys=[_to("deadlines", "case_id", "cases")],
    )
    db.table("deadlines").create_index(["case_id"])
    db.table("deadlines").create_index(["status", "due_at"])
    db.table("statements").create(
        {
            "id": int,
            "case_id": int,
            "verb": str,
            "obligation": str,
            "at": str,
            "said_at": str,
            "note": str,
            "facts": str,
        },
        pk="id",
        not_null={"case_id", "verb", "at", "said_at", "note", "facts"},
        foreign_keys=[_to("statements", "case_id", "cases")],
    )
    db.table("statements").create_index(["case_id"])


@migrations()
def m003_messages(db: Database) -> None:
    """Keep messages with what each was found to be, where their copies lie, and what ties them together."""
    db.table("messages").create(
        {
            "id": int,
            "account": str,
            "key": str,
            "case_id": int,
            "received_at": str,
            "class": str,
            "author": str,
            "subject": str,
            "rule": str,
            "evidence": str,
            "topics": str,
            "unauthenticated": str,
            "message_id": str,
            "own_words": str,
            "rest": str,
            "facts": str,
            "verdict_facts": str,
            "forgotten": int,
        },
        pk="id",
        not_null={"account", "key", "class", "author", "subject", "own_words", "rest", "facts", "forgotten"},
        defaults={"forgotten": 0},
        foreign_keys=[_to("messages", "case_id", "cases")],
    )
    messages = db.table("messages")
    messages.create_index(["account", "key"], unique=True)
    messages.create_index(["case_id"])
    db.table("copies").create(
        {
            "id": int,
            "message": int,
            "account": str,
            "mailbox": str,
            "role": str,
            "folder": str,
            "internaldate": str,
            "received": str,
            "uidvalidity": int,
            "uid": int,
            "facts": str,
        },
        pk="id",
        not_null={"message", "account", "mailbox", "role", "folder", "uidvalidity", "uid", "facts"},
        foreign_keys=[_to("copies", "message", "messages")],
    )
    db.table("copies").create_index(["account", "mailbox", "folder", "uidvalidity", "uid"], unique=True)
    db.table("copies").create_index(["message"])
    db.table("message_keys").create(
        {"account": str, "key": str, "message": int},
        pk=("account", "key", "message"),
        not_null={"account", "key", "message"},
        foreign_keys=[_to("message_keys", "message", "messages")],
    )
    db.table("message_keys").create_index(["message"])


@migrations()
def m004_findings(db: Database) -> None:
    """Keep what is wrong with single messages; `case_id` is null where a message belongs to no case."""
    db.table("findings").create(
        {
            "id": int,
            "account": str,
            "case_id": int,
            "message": int,
            "code": str,
            "rule": str,
            "at": str,
            "detail": str,
            "mended_by": str,
            "message_id": str,
            "message_key": str,
            "affects": str,
            "facts": str,
        },
        pk="id",
        not_null={"account", "code", "rule", "at", "detail", "message_key", "facts"},
        foreign_keys=[_to("findings", "case_id", "cases"), _to("findings", "message", "messages")],
    )
    db.table("findings").create_index(["case_id"])
    db.table("findings").create_index(["message"])


@migrations()
def m005_warnings(db: Database) -> None:
    """Keep warnings, what each is about, and how far the sending to each recipient came."""
    db.execute(
        """CREATE TABLE warnings (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             account TEXT NOT NULL, case_id INTEGER REFERENCES cases(id), mailbox TEXT,
             step TEXT NOT NULL, rule TEXT NOT NULL, obligation TEXT NOT NULL, due_at TEXT,
             created_at TEXT NOT NULL, message_id TEXT NOT NULL, detail TEXT NOT NULL, facts TEXT NOT NULL)"""
    )
    db.table("warnings").create_index(["created_at"])
    db.table("warning_cases").create(
        {"warning": int, "case_id": int},
        pk=("warning", "case_id"),
        not_null={"warning", "case_id"},
        foreign_keys=[_to("warning_cases", "warning", "warnings"), _to("warning_cases", "case_id", "cases")],
    )
    db.table("warning_cases").create_index(["case_id"])
    db.table("warning_keys").create(
        {"account": str, "key": str, "warning": int},
        pk=("account", "key"),
        not_null={"account", "key", "warning"},
        foreign_keys=[_to("warning_keys", "warning", "warnings")],
    )
    db.table("warning_keys").create_index(["warning"])
    db.table("deliveries").create(
        {
            "id": int,
            "warning": int,
            "recipient": str,
            "state": str,
            "attempts": int,
            "next_try_at": str,
            "began_at": str,
            "ended_at": str,
            "response": str,
            "error": str,
        },
        pk="id",
        not_null={"warning", "recipient", "state", "attempts", "response", "error"},
        foreign_keys=[_to("deliveries", "warning", "warnings")],
    )
    db.table("deliveries").create_index(["warning", "recipient"], unique=True)
    db.table("deliveries").create_index(["state", "next_try_at"])


@migrations()
def m006_texts(db: Database) -> None:
    """Keep the fingerprints of what the seller wrote, to whom and how soon, and which of them go to everybody."""
    db.table("texts").create(
        {"message": int, "account": str, "fingerprint": str, "counterparty": str, "quick": int},
        pk="message",
        not_null={"account", "fingerprint"},
        foreign_keys=[_to("texts", "message", "messages")],
    )
    db.table("texts").create_index(["account", "fingerprint", "quick", "counterparty"])
    db.table("canned").create(
        {"account": str, "fingerprint": str}, pk=("account", "fingerprint"), not_null={"account", "fingerprint"}
    )


@migrations()
def m007_rescues(db: Database) -> None:
    """Keep which messages are to be moved out of Junk, and what became of it; find findings by their code."""
    db.table("rescues").create(
        {
            "account": str,
            "mailbox": str,
            "uidvalidity": int,
            "uid": int,
            "message": int,
            "state": str,
            "tries": int,
            "at": str,
        },
        pk=("account", "mailbox", "uidvalidity", "uid"),
        not_null={"account", "mailbox", "uidvalidity", "uid", "message", "state", "tries", "at"},
        foreign_keys=[_to("rescues", "message", "messages")],
    )
    db.table("rescues").create_index(["message"])
    db.table("findings").create_index(["account", "code", "at"])


@migrations()
def m008_self_tests(db: Database) -> None:
    """Keep the last test mail to each registered address, and what was said of it."""
    db.table("self_tests").create(
        {
            "account": str,
            "address": str,
            "mailbox": str,
            "message_id": str,
            "written_at": str,
            "state": str,
            "folder": str,
            "bounced": int,
            "failing": int,
        },
        pk=("account", "address"),
        not_null={"account", "address", "mailbox", "message_id", "written_at", "state", "bounced", "failing"},
    )
    db.table("self_tests").create_index(["account", "message_id"])


@migrations()
def m009_phrases(db: Database) -> None:
    """Keep the sentences of what the seller wrote as numbers, in place of whole texts: what recurs is learned anew."""
    db.execute(
        """CREATE TABLE phrases (
             account TEXT NOT NULL, sentence INTEGER NOT NULL, message INTEGER NOT NULL REFERENCES messages(id),
             person INTEGER NOT NULL, context INTEGER NOT NULL, delay REAL, at TEXT NOT NULL,
             PRIMARY KEY (account, sentence, message)) WITHOUT ROWID"""
    )
    db.table("phrases").create_index(["message"])
    db.table("phrases").create_index(["at"])
    db.table("canned").drop()
    db.table("texts").drop()


@migrations()
def m010_rejudged(db: Database) -> None:
    """Keep which clocks changed when a new standard judged what was kept."""
    db.table("rejudged").create(
        {
            "id": int,
            "account": str,
            "case_id": int,
            "obligation": str,
            "started_by": str,
            "was": str,
            "status": str,
            "why": str,
            "at": str,
            "judged_with": str,
        },
        pk="id",
        not_null={"account", "case_id", "obligation", "was", "status", "why", "at", "judged_with"},
    )


@migrations()
def m011_unjudged(db: Database) -> None:
    """Keep which messages were kept and have not been judged yet; find deadlines by what started them."""
    db.table("unjudged").create(
        {"message": int, "account": str},
        pk="message",
        not_null={"account"},
        foreign_keys=[_to("unjudged", "message", "messages")],
    )
    db.table("unjudged").create_index(["account"])


@migrations()
def m012_folder_names(db: Database) -> None:
    """Keep the name of each folder: several may be for the same. What was kept before has none.

    Positions have gaps, too, and messages that a server could not give are set aside.
    """
    db.execute("ALTER TABLE positions RENAME TO positions_before")
    db.table("positions").create(
        {
            "account": str,
            "mailbox": str,
            "folder": str,
            "name": str,
            "uidvalidity": int,
            "last_uid": int,
            "read_at": str,
            "gaps": str,
        },
        pk=("account", "mailbox", "folder", "name"),
        not_null={"account", "mailbox", "folder", "name", "uidvalidity", "last_uid", "gaps"},
    )
    db.execute(
        """INSERT INTO positions (account, mailbox, folder, name, uidvalidity, last_uid, read_at, gaps)
           SELECT account, mailbox, folder, '', uidvalidity, last_uid, read_at, '[]' FROM positions_before"""
    )
    db.execute("DROP TABLE positions_before")
    db.execute("ALTER TABLE copies ADD COLUMN name TEXT NOT NULL DEFAULT ''")
    db.execute("DROP INDEX idx_copies_account_mailbox_folder_uidvalidity_uid")
    db.table("copies").create_index(["account", "mailbox", "folder", "name", "uidvalidity", "uid"], unique=True)
    db.execute("ALTER TABLE rescues RENAME TO rescues_before")
    db.execute("DROP INDEX idx_rescues_message")
    db.table("rescues").create(
        {
            "account": str,
            "mailbox": str,
            "name": str,
            "uidvalidity": int,
            "uid": int,
            "message": int,
            "state": str,
            "tries": int,
            "at": str,
        },
        pk=("account", "mailbox", "name", "uidvalidity", "uid"),
        not_null={"account", "mailbox", "name", "uidvalidity", "uid", "message", "state", "tries", "at"},
        foreign_keys=[_to("rescues", "message", "messages")],
    )
    db.execute(
        """INSERT INTO rescues (account, mailbox, name, uidvalidity, uid, message, state, tries, at)
           SELECT account, mailbox, '', uidvalidity, uid, message, state, tries, at FROM rescues_before"""
    )
    db.execute("DROP TABLE rescues_before")
    db.table("rescues").create_index(["message"])
    db.table("asides").create(
        {
            "account": str,
            "mailbox": str,
            "folder": str,
            "name": str,
            "uidvalidity": int,
            "uid": int,
            "since": str,
            "tries": int,
            "next_try_at": str,
            "reason": str,
        },
        pk=("account", "mailbox", "folder", "name", "uidvalidity", "uid"),
        not_null={"since", "tries", "next_try_at", "reason"},
    )


@migrations()
def m013_unread(db: Database) -> None:
    """Remember what was passed over for more urgent mail."""
    db.execute("ALTER TABLE positions ADD COLUMN unread TEXT NOT NULL DEFAULT '[]'")


def _to(table: str, column: str, other: str) -> ForeignKey:
    return ForeignKey(table, column, other, "id")


def migrate(db: Database) -> None:
    """Bring the tables up to date in the caller's transaction."""
    migrations.apply(db)  # inside a transaction it uses savepoints, so all of it holds or nothing
