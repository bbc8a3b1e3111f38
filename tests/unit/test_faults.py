"""What keeps warnings back is told apart from what does not."""

from relaywatch.app.faults import Faults

DAMAGED = "relaywatch.db: the database is damaged: restore it from a backup"


def test_what_only_tidying_meets_is_no_outage():
    faults = Faults(lambda: 100.0)
    faults.all_over()
    faults.met("forget", DAMAGED, holds_back=False)
    assert (faults.now, faults.outage, faults.lasted, faults.worked) == (DAMAGED, None, 0.0, 0.0)
    faults.over("forget")
    assert (faults.now, faults.outage) == ("", None)


def test_an_outage_lasts_until_the_last_loop_that_warnings_need_works_again():
    clock = [100.0]
    faults = Faults(lambda: clock[0])
    faults.met("forget", DAMAGED, holds_back=False)
    clock[0] = 200.0
    faults.met("sweep", DAMAGED)
    faults.met("deliver", DAMAGED)
    clock[0] = 230.0
    faults.over("sweep")
    assert (faults.lasted, faults.worked) == (30.0, 0.0)
    faults.over("deliver")
    clock[0] = 250.0
    assert (faults.outage, faults.worked, faults.now) == (None, 20.0, DAMAGED)
