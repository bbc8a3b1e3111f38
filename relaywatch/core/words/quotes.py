"""Where a mail begins to repeat another one: quote marks, attributions, header blocks, dividers.

Mail programs write these in the user's language and wrap them at will, so everything here looks at folded
lines (`rules.fold`: lower case, no accents, straight punctuation) and at no more than a few neighbours of a
line. That keeps the whole of it linear in time.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from relaywatch.core.language.rules import fold, fold_line

ATTRIBUTION_LINES = 4  # mail programs wrap "On … wrote:" over no more than that
_BARE_NAME = 60  # characters of "Jordan wrote:", which only a quote below it makes an attribution
_BLOCK_LINES = 12  # in which a header block must show itself
_BLOCK_GAP = 2  # lines between two headers: a folded address list, a blank
_WRAPPED = 12  # lines of one header
_BLOCK_HEADERS = 3  # fewer may be anybody's list; two are enough with an address and a date


def any_of(*texts: str) -> str:
    """Return a pattern for any of these texts as they look when folded."""
    return "|".join(re.escape(fold(text)) for text in texts)


def _comma(texts: str) -> str:
    return any_of(*(text.strip() for text in texts.split(",")))


_QUOTE = re.compile(r"\s{0,3}(?:>|[A-Za-z]{1,3}>(?!>)|[|»›│┃▏](?: |$)|＞)")

_WROTE_VERBS = _comma(
    "wrote, writes, has written, have written, a écrit, écrivait, ont écrit, schrieb, geschrieben, "
    "hat geschrieben, escribió, ha escrito, va escriure, ha scritto, scrisse, escreveu, schreef, "
    "geschreven, napisał, napisała, napisał(a), napisał/a, napisali, pisze, kirjoitti, kirjoittanut, "
    "skrev, написал, написала, написал(а), написав, пишет, писал, писала, писал(а), yazdı, yazmış, "
    "a scris, írta, napsal, napsala, napsal(a), napsal/a, napísal, napísal(a), napísala, έγραψε, "
    "je napisal, je napisao, је написао, đã viết, menulis, rašė, rakstīja, kirjutas, כתב, כתבה, כתב/ה, "
    "كتب, كتبت, reageerde, svaraði, skrifaði, ha respondido, respondeu, répondait, antwortete "
)
_WROTE = re.compile(rf"(?:^|[\s>)\]\"',.-])(?:{_WROTE_VERBS})(?=$|[\s:<\"'(-])")
_WROTE_JOINED = re.compile(  # where the language has no blanks, or inflects around the verb
    any_of(
        "写道",
        "寫道",
        "写到",
        "撰写",
        "のメール",
        "書きました",
        "님이 작성",
        "작성",
        "napisana przez",
        "เขียนว่า",
    )
)
_DATE_WORDS = _comma(
    "on, le, am, el, il, em, op, w dniu, dnia, den, no dia, at, w dn., в, на, vào, dne, dňa, pe, ma, ti, "
    "ke, to, la, su, på, à, ons, tis, man, fre, lör, lør, sön, søn, tors, mon, tue, wed, thu, fri, sat, "
    "sun, pada, în, tarihinde, στις, il giorno, út, št, wiadomość, monday, tuesday, wednesday, thursday, "
    "friday, saturday, sunday, lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche, понедельник, "
    "вторник, среда, четверг, пятница, суббота, воскресенье, пн, вт, ср, чт, пт, сб, вс, בתאריך, ב "
)
_DATED_START = re.compile(r"[>\s*_\"-]{0,8}(?:\d{1,4}[-/. ]|\d{1,4}年|在|于|於|" + rf"(?:{_DATE_WORDS})[\s,.:])")
_DATED = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{4}年|月\d{1,2}日|\b\d{1,2}/\d{1,2}/\d\d\b")
_MIDDLES = ("at ", "a ", "um ", "om ", "kl ")  # before the hour: they begin a line where it was wrapped
_ENDS = (":", ": -", ">", "-", "wrote", "ecrit", "写道", "寫道", "|")
_ENDS_WROTE = (":", "wrote", "ecrit", "写道", "寫道")
_DATE_AND_ADDRESS = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ t,].{0,200}<[^<>@]{1,100}@[^<>@ ]{1,100}> ?:?$")

_DIVIDER_TEXTS = _comma(
    "original message, original-message, message d'origine, message original, message initial, "
    "message d’origine, courriel original, ursprüngliche nachricht, originalnachricht, "
    "original-nachricht, ursprüngliche e-mail, mensaje original, missatge original, messaggio originale, "
    "messaggio original, oorspronkelijk bericht, origineel bericht, mensagem original, "
    "wiadomość oryginalna, oryginalna wiadomość, wiadomość pierwotna, opprinnelig melding, "
    "ursprungligt meddelande, originalmeddelande, oprindelig besked, oprindelig meddelelse, "
    "den oprindelige meddelelse, alkuperäinen viesti, исходное сообщение, оригинальное сообщение, "
    "původní zpráva, pôvodná správa, eredeti üzenet, mesaj original, mesajul original, orijinal mesaj, "
    "αρχικό μήνυμα, izvorna poruka, 原始邮件, 原始郵件, 原邮件, 邮件原件, 回复的原邮件, 回复邮件, "
    "原始信息, 原件, 元のメッセージ, 原文, 원본 메일, 원본 메시지, forwarded message, forwarded by, "
    "forwarded mail, message transféré, message transmis, message réexpédié, weitergeleitete nachricht, "
    "mensaje reenviado, missatge reenviat, messaggio inoltrato, doorgestuurd bericht, "
    "mensagem encaminhada, mensagem reencaminhada, wiadomość przekazana, przekazana wiadomość, "
    "videresendt melding, videresendt besked, vidarebefordrat meddelande, välitetty viesti, "
    "пересылаемое сообщение, пересланное сообщение, přeposlaná zpráva, preposlaná správa, "
    "továbbított üzenet, mesaj redirecționat, 转发邮件信息, 转发的邮件, 轉寄郵件, 转发邮件, 转发的信息, "
    "転送メッセージ, 전달된 메일, 전달된 메시지, original appointment, rendez-vous d'origine, "
    "reply message, in reply to, reply to message, replied message "
)
_ABOVE_TEXTS = _comma(
    "reply above this line, please reply above this line, reply above, please type your reply above this line, "
    "type your reply above, write your reply above, write above this line, répondez au-dessus de cette ligne, "
    "veuillez répondre au-dessus de cette ligne, écrire au-dessus de cette ligne, "
    "antworten sie oberhalb dieser zeile, 请在此行上方回复, 请在此线以上回复, 请在这条线上方回复, 在此行以上回复 "
)
_ABOVE = re.compile(rf"[\W_]{{0,20}}(?:{_ABOVE_TEXTS})")
_TITLED = re.compile(
    r"(?:[#*=~_-]{2,20}|[\[(]{1,3}|[—–-]{2,20}) ?(?P<title>[^#*=~_\[\]()<>|@]{8,100}?) ?(?:[#*=~_-]{2,20}|[\])]{1,3})$"
)
_TITLE_WORDS = 3
_DIVIDER = re.compile(rf"[>\s]{{0,4}}(?:[-_=*#]{{2,60}}|>{{2,20}}) ?(?:{_DIVIDER_TEXTS}|{_ABOVE_TEXTS})")
_FORWARD_TEXTS = _comma(
    "begin forwarded message, début du message réexpédié, début du message transféré, "
    "anfang der weitergeleiteten nachricht, anfang der weitergeleiteten e-mail, "
    "inicio del mensaje reenviado, inizio messaggio inoltrato, inizio del messaggio inoltrato, "
    "begin doorgestuurd bericht, início da mensagem reenviada, início da mensagem encaminhada, "
    "początek przekazywanej wiadomości, vidarebefordrat brev, videresendt besked, videresendt melding, "
    "välitetty viesti alkaa, alkaa välitetty viesti, начало переадресованного сообщения, "
    "下面是被转发的邮件, 下面是被轉寄的郵件, 以下为转发邮件, 转发的邮件, 開始轉寄郵件, 開始轉寄訊息, "
    "転送されたメッセージ, 전달된 메시지, původní zpráva, le message transféré "
)
_FORWARD = re.compile(rf"[>\s]{{0,4}}(?:{_FORWARD_TEXTS}) ?:?$")
_NAME_WROTE = re.compile(
    r"-{2,20} ?(?:on )?.{1,200} (?:wrote|a ecrit|schrieb) ?-{2,20}$|-{2,20} ?在.{1,200}写道 ?:? ?-{2,20}$"
)
_DRAWN = (">", "-", "_", "=", "*", "#")
_RULER = re.compile(r"[>\s*]{0,6}(?:[-_=]{5,200}|[-_=]{3,60} ?[^-_=]{1,40} ?[-_=]{3,60})\s*$")
_ON_ONE_LINE = re.compile(  # where a program lost the line break behind the attribution
    r"(?:on|le|am|el|il|em|op|在) .{5,200}(?:wrote|a ecrit|schrieb|escribio|ha scritto|写道) ?: ?>"
)
_QUOTING = re.compile(r"[>\s]{0,4}(?:quoting|zitat von|citando|citat|citation de|cytowanie|цитирую) .{1,200}:$")

_FROM = _comma(
    "from, de, von, da, van, od, fra, från, lähettäjä, от, від, 发件人, 寄件者, 寄件人, 發件人, 差出人, "
    "送信元, 送信者, 보낸 사람, 보낸사람, feladó, kimden, gönderen, odesílatel, odosielateľ, expéditeur, "
    "remitente, mittente, afzender, absender, nadawca, de la, expeditor, από, dari, מאת "
)
_WHEN = _comma(
    "sent, date, envoyé, envoyé le, date d'envoi, gesendet, gesendet am, datum, enviado, enviado el, "
    "enviado em, enviada em, enviada, enviat, fecha, fecha de envío, data, inviato, verzonden, "
    "verzonden op, wysłano, data wysłania, skickat, sendt, dato, lähetetty, päivämäärä, отправлено, "
    "дата, 发送时间, 发送日期, 日期, 時間, 时间, 寄件日期, 傳送時間, 送信日時, 送信日, 日付, 日時, 날짜, "
    "보낸 날짜, 보낸날짜, elküldve, dátum, gönderildi, gönderilme, tarih, odesláno, odoslané, trimis, "
    "надіслано, received, reçu le, ημερομηνία, dikirim, tanggal, נשלח, תאריך "
)
_OTHER = _comma(
    "to, cc, bcc, subject, reply-to, à, pour, objet, sujet, copie, copie à, cc à, répondre à, an, "
    "betreff, kopie, antwort an, para, asunto, assunto, con copia, cópia, a, oggetto, aan, onderwerp, "
    "do, temat, dw, till, ämne, til, emne, vastaanottaja, aihe, kopio, кому, тема, копия, 收件人, 抄送, "
    "抄送人, 主题, 主題, 收件者, 副本, 标题, 宛先, 件名, 题目, 받는 사람, 받은 사람, 받는사람, 제목, "
    "참조, címzett, tárgy, kime, konu, komu, předmět, predmet, către, subiect, kopi, importance, "
    "attachments, pièces jointes, organization, priority, προς, θέμα, kepada, subjek, אל, נושא "
)
_HEADER = re.compile(
    r"[>\s|]{0,6}[*_]{0,2}"
    rf"(?P<label>(?P<from>{_FROM})|(?P<when>{_WHEN})|(?P<other>{_OTHER})) ?[*_]{{0,2}} ?:"
)


_LABELLED = re.compile(r"[>\s|*_-]{0,8}[^:：|]{1,30}[*_]{0,2} ?[:：|](?!/)")
_DRAWN_LINE = re.compile(r"[-_=*#~—–─━]{2,80}(?: ?[^-_=*#~—–─━]{1,60} ?[-_=*#~—–─━]{2,80})?$")
_AFTER_LABEL = (":", "：", "|")
_MOST_LABEL_WORDS = 5
_LONGEST_PARTED = 2_000
_DIGIT, _FEW_WORDS = re.compile(r"\d"), 8
_ALNUM, _FIRST = re.compile(r"\w"), 4
_BEHIND_ATTRIBUTION = re.compile(  # an address, and soon behind it the colon that ends the attribution
    r"(?P<attribution>[^@]{0,160}<?[^\s<>@]{1,80}@[^\s<>@]{1,80}>?(?:\s{1,2}<[^\s<>@]{1,80}@[^\s<>@]{1,80}>)?(?:[^:：@]|[:：](?=\d)){0,40}[:：])(?!\d)\s{0,4}(?P<own>[^\s:：>].*)$"
)
_OWN_BEHIND = re.compile(r"[:：](?!\d)\s{0,4}[^\s:：>]")  # what such a line has behind its first `@`, and how far
_REACH = 128
_JOINED_ATTRIBUTION = re.compile(
    r"(?P<own>.{3,600}?[.!?。！？])\s{1,4}(?P<attribution>(?:On|Le|Am|El|Il|Em|Op|在|Den|W dniu)\s.{8,160}"
    r"(?:wrote|a écrit|schrieb.{0,80}|escribió|ha scritto|escreveu|schreef.{0,80}|写道|skrev.{0,80}|pisze)\s?[:：])\s*$"
)
_OPENING = re.compile(  # of an attribution that stands behind words, with a stop or without: its day is near
    r"\s(?:On|Le|Am|El|Il|Em|Op|在|Den|W dniu)\s(?=(?:[^\s\d]{2,12}\s){0,3}\d)"
)


def parted(lines: Sequence[str]) -> list[str]:
    """Return lines, those parted in two in which an attribution stands behind the author's own sentence."""
    found: list[str] = []
    for line in lines:
        bare = line.rstrip()
        if "@" not in bare and not bare.endswith((":", "：")):  # as most lines
            found.append(line)
            continue
        if not 0 < len(bare) <= _LONGEST_PARTED or is_quote(bare) or not _ALNUM.search(bare[:_FIRST]):
            found.append(line)
            continue
        behind = _BEHIND_ATTRIBUTION.match(bare) if "@" in bare and _may_be_behind(bare) else None
        if behind and _DATED.search(behind["attribution"]):
            found += [behind["attribution"], behind["own"]]
        else:
            found += _before_attribution(bare) or [line]
    return found


