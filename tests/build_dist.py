"""Builds the wheel and the sdist into dist/, and finds what is wrong with them: missing, too much, or never the same.

Run by `make dist`: `python tests/build_dist.py`. Exit status 1 and a line for each fault.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def build(source: Path, into: Path, *kinds: str) -> list[Path]:
    """Build from a folder, dated by the last commit: the same commit always makes the same files."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": git("log", "-1", "--format=%ct")}
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(into), *(f"--target={k}" for k in kinds)]
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    return sorted(into.iterdir())


def differing(what: str, found: set[str], wanted: set[str]) -> list[str]:
    lacks, extra = (
        (f"{what}: {word} {name}" for name in sorted(names))
        for word, names in (("lacks", wanted - found), ("should not hold", found - wanted))
    )
    return [*lacks, *extra]


def wheel_faults(wheel: Path, tracked: set[str]) -> list[str]:
    """Compare with the package as git has it; the rest is what every wheel has."""
    names = set(zipfile.ZipFile(wheel).namelist())
    about = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
    wanted = {name for name in tracked if name.startswith("relaywatch/")}
    wanted |= {f"{about}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    return differing(wheel.name, names, wanted)


def sdist_faults(sdist: Path, tracked: set[str]) -> list[str]:
    top = sdist.name.removesuffix(".tar.gz")
    with tarfile.open(sdist) as archive:
        names = {member.name for member in archive if not member.isdir()}
    return differing(sdist.name, names, {f"{top}/{name}" for name in tracked | {"PKG-INFO"}})


def running_faults(wheel: Path, scratch: Path) -> list[str]:
    """Run the wheel's own files away from the checkout: its rules, its SQL and its examples must be found there."""
    zipfile.ZipFile(wheel).extractall(scratch)
    (scratch / "mail.eml").write_text("From: a@example.com\nTo: care@shop.example\nSubject: hello\n\nWhere is it?\n")
    program = "import relaywatch.store, sys; from relaywatch.cli import main; sys.exit(main())"
    faults = []
    for words in (["--version"], ["example"], ["example", "relaywatch.service"], ["explain", "mail.eml"]):
        run = subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=scratch,
            env={**os.environ, "PYTHONPATH": str(scratch)},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode or not run.stdout:
            faults.append(f"{wheel.name}: `relaywatch {' '.join(words)}` fails: {run.stderr.strip()}")
    return faults


def faults(scratch: Path) -> list[str]:
    """Build, and build again twice: from the checkout, and the wheel from the sdist."""
    DIST.mkdir(exist_ok=True)
    for old in DIST.iterdir():
        old.unlink()
    tracked = set(git("ls-files").splitlines())
    sdist, wheel = sorted(build(ROOT, DIST), key=lambda path: path.suffix)
    again = build(ROOT, scratch / "again")
    subprocess.run(["tar", "--extract", "--file", str(sdist), "--directory", str(scratch)], check=True)
    again += build(scratch / sdist.name.removesuffix(".tar.gz"), scratch / "from-sdist", "wheel")
    lines = [
        f"{path.parent.name}: {path.name} has other bytes than in dist"
        for path in again
        if path.read_bytes() != (DIST / path.name).read_bytes()
    ]
    return lines + wheel_faults(wheel, tracked) + sdist_faults(sdist, tracked) + running_faults(wheel, scratch / "run")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = faults(Path(folder))
    good = "".join(f"dist/{path.name}\n" for path in sorted(DIST.iterdir()))
    sys.stdout.write("".join(f"{line}\n" for line in found) or good)
    sys.exit(bool(found))
