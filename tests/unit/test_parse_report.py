"""What mail systems report: delivery status, receipts, and originals that came back."""

import base64
import quopri

import pytest
from lab_parse import HEAD, RELAY, mail, message, multipart, part

from relaywatch.core.mail.message import Delivery, DeliveryReport
from relaywatch.mailbox import report

ORIGINAL = (
    f"From: care@shop.example\nTo: Jordan <{RELAY}>\nCc: kpatel@walmart.com\nSubject: Re: =?utf-8?Q?caf=C3=A9?=\n"
    "Message-ID: <sent@shop.example>\n"
)
STATUS = (
    "Reporting-MTA: dns; mx.shop.example\n\n"
    f"Final-Recipient: rfc822; {RELAY}\nAction: failed\nStatus: 5.1.1 (no such user)\nDiagnostic-Code: smtp; 550 no\n\n"
    "Original-Recipient: rfc822;kpatel@walmart.com\nFinal-Recipient: rfc822; K.Patel@wal-mart.com\nAction: Delayed\n"
    "Status: 4.4.1\n"
)
WHOM = (RELAY, "kpatel@walmart.com")
NOTE = part("text/plain", "It could not be delivered.")


def _report(*parts: str, kind: str = "report; report-type=delivery-status") -> DeliveryReport | None:
    return message(HEAD + multipart(kind, NOTE, *parts)).report


@pytest.mark.parametrize(
    "returned",
    [
        part("message/rfc822", ORIGINAL + "\nHello\n"),
        part("message/rfc822", "\n\n" + ORIGINAL + "\nHello\n"),
        part("text/rfc822-headers", ORIGINAL),
        part("message/rfc822-headers", ORIGINAL),
        part(
            "message/rfc822",
            quopri.encodestring(ORIGINAL.encode()).decode(),
            "Content-Transfer-Encoding: quoted-printable",
        ),
        part("message/rfc822", ORIGINAL + multipart("alternative", NOTE, boundary="inner")),
    ],
)
def test_a_delivery_report_is_read(returned: str):
    assert _report(part("message/delivery-status", STATUS), returned) == DeliveryReport(
        deliveries=(
            Delivery(recipient=RELAY, action="failed", status="5.1.1"),
            Delivery(recipient="kpatel@walmart.com", action="delayed", status="4.4.1"),
            Delivery(recipient="k.patel@wal-mart.com", action="delayed", status="4.4.1"),
        ),
        original_id="<sent@shop.example>",
        original_to=WHOM,
    )


@pytest.mark.parametrize(
    ("group", "most"), [("a: b\n\n", 0), ("Action: failed\n\n", 0), ("Final-Recipient: rfc822; a@b.example\n\n", 400)]
)
def test_of_many_groups_of_fields_a_bounded_number_is_read(monkeypatch: pytest.MonkeyPatch, group: str, most: int):
    read = []
    read_headers = report.read_headers
    monkeypatch.setattr(report, "read_headers", lambda *where: read.append(where) or read_headers(*where))
    found = _report(part("message/delivery-status", STATUS), *[part("message/delivery-status", group * 500)] * 5)
    assert found is not None
    assert found.deliveries[0] == Delivery(recipient=RELAY, action="failed", status="5.1.1")
    assert len(read) <= max(most, 2)


@pytest.mark.parametrize(
    ("disposition", "action"),
    [
        ("automatic-action/MDN-sent-automatically; deleted", "deleted"),
        ("Automatic-Action/MDN-sent-automatically;  Deleted/Error", "deleted/error"),
        ("automatic-action/MDN-sent-manually; displayed", "displayed"),
        ("manual-action/MDN-sent-manually; deleted", None),
        ("", None),
    ],
)
def test_a_receipt_says_what_a_program_did(disposition: str, action: str | None):
    fields = f"Final-Recipient: rfc822; {RELAY}\nOriginal-Message-ID: <sent@shop.example>\nDisposition: {disposition}\n"
    found = _report(part("message/disposition-notification", fields), kind="report")
    assert found is not None
    assert found.original_id == "<sent@shop.example>"
    assert found.deliveries == ((Delivery(recipient=RELAY, action=action),) if action else ())


