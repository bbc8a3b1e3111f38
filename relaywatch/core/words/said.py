"""What a reply says: its author's own lines, taken apart into what is said and what only stands around it.

A greeting, a name, a sign-off, what stands below the name, contact data, placeholders of pictures, names of files and
links say nothing of a matter, whatever language they are in; they are known by their form and their place. So is what
recurs at the same place in replies to different people (`recurring`).
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from relaywatch.core.language.once import Kept
from relaywatch.core.language.rules import fold_line
from relaywatch.core.language.tokens import tokens_in_line
from relaywatch.core.words.frame import ENDS_SENTENCE, Line, above_foot, is_name, is_signed, within, without_bill

MAX_LINES = 400  # of a reply that are looked at
_MOST = 600  # characters of a line
_PICTURE = re.compile(
    r"\[(?:image|cid|inline image|图片|photo|logo|picture|attachment)[^\[\]]{0,120}\]"
    r"|<?\bimage\d{1,4}\.(?:png|jpe?g|gif)>?",
    re.IGNORECASE,
)
_FILE = re.compile(  # at the end of a line
    r"\w\.(?:jpe?g|png|gif|heic|webp|bmp|tiff?|pdf|docx?|xlsx?|pptx?|csv|zip|rar|7z|txt|rtf|mp4|mov|avi|eml|msg|html?)"
    r"(?: ?[(\[（]?\d[\d.,]{0,8} ?[kmg]?b?[)\]）]?)?[\W_]{0,6}$",
    re.IGNORECASE,
)
_FILE_WORDS = 5  # of a name of a file; more is a sentence that ends with one
_LINK = re.compile(r"<?(?:https?://|www\.)[^\s<>]{1,500}>?|<?mailto:[^\s<>]{1,200}>?", re.IGNORECASE)
_ADDRESS = re.compile(r"<?[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}>?")
_PHONE = re.compile(
    r"(?<![\w-])(?:\+?\d{1,3}[ .-]?)?(?:\(\d{2,4}\)|\d{3,4})[ .-]\d{3,4}[ .-]?\d{3,4}(?![\w-])|(?<!\d)1[3-9]\d{9}(?!\d)"
    r"|(?<!\d)400-?\d{3}-?\d{4}(?!\d)"
)
_POSTAL = re.compile(r"\b[a-ceghj-nprstvxy]\d[a-z] ?\d[a-z]\d\b|\b[a-z]{2} \d{5}(?:-\d{4})?\b")  # folded
_HOURS = re.compile(  # folded: from when to when, beside days or by itself
    r"\b\d{1,2}(?:[:.h ]{0,2}\d{2})? ?(?:h|am|pm|a\.m\.|p\.m\.|heures)? ?(?:-|to|a|until|et|–|至|到|~) ?\d{1,2}"
    r"(?:[:.h ]{0,2}\d{2})? ?(?:h\b|am|pm|a\.m\.|p\.m\.|heures|点|:00)|\d{1,2}[:：]\d\d ?[-~至到] ?\d{1,2}[:：]\d\d"
)
_REACHES = re.compile(  # folded: a label of what somebody is reached by
    r"(?:地址|电话|手机|微信|联系方式|官网|网址|网站|邮箱|邮编|传真|qq|热线|tel|telephone|phone|mobile|cell|cellulaire|fax|telec|telecopieur"
    r"|e-?mail|courriel|web|website|site(?: web)?|adresse|address|whatsapp|wechat|toll[ -]free|sans frais)"
    r"(?: ?/ ?\w{1,12})?\.? ?[:：]"
)
_COMPANY = re.compile(  # folded: a company's name, which stands alone
    r"[^\s:：][^:：]{0,30}(?:有限公司|股份公司|集团|商行|旗舰店|专营店|经营部)$"
    r"|[^\s:：][^:：]{0,40}[ ,](?:inc|ltd|ltee|llc|gmbh|corp|s\.?a\.?r\.?l|enr|senc|co)\.?$"
)
_COMPANY_WORDS = 8
_BARS = re.compile(r"\s[|·•⏐／]\s|(?<=\w)\|(?=\w)")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_REFERENCE = re.compile(r"(?=[a-z]{0,6}\d)(?=\w*\d{4})\w{8,40}")  # folded: a tracking number, an order's
_GREETING = re.compile(  # folded; the name, if any, behind it
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut|chers?|cheres?|allo)\b"
    r"(?P<name>[^,.!:;，。！：?？]{0,50})(?P<stop>[,.!:;，。！：]|$)"
    r"|(?:尊敬的|亲爱的|尊敬|亲爱)[^,，:：!！。]{0,20}(?:[,，:：!！。]|$)"
    r"|[^\s,，]{0,20}? ?(?:您好|你好|亲)[~,，!！。:：]|(?:您好|你好)$"
)
_POSTSCRIPT = re.compile(r"p\.? ?s\.? ?[:：,.-]?\s|又及|补充[:：]", re.IGNORECASE)
_WRAPPED = 55  # characters
_MOMENT_ENDS = re.compile(r"(?:\d{1,2}:\d{2}(?: ?[apAP]\.?[mM]\.?)?(?: [A-Z]{2,4})?|[+-]\d{4})$")
_LABEL = re.compile(r"\w{1,12} ?[:：]")
_CALLED = re.compile(  # somebody is asked to do something, by name
    r"(?P<name>[^\W\d_a-z][\w'’-]{1,20}(?: [^\W\d_a-z][\w'’-]{1,20})?), (?:can|could|would|will) you\b|"
    r"(?P<nom>[^\W\d_a-z][\w'’-]{1,20}), (?:je te|tu|peux-tu|pourrais-tu|faudrait|il faut)\b"
)
_MOST_NAMES = 4
_ANY_GREETING = re.compile(  # a first line of a few words with a comma only at its end: a greeting in any language
    r"[^\s,，:：]{1,40}(?:\s+[^\s,，:：]{1,40}){0,3} ?[,，:：]"
)
_COLONS = (":", "：")
_SIGN_OFF_WORDS = 5
_CAPITALS = 0.5  # share of a line's words with a capital that makes it a title
_TITLE_WORDS = 9
_CHINESE_SHARE = 0.5
_TITLE_ENDS = ("?", "!", "？", "！")  # of a line above a greeting: nobody asks or calls out, and then greets
_AROUND_GREETING = " ,.!~，。！:："
_LETTERHEAD = 8  # lines above a greeting
_SMALL = 3  # tokens of a line that recurs or not by its neighbours


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply says, and what stands around it."""

    body: tuple[Line, ...]  # what deals with something, if anything does
    below: tuple[Line, ...]  # sentences below the author's name: a footer's, or a postscript
    greeting: str  # folded, "" where there is none
    named: str  # whom it greets, as far as it names anybody
    linked: frozenset[int]  # paragraphs that hold a link
    set_aside: int  # lines that are pictures, files, links, contact data, names, recurring furniture

    @property
    def text(self) -> str:
        """The body as one text."""
        return "\n".join(line.raw for line in self.body)

    def paragraphs(self) -> list[list[Line]]:
        """The body's lines by paragraph."""
        found: dict[int, list[Line]] = defaultdict(list)
        for line in self.body:
            found[line.paragraph].append(line)
        return list(found.values())

    def by_script(self) -> tuple["Said", ...]:
        """Return the same in two, the Chinese paragraphs and the others, where there are both; else as it is."""
        texts: dict[int, str] = defaultdict(str)
        for line in self.body:
            texts[line.paragraph] += line.folded
        chinese = {paragraph for paragraph, text in texts.items() if mostly_chinese(text)}
        if not chinese or len(chinese) == len(texts):
            return (self,)
        halves = ([line for line in self.body if (line.paragraph in chinese) is side] for side in (True, False))
        return tuple(replace(self, body=tuple(above_foot(half))) for half in halves)


