"""The author's own words: a mail's text without quotes, signature and boilerplate.

One pass over the lines, each looked at with a few neighbours only, and bounded in lines and line length: hostile
text costs no more than long text. What is set aside is not lost, it is the second half of the answer.
A sign-off ("Thanks, Jordan") is the author's and stays; what a program appends goes.
"""

import re

from relaywatch.core import quotes
from relaywatch.core.rules import fold

MAX_LINES = 4000  # nobody writes more; what is beyond is set aside unread
_LOOKED_AT = 400  # characters of a line that decide what it is
_SHORT_SIGNATURE = 8  # lines: what may follow a ruler and still be a signature
_SIGNATURE_LINE = 90  # characters: longer lines are text

_SIGNATURE_MARK = re.compile(r"\s{0,3}(?:--|-- |—|__|\*\*)\s*$")
_RULER = re.compile(r"\s{0,3}[-_=*~#]{3,120}\s*$")
_RUNS_OF_BLANKS = re.compile(r"\n{4,}")

_PROGRAMS = (
    r"iphone|ipad|ipod|i phone|android|blackberry|samsung|galaxy|huawei|xiaomi|nokia|htc|lg|motorola|windows phone|smartphone|phone|mobile|handheld|"
    r"outlook|yahoo|gmail|mail|proton|airmail|sparrow|mailbird|typeapp|bluemail|spark|aol|nine|k-9|thunderbird|zoho|superhuman|front|device|tablet|cell|aqua|"
    r"telefon|telephone|mobil|portable|movil|celular|cellulare|handy|tel|telefoon|mobiel|手机|邮箱|郵箱|邮件|大师|foxmail|163|qq"
)
_FOOTER = re.compile(
    r"[\s(<\[*_>]{0,6}(?:"
    r"(?:sent|written|typed|sent securely|mailed) (?:from|via|with|using|by|on) .{0,40}(?:"
    + _PROGRAMS
    + r")\b"
    r"|get (?:outlook|yahoo|bluemail|typeapp|mail) (?:for|on) |download (?:outlook|yahoo mail)|yahoo mail( for|:| on)"
    r"|(?:from|via) my (?:iphone|ipad|android|phone|mobile|blackberry|samsung|cell|galaxy)\b"
    r"|(?:envoye|expedie|transmis|provenance) (?:de|depuis|a partir d|d'|avec|via|par|: ).{0,40}(?:"
    + _PROGRAMS
    + r")"
    r"|(?:telechargez|obtenez|obtenir|telecharger) outlook|provenance : courrier"
    r"|(?:gesendet|von meinem .{0,40} gesendet|diese nachricht wurde von meinem|mit .{0,30} gesendet|holen sie sich outlook|outlook fur )"
    r"|(?:enviado|enviada) (?:desde|do|de|por|con|com|a partir|pelo).{0,40}(?:"
    + _PROGRAMS
    + r")|(?:obtener|obter|descargar) outlook|descarga outlook"
    r"|inviato (?:da|dal|con|tramite) .{0,40}(?:" + _PROGRAMS + r")|(?:ottieni|scarica) outlook"
    r"|(?:verstuurd|verzonden) (?:vanaf|met|via|van|vanuit) |outlook (?:voor|downloaden|ophalen)"
    r"|wyslan[eoay] (?:z|za pomoca|przez) |wysłan[eoay] (?:z|za pomoca|przez) |pobierz (?:outlook|aplikacje outlook)"
    r"|(?:skickat|sendt|lahetetty|poslano|odoslane|kuldve|отправлено|надiслано|trimis|iphone'umdan|iphone'dan) (?:fran|fra|med|via|z|с|из|de pe|gonderildi|.{0,20}(?:iphone|android))"
    r"|發自我的|发自我的|从我的.{0,30}(?:发送|傳送)|從我的.{0,30}傳送|发自.{0,20}(?:"
    + _PROGRAMS
    + r")|发送自|使用.{0,20}发送|来自.{0,20}(?:邮箱|手机|客户端)|自.{0,10}手机发送"
    r"|iphone ?から送信|iphoneから送信|나의 iphone|my iphone에서"
    r")"
)
_DISCLAIMER = re.compile(
    r"[\s*_(\[>:-]{0,8}(?:"
    r"(?:legal |privacy |important )?(?:confidentiality|privacy)(?: and privacy)? (?:notice|note|statement|disclaimer|warning)\b|disclaimer ?[:.]|legal (?:notice|disclaimer) ?:"
    r"|confidential(?:ity)? ?:|privileged and confidential|avis (?:de confidentialite|important|juridique|legal)|note de confidentialite|confidentialite ?:"
    r"|(?:this|the) (?:e-?mail|message|communication|electronic mail|electronic message|transmission|information (?:contained|transmitted) in this)[^.]{0,160}"
    r"(?:confidential|intended (?:only|solely)|privileged|intended recipient|proprietary)"
    r"|the (?:information|contents?) (?:contained )?(?:in|of) this (?:e-?mail|message|communication)"
    r"|(?:ce|le present|ce present) (?:message|courriel|e-?mail|courrier)[^.]{0,160}(?:confidentiel|destinataire|exclusi|prive)"
    r"|l'information (?:contenue|transmise)|les informations contenues|le informazioni contenute|informativa privacy|questo messaggio[^.]{0,120}riservat"
    r"|diese (?:e-?mail|nachricht)[^.]{0,120}(?:vertraulich|bestimmt)|este (?:mensaje|correo|email|mensagem)[^.]{0,120}confiden|aviso (?:legal|de confidencialidad)"
    r"|dit (?:bericht|e-mailbericht)[^.]{0,120}(?:vertrouwelijk|bestemd)|de informatie in dit"
    r"|本邮件(?:及其附件|及附件|及任何附件|所含|包含|内容|可能)|此邮件(?:及其附件|所含|包含|可能)|本電子郵件|保密(?:声明|通知|提示)|免责声明|声明:本邮件"
    r"|(?:virus-free|virenfrei|garanti sans virus|l'absence de virus|libre de virus|this email has been checked for viruses|cet e-mail a ete verifie|scanned by)"
    r"|(?:please )?(?:consider|think of) the environment|pensez a l'environnement|before printing this|avant d'imprimer|please don't print"
    r"|(?:to )?unsubscribe(?: from)?\b|click here to unsubscribe|se desabonner|pour vous desabonner|pour vous desinscrire|退订|取消订阅"
    r"|you (?:are receiving|received|are getting) this (?:e-?mail|message|notification) because|vous recevez ce (?:courriel|message|e-?mail) (?:car|parce)"
    r"|this message (?:was sent|is sent) (?:to|from) .{0,60}unsubscribe"
    r")"
)
_BANNER = re.compile(
    r"[\s*_\[(!<>-]{0,8}(?:external|caution|warning|attention|avertissement|externe|mise en garde|external e-?mail|external sender|外部邮件|警告|注意)"
    r"(?: (?:e-?mail|sender|message|courriel))?[\])*!]{0,3}\s?[:.!-]?.{0,40}"
    r"(?:originated (?:from )?outside|outside (?:of )?(?:the|your|our)|from outside|external (?:sender|source|e-?mail)|do not click|don't click|provient de l'exterieur|de l'exterieur|"
    r"expediteur externe|ne cliquez pas|来自外部|外部发件人)"
)


