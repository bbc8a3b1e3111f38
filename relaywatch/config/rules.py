r"""Read rules that are words: the TOML files of relaywatch/data, and the operator's own before them.

A file is arrays of tables; an array's name is the question that code asks, its tables are the answers, in order.
A table:

    [[consumer_protection]]
    name = "bbb"                        # what `explain` names
    about = "The body itself."          # for whoever reviews it
    where = ["subject", "own_words"]    # of subject, own_words, rest, author, text
    result = ""
    phrases.en = ["better business bureau"]
    patterns.any = ['\bbbb\b']          # regular expressions over folded text, bounded
    unless.en = ["bbb accredited"]      # phrases that, in the same place, speak against it
    unless_patterns.en = []

`phrases`, `patterns`, `unless` and `unless_patterns` are lists by language: a code of ISO 639-1, or `any` for what
belongs to no language or to several at once. The code is for reviewers: all lists are asked of every mail. One list
for all (`phrases = ["…"]`) is read as well.

By language, a pattern may stand on several lines: the line breaks and the blanks at the beginning of each line are
taken out, all else stays. A blank of its own at such a place is written `[ ]`:

    patterns.en = [
      '''
        \b(?:message|
        reply) was not delivered
      ''',
    ]
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from relaywatch.config.errors import ConfigError
from relaywatch.config.shape import found, one_of
from relaywatch.config.signs import SIGNS, load_signs
from relaywatch.core.language.rules import Rule, Rules, fold

_PLACES = ("subject", "own_words", "rest", "author", "text")
_TEXTS = ("name", "about", "result")
_LISTS = ("phrases", "patterns", "unless", "unless_patterns")
_KEYS = (*_TEXTS, "where", *_LISTS)
_MAX_PATTERN = 2000  # characters
_LANGUAGE = re.compile("[a-z]{2}|any")
_INDENT = re.compile(r"(?:^|\n)[ \t]*")


def load_rules(extra: Path | None = None, *, folder: Traversable | None = None) -> Rules:
    """Return the shipped rules, those of the file `extra` before them in each table.

    Shipped files with the same table are put together in the order of their names. `folder` holds other files than
    the shipped ones. Raises ConfigError with every problem of every file, each line
    `FILE: table[0].phrases.fr[2]: found …, expected …`.
    """
    problems: list[str] = []
    shipped: dict[str, tuple[Rule, ...]] = {}
    for resource in sorted((folder or files("relaywatch.data")).iterdir(), key=lambda entry: entry.name):
        if resource.name.endswith(".toml") and resource.name != SIGNS:
            _append(shipped, parse_rules(resource.read_text("utf-8"), resource.name, problems))
    tables = dict(shipped)
    if extra is not None:
        own = _read_extra(extra, problems)
        problems += [
            f"{extra.name}: {table}: found an unknown table, expected {one_of(shipped, table)}"
            for table in own
            if table not in shipped
        ]
        own = {name: tuple(replace(rule, own=True) for rule in table) for name, table in own.items()}
        _append(own, shipped)
        tables = own
    if problems:
        raise ConfigError(problems)
    return Rules(MappingProxyType(tables), load_signs())


@cache
def shipped_rules() -> Rules:
    """Return the shipped rules alone, one object for the whole process."""
    return load_rules()


def parse_rules(text: str, origin: str, problems: list[str]) -> dict[str, tuple[Rule, ...]]:
    """Return the tables of one file's text; what is wrong is added to `problems`, after `origin`."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{origin}: {error}")
        return {}
    tables: dict[str, tuple[Rule, ...]] = {}
    for table, entries in data.items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            problems.append(f"{origin}: {table}: found {found(entries)}, expected [[{table}]] entries")
            continue
        rules = [_rule(entry, f"{origin}: {table}[{index}]", problems) for index, entry in enumerate(entries)]
        tables[table] = tuple(rule for rule in rules if rule is not None)
    return tables


def _append(tables: dict[str, tuple[Rule, ...]], more: Mapping[str, tuple[Rule, ...]]) -> None:
    for table, rules in more.items():
        tables[table] = tables.get(table, ()) + rules


