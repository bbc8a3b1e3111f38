"""`relaywatch audit`: what was owed, what was met and what was wrong, from mail in files."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from relaywatch import log
from relaywatch.cli.commands import print_json
from relaywatch.config import PATH_VARIABLE, ConfigError, find_config, load, load_rules
from relaywatch.core.form import case_form, finding_form, most_urgent_first
from relaywatch.core.rules import Rules
from relaywatch.core.statistics import summarize
from relaywatch.core.statistics_form import summary_form
from relaywatch.pipeline.audit import Seller, audit, seller_at, seller_of

_ZONE = ZoneInfo("America/Toronto")  # interface: [service] timezone, by default
_UNUSABLE = 3


def run(options: argparse.Namespace) -> int:
    """Judge mail in files and report."""
    missing = [path for path in options.path if not os.path.lexists(path)]
    if missing:
        for path in missing:
            _complain(f"{path}: there is no such file or folder")
        return _UNUSABLE
    sellers, rules, zone = _standard(options.config, options.address)
    log.setup()
    at = options.at or datetime.now(UTC)
    found = asyncio.run(audit(options.path, sellers, rules, at, _complain))
    summary = summarize(found.cases, found.findings, at, zone)
    listed = most_urgent_first(found.cases)
    print_json(
        {
            "summary": summary_form(summary),
            "cases": [case_form(number, case) for number, case in listed],
            "findings": [finding_form(finding) for finding in found.findings],
        }
    )
    return 0


def _complain(line: str) -> None:
    print(f"relaywatch: {line}", file=sys.stderr)


def _standard(config: Path | None, addresses: Sequence[str]) -> tuple[list[Seller], Rules, ZoneInfo]:
    """Who the sellers are and by which rules: as the command line says, else as configured."""
    if config is not None and addresses:
        raise ConfigError(["audit: --config and --address both say who the seller is: give one of them"])
    if addresses:
        return [seller_at(addresses)], load_rules(), _ZONE
    path = find_config(config, os.environ)
    if config is None and PATH_VARIABLE not in os.environ and not path.exists():
        raise ConfigError([f"audit: who is the seller? Give --config FILE (there is no {path}) or --address A"])
    settings = load(path)
    if not settings.accounts:
        raise ConfigError([f"{path}: no account"])
    return [seller_of(account) for account in settings.accounts], settings.rules, settings.service.timezone
