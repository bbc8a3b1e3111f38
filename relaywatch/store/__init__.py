"""What is kept: one SQLite database, behind one Store."""

from relaywatch.store.chores import INFORM, Rescue, SelfTest, Sending, inform_key
from relaywatch.store.error import StoreBusy, StoreError
from relaywatch.store.lock import DaemonLock
from relaywatch.store.records import (
    CaseToSave,
    Counts,
    DueCase,
    LooseFinding,
    NewMail,
    NewWarning,
    PendingDelivery,
    Sight,
    StoredCase,
    StoredDelivery,
    StoredMail,
    StoredPosition,
    StoredWarning,
)
from relaywatch.store.store import Store
from relaywatch.store.phrases import Phrase

__all__ = [
    "INFORM",
    "CaseToSave",
    "Counts",
    "DaemonLock",
    "DueCase",
    "LooseFinding",
    "NewMail",
    "NewWarning",
    "PendingDelivery",
    "Rescue",
    "SelfTest",
    "Sending",
    "Sight",
    "Store",
    "StoreBusy",
    "StoreError",
    "StoredCase",
    "StoredDelivery",
    "StoredMail",
    "StoredPosition",
    "StoredWarning",
    "Phrase",
    "inform_key",
]
