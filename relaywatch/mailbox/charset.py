"""From bytes to text, whatever the mail says its charset is. Never raises; time and memory linear in the input."""

import codecs
import re
from functools import lru_cache

# What mail calls a charset and Python calls otherwise, or where a superset reads more of real mail.
_ALIASES = {
    "ascii": "",
    "us-ascii": "",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859": "cp1252",
    "gb2312": "gb18030",
    "gb-2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "windows-936": "gb18030",
    "big5": "cp950",
    "x-x-big5": "cp950",
    "ks_c_5601": "cp949",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "utf": "utf-8",
}
# Codecs that are no charset, or that take more than linear time.
_REFUSED = {
    "idna",
    "punycode",
    "unicode_escape",
    "unicode-escape",
    "raw_unicode_escape",
    "raw-unicode-escape",
    "undefined",
}
_CJK_SHARE = 0.6  # of the characters that are not ASCII: less is more likely Latin read as Chinese
_LONGEST_NAME = 40

# C0 and C1 controls, bidirectional marks and overrides, line separators, byte order marks and lone surrogates.
_UNSEEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
_UNSEEN_IN_TEXT = re.compile(f"[{_UNSEEN}]+")
_UNSEEN_IN_LINE = re.compile(f"[{_UNSEEN}]|[\t\n]")
_SAMPLE = 4_000  # bytes that decide whether undeclared bytes are Chinese


@lru_cache(maxsize=256)
def codec(name: str) -> str:
    """Return the Python codec for a charset as mail names it, "" where it is unknown or says nothing."""
    name = name.strip().strip("'\"").lower()
    if len(name) > _LONGEST_NAME or not name.isascii() or "\x00" in name:
        return ""
    name = _ALIASES.get(name, name)
    if not name:
        return ""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    is_text = getattr(found, "_is_text_encoding", True)  # leaves out base64, zlib, rot13 and their like
    return found.name if is_text and found.name not in _REFUSED else ""


def decode(data: bytes, charset: str = "") -> str:
    """Return bytes as text by the charset that they were said to be in, or by the best guess. Never raises."""
    if data.isascii() and b"\x1b" not in data and not charset:
        return data.decode("ascii")
    name = codec(charset) if charset else ""
    if name:
        try:
            return data.decode(name)
        except (UnicodeError, ValueError):
            if name not in ("utf-8", "cp1252"):
                return data.decode(name, "replace")
    return guess(data)


def guess(data: bytes) -> str:
    """Return undeclared bytes as text: UTF-8 where valid, ISO-2022-JP by its escapes, else Chinese or Latin."""
    if b"\x1b$" in data:
        return data.decode("iso2022_jp_ext", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) - error.start < 4 <= error.start:  # cut inside a character
            return data.decode("utf-8", "replace")
    if _looks_chinese(data):
        return data.decode("gb18030", "replace")
    return data.decode("cp1252", "replace") if b"\x81" not in data else data.decode("latin-1")


def _looks_chinese(data: bytes) -> bool:
    first = next((at for at, byte in enumerate(data[: _SAMPLE * 16]) if byte > 0x7F), 0)
    text = data[first : first + _SAMPLE].decode("gb18030", "ignore")
    foreign = [char for char in text if char > "\x7f"]
    chinese = sum(
        "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"
        for char in foreign
    )
    pairs = sum(byte > 0x7F for byte in data[first : first + _SAMPLE])
    return chinese > len(foreign) * _CJK_SHARE and chinese * 2 >= pairs * _CJK_SHARE


def one_line(text: str) -> str:
    """Return text without anything that is not seen, line breaks included: what headers may keep."""
    if text.isprintable():
        return text.strip()
    return _UNSEEN_IN_LINE.sub(_blank_or_nothing, text).strip()


def lines(text: str) -> str:
    """Return text without anything that is not seen but with its line breaks, which become `\\n`."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.replace("\n", "").replace("\t", "").isprintable():  # several times as fast
        return text
    return _UNSEEN_IN_TEXT.sub("", text)


def _blank_or_nothing(match: re.Match[str]) -> str:
    return " " if match.group() in "\t\n\r\x0b\x0c\u2028\u2029" else ""
