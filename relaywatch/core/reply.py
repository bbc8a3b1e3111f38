"""Is this a reply, of quality, to everybody (policy Q1 to Q6)?

An Attempt is one message of the seller's, looked at for each party it could answer. It says what is wrong
with it for that party; a flawless one meets the party's deadlines.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from relaywatch.core.address import Parties, is_no_reply
from relaywatch.core.case import Code
from relaywatch.core.message import Class, Mail, Message
from relaywatch.core.outreach import forbidden
from relaywatch.core.rules import Rules, find_phrase, fold
from relaywatch.core.when import received_at, sent_at

SELLERS = frozenset({Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER, Class.INTERNAL})
_REPLY = re.compile(r"^(?:re|aw|sv|réf|réponse|答复|回复|回覆)\s?(?:\[\d+\])?\s?[:：]", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|bonjour|bonsoir|cher|chere)(?: [^ ]+){0,4}"
)
_SIGN_OFFS = frozenset(
    {
        *(
            "regards",
            "kind regards",
            "best regards",
            "warm regards",
            "best",
            "best wishes",
            "sincerely",
            "thanks",
        ),
        *("yours sincerely", "yours truly", "thank you", "many thanks", "cheers"),
        *("cordialement", "bien cordialement", "bien a vous", "salutations", "merci", "sincerement"),
        *("此致", "祝好", "敬礼", "谢谢"),
    }
)
_ENOUGH = 3  # words, or Chinese characters, that are about something
_LOOKED_AT = 2_000  # characters: who writes more has said something


def is_sellers(mail: Mail) -> bool:
    """Whether the seller wrote it: it lies in Sent, or it was found to be theirs elsewhere."""
    return mail.message.outgoing or mail.verdict.class_ in SELLERS


def substance(own_words: str, rules: Rules) -> int:
    """Return how many words deal with anything: those left without greetings, thanks and receipts."""
    text = fold(own_words[:_LOOKED_AT])
    fillers = {phrase for rule in rules.tables.get("filler", ()) for phrase in rule.phrases}
    for phrase in sorted(fillers, key=len, reverse=True):
        while (start := find_phrase(phrase, text)) >= 0:
            text = f"{text[:start]} | {text[start + len(phrase) :]}"
    chinese = len(_CHINESE.findall(text))
    words = sum(1 for word in _WORD.findall(_CHINESE.sub(" ", text)))
    return chinese + words


def is_thin(own_words: str, rules: Rules) -> bool:
    """Whether a person's words say too little to deal with a matter (policy Q1).

    The fullest line decides, not the sum of all: a signature's names do not add up to an answer.
    """
    if len(own_words) > _LOOKED_AT // 4:
        return False
    for line in own_words.splitlines():
        folded = fold(line).strip(" ,.!-:;，。！")
        if folded in _SIGN_OFFS:
            break
        if not _GREETING.fullmatch(folded) and substance(line, rules) >= _ENOUGH:
            return False
    return True


def audience(message: Message, parties: Parties) -> frozenset[str]:
    """Return whom Reply All to an agent's mail must reach: all on it but the seller's own and no-reply (policy Q3)."""
    everybody = (*(message.reply_to or (message.author,)), *message.to, *message.cc)
    return frozenset(
        address
        for address in everybody
        if address
        and not parties.is_seller(address)
        and not is_no_reply(address)
        and address not in parties.own
    )


@dataclass(frozen=True)
class Attempt:
    """One message of the seller's within a conversation."""

    mail: Mail
    answered: Mail | None  # the message that its In-Reply-To or References name, if it is here
    opened_at: datetime  # when the conversation's first message was received
    bounced: frozenset[str]  # recipients that it never reached (policy Q6)
    bounced_by: str | None  # the report's Message-ID
    canned: bool  # the same words went to many, moments after their messages
    thin: bool

    @property
    def message(self) -> Message:
        """The seller's message."""
        return self.mail.message

    @cached_property
    def at(self) -> datetime:
        """When it was sent: never before what it answers."""
        if self.answered is None:
            return sent_at(self.message, self.opened_at)
        received = received_at(self.answered.message)[0]
        return max(sent_at(self.message, received), received)

    @property
    def automatic(self) -> bool:
        """Whether no person wrote it for this matter (policy Q2)."""
        return self.mail.verdict.class_ is Class.AUTOMATIC or self.canned

    @property
    def is_reply(self) -> bool:
        """Whether it looks like an answer, not like a forward or a new message."""
        return bool(self.message.in_reply_to) or bool(_REPLY.match(self.message.subject.strip()))

    def is_forbidden(self, rules: Rules) -> bool:
        """Whether it is a message of the seller's own making that may never go to a customer (policy O2)."""
        return (
            self.mail.verdict.class_ is Class.SELLER_OUTREACH and forbidden(self.message, rules) is not None
        )

    def reached(self) -> frozenset[str]:
        """Everybody whom it was sent to and who got it."""
        return frozenset(self.message.recipients) - self.bounced

    def flaws_for_customer(
        self, relays: frozenset[str], parties: Parties
    ) -> dict[Code, dict[str, object]] | None:
        """Return what keeps it from answering a customer ({}: nothing); None where it does not try to.

        `relays`: the relay addresses that the customer wrote from; empty where only Walmart wrote so far.
        """
        recipients = self.message.recipients
        there = {address for address in recipients if parties.is_relay(address)}
        if not there:
            return self._flaws_around_the_relay(parties)
        if relays and not there & relays:
            return None
        there = there & relays or there
        if self.automatic:
            return {Code.AUTOMATIC_REPLY: {"rule": self.mail.verdict.rule}}
        flaws: dict[Code, dict[str, object]] = {}
        if not parties.is_registered(self.message.author):  # policy Q5
            flaws[Code.UNREGISTERED_SENDER] = {"sender": self.message.author}
        if self.thin:
            flaws[Code.THIN_REPLY] = {}
        if there <= self.bounced:  # policy Q6
            flaws[Code.BOUNCED_REPLY] = self._bounce()
        return flaws

    def _flaws_around_the_relay(self, parties: Parties) -> dict[Code, dict[str, object]] | None:
        """Policy Q5: an answer to the customer's own address, which Walmart does not see."""
        outside = [
            address
            for address in self.message.recipients
            if not parties.is_seller(address) and not parties.is_walmart(address) and not is_no_reply(address)
        ]
        to_customer = self.answered is None or self.answered.verdict.class_ is Class.CUSTOMER
        if not outside or not self.is_reply or not to_customer:
            return None
        if self.automatic:
            return {Code.AUTOMATIC_REPLY: {"rule": self.mail.verdict.rule}}
        return {Code.OUTSIDE_RELAY: {"recipients": outside}}

    def flaws_for_agent(self, asked: Message, parties: Parties) -> dict[Code, dict[str, object]] | None:
        """Return what keeps it from answering an agent's mail ({}: nothing); None where it does not try to."""
        wanted = audience(asked, parties)
        there = wanted & frozenset(self.message.recipients)
        if not there:
            return None
        if self.automatic:
            return {Code.AUTOMATIC_REPLY: {"rule": self.mail.verdict.rule}}
        flaws: dict[Code, dict[str, object]] = {}
        if self.thin:
            flaws[Code.THIN_REPLY] = {}
        if there & self.bounced:
            flaws[Code.BOUNCED_REPLY] = self._bounce()
        missing = wanted - self.reached()
        if missing and not there <= self.bounced:  # policy Q3; a recipient whose copy bounced is missing
            flaws[Code.REPLY_ALL_MISSING] = {"missing": sorted(missing)}
        return flaws

    def _bounce(self) -> dict[str, object]:
        return {"recipients": sorted(self.bounced), "bounce": self.bounced_by}


