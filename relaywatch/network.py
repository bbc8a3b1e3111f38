"""What TLS, DNS and the network say, in an operator's words: one line each, with what to look at.

Mailboxes and mail servers that warnings leave by fail in the same ways, and are told of in the same words.
"""

import socket
import ssl
from errno import ECONNREFUSED

_MAX_TEXT = 200
_UNKNOWN_AUTHORITY = "its certificate comes from an unknown authority: if that is meant, name it in SSL_CERT_FILE"
_CERTIFICATE_FAULTS = {  # X509_V_ERR_…, from OpenSSL's x509_vfy.h
    9: "its certificate is not valid yet: is this machine's clock right?",
    10: "its certificate has expired",
    18: "its certificate is self-signed: if that is meant, name it in SSL_CERT_FILE",
    19: _UNKNOWN_AUTHORITY,
    20: _UNKNOWN_AUTHORITY,
    62: "its certificate is for another name: is the host right?",
    64: "its certificate is for another address: use the server's name for the host",
}
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}
_REFUSED = f"[Errno {ECONNREFUSED}]"  # in the text, where several addresses were tried


def one_line(said: bytes | str, *secrets: str) -> str:
    """Return what a server or library said as one bounded line without control characters and without the secrets."""
    if isinstance(said, bytes):
        said = decoded(said[: 8 * _MAX_TEXT])
    for secret in secrets:
        if secret:
            said = said.replace(secret, "***")
    line = " ".join("".join(char if char.isprintable() else " " for char in said[: 8 * _MAX_TEXT]).split())
    return line if len(line) <= _MAX_TEXT else f"{line[:_MAX_TEXT]}…"


def decoded(said: bytes) -> str:
    """Return a server's bytes as text. Chinese providers answer in UTF-8 or GBK, though RFC 3501 knows ASCII only."""
    for charset in ("utf-8", "gb18030"):
        try:
            return said.decode(charset)
        except UnicodeDecodeError:
            continue
    return said.decode("latin-1")


def meaning(error: BaseException) -> str:  # noqa: PLR0911  # one line for each cause is the point
    """Return what a fault of TLS, DNS or the network means, "" for another."""
    match error:
        case ssl.SSLCertVerificationError():
            fault = f"its certificate cannot be trusted ({one_line(error.verify_message)})"
            return _CERTIFICATE_FAULTS.get(error.verify_code, fault)
        case ssl.SSLError():
            if error.reason in _NO_TLS:
                return 'it does not speak TLS on this port: is security = "starttls" meant?'
            return f"TLS failed: {one_line(error.reason or str(error))}"
        case socket.gaierror():
            return f"its name cannot be resolved ({error.strerror}): is the host right, is DNS working?"
        case TimeoutError():
            return "it does not answer in time"
        case ConnectionResetError() | BrokenPipeError() | EOFError():
            return "it closed the connection"
        case OSError() if _REFUSED in str(error) or error.errno == ECONNREFUSED:
            return "nothing listens there: is the port right, is the server running?"
    return ""


def reason(error: BaseException, said: str = "") -> str:
    """Return why a server could not be reached or talked to, never empty; `said`: what to say of an unknown fault."""
    strerror = error.strerror if isinstance(error, OSError) else None
    return meaning(error) or one_line(strerror or said or str(error)) or "the connection was lost"
