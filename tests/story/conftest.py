"""A seller for each story."""

from collections.abc import Iterator

import pytest
from lab_story import Story


@pytest.fixture
def shop(tmp_path) -> Iterator[Story]:
    """Blue Kiln with a care and a complaint mailbox, as configured by default."""
    story = Story(tmp_path)
    yield story
    story.store.close()


@pytest.fixture
def shop_with(tmp_path):
    """Blue Kiln, configured otherwise."""
    made: list[Story] = []

    def make(**configured: str) -> Story:
        made.append(Story(tmp_path, **configured))
        return made[-1]

    yield make
    for story in made:
        story.store.close()
