"""`cases`, `show` and `status`: what they print, for people and for programs."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from lab_daemon import ROOT, complaint_of, run
from lab_post import CARE, PATEL, RECEIPT, agent, bureau, customer, post, relay, reply, to_agent
from lab_story import Story

from relaywatch.cli import main
from relaywatch.core.cases.case import Verb

NOW = datetime.now(UTC)
CASE_KEYS = {
    *("id", "account", "kind", "mailbox", "counterparty", "subject", "order_id", "topics", "state", "opened_at"),
    *("deadlines", "findings", "messages", "replies"),
}
DEADLINE_KEYS = {"obligation", "rule", "status", "started_at", "due_at", "started_by", "met_at", "met_by"}
FINDING_KEYS = {"code", "rule", "message_id", "detail"}
ADDED = {"clock", "at", "unread"}  # what may stand there too


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """One of everything: overdue, running, answered, resolved, waived, merged, with findings."""
    story = Story(tmp_path_factory.mktemp("shop"))
    story.mail(customer(1), at=ago(30))  # 1: overdue
    story.mail(customer(2, text="My order never arrived."), at=ago(2))  # 2: running, with a hand-over
    story.mail(customer(3), at=ago(5))  # 3: answered
    story.sent(reply(3), at=ago(4))
    story.mail(customer(4), at=ago(60))  # 4: resolved
    story.sent(reply(4), at=ago(50))
    story.mail(bureau(), at=ago(0.2), mailbox="complaints")  # 5: the hour runs
    story.mail(customer(6), at=ago(3))  # 6: waived
    story.say(Verb.WAIVE, 6, at=ago(1))
    story.mail(agent(cc=PATEL), at=ago(10))  # 7: Reply All missing
    story.sent(to_agent(), at=ago(9))
    asked = {"text": "Hello, what will you do for the buyer of the chipped lid?\n", "author": "lroy@walmart.com"}
    story.mail(agent(subject="Blue lid", mid="q8@walmart.com", **asked), at=ago(7))  # 8: 9 turns out to be part of it
    story.mail(agent(subject="Red lid", mid="q9@walmart.com", **asked), at=ago(6.9))
    both = "q8@walmart.com> <q9@walmart.com"
    story.mail(agent(subject="Lids", mid="joins@walmart.com", answers=both, **asked), at=ago(6.8))
    receipt = post(CARE, asked["author"], "Re: Lids", RECEIPT, mid="r8@shop.example", answers="joins@walmart.com")
    story.sent(receipt, at=ago(6.79))
    story.now(NOW)
    yield story
    story.store.close()


@pytest.fixture
def said(shop, capsys):
    """Run a command; return its exit status, what it printed and what it complained of."""

    def run_(*words):
        status = main([words[0], "--config", str(shop.folder / "relaywatch.toml"), *words[1:]])
        out = capsys.readouterr()
        return status, out.out, out.err

    return run_


def listed(said, *words):
    status, out, err = said("cases", "--format", "json", *words)
    assert (status, err) == (0, "")
    return json.loads(out)


def test_the_json_of_cases_is_the_interfaces(said):
    cases = listed(said)
    assert len(cases) == 8
    for case in cases:
        assert set(case) == CASE_KEYS
        assert case["opened_at"].endswith("Z")
        assert "." not in case["opened_at"]
        for deadline in case["deadlines"]:
            assert set(deadline) - ADDED == DEADLINE_KEYS
            assert deadline["started_by"].startswith("<")
            assert deadline["status"] in {"running", "overdue", "met", "late", "waived", "doubtful"}
            assert (deadline["met_at"] is None) == (deadline["status"] in {"running", "overdue", "waived", "doubtful"})
        for finding in case["findings"]:
            assert set(finding) - ADDED - {"mended_by"} == FINDING_KEYS
    (short,) = [case for case in cases if case["id"] == 7]
    (finding,) = short["findings"]
    assert (finding["code"], finding["rule"]) == ("reply_all_missing", "Q3")
    assert finding["detail"]["missing"] == [PATEL]
    assert finding["message_id"] == "<to-agent@shop.example>"
    assert "mended_by" not in finding


def test_the_order_of_cases(said):
    cases = listed(said)
    states = [case["state"] for case in cases]
    assert states == ["open"] * 5 + ["answered"] + ["waived", "resolved"]
    owed = [
        min(
            deadline["due_at"]
            for deadline in case["deadlines"]
            if deadline["obligation"] != "resolution" and deadline["status"] in {"running", "overdue"}
        )
        for case in cases[:5]
    ]
    assert owed == sorted(owed)
    assert [case["id"] for case in cases[:2]] == [1, 5]


def test_the_order_of_deadlines_in_a_case(said):
    (case,) = [case for case in listed(said) if case["id"] == 2]
    assert [deadline["obligation"] for deadline in case["deadlines"]] == ["reply", "handover", "resolution"]
    assert [deadline["rule"] for deadline in case["deadlines"]] == ["C1", "H2", "C1"]
    assert case["topics"] == ["not_received"]


@pytest.mark.parametrize(("state", "count"), [("open", 5), ("answered", 1), ("resolved", 1), ("waived", 1)])
def test_cases_of_one_state(said, state, count):
    cases = listed(said, "--state", state)
    assert [case["state"] for case in cases] == [state] * count


def test_the_table_fits_and_has_no_colour_where_nobody_looks(said):
    status, out, err = said("cases")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    assert "late by 6 h" in out
    left = re.search(r"\d\d min left", out)
    assert left is not None
    assert "600000000000001" in out
    assert "times: America/Toronto" in out
    assert out.index("late by") < left.start()


def test_a_shop_without_cases_says_so(tmp_path, capsys):
    story = Story(tmp_path)
    story.store.close()
    config = str(tmp_path / "relaywatch.toml")
    assert main(["cases", "--config", config]) == 0
    assert capsys.readouterr().out == "no cases\n"
    assert main(["cases", "--format", "json", "--config", config]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_show_tells_a_case_in_order_of_time(said):
    status, out, err = said("show", "7")
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    for words in ("walmart_agent, open", "C2", "reply_all_missing", PATEL, "warning finding:reply_all_missing"):
        assert words in out
    assert out.index("from jsmith@walmart.com") < out.index("to jsmith@walmart.com")


def test_show_tells_what_the_operator_said(said):
    _, out, _ = said("show", "6")
    assert "operator: waive by telephone" in out
    assert "waived" in out


def test_the_json_of_show_is_the_case_and_more(said):
    status, out, err = said("show", "3", "--format", "json")
    assert (status, err) == (0, "")
    detail = json.loads(out)
    assert set(detail) - {"statements", "warnings", "mail"} == CASE_KEYS
    assert [mail["class"] for mail in detail["mail"]] == ["customer", "seller_reply"]
    assert [mail["direction"] for mail in detail["mail"]] == ["in", "out"]
    assert detail["mail"][0]["from"] == relay(3)
    assert detail["mail"][1]["to"] == [relay(3)]
    warned = json.loads(said("show", "1", "--format", "json")[1])["warnings"]
    assert [warning["step"] for warning in warned] == ["due"]
    assert [(one["recipient"], one["state"]) for one in warned[0]["deliveries"]] == [("oncall@shop.example", "sent")]


def test_a_merged_cases_number_still_shows_it(said):
    status, out, _ = said("show", "9")
    assert status == 0
    assert "case 9 is part of case 8" in out
    assert json.loads(said("show", "9", "--format", "json")[1])["id"] == 8
    assert not [case for case in listed(said) if case["id"] == 9]


@pytest.mark.parametrize("number", ["99", "0", "-1", str(2**63), "9" * 40])
def test_an_unknown_case_is_one_line(said, number):
    status, out, err = said("show", number) if not number.startswith("-") else said("show", "--", number)
    assert (status, out) == (2, "")
    assert err.startswith(f"relaywatch: case {number}: there is no such case")
    assert err.count("\n") == 1


def test_status_for_programs_and_people(said, shop):
    shop.look(datetime.now(UTC))  # the module's NOW may be minutes ago, and what was read then is no sight of today
    status, out, err = said("status", "--format", "json")
    assert (status, err) == (1, "")
    report = json.loads(out)
    assert {"mailboxes", "open", "overdue", "unsent_warnings", "daemon"} <= set(report)
    assert {"name", "account", "seeing", "last_read"} <= set(report["mailboxes"][0])
    assert (report["open"], report["overdue"], report["unsent_warnings"], report["daemon"]) == (5, 1, 0, False)
    assert [box["seeing"] for box in report["mailboxes"]] == [True, True]
    status, out, _ = said("status")
    assert status == 1
    assert "NO DAEMON" in out
    assert "1 overdue" in out
    shop.lose(datetime.now(UTC), "care")
    _, out, _ = said("status")
    assert "main/care: BLIND" in out
    assert "the server is away" in out
    shop.look(NOW)


def test_a_reader_who_has_seen_enough_ends_it_quietly(shop):
    """`relaywatch cases | head -1`."""
    config = shop.folder / "relaywatch.toml"
    script = f"set -o pipefail; {sys.executable} -m relaywatch cases --format json --config {config} | head -c 1"
    found = _shell(script)
    assert (found.stdout, found.stderr) == ("[", "")


def test_what_mail_says_moves_no_cursor(tmp_path, capsys):
    story = Story(tmp_path)
    subject = "=?utf-8?q?Case_1=1B=5B2J=1B=5D0=3Bpwned=07_please?="
    raw = post("jsmith@walmart.com", CARE, "x", "Please answer.\x1b[31m\n", mid="evil@walmart.com")
    story.mail(raw.replace(b"Subject: x", f"Subject: {subject}".encode()), at=ago(1))
    story.store.close()
    config = str(tmp_path / "relaywatch.toml")
    for words in (("cases",), ("show", "1"), ("cases", "--format", "json"), ("show", "1", "--format", "json")):
        assert main([*words, "--config", config]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "pwned" in out


def test_without_colour_in_a_terminal_too(shop):
    config = str(shop.folder / "relaywatch.toml")
    plain = run("cases", "--config", config, NO_COLOR="1", FORCE_COLOR="", TERM="xterm")
    assert "\x1b" not in plain.stdout
    assert complaint_of(run("show", "99", "--config", config), 2)


def _shell(script):
    return subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True, cwd=ROOT, timeout=30)


@pytest.mark.parametrize(
    ("words", "needless"),
    [
        (("cases",), "relaywatch.core.cases.judge"),
        (("show", "1"), "relaywatch.core.cases.judge"),
        (("status",), "relaywatch.mailbox"),  # which kinds of warnings need not arrive, those who judge know
    ],
)
def test_a_list_does_not_wait_for_what_it_does_not_use(tmp_path, words, needless):
    """Where nothing is due, no rules are read, nothing judges, and no table is made: that takes most of the time."""
    program = (
        "import sys; from relaywatch.cli import main; main(sys.argv[2:])\n"
        "from relaywatch.config.rules import shipped_rules\n"
        "late = {'sqlite_utils', 'relaywatch.mailbox', sys.argv[1]} & sys.modules.keys()\n"
        "print(sorted(late), shipped_rules.cache_info().currsize, file=sys.stderr)"
    )
    now = datetime.now(UTC)  # of this test: minutes after NOW a step of the shop's would be due, and judged
    story = Story(tmp_path)
    story.mail(customer(3), at=now - timedelta(hours=2))
    story.now(now)
    story.store.close()
    config = tmp_path / "relaywatch.toml"
    found = subprocess.run(
        [sys.executable, "-c", program, needless, *words, "--config", config],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stderr == "[] 0\n"


def test_help_waits_for_nothing():
    program = "import sys; from relaywatch.cli.arguments import parser; parser()\n"
    program += "print([name for name in ('pydantic', 'sqlite3', 'asyncio', 'rich') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
