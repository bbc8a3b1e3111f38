"""The kinds of single values that a configuration has, as pydantic types.

Each is a plain function from what TOML gave to what the program uses. Where that cannot be done it says what
was expected; `problems.py` puts it beside what was found.
"""

import ipaddress
import re
import shlex
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from relaywatch.config.durations import duration_text, parse_duration
from relaywatch.config.shape import one_of
from relaywatch.core.policy import Step

EXPECTED = "expected"  # the type of the errors raised here; their text is what was expected

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")  # RFC 5321 4.1.2, dot-string
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
_MAX_TEXT = 1000
_MAX_HOST = 253  # RFC 1035 2.3.4
_LAST_PORT = 65535
_YEARS = range(2000, 2101)  # outside them a date is a slip of the pen


def wrong(expected: str) -> PydanticCustomError:
    """Return the error that says what a value should have been."""
    return PydanticCustomError(EXPECTED, "{text}", {"text": expected})


def _text(value: object, expected: str = "text") -> str:
    if not isinstance(value, str):
        raise wrong(f"{expected} in quotes" if expected == "text" else expected)
    if not value.strip() or len(value) > _MAX_TEXT:
        raise wrong(f"{expected} of 1 to {_MAX_TEXT} characters" if expected == "text" else expected)
    if not value.isprintable():  # CR, LF and NUL would become commands of SMTP or IMAP
        raise wrong(f"{expected} without line breaks or control characters")
    return value


def _names(value: object) -> list[str]:
    """Return one name or several as a list."""
    names = value if isinstance(value, list) else [value]
    if not names:
        raise wrong("a name, or a list of at least one")
    return [_text(name) for name in names]


def _secret(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise wrong("text in quotes")
    if re.search(r"[\x00\r\n]", value):
        raise wrong("one line")
    return value


def _command(value: object) -> str:
    text = _text(value, "a command line")
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words:
        raise wrong("a command line with its quotes closed")
    return text


def _variable(value: object) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise wrong("the name of an environment variable")
    return value


def _domain(value: object, expected: str = "a domain name") -> str:
    text = _text(value, expected).lower().removesuffix(".")
    if len(text) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in text.split(".")):
        raise wrong(expected)
    return text


def _host(value: object) -> str:
    text = _text(value, "a host name or an IP address")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return _domain(text, "a host name or an IP address")


def _port(value: object) -> int:
    if type(value) is not int or not 0 < value <= _LAST_PORT:
        raise wrong(f"a port number from 1 to {_LAST_PORT}")
    return value


def _email(value: object) -> str:
    expected = "an e-mail address such as care@shop.example"
    local, at, host = _text(value, expected).rpartition("@")
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if not at or not _LOCAL.fullmatch(local) or dots or "." not in host:
        raise wrong(expected)
    return f"{local}@{_domain(host, expected)}"


def _timezone(value: object) -> ZoneInfo:
    expected = "a time zone such as America/Toronto"
    text = _text(value, expected)
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        hint = one_of(available_timezones(), text).partition(" (did you mean")[1:]
        raise wrong(expected + "".join(hint)) from None


def _duration(value: object, least: timedelta, most: timedelta) -> timedelta:
    try:
        duration = parse_duration(value if isinstance(value, str) else "")
    except ValueError as error:
        raise wrong(str(error)) from None
    if not least <= duration <= most:
        raise wrong(f"a duration from {duration_text(least)} to {duration_text(most)}")
    return duration


def _between(least: str, most: str) -> PlainValidator:
    low, high = parse_duration(least), parse_duration(most)
    return PlainValidator(lambda value: _duration(value, low, high))


def _step(value: object) -> Step:
    duration = _duration(value, timedelta(seconds=1), timedelta(days=3650))
    return Step(str(value), duration)


def _day(value: object) -> date:
    """Return a day as it is, or a moment with its zone in UTC."""
    expected = "a date such as 2026-07-01 without quotes"
    if not isinstance(value, date) or value.year not in _YEARS:
        raise wrong(expected)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise wrong(f"{expected}, or a time with its zone")
        return value.astimezone(UTC)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong("true or false")
    return value


Text = Annotated[str, PlainValidator(_text)]
Names = Annotated[list[str], PlainValidator(_names)]
SecretText = Annotated[str, PlainValidator(_secret)]
Command = Annotated[str, PlainValidator(_command)]
Variable = Annotated[str, PlainValidator(_variable)]
Domain = Annotated[str, PlainValidator(_domain)]
Host = Annotated[str, PlainValidator(_host)]
Port = Annotated[int, PlainValidator(_port)]
Email = Annotated[str, PlainValidator(_email)]
TimeZone = Annotated[ZoneInfo, PlainValidator(_timezone)]
LadderStep = Annotated[Step, PlainValidator(_step)]
Day = Annotated[date, PlainValidator(_day)]
Flag = Annotated[bool, PlainValidator(_flag)]
Term = Annotated[timedelta, _between("1s", "3650d")]  # policy durations
Keep = Annotated[timedelta, _between("1d", "36500d")]
Lookback = Annotated[timedelta, _between("1s", "3650d")]
Poll = Annotated[timedelta, _between("1s", "1h")]  # with a one-hour clock, more would be blindness
SelfTest = Annotated[timedelta, _between("1h", "30d")]
Blind = Annotated[timedelta, _between("1s", "1d")]
