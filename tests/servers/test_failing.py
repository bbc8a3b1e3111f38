"""`tell-failure`, as systemd runs it after the service failed: who hears of what, and how often."""

import json
import time

import pytest
from lab_daemon import complaint_of, run
from lab_dovecot import PASSWORD
from lab_run import ONCALL, OWNER, Box, Home
from lab_smtp import SmtpLab

from relaywatch.app.failing import STEP, UntoldError, tell_failure
from relaywatch.app.memo import Memo
from relaywatch.core.notices.of_outage import Failure

CRASHED = Failure(unit="relaywatch.service", result="signal", status="SEGV")


class Service:
    """What systemd gives the unit that tells of the other's failure."""

    def __init__(self, folder, smtp: SmtpLab) -> None:
        self.home = Home(path=folder, smtp_port=smtp.port, boxes=[Box(port=1)], to=(ONCALL,), escalate_to=(OWNER,))
        self.runtime = folder / "run"
        self.runtime.mkdir()

    def failed(self, result: str = "exit-code", status: str = "3"):
        return run(
            "tell-failure",
            *("--config", str(self.home.config)),
            RUNTIME_DIRECTORY=str(self.runtime),
            MONITOR_SERVICE_RESULT=result,
            MONITOR_EXIT_CODE="exited",
            MONITOR_EXIT_STATUS=status,
            MONITOR_UNIT="relaywatch.service",
        )

    def an_hour_later(self) -> None:
        memo = Memo(self.runtime / "failed")
        memo.write({name: [moment - 3600 for moment in moments] for name, moments in memo.read().items()})


@pytest.fixture
def service(tmp_path, lab):
    return Service(tmp_path, lab)


def text_of(mail):
    return " ".join(mail.message.get_body(("plain",)).get_content().split())


def test_a_refused_configuration_is_told_at_once_and_with_its_problems(service, lab):
    text = service.home.config.read_text().replace('role = "care"', 'role = "cares"')
    service.home.config.write_text(text.replace('password_file = "care.pass"', f'password = "{PASSWORD}"\nport2 = 1'))
    done = service.failed(status="2")
    assert (done.returncode, done.stdout) == (0, f"told {ONCALL}, {OWNER}\n"), done.stderr
    first, second = lab.accepted
    assert (first.recipient, second.recipient) == (ONCALL, OWNER)
    assert first.message["X-Relaywatch-Step"] == STEP
    assert "stays down" in first.message["Subject"]
    assert "mailbox[0].role" in text_of(first)
    assert PASSWORD not in first.message.as_string()
    done = service.failed(status="2")  # OnFailure= after ExecStopPost=
    assert done.returncode == 0
    assert "was told" in done.stdout
    assert len(lab.accepted) == 2
    service.an_hour_later()
    assert service.failed(status="2").returncode == 0
    assert len(lab.accepted) == 4


def test_the_third_failure_within_an_hour_is_told_once(service, lab):
    for _ in range(2):
        assert "not told yet" in service.failed().stdout
    assert not lab.accepted
    assert "told" in service.failed("watchdog", "ABRT").stdout
    assert len(lab.accepted) == 2
    assert "Result: watchdog Exit status: ABRT" in text_of(lab.accepted[0])
    for _ in range(2):
        assert "that was told" in service.failed().stdout
    assert len(lab.accepted) == 2


def test_a_stop_is_no_failure(service, lab):
    assert service.failed("success", "0").stdout == "nothing failed\n"
    assert not lab.accepted
    assert not list(service.runtime.iterdir())


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("[notify]", "[notify", "TOML"),
        ('security = "none"', 'security = "nine"', "smtp.security"),
        (f'to = ["{ONCALL}"]', "to = []", "notify.to"),
    ],
)
def test_without_a_mail_server_or_anybody_to_tell_there_is_one_clear_line(service, lab, before, after, names):
    text = service.home.config.read_text()
    assert before in text
    service.home.config.write_text(text.replace(before, after, 1))
    assert names in complaint_of(service.failed(status="2"), 2)
    service.home.config.unlink()
    assert "no such file" in complaint_of(service.failed(status="2"), 2)
    assert not lab.accepted


def test_the_recipients_of_every_seller_are_told_though_the_main_file_names_none(service, lab):
    text = service.home.config.read_text()
    head, notify, rest = text.partition("[notify]\n")
    box = rest[rest.index("[[mailbox]]") :]
    (service.home.path / "kiln.toml").write_text(f'[notify]\nto = ["kiln@shop.example"]\n{box}')
    (service.home.path / "mug.toml").write_text(f'[notify]\nto = ["mug@shop.example"]\n{box}')
    (service.home.path / "odd.toml").write_text("no TOML [")
    assert notify
    service.home.config.write_text(head.replace("[service]", '[service]\naccounts = "*[gd].toml"', 1))
    done = service.failed(status="2")
    assert done.returncode == 0, done.stderr
    assert [mail.recipient for mail in lab.accepted] == ["mug@shop.example"]


def test_by_hand_it_says_that_it_is_systemds(service):
    line = complaint_of(run("tell-failure", "--config", str(service.home.config), RUNTIME_DIRECTORY="/run"), 2)
    assert "relaywatch-failed.service" in line


async def test_without_a_place_to_count_nothing_is_mailed_but_what_does_not_repeat(service, lab, tmp_path):
    (tmp_path / "told").write_text(json.dumps({"failed": [time.monotonic()] * 5}))

    class Full(Memo):
        def write(self, moments):
            del moments
            return False

    with pytest.raises(UntoldError, match="no end of mails"):
        await tell_failure(service.home.config, CRASHED, Full(tmp_path / "told"))
    assert not lab.accepted
    refused = Failure(unit="relaywatch.service", result="exit-code", status="2", refused=True)
    assert "told" in await tell_failure(service.home.config, refused, Full(tmp_path / "told"))
    assert len(lab.accepted) == 2


@pytest.mark.usefixtures("_soon_again")
async def test_who_is_not_reached_is_tried_again_for_as_long_as_the_patience_lasts(service, lab, tmp_path):
    memo = Memo(tmp_path / "told")
    lab.faults.recipients = {OWNER: "451 4.3.0 later"}
    refused = Failure(unit="relaywatch.service", result="exit-code", status="2", refused=True)
    began = time.monotonic()
    assert await tell_failure(service.home.config, refused, memo, patience=3) == f"told {ONCALL}"
    assert time.monotonic() - began < 10
    assert [mail.recipient for mail in lab.accepted] == [ONCALL]
    lab.down()
    (tmp_path / "told").unlink()
    with pytest.raises(UntoldError, match="nobody could be told"):
        await tell_failure(service.home.config, refused, memo, patience=0)
    assert not memo.read()["told"]  # so that the next failure is
