"""Show what a change of the lexicon does: `make lexicon`, or `make lexicon CORPUS=DIR ADDRESS=care@shop.example`.

Each mail is judged twice: by relaywatch/data/*.toml as the last commit has them (`--base REVISION` names another), and
as they are in the folder now. Each that is judged otherwise is printed: what it was, what it is, and the phrase that
did it ("+" came, "-" went). The mails are those of tests/data/labelled, customers' and agents' with the seller's
replies, and those of DIR: mbox files, Maildirs, folders of .eml, of the seller with that ADDRESS. Where DIR has a
labels.tsv, people's mail in it is also judged as replies (see weights.py).
"""

import argparse
import csv
import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import cast as c
from lab_labelled import Sample, samples
from lab_lexicon import Case, Difference, changes, differences
from weights import message, persons_reply, weighed

from relaywatch.config import ConfigError, load_rules
from relaywatch.core.classes.classify import classify
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.message import Copy, Folder, Message, Verdict
from relaywatch.mailbox.files import FileMail, read_path
from relaywatch.pipeline.audit import Seller, seller_at
from relaywatch.pipeline.explaining import as_sent, assess
from relaywatch.pipeline.reading import RawMail, ReadMail, read

ROOT = Path(__file__).parents[2]
DATA = "relaywatch/data"
SAMPLES, SEED = 600, 20_26
LISTED = 40  # changes


def main() -> int:
    """Print what differs; return 0, or 2 where there is nothing to compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", nargs="?", type=Path, help="a folder of mail")
    parser.add_argument("--address", default=c.CARE, help="the seller's in that mail")
    parser.add_argument("--base", default="HEAD", help="the commit to compare with")
    options = parser.parse_args()
    if options.corpus is not None and not options.corpus.exists():
        return failed(f"{options.corpus}: there is no such folder")
    try:
        old, new = committed(options.base), load_rules()
    except ConfigError as error:
        return failed("\n".join(error.problems))
    except (OSError, subprocess.CalledProcessError) as error:
        why = error.stderr.decode().strip() if isinstance(error, subprocess.CalledProcessError) else error
        return failed(f"the lexicon of {options.base} cannot be read: {why}")
    changed = changes(old, new)
    say("".join(f"{change}\n" for change in changed[:LISTED]) or f"no phrase came or went since {options.base}\n")
    say(f"… and {len(changed) - LISTED} more\n" if len(changed) > LISTED else "")
    if old.tables == new.tables:
        return 0
    cases = [*labelled(), *(corpus(options.corpus, seller_at([options.address])) if options.corpus else ())]
    found = list(differences(cases, old, new))
    say("".join(map(told, found)))
    say(f"{len(changed)} changes of the lexicon: {len(found)} of {len(cases)} mails are judged otherwise\n")
    return 0


def committed(revision: str) -> Rules:
    """Return the lexicon of a commit."""
    packed = subprocess.run(["git", "archive", revision, DATA], cwd=ROOT, capture_output=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            archive.extractall(folder, filter="data")
        return load_rules(folder=Path(folder) / DATA)


def labelled() -> Iterator[Case]:
    """Yield the mails of the labelled set: what was received, and what was answered."""
    for sample in samples(SAMPLES, SEED):
        inbound, reply = message(sample.inbound, Folder.INBOX), message(sample.reply, Folder.SENT)
        yield Case(f"labelled {sample.id}, received", inbound, partial(received, inbound))
        yield Case(f"labelled {sample.id}, answered ({sample.label})", reply, partial(answered, sample))


def received(mail: Message, rules: Rules) -> str:
    return in_words(classify(mail, c.PARTIES, rules))


def answered(sample: Sample, rules: Rules) -> str:
    inbound, reply = message(sample.inbound, Folder.INBOX), message(sample.reply, Folder.SENT)
    worth = weighed(inbound, reply, rules)
    return ", ".join([received(reply, rules), *([worth.answer.value] if worth else [])])


def corpus(folder: Path, seller: Seller) -> Iterator[Case]:
    """Yield the mails of a folder; of those that are replies or can be taken for them, what they are worth as well."""
    for mail in read_path(str(folder)):
        if not mail.error:
            read_mail = partial(as_read, mail, seller)
            yield Case(mail.label, read_mail(c.rules()).mail.message, partial(of_file, read_mail, seller))
    labels = folder / "labels.tsv"
    if labels.is_file():
        for row in csv.DictReader(labels.open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["label"] in ("human", "quoted_reply"):
                raw = (folder / row["file"]).read_bytes()
                yield Case(f"{folder / row['file']}, as a reply", message(raw, Folder.SENT), partial(as_reply, raw))


def as_read(mail: FileMail, seller: Seller, rules: Rules) -> ReadMail:
    copy = Copy(mailbox="file", role=mail.role, folder=mail.folder)
    return as_sent(read(RawMail(mail.raw, mail.whole, "main", copy, None), seller.parties, rules), seller)


def of_file(read_mail: Callable[[Rules], ReadMail], seller: Seller, rules: Rules) -> str:
    found = read_mail(rules)
    worth = assess(found, seller, rules, None, lambda line: say(f"{line}\n"))
    return ", ".join([in_words(found.mail.verdict), *([worth.answer] if worth else [])])


def as_reply(raw: bytes, rules: Rules) -> str:
    return persons_reply(raw, rules).answer.value


def in_words(verdict: Verdict) -> str:
    return ", ".join([f"{verdict.class_.value} ({verdict.rule})", *(topic.value for topic in verdict.topics)])


def told(difference: Difference) -> str:
    by = [str(change) for change in difference.by] or [
        "the order or settings of a table, or single words of its phrases"
    ]
    lines = [
        difference.name,
        f"  was  {difference.was}",
        f"  is   {difference.now}",
        *(f"  by   {line}" for line in by),
    ]
    return "\n".join([*lines, ""])


def say(text: str) -> None:
    sys.stdout.write(text)


def failed(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
