"""`relaywatch demo`: a shop, its mail servers and the real daemon on this machine, for about a minute.

Theory of operation: stage.py starts an IMAP server (imap.py) and an SMTP server (smtp.py) on loopback, writes
the shop's configuration (shop.py), and starts `relaywatch run` and now and then `relaywatch cases` as a user
would (daemon.py). Scene after scene of story.py it puts mail into the mailboxes over IMAP and waits until
what must follow was seen; narrator.py tells it.
"""

import asyncio
import importlib.util
import logging
import signal
import sys

_NEEDED = ("pymap", "aiosmtpd")  # pyproject.toml: the extra `demo`
_NOT_INSTALLED = 2


def main(*, keep: bool = False) -> int:
    """Run the demo; with `keep` it stays until Ctrl-C.

    Returns the exit status: 0 when everything was seen, 1 when something is missing, 2 when the packages of
    the extra `demo` are not installed, 130 when it was interrupted.
    """
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        sys.stderr.write("relaywatch: the demo needs further packages: pip install 'relaywatch[demo]'\n")
        return _NOT_INSTALLED
    for library in ("pymap", "mail", "asyncio"):  # `mail` is aiosmtpd's: they tell of connections that end
        logging.getLogger(library).setLevel(logging.CRITICAL)
    return asyncio.run(_run(keep=keep))


async def _run(*, keep: bool) -> int:
    from relaywatch.demo.narrator import Narrator  # noqa: PLC0415 - imports what may not be installed
    from relaywatch.demo.stage import run  # noqa: PLC0415 - imports what may not be installed

    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        """End in good order; a second Ctrl-C must not break into that."""
        if not task.cancelling():
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    return await run(Narrator(), keep=keep)
