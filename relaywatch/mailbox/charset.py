"""From bytes to text, whatever the mail says its charset is. Never raises; linear in time and memory."""

import binascii
import codecs
import re
from functools import lru_cache

from relaywatch.mailbox.relabel import mended, true_codec

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
_REFUSED = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"))
_LONGEST_NAME = 40

# C0 and C1 controls, bidirectional marks and overrides, line separators, byte order marks, lone surrogates
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff"
)
_UNSEEN_IN_TEXT = re.compile(f"[{_UNSEEN}]+")
_UNSEEN_IN_LINE = re.compile(f"[{_UNSEEN}]|[\t\n]")

_FOREIGN = re.compile(rb"[^A-Za-z0-9+/]+")
_SAMPLE = 4_000  # bytes that decide whether undeclared bytes are Chinese
_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_TWO_CHARACTERS = 4  # bytes: less in a row are rather two accented letters
_IN_RUNS = 0.8  # of the high bytes stand together in Chinese; Latin has one in a word
_COMMON = 0.7  # of the pairs are punctuation or everyday characters (GB 2312 level 1); Cyrillic has few
_COMMON_LEADS = frozenset((*range(0xA1, 0xA4), *range(0xB0, 0xD8)))
_CUT = 3  # bytes of a UTF-8 character that may be missing at the end


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
    return found.name if is_text and found.name.replace("-", "_") not in _REFUSED else ""


def decode(data: bytes, charset: str = "") -> str:
    """Return bytes as text by the charset that they are said to be in, or by the best guess. Never raises."""
    plain = data.isascii()
    if plain and b"\x1b" not in data and not charset:
        return data.decode("ascii")
    name = codec(charset) if charset else ""
    if plain and name in ("utf-8", "cp1252"):
        return data.decode("ascii")
    return mended(_decoded(data, name if plain else true_codec(data, name)) if name else guess(data))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except ValueError:
        pass
    if name not in ("utf-8", "cp1252"):
        try:
            return data.decode("utf-8")  # converted on the way, without a word about it
        except UnicodeDecodeError:
            return data.decode(name, "replace")
    return guess(data)


def guess(data: bytes) -> str:
    """Return undeclared bytes as text: UTF-8 where valid, others by their marks, Chinese or Latin."""
    if b"\x1b$" in data:
        return data.decode("iso2022_jp_ext", "replace")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > _CUT >= len(data) - error.start and not data[: error.start].isascii():
            return data.decode("utf-8", "replace")
    if _looks_chinese(data):
        return data.decode("gb18030", "replace")
    return data.decode("cp1252", "replace")


def _looks_chinese(data: bytes) -> bool:
    """Whether bytes that are no UTF-8 are rather GB 18030 than a Latin or Cyrillic charset."""
    first = _HIGH.search(data)
    sample = data[first.start() : first.start() + _SAMPLE] if first else b""
    runs = _HIGH_RUN.findall(sample)
    in_runs = sum(map(len, runs))
    if max(map(len, runs), default=0) < _TWO_CHARACTERS or in_runs < _IN_RUNS * len(_HIGH.findall(sample)):
        return False
    leads = [lead for run in runs for lead in run[:-1:2]]
    return sum(lead in _COMMON_LEADS for lead in leads) >= _COMMON * len(leads)


def visible_line(text: str) -> str:
    """Return text without anything that is not seen, line breaks included: what headers may keep."""
    if text.isprintable():
        return text.strip()
    return _UNSEEN_IN_LINE.sub(_blank_or_nothing, text).strip()


def lines(text: str) -> str:
    """Return text without anything that is not seen, but with its line breaks as line feeds."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.replace("\n", "").replace("\t", "").isprintable():  # several times as fast
        return text
    return _UNSEEN_IN_TEXT.sub("", text)


def _blank_or_nothing(match: re.Match[str]) -> str:
    return " " if match.group() in "\t\n\r\x0b\x0c\u2028\u2029" else ""


def unbase64(data: bytes) -> bytes:
    """Undo base64 as far as it can be: foreign bytes are skipped, a cut end is made good or dropped."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        clean = _FOREIGN.sub(b"", data)
        clean = clean[: len(clean) - (len(clean) % 4 == 1)]
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))
