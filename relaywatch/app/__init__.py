"""The daemon: wiring, signals, systemd, and the socket that the operator's commands come over."""

from relaywatch.app.daemon import end, run, run_once

__all__ = ["end", "run", "run_once"]
