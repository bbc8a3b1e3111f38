"""Verify or fit the table of signs: `python tests/bench/weights.py [--fit] [--corpus DIR]`.

The labelled replies (tests/data/labelled, recombined with furniture, help desks' frames and quotes) are judged one by
one as the program does, with its lists and without them; what is fitted are the signs' weights, by logistic
regression. A weight may not point against what its sign says. Cross-validation: ten parts, replies with one text in
one part; every figure is of replies that the weights were not fitted on. `--fit` writes relaywatch/data/signs.toml.

`--corpus DIR`: also measures people's mail (labels human and quoted_reply of DIR/labels.tsv), each as a reply three
hours after a customer's mail about its first sentence.
"""

import argparse
import csv
import math
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import cast as c
from lab_labelled import Sample, samples
from lab_nolists import emptied, no_lists

from relaywatch.config import load_rules
from relaywatch.config.signs import SIGNS
from relaywatch.core.cases.attempts import Basis, attempts_of
from relaywatch.core.cases.clock import kind_of
from relaywatch.core.cases.party import parties_of
from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.language.rules import Rules
from relaywatch.core.language.signs import Answer, SignTable, Weighed
from relaywatch.core.mail.message import Copy, Folder, Mail, Message, Role
from relaywatch.core.policy import Policy
from relaywatch.mailbox.parse import read_message

TABLE = Path(__file__).parents[2] / "relaywatch" / "data" / SIGNS
SAMPLES, SEED = 1_500, 20_26
PARTS = 10
ROUNDS, RATE, DECAY = 500, 0.5, 0.006
WRONGLY_MET = 2.0  # how much worse than a false alarm
PEOPLES = 16.0  # what a real mail weighs
SAYS_NOTHING = {"empty", "courtesy", "says_little"}
SENTENCE = re.compile(r"[^.!?。！？\n]{8,200}")


@dataclass(frozen=True, slots=True)
class Judged:
    """One reply, with the signs that it shows."""

    group: str
    kind: str
    language: str
    counts: bool
    signs: Mapping[str, str]
    weighed: Weighed
    cost: float = 1.0


def copy(folder: Folder) -> Copy:
    return Copy(mailbox="care", role=Role.CARE, folder=folder)


def message(raw: bytes, folder: Folder) -> Message:
    return read_message(raw, account="main", copy=copy(folder), own_hosts=None, whole=True).message


def weighed(inbound: Message, reply: Message, rules: Rules) -> Weighed | None:
    """Return what a reply is worth; None where the message that it answers is owed nothing."""
    mails = [Mail(one, classify(one, c.PARTIES, rules)) for one in (inbound, reply)]
    openers = [mail for mail in mails[:1] if kind_of(mail)]
    if not openers or not is_sellers(mails[1]):
        return None
    attempts = attempts_of(mails, openers, parties_of(mails, openers, c.PARTIES), (), Basis(Policy(), c.PARTIES, rules))
    return attempts[0].weighed


def judged(sample: Sample, rules: Rules, kind: str) -> Judged | None:
    found = weighed(message(sample.inbound, Folder.INBOX), message(sample.reply, Folder.SENT), rules)
    if found is None:
        return None
    signs = {one.sign.name: one.detail for one in found.shown}
    return Judged(sample.kin, f"{kind} {sample.label}", sample.language, sample.label == "counts", signs, found)


def all_judged(many: Iterable[Sample], rules: Rules) -> list[Judged]:
    """Judge each with the lists, and without."""
    many = list(many)
    found = [judged(sample, rules, "with lists,") for sample in many]
    bare = emptied(rules)
    with no_lists():
        found += [judged(sample, bare, "without,") for sample in many]
    return [one for one in found if one is not None]


