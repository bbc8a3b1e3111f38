"""Whether stored judgements still hold: a digest over everything that judging depends on beside the mail."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from relaywatch.config.settings import Account
from relaywatch.core.language.once import ByIdentity
from relaywatch.core.language.rules import Rules


def fingerprint(account: Account, rules: Rules) -> str:
    """Return a hex digest over an account's parties and policy, the rules, and the program's version.

    It is the same in every process and whatever order sets and tables come in; where it differs, an account's
    conversations are judged again.
    """
    own = _canonical([_version(), account.parties, account.policy])
    return sha256(f"{own[:-1]},{_of_rules(ByIdentity(rules))}]".encode()).hexdigest()


@lru_cache(maxsize=1)  # thousands of words, and the same for every account
def _of_rules(rules: ByIdentity) -> str:
    return _canonical(rules.rules.tables)


def _canonical(value: object) -> str:
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"))


@cache
def _version() -> str:
    try:
        return version("relaywatch")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return ""


def _plain(value: object) -> object:  # noqa: PLR0911 - one return for each kind of value
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(_plain(inner)) for inner in value)
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        given = (item.name for item in fields(value) if item.init)  # what is made of them tells nothing more
        return {name: _plain(getattr(value, name)) for name in given}
    raise TypeError(f"no plain form for {type(value).__name__}")
