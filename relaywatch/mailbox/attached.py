"""What the attachments of a mail say, as far as a program can read them, and which of them it cannot.

Text, mail within mail (two levels), PDFs and office documents, by what they are rather than what they are called:
half of the programs that send files call them all `application/octet-stream`. Bounded; never raises for what a file
holds.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from relaywatch.core.mail.message import UnreadAttachment
from relaywatch.mailbox import headers
from relaywatch.mailbox.body import ends, is_text, text_of
from relaywatch.mailbox.charset import visible_line
from relaywatch.mailbox.mime import Part, Parts, has_headers
from relaywatch.mailbox.pdf import is_pdf, read_pdf
from relaywatch.mailbox.pieces import read_pieces
from relaywatch.mailbox.zipped import is_zip, read_zip

MAX_ATTACHED = 20_000  # characters of all attachments together
MAX_FILES = 20  # attachments that are looked into
FILES_SECONDS = 2.5  # of processor time, after which no further file of a mail is looked into
_PDF_SECONDS = 1.5
_LEAST_SECONDS = 0.01  # none at all would be no bound
_LEVELS = 2  # of messages in one another
_MAX_BYTES = 2_097_152  # of one file
_MAX_UNREAD = 20
_MAX_NAME = 200
_LOGO = 40_000  # bytes of a picture within the text, below which it is decoration
_BETWEEN = "\n~\n"  # no phrase goes on from one file to the next
_SAMPLE = 2_048
_PRINTABLE = 0.9

_MESSAGES = ("message/rfc822", "message/global")
_BY_ENDING = {
    **dict.fromkeys(("txt", "text", "log", "md", "csv", "tsv", "json"), "text"),
    **dict.fromkeys(("htm", "html", "xhtml", "shtml"), "html"),
    **dict.fromkeys(("eml", "mht", "mhtml"), "message"),
    "pdf": "pdf",
    **dict.fromkeys(("doc", "dot", "msg", "oft", "rtf", "xls", "ppt"), "pieces"),
    **dict.fromkeys(("docx", "docm", "odt", "xlsx", "ods", "zip"), "zip"),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "tif", "tiff", "bmp", "webp", "heic", "svg"), "image"),
    **dict.fromkeys(("mp4", "mov", "avi", "3gp", "mp3", "m4a", "wav", "amr"), "recording"),
    **dict.fromkeys(("p7s", "asc", "sig", "ics", "vcf", "css"), ""),
}
_UNTOLD = re.compile(
    r"application/(?:octet-stream|x-octet-stream|binary|(?:x-|force-)?download|unknown|x-unknown)|binary/|unknown/"
)
_BY_KIND = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("pdf", r"(?:application|text)/(?:x-)?pdf"),
        ("zip", r"application/(?:zip|x-zip|vnd\.(?:openxmlformats|oasis)|vnd\.ms-word\.document)"),
        ("image", r"image/"),
        ("recording", r"(?:audio|video)/"),
        ("", r"text/(?:calendar|x-vcard|vcard|css|rfc822-headers|xml)|application/(?:ics|pgp-|(?:x-)?pkcs7-signature)"),
        ("", r"message/|multipart/"),
        ("html", r"text/(?:x?html)|application/xhtml"),
        ("pieces", r"(?:text|application)/(?:rtf|richtext|x-rtf)|application/(?:vnd\.)?ms-?(?:tnef|word|outlook)"),
        ("text", r"text/"),
    )
)
_OLD = (b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x78\x9f\x3e\x22")  # compound files ([MS-CFB]), RTF, TNEF ([MS-OXTNEF])
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")


@dataclass(frozen=True, slots=True)
class Attached:
    """What the attachments say. `cut`: more may be there to read, beyond what was fetched of the mail."""

    text: str = ""
    names: tuple[str, ...] = ()  # of files within files
    unread: tuple[UnreadAttachment, ...] = ()
    cut: bool = False


def read_attached(parts: list[Part], *, whole: bool, seconds: float = FILES_SECONDS, patient: bool = True) -> Attached:
    """Read what is attached to a mail of these parts within so much processor time. Not `patient`: say what it is."""
    files = _Files(seconds, patient=patient)
    files.look_at(parts, 0)
    open_ended = not whole and any(part.kind == "multipart/mixed" and not part.whole for part in parts)
    return Attached(
        text=_shared(files.texts),
        names=tuple(dict.fromkeys(files.names)),
        unread=tuple(sorted(files.unread, key=_says_less)[:_MAX_UNREAD]),
        cut=not whole and seconds > 0 and (files.cut or open_ended),
    )


def _says_less(unread: UnreadAttachment) -> bool:
    """Whether it is a picture or a recording, which say less than a document."""
    return unread.kind.startswith(("image/", "audio/", "video/"))


class _Files:
    """The files of one mail, looked at one after the other."""

    def __init__(self, seconds: float, *, patient: bool) -> None:
        self.texts: list[str] = []
        self.names: list[str] = []
        self.unread: list[UnreadAttachment] = []
        self.cut = False
        self._patient = patient
        self._left = MAX_FILES  # that can be read: any number of pictures may stand before a letter
        self._until = time.process_time() + seconds

    def look_at(self, parts: list[Part], level: int) -> None:
        """Look at what is attached to a mail, or at all that a mail within it holds, at this level."""
        for part, inner in _leaves(parts, level):
            if inner is None:
                self._file(part, level)
            elif self._left > 0:
                self._left -= 1
                self._heading(inner)

    def _heading(self, top: Part) -> None:
        """Say whose an attached message is, and about what."""
        self.texts.append("\n".join(headers.text(top.raw(name))[:1_000] for name in ("from", "subject")))

    def _file(self, part: Part, level: int) -> None:
        kind = _kind(part)
        if kind in _READABLE:
            self.cut = self.cut or not part.whole
            self._left -= 1
            if self._left < 0:
                self._unread(part, "it stands behind too many others")
            elif not self._patient:
                self._unread(part, "reading it took too long or too much memory")
            elif time.process_time() >= self._until:
                self._unread(part, "there was no time to read it")
            else:
                _READABLE[kind](self, part, level)
        elif kind in _UNREADABLE and not (kind == "image" and _is_decoration(part)):
            self._unread(part, _UNREADABLE[kind])

    def as_text(self, part: Part, _: int) -> None:
        self.texts.append(ends(text_of(replace(part, kind="text/plain")), MAX_ATTACHED))

    def as_html(self, part: Part, _: int) -> None:
        self.texts.append(ends(text_of(replace(part, kind="text/html")), MAX_ATTACHED))

    def as_message(self, part: Part, level: int) -> None:
        """Look into a message that is sent as a file."""
        if level >= _LEVELS:
            return
        data = part.body(_MAX_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
        if data.startswith(b"From "):  # a line of an mbox
            data = data.partition(b"\n")[2]
        if not has_headers(data):
            self.as_text(part, level)
            return
        inner = Parts(data, whole=part.whole)
        self.names += [name_of(each) for each in inner.parts if each.headers and each.filename]
        self._heading(inner.top)
        self.look_at(inner.parts, level + 1)

    def as_pdf(self, part: Part, _: int) -> None:
        if not part.whole:
            self._unread(part, "only its beginning is known")
            return
        left = max(_LEAST_SECONDS, self._until - time.process_time())
        text, why = read_pdf(part.body(_MAX_BYTES), seconds=min(_PDF_SECONDS, left))
        self._read(part, text, why)

    def as_zip(self, part: Part, _: int) -> None:
        text, names, why = read_zip(part.body(_MAX_BYTES))
        self.names += names
        self._read(part, text, why)

    def as_pieces(self, part: Part, _: int) -> None:
        self._read(part, read_pieces(part.body(_MAX_BYTES)), "only pieces of it can be read")

    def _read(self, part: Part, text: str, why: str) -> None:
        self.texts.append(ends(text, MAX_ATTACHED))
        if why:
            self._unread(part, why)

    def _unread(self, part: Part, why: str) -> None:
        self.unread.append(UnreadAttachment(name=name_of(part), kind=part.kind[:_MAX_NAME], why=why))


_READABLE: dict[str, Callable[[_Files, Part, int], None]] = {
    "text": _Files.as_text,
    "html": _Files.as_html,
    "message": _Files.as_message,
    "pdf": _Files.as_pdf,
    "zip": _Files.as_zip,
    "pieces": _Files.as_pieces,
}
_UNREADABLE = {"image": "an image", "recording": "a recording", "other": "no kind of file that is read here"}


def _leaves(parts: list[Part], level: int) -> Iterator[tuple[Part, Part | None]]:
    """Yield the attachments, all but what is shown as the mail's own text; of an attached message its top, too."""
    own = [part for part in parts if part.within is None and is_text(part)]
    shown = {id(part) for part in own if part.disposition != "attachment"} or {id(part) for part in own[:1]}
    for position, part in enumerate(parts):
        depth = _depth(part) + level
        if part.kind in _MESSAGES and not part.leaf:
            if depth < _LEVELS:
                yield part, parts[position + 1]
        elif part.leaf and depth <= _LEVELS and (level or id(part) not in shown):
            yield part, None


