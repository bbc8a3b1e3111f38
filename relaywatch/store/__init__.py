"""What is kept: one SQLite database, behind one Store."""

from relaywatch.store.chores import INFORM, SelfTest, Sending, inform_key
from relaywatch.store.codec import stored_as
from relaywatch.store.error import DamagedRow, StoreBusy, StoreError, concerns_all
from relaywatch.store.lock import DaemonLock
from relaywatch.store.messages import CONVERSATION
from relaywatch.store.owner import open_for_owner, roots_own
from relaywatch.store.phrases import Phrase
from relaywatch.store.records import (
    Aside,
    CaseToSave,
    Detail,
    DueCase,
    NewMail,
    NewWarning,
    PendingDelivery,
    Rejudged,
    Sight,
    StoredCase,
    StoredMail,
    StoredPosition,
    StoredWarning,
    Trouble,
)
from relaywatch.store.store import Store

__all__ = [
    "CONVERSATION",
    "INFORM",
    "Aside",
    "CaseToSave",
    "DaemonLock",
    "DamagedRow",
    "Detail",
    "DueCase",
    "NewMail",
    "NewWarning",
    "PendingDelivery",
    "Phrase",
    "Rejudged",
    "SelfTest",
    "Sending",
    "Sight",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoredCase",
    "StoredMail",
    "StoredPosition",
    "StoredWarning",
    "Trouble",
    "concerns_all",
    "inform_key",
    "open_for_owner",
    "roots_own",
    "stored_as",
]
