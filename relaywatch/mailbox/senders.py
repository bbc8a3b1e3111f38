"""Which messages of a folder the seller or Walmart's senders wrote, as far as the server can say.

Asked only where there is more to read than a batch, and only about what decides the order of reading: a server that
refuses, is slow or breaks at it changes nothing else. Its answer is never taken for what a message is; a From can say
anything, and a flood of forged ones is read newest first, as all is.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Place
from relaywatch.mailbox.errors import MailboxError, ServerSaidError

_AT_ONCE = 2_000  # UIDs
_SECONDS = 2.0  # in one turn; what was not asked by then is asked in the next
_BREAKS = 2  # connections in a row that ended at it, after which it is not asked any more
Ask = Callable[[Sequence[int], Sequence[str]], Awaitable[set[int]]]


def needles(parties: Parties) -> tuple[tuple[str, ...], ...]:
    """Return what is looked for in From: the seller's own, agents', whose complaints have an hour, all Walmart's.

    Who reads the seller's answers first can warn of what has none. A domain that has another one in it says nothing
    more.
    """
    own = parties.registered | parties.seller | {f"@{one}" for one in parties.seller_domains}
    agents = parties.agent_domains
    every = agents | parties.relay_domains
    shortest = {one for one in every if not any(other in one for other in every - {one})}
    return tuple(sorted(own)), tuple(f"@{one}" for one in sorted(agents)), tuple(sorted(shortest))


class Senders:
    """What was asked of one mailbox's server, over one connection, of folders that are being read."""

    def __init__(self, parties: Parties) -> None:
        self._needles = needles(parties)
        self._told: dict[Place, tuple[set[int], ...]] = {}
        self._asked: dict[Place, set[int]] = {}
        self._refused = False
        self._broken = 0  # connections in a row

    def connected(self) -> None:
        """Begin anew over another connection, but for what broke the last ones."""
        self._told.clear()
        self._asked.clear()
        self._refused = False

    def forget(self, place: Place) -> None:
        """A folder has been read."""
        self._told.pop(place, None)
        self._asked.pop(place, None)

    async def urgent(self, place: Place, uids: Sequence[int], ask: Ask) -> tuple[set[int], ...]:
        """Return sets of a folder's UIDs, the most urgent first. `uids`: ascending; `ask`: Session.written_by.

        Raises what `ask` raises where the connection is lost or the server wants to be left alone.
        """
        told = self._told.setdefault(place, tuple(set() for _ in self._needles))
        asked = self._asked.setdefault(place, set())
        left, until = [uid for uid in uids if uid not in asked], time.monotonic() + _SECONDS
        try:
            while left and not self._refused and self._broken < _BREAKS and time.monotonic() < until:
                some, left = left[-_AT_ONCE:], left[:-_AT_ONCE]
                for known, texts in zip(told, self._needles, strict=True):
                    known.update(await ask(some, texts) if texts else ())
                asked.update(some)
                self._broken = 0
        except ServerSaidError as error:
            self._refused = True
            if error.held_back:
                raise
        except MailboxError:
            self._broken += 1
            raise
        return told

    def may_answer(self, place: Place, uids: Iterable[int]) -> bool:
        """Whether any of these may be the seller's own: the server says so, or was not asked of all."""
        own, asked = self._told.get(place, (set[int](),))[0], self._asked.get(place, set())
        return any(uid in own or uid not in asked for uid in uids)
