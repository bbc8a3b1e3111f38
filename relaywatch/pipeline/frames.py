"""What the daemon and its reading children say to each other: frames of a length and pickled objects.

Both ends are this program, so pickle is safe. Each dataclass goes as its values alone: what the module of dataclasses
makes for pickle looks its fields up for every object, which costs as much as all else of it.
"""

import copyreg
import io
import pickle
import struct
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from relaywatch.core.mail.message import Copy, Mail, Message, Verdict
from relaywatch.pipeline.reading import RawMail, ReadMail

LENGTH = struct.Struct(">Q")  # of what follows, in octets
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Copy, Mail, Message, RawMail, ReadMail, Verdict)
}


def _by_values(kind: type) -> Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]:
    values = attrgetter(*_FIELDS[kind])
    return lambda one: (_made, (kind, *values(one)))


def _made(kind: type, *values: object) -> object:
    made: object = object.__new__(kind)
    for name, value in zip(_FIELDS[kind], values, strict=True):
        object.__setattr__(made, name, value)
    return made


_WAYS: dict[type, Any] = {**copyreg.dispatch_table, **{kind: _by_values(kind) for kind in _FIELDS}}


def frame_of(what: object) -> bytes:
    """Return an object as the octets of a frame."""
    octets = io.BytesIO()
    octets.write(LENGTH.pack(0))
    pickler = pickle.Pickler(octets, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _WAYS
    pickler.dump(what)
    size = octets.tell() - LENGTH.size
    octets.seek(0)
    octets.write(LENGTH.pack(size))
    return octets.getvalue()


def what_is_in(octets: bytes) -> Any:
    """Return the object of a frame whose length was read. Raises pickle.UnpicklingError for a torn one."""
    return pickle.loads(octets)  # noqa: S301 - from our own other end
