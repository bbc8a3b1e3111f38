"""What mail programs, companies and mailing lists append to or put before a person's words.

All of it works on folded lines, in the languages of Canada, of the sellers and, cheaply, of their neighbours.
Bounded patterns only: a line is cut before it gets here.
"""

import re

from relaywatch.core.words.quotes import any_of

_PROGRAMS = (
    r"iphone|ipad|ipod|i phone|android|blackberry|samsung|galaxy|huawei|xiaomi|redmi|nokia|htc|lg"
    r"|motorola|pixel|oneplus|oppo|"
    r"windows phone|smartphone|phone|mobile|handheld|outlook|yahoo|gmail|mail|proton ?mail"
    r"|protonmail|airmail|sparrow|mailbird|"
    r"typeapp|bluemail|spark|aol|nine|k-9|thunderbird|zoho|superhuman|front|device|tablet|cell"
    r"|aqua mail|aquamail|icloud|windows|"
    r"telefon|telephone|mobil|portable|movil|celular|cellulare|handy|tel|telefoon|mobiel"
    r"|mobiltelefon|telemovel|gmx|web\.de|freenet|"
    r"orange|bell|rogers|telus|videotron|手机|手機|邮箱|郵箱|邮件|大师|foxmail|163|qq"
)
_BRANDS = (  # "by mail" and "on the phone" are also how people send and tell
    r"iphone|ipad|ipod|android|blackberry|galaxy|huawei|xiaomi|outlook|yahoo|gmail|proton ?mail|protonmail|airmail app"
    r"|mailbird|typeapp|bluemail|thunderbird|superhuman|aqua mail|aquamail|foxmail|gmx|web\.de|freenet"
)
_EAST_ASIAN = any_of(
    "iphoneから送信",
    "私の iphone から送信",
    "androidから送信",
    "나의 iphone에서 보냄",
    "내 iphone에서 보냄",
    "outlook for ios を入手",
)
_OPENS = r"[\s(<\[*_>«-]{0,6}"
_FOOTER = re.compile(
    _OPENS + r"(?:"
    rf"(?:sent|written|typed|mailed|posted|composed)(?: securely| sicher)? (?:(?:from|via|with|using)"
    rf" .{{0,40}}\b(?:{_PROGRAMS})\b|(?:by|on|through) .{{0,40}}\b(?:{_BRANDS})\b)"
    r"|(?:get|download|try) (?:outlook|yahoo mail|bluemail|typeapp|spark|aqua mail|airmail)"
    r"|yahoo mail(?: for|:| on) "
    r"|(?:from|via|on) my (?:iphone|ipad|android|phone|mobile|blackberry|samsung|cell|galaxy|tablet)"
    r"(?: (?:phone|device|galaxy|mobile|\w{0,4}\d\w{0,6})){0,3}[.,; ]{0,3}"
    r"(?:please (?:excuse|forgive)|excuse|sorry for).{0,60}$"
    r"|(?:from|via|on) my (?:iphone|ipad|android|phone|mobile|blackberry|samsung|cell|galaxy|tablet)"
    r"(?: (?:phone|device|galaxy|mobile|\w{0,4}\d\w{0,6})){0,3}[.! ]{0,3}$"
    r"|\w{1,20} from (?:my )?(?:mobile|iphone|phone)$"
    rf"|(?:message )?(?:envoye|expedie|transmis|redige|ecrit)e?s? (?:(?:de |depuis|a partir d|d'|du |via|: )"
    rf".{{0,40}}\b(?:{_PROGRAMS})\b|(?:avec|par ).{{0,40}}\b(?:{_BRANDS})\b)"
    r"|(?:telecharg|obten|decouvr)\w{1,5} (?:outlook|yahoo)|provenance ?: ?courrier"
    rf"|(?:gesendet|geschrieben|verschickt) (?:von|mit|uber|via|aus) .{{0,40}}\b(?:{_PROGRAMS})\b"
    rf"|von (?:meinem|unterwegs).{{0,60}} gesendet"
    r"|diese (?:nachricht|e-?mail) wurde (?:von|mit) .{0,60}gesendet|(?:holen"
    r"|laden) sie (?:sich )?outlook|outlook fur (?:ios|android)"
    rf"|(?:enviado|enviada|enviat|escrito)s? (?:desde|do|de|por|con|com|a partir|pelo|des de"
    rf"|via).{{0,40}}(?:{_PROGRAMS})"
    r"|(?:obtener|obter|obten|descarga|descargar|baixar) (?:o )?outlook"
    rf"|(?:inviato|scritto) (?:da|dal|con|tramite|via) .{{0,40}}(?:{_PROGRAMS})|(?:ottieni|scarica) outlook"
    rf"|(?:verstuurd|verzonden|gestuurd) (?:vanaf|met|via|van|vanuit|door) .{{0,40}}(?:{_PROGRAMS})"
    rf"|outlook (?:voor|downloaden|ophalen)"
    rf"|(?:wyslan|wysłan|napisan)[eoay] (?:z |za pomoca|przez|przy).{{0,40}}(?:{_PROGRAMS}|iphon)"
    rf"|pobierz (?:aplikacje )?outlook"
    rf"|(?:skickat|sendt|lahetetty|poslano|odoslane|odeslano|kuldve|skickades|trimis"
    rf"|dikirim) (?:fran|fra|med|via|z|ze|s|od|din|de|dari|.{{0,20}}).{{0,40}}(?:{_PROGRAMS}|iphon)"
    r"|(?:отправлено|надіслано|послано) (?:с|из|от|з|через) |iphone'umdan gonderildi|(?:iphone"
    r"|android)'?\w{0,6} gonderildi|hamta outlook|hent outlook"
    rf"|(?:从|從|由|通过).{{0,20}}(?:{_PROGRAMS}|客户端|app).{{0,20}}(?:发送|傳送|发出)$|(?:发自|發自|来自"
    rf"|來自).{{0,30}}(?:{_PROGRAMS})|(?:发送|傳送)自|使用.{{0,20}}发送$|获取 ?outlook"
    rf"|{_EAST_ASIAN}"
    r")"
)

