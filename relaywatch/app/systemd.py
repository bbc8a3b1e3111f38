"""What systemd is told (sd_notify(3)): ready, reloading, stopping, and that every loop still moves."""

import math
import os
import socket
import time
from collections.abc import Mapping
from datetime import timedelta


def notify(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd a state such as `READY=1`; without systemd, nothing happens."""
    path = environ.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return
    address = f"\0{path[1:]}" if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(state.encode(), address)
    except OSError:
        return  # systemd finds out by the silence


def watchdog_interval(environ: Mapping[str, str] = os.environ) -> timedelta | None:
    """Return how often systemd wants to hear that all is well, None where it does not watch."""
    text = environ.get("WATCHDOG_USEC", "")
    if not text.isdigit() or environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return timedelta(microseconds=int(text)) / 2


class Pulse:
    """When each loop last moved. The watchdog only beats while every one does."""

    def __init__(self) -> None:
        self._loops: dict[str, tuple[float, float]] = {}  # last beat, longest silence; seconds, monotonic

    def register(self, name: str, longest: timedelta) -> None:
        """Expect a loop to beat at least so often."""
        self._loops[name] = (time.monotonic(), longest.total_seconds())

    def beat(self, name: str) -> None:
        """Note that a loop moved."""
        _, longest = self._loops.get(name, (0.0, math.inf))  # a loop that nobody waits for
        self._loops[name] = (time.monotonic(), longest)

    def stuck(self) -> list[str]:
        """Return the loops that have been silent for too long."""
        now = time.monotonic()
        return sorted(name for name, (last, longest) in self._loops.items() if now - last > longest)
