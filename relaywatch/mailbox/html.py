"""HTML as text, in one pass and linear time: what a person sees, with quotes marked as in plain text.

Not the standard library's HTMLParser: it takes quadratic time on unclosed comments and tags, and five times as long
on ordinary mail. Mail's HTML needs only tags, their style and class, and character references.
"""

import html
import re

MAX_HTML = 1_048_576  # characters read
_MAX_QUOTE = 20  # levels of quotes marked
_MAX_TAG = 16_384  # characters of one tag

_BLOCK = frozenset(
    "div tr ul ol dl dt dd table tbody thead section article header footer center form fieldset address main aside nav "
    "h1 h2 h3 h4 h5 h6 body html option figure".split()
)
_PARAGRAPH = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table"})
_SKIPPED = frozenset(
    {"script", "style", "head", "title", "template", "noscript", "svg", "object", "select", "textarea"}
)
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "source", "track", "embed"}
)
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?![a-zA-Z0-9])")
_ENDS = {name: re.compile(f"</{name}(?![a-z])", re.IGNORECASE) for name in _SKIPPED}
_HIDDEN = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|mso-hide\s{0,5}:\s{0,5}all", re.IGNORECASE
)
_INDENTED = re.compile(r"border\s{0,5}:\s{0,5}(?:none|0)", re.IGNORECASE)
_RULE = "_" * 32  # as Outlook writes a divider in plain text
_INVISIBLE = str.maketrans(
    {
        "\xa0": " ",
        "\u200b": None,
        "\u00ad": None,
        "\ufeff": None,
        "\u034f": None,
        "\u2007": " ",
        "\u202f": " ",
    }
)


def to_text(source: str) -> str:
    """Return what a person sees of an HTML text; quotes begin with `> `. Never raises."""
    source = source[:MAX_HTML].replace("\x00", "")
    text, open_hidden = _Reader(source, hide=True).run()
    if open_hidden or not text.strip():  # a hidden element that never ends would take the rest with it
        text, _ = _Reader(source, hide=False).run()
    return text


class _Reader:
    """One pass over one HTML text."""

    def __init__(self, source: str, *, hide: bool) -> None:
        self.source = source
        self.hide = hide
        self.out: list[str] = []  # finished lines
        self.line: list[str] = []
        self.blanks = 0  # empty lines owed before the next text
        self.quotes: list[bool] = []  # for each open blockquote, whether it is a quote
        self.depth = 0
        self.preformatted = 0
        self.hidden = ""  # name of the hidden element that we are in
        self.hidden_depth = 0
        self.endless: set[str] = set()  # what is known not to close any more

    def run(self) -> tuple[str, bool]:
        source, position = self.source, 0
        while True:
            opening = source.find("<", position)
            if opening < 0:
                self._text(source[position:])
                break
            if opening > position:
                self._text(source[position:opening])
            position = self._tag(opening)
        self._break()
        return "\n".join(self.out).strip("\n"), bool(self.hidden)

    def _tag(self, opening: int) -> int:
        """Handle what begins with `<`; return where to go on."""
        source = self.source
        if source.startswith("<!--", opening):
            return self._past("-->", opening + 4, opening)
        match = _TAG.match(source, opening + 1)
        if match is None:
            if source[opening + 1 : opening + 2] in ("!", "?", "/"):
                return self._past(">", opening + 1, opening)
            self._text("<")
            return opening + 1
        end = self._tag_end(match.end(), opening)
        if end <= opening:
            self._text("<")
            return opening + 1
        name = match[2].lower()
        if match[1]:
            self._close(name)
        else:
            attributes = source[match.end() : end - 1]
            if name in _SKIPPED and not attributes.endswith("/"):
                return self._skip(name, end)
            self._open(name, attributes)
        return end

    def _past(self, mark: str, start: int, opening: int) -> int:
        """Where the mark ends; a mark that is missing is looked for once only, which keeps time linear."""
        found = -1 if mark in self.endless else self.source.find(mark, start)
        if found >= 0:
            return found + len(mark)
        self.endless.add(mark)
        close = -1 if ">" in self.endless else self.source.find(">", start)
        if close < 0:
            self.endless.add(">")
        return close + 1 if close >= 0 else opening + 1

    def _tag_end(self, start: int, opening: int) -> int:
        source = self.source
        end = -1 if ">" in self.endless else source.find(">", start, start + _MAX_TAG)
        if end < 0:
            return -1
        attributes = source[start:end]
        for mark in ('"', "'"):  # a `>` inside a quoted value
            if attributes.count(mark) % 2 and "=" in attributes:
                closing = source.find(mark, end, start + _MAX_TAG)
                further = source.find(">", closing, start + _MAX_TAG) if closing >= 0 else -1
                if further >= 0 and "<" not in source[end:closing]:
                    return further + 1
                break
        return end + 1

    def _skip(self, name: str, start: int) -> int:
        if name in self.endless:
            return start
        match = _ENDS[name].search(self.source, start)
        if match is None:
            self.endless.add(name)
            return start
        end = self.source.find(">", match.end(), match.end() + 200)
        return end + 1 if end >= 0 else match.end()

    def _open(self, name: str, attributes: str) -> None:
        if self.hidden:
            self.hidden_depth += name == self.hidden
            return
        if (
            self.hide
            and attributes
            and name not in _VOID
            and (_HIDDEN.search(attributes) or attributes.strip() == "hidden")
        ):
            self.hidden, self.hidden_depth = name, 1
            return
        if name == "br":
            self._break(forced=True)
        elif name in ("td", "th"):
            self._text(" ")
        elif name == "blockquote":
            self._break()
            quote = not _INDENTED.search(attributes) or "cite" in attributes or "quote" in attributes
            self.quotes.append(quote)
            self.depth += quote
        elif name == "hr":
            self._break()
            self.line.append(_RULE)
            self._break()
        elif name == "pre":
            self._break()
            self.preformatted += 1
        elif name in ("li", "p") or name in _BLOCK:
            self._break()
            if name in _PARAGRAPH:
                self.blanks = 1

    def _close(self, name: str) -> None:
        if self.hidden:
            if name == self.hidden:
                self.hidden_depth -= 1
                if not self.hidden_depth:
                    self.hidden = ""
            return
        if name == "blockquote":
            self._break()
            if self.quotes:
                self.depth -= self.quotes.pop()
        elif name == "pre":
            self._break()
            self.preformatted = max(0, self.preformatted - 1)
        elif name in ("li", "p") or name in _BLOCK:
            self._break()
            if name in _PARAGRAPH:
                self.blanks = 1

    def _break(self, *, forced: bool = False) -> None:
        """End the line; a forced break of an empty line is an empty line."""
        words = "".join(self.line)
        self.line = []
        words = words.rstrip() if self.preformatted else " ".join(words.split())
        if not words:
            if forced and self.out:
                self.blanks = 1
            return
        prefix = "> " * min(self.depth, _MAX_QUOTE)
        if self.blanks and self.out:
            self.out.append(prefix.rstrip())
        self.blanks = 0
        self.out.append(prefix + words)

    def _text(self, words: str) -> None:
        if self.hidden:
            return
        if "&" in words:
            try:
                words = html.unescape(words)
            except ValueError:  # a number of more digits than Python reads
                words = words.replace("&", " ")
        if not words.isascii():
            words = words.translate(_INVISIBLE)
        if self.preformatted:
            first, *others = words.split("\n")
            self.line.append(first)
            for other in others:
                self._break(forced=True)
                self.line.append(other)
        else:
            self.line.append(words)
