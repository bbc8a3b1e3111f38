"""What can be made out in files whose form is not read: old Word, Outlook's messages, winmail.dat, RTF. Never raises.

Their text stands in them in one or two bytes a character, between what is no text. That is enough to see a name.
"""

import re

from relaywatch.mailbox.charset import lines

_MAX_PIECES = 2_000
_MAX_RTF = 524_288  # bytes
_MAX_TEXT = 20_000
_WIDE = re.compile(rb"(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00){6,}")
_NARROW = re.compile(rb"[\t\n\r\x20-\x7e\x91-\x94\x96\xc0-\xff]{12,}")
_RTF_BYTE = re.compile(rb"\\'([0-9a-fA-F]{2})")
_RTF_BREAK = re.compile(rb"\\(?:par|line|cell|row|tab)\b ?")
_RTF_WORD = re.compile(rb"\\[a-z]{1,32}-?\d{0,10} ?|[{}]")
_RTF = b"{\\rtf"


def read_pieces(data: bytes) -> str:
    """Return the runs of characters in a file, as lines, bounded."""
    if data.startswith(_RTF):
        one_line = data[:_MAX_RTF].replace(b"\r", b"").replace(b"\n", b"")
        plain = _RTF_WORD.sub(b"", _RTF_BREAK.sub(b"\n", _RTF_BYTE.sub(_byte, one_line)))
        return lines(plain.replace(b"\x00", b"").decode("cp1252", "replace"))[:_MAX_TEXT].strip()
    found: list[str] = []
    for pattern, charset in ((_WIDE, "utf-16-le"), (_NARROW, "cp1252")):
        for _, match in zip(range(_MAX_PIECES), pattern.finditer(data), strict=False):
            found.append(match[0].decode(charset, "replace"))
    return lines("\n".join(found))[:_MAX_TEXT].strip()


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
