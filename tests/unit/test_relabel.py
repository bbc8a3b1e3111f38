"""Text under a wrong label, or encoded twice: made good where that is certain, and right text left alone."""

import contextlib
import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lab_parse import HEAD, message

from relaywatch.mailbox import headers
from relaywatch.mailbox.charset import decode
from relaywatch.mailbox.relabel import mended

FRENCH = "Une plainte a été déposée à l’Office de la protection du consommateur : « réponse exigée »…"
CHINESE = "您好，我们收到消费者协会的投诉，请在一小时内回复。"
GERMAN = "Die Beschwerde über den Krug ist für Sie: grün, größer, Maß."
WESTERN = ["iso-8859-1", "windows-1252", "us-ascii", "latin1", "iso-8859-15", "windows-1250", "macintosh", "cp850"]


@pytest.mark.parametrize("label", WESTERN)
@pytest.mark.parametrize("text", [FRENCH, CHINESE, GERMAN, "é", "Réponse", "Здравствуйте", "👍", "It’s “fine”", "€ 5"])
def test_utf8_that_is_called_latin_is_utf8(label, text):
    assert decode(text.encode(), label) == text
    assert decode(text.encode()[:-1], label).startswith(text[:-1])  # cut where the prefix of a mail ends


@pytest.mark.parametrize("label", ["utf-8", "us-ascii", "iso-8859-1", "windows-1252", ""])
def test_chinese_and_latin_that_are_called_otherwise(label):
    assert decode(CHINESE.encode("gbk"), label) == CHINESE
    assert decode(FRENCH.encode("cp1252"), label) == FRENCH


@pytest.mark.parametrize("label", ["koi8-r", "windows-1251", "gbk", "gb2312", "big5", "iso-8859-7"])
def test_utf8_that_is_called_another_script_is_utf8(label):
    assert decode(CHINESE.encode(), label) == CHINESE


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (FRENCH, "cp1252"), (GERMAN, "iso8859-1"), ("NESTLÉ® et CAFÉ™", "cp1252"), ("»»»»»»»»»»", "cp1252"),
        ("·················", "iso8859-1"), ("ÀÉ", "iso8859-1"), ("É»", "cp1252"), ("Größe: 5 µm × 3°", "iso8859-1"),
        ("Žluťoučký kůň", "cp1250"), ("Привет, где мой заказ?", "koi8-r"), ("Привет, где мой заказ?", "cp1251"),
        ("сёстры", "cp1251"), ("เขต", "tis-620"), ("Γειά σου", "iso8859-7"), ("碗裂了", "big5"), (CHINESE, "gbk"),
        ("茶碗が割れた", "cp932"), ("안녕하세요", "cp949"), ("联通", "gbk"), ("一", "gbk"),
    ],
)  # fmt: skip
def test_right_labels_are_believed(text, name):
    assert decode(text.encode(name), name) == text


@pytest.mark.parametrize(
    "text", [FRENCH, GERMAN, "Québec : d’ici une heure", "DÉJÀ", "“It’s” — 5 €", "réponse 👍", "à"]
)
@pytest.mark.parametrize("wrong", ["cp1252", "latin-1"])
def test_what_was_encoded_twice_is_read(text, wrong):
    try:
        twice = text.encode().decode(wrong)
    except UnicodeDecodeError:
        twice = "".join(chr(byte) if byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes((byte,)).decode(wrong)
                        for byte in text.encode())  # fmt: skip
    assert decode(twice.encode(), "utf-8") == text
    assert mended(twice.encode().decode("latin-1")) == text  # and once more


@pytest.mark.parametrize(
    "text",
    [FRENCH, CHINESE, "IRMÃ”", "CAFÉ™ NESTLÉ® É»", "Â vous", "ÂME", "SÃO", "Ñandú", "20 °C ± 1", "“café”…", "ÃO"],
)
def test_right_text_is_left_alone(text):
    assert mended(text) == text


def test_only_what_is_wrong_is_changed():
    assert mended("Voici la réponse :\n> d'Ã©thique — “QuÃ©bec”") == "Voici la réponse :\n> d'éthique — “Québec”"


def test_headers_and_entities_too():
    raw = b"Subject: Plainte d\xc3\xa9pos\xc3\xa9e\n"
    assert message(HEAD.encode().replace(b"Subject: Question about my order\n", raw)).subject == "Plainte déposée"
    for word in (b"=?iso-8859-1?Q?r=C3=A9ponse?=", b"=?utf-8?Q?r=C3=83=C2=A9ponse?=", b"=?us-ascii?B?csOpcG9uc2U=?="):
        assert headers.text(word) == "réponse"
        assert headers.mailboxes(word + b" <a@b.example>") == [("réponse", "a@b.example")]
    html = "Content-Type: text/html; charset=utf-8\n\n<p>Bureau d&#39;&Atilde;&copy;thique commerciale</p>"
    assert message(HEAD + html).own_words == "Bureau d'éthique commerciale"


LETTERS = st.sampled_from("abcdefghij ABC.,'éèàùâêîôûëïüçñößÉÀÇÊÖÜ")
latin = st.text(LETTERS, max_size=60).filter(lambda text: not re.search(r"[^\x00-\x7f]{6}", text))
common_hanzi = st.sampled_from([bytes((lead, trail)).decode("gbk") for lead in range(0xB0, 0xD7)
                                for trail in range(0xA1, 0xFF)])  # fmt: skip


@given(latin, st.sampled_from(["cp1252", "iso8859-1", "iso8859-15", "cp1254"]))
def test_latin_under_its_own_name_is_itself(text, name):
    assert decode(text.encode(name), name) == text


@given(st.text(common_hanzi), st.sampled_from(["gbk", "gb18030", "gb2312"]))
def test_chinese_under_its_own_name_is_itself(text, name):
    assert decode(text.encode("gb18030"), name) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf8_under_its_own_name_is_itself(text):
    assume(not re.search("[\u00c2-\u00f4][\x80-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u203a\u20ac\u2122]", text))
    assert decode(text.encode(), "utf-8") == text


@given(latin, st.sampled_from(WESTERN))
def test_latin_in_utf8_is_read_under_any_western_name(text, label):
    assert decode(text.encode(), label) == text


@given(latin)
def test_latin_that_was_encoded_twice_is_read(text):
    assume(text.encode("latin-1"))
    twice = text.encode().decode("latin-1")
    assume(not re.search("[A-ZÀ-Þ]\u00c3", twice))  # may be a capital letter and a mark
    assert decode(twice.encode(), "utf-8") == text


@given(st.lists(common_hanzi, min_size=6, unique=True), st.sampled_from(["iso-8859-1", "windows-1252", "us-ascii", ""]))
def test_chinese_that_is_called_latin_is_read(chars, label):
    text = "Order 6000: " + "".join(chars)
    with contextlib.suppress(UnicodeDecodeError):
        assume(not text.encode("gbk").decode())  # a few are UTF-8 as well, and then read so
    assert decode(text.encode("gbk"), label) == text


@given(st.binary(), st.sampled_from([*WESTERN, "utf-8", "gbk", "koi8-r", "tis-620", "big5", ""]))
def test_any_bytes_are_some_text(data, label):
    assert isinstance(decode(data, label), str)


@pytest.mark.parametrize("unit", ["Ã©", "Ã", "Â", "â€", "ðŸ", "é", "è¯", "\xc3\x83"])
def test_hostile_text_costs_no_more_than_long_text(unit):
    started = time.perf_counter()
    mended(unit * 300_000)
    decode((unit * 300_000).encode("latin-1", "replace"), "iso-8859-1")
    assert time.perf_counter() - started < 3
