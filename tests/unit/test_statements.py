"""What the operator asks, as it goes over the daemon's socket."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.instant import from_text
from relaywatch.pipeline.request import Request, StatementError

MOMENT = from_text("2026-11-16T14:00:00Z")
MOMENTS = st.none() | st.just(MOMENT)


@given(
    st.builds(
        Request,
        verb=st.sampled_from(Verb),
        cases=st.lists(st.integers(), max_size=5).map(tuple),
        note=st.text(max_size=50),
        at=MOMENTS,
        obligation=st.none() | st.sampled_from(Obligation),
        before=MOMENTS,
        party=st.none() | st.emails().map(str.lower),
    )
)
def test_what_is_asked_arrives(request_):
    assert Request.from_json(request_.to_json()) == request_


PARTS = ("verb", "cases", "note", "at", "obligation", "before")
ONE = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
JSON = ONE | st.lists(ONE, max_size=3) | st.dictionaries(st.text(max_size=9), ONE, max_size=3)


@settings(max_examples=60)
@given(st.fixed_dictionaries(dict.fromkeys(PARTS, JSON)))
def test_what_is_no_request_raises_nothing_else(data):
    with contextlib.suppress(StatementError):
        assert isinstance(Request.from_json(data), Request)


@pytest.mark.parametrize("missing", PARTS)
def test_every_part_is_needed(missing):
    whole = Request(verb=Verb.WAIVE, cases=(1,), note="x").to_json()
    del whole[missing]
    with pytest.raises(StatementError, match="not a request"):
        Request.from_json(whole)


def test_a_note_is_bounded():
    whole = Request(verb=Verb.WAIVE, cases=(1,), note="x" * 9_000).to_json()
    assert len(Request.from_json(whole).note) == 2_000