def fit(data: Sequence[Judged], table: SignTable) -> SignTable:
    """Return the table with weights fitted on these replies."""
    names = list(table.signs)
    limits = [1 if sign.side.value == "person" else -1 for sign in table.signs.values()]
    weights = [sign.weight for sign in table.signs.values()]
    base = table.base
    rows = [[at for at, name in enumerate(names) if name in one.signs] for one in data]
    costs = [one.cost if one.counts else WRONGLY_MET for one in data]
    total = sum(costs)
    for _ in range(ROUNDS):
        slopes = [0.0] * len(names)
        for row, cost, one in zip(rows, costs, data, strict=True):
            score = base + sum(weights[at] for at in row)
            off = cost * (1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - one.counts)
            for at in row:
                slopes[at] += off
        for at, limit in enumerate(limits):
            prior = table.signs[names[at]].weight
            weights[at] -= RATE * (slopes[at] / total * 12 + DECAY * (weights[at] - prior))
            weights[at] = prior if table.signs[names[at]].fixed else limit * max(0.0, limit * weights[at])
    signs = {
        name: replace(table.signs[name], weight=round(weight, 2)) for name, weight in zip(names, weights, strict=True)
    }
    return replace(table, signs=signs, base=round(base, 2))


@dataclass
class Figures:
    """How many replies were judged how."""

    right: int = 0
    doubtful: int = 0
    wrong: int = 0

    @property
    def total(self) -> int:
        return self.right + self.doubtful + self.wrong

    def line(self, name: str) -> str:
        shares = (f"{100 * count / max(1, self.total):5.1f} %" for count in (self.right, self.doubtful, self.wrong))
        return f"{name:24} {self.total:5}   right {next(shares)}   doubtful {next(shares)}   wrong {next(shares)}"


def score(data: Iterable[Judged], table: SignTable) -> dict[str, Figures]:
    """Return the figures by kind: of replies that count, and of thin and automatic ones."""
    found: dict[str, Figures] = defaultdict(Figures)
    for one in data:
        answer = table.weigh(one.signs).answer
        figures = found[one.kind]
        if answer is Answer.DOUBTFUL:
            figures.doubtful += 1
        elif (answer is Answer.COUNTS) is one.counts:
            figures.right += 1
        else:
            figures.wrong += 1
    return found


def cross_validated(data: Sequence[Judged], table: SignTable) -> dict[str, Figures]:
    groups = sorted({one.group for one in data})
    random.Random(SEED).shuffle(groups)
    found: dict[str, Figures] = defaultdict(Figures)
    for part in range(PARTS):
        held = set(groups[part::PARTS])
        fitted = fit([one for one in data if one.group not in held], table)
        for name, figures in score((one for one in data if one.group in held), fitted).items():
            found[name].right += figures.right
            found[name].doubtful += figures.doubtful
            found[name].wrong += figures.wrong
    return found


def curve(data: Sequence[Judged], table: SignTable) -> None:
    """Print what share of the replies lies above each score, held out of the fit."""
    groups = sorted({one.group for one in data})
    random.Random(SEED).shuffle(groups)
    scored: list[tuple[float, bool, str]] = []
    for part in range(PARTS):
        held = set(groups[part::PARTS])
        fitted = fit([one for one in data if one.group not in held], table)
        scored += [
            (fitted.weigh(one.signs).score, one.counts, one.kind.split(",")[0]) for one in data if one.group in held
        ]
    for kind in sorted({kind for _, _, kind in scored}):
        for line in range(-8, 9):
            at = line / 2
            good = [score for score, counts, name in scored if counts and name == kind]
            bad = [score for score, counts, name in scored if not counts and name == kind]
            above = [100 * sum(score >= at for score in some) / len(some) for some in (good, bad)]
            say(f"{kind:12} from {at:5.1f}: {above[0]:5.1f} % of what counts, {above[1]:5.1f} % of what does not")


def contributions(data: Sequence[Judged], table: SignTable) -> list[tuple[str, float, int, int, int]]:
    """Return for each sign: its weight, on how many replies that count and that do not it is, what hangs on it."""
    found = []
    for name, sign in table.signs.items():
        bearers = [one for one in data if name in one.signs]
        changed = sum(
            table.weigh(one.signs).answer
            is not table.weigh({key: value for key, value in one.signs.items() if key != name}).answer
            for one in bearers
        )
        found.append(
            (name, sign.weight, sum(one.counts for one in bearers), sum(not one.counts for one in bearers), changed)
        )
    return sorted(found, key=lambda row: -abs(row[1]))


