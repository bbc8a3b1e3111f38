"""The labelled set: replies, furniture, help desks' frames and ways of quoting, put together to whole mails.

`samples(n, seed)` gives the same mails for the same numbers. `compose` makes one of chosen ingredients, for
properties such as "a frame never changes what a reply is". What the ingredients are stands in data/labelled/*.toml.
"""

import textwrap
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from random import Random

import cast as c
import lab_shop as shop

DATA = Path(__file__).parent / "data" / "labelled"
LANGUAGES = ("en", "fr", "zh")
LABELS = ("counts", "thin", "automatic")
SHORT = 120  # characters: what a person may well write within two minutes
TORONTO, BEIJING = timezone(timedelta(hours=-5)), timezone(timedelta(hours=8))
_ITEM, _ITEM_ID = "Serving bowl, celadon", "6000111122223"  # what lab_shop's form names
_ORDER_OF_KINDS = ("banner", "signature", "survey", "social", "app", "legal", "virus")  # from top to bottom
_AT_THE_END = {"app", "legal", "virus", "social"}  # may stand below the quote: a server or a telephone adds it
_PARTS = {"dd": "%d", "mm": "%m", "yy": "%y", "yyyy": "%Y", "hh": "%H", "hh12": "%I", "min": "%M", "sec": "%S"}
_SHORT_PARTS = {"d": "dd", "m": "mm", "h": "hh", "h12": "hh12"}
_WHOLE_WORDS = {"break_long_words": False, "break_on_hyphens": False}
_REFUSED_BY_FRAMES = {"line_before", "line_after", "inside"}  # shapes of mail programs, not of help desks


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What somebody wrote, or a machine, and the matter that it answers."""

    id: str
    kin: str
    label: str
    language: str
    to: str
    item: str
    matter: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    id: str
    language: str
    place: str
    kind: str
    mark: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    id: str
    language: str
    text: str
    mid: str
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way of quoting."""

    id: str
    language: str
    names: str
    place: str
    intro: str
    prefix: str = ""
    wrap: int = 0
    quotes: str = "form"
    html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A mail that was received and what was sent in answer to it."""

    id: str
    base: str
    kin: str
    label: str
    language: str
    to: str
    style: str
    frame: str
    furniture: tuple[str, ...]
    inbound: bytes
    reply: bytes
    start: float  # hours since T0 when the inbound mail came
    hours: float  # from there to the reply
    headers: tuple[str, ...]
    matter: str
    text: str  # the author's own words, filled in


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the placeholders stand for in one sample, and when its inbound mail came."""

    values: Mapping[str, str]
    moment: datetime

    def fill(self, text: str, **more: str) -> str:
        for name, value in (self.values | more).items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def dated(self, text: str, names: str) -> str:
        """Fill in the date, too, as a style names its parts, in words of `names`."""
        moment = self.moment.astimezone(BEIJING if names == "zh" else TORONTO)
        words = _read("quotes")["names"][names]
        parts = {name: moment.strftime(form) for name, form in _PARTS.items()}
        parts |= {short: parts[long].lstrip("0") or "0" for short, long in _SHORT_PARTS.items()}
        parts |= {name: words[name][moment.weekday()] for name in ("weekday", "wd")}
        parts |= {name: words[name][moment.month - 1] for name in ("month", "mon")}
        return self.fill(text, ampm=words["ampm"][moment.hour >= 12], **parts)


@cache
def _read(name: str) -> dict:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


@cache
def bases() -> tuple[Base, ...]:
    """All base replies, of the three languages."""
    return tuple(
        Base(language=language, **values | {"text": values["text"].strip("\n")})
        for language in LANGUAGES
        for values in _read(f"replies_{language}")["reply"]
    )


@cache
def furniture() -> tuple[Furniture, ...]:
    return tuple(
        Furniture(**values | {"text": values["text"].rstrip("\n")}) for values in _read("furniture")["furniture"]
    )


@cache
def frames() -> tuple[Frame, ...]:
    return tuple(
        Frame(**values | {"text": values["text"].strip("\n"), "headers": tuple(values["headers"])})
        for values in _read("frames")["frame"]
    )


@cache
def styles() -> tuple[Style, ...]:
    return tuple(Style(**values) for values in _read("quotes")["quote"])


# --- putting together ------------------------------------------------------------------------------------------------


