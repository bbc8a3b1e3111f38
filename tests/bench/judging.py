"""What judging costs for a message, as a ratio to the standard library's whole parse of the same mail in the same run.

Run: `python tests/bench/judging.py [CONVERSATIONS]`. The conversations are a shop's, of 2 to 8 messages: customers'
forms, as text and as HTML, agents' mail, replies that quote what they answer above or below a signature of ten lines.
Measured are
- the whole way of a message: it is read, classified, and its conversation judged as far as it has come,
- the first judging of a conversation whose messages the process has not met before, and
- its judging again, as a sweep over all open cases does, with other objects, as they come out of the database.
What the shop's mail teaches is known. Milliseconds are the machine's; the ratios are what may be compared.
"""

import email
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from relaywatch.config import load_rules
from relaywatch.core.cases.case import Conversation
from relaywatch.core.cases.judge import Basis, judge
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Copy, Folder, Mail, Role
from relaywatch.core.policy import Policy
from relaywatch.core.replies.learned import learned_of
from relaywatch.pipeline.reading import RawMail, read

CONVERSATIONS, ROUNDS = 300, 5
SWEEPS = 3
START = datetime(2026, 11, 2, 14, tzinfo=UTC)
NOW = START + timedelta(days=300)
CARE = "care@shop.example"
PARTIES = Parties(registered=frozenset({CARE}), internal=frozenset({"boss@shop.example"}))
OWN_HOSTS = frozenset({"shop.example"})
WRITERS = ("Mei Lin", "Alex Tremblay", "Sam Okafor")
NAMES = ("Jordan", "Priya", "Luc", "Hannah", "Wei", "Tomasz", "Amélie", "Dale", "Noor", "Grace", "Étienne", "Carla")
ASKED = (
    "My {item} arrived with a chip along the rim and the box was wet on one side.",
    "I ordered two of them, but only one was in the parcel that came on {day}.",
    "Could you tell me whether the glaze of the {item} is safe for the dishwasher?",
    "The handle came off after I had washed it once, by hand, in warm water.",
    "I would like to send it back, or to have another one, whichever is quicker for you.",
    "It is a present for my sister, whose birthday is on the {n}th.",
    "J'aimerais aussi savoir si le même modèle existe en vert, s'il vous plaît.",
    "Nobody has answered what I wrote last week, and I am getting a little worried.",
    "The colour in the picture is much lighter than that of the one that I got.",
    "The tracking page has said the same thing since {day}, number 1Z999AA1{n:08}.",
    "My neighbour at number {n} says that a van stopped here but left nothing.",
    "Please also tell me what the return to your shop would cost me.",
)
ANSWERED = (
    "I am sorry that the {item} arrived like this, and thank you for the photos.",
    "A replacement left our studio this morning with Canada Post, tracking number 73{n:012}.",
    "You can keep the chipped one, we do not need it back.",
    "The second one travels in a parcel of its own and should be with you on {day}.",
    "Yes, the glaze is safe for the dishwasher up to 65 degrees; the wooden lid is not.",
    "We have refunded ${n}.50 to the card that you paid with, which takes three to five days to show.",
    "Nous avons aussi le {item} en vert, au même prix.",
    "If you would rather return it, I can send you a label by mail, which costs you nothing.",
    "I have asked the carrier to look for the parcel and will write to you again on {day}.",
)
REQUESTS = (
    "Our customer has contacted us about order 6000{n:011} and says that nobody has replied.",
    "Please contact the customer and let us know how this will be resolved.",
    "The customer would like a refund of ${n}.20 or a replacement of the {item}.",
    "Kindly confirm by {day} what was offered, and copy everybody on this mail.",
)
ITEMS = ("stoneware mug, blue", "serving bowl", "teapot with wooden lid", "set of four plates", "candle holder")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SIGNATURE = (
    "{who}\nCustomer Care\nBlue Kiln Ceramics Inc.\n1250 Main Street, Unit 4, Hamilton, ON L8M 1N7\n"
    "Tel. 905-555-0142 | Fax 905-555-0143\ncare@shop.example | www.blue-kiln.example\n"
    "Monday to Friday, 9 am to 5 pm Eastern\nFollow us for news from the studio: www.blue-kiln.example/news\n"
    "Please think of the forest before you print this message.\n"
    "This message is meant for the person named above only and may be confidential."
)
RECEIPT = "Thank you for contacting Blue Kiln. We have received your message and will answer within one business day."


@dataclass
class Piece:
    """One mail of a conversation, and when and where it lies."""

    raw: bytes
    at: datetime
    folder: Folder


