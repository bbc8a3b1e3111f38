"""One run of the daemon under one configuration: the three loops, and what they wake each other with."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

from relaywatch import log
from relaywatch.app.alarm import blind_after
from relaywatch.app.control import ASK_FAULT
from relaywatch.app.faults import Faults
from relaywatch.app.systemd import Pulse, notify, watchdog_interval
from relaywatch.config import Account, Mailbox, Settings
from relaywatch.core.due.outage import beyond_hope
from relaywatch.mailbox.errors import MailboxError
from relaywatch.mailbox.watch import FolderMissing, Lost, RepliesRead, Seeing, State, Watcher
from relaywatch.notify import Sender
from relaywatch.pipeline.again import try_again
from relaywatch.pipeline.chores import do_chores
from relaywatch.pipeline.deliver import Deliver, wait_for
from relaywatch.pipeline.ingest import Ingest, log_changes
from relaywatch.pipeline.judging import benches, judge_all_again
from relaywatch.pipeline.readers import Readers
from relaywatch.pipeline.request import Request, StatementError
from relaywatch.pipeline.sight import Outlook, note_lost
from relaywatch.pipeline.statements import apply
from relaywatch.pipeline.storing import StoreThread
from relaywatch.pipeline.sweep import Sweep, Swept
from relaywatch.pipeline.warnings.blindness import note_seeing
from relaywatch.store import Store, StoreError

_TICK = timedelta(seconds=5)  # the sweep's safety net; it is woken for all that it knows of
_HELD = timedelta(seconds=1)
_AFTER_FAULT = timedelta(seconds=5)
_FORGET_EVERY = timedelta(hours=1)
_LONGEST_SWEEP = timedelta(minutes=2)
_LONGEST_SEND = timedelta(minutes=12)  # the final dot may take ten (RFC 5321 4.5.3.2.6)
_LONGEST_COMMAND = timedelta(minutes=3)
_THREADS = 32  # enough for thousands of mailboxes: a connection that idles has none


class Session:
    """The loops and what they share. `async with session.open(...)`, then `run` or `once`."""

    def __init__(self, settings: Settings, store: StoreThread, pulse: Pulse, faults: Faults) -> None:
        self._settings = settings
        self._store = store
        self._pulse = pulse
        self._benches = benches(settings)
        self._accounts: Mapping[str, Account] = {account.name: account for account in settings.accounts}
        self._mailboxes = [mailbox for account in settings.accounts for mailbox in account.mailboxes]
        self._sweep_now = asyncio.Event()
        self._deliver_now = asyncio.Event()
        started_at = datetime.now(UTC)
        self._untried = {(mailbox.account, mailbox.name): started_at for mailbox in self._mailboxes}
        self._answered: dict[tuple[str, str], datetime] = {}  # when all answers were read that a mailbox had
        self._received = False  # whether a message came since the last sweep
        self._asked_at = datetime.min.replace(tzinfo=UTC)  # when the watchers were last asked to look
        self._faults = faults
        self._watchers: list[tuple[Mailbox, Watcher]] = []
        self._deliver: Deliver

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, store: StoreThread, pulse: Pulse, faults: Faults
    ) -> "AsyncIterator[Session]":
        """Start what the loops need; end it in the end."""
        session = cls(settings, store, pulse, faults)
        async with AsyncExitStack() as stack:
            parties = {account.name: account.parties for account in settings.accounts}
            readers = await stack.enter_async_context(Readers(parties, settings.rules))
            threads = ThreadPoolExecutor(min(_THREADS, 2 + 2 * len(session._mailboxes)), "imap")
            stack.callback(threads.shutdown, wait=False, cancel_futures=True)
            sender = Sender(settings.smtp)
            stack.push_async_callback(sender.aclose)
            ingest = Ingest(store, readers, session._benches, session._on_received)
            session._watchers = [
                (
                    mailbox,
                    Watcher(
                        mailbox,
                        executor=threads,
                        lookback=settings.service.lookback,
                        ingest=ingest,
                        on_state=session._on_state,
                        beat=Beat(pulse, _name(mailbox)),
                        parties=parties[mailbox.account],
                    ),
                )
                for mailbox in session._mailboxes
            ]
            session._deliver = Deliver(store, settings, session._benches, sender, Beat(pulse, "deliver"))
            await store(session._prepare)
            yield session

    async def run(self) -> None:
        """Watch, warn and send until cancelled."""
        self._expect()
        async with asyncio.TaskGroup() as group:
            for _, watcher in self._watchers:
                group.create_task(watcher.run())
            group.create_task(self._sweep_for_ever())
            group.create_task(self._deliver_for_ever())
            group.create_task(self._judge_again_until_done())
            group.create_task(self._forget_for_ever())
            group.create_task(self._watchdog())
            notify("READY=1\nSTATUS=watching")
            log.get().info("daemon.ready", mailboxes=len(self._mailboxes), accounts=len(self._accounts))
            await asyncio.Event().wait()

    async def once(self) -> bool:
        """Read what is new, send what is due; return whether every mailbox was read and every warning left."""
        await self._judge_again()
        read = await asyncio.gather(*(self._read_once(*watched) for watched in self._watchers))
        await self._sweep(None)
        await self._try_again(once=True)
        await self._deliver.send_pending()
        return all(read) and not await self._store(lambda store: store.next_try_at())

    async def _read_once(self, mailbox: Mailbox, watcher: Watcher) -> bool:
        try:
            await watcher.read_once()
        except MailboxError as error:
            await self._on_state(mailbox, Lost(error.text, datetime.now(UTC)))
            return False
        return True

    def _expect(self) -> None:
        for mailbox in self._mailboxes:
            self._pulse.register(_name(mailbox), mailbox.poll_interval + _LONGEST_COMMAND)
        self._pulse.register("sweep", _LONGEST_SWEEP)
        self._pulse.register("deliver", _LONGEST_SEND)

    def _prepare(self, store: Store) -> None:
        with store.transaction():
            store.prune_sights([(mailbox.account, mailbox.name) for mailbox in self._mailboxes])

    def _on_received(self) -> None:
        self._received = True
        self._sweep_now.set()

    async def _on_state(self, mailbox: Mailbox, state: State) -> None:
        """A watcher says that a mailbox was read to the end, or that it cannot be read."""
        now = datetime.now(UTC)
        ids = {"account": mailbox.account, "mailbox": mailbox.name}
        if not isinstance(state, FolderMissing):
            self._untried.pop((mailbox.account, mailbox.name), None)
        if isinstance(state, FolderMissing):
            log.get().warning("mailbox.folder_missing", folder=state.folder.value, **ids)
            return
        if isinstance(state, RepliesRead):
            self._answered[mailbox.account, mailbox.name] = state.started_at
            self._sweep_now.set()
            return
        try:
            await self._note_state(mailbox, state, now)
        except StoreError as error:
            self._faults.met(_name(mailbox), error)
            raise
        self._faults.over(_name(mailbox))
        self._sweep_now.set()

    async def _note_state(self, mailbox: Mailbox, state: Seeing | Lost, now: datetime) -> None:
        ids = {"account": mailbox.account, "mailbox": mailbox.name}
        if isinstance(state, Lost):
            await self._store(lambda store: note_lost(store, mailbox, state.since, state.reason))
            log.get().error("mailbox.lost", reason=state.reason, **ids)
            return
        account, sender = self._accounts[mailbox.account], self._settings.smtp.sender
        change = await self._store(lambda store: note_seeing(store, account, mailbox, state.started_at, sender, now))
        if change:
            log.get().info(f"mailbox.{change}", **ids)
            self._deliver_now.set()

    async def _sweep_for_ever(self) -> None:
        held: Swept | None = None
        while True:
            self._pulse.beat("sweep")
            try:
                held = await self._sweep(held)
                next_at = await self._store(lambda store: store.next_look_at())
                longest = _HELD if held.held else _TICK
                self._faults.over("sweep")
            except StoreError as error:
                self._faults.met("sweep", error)
                held, next_at, longest = None, None, _AFTER_FAULT
            left = next_at - datetime.now(UTC) if next_at is not None else longest
            await wait_for(left if left > timedelta() else longest, self._sweep_now, longest)

    async def _sweep(self, before: Swept | None) -> Swept:
        received, self._received = self._received, False
        held = before.held if before is not None and not received else None
        sender, untried = self._settings.smtp.sender, dict(self._untried)
        now = datetime.now(UTC)
        sweep = Sweep(self._benches, sender, now, held, untried, dict(self._answered))
        swept = sweep.done
        while await self._store(sweep.step):
            self._pulse.beat("sweep")
            if sweep.is_at_forged:
                swept.held |= await self._sweep_genuine(untried)
        log_changes(swept.changes)
        changes, written = await self._store(
            lambda store: do_chores(store, self._settings, self._benches, now, untried)
        )
        log_changes(changes)
        if swept.written or written:
            self._deliver_now.set()
        if swept.held and now - self._asked_at >= _HELD:  # a reading wakes the sweep: without a pause they would race
            self._asked_at = now
            for mailbox, watcher in self._watchers:
                if mailbox.account in swept.held:
                    watcher.look()
        return swept

    async def _sweep_genuine(self, untried: Mapping[tuple[str, str], datetime]) -> Mapping[str, Outlook]:
        """Say what fell due meanwhile but for forged messages; return what was held back of it."""
        now = datetime.now(UTC)
        sweep = Sweep(self._benches, self._settings.smtp.sender, now, None, untried, dict(self._answered), forged=False)
        while await self._store(sweep.step):
            self._pulse.beat("sweep")
        log_changes(sweep.done.changes)
        if sweep.done.written:
            self._deliver_now.set()
        return sweep.done.held

    async def _deliver_for_ever(self) -> None:
        begun = False
        while True:
            self._pulse.beat("deliver")
            try:
                if not begun:
                    await self._try_again(once=False)
                    begun = True
                left = await self._deliver.send_pending()
                self._faults.over("deliver")
            except StoreError as error:
                self._faults.met("deliver", error)
                left = _AFTER_FAULT
            await wait_for(left, self._deliver_now, timedelta(minutes=1))

    async def _try_again(self, *, once: bool) -> None:
        now = datetime.now(UTC)
        await self._store(lambda store: try_again(store, self._settings, now, once=once))

    async def _judge_again(self) -> None:
        """Judge all again where the policy, the rules or the program have changed since; in small steps."""
        for bench in self._benches.values():
            after: int | None = 0
            while after is not None:
                position, now = after, datetime.now(UTC)
                after, changes = await self._store(
                    lambda store: judge_all_again(store, bench, position, now)  # noqa: B023 - awaited in the loop
                )
                log_changes(changes)
        self._sweep_now.set()

    async def _judge_again_until_done(self) -> None:
        while True:
            try:
                await self._judge_again()
            except StoreError as error:
                self._faults.met("judge", error, holds_back=False)
                await asyncio.sleep(_AFTER_FAULT.total_seconds())
            else:
                self._faults.over("judge")
                return

    async def _forget_for_ever(self) -> None:
        keep = self._settings.service.keep
        while True:
            now = datetime.now(UTC)
            try:
                await self._store(lambda store: _forget(store, now - keep, now))  # noqa: B023 - awaited in the loop
                self._faults.over("forget")
                pause = _FORGET_EVERY
            except StoreError as error:
                self._faults.met("forget", error, holds_back=False)
                pause = _AFTER_FAULT
            await asyncio.sleep(pause.total_seconds())

    async def _watchdog(self) -> None:
        interval = watchdog_interval()
        silent: list[str] = []
        fault, was_hopeless = "", False
        while True:
            stuck = self._pulse.stuck()
            if stuck != silent:
                silent = stuck
                log.get().error("loop.stuck", loops=stuck) if stuck else log.get().info("loop.moves")
            hopeless = beyond_hope(self._faults.lasted, blind_after(self._settings))
            if hopeless and not was_hopeless:
                log.get().critical("watchdog.ended", error=self._faults.now)
            was_hopeless = hopeless
            if self._faults.now != fault:
                fault = self._faults.now
                notify(f"STATUS={fault or 'watching'}")
            if not stuck and not hopeless and interval is not None:
                notify("WATCHDOG=1")
            await asyncio.sleep(min(interval or _TICK, _TICK).total_seconds())

    async def answer(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """What the operator says, over the socket, and what `status` cannot read from a database that is at fault."""
        if request == ASK_FAULT:
            return {"fault": self._faults.now}
        try:
            wanted = Request.from_json(request)
            now = datetime.now(UTC)
            numbers, changes = await self._store(lambda store: apply(store, self._benches, wanted, now))
        except StatementError as error:
            return {"error": str(error), "status": 2}
        except StoreError as error:
            return {"error": str(error), "status": 3}
        log_changes(changes)
        self._on_received()
        return {"cases": numbers}


class Beat:
    """One loop's part of the pulse."""

    def __init__(self, pulse: Pulse, name: str) -> None:
        self._pulse = pulse
        self._name = name

    def __call__(self) -> None:
        """Note that the loop moved."""
        self._pulse.beat(self._name)


def _name(mailbox: Mailbox) -> str:
    return f"{mailbox.account}/{mailbox.name}"


def _forget(store: Store, before: datetime, now: datetime) -> None:
    with store.transaction():
        store.forget_words(before)
        store.forget_unused_phrases(now)
