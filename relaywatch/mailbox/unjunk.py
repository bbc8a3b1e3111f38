"""Moving customers' mail out of Junk, where nobody looks (policy M1): only where the operator asked for it.

What is to be moved is known to who keeps the mail; a try is noted before it and its result after, so that a
server that breaks the connection at it cannot keep the mailbox from being read for ever.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from relaywatch.config import Mailbox
from relaywatch.mailbox.errors import ServerSaidError

_AT_ONCE = 50


class Rescues(Protocol):
    """Who knows what is to be moved."""

    async def rescues(self, mailbox: Mailbox) -> dict[tuple[str, int], list[int]]:
        """Return the UIDs of what is to be moved out of Junk, by folder and UIDVALIDITY, ascending."""

    async def rescue_begins(self, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int]) -> None:
        """Note a try, before it. `where`: folder and UIDVALIDITY, as in the next."""

    async def rescue_ends(
        self, mailbox: Mailbox, where: tuple[str, int], uids: Sequence[int], way: str, reason: str = ""
    ) -> None:
        """Note that messages were `moved` or `copied`, are `gone`, or that it `failed`, and why."""


async def unjunk(mailbox: Mailbox, rescues: Rescues, move: Callable[[str, int, Sequence[int]], Awaitable[str]]) -> bool:
    """Move what is to be moved, by `move` (folder, UIDVALIDITY, UIDs; Session.move); return whether anything was.

    A refusal is noted and costs only what was refused; every other MailboxError is passed on.
    """
    found = False
    for where, uids in (await rescues.rescues(mailbox)).items():
        parts = [uids[start : start + _AT_ONCE] for start in range(0, len(uids), _AT_ONCE)]
        while parts:
            part = parts.pop(0)
            await rescues.rescue_begins(mailbox, where, part)
            try:
                way = await move(*where, part)
            except ServerSaidError as error:
                if error.passing:
                    raise
                if len(part) > 1:
                    parts = [[uid] for uid in part] + parts
                else:
                    await rescues.rescue_ends(mailbox, where, part, "failed", error.text)
                continue
            await rescues.rescue_ends(mailbox, where, part, way)
            found = found or way != "gone"
    return found
