"""`relaywatch help`: documents that ship with the program, which say what is so."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from relaywatch.cli import main
from relaywatch.cli.arguments import parser
from relaywatch.cli.topics import topics
from relaywatch.config import schema
from relaywatch.core.cases.case import Code, Obligation, State, Status
from relaywatch.core.mail.message import Class, Topic
from relaywatch.core.policy import LADDERS, WALMART_CANADA, Kind

ROOT = Path(__file__).parents[2]
INTERFACE = topics()["interface"]
TABLES = {
    "[service]": schema.ServiceTable,
    "[smtp]": schema.SmtpTable,
    "[notify]": schema.NotifyTable,
    "[seller]": schema.SellerTable,
    "[walmart]": schema.WalmartTable,
    "[policy]": schema.PolicyTable,
    "[[mailbox]]": schema.MailboxTable,
}


def section(heading):
    """Return what stands in interface.md under a heading, down to the next of the same depth or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |^\1 |\Z)", INTERFACE, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[2]


def names(text):
    """Return the words that stand in backticks."""
    return set(re.findall(r"[\w.:-]+", " ".join(re.findall(r"`([^`]*)`", text))))


def test_without_a_topic_it_lists_them(capsys):
    assert main(["help"]) == 0
    listed = dict(re.findall(r"^  (\w+) +(\S.*)$", capsys.readouterr().out, re.MULTILINE))
    assert listed.keys() == topics().keys() == {"policy", "interface", "providers", "design", "glossary"}
    assert listed["policy"].startswith("The policy of Walmart")


@pytest.mark.parametrize("topic", sorted(topics()))
def test_a_pipe_gets_the_document_as_it_is(capsys, topic):
    assert main(["help", topic]) == 0
    assert capsys.readouterr().out == (ROOT / "relaywatch" / "docs" / f"{topic}.md").read_text("utf-8")


def test_a_terminal_gets_it_set_out():
    """A real terminal, for what it is shown depends on that alone."""
    above, below = pty.openpty()
    command = [sys.executable, "-m", "relaywatch", "help", "policy"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, cwd=ROOT, stdout=below, stdin=below, env=environment) as running:
        os.close(below)
        shown = b""
        while some := _more(above):
            shown += some
    os.close(above)
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown.decode())
    assert running.returncode == 0
    assert b"\x1b[" in shown
    assert "Who is who" in plain
    assert "## Who is who" not in plain


def _more(terminal):
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other side was closed
        return b""


def test_an_unknown_topic_is_one_line(capsys):
    assert main(["help", "polcy"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    line = "relaywatch: help: there is no topic 'polcy'; there are design, glossary, interface, policy, providers\n"
    assert told.err == line


def test_it_needs_no_configuration(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("RELAYWATCH_CONFIG", str(tmp_path / "there-is-none.toml"))
    assert main(["help", "glossary"]) == 0
    assert "- **case**" in capsys.readouterr().out


def test_the_command_line_imports_nothing_for_it():
    made = "from relaywatch.cli.arguments import parser; parser()"
    asked = (
        "import sys; print([name for name in ('rich', 'markdown_it', 'relaywatch.cli.topics') if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", f"{made}; {asked}"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_the_configuration_is_named(table):
    keys = {field.alias or name for name, field in TABLES[table].model_fields.items()}
    keys -= {"password", "password_file", "password_env", "password_command"}  # named once, for all tables
    told = set(re.findall(r"\w+", " ".join(names(section(table)))))
    assert sorted(keys - told) == []
    assert {"password", "password_file", "password_env", "password_command"} <= names(section("Configuration"))


def test_every_command_is_named_with_its_options():
    (commands,) = (action.choices for action in parser()._actions if action.choices)
    listed = section("Commands").partition("\n### ")[0]
    told = {line.split()[0].strip("`") for line in re.findall(r"^- `(.*)`", listed, re.MULTILINE)}
    assert told | {"reject"} == set(commands)
    for name, command in commands.items():
        options = {option for action in command._actions for option in action.option_strings if len(option) > 2}
        assert sorted(options - {"--help"} - set(re.findall(r"--[\w-]+", listed))) == [], name


def test_every_name_of_the_json_is_told():
    for heading, values in {
        "Kinds and classes": [*Kind, *Class],
        "Deadlines": [*Obligation, *Status],
        "Findings": [*Code],
        "A case as JSON": [*State, *Topic],
    }.items():
        assert sorted({value.value for value in values} - names(section(heading))) == [], heading


def test_every_header_and_step_is_told():
    sources = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "relaywatch").rglob("*.py")))
    used = set(re.findall(r'"(X-Relaywatch-\w+)"', sources))
    assert len(used) > 5
    assert used == {name for name in names(section("A warning, as mail")) if name.startswith("X-Relaywatch-")}


def test_the_glossary_gives_each_word_once_with_its_place():
    entries = re.findall(r"^- \*\*(.+?)\*\*: ((?:.+\n)+?)(?=- |\n|\Z)", topics()["glossary"], re.MULTILINE)
    terms = [term for term, _ in entries]
    assert len(terms) > 100
    assert sorted({term for term in terms if terms.count(term) > 1}) == []
    assert [term for term, meaning in entries if not re.search(r"`[\w./]+\.\w+`\)", meaning)] == []


def test_the_policy_has_the_times_that_are_in_force():
    rows = dict(re.findall(r"^\| (C[1-4]) \|.*\| (\d+) h(?: each)? \|$", topics()["policy"], re.MULTILINE))
    hours = {kind.rule: str(int(WALMART_CANADA.reply[kind].total_seconds() // 3600)) for kind in LADDERS}
    assert rows == hours