def split(text: str) -> tuple[str, str]:
    """Return (own words, rest) of a mail's text. Both stripped; every visible character of `text` is in one of them."""
    lines, beyond = _lines(text)
    own = _own_lines(lines)
    words = _join(line for line, mine in zip(lines, own, strict=True) if mine)
    rest = _join(
        [line for line, mine in zip(lines, own, strict=True) if not mine] + ([beyond] if beyond else [])
    )
    return words, rest


def _lines(text: str) -> tuple[list[str], str]:
    """Return the lines to look at, and what is beyond the limit."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = _RUNS_OF_BLANKS.sub("\n\n\n", text).split("\n", MAX_LINES)
    return (lines[:MAX_LINES], lines[MAX_LINES]) if len(lines) > MAX_LINES else (lines, "")


def _join(lines: "list[str] | object") -> str:
    return "\n".join(lines).strip()  # type: ignore[arg-type]


def _own_lines(lines: list[str]) -> list[bool]:
    """Tell for each line whether it is the author's."""
    folded = [fold(line[:_LOOKED_AT]) for line in lines]
    quoted = [quotes.is_quote(line) for line in lines]
    own = [bool(text) and not quote for text, quote in zip(folded, quoted, strict=True)]
    following = _following(folded)
    last_quote = max((i for i, quote in enumerate(quoted) if quote), default=-1)
    said = False  # whether the author said anything so far
    banner = False
    at = 0
    while at < len(lines):
        line = folded[at]
        if not line:
            own[at] = not banner
            banner = False
            at += 1
            continue
        quote_follows = following[at] >= 0 and quoted[following[at]]
        if _begins_original(folded, at):
            if not quote_follows or quoted[at]:
                own[at:] = (
                    [False] * (len(lines) - at)
                    if not _answered_below(at, quoted, own, last_quote)
                    else _without(own, at)
                )
                if not any(own[at:]):
                    return _trim(own, at)
            own[at] = False
        elif (start := quotes.attribution_start(folded, at, quote_follows=quote_follows)) is not None:
            for i in range(start, at + 1):
                own[i] = False
            said = any(own[i] and folded[i] for i in range(start))
            if not quote_follows and (said or not _answered_below(at, quoted, own, last_quote)):
                own[at:] = [False] * (len(lines) - at)
                return own
        elif quoted[at]:
            pass
        elif banner or (not said and _BANNER.match(line)):
            banner = True
            own[at] = False
        elif said and _ends_words(lines, folded, quoted, at):
            own[at:] = [False] * (len(lines) - at)
            return own
        else:
            said = True
        at += 1
    return own


