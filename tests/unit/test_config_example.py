"""The example has every key, and loads as it is and with everything switched on."""

import re
import tomllib
from functools import partial
from pathlib import Path

import pytest
from lab_config import BASE, CARE, write_config

from relaywatch.cli import main
from relaywatch.cli.arguments import EXAMPLES
from relaywatch.config import load
from relaywatch.config import schema as tables
from relaywatch.core.policy import Policy

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "relaywatch.example.toml"


@pytest.fixture
def write(tmp_path):
    return partial(write_config, tmp_path)


def test_the_example_loads_and_shows_the_defaults(write):
    settings = load(EXAMPLE)
    (account,) = settings.accounts
    assert account.policy == Policy()
    assert account.parties.registered == {"care@shop.example", "complaints@shop.example"}
    assert settings.service == load(write(BASE + CARE)).service


def test_the_example_of_an_account_loads(tmp_path):
    text = EXAMPLE.read_text().replace('# accounts = "', 'accounts = "')
    (tmp_path / "relaywatch.toml").write_text(text)
    (tmp_path / "accounts.d").symlink_to(ROOT / "config" / "accounts.d")
    assert [account.name for account in load(tmp_path / "relaywatch.toml").accounts] == ["main", "example"]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ([], "relaywatch.example.toml"),
        (["relaywatch.toml"], "relaywatch.example.toml"),
        (["account.toml"], "accounts.d/example.toml"),
        (["relaywatch.service"], "relaywatch.service"),
        (["relaywatch-failed.service"], "relaywatch-failed.service"),
    ],
)
def test_each_file_that_ships_is_printed_as_it_is(words, place, capsys):
    assert main(["example", *words]) == 0
    assert capsys.readouterr().out == (ROOT / "config" / place).read_text("utf-8")


def test_its_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert capsys.readouterr().out == f"relaywatch {version}\n"


def test_every_shipped_file_can_be_asked_for():
    assert {path.name for path in (ROOT / "relaywatch" / "data" / "examples").iterdir()} == set(EXAMPLES)


@pytest.mark.parametrize(
    ("table", "model", "not_built"),
    [
        ("[service]", tables.ServiceTable, ()),
        ("[smtp]", tables.SmtpTable, ("oauth2",)),
        ("[notify]", tables.NotifyTable, ("urls",)),
        ("[seller]", tables.SellerTable, ()),
        ("[walmart]", tables.WalmartTable, ()),
        ("[policy]", tables.PolicyTable, ()),
        ("[policy.warn_before]", tables.LaddersTable, ()),
        ("[[mailbox]]", tables.MailboxTable, ("oauth2",)),
    ],
)
def test_the_example_has_every_key(table, model, not_built):
    part = EXAMPLE.read_text().split(f"\n{table}\n", 1)[1].partition("\n[")[0]
    keys = [field.alias or name for name, field in model.model_fields.items()]
    elsewhere = {"warn_before", "version"}  # tables of their own
    if table == "[[mailbox]]":  # told once, at [smtp]
        elsewhere |= {"password", "password_env", "password_command"}
    for key in (*keys, *not_built):
        if key not in elsewhere:
            assert f"\n{key} = " in f"\n{part}" or f"\n# {key} = " in part or f"#   {key} = " in part, key
    for key in not_built:
        assert any(line.startswith(f"# {key} ") and "not built" in line for line in part.splitlines()), key


def test_what_is_switched_off_in_the_example_is_right_when_switched_on(tmp_path):
    lines = EXAMPLE.read_text().splitlines()
    switched = [line[2:] if re.match(r"# [a-z_]+ = ", line) and "not built" not in line else line for line in lines]
    text = "\n".join(switched).replace("# [[", "[[")
    (tmp_path / "relaywatch.toml").write_text(text.replace('rules = "rules.toml"', ""))
    (tmp_path / "accounts.d").symlink_to(ROOT / "config" / "accounts.d")
    assert tomllib.loads(text)["policy"]["version"][0]["customer"] == "48h"
    main, _ = load(tmp_path / "relaywatch.toml").accounts
    assert main.parties.seller == {"helpdesk-copies@shop.example"}
    assert len(main.policy.versions) == 2
