"""What a warning about many cases says, and what is said of a mailbox."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lab_notices import CARE, NOW, PARTIES, VOICE, case, deadline, finding, said

from relaywatch.core.cases.case import Code
from relaywatch.core.cases.findings import MENDABLE
from relaywatch.core.notices import of_cases, of_mailbox
from relaywatch.core.notices.notice import Tone
from relaywatch.core.notices.of_case import UnreadMailbox
from relaywatch.core.notices.of_cases import Entry, Gathering
from relaywatch.core.notices.of_mailbox import BlindMailbox

GATHERING = Gathering(now=NOW, voice=VOICE, parties=PARTIES)


def entries(count: int, *, late: bool = True) -> list[Entry]:
    sign = -1 if late else 1
    return [
        Entry(case_id=number, case=case(about), deadline=about)
        for number in range(1, count + 1)
        for about in [deadline("C1" if number % 2 else "C2", sign * timedelta(minutes=number))]
    ]


def test_lapses_are_a_table_the_oldest_first():
    notice = of_cases.lapses(entries(12), GATHERING)
    assert notice.subject == "[relaywatch] OVERDUE: 12 cases without what they are owed"
    assert notice.headline == "12 cases are past their time, the oldest by 12 min."
    assert notice.tone is Tone.LATE
    table = notice.sections[1].table
    assert table.header == ("Case", "Due", "Rule", "From", "Subject")
    assert [row[0] for row in table.rows] == [str(number) for number in range(12, 0, -1)]
    assert table.rows[0] == (
        "12",
        "Sun 22 Nov, 16:01 EST (OVERDUE since 12 min)",
        "C2",
        "jsmith@walmart.com",
        "Walmart.ca Customer: my blue mug",
    )


def test_a_thousand_lapses_stay_a_mail_that_can_be_read():
    notice = of_cases.lapses(entries(1000), GATHERING)
    section = notice.sections[1]
    assert len(section.table.rows) == 300
    assert section.lines == ("700 more are not shown: relaywatch cases names them all.",)


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("count", [1, 12])
@pytest.mark.parametrize("code", [None, *sorted(MENDABLE)])
def test_what_filters_refuse_is_said_without_a_word_that_others_chose(code, count, late):
    """Who, which order and under what subject were the senders' to choose."""
    some = [
        replace(
            one, subject="pills", case=replace(one.case, findings=(finding(code, missing=["pills@pills.example"]),))
        )
        if code
        else replace(one, subject="pills")
        for one in entries(count, late=late)
    ]
    notice = of_cases.bare(some, GATHERING, code=code)
    mail = said(notice)
    assert not any(word in mail for word in ("pills", "mug", "relay.walmart.ca", "jsmith", "6000000"))
    assert "relaywatch show" in mail
    assert ("OVERDUE" in mail) is late
    assert {row[0] for row in notice.sections[1].table.rows} == {str(number) for number in range(1, count + 1)}


def test_a_genuine_lapse_is_not_pushed_out_by_older_forged_ones():
    from_nobody = replace(finding(Code.UNAUTHENTICATED), message_key="asked")
    forged = [replace(one, case=replace(one.case, findings=(from_nobody,))) for one in entries(400)[1:]]
    notice = of_cases.lapses([*entries(1), *forged], GATHERING)
    assert notice.sections[1].table.rows[0][0] == "1"
    assert notice.headline.endswith("the oldest by 6 h 40 min.")


def test_running_deadlines_are_a_table_the_first_due_first():
    notice = of_cases.steps(entries(5, late=False), GATHERING, forged=False)
    assert notice.subject == "[relaywatch] 5 more cases wait for an answer, the first due in 1 min"
    assert [row[0] for row in notice.sections[1].table.rows] == ["1", "2", "3", "4", "5"]
    forged = of_cases.steps(entries(5, late=False), GATHERING, forged=True)
    assert forged.subject == "[relaywatch] 5 cases that may be forged, the first due in 1 min"
    assert "{" not in said(notice) + said(forged)


@pytest.mark.parametrize("code", sorted(MENDABLE))
def test_findings_are_gathered_with_their_remedy(code):
    notice = of_cases.findings(code, entries(11, late=False), GATHERING)
    everything = said(notice)
    assert "11 cases, the first due in 1 min" in notice.subject
    assert f"({code.rule})" in everything
    assert notice.sections[0].items
    assert "{" not in everything


def test_overdue_findings_are_late():
    notice = of_cases.findings(Code.JUNKED, entries(11), GATHERING)
    assert notice.tone is Tone.LATE
    assert notice.subject == "[relaywatch] In the junk folder: 11 cases, the first OVERDUE"


def test_gathered_warnings_say_what_was_not_read():
    gathering = Gathering(now=NOW, voice=VOICE, parties=PARTIES, unread=(UnreadMailbox(mailbox="care"),))
    assert "the mailbox care could not be read yet" in said(of_cases.lapses(entries(11), gathering))
    assert "the mailbox care could not be read yet" in said(of_cases.findings(Code.JUNKED, entries(11), gathering))


def test_blindness_says_since_when_why_and_what_to_check():  # policy M2
    sight = BlindMailbox(
        account="main",
        mailbox="care",
        address=CARE,
        since=NOW - timedelta(minutes=5),
        reason="imap.shop.example:993:\r\nnothing listens there",
    )
    notice = of_mailbox.blind(sight, now=NOW, voice=VOICE)
    assert notice.subject == "[relaywatch] BLIND since 5 min: mailbox care cannot be read"
    assert notice.tone is Tone.LATE
    everything = said(notice)
    for words in (
        f"The mailbox care ({CARE}) could not be read since Sun 22 Nov, 16:08 EST (5 min).",
        "imap.shop.example:993: nothing listens there",
        "look into it by hand",
        "relaywatch check",
    ):
        assert words in everything


def test_seeing_again_says_for_how_long_it_was_blind():
    sight = BlindMailbox(account="main", mailbox="care", address=CARE, since=NOW - timedelta(hours=2))
    notice = of_mailbox.seeing(sight, now=NOW, voice=VOICE)
    assert notice.subject == "[relaywatch] Seeing again: mailbox care is read, after 2 h"
    assert notice.tone is Tone.GOOD
    assert "It was not read for 2 h." in notice.headline
