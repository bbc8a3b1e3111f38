"""How people and programs speak, as far as a pattern of few words tells it, in three languages.

The patterns are of folded text; REACTION, LIST, LABEL, SPEAKER and BUTTONS, which look at marks, of text as it was
written.

These are manners, no phrases of one program: whom a text speaks to and of, whether it answers yes or no, puts an
answer off, or breaks off in the middle.
"""

import re

NOW = re.compile(  # folded: on which day something was done: no text that stands for everybody says so
    r"\b(?:today|yesterday|this (?:morning|afternoon|evening)|just now|aujourd'hui|hier|ce (?:matin|soir)"
    r"|cet apres-midi|a l'instant)\b|今天|今早|昨天|刚刚"
)
YES_NO = re.compile(
    r"(?:yes|yep|yeah|no|nope|oui|non|si|sure|certainly|of course|absolutely|unfortunately|malheureusement|bien sur"
    r"|certainement)(?:[,.!;: -]|$)"
    r"|(?:是的|不是|可以|不可以|能的?[，,。]|不能|没有|有的|会的|不会|当然|对的?[，,。]|不用)"
    r"|(?:没问题|没有问题|支持|不支持|不行|行的?[，,。]|不(?:太|是很)?建议|建议不|最好不要|最好别|千万别)"
    r"|(?:neither|only (?:the|in|on|if|with)|ni l'une?|(?:seulement|juste) (?:le|la|les|en|a|si|avec)|les deux[,. ])\b"
)
SETTLES = re.compile(  # folded: what was done for the customer, as people in haste and programs both say it
    r"\b(?:refund(?:ed)?|replacement|credit|reimbursement)\b[^.!?]{0,40}\b(?:processed|issued|sent|shipped|approved|show)\b"
    r"|\b(?:processed|issued|sent|approved) (?:(?:you|your|the|a|full|partial) ){0,3}(?:refund|replacement|credit)\b"
    r"|\bremboursement\b[^.!?]{0,40}\b(?:traite|emis|effectue|envoye|approuve)\b"
    r"|(?:退款|补发|换货|退货)[^。！？]{0,12}(?:已|完成|成功|处理|寄出|到账)|已[^。！？]{0,8}(?:退款|补发|换货)"
)
REACTION = re.compile(
    r"[\s*_]{0,3}(?:[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]\ufe0f?[\s*_]{0,3}){1,5}"
    r"|\[[\w ]{2,12}\] ?\S{1,30} \S{1,30} |[+-]1\b"
)
ABOUT_CUSTOMER = re.compile(  # nobody speaks so to the customer, but for a department's name
    r"\b(?:customer|buyer|client) (?:wants|says|asks|asked|needs|would like|wrote|reports)\b|\binternal note\b"
    r"|\bcliente? (?:veut|dit|demande|ecrit)\b|\bnote interne\b|内部备注"
    r"|\b(?:reply to|answer|tell|refund|write to|call|e-?mail|send) (?:him|her)\b"
    r"|\blui (?:repon|di[st]|envo|ecri|rembours|expliqu|offr|propos)\w*|\b(?:reponds|ecris|envoie|dis|rembourse)-lui\b"
    r"|(?:回复|告诉|联系|补发给|退给|帮)(?:他|她|客人|客户|买家)|给(?:他|她)(?:补|退|发|换|回)"
    r"|(?:回|问|让|叫|跟)(?:一下)?(?:客人|客户|顾客|买家)|(?:^|\n)@[^\W\d_]{2,12}[ ,，:：]"
    r"|\b(?:the|this|that) (?:customer|buyer|client)\b(?! (?:service|care|support|experience|relations))"
    r"|\b(?:le|la|ce|cette|cet) (?:client|cliente|acheteur|acheteuse)\b(?!e)"
    r"|(?:这个|该|那个|此)(?:客户|买家|顾客|客人)|客人(?:说|要|想|问|的)|(?:客户|买家|顾客)(?:说|要求|想要|问|反馈|投诉)"
)
_ASSISTANTS = (
    r"(?:(?:virtual|ai|digital|automated) (?:assistant|agent|helper|teammate|concierge)"
    r"|(?:assistante?|agente?|conseill(?:er|ere)) (?:virtuel(?:le)?|numerique|ia)|intelligence artificielle"
    r"|agent conversationnel)"
)
# Who writes says of themselves that they are none. A shop may sell robots: that one is spoken of, sent or produced by
# a machine says nothing.
ROBOT = re.compile(
    r"\b(?:i'm|i am|this is|meet|je suis|ici|voici)\b(?! not\b| no\b| pas\b),? "
    rf"(?:(?!\w+ing\b)[^\s.!?]{{1,24}} ){{0,5}}?(?:l')?{_ASSISTANTS}\b"
    r"|\b(?:i'm|i am|je suis) (?:just |only |seulement )?(?:an? |the |your |un |le |votre |\w+'s )?(?:\w+ )?"
    r"(?:chat ?bot|bot|robot)(?=[,.!:;]|$| and | et )"
    r"|\b(?:written|answered|composed) (?:entirely |only )?by (?:an? |our )?(?:ai|chat ?bot|bot|robot)\b"
    r"|\bgenerated (?:entirely |only )?by (?:an? |our )?ai\b"
    r"|\b(?:redigee?|repondue?|generee?) par (?:l'ia|une ia|un robot|(?:l')?intelligence artificielle)\b"
    r"|\b(?:wrote|written|write) (?:this|it)\b[^.!?\n]{0,20}\bwithout (?:a|any) (?:person|human)\b"
    r"|\bno (?:person|human) (?:wrote|has written|read|has read)\b|\bsans intervention humaine\b"
    r"|(?:我是|这里是)(?!说|想|要|在)[^。！？，,\n]{0,12}?(?:机器人|智能客服|智能助[手理]|ai ?(?:客服|助[手理]))"
    r"(?![的坏了不没在])"
    r"|(?:机器人|智能客服)(?:自动)?(?:回复|应答)|(?<![a-z])ai ?(?:自动)?(?:回复|生成|应答)"
)
UNFILLED = re.compile(  # of text as it was written: a macro's field
    r"\{\{ ?[\w. |:\[\]'\"-]{2,80}\}\}|\{%-? ?\w[^%\n]{0,80}%\}|\$\{[\w.]{2,60}\}"
    r"|%(?:\w+_)?(?:name|nom|agent|ticket)\w*%"
    r"|\[(?:customer|first|last|agent|client|buyer|shopper|your|order|prenom|nom|insert|客户|姓名)[ _-]?"
    r"(?:'s )?(?:name|nom|number|id|du client|here|称呼|姓名|订单号)\]",
    re.IGNORECASE,
)
TO_READER = re.compile(r"您|亲爱|尊敬|亲[,，~!！:]|顾客朋友")  # as Chinese shops speak to customers, not to colleagues
OF_READER = re.compile(r"\byou(?:'re| are| were)\b|\bvous etes\b|您|你")
DEFERS = re.compile(  # a sentence that puts the answer off
    r"\b(?:i|we)(?:'ll| will| am going to|'m going to| shall)\b[^.!?\n]{0,40}\b(?:get back|come back|reply"
    r"|respond|answer|write (?:to|you|back|again)|be in touch|look (?:into|at)|follow up|update you|let you know"
    r"|contact you|check\b)"
    r"|\b(?:our team|(?:someone|somebody|a member|an? agent|a colleague|one)(?: (?:of|from) \w+(?: \w+)?)?|the team)\b"
    r"[^.!?\n]{0,50}\b(?:get back|reply|respond|answer|be in touch|contact you|follow up)"
    r"|\b(?:notre equipe|l'equipe|un (?:agent|conseiller|collegue)|une? (?:personne|membre)|quelqu'un)\b[^.!?\n]{0,50}"
    r"\b(?:revien\w*|repond\w*|communiquer\w*|contacter\w*)"
    r"|\b(?:je|j'|on|nous) ?(?:vous |te |t')?(?:revien(?:s|drai|drons|t)|repon(?:ds|drai|drons|d)|recontacte\w*"
    r"|ecri(?:s|rai|rons|t)|rappelle\w*|fai[st] signe|regarde\w*|verifie\w*)\b"
    r"|(?:稍后|晚点|明天|尽快|回头|到时|晚些)[^。！？\n]{0,12}(?:回复|答复|联系|回您|回你|跟您说|给您答)"
    r"|\bbear with us\b|\bwith the right (?:people|team|person)\b"
    r"|\b(?:have|got|received) your (?:message|note|e-?mail|mail)\b"
    r"|\bai bien (?:eu|recu|lu) votre (?:message|courriel)\b"
    r"|\b(?:entre bonnes mains|a (?:ete|bien ete) (?:transmise?|recue?|transferee?))\b|(?:已|会)?转(?:给|交|达)"
    r"|我们?(?:会|再|去|先)[^。！？\n]{0,8}(?:回复|答复|联系您|核实|查一下)"
)
CUT_OFF = re.compile(  # a text that ends in a word after which something must come
    r"\b(?:de|du|des|le|la|les|a|au|aux|pour|que|qui|et|ou|en|avec|un|une|c'est|to|the|an|of|for|and|or|with|that|is|are"
    r"|we|i|will|our|your|by)$|[的把和给在是与]$"
)
LIST = re.compile(
    r"(?:(?:^|\n)[ \t]*[*•·-] [^\n]{4,120}\?[^\n]*(?:\n(?![ \t]*[*•·-] )[^\n]*){0,4}){3}"
    r"|(?:(?:^|\n)[ \t]*\d{1,2}(?:[.、):：]| )[ \t]?[^\n\d.。!！?？,，;；][^\n.。!！?？,，;；]{0,23}(?=\n|$)){4}"
)  # of questions; of what to choose by a number
SPEAKER = re.compile(  # a line of a talk that was written down
    r"(?:[\[(]?\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?[\])]?[ ,-]{0,3})?(?P<who>[^\W\d_][\w .'’-]{2,29}?) ?[:：] ?\S"
)
LABEL = re.compile(r"[^\s:：][^:：\n]{0,24} ?[:：] ?\S")
BUTTONS = re.compile(r"(?:^|\n)\[ [^\[\]\n]{8,60} \]|\[ ?[^\[\]\n]{2,40} ?\]\s{1,6}\[ ?[^\[\]\n]{2,40} ?\]")
SCALE = re.compile(  # what to choose from: numbers in a row, or boxes and circles with a word behind each
    r"(?:^|\n)[ \t]*(?:\[?0\]?[ \t]+)?\[?1\]?[ \t|/-]+\[?2\]?[ \t|/-]+\[?3\]?[ \t|/-]+\[?4\]?[ \t|/-]+\[?5\b"
    r"|(?:[○◯□☐◻⚪★☆⭐][ \t]?[^\s○◯□☐◻⚪★☆⭐]{1,12}(?: [^\s○◯□☐◻⚪★☆⭐]{1,12})?[ \t\n]{1,3}){2}"
    r"|(?:[★☆⭐]\ufe0f?[ \t]?){5}|(?:[😀-🙏☹☺]\ufe0f?[ \t]{0,3}){3}"
)
ASKS_HOW = re.compile(r"\bhow (?:do|does|can|could|to|should|would|must)\b|\bcomment\b(?! ca)|怎么|如何|怎样")  # folded
STEPS = re.compile(  # folded: what to do, and what to do next
    r"(?:^|[.!?:;,。！？，\n]) ?(?:(?:please|simply|just|first|veuillez|d'abord|simplement|您?请|请?您|先|可以) ?){0,2}"
    r"(?:go (?:to|into)|open|click|tap|select|choose|log ?in|sign ?in|hold|press|turn|unscrew|loosen|lift|pull|push"
    r"|slide|allez|aller|ouvrez|ouvrir|cliqu(?:ez|er)|choisi(?:ssez|r)|selectionne[zr]|appuyez|maintenez|tournez"
    r"|devissez|tirez|poussez|打开|点击|点开|选择|按住|进入|登录|拧开)"
    r"[^.!?。！？\n]{2,100}?(?:>|→|\bthen\b|\band (?:click|select|choose|press|tap)\b|\bpuis\b|\bensuite\b"
    r"|然后|接着|再)"
)
FIRST_PERSON = re.compile(r"\b(?:i|i'm|i'll|i've|i'd|je|j'ai|j')\b|我(?!们|們|司)")
YOURS = re.compile(r"\b(?:your|votre|vos)\b|您的|[您你](?:来信|留言|反馈|咨询|邮件)")
