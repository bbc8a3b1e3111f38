"""Refusals of us, and servers that are slow or half dead: no warning is given up for what will be mended."""

import asyncio
import contextlib
import socket
import time

import lab_smtp
import pytest
from lab_sending import MAIL, ONCALL, OWNER, login, sending
from lab_smtp import SmtpLab

from relaywatch.notify import smtp
from relaywatch.notify.errors import TemporaryError

pytestmark = pytest.mark.usefixtures("_soon_again")


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
