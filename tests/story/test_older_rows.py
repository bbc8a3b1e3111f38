"""Warnings that an older program wrote down, and this one sends."""

import json

import pytest
from lab_post import customer
from lab_story import H, steps

FIRST = ("case", "obligation", "started_key", "finding")  # what the first ones kept of a deadline


def rewritten(shop, older):
    """Make what was written down be as an older program had it."""
    rows = list(shop.store._db.db.query("SELECT id, detail FROM warnings"))
    with shop.store.transaction():
        for row in rows:
            detail = json.dumps(older(json.loads(row["detail"])))
            shop.store._db.db.execute("UPDATE warnings SET detail = ? WHERE id = ?", [detail, row["id"]])


@pytest.mark.parametrize(("hour", "step"), [(16, "8h"), (24, "due")])
def test_a_warning_of_a_case_leaves(shop, hour, step):
    shop.mail(customer(), at=H(0))
    shop.look(H(hour))
    shop.sweep(H(hour))
    rewritten(
        shop, lambda now: {"about": [{name: one.get(name) for name in FIRST} for one in now["about"]], "unread": []}
    )
    assert steps(shop.deliver(H(hour))) == [step]


def test_that_a_mailbox_is_blind_leaves(shop):
    shop.look(H(0))
    shop.lose(H(1), "care")
    shop.sweep(H(1.1))
    rewritten(shop, lambda now: {"since": "2026-11-16T15:00:00Z", "reason": now["reason"]})
    (warned,) = shop.deliver(H(1.1))
    assert (warned.step, "the server is away" in warned.text) == ("blind", True)