def _begins_original(folded: list[str], at: int) -> bool:
    if quotes.is_divider(folded[at]) or quotes.starts_header_block(folded, at):
        return True
    if quotes.is_rule(folded[at]):
        ahead = [i for i in range(at + 1, min(at + 4, len(folded))) if folded[i]]
        return bool(ahead) and quotes.starts_header_block(folded, ahead[0])
    return False


def _answered_below(at: int, quoted: list[bool], own: list[bool], last_quote: int) -> bool:
    """Whether quotes are marked further down and unmarked text follows the last of them: a reply below."""
    return last_quote > at and any(own[last_quote + 1 :])


def _without(own: list[bool], at: int) -> list[bool]:
    return [False, *own[at + 1 :]]


def _trim(own: list[bool], at: int) -> list[bool]:
    return own[:at] + [False] * (len(own) - at)


def _ends_words(lines: list[str], folded: list[str], quoted: list[bool], at: int) -> bool:
    """Whether a signature, a program's footer or boilerplate begins at this line."""
    if _SIGNATURE_MARK.match(lines[at]) or _FOOTER.match(folded[at]) or _DISCLAIMER.match(folded[at]):
        return True
    if not _RULER.match(lines[at]):
        return False
    below = 0
    for i in range(at + 1, min(at + 40, len(lines))):
        if quoted[i]:
            break
        if folded[i]:
            below += 1
            if below > _SHORT_SIGNATURE or len(folded[i]) > _SIGNATURE_LINE or folded[i].endswith("?"):
                return False
    return True


def _following(folded: list[str]) -> list[int]:
    """Return for each line the next one that is not blank, -1 after the last."""
    following = [-1] * len(folded)
    nearest = -1
    for i in range(len(folded) - 1, -1, -1):
        following[i] = nearest
        if folded[i]:
            nearest = i
    return following
