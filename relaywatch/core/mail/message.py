"""Message: what is kept of a mail, which is what judging needs and no more.

Every field is plain data, already bounded by whoever read the mail. Addresses are lower-case and bare
(`a@b.example`), message ids stand in `<>`, texts are decoded. What could not be read is empty, and
`damage` says why: a mail that cannot be parsed is still a message.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter


class Role(StrEnum):
    """What a mailbox is registered for (interface: [[mailbox]])."""

    CARE = "care"
    COMPLAINT = "complaint"
    SENT = "sent"


class Folder(StrEnum):
    """What a folder is for, whatever its name on the server."""

    INBOX = "inbox"
    SENT = "sent"
    JUNK = "junk"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """One folder of a mailbox: what it is for, and its name on the server, of which several may be for the same."""

    folder: Folder
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One place where the message lies. The same mail in two folders is one message with two copies."""

    mailbox: str
    role: Role
    folder: Folder
    internaldate: datetime | None = None  # None: a file has none
    received: datetime | None = None
    """Time of the top `Received` line, where its `by` host is the seller's own or the mail is a file."""
    proof: int | None = field(default=None, compare=False)
    """How well this copy was proved (authentic.Proof), None where nobody is asked for that."""

    @property
    def outgoing(self) -> bool:
        """Whether what lies here was sent by the seller (glossary: outgoing)."""
        return self.folder is Folder.SENT or self.role is Role.SENT


_IS_OUTGOING = attrgetter("outgoing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a delivery report says of one recipient (RFC 3464 2.3), or what a bounce's words say of it."""

    recipient: str
    action: str
    """failed | delayed | delivered | relayed | expanded, or what a receipt's program did (RFC 8098: displayed,
    deleted/error), lower-case; "" where nothing says."""
    status: str = ""  # RFC 3463, such as "5.1.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What a mail system's report is about: the original message and the fate of its recipients."""

    deliveries: tuple[Delivery, ...] = ()
    original_id: str | None = None
    original_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadAttachment:
    """An attachment whose text is not known: what it is called, of what kind it is, and why it is not known."""

    name: str  # "" where it has none
    kind: str  # its content type, lower-case
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail, as the core sees it. See the module's text for what its fields have in common."""

    account: str
    copies: tuple[Copy, ...]
    message_id: str | None
    digest: str  # hex SHA-256 of From, Subject and body
    date: datetime | None = None  # the sender's claim
    subject: str = ""
    author: str = ""  # From, the first address
    author_name: str = ""
    from_: tuple[str, ...] = ()  # the addresses of all From lines, each once
    sender: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    return_path: str | None = None  # "" is the null path <>, None: no such header
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers that tell automatic mail and authenticity, lower-case names, in the mail's order."""
    structure: tuple[str, ...] = ()
    """Content types of the parts in order, parameters that matter kept: `multipart/report; report-type=…`.

    Those of its own parts: what stands within an attached message is another mail's."""
    attachments: tuple[str, ...] = ()
    attached: str = ""  # what the attachments say; of Walmart's mail only (policy C4), as is the next
    unread: tuple[UnreadAttachment, ...] = ()
    own_words: str = ""  # the author's words: without quote, signature and boilerplate
    rest: str = ""  # what `own_words` leaves out of the text
    layout: tuple[int, ...] = ()  # how the lines of the two alternate in the text: see words.Split
    elsewhere: bool = False  # another version or part of the mail, or what it hides, says words that its text does not
    print: str = ""  # of a forgotten message: the fingerprint of its text (known.print_of), which says no words
    report: DeliveryReport | None = None
    size: int = 0
    damage: str = ""
    forgotten: bool = False  # its words were removed after a time: that they are missing says nothing
    remembered: tuple[str, ...] = ()
    """Of a forgotten message: the keys (naming.py) that were read from its words, so that its case stays whole."""

    @property
    def key(self) -> str:
        """Identity within an account: the same Message-ID *and* the same digest are the same mail."""
        return f"{self.message_id or ''}#{self.digest[:16]}"

    @property
    def outgoing(self) -> bool:
        """Whether the seller sent it, as far as the folders show."""
        return any(map(_IS_OUTGOING, self.copies))  # without a generator: it is asked a dozen times for each mail

    @property
    def arrived(self) -> bool:
        """Whether it came to a `sent` mailbox by mail, as anybody's may: only who can log in puts one into Sent."""
        filed = any(copy.folder is Folder.SENT for copy in self.copies)
        return not filed and any(copy.role is Role.SENT for copy in self.copies)

    @property
    def believed(self) -> tuple[Copy, ...]:
        """The copies that are proved best: whoever got a mail can return it to another of the seller's addresses."""
        best = max((copy.proof for copy in self.copies if copy.proof is not None), default=None)
        return tuple(copy for copy in self.copies if copy.proof is None or copy.proof == best)

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody it was addressed to, in order, each once."""
        return tuple(dict.fromkeys((*self.to, *self.cc, *self.bcc)))

    @property
    def ancestors(self) -> tuple[str, ...]:
        """Message ids that it answers or continues (RFC 5322 3.6.4), each once."""
        return tuple(dict.fromkeys((*self.in_reply_to, *self.references)))

    @property
    def text(self) -> str:
        """The whole text: own words first, then what was set aside."""
        return f"{self.own_words}\n{self.rest}" if self.rest else self.own_words

    def header(self, name: str) -> tuple[str, ...]:
        """All values of a kept header, topmost first; `name` in lower case."""
        return tuple(value for key, value in self.headers if key == name)

    def with_copies(self, copies: tuple[Copy, ...]) -> "Message":
        """Return the same message, lying elsewhere too."""
        return replace(self, copies=tuple(dict.fromkeys((*self.copies, *copies))))


class Class(StrEnum):
    """What a message is (interface: Kinds and classes)."""

    CUSTOMER = "customer"
    WALMART_AGENT = "walmart_agent"
    COMPLAINT = "complaint"
    CONSUMER_PROTECTION = "consumer_protection"
    SELLER_REPLY = "seller_reply"
    SELLER_OUTREACH = "seller_outreach"
    HANDOVER = "handover"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    WALMART_NOTICE = "walmart_notice"
    INTERNAL = "internal"
    OWN = "own"
    OTHER = "other"


class Topic(StrEnum):
    """A matter that must be handed over (policy H1, H2)."""

    PICKUP = "pickup"
    STORE_RETURN = "store_return"
    NOT_RECEIVED = "not_received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a message was found to be, by which rule, and what in it showed that."""

    class_: Class
    rule: str  # the deciding rule's name, as in data/ or the code, e.g. "relay_sender"
    evidence: tuple[str, ...] = ()  # short quotations and facts, for a person to read
    topics: tuple[Topic, ...] = ()
    unauthenticated: str = ""  # why it is not believed to be from whom it says, "" where nothing speaks against it
    failed: tuple[str, ...] = ()  # of a bounce: the recipients that it did not reach
    original_id: str | None = None  # of a bounce: the Message-ID of what was not delivered


@dataclass(frozen=True, slots=True)
class Mail:
    """A message together with what it was found to be: what conversations are made of."""

    message: Message
    verdict: Verdict = field(compare=False)
