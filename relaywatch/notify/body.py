"""A notice as a mail: text and HTML, seven bits wide, with the headers that filters rely on.

No word stands here: those come with the notice (core/notices/). The HTML carries its styles inline, for
Outlook and telephones; each area names both its colours, so that dark modes leave it readable.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError, MessageDefect
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from relaywatch.core.instant import to_text
from relaywatch.core.notices.notice import Notice, Section, Table, Tone
from relaywatch.core.notices.of_cases import Entry

_POLICY = SMTP.clone(cte_type="7bit")
_EMPTY_FIRST_LINE = re.compile(rb"(?m)^([A-Za-z-]+):\r\n ")
"""The library folds before the first word where the rest fits one line; some readers then see a blank."""
_WIDTH = 76
_BAND = {Tone.LATE: "#a61b1b", Tone.SOON: "#8a4b00", Tone.GOOD: "#1b6e3c"}
_HEADLINE = "color:#ffffff;padding:14px 16px;font-size:18px;line-height:1.35;"
_PAPER = "background:#ffffff;color:#1a1a1a;"
_FONT = "font-family:Arial,Helvetica,sans-serif;"
_CELL = "padding:4px 10px 4px 0;vertical-align:top;text-align:left;font-size:14px;"
_CODE = "font-family:Consolas,Menlo,monospace;font-size:13px;background:#eef1f4;color:#1a1a1a;padding:1px 4px;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a mail needs beside its text. Addresses with or without a name; `message_id` stands in `<>`."""

    sender: str
    recipient: str
    message_id: str
    date: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


def warning_headers(step: str, about: Sequence[Entry] = (), *, mailbox: str = "") -> dict[str, str]:
    """Return the X-Relaywatch headers of a warning (interface: A warning, as mail).

    `step` is the ladder's text, `due`, `finding:CODE` or the name of another kind of warning; of many cases that still
    run `listed` steps. Of many cases each header lists all in the same order.
    """
    headers = {
        "X-Relaywatch-Case": listed(str(one.case_id) for one in about),
        "X-Relaywatch-Rule": listed(one.deadline.rule for one in about),
        "X-Relaywatch-Obligation": listed(one.deadline.obligation.value for one in about),
        "X-Relaywatch-Due": listed(to_text(one.deadline.due_at) for one in about),
        "X-Relaywatch-Step": step,
        "X-Relaywatch-Mailbox": mailbox,
    }
    return {name: value for name, value in headers.items() if value}


def listed(values: Iterable[str]) -> str:
    """Return a header's list: a blank follows each comma, without it none can be folded (RFC 5322 2.2.3)."""
    return ", ".join(values)


