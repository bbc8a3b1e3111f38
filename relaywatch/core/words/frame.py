"""What a help desk, a server or a shop puts around whatever is said, known by its form and its place.

On top: a banner in brackets or between marks, who wrote and when, labels with their values, a ticket's title. At the
end: choices to rate by, rows of symbols, a company's numbers, a slogan behind its name. All of it only where something
else is left: a reply that is nothing but such lines is what it is.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from relaywatch.core.language.tokens import is_chinese, tokens_in_line
from relaywatch.core.words import quotes
from relaywatch.core.words.facts import REFERENCE

_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:：]\d{2}(?!\d)|(?<!\d)\d{1,2} ?h ?\d{2}\b")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ZONE = re.compile(r"\d{2}:\d{2}:\d{2} ?[+-]\d{4}\b")
_STAMP_WORDS = 9  # beside figures: who it was, the day, the zone
_LABEL_VALUE = 6  # tokens behind a label; more is a sentence
_BRACKETED = re.compile(r"[【\[]{1,2}[^】\]]{1,80}[】\]]{1,2}(?P<behind>.{0,120})$", re.DOTALL)
_BETWEEN_MARKS = re.compile(r"(\*{2,12}|_{2,12}|[~=#•·–—|-]{1,12})\s?\S.*\S\s?\1$", re.DOTALL)
_SPEAKER = re.compile(r"[^\n,.!?。，！？]{2,40}[:：]$")  # "Mei commented:", not a label that has lost its link
_CHOICES = re.compile(r"(?:\s[/|·•]\s.*?){2,}", re.DOTALL)
_CHOICE_TOKENS = 20
_SYMBOLS = re.compile(r"[\u2600-\u27bf\u2b50\u2b51★☆\U0001f300-\U0001faff]")
_MANY_SYMBOLS, _FEW_TOKENS = 3, 10
_COMPANY_NUMBER = re.compile(
    r"\b(?:inc|ltd|ltee|llc|gmbh|neq|tps|tvq|gst|hst|bn|siret|vat)\b\.?|有限公司|注册号|统一社会信用"
)
_SLOGAN = re.compile(r"\S[^,.!?。，！？\n]{0,40}?——.{2,40}")
_BILLED = re.compile(r"\S(?:\s{2,}|\s?[\t|]\s?)[$€£¥]?\s?\d[\d ,.]*[.,]\d\d(?:\s?(?:[$€£¥]|CAD|USD|加元|元))?$")
_BILL_ROWS = 2
_ORDERED = re.compile(r"\d{1,3} ?[x×] [A-ZÀ-Þ\u3400-\u9fff]")  # "1 x Stoneware mug"
_LEAST_DIGITS = 8  # of a company's registration
_BARRED = re.compile(r"\S\s?[|·•]\s.{1,60}?\s?[|·•]\s\S")
_FEW_LINES = 3
_TICKET = re.compile(r"#\d{4,8}\b")
_TICKET_LABEL = re.compile(
    r"(?:ticket|case|request|conversation|billet|demande|dossier|工单|案例|会话)[^:：\n]{0,16}[:：] ?#?[a-z]{0,3}"
    r"\d{4,8}\b"
)
_SENT_BY = re.compile(  # folded: by what program it was sent
    r"(?:sent|powered|delivered|provided|generated|envoye|propulse|fourni|genere)\w*(?: automati\w+)?"
    r" (?:by|par|via|with|avec)\b"
)
_GREETS = re.compile(r"\S{1,20}(?: \S{1,20}){0,3}[,，]")
_COMPANY_WORDS = 7
_IN_NAMES = frozenset(
    ("de", "du", "la", "le", "des", "van", "von", "the", "of", "and", "at", "from", "et", "a", "by", "&")
)
_NAME_AND_ROLE = re.compile(r"[^\W\d_a-z]\w{1,20}(?: [^\W\d_a-z]\w{1,20})?, [a-zà-ÿ]{4,20}(?: [a-zà-ÿ]{1,20}){0,3}")
_CHINESE_NAME = 8  # characters of a name or a shop's
_NUMBER = re.compile(r"\d+")
_MOST_LINES = 12  # of a frame


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or several that a program had wrapped, as they were written and folded."""

    raw: str
    folded: str
    paragraph: int = 0
    points: bool = False  # it ends with a colon, and behind that a link stood: whoever wrote it says what that is

    @property
    def is_sentence(self) -> bool:
        """Whether it ends as sentences do."""
        return self.raw.rstrip(" \"'”’)").endswith(ENDS_SENTENCE)


