"""Deliver: from warnings written down to people told.

An attempt is noted before DATA and its result after. A crash in between leaves a delivery that may have
arrived; it is sent again with the same Message-ID, for twice beats never. What cannot be sent now is tried
again, later and later up to a minute, and waits behind what was not tried yet, so that one full mailbox keeps
no warning from the others. What is refused for good is kept, counted and logged.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from functools import partial

from relaywatch import log
from relaywatch.config import Settings
from relaywatch.notify import LoginRefusedError, PermanentError, Sender, SendError, next_try
from relaywatch.pipeline.compose import Composed, compose
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.sweep import about
from relaywatch.store import PendingDelivery, Store, StoreError

_AT_ONCE = 50  # deliveries looked up at a time
_LOGIN_PAUSE = timedelta(minutes=1)  # a refused login is asked for again, but not so often that it gets locked
_MOST_PUT_OFF = 3  # in a row, and it is the server that takes nothing now
_LAST_SECONDS = 2.0  # to hear the answer to what is on its way when the program is stopped


class _Fate(Enum):
    """What became of one attempt."""

    SETTLED = auto()  # sent, refused for good, or not needed any more
    PUT_OFF = auto()  # this mail or recipient was not taken now
    NO_SERVER = auto()
    NO_LOGIN = auto()


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
        self._faults: set[str] = set()  # what was said of the server since it last took a mail
        self._failures = 0  # runs that ended before their end, since the server last took a mail
        self._put_off: dict[int, tuple[int, str]] = {}  # by delivery: how often, and what was said of it last
        self._taken: dict[int, tuple[datetime, str]] = {}  # by delivery: accepted, but not noted yet
        self._on_its_way = False  # from DATA until the result is noted
        self._ending = False

    async def send_pending(self) -> datetime | None:
        """Send all whose time has come; return when the next pending delivery may be tried, None: none is pending.

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

    async def _run(self) -> datetime | None:
        put_off = 0
        while True:
            await self._note_taken()
            now = datetime.now(UTC)
            pending = await self._in_store(partial(Store.pending_deliveries, now=now, limit=_AT_ONCE))
            for delivery in pending:
                if self._ending:
                    return now
                self._beat()
                fate = await self._send(delivery)
                put_off = put_off + 1 if fate is _Fate.PUT_OFF else 0
                if fate in (_Fate.NO_SERVER, _Fate.NO_LOGIN) or put_off >= _MOST_PUT_OFF:
                    self._failures += 1  # the others would only wait for it one by one
                    return datetime.now(UTC) + (_LOGIN_PAUSE if fate is _Fate.NO_LOGIN else next_try(self._failures))
            if not pending:
                return await self._in_store(Store.next_try_at)

    async def _send(self, delivery: PendingDelivery) -> _Fate:
        """Send one."""
        now = datetime.now(UTC)
        ids = {**about(delivery.warning), "recipient": delivery.recipient}
        try:
            composed: Composed = await self._in_store(
                lambda store: compose(store, self._settings, self._benches, delivery, now)
            )
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - one warning that cannot be written must not silence the others
            await self._put_it_off(delivery, f"it cannot be written ({type(error).__name__})", ids)
            return _Fate.SETTLED
        if composed.needless:
            await self._note(lambda store: store.delivery_dropped(delivery.id, now, composed.needless))
            self._put_off.pop(delivery.id, None)
            log.get().info("warning.dropped", reason=composed.needless, **ids)
            return _Fate.SETTLED
        try:
            response = await self._sender.send(
                composed.mail, delivery.recipient, on_data=partial(self._began, delivery)
            )
            self._taken[delivery.id] = (datetime.now(UTC), response)
            await self._note_taken()
        except PermanentError as error:
            refusal = str(error)
            await self._note(lambda store: store.delivery_failed(delivery.id, datetime.now(UTC), refusal, None))
            self._put_off.pop(delivery.id, None)
            log.get().error("warning.refused", error=refusal, **ids)
            return _Fate.SETTLED
        except SendError as error:
            return await self._not_now(delivery, error, ids)
        finally:
            self._on_its_way = False
        self._recovered(delivery)
        log.get().info("warning.sent", **ids)
        return _Fate.SETTLED

    async def _began(self, delivery: PendingDelivery) -> None:
        await self._note(lambda store: store.delivery_began(delivery.id, datetime.now(UTC)))
        self._on_its_way = True

    async def _not_now(self, delivery: PendingDelivery, error: SendError, ids: Mapping[str, object]) -> _Fate:
        """Note an attempt that came to nothing, or perhaps to nothing."""
        if error.particular:
            await self._put_it_off(delivery, str(error), ids)
            return _Fate.PUT_OFF
        again_at = datetime.now(UTC) + next_try(1)
        await self._note(lambda store: store.delivery_failed(delivery.id, datetime.now(UTC), str(error), again_at))
        if str(error) not in self._faults:
            self._faults.add(str(error))
            log.get().error("smtp.lost", error=str(error))
        return _Fate.NO_LOGIN if isinstance(error, LoginRefusedError) else _Fate.NO_SERVER

    async def _put_it_off(self, delivery: PendingDelivery, reason: str, ids: Mapping[str, object]) -> None:
        times, said = self._put_off.get(delivery.id, (0, ""))
        again_at = datetime.now(UTC) + next_try(times + 1)
        await self._note(lambda store: store.delivery_failed(delivery.id, datetime.now(UTC), reason, again_at))
        self._put_off[delivery.id] = (times + 1, reason)
        if reason != said:
            log.get().error("warning.put_off", error=reason, **ids)

    async def _note_taken(self) -> None:
        """Note what was accepted. Where the database cannot be told now, it is before anything more is sent."""
        for number, (at, response) in list(self._taken.items()):
            await self._note(partial(Store.delivery_sent, delivery_id=number, at=at, response=response))
            del self._taken[number]

    async def _note(self, write: Callable[[Store], object]) -> None:
        def in_transaction(store: Store) -> None:
            with store.transaction():
                write(store)

        await self._in_store(in_transaction)

    def _recovered(self, delivery: PendingDelivery) -> None:
        self._failures = 0
        self._put_off.pop(delivery.id, None)
        if self._faults:
            self._faults.clear()
            log.get().info("smtp.back")


async def wait_until(moment: datetime | None, woken: asyncio.Event, longest: timedelta) -> None:
    """Wait until a moment, until woken, or for `longest`, whichever is first."""
    left = longest if moment is None else min(longest, moment - datetime.now(UTC))
    seconds = max(0.05, left / timedelta(seconds=1))
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
    finally:
        woken.clear()
