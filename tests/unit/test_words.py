"""Own words: what an author wrote, without quotes, signature and boilerplate."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.core.words.own_words import split

ORIGINAL = "Hello,\nwhere is my blue kettle?\nJordan"
QUOTED = "> Hello,\n> where is my blue kettle?\n> Jordan"
REPLY = "Your kettle left our warehouse this morning."

ATTRIBUTIONS = {
    "english": "On Mon, Nov 23, 2026 at 9:14 AM Jordan <jordan@mail.example> wrote:",
    "english_apple": "On Nov 23, 2026, at 9:14 AM, Jordan <jordan@mail.example> wrote:",
    "english_wrapped": "On Mon, Nov 23, 2026 at 9:14 AM Jordan Of The Long Name via Relay <\n"
    "c-0f@relay.walmart.ca> wrote:",
    "english_wrapped_thrice": ("On Mon, Nov 23, 2026\nat 9:14 AM Jordan Long-Name\n<c-0f@relay.walmart.ca>\nwrote:"),
    "english_no_date": "Jordan <jordan@mail.example> wrote:",
    "english_old": "On 23/11/26 09:14, Jordan wrote:",
    "french": "Le lun. 23 nov. 2026 à 09:14, Jordan <jordan@mail.example> a écrit :",
    "french_wrapped": "Le lundi 23 novembre 2026 à 09 h 14, Jordan Tremblay\n<jordan@mail.example> a écrit :",
    "french_no_space": "Le 23/11/2026 09:14, Jordan a écrit:",
    "chinese": "在 2026年11月23日，上午9:14，Jordan <jordan@mail.example> 写道：",
    "chinese_gmail": "Jordan <jordan@mail.example> 于2026年11月23日周一 09:14写道：",
    "chinese_163": "在 2026-11-23 09:14:05，“Jordan” <jordan@mail.example> 写道：",
    "chinese_traditional": "Jordan <jordan@mail.example> 於 2026年11月23日 週一 上午9:14寫道：",
    "german": "Am 23.11.2026 um 09:14 schrieb Jordan <jordan@mail.example>:",
    "german_gmail": "Jordan <jordan@mail.example> schrieb am Mo., 23. Nov. 2026, 09:14:",
    "spanish": "El lun, 23 nov 2026 a las 9:14, Jordan (<jordan@mail.example>) escribió:",
    "italian": "Il giorno lun 23 nov 2026 alle ore 09:14 Jordan <jordan@mail.example> ha scritto:",
    "dutch": "Op ma 23 nov 2026 om 09:14 schreef Jordan <jordan@mail.example>:",
    "dutch_apple": "Op 23 nov. 2026, om 09:14 heeft Jordan <jordan@mail.example> het volgende geschreven:",
    "portuguese": "Em seg., 23 de nov. de 2026 às 09:14, Jordan <jordan@mail.example> escreveu:",
    "polish": "W dniu 23.11.2026 o 09:14, Jordan pisze:",
    "polish_gmail": "pon., 23 lis 2026 o 09:14 Jordan <jordan@mail.example> napisał(a):",
    "swedish": "Den mån 23 nov. 2026 kl 09:14 skrev Jordan <jordan@mail.example>:",
    "danish": "Den 23. nov. 2026 kl. 09.14 skrev Jordan <jordan@mail.example>:",
    "finnish": "ma 23. marrask. 2026 klo 9.14 Jordan (jordan@mail.example) kirjoitti:",
    "russian": "пн, 23 нояб. 2026 г. в 09:14, Jordan <jordan@mail.example>:\nнаписал(а):",
    "japanese": "2026年11月23日(月) 9:14 Jordan <jordan@mail.example> のメール:",
    "czech": "po 23. 11. 2026 v 9:14 odesílatel Jordan <jordan@mail.example> napsal:",
    "turkish": "Jordan <jordan@mail.example>, 23 Kas 2026 Pzt, 09:14 tarihinde şunu yazdı:",
    "netease": 'At 2026-11-23 09:14:05, "Jordan" <jordan@mail.example> wrote:',
    "gmail_without_verb": "2026-11-23 9:14 GMT-05:00 Jordan <jordan@mail.example>:",
    "zoho": "---- On Mon, 23 Nov 2026 09:14:05 -0500 jordan@mail.example wrote ----",
}
BLOCKS = {
    "outlook": "From: Jordan <jordan@mail.example>\nSent: Monday, November 23, 2026 9:14 AM\n"
    "To: care@shop.example\nSubject: Kettle",
    "outlook_bold": "*From:* Jordan <jordan@mail.example>\n*Sent:* Monday, November 23, 2026 9:14 AM\n"
    "*To:* care@shop.example\n*Subject:* Kettle",
    "outlook_rule": "________________________________\nFrom: Jordan <jordan@mail.example>\n"
    "Sent: Monday, November 23, 2026 9:14 AM\nTo: care@shop.example\nSubject: Kettle",
    "outlook_blank_lines": "From: Jordan <jordan@mail.example>\n\nSent: Monday, November 23, 2026\n\n"
    "To: care@shop.example\n\nSubject: Kettle",
    "french": "De : Jordan <jordan@mail.example>\nEnvoyé : 23 novembre 2026 09:14\nÀ : "
    "care@shop.example\nObjet : Bouilloire",
    "french_sent_on": ("De : Jordan\nEnvoyé le : lundi 23 novembre 2026\nÀ : care@shop.example\nObjet : Bouilloire"),
    "chinese": "发件人：Jordan <jordan@mail.example>\n发送时间：2026年11月23日 9:14\n"
    "收件人：care@shop.example\n主题：水壶",
    "chinese_traditional": "寄件者: Jordan\n寄件日期: 2026年11月23日\n收件者: care@shop.example\n主旨: 水壺",
    "german": "Von: Jordan <jordan@mail.example>\nGesendet: Montag, 23. November 2026 09:14\nAn: "
    "care@shop.example\nBetreff: Kessel",
    "spanish": ("De: Jordan\nEnviado el: lunes, 23 de noviembre de 2026\nPara: care@shop.example\nAsunto: Tetera"),
    "italian": "Da: Jordan\nInviato: lunedì 23 novembre 2026\nA: care@shop.example\nOggetto: Bollitore",
    "swedish": "Från: Jordan\nSkickat: den 23 november 2026\nTill: care@shop.example\nÄmne: Kanna",
    "japanese": "差出人: Jordan\n送信日時: 2026年11月23日\n宛先: care@shop.example\n件名: やかん",
    "divider_english": "-----Original Message-----\nFrom: Jordan\nTo: care@shop.example",
    "divider_bare": "-----Original Message-----",
    "divider_french": "-----Message d'origine-----\nDe : Jordan",
    "divider_chinese": '------------------ 原始邮件 ------------------\n发件人: "Jordan"',
    "divider_chinese_forward": "---------- 转发的邮件 ----------",
    "divider_german": "-----Ursprüngliche Nachricht-----",
    "forward_gmail": "---------- Forwarded message ---------\nFrom: Jordan <jordan@mail.example>",
    "forward_apple": "Begin forwarded message:\n\nFrom: Jordan <jordan@mail.example>",
    "forward_apple_french": "Début du message réexpédié :\n\nDe: Jordan",
    "divider_qq_entities": "------------------&nbsp;原始邮件&nbsp;------------------\n发件人: Jordan",
    "divider_qq_english": ("------------------ Original ------------------\nFrom: Jordan\nDate: Mon, Nov 23\nTo: care"),
    "attribution_on_one_line": "On Mon, Nov 23, 2026 at 9:14 AM Jordan wrote: > Hello,",
    "helpdesk": "##- Please type your reply above this line -##",
}
FOOTERS = {
    "mark": "-- \nBlue Kiln Care\n+1 555 0100",
    "mark_without_blank": "--\nBlue Kiln Care",
    "iphone": "Sent from my iPhone",
    "iphone_in_brackets": "(Sent from my iPhone)",
    "samsung": "Sent from my Samsung Galaxy smartphone.",
    "outlook_ios": "Get Outlook for iOS<https://aka.example/o>",
    "yahoo": "Sent from Yahoo Mail for Android",
    "iphone_french": "Envoyé de mon iPhone",
    "outlook_french": "Envoyé à partir d’Outlook pour Android",
    "telephone_french": "Envoyé depuis mon téléphone intelligent Samsung Galaxy.",
    "iphone_chinese": "发自我的iPhone",
    "mobile_chinese": "从我的 iPhone 发送",
    "netease": "发自我的网易邮箱手机智能版",
    "iphone_german": "Von meinem iPhone gesendet",
    "iphone_spanish": "Enviado desde mi iPhone",
    "iphone_italian": "Inviato da iPhone",
    "iphone_portuguese": "Enviado do meu iPhone",
    "iphone_dutch": "Verstuurd vanaf mijn iPhone",
    "iphone_polish": "Wysłane z iPhone'a",
    "iphone_japanese": "iPhoneから送信",
    "antivirus": "Virus-free.www.avast.example",
    "confidential": "CONFIDENTIALITY NOTICE: this mail is for the addressee.\nIf it is not you, delete it.",
    "confidential_sentence": ("This email and any attachments are confidential and intended for the addressee."),
    "confidential_french": "AVIS DE CONFIDENTIALITÉ : ce courriel est destiné à son destinataire.",
    "confidential_chinese": "本邮件及其附件含有保密信息，仅限于发送给上面地址中列出的个人。",
    "unsubscribe": "To unsubscribe from these emails, click here",
    "environment": "Please consider the environment before printing this e-mail",
    "ruler": "_______________________\nBlue Kiln\nCare team",
    "signed": "-----BEGIN PGP SIGNATURE-----\niQEzBAEBCAAdFiEE",
}


def squeezed(text):
    return " ".join(text.split())


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_reply_above_a_quote(attribution, marked):
    own, rest = split(f"{REPLY}\n\n{attribution}\n\n{QUOTED if marked else ORIGINAL}\n")
    assert own == REPLY
    assert "kettle?" in rest
    assert squeezed(attribution) in squeezed(rest)


@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_reply_below_a_quote(attribution):
    own, rest = split(f"{attribution}\n{QUOTED}\n\n{REPLY}\n")
    assert own == REPLY
    assert "kettle?" in rest


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_reply_above_a_copied_message(block):
    own, rest = split(f"{REPLY}\n\n{block}\n\n{ORIGINAL}\n")
    assert own == REPLY
    assert rest.endswith(ORIGINAL)


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS)
def test_footer_is_no_own_word(footer):
    own, rest = split(f"{REPLY}\nThanks, Kim\n\n{footer}\n")
    assert own == f"{REPLY}\nThanks, Kim"
    assert squeezed(rest) == squeezed(footer)


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS)
def test_footer_between_reply_and_quote(footer):
    own, _ = split(f"{REPLY}\n\n{footer}\n\n{ATTRIBUTIONS['english']}\n\n{QUOTED}\n")
    assert own == REPLY


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("", ""),
        ("  \n\n", ""),
        (REPLY, REPLY),
        (f"{REPLY}\r\n\r\nOn 23/11/26 09:14, Jordan wrote:\r\n> Hello\r\n", REPLY),
        ("> a question\n\nan answer\n\n> another\n\nanother answer", "an answer\n\n\nanother answer"),
        (f"{QUOTED}\n{REPLY}\n{QUOTED}", REPLY),
        ("Yes.\n\n| Is it blue?\n| Jordan", "Yes."),
        ("Jordan wrote:\n> Is it blue?\nYes, it is.", "Yes, it is."),
        ("Yes.\n\nQuoting Jordan:\n\n> Is it blue?", "Yes."),
        ("JD> Is it blue?\nYes, it is.", "Yes, it is."),
        ("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes, it is.", "Yes, it is."),
        ("Begin forwarded message:\n\nFrom: Jordan\nSubject: Kettle\n\nWhere is it?", ""),
        (f"FYI\n\n{BLOCKS['forward_gmail']}\nDate: Mon\nSubject: Kettle\n\nWhere is it?", "FYI"),
        ("On Mon, Nov 23, 2026 at 9:14 AM Jordan <j@mail.example> wrote:\n> Hello", ""),
        ("On Mon, Nov 23, 2026 at 9:14 AM Jordan <j@mail.example> wrote:\n\nHello", ""),
        ("-- \nBlue Kiln Care\n\nOn 23/11/26 09:14, Jordan wrote:\n> Hello", ""),
        ("Sent from my iPhone\n\nOn 23/11/26 09:14, Jordan wrote:\n> Hello", ""),
        ("EXTERNAL: This email originated from outside the company. Do not click links.\n\nHello", "Hello"),
        ("[EXTERNAL]\nHello", "Hello"),
        ("ATTENTION : ce courriel provient de l'extérieur. Ne cliquez pas.\n\nBonjour", "Bonjour"),
        ("This message is confidential and intended only for you.\n\nWhere is it?", "Where is it?"),
    ],
)
def test_whole_text(text, own):
    assert split(text)[0] == own


@pytest.mark.parametrize(
    "text",
    [
        "On Monday your agent told me that it was shipped.\nWhere is it?",
        "On November 23 I wrote to you twice: no answer.",
        "The label said: from Toronto.\nIt is broken.",
        "From: what I can see the colour is wrong.\nPlease replace it.",
        "I wrote:\nplease send a refund.",
        "To: be honest, I am not happy.\nDate: none was given.",
        "Le colis est arrivé le 12 mai.\nIl écrit : fragile.",
        "I have sent it from my phone number's address, and mail it back please.",
        "Two things:\n\n- the lid is cracked\n- the box was wet\n\n* call me\n* or write",
        "First\n-----\nThe lid is cracked. Can you send another one?\nSecond\n-----\nWhen?",
        "a -- b -- c\nprices -- if any -- are final",
        "我在2026年写过一封信，没有人回。\n请退款。",
        "Order: 600000012345678\nItem: kettle\nColour: blue\n\nIt leaks.",
        "Thanks,\nJordan",
        "I did not unsubscribe from anything.\nThis email address is mine.",
    ],
)
def test_persons_words_stay(text):
    assert split(text) == (text, "")


FORM = """Jordan wants to connect with you regarding the following order:

