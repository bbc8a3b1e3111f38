"""Connecting and logging in to a server that does what no server should."""

import imaplib
import socket
import time
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from lab_watch import PASSWORD, mail, mailbox

from relaywatch.config.secrets import Secret, Source
from relaywatch.mailbox.errors import (
    DroppedError,
    GarbledError,
    LoginRefusedError,
    MailboxError,
    ServerSaidError,
    UnreachableError,
)
from relaywatch.mailbox.imap import ImapSession
from relaywatch.mailbox.wire import Client, Wire, WireLine

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


def opened(fake, **changes):
    made = ImapSession(mailbox(fake.port, **changes), timeout=1)
    try:
        made.open()
    finally:
        made.close()
    return made


def test_imapclient_still_builds_its_connection_where_we_replace_it(fake):
    assert callable(IMAPClient._create_IMAP4)
    line = WireLine(timeout=1, context=None)
    client = Client(line, "127.0.0.1", fake.port, timeout=1)
    assert isinstance(client._imap, Wire)
    assert client.wire is client._imap
    assert client.wire.debug == 0
    assert client.normalise_times is False
    assert client.socket() is line.sock
    client.wire.untagged_responses.clear()
    client.shutdown()
    assert line.fileno() == -1


@pytest.mark.parametrize("hook", ["open", "read", "readline", "send", "shutdown"])
def test_imaplib_still_has_the_hooks_that_it_documents(hook):
    assert callable(getattr(imaplib.IMAP4, hook))


def test_imaplib_reads_and_writes_through_the_hooks_alone(fake, monkeypatch):
    monkeypatch.setattr(imaplib.IMAP4, "readline", None)
    monkeypatch.setattr(imaplib.IMAP4, "read", None)
    monkeypatch.setattr(imaplib.IMAP4, "send", None)
    fake.put(mail("question"))
    made = ImapSession(mailbox(fake.port), timeout=1)
    made.open()
    made.examine("INBOX")
    assert [it.uid for it in made.fetch_batch([1])] == [1]
    made.close()


def test_a_wrong_password_is_said_without_it(fake):
    with pytest.raises(LoginRefusedError, match="check username and password") as caught:
        opened(fake, secret=Secret(Source.PLAIN, "hunter2-hunter2"))
    assert "AUTHENTICATIONFAILED" in caught.value.text
    assert "hunter2" not in caught.value.text


def test_a_server_that_echoes_the_password_does_not_put_it_into_the_error(fake):
    fake.on["LOGIN"] = lambda link: link.no(f"wrong: {link.arguments}")
    with pytest.raises(LoginRefusedError) as caught:
        opened(fake)
    assert PASSWORD not in caught.value.text
    assert "***" in caught.value.text


@pytest.mark.parametrize(
    ("said", "kind", "retry_after"),
    [
        ("[UNAVAILABLE] come back later", ServerSaidError, None),
        ("User is authenticated but not connected.", ServerSaidError, 60),
        ("Request is throttled. Suggested Backoff Time: 92415 milliseconds", ServerSaidError, 92.415),
        ("[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", ServerSaidError, 3600),
        ("[LIMIT] LOGIN Rate limit hit", ServerSaidError, 120),
        ("[LIMIT] Rate limit hit, please retry after 15 minutes", ServerSaidError, 900),
        ("Too many logins, wait: at most 20 hosts", ServerSaidError, None),
        ("[UNAVAILABLE] Please try again in 90s", ServerSaidError, 90),
        ("[ALERT] Too many simultaneous connections. (Failure)", ServerSaidError, None),
        ("操作过于频繁，请2小时后再试", ServerSaidError, 7200),
        ("[WEBALERT https://x.example] Web login required.", LoginRefusedError, None),
        ("[AUTHENTICATIONFAILED] no", LoginRefusedError, None),
    ],
)
def test_a_refused_login_is_told_from_a_busy_server(fake, said, kind, retry_after):
    fake.on["LOGIN"] = lambda link: link.send(f"{link.tag} NO {said}\r\n".encode())
    with pytest.raises(MailboxError) as caught:
        opened(fake)
    assert type(caught.value) is kind
    assert ("check username and password" in caught.value.text) == ("AUTHENTICATIONFAILED" in said)
    assert caught.value.retry_after == retry_after


def test_bad_is_a_refused_login_too(fake):
    fake.on["LOGIN"] = lambda link: link.bad("what?")
    with pytest.raises(LoginRefusedError, match=r"what\?"):
        opened(fake)


def test_a_connection_lost_while_logging_in_is_no_refusal(fake):
    fake.on["LOGIN"] = lambda link: link.hang_up()
    with pytest.raises(DroppedError, match="during the login"):
        opened(fake)


@pytest.mark.parametrize("said", [b"* BYE going down\r\n", b""])
def test_a_connection_lost_between_commands_is_no_bug_of_ours(fake, said):
    ordinary = fake._capability

    def capability(link):
        if not fake.count("LOGIN"):
            ordinary(link)
        else:
            link.send(said)
            link.hang_up()

    fake.on["CAPABILITY"] = capability
    with pytest.raises(DroppedError, match="going down" if said else "during CAPABILITY"):
        opened(fake)


def test_chinese_words_of_a_server_arrive_readable(fake):
    fake.on["LOGIN"] = lambda link: link.send(link.tag.encode(), b" NO ", "密码错误".encode("gb18030"), b"\r\n")
    with pytest.raises(LoginRefusedError, match="密码错误"):
        opened(fake)


