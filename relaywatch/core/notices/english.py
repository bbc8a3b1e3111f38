"""English: every sentence of a warning, by name. A language is a file like this one with the same names.

Names in braces are values; each language may use them in its own order, or leave one out. Short plain
sentences: who reads them was asleep a minute ago.
"""

from collections.abc import Mapping
from types import MappingProxyType

_TIME = {
    "time.when": "{weekday} {day} {month}, {clock} {zone}",
    "time.weekdays": "Mon Tue Wed Thu Fri Sat Sun",
    "time.months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "time.day": "{n} d",
    "time.hour": "{n} h",
    "time.minute": "{n} min",
    "time.moment": "less than 1 min",
    "list.more": "{list} and {n} more",
}

_SUBJECTS = {
    "subject": "[relaywatch] {urgency}: {what} ({case})",
    "subject.finding": "[relaywatch] {finding}, {urgency}: {what} ({case})",
    "subject.case.order": "case {id}, order {order}",
    "subject.case.subject": "case {id}: {subject}",
    "subject.case": "case {id}",
    "subject.cases": "{n} cases",
    "subject.lapses": "[relaywatch] OVERDUE: {n} cases without what they are owed",
    "subject.steps": "[relaywatch] {n} more cases wait for an answer, the first due in {left}",
    "subject.forged": "[relaywatch] {n} cases that may be forged, the first due in {left}",
    "subject.findings": "[relaywatch] {finding}: {n} cases, the first due in {left}",
    "subject.findings.overdue": "[relaywatch] {finding}: {n} cases, the first OVERDUE",
    "subject.blind": "[relaywatch] BLIND since {span}: mailbox {mailbox} cannot be read",
    "subject.seeing": "[relaywatch] Seeing again: mailbox {mailbox} is read, after {span}",
    "urgency.left": "{span} left",
    "urgency.now": "DUE NOW",
    "urgency.overdue": "OVERDUE since {span}",
    "what.C1": "reply to customer",
    "what.C2": "reply to Walmart agent",
    "what.C3": "reply to escalated complaint",
    "what.C4": "consumer-protection complaint (C4)",
    "what.handover": "hand over to Walmart Customer Experience",
    "what.resolution": "settle the matter",
}

_HEADLINES = {
    "owed.C1": "A reply to the customer",
    "owed.C2": "A Reply All to the Walmart agent",
    "owed.C3": "A reply to the escalated complaint",
    "owed.C4": "A reply to the consumer-protection complaint",
    "owed.H1": "A message to Walmart's Customer Experience team (store pick-up or return in a store)",
    "owed.H2": "A message to Walmart's Customer Experience team (order never arrived)",
    "owed.resolution": "Settling the customer's matter",
    "owed.to": "{owed} ({party})",
    "headline.left": "{owed} is due by {due}: {span} left.",
    "headline.now": "{owed} is due now ({due}).",
    "headline.overdue": "{owed} was due by {due}: {span} late.",
    "headline.bare": "{owed} is due by {due} ({urgency}).",
    "headline.lapses": "{n} cases are past their time, the oldest by {span}.",
    "headline.steps": "{n} more cases wait for an answer, the first for another {left}.",
    "headline.forged": "What says that it is Walmart's fails authentication, {n} times.",
    "headline.findings": "{n} cases: {finding}.",
    "headline.blind": "The mailbox {mailbox} ({address}) could not be read since {since} ({span}).",
    "headline.seeing": "The mailbox {mailbox} ({address}) is read again since {back}. It was not read for {span}.",
    "lead.bare": "A mail server refused this warning as it was first written, for a word or an address in it, so that"
    " it comes without subjects, names and addresses.",
    "lead.unread": "This may already be answered: the mailbox {mailbox} could not be read since {since}."
    " Look into it and its Sent folder before you write.",
    "lead.unread.never": "This may already be answered: the mailbox {mailbox} could not be read yet. Look"
    " into it and its Sent folder before you write.",
    "lead.doubt": "Something was sent on {at}, and nobody can be sure that it counts. Against it: {why}.",
    "lead.doubt.nothing": "no sign that it deals with the matter",
    "lead.clock": "The clock runs all the same: {owed}, due by {due} ({urgency}).",
}