@pytest.mark.parametrize(
    ("status", "want"),
    [
        ("Final-Recipient: a@x.example\nAction: FAILED\n", Delivery(recipient="a@x.example", action="failed")),
        ("Final-Recipient: rfc822;<a@x.example>\n", Delivery(recipient="a@x.example", action="")),
        ("Final-recipient: RFC822; a@x.example\nAction:failed (x)\nStatus: permanent\n",
         Delivery(recipient="a@x.example", action="failed")),
        ("\n\n\nAction: relayed\nFinal-Recipient: utf-8; a@x.example\n",
         Delivery(recipient="a@x.example", action="relayed")),
        ("garbage\nFinal-Recipient: rfc822; a@x.example\nAction: expanded\n", None),
        ("Final-Recipient: rfc822; nobody\nAction: failed\n", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_broken_delivery_status_is_read_as_far_as_it_goes(status: str, want: Delivery | None):
    found = _report(part("message/delivery-status", status))
    assert found is not None
    assert found.deliveries == ((want,) if want else ())


def test_a_delivery_status_in_base64_is_read():
    status = base64.encodebytes(STATUS.encode()).decode()
    found = _report(part("message/delivery-status", status, "Content-Transfer-Encoding: base64"))
    assert found is not None
    assert len(found.deliveries) == 3


def test_a_delivery_status_counts_in_any_multipart():
    found = _report(part("message/delivery-status", STATUS), kind="mixed")
    assert found is not None
    assert found.deliveries[0].recipient == RELAY


def test_a_read_receipt_is_a_report_without_deliveries():
    receipt = "Final-Recipient: rfc822;a@x.example\nOriginal-Message-ID: <sent@shop.example>\nDisposition: displayed\n"
    found = message(
        HEAD
        + multipart(
            "report; report-type=disposition-notification",
            NOTE,
            part("message/disposition-notification", receipt),
        )
    )
    assert found.report == DeliveryReport(original_id="<sent@shop.example>")
    assert found.structure[-1] == "message/disposition-notification"


@pytest.mark.parametrize(
    "sign", ["Return-Path: <>", "From: MAILER-DAEMON@mx.example", "X-Failed-Recipients: a@x.example"]
)
@pytest.mark.parametrize(
    "body",
    [
        f"\nIt could not be delivered.\n\n--- Below is a copy of the message.\n\n{ORIGINAL}\nHello\n",
        "\nSubject: nothing\n\n> " + ORIGINAL.replace("\n", "\n> ") + "\n",
        multipart("mixed", NOTE, part("message/rfc822", ORIGINAL + "\nHello\n")),
    ],
)
def test_an_original_in_a_bounce_that_declares_nothing_is_found(sign: str, body: str):
    head = HEAD if not sign.startswith("From") else HEAD.split("\n", 1)[1]
    found = message(f"{sign}\n{head}{body}").report
    assert found is not None
    assert (found.original_id, found.original_to) == ("<sent@shop.example>", WHOM)


def test_an_original_without_an_id_is_known_by_its_recipient_and_subject():
    body = f"Failed.\n\n----- Original message -----\n\nSubject: Re: order\nTo: {RELAY}\n\nHello\n"
    found = message(f"Return-Path: <>\n{mail(body)}").report
    assert found == DeliveryReport(original_to=(RELAY,))


def test_failed_recipients_of_a_header_count_beside_the_status():
    found = message(f"X-Failed-Recipients: a@x.example, {RELAY}\n" + HEAD + multipart("mixed", NOTE)).report
    assert found is not None
    assert [(one.recipient, one.action) for one in found.deliveries] == [
        ("a@x.example", "failed"),
        (RELAY, "failed"),
    ]


def test_a_persons_mail_is_no_report():
    assert message(mail(f"You wrote:\n\n{ORIGINAL}\nHello\n")).report is None
    attached = multipart("mixed", NOTE, part("message/rfc822", ORIGINAL + "\nHello\n"))
    assert message(HEAD + attached).report is None


def test_an_original_is_no_text_of_the_bounce():
    found = message(HEAD + multipart("report", NOTE, part("message/rfc822", ORIGINAL + "\nthe seller's words\n")))
    assert "the seller's words" not in found.text


@pytest.mark.parametrize("encoding", ["", "base64"])
def test_what_an_attached_message_reports_is_no_report_of_this_mail(encoding: str):
    inner = ORIGINAL + multipart(
        "report; report-type=delivery-status",
        part("text/plain", "I filed a complaint."),
        part("message/delivery-status", STATUS),
        boundary="inner",
    )
    body = base64.encodebytes(inner.encode()).decode() if encoding else inner
    attached = part("message/rfc822", body, *([f"Content-Transfer-Encoding: {encoding}"] if encoding else []))
    found = message(HEAD + multipart("mixed", NOTE, attached))
    assert found.report is None
    assert found.structure == ("multipart/mixed", "text/plain", "message/rfc822")
    assert "I filed a complaint." in found.text  # what a person sends on is read
