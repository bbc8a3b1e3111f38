"""Finding and opening folders, and searching them."""

from datetime import UTC, datetime

import pytest
from lab_watch import mailbox

from relaywatch.core.mail.message import Folder, Role
from relaywatch.mailbox.errors import (
    GarbledError,
    ServerSaidError,
)
from relaywatch.mailbox.imap import ImapSession
from relaywatch.mailbox.position import Plan, View

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


def found(fake, **changes):
    made = ImapSession(mailbox(fake.port, **changes), timeout=1)
    made.open()
    try:
        return made.folders()
    finally:
        made.close()


@pytest.mark.parametrize(
    ("folders", "sent", "junk"),
    [
        ((b'(\\Sent) "/" Gesendet', b'(\\Junk) "/" Werbung', b'() "/" Sent'), ("Gesendet", "Sent"), "Werbung"),
        ((b'() "/" "&XfJT0ZAB-"', b'() "/" "&V4NXPpCuTvY-"'), "已发送", "垃圾邮件"),
        ((b'(\\HasNoChildren) "." INBOX.Sent', b'() "." INBOX.Spam'), "INBOX.Sent", "INBOX.Spam"),
        ((b'() "/" Archive/Sent', b'() "/" "Sent Items"', b"() NIL Junk"), "Sent Items", "Junk"),
        ((b'(\\Noselect \\Sent) "/" Sent', b'() "/" "&AMk-l&AOk-ments envoy&AOk-s"'), "Éléments envoyés", None),
        ((b'(\\Sent "/" Broken', b'() "/" {4}\r\nSent', b'() "/" 2024'), "Sent", None),
        ((), None, None),
    ],
)
def test_folders_are_found_by_mark_else_by_name(fake, folders, sent, junk):
    fake.folders = folders
    names = found(fake).names
    several = [(name,) if isinstance(name, str) else name for name in ("INBOX", sent, junk)]
    assert [names.get(folder) for folder in (Folder.INBOX, Folder.SENT, Folder.JUNK)] == several


def test_the_operators_names_come_first(fake):
    got = found(fake, folders={Folder.SENT: ("Sent/2026",)})
    assert (got.names[Folder.SENT], got.names[Folder.JUNK], got.missing) == (("Sent/2026",), ("Junk",), frozenset())


def test_a_sent_mailbox_has_no_junk_to_read(fake):
    assert list(found(fake, role=Role.SENT).names) == [Folder.SENT, Folder.INBOX]


def test_marks_that_only_xlist_shows_are_found(fake):
    fake.capability = "IMAP4rev1 XLIST"
    fake.folders = (b'() "/" INBOX', b'() "/" Box1', b'() "/" Box2')
    fake.on["XLIST"] = lambda link: link.ok(b'XLIST (\\Sent) "/" Box1', b'XLIST (\\Spam) "/" Box2')
    assert found(fake).names == {Folder.INBOX: ("INBOX",), Folder.SENT: ("Box1",), Folder.JUNK: ("Box2",)}


def test_marks_that_only_an_extended_list_shows_are_found(fake):
    fake.capability = "IMAP4rev1 SPECIAL-USE"

    def listing(link):
        extended = "RETURN (SPECIAL-USE)" in link.arguments
        link.ok(b'LIST (\\Sent) "/" Box1' if extended else b'LIST () "/" Box1')

    fake.on["LIST"] = listing
    got = found(fake)
    assert (got.names[Folder.SENT], got.missing) == (("Box1",), {Folder.JUNK})


def test_all_that_are_named_sent_are_read_and_archives_further_down_are_told(fake):
    fake.folders = (b'() "/" "Sent Items"', b'() "/" Sent', b'() "/" Archive/Sent')
    got = found(fake)
    assert (got.names[Folder.SENT], got.passed_over[Folder.SENT]) == (("Sent", "Sent Items"), ("Archive/Sent",))


def test_a_folder_that_is_refused_leaves_the_session_usable(fake, session):
    ordinary = fake._examine
    fake.on["EXAMINE"] = lambda link: link.no("no such folder") if "Gone" in link.arguments else ordinary(link)
    with pytest.raises(ServerSaidError, match="no such folder"):
        session.examine("Gone")
    assert session.examine("INBOX") == View(7, 6, 5)


def test_numbers_that_are_none_make_no_view(fake, session):
    fake.on["EXAMINE"] = lambda link: link.ok(b"3 EXISTS", b"OK [UIDNEXT soon] x")
    with pytest.raises(GarbledError):
        session.examine("INBOX")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((b"SEARCH 9 7 8",), [7, 8, 9]),
        ((b"SEARCH 7", b"SEARCH 9 8"), [7, 8, 9]),
        ((b"SEARCH 7 (MODSEQ 917)",), [7]),
        ((b"SEARCH",), []),
        ((), []),
        ((b"SEARCH 5",), []),  # n:* has the last message always
        ((b"SEARCH 7 x 99999999999 8",), [7, 8]),
    ],
)
def test_a_search_gives_ascending_new_uids(fake, session, answer, expected):
    fake.on["UID SEARCH"] = lambda link: link.ok(*answer)
    assert session.search(Plan(5, None)) == expected


