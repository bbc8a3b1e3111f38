"""What a mail server's refusal is about: this recipient, this message, or us.

A warning may be given up only where the server says that this mailbox does not exist, and only for that recipient.
All else will be mended: a sender or a name that is not allowed, a limit that is reached, a policy, a full mailbox,
greylisting. Where an answer leaves it open, it is not final (design: A refusal is about the recipient only when it is).
"""

import re
from dataclasses import dataclass
from enum import Enum, auto

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"\S+@\S+")
_NO_SUCH_MAILBOX = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10)})  # RFC 3463 3.2, RFC 7505 3
_SENDERS = frozenset({(1, 7), (1, 8)})  # RFC 3463 3.2: the sender's address, the sender's system
_LIMITS = frozenset({(1, 90), (4, 5), (5, 3), (7, 28)})  # RFC 3463 3.5, 3.6; Gmail's and Microsoft's own
_OF_THE_MAILBOX = _NO_SUCH_MAILBOX | {(2, 1), (2, 2), (2, 3), (3, 4)}  # its own limits, or a message's size
_LIMIT_WORDS = re.compile(
    r"quota|\blimit|too (?:many|much|fast|quick|often)|throttl|exceed|frequen|\brates?\b|unusual sending"
    r"|max(?:imum)? (?:credits|number)|频率|超过|超出|限制"
)
_SIZE_WORDS = re.compile(r"\bsize\b|too (?:large|big)|mailbox|storage|over quota|inbox")
_CONTENT_WORDS = re.compile(  # what scores, links and scanners are said of is one message, whatever limit they speak of
    r"spam|scor(?:e[ds]?|ing)\b|content|\bbody\b|\blinks?\b|\burls?\b|virus|malware|phish|suspicious|unsolicited"
    r"|attachment|垃圾|内容|病毒|链接|附件"
)
_CHOSEN_WORDS = re.compile(r"\burls?\b|\blinks?\b|\battachments?\b")  # of what whoever wrote the text chose
_HELLO_WORDS = re.compile(r"\b(?:helo|ehlo)\b")
_NO_SUCH_PARAMETER = 504
_SERVICE_ENDS = 421  # RFC 5321 4.2.3: the server's word on itself
_REFUSED = 500


class SendStage(Enum):
    """How far a send had come."""

    SESSION = auto()  # connecting, greeting, TLS, login
    SENDER = auto()
    RECIPIENT = auto()
    MESSAGE = auto()


class Whom(Enum):
    """What a refusal is about."""

    US = auto()  # the server, the network, our set-up, our quota: every warning waits for it
    RECIPIENT = auto()
    MESSAGE = auto()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a reply says. `final`: no such mailbox; `limit`: more than we may send; `hello`: our name is refused.

    `sure`: an enhanced code says of a limit that it is one, and not words, which a reply may have from the mail.
    """

    about: Whom
    final: bool = False
    limit: bool = False
    hello: bool = False
    sure: bool = False


def understand(code: int, text: str, stage: SendStage, *, sender: str = "", recipient: str = "") -> Refusal:
    """Judge a reply of 4yz or 5yz (RFC 5321 4.2, RFC 3463) by where it came and what it says.

    Postfix and others answer at RCPT for what they hold against the client, its name and the sender
    (`smtpd_delay_reject`), so that the place alone tells nothing.
    """
    detail = _detail(code, text)
    words = _ADDRESS.sub(" ", text.lower())
    if stage is SendStage.MESSAGE and detail not in _LIMITS and code != _SERVICE_ENDS and _CONTENT_WORDS.search(words):
        return Refusal(Whom.MESSAGE)
    if _is_limit(detail, words):
        return Refusal(Whom.US, limit=True, sure=detail in _LIMITS and not _CHOSEN_WORDS.search(words))
    early = stage in (SendStage.SESSION, SendStage.SENDER)
    if _HELLO_WORDS.search(words) or (code == _NO_SUCH_PARAMETER and stage is not SendStage.SESSION):
        return Refusal(Whom.US, hello=True)
    if early or code == _SERVICE_ENDS or detail in _SENDERS or _names_sender(text, words, sender, recipient):
        return Refusal(Whom.US)
    if stage is SendStage.MESSAGE:
        return Refusal(Whom.MESSAGE)
    return Refusal(Whom.RECIPIENT, final=code >= _REFUSED and detail in _NO_SUCH_MAILBOX)


def _detail(code: int, text: str) -> tuple[int, int] | None:
    """Return subject and detail of the enhanced code, wherever in the text it stands (qmail: at the end)."""
    found = next((found for found in _ENHANCED.finditer(text) if int(found[1]) == code // 100), None)
    return (int(found[2]), int(found[3])) if found else None


def _is_limit(detail: tuple[int, int] | None, words: str) -> bool:
    if detail in _LIMITS:
        return True
    return detail not in _OF_THE_MAILBOX and bool(_LIMIT_WORDS.search(words)) and not _SIZE_WORDS.search(words)


def _names_sender(text: str, words: str, sender: str, recipient: str) -> bool:
    """Whether a reply speaks of the sender, by the address or, where the recipient's is not named, by the word."""
    text, sender, recipient = text.lower(), sender.lower(), recipient.lower()
    if sender and sender != recipient and sender in text:
        return True
    return "sender" in words and not (recipient and recipient in text)