def _before_attribution(line: str) -> list[str]:
    """Return a line in two where an attribution ends it; [] where none does."""
    if not line.endswith((":", "：")):
        return []
    if "@" in line:
        address = line.rindex("@")
        openings = [opening.start() for opening in _OPENING.finditer(line, 0, address)]
        if openings and _DATED.search(line, openings[-1]):
            return [line[: openings[-1]].rstrip(), line[openings[-1] :].lstrip()]
    joined = _JOINED_ATTRIBUTION.match(line)
    return [joined["own"], joined["attribution"]] if joined else []


def _may_be_behind(line: str) -> bool:
    """Whether it is worth while to try the pattern, which looks back at each character of a long line."""
    at = line.index("@")
    return _OWN_BEHIND.search(line, at, at + _REACH) is not None and _DATED.search(line, 0, at + _REACH) is not None


def is_labelled(folded: str) -> bool:
    """Whether a line is a label with its value: few words, then a colon or the bar of a table."""
    if not any(mark in folded for mark in _AFTER_LABEL):
        return False
    found = _LABELLED.match(folded)
    return found is not None and len(found[0].split()) <= _MOST_LABEL_WORDS


def is_forward_title(folded: str) -> bool:
    """Whether a line says that what follows was written by somebody else and is passed on."""
    return _FORWARD.match(folded) is not None or _DIVIDER.match(folded) is not None


