"""Replies as they are written: thin, canned, or a person's under a receipt's courtesy (policy Q1, Q2)."""

import pytest
from lab_mail import a_mail, shipped_rules

from relaywatch.core.classes.automatic import read_automatic
from relaywatch.core.words.quality import is_thin


def automatic(text):
    return read_automatic(a_mail(text, "Re: Walmart.ca Customer: question"), shipped_rules())


SHORT = [
    "Refund issued, $23.50 back on your card.",
    "Refunded.",
    "A new one ships tomorrow.",
    "It will arrive Tuesday.",
    "Yes, it is dishwasher safe.",
    "It's 30 cm wide.",
    "No, it is not microwave safe.",
    "Your new bowl left today.",
    "Please keep it, no need to send it back.",
    "Yes we ship to Yukon.",
    "Yes, we can change the colour.",
    "Sorry, we cannot cancel it, it already left.",
    "We resent it.",
    "Replacement on its way!",
    "Please send us a photo of the crack.",
    "Could you send a picture?",
    "Which colour would you like?",
    "Check your porch please, it was left there at 2 pm.",
    "Remboursé ce matin.",
    "Oui, il va au lave-vaisselle.",
    "Nous vous en envoyons un autre demain.",
    "Votre remboursement de 23,50 $ est fait.",
    "Pouvez-vous nous envoyer une photo?",
    "已退款,请查收。",
    "新的碗明天寄出。",
    "可以放洗碗机。",
    "请发一张照片给我们。",
    "明天补发",
    "已经帮您取消订单了。",
    "Your address has been changed.",
    "The order is cancelled.",
    "We contacted the customer and refunded her.",
    "Customer refunded on Nov 13.",
    "We called the customer today.",
    "Refund was sent to the customer this morning, $45.",
    "Done - refunded in full.",
    "Ok, cancelled.",
    "Thanks, return label attached.",
    "Sure, we'll send the blue one instead.",
    "Return approved.",
    "Nous avons remboursé le client.",
    "C'est annulé.",
    "Le colis part demain matin.",
    "Height 12 cm.",
    "Tracking: CX123456789CA",
    "Sorry, we're out of celadon.",
    "Please try a reset.",
    "The refund is done.",
    "You can return it within 30 days.",
    "Use a 60 W bulb.",
    "We mailed a new lid.",
    "Refund sent.",
    "It is 12 inches.",
    "Tomorrow by 5 pm.",
    "Made in Quebec.",
    "Oui, c'est possible.",
    "Il arrive jeudi.",
    "可以退货。",
    "周四到。",
    "Customer accepted the replacement.",
]

THIN = [
    "Noted.",
    "Will do",
    "We are working on it",
    "We are working on it.",
    "Ok.",
    "Okay, thank you!",
    "Thanks for letting us know.",
    "Thank you for your message. We will look into this and get back to you.",
    "We will get back to you soon.",
    "Hi Jordan,",
    "",
    "Thank you for reaching out. We are looking into it.",
    "",
    "Regards,",
    "Mei",
    "Bien reçu.",
    "Bien reçu, merci!",
    "Nous vérifions et vous revenons.",
    "Nous allons vérifier cela et vous revenir rapidement.",
    "Merci, on regarde ça.",
    "Merci de votre message, nous y travaillons.",
    "收到",
    "收到,谢谢",
    "好的,我们会尽快处理",
    "您好,我们正在核实,稍后回复您。",
    "收到,马上处理",
    "Received, thanks.",
    "Copy that.",
    "Acknowledged.",
    "Noted, thanks for the info.",
    "We're on it!",
    "Checking with the team.",
    "Let me check and get back to you.",
    "I will check with our warehouse and get back to you.",
    "Please bear with us.",
    "We apologize for the inconvenience.",
    "Sorry for the inconvenience. We will check.",
    "We are sorry to hear that.",
    "We are sorry for the inconvenience caused.",
    "Thank you for your patience.",
    "We appreciate your patience and understanding.",
    "Your message is important to us.",
    "Well received, we will revert.",
    "Please allow us some time to look into it.",
    "We will handle it.",
    "Will look into this today.",
    "Désolé pour les inconvénients.",
    "Nous sommes désolés pour le désagrément.",
    "C'est noté, merci.",
    "On s'en occupe.",
    "Nous vous reviendrons sous peu.",
    "不好意思给您带来不便。",
    "抱歉给您带来不便,我们会尽快处理。",
    "我们会尽快给您答复。",
    "Yes.",
    "Hope you are well.",
    "Have a nice weekend!",
    "See attached.",
    ".",
    "👍",
    "Hi",
    "Sent from my iPhone",
    "Jordan, thanks. Talk soon.",
    "This has been forwarded to the relevant department.",
    "Your request has been forwarded to our team.",
    "Escalated internally.",
    "Got it, will update you.",
    "We received it.",
    "Thank you for bringing this to our attention.",
    "Thank you for bringing this to our attention. We will look into this matter and get back to you shortly.",
    "We take this very seriously.",
    "Sorry for the late reply.",
    "Sorry to hear about this. We are checking.",
    "We are checking with the carrier.",
    "Hi, we are checking this with our logistics team and will update you soon.",
    "Merci de nous l'avoir signalé.",
    "Nous prenons votre demande très au sérieux.",
    "Your case is being handled.",
    "您的问题已收到,正在处理,请稍候",
    "非常抱歉,我们会跟进",
    "We will do our best.",
    "Please wait.",
    "Thank you for your understanding.",
    "Looking forward to your reply.",
    "Have a blessed day",
]

