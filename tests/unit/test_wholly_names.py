"""Names in a customer's absence, and sentences that companies append: how many are a program's (policy C1, Q2)."""

import pytest
from lab_wholly import JORDAN, read_as

from relaywatch.core.mail.message import Class

AWAY = "I am out of the office until Monday."
SAYS_SO = "Automatic reply: Your teapot"
REPLIED = {"headers": (("auto-submitted", "auto-replied"),)}


def class_of(text: str, **fields: object) -> Class:
    return read_as(text, SAYS_SO, JORDAN, **REPLIED | fields).class_


@pytest.mark.parametrize(
    "text",
    [
        f"{AWAY}\n\nJean de la Roche Fortin",
        f"{AWAY}\n\nSent from my iPhone",
        f"{AWAY}\n\nSent from Jordan's iPhone",
        f"{AWAY} For urgent matters please contact Xu Yi, Bo Qu, Cy Vo, Zo Ky or Jo Wu.",
        f"{AWAY}\n\nCONFIDENTIALITY NOTICE: this e-mail is confidential.",
    ],
)
def test_a_name_of_short_words_and_what_a_program_appends_are_no_demand(text):
    assert class_of(text) is Class.AUTOMATIC


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Jordan Lee", id="a name, and no absence above it"),
        pytest.param("Jordan Lee\n\nThank you.", id="and thanks"),
        pytest.param(f"Dear Payment Overdue,\n\n{AWAY}", id="a greeting of a matter"),
        pytest.param(f"Dear Dispute,\n\n{AWAY}", id="of one word"),
        pytest.param("I am out of the office until Monday, Payment Overdue.", id="a matter as a name"),
        pytest.param(
            f"{AWAY}\n\nCONFIDENTIALITY NOTICE: this e-mail is confidential and I own it.", id="one who appends it"
        ),
    ],
)
def test_what_has_only_the_form_of_a_name_or_a_notice_starts_its_clock(text):
    assert class_of(text) is Class.CUSTOMER


def test_a_signature_of_a_mail_program_is_no_attachment_that_people_open():
    signed = {"structure": ("multipart/signed", "text/plain", "application/pkcs7-signature")}
    assert class_of(AWAY, attachments=("smime.p7s",), **signed) is Class.AUTOMATIC
    assert class_of(AWAY, attachments=("letter.txt",), **signed) is Class.CUSTOMER


def test_a_demand_that_is_spread_over_the_sentences_of_a_company_starts_its_clock():
    """Each of them may name somebody, but no absence names four companies."""
    notice = "CONFIDENTIALITY NOTICE: this e-mail is confidential and intended solely for the intended recipient {}."
    names = ["Alpha Beta", "Gamma Delta", "Epsilon Zeta", "Eta Theta"]
    few, many = ("\n".join([AWAY, "", *map(notice.format, some)]) for some in (names[:2], names))
    assert (class_of(few), class_of(many)) == (Class.AUTOMATIC, Class.CUSTOMER)
