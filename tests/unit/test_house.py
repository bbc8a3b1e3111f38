"""How the house is kept: sizes, places, purity, and what may not stand anywhere."""

import ast
import re
import subprocess
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[2]
MOST_LINES = 450
MANY_LINES, NINE_OF_TEN = 350, 0.9
TOP_LEVEL = {
    *(".ci", ".github", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "pyproject.toml"),
    *("config", "relaywatch", "tests"),
}
PACKAGES = {"app", "cli", "config", "core", "data", "demo", "docs", "mailbox", "notify", "pipeline", "store"}
PURE = {  # what the core may import: it decides, and touches nothing
    *("base64", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib", "heapq"),
    *("html", "itertools", "math", "operator", "re", "string", "types", "typing", "unicodedata", "zlib", "zoneinfo"),
}
CLOCKS = {"now", "utcnow", "today"}
# Put together here, so that this file does not hold them itself.
UNFINISHED = re.compile(
    r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error")) + r")\b"
)
THIS_MACHINE = re.compile("|".join(("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]", "/opt/py" + "pi", "pyen" + "v")))
EXCUSE = re.compile(
    r"#\s*(?:noqa(?::\s*(?P<codes>[A-Z]+\d+(?:,\s*[A-Z]+\d+)*))?|type:\s*ignore(?P<kind>\[[\w, -]+\])?)"
    r"(?P<reason>.*)"
)


@cache
def files() -> tuple[str, ...]:
    """All files that are or would be part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:  # unpacked from an archive: nothing has been run here yet that leaves files behind
        return tuple(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file())
    return tuple(name for name in dict.fromkeys(listed.stdout.splitlines()) if (ROOT / name).is_file())


def texts(*suffixes: str) -> list[str]:
    return [name for name in files() if name.endswith(suffixes) and not name.startswith("tests/data/")]


def lines(name: str) -> list[str]:
    return (ROOT / name).read_text("utf-8").splitlines()


def test_files_stay_readable_in_one_sitting():
    long = {name: len(lines(name)) for name in texts(".py") if len(lines(name)) > MOST_LINES}
    assert long == {}
    ours = [len(lines(name)) for name in texts(".py") if name.startswith("relaywatch/")]
    assert sum(count < MANY_LINES for count in ours) >= NINE_OF_TEN * len(ours)


def test_each_class_has_a_name_of_its_own():
    """Nobody should have to ask which Report is meant; an underscore in front makes no other name."""
    places = defaultdict(list)
    for name in texts(".py"):
        if name.startswith("relaywatch/"):
            for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    places[node.name.lstrip("_")].append(name)
    assert {class_: where for class_, where in places.items() if len(where) > 1} == {}


def test_nothing_stands_outside_the_layout():
    assert {name.partition("/")[0] for name in files()} <= TOP_LEVEL
    packages = {name.split("/")[1] for name in files() if re.match(r"relaywatch/\w+/", name)}
    assert packages <= PACKAGES


def test_the_core_imports_nothing_that_touches_the_world():
    impure = []
    for name in texts(".py"):
        if not name.startswith("relaywatch/core/"):
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            impure += [
                f"{name}:{node.lineno} {module}"
                for module in modules
                if module.partition(".")[0] not in PURE and not module.startswith("relaywatch.core")
            ]
    assert impure == []


def test_the_core_has_no_clock_and_opens_nothing():
    found = []
    for name in texts(".py"):
        if not name.startswith("relaywatch/core/"):
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            clock = isinstance(called, ast.Attribute) and called.attr in CLOCKS
            if clock or (isinstance(called, ast.Name) and called.id in {"open", "print", "input"}):
                found.append(f"{name}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize("forbidden", [UNFINISHED, THIS_MACHINE], ids=["unfinished", "this machine"])
def test_what_may_not_stand_anywhere(forbidden):
    found = [
        f"{name}:{number}"
        for name in texts(".py", ".toml", ".md", ".service", "Makefile", ".ci/run", ".sql")
        for number, line in enumerate(lines(name), start=1)
        if forbidden.search(line)
    ]
    assert found == []


def test_every_excuse_has_its_reason():
    bare = []
    for name in texts(".py"):
        for number, line in enumerate(lines(name), start=1):
            excuse = EXCUSE.search(line)
            if excuse and (not (excuse["codes"] or excuse["kind"]) or len(excuse["reason"].strip(" -#:")) < 5):
                bare.append(f"{name}:{number}")
    assert bare == []


def test_no_property_is_measured_by_the_clock_on_the_wall():
    assert settings.default.deadline is None
    own = [name for name in texts(".py") if re.search(r"settings\([^)]*(?:deadline|too_slow)", "".join(lines(name)))]
    assert [name for name in own if name.startswith("tests/")] == []