CANNED = [
    "Your request (#4521) has been received and is being reviewed by our support staff.",
    "Thank you for contacting us. We have received your message and will respond within 24 hours.",
    (
        "Hello,\n\nThank you for reaching out to Blue Kiln. A member of our team will get back to you "
        "within 1-2 business days.\n\nBlue Kiln Support"
    ),
    "We got your message and will reply as soon as we can.",
    "Thanks for your message! We've got it and someone from our team will be in touch shortly.",
    "Your ticket has been created. Ticket ID: 88213. Our support agents will review it.",
    (
        "Hi Jordan,\n\nYour request (4521) has been received and is being reviewed by our support "
        "staff.\n\nTo add additional comments, reply to this email."
    ),
    "[Blue Kiln] Your request has been updated. To add comments reply to this email.",
    "Thank you for your email. Our office hours are Monday to Friday 9 to 5. We will respond during business hours.",
    "Merci de nous avoir contactés. Nous avons bien reçu votre message et vous répondrons dans les 24 heures.",
    "Bonjour,\n\nVotre demande nº 4521 a bien été reçue. Un membre de notre équipe y donnera suite sous peu.",
    "Nous avons bien reçu votre courriel. Notre équipe vous répondra dans un délai de 24 à 48 heures ouvrables.",
    "Ceci est un message automatique pour confirmer la réception de votre courriel.",
    "您好，您的邮件我们已收到，我们会在24小时内回复您。",
    "感谢您的来信，我们会尽快回复您。",
    (
        "Dear customer, we have received your inquiry regarding your order. Our customer service team is "
        "reviewing it and will reply within 24 hours."
    ),
    "We are currently closed. Your message has been received and we will answer on the next business day.",
    "Hello! You have reached Blue Kiln customer care. We answer all messages within 24 hours, Monday to Saturday.",
    "Your case #22341 has been opened. One of our specialists will contact you shortly.",
    (
        "Thanks for getting in touch. We aim to answer all emails within one working day. If your matter "
        "is about a damaged item, please send photos. If it is about a return, see our return policy."
    ),
    (
        "Thank you for contacting Blue Kiln! If your question is about tracking or a refund, please have "
        "your order number ready. We will get back to you within 24 hours."
    ),
    "Due to high volumes, replies may take longer than usual. Thank you for your patience.",
    "This email is to confirm that your message has been received. Reference: BK-2231.",
    "Hi there, thanks for writing in! Our team has been notified and will reply shortly.",
    "Request received: 4521. Status: Open. We will notify you when an agent has replied.",
    "Out of office: I'm away until Nov 20 and will answer when I'm back.",
    (
        "Hello, I am on vacation from November 10 to 20 with limited access to email. For urgent matters "
        "contact kim@shop.example."
    ),
    "Je suis absent du bureau jusqu'au 20 novembre. Pour toute urgence, contactez Kim.",
    "我正在休假，11月20日回来后会回复您的邮件。紧急事宜请联系Kim。",
    (
        "We have received your message about your damaged item. A specialist will review it and respond "
        "within one business day."
    ),
    (
        "Thank you for your message regarding your order. Your reference number is 88123. Please keep it "
        "for future correspondence."
    ),
    "Your inquiry is important to us. A representative will reply within 24 hours.",
    "Bonjour! Merci d'avoir écrit à Blue Kiln. On vous revient dans les 24 heures.",
    (
        "Your email has been received by our customer support. Please do not send a second email, as "
        "this will delay our answer."
    ),
    "We acknowledge your email. Our team is working on it and will revert within 24 hours.",
    "您的咨询已提交，客服将在1个工作日内与您联系。",
    "亲爱的顾客，您好！我们的工作时间为周一至周五9:00-18:00，看到消息后会第一时间回复您。",
    (
        "We have received your request for a refund. Our team will review your request and get back to "
        "you within 2 business days."
    ),
    (
        "Thank you for contacting us. We have received your message about your missing package. We will "
        "reply within 24 hours."
    ),
    (
        "Hi! Thanks for contacting Blue Kiln Pottery. This is a quick note to say that we have your "
        "message and a human will read it soon."
    ),
    (
        "Dear Customer,\nThank you for your inquiry. One of our customer service representatives will "
        "respond to you within 24 hours.\nBest regards,\nBlue Kiln"
    ),
    (
        "We have received your support request and a ticket has been opened with the number 90021. The "
        "details of your ticket are shown below."
    ),
    (
        "Thank you for writing to Blue Kiln. The team answers every message in the order in which it "
        "came in, usually within one day."
    ),
    (
        "Thank you for contacting us! The Blue Kiln team has received your email and will respond within "
        "24 hours. Please note that our office is closed on weekends."
    ),
    (
        "Hello Jordan, thank you for reaching out to us regarding your order 600000012345678. We have "
        "received your message and our team will get back to you within 24 hours."
    ),
    (
        "Thank you for your message. Our team is currently experiencing a high volume of requests. The "
        "current response time is 24 to 48 hours."
    ),
    "Bonjour, nous accusons réception de votre message. Le service à la clientèle vous répondra dans les 24 heures.",
    (
        "Merci d'avoir contacté Blue Kiln. Votre message est important pour nous. Un représentant "
        "communiquera avec vous sous peu."
    ),
    "亲，您的消息我们已收到，客服会在24小时内回复，谢谢！",
    "感谢您联系蓝窑客服。我们已收到您关于订单的咨询，工作人员将尽快处理并回复。",
    (
        "Hello,\n\nWe have received your request and it has been assigned to one of our agents. An update "
        "will be provided shortly.\n\nPlease do not change the subject line."
    ),
    "Thank you for your email. We will process your refund request and respond within 1-2 business days.",
]