def compose(
    base: Base,
    *,
    style: Style | None = None,
    frame: Frame | None = None,
    pieces: Iterable[Furniture] = (),
    seed: object = 0,
) -> Sample:
    """One sample of these ingredients; whatever else it needs (names, dates, encodings) is drawn by `seed`."""
    rng = Random(f"{seed} {base.id}")
    pieces = tuple(sorted(pieces, key=lambda piece: _ORDER_OF_KINDS.index(piece.kind)))
    if frame is not None and style is not None and style.place in _REFUSED_BY_FRAMES:
        frame = None
    start, hours = rng.randrange(21 * 86_400) / 3600, _hours(base, rng)
    facts = _facts(base, start, rng)
    body, matter, own = _inbound(base, facts, rng), facts.fill(base.matter), facts.fill(base.text)
    name, address, subject = (facts.values[known] for known in ("name", "address", "subject"))
    author = f"<{address}>" if name == address else f"{_quoted(name)} <{address}>"
    answered = f"{rng.getrandbits(64):016x}.{rng.randrange(10, 99)}@{address.partition('@')[2]}"
    headers = _headers(base, frame, rng)
    mid = f"{rng.getrandbits(80):020x}@shop.example"
    if frame is not None and (headers or rng.random() < 0.5):
        mid = facts.fill(frame.mid)
    date = format_datetime(facts.moment.astimezone(TORONTO) + timedelta(hours=hours))
    quoted = (body if style and style.quotes == "form" else matter).strip("\n").split("\n")
    text, fields = _Writer(facts, style, frame, pieces, own, quoted, date, rng).mail()
    fields["headers"] = [*headers, *fields.get("headers", ())]
    fields |= {
        "author": f"{_quoted(facts.values['shop'])} <{c.CARE}>",
        "answers": answered,
        "subject": _subject(base, frame, facts, rng),
    }
    return Sample(
        id=base.id,
        base=base.id,
        **{name: getattr(base, name) for name in ("kin", "label", "language", "to")},
        style=style.id if style else "",
        frame=frame.id if frame else "",
        furniture=tuple(piece.id for piece in pieces),
        inbound=shop.eml(author, c.CARE, subject, body, start, answered),
        reply=shop.reply(text, start + hours, rng.choice((f"<{address}>", author)), mid, **fields),
        start=start,
        hours=hours,
        headers=tuple(headers),
        matter=matter,
        text=own,
    )


def _quoted(name: str) -> str:
    """A display name for a header: quoted, and encoded where it must be."""
    return f'"{name}"' if name.isascii() else shop.Header(name, "utf-8").encode()


def _facts(base: Base, start: float, rng: Random) -> _Facts:
    people = _read("people")
    customer, agent = rng.choice(people["customers"][base.language]), rng.choice(people["agents"])
    relay, mailbox = c.relay(rng.getrandbits(128)), f"{agent.lower().replace(' ', '.')}@walmart.com"
    hidden = rng.random() < 0.4  # the relay names nobody
    values = {
        "customer": customer,
        "agent": agent.split()[0],
        "asker": agent.split()[0] if base.to == "agent" else customer,
        "me": rng.choice(people["sellers"][base.language]),
        "shop": rng.choice(people["shops"][base.language]),
        "order": f"600000{rng.randrange(10**9):09}",
        "track": f"{rng.randrange(10**16):016}",
        "ticket": str(rng.randrange(10_000, 9_999_999)),
        "phone": f"1-8{rng.choice('047')}{rng.choice('0456789')}-555-01{rng.randrange(100):02}",
        "own": c.CARE,
        "address": relay if base.to == "customer" else mailbox,
        "name": agent if base.to == "agent" else relay if hidden else customer,
    }
    facts = _Facts(values=values, moment=(c.T0 + timedelta(hours=start)).replace(microsecond=0))
    return replace(facts, values=values | {"subject": facts.fill(rng.choice(people[f"{base.to}_subjects"]))})


def _inbound(base: Base, facts: _Facts, rng: Random) -> str:
    """What is answered: the Contact-Seller form, or an agent's mail."""
    if base.to == "agent":
        return facts.fill(f"Hello {{shop}} team,\n\n{base.matter}\n\nRegards,\n{{agent}}\nWalmart Canada Care\n")
    order, name = facts.values["order"], facts.values["customer"]
    body = shop.form(facts.fill(base.matter), order=order, ref=f"{rng.getrandbits(128):032X}", name=name)
    return body.replace(_ITEM, base.item).replace(_ITEM_ID, f"6000{rng.randrange(10**9):09}")


def _hours(base: Base, rng: Random) -> float:
    """The time that went by: a machine answers at once, but not always, a person late, but not always."""
    if base.label == "automatic":
        seconds = rng.uniform(0.3, 20) * 3600 if rng.random() < 0.2 else rng.choice((2, 5, 9, 30, 60, 61, 75, 110, 120))
    elif len(base.text) <= SHORT and rng.random() < 0.2:
        seconds = rng.uniform(40, 120)
    else:
        seconds = rng.choice((rng.uniform(0.1, 2), rng.uniform(2, 12), rng.uniform(8, 23.5))) * 3600
    return round(seconds) / 3600


