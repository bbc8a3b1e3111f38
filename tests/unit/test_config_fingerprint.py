"""When stored judgements still hold."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
from lab_config import BASE, CARE, write_config

from relaywatch.config import load
from relaywatch.config.fingerprint import fingerprint
from relaywatch.core.language.rules import Rules

ROOT = Path(__file__).parents[2]


@pytest.fixture
def write(tmp_path):
    return partial(write_config, tmp_path)


@pytest.fixture
def account(write):
    def account(more="", care=CARE):
        return load(write(BASE + more + care)).accounts[0]

    return account


def test_a_fingerprint_changes_with_whatever_judging_depends_on(account, write):
    base = account()
    rules = load(write(BASE + CARE)).rules
    others = [
        account('[policy]\ncustomer = "12h"\n'),
        account('[policy]\nresolved_by = "operator"\n'),
        account('[policy]\nresolution = "12h"\n'),
        account('[[policy.version]]\nfrom = 2026-07-01\ncustomer = "48h"\n'),
        account('[[policy.version]]\nfrom = 2026-07-02\ncustomer = "48h"\n'),
        account('[seller]\ninternal = ["owner@shop.example"]\n'),
        account('[seller]\naddresses = ["owner@shop.example"]\n'),
        account('[walmart]\nauthserv_ids = ["mx.shop.example"]\n'),
    ]
    prints = {fingerprint(one, rules) for one in (base, *others)}
    table, entries = next(iter(rules.tables.items()))
    for changed in (replace(entries[0], name="other"), replace(entries[0], unless=("x",))):
        tables_ = {**rules.tables, table: (changed, *entries[1:])}
        prints.add(fingerprint(base, Rules(MappingProxyType(tables_))))
    assert len(prints) == 1 + len(others) + 2
    assert all(len(text) == 64 for text in prints)


def test_a_fingerprint_does_not_change_with_anything_else(account, write):
    rules = load(write(BASE + CARE)).rules
    seller = '[seller]\naddresses = ["{}@shop.example", "{}@shop.example"]\n'
    base = account(seller.format("a", "b"))
    again = account(seller.format("b", "a") + '[policy]\ncustomer = "1440m"\n', CARE + 'poll_interval = "2s"\n')
    assert fingerprint(base, rules) == fingerprint(again, rules)
    assert fingerprint(base, Rules(dict(reversed(rules.tables.items())))) == fingerprint(base, rules)


def test_a_fingerprint_is_the_same_in_every_process(write):
    path = write(BASE + '[seller]\ndomains = ["a.example", "b.example", "c.example"]\n' + CARE)
    program = "import sys, json; from pathlib import Path; from relaywatch.config import load\n"
    program += "from relaywatch.config.fingerprint import fingerprint\n"
    program += "s = load(Path(sys.argv[1])); print(json.dumps(fingerprint(s.accounts[0], s.rules)))"
    settings = load(path)
    for seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", program, path], capture_output=True, cwd=ROOT, env=environ, check=True
        )
        assert json.loads(done.stdout) == fingerprint(settings.accounts[0], settings.rules)
