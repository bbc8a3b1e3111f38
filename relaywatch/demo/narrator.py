"""What the demo says: one line for each thing that happens, with the time since it began."""

import time
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from relaywatch.demo.smtp import Warned
from relaywatch.demo.story import Sight

_WIDEST = 110
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

    @property
    def columns(self) -> int:
        """How wide what it writes is; 0 where it is no terminal."""
        return self._console.width if self._console.is_terminal else 0

    def title(self, text: str) -> None:
        """Begin a scene."""
        self._console.print()
        self._console.print(Text(text, style="bold"))

    def line(self, what: str, text: str, *, dim: bool = False) -> None:
        """Tell one thing; `what` stands in the column before it."""
        minutes, seconds = divmod(int(self.seconds), 60)
        row = Table.grid(padding=(0, 2, 0, 0))
        row.add_column(width=5, justify="right", style="dim")
        row.add_column(width=7)
        row.add_column(overflow="fold")
        row.add_row(
            f"{minutes}:{seconds:02}",
            Text(what, style=_STYLES.get(what, "")),
            Text(text, style="dim" if dim else ""),
        )
        self._console.print(row)

    def plain(self, text: str, *, style: str = "") -> None:
        """Write a paragraph."""
        self._console.print(Text(text, style=style))

    def verbatim(self, text: str) -> None:
        """Write what a command printed, colours included, as it is."""
        self._console.print(Padding(Text.from_ansi(text), (0, 0, 0, 0)), soft_wrap=True)

    def warning(self, warned: Warned) -> None:
        """Tell of a warning that arrived: who was told what, and by which step and rule."""
        self.line("WARNING", warned.subject)
        about = f"to {warned.recipient}; step {warned.step}"
        self.line("", f"{about}, rule {warned.rule}" if warned.rule else about, dim=True)

    def summary(self, seen: Sequence[Sight], missing: Iterable[Sight]) -> None:
        """Tell what was seen, and what was not."""
        self.title("What was seen")
        for sight in seen:
            self._console.print(Text.assemble(("  yes  ", "green"), sight.name))
        for sight in missing:
            self._console.print(Text.assemble(("  NO   ", "bold red"), sight.name))
