"""`tell-failure`: says by mail that the service failed. systemd runs it, and its words come in the environment.

A refused configuration keeps the service down: that is told at once. Else systemd starts it again, and three failures
within an hour are told, once an hour. How often it failed and when that was told is kept in a small file in memory,
for there may be no database to keep it in; where it cannot be kept nothing is mailed, for it would be each time.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from relaywatch.app.memo import Memo
from relaywatch.app.post import post, voice_of
from relaywatch.config import ConfigError, Outlet, load, load_outlet
from relaywatch.core.due.outage import failure_is_told, pause_after, recent
from relaywatch.core.notices import of_outage
from relaywatch.core.notices.of_outage import Failure

STEP = "failed"  # X-Relaywatch-Step
REFUSED = "2"  # (interface: Exit statuses); RestartPreventExitStatus= in the unit
_FAILED, _TOLD = "failed", "told"
_PATIENCE_SECONDS = 15 * 60.0  # with a mail server that is not reached: the network may come later
_WORDS = ("SERVICE_RESULT", "EXIT_STATUS", "UNIT")


class UntoldError(Exception):
    """A failure that could not be mailed; its text is one line."""


def failure_in(environ: Mapping[str, str]) -> Failure | None:
    """Return how the service ended, as systemd tells an OnFailure= unit (systemd.exec(5)); None where it did not."""
    result, status, unit = (environ.get(f"MONITOR_{word}", "") for word in _WORDS)
    if not result:
        return None
    return Failure(unit=unit or "relaywatch.service", result=result, status=status, refused=status == REFUSED)


async def tell_failure(path: Path, failure: Failure, memo: Memo, *, patience: float = _PATIENCE_SECONDS) -> str:
    """Mail it where that is due; return a line that says what was done.

    Raises ConfigError where the configuration does not even give a mail server and somebody to tell, UntoldError
    where nobody could be told within `patience` seconds.
    """
    if failure.result == "success":
        return "nothing failed"
    now = time.monotonic()
    noted = memo.read()
    failures = [*recent(noted.get(_FAILED, []), now), now]
    told = recent(noted.get(_TOLD, []), now)
    kept = memo.write({_FAILED: failures, _TOLD: told})
    if not failure_is_told(failures, told, now, refused=failure.refused):
        return f"failed {len(failures)} time(s) within an hour: {'that was told' if told else 'not told yet'}"
    if not kept and not failure.refused:
        raise UntoldError(f"{memo.path}: cannot be written, so that there would be no end of mails: none is sent")
    if failure.refused:
        failure = replace(failure, problems=_problems(path))
    recipients = await _mail(load_outlet(path), failure, patience)
    memo.write({_FAILED: failures, _TOLD: [time.monotonic()]})
    return f"told {', '.join(recipients)}"


def _problems(path: Path) -> tuple[str, ...]:
    """Return what is wrong with the configuration now; its lines never hold a secret (config/problems.py)."""
    try:
        load(path)
    except ConfigError as error:
        return error.problems
    return ()


async def _mail(outlet: Outlet, failure: Failure, patience: float) -> list[str]:
    """Return who was told; the others are tried again for as long as the patience lasts."""
    now, until = datetime.now(UTC), time.monotonic() + patience
    notice = of_outage.failed(failure, now=now, voice=voice_of(outlet))
    told: list[str] = []
    left, tries, problems = list(outlet.to), 0, [""]
    while left:
        posted = await post(outlet, notice, STEP, now.isoformat(), left, now)
        told += posted.told
        left = [one for one in left if one not in posted.told and one not in posted.unknown]
        problems = posted.problems or problems
        tries += 1
        pause = pause_after(tries)
        if time.monotonic() + pause > until:
            break
        if left:
            await asyncio.sleep(pause)
    if not told:
        raise UntoldError(f"nobody could be told: {problems[-1]}")
    return told
