"""Changes the program in small ways, and tells which of these changes (mutants) no unit test notices.

    python tests/mutants.py --sample 600 relaywatch/core/cases relaywatch/core/classes

takes an even sample of all mutants of these packages and runs, for each, the tests of tests/unit that come by the
changed line, until one fails: the mutant is killed. `--at FILE:LINE` takes all mutants of a line instead. A line is
printed for each, then the survivors; exit status 1 where more than one in ten survived. A survivor is a condition that
no test is for, or a change that makes no difference.

First each test file runs once for what it comes by, which `.coverage.mutants` keeps until a file changes. Each mutant
lives in a child of this process, which has the libraries in its memory already: nothing is written to the tree, and a
mutant takes a second or two. Left out are tests that keep the processor for half a second: most start processes (the
program as it is) or measure time, and properties of Hypothesis, for what they find is chance.
"""

import argparse
import ast
import hashlib
import importlib
import json
import multiprocessing
import os
import pkgutil
import resource
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import coverage
import pytest
from lab_mutants import Instead, Mutant, mutants_of

import relaywatch

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".coverage.mutants"
SECONDS = 120  # of the processor; a mutant that takes longer has been noticed
MEMORY = 4 << 30  # bytes; one that takes more, too
SLOW = 0.5  # seconds of the processor for a test; most that take more start processes or measure time
PYTEST = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", f"--rootdir={ROOT}")
FORK = multiprocessing.get_context("fork")

Reached = dict[str, dict[int, list[str]]]  # file of the program -> line -> test functions; "" for the import of tests
Wanted = dict[str, set[str]]  # test file -> test functions; "" for all of it


class _Choice:
    """Of the tests of a run, choose those that are wanted (None: all) and no property."""

    def __init__(self, wanted: Wanted | None) -> None:
        self.wanted = wanted

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        items[:] = [one for one in items if not one.get_closest_marker("hypothesis") and self._is_wanted(one)]

    def _is_wanted(self, item: pytest.Function) -> bool:
        if self.wanted is None:
            return True
        names = self.wanted[str(item.path.relative_to(ROOT))]
        return "" in names or item.originalname in names


class _Watch:
    """Tell `cover` which test runs, and keep which are slow; the first of a file loads what all need."""

    def __init__(self, cover: coverage.Coverage) -> None:
        self.cover, self.slow, self.ran = cover, set[str](), 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, object, object]:
        self.cover.switch_context(item.originalname)
        began = sum(os.times()[:4])
        done = yield
        self.ran += 1
        if self.ran > 1 and sum(os.times()[:4]) - began > SLOW:
            self.slow.add(item.originalname)
        return done


def passed(files: list[str], wanted: Wanted | None = None, *watch: _Watch) -> bool:
    """Run tests in this process; return whether none failed."""
    status = pytest.main([*PYTEST, *files], plugins=[_Choice(wanted), *watch])
    return status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


def in_child(work: Callable[..., bool], *given: object) -> bool:
    """Do work in a child, silently, within its limits; return what it returned, False where it died."""

    def child() -> None:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        os._exit(0 if work(*given) else 1)

    process = FORK.Process(target=child)
    process.start()
    process.join()
    return process.exitcode == 0


def survives(mutant: Mutant, wanted: Wanted) -> bool:
    """Run the tests of a mutant, one file, then two, then four …, until one fails."""
    sys.meta_path.insert(0, Instead(mutant))
    files, some = list(wanted), 1
    while files:
        if not passed(files[:some], wanted):
            return False
        files, some = files[some:], some * 2
    return True


def write_reach(file: str, paths: list[str], out: Path) -> bool:
    """Write down which quick function of a test file comes by which line of the program; return whether all passed."""
    cover = coverage.Coverage(data_file=None, config_file=False, include=[str(ROOT / path) for path in paths])
    watch = _Watch(cover)
    cover.start()
    good = passed([file], None, watch)
    cover.stop()
    found = {
        path: {line: [one for one in tests if one not in watch.slow] for line, tests in lines.items()}
        for path in paths
        if (lines := cover.get_data().contexts_by_lineno(str(ROOT / path)))
    }
    out.write_text(json.dumps(found), "utf-8")
    return good


