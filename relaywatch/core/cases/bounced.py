"""Which of the seller's messages bounced, and for whom, as reports say (policy Q6)."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from operator import itemgetter

from relaywatch.core.classes.bounce import REFUSED_BY_WALMART
from relaywatch.core.classes.whose import is_leaf, is_sellers, is_unproved
from relaywatch.core.language.rules import fold
from relaywatch.core.mail.address import domain
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.mail.when import received_at, sent_at

_SKEW = timedelta(minutes=15)  # between the clocks of two servers


def bounces_of(mails: Iterable[Mail]) -> Mapping[str, tuple[frozenset[str], str | None]]:
    """Return, by Message.key of the seller's message, which recipients bounced and the report that said so.

    A report is matched by the original's Message-ID, else by recipient and time: the latest message sent to a
    failed recipient before the report came (policy Q6). A relay's refusal that names neither is of the latest
    message that went through it, rather of one whose subject it bears.

    A report that is surely forged, or surely of a message of somebody else's, is of none. What cannot be told from
    a genuine one counts, for a false alarm costs less than a reply wrongly held for received: few reports are
    authenticated, servers rewrite Message-IDs, and recipients stand behind aliases.
    """
    mails = tuple(mails)
    reports = [mail for mail in mails if mail.verdict.class_ is Class.BOUNCE and not is_unproved(mail)]
    if not reports:
        return {}
    others = {mail.message.message_id for mail in mails if not is_sellers(mail) and not is_leaf(mail)}
    sent = _SentMail((mail.message for mail in mails if is_sellers(mail)), others - {None})
    found: dict[str, tuple[frozenset[str], str | None]] = {}
    for report in sorted(reports, key=lambda mail: (received_at(mail.message)[0], mail.message.key)):
        original = sent.original_of(report)
        if original is None:
            continue
        recipients = frozenset(original.recipients)
        # Recipients under names that the seller never wrote to (an alias behind one): in doubt, all of them.
        failed = recipients & frozenset(report.verdict.failed) or recipients
        before, first = found.get(original.key, (frozenset(), report.message.message_id))
        found[original.key] = (before | failed, first)
    return found


class _SentMail:
    """What the seller sent, to be found by Message-ID, or by recipient and time."""

    def __init__(self, messages: Iterable[Message], others: Collection[str | None]) -> None:
        """Take the seller's messages, and the ids of what others wrote."""
        self._others = others
        self._by_id: dict[str, Message] = {}
        self._by_recipient: dict[str, list[tuple[datetime, str, Message]]] = defaultdict(list)
        self._timed = sorted(
            ((sent_at(message, None), message.key, message) for message in messages), key=itemgetter(0, 1)
        )
        for entry in self._timed:
            message = entry[2]
            if message.message_id:
                self._by_id.setdefault(message.message_id, message)
            for address in message.recipients:
                self._by_recipient[address].append(entry)

    def original_of(self, report: Mail) -> Message | None:
        stated = report.message.report.original_id if report.message.report else None
        # An id of the seller's stays theirs: whoever bears it as well, by a guess, must not hide the report.
        if stated in self._others and stated not in self._by_id:
            return None
        for id_ in (report.verdict.original_id, *report.message.ancestors):
            if id_ in self._by_id:
                return self._by_id[id_]
        reported_at = received_at(report.message)[0]
        found = self._latest(report, reported_at) or self._latest(report, reported_at + _SKEW)
        if found is None and not report.verdict.failed and report.verdict.rule == REFUSED_BY_WALMART:
            found = self._latest_through(report.message, reported_at + _SKEW)
        return found

    def _latest_through(self, report: Message, until: datetime) -> Message | None:
        """Return the latest message that went through the host that refuses one, if possible of that subject."""
        host = domain(report.author)
        before = [message for at, _, message in self._timed if at <= until]
        sent = [one for one in before if any(domain(address) == host for address in one.recipients)] or before
        named = [message for message in sent if fold(message.subject) and fold(message.subject) in fold(report.subject)]
        return next(reversed(named or sent), None)

    def _latest(self, report: Mail, until: datetime) -> Message | None:
        latest: tuple[datetime, str, Message] | None = None
        for address in report.verdict.failed:
            entries = self._by_recipient.get(address, ())
            position = bisect_right(entries, until, key=itemgetter(0))
            if position and (latest is None or entries[position - 1][:2] > latest[:2]):
                latest = entries[position - 1]
        return latest[2] if latest else None
