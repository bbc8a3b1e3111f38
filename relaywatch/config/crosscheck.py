"""Mistakes that only several keys together make: two passwords, two mailboxes of one name, unfit ladders.

These look at the raw tables of one file and pass over whatever is wrong by itself, so that both sorts of
problem are told at once.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from relaywatch.config.durations import duration_text, parse_duration
from relaywatch.config.secrets import Source
from relaywatch.config.shape import found, goes_in_clear, key_path
from relaywatch.core.policy import WALMART_CANADA, Kind

_SOURCES = tuple(source.value for source in Source)
_Table = Mapping[str, Any]


def account_problems(raw: _Table) -> Iterator[str]:
    """Yield the problems of one file's mailboxes and policy."""
    boxes = _tables(raw, "mailbox")
    walmart = raw.get("walmart")
    trusted = isinstance(walmart, dict) and walmart.get("authserv_ids")
    for index, box in boxes.items():
        yield from _secret_problems(box, ("mailbox", index), needed=True)
        yield from _clear_problems(box, ("mailbox", index))
        if box.get("role") == "sent" and box.get("addresses"):
            yield _problem(("mailbox", index, "addresses"), "a table", "none with role sent")
        if box.get("role") == "sent" and box.get("rescue") is True:
            yield _problem(("mailbox", index, "rescue"), "true", "false with role sent")
        elif box.get("rescue") is True and not trusted:
            why = (
                "walmart.authserv_ids too: only what passed authentication is moved (`relaywatch check` proposes them)"
            )
            yield _problem(("mailbox", index, "rescue"), "true", why)
    yield from _repeated(boxes, ("name",), "a name of its own")
    yield from _repeated(boxes, ("address", "role"), "an address of its own, or another role")
    if boxes and all(box.get("role") == "sent" for box in boxes.values()):
        yield "mailbox: found only mailboxes of role sent, expected one of role care or complaint"
    policy = raw.get("policy")
    if isinstance(policy, dict):
        yield from _ladder_problems(policy)
        yield from _version_problems(policy)


def smtp_problems(raw: _Table) -> Iterator[str]:
    """Yield what is wrong with the login of the mail server."""
    smtp = raw.get("smtp")
    if not isinstance(smtp, dict):
        return
    yield from _secret_problems(smtp, ("smtp",), needed=False)
    given = any(key in smtp for key in (*_SOURCES, "oauth2"))
    if "username" in smtp and not given:
        yield _problem(("smtp", "username"), "a name without a password", _one_source())
    if given and "username" not in smtp:
        yield _problem(("smtp", "username"), "nothing", "the name that the password is for")
    if "username" in smtp or given:
        yield from _clear_problems(smtp, ("smtp",))


def main_problems(raw: _Table) -> Iterator[str]:
    """Yield the problems of the main file that its accounts' files cannot have, beside `account_problems`."""
    yield from smtp_problems(raw)
    service = raw.get("service")
    many = isinstance(service, dict) and "accounts" in service
    if "mailbox" in raw and raw["mailbox"] != []:
        return
    if not many:
        yield "mailbox: found nothing, expected at least one [[mailbox]], or service.accounts"
        return
    for table in ("seller", "walmart", "policy"):
        if table in raw:
            yield f"{table}: found a table, expected none without [[mailbox]]: an account's file has its own"


def notify_problems(raw: _Table, inherited: bool) -> Iterator[str]:
    """Yield a problem if a file with mailboxes says nobody to tell, in itself or in the main file."""
    if raw.get("mailbox") and "notify" not in raw and not inherited:
        yield "notify: found nothing, expected a table [notify]: who gets every warning"


def _problem(path: tuple[str | int, ...], what: str, expected: str) -> str:
    return f"{key_path(path)}: found {what}, expected {expected}"


def _tables(raw: _Table, key: str) -> dict[int, _Table]:
    entries = raw.get(key)
    if not isinstance(entries, list):
        return {}
    return {index: entry for index, entry in enumerate(entries) if isinstance(entry, dict)}


def _one_source() -> str:
    return f"one of {', '.join(_SOURCES)}"


def _secret_problems(table: _Table, path: tuple[str | int, ...], *, needed: bool) -> Iterator[str]:
    given = [source for source in _SOURCES if source in table]
    for extra in given[1:]:
        yield _problem((*path, extra), f"a second password beside {given[0]}", f"only {_one_source()}")
    if needed and not given and "oauth2" not in table:
        yield _problem((*path, "password"), "nothing", _one_source())


def _clear_problems(table: _Table, path: tuple[str | int, ...]) -> Iterator[str]:
    """Yield a problem if a password would go over a network for all to read, and nobody said that it may."""
    host = table.get("host")
    if isinstance(host, str) and goes_in_clear(table.get("security"), host) and table.get("insecure") is not True:
        what = f'"none" to {found(host)}, where the password goes in clear'
        yield _problem((*path, "security"), what, "tls, starttls, or insecure = true beside it")


def _repeated(boxes: dict[int, _Table], keys: tuple[str, ...], expected: str) -> Iterator[str]:
    seen: dict[tuple[str, ...], int] = {}
    for index, box in boxes.items():
        values = [box.get(key) for key in keys]
        if not all(isinstance(value, str) for value in values):
            continue
        identity = tuple(str(value).lower() for value in values)
        if identity in seen:
            first = key_path(("mailbox", seen[identity]))
            yield _problem(("mailbox", index, keys[0]), f"{found(values[0])} again, as in {first}", expected)
        seen.setdefault(identity, index)


def _ladder_problems(policy: _Table) -> Iterator[str]:
    ladders = policy.get("warn_before")
    if not isinstance(ladders, dict):
        return
    for kind in Kind:
        steps = ladders.get(kind.value)
        if not isinstance(steps, list):
            continue
        limit = _longest(policy, kind)
        last: timedelta | None = None
        for index, step in enumerate(steps):
            path = ("policy", "warn_before", kind.value, index)
            duration = _duration(step)
            if duration is None:
                continue
            if limit is not None and duration >= limit:
                within = f"less than the {duration_text(limit)} that policy.{kind.value} gives"
                yield _problem(path, found(step), within)
            if last is not None and duration >= last:
                yield _problem(path, found(step), "the steps longest first, each once")
            last = duration


def _longest(policy: _Table, kind: Kind) -> timedelta | None:
    """Return the longest that any version gives a kind; None where one of them is wrong by itself."""
    tables = [policy, *_tables(policy, "version").values()]
    written = [_duration(table[kind.value]) for table in tables if kind.value in table]
    if kind.value not in policy:
        written.append(WALMART_CANADA.reply[kind])
    durations = [duration for duration in written if duration is not None]
    return max(durations) if len(durations) == len(written) else None


def _duration(value: object) -> timedelta | None:
    try:
        return parse_duration(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _version_problems(policy: _Table) -> Iterator[str]:
    last: str | None = None
    for index, version in _tables(policy, "version").items():
        path = ("policy", "version", index)
        if set(version) == {"from"}:
            yield _problem(path, "a version that changes nothing", "a duration in it")
        since = version.get("from")
        if not isinstance(since, date):
            continue
        day = (since.date() if isinstance(since, datetime) else since).isoformat()
        if last is not None and day <= last:
            yield _problem((*path, "from"), found(since), f"a day after {last}: versions in order of time")
        last = day