ENDS_SENTENCE = (".", "!", "?", "。", "！", "？", "…", ":", "：", ";", "；", "~")


def within(lines: Sequence[Line], sent: datetime | None, addressed: Collection[int] = ()) -> list[Line]:
    """Return lines without what stands around them.

    `sent`: when the mail says that it was sent. `addressed`: the paragraphs that gave an address to write to.
    """
    return _below_head(above_foot(list(lines), addressed), sent)


def _below_head(lines: list[Line], sent: datetime | None) -> list[Line]:
    greeting: list[Line] = []
    if len(lines) > 1 and _GREETS.fullmatch(lines[0].raw) and _begins_speech(lines[1]):
        greeting, lines = lines[:1], lines[1:]
    first = _below_own_moment(lines, sent) if sent is not None else 0
    while first < min(len(lines), _MOST_LINES) and _is_of_head(lines[first], lines[first + 1 : first + 2], first):
        first += 1
        if _begins_speech(lines[first - 1]):
            break  # here somebody begins to speak
    if first == 1 and _is_authors_label(lines[0]):
        first = 0
    if not any(map(str.isalpha, "".join(line.raw for line in lines[first:]))):
        return [*greeting, *(line for at, line in enumerate(lines) if not _is_banner(line, at))]
    return [*greeting, *lines[first:]]


def _below_own_moment(lines: list[Line], sent: datetime) -> int:
    """Return the line below the moment at which this was written: what stands above it was not written then.

    A moment that has nothing but a name below it is a signature's; one below where somebody began to speak ends that.
    """
    for at, line in enumerate(lines[:_MOST_LINES]):
        if _begins_speech(line):
            break
        if _is_stamp(line) and _tells_moment(line, sent) and not all(map(is_name, lines[at + 1 :])):
            return at + 1
    return 0


def _tells_moment(line: Line, sent: datetime) -> bool:
    """Whether a line tells this moment, in any zone: the minute, and the day or one beside it."""
    clock = _CLOCK.search(line.folded)
    if clock is None:
        return False
    minute = int(re.split(r"\D+", clock[0])[1])
    days = {str((sent + timedelta(days=shift)).day) for shift in (-1, 0, 1)}
    near = min((minute - sent.minute) % 30, (sent.minute - minute) % 30) <= 1
    return near and not days.isdisjoint(number.lstrip("0") for number in _NUMBER.findall(line.folded))


def above_foot(lines: list[Line], addressed: Collection[int] = ()) -> list[Line]:
    """Return lines without what programs and shops put below: social links, ratings, addresses, a company's numbers."""
    last = len(lines)
    while last > 1:
        paragraph = [line for line in lines[:last] if line.paragraph == lines[last - 1].paragraph]
        aside = paragraph[0].paragraph in addressed or any(map(_is_social, paragraph))
        if aside and len(paragraph) <= _FEW_LINES and len(paragraph) < last:
            last -= len(paragraph)
        elif _is_foot(lines[last - 1]):
            last -= 1
        elif last - 2 > 0 and _is_foot(lines[last - 2]) and is_name(lines[last - 1]):
            last -= 2  # "Powered by" below a ticket's number
        else:
            break
    bare = last == 1 and (is_poll(lines[0]) or _has_company_number(lines[0]) or _BARRED.search(lines[0].raw))
    return [] if bare else lines[:last]


def _is_of_head(line: Line, below: Sequence[Line], at: int) -> bool:
    return (
        quotes.is_above_line(line.folded.rstrip("."))
        or _is_banner(line, at)
        or _is_stamp(line)
        or _is_label(line)
        or _begins_speech(line)
        or _is_ticket_line(line, below)
        or any(_is_title_of(line, one) for one in below)
    )


def is_name(line: Line) -> bool:
    """Whether a line is a person's or a company's name: few words, each with a capital; few Chinese characters."""
    text = line.raw.strip(" -–—~*_")
    if (
        not text
        or line.raw.rstrip().endswith(("!", "?", ".", "。", "！", "？"))
        or any(char.isdigit() or char in ":：" for char in text)
    ):
        return False
    if any(map(is_chinese, text)):
        return len(text) <= _CHINESE_NAME and not any(mark in text for mark in "，,、：:")
    words = text.replace(",", " ").split()
    return 0 < len(words) <= _COMPANY_WORDS and all(w[:1].isupper() or w.lower() in _IN_NAMES for w in words)


def is_signed(line: Line) -> bool:
    """Whether a line is a name with what that person does: "Ruth, warehouse"; no heading looks like that."""
    return not line.is_sentence and _NAME_AND_ROLE.fullmatch(line.raw.strip(" -–—~*_")) is not None


