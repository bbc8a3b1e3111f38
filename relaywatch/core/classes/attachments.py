"""What an attachment tells of a consumer-protection body's complaint, and what it means that one cannot be read.

An agent sends such a complaint on as a file, with hardly a word beside it. Where the file can be read, its name and
text are searched as forwarded text is. Where it cannot (a scan, a locked file, a picture), the mail is taken as the
stricter, if it leans on that file: it calls it a complaint and presses for an answer, or says nothing else of its
matter (policy C4: when in doubt, the hour). The words are data/attachments.toml.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from relaywatch.core.language.passages import spots, without
from relaywatch.core.language.rules import Rules, Texts, fold
from relaywatch.core.mail.message import Message, UnreadAttachment

UNREAD_ATTACHMENT = "unread_attachment"
_BOUND = 4_000  # characters of an agent's words: who writes more says what it is about
_MAX_NAMES = 50
_FEW = 2  # words about the matter beside "the attached complaint" that tell nothing yet
_ENOUGH_READ = 40  # letters of other attachments: that is what the text may lean on
_BESIDE = 35  # characters around "attached" in which it is said what is
_SOME = 2  # unknown words in the name of a document: it says what it is

_SEPARATORS = re.compile(r"[\s_\-.+~()\[\]{}#,;=%&@!/\\|:]+")
_GAPS = re.compile(r"[\s_\-+~%()]+")  # beside them, dots and signs may belong to a name: B.B.B.
_HUMPS = re.compile(
    r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)
_CAPITALS = re.compile(r"(?<=[A-Z]{3})(?=[a-z]{3})")  # BBBletter: an abbreviation, and what it is glued to
_GLUED = re.compile(r"(complaints?|complainant|plaintes?|dossier|reclamation)", re.IGNORECASE)
_ESCAPED = re.compile(r"%(?:20|2D|5F)", re.IGNORECASE)
_PICTURE = re.compile(r".{1,200}\.(?:png|jpe?g|gif|svg|bmp|webp|heic|tiff?|ico)$", re.IGNORECASE)
_CAMERA = re.compile(
    r"(?:img|dsc|dscn|dscf|pxl|mvimg|vid|mov|photo|picture|image|whatsapp image|screenshot|screen shot|fb img|snap)\b",
)
_NEXT = " ~ "  # between two names: no phrase goes on from one to the next
_SENTENCE = re.compile(r"(?<=[.!?;])\s|[。！？；]|\n\s{0,20}\n")
_GREETING = re.compile(
    r"\s{0,5}(?:hi|hello|dear|hey|good (?:morning|afternoon|evening|day)|greetings|bonjour|bonsoir|您好|你好)\b"
    r"[^\n]{0,40}[,:!，：！]?\s{0,5}$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s{0,5}(?:many |kind |best |warm )?"
    r"(?:thanks|thank you|regards|sincerely|cheers|merci|cordialement|salutations|谢谢)[^\n.?]{0,30}$",
    re.IGNORECASE,
)
_SIGNED = re.compile(r"\b(?i:thanks|thank you|thx|regards|cheers|merci|cordialement)[,!.]? {1,3}[A-Z][\w-]{1,30}\.?$")
_CONTACT = re.compile(r"[@|]|https?:|www\.|\d{3}[-. ]?\d{4}|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b")
_THREAD = re.compile(
    r"^(?:[>|]|(?:from|de|发件人) ?[:：]|-{3,} ?(?:original|forwarded|message)|on .{5,80}wrote:)",
    re.IGNORECASE | re.MULTILINE,
)
_OFFICE = re.compile(r".{1,200}\.(?:xls[xmb]?|ods|csv|pptx?|pps|odp)$", re.IGNORECASE)  # no letters
_ABOUT = re.compile(
    r" (?:sent |taken |received )?(?:of|from|for|about|regarding|concerning|to|in|on|by|de|du|des|pour|par)\b"
    r"[^.,;~]{0,60}"
)
_NAME_LINE = re.compile(r"[^\W\d_][^.!?;:。！？]{0,60},?$")  # of a signature: no sentence
_SIGN_OFF_WORDS = 6
_WRAPPERS = ("application/ms-tnef", "application/pkcs7-mime", "application/x-pkcs7-mime")  # of a mail's own text
_SMALL = 3  # letters of "of", "de la" in a title
_WORD = re.compile(r"[^\W\d_]{3,}")
_TABLES = ("attachment_leaning", "attachment_complaint", "attachment_urgent")


def texts_of(message: Message, rules: Rules) -> Texts:
    """Return the names of attachments as a subject, and what they say: as forwarded text, or as the agent's own words.

    As own words where the agent calls it a complaint: then a body's name says whose.
    """
    names = _NEXT.join(filter(None, map(_spelt, message.attachments[:_MAX_NAMES])))
    if message.attached and _CoverWords(message, rules).is_about_complaint:
        return Texts(subject=names, own_words=message.attached)
    return Texts(subject=names, rest=message.attached)


def _spelt(name: str) -> str:
    """Return the ways to read a file's name as words; of a picture, which may be a body's seal, only a complaint's."""
    if _PICTURE.match(name) and not _GLUED.search(name):
        return ""
    ways = (_GAPS.sub(" ", name), split_name(name), split_name(_CAPITALS.sub(" ", name)))
    return _NEXT.join(dict.fromkeys(ways))