def test_a_password_beyond_ascii_goes_by_plain(fake):
    fake.capability = "IMAP4rev1 AUTH=PLAIN"
    opened(fake, secret=Secret(Source.PLAIN, "clé-du-four"))
    assert fake.count("AUTHENTICATE PLAIN") == 1
    assert fake.count("LOGIN") == 0


@pytest.mark.parametrize(
    ("capability", "password", "words"),
    [("IMAP4rev1", "clé-du-four", "only ASCII passwords"), ("IMAP4rev1 LOGINDISABLED", PASSWORD, 'security = "tls"')],
)
def test_a_password_that_cannot_be_given_is_explained(fake, capability, password, words):
    fake.capability = capability
    with pytest.raises(LoginRefusedError, match=words):
        opened(fake, secret=Secret(Source.PLAIN, password))


@pytest.mark.parametrize("char", "\r\n\0")
def test_nothing_with_a_line_break_is_ever_sent(fake, session, char):
    evil = f"INBOX{char}A1 STORE 1 +FLAGS (\\Seen)"
    for call in (session.examine, session.status):
        with pytest.raises(MailboxError):
            call(evil)
    with pytest.raises(MailboxError):
        opened(fake, username=evil)
    assert not any("STORE" in line for line in fake.commands)


def test_quotes_in_names_do_not_end_them(fake):
    opened(fake, username='ca"re\\ x')
    assert fake.commands[-1].startswith("ID") or fake.commands[-2].startswith('LOGIN "ca\\"re\\\\ x" ')


def test_a_secret_that_cannot_be_read_says_where_it_was_looked_for(fake, tmp_path):
    with pytest.raises(LoginRefusedError, match="the password cannot be read"):
        opened(fake, secret=Secret(Source.FILE, str(tmp_path / "gone")))


@pytest.mark.parametrize(
    ("host", "advice"),
    [
        ("imap.163.com", "授权码"),
        ("imap.qq.com", "授权码"),
        ("imap.gmail.com", "app password"),
        ("outlook.office365.com", "OAuth 2"),
    ],
)
def test_providers_with_habits_of_their_own_are_explained(fake, monkeypatch, host, advice):
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *rest, **more: real("127.0.0.1", *rest, **more))
    with pytest.raises(LoginRefusedError, match=advice):
        opened(fake, host=host, secret=Secret(Source.PLAIN, "wrong"))


def test_a_server_that_wants_a_name_first_is_given_one(fake):
    known = []
    ordinary = fake._examine
    fake.on["ID"] = lambda link: (known.append(link.arguments), link.ok())
    fake.on["EXAMINE"] = lambda link: ordinary(link) if known else link.no("Unsafe Login. Please contact kefu")
    made = ImapSession(mailbox(fake.port), timeout=1)
    made.open()
    assert made.examine("INBOX").uidvalidity == 7
    made.close()
    assert "relaywatch" in known[0]


def test_unsafe_login_is_explained(fake):
    fake.on["EXAMINE"] = lambda link: link.no("EXAMINE Unsafe Login. Please contact kefu@188.com for help")
    made = ImapSession(mailbox(fake.port), timeout=1)
    made.open()
    with pytest.raises(ServerSaidError, match="authorization code"):
        made.examine("INBOX")
    made.close()


@pytest.mark.parametrize("answer", ["no", "bad"])
def test_a_server_that_refuses_id_is_read_all_the_same(fake, answer):
    fake.on["ID"] = lambda link: getattr(link, answer)("never heard")
    opened(fake)
    assert fake.count("ID") == 1


def test_nobody_listening_is_said():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="nothing listens there"):
            ImapSession(mailbox(unused.getsockname()[1])).open()


def test_an_unknown_host_is_said():
    with pytest.raises(UnreachableError, match="cannot be resolved"):
        ImapSession(mailbox(993, host="imap.shop.invalid")).open()


@pytest.mark.parametrize(
    ("greeting", "kind", "words"),
    [
        (lambda link: link.hang_up(), DroppedError, "closed the connection"),
        (lambda link: link.send(b"220 mail.shop.example ESMTP\r\n"), GarbledError, "does not speak IMAP"),
        (lambda link: link.send(b"* BYE too many connections\r\n"), DroppedError, "too many connections"),
        (lambda _: time.sleep(1.5), UnreachableError, "no answer to the connection in time"),
        (lambda link: link.drip(b"* OK " + b"x" * 1000, every=0.05), UnreachableError, "in time"),
    ],
)
def test_a_greeting_that_is_none(fake, greeting, kind, words):
    fake.greeting = greeting
    started = time.monotonic()
    with pytest.raises(kind, match=words):
        opened(fake)
    assert time.monotonic() - started < 2


def test_a_tls_port_that_speaks_clear_text_is_explained(fake):
    with pytest.raises(UnreachableError, match='security = "starttls"'):
        opened(fake, security="tls")


def test_no_starttls_is_explained(fake):
    with pytest.raises(UnreachableError, match="offers no STARTTLS"):
        opened(fake, security="starttls")


def test_clear_text_that_follows_the_answer_to_starttls_is_not_believed(fake):
    fake.capability = "IMAP4rev1 STARTTLS"
    fake.on["STARTTLS"] = lambda link: link.send(f"{link.tag} OK go\r\n* OK injected\r\n".encode())
    with pytest.raises(MailboxError):
        opened(fake, security="starttls")
    assert fake.count("LOGIN") == 0
