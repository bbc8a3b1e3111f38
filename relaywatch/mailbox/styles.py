"""The words that a style sheet itself puts before a person: generated content, marks of lists, quotation marks."""

import re
import sys

_PIECE = re.compile(  # a comment, or a string; what is not closed ends with the sheet, a string also with its line
    r"""/\*.*?(?:\*/|\Z)|("(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\\?\Z)|'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\\?\Z))""", re.DOTALL
)
_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
# What strings are ordinarily for: names of fonts and of Word's styles, addresses, comparisons.
_NO_WORDS = re.compile(
    r"\s*(?:@import|@charset|@namespace|(?:font|src|mso-(?!level-text)|(?:-ms-)?filter|behavior)[a-z-]*\s*:)",
    re.IGNORECASE,
)
_NAMING = ("=", "url(", "format(", "local(")
_PROPERTY = 200  # characters of a declaration that are looked at
# Words out of attributes, a picture within the sheet, and what may spell either.
_UNCLEAR = re.compile(r"attr\s*\(|data:|\\(?:[0-9a-f]{2}|[g-z])", re.IGNORECASE)


def shown_by(sheet: str) -> list[str] | None:
    """Return the strings of a style sheet that may be shown, None where there may be others. Linear in time."""
    if not ('"' in sheet or "'" in sheet or "(" in sheet or "\\" in sheet):
        return []
    found: list[str] = []
    declaration = ""  # what stands before the next string since the last declaration ended
    position = 0
    for match in _PIECE.finditer(sheet):
        between = sheet[position : match.start()]
        position = match.end()
        if _UNCLEAR.search(between):
            return None
        declaration = _last(declaration, between)
        text = match[1]
        if not text:
            continue
        if between.rstrip().lower().endswith(_NAMING):
            if text[1:].lstrip()[:5].lower() == "data:":
                return None
        elif not _NO_WORDS.match(declaration):
            found.append(_ESCAPE.sub(_unescaped, text.strip("\"'")))
    return None if _UNCLEAR.search(sheet, position) else found


def _last(declaration: str, more: str) -> str:
    """Return what a declaration begins with once more of the sheet is read."""
    start = max(map(more.rfind, ";{}"))
    return (declaration + more if start < 0 else more[start + 1 :])[:_PROPERTY].lstrip()


def _unescaped(match: re.Match[str]) -> str:
    if not match[1]:
        return "" if match[2] == "\n" else match[2]
    code = int(match[1], 16)
    return chr(code) if code <= sys.maxunicode else "\ufffd"