def split_name(name: str) -> str:
    """Return the words of a file's name: of `BBB_Complaint-44012.pdf`, `PlainteOPC.pdf`, `BBBComplaint44012.pdf`."""
    apart = _HUMPS.sub(" ", _GLUED.sub(r" \1 ", _ESCAPED.sub(" ", name)))
    return " ".join(_SEPARATORS.sub(" ", apart).split())


def unread_evidence(message: Message, texts: Texts, rules: Rules) -> tuple[str, ...] | None:
    """Return what shows that a mail leans on an attachment that cannot be read; None where it does not."""
    if message.forgotten or not (message.unread or _is_bare(message)):
        return None
    if not message.unread and not rules.possible("attachment_leaning", texts):
        return None
    said = _CoverWords(message, rules)
    if not said.leans or said.has_time or not said.is_strict:
        return None
    if not message.unread:  # it was left out or taken away
        return said.leaning, "no attachment came with it"
    found = next((each for each in message.unread if not _is_picture(each)), message.unread[0])
    return said.leaning, f"{found.name or found.kind} could not be read: {found.why}"


def _body(own: str) -> str:
    """Return own words without the greeting, and without the name, title, company and address at the end."""
    lines = [line.strip() for line in own.split("\n") if line.strip()]
    closed = next((at for at, line in enumerate(lines) if at and _CLOSING.match(line)), len(lines))
    lines = lines[: closed + 1]
    while len(lines) > 1 and _is_signature(lines[-1]):
        lines.pop()
    if lines and _GREETING.match(lines[0]):
        lines.pop(0)
    return _SIGNED.sub("", "\n".join(lines))


def _is_signature(line: str) -> bool:
    words = line.split()
    if len(words) > _SIGN_OFF_WORDS or line.endswith((".", "!", "?")):
        return _CONTACT.search(line) is not None
    named = _NAME_LINE.match(line) and all(word[:1].isupper() or len(word) <= _SMALL for word in words)
    return bool(named or _CONTACT.search(line))


def _is_bare(message: Message) -> bool:
    """Whether nothing is attached, but for a logo perhaps."""
    return not message.attached and all(map(_PICTURE.match, message.attachments))


def _is_picture(unread: UnreadAttachment) -> bool:
    return unread.kind.startswith(("image/", "video/", "audio/")) or _PICTURE.match(unread.name) is not None


