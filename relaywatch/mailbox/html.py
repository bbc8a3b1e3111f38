"""HTML as text, in one pass and linear time: what a person sees, with quotes marked as in plain text.

Not the standard library's HTMLParser: it takes quadratic time on unclosed comments and tags, and several
times as long on ordinary mail. Mail needs of HTML only tags, their style, and character references.
"""

import html
import re

from relaywatch.mailbox.styles import shown_by

MAX_HTML = 1_048_576  # characters read
_MAX_QUOTE = 20  # levels of quotes marked
_MAX_TAG = 16_384  # characters of one tag
_MAX_TAGS = 60_000  # more is no mail; what follows them is left out

_BREAKING = {
    **dict.fromkeys(("div", "tr", "ul", "ol", "dl", "dt", "dd", "tbody", "thead", "tfoot", "li"), "line"),
    **dict.fromkeys(("section", "article", "header", "footer", "center", "form", "fieldset", "address"), "line"),
    **dict.fromkeys(("main", "aside", "nav", "body", "html", "head", "option", "figure", "caption"), "line"),
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "table"), "paragraph"),
    **dict.fromkeys(("br", "td", "th", "blockquote", "hr", "pre"), "special"),
    **dict.fromkeys(("script", "style", "title", "template", "svg", "object"), "skipped"),
    **dict.fromkeys(("select", "textarea", "noscript"), "skipped"),
}
_VOID = frozenset(
    ("br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "source", "track", "embed")
)
# a tag without surprises, and the text behind it
_PLAIN_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?![a-zA-Z0-9])([^<>]*)>([^<]*)")
_TAG = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,20})(?![a-zA-Z0-9])")
_SKIPPED = (*(name for name, what in _BREAKING.items() if what == "skipped"), "xml")
_ENDS = {name: re.compile(f"</{name}(?![a-z])", re.IGNORECASE) for name in _SKIPPED}
_COMMENT_END = re.compile("--!?>")
_HIDDEN = re.compile(r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden|mso-hide\s{0,5}:\s{0,5}all")
_SHOWN = re.compile(r"<(/?)(?:select|noscript|object|svg|template)(?![a-z0-9])", re.IGNORECASE)
# what shows tags as they are written, or another document
_LITERAL = frozenset(("xmp", "plaintext", "listing", "textarea", "iframe", "noembed", "noframes"))
_SHOWN_VALUES = frozenset(("alt", "placeholder", "title", "aria-label", "aria-description", "label", "summary"))
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([a-zA-Z][\w:.-]*)\s*=\s*("[^"]*|'[^']*|[^\s"'>][^\s>]*)""")
_CONDITIONAL = re.compile(r"<!--\[if[^\]<>]{0,200}\]>(?:\s{0,50}(?:<div>\s{0,50})?<(xml)(?![a-z]))?", re.IGNORECASE)
_INDENTED = re.compile(r"border\s{0,5}:\s{0,5}(?:none|0)")
_INTRODUCES = (":", "：", ">", "---", "___", "wrote", "|")
_RULE = "_" * 32  # as Outlook writes a divider in plain text
_INVISIBLE = str.maketrans({"\xa0": " ", "\u2007": " ", "\u202f": " ", **dict.fromkeys("\u200b\xad\ufeff\u034f")})


def to_text(source: str) -> str:
    """Return what a person sees of an HTML text; quotes begin with `> `. Never raises."""
    source = source[:MAX_HTML].replace("\x00", "")
    reader = _HtmlPass(source, hide=True)
    text, hiding = reader.run()
    if hiding or (
        not text and reader.hid
    ):  # a hidden element that never ends must not take the rest of the mail with it
        text, _ = _HtmlPass(source, hide=False).run()
    return text


def all_text(source: str) -> str | None:
    """Return every text that a person may see, hidden or not, None where there may be one that is not found.

    A style sheet can show what an attribute hides, attributes are shown instead of pictures and in fields, and a
    style sheet can hold words itself.
    """
    if len(source) > MAX_HTML:
        return None
    reader = _Everything(_SHOWN.sub(r"<\1div", source.replace("\x00", "")), hide=False)
    text, _ = reader.run()
    return None if reader.unsure or reader.unfinished else f"{text}\n{' '.join(reader.beside)}".strip()


