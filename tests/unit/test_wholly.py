"""A demand beside an absence: whatever a customer's mail says beyond a program starts its clock (policy C1, Q2)."""

from email.message import EmailMessage

import pytest
from lab_mail import shipped_rules
from lab_wholly import DEMANDS, JORDAN, PARTIES, in_box, read_as

from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.message import Class, Role
from relaywatch.mailbox.parse import read_message

AGENT = "jsmith@walmart.com"
REPLIED = {"headers": (("auto-submitted", "auto-replied"),)}
TOLD = "A complaint was filed at the Better Business Bureau."

AWAY = "I am out of the office until Monday."
PLACES = [
    "{demand}",
    "{away} {demand}",
    "{away}\n{demand}",
    "{demand}\n\n{away}",
    "{away}\n\nSent from my iPhone\n\n{demand}",
    "{away}\n\nSent from my iPhone {demand}",
    "{away}\n\nCONFIDENTIALITY NOTICE: this e-mail is confidential.\n{demand}",
    "{away}\n\n-- \n{demand}",
    "{away}\n\nOn Mon, Nov 16, 2026 at 9:00 AM Jordan <j@mail.example> wrote:\n\n{demand}",
    "{away}\n\n-----Original Message-----\nFrom: me\nSent: today\nTo: you\nSubject: mug\n\n{demand}",
    "{away}\n\n> {demand}",
    "{away}{blanks}{demand}",
]
SAYS_SO = [
    ("Automatic reply: Your teapot", REPLIED),
    ("Automatic reply: Your teapot", {}),
    ("Out of office", {}),
    ("Re: Your teapot", {}),
    ("Re: Your teapot", REPLIED),
]


@pytest.mark.parametrize(("subject", "fields"), SAYS_SO)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("demand", DEMANDS)
def test_a_demand_beside_an_absence_starts_its_clock_wherever_it_stands(demand, place, subject, fields):
    text = place.format(away=AWAY, demand=demand, blanks=" \n" * 6_000)
    assert read_as(text, subject, **fields).class_ is Class.CUSTOMER


@pytest.mark.parametrize("demand", DEMANDS)
@pytest.mark.parametrize("joint", [", ", " and ", " - ", "; "])
def test_a_demand_in_the_sentence_of_an_absence_starts_its_clock(joint, demand):
    assert read_as(AWAY[:-1] + joint + demand, "Automatic reply: Your teapot", **REPLIED).class_ is Class.CUSTOMER


def test_the_evidence_says_what_is_more_than_an_absence():
    found = read_as(f"{AWAY}\n\nSent from my iPhone\n\nThe cup is in two pieces.", "Re: Your teapot")
    assert any("The cup is in two pieces." in said for said in found.evidence)


@pytest.mark.parametrize(("subject", "fields"), SAYS_SO)
@pytest.mark.parametrize(
    "more",
    [
        {"structure": ("multipart/mixed", "text/plain", "image/png")},
        {"structure": ("multipart/mixed", "text/plain", "application/pdf"), "attachments": ("letter.pdf",)},
        {"structure": ("multipart/mixed", "text/plain", "text/plain"), "attachments": ("letter.txt",)},
        {"elsewhere": True},
        {"damage": "too many parts"},
        {"size": 1_000_000},
    ],
)
def test_what_people_open_beside_an_absence_starts_its_clock(more, subject, fields):
    assert read_as(AWAY, subject, **fields).class_ is Class.AUTOMATIC
    assert read_as(AWAY, subject, **fields, **more).class_ is Class.CUSTOMER
    assert read_as("", subject, **fields, **more).class_ is Class.CUSTOMER


