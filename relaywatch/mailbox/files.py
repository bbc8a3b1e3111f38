"""Mail in files: mbox files, Maildirs, folders of single mails, one mail. One mail in memory at a time.

What cannot be read is answered with one line and the rest goes on. Folder names on the way from the given
path inwards, its own included, say what the mail is: Sent, junk, complaints (interface: `audit`).
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END, BufferedReader
from pathlib import Path

from relaywatch.core.language.folders import folder_named
from relaywatch.core.language.rules import fold
from relaywatch.core.mail.message import Folder, Role
from relaywatch.mailbox.charset import visible_line

MAX_MAIL = 1_048_576  # bytes of one mail that are kept
_MAX_LINE = 65_536  # bytes of a line that are looked at together
_SAMPLE = 4_096  # bytes that show whether a file is text
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1B})  # that no text holds; ISO-2022 holds ESC
_ODD_SHARE = 50  # one byte in so many may be such a control
_COMPLAINTS = frozenset({"complaint", "complaints"})
_NO_MAIL = re.compile(  # what mail programs and people keep beside mail
    r"dovecot[.-].*|maildirsize|maildirfolder|subscriptions|courierimap.*|thumbs\.db|\.(?!.*\.eml$).*"
    r"|.*\.(?:msf|dat|index|log|cache|lock|bak|html?|json|tsv|csv|toml|md|py|xlsx?|pdf|png|jpe?g|zip)",
    re.IGNORECASE,
)
_ONE_MAIL = (".eml", ".emlx", ".msg")
# RFC 4155: the line that divides mails holds a time; a sentence that begins with "From" does not
_DIVIDER = re.compile(
    rb"From .{0,300}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b(?:, \d|.{1,40}"
    rb"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMail:
    """One mail of a file, or why there is none: then `error` is one line and `raw` is empty."""

    label: str  # the path as given and what is below it; of an mbox with the number of the mail
    raw: bytes = b""
    whole: bool = True  # False: longer than MAX_MAIL, this is not all of it
    folder: Folder = Folder.INBOX
    role: Role = Role.CARE
    error: str = ""


@dataclass(frozen=True, slots=True)
class _PathMeaning:
    """Where we are: the path as people see it, and what the names so far mean."""

    label: str
    folder: Folder = Folder.INBOX
    role: Role = Role.CARE

    def inside(self, name: str, label: str) -> "_PathMeaning":
        """Return the place one name further in."""
        folder = folder_named(name) or self.folder
        bare = fold(name).lstrip(".").removesuffix(".mbox")
        is_complaints = not _COMPLAINTS.isdisjoint((bare, bare.rpartition(".")[2]))
        return _PathMeaning(label, folder, Role.COMPLAINT if is_complaints else self.role)

    def mail(self, raw: bytes, *, whole: bool = True, number: int = 0) -> FileMail:
        """Return a mail that lies here; `number` counts the mails of an mbox from 1."""
        label = self._numbered(number)
        return FileMail(label=label, raw=raw, whole=whole, folder=self.folder, role=self.role)

    def error(self, text: str, *, number: int = 0) -> FileMail:
        """Return what is wrong here."""
        return FileMail(label=self._numbered(number), error=text, folder=self.folder, role=self.role)

    def _numbered(self, number: int) -> str:
        return f"{self.label}:{number}" if number else self.label


def read_path(path: str) -> Iterator[FileMail]:
    """Yield every mail in a file or folder, in the order of names; errors in their place, never raised."""
    name = Path(path).name or Path(path).absolute().name
    yield from _read(Path(path), _PathMeaning(path).inside(name, path), set(), named=True)


def read_file(path: str) -> FileMail:
    """Return the one mail that a file holds, whatever its name; an mbox's first."""
    place = _PathMeaning(path)
    try:
        with Path(path).open("rb") as file:
            mails = _read_mbox(file, place) if _is_mbox(file, "") else iter((_single(file, place),))
            return next(mails)
    except (OSError, ValueError) as error:
        return place.error(_reason(error))


