"""A small configuration of the seller Blue Kiln, for tests to add to."""

from pathlib import Path

import pytest

from relaywatch.config import ConfigError, load

BASE = """
[smtp]
host = "smtp.shop.example"
from = "relaywatch@shop.example"
[notify]
to = ["oncall@shop.example"]
"""
CARE = """
[[mailbox]]
name = "care"
role = "care"
address = "Care@Shop.Example"
host = "imap.shop.example"
username = "care@shop.example"
password = "hunter2"
"""


def write_config(folder: Path, text: str, name: str = "relaywatch.toml") -> Path:
    """Write a file below a folder; return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def problems(path: Path) -> list[str]:
    """Return what is wrong with a configuration, which must be something."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    return list(caught.value.problems)