def _read_extra(path: Path, problems: list[str]) -> dict[str, tuple[Rule, ...]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
        return {}
    except UnicodeDecodeError:
        problems.append(f"{path}: found bytes that are not UTF-8, expected a TOML file")
        return {}
    return parse_rules(text, path.name, problems)


def _rule(entry: Mapping[str, Any], path: str, problems: list[str]) -> Rule | None:
    before = len(problems)
    problems += [
        f"{path}.{key}: found an unknown key, expected {one_of(_KEYS, key)}" for key in entry if key not in _KEYS
    ]
    for key in _TEXTS:
        if not isinstance(entry.get(key, ""), str):
            problems.append(f"{path}.{key}: found {found(entry[key])}, expected text")
    if not entry.get("name"):
        problems.append(f"{path}.name: found nothing, expected a name for the rule")
    where = _texts(entry.get("where", []), f"{path}.where", problems)
    problems += [
        f"{path}.where: found {found(place)}, expected {one_of(_PLACES, place)}"
        for place in where
        if place not in _PLACES
    ]
    if not entry.get("where"):
        problems.append(f"{path}.where: found nothing, expected {one_of(_PLACES)}")
    if not any(_holds(entry.get(key)) for key in ("phrases", "patterns")):
        problems.append(f"{path}: found neither phrases nor patterns, expected what to look for")
    lists = {key: _lists(entry.get(key, []), f"{path}.{key}", problems) for key in _LISTS}
    phrases, unless = (_phrases(lists[key], problems) for key in ("phrases", "unless"))
    patterns, unless_patterns = (_patterns(lists[key], problems) for key in ("patterns", "unless_patterns"))
    if len(problems) > before:
        return None
    return Rule(
        name=entry["name"],
        where=tuple(where),
        phrases=phrases,
        patterns=patterns,
        unless=unless,
        unless_patterns=unless_patterns,
        result=entry.get("result", ""),
    )


def _holds(lists: object) -> bool:
    """Whether anything stands in a list, or in one of the lists by language."""
    return any(lists.values()) if isinstance(lists, dict) else bool(lists)


def _lists(value: object, path: str, problems: list[str]) -> dict[str, list[str]]:
    """Return the lists of a key by their places in the file: one, or one for each language."""
    if not isinstance(value, dict):
        return {path: _texts(value, path, problems)}
    lists = {}
    for language, texts in value.items():
        place = f"{path}.{language}"
        if _LANGUAGE.fullmatch(language):
            lists[place] = [_joined(text) for text in _texts(texts, place, problems)]
        else:
            problems.append(f"{place}: found an unknown language, expected a code such as en, fr or zh, or any")
    return lists


def _joined(text: str) -> str:
    """Return a text of several lines as one: see the module's text."""
    return _INDENT.sub("", text) if "\n" in text else text


def _texts(values: object, path: str, problems: list[str]) -> list[str]:
    if not isinstance(values, list):
        problems.append(f"{path}: found {found(values)}, expected a list of texts")
        return []
    problems += [
        f"{path}[{index}]: found {found(value)}, expected text"
        for index, value in enumerate(values)
        if not isinstance(value, str)
    ]
    return [value for value in values if isinstance(value, str)]


def _phrases(lists: Mapping[str, list[str]], problems: list[str]) -> tuple[str, ...]:
    """Return the phrases folded, the longest first: where two overlap, the order in the file must not matter."""
    folded: list[str] = []
    for place, texts in lists.items():
        for index, text in enumerate(texts):
            phrase = fold(text)
            if not phrase:
                problems.append(f"{place}[{index}]: found {found(text)}, expected words")
            folded.append(phrase)
    return tuple(sorted(folded, key=len, reverse=True))


def _patterns(lists: Mapping[str, list[str]], problems: list[str]) -> tuple[re.Pattern[str], ...]:
    patterns = []
    for place, texts in lists.items():
        for index, text in enumerate(texts):
            why = _wrong_with(text)
            if why:
                problems.append(f"{place}[{index}]: found {found(text)}, expected {why}")
            else:
                patterns.append(re.compile(text))
    return tuple(patterns)


def _wrong_with(pattern: str) -> str:
    """Return what a pattern should have been, "" where it can be used."""
    if len(pattern) > _MAX_PATTERN:
        return f"at most {_MAX_PATTERN} characters"
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"a regular expression ({error})"
    literal = re.sub(r"\\.|\(\?P", "", pattern)
    if any(char.isupper() or unicodedata.combining(char) for char in unicodedata.normalize("NFD", literal)):
        return "lower case without accents, as the text that it is matched against is"
    if _repeats_inside_repeats(pattern):
        return "no unbounded repetition inside another, nor of any character (write {0,40})"
    return ""


_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+][?+]?|\{\d*,\}[?+]?|.", re.DOTALL)


def _repeats_inside_repeats(pattern: str) -> bool:
    """Whether matching may take more than linear time by far: `(a+)+`, `(a*b?)*`, `.*`.

    A pattern runs over hostile text, and folded text is a single line: both must not happen.
    """
    groups = [False]  # for each open group, whether it holds an unbounded repetition
    closed = False  # whether the group that ended just now held one
    before = ""
    for atom in _TOKEN.findall(pattern):
        repeats = atom[0] in "*+" or (atom[0] == "{" and len(atom) > 1)
        if repeats and (closed or before == "."):
            return True
        closed = False
        if repeats:
            groups[-1] = True
        elif atom == "(":
            groups.append(False)
        elif atom == ")" and len(groups) > 1:
            closed = groups.pop()
            groups[-1] = groups[-1] or closed
        before = atom
    return False
