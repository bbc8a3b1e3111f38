"""Which conversations at hand a new mail has judged again: no fewer than it touches, and none that it does not."""

from types import SimpleNamespace

import pytest

from relaywatch.pipeline.judging import _touched


def conversation(*members):
    """Messages by their rows and by the cases that they are kept under."""
    return [SimpleNamespace(id=row, case_id=case) for row, case in members]


@pytest.mark.parametrize(
    ("conversations", "touched"),
    [
        pytest.param([[(1, 7), (2, 7)], [(9, None)]], [1], id="another case, just as it was kept"),
        pytest.param([[(1, 7), (9, None)], [(2, 8)]], [0], id="the case that it joins"),
        pytest.param([[(1, 7), (2, None)], [(9, None)]], [0, 1], id="a case that something else joins by it"),
        pytest.param([[(1, 7), (2, 8)], [(9, None)]], [0, 1], id="two cases that are one now"),
        pytest.param([[(1, 7)], [(2, 7), (9, None)]], [0, 1], id="a case that loses a message to it"),
        pytest.param([[(1, 7)], [(2, 7)], [(9, None)]], [0, 1, 2], id="a case that falls in two"),
        pytest.param([[(1, None)], [(2, None)], [(9, None)]], [2], id="mail of no case beside it"),
    ],
)
def test_what_a_new_message_touches(conversations, touched):
    found = [conversation(*members) for members in conversations]
    assert _touched(found, frozenset({9})) == [found[at] for at in touched]
