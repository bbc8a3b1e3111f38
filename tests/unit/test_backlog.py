"""In which order a folder is read, and that what is passed over is neither lost nor read again, whenever it ends."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox import backlog as backlog_module
from relaywatch.mailbox.backlog import MOST_RUNS, Backlog
from relaywatch.mailbox.position import Gap, Plan, Position, View, advanced, plan, search_set

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def some_batches(stored, there, urgent, *, size, batches, now=NOW):
    """Read a folder in which these UIDs can be seen, as far as so many batches; return what was taken, and where it is.

    The position is the one that the last batch was kept with: what a crash leaves.
    """
    seen = View(7, None, len(there))
    made = plan(stored, seen, now=now, lookback=WEEK)
    uids = made.new(there)
    after = advanced(stored, seen, made, max([made.above, *there]), uids, now)
    backlog, taken = Backlog(made, uids), []
    order = backlog.order(urgent)
    assert sorted(order) == uids
    for start in range(0, min(len(order), size * batches), size):
        batch = order[start : start + size]
        backlog.read(sorted(batch))
        taken += batch
        stored = Position(after.uidvalidity, after.last_uid, NOW, after.gaps, backlog.runs)
    if not uids:
        stored = after
    return taken, stored


def test_urgent_mail_first_then_the_newest():
    backlog = Backlog(Plan(0, None), [1, 2, 3, 4, 5, 6, 7])
    assert backlog.order([{2, 6}, {1, 2, 5, 6}]) == [6, 2, 5, 1, 7, 4, 3]
    assert backlog.order([]) == [7, 6, 5, 4, 3, 2, 1]


def test_what_is_left_is_remembered_between_what_was_read():
    backlog = Backlog(Plan(0, None), [2, 4, 6, 8, 10])
    backlog.read([4, 10])
    assert backlog.runs == ((2, 2), (6, 8))
    backlog.read([2, 6, 8])
    assert backlog.runs == ()


def test_what_was_read_between_two_runs_stays_read():
    """The UIDs that a search finds in two runs stand side by side, though many were read between them."""
    stored = Position(7, 30, NOW, (Gap(15, 15, NOW),), ((1, 10), (20, 25)))
    made = plan(stored, View(7, None, 40), now=NOW, lookback=WEEK)
    uids = made.new(range(1, 41))
    assert uids == [*range(1, 11), 15, *range(20, 26), *range(31, 41)]
    backlog = Backlog(made, uids)
    backlog.read(range(36, 41))
    assert backlog.runs == ((1, 10), (15, 15), (20, 25), (31, 35))


@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(1, 60), max_size=20), st.sets(st.integers(1, 60), max_size=20), st.integers(0, 4)
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 7),
)
def test_whenever_it_ends_each_message_is_read_once(steps, size):
    """Each step: mail that becomes visible, what the server says is urgent, and after how many batches it crashes."""
    stored, visible, taken = Position(7, 0, NOW), set(), []
    for arrived, urgent, batches in steps:
        visible |= arrived
        new, stored = some_batches(stored, sorted(visible), [urgent], size=size, batches=batches)
        taken += new
    for _ in range(len(visible) + 1):
        new, stored = some_batches(stored, sorted(visible), [], size=size, batches=1)
        taken += new
    assert sorted(taken) == sorted(visible)
    assert stored.unread == ()


def test_new_mail_comes_before_what_is_left():
    _, stored = some_batches(Position(7, 0, NOW), range(1, 101), [{1}], size=10, batches=3)
    taken, stored = some_batches(stored, range(1, 106), [], size=10, batches=1)
    assert taken == [105, 104, 103, 102, 101, 71, 70, 69, 68, 67]
    assert stored.unread == ((2, 66),)


def test_what_is_left_outlives_what_is_remembered_of_gaps():
    stored = Position(7, 30, NOW, (), ((3, 9),))
    made = plan(stored, View(7, None, 30), now=NOW + 30 * WEEK, lookback=WEEK)
    assert made.new(range(1, 31)) == [*range(3, 10)]


def test_a_folder_that_is_numbered_anew_has_nothing_left():
    assert plan(Position(6, 30, NOW, (), ((3, 9),)), View(7, 31, 30), now=NOW, lookback=WEEK).unread == ()


def test_however_much_is_urgent_what_is_remembered_is_bounded_and_nothing_is_read_twice():
    there, stored, taken = range(1, 6 * MOST_RUNS), Position(7, 0, NOW), []
    while len(taken) < len(there):
        new, stored = some_batches(stored, there, [{*there[::2]}], size=200, batches=4)
        assert len(stored.unread) <= MOST_RUNS
        taken += new
    assert sorted(taken) == list(there)
    assert {*taken[:200]} <= {*there[::2]}


def test_too_many_runs_lose_nothing(monkeypatch):
    monkeypatch.setattr(backlog_module, "MOST_RUNS", 3)
    backlog = Backlog(Plan(0, None), range(1, 21))
    backlog.read([3, 6, 9, 12, 15])
    assert backlog.runs == ((1, 11), (13, 14), (16, 20))


def test_what_is_left_makes_no_long_command():
    unread = tuple((uid, uid) for uid in range(9, 9000, 3))
    assert search_set(Plan(9000, None, gaps=(Gap(3, 3, NOW), Gap(70, 71, NOW)), unread=unread)) == "3,9:*"
