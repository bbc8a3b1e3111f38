"""Cases to warn about, with the fixed cast: Blue Kiln sells, Jordan buys, two of Walmart's agents write."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from relaywatch.core.cases.case import Case, Code, Deadline, Finding, Obligation, State, Status
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Topic
from relaywatch.core.notices.of_case import Occasion
from relaywatch.core.notices.voice import Voice
from relaywatch.core.policy import Kind

NOW = datetime(2026, 11, 22, 21, 13, 20, tzinfo=UTC)  # 16:13:20 in Toronto
JORDAN = "c-0f3a5b7c9d1e2f4a6b8c0d2e4f6a8b0c@relay.walmart.ca"
SMITH, PATEL = "jsmith@walmart.com", "kpatel@walmart.com"
CARE, COMPLAINTS = "care@shop.example", "complaints@shop.example"
PARTIES = Parties(registered=frozenset({CARE, COMPLAINTS}), seller_domains=frozenset({"shop.example"}))
VOICE = Voice(ZoneInfo("America/Toronto"))
_KINDS = {
    "C1": Kind.CUSTOMER,
    "C2": Kind.WALMART_AGENT,
    "C3": Kind.COMPLAINT,
    "C4": Kind.CONSUMER_PROTECTION,
    "H1": Kind.CUSTOMER,
    "H2": Kind.CUSTOMER,
}


def deadline(
    rule: str = "C1",
    left: timedelta = timedelta(hours=1),
    obligation: Obligation | None = None,
    key: str = "asked",
) -> Deadline:
    handover = rule.startswith("H")
    span = timedelta(hours=1 if rule == "C4" else 24)
    return Deadline(
        obligation=obligation or (Obligation.HANDOVER if handover else Obligation.REPLY),
        rule=rule,
        kind=_KINDS[rule],
        party="handover" if handover else "customer" if rule == "C1" else "walmart",
        status=Status.RUNNING if left > timedelta(0) else Status.OVERDUE,
        started_at=NOW + left - span,
        due_at=NOW + left,
        started_by="<asked@walmart.example>",
        started_key=key,
    )


def finding(code: Code, *, affects: str | None = "asked", mended_by: str | None = None, **detail: object) -> Finding:
    return Finding(
        code=code,
        rule=code.rule,
        message_id="<answer@shop.example>",
        message_key="answer",
        at=NOW - timedelta(minutes=30),
        detail=detail,
        affects=affects,
        mended_by=mended_by,
    )


def case(*deadlines: Deadline, findings: tuple[Finding, ...] = (), **changes) -> Case:
    values = {
        "account": "main",
        "kind": deadlines[0].kind,
        "mailbox": "care",
        "counterparty": JORDAN
        if deadlines[0].rule[0] in "C1H" and deadlines[0].rule not in {"C2", "C3", "C4"}
        else SMITH,
        "subject": "Walmart.ca Customer: my blue mug",
        "order_id": "600000012345678",
        "topics": (Topic.NOT_RECEIVED,),
        "state": State.OPEN,
        "opened_at": deadlines[0].started_at,
        "deadlines": deadlines,
        "findings": findings,
        "messages": 2,
    }
    return Case(**{**values, **changes})


def occasion(
    about: Deadline, *more: Deadline, findings: tuple[Finding, ...] = (), of: dict | None = None, **changes
) -> Occasion:
    """Return an occasion about the first deadline; `of` changes the case, the rest the occasion."""
    this = case(about, *more, findings=findings, **(of or {}))
    values = {
        "case_id": 12,
        "case": this,
        "deadline": about,
        "now": NOW,
        "voice": VOICE,
        "parties": PARTIES,
        "writer": this.counterparty,
        "registered": CARE,
        "others": more,
    }
    return Occasion(**{**values, **changes})


def said(notice) -> str:
    """Return all that a notice says, without its looks."""
    parts = [notice.subject, notice.headline, *notice.lead, notice.footer]
    for section in notice.sections:
        parts += [section.title, *section.lines, *section.items]
        parts += [" ".join(pair) for pair in (*section.facts, *section.commands)]
        if section.table:
            parts += [" ".join(row) for row in (section.table.header, *section.table.rows)]
    return "\n".join(parts)
