"""20,000 messages through `relaywatch audit`: seconds, and the most memory that it and its children held together.

Run: `python tests/bench/audit.py [MESSAGES]`. The aim is under a minute and 300 MB on two cores.
"""

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

MESSAGES = 20_000
BEGIN = datetime(2024, 1, 1, 14, tzinfo=UTC)
_BOX = "care@shop.example"
_FORM = (
    "Jordan wants to connect with you regarding the following order:\n\nSales Order ID: {order}\n"
    "Item ID: 6000204338910\n"
    "Item: Stoneware bowl, blue\nMessage: {text}\n\n"
    "**Note: To protect the customer, the e-mail address is hidden. Please respond within 1 business day.**\n\n"
    "Walmart Customer Service Team\nRefID: {ref:032X}\n"
)
_ASKED = (
    "One of the four bowls came with a crack along the rim. Could you send another one?",
    "The order says delivered on Tuesday, but there was nothing at my door. Where is it?",
    "Bonjour, la couleur du bol n'est pas celle de la photo. Puis-je le retourner?",
    "How do I wash these by hand without hurting the glaze?",
)
_ANSWER = (
    "Hello Jordan,\n\nI am sorry about the bowl. Another one leaves our studio tomorrow morning, number {n}, and you "
    "need not send the first one back. If anything else is wrong, tell me.\n\nKind regards,\nMei\nBlue Kiln\n\n"
)
_PROMOTION = "Dear customer, 20% off everything this week with the coupon BOWL20. Shop our new collection today.\n"


def _mail(number: int, at: datetime, sender: str, to: str, subject: str, text: str, *further: str) -> bytes:
    hops = [
        f"Received: from hop{hop}.mail.example (hop{hop}.mail.example [192.0.2.{hop}]) by mx.shop.example with ESMTPS\n"
        f" id {number:032x}; {format_datetime(at)}"
        for hop in range(4)
    ]
    head = [
        *hops,
        "DKIM-Signature: v=1; a=rsa-sha256; d=relay.walmart.ca; s=one; h=from:to;\n b=" + "Ab1/" * 80,
        f"From: {sender}",
        f"To: {to}",
        f"Subject: {subject}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{number}.m@{sender.rpartition('@')[2].rstrip('>')}>",
        *further,
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: 8bit",
    ]
    return ("\n".join(head) + "\n\n" + text).encode()


def _thread(answered: str, *before: str) -> str:
    return f"In-Reply-To: <{answered}>\nReferences: {' '.join(f'<{id_}>' for id_ in (*before, answered))}"


def _quoted(text: str) -> str:
    return "On Fri, Nov 13, 2026 at 4:30 PM Jordan wrote:\n" + "".join(f"> {line}\n" for line in text.splitlines())