def _headers(base: Base, frame: Frame | None, rng: Random) -> list[str]:
    """Headers that help desks and vacation programs set, on some of both kinds."""
    draw = rng.random()
    if base.label == "automatic" and draw < 0.34:
        return list(frame.headers) if frame and draw < 0.1 else [rng.choice(_read("frames")["machine"]["headers"])]
    if base.label != "automatic" and frame and draw < 0.33:
        return list(frame.headers)
    return []


def _subject(base: Base, frame: Frame | None, facts: _Facts, rng: Random) -> str:
    if base.subject and rng.random() < 0.6:
        return facts.fill(base.subject)
    tag = facts.fill("[#{ticket}] ") if frame and rng.random() < 0.3 else ""
    return tag + rng.choice(_read("people")["prefixes"][base.language]) + facts.values["subject"]


@dataclass
class _Writer:
    """Writes the seller's mail."""

    facts: _Facts
    style: Style | None
    frame: Frame | None
    pieces: tuple[Furniture, ...]
    own: str
    quoted: list[str]
    date: str
    rng: Random

    def mail(self) -> tuple[bytes | str, dict[str, object]]:
        """The body, and what lab_shop.eml must know of it: kind, charset, transfer encoding, headers."""
        late = {piece.id for piece in self.pieces if piece.kind in _AT_THE_END and self.rng.random() < 0.5}
        whole = self.own
        if self.rng.random() < 0.2:  # programs that break long lines themselves
            self.own = "\n".join(textwrap.fill(line, 72, **_WHOLE_WORDS) for line in whole.split("\n"))
        plain = self._plain(late)
        self.own = whole
        kind = self.rng.choices(("plain", "html", "both"), (55, 25, 20))[0]
        if self.style and self.style.place == "inside":
            kind = "html"
        if kind == "plain":
            return plain, self._encoding(plain)
        rich = f"<html><head></head><body>{self._rich(late)}</body></html>\n"
        if kind == "html":
            return rich, {"kind": "text/html", **self._encoding(rich)}
        boundary = f"=_{self.rng.getrandbits(60):x}"
        body = "".join(
            f'--{boundary}\nContent-Type: text/{name}; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n{text}\n'
            for name, text in (("plain", plain), ("html", rich))
        )
        content = f'Content-Type: multipart/alternative; boundary="{boundary}"'
        return f"{body}--{boundary}--\n", {"headers": ["MIME-Version: 1.0", content]}

    def _encoding(self, text: str) -> dict[str, object]:
        """How the text is encoded: programs in France's and China's old character sets, too."""
        old = [name for name in ("iso-8859-1", "gbk") if text.encode(name, "ignore").decode(name) == text]
        charset = old[0] if old and not text.isascii() and self.rng.random() < 0.25 else "utf-8"
        return {"charset": charset, "transfer": self.rng.choice(("8bit", "quoted-printable", "base64"))}

    def _intro(self) -> str:
        """The attribution; where the relay names nobody, half of the programs show the address once, half twice."""
        text, address = self.style.intro, self.facts.values["address"]
        if self.facts.values["name"] == address and int(address[2], 16) < 8:
            text = text.replace("{name} <", "<")
        return self.facts.dated(text, self.style.names)

    def _framed(self, reply: str, quote: str, form: Callable[[str], str]) -> str:
        if self.frame is None:
            return f"{reply}{form(chr(10) * 2)}{quote}" if quote else reply
        people = {"name": self.facts.values["me"], "customer": self.facts.values["asker"]}
        text = form(self.facts.fill(self.frame.text, date=self.date, **people))
        return text.replace("{reply}", reply).replace("{quote}", quote)

    def _piece(self, piece: Furniture) -> str:
        return ("-- \n" if piece.mark else "") + self.facts.fill(piece.text)

    def _around(self, own: str, late: set[str], form: Callable[[str], str]) -> tuple[str, str]:
        """The author's words between their furniture, and what stands below the quote."""
        top = [form(self._piece(piece)) for piece in self.pieces if piece.place == "top"]
        bottom = [form(self._piece(piece)) for piece in self.pieces if piece.place == "bottom" and piece.id not in late]
        end = [form(self._piece(piece)) for piece in self.pieces if piece.id in late]
        gap = form("\n\n")
        return gap.join((*top, own, *bottom)), "".join(gap + text for text in end)

    def _plain(self, late: set[str]) -> str:
        reply, end = self._around(self.own, late, str)
        if self.style is None:
            return self._framed(reply, "", str) + end + "\n"
        intro, lines = self._intro(), self._lines()
        block = "\n".join([intro, *lines] if intro else lines)
        match self.style.place:
            case "above":
                text = self._framed(f"{block}\n\n{reply}", "", str)
            case "between":
                woven, end = self._around(_woven(intro, lines, self.own), late, str)
                text = self._framed(woven, "", str)
            case "line_before":
                text = f"{self.own} {block}"
                end = "".join(f"\n\n{self._piece(piece)}" for piece in self.pieces)
            case "line_after":
                text = f"{intro} {reply}\n\n" + "\n".join(lines)
            case _:
                text = self._framed(reply, block, str)
        return text + end + "\n"

    def _lines(self) -> list[str]:
        """The quoted lines as the style renders them."""
        style = self.style
        lines = self.quoted
        if style.wrap:
            lines = [part for line in lines for part in (textwrap.wrap(line, style.wrap) or [""])]
        return [(style.prefix + line).rstrip() if style.prefix.strip() else style.prefix + line for line in lines]

    def _rich(self, late: set[str]) -> str:
        style = self.style
        if style is not None and not style.html:
            return _as_html(self._plain(late))
        reply, end = self._around(_as_html(self.own), late, _as_html)
        if style is None:
            return self._framed(reply, "", _as_html) + end
        intro = _as_html(self._intro().replace("<\n", "<"))
        safe = replace(self.facts, values={name: escape(value) for name, value in self.facts.values.items()})
        lines = _as_html("\n".join(self.quoted))
        block = safe.dated(style.html, style.names).replace("{intro}", intro).replace("{lines}", lines)
        if style.place == "inside":
            return block.replace("{own_words}", reply) + end
        if style.place == "above":
            return self._framed(f"{block}<br>{reply}", "", _as_html) + end
        return self._framed(reply, block, _as_html) + end


