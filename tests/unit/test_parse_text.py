"""Which text of a mail is its author's, and in which charset."""

import base64

import pytest
from lab_parse import HEAD, mail, message, multipart, part

from relaywatch.mailbox import charset
from relaywatch.mailbox.body import unflow

WORDS = "Der Krug ist grün — 碗裂了 façade"


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("utf-8", "utf-8"), ("UTF8", "utf-8"), ('"utf-8"', "utf-8"), ("gb2312", "gb18030"), ("GBK", "gb18030"),
        ("x-gbk", "gb18030"), ("gb18030", "gb18030"), ("utf-16", "utf-16"), ("unicode-1-1-utf-7", "utf-7"),
    ],
)  # fmt: skip
def test_a_declared_charset_is_read(name: str, encoding: str):
    raw = mail("", f"Content-Type: text/plain; charset={name}", "Content-Transfer-Encoding: 8bit").encode()
    assert message(raw + WORDS.encode(encoding)).own_words == WORDS


@pytest.mark.parametrize(
    ("name", "encoding", "text"),
    [
        ("us-ascii", "utf-8", "café"), ("us-ascii", "latin-1", "café fêlé"), ("", "utf-8", "碗裂了"),
        ("utf-8", "latin-1", "café fêlé"), ("utf-8", "gbk", "我的订单在哪里？请回复"),
        ("no-such", "gbk", "我的订单在哪里"),
        ("iso-2022-jp", "utf-8", "これは"), ("windows-874", "cp874", "สวัสดี"), ("ISO-8859", "latin-1", "déjà vu"),
        ("ks_c_5601-1987", "cp949", "안녕하세요"), ("big5", "big5", "碗裂了"), ("shift_jis", "cp932", "茶碗が割れた"),
        ("iso-8859-1", "cp1252", "it’s “fine”"), ("punycode", "utf-8", "xn--café"), ("base64", "utf-8", "aGVsbG8"),
    ],
)  # fmt: skip
def test_a_wrong_unknown_or_missing_charset_is_made_good(name: str, encoding: str, text: str):
    raw = mail("", f"Content-Type: text/plain; charset={name}", "Content-Transfer-Encoding: 8bit").encode()
    assert message(raw + text.encode(encoding)).own_words == text


def test_russian_is_not_read_as_chinese():
    assert max(charset.guess("Здравствуйте, где мой заказ".encode("cp1251"))) < "\u4e00"


@pytest.mark.parametrize("name", ["idna", "punycode", "unicode_escape", "zlib", "rot13", "hex", "", "x" * 99, "a\0b"])
def test_what_is_no_charset_is_refused(name: str):
    assert charset.codec(name) == ""


@pytest.mark.parametrize(
    ("encoded", "want"),
    [
        ("SGVsbG8gSm9yZGFu", "Hello Jordan"),
        ("SGVsbG8\n gSm9y ZGFu\n", "Hello Jordan"),
        ("SGVsbG8gSm9yZGF", "Hello Jorda"),
        ("SGVsbG8gSm9yZGFuIQ", "Hello Jordan!"),
        ("SGVs*bG8g!Sm9yZGFu", "Hello Jordan"),
        ("", ""),
    ],
)
def test_broken_base64_is_read_as_far_as_it_goes(encoded: str, want: str):
    assert message(mail(encoded, "Content-Transfer-Encoding: BASE64")).own_words == want


TEXT = part("text/plain", "The author's own words, long enough to be more than a pointer.\n")
RICH = part("text/html", "<p>The same in HTML</p>")


