"""The report of an audit: as JSON, for a terminal, and as one page that is safe whatever mail says."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from lab_audit import after, at_hour, put
from lab_config import BASE, CARE, write_config
from lab_post import agent, bureau, customer, reply
from lab_store import case, deadline, finding

from relaywatch.cli import main
from relaywatch.cli.report_html import page
from relaywatch.cli.report_words import AuditReport, cautions, percent, verdict
from relaywatch.core.cases.case import Code, Obligation, Status
from relaywatch.core.figures.statistics import summarize
from relaywatch.core.notices.voice import Voice
from relaywatch.core.policy import Kind

AT = "2026-11-18T12:00:00Z"
ADDRESS = ("--address", "care@shop.example")
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202egpj.exe'
VOID = {"meta"}


@pytest.fixture
def shop(tmp_path):
    """A day of mail: one customer answered, one late, one never, an agent, a bureau."""
    mail = tmp_path / "mail"
    put(mail / "inbox", *(at_hour(customer(number), number) for number in (1, 2, 3)))
    put(mail / "inbox", at_hour(agent(), 1), at_hour(bureau(), 44))
    put(mail / "Sent", at_hour(reply(1), 5), at_hour(reply(2), 30))
    return mail


def audit(capsys, *words):
    status = main(["audit", *map(str, words)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_json_has_summary_cases_and_findings(shop, capsys):
    status, out, err = audit(capsys, shop, *ADDRESS, "--at", AT, "--format", "json")
    found = json.loads(out)
    assert (status, err, sorted(found)) == (0, "", ["cases", "findings", "rejudged", "summary"])
    assert found["summary"]["mail"] == {"messages": 7, "sent": 2, "unreadable": 0}
    assert found["summary"]["replies"] | {"rate": 0, "rate_48h": 0} == {
        "owed": 5,
        "met": 1,
        "late": 1,
        "overdue": 3,
        "running": 0,
        "doubtful": 0,
        "waived": 0,
        "rate": 0,
        "rate_48h": 0,
        "answered_in_48h": 2,
        "decided_at_48h": 2,
        "answered": 2,
        "median_seconds": 4 * 3600,
        "p90_seconds": 28 * 3600,
        "longest_seconds": 28 * 3600,
    }
    assert [case["state"] for case in found["cases"]][:3] == ["open"] * 3
    assert sorted(case["id"] for case in found["cases"]) == [1, 2, 3, 4, 5]


def test_the_terminal_shows_the_same_numbers(shop, capsys):
    status, out, _ = audit(capsys, shop, *ADDRESS, "--at", AT)
    assert status == 0
    assert (
        "Of 5 replies that were due, 1 was given in time (20.0\u00a0%), 1 was late and 3 were not given at all." in out
    )
    assert re.search(r"^Customers +C1 +3 +1 +1 +1 +0 +33\.3", out, re.MULTILINE)
    assert re.search(r"^Consumer protection +C4 +1 +0 +0 +1", out, re.MULTILINE)


def test_a_configuration_says_who_the_seller_is_and_what_mailboxes_are_called(shop, tmp_path, capsys):
    config = write_config(tmp_path, BASE + CARE.replace('name = "care"', 'name = "front-desk"'))
    status, out, _ = audit(capsys, shop, "--config", config, "--at", AT, "--format", "json")
    assert status == 0
    assert {case["mailbox"] for case in json.loads(out)["cases"]} == {"front-desk"}


def test_a_configuration_in_its_place_is_used_and_an_address_goes_before_it(shop, tmp_path, capsys, monkeypatch):
    config = write_config(tmp_path, BASE + CARE.replace("Care@Shop.Example", "desk@other.example"))
    monkeypatch.setenv("RELAYWATCH_CONFIG", str(config))

    def first_status(*words):
        cases = json.loads(audit(capsys, shop, *words, "--at", AT, "--format", "json")[1])["cases"]
        return next(case["deadlines"] for case in cases if case["order_id"] == "600000000000001")[0]["status"]

    assert first_status() == "overdue"  # the reply came from no registered address
    assert first_status(*ADDRESS) == "met"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        pytest.param(["{mail}"], 2, "who is the seller? Give --config FILE", id="nobody"),
        pytest.param(["{mail}", "--address", "shop"], 2, "'shop' is no address", id="no address"),
        pytest.param(["{mail}", *ADDRESS, "--config", "x.toml"], 2, "give one of them", id="both"),
        pytest.param(["{mail}", *ADDRESS, "--at", "2026-11-18T12:00"], 2, "is no time", id="time without zone"),
        pytest.param(["{mail}", "--config", "/nonexistent.toml"], 2, "/nonexistent.toml", id="no configuration"),
        pytest.param(["{mail}/gone", *ADDRESS], 3, "there is no such file or folder", id="no path"),
        pytest.param(["{mail}", "{mail}/gone", *ADDRESS], 3, "there is no such file or folder", id="one path of two"),
        pytest.param([], 2, "PATH", id="no path named"),
    ],
)
def test_wrong_usage_is_one_line(shop, capsys, monkeypatch, words, status, said):
    monkeypatch.delenv("RELAYWATCH_CONFIG", raising=False)
    try:
        found = audit(capsys, *(word.format(mail=shop) for word in words))
    except SystemExit as end:
        printed = capsys.readouterr()
        found = (end.code, printed.out, printed.err)
    assert (found[0], found[1], found[2].count("\n")) == (status, "", 1)
    assert said in found[2]


def test_as_of_now_where_no_time_is_given(shop, capsys):
    _, out, _ = audit(capsys, shop, *ADDRESS, "--format", "json")
    assert re.fullmatch(r"20\d\d-.*Z", json.loads(out)["summary"]["at"])


def test_a_page_is_printed_even_where_the_terminal_knows_no_unicode(shop):
    command = [sys.executable, "-m", "relaywatch", "audit", str(shop), *ADDRESS, "--at", AT, "--format", "html"]
    found = subprocess.run(command, capture_output=True, check=True, env={"PYTHONIOENCODING": "ascii"}, timeout=60)
    assert found.stdout.startswith(b"<!DOCTYPE html>")
    assert found.stdout.isascii()


# ---- the page -----------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Checks that tags nest, and collects what a browser would act on."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    found = Page()
    found.feed(text)
    found.close()
    assert found.open == []
    return found


def report(*cases, loose=(), sent=1, unread=0):
    numbered = tuple(enumerate(cases, start=1))
    at = after(40)
    zone = Voice(after(0).tzinfo).zone
    return AuditReport(
        summary=summarize(numbered, loose, at, zone),
        cases=numbered,
        seller="care@shop.example",
        messages=12,
        sent=sent,
        unread=unread,
    )


def reply_due(status, took=None, *, kind=Kind.CUSTOMER, **fields):
    values = {
        "status": status,
        "kind": kind,
        "rule": kind.rule,
        "started_at": after(0),
        "due_at": after(24),
        "met_at": after(took) if took is not None else None,
    }
    return deadline(**values | fields)


MET, LATE = reply_due(Status.MET, 5), reply_due(Status.LATE, 30)
OVERDUE, RUNNING = reply_due(Status.OVERDUE), reply_due(Status.RUNNING, due_at=after(48))


def everything(**fields):
    """A case with all that a report can show."""
    handover = reply_due(Status.OVERDUE, obligation=Obligation.HANDOVER, rule="H2")
    agent = reply_due(Status.MET, 1, kind=Kind.WALMART_AGENT)
    long_ago = reply_due(Status.MET, -900, started_at=after(-905), due_at=after(-881))
    found = tuple(finding(code=code) for code in Code)
    return case(deadlines=(MET, LATE, OVERDUE, RUNNING, handover, agent, long_ago), findings=found, **fields)


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(report(), id="nothing"),
        pytest.param(report(loose=[finding(code=Code.FORBIDDEN_CONTACT)]), id="only a finding"),
        pytest.param(report(case(deadlines=(RUNNING,))), id="only running"),
        pytest.param(report(case(deadlines=(replace(MET, status=Status.WAIVED),))), id="only waived"),
        pytest.param(report(case(deadlines=(MET,))), id="only met"),
        pytest.param(report(case(deadlines=(OVERDUE,)), sent=0, unread=3), id="nothing sent"),
        pytest.param(report(*[everything() for _ in range(40)]), id="everything, often"),
    ],
)
def test_a_page_is_whole_and_asks_for_nothing(shown):
    text = page(shown)
    found = read(text)
    assert {"script", "link", "img", "iframe", "object", "form", "a"}.isdisjoint(found.tags)
    assert not [name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href", "srcset")]
    assert "http" not in text.replace("http-equiv", "")
    assert not re.search(r"url\((?!#)|@import", text)
    assert verdict(shown).replace("\u00a0", " ") in "".join(found.text).replace("\u00a0", " ")
    assert not re.search(r"\b(?:nan|None|inf)\b", text)


def test_a_page_draws_every_chart():
    found = read(page(report(everything())))
    titles = {"Owed now", "By kind of message", "Response times against deadlines", "Month by month", "Longest lapses"}
    titles |= {"When messages come and when they are answered", "What was wrong", "How this is counted"}
    assert titles <= set(found.text)
    assert found.tags.count("figure") == 5  # two kinds, months, hours, weekdays
    labels = [value for name, value in found.attributes if name == "aria-label"]
    assert "Customers: 2 replies in time, 1 late, 1 not given" in labels


@pytest.mark.parametrize("field", ["subject", "counterparty", "order_id"])
def test_what_mail_says_of_itself_is_never_markup(field):
    text = page(report(everything(**{field: EVIL})))
    found = read(text)
    assert {"script", "img"}.isdisjoint(found.tags)
    assert "onerror" not in [name for name, _ in found.attributes]
    assert "\u202e" not in text
    assert "&#8238;" not in text


def test_a_huge_subject_does_not_make_a_huge_page():
    assert len(page(report(case(subject="x" * 1_000_000, deadlines=(LATE,))))) < 40_000


@pytest.mark.parametrize(
    ("rate", "said"),
    [(None, "–"), (0, "0"), (1, "100"), (0.9999, "99.9"), (0.0001, "0.1"), (0.956, "95.6"), (2 / 3, "66.7")],
)
def test_only_what_is_whole_is_a_hundred(rate, said):
    assert percent(rate).removesuffix("\u00a0%") == said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (report(), "Nobody in this mail was owed an answer."),
        (report(case(deadlines=(RUNNING,))), "No reply was due yet: 1 answer may still be given in time."),
        (report(case(deadlines=(MET,))), "Of 1 reply that was due, every one was given in time."),
        (
            report(case(deadlines=(OVERDUE,))),
            "Of 1 reply that was due, none was given in time: 1 was not given at all.",
        ),
        (
            report(case(deadlines=(LATE, LATE, OVERDUE))),
            "Of 3 replies that were due, none was given in time: 2 were late and 1 was not given at all.",
        ),
    ],
)
def test_the_first_sentence_says_it_all(shown, said):
    assert verdict(shown) == said


def test_a_reader_is_told_when_the_numbers_cannot_be_trusted():
    (no_sent,) = cautions(report(case(deadlines=(OVERDUE,)), sent=0))
    assert "no reply could be seen" in no_sent
    (unread,) = cautions(report(case(deadlines=(OVERDUE,)), unread=2))
    assert unread.startswith("2 files or mails could not be read")
    assert list(cautions(report(sent=0))) == []


def test_many_months_fit():
    """Ten years: the picture shows the latest three, and nothing breaks."""
    months = [
        reply_due(Status.MET, started_at=start, due_at=start + timedelta(hours=24), met_at=start + timedelta(hours=2))
        for start in (after(-730 * number) for number in range(120))
    ]
    labels = [
        value for name, value in read(page(report(case(deadlines=tuple(months))))).attributes if name == "aria-label"
    ]
    assert "Share of replies given in time, 2023-12 to 2026-11" in labels
