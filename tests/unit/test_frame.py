"""What a help desk, a server or a shop puts around a reply, known by its form and its place."""

import time
from datetime import UTC, datetime

import pytest

from relaywatch.core.words.said import read

SAYS = "Another bowl left our kiln this morning, and the broken one is yours to keep."
SENT = datetime(2026, 11, 14, 18, 52, 10, tzinfo=UTC)


def body(text, sent=None):
    return [line.raw for line in read(text.split("\n"), sent).body]


@pytest.mark.parametrize(
    "head",
    [
        "【外部邮件】请谨慎点击链接和附件",
        "*** Holiday season: expect longer delivery times from carriers ***",
        "~ Blue Kiln ~ La boutique sera fermée ~",
        "Mei commented:",
        "Ticket: 5512\nStatus: open\nWriter: Mei",
        "工单编号：6212530\n处理客服：林美\n回复内容：",
        "New followup\n\nWriter: Mei\nCreation date: Sat, 14 Nov 2026 13:52:10 -0500",
        "URL : https://desk.bluekiln.example/index.php\n\nNew followup\n\nWriter: Mei",
        "Mei (Blue Kiln), Sat, 14 Nov 2026 13:52:10 -0500",
        "Mei replied to #5747544",
    ],
)
def test_what_stands_on_top_is_no_part_of_it(head):
    assert body(f"{head}\n\n{SAYS}") == [SAYS]


@pytest.mark.parametrize(
    "foot",
    [
        "How did I do?  Great | Okay | Not good",
        "对本次服务满意吗？满意 / 一般 / 不满意",
        "Rate this answer: ★ ★ ★ ★ ★\nIt takes ten seconds.",
        "Follow us: Facebook | Instagram | Pinterest\nFree shipping over $50",
        "Blue Kiln inc., NEQ 1167788990. TPS 80211 4431 RT0001, TVQ 1200441230 TQ0001.",
        "🌲 Think before you print.",
        "Blue Kiln——用心做好每一件小东西",
        "Ticket ID: #HF6321123\nPowered by HappyFox",
        "Case ID: 8164835 - Reply to this email to add a comment",
    ],
)
def test_what_stands_below_is_no_part_of_it(foot):
    assert body(f"{SAYS}\n\n{foot}") == [SAYS]


@pytest.mark.parametrize(
    "head",
    [
        "NORTHSHORE AQUARIUM -- your fish are our fish\nCustomer Care Desk\n==========\n\nDear valued customer,",
        "工单编号：LX-20261114-00873　　渠道：Walmart-CA\n处理人：周敏\n----------\n\nJordan 您好，",
        "Réponse no 5\n\nBonjour Jordan,",
        "Comment ça s'est passé?\n\nBonjour Jordan,",
    ],
)
def test_a_letterhead_ends_where_the_letter_greets(head):
    assert body(f"{head}\n\n{SAYS}") == [SAYS]


def test_the_rows_of_a_bill_are_said_by_nobody():
    bill = "1 x Cordless drill 18V     89.97\nHST 13%      11.70\nTotal CAD     101.67"
    assert body(f"{SAYS}\n\n{bill}") == [SAYS]
    assert body(f"{SAYS}\n\n1 x Tasse en grès, bleue") == [SAYS]
    assert body(f"{SAYS}\n\n2 x Mug are in the box.") == [SAYS, "2 x Mug are in the box."]


@pytest.mark.parametrize("name", ["Ruth, warehouse", "Marie Roy, service à la clientèle", "Mei, Blue Kiln"])
def test_a_name_may_have_a_role(name):
    read_ = read(f"{SAYS}\n\n{name}\n\nWe hope that this has answered your questions.".split("\n"))
    assert [line.raw for line in read_.body] == [SAYS]


def test_what_is_said_above_a_greeting_stays():
    assert body(f"Done, as you asked.\n\nHello Jordan,\n\n{SAYS}")[0] == "Done, as you asked."


def test_what_stands_above_the_moment_of_writing_was_not_written_then():
    above = "Your request (1043667) has been updated. To add additional comments, reply to this email."
    text = f"{above}\n\nMei (Blue Kiln)\nSat, 14 Nov 2026 13:52:10 -0500\n\n{SAYS}"
    assert body(text, SENT) == [SAYS]
    assert body(text.replace("13:52", "09:11"), SENT)[0] == above  # another moment is a quote's


@pytest.mark.parametrize("below", ["Mei Lin", "Mei Lin\nBlue Kiln"])
def test_a_moment_above_a_name_is_a_signatures(below):
    assert body(f"{SAYS}\n\nSat, 14 Nov 2026 13:52:10 -0500\n{below}", SENT)[0] == SAYS


def test_a_moment_below_what_somebody_said_takes_nothing_away():
    text = f"【客服】您的工单有新的回复\n\n回复内容：\n{SAYS}\n\n回复时间：2026-11-14 13:52:10\n\n系统邮件"
    assert SAYS in body(text, SENT)


@pytest.mark.parametrize(
    "text",
    [
        "Size: 30 cm\nColour: blue, as in the picture.",
        "Tracking: CP123456789CA\nIt left on Monday.",
        "Ink: replaced, mailed today. Pen: enjoy!",
        "Yes: it is blue.",
        "White / black",
        "*No*",
        "",
    ],
)
def test_a_reply_of_nothing_else_stays(text):
    assert "\n".join(body(text)) == text


def test_a_postscript_below_the_name_is_said():
    assert body(f"{SAYS}\n\nKind regards,\nMei\n\nPS The saucer comes with it.") == [
        SAYS,
        "PS The saucer comes with it.",
    ]


def test_paragraphs_in_two_scripts_are_two_halves():
    halves = read(f"译文由机器生成，仅供参考。\n\n{SAYS}".split("\n")).by_script()
    assert [half.text for half in halves] == ["译文由机器生成，仅供参考。", SAYS]
    assert len(read([SAYS]).by_script()) == 1


@pytest.mark.parametrize(
    "piece", ["a:\n", "[ a ] ", "* a?\n", "1:00 2026\n", "【a】\n", "a | b | c\n", "— a\n", "\n\na: b"]
)
def test_hostile_text_costs_linear_time(piece):
    def seconds(times):
        lines = (piece * times).split("\n")
        start = time.process_time()
        read(lines, SENT)
        return time.process_time() - start

    seconds(500)
    assert seconds(4_000) < max(12 * seconds(1_000), 0.2)


def test_an_address_to_write_to_stands_below():
    below = "Please do not reply to this address, it only sends. Write to care@shop.example instead."
    assert body(f"{SAYS}\n\n{below}") == [SAYS]


def test_a_help_desk_greets_above_whoever_writes():
    said = read(f"Hi Wei,\n\nMei replied to your ticket 83496:\n\nWei您好：\n\n{SAYS}".split("\n"))
    assert [line.raw for line in said.body] == [SAYS]


def test_links_below_the_name_are_no_list_of_links():
    text = f"{SAYS}\n\nMei Lin\nw: shop.example <https://shop.example>\n\nFacebook <https://a.example> | TikTok | News"
    assert read(text.split("\n")).linked == frozenset()