HONEST = [
    AWAY,
    f"{AWAY}\n\nSent from my iPhone",
    """Hello,

Thank you for your email. I am currently out of the office with limited access to email and will be back on
Monday, November 30. If your matter is urgent, please contact my colleague Kavita Patel at 555-0100 or
kpatel@mail.example. Otherwise I will respond to your message as soon as possible after my return.

Kind regards,

Jordan Lee
""",
    """Hi there,

I'm away until the 5th of December and won't be checking my email. I'll get back to you when I return.

Thanks,
Jordan""",
    """Bonjour,

Merci de votre message. Je suis absente du bureau jusqu'au 4 décembre et je n'aurai pas accès à mes courriels.
Pour toute urgence, veuillez communiquer avec Marie Tremblay au 514 555-0199.

Cordialement,
Jeanne Roy""",
    "您好，我正在休假，12月5日回来后回复您的邮件。如有急事请致电 13800000000。",
    "Je suis en vacances jusqu'à lundi. En cas d'urgence, joignez ma collègue Lise au poste 214.\n\nDenis Fortin",
    "Je suis absente jusqu'au 23 novembre inclusivement.\n\nChantal Gagnon\nTechnicienne comptable",
    "I am out of the office until Monday.\n\nKim Lee\nDirector of operations",
    "I am on vacation until December 7.\n\n-- \nJordan Lee\nAcme Ltd | 555-0100 | www.acme.example\n",
    "Estoy de vacaciones hasta el 5 de diciembre. Responderé a mi regreso.",
    "您好，我目前休假中，12月2日回来。紧急事宜请联系Kim。其他邮件我回来后回复。",
    """Bonjour,

Je serai absente du bureau du 13 au 24 novembre et je consulterai mes courriels à l'occasion seulement. Pour toute
urgence, veuillez joindre Mélanie Roy au 514 555-0133.

Chantal Bergeron, CPA""",
    (
        "Je suis absente du bureau jusqu'au 23 novembre inclusivement. Pour toute urgence, veuillez joindre Josée "
        "Tremblay au poste 4412.\n\nChantal Gagnon\nTechnicienne comptable"
    ),
    """Hello,

Please note that I am out of the office until December 3. For urgent matters, please contact Kavita Patel at
416-555-0111.

Best regards,

Jordan Lee
Account Manager
Acme Ltd
416-555-0100""",
    "Dear Kim Lee,\n\nI am out of the office until Monday.\n\nJordan\nSent from my iPhone",
    "我目前不在办公室，12月1日返回。紧急事宜请联系王小明先生。谢谢！",
]


@pytest.mark.parametrize(("subject", "fields"), SAYS_SO)
@pytest.mark.parametrize("text", HONEST)
def test_a_shoppers_whole_absence_starts_no_clock(text, subject, fields):
    assert read_as(text, subject, **fields).class_ is Class.AUTOMATIC


FULL = "I am out of the office until Monday, November 30, with no access to email."
LIKE_NAMES = [
    "Kettle Caught Fire",
    "Glass Shards Everywhere",
    "Parcel Lost",
    "Toaster Exploded",
    "Mug Is Junk",
    "Wrong Size",
    "Owed Fifty Dollars",
    "Colis Perdu",
    "Dishonest Seller, Repay Jordan Smith",
    "Kettle Leaks Badly Manager",
    "Jordan Smith\nKettle Leaks Badly Manager",
    "Jordan Smith\nToaster Exploded",
    "Jordan Smith\nAlpha Beta\nGamma Delta\nEpsilon Zeta",
    "Jordan Smith\n\nBack on Monday. I will reply as soon as possible.",
    "Jordan Smith Burned Hand 416-555-0199",
    "Seller Must Repay Jordan Smith 416-555-0199",
    "Alpha Beta 416-555-0199\nGamma Delta 416-555-0199\nEpsilon Zeta 416-555-0199\nEta Theta 416-555-0199",
    "Alpha Beta | Gamma Delta | Epsilon Zeta | Eta",
    "Dear Mug Is Junk,",
    "Dear Jordan Smith Alpha Beta,",
    "Hello Kettle Exploded,",
    "Hello, spout detached",
    "Dear spout detached,",
    "You sent junk.",
    "Thank you for your broken Kettle.",
]
IN_ITS_SENTENCE = [
    "I am out of the office because the Kettle has Exploded.",
    "I am out of the office until you Repay the Kettle.",
    "I am out of the office. For urgent matters, the Kettle Exploded, and the Lid Cracked.",
    "我目前不在办公室，把钱还我。",
    "我正在休假，货没到。",
    "我正在休假货没到。",
    "我正在休假，少一个杯。",
    "我正在休假，请联系退货款。",
    "我正在休假，请尽快处理。",
    "我正在休假，请马上回复我。",
]


@pytest.mark.parametrize(("subject", "fields"), SAYS_SO)
@pytest.mark.parametrize("between", ["\n\n", "\n\n-- \n", "\n\nKind regards,\n"])
@pytest.mark.parametrize("line", LIKE_NAMES)
def test_a_demand_in_the_form_of_a_signature_or_a_greeting_starts_its_clock(line, between, subject, fields):
    assert read_as(FULL, subject, **fields).class_ is Class.AUTOMATIC
    assert read_as(f"{FULL}{between}{line}", subject, **fields).class_ is Class.CUSTOMER


@pytest.mark.parametrize(("subject", "fields"), SAYS_SO)
@pytest.mark.parametrize("text", IN_ITS_SENTENCE)
def test_a_demand_of_few_words_in_an_absence_starts_its_clock(text, subject, fields):
    assert read_as(text, subject, **fields).class_ is Class.CUSTOMER


@pytest.mark.parametrize("place", [place for place in PLACES[2:] if "> " not in place])
def test_what_an_agent_says_beside_an_absence_starts_its_clock(place):
    text = place.format(away=AWAY, demand=f"{TOLD} Please respond today.", blanks=" \n" * 6_000)
    for role in (Role.CARE, Role.COMPLAINT):
        assert read_as(text, "Re: your question", AGENT, role=role).class_ is Class.CONSUMER_PROTECTION


