"""What the seller's own texts teach: fingerprints, to whom and how soon each went out, and which go to everybody.

Fingerprints say no words, yet they go when the words of their messages go (interface: `keep`).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from relaywatch.core.learned import Learned, is_canned
from relaywatch.store.codec import clean, time_to_text
from relaywatch.store.connection import Connection


class Text(NamedTuple):
    """What the seller wrote in one message, by its row. `counterparty` None: it answers no customer."""

    message: int
    fingerprint: str
    counterparty: str | None = None
    quick: bool | None = None


class Texts:
    """The part of the store that knows texts. Everything that writes demands `Store.transaction()`."""

    _db: Connection

    def save_texts(self, account: str, texts: Iterable[Text], message_rows: Collection[int]) -> set[str]:
        """Replace the texts of these messages; return the fingerprints of those that are not as they were."""
        before = {
            Text(row["message"], row["fingerprint"], row["counterparty"], _flag(row["quick"]))
            for row in self._db.rows_in("texts_of_messages", message_rows)
        }
        now = {text._replace(counterparty=_cleaned(text.counterparty)) for text in texts}
        self._db.write_in("delete_texts", [text.message for text in before - now])
        self._db.write_many("insert_text", [{"account": account, **text._asdict()} for text in now - before])
        return {text.fingerprint for text in before ^ now}

    def learn_texts(self, account: str, fingerprints: Iterable[str]) -> set[str]:
        """Learn again which of these go to everybody; return those of which something else was known before."""
        listed = set(fingerprints)
        counts: dict[tuple[str, bool | None], int] = {
            (row["fingerprint"], _flag(row["quick"])): row["customers"]
            for row in self._db.rows_in("customers_of_texts", listed, account=account)
        }
        now = {text for text in listed if is_canned(counts.get((text, True), 0), counts.get((text, False), 0))}
        before = self.learned(account).canned & listed
        for name, changed in (("insert_canned", now - before), ("delete_canned", before - now)):
            self._db.write_many(name, [{"account": account, "fingerprint": text} for text in sorted(changed)])
        return now ^ before

    def learned(self, account: str) -> Learned:
        """Return what was learned of an account's texts so far."""
        return Learned(frozenset(row["fingerprint"] for row in self._db.rows("canned", account=account)))

    def look_again_at_texts(self, account: str, fingerprints: Collection[str], now: datetime) -> None:
        """Have every case that holds one of these texts judged again by the next sweep."""
        self._db.write_in("look_again_at_texts", fingerprints, account=account, now=time_to_text(now))

    def forget_texts(self, message_rows: Collection[int]) -> None:
        """Forget the texts of messages, and what was learned of those that no message has any more."""
        self._db.write_in("forget_texts", message_rows)
        if message_rows:
            self._db.write("forget_canned")


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)
