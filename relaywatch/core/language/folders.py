"""What a folder is for, by the names that mail programs and providers give it in their languages."""

from relaywatch.core.language.rules import fold
from relaywatch.core.mail.message import Folder

_SENT = (
    "sent", "sent items", "sent messages", "sent mail", "sent-mail", "sentmail", "sentbox", "sent email",
    "sent e-mail", "sent emails", "sent message", "envoyés", "messages envoyés", "éléments envoyés",
    "courrier envoyé", "courriels envoyés", "courriers envoyés", "e-mails envoyés", "emails envoyés",
    "mails envoyés", "objets envoyés", "éléments expédiés", "gesendet", "gesendete", "gesendete objekte",
    "gesendete elemente", "gesendete nachrichten", "gesendete e-mails", "gesendete mails", "gesendete post",
    "enviados", "elementos enviados", "mensajes enviados", "correo enviado", "correos enviados", "enviado",
    "inviati", "posta inviata", "messaggi inviati", "elementi inviati", "itens enviados", "mensagens enviadas",
    "enviadas", "e-mails enviados", "emails enviados", "correio enviado", "verzonden", "verzonden items",
    "verzonden berichten", "verzonden objecten", "verstuurd", "verzonden e-mail", "wysłane", "elementy wysłane",
    "wiadomości wysłane", "wysłane wiadomości", "wysłana poczta", "poczta wysłana", "已发送", "已发送邮件",
    "已发送的邮件", "已发邮件", "已发送信息", "已发送消息", "已发", "已發送", "已發送郵件", "已發送的郵件",
    "已寄出", "寄件備份", "已傳送", "已傳送的郵件", "已傳送郵件", "已寄出郵件", "寄件备份", "已傳送的訊息",
    "送信済み", "送信済みアイテム", "送信済みメール", "送信済みメッセージ", "送信済みトレイ", "送信済",
    "보낸 편지함", "보낸편지함", "보낸 메일함", "보낸메일함", "보낸 메일", "보낸 항목", "보낸 메시지",
    "보낸 사서함", "отправленные", "отправленные элементы", "отправленные письма", "отправленное",
    "отправленные сообщения", "sendt", "sendte elementer", "sendte poster", "sendt post", "skickat", "skickade",
    "skickade objekt", "skickade meddelanden", "lähetetyt", "lähetetyt viestit", "odeslané", "odeslaná pošta",
    "odeslaná", "gönderilmiş öğeler", "gönderilenler", "gönderilmiş postalar", "elküldött elemek", "elküldött",
    "trimise", "elemente trimise", "надіслані", "надіслані елементи", "απεσταλμένα", "σταλμένα", "المرسلة",
    "العناصر المرسلة", "פריטים שנשלחו",
)  # fmt: skip
_JUNK = (
    "junk", "junk mail", "junk e-mail", "junk email", "spam", "spam mail", "bulk mail", "bulk", "junk-mail",
    "spambox", "spamverdacht", "caught spam", "probably spam", "possible spam", "junk folder", "spam folder",
    "courrier indésirable", "indésirables", "courriels indésirables", "pourriel", "pourriels",
    "courrier indésirables", "indésirable", "messages indésirables", "éléments indésirables",
    "e-mails indésirables", "junk-e-mail", "unerwünscht", "spam-verdacht", "unerwünschte e-mails",
    "correo no deseado", "correo basura", "no deseado", "elementos no deseados", "posta indesiderata",
    "indesiderata", "lixo eletrônico", "lixo eletrónico", "correio eletrônico não solicitado",
    "lixo electrónico", "e-mail de lixo", "ongewenste e-mail", "ongewenste mail", "ongewenste reclame",
    "ongewenst", "ongewenste berichten", "wiadomości-śmieci", "wiadomości śmieci", "niechciane",
    "niechciana poczta", "垃圾邮件", "垃圾邮件箱", "垃圾箱", "垃圾信箱", "广告邮件", "垃圾郵件", "垃圾信件",
    "垃圾信件匣", "廣告信", "廣告郵件", "垃圾電郵", "迷惑メール", "迷惑メールフォルダ", "スパム", "迷惑",
    "정크 메일", "스팸", "스팸메일함", "스팸 메일함", "스팸편지함", "정크 메일함", "정크메일", "спам",
    "нежелательная почта", "uønsket e-post", "uønsket mail", "uønsket", "søppelpost", "skräppost", "skräp",
    "roskaposti", "nevyžádaná pošta", "nevyžádané", "gereksiz", "gereksiz e-posta", "önemsiz",
    "önemsiz e-posta", "levélszemét", "mesaje nesolicitate", "небажана пошта", "ανεπιθύμητη αλληλογραφία",
    "ανεπιθύμητα", "البريد غير الهام", "דואר זבל",
)  # fmt: skip
_NAMES = {
    **dict.fromkeys(map(fold, _SENT), Folder.SENT),
    **dict.fromkeys(map(fold, _JUNK), Folder.JUNK),
}
_ENDINGS = (".mbox", ".mbx", ".mbs", ".sbd", ".maildir", ".imapmbox")
_LONGEST_NAME = 255  # as file systems have it
_PARENTS = ("inbox", "[gmail]", "[google mail]", "mail", "maildir")


def folder_named(name: str) -> Folder | None:
    """Return Folder.SENT or Folder.JUNK for a whole name that means it, in any case; None for any other.

    `name` is one component of a path or one folder's name on a server, decoded: `Sent`, `.INBOX.Sent`
    (Maildir++), `Sent.mbox`, `INBOX/Sent`, `[Gmail]/Messages envoyés`.
    """
    if len(name) > _LONGEST_NAME:
        return None
    bare = fold(name)
    for ending in _ENDINGS:
        bare = bare.removesuffix(ending)
    for separator in (None, "/", "."):
        last = bare if separator is None else _below(bare, separator)
        if last in _NAMES:
            return _NAMES[last]
    return None


def _below(name: str, separator: str) -> str:
    """Return the last part of a name whose other parts only say where the mail lies, else ""."""
    *parents, last = name.split(separator)
    return last if all(not parent or parent in _PARENTS for parent in parents) else ""
