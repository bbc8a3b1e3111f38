"""The words of Walmart's Contact-Seller form: its labels, what introduces it, and the note that ends it."""

import re

LABELS = {
    "order": (
        "sales order id",
        "sales order",
        "sales order number",
        "sales order #",
        "order id",
        "order number",
        "order no",
        "order no.",
        "order #",
        "order#",
        "order",
        "customer order id",
        "customer order number",
        "numero de commande",
        "numero de la commande",
        "no de commande",
        "n° de commande",
        "id de commande",
        "id de la commande",
        "identifiant de commande",
        "commande",
        "commande no",
        "订单号",
        "订单编号",
    ),
    "item_id": (
        "item id",
        "item number",
        "item #",
        "item no",
        "product id",
        "id d'article",
        "id de l'article",
        "numero d'article",
        "numero de l'article",
        "no d'article",
        "商品编号",
    ),
    "item": (
        "item",
        "item name",
        "product",
        "product name",
        "article",
        "produit",
        "nom de l'article",
        "商品",
    ),
    "message": ("message", "customer message", "message du client", "votre message", "消息", "留言"),
    "ref_id": ("refid", "ref id", "reference id", "id de reference", "id ref"),
}
LABEL_OF = {label: field for field, labels in LABELS.items() for label in labels}
WITHOUT_COLON = frozenset({"sales order id", "order id", "order number", "item id", "numero de commande"})
INTRO = re.compile(  # over a line's end too: a long name lets a mail program break the line anywhere
    r"\b(?:(?:wants|would\s+like)\s+to\s+connect\s+with\s+you|wants\s+to\s+contact\s+you"
    r"|(?:souhaite|veut|aimerait|désire)\s+(?:communiquer|entrer\s+en\s+contact|prendre\s+contact)\s+avec\s+vous)\b",
    re.IGNORECASE,
)
INTRO_WORDS = ("connect", "contact", "communiquer")  # of which an introduction has one
NOTE_STARTS = (
    "note: to protect",
    "note: please respond",
    "note : to protect",
    "to protect the customer",
    "please respond within",
    "remarque : pour proteger",
    "remarque: pour proteger",
    "note : pour proteger",
    "note: pour proteger",
    "veuillez repondre dans",
    "walmart customer service team",
    "l'equipe du service a la clientele de walmart",
    "equipe du service a la clientele de walmart",
    "equipe du service a la clientele walmart",
)
MARKED_NOTE = ("**note:", "**note :", "**remarque:", "**remarque :")  # whatever it says: the form's own
SHOPPERS_TOO = ("please respond within", "veuillez repondre dans")  # without the note's own beginning
