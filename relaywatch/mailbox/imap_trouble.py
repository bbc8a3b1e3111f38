"""What imaplib, imapclient, TLS and the operating system raise, made into our errors.

imaplib has one class for a clean NO, for BAD, and for its own confusion, and tells them apart in the text only.
So does this file, and tests that let each happen watch it.
"""

import imaplib
import re

from imapclient.exceptions import LoginError

from relaywatch.mailbox import errors
from relaywatch.mailbox.errors import DroppedError, GarbledError, MailboxError, UnreachableError
from relaywatch.mailbox.imap_idle import ByeError
from relaywatch.mailbox.wire import TooMuchError
from relaywatch.network import one_line

FAILURES = (  # all that a command may end in, but for a bug of ours
    imaplib.IMAP4.error,
    OSError,
    EOFError,
    TooMuchError,
    ByeError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
_NO = re.compile(r"[a-z]+ failed: (?P<said>.*)", re.IGNORECASE | re.DOTALL)  # imapclient's text for NO
_BAD = re.compile(r".* command error: BAD \[(?:b['\"])?(?P<said>.*?)['\"]?\]", re.DOTALL)  # imaplib's for BAD
_ABORTED = re.compile(r"command: [A-Z ]+ => (?P<said>.*)", re.DOTALL)


class NoError(Exception):
    """A tagged NO, as the server wrote it."""

    def __init__(self, said: bytes) -> None:
        super().__init__()
        self.said = said


def refusal_of(error: BaseException) -> bytes | str | None:
    """Return the server's words where an error is a clean NO or BAD, None for any other."""
    if isinstance(error, NoError):
        return error.said
    if isinstance(error, LoginError):  # made of whatever went wrong, also of a lost connection
        return _login_refusal(error.__context__)
    if type(error) is not imaplib.IMAP4.error:
        return None
    match = _NO.fullmatch(str(error)) or _BAD.fullmatch(str(error))
    return match["said"] if match else None


def _login_refusal(error: BaseException | None) -> bytes | str | None:
    if error is None or isinstance(error, imaplib.IMAP4.abort) or " illegal in state " in str(error):
        return None
    match = _BAD.fullmatch(str(error))
    said = match["said"] if match else error.args[0] if error.args else ""
    return said if isinstance(said, bytes | str) else ""


def failure(  # noqa: PLR0911  # one line for each cause is the point
    error: BaseException, where: str, doing: str, bye: str, secret: str
) -> MailboxError:
    """Make the error for a command after which the connection is of no use. `bye`: what BYE said, if it came."""
    if isinstance(error, LoginError) and error.__context__ is not None:
        error = error.__context__
    if bye or isinstance(error, ByeError):
        said = bye or one_line(str(error), secret)
        return DroppedError(f"{where}: it closed the connection: {said}", retry_after=errors.retry_after(said))
    match error:
        case TimeoutError():
            return UnreachableError(f"{where}: no answer to {doing} in time")
        case EOFError() | ConnectionResetError() | BrokenPipeError():
            return DroppedError(f"{where}: it closed the connection during {doing}")
        case OSError():
            return errors.unreachable(where, error)
        case TooMuchError():
            return GarbledError(f"{where}: {error}")
        case imaplib.IMAP4.error():
            return _imaplib_failure(error, where, doing, secret)
    return GarbledError(f"{where}: its answer to {doing} makes no sense ({type(error).__name__})")


def _imaplib_failure(error: imaplib.IMAP4.error, where: str, doing: str, secret: str) -> MailboxError:
    if isinstance(error.__context__, OSError):
        return failure(error.__context__, where, doing, "", secret)
    said = error.args[0] if error.args else ""
    text = one_line(said, secret) if isinstance(said, bytes | str) else ""
    inner = _ABORTED.fullmatch(text)
    text = inner["said"] if inner else text
    if "socket error: EOF" in text or "unterminated line" in text:
        return DroppedError(f"{where}: it closed the connection during {doing}")
    if text.startswith("* BYE"):  # instead of a greeting
        said_so = text.removeprefix("* BYE").strip()
        return DroppedError(f"{where}: it turns connections away: {said_so}", retry_after=errors.retry_after(said_so))
    if doing == "the connection":
        return GarbledError(f"{where}: it does not speak IMAP on this port")
    return GarbledError(f"{where}: its answer to {doing} makes no sense")
