"""Every mistake in tests/data/config: each file says in its head its lines: those and no others."""

import re
from pathlib import Path

import pytest

from relaywatch.config import ConfigError, load

DATA = Path(__file__).parents[1] / "data" / "config"
SECRET = "hunter2"
MISTAKES = sorted(DATA.glob("bad_*.toml"))


def expected_lines(path: Path) -> list[str]:
    lines = re.findall(r"^# expect: (.+)$", path.read_bytes().decode("utf-8", "replace"), re.MULTILINE)
    return [line.replace("{path}", str(path)).replace("{folder}", str(path.parent)) for line in lines]


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_a_bad_file_gives_its_lines(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert list(caught.value.problems) == expected_lines(path)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert SECRET not in str(caught.value)
    assert all(problem.isprintable() for problem in caught.value.problems)


def test_there_is_a_file_for_many_mistakes():
    assert len(MISTAKES) > 70
