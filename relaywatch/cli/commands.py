"""The commands that use the configuration: the daemon's, the lists, and what the operator says."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files

from relaywatch.app.reporting import case_detail, judged_cases, status_report
from relaywatch.config import ConfigError, Settings, find_config, load
from relaywatch.core.cases.case import Verb
from relaywatch.core.cases.form import case_form, most_urgent_first
from relaywatch.pipeline.request import Request, StatementError
from relaywatch.store import DaemonLock, Store, StoreBusy, StoreError

LATE = 1
UNUSABLE = 3


def settings_of(options: argparse.Namespace) -> Settings:
    """Load the configuration that the command line or the environment names. Raises ConfigError."""
    return load(find_config(options.config, os.environ))


def run(options: argparse.Namespace) -> int:
    """The daemon."""
    import asyncio  # noqa: PLC0415 - the lists must not wait for what only the daemon needs

    from relaywatch import log  # noqa: PLC0415 - as above
    from relaywatch.app import daemon  # noqa: PLC0415 - as above

    settings = settings_of(options)
    log.setup(queued=True)
    if options.once:
        return asyncio.run(daemon.run_once(settings))
    return daemon.end(asyncio.run(daemon.run(settings.path, settings)))


def tell_failure(options: argparse.Namespace) -> int:
    """Say by mail that the service failed: for systemd, which says how in the environment."""
    import asyncio  # noqa: PLC0415 - the lists need none of these

    from relaywatch import log  # noqa: PLC0415 - as above
    from relaywatch.app.failing import UntoldError, failure_in  # noqa: PLC0415 - as above
    from relaywatch.app.failing import tell_failure as tell  # noqa: PLC0415 - as above
    from relaywatch.app.memo import Memo  # noqa: PLC0415 - as above

    folder, failure = os.environ.get("RUNTIME_DIRECTORY", ""), failure_in(os.environ)
    if not folder or failure is None:
        raise ConfigError(["tell-failure: systemd runs it when the service failed: see relaywatch-failed.service"])
    log.setup()
    try:
        print(asyncio.run(tell(find_config(options.config, os.environ), failure, Memo.place("failed", ""))))
    except UntoldError as error:
        print(f"relaywatch: {error}", file=sys.stderr)
        return UNUSABLE
    return 0


def check(options: argparse.Namespace) -> int:
    """Log in everywhere and name each folder: what `run` would meet."""
    import asyncio  # noqa: PLC0415 - the lists need no servers

    from relaywatch.app.checking import check_everything  # noqa: PLC0415 - as above

    settings = settings_of(options)
    good = True
    for line in asyncio.run(check_everything(settings)):
        good = good and line.good
        print(line.text, file=sys.stdout if line.good else sys.stderr)
    return 0 if good else UNUSABLE


def cases(options: argparse.Namespace) -> int:
    """List the cases, the most urgent first."""
    settings = settings_of(options)
    now = datetime.now(UTC)
    with Store.open(settings.service.database, read_only=True) as store:
        found = judged_cases(store, settings, now)
    listed = most_urgent_first((number, case) for number, case in found if options.state in (None, case.state))
    if options.format == "json":
        _print_list(case_form(number, case) for number, case in listed)
    else:
        from relaywatch.cli import tables  # noqa: PLC0415 - JSON needs none

        tables.print_cases(listed, settings.service.timezone, now, several=len(settings.accounts) > 1)
    return 0


def show(options: argparse.Namespace) -> int:
    """Show one case in order of time."""
    settings = settings_of(options)
    now = datetime.now(UTC)
    with Store.open(settings.service.database, read_only=True) as store:
        detail = case_detail(store, settings, options.case, now)
    if detail is None:
        raise unknown(options.case)
    if options.format == "json":
        print_json(detail.form())
    else:
        from relaywatch.cli import tables  # noqa: PLC0415 - JSON needs none

        tables.print_case(detail, settings.service.timezone, now)
    return 0


def resolve(options: argparse.Namespace) -> int:
    """The seller says that a matter is settled."""
    return _say(options, Request(verb=Verb.RESOLVE, cases=(options.case,), note=options.note or "", at=options.at))


def answered(options: argparse.Namespace) -> int:
    """The seller says that a reply or hand-over left no mail."""
    return _say(
        options,
        Request(
            verb=Verb.ANSWERED,
            cases=(options.case,),
            note=options.note,
            at=options.at,
            obligation=options.obligation,
            party=options.party,
        ),
    )


def confirm(options: argparse.Namespace) -> int:
    """A person says that a reply counts."""
    return _judge_reply(options, Verb.CONFIRM)


def reject(options: argparse.Namespace) -> int:
    """A person says that a reply does not count."""
    return _judge_reply(options, Verb.REJECT)


def _judge_reply(options: argparse.Namespace, verb: Verb) -> int:
    return _say(options, Request(verb=verb, cases=(options.case,), note=options.note or "", message=options.message))


def waive(options: argparse.Namespace) -> int:
    """The seller says that no answer is owed."""
    if bool(options.case) == (options.before is not None):
        raise StatementError("waive: name cases, or --before TIME for all that are older, not both")
    if options.before is not None and options.party is not None:
        raise StatementError("waive: --party goes with the numbers of cases, not with --before")
    return _say(
        options,
        Request(
            verb=Verb.WAIVE,
            cases=tuple(options.case),
            note=options.reason,
            at=options.at,
            before=options.before,
            party=options.party,
        ),
    )


def status(options: argparse.Namespace) -> int:
    """Say whether every mailbox is being read and nothing is late: for Nagios and the like."""
    from relaywatch.app.control import ask_fault  # noqa: PLC0415 - the lists of cases ask no daemon

    settings = settings_of(options)
    now = datetime.now(UTC)
    with Store.open(settings.service.database, read_only=True) as store:
        daemon = DaemonLock(settings.service.database).holder() is not None
        fault = ask_fault(settings.service.database) if daemon else ""
        report = status_report(store, settings, daemon, now, fault)
    if options.format == "json":
        print_json(report.form())
    else:
        from relaywatch.cli import tables  # noqa: PLC0415 - JSON needs none

        tables.print_status(report, settings.service.timezone)
    return 0 if report.good else LATE


def example(options: argparse.Namespace) -> int:
    """Print a file that ships with it: the links in data/examples lead to config/, and a wheel has the files."""
    sys.stdout.write((files("relaywatch.data") / "examples" / options.name).read_text("utf-8"))
    return 0


def demo(options: argparse.Namespace) -> int:
    """Everything on this machine."""
    from relaywatch import demo as shop  # noqa: PLC0415 - needs packages that a seller's server does not have

    return shop.main(keep=options.keep)


def unknown(number: int) -> StatementError:
    """Return the error for a case that there is not."""
    return StatementError(f"case {number}: there is no such case; `relaywatch cases` lists them")


def print_json(value: object) -> None:
    """Print a value for programs."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def _print_list(values: Iterable[object]) -> None:
    """Print a list for programs, a value a line: for tens of thousands of cases, in little time and memory."""
    between = "["
    for value in values:
        print(f"{between}{json.dumps(value, ensure_ascii=False)}", end="")
        between = ",\n"
    print("]" if between != "[" else "[]")


