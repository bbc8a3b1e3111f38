"""What the demo says: one line for each thing that happens, with the time since it began."""

import textwrap
import time
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from relaywatch.demo.smtp import Warned
from relaywatch.demo.story import Sight

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
        first, *rest = textwrap.wrap(text, self._console.width - _INDENT, break_on_hyphens=False) or [""]
        style = "dim" if dim else ""
        self._console.print(
            Text.assemble((f"{minutes:2}:{seconds:02}  ", "dim"), (f"{what:<9}", _STYLES.get(what, "")), (first, style))
        )
        for more in rest:
            self._console.print(Text(" " * _INDENT + more, style=style))

    def plain(self, text: str, *, style: str = "") -> None:
        """Write a paragraph."""
        self._console.print(Text(text, style=style))

    def verbatim(self, text: str) -> None:
        """Write what a command printed, colours included, as it is."""
        self._console.print(Text.from_ansi(text.rstrip()), soft_wrap=True)

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