def _woven(intro: str, lines: list[str], own: str) -> str:
    """The author's paragraphs between the quoted lines."""
    paragraphs = own.split("\n\n")
    step = max(1, (len(lines) - 1) // len(paragraphs))
    out = [intro] if intro else []
    for number, paragraph in enumerate(paragraphs):
        out += [*lines[number * step : (number + 1) * step], "", paragraph, ""]
    return "\n".join(out + lines[len(paragraphs) * step :])


def _as_html(text: str) -> str:
    """Plain text as a mail program writes it in HTML."""
    return escape(text, quote=False).replace("\n", "<br>\n")


# --- drawing ---------------------------------------------------------------------------------------------------------


def samples(n: int = 1_200, seed: int = 0) -> list[Sample]:
    """At least `n` samples, each base at least once, no two of the same ingredients."""
    rng = Random(seed)
    every = list(bases())
    decks: dict[str, list] = {"style": [], "frame": []}
    seen: set[tuple[object, ...]] = set()
    found: list[Sample] = []
    while len(found) < max(n, len(every)):
        rng.shuffle(every)
        for base in every[: max(n, len(every)) - len(found)]:
            unquoted = 0.5 if base.label == "automatic" else 0.1  # few machines quote
            style = None if rng.random() < unquoted else _drawn(decks["style"], styles(), base.language, rng)
            frame = _drawn(decks["frame"], frames(), base.language, rng) if rng.random() < 0.33 else None
            pieces = _furnished(base.language, rng)
            sample = compose(base, style=style, frame=frame, pieces=pieces, seed=f"{seed}.{len(found)}")
            key = (sample.base, sample.style, sample.frame, sample.furniture)
            if key not in seen:
                seen.add(key)
                found.append(replace(sample, id=f"{len(found):04}-{sample.base}"))
    return found


def _drawn(deck: list, whole: tuple, language: str, rng: Random) -> object:
    """The next of a shuffled deck, the language's own where one lies near the top: each comes up as often."""
    if len(deck) < 8:
        deck += rng.sample(whole, len(whole))
    near = next((index for index in range(8) if deck[index].language in {language, ""}), 0)
    return deck.pop(near)


def _furnished(language: str, rng: Random) -> tuple[Furniture, ...]:
    """No, one or a few pieces of furniture, one of a kind."""
    pool = [piece for piece in furniture() if piece.language == (language if rng.random() < 0.85 else "en")]
    drawn = {piece.kind: piece for piece in rng.sample(pool, rng.choice((0, 1, 1, 2, 2, 3)))}
    return tuple(drawn.values())
