"""What the demo says: one line for each thing that happens, with the time since it began."""

import textwrap
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from relaywatch.core.instant import from_text
from relaywatch.core.notices.voice import short_address
from relaywatch.demo.smtp import Warned
from relaywatch.demo.story import Case, Expectation

_WIDEST = 110
_INDENT = 16  # where a line's text begins
_STYLES = {"mail": "cyan", "case": "blue", "WARNING": "bold red", "seen": "green", "log": "yellow"}


class Narrator:
    """Writes to a terminal, in colour, or plainly to anything else."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._console.width = min(self._console.width, _WIDEST)
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the demo has been running."""
        return time.monotonic() - self._began

    def title(self, text: str) -> None:
        """Begin a scene."""
        self._console.print()
        self._console.print(Text(text, style="bold"))

    def line(self, what: str, text: str) -> None:
        """Tell one thing; `what` stands in the column before it."""
        minutes, seconds = divmod(int(self.seconds), 60)
        first, *rest = textwrap.wrap(text, self._console.width - _INDENT, break_on_hyphens=False) or [""]
        self._console.print(
            Text.assemble((f"{minutes:2}:{seconds:02}  ", "dim"), (f"{what:<9}", _STYLES.get(what, "")), first)
        )
        for more in rest:
            self._console.print(Text(" " * _INDENT + more))

    def plain(self, text: str, *, style: str = "") -> None:
        """Write a paragraph."""
        self._console.print(Text(text, style=style))

    def table(self, cases: Sequence[Case], now: datetime) -> None:
        """Write the cases in their order: how each stands, and what is owed next."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("case", "stands", "kind", "from", "owed next"):
            table.add_column(column, overflow="fold", no_wrap=column != "from")
        for case in cases:
            style = "bold" if case["state"] == "open" else "dim"
            who = short_address(case["counterparty"])
            table.add_row(str(case["id"]), Text(case["state"], style), case["kind"], who, owed_next(case, now))
        self._console.print(table)

    def warning(self, warned: Warned) -> None:
        """Tell of a warning that arrived: who was told what, and by which step and rule."""
        self.line("WARNING", warned.subject)
        about = f"to {warned.recipient}; step {warned.step}"
        about = f"{about}, rule {warned.rule}" if warned.rule else about
        self._console.print(Text(" " * _INDENT + about, style="dim"))

    def summary(self, seen: Sequence[Expectation], missing: Iterable[Expectation]) -> None:
        """Tell what was seen, and what was not."""
        self.title("What was seen")
        for sight in seen:
            self._console.print(Text.assemble(("  yes  ", "green"), sight.name))
        for sight in missing:
            self._console.print(Text.assemble(("  NO   ", "bold red"), sight.name))


def owed_next(case: Case, now: datetime) -> str:
    """Return a case's first unmet obligation with its rule and the time left, in words."""
    for deadline in case["deadlines"]:
        if deadline["status"] in ("running", "overdue"):
            left = from_text(deadline["due_at"]) - now
            when = f"{span(left)} left" if left > timedelta() else "late"
            return f"{deadline['obligation']} ({deadline['rule']}), {when}"
    return "nothing"


def span(length: timedelta) -> str:
    """Return a length of time in hours and minutes: `23 h 10 min`, `6 min`, `2 h`."""
    hours, minutes = divmod(int(length / timedelta(minutes=1)), 60)
    parts = (f"{hours} h" if hours else "", f"{minutes} min" if minutes or not hours else "")
    return " ".join(part for part in parts if part)
