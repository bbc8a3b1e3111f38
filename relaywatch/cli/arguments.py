"""What the command line may say."""

import argparse
from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from relaywatch.core.cases.case import Obligation, State
from relaywatch.core.instant import from_text

EXAMPLES = ("relaywatch.toml", "account.toml", "relaywatch.service", "relaywatch-failed.service")


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one line, not the whole usage text."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"relaywatch: {message} (try `{self.prog} --help`)\n")


class _Version(argparse.Action):
    """Look the version up when it is asked for: no other command needs it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 - costs every start time

        print(f"relaywatch {version('relaywatch')}")
        parser.exit()


def _moment(text: str) -> datetime:
    try:
        return from_text(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time: expected ISO 8601 with its zone, such as 2026-11-22T22:13:05Z"
        ) from None


def _text(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def _address(text: str) -> str:
    local, at, host = text.strip().lower().rpartition("@")
    if not (local and at and host) or any(char.isspace() or char in "<>,;" for char in text.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is no address: expected one such as care@shop.example")
    return f"{local}@{host}"


def _later(module: str, name: str) -> Callable[[argparse.Namespace], int]:
    """Return a command of a module that is imported when it runs: the lists need little of the program."""

    def command(options: argparse.Namespace) -> int:
        return int(getattr(import_module(f"relaywatch.cli.{module}"), name)(options))

    return command


def _of_a_case(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    made.add_argument("case", type=int, metavar="CASE")
    return made


def _of_a_reply(made: argparse.ArgumentParser) -> None:
    _of_a_case(made)
    made.add_argument("--message", type=_text, metavar="ID", help="the reply's Message-ID; else the doubtful ones")
    made.add_argument("--note", type=_text, default=None, metavar="T")


def _of_a_party(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    made.add_argument(
        "--party", type=_address, metavar="ADDRESS", help="who, where a case has several customers or agents"
    )
    return made


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line. Each command sets `command`, a function of its options."""
    shared = _Parser(add_help=False)
    shared.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the configuration (else $RELAYWATCH_CONFIG, else /etc/relaywatch/relaywatch.toml)",
    )
    top = _Parser(prog="relaywatch", description="Warns a marketplace seller before a reply deadline lapses.")
    top.add_argument("--version", action=_Version, nargs=0, help="say which version this is")
    sub = top.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    def add(name: str, text: str, command: object = None) -> argparse.ArgumentParser:
        made = sub.add_parser(name, parents=[shared], help=text, description=text)
        made.set_defaults(command=command or _later("commands", name.replace("-", "_")))
        return made

    def formats(made: argparse.ArgumentParser, *names: str) -> None:
        made.add_argument("--format", choices=names, default=names[0])

    add("run", "the daemon, in the foreground; SIGTERM stops it").add_argument(
        "--once", action="store_true", help="read what is new, send what is due, and end (for cron)"
    )
    add("check", "read the configuration, log in everywhere, name each folder that would be watched")
    add("tell-failure", "for systemd: mail that the service failed")
    cases = add("cases", "the cases, the most urgent first")
    cases.add_argument("--state", type=State, choices=list(State), metavar="|".join(State))
    formats(cases, "table", "json")
    show = _of_a_case(add("show", "one case: messages, deadlines, findings and warnings in order of time"))
    formats(show, "text", "json")
    resolve = _of_a_case(add("resolve", "the matter is settled: meets the resolution deadline"))
    resolve.add_argument("--note", type=_text, default=None, metavar="T")
    resolve.add_argument("--at", type=_moment, metavar="TIME", help="as of then, not now")
    answered = _of_a_party(_of_a_case(add("answered", "a reply or hand-over that left no mail")))
    answered.add_argument(
        "--obligation",
        type=Obligation,
        choices=[Obligation.REPLY, Obligation.HANDOVER],
        default=Obligation.REPLY,
        metavar="reply|handover",
    )
    answered.add_argument("--at", type=_moment, metavar="TIME", help="when, if not now")
    answered.add_argument("--note", type=_text, required=True, metavar="T", help="how it was answered")
    waive = _of_a_party(add("waive", "no answer is owed; the reason is kept"))
    waive.add_argument("case", type=int, nargs="*", metavar="CASE")
    waive.add_argument("--before", type=_moment, metavar="TIME", help="all cases older than that")
    waive.add_argument("--at", type=_moment, metavar="TIME", help="what was received up to then, not now")
    waive.add_argument("--reason", type=_text, required=True, metavar="T")
    _of_a_reply(add("confirm", "a doubtful reply counts: it met its deadline when it was sent"))
    _of_a_reply(add("reject", "a doubtful reply does not count: the clock runs on"))
    explain = add(
        "explain", "why each message would be classified as it is; needs no server", _later("files", "explain")
    )
    explain.add_argument("file", type=str, nargs="+", metavar="FILE")
    explain.add_argument(
        "--history", type=str, metavar="MAILDIR", help="the shop's own mail, by which a reply is weighed too"
    )
    explain.add_argument("--role", choices=["care", "complaint"], default="care")
    formats(explain, "text", "json")
    audit = add(
        "audit",
        "the same judgement over mail in files: a compliance report without any server",
        _later("auditing", "run"),
    )
    audit.add_argument("path", type=str, nargs="+", metavar="PATH", help="an mbox file, a Maildir or a folder of .eml")
    audit.add_argument("--at", type=_moment, metavar="TIME", help="as of then, not now")
    audit.add_argument(
        "--address",
        type=_address,
        action="append",
        default=[],
        metavar="A",
        help="an address of the seller's, registered with Walmart, where there is no configuration (repeatable)",
    )
    formats(audit, "text", "json", "html")
    status = add("status", "is every mailbox being read, is anything late; exit 1 if so")
    formats(status, "text", "json")
    add("example", "print the example configuration, or another file that ships with it").add_argument(
        "name", nargs="?", choices=EXAMPLES, default=EXAMPLES[0], metavar="|".join(EXAMPLES)
    )
    helped = add("help", "the documents that ship with it; without a topic, which there are", _later("topics", "show"))
    helped.add_argument("topic", type=str, nargs="?", metavar="TOPIC")
    demo = add("demo", "everything on this machine: mail server, sample shop, the real daemon")
    demo.add_argument("--keep", action="store_true", help="stay until Ctrl-C")
    return top
