"""Read the table of signs (data/signs.toml): what speaks for and against a reply, and how much each weighs."""

import tomllib
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from relaywatch.core.language.signs import Side, Sign, SignTable

SIGNS = "signs.toml"


@cache
def load_signs() -> SignTable:
    """Return the shipped table. Raises ValueError where a weight points the wrong way: that file is the program's."""
    return parse_signs((files("relaywatch.data") / SIGNS).read_text("utf-8"))


def parse_signs(text: str) -> SignTable:
    """Return the table that a file's text holds."""
    data: dict[str, Any] = tomllib.loads(text)
    signs = {}
    for entry in data["sign"]:
        sign = Sign(
            name=entry["name"],
            side=Side(entry["side"]),
            weight=float(entry["weight"]),
            says=entry["says"],
            fixed=entry.get("fixed", False),
        )
        if sign.name in signs:
            raise ValueError(f"{SIGNS}: {sign.name} stands there twice")
        if sign.weight * (1 if sign.side is Side.PERSON else -1) < 0:
            raise ValueError(f"{SIGNS}: {sign.name} speaks for {sign.side.value}, and its weight says otherwise")
        signs[sign.name] = sign
    if not data["does_not"] < data["counts"]:
        raise ValueError(f"{SIGNS}: does_not is not below counts")
    return SignTable(
        signs=MappingProxyType(signs),
        base=float(data["base"]),
        counts=float(data["counts"]),
        does_not=float(data["does_not"]),
    )
