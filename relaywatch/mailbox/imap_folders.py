"""Which of a server's folders are INBOX, Sent and Junk.

The operator's word first, then the server's (SPECIAL-USE, RFC 6154; XLIST before it), then the names that
mail programs give in their languages. INBOX is always INBOX (RFC 3501 5.1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from imapclient.imap_utf7 import decode
from imapclient.response_parser import parse_response

from relaywatch.core.folders import folder_named
from relaywatch.core.message import Folder, Role
from relaywatch.mailbox.imap_fetch import Record, group

_USES = {rb"\sent": Folder.SENT, rb"\junk": Folder.JUNK, rb"\spam": Folder.JUNK}  # \Spam is XLIST's
_CLOSED = frozenset({rb"\noselect", rb"\nonexistent"})


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of LIST."""

    name: str
    delimiter: str  # "" in a flat namespace
    flags: frozenset[bytes]  # lower-case

    @property
    def path(self) -> tuple[str, ...]:
        """The name cut at the server's delimiter."""
        return tuple(self.name.split(self.delimiter)) if self.delimiter else (self.name,)


@dataclass(frozen=True, slots=True)
class Found:
    """The folders to read, by what they are for, in the order of reading; and what was looked for in vain."""

    names: Mapping[Folder, str]
    missing: frozenset[Folder] = frozenset()
    passed_over: Mapping[Folder, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Further folders whose names say the same: an operator may mean one of them."""


def wanted(role: Role) -> tuple[Folder, ...]:
    """Return what is read in a mailbox. Where a help desk copies its replies to, junk is nobody's message."""
    return (Folder.INBOX, Folder.SENT) if role is Role.SENT else (Folder.INBOX, Folder.SENT, Folder.JUNK)


def read_list(records: Iterable[Record | None]) -> list[Listed]:
    """Return what LIST or XLIST said. A name that cannot be read hides no other: it is left out."""
    return [listed for answer in group(records) if (listed := _read_listed(answer)) is not None]


def _read_listed(answer: list[Record]) -> Listed | None:
    try:
        flags, delimiter, name, *_ = parse_response(answer)
        text = str(name) if isinstance(name, int) else decode(name)
        separator = delimiter.decode("ascii") if delimiter else ""
        return Listed(text, separator, frozenset(flag.lower() for flag in flags if isinstance(flag, bytes)))
    except Exception:  # noqa: BLE001  # imapclient's parser may raise anything on a malformed line
        return None


def choose(listing: Iterable[Listed], role: Role, configured: Mapping[Folder, str]) -> Found:
    """Find a mailbox's folders. A name that the operator gave is taken unseen: reading it tells if it is wrong."""
    open_ones = [listed for listed in listing if not listed.flags & _CLOSED]
    names: dict[Folder, str] = {}
    passed_over: dict[Folder, tuple[str, ...]] = {}
    for folder in wanted(role):
        candidates = _candidates(open_ones, folder)
        if folder in configured:
            names[folder] = configured[folder]
        elif folder is Folder.INBOX:
            names[folder] = "INBOX"
        elif candidates:
            names[folder], *rest = candidates
            if rest:
                passed_over[folder] = tuple(rest)
    missing = frozenset(wanted(role)) - names.keys()
    return Found(MappingProxyType(names), missing, MappingProxyType(passed_over))


def _candidates(listing: list[Listed], folder: Folder) -> list[str]:
    """Return the likely names: those that the server marks, else by name, the nearest to the root first."""
    marked = [listed.name for listed in listing if any(_USES.get(flag) is folder for flag in listed.flags)]
    if marked:
        return marked
    named = [listed for listed in listing if folder_named(listed.path[-1]) is folder]
    return [listed.name for listed in sorted(named, key=lambda listed: (len(listed.path), listed.name))]