def is_drawn(folded: str) -> bool:
    """Whether a line is a ruler, or a title between rulers."""
    return _DRAWN_LINE.match(folded) is not None


@lru_cache(maxsize=4096)  # lines are met again: in quotes, signatures and forms
def is_above_line(folded: str) -> bool:
    """Whether a line is what help desks put on top: "reply above this line", in any language, by its form.

    What program it is of does not matter: where nothing was said above it, nothing can have been cut off there.
    """
    if _ABOVE.match(folded):
        return True
    if _DIVIDER.match(folded) or _FORWARD.match(folded) or _NAME_WROTE.match(folded):
        return False
    titled = _TITLED.match(folded)
    return titled is not None and len(titled["title"].split()) >= _TITLE_WORDS and ":" not in titled["title"]


def is_unmarked(folded: str) -> bool:
    """Whether a line neither begins nor introduces a quote, whatever stands around it."""
    if folded.endswith(_ENDS) or folded.startswith(_DRAWN) or ">" in folded:
        return False
    if _FORWARD.match(folded) or (":" in folded and _HEADER.match(folded)):
        return False
    return not is_above_line(folded)


def is_quote(line: str) -> bool:
    """Whether a raw line carries a quote mark: `>`, `|`, or the initials of old programs (`JD>`)."""
    return _QUOTE.match(line) is not None