NOTHING = Said((), (), "", "", frozenset(), 0)
"""What a text says of which nothing was read yet."""


def mostly_chinese(text: str) -> bool:
    """Whether a text is Chinese, though a few words of it may not be."""
    chinese = len(_CHINESE.findall(text))
    return chinese > _CHINESE_SHARE * (chinese + len(text.split()))


def read(lines: Sequence[str], sent: datetime | None = None, recurring: Collection[str] = ()) -> Said:
    """Take a reply's own lines apart.

    `sent`: when it says that it was sent, which a help desk writes above it. `recurring`: folded lines that are the
    shop's furniture where they stand at the top or the bottom.
    """
    if recurring or sum(map(len, lines)) > _KEPT_TEXT:
        return _read(lines, sent, recurring)
    return _READ.get((hash(tuple(lines)), sent), lambda: _read(lines, sent, ()))


_READ: Kept[Said] = Kept(256)  # what a reply says is asked to learn from it, then to weigh it
_KEPT_TEXT = 6_000  # characters


def _read(lines: Iterable[str], sent: datetime | None, recurring: Collection[str]) -> Said:
    found = _joined(lines)
    kept: list[Line] = []
    aside = 0
    for line in found:
        bare = _bare(line)
        aside += bare is None
        if bare is not None:
            kept.append(bare)
        elif kept and kept[-1].raw.endswith(_COLONS) and _LINK.search(line.raw):
            kept[-1] = replace(kept[-1], points=True)  # the link has a line of its own
    kept, cut = _without_recurring(kept, recurring)
    addressed = frozenset(line.paragraph for line in found if "@" in line.raw and _ADDRESS.search(line.raw))
    inner = within(_below_letterhead(without_bill(kept)), sent, addressed)
    cut += len(kept) - len(inner)
    kept = inner
    greeting = named = ""
    if kept:
        greeting, named, rest = _greeting(kept[0])
        kept = [*([rest] if rest else []), *kept[1:]]
        if greeting and kept and is_greeting(kept[0].folded):  # a help desk greets above whoever writes
            kept = kept[1:]
    body, below, around = _above_name(kept)
    said = {line.paragraph for line in body}
    linked = frozenset(line.paragraph for line in found if "/" in line.raw and _LINK.search(line.raw)) & said
    return Said(tuple(body), tuple(below), greeting, named, linked, aside + cut + around)


