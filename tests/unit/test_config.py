"""A good configuration: what each key becomes, and what stands in for those left out."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lab_config import BASE, CARE, write_config

from relaywatch.config import ConfigError, load
from relaywatch.config.secrets import Source
from relaywatch.core.mail.message import Folder, Role
from relaywatch.core.policy import LADDERS, Kind, Policy, ResolvedBy


@pytest.fixture
def write(tmp_path):
    return partial(write_config, tmp_path)


@pytest.fixture
def account(write):
    def account(more="", care=CARE):
        return load(write(BASE + more + care)).accounts[0]

    return account


# --- defaults and values


def test_what_is_left_out_has_the_interfaces_defaults(write, tmp_path):
    settings = load(write(BASE + CARE))
    service, smtp, (account,) = settings.service, settings.smtp, settings.accounts
    assert settings.path == tmp_path / "relaywatch.toml"
    assert service.database == "/var/lib/relaywatch/relaywatch.db"
    assert service.timezone == ZoneInfo("America/Toronto")
    assert (service.language, service.keep, service.lookback) == (
        "en",
        timedelta(days=400),
        timedelta(days=7),
    )
    assert (smtp.host, smtp.port, smtp.security) == ("smtp.shop.example", 587, "starttls")
    assert (smtp.username, smtp.secret, smtp.sender) == (None, None, "relaywatch@shop.example")
    assert account.name == "main"
    assert account.notify.to == ("oncall@shop.example",)
    assert account.notify.escalate_to == ()
    assert account.notify.blind_after == timedelta(minutes=5)
    assert account.inform_internal is False
    assert account.policy == Policy()
    (box,) = account.mailboxes
    assert (box.account, box.name, box.role, box.address) == ("main", "care", Role.CARE, "care@shop.example")
    assert (box.host, box.port, box.security) == ("imap.shop.example", 993, "tls")
    assert (box.addresses, box.received_by, box.folders) == ({}, frozenset(), {})
    assert box.poll_interval == timedelta(seconds=60)
    assert box.secret.read() == "hunter2"
    parties = account.parties
    assert parties.registered == {"care@shop.example"}
    assert parties.own == {"relaywatch@shop.example"}
    assert parties.relay_domains == {"relay.walmart.ca", "relay.walmart.com"}
    assert parties.agent_domains == {"walmart.com", "walmart.ca", "wal-mart.com"}


@pytest.mark.parametrize(
    ("security", "smtp_port", "imap_port"),
    [("tls", 465, 993), ("starttls", 587, 143), ("none", 25, 143)],
)
def test_a_port_left_out_follows_from_the_security(write, security, smtp_port, imap_port):
    line = f'security = "{security}"\n'
    clear = "insecure = true\n" if security == "none" else ""
    settings = load(write(BASE.replace("[notify]", f"{line}[notify]") + CARE + line + clear))
    assert settings.smtp.port == smtp_port
    assert settings.accounts[0].mailboxes[0].port == imap_port


@pytest.mark.parametrize(
    ("host", "there"),
    [
        *(("127.0.0.1", False), ("127.8.8.8", False), ("::1", False), ("localhost", False), ("Imap.Localhost.", False)),
        *(("10.0.0.7", True), ("192.168.1.2", True), ("imap.shop.example", True), ("localhost.shop.example", True)),
    ],
)
def test_in_clear_only_on_this_machine_or_where_it_is_allowed(write, host, there):
    care = CARE.replace("imap.shop.example", host) + 'security = "none"\n'
    smtp = BASE.replace("smtp.shop.example", host).replace("[notify]", 'security = "none"\n[notify]')
    login = smtp.replace("[notify]", 'username = "x"\npassword = "y"\n[notify]')
    if there:
        with pytest.raises(ConfigError) as caught:
            load(write(login + care))
        assert [problem.partition(":")[0] for problem in caught.value.problems] == [
            "smtp.security",
            "mailbox[0].security",
        ]
        with pytest.raises(ConfigError):
            load(write(smtp + care))
        care += "insecure = true\n"
        login = login.replace("[notify]", "insecure = true\n[notify]")
    settings = load(write(login + care))
    assert (settings.smtp.in_clear, settings.accounts[0].mailboxes[0].in_clear) == (there, there)
    assert not load(write(smtp + care)).smtp.in_clear  # nothing secret is said


def test_every_key_of_a_mailbox(account):
    care = CARE + (
        'port = 1143\nsecurity = "none"\ninsecure = true\npoll_interval = "2s"\n'
        'addresses = { care = "Help@shop.example", complaint = "complaints@shop.example" }\n'
        'received_by = ["MX.Mail-Host.example."]\nfolders = { sent = ["已发送", "Sent Items"], junk = "Spam" }\n'
    )
    made = account(care=care)
    (box,) = made.mailboxes
    assert (box.port, box.security, box.poll_interval) == (1143, "none", timedelta(seconds=2))
    assert box.addresses == {Role.CARE: "help@shop.example", Role.COMPLAINT: "complaints@shop.example"}
    assert box.received_by == {"mx.mail-host.example"}
    assert box.folders == {Folder.SENT: ("已发送", "Sent Items"), Folder.JUNK: ("Spam",)}
    assert made.parties.registered == {"care@shop.example", "help@shop.example", "complaints@shop.example"}


def test_who_is_who(account):
    sent = CARE.replace('"care"', '"sent"').replace("Care@Shop.Example", "Desk@shop.example")
    parties = account(
        """
        [seller]
        addresses = ["care@shop.example", "Alias@shop.example"]
        internal = ["Owner@elsewhere.example"]
        domains = ["Shop.example"]
        [walmart]
        relay_domains = ["relay.test.example"]
        agent_domains = ["agents.test.example"]
        handover_addresses = ["CX@walmart.ca"]
        authserv_ids = ["MX.shop.example"]
        """,
        CARE + sent,
    ).parties
    assert parties.registered == {"care@shop.example"}
    assert parties.seller == {"alias@shop.example", "desk@shop.example"}  # a `sent` mailbox: not registered
    assert parties.internal == {"owner@elsewhere.example"}
    assert parties.seller_domains == {"shop.example"}
    assert parties.relay_domains == {"relay.test.example"}
    assert parties.agent_domains == {"agents.test.example"}
    assert parties.handover == {"cx@walmart.ca"}
    assert parties.authserv_ids == {"mx.shop.example"}


def test_a_registered_address_that_warnings_come_from_still_answers_customers(write):
    (account,) = load(write(BASE.replace("relaywatch@", "care@") + CARE)).accounts
    assert account.parties.is_registered("care@shop.example")
    assert account.parties.own == frozenset()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "mail_1.shop.example", "IMAP.shop.example"])
def test_hosts(account, host):
    (box,) = account(care=CARE.replace("imap.shop.example", host)).mailboxes
    assert box.host == host.lower()


def test_a_file_from_windows_is_read(tmp_path):
    path = tmp_path / "relaywatch.toml"
    path.write_bytes(b"\xef\xbb\xbf" + (BASE + CARE).replace("\n", "\r\n").encode())
    assert load(path).accounts[0].mailboxes[0].name == "care"


# --- paths and secrets


def test_relative_paths_start_from_the_files_folder(write, tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "care.pass").write_text("hunter2\n")
    (tmp_path / "sub" / "smtp.pass").write_text("hunter3\n")
    care = CARE.replace('password = "hunter2"', 'password_file = "care.pass"')
    smtp = BASE.replace("[notify]", 'username = "rw"\npassword_file = "smtp.pass"\n[notify]')
    write('[service]\ndatabase = "rw.db"\n' + smtp + care, "sub/relaywatch.toml")
    monkeypatch.chdir(tmp_path)
    settings = load(Path("sub/relaywatch.toml"))
    assert settings.path == tmp_path / "sub" / "relaywatch.toml"
    assert settings.service.database == str(tmp_path / "sub" / "rw.db")
    assert settings.accounts[0].mailboxes[0].secret.read() == "hunter2"
    assert settings.smtp.secret is not None
    assert settings.smtp.secret.read() == "hunter3"


@pytest.mark.parametrize("source", list(Source))
def test_a_secret_from_each_source(account, source):
    value = "CARE" if source is Source.ENV else "/srv/care"
    care = CARE.replace('password = "hunter2"', f'{source.value} = "{value}"')
    assert account(care=care).mailboxes[0].secret.source is source


def test_settings_do_not_show_secrets_and_cannot_be_changed(write):
    settings = load(write(BASE + CARE))
    assert "hunter2" not in repr(settings)
    with pytest.raises(FrozenInstanceError):
        settings.path = Path("/")
    with pytest.raises(TypeError):
        settings.accounts[0].mailboxes[0].folders[Folder.SENT] = ("x",)


# --- policy


def test_policy_durations_and_ladders(account):
    policy = account(
        """
        [policy]
        customer = "48h"
        consumer_protection = "30m"
        handover = "12h"
        resolution = "3d"
        resolved_by = "operator"
        [policy.warn_before]
        complaint = ["90m", "600s"]
        walmart_agent = []
        """
    ).policy
    (terms,) = policy.versions
    assert terms.reply == {
        Kind.CUSTOMER: timedelta(hours=48),
        Kind.WALMART_AGENT: timedelta(hours=24),
        Kind.COMPLAINT: timedelta(hours=24),
        Kind.CONSUMER_PROTECTION: timedelta(minutes=30),
    }
    assert (terms.handover, terms.resolution) == (timedelta(hours=12), timedelta(days=3))
    assert policy.resolved_by is ResolvedBy.OPERATOR
    assert [step.text for step in policy.ladders[Kind.COMPLAINT]] == ["90m", "600s"]  # as written
    assert policy.ladders[Kind.COMPLAINT][1].before == timedelta(minutes=10)
    assert policy.ladders[Kind.WALMART_AGENT] == ()
    assert policy.ladders[Kind.CUSTOMER] == LADDERS[Kind.CUSTOMER]
    # default steps that do not fit into a shortened time are left out
    assert [step.text for step in policy.ladders[Kind.CONSUMER_PROTECTION]] == ["25m", "10m"]


def test_versions_begin_at_local_midnight_and_keep_what_they_do_not_say(account):
    policy = account(
        """
        [policy]
        complaint = "20h"
        [[policy.version]]
        from = 2026-07-01
        customer = "48h"
        [[policy.version]]
        from = 2026-12-01T12:00:00+08:00
        walmart_agent = "12h"
        """
    ).policy
    base, july, december = policy.versions
    assert base.reply[Kind.CUSTOMER] == timedelta(hours=24)
    assert july.valid_from == datetime(2026, 7, 1, 4, tzinfo=UTC)  # midnight in Toronto's summer
    assert december.valid_from == datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert july.reply[Kind.CUSTOMER] == december.reply[Kind.CUSTOMER] == timedelta(hours=48)
    assert {version.reply[Kind.COMPLAINT] for version in policy.versions} == {timedelta(hours=20)}
    assert december.reply[Kind.WALMART_AGENT] == timedelta(hours=12)
    second = timedelta(seconds=1)
    assert policy.terms_at(july.valid_from - second) is base
    assert policy.terms_at(july.valid_from) is july
    assert policy.terms_at(datetime(2030, 1, 1, tzinfo=UTC)) is december


def test_a_step_may_fit_a_later_version_only(account):
    policy = account(
        '[policy.warn_before]\ncustomer = ["30h", "1h"]\n[[policy.version]]\nfrom = 2026-07-01\ncustomer = "48h"\n'
    ).policy
    assert [step.text for step in policy.ladders[Kind.CUSTOMER]] == ["30h", "1h"]
