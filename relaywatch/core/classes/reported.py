"""Whether a mail is itself a mail system's report, rather than one that holds a report or speaks of it.

A report of this mail is its outermost part, `multipart/report` (RFC 6522 3; so RFC 3464 2, RFC 8098 3, RFC 5965 2).
Old relays do without: there a mail system's name or path tells it, or an address that nobody reads and nothing else
than the text, the report's fields and what came back. What anybody puts beside their own words, or attaches, is what
they send on: it takes no clock away (policy Q2, Q6). Whose address a report is believed of is for classify.py.
"""

from dataclasses import replace

from relaywatch.core.language.rules import Rules, Texts
from relaywatch.core.mail.address import is_no_reply
from relaywatch.core.mail.message import DeliveryReport, Message
from relaywatch.core.mail.sender import name_and_address

_FORM = "multipart/report"
_FIELDS = ("feedback-report", "disposition-notification", "delivery-status")
_OF_A_NOTICE = ("text/", "message/", "multipart/")  # kinds of parts: no picture, no document
_MAIL_SYSTEM = "mailer-daemon"  # as a return path too, where a server writes no null path


def is_by_form(message: Message) -> bool:
    """Whether the whole mail has a report's form, which no mail program gives to what a person writes."""
    return message.structure[:1] != () and message.structure[0].startswith(_FORM)


def report_of(message: Message, rules: Rules) -> DeliveryReport | None:
    """Return what the mail itself reports, None where it only holds what another did, or a header that says so."""
    return message.report if _is_report(message, rules) else None


def fields_of(message: Message, rules: Rules) -> str:
    """Return the kind of fields that the mail reports in, such as `delivery-status`, "" where it is no report."""
    if not _is_report(message, rules):
        return ""
    structure = " ".join(message.structure)
    return next((kind for kind in _FIELDS if kind in structure), "")


def holds_report(message: Message) -> str:
    """Return what of a mail looks like a report, whether it is one or not, "" where nothing does."""
    kinds = (kind for kind in message.structure if kind.startswith(_FORM) or kind.endswith(_FIELDS))
    return next(kinds, "report" if message.report else "")


def without_report(message: Message) -> Message:
    """Return the mail as it is without the report that it holds: a person's, who sends one on."""
    kinds = (kind for kind in message.structure if not kind.startswith(_FORM) and not kind.endswith(_FIELDS))
    headers = tuple((name, value) for name, value in message.headers if name != "x-failed-recipients")
    return replace(message, structure=tuple(kinds), report=None, headers=headers)


def _is_report(message: Message, rules: Rules) -> bool:
    if is_by_form(message) or _is_of_mail_system(message, rules):
        return True
    return is_no_reply(message.author) and all(kind.startswith(_OF_A_NOTICE) for kind in message.structure)


def _is_of_mail_system(message: Message, rules: Rules) -> bool:
    """Whether a mail system sent it: by the null path (RFC 5321 4.5.5) or its name."""
    path = message.return_path
    if path is not None and (path == "" or path.startswith(_MAIL_SYSTEM)):
        return True
    return rules.first("bounce_sender", Texts(author=name_and_address(message))) is not None
