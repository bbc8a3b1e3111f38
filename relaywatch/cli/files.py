"""The commands that need no server: they judge mail in files."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from relaywatch.config import PATH_VARIABLE, ConfigError, find_config, load, load_rules
from relaywatch.core.cases.form import assessment_form
from relaywatch.core.classes.explain import explain as why
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Copy, Role
from relaywatch.core.notices.voice import clean
from relaywatch.mailbox.files import FileMail, read_file
from relaywatch.pipeline.audit import Seller, seller_at, seller_of
from relaywatch.pipeline.explaining import as_sent, assess
from relaywatch.pipeline.reading import RawMail, ReadMail, read


def explain(options: argparse.Namespace) -> int:
    """Say why each message would be classified as it is."""
    seller, rules = _standard(options.config)
    role = Role(options.role)
    if options.history is not None and not os.path.lexists(options.history):
        raise ConfigError([f"explain: --history {options.history}: there is no such file or folder"])
    for form in _explained(options.file, role, seller, rules, options.history):
        if options.format == "json":
            print(json.dumps(form, ensure_ascii=False))
        else:
            print(_in_words(form))
    return 0


def _standard(config: Path | None) -> tuple[Seller, Rules]:
    """Who is who and by which rules: as configured, where a configuration is named or in its place."""
    path = find_config(config, os.environ)
    if config is None and PATH_VARIABLE not in os.environ and not path.exists():
        return seller_at(()), load_rules()
    settings = load(path)
    if not settings.accounts:
        raise ConfigError([f"{path}: no account"])
    return seller_of(settings.accounts[0]), settings.rules


def _explained(
    names: Iterable[str], role: Role, seller: Seller, rules: Rules, history: str | None
) -> Iterator[Mapping[str, object]]:
    for name in names:
        found = read_file(name)
        if found.error:
            yield {"file": name, "error": found.error}
            continue
        mail = _read(found, role, seller.parties, rules)
        yield {**_form(name, mail), **_worth(as_sent(mail, seller), seller, rules, history)}


def _read(found: FileMail, role: Role, parties: Parties, rules: Rules) -> ReadMail:
    copy = Copy(mailbox="file", role=role, folder=found.folder)
    return read(RawMail(found.raw, found.whole, "main", copy, None), parties, rules)


def _worth(mail: ReadMail, seller: Seller, rules: Rules, history: str | None) -> Mapping[str, object]:
    """What a message of the seller's is worth as an answer, and the signs that say so."""
    found = assess(mail, seller, rules, history, lambda line: print(f"relaywatch: {line}", file=sys.stderr))
    if found is None:
        return {}
    form = assessment_form(found)
    return {"answer": form["answer"], "signs": form["signs"]}


def _form(name: str, found: ReadMail) -> dict[str, object]:
    message, verdict = found.mail.message, found.mail.verdict
    form: dict[str, object] = {
        "file": name,
        "class": verdict.class_.value,
        "rule": verdict.rule,
        "evidence": list(verdict.evidence),
        "own_words": message.own_words,
        "why": why(verdict),
    }
    if verdict.topics:
        form["topics"] = [topic.value for topic in verdict.topics]
    if message.damage:
        form["damage"] = message.damage
    return form


def _in_words(form: Mapping[str, object]) -> str:
    if "error" in form:
        return f"{form['file']}\n  could not be read: {form['error']}\n"
    lines = [str(form["file"]), f"  class:     {form['class']}", f"  rule:      {form['rule']}"]
    lines += [f"  because:   {clean(item, 300)}" for item in _listed(form, "evidence")]
    lines += [f"  topic:     {item}" for item in _listed(form, "topics")]
    lines.append(f"  why:       {form['why']}")
    if "answer" in form:
        lines.append(f"  answer:    {str(form['answer']).replace('_', ' ')}")
    lines += [f"  sign:      {sign}" for sign in _signs(form)]
    own = clean(form["own_words"], 300)
    return "\n".join([*lines, f"  own words: {own or '(none)'}", ""])


def _signs(form: Mapping[str, object]) -> Iterator[str]:
    signs = form.get("signs", ())
    for sign in signs if isinstance(signs, list) else ():
        yield f"{sign['weight']:+.1f} {clean(sign['says'], 200)}"


def _listed(form: Mapping[str, object], key: str) -> list[str]:
    value = form.get(key, ())
    return [str(item) for item in value] if isinstance(value, list) else []
