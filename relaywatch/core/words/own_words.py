"""The author's own words: a mail's text without quotes, signature and boilerplate.

Two ways, one walk over the lines. Where the messages are known that came before (`Known`), what repeats them is
quoted, and what names their sender, subject or date beside it introduces the quote, in any language and program;
what is left is the author's, above, below or between. Marks (`>`, "… wrote:", copies of headers, dividers) are the
second way, for quotes of what was never seen.

Each line is looked at with a few neighbours only, and all is bounded in lines and line length: hostile text costs no
more than long text. What is set aside is not lost, it is the second half of the answer. A sign-off ("Thanks, Jordan")
is the author's and stays; what a program appends goes. Where only the layout could tell whose words they are, they are
the author's: a customer's words must not be lost.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from relaywatch.core.language.rules import find_phrase, fold_line
from relaywatch.core.words import quotes
from relaywatch.core.words.contact_form import read_form, without_message
from relaywatch.core.words.known import Known
from relaywatch.core.words.walk import ENOUGH_POINTS, LOOKED_AT, Walk

MAX_LINES = 2000  # nobody writes more; what is beyond is set aside unread
_ABOVE_AND_BELOW = 2  # turns of a text whose quote is in one piece, that piece counted
_RUNS_OF_BLANKS = re.compile(r"\n{4,}")


@dataclass(frozen=True, slots=True)
class Split:
    """A text in two: the author's words and the rest, and how their lines alternate.

    `layout` counts lines of `own` and of `rest` in turn, beginning with `own` (0 where the rest begins).
    """

    own: str
    rest: str
    layout: tuple[int, ...] = ()


def split(text: str) -> tuple[str, str]:
    """Return (own words, rest) of a mail's text, both stripped; no visible character is lost.

    Of Walmart's Contact-Seller form the own words are the shopper's message, of a forward its introduction.
    """
    found = divide(text)
    return found.own, found.rest


def divide(text: str) -> Split:
    """Return the same as `split`, and how the two are laid out in the text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    form = read_form(text)
    if form and form.contradicts:  # in parts neither would show it
        return Split(text.strip(), "")
    if not form or not form.message:
        return _divided(text)
    others = without_message(text, form)
    found = _divided(text if others is None else others)
    own = _without_words(found.own, form.message) if others is None else found.own
    return Split(form.message, _join([own, found.rest]))


def _without_words(text: str, words: str) -> str:
    """Return a text without these whole words, where they stand first: no digit of a number is one."""
    at = find_phrase(words, text)
    return text if at < 0 else text[:at] + text[at + len(words) :]


def _divided(text: str) -> Split:
    lines = (_RUNS_OF_BLANKS.sub("\n\n\n", text) if "\n\n\n\n" in text else text).split("\n", MAX_LINES)
    beyond = lines[MAX_LINES:]
    lines = quotes.parted(lines[:MAX_LINES])
    own = Walk(lines).run()
    if not any(own):
        own = _below_block(lines, own)
    return _split([*lines, *beyond], [*own, *(False for _ in beyond)])


def in_order(own: str, rest: str, layout: Sequence[int]) -> list[str]:
    """Return the lines of a text that was divided, as they stood; of one whose layout is not known, the own first."""
    halves = (own.split("\n") if own else [], rest.split("\n") if rest else [])
    taken = [0, 0]
    lines: list[str] = []
    for turn, count in enumerate(layout):
        side = turn % 2
        lines += halves[side][taken[side] : taken[side] + count]
        taken[side] += count
    return [*lines, *halves[0][taken[0] :], *halves[1][taken[1] :]]


def reread(lines: Sequence[str], known: Known) -> list[str]:
    """Return the author's own lines of a text, by what the conversation had before it."""
    lines = quotes.parted(lines[:MAX_LINES])
    walk = Walk(lines, known)
    own = walk.run()
    if walk.is_marked_answer():  # steps that somebody marked like a quote
        return [line.lstrip("> ") if walk.quoted[at] else line for at, line in enumerate(lines)]
    mine = [line for line, owned in zip(lines, own, strict=True) if owned]
    return [line[known.fills_in(fold_line(line[:LOOKED_AT])) :] if walk.introduces else line for line in mine]


def stands_between(own: str, rest: str, layout: Sequence[int], known: Known) -> bool:
    """Whether the author's words stand between lines of the quoted message, below what each of them answers."""
    if len(layout) - (layout[:1] == (0,)) <= _ABOVE_AND_BELOW:
        return False
    walk = Walk(quotes.parted(in_order(own, rest, layout)[:MAX_LINES]), known)
    walk.run()
    return walk.stands_between()


def is_all_marked(rest: str) -> bool:
    """Whether all that was set aside is marked as a quote, line by line, but for what introduces it."""
    unmarked = sum(bool(line.strip()) and not quotes.is_quote(line) for line in rest.split("\n"))
    return unmarked <= quotes.ATTRIBUTION_LINES // 2


def repeats(lines: Sequence[str], known: Known) -> bool:
    """Whether any of these lines repeats, or introduces, what came before."""
    looked = known.look_at([fold_line(line[:LOOKED_AT]) for line in lines[:MAX_LINES]])
    return any(looked.copied) or any(looked.echoed) or sum(looked.points) >= ENOUGH_POINTS


def _split(lines: Sequence[str], mine: Sequence[bool]) -> Split:
    """Part lines by whose they are, each half without the blank lines around it."""
    first = [len(lines), len(lines)]
    last = [-1, -1]
    for at, line in enumerate(lines):
        if line and not line.isspace():
            side = not mine[at]
            last[side] = at
            first[side] = min(first[side], at)
    halves: tuple[list[str], list[str]] = ([], [])
    layout: list[int] = []
    turn = False  # own words come first, though there be none
    for at, line in enumerate(lines):
        side = not mine[at]
        if first[side] <= at <= last[side]:
            if not layout or side is not turn:
                layout += [0, 1] if not layout and side else [1]
                turn = side
            else:
                layout[-1] += 1
            halves[side].append(line)
    return Split(_join(halves[False]), _join(halves[True]), tuple(layout))


def _below_block(lines: Sequence[str], own: list[bool]) -> list[bool]:
    """Give the author what stands below a copy of headers at the top: an answer below a quote that has no marks.

    Where that is the quote after all, its words are taken for the author's: in doubt, nobody's words are lost. Below a
    title ("Forwarded message") it is what somebody else wrote.
    """
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    top = "" if first is None else fold_line(lines[first][:LOOKED_AT])
    if first is None or not quotes.is_labelled(top) or quotes.is_forward_title(top):
        return own
    below = first
    while below < len(lines) and (not lines[below].strip() or quotes.is_labelled(fold_line(lines[below][:LOOKED_AT]))):
        below += 1
    return [at >= below and not quotes.is_quote(line) for at, line in enumerate(lines)]


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()
