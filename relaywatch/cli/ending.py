"""How a command ends: its exit status, and one line for whatever went wrong (interface: Exit statuses)."""

import argparse
import os
import signal
import sys
from collections.abc import Iterable

from relaywatch.config import ConfigError
from relaywatch.pipeline.request import StatementError
from relaywatch.store import StoreError

USAGE = 2
UNUSABLE = 3


def run_to_its_end(options: argparse.Namespace) -> int:
    """Run the command that was parsed and return its exit status, whatever it raises."""
    try:
        status = int(options.command(options))
        sys.stdout.flush()
    except (ConfigError, StatementError) as error:
        _complain(error.problems if isinstance(error, ConfigError) else [str(error)])
        status = USAGE
    except StoreError as error:
        _complain([str(error)])
        status = UNUSABLE
    except BrokenPipeError:  # `relaywatch cases | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except OSError as error:  # a file, a socket
        _complain([": ".join(str(part) for part in (error.filename, error.strerror or error) if part)])
        status = UNUSABLE
    except Exception as error:  # noqa: BLE001 - a traceback helps no seller; what failed is said and logged
        from relaywatch import log  # noqa: PLC0415 - seldom needed, and costs every start time

        _complain([f"internal error: {log.error_text(error)}"])
        status = UNUSABLE
    return status


def _complain(problems: Iterable[str]) -> None:
    for problem in problems:
        print(f"relaywatch: {problem}", file=sys.stderr)
