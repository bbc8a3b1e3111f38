"""Measure the judgement on labelled mail: `python tests/bench/corpus.py DIR`.

DIR holds `labels.tsv` (a header line; then file, label, file with the expected own words or nothing, further
columns) and the files. Labels: bounce, auto_reply, human, quoted_reply, calendar, other, malformed. A text
without headers is read as a body. Prints the share of bounces and automatic replies missed, the false alarms,
the share of own words that are wrong (a ratio below 0.9), and the slowest file.
"""

import argparse
import csv
import difflib
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from relaywatch.config.rules import load_rules
from relaywatch.core.classes.automatic import read_automatic
from relaywatch.core.classes.bounce import read_bounce
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.message import Class, Copy, Folder, Message, Role
from relaywatch.mailbox.parse import read_message

NO_BOUNCE = ("human", "other", "auto_reply", "quoted_reply", "calendar")
RIGHT = 0.9  # SequenceMatcher's ratio


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found out about one file, and in what time."""

    file: str
    label: str
    class_: Class
    rule: str
    ratio: float | None  # of the own words, None where none are expected
    seconds: float


def main() -> int:
    """Measure, print, and return 0 if the targets are met, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true", help="name every file that was judged wrongly")
    options = parser.parse_args()
    rules = load_rules()
    answers = [
        measure(options.folder, row, rules)
        for row in csv.DictReader(
            (options.folder / "labels.tsv").open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE
        )
    ]
    return report(answers, misses=options.misses)


def measure(folder: Path, row: dict[str, str], rules: Rules) -> Answer:
    """Judge one file in the order of the program: bounce, then automatic."""
    raw = (folder / row["file"]).read_bytes()
    started = time.perf_counter()
    copy = Copy(mailbox="", role=Role.CARE, folder=Folder.INBOX)
    message = read_message(raw, account="bench", copy=copy, own_hosts=None, whole=True).message
    class_, rule = judge(message, rules)
    seconds = time.perf_counter() - started
    expected = row.get("expected_own_words") or ""
    ratio = None
    if expected:
        ratio = similarity(message.own_words, (folder / expected).read_text("utf-8"))
    return Answer(row["file"], row["label"], class_, rule, ratio, seconds)


def judge(message: Message, rules: Rules) -> tuple[Class, str]:
    """Return the class as far as the words decide it, and the rule."""
    bounce = read_bounce(message, rules)
    if bounce:
        return Class.BOUNCE, bounce.rule
    automatic = read_automatic(message, rules)
    if automatic:
        return Class.AUTOMATIC, automatic.rule
    return Class.OTHER, ""


def similarity(have: str, want: str) -> float:
    """Return how alike two texts are, white space and case aside."""
    return difflib.SequenceMatcher(None, squeezed(have), squeezed(want), autojunk=False).ratio()


def squeezed(text: str) -> str:
    """Return the text in lower case with single blanks."""
    return " ".join(text.lower().split())


def report(answers: list[Answer], *, misses: bool) -> int:
    """Print the figures; return 0 if all targets are met."""
    of = {label: [a for a in answers if a.label == label] for label in {a.label for a in answers}}
    others = [a for label in NO_BOUNCE for a in of.get(label, [])]
    texts = [a for a in answers if a.ratio is not None]
    slowest = max(answers, key=lambda a: a.seconds)
    wrong = {
        "bounces missed": [a for a in of.get("bounce", []) if a.class_ is not Class.BOUNCE],
        "false bounces": [a for a in others if a.class_ is Class.BOUNCE],
        "automatic missed": [a for a in of.get("auto_reply", []) if a.class_ is not Class.AUTOMATIC],
        "false automatic": [a for a in of.get("human", []) if a.class_ is Class.AUTOMATIC],
        "own words wrong": [a for a in texts if (a.ratio or 0) < RIGHT],
    }
    sizes = {
        "bounces missed": (len(of.get("bounce", [])), 0.03),
        "false bounces": (len(others), 0.005),
        "automatic missed": (len(of.get("auto_reply", [])), 0.10),
        "false automatic": (len(of.get("human", [])), 0.01),
        "own words wrong": (len(texts), 0.20),
    }
    met = slowest.seconds < 1
    for name, found in wrong.items():
        total, most = sizes[name]
        share = len(found) / total if total else 0.0
        met = met and share <= most
        sys.stdout.write(f"{name:17} {len(found):4} of {total:4}  {share:6.1%}  (at most {most:.1%})\n")
        if misses:
            sys.stdout.writelines(f"    {a.file} {a.class_} {a.rule} {a.ratio or ''}\n" for a in found)
    sys.stdout.write(f"slowest           {slowest.seconds * 1000:.0f} ms  {slowest.file}\n")
    sys.stdout.write(f"answered          {len(answers)} files in {sum(a.seconds for a in answers):.2f} s\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
