"""Sending a mail through a Sender as tests do: to SmtpLab, with or without a login."""

from contextlib import asynccontextmanager

from lab_smtp import PASSWORD, USERNAME, client_tls

from relaywatch.config import Smtp
from relaywatch.config.secrets import Secret, Source
from relaywatch.notify import Sender

ONCALL, OWNER = "oncall@shop.example", "owner@shop.example"
MAIL = b"From: relaywatch@shop.example\r\nMessage-ID: <w1@shop.example>\r\nSubject: 1 h left\r\n\r\nDue.\r\n"


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
