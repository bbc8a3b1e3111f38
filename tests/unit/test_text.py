"""What a warning about one case says."""

import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_notices import CARE, JORDAN, NOW, PARTIES, PATEL, SMITH, VOICE, deadline, finding, occasion, said

from relaywatch.core.cases.case import Code, Obligation
from relaywatch.core.cases.findings import MENDABLE
from relaywatch.core.mail.message import Topic
from relaywatch.core.notices import of_case
from relaywatch.core.notices.notice import Tone
from relaywatch.core.notices.of_case import UnreadMailbox
from relaywatch.core.notices.voice import LANGUAGES, Voice, clean, short_address

ORDER = "order 600000012345678"
SHORT = "c-0f3a5b7c...@relay.walmart.ca"
LATE, SOON = "Sun 22 Nov, 16:12 EST", "Sun 22 Nov, 17:13 EST"
TEAM = "Walmart's Customer Experience team"
MIN, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("rule", "left", "subject"),
    [
        ("C1", HOUR, f"[relaywatch] 1 h left: reply to customer (case 12, {ORDER})"),
        ("C1", timedelta(0), f"[relaywatch] DUE NOW: reply to customer (case 12, {ORDER})"),
        (
            "C1",
            -25 * MIN,
            f"[relaywatch] OVERDUE since 25 min: reply to customer (case 12, {ORDER})",
        ),
        ("C2", 3 * HOUR, f"[relaywatch] 3 h left: reply to Walmart agent (case 12, {ORDER})"),
        (
            "C3",
            130 * MIN,
            f"[relaywatch] 2 h 10 min left: reply to escalated complaint (case 12, {ORDER})",
        ),
        (
            "C4",
            52 * MIN,
            f"[relaywatch] 52 min left: consumer-protection complaint (C4) (case 12, {ORDER})",
        ),
        (
            "H2",
            HOUR,
            f"[relaywatch] 1 h left: hand over to Walmart Customer Experience (case 12, {ORDER})",
        ),
    ],
)
def test_the_subject_begins_with_the_hurry(rule, left, subject):  # policy C1 to C4, H2
    assert of_case.step(occasion(deadline(rule, left))).subject == subject


@pytest.mark.parametrize(
    ("rule", "left", "headline"),
    [
        (
            "C1",
            HOUR,
            f"A reply to the customer ({SHORT}) is due by Sun 22 Nov, 17:13 EST: 1 h left.",
        ),
        (
            "C2",
            HOUR,
            f"A Reply All to the Walmart agent ({SMITH}) is due by Sun 22 Nov, 17:13 EST: 1 h left.",
        ),
        (
            "C4",
            -MIN,
            f"A reply to the consumer-protection complaint ({SMITH}) was due by {LATE}: 1 min late.",
        ),
        (
            "C3",
            timedelta(0),
            f"A reply to the escalated complaint ({SMITH}) is due now (Sun 22 Nov, 16:13 EST).",
        ),
        (
            "H1",
            HOUR,
            f"A message to {TEAM} (store pick-up or return in a store) is due by {SOON}: 1 h left.",
        ),
    ],
)
def test_the_headline_says_what_to_whom_and_by_when(rule, left, headline):
    assert of_case.step(occasion(deadline(rule, left))).headline == headline


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("C1", ["press Reply. ", f"from {CARE} to {JORDAN}", "Q5", "within 24 h"]),
        ("C2", ["press Reply All", f"(Q3): {SMITH}, {PATEL}.", "within 24 h"]),
        ("C3", ["reply and settlement have a clock each", f"(Q3): {SMITH}, {PATEL}."]),
        ("C4", ["Walmart gives 1 h for this", "Reply All", "within 1 h"]),
        (
            "H2",
            [
                "Customer Experience team",
                "order never arrived",
                "Name the order 600000012345678",
                "beside the reply",
            ],
        ),
    ],
)
def test_what_to_do_is_the_rules_own(rule, words):  # policy C1 to C4, H2, Q3, Q5
    everything = said(of_case.step(occasion(deadline(rule), reply_all=(SMITH, PATEL))))
    for word in words:
        assert word in everything


