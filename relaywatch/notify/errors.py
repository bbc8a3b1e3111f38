"""Why a warning did not leave: for now, for good, or until the operator changes something.

Whatever is not the server's word that there is no such mailbox is temporary: a warning is never given up because
a server was away, badly set up, used up or in a bad mood. Each error is one line that says where, what, and what
to do; the server's own reply code is kept.
"""

import socket
import ssl
from collections.abc import Iterator
from errno import ECONNREFUSED

from aiosmtplib import SMTPException, SMTPServerDisconnected, SMTPTimeoutError

from relaywatch.notify.refusals import Refusal, Stage, Whom

_MAX_TEXT = 200
_UNKNOWN = "its certificate is of an unknown authority: if that is meant, name it in SSL_CERT_FILE"
_CERTIFICATE_FAULTS = {  # X509_V_ERR_…, from OpenSSL's x509_vfy.h
    9: "its certificate is not valid yet: is this machine's clock right?",
    10: "its certificate has expired",
    18: "its certificate is self-signed: if that is meant, name it in SSL_CERT_FILE",
    19: _UNKNOWN,
    20: _UNKNOWN,
    62: "its certificate is for another name: is the host right?",
    64: "its certificate is for another address: use the server's name for the host",
}
_FAULTS: tuple[tuple[type[BaseException], str, str], ...] = (  # kind, what its text holds, what it means
    (OSError, f"[Errno {ECONNREFUSED}]", "nothing listens there: is the port right, is the server running?"),
    (ssl.SSLError, "WRONG_VERSION_NUMBER", 'no TLS is spoken on this port: is security = "starttls" meant?'),
    (socket.gaierror, "", "its name cannot be resolved: is the host right, is DNS working?"),
    (SMTPTimeoutError, "ready message", 'no SMTP greeting comes: is this a TLS port (security = "tls")?'),
    (TimeoutError, "", "it does not answer in time"),
    (SMTPServerDisconnected, "", "it closed the connection"),
    (
        SMTPException,
        "STARTTLS extension",
        'it offers no STARTTLS: is security = "tls", or another port, meant?',
    ),
)


_OURS = Refusal(Whom.US)


class SendError(Exception):
    """A message that was not, or perhaps not, accepted.

    `code` is the server's reply code (RFC 5321 4.2), None where it gave none. `stage`: how far it had come.
    `refusal`: what the reply is about, by default us.
    """

    def __init__(
        self, text: str, *, code: int | None = None, stage: Stage = Stage.SESSION, refusal: Refusal = _OURS
    ) -> None:
        super().__init__(text)
        self.code = code
        self.stage = stage
        self.refusal = refusal

    @property
    def data_began(self) -> bool:
        """Whether the message was on its way, so that without a code it may have been accepted (RFC 1047)."""
        return self.stage is Stage.MESSAGE

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


class LoginRefusedError(SendError):
    """The login is wrong or missing: no further try with it until the configuration changes."""


def one_line(text: str) -> str:
    """Return what a server or library said as one bounded line without control characters."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * _MAX_TEXT])
    line = " ".join(printable.split())
    return line if len(line) <= _MAX_TEXT else f"{line[:_MAX_TEXT]}…"


def explain(error: Exception) -> str:
    """Say why a server could not be reached or talked to: what to look at, no class names."""
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            other = f"its certificate cannot be trusted ({one_line(cause.verify_message)})"
            return _CERTIFICATE_FAULTS.get(cause.verify_code, other)
        for kind, words, meaning in _FAULTS:
            if isinstance(cause, kind) and words in str(cause):
                return meaning
    strerror = next((cause.strerror for cause in chain if isinstance(cause, OSError) and cause.strerror), "")
    return one_line(strerror or str(error)) or "the connection was lost"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
