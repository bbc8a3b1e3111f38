"""Sending, against a real SMTP server that fails as it is told."""

import asyncio
import contextlib
import socket
import time
from contextlib import asynccontextmanager

import lab_smtp
import pytest
from lab_smtp import PASSWORD, USERNAME, SmtpLab, client_tls

from relaywatch.config import Secret, Smtp, Source
from relaywatch.notify import LoginRefusedError, PermanentError, Sender, SendError, TemporaryError, next_try, smtp
from relaywatch.notify.refusals import Refusal, Whom

ONCALL, OWNER = "oncall@shop.example", "owner@shop.example"
MAIL = b"From: relaywatch@shop.example\r\nMessage-ID: <w1@shop.example>\r\nSubject: 1 h left\r\n\r\nDue.\r\n"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(smtp, "_WAIT_SECONDS", (0.01, 0.02))


@pytest.fixture
def lab():
    with SmtpLab() as running:
        yield running


def settings(lab, **changes) -> Smtp:
    values = {
        "host": lab.host,
        "port": lab.port,
        "security": "none",
        "username": None,
        "secret": None,
        "sender": "relaywatch@shop.example",
    }
    return Smtp(**{**values, **changes})


def login(password: str = PASSWORD) -> dict:
    return {"username": USERNAME, "secret": Secret(Source.PLAIN, password)}


@asynccontextmanager
async def sending(lab, **changes):
    sender = Sender(settings(lab, **changes), tls=client_tls() if changes.get("security") else None)
    try:
        yield sender
    finally:
        await sender.aclose()


