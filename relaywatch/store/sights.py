"""Mailboxes: how far each folder was read, whether each can be read, and notes of the program's own."""

from collections.abc import Collection
from datetime import datetime

from relaywatch.core.mail.message import Folder, Place, Role
from relaywatch.store.codec import (
    clean,
    from_json,
    maybe_text,
    maybe_time,
    reading,
    time_from_text,
    time_to_text,
    to_json,
)
from relaywatch.store.connection import Connection
from relaywatch.store.records import Aside, Sight, StoredPosition


class Sights:
    """The part of the store that knows mailboxes. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    @reading()
    def positions(self, account: str, mailbox: str) -> dict[Place, StoredPosition]:
        """Return how far each folder of a mailbox was read; one read before names were kept has the name ""."""
        return {
            Place(Folder(row["folder"]), row["name"]): StoredPosition(
                row["uidvalidity"],
                row["last_uid"],
                maybe_time(row["read_at"]),
                tuple((first, last, time_from_text(since)) for first, last, since in from_json(row["gaps"])),
                tuple((first, last) for first, last in from_json(row["unread"])),
            )
            for row in self._db.rows("positions", account=account, mailbox=mailbox)
        }

    def save_position(self, account: str, mailbox: str, place: Place, position: StoredPosition) -> None:
        """Note how far a folder was read, but for `read_at`; belongs into the transaction that keeps what was read."""
        self._db.write(
            "save_position",
            **_row(account, mailbox, place),
            uidvalidity=position.uidvalidity,
            last_uid=position.last_uid,
            gaps=to_json([[first, last, time_to_text(since)] for first, last, since in position.gaps]),
            unread=to_json(position.unread),
        )

    def save_read(self, account: str, mailbox: str, place: Place, read_at: datetime) -> None:
        """Note that everything which lay in a folder at that time has been read."""
        self._db.write("save_read", **_row(account, mailbox, place), read_at=time_to_text(read_at))

    def set_aside(self, account: str, mailbox: str, aside: Aside) -> bool:
        """Keep that the server could not give a message; False for one that is set aside already: it stays as it is."""
        written = self._db.write(
            "set_aside",
            **_row(account, mailbox, aside.place),
            uidvalidity=aside.uidvalidity,
            uid=aside.uid,
            since=time_to_text(aside.since),
            next_try_at=time_to_text(aside.next_try_at),
            reason=clean(aside.reason),
        )
        return written > 0

    @reading()
    def asides(self, account: str, mailbox: str) -> list[Aside]:
        """Return what is set aside in a mailbox, what is to be tried first before the rest."""
        return [
            Aside(
                Place(Folder(row["folder"]), row["name"]),
                row["uidvalidity"],
                row["uid"],
                time_from_text(row["since"]),
                time_from_text(row["next_try_at"]),
                row["tries"],
                row["reason"],
            )
            for row in self._db.rows("asides", account=account, mailbox=mailbox)
        ]

    def put_off_aside(self, account: str, mailbox: str, aside: Aside, until: datetime) -> None:
        """Count a try at a message, before it, and say when the next one is due."""
        at = {"uidvalidity": aside.uidvalidity, "uid": aside.uid, "next_try_at": time_to_text(until)}
        self._db.write("put_off_aside", **_row(account, mailbox, aside.place), **at)

    def leave_aside(
        self, account: str, mailbox: str, place: Place, uidvalidity: int, uid: int, *, until: datetime
    ) -> None:
        """Note that a message which was set aside has gone: it may be read elsewhere until then."""
        at = {"uidvalidity": uidvalidity, "uid": uid, "next_try_at": time_to_text(until)}
        self._db.write("leave_aside", **_row(account, mailbox, place), **at)

    def has_asides(self, account: str) -> bool:
        """Whether any message of an account is set aside, or was and has gone."""
        return self._db.row("an_aside", account=account) is not None

    def end_aside(self, account: str, mailbox: str, place: Place, uidvalidity: int, uid: int) -> None:
        """Forget that a message was set aside: it was read, or given up."""
        self._db.write("end_aside", **_row(account, mailbox, place), uidvalidity=uidvalidity, uid=uid)

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

    @reading()
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


def _row(account: str, mailbox: str, place: Place) -> dict[str, str]:
    return {"account": account, "mailbox": mailbox, "folder": place.folder.value, "name": clean(place.name)}
