"""Mail of Walmart's that leans on an attachment which no program can read is the stricter kind (policy C4)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.attachments import split_name
from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Folder, Message, Role, UnreadAttachment

PARTIES = Parties(registered=frozenset({"care@shop.example", "complaints@shop.example"}))
SCAN = ("scan0001.pdf", "application/pdf")
WORD = ("letter.doc", "application/msword")
ZIP = ("mail.zip", "application/zip")
PHOTO = ("IMG_2041.jpg", "image/jpeg")
MUG = ("mug.jpg", "image/jpeg")
TNEF = ("winmail.dat", "application/ms-tnef")
LABEL = ("return_label.pdf", "application/pdf")


def a_message(text, *unread, subject="Case 10293847", author="jsmith@walmart.com", role=Role.CARE, **fields) -> Message:
    copies = (Copy(mailbox="one", role=role, folder=Folder.INBOX),)
    files = tuple(UnreadAttachment(name=name, kind=kind, why="it is encrypted") for name, kind in unread)
    names = tuple(name for name, _ in unread)
    fields = {"attachments": names, "unread": files, "copies": copies, **fields}
    return a_mail(text, subject, author=author, return_path=author, **fields)


def verdict_of(text, *unread, **more):
    return classify(a_message(text, *unread, **more), PARTIES, shipped_rules())


SIGNATURE = """John Smith
Associate | Walmart Canada Customer Care Team, Marketplace
T: 905-555-0100 | john.smith@walmart.com
1940 Argentia Rd, Mississauga ON L5N 1P9"""

STRICT = [
    ("Hello seller,\n\nSee attached and answer right away.\n\nJohn", SCAN),
    ("Hello seller,\n\nPlease see the attached complaint and answer it right away.\n\nJohn\nWalmart Canada", SCAN),
    ("Hi team,\nThe complaint is attached. Please respond within the hour.\nThanks,\nPriya Patel", WORD),
    ("Urgent: complaint attached, order 600000012345678. Reply immediately.", ZIP),
    ("See attached and answer right away.", PHOTO),
    ("Please find attached the letter that we received. Kindly respond ASAP.", SCAN),
    ("Please review the attached document and respond.", ("Document1.pdf", "application/pdf")),
    ("See attached.", SCAN),
    ("Please see the attached file from the customer and advise.\n\nThanks\nJohn Smith\nAssociate, Care", SCAN),
    ("", SCAN),
    ("FYI", ("complaint.pdf", "application/pdf")),
    ("The customer's complaint about the chipped mug is attached. You must answer within the hour.", SCAN),
    ("A regulator wrote to us, see the enclosed file. It cannot wait: answer at once.", SCAN),
    ("Bonjour,\n\nCi-joint la plainte. Merci de répondre dans l’heure.\n\nJean", SCAN),
    ("Bonjour,\n\nVeuillez trouver ci-jointe la plainte reçue ce matin, à traiter immédiatement.\n\nJean Roy", PHOTO),
    ("Voir pièce jointe. Répondez d'urgence svp.", SCAN),
    ("Bonjour,\n\nVoir le document joint et nous répondre dans les plus brefs délais.\n\nMerci,\nJean", WORD),
    ("您好，\n请查看附件中的投诉，请马上回复。\n\n李", SCAN),
    ("请见附件，一小时内回复。", SCAN),
    ("See attached complaint and photos, reply now, it is urgent.", PHOTO),
    ("The complaint, with the photos, is attached: you have one hour to answer.", SCAN),
    ("The complaint is attached, please respond within one hour.",),  # and nothing came with it
    ("La plainte est jointe. Répondez immédiatement.",),
    ("See attached and answer right away.", TNEF),
    (f"Please see the attached and respond ASAP.\n\n{SIGNATURE}", SCAN),
    ("PFA and reply today.\n\nBest regards,\nPriya Patel, who sits in Mississauga", SCAN),
    ("Bonjour, voici le dossier. Répondez immédiatement.", SCAN),
    ("The attached came from our legal department. Please respond immediately.", SCAN),
    ("Plainte jointe, réponse exigée sans délai.", WORD),
    ("See attached and answer right away.", ("Jean Tremblay.pdf", "application/pdf")),
    ("Team, the consumer filed with an agency; their file is in the attachment. We have 60 minutes.", SCAN),
    ("Please open the attached and get back to me right now. Thx, Sam", ("20261113_101500.jpg", "image/jpeg")),
    ("Voir plainte en pièce jointe, délai d'une heure.", SCAN),
    ("附件是消费者的投诉，请立刻答复！", SCAN),
    ("Hello,\n\nAs per attached, your reply is needed without delay.\n\nJohn", ("KMBT_C224.pdf", "application/pdf")),
    ("Such as we got it this morning, attached. We expect to hear from you at once.", SCAN),
    ("Comme il nous est venu hier, en pièce jointe. Réponse exigée sans délai.", SCAN),
    ("The complaint is attached. Respond within one hour, and tell the customer by tomorrow.", SCAN),
    ("See attached.", ("scan0001.jpg", "image/jpeg")),  # a picture that no camera made
    ("See attached and answer right away.\n\nJan van der Berg", SCAN),
    ("Dear Blue Kiln pottery people,\n\nSee attached and answer right away.", SCAN),
    ("The customer filed a complaint about the lamp. See attached and answer immediately.", SCAN),
]
ORDINARY = [
    ("Hi,\n\nThe customer sent this photo, please advise.\n\nJohn", PHOTO),
    ("Hi,\n\nPhoto attached, please advise.\n\nJohn", PHOTO),
    ("Please see attached and advise.", PHOTO),
    ("See attached.", MUG),
    ("See the attached photo of the broken mug and let us know how you will resolve it as soon as possible.", PHOTO),
    ("The customer's mug arrived with a chip, see the attached picture. Please reply right away.", MUG),
    ("The customer has a complaint about the handle. Photo attached. Please answer as soon as possible.", PHOTO),
    ("See attached photos from the customer's complaint and respond asap.", PHOTO),
    ("Please find attached the return label for order 600000012345678.", LABEL),
    ("See attached.", LABEL),
    ("The invoice is attached. Please confirm the amount.", ("inv.pdf", "application/pdf")),
    ("The customer's complaint is attached. Please respond within 48 hours.", SCAN),
    ("The complaint is attached, please reply by tomorrow.", SCAN),
    ("La plainte est ci-jointe, merci de répondre d'ici deux jours ouvrables.", SCAN),
    ("The customer wants a refund for the lamp and sent the tracking page, attached. Can you refund her?", SCAN),
    ("The customer wants a refund.", SCAN),
    ("Thanks!\nThe customer wants a refund.", SCAN),  # what ends a letter may begin it
    ("Bonjour,\n\nLa cliente a joint une photo de la tasse. Qu'en pensez-vous?\n\nJean", PHOTO),
    ("客户发来了照片，见附件，请尽快处理茶杯破损的问题。", PHOTO),
    ("As attached in my previous mail, the lamp came in green. Please reply as soon as possible.",),
    ("Please send no attachments. The customer wants her money back right away.",),
    ("The customer's complaint: the mug is chipped. Please reply right away.",),
    ("", TNEF),
    ("", PHOTO),
    ("Customer complaint, see attached picture. Please respond right away.", PHOTO),
    ("Please see the attached.", ("Q3 performance.xls", "application/vnd.ms-excel")),
    ("Please see attached.", ("Holiday shipping rules.pdf", "application/pdf")),
    ("Hi,\n\nCould you resend the invoice? The one attached is blurry.\n\nAmira", PHOTO),
    ("Please fill in the attached form and return it by Friday.", ("W-8BEN.pdf", "application/pdf")),
    ("Bonjour, la cliente demande où est son colis; voir la capture ci-jointe. Merci de répondre rapidement.", PHOTO),
    ("See attached screenshot, the listing price is wrong. Please correct it right away.", PHOTO),
    ("Any update on the case? Customer is still waiting for her teapot.", SCAN),
    ("Please see the attached slides.", ("deck.ppt", "application/vnd.ms-powerpoint")),
    ("The customer filed a complaint about the lamp. See attached and answer immediately.", MUG),
    ("Her lawyer asks about the lamp. See attached and answer immediately.", SCAN),
    ("Broken Kettle", SCAN),  # all of it has a name's form
]


@pytest.mark.parametrize("case", STRICT)
@pytest.mark.parametrize("role", Role)
def test_the_stricter_kind(case, role):
    if role is Role.SENT:
        return
    found = verdict_of(*case, role=role)
    assert (found.class_, found.rule) == (Class.CONSUMER_PROTECTION, "unread_attachment")
    assert any(
        ("could not be read: it is encrypted" in each) or ("no attachment came" in each) for each in found.evidence
    )


@pytest.mark.parametrize("case", ORDINARY)
def test_an_ordinary_inquiry(case):
    assert verdict_of(*case).class_ is Class.WALMART_AGENT


def test_in_a_running_conversation_the_answer_must_press():
    thread = "From: care@shop.example\nSent: Friday\n\nThe lamp of Ms. Roy went out on Tuesday by Canada Post."
    assert verdict_of("See attached.", SCAN, rest=thread).class_ is Class.WALMART_AGENT
    assert verdict_of("See attached, answer at once.", SCAN, rest=thread).class_ is Class.CONSUMER_PROTECTION
    notice = "This message and its attachments are confidential and meant for the addressee. " * 5
    assert verdict_of("See attached.", SCAN, rest=notice).class_ is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("case", STRICT)
def test_only_walmarts(case):
    assert verdict_of(*case, author="c-1@relay.walmart.ca").class_ is Class.CUSTOMER
    assert verdict_of(*case, author="ann@mail.example").class_ is Class.OTHER


def test_a_machine_of_walmarts_may_send_it():
    text = "The complaint is attached. Answer within one hour."
    assert verdict_of(text, SCAN, author="case-notifications@walmart.com").class_ is Class.CONSUMER_PROTECTION


def test_an_absence_is_none():
    text = "I am out of the office. See the attached list for urgent matters, answer right away."
    headers = (("auto-submitted", "auto-replied"),)
    assert verdict_of(text, SCAN, subject="Automatic reply: x", headers=headers).class_ is Class.AUTOMATIC


def test_what_was_read_tells_what_it_is():
    said = "The consumer alleges that the mug arrived broken and wants to be told why nobody answered her."
    text = "The complaint is attached. Answer right away."
    assert verdict_of(text, PHOTO, attached=said).class_ is Class.WALMART_AGENT
    assert verdict_of(text, attachments=("complaint.txt",), attached=said).class_ is Class.WALMART_AGENT
    assert verdict_of(text, SCAN, attached=said).class_ is Class.CONSUMER_PROTECTION  # one is left


def test_what_was_read_of_a_complaint_without_a_name_is_no_missing_file():
    text = "The complaint is attached, please respond within one hour."
    assert verdict_of(text).class_ is Class.CONSUMER_PROTECTION
    assert verdict_of(text, attached="The mug arrived broken.").class_ is Class.WALMART_AGENT


def test_a_name_far_from_any_complaint_counts_where_the_mail_calls_it_one():
    letterhead = (
        "Better Business Bureau\n" + "Serving the public of the region since 1957. " * 20 + "\nDear seller, a mug."
    )
    assert verdict_of("The complaint is attached.", attached=letterhead).class_ is Class.CONSUMER_PROTECTION
    assert verdict_of("Our list of partners is attached.", attached=letterhead).class_ is Class.WALMART_AGENT


NAMES = [
    "BBB_Complaint_44012.pdf", "BBB-Complaint-44012.PDF", "BBBComplaint44012.pdf", "bbbcomplaint.pdf", "PlainteOPC.pdf",
    "OPCplainte.pdf", "opc.plainte.2026.pdf", "BetterBusinessBureau.pdf", "B.B.B. complaint.pdf", "BBB.pdf",
    "bbb%20complaint.pdf", "BBBletter.docx", "OfficeProtectionConsommateur.pdf", "FCAA-2026-118.pdf",
    "Office_de_la_protection_du_consommateur.pdf", "complaint_BBB.jpg", "Consumer.Protection.Ontario.complaint.html",
    "plainte_office_de_la_protection_du_consommateur.png", "Plainte Bureau d’éthique commerciale.pdf",
    "投诉_消费者协会.pdf", "20261113_BBB_44012.eml", "(BBB) complaint [44012].pdf", "FWD+BBB+complaint.msg",
]  # fmt: skip
OTHER_NAMES = [
    "BBB_brand_mug.pdf", "bbb_logo.png", "bbb-accredited.png", "image001.png", "BBB.png", "ABBBA.pdf", "bbb_rating.pdf",
    "Competition_Bureau.pdf", "Business_report.pdf", "opc.pdf", "bec_verseur.pdf", "order_600000012345678.pdf",
]  # fmt: skip
MATTER = "Please look into this for our customer in Laval, she wants a refund for the lamp."


@pytest.mark.parametrize("name", NAMES)
def test_bodies_in_the_names_of_files(name):
    assert verdict_of(MATTER, attachments=("lamp.jpg", name)).class_ is Class.CONSUMER_PROTECTION


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_other_names_of_files(name):
    assert verdict_of(MATTER, attachments=(name,)).class_ is Class.WALMART_AGENT


def test_no_name_goes_on_in_the_next_file():
    assert verdict_of(MATTER, attachments=("Better Business.pdf", "Bureau complaint.pdf")).class_ is Class.WALMART_AGENT


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("BBB_Complaint_44012.pdf", "BBB Complaint 44012 pdf"),
        ("PlainteOPC2026.pdf", "Plainte OPC 2026 pdf"),
        ("a-b.c_d%20e.txt", "a b c d e txt"),
        ("ÉtéÀQuébec.pdf", "Été À Québec pdf"),
        ("", ""),
    ],
)
def test_names_are_split_into_words(name, words):
    assert split_name(name) == words


def test_forgotten_words_say_nothing():
    assert verdict_of("", SCAN, forgotten=True).class_ is Class.WALMART_AGENT


@given(st.text(), st.text(), st.text(), st.text(), st.text())
def test_any_words_and_names_are_judged(text, subject, name, kind, said):
    verdict_of(text, (name, kind), subject=subject, attached=said)


@pytest.mark.parametrize(
    "piece", ["attached ", "complaint attached. ", "photo of ", "See attached\n\n", "附件", "within 9 "]
)
def test_hostile_text_costs_no_more_than_long_text(piece):
    started = time.perf_counter()
    verdict_of(piece * 100_000, *[(piece * 20, "x")] * 20, attachments=(piece * 20,) * 50, attached=piece * 2_000)
    assert time.perf_counter() - started < 2
