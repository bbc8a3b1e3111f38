"""What the attachments of a mail say: read from Walmart's mail only, by what they are, in bounded time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_files import COMPLAINT, agents, attached, bomb, docx, locked, pdf, scan, zipped
from lab_mail import shipped_rules

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Folder, Role, UnreadAttachment
from relaywatch.mailbox.attached import MAX_ATTACHED, MAX_FILES
from relaywatch.pipeline.reading import RawMail, read

PARTIES = Parties(registered=frozenset({"care@shop.example"}))
COPY = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX)
MATTER = "Hello seller,\n\nMs. Roy in Laval has waited three weeks for her lamp. What happened to it?\n\nJohn"
SAYS = "A complaint was filed with the Better Business Bureau about the kettle."
EML = f"From: intake@office.example\nSubject: Complaint 44012\n\n{SAYS}\n"
EML_NAMED = "From: BBB <intake@office.example>\nSubject: Complaint 44012\n\nA kettle.\n"


def taken(raw, *, whole=True, folder=Folder.INBOX, patient=True):
    copy = Copy(mailbox="care", role=Role.CARE, folder=folder)
    return read(RawMail(raw, whole, "main", copy, None, patient=patient), PARTIES, shipped_rules())


def class_of(*parts, text=MATTER, **more):
    return taken(agents(text, *parts, **more)).mail.verdict.class_


def message_of(*parts, text=MATTER, **more):
    return taken(agents(text, *parts, **more)).mail.message


def rfc822(inner, disposition="attachment"):
    return f"Content-Type: message/rfc822\nContent-Disposition: {disposition}\n\n{inner}"


def nested(depth, text=SAYS):
    inner = f"From: intake@office.example\nSubject: File\nContent-Type: text/plain\n\n{text}\n"
    for level in range(depth - 1):
        inner = (
            f'From: kpatel@walmart.com\nSubject: Fwd\nContent-Type: multipart/mixed; boundary="n{level}"\n\n'
            f"--n{level}\nContent-Type: text/plain\n\nsee below\n--n{level}\n{rfc822(inner)}\n--n{level}--\n"
        )
    return inner


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(32)) * 20
FOUND = {
    "text": attached(SAYS, "notes.txt", "text/plain"),
    "text without a name": "Content-Type: text/plain\nContent-Disposition: attachment\n\n" + SAYS,
    "text in UTF-16": attached(SAYS.encode("utf-16"), "notes.txt", "text/plain"),
    "text as octets": attached(SAYS, "notes.TXT"),
    "text of an odd name, as octets": attached(SAYS, "notes.4711"),
    "text without a name, as octets": attached(SAYS),
    "table": attached(f"id;what\n1;{SAYS}\n", "cases.csv", "text/csv"),
    "table as a spreadsheet's": attached(f"id;what\n1;{SAYS}\n", "cases.csv", "application/vnd.ms-excel"),
    "html": attached(
        f"<p>A complaint at the <b>Bet</b><i>ter</i>&nbsp;Business<br>Bureau</p>{'x' * 20}", "a.html", "text/html"
    ),
    "html as octets": attached("<table><tr><td>Complaint: Better<td>Business<td>Bureau</table>", "a.htm"),
    "message": rfc822(EML),
    "message inline": rfc822(EML, "inline"),
    "message in base64": attached(EML, "a.eml", "message/rfc822"),
    "message as octets": attached(EML, "fwd.eml"),
    "message as octets, without a name": attached(EML),
    "message as text": attached(EML, "fwd.eml", "text/plain"),
    "message of an mbox": attached("From intake Fri Nov 13 2026\n" + EML, "fwd.eml"),
    "message by its sender": rfc822(EML_NAMED),
    "message as octets, by its sender": attached(EML_NAMED, "fwd.eml"),
    "two levels down": rfc822(nested(2)),
    "two levels down, as octets": attached(nested(2), "fwd.eml"),
    "octets in octets": attached(agents("see below", attached(EML, "b.eml")).decode(), "a.eml"),
    "a PDF in a message": attached(agents("see below", attached(pdf(COMPLAINT), "x.pdf")).decode(), "a.eml"),
    "a name in a message": attached(agents("see below", attached(scan(), "BBB_Complaint.pdf")).decode(), "a.eml"),
    "PDF": attached(pdf(COMPLAINT), "scan.pdf", "application/pdf"),
    "PDF as octets": attached(pdf(COMPLAINT), "scan.pdf"),
    "PDF without a name": attached(pdf(COMPLAINT)),
    "PDF of another kind": attached(pdf(COMPLAINT), "scan.pdf", "application/x-pdf"),
    "PDF that only may not be changed": attached(locked(pdf(COMPLAINT), ""), "scan.pdf", "application/pdf"),
    "PDF inline": attached(pdf(COMPLAINT), "scan.pdf", "application/pdf", inline=True),
    "second page of a PDF": attached(pdf(["Dear seller,"], COMPLAINT), "scan.pdf", "application/pdf"),
    "title of a scan": attached(pdf(raw=[(b"0 0 9 9 re f", b"")], title="BBB complaint 44012"), "a.pdf"),
    "after a bomb": attached(pdf(COMPLAINT, raw=[bomb()]), "scan.pdf", "application/pdf"),
    "Word": attached(docx("Dear seller,", SAYS), "letter.docx"),
    "old Word": attached(OLD + SAYS.encode("cp1252") + b"\0" * 99, "letter.doc", "application/msword"),
    "Outlook's message": attached(OLD + SAYS.encode("utf-16-le") + b"\0" * 99, "fwd.msg", "application/vnd.ms-outlook"),
    "old Word as octets": attached(OLD + SAYS.encode("utf-16-le"), "letter"),
    "RTF": attached(r"{\rtf1\ansi\b Plainte\b0  du Bureau d'\'e9thique\par commerciale}", "a.rtf", "text/rtf"),
    "winmail.dat": attached(b"\x78\x9f\x3e\x22\1\2BBB complaint 44012.pdf\0\1", "winmail.dat", "application/ms-tnef"),
    "archive of it": attached(zipped(BBB_Complaint_44012_pdf="x"), "mail.zip", "application/zip"),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_body_is_found_in(name):
    assert class_of(FOUND[name]) is Class.CONSUMER_PROTECTION  # policy C4


def test_all_files_of_a_mail_share_its_time(monkeypatch):
    monkeypatch.setattr("relaywatch.pipeline.reading.FILES_SECONDS", -1.0)
    found = taken(agents(MATTER, FOUND["Word"], FOUND["html"], FOUND["PDF"])).mail.message
    assert found.attached == ""
    assert [one.why for one in found.unread] == ["there was no time to read it"] * 3


@pytest.mark.parametrize("name", FOUND)
def test_not_in_what_others_send(name):
    raw = agents(MATTER, FOUND[name], author="c-1@relay.walmart.ca")
    found = taken(raw).mail
    assert found.verdict.class_ is Class.CUSTOMER
    assert (found.message.attached, found.message.unread) == ("", ())
    assert class_of(FOUND[name], author="jsmith@walmart-support.example") is Class.OTHER
    assert taken(raw, folder=Folder.SENT).mail.message.attached == ""


def test_a_customers_scan_and_urgency_are_a_customers():
    part = attached(scan(), "complaint.pdf", "application/pdf")
    assert (
        class_of(part, text="See the attached complaint, answer right away.", author="c-1@relay.walmart.ca")
        is Class.CUSTOMER
    )


NOT_FOUND = {
    "three levels down, as octets": attached(
        agents("see below", attached(agents("see below", attached(nested(2), "c.eml")), "b.eml")), "a.eml"
    ),
    "a locked PDF": attached(locked(pdf(COMPLAINT), "kiln"), "a.pdf", "application/pdf"),
    "a far page": attached(pdf(*[["page"]] * 30, COMPLAINT), "a.pdf", "application/pdf"),
    "a rating": attached("Blue Kiln is BBB accredited.", "a.txt", "text/plain"),
    "a threat": attached("From: ann@mail.example\nSubject: Lamp\n\nI will go to the BBB with a complaint!", "a.eml"),
    "a seal": attached(b"\x89PNG\r\n\x1a\n" + b"\0" * 60_000, "bbb-seal.png", "image/png"),
    "an appointment": attached("BEGIN:VCALENDAR\nSUMMARY:Better Business Bureau complaint", "a.ics", "text/calendar"),
}


@pytest.mark.parametrize("name", NOT_FOUND)
def test_no_body_is_found_in(name):
    assert class_of(NOT_FOUND[name]) is Class.WALMART_AGENT


@pytest.mark.parametrize(
    ("part", "unread"),
    [
        (attached(scan(), "a.pdf", "application/pdf"), "a.pdf: no text in it: a scan, or a drawing"),
        (attached(locked(pdf(COMPLAINT), "kiln"), "a.pdf", "application/pdf"), "a.pdf: it is encrypted"),
        (attached(b"%PDF-1.4 broken", "a.pdf"), "a.pdf: it cannot be read"),
        (attached(b"\xff\xd8\xff" * 9, "a.jpg", "image/jpeg"), "a.jpg: an image"),
        (attached(b"\xff\xd8\xff" * 9), ": an image"),
        (attached(b"\xd0\xcf\x11\xe0" * 9, "a.doc", "application/msword"), "a.doc: only pieces of it"),
        (attached(b"PK\x03\x04junk", "a.docx"), "a.docx: it cannot be read"),
        (attached(zipped(a_txt="x"), "a.zip", "application/zip"), "a.zip: an archive"),
        (attached(b"\0\1\2", "a.bin"), "a.bin: no kind of file that is read here"),
        (attached(b"\0", "a.mp4", "video/mp4"), "a.mp4: a recording"),
        (attached("{\\rtf1 x}", "a.rtf", "text/rtf"), "a.rtf: only pieces of it"),
        (attached(b"\x78\x9f\x3e\x22", "winmail.dat", "application/ms-tnef"), "winmail.dat: only pieces of it"),
        (attached(b"AC1018", "a.dwg", "application/acad"), "a.dwg: no kind of file that is read here"),
    ],
)
def test_what_cannot_be_read_is_named_with_why(part, unread):
    (found,) = message_of(part).unread
    assert f"{found.name}: {found.why}".startswith(unread)


@pytest.mark.parametrize(
    "part",
    [
        attached(pdf(COMPLAINT), "a.pdf", "application/pdf"),
        attached(b"\x89PNG" + b"\0" * 9_000, "image001.png", "image/png", inline=True),
        "Content-Type: image/png\nContent-ID: <logo>\n\nx",
        attached("x", "smime.p7s", "application/pkcs7-signature"),
        attached("x", "smime.p7s"),
        attached("BEGIN:VCARD", "john.vcf", "text/vcard"),
        "Content-Type: message/delivery-status\n\nAction: failed",
    ],
)
def test_what_was_read_or_says_nothing_is_not_unread(part):
    assert message_of(part).unread == ()


def test_a_big_picture_in_the_text_may_be_a_page():
    assert message_of(attached(b"\xff\xd8\xff" + b"\0" * 60_000, "a.jpg", "image/jpeg", inline=True)).unread


def test_text_is_bounded_and_a_long_file_hides_no_short_one():
    found = message_of(
        attached("word " * 40_000, "a.txt"), attached("much " * 40_000, "b.txt"), attached(SAYS, "c.txt")
    )
    assert len(found.attached) <= MAX_ATTACHED
    assert SAYS in found.attached


def test_hundreds_of_files_cost_bounded_time():
    parts = [attached(pdf(raw=[bomb(20_000_000)]), f"{n}.pdf", "application/pdf") for n in range(3)] * 40
    started = time.process_time()
    message_of(*parts)
    assert time.process_time() - started < 5


def test_slow_files_share_their_time():
    slow = attached(b"%PDF-1.4" + b"\xff\n" * 100_000, "a.pdf", "application/pdf")
    found = message_of(*[slow] * 6)
    assert len(found.unread) == 6


def test_an_impatient_reader_names_them_only():
    found = taken(agents("The complaint is attached. Answer right away.", FOUND["PDF"]), patient=False).mail
    assert (found.verdict.class_, found.verdict.rule) == (Class.CONSUMER_PROTECTION, "unread_attachment")
    assert found.message.attached == ""
    assert found.message.unread[0].why == "reading it took too long or too much memory"


PHOTO = attached(b"\xff\xd8\xff" * 99, "a.jpg", "image/jpeg")
CUT = {
    "a PDF that is cut": (agents(MATTER, FOUND["PDF"]), b"JVBE", True),
    "nothing is cut": (agents(MATTER, FOUND["PDF"]), b"", False),
    "a picture, and nobody knows what behind it": (agents(MATTER, PHOTO), b"/9j", True),
    "a customer's picture": (agents(MATTER, PHOTO, author="c-1@relay.walmart.ca"), b"/9j", False),
    "a stranger's PDF": (agents(MATTER, FOUND["PDF"], author="ann@mail.example"), b"JVBE", False),
    "a PDF behind a body in the text": (agents(SAYS, FOUND["PDF"]), b"JVBE", False),
    "a notice's table": (
        agents("Report.", FOUND["table"], author="no-reply@walmart.com", subject="Your settlement report"),
        b"aWQ7",
        False,
    ),
    "a PDF behind words that lean on it": (agents("See attached, answer right away.", FOUND["PDF"]), b"JVBE", True),
}


@pytest.mark.parametrize("name", CUT)
def test_when_more_of_a_mail_is_worth_fetching(name):
    raw, at, more = CUT[name]
    assert taken(raw[: raw.index(at) + 8] if at else raw, whole=not at).needs_more is more


@pytest.mark.parametrize("between", ["", " "])
def test_ends_of_quoted_lines_that_lost_their_mark(between):
    text = (
        "Voir ci-dessous.\n\n> Madame, Monsieur, une plainte a été déposée à l'Office de la protection\n"
        f"du consommateur le 12 novembre\n>{between}au sujet d'une tasse.\n"
    )
    assert class_of(text=text) is Class.CONSUMER_PROTECTION


def test_answers_between_quoted_lines_stay_the_authors():
    text = "> Where is the lamp that Ms. Roy ordered three weeks ago in Laval?\nLost.\n> And what now?\nWe ask you."
    assert message_of(text=text).own_words == "Lost.\nWe ask you."


@settings(max_examples=80)
@given(
    st.lists(
        st.tuples(
            st.binary(max_size=60) | st.sampled_from([pdf(COMPLAINT), scan(), EML.encode(), docx("x")]),
            st.text(max_size=12) | st.sampled_from(["a.pdf", "a.eml", "a.docx", "a.html"]),
            st.sampled_from(
                ["application/octet-stream", "application/pdf", "text/plain", "message/rfc822", "image/png", "x"]
            ),
        ),
        max_size=4,
    ),
    st.integers(0, 4_000),
)
def test_any_files_are_survived(files, cut):
    parts = [attached(data, name.replace("\n", ""), kind) for data, name, kind in files]
    raw = agents(MATTER, *parts)
    for data, whole in ((raw, True), (raw[:cut], False)):
        found = taken(data, whole=whole).mail.message
        assert len(found.attached) <= MAX_ATTACHED
        assert not found.damage.startswith("could not")


PHOTOS = [attached(b"\xff\xd8\xff" + bytes([number]), f"IMG_{number:04}.jpg", "image/jpeg") for number in range(30)]


def test_any_number_of_pictures_stand_before_a_letter():
    """Policy C4."""
    assert class_of(*PHOTOS, FOUND["text"]) is Class.CONSUMER_PROTECTION


def test_what_is_behind_more_files_than_are_read_is_said_to_be_unread_before_any_picture():
    notes = [attached("A lamp.", f"note {number}.txt", "text/plain") for number in range(MAX_FILES)]
    found = message_of(*PHOTOS, *notes, attached(SAYS, "letter.txt", "text/plain"))
    assert found.unread[0] == UnreadAttachment(
        name="letter.txt", kind="text/plain", why="it stands behind too many others"
    )


def test_of_each_of_many_long_files_the_end_is_known_too():
    """Policy C4: a letter names who wrote it at its end."""
    story = "The customer writes about the lamp, which is blue and was broken when it came to her, at length. " * 60
    letter = "We write to you about an order of a customer of yours, who tells of it as follows. " * 30 + SAYS
    stories = [attached(story, f"story {number}.txt", "text/plain") for number in range(MAX_FILES - 1)]
    assert class_of(*stories, attached(letter, "letter.txt", "text/plain")) is Class.CONSUMER_PROTECTION
