"""tests/check_citations.py finds each kind of citation of what is not there, and passes over what is no citation."""

import pytest
from check_citations import ROOT, faults

RULES = {"C1", "C4"}
DOCUMENTS = {
    "policy": "# The policy\n\n| C1 | reply |\n| C4 | hurry |\n\n## When a clock starts\n",
    "interface": "# The interface\n\n## Configuration\n\n### [service]\n\n## A warning, as mail\n",
    "design": "# The design\n\n### Twice beats never\n",
    "glossary": "# Words\n\n- **case**: what comes out.\n- **own words**: the author's.\n",
}


@pytest.fixture
def house(tmp_path):
    """A repository of little more than documents."""
    (tmp_path / "relaywatch" / "docs").mkdir(parents=True)
    (tmp_path / "relaywatch" / "core" / "mail").mkdir(parents=True)
    (tmp_path / "relaywatch" / "core" / "mail" / "when.py").write_text('"""Times (policy C1)."""\n')
    for topic, text in DOCUMENTS.items():
        (tmp_path / "relaywatch" / "docs" / f"{topic}.md").write_text(text)
    return tmp_path


def told(house, name, text):
    """Return the faults of a house with one file more."""
    path = house / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return faults(house, RULES)


def test_this_house_has_none():
    assert faults(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "(policy C1)",
        "(policy C1, C4)",
        "(policy: When a clock starts)",
        "(interface: a warning, as mail)",
        "(interface: [service]; policy C4)",
        "(design: Twice\n# beats never; glossary: own words)",
        "(glossary: `case`)",
        "core/mail/when.py, relaywatch/core/mail/, mail/when.py in the core, when.py, core/*/when.py",
        "/etc/relaywatch/relaywatch.toml, https://example.org/some.py",
    ],
)
def test_what_is_there_may_be_cited(house, text):
    assert told(house, "relaywatch/core/some.py", f"# {text}\n") == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("(policy C2)", "policy C2: there is no such rule"),
        ("policy C1 and X9", "policy X9: there is no such rule"),
        ("(policy: Who pays)", "(policy: Who pays) is no heading or term of relaywatch/docs/policy.md"),
        ("(interface: commands)", "(interface: commands) is no heading or term of relaywatch/docs/interface.md"),
        ("(design: Never)", "(design: Never) is no heading or term of relaywatch/docs/design.md"),
        ("(policy C1; design: Never)", "(design: Never) is no heading or term of relaywatch/docs/design.md"),
        ("(glossary: casebook)", "(glossary: casebook) is no heading or term of relaywatch/docs/glossary.md"),
        ("design: Twice beats never", "design: Twice: a citation stands in parentheses, as (design: heading)"),
        ("(see design: Never)", "design: Never): a citation stands in parentheses, as (design: heading)"),
        ("see core/mail/then.py", "core/mail/then.py: there is no such file"),
        ("see then.py", "then.py: there is no such file"),
        ("see core/text_*.py", "core/text_*.py: there is no such file"),
        ("below relaywatch/rooms/", "relaywatch/rooms/: there is no such file"),
    ],
)
@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("relaywatch/core/some.py", '"""Some.\n\n{}\n"""\n'),
        ("relaywatch/core/some.py", "\n\nsome = 1  # {}\n"),
        ("relaywatch/data/some.toml", "\n\nname = 1  # {}\n"),
        ("config/some.service", "\n\n# {}\n"),
        ("README.md", "\n\n{}\n"),
    ],
    ids=["docstring", "comment", "TOML", "unit", "document"],
)
def test_what_is_not_there_is_told_with_its_place(house, name, source, text, fault):
    assert told(house, name, source.format(text)) == [f"{name}:3: {fault}"]


def test_only_what_is_said_to_readers_is_a_citation(house):
    assert told(house, "tests/some.py", 'text = "(design: Never) policy C2 then.py"\n') == []


def test_a_citation_that_wraps_is_read_as_one(house):
    source = '"""Some (design: Twice\nbeats never), and (design: Once\nbeats never)."""\n'
    fault = "(design: Once beats never) is no heading or term of relaywatch/docs/design.md"
    assert told(house, "relaywatch/some.py", source) == [f"relaywatch/some.py:2: {fault}"]


def test_the_documents_give_rules_by_their_number_alone(house):
    assert told(house, "relaywatch/docs/providers.md", "As C4 wants, and Q3.\n") == [
        "relaywatch/docs/providers.md:1: policy Q3: there is no such rule"
    ]


def test_policy_and_rulebook_have_the_same_rules(house):
    text = "| C1 | reply |\n| C2 | reply |\n\n## When a clock starts\n"
    assert told(house, "relaywatch/docs/policy.md", text)[:2] == [
        "relaywatch/docs/policy.md: rule C2 is not in the rulebook",
        "relaywatch/docs/policy.md: rule C4 of the rulebook is missing",
    ]
