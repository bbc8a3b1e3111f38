"""Several sellers, rules of one's own, and files that cannot be used."""

import os
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from lab_config import BASE, CARE, problems, write_config

from relaywatch.config import find_config, load
from relaywatch.core.policy import Kind


@pytest.fixture
def write(tmp_path):
    return partial(write_config, tmp_path)


def second(name="Second"):
    return CARE.replace("Care@Shop.Example", f"care@{name.lower()}.example")


def test_each_account_has_a_file(write, tmp_path):
    (tmp_path / "accounts.d").mkdir()
    (tmp_path / "accounts.d" / "b.pass").write_text("hunter3")
    care = second("b").replace('password = "hunter2"', 'password_file = "b.pass"')
    write('[notify]\nto = ["b@b.example"]\n[policy]\ncustomer = "6h"\n' + care, "accounts.d/b.toml")
    write(second("a"), "accounts.d/a.toml")
    write("an editor's leavings", "accounts.d/.a.toml")
    main = '[service]\naccounts = "accounts.d/*.toml"\n' + BASE + '[policy]\ncustomer = "12h"\n' + CARE
    one, a, b = load(write(main)).accounts
    assert [one.name, a.name, b.name] == ["main", "a", "b"]
    assert [box.account for box in (*a.mailboxes, *b.mailboxes)] == ["a", "b"]
    assert a.notify == one.notify  # without one of its own, the main file's people are told
    assert b.notify.to == ("b@b.example",)
    customer = [account.policy.versions[0].reply[Kind.CUSTOMER] for account in (one, a, b)]
    assert customer == [timedelta(hours=12), timedelta(hours=24), timedelta(hours=6)]
    assert a.parties.registered == {"care@a.example"}
    assert a.parties.own == b.parties.own == {"relaywatch@shop.example"}
    assert b.mailboxes[0].secret.read() == "hunter3"


def test_the_main_file_may_have_no_mailbox_of_its_own(write, tmp_path):
    write('[notify]\nto = ["b@b.example"]\n' + second(), "sellers/second.toml")
    smtp = BASE.partition("[notify]")[0]
    absolute = f'[service]\naccounts = "{tmp_path}/sellers/*.toml"\n'
    (account,) = load(write(absolute + smtp)).accounts
    assert account.name == "second"


def test_problems_of_every_file_are_told_with_its_name(write):
    write(
        second().replace("[[mailbox]]", "[[mailbox]]\nport = 0") + '[service]\nlanguage = "en"\n',
        "a.d/a.toml",
    )
    write("[seller]\n", "a.d/b.toml")
    write(second(), "a.d/main.toml")
    write(second(), "a.d/two words.toml")
    write("= 1", "a.d/z.toml")
    main = '[service]\naccounts = "a.d/*.toml"\nlookback = "never"\n' + BASE + "[seller]\n"
    told = problems(write(main))
    named = "letters, digits, dots and dashes, for the name becomes the account's"
    keys = "mailbox, notify, policy, seller, walmart"
    assert told == [
        'service.lookback: found "never", expected a duration such as "90s", "15m", "24h" or "7d"',
        "seller: found a table, expected none without [[mailbox]]: an account's file has its own",
        f"a.d/a.toml: service: found an unknown key, expected one of {keys}",
        "a.d/a.toml: mailbox[0].port: found 0, expected a port number from 1 to 65535",
        "a.d/b.toml: mailbox: found nothing, expected at least one [[mailbox]]",
        'service.accounts: found the name "main" again, expected another',
        f'service.accounts: found "two words.toml", expected {named}',
        "a.d/z.toml: line 1, column 1: found what is no TOML (Invalid statement), expected TOML",
    ]


def test_an_account_that_nobody_is_told_of(write):
    write(second(), "a.d/a.toml")
    smtp = BASE.partition("[notify]")[0]
    told = problems(write('[service]\naccounts = "a.d/*.toml"\n' + smtp))
    assert told == ["a.d/a.toml: notify: found nothing, expected a table [notify]: who gets every warning"]


# --- rules of one's own


def test_own_rules_are_looked_at_first_and_their_mistakes_told(write):
    table = next(iter(load(write(BASE + CARE)).rules.tables))
    entry = f'[[{table}]]\nname = "mine"\nwhere = ["text"]\n'
    write(f'{entry}phrases = ["Émeraude"]\n', "mine.toml")
    path = write('[service]\nrules = "mine.toml"\n' + BASE + CARE)
    first = load(path).rules.tables[table][0]
    assert (first.name, first.phrases) == ("mine", ("emeraude",))
    write(f"{entry}patterns = ['(']\n", "mine.toml")
    (told,) = problems(path)
    assert told.startswith(f'mine.toml: {table}[0].patterns[0]: found "(", expected a regular expression')


# --- files that cannot be used


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.toml"
    assert problems(path) == [f"{path}: found no such file, expected the configuration"]


def test_a_folder(tmp_path):
    assert problems(tmp_path) == [f"{tmp_path}: found a folder, expected a file"]


def test_a_file_below_a_file(write):
    path = write("") / "x.toml"
    assert problems(path) == [f"{path}: cannot be read: Not a directory"]


def test_a_path_that_is_none():
    assert problems(Path("/tmp/a\0b"))[0].endswith(": cannot be read: not a path")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(write):
    path = write("")
    path.chmod(0)
    assert problems(path) == [f"{path}: cannot be read: Permission denied"]


def test_a_file_that_cannot_be_opened(tmp_path):
    path = tmp_path / "loop.toml"
    path.symlink_to(path)
    assert problems(path) == [f"{path}: cannot be read: Too many levels of symbolic links"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("#" * (1024 * 1024 + 1), "found more than 1024 KB, expected a configuration"),
        ("a = " + "[" * 100_000, "found lists within lists without end, expected TOML"),
        ("a = " + "1" * 10_000, "found what is no TOML (a value out of range), expected TOML"),
    ],
    ids=["large", "deep", "long number"],
)
def test_hostile_files(write, content, said):
    path = write(content)
    assert problems(path) == [f"{path}: {said}"]


def test_which_file_is_read():
    environ = {"RELAYWATCH_CONFIG": "/srv/rw.toml"}
    assert find_config(Path("here.toml"), environ) == Path("here.toml")
    assert find_config(None, environ) == Path("/srv/rw.toml")
    for nothing in ({}, {"RELAYWATCH_CONFIG": ""}):
        assert find_config(None, nothing) == Path("/etc/relaywatch/relaywatch.toml")
