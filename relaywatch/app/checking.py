"""`check`: what `run` would meet, told line by line before it is started."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from relaywatch.app.vouching import Vouchers, advice, vouchers_in
from relaywatch.config import Mailbox, Settings
from relaywatch.config.trial import slow_patterns
from relaywatch.core.mail.message import Folder
from relaywatch.core.notices.voice import clean
from relaywatch.mailbox.errors import MailboxError
from relaywatch.mailbox.imap import ImapSession
from relaywatch.notify import Sender, SendError
from relaywatch.store import Store, StoreError, roots_own

_ADVICE = {
    Folder.SENT: "no Sent folder: replies cannot be seen (name it under folders, or switch on saving sent mail)",
    Folder.JUNK: "no junk folder: relay mail that is taken for spam cannot be seen",
    Folder.INBOX: "no INBOX",
}
IN_CLEAR = 'security = "none": anybody on the way to the server can read the password'
_FOR_GOOD = 500
_LATER = ": the daemon tries again until it is taken"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One thing that was checked."""

    text: str
    good: bool = True


async def check_everything(settings: Settings) -> list[CheckLine]:
    """Log in to every mailbox and to the mail server, and open the database; return a line for each thing."""
    loop = asyncio.get_running_loop()
    boxes = [mailbox for account in settings.accounts for mailbox in account.mailboxes]
    with ThreadPoolExecutor(max(1, min(16, len(boxes)))) as threads:
        found = await asyncio.gather(*(loop.run_in_executor(threads, _check_mailbox, box) for box in boxes))
    lines = [CheckLine(f"configuration {settings.path}: {len(settings.accounts)} account(s), {len(boxes)} mailbox(es)")]
    slow = await loop.run_in_executor(None, slow_patterns, settings.rules)
    lines += [CheckLine(f"rules: {line}", good=False) for line in slow]
    lines += [line for several, _ in found for line in several]
    for account in settings.accounts:
        seen = {box.name: some for box, (_, some) in zip(boxes, found, strict=True) if box.account == account.name}
        lines += map(CheckLine, advice(account, seen))
    lines += [*await _check_smtp(settings), await loop.run_in_executor(None, _check_database, settings)]
    return lines


def _check_mailbox(mailbox: Mailbox) -> tuple[list[CheckLine], Vouchers]:
    name = f"{mailbox.account}/{mailbox.name} ({mailbox.address}, {mailbox.role.value})"
    session = ImapSession(mailbox)
    try:
        session.open()
        found = session.folders()
        lines = [CheckLine(f"{name}: {_folders(found.names)}")]
        lines += [CheckLine(f"{name}: {_ADVICE[folder]}") for folder in sorted(found.missing)]
        lines += [
            CheckLine(f"{name}: for {folder.value} passed over {', '.join(map(clean, others))}: name it if meant")
            for folder, others in found.passed_over.items()
        ]
        said = (IN_CLEAR if mailbox.in_clear else "", mailbox.secret.advice())
        lines += [CheckLine(f"{name}: {each}") for each in said if each]
        return lines, vouchers_in(session, found)
    except MailboxError as error:
        return [CheckLine(f"{name}: {error}", good=False)], Vouchers()
    finally:
        session.close()


def _folders(names: Mapping[Folder, tuple[str, ...]]) -> str:
    return ", ".join(f"{folder.value} = {' + '.join(map(clean, some))}" for folder, some in names.items())


async def _check_smtp(settings: Settings) -> list[CheckLine]:
    """Ask the mail server as far as each recipient: many refuse a sender only there."""
    smtp = settings.smtp
    told = [(*account.notify.to, *account.notify.escalate_to) for account in settings.accounts]
    try:
        refused = await Sender(smtp).check(dict.fromkeys(recipient for some in told for recipient in some))
    except SendError as error:
        return [CheckLine(f"smtp: {error}", good=False)]
    if refused:
        return [
            CheckLine(f"smtp: {error}{_LATER if _is_for_now(error) else ''}", _is_for_now(error)) for error in refused
        ]
    lines = [CheckLine(f"smtp: {smtp.host}:{smtp.port} takes mail from {smtp.sender}")]
    return [*lines, CheckLine(f"smtp: {IN_CLEAR}")] if smtp.in_clear else lines


def _is_for_now(error: SendError) -> bool:
    """Whether the server only wants to be asked again, as with greylisting (RFC 5321 4.2.1: 4yz)."""
    return error.particular and error.code is not None and error.code < _FOR_GOOD


def _check_database(settings: Settings) -> CheckLine:
    path = settings.service.database
    try:
        Store.open(path).close()
    except StoreError as error:
        return CheckLine(f"database: {error}", good=False)
    closed = roots_own(path)
    if closed:  # left by a command that root gave
        whose = "is root's, and the directory another user's: the service cannot open it: chown it to that user"
        return CheckLine(f"database: {', '.join(closed)} {whose}", good=False)
    return CheckLine(f"database: {path}")