def _joined(lines: Iterable[str]) -> list[Line]:
    """Return lines that say something, those that a program wrapped put together again; None between paragraphs."""
    found: list[Line] = []
    pending: list[str] = []
    ended = True
    paragraph = 0

    def close() -> None:
        if pending:
            text = " ".join(pending)[: _MOST * 4]
            found.append(Line(text, fold_line(text), paragraph))
            pending.clear()

    for _, raw in zip(range(MAX_LINES), lines, strict=False):
        line = raw.strip()[:_MOST]
        if not line:
            close()
            ended = True
            paragraph = len(found)
            continue
        if pending and not ended and _goes_on(pending[-1], line):
            pending.append(line)
        else:
            close()
            pending.append(line)
        ended = line.endswith(ENDS_SENTENCE[:-1])
    close()
    return found


def _goes_on(above: str, line: str) -> bool:
    """Whether a line is the rest of the one above it, which a program had wrapped at the width of a window."""
    if _LABEL.match(line) or _MOMENT_ENDS.search(above):
        return False
    return line[:1].islower() or (len(above) > _WRAPPED and not _CHINESE.search(line))


def _bare(line: Line) -> Line | None:
    """Return a line without pictures, files and links; None where nothing else is in it."""
    text = _PICTURE.sub(" ", line.raw) if "[" in line.raw or "image" in line.raw.lower() else line.raw
    if "." in text and len(text.split()) <= _FILE_WORDS and _FILE.search(text):
        return None
    if "/" in text or "www" in text.lower():
        text = _LINK.sub(" ", text)
    unlinked = text.rstrip()
    if "@" in text:
        text = _ADDRESS.sub(" ", text)
    text = text.strip()
    if not _LETTER.search(text) and not (_REFERENCE.search(line.folded) and text):
        return None if not any(char.isdigit() for char in text) or text != line.raw.strip() else line
    if text == line.raw.strip():
        return line
    points = unlinked.endswith(_COLONS) and not line.raw.endswith(_COLONS)
    return Line(text, fold_line(text), line.paragraph, points)


def _without_recurring(lines: list[Line], recurring: Collection[str]) -> tuple[list[Line], int]:
    """Take the shop's furniture off the top and the bottom; lines of a word or two go with what stands outside them."""
    if not recurring:
        return lines, 0
    hit = [line.folded in recurring for line in lines]
    small = [len(tokens_in_line(line.folded)) <= _SMALL for line in lines]
    last = len(lines)
    for at in range(len(lines) - 1, -1, -1):
        if hit[at]:
            last = at
        elif not small[at]:
            break
    first = 0
    for at in range(last):
        if hit[at]:
            first = at + 1
        elif not small[at] or at == 0:
            break
    return lines[first:last], len(lines) - (last - first)


def is_greeting(folded: str) -> bool:
    """Whether a folded line is a greeting and nothing else."""
    found = _GREETING.match(folded)
    return found is not None and found.end() >= len(folded.rstrip())


def begins_letter(folded: str) -> bool:
    """Whether a folded line begins with a greeting that a comma or the line's end closes: here a letter begins."""
    found = _GREETING.match(folded)
    return found is not None and len((found["name"] or "").split()) <= _MOST_NAMES