_TO_DO = {
    "todo.customer": "Open the message in the mailbox {mailbox} and press Reply. Answer in your own words"
    " what the customer asks, and settle it if you can.",
    "todo.customer.relay": "Send it from {registered} to {party}. From another address, or to another"
    " address of the customer's, it does not count (Q5).",
    "todo.agent": "Open the message in the mailbox {mailbox} and press Reply All. Answer in your own words"
    " what the agent asks.",
    "todo.agent.all": "Leave everybody on it (Q3): {all}.",
    "todo.complaint": "Open the escalation in the mailbox {mailbox}, reply in your own words, and settle"
    " the customer's problem: reply and settlement have a clock each.",
    "todo.complaint.customer": "The escalation came from an address that nobody reads. Reply to the"
    " customer, through the relay address, from {registered}.",
    "todo.consumer_protection": "Do it now: Walmart gives {window} for this, day and night. Open the"
    " message in the mailbox {mailbox}, press Reply All, and say in your own words what you do about the"
    " complaint.",
    "todo.doubt": "Read what was sent. If it does answer, type: relaywatch confirm {id}. If not, reply once more, in"
    " your own words, to what was asked.",
    "todo.handover": "Write to Walmart's Customer Experience team, at {team}: {topics}. Name the order {order}.",
    "todo.handover.any": "Write to Walmart's Customer Experience team: {topics}. Name the order {order}."
    " (No handover_addresses are configured: a message about the case to any Walmart agent counts.)",
    "todo.handover.too": "This is owed beside the reply to the customer.",
    "todo.resolution": "The reply is out, but nobody has said that the matter is settled. Settle it, then"
    " type: relaywatch resolve {id}",
    "todo.bare": "Type relaywatch show with the number of a case to see who wrote what, and answer it now: to everybody"
    " who is on it, in your own words.",
    "todo.automatic": "An automatic reply does not count (Q2); nor does a bare receipt (Q1).",
    "todo.late": "Late is better than never: every further hour makes a refund or a restriction more likely"
    " (P1 to P3).",
    "order.unknown": "(number unknown: see the message)",
    "topic.pickup": "the customer has a problem with a store pick-up",
    "topic.store_return": "the customer has a problem with a return in a store",
    "topic.not_received": "the customer's order never arrived",
    "topic.none": "the customer's matter",
}

_FINDINGS = {  # .short: in subjects; .why: what is wrong; .mend: what to do
    "finding.automatic_reply.short": "Only an automatic reply went out",
    "finding.automatic_reply.why": "The automatic reply of {at} does not count: Walmart wants a person's"
    " own words (Q2).",
    "finding.automatic_reply.mend": "Reply yourself.",
    "finding.thin_reply.short": "Reply does not count: too thin",
    "finding.thin_reply.why": "The reply of {at} does not count: it says too little about the matter (Q1).",
    "finding.thin_reply.many": "These replies do not count: they say too little about the matter (Q1).",
    "finding.thin_reply.mend": "Reply once more, in your own words, to what was asked.",
    "finding.reply_all_missing.short": "Reply does not count: not to all",
    "finding.reply_all_missing.why": "The reply of {at} does not count: it left out {missing}. A Walmart"
    " agent is answered by Reply All (Q3), else another agent takes up the case as unanswered.",
    "finding.reply_all_missing.many": "These replies do not count: they left somebody out. A Walmart agent"
    " is answered by Reply All (Q3).",
    "finding.reply_all_missing.mend": "Send it again with Reply All, to: {all}.",
    "finding.internal_not_informed.short": "Own people not informed",
    "finding.internal_not_informed.why": "The reply of {at} did not reach {missing}, who must learn of it (Q4).",
    "finding.internal_not_informed.mend": "Forward it to them.",
    "finding.outside_relay.short": "Reply does not count: around the relay",
    "finding.outside_relay.why": "The reply of {at} does not count: it went around the relay, so Walmart"
    " does not see it (Q5).",
    "finding.outside_relay.many": "These replies do not count: they went around the relay, so Walmart does"
    " not see them (Q5).",
    "finding.outside_relay.mend": "Send it again from {registered} to {party}.",
    "finding.bounced_reply.short": "Reply bounced",
    "finding.bounced_reply.why": "The reply of {at} bounced: it was never received, and the clock runs on"
    " from its start (Q6). Refused for: {missing}.",
    "finding.bounced_reply.many": "These replies bounced: they were never received, and the clocks run on"
    " from their start (Q6).",
    "finding.bounced_reply.mend": "Read the bounce, then send the reply again to {party} as a Reply to the"
    " original message. If it bounces again, answer in Seller Center.",
    "finding.junked.short": "In the junk folder",
    "finding.junked.why": "The message of {at} lies in the junk folder. Its clock runs all the same (M1).",
    "finding.junked.many": "These messages lie in the junk folder. Their clocks run all the same (M1).",
    "finding.junked.mend": "Move it to the inbox, and let mail from {host} pass the spam filter.",
    "finding.unregistered_sender.short": "Reply does not count: wrong sender",
    "finding.unregistered_sender.why": "The reply of {at} does not count: it was sent from {sender}, which"
    " is not registered, so the relay did not pass it on (Q5).",
    "finding.unregistered_sender.many": "These replies do not count: they were not sent from a registered"
    " address, so the relay did not pass them on (Q5).",
    "finding.unregistered_sender.mend": "Send it again from {registered} to {party}.",
    "finding.unauthenticated.short": "Perhaps not from Walmart",
    "finding.unauthenticated.why": "The message of {at} says that it is Walmart's, but fails authentication"
    " ({reason}). It may be fraud; the clock runs all the same.",
    "finding.unauthenticated_copy.why": "The message of {at} from {sender}, which came to a mailbox for copies of"
    " your mail, is no reply and stopped no clock: it fails authentication ({reason}). Somebody may have forged it.",
    "finding.unauthenticated_copy.mend": "If it is yours, add its address to [seller] addresses, or have its server"
    " sign for your domain; then reply once more.",
    "finding.unauthenticated.mend": "Open no link or attachment of it, and give no data away. Ask Walmart"
    " by another way if in doubt.",
}

