"""What a ZIP file tells: the text of an office document, or the names of the files in it. Bounded; never raises."""

import io
import re
import zipfile

from relaywatch.mailbox import html
from relaywatch.mailbox.charset import lines, visible_line

_TEXTS = ("word/document.xml", "content.xml", "xl/sharedStrings.xml")  # of Word, OpenDocument, Excel
_MAX_XML = 2_097_152  # bytes unpacked
_MAX_DIRECTORY = 2_000  # entries of an archive that are looked at
_MAX_NAMES = 30
_MAX_TEXT = 20_000
_ENTRY = b"PK\x01\x02"  # of the central directory (APPNOTE 4.3.12)
_BREAK = re.compile(r"</(?:w:p|text:p|text:h|si)>|<w:br/>|<w:tab/>")


def is_zip(data: bytes) -> bool:
    """Whether bytes begin as a ZIP file does."""
    return data.startswith(b"PK\x03\x04")


def read_zip(data: bytes) -> tuple[str, tuple[str, ...], str]:
    """Return the text of an office document, the names in any other archive, and why there is no text."""
    if data.count(_ENTRY) > _MAX_DIRECTORY:
        return "", (), "an archive of too many files"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            for name in _TEXTS:
                if name in names:
                    text = _xml(archive, name)
                    return text, (), "" if any(map(str.isalnum, text)) else "no text in it"
            return "", tuple(visible_line(name)[:200] for name in names[:_MAX_NAMES]), "an archive"
    except Exception as error:  # noqa: BLE001 - zipfile and zlib raise whatever a broken or locked file makes them
        return "", (), f"it cannot be read ({type(error).__name__})"


def _xml(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as file:
        source = file.read(_MAX_XML).decode("utf-8", "replace")
    return lines(html.to_text(_BREAK.sub("<br>", source[: html.MAX_HTML])))[:_MAX_TEXT].strip()