def _depth(part: Part) -> int:
    """Return how many messages a part is in."""
    depth = 0
    outer = part.within
    while outer is not None and depth <= _LEVELS:
        depth += 1
        outer = outer.within
    return depth


def _kind(part: Part) -> str:
    """Return as what a part is to be read, "" for what says nothing to a person."""
    declared, name = part.kind, name_of(part)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if _UNTOLD.match(declared):
        return _BY_ENDING[ending] if ending in _BY_ENDING else _sniffed(part)
    for kind, pattern in _BY_KIND:
        if pattern.match(declared):
            return _BY_ENDING.get(ending, "text") if kind == "text" and ending in ("eml", "pdf") else kind
    return _BY_ENDING.get(ending, "other")


def _sniffed(part: Part) -> str:
    """Return what a file that nobody tells the kind of is by its first bytes."""
    data = part.body(_SAMPLE)
    if is_pdf(data):
        return "pdf"
    if is_zip(data):
        return "zip"
    if data.startswith(_OLD):
        return "pieces"
    if data.startswith(_IMAGES):
        return "image"
    text = data.decode("utf-8", "ignore")
    if b"\0" in data or sum(map(_is_print, text)) <= _PRINTABLE * len(data.decode("utf-8", "replace")):
        return "other"
    return "message" if has_headers(data) else "text"


def _is_print(char: str) -> bool:
    return char.isprintable() or char in "\r\n\t"


def _is_decoration(part: Part) -> bool:
    """Whether a picture is rather a logo: it stands within the text, and is small."""
    within = part.disposition == "inline" or (part.raw("content-id") and part.disposition != "attachment")
    return bool(within) and part.end - part.start < _LOGO


def name_of(part: Part) -> str:
    """Return what a part calls its content as a file, decoded and bounded."""
    name = part.filename
    return visible_line(headers.unword(name) if "=?" in name else name)[:_MAX_NAME]


def _shared(texts: list[str]) -> str:
    """Put texts together, bounded: the long ones are cut, and none keeps another from being known."""
    texts = [text for text in map(str.strip, texts) if text]
    room = MAX_ATTACHED - len(_BETWEEN) * len(texts)
    for done, text in enumerate(sorted(texts, key=len)):
        share = room // (len(texts) - done)
        if len(text) > share:
            return _BETWEEN.join(ends(each, share) for each in texts)
        room -= len(text)
    return _BETWEEN.join(texts)
