"""What a kind of warning is: it writes down what is due, and says what there is to say once that can leave.

    due ──write──► row, with the kind's own detail ──(mail server, outages, restarts)──► say ──► notice, or why not

Between the two lies a crash or a day, so nothing passes from one to the other but the row. What a kind says is how
things stand when it leaves; what is settled by then is not sent, and the reason is kept.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from relaywatch.config import Settings
from relaywatch.core.notices.notice import Notice
from relaywatch.core.notices.voice import Voice
from relaywatch.pipeline.changes import Change
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.sight import NONE
from relaywatch.store import Detail, NewWarning, PendingDelivery, Sight, Store

D = TypeVar("D", bound=Detail)


@dataclass(frozen=True, slots=True)
class SweepContext:
    """What a kind knows when it looks for what is due. `sights`: of all mailboxes; `untried`: as in Sweep."""

    settings: Settings
    benches: Mapping[str, Bench]
    now: datetime
    sights: Sequence[Sight]
    untried: Mapping[tuple[str, str], datetime] = field(default_factory=lambda: NONE)

    @property
    def sender(self) -> str:
        """The address that warnings come from."""
        return self.settings.smtp.sender


@dataclass(slots=True)
class WarningsWritten:
    """How many warnings a kind wrote down, and what else is new, for the log."""

    warnings: int = 0
    changes: list[Change] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A warning that is to leave now, to one recipient. `bare`: without a word of others', where a kind can do so."""

    delivery: PendingDelivery
    store: Store
    bench: Bench
    voice: Voice
    now: datetime
    bare: bool = False


@dataclass(frozen=True, slots=True)
class WarningText:
    """What a warning says, with the headers of its kind.

    `left_out`: keys of what it was written down for and does not tell of, because that was settled meanwhile.
    """

    notice: Notice
    headers: Mapping[str, str]
    left_out: tuple[str, ...] = ()


class WarningKind(ABC, Generic[D]):
    """One kind of warning. `step` names it in X-Relaywatch-Step and in the database, "" where it has several names."""

    step = ""
    detail: type[D]
    leaves_last = False
    """Whether it leaves after all that a deadline waits for."""
    for_one_alone = False
    """Whether it is for its recipient alone, so that whoever is told now instead of them does not get it."""
    must_arrive = True
    """Whether it counts as untold while it reached nobody, and is tried again at a start though it was refused."""

    def bears(self, step: str) -> bool:
        """Whether warnings of that step are of this kind."""
        return step == self.step

    def write(self, _store: Store, _round: SweepContext) -> WarningsWritten:
        """Write down what is due, each thing once. Raises StoreError alone.

        Nothing here: of cases, and of mailboxes that are read again, who finds that out writes it down.
        """
        return WarningsWritten()

    @abstractmethod
    def say(self, leaving: Leaving) -> WarningText | str:
        """Say how things stand now, or why nothing needs to be said. Reads the store, writes nothing."""

    def asks(self, _delivery: PendingDelivery) -> bool:
        """Whether a refusal is what it was to find out."""
        return False

    def kept(self, delivery: PendingDelivery) -> D:
        """Return what was kept of a warning when it was written down. Raises DamagedRow."""
        return delivery.warning.detail.read_as(self.detail)


def message_id(account: str, key: str, sender: str) -> str:
    """Return the Message-ID of the warning with that first key: the same whenever and however often it is made."""
    name = hashlib.sha256(f"{account}\n{key}".encode()).hexdigest()[:32]
    return f"<relaywatch.{name}@{sender.rpartition('@')[2].rstrip('>') or 'localhost'}>"


def ids_of(warning: NewWarning) -> dict[str, object]:
    """Return the ids of a warning, for the log."""
    cases: object = warning.case_id if warning.case_id is not None else list(warning.cases)
    named = {"case": cases} if warning.cases else {"mailbox": warning.mailbox}
    return {
        "account": warning.account,
        **named,
        "step": warning.step,
        "rule": warning.rule,
        "id": warning.message_id,
    }