class Began:
    """An on_data that counts."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1


async def test_a_message_arrives_as_it_was_given(lab):
    began = Began()
    body = MAIL + b".\r\n..two dots\r\nlast"
    async with sending(lab) as sender:
        said = await sender.send(body, ONCALL, on_data=began)
    (mail,) = lab.accepted
    assert (mail.recipient, mail.sender) == (ONCALL, "relaywatch@shop.example")
    assert mail.raw == body + b"\r\n"
    assert (said, began.times) == ("2.0.0 Ok: queued as 1", 1)


async def test_a_burst_shares_one_connection_and_is_quick(lab):
    started = time.monotonic()
    async with sending(lab) as sender:
        await asyncio.gather(*(sender.send(MAIL, f"person{n}@shop.example") for n in range(200)))
    assert len({mail.recipient for mail in lab.accepted}) == 200
    assert lab.connections == 1
    assert time.monotonic() - started < 20


async def test_an_idle_connection_is_left_and_made_anew(lab, monkeypatch):
    monkeypatch.setattr(smtp, "_IDLE_SECONDS", 0.05)
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
        await asyncio.sleep(0.3)
        assert sender._client is None
        await sender.send(MAIL, ONCALL)
    assert [mail.connection for mail in lab.accepted] == [1, 2]


async def test_a_connection_that_the_server_dropped_meanwhile_is_made_anew(lab):
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
        lab.down()
        lab.up()
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 2


async def test_that_there_is_no_such_mailbox_is_permanent_and_keeps_its_code(lab):
    lab.faults.rcpt = "550 5.1.1 no such user"
    async with sending(lab) as sender:
        with pytest.raises(PermanentError, match=r"^127\.0\.0\.1:\d+: 550 5\.1\.1 no such user \(to the rec") as failed:
            await sender.send(MAIL, ONCALL)
    assert (failed.value.code, failed.value.data_began, lab.connections) == (550, False, 1)


@pytest.mark.parametrize("where", ["rcpt", "data_command", "data"])
async def test_another_5yz_reply_gives_nothing_up_and_keeps_its_code(lab, where):
    setattr(lab.faults, where, "554 5.7.1 not here")
    began = Began()
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match=r"^127\.0\.0\.1:\d+: 554 5\.7\.1 not here \(to ") as failed:
            await sender.send(MAIL, ONCALL, on_data=began)
    assert (failed.value.code, failed.value.data_began) == (554, where == "data")
    assert began.times == (where == "data")
    assert not lab.accepted


async def test_a_refused_sender_gives_no_warning_up(lab):
    lab.faults.mail = "550 5.7.1 not yours to use"
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match=r"550 5\.7\.1 not yours to use \(to the sender relaywatch@") as failed:
            await sender.send(MAIL, ONCALL)
        assert (failed.value.code, failed.value.particular, lab.connections) == (550, False, 1)
        lab.faults.clear()
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


@pytest.mark.parametrize(
    ("where", "reply", "particular"),
    [
        ("rcpt", "450 4.2.1 mailbox busy", True),
        ("data", "452 4.3.1 no room", True),
        ("rcpt", "550 5.1.1 no such user", True),
        ("rcpt", "421 4.3.2 closing", False),
        ("mail", "451 4.3.0 try later", False),
    ],
)
async def test_what_is_said_of_one_mail_is_told_from_what_is_said_of_the_server(lab, where, reply, particular):
    setattr(lab.faults, where, reply)
    async with sending(lab) as sender:
        with pytest.raises(SendError) as failed:
            await sender.send(MAIL, ONCALL)
    assert failed.value.particular == particular


@pytest.mark.parametrize("where", ["mail", "rcpt", "data_command"])
async def test_a_4yz_reply_before_the_message_is_tried_again_at_once(lab, where):
    setattr(lab.faults, where, "451 4.3.0 try later")
    lab.faults.times = 2
    began = Began()
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL, on_data=began)
    assert (len(lab.accepted), began.times) == (1, 1)


async def test_after_three_attempts_the_caller_is_told(lab):
    lab.faults.rcpt = "450 4.2.1 mailbox busy"
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match=r"450 4\.2\.1 mailbox busy \(to the recipient oncall@") as failed:
            await sender.send(MAIL, ONCALL)
    assert (failed.value.code, failed.value.data_began) == (450, False)
    assert lab.connections == 3


async def test_a_4yz_reply_to_the_message_is_not_tried_again_here(lab):
    lab.faults.data = "452 4.3.1 no room"
    lab.faults.times = 1
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError) as failed:
            await sender.send(MAIL, ONCALL)
        assert (failed.value.code, failed.value.data_began) == (452, True)
        assert not lab.accepted
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_one_refused_recipient_does_not_touch_the_others(lab):
    lab.faults.recipients = {OWNER: "550 5.1.1 no such user"}
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
        with pytest.raises(PermanentError, match="no such user"):
            await sender.send(MAIL, OWNER)
        await sender.send(MAIL, "second@shop.example")
    assert [mail.recipient for mail in lab.accepted] == [ONCALL, "second@shop.example"]


@pytest.mark.parametrize("where", ["connect", "mail"])
async def test_a_drop_before_the_message_is_tried_again(lab, where):
    lab.faults.drop = where
    lab.faults.times = 2
    began = Began()
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL, on_data=began)
    assert (len(lab.accepted), began.times) == (1, 1)


@pytest.mark.parametrize(("where", "accepted"), [("before_dot", 0), ("after_dot", 1)])
async def test_a_drop_after_data_began_leaves_it_open(lab, where, accepted):
    lab.faults.drop = where
    began = Began()
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match="may have been accepted") as failed:
            await sender.send(MAIL, ONCALL, on_data=began)
    assert (failed.value.code, failed.value.data_began, began.times) == (None, True, 1)
    assert len(lab.accepted) == accepted


async def test_no_answer_to_the_final_dot_in_time_leaves_it_open(lab, monkeypatch):
    monkeypatch.setattr(smtp, "FINAL_DOT_SECONDS", 0.2)
    lab.faults.delay = 30
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match="does not answer in time") as failed:
            await sender.send(MAIL, ONCALL)
    assert failed.value.data_began


async def test_a_slow_answer_to_the_final_dot_is_waited_for(lab, monkeypatch):
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 0.2)
    lab.faults.delay = 0.5
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_a_cancelled_send_closes_its_connection(lab):
    lab.faults.delay = 30
    began = asyncio.Event()

    async def on_data() -> None:
        began.set()

    async with sending(lab) as sender:
        task = asyncio.create_task(sender.send(MAIL, ONCALL, on_data=on_data))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert sender._client is None
        lab.faults.clear()
        await sender.send(MAIL, ONCALL)
    assert lab.accepted[-1].connection == 2


async def test_what_on_data_raises_ends_the_send_with_nothing_accepted(lab):
    async def cannot_write() -> None:
        raise RuntimeError("database is read-only")

    async with sending(lab) as sender:
        with pytest.raises(RuntimeError, match="read-only"):
            await sender.send(MAIL, ONCALL, on_data=cannot_write)
        assert not lab.accepted
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_an_outage_is_one_clear_line_and_over_when_it_is_over(lab):
    lab.down()
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match=r"^127\.0\.0\.1:\d+: nothing listens there") as failed:
            await sender.send(MAIL, ONCALL)
        assert not failed.value.data_began
        lab.up()
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


@pytest.mark.parametrize("recipient", ["a@b.example>\r\nRCPT TO:<x@y.example", "two words@b.example", "münz@b.example"])
async def test_an_address_that_smtp_cannot_carry_is_permanent(lab, recipient):
    async with sending(lab) as sender:
        with pytest.raises(PermanentError, match="cannot be written as an SMTP address") as failed:
            await sender.send(MAIL, recipient)
    assert "\n" not in str(failed.value)
    assert not lab.accepted


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
async def test_logging_in(security):
    with SmtpLab(tls="" if security == "none" else security, login=True) as lab:
        async with sending(lab, security=security, **login()) as sender:
            await sender.check()
            await sender.send(MAIL, ONCALL)
        assert lab.accepted[0].user == USERNAME
        assert lab.logins == [("PLAIN", True)] * 2


async def test_a_refused_login_is_tried_once_and_tells_no_secret():
    wrong = "Wrong-kiln-9"
    with SmtpLab(tls="starttls", login=True) as lab:
        lab.faults.auth = f"535 5.7.8 {wrong} is not the password"
        async with sending(lab, security="starttls", **login(wrong)) as sender:
            with pytest.raises(LoginRefusedError, match=f"the login {USERNAME} was refused") as failed:
                await sender.send(MAIL, ONCALL)
            with pytest.raises(LoginRefusedError):
                await sender.check()
        assert failed.value.code == 535
        assert wrong not in str(failed.value)
        assert lab.logins == [("PLAIN", False)] * 2


async def test_a_login_that_fails_for_now_is_temporary():
    with SmtpLab(tls="starttls", login=True) as lab:
        lab.faults.auth = "454 4.7.0 try again"
        async with sending(lab, security="starttls", **login()) as sender:
            with pytest.raises(TemporaryError, match=r"454 4\.7\.0") as failed:
                await sender.check()
        assert failed.value.code == 454


async def test_a_password_that_cannot_be_read_is_no_login(tmp_path):
    with SmtpLab(login=True) as lab:
        secret = Secret(Source.FILE, str(tmp_path / "gone"))
        async with sending(lab, username=USERNAME, secret=secret) as sender:
            with pytest.raises(LoginRefusedError, match=r"cannot log in: password file .*gone cannot be read"):
                await sender.send(MAIL, ONCALL)


async def test_a_server_that_wants_a_login_says_so():
    with SmtpLab(login=True) as lab:
        async with sending(lab) as sender:
            with pytest.raises(LoginRefusedError, match="the server wants a login") as failed:
                await sender.send(MAIL, ONCALL)
        assert failed.value.code == 530


async def test_a_server_without_logins_says_so(lab):
    async with sending(lab, **login()) as sender:
        with pytest.raises(LoginRefusedError, match="offers no login"):
            await sender.send(MAIL, ONCALL)


@pytest.mark.parametrize("tls", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ("expired", "has expired"),
        ("other_host", "is for another name"),
        ("unknown_authority", "of an unknown authority"),
    ],
)
async def test_a_bad_certificate_is_refused_with_its_reason(tls, certificate, says):
    with SmtpLab(tls=tls, certificate=certificate) as lab:
        async with sending(lab, security=tls) as sender:
            with pytest.raises(TemporaryError, match=rf"^localhost:\d+: its certificate .*{says}"):
                await sender.check()


@pytest.mark.parametrize(
    ("offered", "security", "says"),
    [
        ("", "starttls", "it offers no STARTTLS"),
        ("", "tls", "no TLS is spoken on this port"),
        ("tls", "starttls", "no SMTP greeting comes"),
    ],
)
async def test_a_wrong_security_setting_is_named(monkeypatch, offered, security, says):
    monkeypatch.setattr(smtp, "CHECK_SECONDS", 0.3)
    with SmtpLab(tls=offered) as lab:
        async with sending(lab, security=security) as sender:
            with pytest.raises(TemporaryError, match=says):
                await sender.check()


async def test_a_name_that_does_not_exist_is_named(lab):
    async with sending(lab, host="smtp.shop.invalid") as sender:
        with pytest.raises(TemporaryError, match=r"^smtp\.shop\.invalid:\d+: its name cannot be resolved"):
            await sender.check()


async def test_check_leaves_no_mail(lab):
    async with sending(lab) as sender:
        await sender.check()
    assert (lab.connections, lab.accepted) == (1, [])


@pytest.mark.parametrize(("attempts", "most"), [(0, 2), (1, 2), (2, 5), (3, 10), (4, 20), (5, 30), (6, 60), (999, 60)])
def test_waiting_grows_to_a_minute_and_jitters(attempts, most):
    waits = [next_try(attempts).total_seconds() for _ in range(50)]
    assert most * 0.8 <= min(waits) < max(waits) <= most


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (TemporaryError("", code=450), (2, 5, 10, 20, 30, 60, 60, 60, 60)),
        (TemporaryError("", code=550), (2, 5, 10, 20, 30, 60, 120, 300, 300)),
        (TemporaryError("", code=550, refusal=Refusal(Whom.US, limit=True)), (60, 120, 300, 300)),
        (LoginRefusedError("", code=535), (60, 120, 300, 300)),
    ],
)
def test_what_somebody_must_mend_is_asked_for_less_often(error, waits):
    for times, most in enumerate(waits, 1):
        assert most * 0.8 <= next_try(times, error).total_seconds() <= most


# -- what is about us, and will be mended ------------------------------------------------------------------------

NOT_OWNED = "553 5.7.1 <relaywatch@shop.example>: Sender address rejected: not owned by user care@shop.example"


@pytest.mark.parametrize(
    ("where", "reply"),
    [
        ("rcpt", NOT_OWNED),
        ("rcpt", "550 5.1.8 <relaywatch@shop.example>: Sender address rejected: Domain not found"),
        ("rcpt", "504 5.5.2 <kiln>: Helo command rejected: need fully-qualified hostname"),
        ("rcpt", "550 5.4.5 Daily user sending limit exceeded."),
        ("data", "550 5.4.5 Daily user sending limit exceeded."),
        ("greeting", "554 5.7.1 your address is listed"),
    ],
)
async def test_a_refusal_of_us_gives_no_warning_up(lab, where, reply):
    setattr(lab.faults, where, reply)
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError) as failed:
            await sender.send(MAIL, ONCALL)
        assert reply in str(failed.value)
        assert (failed.value.particular, lab.connections) == (False, 1)
        lab.faults.clear()
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_a_limit_is_told_in_its_own_words_and_not_tried_at_once(lab):
    lab.faults.rcpt = "450 4.7.1 Error: too much mail from 192.0.2.7"
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match="more was sent than it allows; what waits leaves by itself") as failed:
            await sender.send(MAIL, ONCALL)
    assert (failed.value.limit, lab.connections) == (True, 1)


async def test_a_limit_at_the_login_is_no_wrong_password():
    with SmtpLab(tls="starttls", login=True) as lab:
        lab.faults.auth = "550 5.4.5 Daily sending quota exceeded"
        async with sending(lab, security="starttls", **login()) as sender:
            with pytest.raises(TemporaryError) as failed:
                await sender.send(MAIL, ONCALL)
    assert failed.value.limit


@pytest.mark.parametrize("reply", ["550 go away", "504 need fully-qualified hostname", "450 4.7.1 not now", "502 no"])
async def test_a_refused_greeting_is_tried_with_our_other_names(lab, reply):
    """RFC 5321 4.1.4: a name, or the literal of the address; whichever the server takes."""
    lab.faults.names = {"": reply, "shop.example": ""}
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
        await sender.aclose()
        await sender.send(MAIL, ONCALL)
    assert "[127.0.0.1]" in lab.names
    assert len(lab.accepted) == 2


async def test_a_server_that_knows_no_ehlo_is_greeted_with_helo(lab, monkeypatch):
    async def unknown(server, hostname):  # noqa: ARG001 - aiosmtpd's
        await server.push("502 5.5.1 command not implemented")

    monkeypatch.setattr(lab_smtp._Server, "smtp_EHLO", unknown)
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_names_that_are_all_refused_give_no_warning_up(lab):
    lab.faults.names = {"": "550 5.7.1 who are you"}
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match=r"550 5\.7\.1 who are you") as failed:
            await sender.send(MAIL, ONCALL)
        assert not failed.value.particular
        with pytest.raises(TemporaryError, match=r"550 5\.7\.1 who are you"):
            await sender.check()


async def test_a_name_that_is_refused_only_at_rcpt_is_changed_for_the_next_try(lab):
    """Postfix, `smtpd_delay_reject`: EHLO is taken, and held against us later."""
    lab.faults.names_at_rcpt = {
        "": "504 5.5.2 Helo command rejected: need fully-qualified hostname",
        "shop.example": "",
    }
    async with sending(lab) as sender:
        for _ in range(2):
            with contextlib.suppress(TemporaryError):
                await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_a_slow_greeting_is_waited_for(lab, monkeypatch):
    """RFC 5321 4.5.3.2.1: five minutes. What reaching it may take says nothing of that."""
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.5)
    assert smtp.GREETING_SECONDS >= 300
    lab.faults.greeting_delay = 1.5
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
    assert (len(lab.accepted), lab.connections) == (1, 1)


async def test_a_server_that_is_slow_at_every_step_is_not_waited_for_for_ever(lab, monkeypatch):
    monkeypatch.setattr(smtp, "BEFORE_DATA_SECONDS", 0.3)
    monkeypatch.setattr(smtp, "_ATTEMPTS", 1)
    lab.faults.greeting_delay = 2
    async with sending(lab) as sender:
        with pytest.raises(TemporaryError, match="it does not answer in time"):
            await sender.send(MAIL, ONCALL)


@pytest.fixture
def dead():
    """An address that answers nothing, not even that nobody listens: its queue is full."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.2", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()