def _say(options: argparse.Namespace, request: Request) -> int:
    """Give a statement to the daemon or, where none runs, write it under its lock."""
    settings = settings_of(options)
    answer = _by_daemon(settings, request)
    if answer is None:
        answer = _by_ourselves(settings, request)
    if "error" in answer:
        print(f"relaywatch: {answer['error']}", file=sys.stderr)
        return int(str(answer.get("status", UNUSABLE)))
    numbers = answer.get("cases")
    for line in _told(request, numbers if isinstance(numbers, list) else []):
        print(line)
    return 0


def _by_daemon(settings: Settings, request: Request) -> Mapping[str, object] | None:
    from relaywatch.app.control import ask  # noqa: PLC0415 - the lists ask no daemon

    return ask(settings.service.database, request.to_json())


def _by_ourselves(settings: Settings, request: Request) -> Mapping[str, object]:
    from relaywatch.pipeline.judging import benches  # noqa: PLC0415 - the lists seldom judge, and wait for none of it
    from relaywatch.pipeline.statements import apply  # noqa: PLC0415 - as above

    database = settings.service.database
    Store.open(database, read_only=True).close()  # one that root makes here would be closed to the daemon
    try:
        with DaemonLock(database), Store.open(database) as store:
            numbers, _ = apply(store, benches(settings), request, datetime.now(UTC))
    except StoreBusy as error:
        raise StoreError(f"{error}, and it does not answer: try again") from error
    return {"cases": numbers}


def _told(request: Request, numbers: Iterable[int]) -> Iterable[str]:
    words = {
        Verb.RESOLVE: "resolved",
        Verb.ANSWERED: f"{request.obligation or 'reply'} noted as given",
        Verb.WAIVE: "waived",
        Verb.CONFIRM: "reply confirmed",
        Verb.REJECT: "reply rejected",
    }
    found = False
    for number in numbers:
        found = True
        yield f"case {number}: {words[request.verb]}"
    if not found:
        yield "no case is that old and still owed something"
