"""The units in config/: systemd takes them, finds them hardened, and they fit the example configuration."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "config" / "relaywatch.service"
FAILED = ROOT / "config" / "relaywatch-failed.service"
EXAMPLE = (ROOT / "config" / "relaywatch.example.toml").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
WORST_EXPOSURE = 2.0


def settings(unit: Path = UNIT) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def analyze():
    command = shutil.which("systemd-analyze")
    if command is None:
        reason = "systemd-analyze is not installed: apt-get install systemd"
        if os.environ.get("RELAYWATCH_REQUIRE_SERVERS"):
            pytest.fail(reason)
        pytest.skip(reason)

    def run(*words):
        return subprocess.run([command, *words], capture_output=True, text=True, timeout=60, check=False)

    return run


def test_systemd_has_nothing_to_say_against_it(analyze):
    done = analyze("verify", str(UNIT), str(FAILED))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("unit", [UNIT, FAILED], ids=lambda unit: unit.name)
def test_it_is_hardened(analyze, unit):
    done = analyze("security", "--offline=yes", "--no-pager", str(unit))
    exposure = re.search(rf"Overall exposure level for {unit.name}: ([0-9.]+)", done.stdout)
    assert exposure is not None, done.stdout
    assert float(exposure[1]) <= WORST_EXPOSURE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("ExecReload", "/bin/kill -HUP $MAINPID"),
        ("Restart", "on-failure"),
        ("RestartPreventExitStatus", "2"),
        ("StartLimitIntervalSec", "0"),  # it never stays down
        ("OnFailure", "relaywatch-failed.service"),
        ("RuntimeDirectory", "relaywatch"),
        ("RuntimeDirectoryPreserve", "yes"),  # who was told when outlives a restart
        ("TimeoutStopSec", "10s"),
        ("StateDirectory", "relaywatch"),
        ("ConfigurationDirectory", "relaywatch"),
    ],
)
def test_what_the_daemon_counts_on(name, value):
    assert settings()[name] == [value]


def test_who_tells_of_a_failure_runs_as_the_service_does_and_needs_one_password():
    service, failed = settings(), settings(FAILED)
    for name in ("User", "Group", "RuntimeDirectory", "RuntimeDirectoryPreserve", "ConfigurationDirectory"):
        assert failed[name] == service[name]
    assert failed["ExecStart"] == ["/usr/bin/env relaywatch tell-failure --config /etc/relaywatch/relaywatch.toml"]
    assert failed["LoadCredential"] == ["smtp:/etc/relaywatch/credentials/smtp"]
    assert failed["Type"] == ["oneshot"]
    assert "Restart" not in failed
    assert any(value.startswith("PATH=/opt/relaywatch/bin:") for value in failed["Environment"])


@pytest.mark.parametrize(("result", "starts"), [("success", False), ("watchdog", True), ("exit-code", True)])
def test_each_failure_is_handed_on_and_no_stop_is(tmp_path, result, starts):
    """OnFailure= alone never hears of a service that is started again (systemd.unit(5))."""
    (command,) = settings()["ExecStopPost"]
    found = re.fullmatch(r"-\+/bin/sh -c '(.*)'", command)
    assert found is not None
    fake = tmp_path / "systemctl"
    fake.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\n')
    fake.chmod(0o755)
    script = found[1].replace("$$", "$")
    subprocess.run(
        ["/bin/sh", "-c", script], env={"PATH": str(tmp_path), "SERVICE_RESULT": result}, check=True, timeout=10
    )
    said = tmp_path / "said"
    assert (said.read_text() if said.exists() else "") == ("start --no-block relaywatch-failed\n" if starts else "")


def test_every_password_of_the_example_is_loaded():
    wanted = set(re.findall(r'^\w+ = "\$\{CREDENTIALS_DIRECTORY\}/(\w+)"', EXAMPLE, re.MULTILINE))
    loaded = dict(credential.split(":") for credential in settings()["LoadCredential"])
    assert wanted
    assert loaded == {name: f"/etc/relaywatch/credentials/{name}" for name in wanted}


def test_its_paths_are_those_of_the_example_and_the_installation():
    (command,) = settings()["ExecStart"]
    assert command == "/usr/bin/env relaywatch run --config /etc/relaywatch/relaywatch.toml"
    assert any(value.startswith("PATH=/opt/relaywatch/bin:") for value in settings()["Environment"])
    assert "PREFIX := /opt/relaywatch\n" in MAKEFILE
    assert "CONFIG := /etc/relaywatch\n" in MAKEFILE
    assert 'database = "/var/lib/relaywatch/relaywatch.db"' in EXAMPLE


def test_installing_twice_keeps_what_is_the_operators(tmp_path):
    install = ["make", "-s", "-C", str(ROOT), "install-files", f"DESTDIR={tmp_path}"]
    subprocess.run(install, check=True, capture_output=True)
    config = tmp_path / "etc/relaywatch/relaywatch.toml"
    assert config.read_text() == EXAMPLE
    config.write_text("# mine\n")
    password = tmp_path / "etc/relaywatch/credentials/care"
    password.write_text("kiln")
    unit = tmp_path / "etc/systemd/system/relaywatch.service"
    unit.write_text("old")
    subprocess.run(install, check=True, capture_output=True)
    assert config.read_text() == "# mine\n"
    assert password.read_text() == "kiln"
    assert unit.read_text() == UNIT.read_text()
    assert unit.with_name("relaywatch-failed.service").read_text() == FAILED.read_text()
    assert (tmp_path / "etc/relaywatch/credentials").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "usr/local/bin/relaywatch").readlink() == Path("/opt/relaywatch/bin/relaywatch")
