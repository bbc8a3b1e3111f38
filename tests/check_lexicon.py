"""Finds what makes the lexicon (relaywatch/data/*.toml) hard to review: the form that config/rules.py reads, and more.

One phrase or pattern a line, by language, the phrases of a language in the order of their letters; no line above 120
columns (a Chinese character has two); no phrase twice; a sentence on what each table is for. A word that two
languages share stands once, under the first.

Run by `make check` and `make lexicon`: `python tests/check_lexicon.py`. Exit status 1 and a line for each fault.
"""

import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from relaywatch.config import ConfigError
from relaywatch.config.rules import load_rules
from relaywatch.config.signs import SIGNS
from relaywatch.core.language.rules import fold

DATA = Path(__file__).parents[1] / "relaywatch" / "data"
WIDEST = 120  # columns
LANGUAGES = {  # in the order of their lists: those of Walmart Canada's shops, the others by their codes, none
    "en": "English",
    "fr": "French",
    "zh": "Chinese",
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "he": "Hebrew",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "any": "none, or several at once",
}
# Places have problems of their own, and a problem is asked for its place alone: their tables are no alternatives.
EACH_BY_ITSELF = {"handover_place", "handover_problem"}
_TABLE = re.compile(r"\[\[(\w+)\]\]")
_LIST = re.compile(r"(phrases|patterns|unless|unless_patterns)\.([\w-]+) = \[")
_SETTING = re.compile(r"(?:name|about|where|result) = .+")
_ITEM = re.compile(r"""  (?:"(?:[^"\\]|\\.)*"|'(?!'')[^']*'|'''(?:(?!''').)*'''),""")
_OPENS, _CLOSES = "  '''", "  ''',"


@dataclass
class Table:
    """One table of a question, and where it stands."""

    place: str
    question: str
    head: str = ""  # its settings, as TOML
    items: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)  # key, language: place, text

    @property
    def settings(self) -> dict:
        return tomllib.loads(self.head)


def lines(path: Path, faults: list[str]) -> Iterator[tuple[str, str]]:
    """Yield a file's lines with their places, a pattern of several lines as one; the form of a line may be a fault."""
    broken: list[str] | None = None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        place = f"{path.name}:{number}"
        if columns(line) > WIDEST:
            faults.append(f"{place}: the line is {columns(line)} columns wide, at most {WIDEST}")
        if line != line.rstrip():
            faults.append(f"{place}: the line ends in a blank (in a pattern write it `[ ]`)")
        if line == _OPENS:
            broken = []
        elif broken is None:
            yield place, line
        elif line == _CLOSES:
            yield place, f"{_OPENS}{''.join(broken)}{_CLOSES.strip()}"
            broken = None
        else:
            broken.append(line.lstrip())


def scanned(path: Path, faults: list[str]) -> list[Table]:
    """Return the tables of a file; each line that is not of the form is a fault."""
    tables: list[Table] = []
    items: list[tuple[str, str]] | None = None
    for place, line in lines(path, faults):
        if opened := _TABLE.fullmatch(line):
            tables.append(Table(place, opened[1]))
            items = None
        elif tables and items is None and (opened := _LIST.fullmatch(line)):
            items = tables[-1].items.setdefault((opened[1], opened[2]), [])
        elif tables and items is None and _SETTING.fullmatch(line):
            tables[-1].head += f"{line}\n"
        elif items is not None and line == "]":
            items = None
        elif items is not None and _ITEM.fullmatch(line):
            items.append((place, tomllib.loads(f"item = {line.strip().rstrip(',')}")["item"]))
        elif line.strip() and not line.lstrip().startswith("#"):
            faults.append(f"{place}: found {line.strip()[:40]!r}, expected one phrase or pattern a line, by language")
    return tables


def columns(line: str) -> int:
    """Return how wide a line is: Chinese and Japanese have two columns for a character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def alone(table: Table) -> Iterator[str]:
    """Yield what is wrong with a table by itself."""
    name = f"{table.question}, {table.settings.get('name', '')}"
    if not table.settings.get("about", "").endswith("."):
        yield f"{table.place}: {name} has no sentence that says what it is for (about)"
    known = list(LANGUAGES)
    for key in dict.fromkeys(key for key, _ in table.items):
        languages = [language for other, language in table.items if other == key]
        yield from (
            f"{table.place}: {name}: {key}.{one} is of no known language" for one in languages if one not in known
        )
        right = sorted((one for one in languages if one in known), key=known.index)
        if [one for one in languages if one in known] != right:
            yield f"{table.place}: {name}: the languages of {key} are out of order, expected {', '.join(right)}"
        yield from twice(table, key)
    for (key, language), items in table.items.items():
        if key.endswith("patterns"):
            continue
        for (_, before), (place, text) in pairwise(items):
            if fold(text) < fold(before):
                yield f'{place}: "{text}" of {key}.{language} is out of order: it comes before "{before}"'


def texts(table: Table, key: str) -> Iterator[tuple[str, str]]:
    """Yield what stands in the lists of a key, with its place, as the loader compares it."""
    for (other, _), items in table.items.items():
        if other == key:
            yield from ((place, text if key.endswith("patterns") else fold(text)) for place, text in items)


def twice(table: Table, key: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    for place, text in texts(table, key):
        if text in seen:
            yield f'{place}: "{text}" stands at {seen[text]} already'
        seen.setdefault(text, place)


def among(tables: list[Table]) -> Iterator[str]:
    """Yield what stands in two tables of one question that look at the same place of a mail."""
    for key in ("phrases", "patterns"):
        seen: dict[tuple[str, str, str], str] = {}  # question, place of a mail, text: place in a file
        for table in tables:
            if table.question in EACH_BY_ITSELF:
                continue
            found = {
                (table.question, where, text): place
                for where in table.settings.get("where", [])
                for place, text in texts(table, key)
            }
            yield from dict.fromkeys(
                f'{place}: "{one[2]}" stands in another table of {one[0]} already, {seen[one]}'
                for one, place in found.items()
                if one in seen
            )
            seen = found | seen


def faults_of(folder: Path = DATA) -> list[str]:
    """Return a line for each fault of the lexicon in a folder: the loader's, or where it has none those of the form."""
    try:
        load_rules(folder=folder)
    except ConfigError as error:
        return error.problems
    faults: list[str] = []
    paths = sorted(path for path in folder.glob("*.toml") if path.name != SIGNS)
    tables = [table for path in paths for table in scanned(path, faults)]
    return [*faults, *(line for table in tables for line in alone(table)), *among(tables)]


if __name__ == "__main__":
    found = faults_of()
    sys.stdout.write("".join(f"{line}\n" for line in found) or "the lexicon is in order\n")
    sys.exit(bool(found))
