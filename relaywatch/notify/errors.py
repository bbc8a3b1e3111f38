"""Why a warning did not leave: for now, for good, or until the operator changes something.

Whatever is not the server's word that there is no such mailbox is temporary: a warning is never given up because
a server was away, badly set up, used up or in a bad mood. Each error is one line that says where, what, and what
to do; the server's own reply code is kept.
"""

from collections.abc import Iterator

from aiosmtplib import SMTPException, SMTPServerDisconnected, SMTPTimeoutError

from relaywatch.network import meaning, reason
from relaywatch.notify.refusals import Refusal, SendStage, Whom

_FAULTS: tuple[tuple[type[BaseException], str, str], ...] = (  # kind, what its text holds, what it means
    (SMTPTimeoutError, "ready message", 'no SMTP greeting comes: is this a TLS port (security = "tls")?'),
    (SMTPServerDisconnected, "", "it closed the connection"),
    (SMTPException, "STARTTLS extension", 'it offers no STARTTLS: is security = "tls", or another port, meant?'),
)


_OURS = Refusal(Whom.US)


class SendError(Exception):
    """A message that was not, or perhaps not, accepted.

    `code` is the server's reply code (RFC 5321 4.2), None where it gave none. `stage`: how far it had come.
    `refusal`: what the reply is about, by default us.
    """

    def __init__(
        self, text: str, *, code: int | None = None, stage: SendStage = SendStage.SESSION, refusal: Refusal = _OURS
    ) -> None:
        super().__init__(text)
        self.code = code
        self.stage = stage
        self.refusal = refusal

    @property
    def data_began(self) -> bool:
        """Whether the message was on its way, so that without a code it may have been accepted (RFC 1047)."""
        return self.stage is SendStage.MESSAGE

    @property
    def particular(self) -> bool:
        """Whether the server spoke of this recipient or message: others may still go."""
        return self.refusal.about is not Whom.US

    @property
    def limit(self) -> bool:
        """Whether more was sent than the server allows: it takes more by itself after a time."""
        return self.refusal.limit


class TemporaryError(SendError):
    """Not now: no connection, a timeout, and every refusal that will be mended. Try again, later and later."""


class PermanentError(SendError):
    """There is no such mailbox, or its address cannot be written: another try changes nothing."""


class SmtpLoginError(SendError):
    """The login is wrong or missing: no further try with it until the configuration changes."""


def explain(error: Exception) -> str:
    """Say why a server could not be reached or talked to: what to look at, no class names."""
    chain = list(_causes(error))
    for cause in chain:
        for kind, words, means in _FAULTS:
            if isinstance(cause, kind) and words in str(cause):
                return means
        if known := meaning(cause):
            return known
    return reason(next((cause for cause in chain if isinstance(cause, OSError) and cause.strerror), error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
