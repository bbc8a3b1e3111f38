r"""Characters that hide words from phrases: those that nobody sees, and letters that look like others.

A person reads `ne\u200dver` and `n\u0435ver` as "never"; without this, a phrase does not.
"""

import re

# Unicode's Default_Ignorable_Code_Point: shown as nothing. U+3164 and U+FFA0 stand for U+1160, which is one too.
_RANGES = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
INVISIBLE = frozenset(chr(code) for first, last in _RANGES for code in range(first, last + 1))

# Letters that are Latin, but no ASCII letter even without accents: small capitals, and the Turkish i without a dot.
_SMALL = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıȷɑɡ", "abcdefghijklmnoprstuvwyzijag", strict=True))
PLAIN = str.maketrans(_SMALL | {small.upper(): plain for small, plain in _SMALL.items() if not small.upper().isascii()})

# Cyrillic and Greek letters that pass for Latin ones. What has one in lower case has one in upper case: a text that
# was folded must not change when it is folded again.
_LIKE = (
    dict(zip("аеорсухіѕјһԁӏԛԝквнмтгп", "aeopcyxisjhdlqwkbhmtrn", strict=True))
    | dict(zip("АЕОРСУХІЅЈҺԀӀԚԜКВНМТГП", "AEOPCYXISJHDIQWKBHMTRN", strict=True))
    | dict(zip("οαερνικτυγηχωϲϳμβζ", "oaepviktuynxwcjubz", strict=True))
    | dict(zip("ΟΑΕΡΝΙΚΤΥΓΗΧΩϹͿΜΒΖ", "OAEPNIKTYYHXWCJMBZ", strict=True))
)
_LETTERS = "".join(_LIKE)
_TO_LATIN = str.maketrans(_LIKE)
_MIXED = re.compile(f"[{_LETTERS}](?:(?=[A-Za-z])|(?<=[A-Za-z].))")
_WORD = re.compile(f"[A-Za-z{_LETTERS}]+")

_UNSEEN = dict.fromkeys(map(ord, INVISIBLE))


def seen(text: str) -> str:
    """Return a text without what nobody sees of it; else as it was written."""
    return text if text.isascii() else text.translate(_UNSEEN)


def unmixed(text: str) -> str:
    """Return a text with its look-alikes as Latin letters where they stand in one word with ASCII letters.

    Words of one alphabet stay: Russian and Greek are languages. Linear in time, and one search where nothing is mixed.
    """
    return text if _MIXED.search(text) is None else _WORD.sub(_as_latin, text)


def _as_latin(match: re.Match[str]) -> str:
    word = match[0]
    return word if word.isascii() or not _MIXED.search(word) else word.translate(_TO_LATIN)
