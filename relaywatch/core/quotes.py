"""Where a mail begins to repeat another one: quote marks, attributions, header blocks, dividers.

Mail programs write these in the user's language and wrap them at will, so everything here looks at folded lines
(`rules.fold`: lower case, no accents, straight punctuation) and at no more than a few neighbours of a line. That
keeps the whole of it linear in time.
"""

import re
from collections.abc import Sequence

from relaywatch.core.rules import fold

ATTRIBUTION_LINES = 4  # mail programs wrap "On … wrote:" over no more than that
_LOOK_AHEAD = 12  # lines in which a header block must show itself
_GAP = 2  # lines that may stand between two headers: a folded address list, a blank


def _words(*texts: str) -> str:
    return "|".join(re.escape(fold(text)) for text in texts)


_QUOTE = re.compile(r"\s{0,3}(?:>|[A-Za-z]{1,3}>|\|(?: |$)|&gt;|】|＞)")

# "wrote" as mail programs put it behind, or in the middle of, an attribution
_WROTE = re.compile(
    r"(?:^|[\s>\])\"',.-])(?:"
    + _words(
        "wrote", "writes", "has written", "said", "a écrit", "écrivait", "a ecrit", "schrieb", "geschrieben", "escribió",
        "escribio", "ha scritto", "scrisse", "ha escrito", "escreveu", "schreef", "geschreven", "napisał", "napisała",
        "napisał(a)", "pisze", "kirjoitti", "skrev", "написал", "написала", "написал(а)", "пишет", "писал", "писал(а)",
        "yazdı", "a scris", "írta", "napsal", "napsal(a)", "napísal", "napísal(a)", "έγραψε", "va escriure", "je napisal",
        "написав", "đã viết", "menulis", "rašė", "rakstīja", "kirjutas",
    )
    + r")(?=$|[\s:<\"'(-])"
)  # fmt: skip
_WROTE_CJK = re.compile(
    "|".join(
        _words(text)
        for text in ("写道", "寫道", "写到", "撰写", "のメール", "書きました", "님이 작성", "写了")
    )
)

# how an attribution may begin, when it begins with a date
_DATED_START = re.compile(
    r"[>\s*_\"-]{0,8}(?:"
    r"\d{1,4}[-/. ]|\d{1,4}年|"
    + _words("on", "le", "am", "el", "il", "em", "op", "w dniu", "dnia", "den", "no dia", "at", "le:", "on:", "в", "на", "vào", "dne",
             "pe", "ma", "ti", "ke", "to", "la", "su", "på", "wiadomość napisana", "a", "ons", "tis", "man", "fre", "lör", "sön", "tors")
    + r")(?:\s|(?<=[-/. 年]))"
    r"|[>\s*_\"-]{0,8}(?:在|于|於|"
    + _words("mon", "tue", "wed", "thu", "fri", "sat", "sun", "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")
    + r")"
)  # fmt: skip
_DATED = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{4}年|月\d{1,2}日")
_DATE_AND_ADDRESS = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ t,].{0,200}<[^<>@ ]{1,100}@[^<>@ ]{1,100}>:?$"
)

_DIVIDER = re.compile(
    r"[>\s]{0,4}(?:[-_=*]{2,60}|>{2,20})\s{0,3}(?:"
    + _words(
        "original message", "original-message", "message d'origine", "message original", "message initial", "ursprüngliche nachricht",
        "originalnachricht", "original-nachricht", "mensaje original", "messaggio originale", "messaggio original", "oorspronkelijk bericht",
        "origineel bericht", "mensagem original", "wiadomość oryginalna", "oryginalna wiadomość", "opprinnelig melding", "ursprungligt meddelande",
        "originalmeddelande", "oprindelig besked", "oprindelig meddelelse", "den oprindelige meddelelse", "alkuperäinen viesti", "исходное сообщение",
        "původní zpráva", "pôvodná správa", "eredeti üzenet", "mesaj original", "orijinal mesaj", "原始邮件", "原始郵件", "原邮件", "邮件原件",
        "回复的原邮件", "回复邮件", "转发邮件信息", "转发的邮件", "轉寄郵件", "元のメッセージ", "original message follows", "원본 메일", "원본 메시지",
        "forwarded message", "forwarded by", "forwarded mail", "message transféré", "message transmis", "message transmis par", "weitergeleitete nachricht",
        "weitergeleitete nachricht von", "mensaje reenviado", "messaggio inoltrato", "doorgestuurd bericht", "mensagem encaminhada", "mensagem reencaminhada",
        "wiadomość przekazana dalej", "przekazana wiadomość", "videresendt melding", "vidarebefordrat meddelande", "videresendt besked",
        "пересылаемое сообщение", "пересланное сообщение", "přeposlaná zpráva", "preposlaná správa", "továbbított üzenet", "転送メッセージ", "전달된 메일",
        "original appointment", "rendez-vous d'origine", "reply message", "reply above this line",
    )
    + r")"
)  # fmt: skip
_FORWARD = re.compile(
    r"[>\s]{0,4}(?:"
    + _words(
        "begin forwarded message", "début du message réexpédié", "début du message transféré", "anfang der weitergeleiteten nachricht",
        "inicio del mensaje reenviado", "inizio messaggio inoltrato", "begin doorgestuurd bericht", "início da mensagem reenviada",
        "início da mensagem encaminhada", "początek przekazywanej wiadomości", "vidarebefordrat brev", "videresendt besked", "videresendt melding",
        "alkaa välitetty viesti", "начало переадресованного сообщения", "下面是被转发的邮件", "下面是被轉寄的郵件", "开始转发的邮件", "转发的邮件",
        "以下为转发邮件", "転送されたメッセージ", "전달된 메시지", "le message transféré",
    )
    + r")\s?:?$"
)  # fmt: skip
_NAME_WROTE = re.compile(
    r"-{2,20} (?:on )?.{1,200} (?:wrote|a ecrit|schrieb) ?-{2,20}$|-{2,20} ?在.{1,200}写道 ?:? ?-{2,20}$"
)
_RULE = re.compile(r"[>\s*]{0,6}[-_=]{5,200}\s*$")

