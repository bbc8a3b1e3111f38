"""HTML as people see it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.mailbox.html import all_text, to_text


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


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("a<!--><p>D</p><!-- -->b", "a\n\nD\n\nb"),
        ("a<!---> D <!-- -->b", "a D b"),
        ("a<!-- x --!><p>D</p><!-- -->b", "a\n\nD\n\nb"),
        ("a<!----> D", "a D"),
        ("a<!----!> D", "a D"),
        ("a<!-- x -- > D --> b", "a b"),
        ("a<!--[if !mso]><!--> D <!--<![endif]-->b", "a D b"),
        ("<html><head><p>D</p></head><body>OOO", "D\n\nOOO"),
        ("<html><head>D</head><body>OOO", "D\nOOO"),
        ("<body>OOO<head>D</head></body>", "OOO\nD"),
        ("<head><title>t</title><meta charset=x><style>D</style>\n<script>D</script>\n</head><body>OOO", "OOO"),
        ("<head><!-- D --><base href=x><link href=y></head>OOO", "OOO"),
    ],
)
def test_comments_and_heads_end_where_browsers_end_them(source: str, want: str):
    assert to_text(source) == want
    assert (all_text(source) or "").split() == want.split()


@pytest.mark.parametrize(
    "more",
    [
        "<img alt='D'>",
        "<img src=x alt=D>",
        "<input value='D'>",
        "<input type=text placeholder=D>",
        "<a href=x TITLE = 'D'>",
        "<img alt='&#68;'>",
        "<p aria-label=D></p>",
        "<img/alt=D>",
        '<img x="\'" alt="D\'">',
        "<p style='content:\"D\"'></p>",
        "<p style=\"list-style-type: 'D'\"></p>",
        "<p style='content:&quot;D&quot;'></p>",
        '<style>p:before { content/**/: "D" }</style>',
        '<style>p:before { content: "\\44 " }</style>',
        '<style>p { font-family: "Arial" } q { quotes: "D" "" }</style>',
        "<style>@counter-style x { symbols: \"x'\" 'D' }</style>",
        '<style>p:before { content: "D</style>',
        "<!--[if mso]><p>D</p><![endif]-->",
        "<!--[if gte mso 9]><xml>x</xml>D<![endif]-->",
        "<noscript>D</noscript><select><option>D</select>",
    ],
)
def test_all_text_has_what_stands_beside_the_text(more: str):
    assert "D" in (all_text(f"<p>Away</p>{more}") or "").replace("'", " ").split()


@pytest.mark.parametrize(
    "more",
    [
        "<p style='content: attr(class)' class=D></p>",
        "<style>p:before { content: a\\74tr(class) }</style>",
        "<style>p { background: url( data:image/png;base64,AAAA) }</style>",
        "<img srcset='data:image/png;base64,AAAA'>",
        "<img src='&#100;ata:image/png;base64,AAAA'>",
        "<svg><image href='data:image/png;base64,AAAA'></svg>",
        "<iframe srcdoc='D'></iframe>",
        "<xmp><D></xmp>",
        "<textarea><D></textarea>",
        "<svg><text><![CDATA[D]]></text></svg>",
        "<img alt='> <D>'>",
        "<b>" * 70_000 + "D",
    ],
)
def test_all_text_says_where_it_cannot_tell(more: str):
    assert all_text(f"<p>Away</p>{more}") is None


@pytest.mark.parametrize(
    "more",
    [
        "<img src='https://x.example/logo.png' width=120 alt=''>",
        "<img src='https://x.example/t.gif?id=5' width=1 height=1>",
        "<a href='https://x.example' style='color:#222; font-family: \"Segoe UI\", Arial'></a>",
        "<style>@import url('https://x.example'); p { font: 'Segoe UI', \"A\" } a[class='x'] { top: 0 }</style>",
        '<style><!-- p.Mso { mso-style-name: "Balloon Text" } v\\:* { behavior: url(#default#VML); } --></style>',
        '<style>/* "x" */ p:before { content: "" }</style>',
        "<!--[if gte mso 9]><xml><o:x>96</o:x></xml><![endif]-->",
        "<!--[if mso]><noscript><xml><o:x>96</o:x></xml></noscript><![endif]-->",
        "<!--[if mso]><table><tr><td><![endif]-->",
        "<!-- a note --><ol><li value=3></ol>",
    ],
)
def test_what_ordinary_mail_has_says_nothing_more(more: str):
    assert (all_text(f"<p>Away</p>{more}") or "").split() == ["Away"]


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<!--[if x]>", "<!--[if x]><xml>", "<!-", "--!", "<img alt=", "<p a='", 'a="', "a ", "<head>", "<style>"],
)
def test_hostile_html_is_read_in_linear_time(piece: str):
    source = piece * (200_000 // len(piece))
    started = time.perf_counter()
    for each in (source, f"<p {source}>", f"<style>{source}</style>"):
        to_text(each)
        all_text(each)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("piece", ['"', "'", "/*", "\\", '"\\', "a:'", ";", "a", ":'\n", "/**/", "url('"])
def test_hostile_styles_are_read_in_linear_time(piece: str):
    started = time.perf_counter()
    all_text(f"<style>{piece * (200_000 // len(piece))}</style>")
    assert time.perf_counter() - started < 2


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