def _read(path: Path, place: _PathMeaning, seen: set[tuple[int, int]], *, named: bool) -> Iterator[FileMail]:
    """Yield what lies at one path; `named` says that the user gave it, so that it must be answered."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            key = (status.st_dev, status.st_ino)
            if key not in seen:  # else a symbolic link to where we were
                seen.add(key)
                yield from _read_folder(path, place, seen)
        elif not stat.S_ISREG(status.st_mode):
            yield place.error("not a file or folder")
        elif named or not _NO_MAIL.fullmatch(path.name):
            yield from _read_file(path, place)
    except (OSError, ValueError) as error:
        yield place.error(_reason(error))


def _read_folder(path: Path, place: _PathMeaning, seen: set[tuple[int, int]]) -> Iterator[FileMail]:
    entries = sorted(path.iterdir(), key=lambda entry: (entry.is_symlink(), entry.name))
    is_maildir = any(entry.name == "cur" for entry in entries)
    for entry in entries:
        if is_maildir and entry.name == "tmp":  # mails that are not delivered yet
            continue
        readable = visible_line(os.fsencode(entry.name).decode("utf-8", "replace"))
        inner = place.inside(readable, f"{place.label.rstrip('/')}/{readable}")
        yield from _read(entry, inner, seen, named=False)


def _read_file(path: Path, place: _PathMeaning) -> Iterator[FileMail]:
    with path.open("rb") as file:
        if _is_mbox(file, path.name):
            yield from _read_mbox(file, place)
        else:
            yield _single(file, place)


def _is_mbox(file: BufferedReader, name: str) -> bool:
    beginning = file.peek(400)[:400].partition(b"\n")[0]
    return beginning.startswith(b"From ") and not name.lower().endswith(_ONE_MAIL)


def _single(file: BufferedReader, place: _PathMeaning) -> FileMail:
    raw = file.read(MAX_MAIL)
    whole = not file.read(1)
    if not whole:  # as from a server: see imap_messages.fetch_whole
        file.seek(-(MAX_MAIL // 2), SEEK_END)
        raw = raw[: MAX_MAIL // 2] + file.read(MAX_MAIL // 2)
    if not raw.strip():
        return place.error("empty")
    if is_binary(raw):
        return place.error("binary, not a mail")
    return place.mail(raw, whole=whole)


def is_binary(raw: bytes) -> bool:
    """Whether bytes are no text of any kind: pictures, archives, programs."""
    sample = raw[:_SAMPLE]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):  # text in UTF-16
        return False
    return len(sample) - len(sample.translate(None, _CONTROLS)) > len(sample) // _ODD_SHARE


def _read_mbox(file: BufferedReader, place: _PathMeaning) -> Iterator[FileMail]:
    """Yield the mails of an mbox (RFC 4155): each begins with a "From " line after an empty one."""
    file.readline(_MAX_LINE)
    number, size = 1, 0
    pieces: list[bytes] = []
    after_blank = at_line_start = True
    while line := file.readline(_MAX_LINE):
        if at_line_start and after_blank and line.startswith(b"From ") and _DIVIDER.match(line):
            yield _mbox_mail(place, number, pieces, size)
            number, size = number + 1, 0
            pieces = []
        else:
            kept = line
            if at_line_start and line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
                kept = line[1:]  # what the writer of the mbox put before it is taken off
            if size < MAX_MAIL:
                pieces.append(kept)
            size += len(kept)
        after_blank = at_line_start and line in (b"\n", b"\r\n")
        at_line_start = line.endswith(b"\n")
    yield _mbox_mail(place, number, pieces, size)


def _mbox_mail(place: _PathMeaning, number: int, pieces: list[bytes], size: int) -> FileMail:
    raw = b"".join(pieces)[:MAX_MAIL]
    if not raw.strip():
        return place.error("empty", number=number)
    if is_binary(raw):
        return place.error("binary, not a mail", number=number)
    return place.mail(raw, whole=size <= MAX_MAIL, number=number)


def _reason(error: OSError | ValueError) -> str:
    """Say why in one line; a name with a NUL in it raises ValueError."""
    return (error.strerror or type(error).__name__).lower() if isinstance(error, OSError) else "no such name"