_FROM = ("from", "de", "von", "da", "van", "od", "fra", "från", "lähettäjä", "от", "发件人", "寄件者", "寄件人", "差出人", "送信元", "보낸 사람",
         "feladó", "kimden", "odesílatel", "expéditeur", "remitente", "mittente", "afzender", "absender", "nadawca", "від", "gönderen", "de la")  # fmt: skip
_WHEN = ("sent", "date", "envoyé", "envoyé le", "gesendet", "datum", "gesendet am", "enviado", "enviado el", "enviado em", "enviada em", "enviada",
         "fecha", "data", "inviato", "verzonden", "wysłano", "data wysłania", "skickat", "sendt", "dato", "lähetetty", "päivämäärä", "отправлено",
         "дата", "发送时间", "发送日期", "日期", "寄件日期", "寄件日期", "送信日時", "日付", "날짜", "보낸 날짜", "elküldve", "dátum", "gönderildi",
         "gönderilme", "odesláno", "trimis", "надіслано", "received", "reçu le")  # fmt: skip
_OTHER = ("to", "cc", "bcc", "subject", "reply-to", "à", "pour", "objet", "sujet", "copie", "copie à", "répondre à", "an", "betreff", "kopie", "antwort an",
          "para", "asunto", "assunto", "con copia", "cópia", "a", "oggetto", "aan", "onderwerp", "do", "temat", "dw", "till", "ämne", "til", "emne",
          "vastaanottaja", "aihe", "kopio", "кому", "тема", "копия", "收件人", "抄送", "抄送人", "主题", "主題", "收件者", "副本", "标题", "宛先", "件名",
          "받는 사람", "받은 사람", "제목", "참조", "címzett", "tárgy", "kime", "konu", "komu", "předmět", "predmet", "către", "subiect", "kopi", "importance",
          "attachments", "pièces jointes", "organization", "priority")  # fmt: skip
_HEADER = re.compile(
    r"[>\s|]{0,6}[*_]{0,2}(?:(?P<from>"
    + _words(*_FROM)
    + ")|(?P<when>"
    + _words(*_WHEN)
    + ")|(?P<other>"
    + _words(*_OTHER)
    + r"))[*_]{0,2} ?:"
)


def is_quote(line: str) -> bool:
    """Whether a raw line carries a quote mark: `>`, `|`, or the initials of old programs (`JD>`)."""
    return _QUOTE.match(line) is not None


def is_divider(folded: str) -> bool:
    """Whether a folded line says that the original or forwarded message follows."""
    return bool(_DIVIDER.match(folded) or _FORWARD.match(folded) or _NAME_WROTE.match(folded))


def is_rule(folded: str) -> bool:
    """Whether a folded line is nothing but a ruler."""
    return _RULE.match(folded) is not None


def starts_header_block(folded: Sequence[str], at: int) -> bool:
    """Whether a copy of another mail's headers begins at this line: a sender and a date, a recipient or a subject."""
    first = _HEADER.match(folded[at])
    if first is None:
        return False
    seen = {first.lastgroup}
    labels = {first.group().strip("> *_:")}
    address = "@" in folded[at]
    gap = 0
    for line in folded[at + 1 : at + _LOOK_AHEAD]:
        found = _HEADER.match(line)
        if found:
            gap = 0
            seen.add(found.lastgroup)
            labels.add(found.group().strip("> *_:"))
            address = address or "@" in line
        else:
            gap += 1
            if gap > _GAP:
                break
    if "from" not in seen:
        return False
    return len(labels) >= 3 or (len(labels) == 2 and "when" in seen and address)  # noqa: PLR2004 - three headers are a block, two may be a list


def attribution_start(folded: Sequence[str], end: int, *, quote_follows: bool) -> int | None:
    """Return the line where an attribution that ends at `end` begins, None where that line ends none."""
    last = folded[end]
    if not last or not (last.endswith((":", "-", ">", "wrote", "ecrit", "写道")) or quote_follows):
        return None
    lowest = end
    while lowest > 0 and end - lowest < ATTRIBUTION_LINES - 1 and folded[lowest - 1]:
        lowest -= 1
    joined = ""
    for start in range(end, lowest - 1, -1):
        joined = f"{folded[start]} {joined}".strip()
        if _is_attribution(joined, quote_follows=quote_follows):
            return start
    return None


def _is_attribution(text: str, *, quote_follows: bool) -> bool:
    """Judge a whole candidate: it says who wrote, and it has a date or an address."""
    if _DATE_AND_ADDRESS.match(text):
        return True
    wrote = _WROTE.search(text)
    if wrote is None and _WROTE_CJK.search(text) is None:
        return False
    if not text.rstrip(" >*_-").endswith((":", "wrote", "ecrit", "写道")):
        return False
    starts = _DATED_START.match(text) is not None
    if starts and (_DATED.search(text) or "@" in text or quote_follows):
        return True
    return "@" in text or ("<" in text and quote_follows)
