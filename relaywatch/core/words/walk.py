"""One pass over the lines of a text, which finds those that are not the author's (own_words.py says how)."""

from collections.abc import Sequence
from functools import lru_cache

from relaywatch.core.language.rules import fold_line
from relaywatch.core.language.tokens import tokens_in_line
from relaywatch.core.words import footers, quotes
from relaywatch.core.words.known import Known, Looked
from relaywatch.core.words.said import begins_letter

LOOKED_AT = 400  # characters of a line that decide what it is
_SIGNATURE_LINES = 8  # what may follow a ruler and still be a signature
_SIGNATURE_WIDTH = 90  # characters: longer lines are text
_REPEATED = 0.6  # share of a message that was seen repeated, behind which its quote may have ended
ENOUGH_POINTS = 3  # of a block's lines together
_INTRODUCTION = 12  # lines of one that introduces
_BESIDE = 40  # characters of a line within an introduction that says nothing known: a label, a ruler
_BRIEF = 8  # tokens of a line that only names a date or a subject
_LEAST_COPIED = 4  # tokens of a copy that stands below the author's words without any mark


class Walk:
    """One pass over the lines, which finds those that are not the author's."""

    def __init__(self, lines: Sequence[str], known: Known | None = None) -> None:
        self.lines = lines
        self.folded = [fold_line(line[:LOOKED_AT].replace("&nbsp;", " ")) if line else "" for line in lines]
        self.quoted = [quotes.is_quote(line) for line in lines]
        self.own = [not quote for quote in self.quoted]
        self.following = _following(self.folded)
        self.last_quote = max((i for i, quote in enumerate(self.quoted) if quote), default=-1)
        self.answer_below = any(self.folded[self.last_quote + 1 :])
        self.said_at = len(lines)  # the first line of the author's
        self.framed = False  # whether a help desk's line stood on top
        self.began = False  # whether a mark or an attribution began a quote
        self.skipping = ""  # "signature" or "paragraph": inside one that stands above everything else
        self.known = known if known is not None and not known.empty else None
        self.looked: Looked | None = self.known.look_at(self.folded) if self.known else None
        self.introduces = self._introductions() if self.looked else frozenset()
        self.inside = False  # a quote that began and is not marked line by line
        self.repeated: list[str] = []  # the tokens of the copies since then

    def run(self) -> list[bool]:
        """Return for each line whether it is the author's."""
        for at, line in enumerate(self.folded):
            if not line:
                self.skipping = self.skipping if self.skipping == "signature" else ""
                continue
            if self._is_known(at, line):
                continue
            if self._begins_quote(at):
                self.began = True
                if not self._goes_on(at) and not self._quotes_known():
                    return self._cut(at)
                self.own[at] = False
            elif self.quoted[at]:
                self.skipping = ""
            elif not _is_plain(line) and self._is_appended(at, line):
                if self.said_at < at and not self._answer_follows(at):
                    return self._cut(at)
                self.own[at] = False
            elif self.skipping:
                self.own[at] = False
            else:
                self.said_at = min(self.said_at, at)
        return self.own

    def _quotes_known(self) -> bool:
        """Enter a quote whose end what is known will tell; return whether anything is known."""
        if self.known is not None:
            self._enter()
        return self.known is not None

    # ---- the first way: what came before is known ----

    def _introductions(self) -> frozenset[int]:
        """Return the lines that introduce a copy: each says something of that message, or stands between such."""
        assert self.looked is not None
        found: set[int] = self._blocks() | self._above_marked_copies()
        for at, line in enumerate(self.folded):
            begins = bool(line) and (self.looked.strong(at) or (self.looked.copied[at] and not self.quoted[at]))
            if not begins or at in found:
                continue
            if self.looked.strong(at):
                found.add(at)
            found.update(self._block_before(at))
            if self.looked.strong(at):
                found.update(self._block_after(at))
        return frozenset(found)

    def _above_marked_copies(self) -> set[int]:
        """Return the brief lines with a colon at their end that stand above copies which are marked as quotes."""
        assert self.looked is not None
        above = (at for at, below in enumerate(self.following) if below >= 0 and self.quoted[below])
        return {
            at
            for at in above
            if self.folded[at].endswith((":", "：")) and not self.quoted[at] and self._copy_among(self.following[at])
            if len(tokens_in_line(self.folded[at])) <= _BRIEF
        }

    def _copy_among(self, at: int) -> bool:
        """Whether one of the marked lines from here on is a copy."""
        assert self.looked is not None
        while at < len(self.lines) and (self.quoted[at] or not self.folded[at]):
            if self.looked.copied[at]:
                return True
            at += 1
        return False

    def _blocks(self) -> set[int]:
        """Return the lines of blocks that say enough of a message together: who, when, about what, a line each."""
        assert self.looked is not None
        found: set[int] = set()
        block: list[int] = []
        for at in range(len(self.folded) + 1):
            inside = at < len(self.folded) and (self._is_label(at) or self._is_drawn(at)) and not self.looked.copied[at]
            if inside:
                block.append(at)
                continue
            if at < len(self.folded) and not self.folded[at] and block and not self._says_enough(block):
                continue
            if self._says_enough(block):
                found.update(self._from_first_that_says(block))
            block = []
        return found

    def _from_first_that_says(self, block: Sequence[int]) -> Sequence[int]:
        """Return a block without what stands above its first line that says something, but for a ruler or title."""
        assert self.looked is not None
        first = next(place for place, at in enumerate(block) if self.looked.points[at])
        while first and self._is_drawn(block[first - 1]):
            first -= 1
        return block[first:]

    def _says_enough(self, block: Sequence[int]) -> bool:
        assert self.looked is not None
        points = [self.looked.points[at] for at in block]
        return sum(points) >= ENOUGH_POINTS and sum(map(bool, points)) > 1

    def _block_before(self, at: int) -> set[int]:
        """Return the lines above one that belong to its introduction, up to the last that says something."""
        assert self.looked is not None
        block: set[int] = set()
        pending: list[int] = []
        for above in range(at - 1, max(-1, at - 1 - _INTRODUCTION), -1):
            if not self.folded[above]:
                if pending and not self._is_drawn(pending[-1]):
                    break
                continue
            if self.looked.copied[above]:
                break
            if self.looked.weak(above) and self._may_introduce(above):
                block.update(pending)
                block.add(above)
                pending = []
            elif self._is_label(above) or self._is_drawn(above) or self._is_brief_sign(above):
                pending.append(above)
                if self._is_drawn(above) and any(map(self._is_brief_sign, pending)):
                    block.update(pending)  # "Replied Message", its date and subject below it without any colon
            else:
                break
        if block or self.looked.strong(at):
            block.update(line for line in pending if self._is_drawn(line))
        return block

    def _block_after(self, at: int) -> set[int]:
        """Return the lines below a strong one that are the rest of its introduction: labels, dates, subjects."""
        assert self.looked is not None
        block: set[int] = set()
        pending: list[int] = []
        for below in range(at + 1, min(len(self.folded), at + 1 + _INTRODUCTION)):
            if not self.folded[below]:
                if block or pending:
                    break
                continue
            if self.looked.copied[below]:
                break
            if self.looked.weak(below) and self._may_introduce(below):
                block.update(pending)
                block.add(below)
                pending = []
            elif self._is_label(below):
                pending.append(below)
            else:
                break
        return block

    def _may_introduce(self, at: int) -> bool:
        """Whether a line that says something of a message has the form of an introduction, not of a sentence."""
        assert self.looked is not None
        line = self.folded[at]
        return self.looked.strong(at) or self._is_label(at) or line.endswith((":", ">", "|", "|>")) or "|" in line

    def _is_brief_sign(self, at: int) -> bool:
        """Whether a short line says something of a message, without the form of an introduction."""
        assert self.looked is not None
        return (
            self.looked.weak(at)
            and len(tokens_in_line(self.folded[at])) <= _BRIEF
            and not self.folded[at].endswith((".", "!"))
        )

    def _is_label(self, at: int) -> bool:
        """Whether a line is a label with its value: short words, a colon or a bar of a table."""
        return quotes.is_labelled(self.folded[at])

    def _is_drawn(self, at: int) -> bool:
        """Whether a line is a ruler or a title between rulers."""
        return len(self.folded[at]) <= _BESIDE + 20 and quotes.is_drawn(self.folded[at])

    def _is_known(self, at: int, line: str) -> bool:
        """Settle a line by what came before; return whether that could be done."""
        if self.looked is None:
            return False
        echo = self.looked.echoed[at] and (self.inside or self.quoted[at])  # who repeats himself quotes nobody
        if echo or (self.looked.copied[at] and self._is_copy(at)):
            self.repeated += tokens_in_line(line)
            self.own[at] = False
            return True
        if at in self.introduces:
            if not self.quoted[at]:
                self._enter()
                self.inside = not self._marked_below(at)
            self.own[at] = False
            return True
        if not self.inside or self._is_left(at) or (self.known is not None and self.known.fills_in(line)):
            return False
        self.own[at] = False
        return True

    def _is_left(self, at: int) -> bool:
        """Whether a line inside a quote is the author's again: it has ended, or has not yet begun.

        It has not begun where an answer stands on the line of the attribution, before the copy.
        """
        if self.quoted[at] or self._begins_quote(at):
            return False
        if self._ended():
            self.inside = False
            return True
        if self.repeated:
            return False
        copy = self._copy_below(at)
        return copy is not None and (self.quoted[copy] or not self._is_label(at))

    def _marked_below(self, at: int) -> bool:
        """Whether what a line introduces is marked line by line: then the marks say where it ends."""
        while self.following[at] >= 0 and self.following[at] in self.introduces:
            at = self.following[at]
        return self._quote_follows(at)

    def _copy_below(self, at: int) -> int | None:
        """Return the copy that stands below, before anything else is introduced."""
        assert self.looked is not None
        for below in range(at + 1, len(self.folded)):
            if self.looked.copied[below]:
                return below
            if below in self.introduces:
                return None
        return None

    def _is_copy(self, at: int) -> bool:
        """Whether a copied line is a quote: marked, introduced, or long enough to be no chance."""
        assert self.looked is not None
        if self.quoted[at] or self.inside or self.repeated or len(tokens_in_line(self.folded[at])) >= _LEAST_COPIED:
            return True
        below = self.following[at]  # "Hello there," above a copy is the copy's
        return below >= 0 and self.looked.copied[below] and len(tokens_in_line(self.folded[below])) >= _LEAST_COPIED

    def _enter(self) -> None:
        self.inside = True
        self.repeated = []
        self.skipping = ""

    def _ended(self) -> bool:
        """Whether so much of a message was repeated since the quote began that what follows may be an answer."""
        return self.known is not None and bool(self.repeated) and self.known.share_of(self.repeated) >= _REPEATED

    def _answer_follows(self, at: int) -> bool:
        """Whether an answer may stand below what was appended: behind a quote of what is known."""
        if self.looked is None or not any(self.looked.copied[at + 1 :]):
            return False
        self.skipping = self.skipping if self.skipping == "paragraph" else ""
        return True

    def is_marked_answer(self) -> bool:
        """Whether the marked lines on top are no quote: nobody wrote them before, and nothing introduces any."""
        if self.looked is None or self.introduces or any(self.looked.copied) or any(self.looked.echoed):
            return False
        first = next((at for at, line in enumerate(self.folded) if line), None)
        return first is not None and self.quoted[first] and not self.began

    def stands_between(self) -> bool:
        """Whether the author's words stand between marked lines of what was received, as people answer in parts.

        A program puts what it says above a quote, or below it.
        """
        if self.looked is None:
            return False
        copies = [at for at, copied in enumerate(self.looked.copied) if copied and self.quoted[at]]
        between = range(copies[0], copies[-1]) if copies else ()
        return any(self.own[at] and len(tokens_in_line(self.folded[at])) > 1 for at in between)

    # ---- the second way: marks ----

    def _begins_quote(self, at: int) -> bool:
        if _is_plain(self.folded[at]):
            return False
        if quotes.is_above_line(self.folded[at]) and self._is_head(at):
            return False
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

    def _is_head(self, at: int) -> bool:
        """Whether nothing was said above a line, or only who replies, right above it."""
        return self.said_at > at or (self._is_title(at) and self.folded[at - 1] != "" and self.following[at] >= 0)

    def _is_title(self, at: int) -> bool:
        """Whether all that was said above a line is one brief line without a stop."""
        above = [line for line, mine in zip(self.folded[:at], self.own[:at], strict=True) if line and mine]
        return len(above) == 1 and len(tokens_in_line(above[0])) <= _BRIEF and above[0][-1:].isalnum()

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
        if quotes.is_above_line(line) and self._is_head(at):
            self.framed, self.said_at = True, len(self.lines)  # who replies is nothing said
            return True
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
        signed = self.said_at < at and footers.is_ruler(self.lines[at]) and self._signature_follows(at)
        return signed and not (self.framed and self._is_title(at))

    def _signature_follows(self, at: int) -> bool:
        """Whether what stands below a ruler is short enough, and nothing asked, for a signature; no letter begins."""
        if self.following[at] >= 0 and begins_letter(self.folded[self.following[at]]):
            return False
        below = 0
        for i in range(at + 1, min(at + 40, len(self.lines))):
            if self.quoted[i]:
                break
            if self.folded[i]:
                below += 1
                if below > _SIGNATURE_LINES or len(self.folded[i]) > _SIGNATURE_WIDTH or self.folded[i].endswith("?"):
                    return False
        return True


@lru_cache(maxsize=4096)  # lines are met again: in quotes, signatures and forms
def _is_plain(folded: str) -> bool:
    """Whether a line is the author's, whatever stands around it: as most are, this is asked first."""
    if not folded[0].isalnum() or not quotes.is_unmarked(folded):
        return False
    appended = footers.is_footer(folded) or footers.is_disclaimer(folded) or footers.is_banner(folded)
    return not appended


def _following(folded: list[str]) -> list[int]:
    """Return for each line the next one that is not blank, -1 where there is none."""
    following = [-1] * len(folded)
    nearest = -1
    for i in range(len(folded) - 1, -1, -1):
        following[i] = nearest
        if folded[i]:
            nearest = i
    return following
