"""What is done beside warning: internal parties told, mail moved out of Junk, addresses tested."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.cases.case import Code, Informed
from relaywatch.core.mail.message import Folder
from relaywatch.store.codec import clean, maybe_time, reading, time_from_text, time_to_text
from relaywatch.store.connection import Connection

INFORM = "inform"  # the step of a warning that tells internal parties of a reply


def inform_key(message_key: str) -> str:
    """Return the key of the warning that tells internal parties of one reply."""
    return f"{INFORM}:{message_key}"


@dataclass(frozen=True, slots=True)
class Rescue:
    """A message in Junk that is to be moved. `tries`: how often that was begun."""

    name: str  # of the folder
    uidvalidity: int
    uid: int
    tries: int


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A rescue that has not failed: since when it is as it is."""

    mailbox: str
    state: str  # wanted | moved | copied
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """The last test mail to an address."""

    account: str
    address: str
    mailbox: str
    message_id: str
    written_at: datetime
    state: str = "waiting"  # waiting | passed | failed
    folder: Folder | None = None  # where it turned up
    bounced: bool = False
    failing: bool = False  # what was said of the address last


@dataclass(frozen=True, slots=True)
class Sending:
    """How far the sending of a mail came."""

    state: str  # pending | sent | failed | dropped
    ended_at: datetime | None
    error: str


class Chores:
    """The part of the store that knows these. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def uninformed(self, account: str, after: datetime) -> list[tuple[int, str]]:
        """Return the replies sent after a moment that left internal parties out: case and Message.key."""
        code = Code.INTERNAL_NOT_INFORMED.value
        rows = self._db.rows("uninformed", account=account, code=code, after=time_to_text(after))
        return [(row["case_id"], row["message_key"]) for row in rows]

    def informed(self, account: str, message_keys: Iterable[str]) -> tuple[Informed, ...]:
        """Return what the program told internal parties of these replies, as far as it was taken by the server."""
        ours = {inform_key(clean(key)): key for key in message_keys}
        return tuple(
            Informed(
                message_key=ours[row["key"]],
                people=frozenset({row["recipient"].lower()}),
                at=time_from_text(row["ended_at"]),
                by=row["message_id"],
            )
            for row in self._db.rows_in("informed", ours, account=account)
        )

    def want_rescues(
        self, account: str, mailbox: str, where: tuple[str, int], uids: Iterable[int], at: datetime
    ) -> None:
        """Note that these messages in Junk are to be moved, but for those that lie elsewhere too; once for a place.

        `where`: folder and UIDVALIDITY, as in the next ones.
        """
        place = _where(account, mailbox, where)
        rows = self._db.rows_in("only_in_junk", uids, **place)
        self._db.write_many("want_rescue", [{**place, **row, "at": time_to_text(at)} for row in rows])

    def wanted_rescues(self, account: str, mailbox: str) -> list[Rescue]:
        """Return what is to be moved out of a mailbox's Junk, by folder, in order of UID."""
        return [
            Rescue(row["name"], row["uidvalidity"], row["uid"], row["tries"])
            for row in self._db.rows("wanted_rescues", account=account, mailbox=mailbox)
        ]

    def try_rescues(self, account: str, mailbox: str, where: tuple[str, int], uids: Iterable[int]) -> None:
        """Count a try, before it."""
        place = _where(account, mailbox, where)
        self._db.write_many("try_rescue", [{**place, "uid": uid} for uid in uids])

    def end_rescues(
        self, account: str, mailbox: str, where: tuple[str, int], uids: Iterable[int], *, state: str, at: datetime
    ) -> None:
        """Note that messages were `moved` or `copied`, or that it `failed`."""
        end = {**_where(account, mailbox, where), "state": state}
        self._db.write_many("end_rescue", [{**end, "uid": uid, "at": time_to_text(at)} for uid in uids])

    def rescues_under_way(self, account: str, message_keys: Iterable[str]) -> dict[str, list[UnderWay]]:
        """Return the rescues of these messages that have not failed."""
        ours = {clean(key): key for key in message_keys}
        found: dict[str, list[UnderWay]] = {}
        for row in self._db.rows_in("rescues_under_way", ours, account=account):
            under_way = UnderWay(row["mailbox"], row["state"], time_from_text(row["at"]))
            found.setdefault(ours[row["key"]], []).append(under_way)
        return found

    @reading()
    def self_test(self, account: str, address: str) -> SelfTest | None:
        """Return the last test of an address, None where there was none yet."""
        row = self._db.row("self_test", account=account, address=address)
        if row is None:
            return None
        return SelfTest(
            account=row["account"],
            address=row["address"],
            mailbox=row["mailbox"],
            message_id=row["message_id"],
            written_at=time_from_text(row["written_at"]),
            state=row["state"],
            folder=Folder(row["folder"]) if row["folder"] else None,
            bounced=bool(row["bounced"]),
            failing=bool(row["failing"]),
        )

    def begin_self_test(self, test: SelfTest) -> None:
        """Note a new test mail; what was said of the address before stays known."""
        self._db.write(
            "begin_self_test",
            account=test.account,
            address=test.address,
            mailbox=test.mailbox,
            message_id=test.message_id,
            written_at=time_to_text(test.written_at),
        )

    def end_self_test(self, account: str, address: str, *, passed: bool) -> None:
        """Note how a test ended, which is said in the same transaction, where it is new."""
        state = "passed" if passed else "failed"
        self._db.write("end_self_test", account=account, address=address, state=state, failing=int(not passed))

    def self_test_arrived(self, account: str, mailbox: str, message_id: str, folder: Folder) -> None:
        """Note in which folder a test mail turned up; the inbox counts before Junk."""
        self._db.write(
            "self_test_arrived", account=account, mailbox=mailbox, message_id=clean(message_id), folder=folder.value
        )

    def self_test_bounced(self, account: str, message_id: str) -> None:
        """Note that a report says that a test mail was not delivered."""
        self._db.write("self_test_bounced", account=account, message_id=clean(message_id))

    def sending(self, account: str, key: str) -> Sending | None:
        """Return how far the sending of the warning with a key came, to its only recipient."""
        row = self._db.row("deliveries_of_key", account=account, key=clean(key))
        return None if row is None else Sending(row["state"], maybe_time(row["ended_at"]), row["error"])


def _where(account: str, mailbox: str, where: tuple[str, int]) -> dict[str, object]:
    name, uidvalidity = where
    return {"account": account, "mailbox": mailbox, "name": clean(name), "uidvalidity": uidvalidity}
