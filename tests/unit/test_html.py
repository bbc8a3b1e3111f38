"""HTML as people see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox.html import to_text


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("plain words", "plain words"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("one<br>two<br/>three<BR >four", "one\ntwo\nthree\nfour"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("a <b>bold</b> <i>word</i>\n  and\n more", "a bold word and more"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        (
            "<table><tr><td>Order ID:</td><td>600</td></tr><tr><td>Item</td></tr></table>",
            "Order ID: 600\nItem",
        ),
        ("Sales&nbsp;Order&#160;ID:&nbsp;&nbsp;600&amp;1 &lt;x&gt; &eacute;", "Sales Order ID: 600&1 <x> é"),
        ("<head><title>t</title></head><style>p { x: '</p>' }</style><script>1 < 2</script>seen", "seen"),
        ("a<!-- <p>no</p> -->b<!--[if mso]>no<![endif]-->c", "abc"),
        ("<![if !mso]>a<![endif]><?xml x?>b</o:p><o:p>c</o:p>", "abc"),
        ("She wrote:<blockquote>b<br>c<blockquote>d</blockquote></blockquote>e", "She wrote:\n> b\n> c\n> > d\ne"),
        ("a<blockquote>my own words</blockquote>e", "a\nmy own words\ne"),
        ("a<blockquote>b<blockquote type=cite>c</blockquote></blockquote>e", "a\nb\n> c\ne"),
        ('<blockquote style="margin:0 0 0 40px;border:none;padding:0">mine</blockquote>', "mine"),
        ('<blockquote type="cite" style="border: none">theirs</blockquote>', "> theirs"),
        ("<blockquote type=cite>a</blockquote></blockquote>b", "> a\nb"),
        ("<blockquote>a</blockquote></blockquote>b", "a\nb"),
        ("a<hr>From: x", f"a\n{'_' * 32}\nFrom: x"),
        ("<pre>a\n  b\n\nc</pre>d", "a\n  b\n\nc\nd"),
        ('<span style="display:none">no</span>yes', "yes"),
        ("<div style='mso-hide:all'>no<div>no</div>no</div>yes", "yes"),
        ('<div STYLE="Display : None">no</div>yes', "yes"),
        ('<div hidden>no</div>yes<img style="display:none">more', "yesmore"),
        ('<div style="display:none">all that there is', "all that there is"),
        ('yes<div style="display:none">unclosed', "yes\nunclosed"),
        ('<a href="a>b" title=\'it"s\'>link</a>', "link"),
        ("<a href=it's>link</a> and more", "link and more"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<3 this mug", "<3 this mug"),
        ("a<b", "a<b"),
        ("zero\u200bwidth\u00ad\ufeff", "zerowidth"),
        ("&#0;&#x1F600;&#xD800;&bogus;&", "\ufffd😀\ufffd&bogus;&"),
        ("", ""),
    ],
)
def test_html_is_read_as_it_is_seen(source: str, want: str):
    assert to_text(source) == want


def test_a_gmail_reply_keeps_its_attribution_and_marks_its_quote():
    source = (
        '<div dir="ltr">Thanks, it came.</div><br><div class="gmail_quote"><div class="gmail_attr">On Sun, Blue Kiln '
        'wrote:<br></div><blockquote class="gmail_quote" style="border-left:1px solid">Hello Jordan</blockquote></div>'
    )
    assert to_text(source) == "Thanks, it came.\n\nOn Sun, Blue Kiln wrote:\n> Hello Jordan"


def test_an_outlook_reply_shows_its_header_block_as_lines():
    source = (
        "<p class=MsoNormal>See below.<o:p></o:p></p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
        "<p><b>From:</b> Jordan<br><b>Sent:</b> Sunday<br><b>Subject:</b> Order</p></div>"
    )
    assert to_text(source) == "See below.\n\nFrom: Jordan\nSent: Sunday\nSubject: Order"


@given(st.text(max_size=300))
def test_any_text_is_read(source: str):
    to_text(source)


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "<!--",
                "-->",
                '"',
                "'",
                "<p",
                "</p>",
                "<pre>",
                "<blockquote>",
                "</blockquote>",
                "<script>",
                "&",
                "x",
                "<div style='display:none'>",
                "</div>",
                "<br>",
                "=",
                " ",
            ]
        ),
        max_size=40,
    )
)
def test_any_mixture_of_tags_keeps_no_more_than_it_was_given(pieces: list[str]):
    source = "".join(pieces)
    assert to_text(source).count("x") <= source.count("x")


@given(st.text(alphabet="abc \n", min_size=1, max_size=80))
def test_words_are_never_lost(words: str):
    assert to_text(f"<div>{words}</div>").split() == words.split()
