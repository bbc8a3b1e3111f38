"""kill -9 at random moments on real servers; `tests/bench/crash.py` is the same with many more rounds."""

import pytest
from lab_crash import Trial
from lab_dovecot import Dovecot
from lab_smtp import SmtpLab

ROUNDS = 4


@pytest.mark.timeout(180)
def test_kill_at_random_moments_loses_and_doubles_nothing(dovecot: Dovecot, user: str, tmp_path) -> None:
    with SmtpLab() as smtp:
        outcome = Trial(dovecot, smtp, tmp_path, seed=4, user=user).run(ROUNDS)
    assert outcome.faults == []
    assert (outcome.missing, outcome.doubled) == (0, 0)
    assert outcome.warnings > ROUNDS
    assert outcome.cases > ROUNDS
