"""tests/README.md says what is so: it names every lab, each file that it names is there, its examples are run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "tests" / "README.md").read_text("utf-8")
NAMED = set(re.findall(r"tests/[\w/]*\w(?:\.\w+)?", PAGE))
EXAMPLES = re.findall(r"In\s+`(tests/[^`]+)`[^`]*(?:`[^`\n]+`[^`]*)*```(?:python|toml)\n(.*?)```", PAGE, re.DOTALL)


def test_it_names_every_lab_and_folder():
    wanted = {f"tests/{path.name}" for path in (ROOT / "tests").glob("*.py")}
    wanted |= {f"tests/{path.name}" for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert len(wanted) > 30
    assert sorted(wanted - NAMED) == []


def test_what_it_names_is_there():
    assert sorted(name for name in NAMED if not (ROOT / name).exists()) == []


def test_it_has_an_example_of_each_kind():
    assert len(EXAMPLES) == len(re.findall(r"^```(?:python|toml)$", PAGE, re.MULTILINE))
    folders = {"/".join(name.split("/")[:2]) for name, _ in EXAMPLES}
    assert folders == {"tests/unit", "tests/story", "tests/servers", "tests/bench", "tests/data"}


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_stands_in_the_file_that_is_named(name, example):
    assert example in (ROOT / name).read_text("utf-8")


def test_the_test_that_it_runs_alone_is_there():
    ((path, words),) = re.findall(r"pytest (tests/\S+\.py) -k (\w+)", PAGE)
    assert re.search(rf"def test_\w*{words}", (ROOT / path).read_text("utf-8"))