@pytest.mark.parametrize(
    ("rule", "command"),
    [
        ("C1", 'relaywatch answered 12 --note "..."'),
        ("H1", 'relaywatch answered 12 --obligation handover --note "..."'),
    ],
)
def test_the_commands_can_be_copied(rule, command):
    everything = said(of_case.step(occasion(deadline(rule))))
    for typed in ("relaywatch show 12", command, 'relaywatch waive 12 --reason "..."'):
        assert typed in everything


def test_resolution_asks_for_the_operators_word():
    owed = deadline("C1", obligation=Obligation.RESOLUTION)
    notice = of_case.step(occasion(owed))
    assert notice.subject.startswith("[relaywatch] 1 h left: settle the matter")
    assert "relaywatch resolve 12" in said(notice)
    assert "the matter is settled within 24 h" in said(notice)


def test_a_complaint_from_an_address_that_nobody_reads_is_answered_to_the_customer():
    everything = said(of_case.step(occasion(deadline("C3"), writer="noreply@walmart.com")))
    assert "Reply to the customer, through the relay address" in everything
    assert "Reply All" not in everything.split("The case")[0].split("What to do now")[1]


def test_a_customers_own_complaint_is_answered_through_the_relay():
    everything = said(of_case.step(occasion(deadline("C3"), writer=JORDAN)))
    assert f"from {CARE} to {JORDAN}" in everything


def test_the_handover_names_the_configured_team():  # policy H1
    parties = replace(PARTIES, handover=frozenset({"cx@walmart.com"}))
    of = {"topics": (Topic.PICKUP,), "order_id": None}
    everything = said(of_case.step(occasion(deadline("H1"), parties=parties, of=of)))
    assert "at cx@walmart.com: the customer has a problem with a store pick-up." in everything
    assert "number unknown" in everything


def test_without_an_order_number_the_subject_tells_the_case():
    notice = of_case.step(occasion(deadline(), of={"order_id": None}))
    assert notice.subject.endswith("reply to customer (case 12: Walmart.ca Customer: my blue mug)")
    assert of_case.step(occasion(deadline(), of={"order_id": None, "subject": " "})).subject.endswith("(case 12)")


def test_an_unread_mailbox_is_said_before_anything_is_done():
    unread = (UnreadMailbox(mailbox="care", since=NOW - 5 * MIN), UnreadMailbox(mailbox="helpdesk"))
    first, second = of_case.step(occasion(deadline(), unread=unread)).lead
    assert first.startswith(
        "This may already be answered: the mailbox care could not be read since Sun 22 Nov, 16:08 EST."
    )
    assert second.startswith("This may already be answered: the mailbox helpdesk could not be read yet.")


def test_what_was_done_so_far():
    seen = said(of_case.step(occasion(deadline(), last_inbound=NOW - 23 * HOUR, last_sent=NOW - 50 * HOUR)))
    assert "2 messages belong to the case." in seen
    assert "came in on Sat 21 Nov, 17:13 EST, 23 h ago" in seen
    assert "went out on Fri 20 Nov, 14:13 EST, 2 d 2 h ago" in seen
    assert "No reply has been seen." in said(of_case.step(occasion(deadline(), of={"messages": 1})))


def test_what_else_is_owed_is_named():
    later = deadline(left=3 * HOUR, key="second")
    everything = said(of_case.step(occasion(deadline(), later, deadline("H2"))))
    assert "customer, for the message of Sat 21 Nov, 19:13 EST: by Sun 22 Nov, 19:13 EST (3 h left)." in everything
    assert "A message to Walmart's Customer Experience team (order never arrived), for" in everything
    assert "One reply to the customer meets all that they sent before it." in everything


