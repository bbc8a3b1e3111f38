"""When somebody hears of an outage, how long is waited between two tries, and what the mails say."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from relaywatch.core.due.outage import beyond_hope, failure_is_told, mail_due_in, pause_after, recent
from relaywatch.core.notices import of_outage
from relaywatch.core.notices.notice import Tone
from relaywatch.core.notices.of_outage import Failure, Standstill
from relaywatch.core.notices.voice import Voice

NOON = datetime(2026, 11, 22, 17, tzinfo=UTC)
VOICE = Voice(ZoneInfo("America/Toronto"))
DAMAGED = "/var/lib/relaywatch/relaywatch.db: the database is damaged: restore it from a backup"
MINUTES = 60.0


def test_pauses_grow_and_are_bounded():
    pauses = [pause_after(tries) for tries in range(1, 50)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1, 30)


@pytest.mark.parametrize(
    ("lasted", "told_ago", "left"),
    [
        (0, None, 5 * MINUTES),
        (4 * MINUTES, None, MINUTES),
        (5 * MINUTES, None, 0),
        (50 * MINUTES, None, 0),
        (50 * MINUTES, 45 * MINUTES, 15 * MINUTES),
        (65 * MINUTES, 60 * MINUTES, 0),
        (6 * MINUTES, 20 * MINUTES, 40 * MINUTES),  # told of an outage before this one
        (MINUTES, 59 * MINUTES, 4 * MINUTES),
    ],
)
def test_when_a_mail_is_due(lasted, told_ago, left):
    assert max(0, mail_due_in(lasted, told_ago, 5 * MINUTES)) == left


@pytest.mark.parametrize(("lasted", "beyond"), [(0, False), (64 * MINUTES, False), (65 * MINUTES, True)])
def test_hope_ends_an_hour_after_the_first_mail(lasted, beyond):
    assert beyond_hope(lasted, 5 * MINUTES) is beyond


@pytest.mark.parametrize(
    ("failures", "told", "refused", "tells"),
    [
        ([1000], [], False, False),
        ([1000], [], True, True),
        ([500, 1000], [], False, False),
        ([500, 800, 1000], [], False, True),
        ([500, 800, 1000], [900], False, False),
        ([1000], [900], True, False),
        ([500, 800, 9_000], [], False, False),  # two of them, more than an hour ago
        ([7_000, 8_000, 9_000], [900], False, True),
        ([5e9, 6e9, 1000], [], False, False),  # noted before the machine started anew
        ([1000], [5e9], True, True),
    ],
)
def test_a_failure_is_told_at_once_or_at_the_third_within_an_hour(failures, told, refused, tells):
    assert failure_is_told(failures, told, max(moment for moment in failures if moment < 1e9), refused=refused) is tells


def test_only_the_last_hour_counts():
    assert recent([1, 5_000, 9_000, 9_999], 9_000) == [9_000]
    assert recent([5_400], 9_000) == []


def words(notice):
    parts = [notice.subject, notice.headline, *notice.lead, notice.footer]
    for section in notice.sections:
        parts += [section.title, *section.lines, *section.items, *(f"{name}: {value}" for name, value in section.facts)]
    return "\n".join(parts)


def test_an_outage_is_said_with_its_reason_its_time_what_it_means_and_what_to_do():
    notice = of_outage.down(Standstill(reason=DAMAGED, since=NOON - timedelta(minutes=5)), now=NOON, voice=VOICE)
    said = words(notice)
    assert notice.tone is Tone.LATE
    assert "NOTHING IS WATCHED since 5 min" in notice.subject
    assert "Sun 22 Nov, 11:55 EST" in notice.headline
    for part in (DAMAGED, "by hand", "relaywatch check", "again each hour"):
        assert part in said


def test_a_reason_of_any_length_is_a_bounded_line():
    notice = of_outage.down(Standstill(reason="x\r\nBcc: y" * 10_000, since=NOON), now=NOON, voice=VOICE)
    said = words(notice)
    assert "\r" not in said
    assert len(said) < 3_000


def test_the_end_of_an_outage_is_good_news():
    notice = of_outage.up("/srv/relaywatch.db", now=NOON, voice=VOICE)
    assert notice.tone is Tone.GOOD
    assert "/srv/relaywatch.db" in words(notice)


def test_a_refused_configuration_is_said_with_its_problems():
    problems = [f"mailbox[{number}].role: found nothing" for number in range(50)]
    failure = Failure(unit="relaywatch.service", result="exit-code", status="2", problems=problems, refused=True)
    notice = of_outage.failed(failure, now=NOON, voice=VOICE)
    said = words(notice)
    assert "stays down" in notice.subject
    assert "mailbox[0].role: found nothing" in said
    assert said.count("found nothing") == 10
    assert "systemctl restart relaywatch" in said


def test_a_service_that_fails_again_and_again_is_said_with_systemds_reason():
    failure = Failure(unit="relaywatch.service", result="watchdog", status="ABRT")
    notice = of_outage.failed(failure, now=NOON, voice=VOICE)
    said = words(notice)
    assert "again and again" in notice.subject
    assert "Result: watchdog" in said
    assert "journalctl -u relaywatch" in said
    assert all(not section.empty for section in notice.sections)
