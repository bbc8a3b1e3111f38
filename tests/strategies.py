"""Hypothesis strategies for the core's values: whatever a mail could make of them, within their types."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from relaywatch.core.cases.case import Case, Code, Deadline, Finding, Obligation, State, Statement, Status, Verb
from relaywatch.core.mail.message import (
    Class,
    Copy,
    Delivery,
    DeliveryReport,
    Folder,
    Mail,
    Message,
    Role,
    Topic,
    UnreadAttachment,
    Verdict,
)
from relaywatch.core.policy import Kind

texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # zone given
some_texts = st.lists(texts, max_size=3).map(tuple)
maybe_texts = st.none() | texts
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
topics = st.lists(st.sampled_from(Topic), max_size=3, unique=True).map(tuple)

copies = st.builds(
    Copy,
    mailbox=texts,
    role=st.sampled_from(Role),
    folder=st.sampled_from(Folder),
    internaldate=st.none() | times,
    received=st.none() | times,
)
deliveries = st.builds(Delivery, recipient=texts, action=texts, status=texts)
reports = st.builds(
    DeliveryReport,
    deliveries=st.lists(deliveries, max_size=3).map(tuple),
    original_id=maybe_texts,
    original_to=some_texts,
)
messages = st.builds(
    Message,
    account=st.just("main"),
    copies=copies.map(lambda copy: (copy,)),
    message_id=maybe_texts,
    digest=digests,
    date=st.none() | times,
    subject=texts,
    author=texts,
    author_name=texts,
    from_=some_texts,
    sender=some_texts,
    reply_to=some_texts,
    to=some_texts,
    cc=some_texts,
    bcc=some_texts,
    delivered_to=some_texts,
    return_path=maybe_texts,
    in_reply_to=some_texts,
    references=some_texts,
    headers=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    structure=some_texts,
    attachments=some_texts,
    attached=texts,
    unread=st.lists(st.builds(UnreadAttachment, name=texts, kind=texts, why=texts), max_size=2).map(tuple),
    own_words=texts,
    rest=texts,
    report=st.none() | reports,
    size=st.integers(0, 2**40),
    damage=texts,
)
verdicts = st.builds(
    Verdict,
    class_=st.sampled_from(Class),
    rule=texts,
    evidence=some_texts,
    topics=topics,
    unauthenticated=texts,
)
mails = st.builds(Mail, messages, verdicts)

deadlines = st.builds(
    Deadline,
    obligation=st.sampled_from(Obligation),
    rule=texts,
    kind=st.sampled_from(Kind),
    party=texts,
    status=st.sampled_from(Status),
    started_at=times,
    due_at=times,
    started_by=maybe_texts,
    started_key=texts,
    clock=texts,
    met_at=st.none() | times,
    met_by=maybe_texts,
)
details = st.dictionaries(texts, texts | st.integers(-9, 9) | st.lists(texts, max_size=2), max_size=2)
findings = st.builds(
    Finding,
    code=st.sampled_from(Code),
    rule=texts,
    message_id=maybe_texts,
    message_key=texts,
    at=times,
    detail=details,
    mended_by=maybe_texts,
    affects=maybe_texts,
)
statements = st.builds(
    Statement,
    verb=st.sampled_from(Verb),
    at=times,
    note=texts,
    said_at=times,
    obligation=st.none() | st.sampled_from(Obligation),
)
cases = st.builds(
    Case,
    account=st.just("main"),
    kind=st.sampled_from(Kind),
    mailbox=texts,
    counterparty=texts,
    subject=texts,
    order_id=maybe_texts,
    topics=topics,
    state=st.sampled_from(State),
    opened_at=times,
    deadlines=st.lists(deadlines, max_size=3).map(tuple),
    findings=st.lists(findings, max_size=3).map(tuple),
    messages=st.integers(0, 9),
)