class Writer:
    """Writes one conversation, the same one for the same number."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.dice = random.Random(number)
        self.name = self.dice.choice(NAMES)
        self.item = self.dice.choice(ITEMS)
        self.at = START + timedelta(minutes=37 * number)
        self.relay = f"c-{number:032x}@relay.walmart.ca"
        self.agents = self.dice.random() < 0.2  # an agent writes, and is answered
        self.subject = f"Case {10_000_000 + number}" if self.agents else "Walmart.ca Customer: Item arrived damaged"
        self.ids: list[str] = []
        self.last = ""  # the text that an answer quotes

    def pieces(self) -> Iterator[Piece]:
        for at in range(self.dice.randint(2, 8)):
            self.at += timedelta(minutes=self.dice.randint(4, 900))
            if at % 2 == 0:
                yield self._asks(first=at == 0)
            else:
                yield self._answers()

    def _words(self, sentences: Sequence[str], least: int, most: int) -> str:
        chosen = self.dice.sample(sentences, self.dice.randint(least, min(most, len(sentences))))
        parts = [
            sentence.format(item=self.item, day=self.dice.choice(DAYS), n=self.dice.randint(10, 9_999))
            for sentence in chosen
        ]
        return "".join(part + self.dice.choice((" ", " ", "\n\n")) for part in parts).strip()

    def _asks(self, *, first: bool) -> Piece:
        if self.agents:
            text = f"Hello seller,\n\n{self._words(REQUESTS, 2, 4)}\n\nJohn Smith\nWalmart Canada Customer Care\n"
            return self._piece("John Smith <jsmith@walmart.com>", f"{CARE}, kpatel@walmart.com", text, first=first)
        words = self._words(ASKED, 2, 6)
        text = (
            f"{self.name} wants to connect with you regarding the following order:\n\n"
            f"Sales Order ID: 6000{self.number:011}\nItem ID: 6000204338910\nItem: {self.item}\nMessage: {words}\n\n"
            "**Note: To protect the customer, the e-mail address is hidden. Please respond within 1 business day.**\n\n"
            f"Walmart Customer Service Team\nRefID: {self.number:032X}\n"
            if first
            else f"{words}\n\n{self.name}\n\n{self._quoted()}"
        )
        return self._piece(f"{self.name} <{self.relay}>", CARE, text, first=first)

    def _answers(self) -> Piece:
        to = "jsmith@walmart.com, kpatel@walmart.com" if self.agents else self.relay
        style = self.dice.random()
        if style < 0.06:
            return self._piece(f"Blue Kiln <{CARE}>", to, f"{RECEIPT}\n\nYour request: #{self.number}\n", robot=True)
        who = self.dice.choice(WRITERS)
        signature = SIGNATURE.format(who=who)
        text = f"Hello {self.name},\n\n{self._words(ANSWERED, 1, 4)}\n\nKind regards,\n{signature}\n"
        if style > 0.85:
            return self._piece(f"Blue Kiln <{CARE}>", to, text)
        return self._piece(f"Blue Kiln <{CARE}>", to, f"{text}\n{self._quoted(outlook=style > 0.65)}")

    def _quoted(self, *, outlook: bool = False) -> str:
        who = "John Smith <jsmith@walmart.com>" if self.agents else f"{self.name} <{self.relay}>"
        if outlook:
            sent = f"{self.at:%A, %B %d, %Y %I:%M %p}"
            head = f"-----Original Message-----\nFrom: {who}\nSent: {sent}\nTo: {CARE}\nSubject: {self.subject}\n"
            return f"{head}\n{self.last}"
        marked = "\n".join(f"> {line}" for line in self.last.splitlines())
        return f"On {self.at:%a, %d %b %Y at %H:%M}, {who} wrote:\n{marked}\n"

    def _piece(self, sender: str, to: str, text: str, *, first: bool = False, robot: bool = False) -> Piece:
        host = sender.rpartition("@")[2].rstrip(">")
        mail = EmailMessage()
        for hop in range(4):
            mail["Received"] = (
                f"from hop{hop}.mail.example (hop{hop}.mail.example [192.0.2.{hop}]) by mx.shop.example with ESMTPS "
                f"id {self.number:032x} for <{CARE}>; {format_datetime(self.at)}"
            )
        mail["DKIM-Signature"] = "v=1; a=rsa-sha256; d=relay.walmart.ca; s=one; h=from:to; b=" + "Ab1/" * 80
        mail["From"], mail["To"] = sender, to
        mail["Subject"] = self.subject if first else f"Re: {self.subject}"
        mail["Date"] = format_datetime(self.at)
        mail["Message-ID"] = f"<{self.number:030x}{len(self.ids):02x}@{host}>"
        if self.ids:
            mail["In-Reply-To"] = self.ids[-1]
            mail["References"] = " ".join(self.ids)
        if robot:
            mail["Auto-Submitted"] = "auto-replied"
        else:
            self.last = text
        self.ids.append(str(mail["Message-ID"]))
        mail.set_content(text, cte="quoted-printable")
        if first and not self.agents and self.number % 2:
            rows = "".join(f"<tr><td style='padding:4px'>{line}&nbsp;</td></tr>\n" for line in text.splitlines())
            mail.add_alternative(f"<html><body><table>{rows}</table></body></html>", subtype="html")
        folder = Folder.SENT if CARE in sender else Folder.INBOX
        return Piece(mail.as_bytes(policy=SMTP), self.at, folder)


class Judge:
    """What a message passes on its way, with all that judging rests on."""

    def __init__(self, taught: Sequence[Sequence[Piece]]) -> None:
        self.rules = load_rules()
        self.basis = Basis(Policy(), PARTIES, self.rules)
        learned = learned_of([[self.read(piece) for piece in pieces] for pieces in taught])
        self.basis = replace(self.basis, learned=learned)

    def read(self, piece: Piece) -> Mail:
        place = Copy(mailbox="care", role=Role.CARE, folder=piece.folder, internaldate=piece.at)
        item = RawMail(raw=piece.raw, whole=True, account="bench", copy=place, own_hosts=OWN_HOSTS)
        return read(item, PARTIES, self.rules).mail

    def judge(self, mails: Sequence[Mail]) -> None:
        judge(Conversation(tuple(mails), ()), self.basis, NOW)

    def whole_way(self, pieces: Sequence[Piece]) -> None:
        """Take the messages of a conversation one after the other."""
        mails: list[Mail] = []
        for piece in pieces:
            mails.append(self.read(piece))
            self.judge(mails)


def as_kept(mails: Sequence[Mail]) -> list[Mail]:
    """Return the same mails as other objects."""
    return [Mail(copy(mail.message), mail.verdict) for mail in mails]


def stdlib(pieces: Sequence[Piece]) -> None:
    """Read mails as the standard library's compat32 does, payloads decoded."""
    for piece in pieces:
        for part in email.message_from_bytes(piece.raw).walk():
            part.get_payload(decode=True)