def mails(count: int) -> Iterator[tuple[str, bytes]]:
    """Yield (folder, mail): conversations of two to five mails, agents' mail, notices, promotion and strangers'."""
    chance = random.Random(20261122)
    number = 0
    at = BEGIN
    while number < count:
        at += timedelta(minutes=chance.expovariate(1 / 60))
        relay = f"c-{chance.getrandbits(128):032x}@relay.walmart.ca"
        order = f"6000000{chance.randrange(10**8):08}"
        kind = chance.random()
        number += 1
        if kind < 0.7:
            asked = _FORM.format(order=order, text=chance.choice(_ASKED), ref=chance.getrandbits(128))
            subject = f"Walmart.ca Customer: Item arrived damaged, {order}"
            yield "care/inbox.mbox", _mail(number, at, relay, _BOX, subject, asked)
            asking, came = f"{number}.m@relay.walmart.ca", at
            for _ in range(3):
                if chance.random() < 0.02:  # nobody answers
                    break
                number += 1
                sent = came + timedelta(hours=chance.lognormvariate(1.6, 0.85))
                answer = _ANSWER.format(n=number) + _quoted(asked)
                yield "care/Sent.mbox", _mail(number, sent, _BOX, relay, f"Re: {subject}", answer, _thread(asking))
                if chance.random() < 0.6:
                    break
                answered, number = f"{number}.m@shop.example", number + 1
                came = sent + timedelta(hours=chance.expovariate(1 / 20))
                asked = f"Thank you. {chance.choice(_ASKED)}\n\n{_quoted(answer)}"
                again = _mail(number, came, relay, _BOX, f"Re: {subject}", asked, _thread(answered, asking))
                yield "care/inbox.mbox", again
                asking = f"{number}.m@relay.walmart.ca"
        elif kind < 0.8:
            case = chance.randrange(10**7, 10**8)
            subject = f"Case {case}: customer awaiting your response"
            text = f"Hello seller,\n\nOur customer has contacted us about order {order}. Please tell us more.\n"
            box = "complaints" if chance.random() < 0.3 else "care"
            yield (
                f"{box}/inbox.mbox",
                _mail(number, at, "jsmith@walmart.com", _BOX, subject, text, "Cc: kpatel@walmart.com"),
            )
            thread = _thread(f"{number}.m@walmart.com")
            number += 1
            to = chance.choice(("jsmith@walmart.com, kpatel@walmart.com", "jsmith@walmart.com"))
            sent = at + timedelta(hours=5)
            yield "care/Sent.mbox", _mail(number, sent, _BOX, to, f"Re: {subject}", _ANSWER.format(n=number), thread)
        elif kind < 0.88:
            yield "care/Sent.mbox", _mail(number, at, _BOX, relay, "20% off just for you", _PROMOTION)
        elif kind < 0.94:
            text = "Your settlement report is ready in Seller Center. Do not reply to this message.\n"
            yield "care/inbox.mbox", _mail(number, at, "no-reply@walmart.com", _BOX, "Your settlement report", text)
        else:
            text = "We make boxes of every size. May we send you our catalogue?\n" * 20
            yield "care/Junk.mbox", _mail(number, at, "sales@boxes.example", _BOX, "Boxes", text)


def write(folder: Path, count: int) -> tuple[int, int]:
    """Write mbox files below a folder; return how many mails and bytes."""
    done = size = 0
    files: dict[str, list[bytes]] = {}
    for name, raw in mails(count):
        files.setdefault(name, []).append(b"From x@mail.example Mon Jan  1 14:00:00 2024\n" + raw + b"\n")
        done, size = done + 1, size + len(raw)
    for name, pieces in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(pieces))
    return done, size


def _resident(pid: int) -> int:
    """Return the bytes that a process and all below it hold; of a page that several share, each has its share."""
    total = 0
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        total = int(found[1]) * 1024 if found else 0
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += _resident(int(child))
    except OSError:  # it has just ended
        pass
    return total


def run(folder: Path, form: str) -> tuple[float, int, bytes]:
    """Run the audit; return seconds, the most bytes held together, and what it printed."""
    command = [sys.executable, "-m", "relaywatch", "audit", str(folder), "--address", _BOX, "--format", form]
    begin, most = time.perf_counter(), 0
    with tempfile.TemporaryFile() as output, subprocess.Popen(command, stdout=output) as process:
        while process.poll() is None:
            most = max(most, _resident(process.pid))
            time.sleep(0.1)
        seconds = time.perf_counter() - begin
        if process.returncode:
            raise SystemExit(f"audit ended with {process.returncode}")
        output.seek(0)
        return seconds, most, output.read()


def main() -> None:
    """Print one line for each format."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    with tempfile.TemporaryDirectory() as name:
        done, size = write(Path(name), count)
        for form in ("json", "html", "text"):
            seconds, most, output = run(Path(name), form)
            cases = f", {len(json.loads(output)['cases'])} cases" if form == "json" else ""
            sys.stdout.write(
                f"{form:5} {done} mails of {size // done} bytes: {seconds:5.1f} s, {most / 1e6:4.0f} MB, "
                f"{len(output) / 1e6:.1f} MB printed{cases}\n"
            )


if __name__ == "__main__":
    main()
