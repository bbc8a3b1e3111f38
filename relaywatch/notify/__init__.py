"""How warnings reach people: written as mail (body), sent by SMTP (smtp), and what can go wrong (errors)."""

from relaywatch.notify.body import Envelope, listed, render, warning_headers
from relaywatch.notify.errors import PermanentError, SendError
from relaywatch.notify.refusals import SendStage
from relaywatch.notify.smtp import Sender, next_try

__all__ = [
    "Envelope",
    "PermanentError",
    "SendError",
    "SendStage",
    "Sender",
    "listed",
    "next_try",
    "render",
    "warning_headers",
]