def test_a_search_by_day_speaks_english_in_every_locale(fake, session):
    session.search(Plan(0, datetime(2026, 3, 6, tzinfo=UTC)))
    assert fake.commands[-1] == "UID SEARCH UID 1:* OR SINCE 05-Mar-2026 BEFORE 01-Jan-1990"


def test_a_search_of_a_hundred_thousand_is_one_line(fake, session):
    fake.on["UID SEARCH"] = lambda link: link.ok(b"SEARCH " + b" ".join(b"%d" % uid for uid in range(1, 200_001)))
    assert session.search(Plan(100_000, None)) == list(range(100_001, 200_001))


@pytest.mark.parametrize("capability", ["IMAP4rev1 NAMESPACE", "IMAP4rev1"])
def test_a_colleagues_sent_folder_is_never_taken_for_ones_own(fake, capability):
    fake.capability = capability
    fake.on["NAMESPACE"] = lambda link: link.ok(b'NAMESPACE (("" "/")) (("Other Users/" "/")) NIL')
    theirs = b'(\\Sent) "/" "Other Users/mei/Sent"'
    fake.folders = (theirs, b'(\\Sent) "/" Gesendet')
    got = found(fake)
    assert (got.names[Folder.SENT], got.passed_over[Folder.SENT]) == (("Gesendet",), ("Other Users/mei/Sent",))
    fake.folders = (theirs,)
    got = found(fake)
    assert Folder.SENT in got.missing
    assert got.passed_over[Folder.SENT] == ("Other Users/mei/Sent",)


def test_the_longest_beginning_says_whose_a_folder_is(fake):
    """As Cyrus has it: the others' namespace is all that does not begin with INBOX."""
    fake.capability = "IMAP4rev1 NAMESPACE"
    fake.on["NAMESPACE"] = lambda link: link.ok(b'NAMESPACE (("INBOX." ".")) (("user." ".")) (("" "."))')
    fake.folders = (b'() "." user.mei.Sent', b'() "." INBOX.Sent', b'() "." INBOX.Junk')
    got = found(fake)
    assert (got.names[Folder.SENT], got.names[Folder.JUNK]) == (("INBOX.Sent",), ("INBOX.Junk",))


@pytest.mark.parametrize("answer", [b"NAMESPACE )(", b"NAMESPACE NIL NIL NIL", b""])
def test_a_namespace_that_makes_no_sense_hides_no_folder(fake, answer):
    fake.capability = "IMAP4rev1 NAMESPACE"
    fake.on["NAMESPACE"] = lambda link: link.ok(answer) if answer else link.no("not now")
    assert found(fake).names[Folder.SENT] == ("Sent",)


def test_names_in_raw_utf8_are_shown_as_they_are_and_sent_back_as_they_came(fake):
    sent, junk = "已发送".encode(), "垃圾邮件".encode("gb18030")
    fake.folders = (b'() "/" "' + sent + b'"', b'() "/" ' + junk)
    named = []
    ordinary = fake._examine
    fake.on["EXAMINE"] = lambda link: (named.append(link.arguments), ordinary(link))
    made = ImapSession(mailbox(fake.port), timeout=1)
    made.open()
    got = made.folders()
    assert (got.names[Folder.SENT], got.names[Folder.JUNK]) == (("已发送",), ("垃圾邮件",))
    made.examine("已发送")
    made.status("已发送")
    made.close()
    assert named == ['"已发送"']
    assert any(line.startswith('STATUS "已发送"') for line in fake.commands)


def test_a_name_that_no_command_can_carry_blinds_nothing(fake):
    fake.folders = (b'(\\Sent) "/" {6}\r\nSe\r\nnt', b'() "/" Sent')
    assert found(fake).names[Folder.SENT] == ("Sent",)


@pytest.mark.parametrize("refused", ["SINCE", "UID SEARCH"])
def test_what_search_refuses_is_asked_in_a_simpler_way(fake, session, refused):
    ordinary = fake._uid_search
    fake.on["UID SEARCH"] = lambda link: link.no("no") if refused in fake.commands[-1] else ordinary(link)
    fake.on["UID FETCH"] = lambda link: link.ok(*(b"%d FETCH (UID %d)" % (uid, uid) for uid in fake.messages))
    assert session.search(Plan(3, AT)) == [4, 5]
    assert session.highest_uid() == 5


def test_a_search_in_trouble_is_not_asked_otherwise(fake, session):
    fake.on["UID SEARCH"] = lambda link: link.no("[UNAVAILABLE] storage is down")
    with pytest.raises(ServerSaidError, match="storage"):
        session.search(Plan(3, AT))
    assert fake.count("UID") == 1
