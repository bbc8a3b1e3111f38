"""The core's values as rows and JSON, and back.

A dataclass becomes a row by its fields' types: plain values and times are columns of their own, anything
composed is JSON text, and every field without a column goes into one JSON column (`facts`), where those that
still have their default are left out. So a field that is added to the core is kept without a change here.

Times are ISO text in UTC of fixed width, `2026-11-22T22:13:05.123456Z`: they sort as text.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from relaywatch.core.instant import require_utc
from relaywatch.store.error import DamagedRow

T = TypeVar("T")
Convert = Callable[[Any], Any]
_EMPTY_OBJECT, _EMPTY_LIST = "{}", "[]"
_STORED_AS = "stored_as"
_ZONE = -len("+00:00")
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PLAIN = (str, int, float, bool, NoneType, object)


@contextmanager
def reading() -> Iterator[None]:
    """Raise DamagedRow for whatever a row that is not as it was written makes the block raise; also a decorator."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise DamagedRow(error) from error


@lru_cache(maxsize=4096)  # a case's times are those of its messages
def time_to_text(moment: datetime) -> str:
    """Write a time as the database keeps it; raise ValueError for a naive one."""
    if moment.tzinfo is not UTC:
        moment = require_utc(moment)
    return f"{moment.isoformat(timespec='microseconds')[:_ZONE]}Z"


def time_from_text(text: str) -> datetime:
    """Read a time of the database's. Raises DamagedRow."""
    try:  # not `reading`: thousands of times a second
        return require_utc(datetime.fromisoformat(text))
    except (ValueError, TypeError) as error:
        raise DamagedRow(error) from error


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
    if not value and isinstance(value, (dict, list)):
        return _EMPTY_OBJECT if isinstance(value, dict) else _EMPTY_LIST
    return clean(_ENCODER.encode(value))


def _from_json(text: str) -> Any:
    return [] if text == _EMPTY_LIST else json.loads(text)


def from_json(text: str) -> Any:
    """Read plain data that was written as JSON. Raises DamagedRow."""
    try:
        return json.loads(text)
    except (ValueError, TypeError) as error:
        raise DamagedRow(error) from error


def from_facts(text: str) -> Mapping[str, Any]:
    """Read what a row keeps beside its columns, as plain data. Raises DamagedRow."""
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError) as error:
        raise DamagedRow(error) from error


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


@cache
def _converters(hint: Any) -> tuple[Convert, Convert]:
    """Return the functions to and from plain data for a declared type; raise TypeError for one unheard of."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return _many(*_converters(inner[0])) if inner[-1] is Ellipsis else _fixed(map(_converters, inner))
    if origin is frozenset:
        to, back = _many(*_converters(inner[0]))
        return lambda values: sorted(to(values)), lambda plain: frozenset(back(plain))
    if origin in (Union, UnionType):
        (member,) = (member for member in inner if member is not NoneType)
        to, back = _converters(member)
        return _optional(to), _optional(back)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _free, dict
    return _scalar(hint)


def _scalar(hint: Any) -> tuple[Convert, Convert]:
    if hint in _PLAIN:
        return _same, _same
    if hint is datetime:
        return time_to_text, time_from_text
    if isinstance(hint, type) and issubclass(hint, Enum):
        return attrgetter("_value_"), {member.value: member for member in hint}.__getitem__
    if isinstance(hint, type) and is_dataclass(hint):
        return _record(hint)
    raise TypeError(f"a value of type {hint} cannot be stored")


def _many(to: Convert, back: Convert) -> tuple[Convert, Convert]:
    if to is _same:
        return list, tuple
    return lambda values: [to(value) for value in values], lambda values: tuple(map(back, values))


def _fixed(pairs: Iterable[tuple[Convert, Convert]]) -> tuple[Convert, Convert]:
    members = tuple(pairs)

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
    """Return functions between fields of these names and a dict of plain data without defaults.

    A field may bear another name there, where its own cannot be Python's: `field(metadata=stored_as("else"))`.
    """
    plan = {name: _plan(cls)[name] for name in names}
    stored = {one.name: one.metadata.get(_STORED_AS, one.name) for one in fields(cls) if one.name in plan}
    outward = [(name, stored[name], to, default) for name, (to, _, default, _) in plan.items()]
    inward = {stored[name]: (name, back) for name, (_, back, _, _) in plan.items()}

    def encode(value: Any) -> Any:
        plain = {}
        for name, key, to, default in outward:
            item = getattr(value, name)
            if default is MISSING or item != default:
                plain[key] = to(item)
        return plain

    def decode(plain: Any) -> dict[str, Any]:
        known = ((inward[key], item) for key, item in plain.items() if key in inward)
        return {name: back(item) for (name, back), item in known}

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
    return lambda value: to_json(to(value)), lambda text: back(_from_json(text))


def stored_as(name: str) -> Mapping[str, str]:
    """Return the metadata of a dataclass's field that has another name in JSON."""
    return {_STORED_AS: name}


def record_to_json(value: Any) -> str:
    """Write a dataclass as JSON, without what has its default."""
    cls: Any = type(value)
    return to_json(_converters(cls)[0](value))


def record_from(cls: type[T], plain: Mapping[str, Any]) -> T:
    """Make a dataclass of plain data as JSON has it; what it does not know is passed over. Raises DamagedRow."""
    hint: Any = cls
    with reading():
        return cast("T", _converters(hint)[1](plain))


class RowCodec(Generic[T]):
    """Turns one dataclass into rows of a table and back. Columns bear the fields' names but for `renamed`."""

    def __init__(
        self,
        cls: type[T],
        columns: tuple[str, ...],
        *,
        renamed: Mapping[str, str] | None = None,
        apart: tuple[str, ...] = (),
        facts: str = "facts",
    ) -> None:
        """Take the fields that are columns, and those kept `apart`, in other tables: `read` is given them."""
        plan = _plan(cast("type", cls))
        renamed = renamed or {}
        self._cls = cls
        self._facts = facts
        self._columns = tuple(renamed.get(name, name) for name in columns)
        self._pairs = tuple(zip(columns, self._columns, strict=True))
        self._values: Convert = attrgetter(*columns)
        if len(columns) < 2:  # noqa: PLR2004  # attrgetter gives a tuple for two or more
            self._values = lambda value: tuple(getattr(value, name) for name in columns)
        pairs = {name: _column(plan[name][3], *plan[name][:2]) for name in columns}
        self._out = [(renamed.get(name, name), to) for name, (to, _) in pairs.items() if to is not _same]
        self._in = [(name, back) for name, (_, back) in pairs.items() if back is not _same]
        rest = [name for name in plan if name not in columns and name not in apart]
        self._encode, self._decode = _some(cls, rest)

    def row(self, value: T, **more: Any) -> dict[str, Any]:
        """Return the columns of a value, and `more` as it is."""
        row = dict(zip(self._columns, self._values(value), strict=True))
        for column, to in self._out:
            row[column] = to(row[column])
        row[self._facts] = to_json(self._encode(value))
        row.update(more)
        return row

    def read(self, row: Mapping[str, Any], **apart: Any) -> T:
        """Return the value that a row was made of. Raises DamagedRow."""
        try:
            return self._read(row, apart)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
            raise DamagedRow(error) from error

    def _read(self, row: Mapping[str, Any], apart: Mapping[str, Any]) -> T:
        known = {name: row[column] for name, column in self._pairs}
        for name, back in self._in:
            known[name] = back(known[name])
        text = row[self._facts]
        if text != _EMPTY_OBJECT:
            known.update(self._decode(json.loads(text)))
        return cast("Callable[..., T]", self._cls)(**known, **apart)
