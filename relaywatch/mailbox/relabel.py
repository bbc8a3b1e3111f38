"""Text under a wrong label, or encoded twice on its way: made good where the result can hardly be chance.

A mail program that writes UTF-8 and says Latin-1 is told by its bytes: hardly any Latin text is valid UTF-8. What
remains ambiguous is a few signs ("NESTLÉ®" is a valid character of another script too): there the label counts.
Linear in time; never raises.
"""

import codecs
import re

_WESTERN = frozenset((
    "cp1252", "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-9", "iso8859-10", "iso8859-13",
    "iso8859-14", "iso8859-15", "iso8859-16", "cp1250", "cp1254", "cp1257", "cp437", "cp850", "mac-roman",
))  # fmt: skip
_OTHER_SINGLE = re.compile(r"(?:iso8859-|cp125|cp86|cp87|koi8|mac-|tis-620)")
_EAST_ASIAN = frozenset(("gb18030", "gb2312", "gbk", "big5", "cp950", "cp932", "shift_jis", "cp949", "euc_kr"))
_SAMPLE = 4_000  # bytes from the first one beyond ASCII that decide

_HIGH = re.compile(rb"[\x80-\xff]")
_HIGH_RUN = re.compile(rb"[\x80-\xff]{2,}")
_LONG_RUN = re.compile(rb"[\x80-\xff]{6}")
# Characters that mail in Latin letters is full of: accented letters, typographic marks, the euro, emoji.
_SURE = re.compile(
    rb"[\xc2\xc3][\x80-\xbf]|\xc5[\x92\x93\xb8]|\xe2(?:\x80[\x80-\xbf]|\x82\xac|\x84\xa2)|\xf0\x9f|\xef\xb8\x8f"
)
_PAIR = re.compile(rb"(?:[\xc4-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){2}")
_SEQUENCE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
_IDEOGRAPHS = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2}")
_ENOUGH = 3  # sequences, of whatever script: chance has not so many
_CHINESE_PAIRS = 4
_IN_RUNS = 0.9  # of the high bytes stand together
_COMMON = 0.8  # of the pairs are punctuation or everyday characters (GB 2312 level 1)
_COMMON_LEADS = frozenset((*range(0xA1, 0xA4), *range(0xB0, 0xD8)))

# What the bytes 80 to BF become under a wrong label, and the bytes that they were.
_AS_CP1252 = {bytes((byte,)).decode("cp1252", "ignore"): byte for byte in range(0x80, 0xA0)}
_BYTES = {ord(char): byte for char, byte in _AS_CP1252.items() if char}
_TRAIL = "\x80-\xbf" + "".join(re.escape(char) for char in _AS_CP1252 if char)
_TWICE = re.compile(f"(?:[\xc2-\xdf][{_TRAIL}]|[\xe0-\xef][{_TRAIL}]{{2}}|[\xf0-\xf4][{_TRAIL}]{{3}})+")
_TWICE_MARKS = (  # what all but a few texts of that kind hold: to look for it is cheap
    *("\xc3", "\xc2", "\xe2\u20ac", "\xe2\x80", "\xf0\u0178", "\xf0\x9f", "\xc5", "\xd0"),
    *("\xef\xbc", "\xe3\u20ac", "\xe4\xbd", "\xe7\u0161\u201e"),  # a comma, a full stop, two words of Chinese
)
_ROUNDS = 2  # encoded twice, and once more


def true_codec(data: bytes, name: str) -> str:
    """Return the codec that bytes beyond ASCII are really in: the one that the mail names, UTF-8 or GB 18030."""
    if name in _WESTERN:
        if _is_utf8(data, _SURE) or _is_utf8(data, _PAIR):
            return "utf-8"
        return "gb18030" if _is_chinese(data) else name
    if name in _EAST_ASIAN:
        return "utf-8" if _is_utf8(data, _IDEOGRAPHS) and not _has_common_pairs(data) else name
    if _OTHER_SINGLE.match(name):
        return "utf-8" if _is_utf8(data, None) else name
    return name


def _is_utf8(data: bytes, telling: re.Pattern[bytes] | None) -> bool:
    """Whether bytes are UTF-8, and that no chance: something telling is in them, or enough of it."""
    first = _HIGH.search(data)
    if first is None:
        return False
    try:
        _, read = codecs.utf_8_decode(data, "strict", False)  # its end may be cut
    except UnicodeDecodeError:
        return False
    sample = data[first.start() : min(read, first.start() + _SAMPLE)]
    if telling is not None and telling.search(sample):
        return True
    return sum(1 for _, _ in zip(range(_ENOUGH), _SEQUENCE.finditer(sample), strict=False)) == _ENOUGH


def _is_chinese(data: bytes) -> bool:
    """Whether bytes that are said to be Latin are GB 18030: nobody writes eight accented letters in a row."""
    first = _HIGH.search(data)
    sample = data[first.start() : first.start() + _SAMPLE] if first else b""
    runs = _HIGH_RUN.findall(sample) if _LONG_RUN.search(sample) else []
    if not runs or sum(map(len, runs)) < _IN_RUNS * len(_HIGH.findall(sample)):
        return False
    pairs = [run[at : at + 2] for run in runs for at in range(0, len(run) - 1, 2)]
    if len(set(pairs)) < _CHINESE_PAIRS:  # a ruler of signs is no text
        return False
    return sum(pair[0] in _COMMON_LEADS for pair in pairs) >= _COMMON * len(pairs)


def _has_common_pairs(data: bytes) -> bool:
    first = _HIGH.search(data)
    sample = data[first.start() : first.start() + _SAMPLE] if first else b""
    leads = [lead for run in _HIGH_RUN.findall(sample) for lead in run[:-1:2]]
    return 2 * sum(lead in _COMMON_LEADS for lead in leads) >= len(leads)


def mended(text: str) -> str:
    """Return text in which what was encoded twice (`rÃ©ponse`) is what was written; right text stays as it is."""
    if text.isascii():
        return text
    for _ in range(_ROUNDS):
        if not any(mark in text for mark in _TWICE_MARKS):
            return text
        found = [match for match in _TWICE.finditer(text) if _is_told(_raw(match[0]))]
        if all(map(_may_be_right, found)):
            return text
        text = _TWICE.sub(_once, text)
    return text


def _raw(run: str) -> bytes:
    """Return the bytes that a run of characters was made of."""
    return run.translate(_BYTES).encode("latin-1")


def _is_told(raw: bytes) -> bool:
    return bool(_SURE.search(raw) or _PAIR.search(raw))


def _may_be_right(match: re.Match[str]) -> bool:
    """Whether it may be a capital letter at a word's end and the mark behind it: “IRMÃ”."""
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() : match.end() + 1]
    return len(match[0]) == 2 and before.isupper() and not after.isalnum()  # noqa: PLR2004 - a letter and a mark


def _once(match: re.Match[str]) -> str:
    raw = _raw(match[0])
    try:
        return raw.decode("utf-8") if _is_told(raw) else match[0]
    except UnicodeDecodeError:
        return match[0]
