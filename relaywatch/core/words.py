"""The author's own words: a mail's text without quotes, signature and boilerplate.

One pass over the lines, each looked at with a few neighbours only, and bounded in lines and line length:
hostile text costs no more than long text. What is set aside is not lost, it is the second half of the answer.
A sign-off ("Thanks, Jordan") is the author's and stays; what a program appends goes. Where only the layout
could tell whose words they are, they are the author's: a customer's words must not be lost.
"""

import re
from collections.abc import Iterable

from relaywatch.core import footers, quotes
from relaywatch.core.contact import read_form
from relaywatch.core.rules import fold

MAX_LINES = 2000  # nobody writes more; what is beyond is set aside unread
_LOOKED_AT = 400  # characters of a line that decide what it is
_SIGNATURE_LINES = 8  # what may follow a ruler and still be a signature
_SIGNATURE_WIDTH = 90  # characters: longer lines are text
_RUNS_OF_BLANKS = re.compile(r"\n{4,}")


def split(text: str) -> tuple[str, str]:
    """Return (own words, rest) of a mail's text, both stripped; no visible character is lost.

    Of Walmart's Contact-Seller form the own words are the shopper's message, of a forward its introduction.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = (_RUNS_OF_BLANKS.sub("\n\n\n", text) if "\n\n\n\n" in text else text).split("\n", MAX_LINES)
    beyond = lines[MAX_LINES:]
    lines = lines[:MAX_LINES]
    own = _Walk(lines).run()
    words = _join(line for line, mine in zip(lines, own, strict=True) if mine)
    rest = _join([*(line for line, mine in zip(lines, own, strict=True) if not mine), *beyond])
    form = read_form(text)
    if form and form.message:
        return form.message, _join([words.replace(form.message, "", 1), rest])
    return words, rest


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()


class _Walk:
    """One pass over the lines, which finds those that are not the author's."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.folded = [fold(line[:_LOOKED_AT].replace("&nbsp;", " ")) if line else "" for line in lines]
        self.quoted = [quotes.is_quote(line) for line in lines]
        self.own = [not quote for quote in self.quoted]
        self.following = _following(self.folded)
        self.last_quote = max((i for i, quote in enumerate(self.quoted) if quote), default=-1)
        self.answer_below = any(self.folded[self.last_quote + 1 :])
        self.said_at = len(lines)  # the first line of the author's
        self.skipping = ""  # "signature" or "paragraph": inside one that stands above everything else

    def run(self) -> list[bool]:
        """Return for each line whether it is the author's."""
        for at, line in enumerate(self.folded):
            if not line:
                self.skipping = self.skipping if self.skipping == "signature" else ""
                continue
            if self._begins_quote(at):
                if not self._goes_on(at):
                    return self._cut(at)
                self.own[at] = False
            elif self.quoted[at]:
                self.skipping = ""
            elif self._is_appended(at, line):
                if self.said_at < at:
                    return self._cut(at)
                self.own[at] = False
            elif self.skipping:
                self.own[at] = False
            else:
                self.said_at = min(self.said_at, at)
        return self.own

    def _begins_quote(self, at: int) -> bool:
        if quotes.begins_original(self.folded, at):
            self.skipping = ""
            return True
        start = quotes.attribution_start(self.folded, at, quote_follows=self._quote_follows(at))
        if start is None:
            return False
        for i in range(start, at + 1):
            self.own[i] = False
        if self.said_at >= start:
            self.said_at = len(self.lines)
        self.skipping = ""
        return True

    def _quote_follows(self, at: int) -> bool:
        return self.following[at] >= 0 and self.quoted[self.following[at]]

    def _goes_on(self, at: int) -> bool:
        """Whether the author's words may go on behind the quote that begins here, for it is a marked one.

        Also where nothing was said yet and unmarked text follows the last marked quote: an answer below.
        """
        if self._quote_follows(at):
            return True
        return self.said_at > at and self.last_quote > at and self.answer_below

    def _cut(self, at: int) -> list[bool]:
        self.own[at:] = [False] * (len(self.own) - at)
        return self.own

    def _is_appended(self, at: int, line: str) -> bool:
        """Whether a program, a company or a list put this line here, or a signature begins."""
        if footers.is_footer(line):
            return True
        if footers.is_disclaimer(line):
            self.skipping = "paragraph"
            return True
        if footers.is_signature_mark(self.lines[at]):
            self.skipping = "signature"
            return True
        if self.said_at > at and footers.is_banner(line):
            return True
        return self.said_at < at and footers.is_ruler(self.lines[at]) and self._signature_follows(at)

    def _signature_follows(self, at: int) -> bool:
        """Whether what stands below a ruler is short enough, and nothing asked, for a signature."""
        below = 0
        for i in range(at + 1, min(at + 40, len(self.lines))):
            if self.quoted[i]:
                break
            if self.folded[i]:
                below += 1
                if below > _SIGNATURE_LINES or len(self.folded[i]) > _SIGNATURE_WIDTH or self.folded[i].endswith("?"):
                    return False
        return True


def _following(folded: list[str]) -> list[int]:
    """Return for each line the next one that is not blank, -1 where there is none."""
    following = [-1] * len(folded)
    nearest = -1
    for i in range(len(folded) - 1, -1, -1):
        following[i] = nearest
        if folded[i]:
            nearest = i
    return following
