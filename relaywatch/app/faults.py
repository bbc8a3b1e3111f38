"""What is wrong with the database: said once, however many loops meet it, and once when it is over for all."""

from relaywatch import log
from relaywatch.store import StoreError


class Faults:
    """The loops that cannot use the database now, and why."""

    def __init__(self) -> None:
        self._met: dict[str, str] = {}
        self._said: set[str] = set()

    @property
    def now(self) -> str:
        """What is wrong, "" if nothing is."""
        return next(reversed(self._met.values()), "")

    def met(self, loop: str, error: StoreError) -> None:
        """Note that a loop failed; say so if that was not said since all went well."""
        self._met[loop] = str(error)
        if str(error) not in self._said:
            self._said.add(str(error))
            log.get().error("database.fault", error=str(error))

    def over(self, loop: str) -> None:
        """Note that a loop could use it again."""
        if self._met.pop(loop, None) is not None and not self._met:
            self._said.clear()
            log.get().info("database.back")