def reach(paths: list[str]) -> dict[str, Reached]:
    """Return, for each test file, what it comes by. Files that fail without a mutant are left out, and told."""
    KEPT.mkdir(exist_ok=True)
    shared = hashlib.sha256("".join(paths).encode())
    tools = {Path(__file__), ROOT / "tests/lab_mutants.py"}
    for source in sorted([*(ROOT / "relaywatch").rglob("*.*"), *(ROOT / "tests").glob("*.py")]):
        if source.suffix in {".py", ".toml"} and source not in tools:
            shared.update(source.read_bytes())
    found = {}
    for file in sorted((ROOT / "tests/unit").glob("test_*.py")):
        name, own = str(file.relative_to(ROOT)), shared.copy()
        own.update(file.read_bytes())
        kept = KEPT / f"{file.stem}-{own.hexdigest()[:16]}.json"
        if not kept.exists():
            for old in KEPT.glob(f"{file.stem}-*.json"):
                old.unlink()
            if not in_child(write_reach, name, paths, kept):
                sys.stdout.write(f"left out, for it fails as it is: {name}\n")
                kept.unlink(missing_ok=True)
                continue
        read = json.loads(kept.read_text("utf-8"))
        found[name] = {path: {int(line): tests for line, tests in lines.items()} for path, lines in read.items()}
    return found


def wanted_for(mutant: Mutant, reached: dict[str, Reached]) -> Wanted:
    """Return the tests that come by a mutant, first those of the files that come by little but its module.

    A line outside of functions runs at the import: all that come by the module's functions may notice its mutant.
    """
    tree = ast.parse((ROOT / mutant.path).read_text("utf-8"))
    around = [
        node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= node.end_lineno
    ]
    inside = any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.body[0].lineno <= mutant.line
        for node in around
    )
    within = _lines_of(max(around, key=lambda node: (node.lineno, -node.end_lineno)))
    found: dict[str, tuple[float, set[str]]] = {}
    for file, modules in reached.items():
        lines = modules.get(mutant.path, {})
        some = {line: tests for line, tests in lines.items() if line in within} if inside else lines
        names = {one for tests in some.values() for one in tests if one or inside}
        if names:
            counts = {path: sum(map(any, each.values())) for path, each in modules.items()}
            found[file] = (counts[mutant.path] / max(1, sum(counts.values())), names)
    return {file: names for file, (_, names) in sorted(found.items(), key=lambda one: -one[1][0])}


def _lines_of(statement: ast.stmt) -> range:
    """Return the lines of a statement, of one that holds others those before them."""
    body = getattr(statement, "body", None)
    return range(statement.lineno, body[0].lineno if body else statement.end_lineno + 1)


def load_libraries() -> None:
    """Import all of relaywatch for the libraries that it imports, and forget it again."""
    for module in pkgutil.walk_packages(relaywatch.__path__, "relaywatch."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "relaywatch"]:
        del sys.modules[name]


def asked() -> tuple[list[str], list[Mutant]]:
    """Return the files and the mutants that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+", type=Path, metavar="PACKAGE", help="a folder or file of the program")
    parser.add_argument("--sample", type=int, default=600, metavar="N", help="how many, evenly of all (600)")
    parser.add_argument("--at", nargs="+", metavar="FILE:LINE", help="all mutants of these lines instead")
    given = parser.parse_args()
    files = {file.resolve() for at in given.packages for file in (at.rglob("*.py") if at.is_dir() else [at])}
    paths = sorted(str(file.relative_to(ROOT)) for file in files)
    found = [mutant for path in paths for mutant in mutants_of(path)]
    if given.at:
        return paths, [mutant for mutant in found if f"{mutant.path}:{mutant.line}" in given.at]
    count = min(given.sample, len(found))
    sys.stdout.write(f"{count} of {len(found)} mutants\n")
    return paths, [found[place * len(found) // count] for place in range(count)]


def main() -> int:
    os.nice(19)
    sys.stdout.reconfigure(line_buffering=True)
    paths, mutants = asked()
    load_libraries()
    reached = reach(paths)
    began, survivors = time.monotonic(), []
    for mutant in mutants:
        since = time.monotonic()
        if alive := in_child(survives, mutant, wanted_for(mutant, reached)):
            survivors.append(mutant)
        word = "survived" if alive else "killed"
        sys.stdout.write(f"{word:8} {time.monotonic() - since:5.1f} s  {mutant}\n")
    seconds = (time.monotonic() - began) / max(1, len(mutants))
    sys.stdout.writelines(f"survivor: {mutant}\n" for mutant in survivors)
    killed = len(mutants) - len(survivors)
    sys.stdout.write(f"{killed} of {len(mutants)} killed, {seconds:.1f} seconds a mutant\n")
    return int(len(survivors) * 10 > len(mutants))


if __name__ == "__main__":
    sys.exit(main())
