"""Where mail leaves and who gets it, taken from a configuration of which the rest may be wrong.

What fails because of its configuration must say so by mail, and most mistakes stand in other tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relaywatch.config import build
from relaywatch.config.crosscheck import smtp_problems
from relaywatch.config.errors import ConfigError
from relaywatch.config.problems import check
from relaywatch.config.read import matching, read_toml
from relaywatch.config.schema import MainFile, NotifyTable, ServiceTable
from relaywatch.config.settings import Service, Settings, Smtp


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """All that a mail needs that comes from no case."""

    service: Service  # the defaults where the table is wrong
    smtp: Smtp
    to: tuple[str, ...]


def outlet_of(settings: Settings) -> Outlet:
    """Return the outlet of a whole configuration: everybody whom any seller's warnings may reach."""
    told = [(*account.notify.to, *account.notify.escalate_to) for account in settings.accounts]
    to = tuple(dict.fromkeys(recipient for some in told for recipient in some))
    return Outlet(service=settings.service, smtp=settings.smtp, to=to)


def load_outlet(path: Path) -> Outlet:
    """Return the outlet that a file gives, whatever else is wrong in it; raise ConfigError where it gives none."""
    path = path.absolute()
    problems: list[str] = []
    raw = read_toml(path, str(path), problems)
    if raw is None:
        raise ConfigError(problems)
    mail = {"smtp": raw["smtp"]} if "smtp" in raw else {}
    main = check(MainFile, mail, problems)
    problems += smtp_problems(mail)
    if problems or main is None:
        raise ConfigError(problems)
    to = tuple(dict.fromkeys(_recipients(raw, path.parent)))
    if not to:
        raise ConfigError(["notify.to: found nobody, expected a list of e-mail addresses that get every warning"])
    service = check(ServiceTable, _table(raw, "service"), []) or ServiceTable()
    return Outlet(
        service=build.service(service, path.parent),
        smtp=build.smtp(main.smtp, path.parent),
        to=to,
    )


def _recipients(raw: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """Yield who is told by the main file and by those of the accounts that can be read."""
    pattern = _table(raw, "service").get("accounts")
    paths = matching(pattern, folder) if isinstance(pattern, str) and pattern else []
    for file in (raw, *(read_toml(path, "", []) or {} for path in paths)):
        notify = check(NotifyTable, _table(file, "notify"), [])
        if notify is not None:
            yield from (*notify.to, *notify.escalate_to)


def _table(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, dict) else {}
