"""The operator's commands while the daemon runs, and without it: the same words, the same effect, at once."""

from datetime import timedelta

import pytest
from lab_daemon import Desk, complaint_of, until
from lab_post import customer, relay
from lab_smtp import SmtpLab

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(tmp_path, dovecot, user):
    with SmtpLab() as smtp:
        yield Desk(tmp_path, dovecot, smtp, user)


def by_customer(desk):
    return {case.counterparty: (number, case.state.value) for number, case in desk.cases().items()}


def test_what_the_operator_says_holds_at_once(desk):
    desk.deliver(*(customer(number) for number in range(1, 5)), ago=2 * HOUR)
    with desk.running() as daemon:
        until(lambda: len(desk.cases()) == 4)
        number = {who: case for who, (case, _) in by_customer(desk).items()}
        answered = desk.command("answered", str(number[relay(1)]), "--note", "by telephone")
        assert (answered.returncode, answered.stdout) == (0, f"case {number[relay(1)]}: reply noted as given\n")
        assert by_customer(desk)[relay(1)][1] == "answered"
        resolved = desk.command("resolve", str(number[relay(1)]))
        assert (resolved.returncode, resolved.stdout) == (0, f"case {number[relay(1)]}: resolved\n")
        assert by_customer(desk)[relay(1)][1] == "resolved"
        waived = desk.command("waive", str(number[relay(2)]), str(number[relay(3)]), "--reason", "a test order")
        assert waived.returncode == 0
        assert [state for _, state in sorted(by_customer(desk).values())].count("waived") == 2
        said = daemon.wait_for("operator.said", 4)
        assert (said["level"], said["verb"]) == ("info", "waive")
        assert "a test order" not in str(daemon.log)
        line = complaint_of(desk.command("waive", "99", "--reason", "none"), 2)
        assert line == "relaywatch: case 99: there is no such case; `relaywatch cases` lists them"
        complaint_of(desk.command("answered", "1", "--note", "x", "--at", "2001-01-01T00:00:00Z"), 2)
        future = complaint_of(desk.command("resolve", "1", "--at", "2991-01-01T00:00:00Z"), 2)
        assert "future" in future


def test_a_waived_lapse_is_not_warned_of(desk):
    """What is said before the mail server is back is heeded when it is."""
    desk.smtp.faults.data = "451 4.3.0 try later"
    desk.deliver(customer(), ago=25 * HOUR)
    with desk.running() as daemon:
        daemon.wait_for("warning.put_off")  # a try that is still under way would succeed once the server is back
        assert desk.status().unsent == 1
        assert desk.command("waive", "1", "--reason", "refunded").returncode == 0
        desk.smtp.faults.clear()
        daemon.wait_for("warning.dropped", seconds=60)
    assert desk.steps() == []
    assert desk.status().unsent == 0


def test_commands_reach_a_daemon_whose_database_lies_deep(dovecot, user, tmp_path):
    """A socket's own path may hold 107 characters."""
    deep = tmp_path / ("kiln" * 20) / ("glaze" * 20)
    deep.mkdir(parents=True)
    with SmtpLab() as smtp:
        desk = Desk(deep, dovecot, smtp, user)
        assert len(str(desk.home.database)) > 150
        desk.deliver(customer(), ago=2 * HOUR)
        with desk.running() as daemon:
            until(lambda: desk.states() == ["open"])
            assert desk.command("waive", "1", "--reason", "a test").returncode == 0
            daemon.wait_for("operator.said")
            assert desk.states() == ["waived"]


def test_without_a_daemon_they_write_by_themselves(desk):
    desk.deliver(customer(), ago=2 * HOUR)
    assert desk.command("run", "--once").returncode == 0
    assert desk.command("waive", "1", "--reason", "a test").returncode == 0
    assert desk.states() == ["waived"]
    with desk.running():
        until(lambda: desk.states() == ["waived"])


@pytest.mark.parametrize(
    ("reply", "status", "says"),
    [
        ("553 5.7.1 <relaywatch@shop.example>: Sender address rejected: not owned", 3, "(to the sender relaywatch@"),
        ("550 5.1.1 no such user", 3, "550 5.1.1 no such user (to the recipient oncall@shop.example)"),
        ("550 5.4.5 Daily user sending limit exceeded", 3, "more was sent than it allows"),
        ("450 4.7.1 Greylisted", 0, "Greylisted (to the recipient oncall@shop.example): the daemon tries again"),
    ],
)
def test_check_asks_the_mail_server_as_far_as_the_recipients(desk, reply, status, says):
    desk.smtp.faults.rcpt = reply
    found = desk.command("check")
    assert (found.returncode, desk.smtp.accepted) == (status, [])
    assert says in found.stdout + found.stderr


def test_check_proposes_whose_results_to_believe(desk):
    results = b"Authentication-Results: mx.shop.example; dmarc=pass\r\nReceived: from a by mx.shop.example; now\r\n"
    for number in range(3):
        desk.deliver(results + customer(number + 1))
    found = desk.command("check")
    assert 'authserv_ids = ["mx.shop.example"] under [walmart]' in found.stdout


def test_check_names_patterns_that_a_strangers_mail_could_hold_others_up_with(desk, tmp_path):
    words = "[[deed]]\nname = 'mine'\nwhere = ['own_words']\npatterns.en = ['(?:a|aa){0,200}c', 'we (?:re)?sent']\n"
    (tmp_path / "mine.toml").write_text(words, "utf-8")
    desk.edit("[service]", f'[service]\nrules = "{tmp_path}/mine.toml"')
    found = desk.command("check")
    assert found.returncode == 3
    (line,) = [line for line in found.stderr.splitlines() if "deed: mine" in line]
    assert "the pattern '(?:a|aa){0,200}c' takes" in line


def test_check_names_the_folders_and_says_what_does_not_work(desk):
    desk.deliver(customer(), folder="Sent")
    desk.deliver(customer(), folder="Junk")
    found = desk.command("check")
    assert (found.returncode, found.stderr) == (0, "")
    for words in ("inbox = INBOX", "sent = Sent", "junk = Junk", "no Sent folder", "database"):
        assert words in found.stdout
    desk.home.set_password("complaints", "wrong")
    desk.smtp.down()
    failed = desk.command("check")
    assert failed.returncode == 3
    assert all("Traceback" not in line and line for line in failed.stderr.splitlines())
    assert "complaints" in failed.stderr
    assert "smtp" in failed.stderr.lower()
    assert "wrong" not in failed.stdout + failed.stderr.replace("wrong password", "")
