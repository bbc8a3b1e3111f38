"""How warnings reach people: written as mail (body), sent by SMTP (smtp), and what can go wrong (errors)."""

from relaywatch.notify.body import Letter, listed, render, warning_headers
from relaywatch.notify.errors import PermanentError, SendError
from relaywatch.notify.refusals import Stage
from relaywatch.notify.smtp import Sender, next_try

__all__ = [
    "Letter",
    "PermanentError",
    "SendError",
    "Sender",
    "Stage",
    "listed",
    "next_try",
    "render",
    "warning_headers",
]
