"""The store's own thread: a connection belongs to one, and one writer needs no locks."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, TypeVar

from relaywatch.store import DamagedRow, Store

T = TypeVar("T")


class StoreThread:
    """Opens a store for writing in a thread of its own and runs functions there, one after the other."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._store: Store | None = None
        self._at_length = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open the store. Raises StoreError."""
        try:
            self._store = await self._run(lambda: Store.open(self._path))
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        store, self._store = self._store, None
        if store is not None:
            await self._run(store.close)
        self._thread.shutdown(wait=False)

    async def __call__(self, work: Callable[[Store], T]) -> T:
        """Run a function of the store. Raises what it raises; StoreError where the database cannot be used."""
        store = self._store
        assert store is not None
        try:
            return await self._run(lambda: work(store))
        except DamagedRow as error:
            error.lies_in(self._path)
            raise

    async def at_length(self, work: Callable[[Store], T]) -> T:
        """Run a function that may take long, one such at a time: what is urgent waits for one of them at the most."""
        async with self._at_length:
            return await self(work)

    async def _run(self, work: Callable[[], T]) -> T:
        # Shielded: a cancelled task must not leave a transaction that nobody waits for half seen.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))