FINDINGS = [
    (Code.AUTOMATIC_REPLY, {"rule": "x"}, "(Q2)", "Reply yourself."),
    (Code.THIN_REPLY, {}, "(Q1)", "Reply once more, in your own words"),
    (Code.REPLY_ALL_MISSING, {"missing": [PATEL]}, f"left out {PATEL}.", f"Reply All, to: {SMITH}, {PATEL}."),
    (
        Code.INTERNAL_NOT_INFORMED,
        {"missing": ["sam@shop.example"]},
        "sam@shop.example",
        "Forward it to them.",
    ),
    (Code.OUTSIDE_RELAY, {"recipients": ["j@home.example"]}, "(Q5)", f"from {CARE} to {SMITH}"),
    (
        Code.BOUNCED_REPLY,
        {"recipients": [SMITH], "bounce": "<b@x>"},
        f"(Q6). Refused for: {SMITH}.",
        "Read the bounce",
    ),
    (Code.JUNKED, {}, "(M1)", "let mail from walmart.com pass"),
    (
        Code.UNREGISTERED_SENDER,
        {"sender": "sam@shop.example"},
        "sent from sam@shop.example",
        f"from {CARE} to {SMITH}",
    ),
    (Code.UNAUTHENTICATED, {"reason": "dkim=fail"}, "(dkim=fail)", "Open no link"),
]


@pytest.mark.parametrize(("code", "detail", "why", "mend"), FINDINGS)
def test_a_step_tells_what_was_wrong_and_how_to_mend_it(code, detail, why, mend):  # policy Q1 to Q6, M1
    about = deadline("C2")
    everything = said(of_case.step(occasion(about, findings=(finding(code, **detail),))))
    assert why in everything
    assert mend in everything
    assert "What was tried, and why it does not count" in everything


@pytest.mark.parametrize(
    "gone",
    [
        finding(Code.THIN_REPLY, mended_by="<later@shop.example>"),
        finding(Code.THIN_REPLY, affects="answered long ago"),
        finding(Code.FORBIDDEN_CONTACT, affects=None),
    ],
)
def test_what_no_longer_matters_is_not_told(gone):  # policy O2
    assert "What was tried" not in said(of_case.step(occasion(deadline(), findings=(gone,))))


@pytest.mark.parametrize(("code", "detail", "why", "mend"), [row for row in FINDINGS if row[0] in MENDABLE])
def test_a_finding_of_its_own_begins_with_what_is_wrong(code, detail, why, mend):
    found = finding(code, **detail)
    notice = of_case.finding(occasion(deadline("C2", 20 * HOUR), findings=(found,)), found)
    assert why in notice.headline
    assert notice.lead[0].startswith("The clock runs all the same: A Reply All to the Walmart agent")
    assert mend in notice.sections[0].items[0]
    assert ", 20 h left: reply to Walmart agent (case 12, order 600000012345678)" in notice.subject
    assert "What was tried" not in said(notice)


def test_mail_in_the_junk_folder_must_be_answered_too():
    found = finding(Code.JUNKED)
    items = of_case.finding(occasion(deadline(), findings=(found,)), found).sections[0].items
    assert "relay.walmart.ca" in items[0]
    assert any("press Reply" in item for item in items[1:])


def test_the_tone_follows_the_clock():
    assert of_case.step(occasion(deadline(left=MIN))).tone is Tone.SOON
    assert of_case.step(occasion(deadline(left=-MIN))).tone is Tone.LATE


@pytest.mark.parametrize(
    ("moment", "zone", "read"),
    [
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), ZoneInfo("America/Toronto"), "Sun 1 Nov, 01:30 EDT"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), ZoneInfo("America/Toronto"), "Sun 1 Nov, 01:30 EST"),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), ZoneInfo("America/Toronto"), "Sun 8 Mar, 03:00 EDT"),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), ZoneInfo("Asia/Singapore"), "Sun 8 Mar, 15:00 UTC+08:00"),
        (datetime(2026, 3, 8, 7, 0, tzinfo=timezone(-8 * HOUR)), UTC, "Sun 8 Mar, 15:00 UTC"),
    ],
)
def test_times_are_local_and_name_their_zone(moment, zone, read):
    assert Voice(zone).when(moment) == read


