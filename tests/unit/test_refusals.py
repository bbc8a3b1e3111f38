"""What a mail server's refusal is about, by replies as servers give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywatch.notify.refusals import Refusal, SendStage, Whom, understand

SENDER, RECIPIENT = "relaywatch@shop.example", "oncall@shop.example"
US, NAME, LIMIT = Refusal(Whom.US), Refusal(Whom.US, hello=True), Refusal(Whom.US, limit=True)
SURELY = Refusal(Whom.US, limit=True, sure=True)
GONE, NOT_NOW, MESSAGE = Refusal(Whom.RECIPIENT, final=True), Refusal(Whom.RECIPIENT), Refusal(Whom.MESSAGE)


def understood(stage, reply):
    return understand(int(reply[:3]), reply[4:], stage, sender=SENDER, recipient=RECIPIENT)


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        ("550 5.1.1 <oncall@shop.example>: Recipient address rejected: User unknown in local recipient table", GONE),
        ("550 5.1.1 The email account that you tried to reach does not exist.", GONE),
        ("550 sorry, no mailbox here by that name. (#5.1.1)", GONE),
        ("553 5.1.3 The recipient address is not a valid RFC 5321 address", GONE),
        ("556 5.1.10 Domain does not accept email (nullMX)", GONE),
        ("550 5.1.2 <oncall@shop.example>: Recipient address rejected: Domain not found", GONE),
        ("550 5.1.1 no such user; check for typos, mind your rate", GONE),
        ("450 4.1.2 <oncall@shop.example>: Recipient address rejected: Domain not found", NOT_NOW),
        ("550 User unknown", NOT_NOW),  # it may be meant of anything: asked again, seldom
        ("550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery", NOT_NOW),
        ("450 4.2.1 The user you are trying to contact is receiving mail too quickly", NOT_NOW),
        ("552 5.2.2 mailbox full, quota exceeded", NOT_NOW),
        ("452 4.2.2 The recipient's inbox is out of storage space", NOT_NOW),
        ("450 4.7.1 <oncall@shop.example>: Recipient address rejected: Greylisted for 300 seconds", NOT_NOW),
        ("451 4.7.1 Greylisting in action, please come back later", NOT_NOW),
        ("554 5.7.1 <oncall@shop.example>: Relay access denied", NOT_NOW),
        ("553 5.7.1 <relaywatch@shop.example>: Sender address rejected: not owned by user care@shop.example", US),
        ("550 5.1.0 <relaywatch@shop.example>: Sender address rejected: User unknown", US),
        ("550 5.1.1 <relaywatch@shop.example>: Sender address rejected: User unknown", US),
        ("550 5.1.7 The sender's address was invalid", US),
        ("450 4.1.8 Domain of originator not found", US),
        ("550 Sender verify failed", US),
        ("421 4.3.2 closing", US),
        ("504 5.5.2 <kiln>: Helo command rejected: need fully-qualified hostname", NAME),
        ("450 4.7.1 <kiln>: Helo command rejected: Host not found", NAME),
        ("504 command parameter not implemented", NAME),
        ("550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits", SURELY),
        ("550-5.4.5 Daily SMTP relay limit exceeded for user", SURELY),
        ("452 4.5.3 Too many recipients", SURELY),
        ("421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from you", SURELY),
        ("550 5.1.90 Your message can't be sent because you've reached your daily limit for recipients", SURELY),
        ("451 4.7.500 Server busy: too many requests", LIMIT),
        ("432 4.3.2 Concurrent connections limit exceeded", LIMIT),
        ("450 4.7.1 Error: too much mail from 192.0.2.7", LIMIT),
        ("421 4.7.0 [TSS04] Too many messages, throttled", LIMIT),
        ("454 Throttling failure: Maximum sending rate exceeded.", LIMIT),
        ("550 Mail sending frequency exceeds the limit", LIMIT),
        ("550 User care@shop.example has exceeded its 24-hour sending limit", LIMIT),
        ("550 发信频率超过限制", LIMIT),
    ],
)
def test_at_rcpt(reply, means):
    assert understood(SendStage.RECIPIENT, reply) == means


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        ("554 5.7.1 message content rejected", MESSAGE),
        ("550 5.1.1 no such user", MESSAGE),
        ("552 5.3.4 message size exceeds fixed limit", MESSAGE),
        ("452 4.3.1 Insufficient system storage", MESSAGE),
        ("550 5.7.520 Message blocked because it contains content identified as spam. AS(4810)", MESSAGE),
        ("554 5.7.1 Message rejected: spam score 12.1 exceeds threshold", MESSAGE),
        ("550 This message scored 21.5 spam points, the limit is 8.0", MESSAGE),
        ("554 5.6.0 Message contains too many suspicious links", MESSAGE),
        ("550 5.7.1 Blocked: the body contains helo words", MESSAGE),
        ("554 5.7.1 URL pills.example is blacklisted; the sender should contact postmaster", MESSAGE),
        ("451 4.7.1 Message looks suspicious, score exceeds greylist limit", MESSAGE),
        ("550 邮件内容超过限制", MESSAGE),
        ("550 5.4.5 Daily user sending limit exceeded, to keep spam away", SURELY),
        ("421 4.7.28 unusual rate of unsolicited mail", SURELY),
        ("421 4.7.28 unusual rate of unsolicited mail containing one of your URL domains", LIMIT),
        ("421 4.3.2 shutting down", US),
        ("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", LIMIT),
        ("550 5.4.6 Unusual sending activity detected", LIMIT),
    ],
)
def test_of_the_message(reply, means):
    assert understood(SendStage.MESSAGE, reply) == means


@given(st.integers(400, 599), st.text(max_size=60), st.sampled_from(SendStage))
def test_only_a_mailbox_that_is_not_there_is_final(code, text, stage):
    found = understand(code, text, stage, sender=SENDER, recipient=RECIPIENT)
    assert not found.final or (stage is SendStage.RECIPIENT and code >= 500 and "5.1." in text)
    if stage in (SendStage.SESSION, SendStage.SENDER):
        assert found.about is Whom.US


@given(st.text(max_size=60), st.sampled_from([SENDER, "relaywatch@SHOP.example"]))
def test_what_names_the_sender_ends_nothing(text, sender):
    found = understand(550, f"5.1.1 <{sender}> {text}", SendStage.RECIPIENT, sender=SENDER, recipient=RECIPIENT)
    assert found.about is Whom.US