async def test_a_dead_address_before_a_living_one_costs_a_moment(lab, monkeypatch, dead):
    """RFC 8305: a dead IPv6 address, here a dead one of IPv4, for no machine lacks that."""
    living = (lab.host, lab.port)

    async def both(*_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (dead, living)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 5.0)
    started = time.monotonic()
    async with sending(lab) as sender:
        await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1
    assert time.monotonic() - started < 3


async def test_an_address_that_refuses_us_leaves_the_next_try_to_another(lab, monkeypatch):
    """Gmail takes on IPv4 what it refuses on an IPv6 address without a name."""
    with SmtpLab() as strict:
        strict.faults.mail = "550 5.7.1 this address has no PTR record"

        async def both(*_, **__):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (server.host, server.port)) for server in (strict, lab)]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
        async with sending(lab) as sender:
            with pytest.raises(TemporaryError, match="no PTR"):
                await sender.send(MAIL, ONCALL)
            await sender.send(MAIL, ONCALL)
    assert len(lab.accepted) == 1


async def test_a_sender_that_smtp_cannot_carry_gives_no_warning_up(lab):
    async with sending(lab, sender="münz@shop.example") as sender:
        with pytest.raises(TemporaryError, match=r"^the sender .* cannot be written"):
            await sender.send(MAIL, ONCALL)


async def test_check_asks_as_far_as_each_recipient_and_leaves_no_mail(lab):
    lab.faults.recipients = {OWNER: "550 5.1.1 no such user"}
    async with sending(lab) as sender:
        (refused,) = await sender.check([ONCALL, OWNER, "second@shop.example"])
    assert "no such user (to the recipient owner@shop.example)" in str(refused)
    assert (lab.asked, lab.accepted) == ([ONCALL, OWNER, "second@shop.example"], [])
