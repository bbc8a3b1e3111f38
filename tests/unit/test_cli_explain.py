"""`explain`: one answer for each file, whatever it holds, and why."""

import json
import os

import pytest
from lab_post import ASKED, PATEL, agent, bounce, bureau, customer, dated, reply
from lab_story import H, Story

from relaywatch.cli import main

ALWAYS = {"file", "class", "rule", "evidence", "own_words"}
ADDED = {"why", "topics", "damage"}


@pytest.fixture
def explained(tmp_path, capsys, monkeypatch):
    """Explain files of these contents, by name; return the answers in order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RELAYWATCH_CONFIG", raising=False)

    def run(files, *words):
        for name, content in files.items():
            if content is not None:
                (tmp_path / name).write_bytes(content)
        status = main(["explain", "--format", "json", *words, *files])
        said = capsys.readouterr()
        assert (status, said.err) == (0, "")
        return [json.loads(line) for line in said.out.splitlines()]

    return run


@pytest.mark.parametrize(
    ("raw", "role", "class_"),
    [
        (customer(), "care", "customer"),
        (customer(), "complaint", "customer"),
        (agent(), "care", "walmart_agent"),
        (agent(), "complaint", "complaint"),
        (agent("** THIS IS AN ESCALATION **\n\nPlease contact the customer.\n"), "care", "complaint"),
        (bureau(), "complaint", "consumer_protection"),
        (bureau(), "care", "consumer_protection"),
        (bounce(), "care", "bounce"),
        (agent(author="Kiln Supplies <sales@clay.example>"), "care", "other"),
    ],
)
def test_each_class_with_its_rule(explained, raw, role, class_):
    (form,) = explained({"one.eml": dated(raw, H(0))}, "--role", role)
    assert form["class"] == class_
    assert set(form) - ADDED == ALWAYS
    assert form["rule"]
    assert form["file"] == "one.eml"
    assert isinstance(form["evidence"], list)


def test_own_words_are_the_authors_alone(explained):
    (form,) = explained({"one.eml": customer()})
    assert form["own_words"] == ASKED


def test_a_text_without_headers_is_a_body(explained):
    text = "Thank you, the mug arrived.\n\nOn Monday Mei wrote:\n> it is on its way\n"
    (form,) = explained({"body.txt": text.encode()})
    assert (form["class"], form["own_words"]) == ("other", "Thank you, the mug arrived.")


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(explained, tmp_path):
    (tmp_path / "folder.eml").mkdir()
    os.mkfifo(tmp_path / "pipe.eml")
    files = {"first.eml": customer(1), "empty.eml": b"", "binary.eml": bytes(range(256)) * 50, "last.eml": agent()}
    more = ("missing.eml", "folder.eml", "./first.eml")
    forms = [*explained(files), *explained(dict.fromkeys(more, None))]
    by_name = {form["file"]: form for form in forms}
    assert [form["file"] for form in forms] == [*files, "missing.eml", "folder.eml", "./first.eml"]
    for name in ("empty.eml", "binary.eml", "missing.eml", "folder.eml"):
        assert set(by_name[name]) == {"file", "error"}
        assert "\n" not in by_name[name]["error"]
        assert by_name[name]["error"]
    assert by_name["./first.eml"]["class"] == "customer"
    assert by_name["last.eml"]["class"] == "walmart_agent"


def test_an_mbox_is_answered_for(explained):
    mbox = b"From jordan Mon Nov 16 14:00:00 2026\n" + customer().replace(b"\r\n", b"\n")
    (form,) = explained({"mail.mbox": mbox})
    assert (form["file"], form["class"]) == ("mail.mbox", "customer")


def test_mail_that_is_longer_than_what_is_looked_at(explained):
    (form,) = explained({"long.eml": customer(text=ASKED + "\n\n" + "glaze and clay " * 150_000)})
    assert form["class"] == "customer"
    assert form["own_words"].startswith(ASKED)


def test_the_configuration_says_who_is_who(explained, tmp_path):
    raw = reply()
    (without,) = explained({"one.eml": raw})
    story = Story(tmp_path)
    story.store.close()
    (with_,) = explained({"one.eml": raw}, "--config", str(tmp_path / "relaywatch.toml"))
    assert {"class", "rule"} <= set(with_)
    assert without["class"] in {"other", "seller_reply", "seller_outreach"}


def test_a_configuration_that_is_named_must_be_there(tmp_path, capsys, monkeypatch):
    (tmp_path / "one.eml").write_bytes(customer())
    words = ["explain", str(tmp_path / "one.eml")]
    assert main([*words, "--config", str(tmp_path / "none.toml")]) == 2
    monkeypatch.setenv("RELAYWATCH_CONFIG", str(tmp_path / "none.toml"))
    assert main(words) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 2)


def test_in_words_for_people(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.eml").write_bytes(agent("A Better Business Bureau complaint came in. Please respond.\n", cc=PATEL))
    assert main(["explain", "one.eml", "two.eml"]) == 0
    said = capsys.readouterr()
    for words in ("one.eml", "class:     consumer_protection", "rule:", "because:", "why:", "own words:"):
        assert words in said.out
    assert "two.eml\n  could not be read" in said.out
    assert said.err == ""


def test_evidence_of_hostile_mail_moves_no_cursor(tmp_path, capsys):
    raw = customer(text="My \x1b[2J mug \x07 broke").replace(b"\x1b", b"=1B").replace(b"\x07", b"=07")
    (tmp_path / "one.eml").write_bytes(raw)
    main(["explain", str(tmp_path / "one.eml")])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out