# --- what the reader of a mail says of its other versions


def letter(plain, html="", file="", subject="Re: Your teapot"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = JORDAN, "care@shop.example", subject
    mail["Message-ID"], mail["In-Reply-To"] = "<z1@relay.walmart.ca>", "<r1@shop.example>"
    mail.set_content(plain or html, subtype="plain" if plain else "html")
    if plain and html:
        mail.add_alternative(html, subtype="html")
    if file:
        mail.add_attachment(file, disposition="attachment")
    read = read_message(bytes(mail), account="main", copy=in_box(Role.CARE), own_hosts=None, whole=True)
    return read.message


LONG_AWAY = (
    "Hello, I am out of the office until Monday and have limited access to my e-mail. If your matter is urgent, "
    "please contact my colleague. Otherwise I will reply to your message as soon as possible after my return. "
    "Thank you for your message and for your patience, and have a nice day."
)
SAME = f"<html><head><title>x</title></head><body><p>{LONG_AWAY}</p></body></html>"
HIDDEN = [
    "<!--><p>The mug came broken.</p><!-- -->",
    "<!---> The mug came broken. <!-- -->",
    "<!-- x --!><p>The mug came broken.</p><!-- -->",
    "<html><head><p>The mug came broken.</p></head><body>",
    "<html><head>The mug came broken.</head><body>",
    "<body><p>Hello,</p><head>The mug came broken.</head>",
]
OTHERS = [
    (LONG_AWAY, "<p>The mug came broken. Give back what I paid.</p>", ""),
    (LONG_AWAY, f"<p>{LONG_AWAY}</p><p>Refund now</p>", ""),
    (LONG_AWAY, "", "The kettle never arrived."),
    (
        "",
        f"<style>.x{{display:block!important}}</style><p>{LONG_AWAY}</p><p class=x style='display:none'>Broken</p>",
        "",
    ),
    ("", f"<p>{LONG_AWAY}</p><textarea>Mug broken</textarea>", ""),
    ("", f"<p>{LONG_AWAY}</p><img src='data:image/png;base64,AAAA'>", ""),
    ("", f"<p>{LONG_AWAY}</p><img src=x alt='Mug broken'>", ""),
    ("", f"<style>p:after{{content:'Mug broken'}}</style><p>{LONG_AWAY}</p>", ""),
    (LONG_AWAY, f"<p>{LONG_AWAY}</p><!--[if mso]>Mug broken<![endif]-->", ""),
    *((LONG_AWAY, f"{hidden}<p>{LONG_AWAY}</p>", "") for hidden in HIDDEN),
]


@pytest.mark.parametrize(("plain", "html"), [(LONG_AWAY, ""), (LONG_AWAY, SAME), ("", SAME)])
def test_versions_that_say_the_same_are_one_absence(plain, html):
    message = letter(plain, html)
    assert not message.elsewhere
    assert classify(message, PARTIES, shipped_rules()).class_ is Class.AUTOMATIC


@pytest.mark.parametrize("subject", ["Re: Your teapot", "Automatic reply: Your teapot"])
@pytest.mark.parametrize(("plain", "html", "file"), OTHERS)
def test_a_demand_in_another_version_or_part_starts_its_clock(plain, html, file, subject):
    message = letter(plain, html, file, subject)
    assert message.elsewhere
    assert classify(message, PARTIES, shipped_rules()).class_ is Class.CUSTOMER


@pytest.mark.parametrize("second", [f"{hidden}</p>" for hidden in HIDDEN])
@pytest.mark.parametrize("own", [LONG_AWAY, ""])
def test_a_demand_hidden_in_html_starts_its_clock_in_whatever_part_it_stands(own, second):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = JORDAN, "care@shop.example", "Automatic reply: Your teapot"
    mail["Message-ID"], mail["In-Reply-To"] = "<z1@relay.walmart.ca>", "<r1@shop.example>"
    mail.set_content(f"<p>{LONG_AWAY}</p>", subtype="html")
    mail.make_mixed()
    mail.add_attachment(f"{own}{second}", subtype="html", disposition="inline")
    read = read_message(bytes(mail), account="main", copy=in_box(Role.CARE), own_hosts=None, whole=True)
    assert classify(read.message, PARTIES, shipped_rules()).class_ is Class.CUSTOMER


@pytest.mark.parametrize("hider", "\u200d\u2060\ufe0f\U000e0061\u3164")
def test_invisible_characters_hide_no_demand_beside_an_absence(hider):
    demand = hider.join("the mug came broken, give back what it cost")
    for subject, fields in SAYS_SO:
        assert read_as(f"{AWAY}\n\n{demand}", subject, **fields).class_ is Class.CUSTOMER