class _HtmlPass:
    """One pass over one HTML text."""

    def __init__(self, source: str, *, hide: bool) -> None:
        self.source = source
        self.hide = hide
        self.out: list[str] = []  # finished lines
        self.line: list[str] = []  # pieces of the line that is being written
        self.gap = False  # whether an empty line comes before the next text
        self.quotes: list[bool] = []  # for each open blockquote, whether it is a quote
        self.depth = 0
        self.preformatted = 0
        self.hidden = ""  # the name of the hidden element that we are in
        self.hidden_depth = 0
        self.hid = False  # whether anything was hidden
        self.unfinished = False  # whether tags were left out
        self.missing: set[str] = set()  # marks that do not come any more, looked for once: keeps time linear
        self.angle = -1  # where the next `>` stands, looked for once, too

    def run(self) -> tuple[str, bool]:
        """Return the text, and whether it ended inside a hidden element."""
        source, size = self.source, len(self.source)
        first = source.find("<")
        position = size if first < 0 else first
        self._text(source[:position])
        for _ in range(_MAX_TAGS):
            if position >= size:
                break
            match = _PLAIN_TAG.match(source, position)
            if match and not (match[3].count('"') % 2 or match[3].count("'") % 2):
                closing, name, attributes, text = match.groups()
                position = self._element(closing, name, attributes, match.start(4))
                if position == match.start(4):
                    position = match.end()
                    self._text(text)
                    continue
            else:
                position = self._odd_tag(position)
            following = source.find("<", position)
            following = size if following < 0 else following
            self._text(source[position:following])
            position = following
        self.unfinished = position < size
        self._break()
        return "\n".join(self.out).strip("\n"), bool(self.hidden)

    def _element(self, closing: str, name: str, attributes: str, end: int) -> int:
        """Handle a tag that ends at `end`; return where to go on."""
        if name not in _BREAKING:
            name = name.lower()
        if closing:
            self._close(name)
            return end
        if _BREAKING.get(name) == "skipped" and not attributes.endswith("/"):
            return self._skip(name, end)
        self._open(name, attributes)
        return end

    def _odd_tag(self, opening: int) -> int:
        """Handle what begins with `<` and is a comment, a broken tag or none; return where to go on."""
        source = self.source
        if source.startswith("<!--", opening):
            return self._comment(opening + 4)
        match = _TAG.match(source, opening + 1)
        if match is None:
            if source[opening + 1 : opening + 2] in ("!", "?", "/"):
                return self._past_angle(opening + 1)
            self._text("<")
            return opening + 1
        end = self._tag_end(match.end())
        if end < 0:
            self._text("<")
            return opening + 1
        return self._element(match[1], match[2], source[match.end() : end - 1], end)

    def _comment(self, start: int) -> int:
        """Return where a comment ends as browsers see it: `<!-->` and `<!--->` are whole ones, `--!>` ends one too."""
        for empty in (">", "->"):
            if self.source.startswith(empty, start):
                return start + len(empty)
        match = None if "-->" in self.missing else _COMMENT_END.search(self.source, start)
        if match is None:
            self.missing.add("-->")
            return self._past_angle(start)
        return match.end()

    def _past_angle(self, start: int) -> int:
        """Return where the next `>` ends, at once where there is none."""
        angle = self._next_angle(start)
        return angle + 1 if angle >= 0 else start

    def _next_angle(self, start: int) -> int:
        """Return where the next `>` stands, -1 where there is none; `start` never goes back."""
        if self.angle < start and ">" not in self.missing:
            self.angle = self.source.find(">", start)
            if self.angle < 0:
                self.missing.add(">")
        return self.angle if self.angle >= start else -1

    def _tag_end(self, start: int) -> int:
        """Return where a tag ends, -1 where it does not; a `>` in a quoted value is no end."""
        source = self.source
        end = self._next_angle(start)
        if end < 0 or end - start > _MAX_TAG:
            return -1
        attributes = source[start:end]
        for mark in ('"', "'"):
            if attributes.count(mark) % 2 and "=" in attributes:
                closing = source.find(mark, end, start + _MAX_TAG)
                further = source.find(">", closing, start + _MAX_TAG) if closing >= 0 else -1
                if further >= 0 and "<" not in source[end:closing]:
                    return further + 1
                break
        return end + 1

    def _skip(self, name: str, start: int) -> int:
        """Return where an element that shows nothing ends; at once where it never does."""
        match = None if name in self.missing else _ENDS[name].search(self.source, start)
        if match is None:
            self.missing.add(name)
            return start
        end = self.source.find(">", match.end(), match.end() + 200)
        return end + 1 if end >= 0 else match.end()

    def _open(self, name: str, attributes: str) -> None:
        if self.hidden:
            self.hidden_depth += name == self.hidden
            return
        if attributes and self.hide and _hides(attributes) and name not in _VOID:
            self.hidden, self.hidden_depth, self.hid = name, 1, True
            return
        what = _BREAKING.get(name)
        if what is None:
            return
        if what != "special":
            self._break()
            self.gap = self.gap or what == "paragraph"
        elif name == "br":
            self._break(forced=True)
        elif name == "blockquote":
            self._break()
            self.quotes.append(self.depth > 0 or _is_quote(attributes, self.out[-1] if self.out else ""))
            self.depth += self.quotes[-1]
        elif name == "pre":
            self._break()
            self.preformatted += 1
        elif name == "hr":
            self._break()
            self.line.append(_RULE)
            self._break()
        else:
            self.line.append(" ")  # between the cells of a table

    def _close(self, name: str) -> None:
        if self.hidden:
            if name == self.hidden:
                self.hidden_depth -= 1
                self.hidden = self.hidden if self.hidden_depth else ""
            return
        what = _BREAKING.get(name)
        if what in ("line", "paragraph"):
            self._break()
            self.gap = self.gap or what == "paragraph"
        elif name == "blockquote":
            self._break()
            self.depth -= self.quotes.pop() if self.quotes else 0
        elif name == "pre":
            self._break()
            self.preformatted = max(0, self.preformatted - 1)

    def _break(self, *, forced: bool = False) -> None:
        """End the line; a forced break of an empty line is an empty line."""
        words = ""
        if self.line:
            words = "".join(self.line)
            words = words.rstrip() if self.preformatted else " ".join(words.split())
            self.line = []
        if not words:
            self.gap = self.gap or forced
            return
        prefix = "> " * min(self.depth, _MAX_QUOTE)
        if self.gap and self.out:
            self.out.append(prefix.rstrip())
        self.gap = False
        self.out.append(prefix + words)

    def _text(self, words: str) -> None:
        if self.hidden or not words:
            return
        if "&" in words:
            words = _unescaped(words)
        if not words.isascii():
            words = words.translate(_INVISIBLE)
        if not self.preformatted:
            self.line.append(words)
            return
        first, *others = words.split("\n")
        self.line.append(first)
        for other in others:
            self._break(forced=True)
            self.line.append(other)