@dataclass(frozen=True)
class _CoverWords:
    """What a mail says beside its attachment; each thing found once, and only if it is asked."""

    message: Message
    rules: Rules

    @cached_property
    def own(self) -> str:
        return self.message.own_words[:_BOUND]

    @cached_property
    def whole(self) -> str:
        return fold(f"{self.message.subject} . {self.own}")

    @cached_property
    def sentences(self) -> list[str]:
        return [fold(each) for each in _SENTENCE.split(self.own) if each and not each.isspace()]

    @cached_property
    def leaning(self) -> str:
        """The first sentence that sends the reader to an attachment, "" where nothing is said at all."""
        if not self._has("attachment_leaning", self.whole):
            return ""
        return next((each[:200] for each in self.sentences if self._has("attachment_leaning", each)), "")

    @cached_property
    def leans(self) -> bool:
        """Whether the text sends the reader to an attachment, or there is nothing else than that to read."""
        if self.leaning:
            return True
        files = [each for each in self.message.unread if each.kind not in _WRAPPERS]
        if not _WORD.search(self.own):
            return bool(files)
        return not all(map(_is_picture, files)) and not self.matter

    @cached_property
    def calls_it_complaint(self) -> bool:
        """Whether what is attached is called a complaint, or a paper: in one sentence, or by its name."""
        if any(self._calls_complaint(each) for each in self.sentences):
            return True
        names = map(fold, map(split_name, self.message.attachments))
        return any(self._has_complaint(each, papers=True) for each in names)

    @cached_property
    def is_about_complaint(self) -> bool:
        """Whether there is a complaint at all, beside a document."""
        if self.calls_it_complaint:
            return True
        paper = self.message.attached or not all(map(_is_picture, self.message.unread))
        return bool(paper) and self._has_complaint(self.whole, papers=False)

    @cached_property
    def is_urgent(self) -> bool:
        return self._has("attachment_urgent", self.whole)

    @cached_property
    def has_hour(self) -> bool:
        """Whether an hour is given to answer in, as it is for a consumer-protection body's complaint alone."""
        hours = (rule for rule in self.rules.tables["attachment_urgent"] if rule.result == "hour")
        return any(any(spots(rule, self.whole)) for rule in hours)

    @cached_property
    def has_time(self) -> bool:
        """Whether a longer time is given than that."""
        return not self.has_hour and self._has("attachment_time", self.whole)

    @cached_property
    def matter(self) -> int:
        """How many words say what the mail is about, those in the names of files included."""
        said = self._telling(f"{fold(self.message.subject)}{_NEXT}{fold(_body(self.own))}")
        return said + sum(map(self._told_by_name, self.message.unread))

    def _telling(self, text: str) -> int:
        """Count the words that are about something."""
        tables = self.rules.tables
        text = without(text, (rule for table in _TABLES for rule in tables[table]))
        for rule in tables["attachment_nothing"]:
            for pattern in rule.patterns:  # Chinese has no blanks between words
                text = pattern.sub(" ", text)
        idle = frozenset(phrase for rule in tables["attachment_nothing"] for phrase in rule.phrases)
        return sum(word not in idle for word in _WORD.findall(text))

    @cached_property
    def is_strict(self) -> bool:
        """Whether it is taken for a consumer-protection body's complaint: see the module's text."""
        if not self.message.unread:
            return self.calls_it_complaint and self.is_urgent and self.matter <= _FEW
        papers = [each for each in self.message.unread if not _is_picture(each)]
        if not papers and sum(map(str.isalpha, self.message.attached)) >= _ENOUGH_READ:
            return False
        if self.is_urgent and (self.has_hour or self.is_about_complaint):
            return True
        if self.matter > (_FEW if self.calls_it_complaint else 0):
            return False
        if self.is_urgent:
            return True
        scans = papers or [each for each in self.message.unread if not _CAMERA.match(fold(split_name(each.name)))]
        return bool(scans or self.calls_it_complaint) and not _THREAD.search(self.message.rest[:_BOUND])

    def _told_by_name(self, unread: UnreadAttachment) -> int:
        """Count what a file's name says of the matter: where an answer presses, a document's hardly anything."""
        stem = fold(split_name(unread.name.rpartition(".")[0]))
        if _is_picture(unread):
            return self._telling(_CAMERA.sub(" ", stem))
        if _OFFICE.match(unread.name) or self._has("attachment_harmless", stem):
            return 1
        words = self._telling(stem)
        return words if words >= _SOME and not self.is_urgent else 0

    def _calls_complaint(self, sentence: str) -> bool:
        """Whether a sentence sends the reader to a complaint; "see the attached photo" sends to a photo."""
        for rule in self.rules.tables["attachment_leaning"]:
            for start, end in spots(rule, sentence):
                sides = (sentence[end : end + _BESIDE], sentence[max(0, start - _BESIDE) : start])
                named = next((each for each in sides if self._has("attachment_harmless", each)), sentence)
                if self._has_complaint(named, papers=True):
                    return True
        return False

    def _has_complaint(self, text: str, *, papers: bool) -> bool:
        """Whether a complaint is named; "photos of the customer's complaint" are photos."""
        for rule in self.rules.tables["attachment_harmless"]:
            for _, end in spots(rule, text):
                about = _ABOUT.match(text, end)
                if about:
                    text = text[:end] + " " * (about.end() - end) + text[about.end() :]
        rules = self.rules.tables["attachment_complaint"]
        return any(any(spots(rule, text)) for rule in rules if papers or rule.result != "paper")

    def _has(self, table: str, text: str) -> bool:
        return any(any(spots(rule, text)) for rule in self.rules.tables[table])