Sales Order ID: 600000012345678
Item ID: 12345
Item: Blue kettle
Message: The lid is cracked.
On Monday I asked you already. Please help.

**Note: To protect the customer, reply to this mail. Please respond within 1 business day.**
Walmart Customer Service Team
RefID: 0123456789ABCDEF0123456789ABCDEF
"""


def test_form_gives_the_shoppers_words():
    own, rest = split(FORM)
    assert own == "The lid is cracked.\nOn Monday I asked you already. Please help."
    assert "600000012345678" in rest
    assert "RefID" in rest


@pytest.mark.parametrize(
    "message",
    [
        "6",  # as a digit of the order
        "Item: Blue kettle",
        "Hello,\n\n> it ships on Monday\n\nIs that so?",
        "Please see below.\n-----Original Message-----\nFrom: me\nSent: Monday\nIt is cracked.",
        "--\nThe lid is cracked.",
    ],
)
def test_all_of_the_shoppers_message_is_theirs_and_nothing_else_of_the_form(message):
    given = "The lid is cracked.\nOn Monday I asked you already. Please help."
    form = FORM.replace(given, message)
    own, rest = split(form)
    assert own == message
    assert rest.split() == FORM.replace(given, "").split()


def test_a_message_without_its_label_tears_no_number_apart():
    given = "Message: The lid is cracked.\nOn Monday I asked you already. Please help."
    own, rest = split(FORM.replace(given, "6"))
    assert own == "6"
    assert rest.split() == FORM.replace(given, "").split()


def test_quoted_form_is_the_shoppers_not_the_repliers():
    quoted = "\n".join(f"> {line}" for line in FORM.splitlines())
    own, rest = split(f"{REPLY}\n\n{ATTRIBUTIONS['english']}\n\n{quoted}")
    assert own == REPLY
    assert "cracked" in rest
    own, _ = split(f"{REPLY}\n\n{BLOCKS['outlook']}\n\n{FORM}")
    assert own == REPLY


PIECES = st.sampled_from(
    [*ATTRIBUTIONS.values(), *BLOCKS.values(), *FOOTERS.values(), QUOTED, ORIGINAL, REPLY, FORM, "", "\n\n"]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=60)), max_size=8).map("\n".join))
def test_nothing_visible_is_lost(text):
    own, rest = split(text)
    # an isolated carriage return is a line break; every other character is in one of the halves
    missing = list(own + rest)
    for char in text:
        if not char.isspace():
            missing.remove(char)


@given(st.lists(PIECES, max_size=6).map("\n\n".join))
def test_own_words_are_stable(text):
    own, _ = split(text)
    again, _ = split(own)
    assert len(again) <= len(own)
    assert split(again)[0] == again or len(split(again)[0]) < len(again)


HOSTILE = {
    "newlines": "\n" * 1_000_000,
    "blank_lines": " \n" * 500_000,
    "on": "On " * 333_000,
    "on_lines": "On 23/11/26 09:14, x:\n" * 45_000,
    "one_line": "a" * 1_000_000,
    "marks": ">" * 1_000_000,
    "mark_lines": ">\n" * 500_000,
    "attributions": "On Mon, 23 Nov 2026 at 09:14, A <a@mail.example> wrote:\n" * 18_000,
    "wrapped": "On Mon, 23 Nov 2026 at 09:14, A\n<a@mail.example>\nwrote:\n" * 18_000,
    "headers": "From: a\n" * 125_000,
    "header_pairs": "From: a\nFrom: b\n" * 60_000,
    "rulers": "---\n" * 250_000,
    "accents": "éà" * 500_000,
    "open_angles": "<" * 1_000_000,
    "carriage_returns": "\r" * 1_000_000,
    "separators": "\u2028" * 300_000,
    "wrote": "wrote " * 160_000,
    "form": "Sales Order ID: Message: " * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_no_time(text):
    started = time.perf_counter()
    split(text)
    assert time.perf_counter() - started < 1.0  # a tenth of it on an idle machine


def test_answer_behind_five_thousand_newlines_is_found():
    own, _ = split("Hello\n" + "\n" * 5_000 + "Where is my order?")
    assert own == "Hello\n\n\nWhere is my order?"


@pytest.mark.parametrize("lines", [1, 4, 8])
def test_a_senders_name_may_be_wrapped_over_many_lines_of_a_quote(lines):
    name = "\n".join(["a long name that somebody chose for themselves"] * lines)
    head = "Sent: Friday, November 13, 2026 4:30 PM\nTo: care@shop.example\nSubject: Mug"
    quote = f"From: {name}\n<x@evil.example>\n{head}\n\nAbout order 600000012345678: where is it?\n"
    assert split(f"Hello, it is on its way.\n\n{quote}")[0].strip() == "Hello, it is on its way."