def bounces_of(mails: Iterable[Mail]) -> Mapping[str, tuple[frozenset[str], str | None]]:
    """Return, by Message.key of the seller's message, which recipients bounced and the report that said so.

    A report is matched by the original's Message-ID, else by recipient and time: the latest message sent to a
    failed recipient before the report came (policy Q6).
    """
    mails = tuple(mails)
    sent = sorted((mail for mail in mails if is_sellers(mail)), key=lambda mail: received_at(mail.message)[0])
    found: dict[str, tuple[frozenset[str], str | None]] = {}
    for report in mails:
        if report.verdict.class_ is not Class.BOUNCE:
            continue
        original = _original_of(report, sent)
        if original is None:
            continue
        recipients = frozenset(original.message.recipients)
        # Recipients under names that the seller never wrote to (an alias behind one): in doubt, all of them.
        failed = recipients & frozenset(report.verdict.failed) or recipients
        before, first = found.get(original.message.key, (frozenset(), report.message.message_id))
        found[original.message.key] = (before | failed, first)
    return found


def _original_of(report: Mail, sent: Iterable[Mail]) -> Mail | None:
    named = {id_ for id_ in (report.verdict.original_id, *report.message.ancestors) if id_}
    reported_at = received_at(report.message)[0]
    failed = frozenset(report.verdict.failed)
    latest = None
    for mail in sent:
        if mail.message.message_id in named:
            return mail
        if failed & frozenset(mail.message.recipients) and sent_at(mail.message, None) <= reported_at:
            latest = mail
    return latest
