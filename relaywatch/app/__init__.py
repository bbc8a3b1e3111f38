"""The daemon: wiring, signals, systemd, and the socket that the operator's commands come over."""

from relaywatch.app.daemon import run, run_once

__all__ = ["run", "run_once"]
