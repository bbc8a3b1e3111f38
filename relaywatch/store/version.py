"""Which tables a database has: told without sqlite-utils, whose import takes longer than a list of cases."""

import sqlite3

from relaywatch.store.error import StoreError

MIGRATIONS = (
    "m001_mailboxes",
    "m002_cases",
    "m003_messages",
    "m004_findings",
    "m005_warnings",
    "m006_texts",
    "m007_rescues",
    "m008_self_tests",
    "m009_phrases",
    "m010_rejudged",
    "m011_unjudged",
    "m012_folder_names",
    "m013_unread",
)


def check_version(database: sqlite3.Connection, path: str) -> bool:
    """Return whether the tables are up to date; raise StoreError for a newer version's or a stranger's."""
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    applied: set[str] = set()
    if "_sqlite_migrations" in tables:
        query = "SELECT name FROM _sqlite_migrations WHERE migration_set = 'relaywatch'"
        applied = {name for (name,) in database.execute(query)}
    if not applied and tables:
        raise StoreError(f"{path}: this database is not relaywatch's: check [service] database")
    if not applied <= set(MIGRATIONS):
        raise StoreError(f"{path}: this database is from a newer relaywatch: upgrade this one")
    return applied == set(MIGRATIONS)
