"""Looking for messages in the open folder, and fetching them: one that the server cannot give costs only itself."""

import contextlib
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from relaywatch.core.mail.when import EARLIEST
from relaywatch.mailbox.errors import GarbledError, MailboxError, ServerSaidError
from relaywatch.mailbox.imap_command import Commands, checked, refuse_breaks
from relaywatch.mailbox.imap_fetch import Fetched, read_fetch
from relaywatch.mailbox.imap_trouble import NoError
from relaywatch.mailbox.position import MAX_UID, Plan, search_set, uid_set
from relaywatch.mailbox.wire import KIB, MAX_COMMAND, MIB

PREFIX = 64 * KIB  # of a message (design: Only the beginning of a mail is fetched)
_SMALL = 12 * KIB  # as most mail is
WHOLE = 2 * MIB  # at most, of a message whose text, or attachments that count, were not whole in the prefix
_MISSES = 3  # messages in a row that could not be had, after which it is asked whether any can
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MARKS_AT_ONCE = 2_000
_NEWEST_WITHIN = 1_000  # numbers below the highest one


class MessageCommands(Commands):
    """The part of a Session that reads an open folder. `_prefix`: how many octets of a message are fetched."""

    _prefix: int = PREFIX

    # -- finding them ------------------------------------------------------------------------------

    def search(self, made: Plan) -> list[int]:
        """Return the UIDs that a plan wants, by the day where it has one; ascending.

        What the server says it received before there was IMAP is found whatever the day: that is no time. Servers
        refuse more than they should (dates, or any SEARCH): what they refuse is asked in a simpler way.
        """
        wanted = search_set(made)
        if made.search_date is not None:
            with _unless_in_trouble():
                dates = "OR", "SINCE", _day(made.search_date), "BEFORE", _day(EARLIEST.date())
                return made.new(self._search("UID", wanted, *dates))
        return made.new(self._uids(wanted))

    def highest_uid(self) -> int:
        """Return the highest UID of the folder, 0 for an empty one."""
        return max(self._uids("*"), default=0)

    def newest(self, most: int) -> list[Fetched]:
        """Fetch the beginnings of the messages that came last, at the most so many; ascending."""
        highest = self.highest_uid()
        uids = sorted(self._uids(f"{max(1, highest - _NEWEST_WITHIN)}:{highest}"))[-most:] if highest else []
        return self.fetch_batch(uids) if uids else []

    def written_by(self, uids: Sequence[int], texts: Sequence[str]) -> set[int]:
        """Return which of ascending UIDs have one of these texts in their From, as far as SEARCH finds it there.

        RFC 3501 6.4.4: any part of the field may match; servers may look for whole words only.
        """
        refuse_breaks(*texts)
        keys = [part for text in texts for part in ("FROM", f'"{text}"')]
        return self._search("UID", f"{uids[0]}:{uids[-1]}", *["OR"] * (len(texts) - 1), *keys)

    def _uids(self, wanted: str) -> set[int]:
        """Return which UIDs of a set there are: by SEARCH, or by FETCH where that is refused."""
        with _unless_in_trouble():
            return self._search("UID", wanted)
        with self._command("messages"):
            return set(read_fetch(checked(self._client.wire.uid("FETCH", wanted, "(UID)")), prefix=0, text=False))

    def _search(self, *criteria: str) -> set[int]:
        with self._command("a search"):
            lines = [line for line in checked(self._client.wire.uid("SEARCH", *criteria)) if isinstance(line, bytes)]
            if not lines:  # RFC 3501 6.4.4: even nothing is said; some servers leave it out, and may have lost more
                raise NoError(b"it says OK and nothing else")
            numbers = b" ".join(lines).partition(b"(")[0].split()
            return {int(number) for number in numbers if number.isdigit() and int(number) <= MAX_UID}

    def marks(self, uids: Sequence[int]) -> dict[int, tuple[datetime | None, int]]:
        """Return when messages came and how large they are, by UID: what tells them apart where no number does."""
        found: dict[int, Fetched] = {}
        for start in range(0, len(uids), _MARKS_AT_ONCE):
            found |= self._fetch(uids[start : start + _MARKS_AT_ONCE], "", prefix=0, text=False)
        return {uid: (it.internaldate, it.size) for uid, it in found.items()}

    # -- fetching them -----------------------------------------------------------------------------

    def fitting(self, uids: Sequence[int], octets: int) -> list[int]:
        """Return the first of these messages whose beginnings come to so many octets at most, one message at least.

        The server is asked which are large: that is one short line, where their sizes would be one each.
        """
        large = self._search("UID", uid_set(sorted(uids)), "LARGER", str(_SMALL))
        room = octets
        for count, uid in enumerate(uids):
            room -= self._prefix if uid in large else _SMALL
            if room < 0 and count:
                return list(uids[:count])
        return list(uids)

    def fetch_batch(self, uids: Sequence[int], *, again: bool = False) -> list[Fetched]:
        """Fetch the beginnings of messages, ascending. What has gone meanwhile is left out.

        A message that the server cannot give costs only itself: it comes with a `fault`, and with its header or
        at least its time. Where nothing at all can be had of any, nor of another message, the error is raised.
        So is, at first, one that may be of the server's own state: only `again` is it looked into.
        """
        found, lost = self._fetch_by_halves(list(uids), again=again)
        if lost and not found and not self._gives_others(lost):
            raise next(iter(lost.values()))
        found |= {uid: _nothing(uid, error.text) for uid, error in lost.items()}
        return [found[uid] for uid in sorted(found)]

    def fetch_less(self, uid: int, level: int) -> Fetched:
        """Fetch a message that cannot be fetched otherwise: 0 its header, 1 its time, from 2 on nothing."""
        fault = f"{self._where}: the server fails when asked for this message"
        if level < len(self._less):
            with contextlib.suppress(ServerSaidError):
                items, text = self._less[level]
                found = self._fetch([uid], items, prefix=self._prefix, text=text)
                if uid in found:
                    return replace(found[uid], whole=False, fault=fault)
        return _nothing(uid, fault)

    def fetch_whole(self, uid: int, limit: int = WHOLE) -> bytes:
        """Fetch one message, `limit` octets at most; b"" if it has gone.

        Of a longer one it is the beginning and the end, half of it each: a letter may stand behind large pictures.
        """
        half = limit // 2
        found = self._fetch([uid], f"BODY.PEEK[]<0.{half}>", prefix=half).get(uid)
        if found is None or found.whole:
            return found.raw if found is not None else b""
        for start in dict.fromkeys((max(half, found.size - half), half)):  # some servers' sizes are estimates
            with _unless_in_trouble():
                end = self._fetch([uid], f"BODY.PEEK[]<{start}.{half}>", prefix=half).get(uid)
                if end is not None and end.raw:
                    return found.raw + end.raw
        return found.raw

    @property
    def _less(self) -> tuple[tuple[str, bool], ...]:
        """What may be had of a message whose text may not: items for FETCH, and whether they are text."""
        return (f"BODY.PEEK[HEADER]<0.{self._prefix}>", True), ("", False)

    def _fetch_by_halves(self, uids: list[int], *, again: bool) -> tuple[dict[int, Fetched], dict[int, MailboxError]]:
        """Return what could be fetched, and the errors of the messages of which nothing could."""
        found: dict[int, Fetched] = {}
        lost: dict[int, MailboxError] = {}
        waiting, misses = [uids], 0
        while waiting:
            some = waiting.pop()
            try:
                got = self._fetch(some, f"BODY.PEEK[]<0.{self._prefix}>", prefix=self._prefix)
            except ServerSaidError as error:
                if error.held_back or (error.passing and not again):
                    raise
                if len(some) > 1:
                    half = len(some) // 2
                    waiting += some[half:], some[:half]
                    continue
                self._fetch_poorly(some[0], error, found, lost)
                misses += 1
                if misses % _MISSES == 0 and not self._gives_others({*found, *lost}):
                    raise
                continue
            misses = 0
            found |= got
            for uid in self._still_there([uid for uid in some if uid not in got]):
                no_sense = GarbledError(f"{self._where}: its answer for this message makes no sense")
                self._fetch_poorly(uid, no_sense, found, lost)
        return found, lost

    def _fetch_poorly(
        self, uid: int, error: MailboxError, found: dict[int, Fetched], lost: dict[int, MailboxError]
    ) -> None:
        """Fetch what can be had of a message whose text cannot: its header, or at least its time."""
        for items, text in self._less:
            with contextlib.suppress(ServerSaidError):
                got = self._fetch([uid], items, prefix=self._prefix, text=text)
                if uid in got:
                    found[uid] = replace(got[uid], whole=False, fault=error.text)
                    return
        lost[uid] = error

    def _gives_others(self, faulty: Container[int]) -> bool:
        """Whether the server gives a message that is not among these: then they are to blame, and not the server.

        Asked of the oldest and of the newest, by sequence number.
        """
        for number in ("1", "*"):
            with contextlib.suppress(ServerSaidError), self._command("messages", most=MAX_COMMAND + KIB):
                self._line.keep = KIB
                records = checked(self._client.wire.fetch(number, "(UID BODY.PEEK[]<0.64>)"))
                if any(uid not in faulty for uid in read_fetch(records, prefix=KIB)):
                    return True
        return False

    def _fetch(self, uids: Sequence[int], items: str, *, prefix: int, text: bool = True) -> dict[int, Fetched]:
        wire = self._client.wire
        self._line.keep = prefix
        with self._command("messages", most=MAX_COMMAND + len(uids) * (prefix + KIB)):
            asked = f"(UID INTERNALDATE RFC822.SIZE {items})".replace(" )", ")")
            found = read_fetch(checked(wire.uid("FETCH", uid_set(uids), asked)), prefix=prefix, text=text)
            return {uid: found[uid] for uid in uids if uid in found}

    def _still_there(self, uids: list[int]) -> list[int]:
        """Return which of the messages without an answer exist: the others were deleted meanwhile."""
        return sorted(self._uids(uid_set(uids)) & set(uids)) if uids else []


@contextlib.contextmanager
def _unless_in_trouble() -> Iterator[None]:
    """Go on after a refusal of what was asked; one that speaks of the server's own state is passed on."""
    try:
        yield
    except ServerSaidError as error:
        if error.passing:
            raise


def _day(moment: date) -> str:
    """Write a day as SEARCH wants it (RFC 3501 9: date), whatever the locale."""
    return f"{moment.day:02}-{_MONTHS[moment.month - 1]}-{moment.year:04}"


def _nothing(uid: int, fault: str) -> Fetched:
    return Fetched(uid=uid, internaldate=None, size=0, raw=b"", whole=False, fault=fault)
