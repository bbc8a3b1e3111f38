"""How problems are worded: what was found, and what was meant, without ever showing a secret."""

import ipaddress
import json
import re
from collections.abc import Iterable
from datetime import date, time
from difflib import get_close_matches

_SHOWN = 60  # characters of a value
_USERINFO = re.compile(r"//[^/@]{0,200}@")
_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def found(value: object) -> str:
    """Return a value of a TOML file as a person recognises it: a line, bounded, printable, no credentials."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(_USERINFO.sub("//…@", value))
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "a table" if isinstance(value, dict) else _short(str(value))


def key_path(parts: Iterable[str | int]) -> str:
    """Return `mailbox[1].port`: names joined by dots, places in a list from 0, odd names in quotes."""
    path = ""
    for part in parts:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            name = part if _BARE.fullmatch(part) else _quoted(part)
            path += f".{name}" if path else name
    return path


def one_of(known: Iterable[str], wrong: str | None = None) -> str:
    """Return `one of a, b, c`, with a hint if what was written looks like one of them."""
    names = sorted(known)
    hint = get_close_matches(wrong[:_SHOWN], names, n=1, cutoff=0.6) if wrong else []
    return f"one of {', '.join(names)}" + (f' (did you mean "{hint[0]}"?)' if hint else "")


def _quoted(text: str) -> str:
    plain = json.dumps(_short(text), ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in plain)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def goes_in_clear(security: object, host: str) -> bool:
    """Whether what is said to a host can be read on the way: no TLS, and the host is another machine."""
    if security != "none":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        name = host.lower().removesuffix(".")
        return name != "localhost" and not name.endswith(".localhost")  # RFC 6761 6.3