_SECTIONS = {
    "title.todo": "What to do now",
    "title.wrong": "What was tried, and why it does not count",
    "title.done": "So far",
    "title.others": "Also owed in this case",
    "title.case": "The case",
    "title.cases": "The cases",
    "title.commands": "If it is answered, settled, or nothing is owed",
    "title.check": "What to check",
    "title.why": "What is known",
    "done.nothing": "No reply has been seen.",
    "done.messages": "{n} messages belong to the case.",
    "done.message": "One message belongs to the case.",
    "done.inbound": "The last one from them came in on {at}, {span} ago.",
    "done.sent": "The last one from you went out on {at}, {span} ago.",
    "others.one_reply": "One reply to the customer meets all that they sent before it.",
    "others.line": "{owed}, for the message of {received}: by {due} ({urgency}).",
    "fact.id": "Case",
    "fact.account": "Seller",
    "fact.order": "Order",
    "fact.subject": "Subject",
    "fact.counterparty": "From",
    "fact.mailbox": "Mailbox",
    "fact.received": "Received",
    "fact.due": "Due",
    "fact.due.value": "{local} ({utc})",
    "fact.rule": "Rule",
    "fact.reason": "Reason",
    "fact.since": "Not read since",
    "fact.back": "Read again since",
    "fact.address": "Address",
    "rule.C1": "C1: a customer's request gets a reply within {window}",
    "rule.C2": "C2: a Walmart agent's inquiry gets a Reply All within {window}",
    "rule.C3": "C3: an escalated complaint gets a reply within {window}",
    "rule.C4": "C4: a consumer-protection complaint gets a reply within {window}",
    "rule.H1": "H1: store pick-ups and returns in a store go to the Customer Experience team within {window}",
    "rule.H2": "H2: orders that never arrived go to the Customer Experience team within {window}",
    "rule.resolution": "{rule}: the matter is settled within {window}",
    "command.show": "the whole case, in order of time",
    "command.confirm": "what was sent does count",
    "command.reject": "what was sent does not count",
    "command.answered": "it was answered by telephone or in Seller Center",
    "command.handed": "it was handed over by telephone or in Seller Center",
    "command.resolve": "the matter is settled",
    "command.waive": "no answer is owed",
    "command.cases": "every open case, the most urgent first",
    "cases.todo.steps": "Answer them in this order; the others were told one by one.",
    "cases.todo.forged": "Open no link or attachment of them. What is genuine among them, answer; waive the others.",
    "cases.todo.lapses": "Answer them in this order. Reply to customers from the registered address through"
    " the relay, to Walmart agents with Reply All.",
    "cases.party": "the address that the message came from",
    "cases.all": "everybody who is on the agent's mail",
    "cases.more": "{n} more are not shown: relaywatch cases names them all.",
    "cases.case": "Case",
    "cases.counterparty": "From",
    "cases.subject": "Subject",
    "cases.rule": "Rule",
    "cases.due": "Due",
    "cases.due.value": "{due} ({urgency})",
    "footer": "Written by relaywatch on {now}. Times are those of {zone}.",
}

_BLIND = {
    "blind.hand": "Until it is read again, look into it by hand, Junk and Sent too: nothing that comes in"
    " now is seen, and a consumer-protection complaint has one hour.",
    "blind.known": "Deadlines that are already known go on being watched.",
    "blind.check": "Type: relaywatch check",
    "blind.password": "If the login is refused: was the password changed, or IMAP switched off?",
    "blind.network": "If the server cannot be reached: is this machine on line, and is the provider up?",
    "blind.self": "It is tried again and again; a restart is not needed. One more mail says when it is read again.",
    "seeing.none": "Nothing needs to be done: what came in meanwhile is being read, and its deadlines count"
    " from when it was received.",
    "seeing.look": "Warnings that fell due meanwhile follow at once.",
}