def holds_quote(text: str) -> bool:
    """Whether somebody's mail is repeated in a text, as far as marks, dividers and introductions show it."""
    lines = text.split("\n")
    folded = [fold_line(line) for line in lines]
    return any(
        is_quote(line) or begins_original(folded, at) or attribution_start(folded, at, quote_follows=False) is not None
        for at, line in enumerate(lines)
    )


def begins_original(folded: Sequence[str], at: int) -> bool:
    """Whether the original or forwarded message begins here, by a divider or a copy of its headers."""
    line = folded[at]
    if _FORWARD.match(line) or (">" in line and _ON_ONE_LINE.match(line)):
        return True
    if line.startswith(_DRAWN):  # no other line can be a divider or a ruler, and few are drawn
        if _DIVIDER.match(line) or _NAME_WROTE.match(line):
            return True
        if _RULER.match(line):
            ahead = next((i for i in range(at + 1, min(at + 4, len(folded))) if folded[i]), None)
            return ahead is not None and _is_header_block(folded, ahead)
    return _is_header_block(folded, at)


def _is_header_block(folded: Sequence[str], at: int) -> bool:
    """Whether another mail's headers stand here: its sender and some of date, recipient and subject."""
    if ":" not in folded[at] or not _HEADER.match(folded[at]):
        return False
    kinds: set[str | None] = set()
    labels: set[str] = set()
    address = False
    gap = 0
    for line in folded[at : at + _BLOCK_LINES + _WRAPPED]:
        found = _HEADER.match(line)
        if found:
            gap = 0
            kinds.add(next(kind for kind in ("from", "when", "other") if found[kind]))
            labels.add(found["label"])
        else:
            gap += 1
        # The sender's name is theirs to choose, and may be wrapped over many lines.
        if gap > (_WRAPPED if kinds == {"from"} and line else _BLOCK_GAP):
            break
        address = address or "@" in line
    if "from" not in kinds or kinds == {"from"}:
        return False
    return len(labels) >= _BLOCK_HEADERS or (address and "when" in kinds)


