"""Deliver: from warnings written down to people told (design: Twice beats never).

An attempt is noted before DATA and its result after. A crash in between leaves a delivery that may have
arrived; it is sent again with the same Message-ID, for twice beats never. The most urgent leaves first. What
cannot be sent now is tried again, later and later, and its recipient comes after the others meanwhile, so that one
full mailbox, or one whom the server will not have, keeps no warning from the rest. What is refused for what it says
is written anew without the words of others: anybody could have put those there that a filter refuses. Only where the
server says that there is no such mailbox is a delivery given up, and is tried once more when the program starts again
or its configuration changes.
"""

import asyncio
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import partial
from itertools import count

from relaywatch import log
from relaywatch.config import Settings
from relaywatch.notify import PermanentError, Sender, SendError, SendStage, next_try
from relaywatch.pipeline.compose import Composed, compose
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.waits import Waits
from relaywatch.pipeline.warnings.kind import ids_of
from relaywatch.pipeline.warnings.registry import LEAVE_LAST, kind_of
from relaywatch.store import PendingDelivery, Store, concerns_all

_AT_ONCE = 50  # deliveries looked up at a time
_MOST_PUT_OFF = 3  # in a row, and it is the server that takes nothing now
_LAST_SECONDS = 2.0  # to hear the answer to what is on its way when the program is stopped
_PERMANENT = 500  # RFC 5321 4.2.1: 5yz
_MOST_AS_WRITTEN = 3  # refusals of one mail by 4yz (a filter that is overloaded, greylisting), until it is written anew
_UNANSWERED = 2  # of such refusals is what a connection counts that ends, or says nothing, once it had the mail
# How long the answer to a mail with the words of others is waited for, which a filter may look up, before it comes
# without: so many times as long as the slowest of the last answers, but not below the least.
_SLOWER, _LEAST_SECONDS, _FIRST_SECONDS = 4, 30.0, 60.0  # the last is taken for one where none is known
_MOST_IN_WORDS = 2  # mails that are refused with the words of others, until the next goes without
_DIFFERS = re.compile(r"(?<!\S)(?![245]\d\d[ -]|[245]\.\d+\.\d+\s)\S*\d\S*")  # but for the codes
_SERVER = 0  # what waits in Waits, where it is no delivery


class _Fate(Enum):
    """What became of one attempt."""

    SETTLED = auto()  # sent, refused for good, or not needed any more
    PUT_OFF = auto()  # this mail or recipient was not taken now
    WORDS_REFUSED = auto()  # this mail was not, and it may be for the words of others in it
    NO_SERVER = auto()


