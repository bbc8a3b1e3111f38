"""The named queries of queries.sql, read once."""

from functools import cache
from importlib import resources

_MARK = "-- name: "


@cache
def queries() -> dict[str, str]:
    """Return all queries by name: the text between a `-- name: …` line and the next."""
    text = resources.files(__package__).joinpath("queries.sql").read_text("utf-8")
    found: dict[str, str] = {}
    for part in text.split(_MARK)[1:]:
        name, _, body = part.partition("\n")
        lines = [line for line in body.splitlines() if line.strip() and not line.startswith("--")]
        if name.strip() in found:
            raise ValueError(f"two queries named {name.strip()}")
        found[name.strip()] = "\n".join(lines)
    return found
