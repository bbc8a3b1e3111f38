"""`relaywatch help`: the documents that ship with the program, in relaywatch/docs, a topic each."""

import argparse
import sys
from collections.abc import Mapping
from importlib import resources

from relaywatch.pipeline.request import StatementError


def topics() -> Mapping[str, str]:
    """Return the text of each document by its topic, in alphabetical order."""
    folder = resources.files("relaywatch").joinpath("docs")
    found = {entry.name.removesuffix(".md"): entry for entry in folder.iterdir() if entry.name.endswith(".md")}
    return {name: found[name].read_text("utf-8") for name in sorted(found)}


def show(options: argparse.Namespace) -> int:
    """Print one document, or which there are. Raises StatementError for a topic that there is not."""
    texts = topics()
    if options.topic is None:
        width = max(map(len, texts))
        print("relaywatch help TOPIC shows one of these:\n")
        for name, text in texts.items():
            print(f"  {name:<{width}}  {_heading(text)}")
        return 0
    if options.topic not in texts:
        raise StatementError(f"help: there is no topic {options.topic!r}; there are {', '.join(texts)}")
    _print(texts[options.topic])
    return 0


def _heading(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def _print(text: str) -> None:
    if not sys.stdout.isatty():
        print(text, end="")
        return
    from rich.console import Console  # noqa: PLC0415 - a pipe needs none
    from rich.markdown import Markdown  # noqa: PLC0415 - as above

    Console().print(Markdown(text))
