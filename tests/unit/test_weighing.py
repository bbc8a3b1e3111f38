"""policy Q1, Q2: which signs a reply shows, and that what is known decides before lists do."""

import time
from dataclasses import replace
from datetime import timedelta
from itertools import count

import cast as c
import pytest

from relaywatch.core.gist import Past, Sent
from relaywatch.core.learned import Learned, wording_of
from relaywatch.core.matter import Matter, matter_of
from relaywatch.core.said import read
from relaywatch.core.signs import Answer
from relaywatch.core.weighing import weigh

ASKED = "The spout of my kettle drips when I pour slowly. Is that how it should be?"
ANSWER = "A new spout for the kettle is in the post since noon, and the old one may go into the bin."
NUMBERS = count()  # what headers say is kept by message
BESIDE = "Every piece leaves our studio after two firings, and we are proud of that. Read about it on our page."


def sent(text, *, asked=ASKED, after=7200.0, past=None, related=True, **fields):
    """A reply, ready to be weighed."""
    message = c.sent(2, mid=f"r{next(NUMBERS)}", own_words=text, **fields).message
    matter = (
        matter_of([c.customer(own_words=asked, subject="Kettle", order=None).message], c.rules()) if asked else Matter()
    )
    delay = None if after is None else timedelta(seconds=after)
    return Sent(
        message=message,
        said=read(text.split("\n")),
        matter=matter,
        after=delay,
        past=past or Past(),
        related=related,
        spoken=True,
        to_customer=True,
    )


def signs(text, **more):
    return {one.sign.name: one.detail for one in weigh(sent(text, **more), c.rules()).shown}


def answer(text, **more):
    return weigh(sent(text, **more), c.rules()).answer


def header(name, value):
    return {"headers": ((name, value),)}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        (ANSWER, "matter_one"),
        ("The KETTLE is glazed twice.", "thing"),
        ("Your parcel has number 1Z999AA10123456784.", "reference"),
        ("We pay back $12.50 today.", "money"),
        ("It holds 750 ml.", "measure"),
        ("它的容量是750毫升。", "measure"),
        ("这款是220V的。", "measure"),
        ("请回复数字：\n1 查询物流\n2 退换货政策\n3 尺寸与容量\n4 发票", "list_of_links"),
        ("Kiln : are you there?\n\nKiln : Goodbye then.", "transcript"),
        ("It is with you on Thursday.", "day"),
        ("周五送到。", "day"),
        ("We have refunded it in full.", "deed"),
        ("Yes, every one of them does.", "yes_or_no"),
        ("不是，那是坏的。", "yes_or_no"),
        ("I will look at it with my colleague.", "first_person"),
        ("", "empty"),
        ("Hello Jordan,\n\nKind regards,\nMei", "courtesy"),
        ("Ok.", "courtesy"),
        ("Thank you!", "courtesy"),
        ("See https://bluekiln.example/help for that.", "links"),
        ("👍", "empty"),
        ("👍 Mei reacted to it", "reaction"),
        (c.RECEIPT, "says_receipt"),
        ("This is an automated message.", "says_automatic"),
        ("I am out of the office until Monday.", "says_absent"),
        (BESIDE, "much_beside"),
        ("We are glad of it and so on.", "no_matter"),
        ("Fine then.", "short"),
        ("It is as it is and that is all of it.", "brief"),
    ],
)
def test_what_a_text_shows(text, sign):
    assert sign in signs(text)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("I may pour tea on Maydays.", "day"),
        ("Talk of 13 November 2026, 16 h 30 to 16 h 31.", "day"),
        ("10 % off.", "measure"),
        ("Lid: 2 in the box.\nBase: none.", "transcript"),
        ("Order 600000012345678 is yours.", "reference"),
        ("A kettle is a kettle.", "money"),
        ("They said yes to that.", "yes_or_no"),
    ],
)
def test_what_it_does_not(text, sign):
    asked = ASKED + " My order is 600000012345678."
    assert sign not in signs(text, asked=asked)


def test_a_measure_in_the_items_name_was_found_out_by_nobody():
    form = "Jordan wants to connect with you regarding the following order:\n\nItem: Kettle, 1,7 L\nMessage: It drips."
    asked = c.customer(own_words="It drips.", rest=form).message
    told = replace(sent("You bought: Kettle, 1.7 L.", asked=""), matter=matter_of([asked], c.rules()))
    known = replace(sent("You bought: Kettle, 1,7 L.", asked=""), matter=matter_of([asked], c.rules()))
    assert "measure" in {one.sign.name for one in weigh(told, c.rules()).shown}
    assert "measure" not in {one.sign.name for one in weigh(known, c.rules()).shown}


def test_what_a_form_gives_is_no_fact_that_anybody_told():
    form = (
        "您的电子发票已开具成功。\n\n发票号码：26442000001877350912\n开票日期：11月14日\n价税合计：¥213.40\n"
        "销售方：永康市炊宝工贸有限公司\n\n请点击下载。"
    )
    found = signs(form)
    assert "labels" in found
    assert not {"reference", "money", "day"} & found.keys()