_SENTENCE_BEHIND = re.compile(
    r"[,.!?;。，！？] ?(?!(?:please|excuse|forgive|veuillez|get )\b)[^\W\d_]+ [^\W\d_]+ [^\W\d_]+"
)

_DISCLAIMER = re.compile(
    r"[\s*_(\[>:!#-]{0,8}(?:(?:avis|notice|note|nota|confidentialite|confidentiality) ?: ?)?(?:"
    r"(?:legal |privacy |important )?(?:confidentiality|privacy)(?: and privacy)? (?:notice|note"
    r"|statement|disclaimer|warning)\b"
    r"|disclaimer ?(?:[:.]|$)|e-?mail disclaimer|legal (?:notice|disclaimer) ?(?:[:.]|$)"
    r"|confidential(?:ity)? ?:|(?:privileged|private) (?:and|&) confidential"
    r"|avis (?:de confidentialite|juridique|legal)|(?:note|clause) de confidentialite|confidentialite ?:"
    r"|(?:this|the) (?:e-?mail|message|communication|electronic mail|electronic message"
    r"|transmission|information (?:contained|transmitted))"
    r"[^.]{0,160}(?:confidential|intended (?:only|solely|for the)|privileged|intended recipient"
    r"|proprietary)"
    r"|the (?:information|contents?) (?:contained )?(?:in|of) this (?:e-?mail|message"
    r"|communication)[^.]{0,200}(?:confidential|intended|privileged|proprietary|recipient|legally|private)"
    r"|if you (?:are not the intended|have received this (?:e-?mail|message"
    r"|communication) in error)"
    r"|(?:ce|le present|ce present) (?:message|courriel|e-?mail|courrier)[^.]{0,160}(?:confidentiel"
    r"|destine exclusi|destinataire (?:vise|prevu)|usage exclusif)"
    r"|l'information (?:contenue|transmise)|les informations contenues"
    r"|si vous (?:n'etes pas le destinataire|avez recu ce (?:message|courriel) par erreur)"
    r"|le informazioni contenute|questo messaggio[^.]{0,120}riservat|diese (?:e-?mail"
    r"|nachricht)[^.]{0,120}vertraulich"
    r"|este (?:mensaje|correo|email|mensagem)[^.]{0,120}confiden|aviso (?:legal|de confidencialidad)"
    r"|dit (?:bericht|e-mailbericht)[^.]{0,120}vertrouwelijk|de informatie in dit"
    r"|tresc tej wiadomosci[^.]{0,80}poufn"
    r"|(?:本|此)(?:电子)?(?:邮件|郵件|电邮)[^。]{0,60}(?:机密|保密|機密|收件人|专供)|保密(?:声明"
    r"|通知|提示)|免责声明"
    r"|virus-free|virenfrei|garanti sans virus|l'absence de virus|libre de virus"
    r"|this e-?mail has been (?:checked|scanned)|cet e-?mail a ete verifie"
    r"|(?:scanned|checked|protected) by .{0,40}(?:virus|malware|security|avast|avg|norton|mcafee|defender|kaspersky)"
    r"|(?:please )?(?:consider|think of|think about) the environment|pensez a l'environnement"
    r"|avant d'imprimer|save paper|before printing"
    r"|to unsubscribe\b|unsubscribe(?: from| here| ?[:|<(\[]|$)|click here to unsubscribe"
    r"|se desabonner|pour vous (?:desabonner|desinscrire)|退订|取消订阅"
    r"|to (?:stop receiving|respond,? reply|view this discussion|post to this group)|visit topic"
    r"|to respond, reply to this"
    r"|you (?:are receiving|received|are getting|were sent) this (?:e-?mail|message"
    r"|notification) because|vous recevez ce (?:courriel|message|e-?mail) (?:car|parce)"
    r"|this message (?:was|is) sent (?:to|by|from) .{0,80}(?:unsubscribe|mailing list)"
    r")"
)
_BANNER = re.compile(
    r"[\s*_\[(!<>#-]{0,8}(?:(?:courriel |e-?mail |message )?extern(?:al|e)|caution|warning|attention|avertissement"
    r"|mise en garde|you don't often get e?-?mail from|外部邮件|警告|注意)"
    r".{0,60}(?:outside|external|do not click|don't click|learn why this is important|l'exterieur"
    r"|externe|ne cliquez|外部)"
    r"|[\s*_\[(!<>#-]{0,8}(?:\[?external(?: e-?mail| sender| message)?\]?|courriel externe"
    r"|expediteur externe)[\s\])*:!-]{0,6}$"
    r"|(?:please )?do not (?:click|open) (?:on )?(?:any )?(?:links|attachments)|ne cliquez (?:pas"
    r"|sur aucun)"
    r"|[\s*_\[(!<>#-]{0,8}this (?:e-?mail|message) (?:originated|came|was sent) (?:from )?outside"
    r"|[\s*_\[(]{0,6}ce (?:courriel|message) provient de l'exterieur"
)
_ARMOUR = re.compile(r"-{5}begin pgp signed message-{5}|hash: (?:sha|ripemd|md5)\w{0,12}$")
_WORD = re.compile(r"[^\W\d_]+")
FOOTER_WORDS = frozenset(_WORD.findall(_FOOTER.pattern))  # those of the forms, for who asks what else is said there
BOILERPLATE_WORDS = frozenset(_WORD.findall(_DISCLAIMER.pattern) + _WORD.findall(_BANNER.pattern))
_ARMOUR_SIGNATURE = "-----begin pgp signature-----"
_MARK = re.compile(r"\s{0,3}(?:-- ?|—|__|\*\*)\s*$")
_RULER = re.compile(r"\s{0,3}[-_=*~#]{3,120}\s*$")


def is_signature_mark(line: str) -> bool:
    """Whether a raw line is the mark before a signature: `-- ` (RFC 3676 4.3), and what is used for it."""
    return _MARK.match(line) is not None


def is_ruler(line: str) -> bool:
    """Whether a raw line is a ruler, below which a signature may stand."""
    return _RULER.match(line) is not None


def is_footer(folded: str) -> bool:
    """Whether a folded line is a mail program's own ("Sent from my iPhone"), no sentence of a person's behind it."""
    found = _FOOTER.match(folded)
    return found is not None and _SENTENCE_BEHIND.search(folded, found.end()) is None


def is_disclaimer(folded: str) -> bool:
    """Whether a folded line begins a company's or a list's boilerplate."""
    return _DISCLAIMER.match(folded) is not None or folded.startswith(_ARMOUR_SIGNATURE)


def is_banner(folded: str) -> bool:
    """Whether a folded line begins what stands before a text: a mail system's warning, an armour."""
    return _BANNER.match(folded) is not None or _ARMOUR.match(folded) is not None