@pytest.mark.parametrize(
    ("span", "read"),
    [
        (timedelta(seconds=20), "less than 1 min"),
        (timedelta(minutes=59, seconds=45), "1 h"),
        (-25 * MIN, "25 min"),
        (24 * HOUR, "24 h"),
        (47 * HOUR + 5 * MIN, "47 h 5 min"),
        (51 * HOUR, "2 d 3 h"),
        (timedelta(days=400), "400 d"),
    ],
)
def test_lengths_of_time_are_short(span, read):
    assert VOICE.span(span) == read


@pytest.mark.parametrize(
    ("foreign", "read"),
    [
        ("a\r\nBcc: x@y.example", "a Bcc: x@y.example"),
        ("tab\tand\u2028line\x85end", "tab and line end"),
        ("\u202egpj.exe\u200b\x00\x1b[31m", "gpj.exe[31m"),
        ("\ud800lone", "lone"),
        ("x" * 500, "x" * 97 + "..."),
        ("到底什么时候发货？", "到底什么时候发货？"),
    ],
)
def test_foreign_text_becomes_one_plain_line(foreign, read):
    assert clean(foreign) == read


@given(st.text(max_size=600))
def test_whatever_it_was_it_is_short_and_printable(foreign):
    line = clean(foreign)
    assert len(line) <= 100
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()


@given(st.text(), st.text(), st.text())
def test_hostile_mail_cannot_break_a_notice(subject, writer, order):
    of = {
        "subject": subject,
        "order_id": order,
        "counterparty": writer,
        "mailbox": writer,
        "account": subject,
    }
    about = deadline("C2")
    found = (
        finding(Code.REPLY_ALL_MISSING, missing=[subject, writer]),
        finding(Code.UNAUTHENTICATED, reason=subject),
    )
    notice = of_case.step(occasion(about, findings=found, of=of, writer=writer, reply_all=(writer,)))
    assert len(notice.subject) < 250
    for line in said(notice).split("\n"):
        assert len(line.splitlines()) <= 1


def test_braces_in_mail_are_only_braces():
    assert "{case.__class__} {0}" in said(of_case.step(occasion(deadline(), of={"subject": "{case.__class__} {0}"})))


def test_long_lists_of_addresses_end_in_a_number():
    assert VOICE.several(f"a{n}@walmart.com" for n in range(40)).endswith("a24@walmart.com and 15 more")
    assert VOICE.several([SMITH, SMITH]) == SMITH


def test_a_short_address_still_tells_whose_it_is():
    assert short_address(JORDAN) == SHORT
    assert short_address(SMITH) == SMITH


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences_and_values(language):
    formatter = string.Formatter()

    def values(sentence):
        return {name for _, name, _, _ in formatter.parse(sentence) if name is not None}

    words, english = LANGUAGES[language], LANGUAGES["en"]
    assert words.keys() == english.keys()
    for key, sentence in words.items():
        assert sentence == sentence.strip()
        assert values(sentence) <= values(english[key]), key
    assert len(words["time.weekdays"].split()) == 7
    assert len(words["time.months"].split()) == 12


def test_a_warning_bears_the_subject_of_the_message_that_it_is_about():
    first = {"order_id": None, "subject": "GTUBE"}
    notice = of_case.step(occasion(deadline(), of=first, subject="My blue mug"))
    assert "GTUBE" not in said(notice)
    assert notice.subject == "[relaywatch] 1 h left: reply to customer (case 12: My blue mug)"
    assert "GTUBE" not in said(of_case.step(occasion(deadline(), of=first, subject="")))
    assert "GTUBE" in said(of_case.step(occasion(deadline(), of=first)))
