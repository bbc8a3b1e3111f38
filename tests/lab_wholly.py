"""A customer's mail that may be a program's: how it is classified, and demands that hide in it."""

from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.core.words.own_words import divide

PARTIES = Parties(registered=frozenset({"care@shop.example", "complaints@shop.example"}))
JORDAN = "c-0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f@relay.walmart.ca"
DEMANDS = [
    "The kettle never arrived. I demand a full refund today.",
    "Cup smashed. Give back what I paid.",
    "this thing you people sold looks nothing like that photo and we expect our money back today",
    "CUP SMASHED GIVE CASH BACK",
    "La taza llego rota. Quiero que me devuelvan el dinero hoy mismo.",
    "Die Tasse kam zerbrochen an. Ich will mein Geld zurueck.",
    "La tazza è arrivata rotta. Voglio indietro i miei soldi.",
    "Basag ang tasa nang dumating.",
    "मग टूटा हुआ आया। मुझे मेरे पैसे वापस चाहिए।",
    "وصل الكوب مكسورا. اريد استعادة اموالي الان.",
    "杯子碎了，今天赔钱。",
    "I want my money until Monday.",
    "Kim Lee\nManager: money back now",
    "Kim Lee\nGive your manager my money please",
]
ANSWERS = {"in_reply_to": ("<r1@shop.example>",)}


def in_box(role):
    return Copy(mailbox="one", role=role, folder=Folder.INBOX)


def read_as(text, subject, author=JORDAN, role=Role.CARE, **fields):
    parted = divide(text)
    fields = {"return_path": author, "rest": parted.rest, "copies": (in_box(role),)} | ANSWERS | fields
    return classify(a_mail(parted.own, subject, author=author, **fields), PARTIES, shipped_rules())
