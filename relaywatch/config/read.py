"""Read a configuration: find the file, take its tables, check everything, and say all that is wrong at once.

Problems are lines `key.path[0].x: found …, expected …`, in the order of the tables; places in a list count
from 0, so `mailbox[1]` is the second `[[mailbox]]`. Those of an account's file begin with its name. Relative
paths start from the folder of the file that they stand in.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relaywatch.config import build
from relaywatch.config.crosscheck import account_problems, main_problems, notify_problems
from relaywatch.config.errors import ConfigError
from relaywatch.config.problems import check
from relaywatch.config.rules import load_rules
from relaywatch.config.schema import AccountFile, MainFile
from relaywatch.config.settings import MAIN_ACCOUNT, Settings
from relaywatch.config.shape import found
from relaywatch.core.language.rules import Rules

DEFAULT_PATH = Path("/etc/relaywatch/relaywatch.toml")
PATH_VARIABLE = "RELAYWATCH_CONFIG"
_TABLES = ("service", "smtp", "notify", "seller", "walmart", "policy", "mailbox")
_MAX_BYTES = 1024 * 1024
_PLACE = re.compile(r"(.*) \(at (line \d+, column \d+|end of document)\)", re.DOTALL)
_ACCOUNT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def find_config(argument: Path | None, environ: Mapping[str, str]) -> Path:
    """Return which file to read: `--config`, else $RELAYWATCH_CONFIG, else the one in /etc."""
    if argument is not None:
        return argument
    named = environ.get(PATH_VARIABLE)
    return Path(named) if named else DEFAULT_PATH


def load(path: Path) -> Settings:
    """Return the settings that a file and its accounts' files make; raise ConfigError with every problem.

    Reads files, but no password: those are read when they are needed.
    """
    path = path.absolute()
    folder = path.parent
    problems: list[str] = []
    raw = read_toml(path, str(path), problems)
    if raw is None:
        raise ConfigError(problems)
    main = check(MainFile, raw, problems)
    problems += [*account_problems(raw), *main_problems(raw), *notify_problems(raw, inherited=False)]
    problems.sort(key=_place)
    files = _account_files(raw, folder, problems)
    rules = _own_rules(raw, folder, problems)
    if problems or main is None:
        raise ConfigError(problems)
    accounts = [build.account(MAIN_ACCOUNT, main, main, folder)] if main.mailbox else []
    accounts += [build.account(file.stem, tables, main, file.parent) for file, tables in files.items()]
    return Settings(
        path=path,
        service=build.service(main.service, folder),
        smtp=build.smtp(main.smtp, folder),
        accounts=tuple(accounts),
        own_rules=rules,
    )


def _label(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def read_toml(path: Path, label: str, problems: list[str]) -> dict[str, Any] | None:
    """Return the tables of a file; where it cannot be read, add a line to `problems`, return None."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        problems.append(f"{label}: found no such file, expected the configuration")
        return None
    except IsADirectoryError:
        problems.append(f"{label}: found a folder, expected a file")
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        problems.append(f"{label}: cannot be read: {reason}")
        return None
    if len(content) > _MAX_BYTES:
        problems.append(f"{label}: found more than {_MAX_BYTES // 1024} KB, expected a configuration")
        return None
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(f"{label}: line {line}: found bytes that are not UTF-8, expected UTF-8 text")
    except RecursionError:
        problems.append(f"{label}: found lists within lists without end, expected TOML")
    except ValueError as error:  # TOMLDecodeError, and numbers of thousands of digits
        match = _PLACE.fullmatch(str(error))
        where, what = (f"{match[2]}: ", match[1]) if match else ("", "a value out of range")
        problems.append(f"{label}: {where}found what is no TOML ({what}), expected TOML")
    return None


def _place(problem: str) -> int:
    table = re.split(r"\W", problem, maxsplit=1)[0]
    return _TABLES.index(table) if table in _TABLES else len(_TABLES)


def _account_files(raw: Mapping[str, Any], folder: Path, problems: list[str]) -> dict[Path, AccountFile]:
    table = raw.get("service")
    pattern = table.get("accounts") if isinstance(table, dict) else None
    if not isinstance(pattern, str) or not pattern:
        return {}
    paths = matching(pattern, folder)
    if not paths:
        problems.append(f"service.accounts: found no file for {found(pattern)}, expected an account's file")
    files: dict[Path, AccountFile] = {}
    names = {MAIN_ACCOUNT}
    for path in paths:
        if not _ACCOUNT_NAME.fullmatch(path.stem):
            expected = "letters, digits, dots and dashes, for the name becomes the account's"
            problems.append(f"service.accounts: found {found(path.name)}, expected {expected}")
        if path.stem in names:
            problems.append(f"service.accounts: found the name {found(path.stem)} again, expected another")
        names.add(path.stem)
        label = str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
        tables = _account_file(path, label, problems, notify="notify" in raw)
        if tables is not None:
            files[path] = tables
    return files


def matching(pattern: str, folder: Path) -> list[Path]:
    """Return the files that a glob names, in order; those whose name begins with a dot are an editor's."""
    whole = Path(pattern)
    root = Path(whole.anchor) if whole.is_absolute() else folder
    try:
        paths = sorted(root.glob(str(whole.relative_to(whole.anchor))))
    except (ValueError, OSError):
        return []
    return [path for path in paths if not path.name.startswith(".")]


def _account_file(path: Path, label: str, problems: list[str], *, notify: bool) -> AccountFile | None:
    """Read one account's file; `notify` says whether the main file has a [notify] to fall back on."""
    raw = read_toml(path, label, problems)
    if raw is None:
        return None
    own: list[str] = []
    tables = check(AccountFile, raw, own)
    own += [*account_problems(raw), *notify_problems(raw, inherited=notify)]
    if not raw.get("mailbox"):
        own.append("mailbox: found nothing, expected at least one [[mailbox]]")
    problems += [f"{label}: {problem}" for problem in sorted(own, key=_place)]
    return tables


def _own_rules(raw: Mapping[str, Any], folder: Path, problems: list[str]) -> Rules | None:
    table = raw.get("service")
    extra = table.get("rules") if isinstance(table, dict) else None
    if not isinstance(extra, str) or not extra:
        return None
    try:
        return load_rules(folder / extra)
    except ConfigError as error:
        problems += error.problems
        return None
