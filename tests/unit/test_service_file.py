"""config/relaywatch.service: systemd takes it, finds it hardened, and it fits the example configuration."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "config" / "relaywatch.service"
EXAMPLE = (ROOT / "config" / "relaywatch.example.toml").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
WORST_EXPOSURE = 2.0


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
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
    done = analyze("verify", str(UNIT))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_hardened(analyze):
    done = analyze("security", "--offline=yes", "--no-pager", str(UNIT))
    exposure = re.search(r"Overall exposure level for relaywatch.service: ([0-9.]+)", done.stdout)
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
        ("TimeoutStopSec", "10s"),
        ("StateDirectory", "relaywatch"),
        ("ConfigurationDirectory", "relaywatch"),
    ],
)
def test_what_the_daemon_counts_on(name, value):
    assert settings()[name] == [value]


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
    assert (tmp_path / "etc/relaywatch/credentials").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "usr/local/bin/relaywatch").readlink() == Path("/opt/relaywatch/bin/relaywatch")