class _Everything(_HtmlPass):
    """One pass that also gathers what stands elsewhere than in the text, or says that it may be there."""

    def __init__(self, source: str, *, hide: bool) -> None:
        super().__init__(source, hide=hide)
        self.beside: list[str] = []
        self.unsure = False

    def _element(self, closing: str, name: str, attributes: str, end: int) -> int:
        low = name.lower()
        self.unsure = self.unsure or low in _LITERAL
        if attributes and not closing:
            self._attributes(low, attributes)
        return super()._element(closing, name, attributes, end)

    def _attributes(self, name: str, attributes: str) -> None:
        """Gather the values that are shown: instead of a picture, in a field, when pointed at, or by a style."""
        for written, quoted in _ATTRIBUTE.findall(attributes):
            key, value = written.lower(), _unescaped(quoted.strip("\"'"))
            if key in _SHOWN_VALUES or (key == "value" and name == "input"):
                self.beside.append(value.translate(_INVISIBLE))
            elif key == "style":
                self._style(value)
            elif key == "srcdoc" or ((key, name) != ("href", "a") and value.lstrip()[:5].lower() == "data:"):
                self.unsure = True

    def _style(self, sheet: str) -> None:
        shown = shown_by(sheet)
        self.unsure = self.unsure or shown is None
        self.beside += shown or ()

    def _skip(self, name: str, start: int) -> int:
        end = super()._skip(name, start)
        if name == "style":
            self._style(self.source[start:end].rpartition("</")[0])
        return end

    def _odd_tag(self, opening: int) -> int:
        """Read what Outlook sees of a comment, but for its own settings."""
        match = _CONDITIONAL.match(self.source, opening)
        if match is not None:
            return self._skip("xml", match.end()) if match[1] else match.end()
        self.unsure = self.unsure or self.source.startswith("<![CDATA[", opening)
        return super()._odd_tag(opening)

    def _tag_end(self, start: int) -> int:
        """A `>` in a quoted value may end a tag here and not there: what is behind it may be shown or not."""
        end = super()._tag_end(start)
        attributes = self.source[start : max(start, end)]
        self.unsure = self.unsure or any(attributes.count(mark) % 2 for mark in ('"', "'"))
        return end


def _hides(attributes: str) -> bool:
    """Whether a tag's attributes say that nobody sees it."""
    low = attributes.lower()
    if "none" not in low and "hid" not in low:
        return False
    return _HIDDEN.search(low) is not None or low.strip() == "hidden"


def _is_quote(attributes: str, before: str) -> bool:
    """Whether a blockquote holds another's words; people and mail programs also indent with it.

    A bare one is a quote where the line before introduces something, or is one itself.
    """
    low = attributes.lower()
    if "cite" in low or "quote" in low or "border-left" in low:
        return True
    return not _INDENTED.search(low) and before.rstrip().endswith(_INTRODUCES)


def _unescaped(words: str) -> str:
    try:
        return html.unescape(words.replace("&nbsp;", " "))
    except ValueError:  # a number of more digits than Python reads
        return words.replace("&", " ")