def _below_letterhead(lines: list[Line]) -> list[Line]:
    """Return lines without those above the greeting that state nothing: a letterhead, a title, a ticket's table."""
    for at, line in enumerate(lines[:_LETTERHEAD]):
        if begins_letter(line.folded):
            return lines[at:]
        if line.is_sentence and not (line.raw.endswith(_TITLE_ENDS) and len(line.raw.split()) <= _TITLE_WORDS):
            break
    return lines


def _greeting(line: Line) -> tuple[str, str, Line | None]:
    """Return the greeting that a first line begins with, whom it names, and what it says behind that."""
    found = _GREETING.match(line.folded)
    if found and len((found["name"] or "").split()) <= _MOST_NAMES:
        rest = line.folded[found.end() :].strip(_AROUND_GREETING)
        stop = line.raw[-1:] if line.raw.endswith(tuple(_AROUND_GREETING)) else ""
        return (
            found[0],
            (found["name"] or "").strip(),
            Line(rest + stop, rest + fold_line(stop), line.paragraph) if rest else None,
        )
    called = _CALLED.match(line.raw)
    if called:
        return fold_line(called[0]), fold_line(called["name"] or called["nom"]), line
    if not line.points and _ANY_GREETING.fullmatch(line.raw.rstrip()):
        return line.folded, "", None
    return "", "", line


def _is_contact(line: Line) -> bool:
    """Whether a line is data to reach somebody by: a telephone, an address, hours, fields between bars."""
    folded = line.folded
    if _REFERENCE.search(folded) and not _PHONE.search(folded):
        return False
    if _POSTAL.search(folded) or (_PHONE.search(folded) and len(tokens_in_line(folded)) <= 14):  # noqa: PLR2004 - more is a sentence with a number in it
        return not line.is_sentence
    if _REACHES.match(folded) or (_COMPANY.match(folded) and len(line.raw.split()) <= _COMPANY_WORDS):
        return True
    bars = _BARS.search(line.raw) is not None
    return not line.is_sentence and (bars or _HOURS.search(folded) is not None)


def _is_sign_off(lines: Sequence[Line], at: int) -> bool:
    """Whether a line takes leave: short, with a comma at its end, and a name below it or nothing."""
    line = lines[at]
    if not line.raw.rstrip().endswith((",", "，")) or len(tokens_in_line(line.folded)) > _SIGN_OFF_WORDS:
        return False
    return not is_greeting(line.folded) and (at + 1 == len(lines) or is_name(lines[at + 1]))


def _is_title(line: Line) -> bool:
    """Whether a line is no sentence: few words, most of them with a capital or figures, no stop."""
    words = line.raw.split()
    if line.is_sentence or not words or len(words) > _TITLE_WORDS or _REFERENCE.search(line.folded):
        return False
    if _CHINESE.search(line.raw):
        return False
    shown = [word for word in words if word[:1].isalnum()]
    return bool(shown) and sum(not word[:1].islower() for word in shown) >= _CAPITALS * len(shown)


def _above_name(lines: Sequence[Line]) -> tuple[list[Line], list[Line], int]:
    """Return what stands above the author's name, the sentences below it, and how many lines are neither."""
    boundary = len(lines)
    for at, line in enumerate(lines):
        named = _is_sign_off(lines, at) or is_name(line)
        if at and (is_signed(line) or (named and _more_above(lines, at))):
            boundary = at
            break
    body = [line for at, line in enumerate(lines[:boundary]) if not at or not _is_contact(line)]
    while len(body) > 1 and _is_title(body[-1]):
        body.pop()
    added = next((at for at in range(boundary, len(lines)) if _POSTSCRIPT.match(lines[at].raw)), len(lines))
    body += lines[added:]
    below = [line for line in lines[boundary:added] if line.is_sentence and not _is_contact(line)]
    return body, below, len(lines) - len(body) - len(below)


def _more_above(lines: Sequence[Line], at: int) -> bool:
    """Whether more is said above a line than below it: else what looks like a name is a heading or a list's entry."""
    above = sum(len(tokens_in_line(line.folded)) for line in lines[:at])
    below = (line for line in lines[at + 1 :] if line.is_sentence and not _is_contact(line))
    return above >= sum(len(tokens_in_line(line.folded)) for line in below if not _HOURS.search(line.folded))


__all__ = ["NOTHING", "Line", "Said", "begins_letter", "is_greeting", "read"]
