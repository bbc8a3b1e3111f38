"""Deliver: from warnings written down to people told.

An attempt is noted before DATA and its result after. A crash in between leaves a delivery that may have
arrived; it is sent again with the same Message-ID, for twice beats never. What cannot be sent now is tried
again, later and later up to a minute; what is refused for good is kept, counted and logged.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from relaywatch import log
from relaywatch.config import Settings
from relaywatch.notify import LoginRefusedError, PermanentError, Sender, SendError, next_try
from relaywatch.pipeline.compose import Composed, compose
from relaywatch.pipeline.judging import Bench
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.sweep import about
from relaywatch.store import PendingDelivery, Store

_AT_ONCE = 50  # deliveries looked up at a time
_LOGIN_PAUSE = timedelta(minutes=1)  # a refused login is asked for again, but not so often that it gets locked


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
        self._fault: str | None = None  # what was wrong last, said once

    async def send_pending(self) -> datetime | None:
        """Send all whose time has come; return when the next pending delivery may be tried, None: none is pending."""
        while True:
            now = datetime.now(UTC)
            pending = await self._in_store(partial(Store.pending_deliveries, now=now, limit=_AT_ONCE))
            for delivery in pending:
                self._beat()
                again_at = await self._send(delivery)
                if again_at is not None:
                    return again_at  # the server is not there: the others would wait for it one by one
            if not pending:
                return await self._in_store(Store.next_try_at)

    async def _send(self, delivery: PendingDelivery) -> datetime | None:
        """Send one; return None, or when to try again where the server itself failed."""
        now = datetime.now(UTC)
        composed: Composed = await self._in_store(
            lambda store: compose(store, self._settings, self._benches, delivery, now)
        )
        ids = {**about(delivery.warning), "recipient": delivery.recipient}
        if composed.needless:
            await self._note(lambda store: store.delivery_dropped(delivery.id, now, composed.needless))
            log.get().info("warning.dropped", reason=composed.needless, **ids)
            return None
        try:
            response = await self._sender.send(
                composed.mail,
                delivery.recipient,
                on_data=lambda: self._note(lambda store: store.delivery_began(delivery.id, datetime.now(UTC))),
            )
        except PermanentError as error:
            await self._failed(delivery, error, None)
            log.get().error("warning.refused", error=str(error), **ids)
            return None
        except SendError as error:
            pause = _LOGIN_PAUSE if isinstance(error, LoginRefusedError) else next_try(delivery.attempts + 1)
            again_at = datetime.now(UTC) + pause
            await self._failed(delivery, error, again_at)
            self._say_fault(error)
            return again_at
        await self._note(lambda store: store.delivery_sent(delivery.id, datetime.now(UTC), response))
        self._recovered()
        log.get().info("warning.sent", **ids)
        return None

    async def _failed(self, delivery: PendingDelivery, error: SendError, again_at: datetime | None) -> None:
        await self._note(lambda store: store.delivery_failed(delivery.id, datetime.now(UTC), str(error), again_at))

    async def _note(self, write: Callable[[Store], object]) -> None:
        def in_transaction(store: Store) -> None:
            with store.transaction():
                write(store)

        await self._in_store(in_transaction)

    def _say_fault(self, error: SendError) -> None:
        """The same fault is logged once, however often it is met."""
        if self._fault != str(error):
            self._fault = str(error)
            log.get().error("smtp.lost", error=str(error))

    def _recovered(self) -> None:
        if self._fault is not None:
            self._fault = None
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