def render(notice: Notice, letter: Envelope) -> bytes:
    """Return the whole mail as bytes of ASCII with CRLF line ends, ready for SMTP DATA.

    Raises ValueError for an address or header that cannot be written (a line break, no local part).
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = _address(letter.sender)
    mail["To"] = _address(letter.recipient)
    mail["Subject"] = _unstructured(notice.subject)
    mail["Date"] = format_datetime(letter.date)
    mail["Message-ID"] = letter.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 5: nobody's out-of-office answers it
    mail["X-Auto-Response-Suppress"] = "All"  # the same, for Exchange
    for name, value in letter.headers.items():
        mail[name] = _unstructured(value)
    mail["Content-Language"] = notice.language
    mail.set_content(_text(notice))
    mail.add_alternative(_html(notice), subtype="html")
    head, end, body = mail.as_bytes().partition(b"\r\n\r\n")
    return _EMPTY_FIRST_LINE.sub(rb"\1: ", head) + end + body


def _unstructured(text: str) -> str:
    """Return text for a header, where the library would decode what looks like an encoded word (RFC 2047 2).

    Strangers choose what stands in one, line breaks too.
    """
    return text.replace("=?", "= ?")


def _address(text: str) -> Address:
    name, bare = parseaddr(text)
    if not bare or not text.isprintable():
        raise ValueError(f"not a mail address: {text!r}")
    try:
        return Address(display_name=name, addr_spec=bare)
    except (HeaderParseError, MessageDefect) as error:
        raise ValueError(f"not a mail address: {text!r}") from error


def _text(notice: Notice) -> str:
    blocks = [_wrapped(notice.headline), *(_wrapped(line) for line in notice.lead)]
    blocks += ["\n".join(_text_section(section)) for section in notice.sections]
    blocks.append(f"-- \n{_wrapped(notice.footer)}")
    return "\n\n".join(blocks) + "\n"


def _text_section(section: Section) -> Iterator[str]:
    yield section.title.upper()
    for line in section.lines:
        yield _wrapped(line)
    for number, item in enumerate(section.items, 1):
        mark = f"{number}. " if section.numbered else "- "
        yield _wrapped(item, mark)
    width = max((len(name) for name, _ in section.facts), default=0)
    for name, value in section.facts:
        yield f"{name + ':':<{width + 1}} {value}"
    for command, meaning in section.commands:
        yield f"  {command}\n      {meaning}"
    if section.table:
        for row in section.table.rows:
            yield " | ".join(row)


def _wrapped(text: str, mark: str = "") -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _html(notice: Notice) -> str:
    return "\n".join(_html_lines(notice)) + "\n"


def _html_lines(notice: Notice) -> Iterator[str]:
    band = _BAND[notice.tone]
    yield f'<!DOCTYPE html><html lang="{escape(notice.language)}"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{escape(notice.subject)}</title></head>"
    yield f'<body style="margin:0;padding:0;{_PAPER}{_FONT}">'
    yield '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:760px">'
    yield f'<tr><td style="background:{band};{_HEADLINE}{_FONT}">'
    yield f"<strong>{escape(notice.headline)}</strong></td></tr><tr>"
    yield f'<td style="{_PAPER}padding:6px 16px 16px;font-size:15px;line-height:1.45;{_FONT}">'
    for line in notice.lead:
        yield f"<p>{escape(line)}</p>"
    for section in notice.sections:
        yield f'<h2 style="font-size:15px;color:{band};background:#ffffff;margin:18px 0 4px">'
        yield f"{escape(section.title)}</h2>"
        yield from _html_section(section)
    yield f'<p style="font-size:12px;color:#595959;background:#ffffff">{escape(notice.footer)}</p>'
    yield "</td></tr></table></body></html>"


def _html_section(section: Section) -> Iterator[str]:
    for line in section.lines:
        yield f'<p style="margin:2px 0">{escape(line)}</p>'
    if section.items:
        tag = "ol" if section.numbered else "ul"
        yield f'<{tag} style="margin:4px 0;padding-left:24px">'
        yield from (f'<li style="margin:4px 0">{escape(item)}</li>' for item in section.items)
        yield f"</{tag}>"
    if section.facts:
        yield '<table cellpadding="0" cellspacing="0">'
        for name, value in section.facts:
            yield f'<tr><td style="{_CELL}white-space:nowrap;color:#595959">{escape(name)}</td>'
            yield f'<td style="{_CELL}word-break:break-word">{escape(value)}</td></tr>'
        yield "</table>"
    for command, meaning in section.commands:
        yield f'<p style="margin:6px 0"><code style="{_CODE}">{escape(command)}</code><br>'
        yield f'<span style="font-size:13px">{escape(meaning)}</span></p>'
    if section.table:
        yield from _html_table(section.table)


def _html_table(table: Table) -> Iterator[str]:
    yield '<table cellpadding="0" cellspacing="0">'
    heads = "".join(f'<th style="{_CELL}">{escape(head)}</th>' for head in table.header)
    yield f"<tr>{heads}</tr>"
    for row in table.rows:
        cells = "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row)
        yield f"<tr>{cells}</tr>"
    yield "</table>"
