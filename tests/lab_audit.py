"""Mail in files as an audit finds it, and the audit of it."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from lab_mail import shipped_rules
from lab_post import CARE, COMPLAINTS, dated

from relaywatch.pipeline.audit import Audited, Seller, audit, seller_at

START = datetime(2026, 11, 16, 14, 0, tzinfo=UTC)  # a Monday morning in Toronto


def after(hours: float) -> datetime:
    """Return the moment so many hours after the start."""
    return START + timedelta(hours=hours)


def received(raw: bytes, at: datetime) -> bytes:
    """Return a mail as the seller's server kept it: with a Received line of that time on top."""
    line = f"Received: from mx.mail.example by mx.shop.example with ESMTPS id 1;\r\n {format_datetime(at)}\r\n"
    return line.encode() + raw


def put(folder: Path, *mails: bytes) -> Path:
    """Write mails into a folder of .eml; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    begin = len(list(folder.iterdir()))
    for number, raw in enumerate(mails, start=begin):
        (folder / f"{number:04}.eml").write_bytes(raw)
    return folder


def put_mbox(path: Path, *mails: bytes) -> Path:
    """Write an mbox file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = b"From MAILER-DAEMON Mon Nov 16 14:00:00 2026\n"
    path.write_bytes(b"".join(line + raw.replace(b"\r\n", b"\n") + b"\n" for raw in mails))
    return path


def at_hour(raw: bytes, hours: float) -> bytes:
    """Return a mail with a Date so many hours after the start."""
    return dated(raw, after(hours))


def run(
    paths: Iterable[Path], at: datetime, *, sellers: Sequence[Seller] = (), complaints: list[str] | None = None
) -> Audited:
    """Audit files of Blue Kiln's; complaints about them go into a list, or are no part of the test."""
    said = [] if complaints is None else complaints
    found = asyncio.run(
        audit(
            [str(path) for path in paths],
            sellers or [seller_at([CARE, COMPLAINTS])],
            shipped_rules(),
            at,
            said.append,
        )
    )
    assert complaints is not None or not said, said
    return found
