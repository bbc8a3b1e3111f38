"""The core's values as rows and JSON, and back.

A dataclass becomes a row by its field's types: plain values and times are columns of their own, anything composed
is JSON text, and every field without a column goes into one JSON column (`facts`), where those that still have
their default are left out. So a field that is added to the core is kept without a change here.

Times are ISO text in UTC of fixed width, `2026-11-22T22:13:05.123456Z`: they sort as text and read as what they are.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from relaywatch.core.instant import require_utc

T = TypeVar("T")
Convert = Callable[[Any], Any]
_PLAIN = (str, int, float, bool, NoneType, object)


def time_to_text(moment: datetime) -> str:
    """Write a time as the database keeps it; raise ValueError for a naive one."""
    return f"{require_utc(moment).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def time_from_text(text: str) -> datetime:
    """Read a time of the database's."""
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def maybe_time(text: str | None) -> datetime | None:
    """Read a time that may be missing."""
    return None if text is None else time_from_text(text)


def maybe_text(moment: datetime | None) -> str | None:
    """Write a time that may be missing."""
    return None if moment is None else time_to_text(moment)


def clean(text: str) -> str:
    """Return text that every database takes: mail may decode to lone surrogates and NUL."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def to_json(value: object) -> str:
    """Write plain data (as `encode` gives it) as JSON that a person can read."""
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _same(value: Any) -> Any:
    return value


def _free(value: Any) -> Any:
    """Make plain data of a mapping's values, whose types nobody declared."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return time_to_text(value)
    if isinstance(value, Mapping):
        return {str(key): _free(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_free(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_free(item) for item in value]
    return value


def _optional(convert: Convert) -> Convert:
    if convert is _same:
        return _same
    return lambda value: None if value is None else convert(value)


def _value_of(value: Any) -> Any:
    return value.value


@cache
def _converters(hint: Any) -> tuple[Convert, Convert]:
    """Return the functions to and from plain data for a declared type; raise TypeError for one unheard of."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        members = [member for member in inner if member is not NoneType]
        if len(members) == 1:
            to, back = _converters(members[0])
            return _optional(to), _optional(back)
    elif origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:  # noqa: PLR2004  # tuple[X, ...]
        return _many(*_converters(inner[0]))
    elif origin is tuple:
        return _fixed(tuple(_converters(member) for member in inner))
    elif hint in _PLAIN:
        return _same, _same
    elif hint is datetime:
        return time_to_text, time_from_text
    elif isinstance(hint, type) and issubclass(hint, Enum):
        return _value_of, hint
    elif isinstance(hint, type) and is_dataclass(hint):
        return _record(hint)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        return _free, dict
    raise TypeError(f"a value of type {hint} cannot be stored")


def _many(to: Convert, back: Convert) -> tuple[Convert, Convert]:
    if to is _same:
        return list, tuple
    return lambda values: [to(value) for value in values], lambda values: tuple(map(back, values))


def _fixed(members: tuple[tuple[Convert, Convert], ...]) -> tuple[Convert, Convert]:
    def to(values: Any) -> Any:
        return [member[0](value) for member, value in zip(members, values, strict=True)]

    def back(values: Any) -> Any:
        return tuple(member[1](value) for member, value in zip(members, values, strict=True))

    return to, back


def _default(field: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


@cache
def _plan(cls: type) -> dict[str, tuple[Convert, Convert, Any, Any]]:
    """Return for each field of a dataclass: to and from plain data, its default, its declared type."""
    hints = get_type_hints(cls)
    return {
        field.name: (*_converters(hints[field.name]), _default(field), hints[field.name])
        for field in fields(cls)
        if field.init
    }


def _some(cls: type, names: Iterable[str]) -> tuple[Convert, Callable[[Any], dict[str, Any]]]:
    """Return functions between an object's fields of these names and a dict of plain data without defaults."""
    plan = {name: _plan(cls)[name] for name in names}
    outward = [(name, to, default) for name, (to, _, default, _) in plan.items()]

    def encode(value: Any) -> Any:
        plain = {}
        for name, to, default in outward:
            item = getattr(value, name)
            if default is MISSING or item != default:
                plain[name] = to(item)
        return plain

    def decode(plain: Any) -> dict[str, Any]:
        return {name: plan[name][1](item) for name, item in plain.items() if name in plan}

    return encode, decode


def _record(cls: type) -> tuple[Convert, Convert]:
    encode, decode = _some(cls, _plan(cls))
    return encode, lambda plain: cls(**decode(plain))


def _is_composed(hint: Any) -> bool:
    """Whether a column of this type holds JSON."""
    members = [member for member in get_args(hint) if member is not NoneType]
    if get_origin(hint) in (Union, UnionType):
        return any(_is_composed(member) for member in members)
    return bool(members) or is_dataclass(hint)


def _column(hint: Any, to: Convert, back: Convert) -> tuple[Convert, Convert]:
    if not _is_composed(hint):
        if hint in (str, str | None):
            return (clean if hint is str else _optional(clean)), _same
        return to, back
    if NoneType in get_args(hint):
        return (
            lambda value: None if value is None else to_json(to(value)),
            lambda text: None if text is None else back(json.loads(text)),
        )
    return lambda value: to_json(to(value)), lambda text: back(json.loads(text))


class RowCodec(Generic[T]):
    """Turns one dataclass into rows of a table and back. Columns bear the fields' names but for `renamed`."""

    def __init__(  # noqa: PLR0913  # each names one way in which a table differs from its dataclass
        self,
        cls: type[T],
        columns: tuple[str, ...],
        *,
        renamed: Mapping[str, str] | None = None,
        apart: tuple[str, ...] = (),
        facts: str = "facts",
    ) -> None:
        """Take the fields that are columns, and those kept `apart` (in other tables): `read` needs them given."""
        plan = _plan(cls)
        renamed = renamed or {}
        self._cls = cls
        self._facts = facts
        self._columns: list[tuple[str, str, Convert, Convert]] = []
        for name in columns:
            to, back, _, hint = plan[name]
            self._columns.append((name, renamed.get(name, name), *_column(hint, to, back)))
        rest = [name for name in plan if name not in columns and name not in apart]
        self._encode, self._decode = _some(cls, rest)

    def row(self, value: T, **more: Any) -> dict[str, Any]:
        """Return the columns of a value, and `more` as it is."""
        row = {column: to(getattr(value, name)) for name, column, to, _ in self._columns}
        row[self._facts] = to_json(self._encode(value))
        row.update(more)
        return row

    def read(self, row: Mapping[str, Any], **apart: Any) -> T:
        """Return the value that a row was made of."""
        known = {name: back(row[column]) for name, column, _, back in self._columns}
        text = row[self._facts]
        if text != "{}":
            known.update(self._decode(json.loads(text)))
        return cast("Callable[..., T]", self._cls)(**known, **apart)
