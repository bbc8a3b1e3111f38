"""The commands that need no server: they judge mail in files."""

import argparse
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from relaywatch.config import PATH_VARIABLE, ConfigError, find_config, load, load_rules
from relaywatch.core.address import Parties
from relaywatch.core.explain import explain as why
from relaywatch.core.message import Copy, Role
from relaywatch.core.rules import Rules
from relaywatch.core.voice import clean
from relaywatch.mailbox.files import FileMail, read_file
from relaywatch.pipeline.reading import RawMail, ReadMail, read


def explain(options: argparse.Namespace) -> int:
    """Say why each message would be classified as it is."""
    parties, rules = _standard(options.config)
    role = Role(options.role)
    for form in _explained(options.file, role, parties, rules):
        if options.format == "json":
            print(json.dumps(form, ensure_ascii=False))
        else:
            print(_in_words(form))
    return 0


def _standard(config: Path | None) -> tuple[Parties, Rules]:
    """Who is who and by which rules: as configured, where a configuration is named or in its place."""
    path = find_config(config, os.environ)
    if config is None and PATH_VARIABLE not in os.environ and not path.exists():
        return Parties(), load_rules()
    settings = load(path)
    if not settings.accounts:
        raise ConfigError([f"{path}: no account"])
    return settings.accounts[0].parties, settings.rules


def _explained(names: Iterable[str], role: Role, parties: Parties, rules: Rules) -> Iterator[Mapping[str, object]]:
    for name in names:
        found = read_file(name)
        if found.error:
            yield {"file": name, "error": found.error}
            continue
        yield _form(name, _read(found, role, parties, rules))


def _read(found: FileMail, role: Role, parties: Parties, rules: Rules) -> ReadMail:
    copy = Copy(mailbox="file", role=role, folder=found.folder)
    return read(RawMail(found.raw, found.whole, "main", copy, None), parties, rules)


def _form(name: str, found: ReadMail) -> Mapping[str, object]:
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
    own = clean(form["own_words"], 300)
    return "\n".join([*lines, f"  own words: {own or '(none)'}", ""])


def _listed(form: Mapping[str, object], key: str) -> list[str]:
    value = form.get(key, ())
    return [str(item) for item in value] if isinstance(value, list) else []
