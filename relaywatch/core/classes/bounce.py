"""Whether a mail says that a message was not delivered, in any form (policy Q6).

A delivery report (RFC 3464) is believed as it stands, where the mail itself is one and does not only hold it
(core/classes/reported.py): failed is a bounce; delayed, relayed, delivered and expanded are none. Half of the bounces
are no such report; there, what is said in words must be said by a mail system, for people forward and quote bounces
too. What Walmart's relay refuses it may tell in plain words of its own (`read_refusal`): there the sender is what is
known. The words are data/bounce.toml, not_bounce.toml, refusal.toml.
"""

import re
from dataclasses import dataclass

from relaywatch.core.classes.reported import fields_of, report_of, without_report
from relaywatch.core.language.passages import without
from relaywatch.core.language.rules import Match, Rules, Texts
from relaywatch.core.language.subject import is_answer_or_forward, names_answer
from relaywatch.core.mail.address import Parties, is_no_reply
from relaywatch.core.mail.message import Delivery, Message

_NOTICE = 6_000  # characters in which a mail system says what happened; the original follows
_MOST_FAILED = 50
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers")
_OF_MAIL = re.compile(r"messag|repl(?:y|ies)|respons|answer|mail|courriel|r[ée]ponse|消息|邮件|回复|信", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w.+=@-])[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_ORIGINAL = re.compile(  # where the notice ends and the original begins
    r"^\s{0,4}(?:(?:return-path|received) ?:|\|?-{2,60} ?(?:this is a copy|original message|returned message|"
    r"below this line|forwarded message|mensaje original|message original|message d'origine|unsent message|"
    r"mensagem original|the header|message text follows|message header follows|start of returned message)|"
    r"original message headers|original message header|content-type: message/rfc822)",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(r"^[> \t|]{0,10}message-id[ \t]{0,5}:\s{0,10}(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_SYSTEM_NAMES = (
    "postmaster",
    "mailer-daemon",
    "abuse",
    "support",
    "helpdesk",
    "hostmaster",
    "noreply",
    "no-reply",
)


REFUSED_BY_WALMART = "not_delivered_by_walmart"  # the rule of a refusal in plain words
_PROBED = frozenset({"deliverable", "undeliverable"})  # Postfix: an address was asked about, no message was sent
_NO_FAILURE = frozenset({"delayed", "relayed", "delivered", "expanded", "deliverable"})
_LOST_UNREAD = ("deleted", "denied", "failed")  # what a receipt's program says of a message that nobody saw


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A message was not delivered: what shows it, to whom it did not go, and which it was."""

    evidence: tuple[str, ...]
    rule: str
    failed: tuple[str, ...]  # lower-case; empty where the mail does not say
    original_id: str | None
    reported: bool = False  # by a report's fields, which no person writes


def read_bounce(message: Message, rules: Rules) -> Bounce | None:
    """Return what failed if the mail is a bounce, None for everything else (delays and receipts too)."""
    if report_of(message, rules) is None and message.report is not None:
        message = without_report(message)
    found = _judge(message, rules)
    if found is None:
        return None
    rule, evidence = found
    return Bounce(
        evidence=evidence,
        rule=rule,
        failed=_failed(message),
        original_id=_original_id(message),
        reported=rule.startswith("dsn_") or _is_reported(message),
    )


def read_refusal(message: Message, parties: Parties, rules: Rules) -> Bounce | None:
    """Return what failed if a machine of Walmart's says in plain words that it did not pass a message on.

    It is for the caller to know that a machine wrote: a customer may say the same words of a parcel.
    """
    if not (is_about_ours(message) or parties.is_relay(message.author) or _OF_MAIL.search(message.text[:_NOTICE])):
        return None  # most notices: what follows is for few mails
    near_misses = rules.tables["refusal_near_miss"]
    plain = Texts(subject=message.subject, own_words=message.own_words[:_NOTICE])
    texts = Texts(*(without(plain.get(where), near_misses) for where in ("subject", "own_words")))
    if not rules.first("bounce_final", plain) and rules.first("not_bounce", plain):
        return None
    of_relay = parties.is_relay(message.author)
    evidence = _refused(message, texts, of_relay=of_relay, rules=rules)
    if evidence is None:
        return None
    named = (found.lower().rstrip(".") for found in _ADDRESS.findall(_notice(message.text)))
    failed = dict.fromkeys(one for one in named if parties.is_walmart(one) and not is_no_reply(one))
    return Bounce(
        evidence=(f"{message.author}: {evidence}",),
        rule=REFUSED_BY_WALMART,
        failed=tuple(one for one in failed if one not in (message.author, *message.recipients))[:_MOST_FAILED],
        original_id=_original_id(message),
    )


def _refused(message: Message, texts: Texts, *, of_relay: bool, rules: Rules) -> str | None:
    """Return what shows a refusal: what was said of the message, why none gets through, or that nothing else is said.

    The relay writes to sellers of their messages and little else. So what it says of one, or answers to one, and
    that is not that it went through, is taken for a refusal: a reply wrongly held for received costs more.
    """
    said = rules.first("refusal", texts)
    ours = is_about_ours(message)
    if said is None and (ours or of_relay):
        reasons = rules.all("refusal_reason", texts)
        said = next((match for match in reasons if ours or not match.rule.result), None)
        said = said or (rules.first("bounce_subject", texts) if ours else None)
    if said is not None:
        return said.evidence
    spoken_of = rules.first("refusal_ours", texts)
    if not of_relay or not (ours or spoken_of) or rules.first("refusal_delivered", texts):
        return None
    return spoken_of.evidence if spoken_of else "answers a message, and does not say that it went through"


def is_about_ours(message: Message) -> bool:
    """Whether a machine's mail answers one (RFC 3834 5), or has an answer's subject in its own."""
    submitted = next(iter(message.header("auto-submitted")), "").strip().lower()
    if message.ancestors or submitted.startswith("auto-replied"):
        return True
    return names_answer(message.subject)


def _is_reported(message: Message) -> bool:
    deliveries = message.report.deliveries if message.report else ()
    return any(d.action == "failed" or d.status.startswith("5.") for d in deliveries)


def _judge(message: Message, rules: Rules) -> tuple[str, tuple[str, ...]] | None:
    """Return the rule and what shows it: first by the report, then by words."""
    fields = fields_of(message, rules)
    if fields == "feedback-report":
        return None
    actions = {delivery.action for delivery in message.report.deliveries} if message.report else set()
    if fields == "disposition-notification" and "delivery-status" not in " ".join(message.structure):
        return _unread(message, actions, rules)
    if "failed" in actions:
        return "dsn_failed", (_said_of(message),)
    if actions & _NO_FAILURE or (actions and actions <= _PROBED):
        return None
    by_words = _by_words(message, rules)
    if by_words is None and message.report and any(d.status.startswith("5.") for d in message.report.deliveries):
        return "dsn_status", (_said_of(message),)
    return by_words


def _unread(message: Message, actions: set[str], rules: Rules) -> tuple[str, tuple[str, ...]] | None:
    """Tell a refusal that comes as a receipt (RFC 8098 3.2.6): a program did away with a message that nobody saw.

    A mailbox that is tidied up sends `deleted` too, and says that its owner did not read it: no refusal.
    """
    lost = next((action for action in sorted(actions) if action.startswith(_LOST_UNREAD)), None)
    if lost is None:
        return None
    texts = Texts(subject=message.subject, own_words=_notice(message.text))
    refused = rules.first("bounce_text", texts) or rules.first("bounce_hint", texts)
    told = refused or rules.first("refusal", texts)
    if rules.first("unread_receipt", texts) or (told is None and lost.startswith("denied")):
        return None
    return "dsn_disposition", tuple(filter(None, (f"Disposition: {lost}", told.evidence if told else "")))


def _said_of(message: Message) -> str:
    deliveries = message.report.deliveries if message.report else ()
    said = [d for d in deliveries if d.action == "failed"] or list(deliveries)
    return f"Action: failed {said[0].recipient} {said[0].status}".rstrip() if said else "delivery-status"


def _by_words(message: Message, rules: Rules) -> tuple[str, tuple[str, ...]] | None:
    author = f"{message.author_name} <{message.author}>"
    sender = rules.first("bounce_sender", Texts(author=author))
    answered = is_answer_or_forward(message.subject)
    machine = sender is not None or _is_machine(message)
    # a person's own words only: what they quote is another's. Of a machine the whole notice.
    text = _notice(message.text) if machine else message.own_words[:_NOTICE]
    texts = Texts(subject=message.subject, own_words=text)
    notice = rules.first("bounce_notice", texts)
    if notice and (machine or is_no_reply(message.author)):
        return notice.rule.name, (notice.evidence,)
    if not rules.first("bounce_final", texts) and rules.first("not_bounce", texts):
        return None
    said = rules.first("bounce_text", texts)
    subject = rules.first("bounce_subject", texts)
    hint = rules.first("bounce_hint", texts)
    if sender:
        enough = said or subject or hint or _says_no(texts, rules)
    elif rules.first("not_mail", texts):
        enough = None
    elif answered:  # mail systems answer too; a person's mail has a path back
        enough = said if machine and hint else None
    elif machine:
        enough = said or (subject if hint else None)
    else:
        returned = any(part.startswith(_RETURNED) for part in message.structure)
        enough = said if subject and (hint or returned or not message.author) else None
    if enough is None:
        return None
    shown = (match.evidence for match in (sender, subject, said or hint or enough) if match)
    return enough.rule.name, tuple(dict.fromkeys(shown))


def _says_no(texts: Texts, rules: Rules) -> Match | None:
    """Return what a mail system says of a message of ours that has a no in it, in whatever words, for good."""
    if rules.first("refusal_later", texts) or not rules.first("refusal_ours", texts):
        return None
    return rules.first("refusal_reason", texts)


def _is_machine(message: Message) -> bool:
    """Whether a header or the structure says that no person sent it (RFC 3834 2, RFC 5321 4.5.5)."""
    submitted = next(iter(message.header("auto-submitted")), "no").strip().lower()
    return (
        message.return_path == ""
        or not submitted.startswith(("no", "auto-forwarded"))  # what a rule sends on, a person wrote
        or any(part.startswith("multipart/report") for part in message.structure)
        or bool(message.header("x-failed-recipients"))
    )


def _notice(text: str) -> str:
    """Return what the mail system itself says, without the original that it returns."""
    text = text[:_NOTICE]
    original = _ORIGINAL.search(text)
    return text[: original.start()] if original and text[: original.start()].strip() else text


def _failed(message: Message) -> tuple[str, ...]:
    """Return who did not get it: by the report, else by the addresses that the notice names."""
    deliveries = message.report.deliveries if message.report else ()
    by_report = [d.recipient for d in deliveries if d.recipient and _is_lost(d)]
    if by_report:
        return tuple(dict.fromkeys(by_report))[:_MOST_FAILED]
    not_them = {message.author, *message.to, *message.delivered_to}
    named = [
        address
        for address in dict.fromkeys(found.lower().rstrip(".") for found in _ADDRESS.findall(_notice(message.text)))
        if address not in not_them and not address.startswith(_SYSTEM_NAMES)
    ]
    original_to = message.report.original_to if message.report else ()
    known = [address for address in named if address in original_to]
    if known or len(original_to) == 1:
        return tuple(known or original_to)[:_MOST_FAILED]
    return tuple(named)[:_MOST_FAILED]


def _is_lost(delivery: Delivery) -> bool:
    if not delivery.action:
        return delivery.status.startswith("5")
    return delivery.action.startswith(_LOST_UNREAD)


def _original_id(message: Message) -> str | None:
    """Return the Message-ID of what failed: by the report, the returned headers, or what the mail answers."""
    if message.report and message.report.original_id:
        return message.report.original_id
    inline = _MESSAGE_ID.search(message.text)
    if inline:
        return inline[1]
    named = [value.strip() for value in message.header("x-original-message-id") if value.startswith("<")]
    return next(iter((*named, *message.in_reply_to, *reversed(message.references))), None)