class Deliver:
    """Sends what is pending. One run at a time."""

    def __init__(
        self,
        in_store: StoreThread,
        settings: Settings,
        benches: Mapping[str, Bench],
        sender: Sender,
        beat: Callable[[], None],
    ) -> None:
        self._in_store = in_store
        self._settings = settings
        self._benches = benches
        self._sender = sender
        self._beat = beat
        self._waits = Waits()  # the server, and deliveries by their number
        self._behind: dict[int | str, int] = {}  # deliveries and recipients that were refused last, in that order
        self._refusals = count(1)
        self._faults: set[str] = set()  # what was said of the server since it last took a mail
        self._as_written: Counter[int] = Counter()  # by delivery: refusals of the mail itself
        self._words_refused = 0  # mails with the words of others that were refused since one was taken: see _run
        self._answers: deque[float] = deque(maxlen=20)  # seconds until the server had taken each of the last mails
        self._put_off: dict[int, str] = {}  # by delivery: what was said of it last
        self._taken: dict[int, tuple[datetime, str, tuple[str, ...]]] = {}  # by delivery: accepted, but not noted yet
        self._on_its_way = False  # from DATA until the result is noted
        self._ending = False

    async def send_pending(self) -> timedelta | None:
        """Send what can be sent now; return how long until something may be tried again, None: nothing waits.

        Cancelled while a mail is on its way, it waits a moment for the answer, else the mail would come again.
        """
        run = asyncio.create_task(self._run())
        try:
            return await asyncio.shield(run)
        except asyncio.CancelledError:
            self._ending = True
            if self._on_its_way:
                await asyncio.wait({run}, timeout=_LAST_SECONDS)
            run.cancel()
            await asyncio.gather(run, return_exceptions=True)
            raise

    async def _run(self) -> timedelta | None:
        """Send what can be sent now.

        Where a server takes nothing, the others are not tried one by one. That it refuses mail with the words of others
        shows nothing of the server, for strangers choose those: after two the next goes without, whosever it is.
        """
        put_off = 0
        while True:
            await self._note_taken()
            paused = self._waits.left(_SERVER)
            if paused:  # a new warning wakes this, too, and asks the server no oftener
                return paused
            held = self._waits.held()
            pending = await self._in_store(
                partial(Store.pending_deliveries, limit=_AT_ONCE, held=held, last=LEAVE_LAST, behind=dict(self._behind))
            )
            if not pending:
                return self._waits.soonest()
            for delivery in pending:
                if self._ending:
                    return None
                self._beat()
                fate = await self._send(delivery)
                if fate is _Fate.NO_SERVER:
                    break  # the others would only wait for it one by one
                if fate is _Fate.SETTLED:
                    put_off = 0
                    continue
                put_off += fate is _Fate.PUT_OFF
                if put_off >= _MOST_PUT_OFF:
                    self._waits.put_off(_SERVER, next_try)
                break  # it, or its recipient, comes after the others now

    async def _send(self, delivery: PendingDelivery) -> _Fate:
        """Send one."""
        now = datetime.now(UTC)
        bare = self._as_written[delivery.id] >= _MOST_AS_WRITTEN or self._words_refused >= _MOST_IN_WORDS
        ids = {**ids_of(delivery.warning), "recipient": delivery.recipient}
        try:
            composed = await self._composed(delivery, now, bare=bare)
        except Exception as error:  # one warning that cannot be written must not silence the others
            if concerns_all(error):
                raise
            await self._put_it_off(delivery, f"it cannot be written ({type(error).__name__})", next_try, ids)
            return _Fate.SETTLED
        if composed.needless:
            await self._note(lambda store: store.delivery_dropped(delivery.id, now, composed.needless))
            self._forget(delivery)
            log.get().info("warning.dropped", reason=composed.needless, **ids)
            return _Fate.SETTLED
        began = time.monotonic()
        try:
            response = await self._sender.send(
                composed.mail,
                delivery.recipient,
                on_data=partial(self._began, delivery),
                patience=None if bare else max(_LEAST_SECONDS, _SLOWER * max(self._answers, default=_FIRST_SECONDS)),
            )
            self._taken[delivery.id] = (datetime.now(UTC), response, composed.left_out)
            await self._note_taken()
        except SendError as error:
            if isinstance(error, PermanentError) or _is_the_answer(delivery, error):
                return await self._refused(delivery, str(error), ids)
            return await self._not_now(delivery, error, ids, bare=bare)
        finally:
            self._on_its_way = False
        self._answers.append(time.monotonic() - began)
        self._recovered(delivery)
        log.get().info("warning.sent", **ids)
        return _Fate.SETTLED

    async def _composed(self, delivery: PendingDelivery, now: datetime, *, bare: bool) -> Composed:
        """Write a mail; where that fails, without the words of others, for something in them may be to blame."""
        write = partial(compose, settings=self._settings, benches=self._benches, delivery=delivery, now=now)
        try:
            return await self._in_store(partial(write, bare=bare))
        except Exception as error:
            if bare or concerns_all(error):
                raise
        return await self._in_store(partial(write, bare=True))

    async def _began(self, delivery: PendingDelivery) -> None:
        await self._note(lambda store: store.delivery_began(delivery.id, datetime.now(UTC)))
        self._on_its_way = True
        self._beat()

    async def _refused(self, delivery: PendingDelivery, refusal: str, ids: Mapping[str, object]) -> _Fate:
        await self._note(lambda store: store.delivery_failed(delivery.id, datetime.now(UTC), refusal, None))
        self._forget(delivery)
        log.get().error("warning.refused", error=refusal, **ids)
        return _Fate.SETTLED

    async def _not_now(
        self, delivery: PendingDelivery, error: SendError, ids: Mapping[str, object], *, bare: bool
    ) -> _Fate:
        """Note an attempt that came to nothing, or perhaps to nothing. `bare`: it had no words of others."""
        pauses = partial(next_try, error=error)
        if error.stage is SendStage.RECIPIENT:
            self._behind[delivery.recipient] = next(self._refusals)
        elif error.stage is SendStage.MESSAGE:
            self._behind[delivery.id] = next(self._refusals)
        of_words = error.stage is SendStage.MESSAGE and not bare and not error.refusal.sure
        if (
            of_words
        ):  # what speaks of a limit, a score or a sender, or only hangs up, may be about the words all the same
            final = error.particular and error.code is not None and error.code >= _PERMANENT
            times = _MOST_AS_WRITTEN if final else 1
            self._as_written[delivery.id] += _UNANSWERED if error.code is None else times
            self._words_refused += 1
        if error.particular or of_words:
            await self._put_it_off(delivery, str(error), pauses, ids)
            return _Fate.WORDS_REFUSED if of_words else _Fate.PUT_OFF
        pause = self._waits.put_off(_SERVER, pauses)
        await self._note_failed(delivery, str(error), pause)
        if (gist := _gist(str(error))) not in self._faults:
            self._faults.add(gist)
            if error.limit:
                log.get().warning("smtp.paused", error=str(error), seconds=round(pause.total_seconds()))
            else:
                log.get().error("smtp.lost", error=str(error))
        return _Fate.NO_SERVER

    async def _put_it_off(
        self,
        delivery: PendingDelivery,
        reason: str,
        pauses: Callable[[int], timedelta],
        ids: Mapping[str, object],
    ) -> None:
        await self._note_failed(delivery, reason, self._waits.put_off(delivery.id, pauses))
        if (gist := _gist(reason)) != self._put_off.get(delivery.id):
            self._put_off[delivery.id] = gist
            log.get().error("warning.put_off", error=reason, **ids)

    async def _note_failed(self, delivery: PendingDelivery, reason: str, pause: timedelta) -> None:
        now = datetime.now(UTC)
        await self._note(lambda store: store.delivery_failed(delivery.id, now, reason, now + pause))

    async def _note_taken(self) -> None:
        """Note what was accepted. Where the database cannot be told now, it is before anything more is sent."""
        for number, (at, response, left_out) in list(self._taken.items()):
            await self._note(
                partial(Store.delivery_sent, delivery_id=number, at=at, response=response, left_out=left_out)
            )
            del self._taken[number]

    async def _note(self, write: Callable[[Store], object]) -> None:
        def in_transaction(store: Store) -> None:
            with store.transaction():
                write(store)

        await self._in_store(in_transaction)

    def _recovered(self, delivery: PendingDelivery) -> None:
        self._waits.over(_SERVER)
        self._words_refused = 0
        self._behind.pop(delivery.recipient, None)
        self._forget(delivery)
        if self._faults:
            self._faults.clear()
            log.get().info("smtp.back")

    def _forget(self, delivery: PendingDelivery) -> None:
        self._waits.over(delivery.id)
        self._behind.pop(delivery.id, None)
        self._put_off.pop(delivery.id, None)
        self._as_written.pop(delivery.id, None)


def _is_the_answer(delivery: PendingDelivery, error: SendError) -> bool:
    """Whether a refusal is what the mail was to find out."""
    final = error.particular and error.code is not None and error.code >= _PERMANENT
    return final and kind_of(delivery.warning.step).asks(delivery)


def _gist(said: str) -> str:
    """Return what was said without ids and times, which differ each time that it is said."""
    return _DIFFERS.sub("", said)


async def wait_for(left: timedelta | None, woken: asyncio.Event, longest: timedelta) -> None:
    """Wait for so long, until woken, or for `longest`, whichever is first; by a clock that nobody sets."""
    seconds = max(0.05, min(left if left is not None else longest, longest).total_seconds())
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
    finally:
        woken.clear()
