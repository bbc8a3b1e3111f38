"""Sending, against a real SMTP server that fails as it is told."""

import asyncio
import time

import pytest
from lab_sending import MAIL, ONCALL, OWNER, Began, login, sending
from lab_smtp import USERNAME, SmtpLab

from relaywatch.config.secrets import Secret, Source
from relaywatch.notify import PermanentError, SendError, next_try, smtp
from relaywatch.notify.errors import SmtpLoginError, TemporaryError
from relaywatch.notify.refusals import Refusal, Whom

pytestmark = pytest.mark.usefixtures("_soon_again")


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
            with pytest.raises(SmtpLoginError, match=f"the login {USERNAME} was refused") as failed:
                await sender.send(MAIL, ONCALL)
            with pytest.raises(SmtpLoginError):
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
            with pytest.raises(SmtpLoginError, match=r"cannot log in: password file .*gone cannot be read"):
                await sender.send(MAIL, ONCALL)


async def test_a_server_that_wants_a_login_says_so():
    with SmtpLab(login=True) as lab:
        async with sending(lab) as sender:
            with pytest.raises(SmtpLoginError, match="the server wants a login") as failed:
                await sender.send(MAIL, ONCALL)
        assert failed.value.code == 530


async def test_a_server_without_logins_says_so(lab):
    async with sending(lab, **login()) as sender:
        with pytest.raises(SmtpLoginError, match="offers no login"):
            await sender.send(MAIL, ONCALL)


@pytest.mark.parametrize("tls", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        ("expired", "has expired"),
        ("other_host", "is for another name"),
        ("unknown_authority", "from an unknown authority"),
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
        ("", "tls", "it does not speak TLS on this port"),
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
        (SmtpLoginError("", code=535), (60, 120, 300, 300)),
    ],
)
def test_what_somebody_must_mend_is_asked_for_less_often(error, waits):
    for times, most in enumerate(waits, 1):
        assert most * 0.8 <= next_try(times, error).total_seconds() <= most
