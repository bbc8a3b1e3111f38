"""What people see in a terminal: time left, colour, names."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from lab_notices import NOW, case, deadline
from rich.console import Console

from relaywatch.cli import tables
from relaywatch.core.cases.case import State

ZONE = ZoneInfo("America/Toronto")


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=12, seconds=40), "12 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h 00 min"),
        (timedelta(hours=1, minutes=5), "1 h 05 min"),
        (timedelta(hours=47, minutes=59), "47 h 59 min"),
        (timedelta(hours=48), "2 d 0 h"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
        (timedelta(minutes=-7), "7 min"),
        (timedelta(days=-2), "2 d 0 h"),
    ],
)
def test_durations_as_people_say_them(left, text):
    assert tables.span(left) == text


def printed(monkeypatch, *cases, width=120, several=False, colour=True):
    out = io.StringIO()
    console = Console(
        file=out,
        force_terminal=colour,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        color_system="standard" if colour else None,
    )
    monkeypatch.setattr(tables, "_console", lambda: console)
    tables.print_cases(list(enumerate(cases, start=1)), ZONE, NOW, several=several)
    return out.getvalue()


def test_what_is_late_stands_out(monkeypatch):
    late = case(deadline("C1", timedelta(hours=-2)))
    soon = case(deadline("C4", timedelta(minutes=25)))
    calm = case(deadline("C1", timedelta(hours=20)))
    text = printed(monkeypatch, late, soon, calm)
    assert "\x1b[1;31mlate by 2 h 00 min" in text
    assert "\x1b[1;33m25 min left" in text
    assert "20 h 00 min left" in text
    assert "\x1b[1;31m20 h" not in text


def test_several_accounts_have_a_column(monkeypatch):
    one = case(deadline(), account="north")
    assert "account" in printed(monkeypatch, one, several=True)
    assert "north" in printed(monkeypatch, one, several=True)
    assert "account" not in printed(monkeypatch, one)


def test_mail_cannot_draw_in_the_table(monkeypatch):
    evil = case(deadline(), subject="\x1b[2J[red]free[/red] :smile: mugs\nand more", order_id="6\x1b[31m")
    text = printed(monkeypatch, evil, colour=False, width=160)
    assert "\x1b" not in text
    assert "[red]" in text  # no markup of ours
    assert ":smile:" in text


@pytest.mark.parametrize("width", [52, 60, 80, 100, 120, 140, 200])
def test_it_fits_any_terminal(monkeypatch, width):
    text = printed(
        monkeypatch, case(deadline("C1", timedelta(hours=-2)), subject="A mug " * 50), width=width, colour=False
    )
    assert max(map(len, text.splitlines())) <= width
    assert "late by 2 h 00 min" in text
    assert text.splitlines()[1].startswith("1 ")
    assert "reply C1" in text


def test_a_case_that_owes_nothing(monkeypatch):
    text = printed(monkeypatch, case(deadline(), state=State.RESOLVED), colour=False)
    assert "resolved" in text
