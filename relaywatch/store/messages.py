"""Messages: what was read, where its copies lie, what ties it to others, and what it was found to be."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from relaywatch.core.mail.message import Copy, Mail, Message, Verdict
from relaywatch.core.threads.place import sought
from relaywatch.store.codec import RowCodec, clean, from_json, maybe_text, time_to_text, to_json
from relaywatch.store.connection import Connection, Row
from relaywatch.store.phrases import Phrases
from relaywatch.store.records import NewMail, StoredMail

_MESSAGE = RowCodec(
    Message,
    ("account", "message_id", "subject", "author", "own_words", "rest"),
    apart=("copies",),
)
_COPY = RowCodec(Copy, ("mailbox", "role", "folder", "internaldate", "received"))
_VERDICT = RowCodec(
    Verdict,
    ("class_", "rule", "evidence", "topics", "unauthenticated"),
    renamed={"class_": "class"},
    facts="verdict_facts",
)
HINT = "~"  # marks a key that can only find a place for a message, not join conversations
_HINTED = 500  # messages that hints find at the most, the newest
CONVERSATION = 100  # messages that are judged together at the most; beside them what is still owed an answer
_OWED = 50  # messages that are owed one, of those that are judged together
_BEARERS = 4  # messages that bear one Message-ID: which is meant is told by the first, not by who sends one more
_ANSWERED = 2 * _BEARERS * 100  # messages that the seller's name: for one that follows as many as are read, all
_BOUNCES = 50  # of the seller's mail among those
_TEXT = 20_000  # characters of a text, all that is kept
_AT_HAND = 4_000_000  # characters of all texts that are loaded at once; where there are more, their beginnings
_BEGINNING = 2_000  # characters
_WORDS = ("author_name", "attachments", "attached", "unread")  # facts that are people's words


class MessageRows(Phrases):
    """The part of the store that knows messages. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def add_mails(self, entries: Sequence[NewMail]) -> list[int]:
        """Keep messages; return their rows in order.

        A message that is already there (same account and key) gets the further copy and keys; what was
        kept of it stays, until `replace_mail`. A copy at a place that is known changes nothing.
        """
        known = self._known_rows(entries)
        before = frozenset(known.values())
        copies_before = self._copies(before)
        ids: list[int] = []
        copies: list[Row] = []
        moved: list[Row] = []
        keys: list[Row] = []
        earlier: list[Row] = []
        for entry in entries:
            message = entry.mail.message
            place = (message.account, clean(message.key))
            received_at = maybe_text(_received_at(message))
            row_id = known.get(place)
            if row_id is None:
                row_id = known[place] = self._insert(entry.mail, place[1], received_at)
            elif received_at is not None and any(copy.internaldate or copy.received for copy in message.copies):
                earlier.append({"id": row_id, "received_at": received_at})
            ids.append(row_id)
            named = (*entry.keys, *(f"{HINT}{hint}" for hint in entry.hints))
            keys += ({"account": place[0], "key": clean(key), "message": row_id} for key in named)
            for copy in message.copies:
                where = {"name": clean(entry.name), "uidvalidity": entry.uidvalidity, "uid": entry.uid}
                row = _COPY.row(copy, account=place[0], message=row_id, **where)
                old = _same_copy(copies_before.get(row_id, ()), row)
                if old is None:
                    copies.append(row)
                else:
                    moved.append({"id": old, **where})
        self._db.write_many("move_copy", moved)
        self._db.write_many("insert_copy", copies)
        self._db.write_many("insert_key", keys)
        self._db.write_many("received_earlier", earlier)
        return ids

    def stub_of(self, entry: NewMail) -> StoredMail | None:
        """Return what was kept of a message that the server gave only in part, at its place or where it lay."""
        message = entry.mail.message
        (copy,) = message.copies
        place = {"mailbox": copy.mailbox, "folder": copy.folder.value, "name": clean(entry.name)}
        at = {"uidvalidity": entry.uidvalidity, "uid": entry.uid}
        row = self._db.row("stub_at", account=message.account, **place, **at) or self._headed("stub_elsewhere", message)
        return next(iter(self.load_mails([row["id"]])), None) if row is not None else None

    def whole_of(self, entry: NewMail) -> StoredMail | None:
        """Return the message, read elsewhere, of which the server gives only a part here."""
        row = self._headed("whole_elsewhere", entry.mail.message)
        return next(iter(self.load_mails([row["id"]], whole=True)), None) if row is not None else None

    def _headed(self, name: str, message: Message) -> Row | None:
        if message.message_id is None:
            return None
        head = {"id": clean(message.message_id), "author": clean(message.author), "subject": clean(message.subject)}
        return self._db.row(name, account=message.account, **head)

    def renew_mail(self, row_id: int, entry: NewMail) -> None:
        """Replace what was kept of a message without its text by the message; before `add_mails`."""
        message = entry.mail.message
        received_at = maybe_text(_received_at(message))
        row = _MESSAGE.row(message, key=clean(message.key), received_at=received_at, id=row_id)
        if self._db.write("renew_message", **(row | _VERDICT.row(entry.mail.verdict))):
            self._db.write("delete_keys", message=row_id)
            self._db.write("end_asides_of", message=row_id)

    def replace_mail(self, row_id: int, entry: NewMail) -> bool:
        """Replace what was kept of a message by another copy of it; False where its words are forgotten.

        Its copies, with the time at which it was received, and its case stay.
        """
        message = entry.mail.message
        if not self._db.write(
            "replace_message", **_MESSAGE.row(message, id=row_id), **_VERDICT.row(entry.mail.verdict)
        ):
            return False
        self.replace_keys(message.account, row_id, entry.keys, entry.hints)
        return True

    def known_mails(self, entries: Sequence[NewMail]) -> list[StoredMail | None]:
        """Return what is kept already of each message that was found, None where there is nothing yet."""
        known = self._known_rows(entries)
        kept = {stored.id: stored for stored in self.load_mails(list(known.values()))}
        places = ((entry.mail.message.account, clean(entry.mail.message.key)) for entry in entries)
        return [kept.get(known.get(place, 0)) for place in places]

    def _known_rows(self, entries: Iterable[NewMail]) -> dict[tuple[str, str], int]:
        wanted: dict[str, set[str]] = {}
        for entry in entries:
            wanted.setdefault(entry.mail.message.account, set()).add(clean(entry.mail.message.key))
        return {
            (account, row["key"]): row["id"]
            for account, keys in wanted.items()
            for row in self._db.rows_in("messages_by_key", keys, account=account)
        }

    def _insert(self, mail: Mail, key: str, received_at: str | None) -> int:
        row = _MESSAGE.row(mail.message, key=key, received_at=received_at)
        row.update(_VERDICT.row(mail.verdict))
        return self._db.insert("insert_message", row)

    def _copies(self, ids: Iterable[int]) -> dict[int, list[Row]]:
        found: dict[int, list[Row]] = {}
        for row in self._db.rows_in("copies", ids):
            found.setdefault(row["message"], []).append(row)
        return found

    def connected(self, account: str, message_row_ids: Iterable[int], limit: int = CONVERSATION) -> list[int]:
        """Return all messages that may belong to the conversations of these; ascending.

        What shares a hint with one of these, then what shares a key or a case with any found so far, and so on. Where
        there are as many as `limit` or more, they are these first, then those fewest steps away, of one step the
        newest, but up to half of them what is not judged yet; and what in their cases is owed an answer, a bounded
        number, the longest due first, and what bounced the seller's mail among these.
        """
        found = set(message_row_ids)
        found |= self._hinted(account, found, min(limit, _HINTED))
        edge = found
        seen: set[str] = set()
        while edge and len(found) < limit:
            keys = {row["key"] for row in self._db.rows_in("keys_of_messages", sorted(edge))} - seen
            seen |= keys
            near = {
                row["message"]
                for row in self._db.rows_in("messages_of_keys", sorted(keys), account=account, limit=limit)
            }
            near |= {row["id"] for row in self._db.rows_in("messages_beside", sorted(edge), limit=limit)}
            edge = self._some(account, keys, near - found, limit - len(found))
            found |= edge
        if len(found) >= limit:
            owed = self._db.rows_in("unmet_openers_beside", sorted(found), account=account, limit=_OWED)
            found |= {row["id"] for row in owed[:_OWED]}
            found |= set(self._bounces_of(found))
        return sorted(found)

    def _bounces_of(self, ids: Iterable[int]) -> list[int]:
        """Return the first that bounce one of these of the seller's, a bounded number."""
        rows = self._db.rows_in("bounces_of", sorted(ids), named=CONVERSATION, limit=_BOUNCES)
        return sorted({row["id"] for row in rows})[:_BOUNCES]

    def answered_beside(self, account: str, ids: Iterable[int]) -> list[int]:
        """Return what these name by Message-ID, where nothing else may bring it here. The first received, bounded.

        Bystanders' mail is tied by nothing else; other mail may be left out where there is too much. They are a few
        for each id, however many bear it, and nothing is looked for beside them. What the seller's mail names is
        looked for by itself: whom that answers must be known, however many ids anybody else names.
        """
        known = set(ids)
        sellers = {row["id"] for row in self._db.rows_in("sellers_among", sorted(known))}
        answered = self._bearers(account, sellers, known, _ANSWERED)
        return [*answered, *self._bearers(account, known - sellers, known.union(answered), CONVERSATION)]

    def _bearers(self, account: str, ids: Iterable[int], known: AbstractSet[int], most: int) -> list[int]:
        """Return the first that bear what these name, but of what is known."""
        limit = most + len(known)
        rows = self._db.rows_in("bearers_of_named", sorted(ids), account=account, each=_BEARERS, limit=limit)
        return sorted({row["id"] for row in rows}.difference(known))[:most]

    def borne(self, account: str, ids: Iterable[str]) -> frozenset[str]:
        """Return those of these Message-IDs that as many bystanders' messages bear as are looked at of one."""
        return frozenset(
            id_
            for id_ in ids
            if len(self._db.rows("keyless_bearers_of_id", account=account, id=clean(id_), each=_BEARERS)) == _BEARERS
        )

    def naming(self, account: str, ids: Iterable[str]) -> list[int]:
        """Return messages that name one of these Message-IDs, a bounded number."""
        keys = {clean(f"id:{id_}") for id_ in ids}
        return [
            row["message"] for row in self._db.rows_in("messages_of_keys", keys, account=account, limit=CONVERSATION)
        ]

    def _hinted(self, account: str, ids: Iterable[int], limit: int) -> set[int]:
        """Return the newest messages that hints of these seek: one step, for an address is no identity."""
        named = (row["key"].removeprefix(HINT) for row in self._db.rows_in("hints_of_messages", sorted(ids)))
        hints = {f"{HINT}{sought(hint)}" for hint in named}
        rows = self._db.rows_in("messages_of_keys", sorted(hints), account=account, limit=limit)
        return self._some(account, hints, {row["message"] for row in rows}, limit)

    def _some(self, account: str, keys: Iterable[str], near: set[int], most: int) -> set[int]:
        """Return at most so many of the messages with some of these keys: the newest, and what is not judged yet.

        That is up to half of them: what came together is judged together then, not one by one.
        """
        if len(near) < most:
            return near
        rows = self._db.rows_in("unjudged_of_keys", sorted(keys), account=account, limit=most // 2)
        ahead = sorted({row["message"] for row in rows})[: most // 2]
        return {*ahead, *sorted(near.difference(ahead), reverse=True)[: most - len(ahead)]}

    def keys_of(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return what ties messages to others, by row."""
        found: dict[int, set[str]] = defaultdict(set)
        for row in self._db.rows_in("keys_by_message", ids):
            found[row["message"]].add(row["key"])
        return {row: frozenset(keys) for row, keys in found.items()}

    def replace_keys(self, account: str, row_id: int, keys: Iterable[str], hints: Iterable[str]) -> None:
        """Replace what ties a message to others."""
        self._db.write("delete_keys", message=row_id)
        named = (*keys, *(f"{HINT}{hint}" for hint in hints))
        self._db.write_many("insert_key", [{"account": account, "key": clean(key), "message": row_id} for key in named])

    def load_mails(self, ids: Sequence[int], *, whole: bool = False) -> list[StoredMail]:
        """Return messages by their rows, in the order asked; an unknown row is left out.

        Where their texts are too long together only the beginnings are loaded, so that memory is bounded whatever
        was sent, and the messages say so; not where all is wanted `whole`.
        """
        with self._db.snapshot():
            size = 0 if whole else sum(row["size"] or 0 for row in self._db.rows_in("sizes", dict.fromkeys(ids)))
            most = _BEGINNING if size > _AT_HAND else _TEXT
            rows = {row["id"]: row for row in self._db.rows_in("messages", dict.fromkeys(ids), most=most)}
            copies = self._copies(rows)
        return [_mail(rows[row_id], copies.get(row_id, ()), most) for row_id in ids if row_id in rows]

    def in_several_places(self, ids: Iterable[int]) -> list[int]:
        """Return those of these rows whose message has more than one copy."""
        return [row["message"] for row in self._db.rows_in("messages_in_places", ids)]

    def mails_of_case(self, case_id: int) -> list[StoredMail]:
        """Return the messages of a case (or of the one that swallowed it) in order of time.

        Where there are as many as CONVERSATION or more: the newest, what is still owed an answer, and what bounced one.
        """
        with self._db.snapshot():
            current = self._db.row("current_case", case_id=case_id)
            if current is None:
                return []
            rows = self._db.rows("messages_of_case", case_id=current["id"], limit=CONVERSATION)
            found = [row["id"] for row in reversed(rows)]
            if len(found) >= CONVERSATION:
                owed = self._db.rows("unmet_openers_of_case", case_id=current["id"], limit=_OWED)
                known = set(found)
                found = [*(row["id"] for row in owed if row["id"] not in known), *found]
                bounces = [row for row in self._bounces_of(found) if row not in set(found)]
                found = [*(one.id for one in self.load_mails(bounces) if one.case_id == current["id"]), *found]
            return self.load_mails(found)

    def mark_unjudged(self, account: str, ids: Iterable[int]) -> None:
        """Note that messages are to be judged."""
        self._db.write_many("mark_unjudged", [{"account": account, "message": row} for row in dict.fromkeys(ids)])

    def unjudged(self, account: str, limit: int = 200) -> list[int]:
        """Return the first messages that are still to be judged."""
        return [row["message"] for row in self._db.rows("unjudged", account=account, limit=limit)]

    def mark_judged(self, ids: Iterable[int]) -> None:
        """Note that messages were judged."""
        self._db.write_in("mark_judged", ids)

    def message_rows(self, account: str, *, after: int = 0, limit: int = 1000) -> list[int]:
        """Return the next rows of an account's messages after a row: for going through all of them."""
        return [row["id"] for row in self._db.rows("messages_after", account=account, after=after, limit=limit)]

    def update_verdicts(self, verdicts: Iterable[tuple[int, Verdict]]) -> None:
        """Replace what messages were found to be, by row."""
        self._db.write_many("update_verdict", [_VERDICT.row(verdict, id=row) for row, verdict in verdicts])

    def forget_words(self, before: datetime, limit: int = 500) -> int:
        """Forget people's words in messages of before then (interface: [service]); return in how many.

        Only those whose case is closed and has had no message since, or that belong to no case. Times,
        addresses, classes and findings stay. At most `limit` at once: call again until it is 0.
        """
        rows = self._db.rows("messages_to_forget", before=time_to_text(before), limit=limit)
        ids = [row["id"] for row in rows]
        named: dict[int, list[str]] = {}
        for row in self._db.rows_in("word_keys_of_messages", ids):
            named.setdefault(row["message"], []).append(row["key"])
        self._db.write_in("forget_cases", ids)
        self._db.write_in("forget_warnings", ids)
        self.forget_phrases(ids)
        self._db.write_many(
            "forget_message",
            [
                {"id": row["id"], "facts": _wordless(row, named.get(row["id"], []))}
                for row in self._db.rows_in("messages", ids, most=_TEXT)
            ],
        )
        return len(ids)


def _mail(row: Row, copies: Iterable[Row], most: int) -> StoredMail:
    places = tuple(dict.fromkeys(_COPY.read(copy) for copy in copies))
    mail = Mail(_MESSAGE.read(row, copies=places), _VERDICT.read(row))
    cut = most < _TEXT and most in (len(row["own_words"]), len(row["rest"]))
    return StoredMail(row["id"], row["case_id"], mail, bool(row["forgotten"]), cut)


def _received_at(message: Message) -> datetime | None:
    """Return the earliest time at which a server had it, else the sender's claim: for reading and sorting."""
    times = [time for copy in message.copies for time in (copy.internaldate, copy.received) if time is not None]
    return min(times, default=message.date)


def _same_copy(olds: Iterable[Row], row: Row) -> int | None:
    """Return the copy that this one is, under the numbers (or without the name) that its folder had before."""
    for old in olds:
        known = (old["name"], old["uidvalidity"]) == (row["name"], row["uidvalidity"])
        if not known and old["name"] in ("", row["name"]) and _COPY.read(old) == _COPY.read(row):
            return int(old["id"])
    return None


def _wordless(row: Row, keys: Sequence[str]) -> str:
    """Return a message's facts without people's words, but with their fingerprint and the `keys` read from them."""
    from relaywatch.core.words.known import print_of  # noqa: PLC0415 - the lists read words and forget none

    plain: dict[str, Any] = from_json(row["facts"])
    plain["print"] = print_of(f"{row['own_words']}\n{row['rest']}")
    plain["forgotten"] = True
    plain["remembered"] = sorted(keys)
    for name in _WORDS:
        plain.pop(name, None)
    report: Mapping[str, Any] | None = plain.get("report")
    if report:  # which had a subject in databases of earlier versions
        plain["report"] = {name: value for name, value in report.items() if name != "original_subject"}
    return to_json(plain)