COURTEOUS = [
    (
        "Thank you for contacting us. We have received your message and are sorry about the cracked "
        "bowl. Your replacement ships today and will be with you on Friday."
    ),
    (
        "Thank you for your message. We have received the photos. The replacement bowl leaves tomorrow; "
        "you will get it within 5 business days."
    ),
    (
        "Thank you for reaching out. We received your message about the crack. Your refund of $23.50 "
        "will be on your card within 3 to 5 business days."
    ),
    (
        "Thank you for contacting Blue Kiln. We are sorry that the bowl is chipped. You may keep it; a "
        "new one goes out tomorrow. Please reply to this email if it does not arrive within 7 business "
        "days."
    ),
    (
        "Thank you for contacting us. The bowl is safe for dishwasher and microwave. Please contact us "
        "again if you have any other questions, and we will get back to you as soon as possible."
    ),
    "Thanks for your email. Yes, we can change the address to 12 King St. It will be updated within 24 hours.",
    (
        "Thank you for your message. The order left our warehouse on Monday and the driver should be "
        "there by Wednesday. If it is not there by then, we will send a new one."
    ),
    "Thank you for your patience. The carrier found your package in Mississauga; it will be with you by Thursday.",
    (
        "Merci de nous avoir contactés. Nous avons bien reçu votre message et nous sommes désolés. Un "
        "nouveau bol part aujourd'hui et vous sera livré vendredi."
    ),
    (
        "Merci pour votre message. Nous vous remboursons 23,50 $ ; le montant sera sur votre carte dans "
        "un délai de 3 à 5 jours ouvrables."
    ),
    (
        "Merci de votre courriel. Le bol va au lave-vaisselle et au four à micro-ondes. Un membre de "
        "notre équipe reste à votre disposition."
    ),
    "感谢您的来信。碗的裂纹是运输造成的，我们明天给您寄一个新的，预计5个工作日内送到。",
    "您好，我们已收到您的邮件。新的碗明天发出，请您耐心等待。",
    "感谢您的耐心等待。快递说包裹在多伦多，预计周四到。",
    "We have received your return at our warehouse and your refund will be processed within 2 business days.",
    (
        "Thank you for your message. Please send us a photo of the bottom of the bowl, so that we can "
        "see the crack, and we will get back to you with a solution within 24 hours."
    ),
    (
        "Thank you for contacting us. I have asked our warehouse to send another lamp. You will receive "
        "it within five business days."
    ),
    (
        "Hello Jordan, thank you for your email. The colour that you want is Celadon; the listing shows "
        "it wrongly. We will correct the listing as soon as possible. Would you like to return the bowl?"
    ),
    (
        "Hello, thank you for contacting us. The tracking number is 7301 2234 9981 and the parcel is "
        "with Canada Post. Expect a delivery within 2 business days."
    ),
    (
        "Hello John, we have received your email about order 600000012345678. The customer was offered a "
        "replacement, which she accepted; it leaves our warehouse tomorrow and will be with her within 5 "
        "business days."
    ),
    "Thank you for your email. The customer will receive a new bowl within 5 business days; we wrote to her today.",
    (
        "Thank you for getting in touch. Sorry, this bowl is not made in green. It comes in white and "
        "celadon only. Should another colour come, we will let you know as soon as possible."
    ),
    "Thanks for your message. Your order will be delivered on Friday by Purolator, you will need to sign for it.",
    (
        "Thank you for your inquiry. The lamp needs an E26 bulb of at most 60 W, which is not in the "
        "box. We hope to hear from you soon."
    ),
    (
        "Thank you for your message. To cancel, we need your confirmation that you have not opened the "
        "box. As soon as we have it, your money goes back within 3 business days."
    ),
    (
        "Your request has been received and approved. Please print the label and drop the box at any "
        "post office within 14 days."
    ),
    (
        "Hi Jordan, got your message - so sorry! I am packing a new bowl for you right now and it goes "
        "out with tonight's pick-up. You should have it within 3 business days. Mei"
    ),
    (
        "Merci pour votre message. La lampe prend une ampoule E26 de 60 W. N'hésitez pas à nous écrire, "
        "nous vous répondrons rapidement."
    ),
    (
        "Thank you for contacting us. We are closing this case since the bowl came back to us "
        "undelivered; we will send it again as soon as possible once you confirm your street number."
    ),
    (
        "Thank you for your message. The warranty covers this. A technician will contact you tomorrow at "
        "10 to swap the motor."
    ),
    (
        "Dear John, thank you for your email. We acknowledge receipt of the complaint and have given the "
        "customer her money back; she will see it within 5 business days."
    ),
    (
        "Thank you for contacting us. We have received your message and looked at it: the lid was left "
        "out by mistake. A new lid goes into the mail this afternoon. We will get back to you with the "
        "tracking as soon as possible."
    ),
    (
        "Hi Jordan, thank you for your message. We have received your photo. Both bowls will be made "
        "again, which takes us ten days. Is that all right? We will respond to any question you have."
    ),
    (
        "Thank you for your email. I am sorry for the trouble. Please put the lamp back in its box and "
        "leave it at your door on Tuesday, Purolator will fetch it. Your money follows within 3 business "
        "days."
    ),
    (
        "Thank you for your inquiry! Unfortunately we do not ship to Nunavut. We are sorry. Contact us "
        "again any time; we will reply as soon as possible."
    ),
    (
        "Merci de nous avoir contactés. Le couvercle manquait par notre faute : il part cet après-midi. "
        "Nous vous répondrons rapidement au besoin."
    ),
    (
        "Bonjour Jordan, merci de votre message. Je vous renvoie une tasse dès lundi. Un membre de notre "
        "équipe vous donnera le numéro de suivi dans les 24 heures."
    ),
    (
        "Thanks for reaching out. Turn the knob to the left, hold it for five seconds, and the lamp will "
        "reset. We will be in touch again within 24 hours to see if it works."
    ),
    (
        "Thank you for reaching out. Your return is approved: pack it in the original box, and a label "
        "will follow within 24 hours."
    ),
    "您好，感谢您的来信。蓝色的已经没有了，只有白色的，请问您要白色的吗？我们会尽快给您安排。",
    "您好，您的邮件已收到。颜色发错是我们的责任，白色的碗今天下午寄，5个工作日内到。",
    (
        "Dear John, thank you for your message. We acknowledge the complaint. Jordan has her full refund "
        "since noon, and we told her so by the relay. We will follow up with you as soon as possible if "
        "anything changes."
    ),
    (
        "Thank you for your message. Delivery will be on Monday between 9 and 12. Someone will call you "
        "half an hour before."
    ),
    (
        "Thank you for contacting us. We were able to reach the carrier: your parcel is held at the "
        "depot on King Street, bring photo ID. We aim to reply within 24 hours if you need more."
    ),
]


@pytest.mark.parametrize("text", THIN)
def test_thin(text):
    assert is_thin(text, shipped_rules())


@pytest.mark.parametrize("text", SHORT + COURTEOUS)
def test_deals_with_the_matter(text):
    assert not is_thin(text, shipped_rules())
    assert automatic(text) is None


@pytest.mark.parametrize("text", CANNED)
def test_canned(text):
    assert automatic(text) is not None
