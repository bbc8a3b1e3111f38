"""Mailboxes: how far each folder was read, whether each can be read, and notes of the program's own."""

from collections.abc import Collection
from datetime import datetime

from relaywatch.core.message import Folder, Role
from relaywatch.store.codec import clean, maybe_text, maybe_time, time_to_text
from relaywatch.store.connection import Connection
from relaywatch.store.records import Sight, StoredPosition


class Sights:
    """The part of the store that knows mailboxes. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def positions(self, account: str, mailbox: str) -> dict[Folder, StoredPosition]:
        """Return how far each folder of a mailbox was read."""
        return {
            Folder(row["folder"]): StoredPosition(row["uidvalidity"], row["last_uid"], maybe_time(row["read_at"]))
            for row in self._db.rows("positions", account=account, mailbox=mailbox)
        }

    def save_position(self, account: str, mailbox: str, folder: Folder, uidvalidity: int, last_uid: int) -> None:
        """Note how far a folder was read; belongs into the transaction that keeps what was read."""
        self._db.write(
            "save_position",
            account=account,
            mailbox=mailbox,
            folder=folder.value,
            uidvalidity=uidvalidity,
            last_uid=last_uid,
        )

    def save_read(self, account: str, mailbox: str, folder: Folder, read_at: datetime) -> None:
        """Note that everything which lay in a folder at that time has been read."""
        self._db.write(
            "save_read",
            account=account,
            mailbox=mailbox,
            folder=folder.value,
            read_at=time_to_text(read_at),
        )

    def last_reads(self, account: str) -> dict[tuple[str, Folder], datetime | None]:
        """Return when each (mailbox, folder) of an account was last read to its end."""
        return {
            (row["mailbox"], Folder(row["folder"])): maybe_time(row["read_at"])
            for row in self._db.rows("last_reads", account=account)
        }

    def save_sight(self, sight: Sight) -> None:
        """Note whether a mailbox can be read."""
        self._db.write(
            "save_sight",
            account=sight.account,
            mailbox=sight.mailbox,
            role=sight.role.value,
            seeing=int(sight.seeing),
            last_read=maybe_text(sight.last_read),
            lost_since=maybe_text(sight.lost_since),
            reason=clean(sight.reason),
        )

    def sights(self) -> list[Sight]:
        """Return what is known of all mailboxes, by account and name."""
        return [
            Sight(
                account=row["account"],
                mailbox=row["mailbox"],
                role=Role(row["role"]),
                seeing=bool(row["seeing"]),
                last_read=maybe_time(row["last_read"]),
                lost_since=maybe_time(row["lost_since"]),
                reason=row["reason"],
            )
            for row in self._db.rows("sights")
        ]

    def prune_sights(self, configured: Collection[tuple[str, str]]) -> None:
        """Forget the sights of all mailboxes but these (account, mailbox); their positions stay."""
        for sight in self.sights():
            if (sight.account, sight.mailbox) not in configured:
                self._db.write("forget_sight", account=sight.account, mailbox=sight.mailbox)

    def get_meta(self, key: str) -> str | None:
        """Return a note of the program's own."""
        row = self._db.row("get_meta", key=key)
        return None if row is None else str(row["value"])

    def set_meta(self, key: str, value: str) -> None:
        """Write a note of the program's own."""
        self._db.write("set_meta", key=key, value=clean(value))