@pytest.mark.parametrize(
    ("seconds", "sign"),
    [(1, "too_fast"), (10, "too_fast"), (80, "quick_on_matter"), (89, "quick_on_matter"), (90, None), (None, None)],
)
def test_haste(seconds, sign):
    found = signs(ANSWER, after=seconds)
    assert {"too_fast", "quick", "quick_on_matter"} & set(found) == ({sign} if sign else set())


def test_haste_with_nothing_of_the_matter():
    assert "quick" in signs("We are glad of it, and so on.", after=60.0)


@pytest.mark.parametrize("text", ["Yes, it should drip.", "Yes, the spout does that."])
def test_a_quick_short_personal_answer_counts(text):
    assert answer(text, after=75.0) is Answer.COUNTS


@pytest.mark.parametrize(
    ("past", "sign"),
    [
        (Past(1.0), "same_text"),
        (Past(0.79), None),
        (Past(1.0, rhythm=True), "same_delay"),
        (Past(confirmed=1), "confirmed"),
        (Past(confirmed=-2), "rejected"),
    ],
)
def test_what_the_shop_sent_before(past, sign):
    found = signs(BESIDE, past=past)
    assert (sign in found) if sign else not {"same_text", "same_delay", "confirmed", "rejected"} & set(found)


def test_a_macro_with_facts_of_this_order_counts():
    macro = "The new spout has left our kiln, and its number is 1Z999AA10123456784 with the post."
    assert "same_text_with_facts" in signs(macro, past=Past(1.0))
    assert answer(macro, past=Past(1.0)) is Answer.COUNTS
    assert answer(BESIDE, past=Past(1.0)) is Answer.DOES_NOT


@pytest.mark.parametrize(
    ("fields", "sign"),
    [
        (header("auto-submitted", "auto-replied"), "header"),
        (header("precedence", "bulk"), "bulk"),
        (header("list-unsubscribe", "<https://x.example>"), "bulk"),
        ({"subject": "Automatic reply: Kettle"}, "subject_automatic"),
        ({"related": False}, "unasked"),
    ],
)
def test_what_stands_around_a_text(fields, sign):
    assert sign in signs(ANSWER, **fields)
    assert sign not in signs(ANSWER)


def test_a_header_is_a_sign_and_no_proof():
    assert answer(ANSWER, **header("auto-submitted", "auto-replied")) is Answer.COUNTS
    assert answer(BESIDE, **header("auto-submitted", "auto-replied")) is not Answer.COUNTS


@pytest.mark.parametrize(
    "footer",
    [
        "Please do not reply to this address.",
        "This is an automated message.",
        "I am on holiday from Monday.",
    ],
)
def test_a_person_stays_a_person_whatever_stands_below(footer):
    found = signs(f"{ANSWER}\n\n{footer}")
    assert not {"says_automatic", "says_receipt", "says_absent"} & set(found)
    assert answer(f"{ANSWER}\n\n{footer}") is Answer.COUNTS


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        "Yes, it drips a little on purpose, for the glaze is thin there.",
        "I am sorry about that. We send you another kettle on Monday.",
        "Non, ce n'est pas normal. Nous vous envoyons une autre bouilloire lundi.",
        "不是的，这个壶嘴有问题，我们明天给您寄一个新的壶。",
    ],
)
def test_what_plainly_counts(text):
    assert answer(text) is Answer.COUNTS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ok.",
        "Thank you for your message.",
        "👍",
        "We have received your request and somebody will get back to you within one business day.",
        "Merci, nous avons bien reçu votre message et vous répondrons bientôt.",
        "您好，我们已收到您的邮件，会尽快回复您。",
    ],
)
def test_what_plainly_does_not(text):
    assert answer(text, after=3600.0) is Answer.DOES_NOT


@pytest.mark.parametrize(
    "text", ["Your ticket 20481 was created. Our hours are Monday to Friday, 9 to 5.", BESIDE, c.RECEIPT]
)
def test_what_never_counts(text):
    assert answer(text, after=3600.0) is not Answer.COUNTS


def test_a_wording_that_a_person_judged_is_judged_so_again():
    doubtful = [c.customer(own_words=ASKED, order=None), c.sent(2, own_words=BESIDE)]
    for said, sign in ((1, "confirmed"), (-1, "rejected")):
        case = c.case_of(doubtful, 5, learned=Learned(said={wording_of(BESIDE): said}))
        assert sign in {name for name, _, _ in case.assessments[0].signs}


HOSTILE = ["a " * 500_000, "1" * 1_000_000, "$ 1" * 300_000, "a1" * 500_000, "👍" * 300_000, "水" * 1_000_000]
HOSTILE += ["yes" * 300_000, "1 m" * 300_000, '"' * 1_000_000, "[a " * 300_000, "1月" * 300_000, "a\n\n" * 300_000]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:4]) for text in HOSTILE])
def test_hostile_text_costs_linear_time(text):
    ready = sent(text)
    start = time.process_time()
    weigh(ready, c.rules())
    assert time.process_time() - start < 1
