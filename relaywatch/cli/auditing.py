"""`relaywatch audit`: what was owed, what was met and what was wrong, from mail in files."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from relaywatch import log
from relaywatch.cli.report import print_report
from relaywatch.cli.report_html import page
from relaywatch.cli.report_words import AuditReport
from relaywatch.config import PATH_VARIABLE, ConfigError, find_config, load, load_rules
from relaywatch.core.cases.case import Finding
from relaywatch.core.cases.form import case_form, finding_form, most_urgent_first
from relaywatch.core.figures.statistics import summarize
from relaywatch.core.figures.statistics_form import summary_form
from relaywatch.core.instant import to_text
from relaywatch.core.language.rules import Rules
from relaywatch.core.notices.voice import clean
from relaywatch.pipeline.audit import Seller, audit, seller_at, seller_of
from relaywatch.store import Rejudged, Store, StoreError

_ZONE = ZoneInfo("America/Toronto")  # by default (interface: [service])
_UNUSABLE = 3


def run(options: argparse.Namespace) -> int:
    """Judge mail in files and report."""
    missing = [path for path in options.path if not os.path.lexists(path)]
    if missing:
        for path in missing:
            _complain(f"{path}: there is no such file or folder")
        return _UNUSABLE
    sellers, rules, zone, database = _standard(options.config, options.address)
    anew = _rejudged(database)
    log.setup()
    at = options.at or datetime.now(UTC)
    found = asyncio.run(audit(options.path, sellers, rules, at, _complain))
    report = AuditReport(
        summary=summarize(found.cases, found.findings, at, zone),
        cases=found.cases,
        seller=", ".join(address for seller in sellers for address in sorted(seller.parties.registered)),
        messages=found.messages,
        sent=found.sent,
        unread=found.unread,
    )
    if options.format == "json":
        _print_json(report, found.findings, anew)
    elif options.format == "html":
        sys.stdout.write(page(report))
    else:
        print_report(report)
        for one in anew:
            print(
                f"judged anew on {to_text(one.at)}: case {one.case_id}, {one.obligation} for {one.started_by}:"
                f" {one.was}, now {one.status} ({clean(one.why, 200)})"
            )
    return 0


def _rejudged(database: str | None) -> Sequence[Rejudged]:
    """Return the clocks that an upgrade judged otherwise, as the configured database keeps them; () without one."""
    if database is None or "://" in database or not Path(database).exists():
        return ()
    try:
        with Store.open(database, read_only=True) as store:
            return store.rejudged()
    except StoreError:  # an older version's, or not this user's to read: the report of the files stands without it
        return ()


def _print_json(report: AuditReport, findings: Iterable[Finding], anew: Sequence[Rejudged]) -> None:
    """Print one object, a case a line: of years of mail, there are many."""
    mail = {"messages": report.messages, "sent": report.sent, "unreadable": report.unread}
    print(f'{{"summary": {_json({"mail": mail} | summary_form(report.summary))},\n"cases": [')
    print(",\n".join(_json(case_form(case_id, case)) for case_id, case in most_urgent_first(report.cases)))
    print('],\n"findings": [')
    print(",\n".join(_json(finding_form(finding)) for finding in findings))
    print('],\n"rejudged": [')
    print(",\n".join(_json({**one._asdict(), "at": to_text(one.at)}) for one in anew))
    print("]}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _complain(line: str) -> None:
    print(f"relaywatch: {line}", file=sys.stderr)


def _standard(config: Path | None, addresses: Sequence[str]) -> tuple[list[Seller], Rules, ZoneInfo, str | None]:
    """Who the sellers are, by which rules, and the database: as the command line says, else as configured."""
    if config is not None and addresses:
        raise ConfigError(["audit: --config and --address both say who the seller is: give one of them"])
    if addresses:
        return [seller_at(addresses)], load_rules(), _ZONE, None
    path = find_config(config, os.environ)
    if config is None and PATH_VARIABLE not in os.environ and not path.exists():
        raise ConfigError([f"audit: who is the seller? Give --config FILE (there is no {path}) or --address A"])
    settings = load(path)
    if not settings.accounts:
        raise ConfigError([f"{path}: no account"])
    sellers = [seller_of(account) for account in settings.accounts]
    return sellers, settings.rules, settings.service.timezone, settings.service.database
