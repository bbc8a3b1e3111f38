"""Finds policy rules that no code keeps or no test proves, and citations of rules that there are not.

Run by `make check`: `python tests/check_rules.py`. Exit status 1 and a line for each fault.
"""

import re
import sys
from pathlib import Path

from relaywatch.core.rulebook import RULEBOOK

ROOT = Path(__file__).parents[1]
_CITATION = re.compile(r"\b[Pp]olicy ((?:[CQHOMP]\d\b(?:, | and | to |; |/)?)+)")
_NUMBER = re.compile(r"([CQHOMP])(\d)( to )?")


def cited(text: str) -> set[str]:
    """Return the rule numbers that a text cites, `policy C1 to C3` written out."""
    found: set[str] = set()
    for citation in _CITATION.finditer(text):
        numbers = list(_NUMBER.finditer(citation[1]))
        for here, after in zip(numbers, [*numbers[1:], None], strict=True):
            last = int(after[2]) if here[3] and after is not None and after[1] == here[1] else int(here[2])
            found |= {f"{here[1]}{number}" for number in range(int(here[2]), last + 1)}
    return found


def citations(folder: str) -> dict[str, list[str]]:
    """Return, for each rule cited below a folder, the files that cite it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in {".py", ".toml", ".sql"} and path.name not in {"rulebook.py", "check_rules.py"}:
            for rule in cited(path.read_text("utf-8", "replace")):
                found.setdefault(rule, []).append(str(path.relative_to(ROOT)))
    return found


def faults() -> list[str]:
    """Return a line for each rule without code or test, and for each citation of no rule."""
    code, tests = citations("relaywatch"), citations("tests")
    lines = []
    for number, rule in RULEBOOK.items():
        if rule.left_to_seller:
            continue
        if number not in code:
            lines.append(f"policy {number}: no code cites it")
        if number not in tests:
            lines.append(f"policy {number}: no test cites it")
    for number in sorted((code.keys() | tests.keys()) - RULEBOOK.keys()):
        where = ", ".join(code.get(number, []) + tests.get(number, []))
        lines.append(f"policy {number}: cited in {where}, but there is no such rule")
    return lines


if __name__ == "__main__":
    found = faults()
    good = f"all {len(RULEBOOK)} rules of the policy have their place\n"
    sys.stdout.write("".join(f"{line}\n" for line in found) or good)
    sys.exit(bool(found))