_INFORM = {
    "subject.inform": "[relaywatch] For your information: {party} was answered ({case})",
    "headline.inform": "{party} was answered on {at}.",
    "inform.why": "You serve this customer too, and were not on the reply (Q4). Nothing needs to be done.",
    "title.inform": "What was written",
    "inform.nothing": "The reply has no words that could be read: see the Sent folder.",
    "inform.more": "(cut here: the rest is in the Sent folder)",
    "fact.to": "To",
    "fact.sender": "Sent from",
    "fact.sent": "Sent",
}

_TESTS = {
    "subject.probe": "[relaywatch] self-test",
    "headline.probe": "This mail tests whether {address} can be reached.",
    "probe.why": "relaywatch sends it to itself and looks for it in the mailbox {mailbox}. Nothing needs to be"
    " done; it may be deleted.",
    "subject.test.failed": "[relaywatch] Self-test FAILED: {address} {outcome}",
    "subject.test.passed": "[relaywatch] Self-test works again: {address}",
    "headline.test.failed": "A test mail to {address}, sent on {sent}, {outcome}.",
    "headline.test.passed": "The test mail to {address}, sent on {sent}, arrived in the inbox.",
    "test.outcome.junk": "turned up in the junk folder",
    "test.outcome.missing": "did not arrive",
    "test.outcome.bounced": "bounced",
    "test.outcome.refused": "was refused by the mail server",
    "test.failed": "What customers and Walmart send there may fare the same: the registered addresses must work at"
    " all times (M2), and nobody else would notice.",
    "test.passed": "Nothing needs to be done.",
    "test.junk": "Look through the junk folder by hand, and let mail from relay.walmart.ca and walmart.com pass the"
    " spam filter (M1).",
    "test.missing": "Send a mail there yourself. Is it forwarded, filtered into another folder, or is the mailbox"
    " full?",
    "test.bounced": "Read the bounce: is the mailbox full, was the address changed or closed?",
    "test.refused": "Is the address written as in Seller Center? The server's words stand below.",
    "test.registered": "Compare the address with the one in Seller Center.",
    "fact.tested": "Test sent",
}

_OUTAGE = {
    "subject.down": "[relaywatch] NOTHING IS WATCHED since {span}: the database cannot be used",
    "subject.up": "[relaywatch] Watching again: the database can be used",
    "subject.refused": "[relaywatch] NOTHING IS WATCHED: the service stays down, its configuration is refused",
    "subject.failing": "[relaywatch] The service fails again and again",
    "headline.down": "relaywatch cannot use its database since {since} ({span}), so that no warning leaves.",
    "headline.up": "The database can be used again, on {now}.",
    "headline.refused": "relaywatch was not started: its configuration is refused. It stays down until that is mended.",
    "headline.failing": "relaywatch fails again and again. It is started again each time, and watches little between.",
    "down.means": "Nothing that comes in is noted, and no deadline is warned of, neither old ones nor new ones. This"
    " mail is written straight from memory.",
    "down.hand": "Until it is mended, look into all mailboxes by hand, Junk and Sent too: a consumer-protection"
    " complaint has one hour, everything else a day.",
    "down.mend": "Do what the reason below says, on the machine that relaywatch runs on.",
    "down.check": "Type: relaywatch check",
    "down.restart": "After another database was put in its place: systemctl restart relaywatch. Else no restart is"
    " needed, it is tried again and again.",
    "down.again": "This mail comes again each hour until it is mended; one more says when it is.",
    "up.none": "Nothing needs to be done: what came in meanwhile is being read, and its deadlines count from when it"
    " was received.",
    "failed.config": "Correct what is listed above, until `relaywatch check` has nothing to say.",
    "failed.start": "Type: systemctl restart relaywatch",
    "failed.journal": "Type: journalctl -u relaywatch -n 50. The last lines before each start say why.",
    "failed.check": "Type: relaywatch check",
    "title.problems": "What is wrong with the configuration",
    "fact.down": "Since",
    "fact.database": "Database",
    "fact.unit": "Service",
    "fact.result": "Result",
    "fact.status": "Exit status",
}

WORDS: Mapping[str, str] = MappingProxyType(
    {**_TIME, **_SUBJECTS, **_HEADLINES, **_TO_DO, **_FINDINGS, **_SECTIONS, **_BLIND, **_INFORM, **_TESTS, **_OUTAGE}
)
