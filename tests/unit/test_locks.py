"""The locks in config/lock: they hold what pyproject.toml asks for, with hashes, and installs come from them."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ITSELF = PROJECT["project"]["name"]
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
LOCKS = {"service": (), "demo": ("demo",), "dev": ("demo", "dev")}  # by the extras that each has


class Locked(NamedTuple):
    requirement: Requirement
    hashes: int


def locked(name: str) -> dict[str, Locked]:
    """Return what a lock holds, by name; a line that is no release with hashes is an error."""
    text = (ROOT / "config" / "lock" / f"{name}.txt").read_text("utf-8")
    found = {}
    for line in re.sub(r"\\\n", " ", re.sub(r"^(?: *#.*)?\n", "", text, flags=re.MULTILINE)).splitlines():
        release, *hashes = re.split(r"\s+(?=--)", line.strip())
        requirement = Requirement(release)
        assert all(HASH.fullmatch(each) for each in hashes), line
        assert requirement.name not in found, line
        found[requirement.name] = Locked(requirement, len(hashes))
    return found


def version(requirement: Requirement) -> Version:
    (pin,) = requirement.specifier
    assert pin.operator == "=="
    return Version(pin.version)


def asked(*extras: str) -> list[Requirement]:
    project = PROJECT["project"]
    lines = [*PROJECT["build-system"]["requires"], *project["dependencies"]]
    lines += [line for extra in extras for line in project["optional-dependencies"][extra]]
    return [wanted for line in lines if (wanted := Requirement(line)).name != ITSELF]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_each_dependency_within_its_bounds(name):
    held = locked(name)
    for wanted in asked(*LOCKS[name]):
        release = held[canonicalize_name(wanted.name)].requirement
        assert version(release) in wanted.specifier, wanted
        assert release.marker is None, wanted


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_releases_with_their_hashes_and_no_place_to_get_them(name):
    held = locked(name)
    assert {each for each, (requirement, hashes) in held.items() if requirement.url or hashes == 0} == set()
    assert held["pydantic-core"].hashes > 20  # every machine's and every Python's, not those of whoever made the lock
    assert "://" not in (ROOT / "config" / "lock" / f"{name}.txt").read_text("utf-8")


def test_all_locks_have_the_same_releases():
    dev = locked("dev")
    for name in LOCKS:
        assert {each: dev.get(each) for each in locked(name)} == locked(name)


@pytest.mark.parametrize(
    ("target", "lock"),
    [("{}/.dev", "dev"), ("{}/.demo", "demo"), ("install-program", "service")],
    ids=lambda value: value.strip("{}/."),
)
def test_what_is_installed_comes_from_its_lock_and_nothing_is_fetched_to_build_it(tmp_path, target, lock):
    new = [target.format(tmp_path), f"VENV={tmp_path}", f"DESTDIR={tmp_path}"]
    told = subprocess.run(
        ["make", "--dry-run", "-C", str(ROOT), *new], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    libraries, itself = re.findall(r"/pip (?:--quiet |--disable-pip-version-check )*install (.*)", told)
    assert libraries == f"--require-hashes -r config/lock/{lock}.txt"
    assert {"--no-deps", "--no-build-isolation"} < set(itself.split())