def attribution_start(folded: Sequence[str], end: int, *, quote_follows: bool) -> int | None:
    """Return the line where an attribution that ends at `end` begins, None where that line ends none.

    `quote_follows`: the next line that is not blank is marked as a quote, which lets less be enough.
    """
    if not folded[end].endswith(_ENDS):
        return None
    joined = ""
    found = None
    for start in range(end, max(-1, end - ATTRIBUTION_LINES), -1):
        if not folded[start]:
            break
        joined = f"{folded[start]} {joined}".strip()
        if _is_attribution(joined, quote_follows=quote_follows):
            if _DATED_START.match(joined) and not joined.startswith(_MIDDLES):
                return start
            found = start if found is None else found
    brief = folded[end].endswith(":") and len(folded[end].split()) <= _FEW_WORDS
    if found is None and quote_follows and brief and _DIGIT.search(folded[end]):
        return end  # "Your message of November 16:", in any language
    return found


def _is_attribution(text: str, *, quote_follows: bool) -> bool:
    """Judge a whole candidate: it says that somebody wrote, and it has a date or an address."""
    if _DATE_AND_ADDRESS.match(text) or (quote_follows and _QUOTING.match(text)):
        return True
    text = text.rstrip(' >*_-"')
    if not text.endswith(_ENDS_WROTE) or not (_WROTE.search(text) or _WROTE_JOINED.search(text)):
        return False
    if text.find(">") < text.find("<") or (">" in text and "<" not in text.lstrip("> ")):
        return False  # its first half stands on the line above
    if "@" in text or (quote_follows and len(text) <= _BARE_NAME and text.endswith(_ENDS_WROTE)):
        return True
    return _DATED_START.match(text) is not None and (quote_follows or _DATED.search(text) is not None)