def timed(work: Callable[[Any], object], many: Sequence[Any]) -> float:
    """Return the processor's seconds that some work takes: others on this machine do not count."""
    start = time.process_time()
    for one in many:
        work(one)
    return time.process_time() - start


def main() -> None:
    """Print one line for each way of judging."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONVERSATIONS
    bench = Judge([list(Writer(number).pieces()) for number in range(count)])
    ratios: dict[str, list[float]] = {}
    costs: dict[str, list[float]] = {}
    messages = size = 0
    for turn in range(1, ROUNDS + 1):
        fresh = [list(Writer(number).pieces()) for number in range(turn * count, (turn + 1) * count)]
        conversations = [[bench.read(piece) for piece in pieces] for pieces in fresh]
        kept = [as_kept(mails) for mails in conversations for _ in range(1)]
        number = sum(map(len, fresh))
        messages, size = messages + number, size + sum(len(piece.raw) for pieces in fresh for piece in pieces)
        peer = min(timed(stdlib, fresh) for _ in range(3)) / number
        found = {
            "judge, first": timed(bench.judge, conversations) / number,
            "judge, again": min(timed(bench.judge, kept) for _ in range(SWEEPS)) / number,
        }
        others = [
            list(Writer(number).pieces()) for number in range((ROUNDS + turn) * count, (ROUNDS + turn + 1) * count)
        ]
        found["read, classify, judge"] = timed(bench.whole_way, others) / sum(map(len, others))
        found["read, classify"] = timed(lambda pieces: [bench.read(one) for one in pieces], others) / sum(
            map(len, others)
        )
        found["stdlib"] = peer
        for name, cost in found.items():
            costs.setdefault(name, []).append(cost)
            ratios.setdefault(name, []).append(cost / peer)
    out = sys.stdout.write
    out(f"{messages} messages of {size / messages:.0f} B in {ROUNDS} rounds\n")
    for name, found in ratios.items():
        out(
            f"{name:22} {statistics.median(costs[name]) * 1000:6.3f} ms a message"
            f"  ratio {statistics.median(found):5.2f}\n"
        )


if __name__ == "__main__":
    main()