def without_bill(lines: list[Line]) -> list[Line]:
    """Return lines without a bill's rows: of what was bought, each so many times, and of amounts in a column.

    A bill names what was bought and what it cost, as anybody's shop system can; nobody said it.
    """
    rows = {at for at, line in enumerate(lines) if _BILLED.search(line.raw)}
    items = {at for at, line in enumerate(lines) if _ORDERED.match(line.raw) and not line.is_sentence}
    left = [line for at, line in enumerate(lines) if at not in items and (at not in rows or len(rows) < _BILL_ROWS)]
    return left or lines


def _begins_speech(line: Line) -> bool:
    return not line.points and _SPEAKER.match(line.raw) is not None and len(tokens_in_line(line.folded)) > 1


def _is_ticket_line(line: Line, below: Sequence[Line]) -> bool:
    """Whether a line without a stop stands by itself and names a ticket: "Mei replied to #5747544"."""
    alone = all(one.paragraph != line.paragraph for one in below)
    return alone and not line.is_sentence and _TICKET.search(line.folded) is not None


def _is_banner(line: Line, at: int) -> bool:
    """Whether a line on top is a notice: in brackets, or between the same marks."""
    if at > 1:
        return False
    bracketed = _BRACKETED.match(line.raw)
    if bracketed:
        return bracketed["behind"].strip() == "" or line.raw.startswith("【")
    return _BETWEEN_MARKS.match(line.raw) is not None


def _is_stamp(line: Line) -> bool:
    """Whether a line says when something was written, and at most by whom."""
    if _ZONE.search(line.folded):
        return True
    if line.is_sentence or not _CLOCK.search(line.folded) or not _YEAR.search(line.folded):
        return False
    return sum(not token.isdigit() for token in tokens_in_line(line.folded)) <= _STAMP_WORDS


def _is_label(line: Line) -> bool:
    """Whether a line is a label with a short value that is no number to follow."""
    if line.is_sentence and not line.raw.endswith((":", "：")):
        return False
    if not quotes.is_labelled(line.folded) or REFERENCE.search(line.folded):
        return False
    value = re.split(r"[:：|]", line.folded, maxsplit=1)[-1]
    return len(tokens_in_line(value.strip())) <= _LABEL_VALUE


def _is_authors_label(line: Line) -> bool:
    """Whether a line that stands alone on top is a label as people write them: a frame's come in rows."""
    return _is_label(line) and "|" not in line.raw and not (_begins_speech(line) or _is_banner(line, 0))


def _is_title_of(line: Line, below: Line) -> bool:
    """Whether a short line without a stop stands above labels or a stamp."""
    if line.is_sentence or len(tokens_in_line(line.folded)) > _LABEL_VALUE:
        return False
    if below.points and _GREETS.fullmatch(line.raw):
        return False  # below a greeting somebody speaks: the line says what its link is
    return _is_label(below) or _is_stamp(below)


def _is_social(line: Line) -> bool:
    """Whether a line is a row of names between bars, or of stars."""
    return _BARRED.search(line.raw) is not None or len(_SYMBOLS.findall(line.raw)) >= _MANY_SYMBOLS


def is_poll(line: Line) -> bool:
    """Whether a line asks something and gives the answers to choose from."""
    return "?" in line.folded and _CHOICES.search(line.raw) is not None


def _is_foot(line: Line) -> bool:
    """Whether a line at the end is a row of choices or symbols, a company's numbers, or a slogan behind a name."""
    if _TICKET_LABEL.match(line.folded) or (not line.is_sentence and _SENT_BY.match(line.folded)):
        return True
    if REFERENCE.search(line.folded) and not _COMPANY_NUMBER.search(line.folded):
        return False
    size = len(tokens_in_line(line.folded))
    if _CHOICES.search(line.raw) and size <= _CHOICE_TOKENS:
        return True
    if size <= _FEW_TOKENS and (_SYMBOLS.match(line.raw) or len(_SYMBOLS.findall(line.raw)) >= _MANY_SYMBOLS):
        return True
    if _has_company_number(line):
        return True
    return _SLOGAN.fullmatch(line.raw) is not None


def _has_company_number(line: Line) -> bool:
    digits = sum(map(str.isdigit, line.folded))
    return digits >= _LEAST_DIGITS and _COMPANY_NUMBER.search(line.folded) is not None


__all__ = ["ENDS_SENTENCE", "Line", "above_foot", "is_name", "is_poll", "is_signed", "within", "without_bill"]
