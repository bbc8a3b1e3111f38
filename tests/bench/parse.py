"""Messages a second of the reader, as a ratio to the standard library's whole parse in the same run.

Run: `python tests/bench/parse.py`. Absolute rates are the machine's; the ratio is what may be compared.
"""

import email
import statistics
import sys
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.core.words import own_words
from relaywatch.mailbox import parse

COPY = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX)
ROUNDS = 5
MAILS = 200  # of each kind in a round

_STORY = "Hello, my order {n} came on Tuesday and the glaze of the second bowl has a crack along the rim. "
_HOPS = [
    f"from hop{n}.mail.example (hop{n}.mail.example [192.0.2.{n}]) by hop{n + 1}.mail.example with ESMTPS id {n:032x} "
    f"for <care@shop.example>; Sun, 22 Nov 2026 22:13:0{n} +0000"
    for n in range(6)
]


def _base(n: int, subject: str) -> EmailMessage:
    mail = EmailMessage()
    for hop in _HOPS:
        mail["Received"] = hop
    mail["DKIM-Signature"] = "v=1; a=rsa-sha256; d=relay.walmart.ca; s=one; h=from:to; b=" + "Ab1/" * 80
    mail["Authentication-Results"] = "mx.shop.example; dkim=pass header.d=relay.walmart.ca; spf=pass; dmarc=pass"
    mail["From"] = f"Jordan <c-{n:032x}@relay.walmart.ca>"
    mail["To"] = "Blue Kiln <care@shop.example>"
    mail["Subject"] = subject
    mail["Date"] = "Sun, 22 Nov 2026 17:13:05 -0500"
    mail["Message-ID"] = f"<{n:032x}@relay.walmart.ca>"
    mail["References"] = " ".join(f"<{n:030x}{k:02x}@relay.walmart.ca>" for k in range(4))
    return mail


def single(n: int) -> bytes:
    """One text part, quoted-printable, 8 KB."""
    mail = _base(n, "Question about my order")
    body = "\n".join(_STORY.format(n=600000012345000 + n) for _ in range(15))
    quote = "\n".join(f"> {_STORY.format(n=k)}" for k in range(40))
    mail.set_content(f"{body}\n\nOn Sat, 21 Nov 2026, Blue Kiln wrote:\n{quote}\n", cte="quoted-printable")
    return mail.as_bytes(policy=SMTP)


def alternative(n: int) -> bytes:
    """Text and HTML, 8 KB."""
    mail = _base(n, "Re: Question about my order é")
    body = [_STORY.format(n=600000012345000 + n) for _ in range(12)]
    mail.set_content("\n".join(body) + "\n\n> " + "\n> ".join(body) + "\n")
    style = "margin:0;font-family:Arial"
    rows = "".join(f'<p style="{style}">{line}&nbsp;</p>' for line in body)
    mail.add_alternative(
        f"<html><body><div>{rows}</div><blockquote type=cite>{rows}</blockquote></body></html>",
        subtype="html",
    )
    return mail.as_bytes(policy=SMTP)


def html_only(n: int) -> bytes:
    """A form in HTML, 8 KB, as shops send it."""
    mail = _base(n, "Walmart.ca Customer:  Cancel Order")
    rows = "".join(
        f'<tr><td style="padding:0 20px;color:#2E2F32"><b>Field {k}:</b>&nbsp;&nbsp;</td>'
        f"<td>{_STORY.format(n=k)}</td></tr>"
        for k in range(25)
    )
    mail.set_content(
        f"<html><head><style>td {{ color: red }}</style></head><body><table>{rows}</table></body></html>",
        subtype="html",
    )
    return mail.as_bytes(policy=SMTP)


def read(raw: bytes) -> None:
    """Read one mail as the program does."""
    parse.read_message(raw, account="bench", copy=COPY, own_hosts=frozenset({"shop.example"}), whole=True)


def stdlib(raw: bytes) -> None:
    """Read one mail as the standard library's compat32 does, payloads decoded."""
    for part in email.message_from_bytes(raw).walk():
        part.get_payload(decode=True)


def rate(work: Callable[[bytes], None], mails: list[bytes]) -> float:
    """Median of messages a second over the rounds."""
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for raw in mails:
            work(raw)
        rates.append(len(mails) / (time.perf_counter() - start))
    return statistics.median(rates)


def main() -> None:
    """Print one line for each kind of mail."""
    out = sys.stdout.write
    for kind in (single, alternative, html_only):
        mails = [kind(n) for n in range(MAILS)]
        size = statistics.mean(map(len, mails))
        ours, theirs = rate(read, mails), rate(stdlib, mails)
        text = parse.read_body(parse.Parts(mails[0], whole=True).parts, forwarded=False).text
        splitting = rate(lambda _, text=text: own_words.split(text) and None, mails)
        out(
            f"{kind.__name__:12} {size:6.0f} B  {ours:7.0f}/s  stdlib {theirs:7.0f}/s  ratio {ours / theirs:5.2f}"
            f"  words alone {splitting:7.0f}/s\n"
        )


if __name__ == "__main__":
    main()
