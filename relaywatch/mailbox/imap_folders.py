"""Which of a server's folders are INBOX, Sent and Junk.

The operator's word first, then the server's (SPECIAL-USE, RFC 6154; XLIST before it) and the names that mail
programs give in their languages: each program may have made a Sent folder of its own, and a reply may lie in any of
them. What belongs to somebody else (RFC 2342) is read only where the operator names it. INBOX is always INBOX
(RFC 3501 5.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from imapclient.imap_utf7 import decode
from imapclient.response_parser import parse_response

from relaywatch.core.language.folders import folder_named
from relaywatch.core.mail.message import Folder, Place, Role
from relaywatch.mailbox.imap_fetch import Record, group
from relaywatch.network import decoded

_USES = {rb"\sent": Folder.SENT, rb"\junk": Folder.JUNK, rb"\spam": Folder.JUNK}  # \Spam is XLIST's
_CLOSED = frozenset({rb"\noselect", rb"\nonexistent"})
_ASCII = 0x80
_BREAKS = frozenset("\r\n\0")  # no command can carry such a name
_OTHERS = (
    "other users",
    "shared",
    "shared folders",
    "public",
    "public folders",
    "#shared",
    "#public",
    "#users",
    "user",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of LIST."""

    name: str
    delimiter: str  # "" in a flat namespace
    flags: frozenset[bytes]  # lower-case
    raw: bytes = b""  # the name as the server wrote it, where that is not modified UTF-7 (RFC 3501 5.1.3)

    @property
    def path(self) -> tuple[str, ...]:
        """The name cut at the server's delimiter."""
        return tuple(self.name.split(self.delimiter)) if self.delimiter else (self.name,)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """With what the names of one's own folders begin, and those of other people's (RFC 2342), where that is known."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def is_own(self, listed: Listed) -> bool:
        """Whether a folder is the mailbox's own: the longest beginning decides."""
        if not self.own and not self.others:
            return len(listed.path) == 1 or listed.path[0].lower() not in _OTHERS
        return _longest(self.own, listed.name) >= _longest(self.others, listed.name)


def _longest(prefixes: Iterable[str], name: str) -> int:
    return max((len(prefix) for prefix in prefixes if name.startswith(prefix)), default=0)


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """The folders to read, by what they are for, in the order of reading; and what was looked for in vain."""

    names: Mapping[Folder, tuple[str, ...]]
    missing: frozenset[Folder] = frozenset()
    passed_over: Mapping[Folder, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Further folders whose names say the same: an operator may mean one of them."""

    @property
    def places(self) -> tuple[Place, ...]:
        """All folders to read, in the order of reading."""
        return tuple(Place(folder, name) for folder, names in self.names.items() for name in names)


def wanted(role: Role) -> tuple[Folder, ...]:
    """Return what is read in a mailbox, in the order of reading: a reply is known before what it answers is.

    Where a help desk copies its replies to, junk is nobody's message.
    """
    return (Folder.SENT, Folder.INBOX) if role is Role.SENT else (Folder.SENT, Folder.INBOX, Folder.JUNK)


def read_list(records: Iterable[Record | None]) -> list[Listed]:
    """Return what LIST or XLIST said. A name that cannot be read hides no other: it is left out."""
    return [listed for answer in group(records) if (listed := _read_listed(answer)) is not None]


def _read_listed(answer: list[Record]) -> Listed | None:
    try:
        flags, delimiter, name, *_ = parse_response(answer)
        raw = str(name).encode() if isinstance(name, int) else bytes(name)
        eight_bits = any(byte >= _ASCII for byte in raw)
        text = decoded(raw) if eight_bits else decode(raw)
        separator = delimiter.decode("ascii") if delimiter else ""
        marks = frozenset(flag.lower() for flag in flags if isinstance(flag, bytes))
        return Listed(text, separator, marks, raw if eight_bits else b"") if not set(text) & _BREAKS else None
    except Exception:  # noqa: BLE001  # imapclient's parser may raise anything on a malformed line
        return None


def read_namespaces(records: Sequence[Record]) -> Namespaces:
    """Return what NAMESPACE said, nothing where that makes no sense."""
    try:
        own, *others = parse_response(records)
        return Namespaces(_prefixes(own), tuple(prefix for some in others for prefix in _prefixes(some)))
    except Exception:  # noqa: BLE001  # as above
        return Namespaces()


def _prefixes(spaces: Iterable[tuple[bytes, ...]] | None) -> tuple[str, ...]:
    return tuple(decode(prefix) for prefix, *_ in spaces or ())


def choose(
    listing: Iterable[Listed],
    role: Role,
    configured: Mapping[Folder, tuple[str, ...]],
    namespaces: Namespaces = Namespaces(),  # frozen
) -> FolderPlan:
    """Find a mailbox's folders. A name that the operator gave is taken unseen: reading it tells if it is wrong."""
    open_ones = [listed for listed in listing if not listed.flags & _CLOSED]
    names: dict[Folder, tuple[str, ...]] = {}
    passed_over: dict[Folder, tuple[str, ...]] = {}
    for folder in wanted(role):
        candidates, others = _candidates(open_ones, folder, namespaces)
        if folder in configured:
            names[folder] = configured[folder]
        elif folder is Folder.INBOX:
            names[folder] = ("INBOX",)
        elif candidates:
            names[folder] = candidates
        if others and folder not in configured:
            passed_over[folder] = others
    missing = frozenset(wanted(role)) - names.keys()
    return FolderPlan(MappingProxyType(names), missing, MappingProxyType(passed_over))


def _candidates(
    listing: Iterable[Listed], folder: Folder, namespaces: Namespaces
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names to read, and those that say the same but are passed over.

    To be read are those that the server marks, then those named so nearest to the root. Names further down are
    archives; other people's folders are theirs.
    """
    meant = [it for it in listing if _is_marked(it, folder) or folder_named(it.path[-1]) is folder]
    marked = [it for it in meant if _is_marked(it, folder) and namespaces.is_own(it)]
    named = sorted((it for it in meant if namespaces.is_own(it)), key=lambda it: (len(it.path), it.name))
    near = [it for it in named if len(it.path) == len(named[0].path)]
    read = tuple(dict.fromkeys(it.name for it in [*marked, *near]))
    return read, tuple(dict.fromkeys(it.name for it in meant if it.name not in read))


def _is_marked(listed: Listed, folder: Folder) -> bool:
    return any(_USES.get(flag) is folder for flag in listed.flags)