def people(folder: Path, rules: Rules) -> list[Judged]:
    """Judge people's mail as replies."""
    judgements = []
    rows = csv.DictReader((folder / "labels.tsv").open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        if row["label"] not in ("human", "quoted_reply"):
            continue
        found = persons_reply((folder / row["file"]).read_bytes(), rules)
        signs = {one.sign.name: one.detail for one in found.shown}
        judgements.append(Judged(row["file"], "people's mail", "", True, signs, found, PEOPLES))
    return judgements


def persons_reply(raw: bytes, rules: Rules) -> Weighed:
    """Return what a person's mail is worth as a reply, three hours after a customer's about its first sentence."""
    text = message(raw, Folder.SENT)
    asked = c.customer(0, "c1", own_words=about(text.own_words), subject="Walmart.ca Customer: Question")
    values = {"own_words": text.own_words, "rest": text.rest, "layout": text.layout, "headers": text.headers}
    reply = c.sent(3, **values, subject="Re: Walmart.ca Customer: Question", structure=text.structure)
    owed_to = parties_of([asked, reply], [asked], c.PARTIES)
    return attempts_of([asked, reply], [asked], owed_to, (), Basis(Policy(), c.PARTIES, rules))[0].weighed


def about(text: str) -> str:
    """Return what a customer might have asked that a text's first sentence answers: its words in another order."""
    first = SENTENCE.search(text)
    words = (first[0] if first else text).split()
    return f"Question about {' '.join(reversed(words))}?"


def write(table: SignTable) -> None:
    """Write the weights into the table's file; everything else in it stays."""
    text = TABLE.read_text("utf-8")
    text = re.sub(r"(?m)^base = \S+", f"base = {table.base}", text, count=1)
    for name, sign in table.signs.items():
        pattern = rf'(name = "{name}"\nside = "\w+"\nweight = )-?[0-9.]+'
        text = re.sub(pattern, rf"\g<1>{sign.weight}", text, count=1)
    TABLE.write_text(text, "utf-8")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def say_figures(title: str, found: Mapping[str, Figures]) -> None:
    say(f"-- {title}")
    for name, figures in sorted(found.items()):
        say(figures.line(name))


def say_table(data: Sequence[Judged], table: SignTable) -> None:
    say(f"-- base {table.base}; sign, weight, on replies that count, on others, decisions that hang on it")
    for name, weight, good, bad, changed in contributions(data, table):
        say(f"{name:22} {weight:6.2f} {good:6} {bad:6} {changed:6}")


def say_misses(data: Iterable[Judged], table: SignTable) -> None:
    for one in data:
        answer = table.weigh(one.signs).answer
        if answer is not Answer.DOUBTFUL and (answer is Answer.COUNTS) is not one.counts:
            say(f"{answer.value} {one.kind} {one.group} {one.language} {list(one.signs)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="write the fitted weights")
    parser.add_argument("--corpus", type=Path, help="people's mail to fit and measure as well")
    parser.add_argument("--curve", action="store_true", help="what other thresholds would give")
    parser.add_argument("--misses", action="store_true", help="name what is judged wrongly")
    options = parser.parse_args()
    rules = load_rules()
    data = all_judged(samples(SAMPLES, SEED), rules)
    real = people(options.corpus, rules) if options.corpus else []
    data += [one for one in real if not SAYS_NOTHING & one.signs.keys()]
    table = rules.signs
    say(f"{len(data)} judgements of {SAMPLES} replies, in {len({one.group for one in data})} groups")
    say_figures("as the table is", score(data, table))
    if options.curve:
        curve(data, table)
    say_figures(f"fitted on nine parts, measured on the tenth ({PARTS} times)", cross_validated(data, table))
    if options.fit:
        table = fit(data, table)
        write(table)
        say_figures("fitted on all, and written", score(data, table))
    say_table(data, table)
    if options.misses:
        say_misses(data, table)
    for one in real:
        found = table.weigh(one.signs)
        if found.answer is not Answer.COUNTS:
            say(f"{one.group} {found.answer.value} {found.score} {list(one.signs)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
