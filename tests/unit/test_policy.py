"""The policy as a value: rules, durations, ladders and versions (policy C1 to C4)."""

from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.config.durations import parse_duration
from relaywatch.core.policy import LADDERS, WALMART_CANADA, Kind, Policy, ResolvedBy, Terms

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "rule", "hours"),
    [
        (Kind.CUSTOMER, "C1", 24),  # policy C1
        (Kind.WALMART_AGENT, "C2", 24),  # policy C2
        (Kind.COMPLAINT, "C3", 24),  # policy C3
        (Kind.CONSUMER_PROTECTION, "C4", 1),  # policy C4
    ],
)
def test_what_walmart_canada_asks(kind, rule, hours):
    assert kind.rule == rule
    assert WALMART_CANADA.reply[kind] == hours * HOUR
    assert Policy().terms_at(START).reply[kind] == hours * HOUR


def test_the_second_halves_and_hand_overs():
    assert WALMART_CANADA.resolution == 24 * HOUR  # policy C1, C3
    assert WALMART_CANADA.handover == 24 * HOUR  # policy H1, H2
    assert Policy().resolved_by is ResolvedBy.SILENCE


def test_kinds_from_the_most_urgent_to_the_least():
    order = [Kind.CONSUMER_PROTECTION, Kind.COMPLAINT, Kind.WALMART_AGENT, Kind.CUSTOMER]
    assert sorted(Kind, key=lambda kind: kind.urgency) == order
    assert [kind.urgency for kind in order] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (Kind.CUSTOMER, ["8h", "3h", "1h"]),
        (Kind.WALMART_AGENT, ["8h", "3h", "1h"]),
        (Kind.COMPLAINT, ["12h", "6h", "2h", "30m"]),
        (Kind.CONSUMER_PROTECTION, ["55m", "40m", "25m", "10m"]),
    ],
)
def test_default_ladders(kind, texts):
    ladder = Policy().ladders[kind]
    assert [step.text for step in ladder] == texts
    assert [step.before for step in ladder] == [parse_duration(text) for text in texts]
    assert ladder == LADDERS[kind]
    befores = [step.before for step in ladder]
    assert befores == sorted(befores, reverse=True)
    assert befores[0] < WALMART_CANADA.reply[kind]


def test_the_defaults_cannot_be_changed():
    with pytest.raises(TypeError):
        LADDERS[Kind.CUSTOMER] = ()
    with pytest.raises(TypeError):
        WALMART_CANADA.reply[Kind.CUSTOMER] = HOUR


def version(valid_from, hours):
    return Terms(
        reply=MappingProxyType(dict.fromkeys(Kind, hours * HOUR)),
        handover=hours * HOUR,
        resolution=hours * HOUR,
        valid_from=valid_from,
    )


@pytest.mark.parametrize(
    ("received", "hours"),
    [
        (datetime.min.replace(tzinfo=UTC), 24),
        (START - timedelta(microseconds=1), 24),
        (START, 48),
        (START + 9 * HOUR, 48),
        (START + 10 * HOUR - timedelta(microseconds=1), 48),
        (START + 10 * HOUR, 12),
        (datetime.max.replace(tzinfo=UTC), 12),
    ],
)
def test_a_message_has_the_version_under_which_it_came(received, hours):
    policy = Policy(versions=(WALMART_CANADA, version(START, 48), version(START + 10 * HOUR, 12)))
    assert policy.terms_at(received).handover == hours * HOUR


def test_the_first_version_covers_all_before_it():
    policy = Policy(versions=(version(START, 48),))
    assert policy.terms_at(START - 1000 * HOUR).handover == 48 * HOUR


@given(
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=6, unique=True).map(sorted),
    st.integers(-1100, 1100),
    st.integers(0, 300),
)
def test_a_later_message_never_has_an_earlier_version(starts, at, later):
    versions = tuple(version(START + hour * HOUR, number + 1) for number, hour in enumerate(starts))
    policy = Policy(versions=versions)
    before, after = (policy.terms_at(START + hour * HOUR) for hour in (at, at + later))
    assert versions.index(before) <= versions.index(after)
    begun = [terms for terms in versions if terms.valid_from <= START + at * HOUR]
    assert before is (begun[-1] if begun else versions[0])
