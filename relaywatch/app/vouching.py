"""Which `authserv_ids` a seller's mailboxes want: as the newest mail in them shows, for `check`."""

import contextlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from relaywatch.config import Account, Mailbox
from relaywatch.core.mail.message import Folder, Role
from relaywatch.core.mail.results import told
from relaywatch.mailbox.border import taken_by
from relaywatch.mailbox.errors import ServerSaidError
from relaywatch.mailbox.imap import ImapSession
from relaywatch.mailbox.imap_folders import FolderPlan
from relaywatch.mailbox.kept import kept_headers
from relaywatch.mailbox.mime import read_headers

_HOST = re.compile(r"[a-z0-9._-]{1,255}")
_NEWEST = 30  # messages of a mailbox whose headers are read


@dataclass(frozen=True, slots=True)
class Vouchers:
    """Who told of authenticity, in how many messages."""

    messages: int = 0
    above: Counter[str] = field(default_factory=Counter)  # where nobody else can have written
    below: Counter[str] = field(default_factory=Counter)  # where the sender may have, by the name of who took the mail

    def joined(self, other: "Vouchers") -> "Vouchers":
        """Return both together."""
        return Vouchers(self.messages + other.messages, self.above + other.above, self.below + other.below)


def vouchers_in(session: ImapSession, found: FolderPlan) -> Vouchers:
    """Read the headers of the newest messages in an open mailbox's inbox. What the server refuses is none."""
    raws: list[bytes] = []
    with contextlib.suppress(ServerSaidError):
        for name in found.names.get(Folder.INBOX, ())[:1]:
            session.examine(name)
            raws = [fetched.raw for fetched in session.newest(_NEWEST)]
    return vouchers_of(raws)


def vouchers_of(raws: Iterable[bytes]) -> Vouchers:
    """Return who told of authenticity in messages, of which at least the headers are given."""
    seen = Vouchers()
    for raw in raws:
        top, _ = read_headers(raw, 0, len(raw))
        headers = kept_headers(top)
        border = next((value for name, value in headers if name == "received"), "")
        if not border and any(name == "received" for name, _ in top):
            continue  # it is not known where the receiving side's part ends
        results = [one for one in told(headers) if _HOST.fullmatch(one.authserv_id)]
        above = {one.authserv_id for one in results if one.above}
        host = taken_by(border)
        below = {one.authserv_id for one in results if not one.above and one.authserv_id == host}
        seen = seen.joined(Vouchers(1, Counter(above), Counter(below - above)))
    return seen


def advice(account: Account, seen: Mapping[str, Vouchers]) -> list[str]:
    """Return what to write as `authserv_ids`, and what follows from it. `seen`: by the mailbox's name."""
    together = Vouchers()
    for one in seen.values():
        together = together.joined(one)
    trusted = account.parties.authserv_ids
    said = []
    if trusted and together.messages and trusted.isdisjoint({*together.above, *together.below}):
        said.append(f"none of the {together.messages} newest messages has results of {', '.join(sorted(trusted))}")
    new = [id_ for id_, _ in (together.above or together.below).most_common() if id_ not in trusted]
    if new and trusted.isdisjoint(together.above):
        listed = ", ".join(f'"{id_}"' for id_ in new)
        said.append(f"write authserv_ids = [{listed}] under [walmart]: by it forged mail is told from Walmart's")
    if together.below and not together.above:
        name = together.below.most_common(1)[0][0]
        said.append(
            f"{name} tells of it below its own Received line, where anybody can: only failures are believed there"
        )
    if not trusted and not new and together.messages:
        said.append("no server tells whether mail is from whom it says: forged mail passes for Walmart's and yours")
    if not trusted:
        said += [_open(mailbox) for mailbox in account.mailboxes if mailbox.role is Role.SENT]
    return [f"{account.name}: {one}" for one in said]


def _open(mailbox: Mailbox) -> str:
    return (
        f"{mailbox.name} ({mailbox.address}, {mailbox.role.value}) is open to forgers: without authserv_ids under"
        " [walmart] whatever anybody sends to that address counts as your reply"
    )