@pytest.mark.parametrize(
    ("structure", "want"),
    [
        (multipart("alternative", TEXT, RICH), "The author's own words, long enough to be more than a pointer."),
        (multipart("alternative", part("text/plain", " \n"), RICH), "The same in HTML"),
        (multipart("alternative", part("text/plain", "Your mail program does not support HTML."), RICH),
         "The same in HTML"),
        (multipart("alternative", part("text/plain", "Hi"), part("text/html", "<p>" + "word " * 80)), "word " * 80),
        (multipart("alternative", part("text/plain", "Prenez un autre logiciel."),
                   part("text/html", "<p>La tasse va au lave-vaisselle.")), "La tasse va au lave-vaisselle."),
        (multipart("alternative", part("text/plain", "La tasse va au lave-vaisselle."),
                   part("text/html", "<p>La tasse va au <b>lave-vaisselle</b>.<p>Blue Kiln")),
         "La tasse va au lave-vaisselle."),
        (multipart("alternative", RICH), "The same in HTML"),
        (multipart("mixed", part("text/plain", "one"), part("text/plain", "two")), "one two"),
        (multipart("mixed", part("text/plain", "one"), part("text/html", "<b>two</b>")), "one two"),
        (multipart("mixed", part("text/plain", "one"),
                   part("text/plain", "log", "Content-Disposition: attachment; filename=a.txt")), "one"),
        (multipart("mixed", part("text/plain", "only", "Content-Disposition: attachment")), "only"),
        (multipart("mixed", part("text/calendar", "BEGIN:VCALENDAR"), part("text/plain", "one")), "one"),
        (multipart("alternative", part("text/plain", ""),
                   multipart("related", part("text/html", "<p>in related</p>"), part("image/png", "AA"), boundary="r")),
         "in related"),
        ("Content-Type: text/html\n\n<p>one</p>two", "one two"),
        ("Content-Type: text/plain\n\n<html><body><p>HTML all the same</p></body></html>", "HTML all the same"),
        ("Content-Type: nonsense\n\nwords", "words"),
        ("Content-Type: multipart/mixed; boundary=none\n\nwords", "words"),
        ("Content-Type: multipart/mixed\n\nwords", "words"),
        ('Content-Type: multipart/mixed; boundary="b\n\n--b\n\nwords\n--b--', "words"),
        ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\n--b \n\ntwo", "one --bb two"),
        ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n", "one two"),
    ],
)  # fmt: skip
def test_the_authors_text_is_found(structure: str, want: str):
    found = message(HEAD + structure)
    assert found.text.split() == want.split()


def test_the_charset_that_html_declares_is_used():
    source = '<meta http-equiv=Content-Type content="text/html; charset=gb2312"><p>碗裂了</p>'
    assert message(mail("", "Content-Type: text/html").encode() + source.encode("gbk")).own_words == "碗裂了"


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("> one \n> two\nthree ", "> one two\nthree "),
        ("a \n> b", "a \n> b"),
        ("> a \n>> b", "> a \n>> b"),
        (" From me \n to you", "From me to you"),
        ("bye \n-- \nme", "bye \n-- \nme"),
        ("", ""),
    ],
)
def test_flowed_text_is_joined(text: str, want: str):
    assert unflow(text, delete_blank=False) == want


def test_flowed_text_without_blanks_between_is_joined_for_chinese():
    raw = mail("碗 \n裂了\n", "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes")
    assert message(raw).own_words == "碗裂了"


def test_a_quote_is_set_aside():
    found = message(mail("It came, thanks.\n\nOn Sun, 22 Nov 2026 at 10:00, Blue Kiln wrote:\n> Hello Jordan\n"))
    assert found.own_words == "It came, thanks."
    assert "Hello Jordan" in found.rest


@pytest.mark.parametrize("encoding", ["7bit", "base64"])
def test_an_attached_mail_belongs_to_the_text(encoding: str):
    inner = "From: bureau@bbb.example\nSubject: Complaint 77\n\nThe customer complains of a cracked bowl.\n"
    carried = base64.encodebytes(inner.encode()).decode() if encoding == "base64" else inner
    attached = part("message/rfc822", carried, f"Content-Transfer-Encoding: {encoding}")
    found = message(HEAD + multipart("mixed", part("text/plain", "Please see the attached complaint."), attached))
    assert "Please see the attached complaint." in found.own_words
    for words in ("bureau@bbb.example", "Complaint 77", "cracked bowl"):
        assert words in found.text
    assert found.subject == "Question about my order"
    assert found.attachments == ()
