"""Runs the story: servers, shop and daemon up, scene after scene, everything down again."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from relaywatch.core.notices.voice import short_address
from relaywatch.demo.daemon import Daemon, DaemonEndedError
from relaywatch.demo.imap import ImapServer
from relaywatch.demo.narrator import Narrator, span
from relaywatch.demo.shop import CARE, COMPLAINTS, PASSWORD, Post, StoryMail, write_config
from relaywatch.demo.smtp import SmtpServer
from relaywatch.demo.story import SCENES, Expectation, Picture, StoryScene

_AT_MOST = 75.0  # seconds, for all scenes
PACE = 6.0  # seconds that a scene takes at least: a person reads along
_LOOK_EVERY = 0.4  # seconds
_KEPT_LOOK_EVERY = 2.0
DONE, MISSING, INTERRUPTED = 0, 1, 130

UNTOUCHED = Expectation("no mail on the server marked as read or changed", lambda _: True, "")
STOPPED = Expectation("the daemon stopped cleanly when asked to", lambda _: True, "")


async def run(narrator: Narrator, *, keep: bool, scenes: Sequence[StoryScene] = SCENES, pace: float = PACE) -> int:
    """Show the story; return 0 when all was seen, 1 when something is missing, 130 after Ctrl-C.

    `pace`: seconds that each scene takes at least. With `keep` it stays until it is cancelled, and that is its end.
    """
    home = Path(tempfile.mkdtemp(prefix="relaywatch-demo-"))
    try:
        return await Stage(narrator, home, scenes, pace).show(keep=keep)
    except asyncio.CancelledError:
        narrator.plain("\nInterrupted: everything is stopped, nothing is left behind.")
        return INTERRUPTED
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Stage:
    """The demo's servers, shop and daemon, and what was seen so far."""

    def __init__(self, narrator: Narrator, home: Path, scenes: Sequence[StoryScene], pace: float) -> None:
        self._narrator = narrator
        self._home = home
        self._scenes = scenes
        self._pace = pace
        self._imap = ImapServer({CARE: PASSWORD, COMPLAINTS: PASSWORD})
        self._smtp = SmtpServer()
        self._told = 0  # warnings that were narrated
        self._seen: list[Expectation] = []

    async def show(self, *, keep: bool) -> int:
        """Play all scenes and say what was seen; with `keep`, stay until Ctrl-C. Return the exit status."""
        narrator = self._narrator
        async with self._imap.serve(), self._smtp.serve():
            config = write_config(self._home, self._imap.port, self._smtp.port)
            post = Post(self._imap.port)
            await post.open_mailboxes()
            daemon = Daemon(config, lambda text: narrator.line("log", text))
            narrator.plain(
                "Blue Kiln sells on Walmart Canada's marketplace. For a minute its mail servers are on this"
                " machine, and `relaywatch run` watches them, as it would yours. Nothing leaves this machine."
            )
            narrator.line("start", f"IMAP on 127.0.0.1:{self._imap.port}: {CARE}, {COMPLAINTS}")
            narrator.line("start", f"SMTP on 127.0.0.1:{self._smtp.port}: takes the warnings")
            async with daemon.running():
                trouble = await self._play(post, daemon)
                if await post.count_marked() == 0:
                    self._seen.append(UNTOUCHED)
                await self._show_table(daemon)
                if keep and not trouble:
                    await self._stay(daemon, config)
            if daemon.stopped_cleanly:
                self._seen.append(STOPPED)
        return self._sum_up(trouble)

    async def _play(self, post: Post, daemon: Daemon) -> str:
        """Play the scenes until the last or until time is up; return what went wrong, "" for nothing."""
        try:
            async with asyncio.timeout(_AT_MOST):
                for number, scene in enumerate(self._scenes, start=1):
                    await self._play_scene(number, scene, post, daemon)
        except TimeoutError:
            return f"time is up: not everything was seen within {_AT_MOST:.0f} seconds"
        except DaemonEndedError as error:
            return str(error)
        return ""

    async def _play_scene(self, number: int, scene: StoryScene, post: Post, daemon: Daemon) -> None:
        narrator = self._narrator
        narrator.title(f"{number}. {scene.title}")
        began = narrator.seconds
        for letter in scene.letters:
            await post.deliver([letter])
            narrator.line("mail", describe(letter))
        missing = list(scene.sights)
        while missing:
            picture = await self._look(daemon)
            for sight in [sight for sight in missing if sight.seen(picture)]:
                missing.remove(sight)
                self._seen.append(sight)
                narrator.line("seen", sight.said)
            await asyncio.sleep(_LOOK_EVERY)
        await asyncio.sleep(max(0.0, began + self._pace - narrator.seconds))

    async def _look(self, daemon: Daemon) -> Picture:
        """Look at the cases, and tell of the warnings that came in meanwhile."""
        picture = Picture(await daemon.cases(), tuple(self._smtp.warnings))
        for warned in picture.warnings[self._told :]:
            self._narrator.warning(warned)
        self._told = len(picture.warnings)
        return picture

    async def _show_table(self, daemon: Daemon) -> None:
        self._narrator.title("The cases now, the most urgent first")
        with contextlib.suppress(DaemonEndedError):
            self._narrator.table(await daemon.cases(), datetime.now(UTC))

    async def _stay(self, daemon: Daemon, config: Path) -> None:
        """Wait for Ctrl-C, which is the regular end here, and tell of what still happens."""
        narrator = self._narrator
        narrator.title("Everything stays until Ctrl-C. In another terminal:")
        for words in ("cases", "show 1", "status", "resolve 1 --note 'new teapot sent'"):
            narrator.plain(f"  relaywatch {words} --config {config}")
        try:
            while True:
                await self._look(daemon)
                await asyncio.sleep(_KEPT_LOOK_EVERY)
        except DaemonEndedError as error:
            narrator.line("log", str(error))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()  # here it is the regular end

    def _sum_up(self, trouble: str) -> int:
        narrator = self._narrator
        wanted = [*(sight for scene in self._scenes for sight in scene.sights), UNTOUCHED, STOPPED]
        missing = [sight for sight in wanted if sight not in self._seen]
        narrator.summary(self._seen, missing)
        narrator.plain("")
        if missing:
            narrator.plain(trouble or "Not everything was seen.", style="bold red")
            return MISSING
        narrator.plain(
            f"All {len(wanted)} seen in {narrator.seconds:.0f} seconds. Everything is stopped, nothing is left behind.",
            style="bold",
        )
        return DONE


def describe(letter: StoryMail) -> str:
    """Return a letter in one line: who to whom, when, where it lies and what about."""
    to = ", ".join(map(short_address, letter.to))
    copied = f", Cc {', '.join(letter.cc)}" if letter.cc else ""
    where = f"Sent of {letter.mailbox}" if letter.folder == "Sent" else f"{letter.folder} of {letter.mailbox}"
    when = f", received {span(letter.ago)} ago" if letter.ago else ""
    return f"{short_address(letter.author)} to {to}{copied}: “{letter.subject}” ({where}{when})"
