"""The commands: what each takes, and what its exit status says (interface: Exit statuses).

0 done; 1 only from `status`; 2 wrong usage or configuration, an unknown case; 3 a server, file or database
that could not be used. Errors are one line on standard error, never a traceback.
"""

from collections.abc import Sequence

from relaywatch.cli.arguments import parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    from relaywatch.cli.ending import run_to_its_end  # noqa: PLC0415 - help and wrong usage wait for nothing else

    return run_to_its_end(options)
