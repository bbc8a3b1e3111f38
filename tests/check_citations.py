"""Finds citations of what is not there: a rule, a heading or a term of relaywatch/docs, a file.

A citation stands in a comment, a docstring or a document, and says where a reader finds more: `policy C4`,
`(interface: Findings)`, `(design: One idea)`, `(glossary: party)`, or several as `(interface: Times; policy C4)`. A
file is cited by its path, from the root, relaywatch/, relaywatch/core/, tests/ or its neighbours on, or by its name.

Run by `make check`: `python tests/check_citations.py`. Exit status 1 and a line for each fault.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Collection, Iterator
from fnmatch import fnmatch
from pathlib import Path

from relaywatch.core.rulebook import RULEBOOK

ROOT = Path(__file__).parents[1]
DOCUMENTS = Path("relaywatch", "docs")
_PLACES = ("README.md", "Makefile", "pyproject.toml", ".ci", ".github", "config", "relaywatch", "tests")
_MARKS = {".toml": "#", ".service": "#", ".sql": "--", "": "#"}  # of comments; "": Makefile, .ci/run
_SKIPPED = {"__pycache__", "labelled"}  # labelled: words of people's
_ROOTS = ("", "relaywatch", "relaywatch/core", "tests", "config")
_RULES = re.compile(r"\b[Pp]olicy ((?:[A-Z]\d\b(?:, | and | to |; |/)?)+)")
_RULE = re.compile(r"\b[A-Z]\d\b")
_ROW = re.compile(r"^\| ([A-Z]\d) \|", re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)
_TERM = re.compile(r"^- \*\*(.+?)\*\*", re.MULTILINE)
_FILE = re.compile(
    r"(?<![\w/.~*}$-])((?:[\w.*-]+/)*[\w*-][\w.*-]*\.(?:py|toml|md|sql|service)\b"
    r"|(?:relaywatch|tests|core)/[\w./*-]*[\w*/])"
)
_ELSEWHERE = {"relaywatch.toml", "rules.toml", "nobody.d/*.toml"}  # an operator's own, or nobody's


def said(path: Path) -> str:
    """Return what a file says to readers: comments and docstrings on their own lines, all else blank."""
    text = path.read_text("utf-8", "replace")
    if path.suffix == ".md":
        return text
    lines = text.splitlines()
    kept = [""] * len(lines)
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            value = node.value if isinstance(node, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                kept[node.lineno - 1 : node.end_lineno] = lines[node.lineno - 1 : node.end_lineno]
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                kept[token.start[0] - 1] = token.string.strip("# ")
    else:
        for number, line in enumerate(lines):
            kept[number] = line.partition(_MARKS[path.suffix])[2].strip()
    return "\n".join(kept)


def sources(root: Path) -> Iterator[Path]:
    """Yield the files that are looked through."""
    for place in _PLACES:
        for path in [root / place, *sorted((root / place).rglob("*"))]:
            known = path.suffix in {".py", ".md", *_MARKS}
            if path.is_file() and known and _SKIPPED.isdisjoint(path.parts):
                yield path


class Documents:
    """What can be cited of the documents: rules, headings by topic, terms."""

    def __init__(self, folder: Path) -> None:
        texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.md")}
        self.rules = set(_ROW.findall(texts.get("policy", "")))
        self.entries = {topic: {_plain(name) for name in _HEADING.findall(text)} for topic, text in texts.items()}
        self.entries.setdefault("glossary", set()).update(map(_plain, _TERM.findall(texts.get("glossary", ""))))
        topics = "|".join(sorted(self.entries))
        self.citation = re.compile(rf"(?<=[(;])\s*({topics}):\s([^();]+)(?=[;)])")  # one of those in parentheses
        self.loose = re.compile(rf"\b({topics}): \S+")

    def faults(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield (offset, fault) for each citation of a heading or term that there is not."""
        for found in self.citation.finditer(text):
            topic, name = found[1], " ".join(found[2].split())
            if _plain(name) not in self.entries[topic]:
                yield found.start(1), f"({topic}: {name}) is no heading or term of {DOCUMENTS / topic}.md"
        rest = self.citation.sub(lambda found: re.sub(r"\S", " ", found[0]), text)
        for found in self.loose.finditer(rest):
            yield found.start(), f"{found[0]}: a citation stands in parentheses, as ({found[1]}: heading)"


def _plain(name: str) -> str:
    return " ".join(name.replace("`", "").split()).casefold()


class Files:
    """The files that can be cited."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names = {path.name for place in _PLACES for path in [root / place, *(root / place).rglob("*")]}
        self._names |= {path.name for path in root.iterdir()}

    def has(self, cited: str, beside: Path) -> bool:
        """Whether a path, or the name of a file, is there."""
        if cited in _ELSEWHERE:
            return True
        if "/" not in cited:
            return any(fnmatch(name, cited) for name in self._names)
        folders = [beside, *(self._root / folder for folder in _ROOTS)]
        return any(any(folder.glob(cited.rstrip("/"))) for folder in folders)


def faults(root: Path, rules: Collection[str] = RULEBOOK.keys()) -> list[str]:
    """Return a line for each citation below a root of what is not there, and for each rule that one place lacks."""
    documents, files = Documents(root / DOCUMENTS), Files(root)
    policy = f"{DOCUMENTS / 'policy'}.md"
    lines = [f"{policy}: rule {rule} is not in the rulebook" for rule in sorted(documents.rules - set(rules))]
    lines += [f"{policy}: rule {rule} of the rulebook is missing" for rule in sorted(set(rules) - documents.rules)]
    for path in sources(root):
        text, place = said(path), path.relative_to(root)
        found = list(documents.faults(text))
        cited = {rule.start(): rule[1] for rule in _RULES.finditer(text)}
        if place.parent == DOCUMENTS:  # there the numbers stand alone
            cited |= {rule.start(): rule[0] for rule in _RULE.finditer(text)}
        for at, numbers in cited.items():
            unknown = [one for one in _RULE.findall(numbers) if one not in rules]
            found += [(at, f"policy {one}: there is no such rule") for one in unknown]
        for file in _FILE.finditer(text):
            if not files.has(file[1], path.parent):
                found.append((file.start(), f"{file[1]}: there is no such file"))
        lines += [f"{place}:{text.count(chr(10), 0, at) + 1}: {fault}" for at, fault in sorted(found)]
    return lines


if __name__ == "__main__":
    broken = faults(ROOT)
    sys.stdout.write("".join(f"{line}\n" for line in broken) or "all that is cited is there\n")
    sys.exit(bool(broken))
