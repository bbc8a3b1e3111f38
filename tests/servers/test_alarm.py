"""The mail from memory: whom it reaches, when, how often, and what a restart or an unreachable server changes."""

import pytest
from lab_run import Box, Home
from lab_smtp import SmtpLab

from relaywatch.app.alarm import DOWN, UP, Alarm
from relaywatch.app.faults import Faults
from relaywatch.app.memo import Memo
from relaywatch.config import load
from relaywatch.store import StoreError

ONCALL, BOSS = "oncall@shop.example", "boss@shop.example"
FULL = "/srv/relaywatch.db: the database cannot grow, for the disk is full: make room"
MINUTE, HOUR = 60.0, 3600.0


class Watch:
    """A daemon's faults and alarm on a clock that the test sets."""

    def __init__(self, folder, smtp: SmtpLab) -> None:
        home = Home(path=folder, smtp_port=smtp.port, boxes=[Box(port=1)], to=(ONCALL,), escalate_to=(BOSS,))
        self.settings = load(home.config)
        self.smtp = smtp
        self.clock = [100_000.0]
        self.memo = Memo(folder / "told")
        self.start()

    def start(self) -> None:
        self.faults = Faults(lambda: self.clock[0])
        self.alarm = Alarm(lambda: self.settings, self.faults, self.memo, lambda: self.clock[0])

    async def after(self, seconds: float) -> list[tuple[str, str]]:
        """Let time pass, a minute or less at a time; return who was told what meanwhile, in order."""
        before = len(self.smtp.accepted)
        while seconds > 0:
            self.clock[0] += min(MINUTE, seconds)
            seconds -= MINUTE
            await self.alarm.look()
        return [(mail.recipient, mail.message["X-Relaywatch-Step"]) for mail in self.smtp.accepted[before:]]


@pytest.fixture
def watch(tmp_path, lab):
    return Watch(tmp_path, lab)


BOTH_DOWN = [(ONCALL, DOWN), (BOSS, DOWN)]


async def test_everybody_is_told_after_blind_after_hourly_and_once_that_it_is_over(watch):
    watch.faults.all_over()
    assert await watch.after(10 * MINUTE) == []
    watch.faults.met("sweep", StoreError(FULL))
    assert await watch.after(4 * MINUTE) == []
    assert await watch.after(MINUTE) == BOTH_DOWN
    assert await watch.after(59 * MINUTE) == []
    assert await watch.after(MINUTE) == BOTH_DOWN
    watch.faults.over("sweep")
    assert sorted(await watch.after(5 * MINUTE)) == sorted([(ONCALL, UP), (BOSS, UP)])
    assert await watch.after(3 * HOUR) == []
    ids = [mail.message["Message-ID"] for mail in watch.smtp.accepted]
    assert len(set(ids)) == 3  # each mail of an outage has its own, whoever gets it
    mail = watch.smtp.accepted[0].message
    assert FULL in mail.get_body(("plain",)).get_content().replace("\n", " ")
    assert mail["X-Relaywatch-Mailbox"] is None


async def test_nobody_hears_of_what_is_over_before_blind_after(watch):
    for _ in range(5):
        watch.faults.met("sweep", StoreError(FULL))
        assert await watch.after(4 * MINUTE) == []
        watch.faults.over("sweep")
        assert await watch.after(2 * MINUTE) == []


async def test_what_comes_and_goes_makes_no_more_than_one_mail_an_hour(watch):
    told = []
    for _ in range(12):  # an hour and a half
        watch.faults.met("sweep", StoreError(FULL))
        told += await watch.after(6 * MINUTE)
        watch.faults.over("sweep")
        told += await watch.after(1.5 * MINUTE)
    assert [step for recipient, step in told if recipient == ONCALL] == [DOWN, UP, DOWN, UP]


async def test_it_is_not_over_before_it_has_been_well_for_a_while(watch):
    watch.faults.met("sweep", StoreError(FULL))
    assert await watch.after(5 * MINUTE) == BOTH_DOWN
    watch.faults.all_over()  # it was opened anew, but nobody has read it
    assert await watch.after(10) == []
    watch.faults.met("sweep", StoreError(FULL))
    assert await watch.after(30 * MINUTE) == []


async def test_a_restart_tells_nobody_again_before_the_hour_is_over(watch):
    watch.faults.met("start", StoreError(FULL))
    assert await watch.after(10 * MINUTE) == BOTH_DOWN
    watch.start()
    watch.faults.met("start", StoreError(FULL))
    assert await watch.after(54 * MINUTE) == []
    assert await watch.after(MINUTE) == BOTH_DOWN
    watch.start()
    watch.faults.all_over()
    assert len(await watch.after(2 * MINUTE)) == 2  # the new process says that it is over
    watch.start()
    watch.faults.all_over()
    assert await watch.after(2 * MINUTE) == []


async def test_a_machine_that_started_anew_tells_at_once(watch):
    watch.faults.met("start", StoreError(FULL))
    assert await watch.after(10 * MINUTE) == BOTH_DOWN
    watch.clock[0] = 50.0
    watch.start()
    watch.faults.met("start", StoreError(FULL))
    assert await watch.after(6 * MINUTE) == BOTH_DOWN


async def test_without_a_place_for_its_memo_it_still_keeps_the_hour(watch, tmp_path):
    watch.memo = Memo(tmp_path / "nowhere" / "told")
    watch.start()
    watch.faults.met("sweep", StoreError(FULL))
    assert await watch.after(64 * MINUTE) == BOTH_DOWN


@pytest.mark.usefixtures("_soon_again")
async def test_who_could_not_be_reached_is_tried_again_and_the_others_are_not_told_twice(watch):
    watch.smtp.faults.recipients = {BOSS: "451 4.3.0 later"}
    watch.faults.met("sweep", StoreError(FULL))
    assert await watch.after(5 * MINUTE) == [(ONCALL, DOWN)]
    assert await watch.after(10 * MINUTE) == []
    watch.smtp.faults.clear()
    assert await watch.after(2 * MINUTE) == [(BOSS, DOWN)]


@pytest.mark.usefixtures("_soon_again")
async def test_a_mail_server_that_is_away_is_tried_until_it_is_back(watch):
    watch.smtp.down()
    watch.faults.met("sweep", StoreError(FULL))
    assert await watch.after(10 * MINUTE) == []
    watch.smtp.up()
    assert await watch.after(2 * MINUTE) == BOTH_DOWN
