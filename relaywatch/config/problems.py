"""Problems of single values: pydantic's errors in the operator's words.

Every line is `key.path[0].x: found …, expected …`. Places in a list count from 0: `mailbox[1]` is the second
one. What a secret key holds is never shown, nor what stands under a key that nobody knows.
"""

import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from relaywatch.config.shape import found, key_path, one_of
from relaywatch.config.values import EXPECTED

_REQUIRED = {
    "smtp": "a table [smtp]: where warnings leave",
    "host": "a host name",
    "smtp.from": "the e-mail address that warnings come from",
    "version.from": "a date such as 2026-07-01 without quotes",
    "to": "a list of e-mail addresses that get every warning",
    "name": "a name for the mailbox",
    "role": "one of care, complaint, sent",
    "address": "the mailbox's e-mail address",
    "username": "the name to log in with",
}
_TYPES = {
    "list_type": "a list",
    "too_short": "at least one",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
}
_NOT_BUILT = {("smtp", "oauth2"), ("mailbox", "oauth2"), ("notify", "urls")}
_HIDDEN = re.compile(r"passw|secret|token|oauth|urls|credential", re.IGNORECASE)


_Model = TypeVar("_Model", bound=BaseModel)


def check(model: type[_Model], data: Mapping[str, Any], problems: list[str]) -> _Model | None:
    """Return the tables of a file; where values are wrong, add a line each to `problems`, return None."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems += [_line(model, detail) for detail in error.errors(include_url=False)]
        return None


def shown(path: Sequence[str | int], value: object) -> str:
    """Return a value for a problem's line, unless one of its keys says that it is secret."""
    if any(isinstance(part, str) and _HIDDEN.search(part) for part in path):
        return "a value that is not shown"
    return found(value)


def _line(model: type[BaseModel], detail: ErrorDetails) -> str:
    path, kind = detail["loc"], detail["type"]
    where = key_path(path)
    names = tuple(part for part in path if isinstance(part, str))
    last = names[-1] if names else ""
    if kind == "extra_forbidden":
        if names[-2:] in _NOT_BUILT:
            return f"{where}: found a key that is not built yet, expected none"
        return f"{where}: found an unknown key, expected {one_of(_keys(model, names[:-1]), last)}"
    if kind == "missing":
        return f"{where}: found nothing, expected {_required(names)}"
    return f"{where}: found {shown(path, detail['input'])}, expected {_expected(detail)}"


def _expected(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == EXPECTED:
        return detail["msg"]
    if kind == "literal_error":
        wrong = detail["input"]
        choices = re.findall(r"'([^']{1,40})'", detail["ctx"]["expected"])
        return one_of(choices, wrong if isinstance(wrong, str) else None)
    return _TYPES.get(kind, detail["msg"])


def _required(names: tuple[str, ...]) -> str:
    return _REQUIRED.get(".".join(names[-2:])) or _REQUIRED[names[-1]]


def _keys(model: type[BaseModel], names: tuple[str, ...]) -> list[str]:
    """Return the keys of the table that `names` lead to: those known now, and those not built yet."""
    for name in names:
        field = next(f for key, f in model.model_fields.items() if name in (key, f.alias))
        model = next(m for m in _models(field.annotation))
    return [field.alias or key for key, field in model.model_fields.items()]


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models(inner)
