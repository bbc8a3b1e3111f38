"""policy Q1: the answer may be a file, where a document was asked for and the words point to it."""

from datetime import timedelta

import cast as c
import pytest

from relaywatch.core.language.signs import Answer
from relaywatch.core.replies.enclosed import file_of
from relaywatch.core.replies.gist import Past, SentText
from relaywatch.core.replies.weighing import weigh
from relaywatch.core.words.matter import matter_of
from relaywatch.core.words.said import read

ORDER = "600000000000777"
PROOF = f"Please provide proof of delivery for order {ORDER}."
INVOICE = "Can you send me the invoice please?"
LEAKS = "The kettle leaks since Monday. What will you do?"


def sent(asked, text, *names, titled=True, hours=2.0, received=(), **fields):
    message = c.sent(2, mid="r@shop.example", own_words=text, attachments=names, **fields).message
    return SentText(
        message=message,
        said=read(text.split("\n")),
        matter=matter_of(
            [c.customer(own_words=asked, subject="Question", order=None, attachments=received).message], c.rules()
        ),
        after=timedelta(hours=hours),
        past=Past(),
        related=True,
        titled=titled,
        spoken=True,
        to_customer=True,
    )


def answer(*args, **more):
    return weigh(sent(*args, **more), c.rules()).answer


@pytest.mark.parametrize(
    ("asked", "text", "name"),
    [
        (PROOF, "POD attached.", f"POD-{ORDER}.pdf"),
        (PROOF, "Please see attached.", "proof of delivery.pdf"),
        (PROOF, "Please see attached.", f"scan_{ORDER}.pdf"),
        (PROOF, "Preuve de livraison ci-jointe.", "scan0001.pdf"),
        (INVOICE, "Attached.", "invoice.pdf"),
        (INVOICE, "Ci-joint.", "facture.pdf"),
        (INVOICE, "Hi Jordan,\n\nPlease find it attached.\n\nThanks,\nMei", "Invoice_5512.pdf"),
        ("J'ai besoin d'une facture svp", "La voici en pièce jointe.", "facture.pdf"),
        ("需要发票", "发票见附件。", "invoice.pdf"),
        ("需要发票", "见附件。", "发票.pdf"),
    ],
)
def test_a_file_that_was_asked_for_is_the_answer(asked, text, name):
    assert answer(asked, text) is not Answer.COUNTS
    assert answer(asked, text, name) is Answer.COUNTS


@pytest.mark.parametrize(
    ("asked", "text", "name"),
    [
        (LEAKS, "Please see attached.", "kettle.pdf"),
        (LEAKS, "See attached.", f"invoice-{ORDER}.pdf"),
        (PROOF, "There!", "proof.pdf"),
        (INVOICE, "", "invoice.pdf"),
        (INVOICE, "Voir ci-joint.", "doc.pdf"),
        ("Can you show me a photo of the spout and the lid?", "See attached.", "IMG_2034.jpg"),
    ],
)
def test_any_other_file_is_for_a_person_to_judge(asked, text, name):
    assert answer(asked, text) is Answer.DOES_NOT
    assert answer(asked, text, name) is Answer.DOUBTFUL


@pytest.mark.parametrize(
    "name",
    [
        "image001.png",
        "Outlook-abc1de.png",
        "logo.png",
        "Mei signature.jpg",
        "smime.p7s",
        "winmail.dat",
        "mei.vcf",
        "ATT00001.htm",
    ],
)
def test_what_a_program_attaches_is_brought_by_nobody(name):
    assert answer(INVOICE, "Attached.", name) is Answer.DOES_NOT
    assert file_of(sent(INVOICE, "Attached.", name, "invoice.pdf"), "attached.") == ("invoice.pdf", True)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Thank you for your message. We will get back to you.", "Terms.pdf"),
        ("Noted.", "kettle.pdf"),
        ("This is an automated message. We received your request. Our hours are attached.", "hours.pdf"),
    ],
)
def test_a_file_makes_no_answer_of_a_receipt(text, name):
    assert answer(INVOICE, text, name) is answer(INVOICE, text) is Answer.DOES_NOT


def test_what_a_shops_system_sends_under_its_own_subject_is_no_answer():
    own = {"titled": False, "subject": "Your purchase at Blue Kiln"}
    assert answer(INVOICE, "Attached.", "invoice.pdf", **own) is Answer.DOES_NOT


def test_a_deferred_answer_points_to_nothing():
    text = "We will get back to you with the invoice attached."
    assert answer(INVOICE, text, "terms.pdf") is not Answer.COUNTS


def test_what_was_received_and_goes_back_is_brought_by_nobody():
    asked = "My kettle leaks and its lid is loose, see the attached receipt."
    text = "Thank you for the attached receipt."
    alone = answer(asked, text)
    assert answer(asked, text, "receipt.pdf", received=("receipt.pdf",)) is alone
    assert file_of(sent(asked, text, "receipt.pdf", received=("receipt.pdf",)), text.lower()) == ("", False)
