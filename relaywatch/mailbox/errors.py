"""What can go wrong between us and a mailbox: one line each, which says where, what, and what to do.

A server's own words are passed on bounded, printable and without the password. Whether the connection is
still of use is not asked of an error: whoever raises one has closed it, but for a `ServerSaidError`, which is a
clean answer of NO or BAD to one command.
"""

import re

from relaywatch.network import one_line, reason

_BACKOFF = re.compile(r"Suggested Backoff Time: (\d{1,9}) milliseconds", re.IGNORECASE)
_PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|SERVERBUG)\]|not connected|temporar|try again", re.IGNORECASE)
_HELD_BACK = re.compile(
    r"\[(?:LIMIT|THROTTLED)\]|backoff time|too many|throttl|rate.?limit|bandwidth limit|频率|过于频繁", re.IGNORECASE
)
_WAIT = re.compile(
    r"(?:again|retry|wait)\D{0,40}?(\d{1,5}) ?(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|(?:ou)?rs?)?\b"
    r"|(\d{1,5}) ?(秒|分钟|小时)",
    re.IGNORECASE,
)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "秒": 1.0, "分钟": 60.0, "小时": 3600.0}
_BANDWIDTH_SECONDS = 3600.0  # Google (support.google.com/a/answer/1359240): an hour as a rule, a day at most
_RATE_SECONDS = 120.0
_CODE_HOSTS = ("qq.com", "163.com", "126.com", "yeah.net", "188.com", "foxmail.com")


class MailboxError(Exception):
    """A mailbox that could not be read. `retry_after`: for how many seconds the server asks to be left alone."""

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after

    @property
    def text(self) -> str:
        """The one line for the operator."""
        return str(self.args[0])


class UnreachableError(MailboxError):
    """No connection, no TLS, or no answer in time."""


class DroppedError(UnreachableError):
    """The server had taken the connection and closed it."""


class GarbledError(MailboxError):
    """The server said what no client can make sense of, or far more than it was asked for."""


class LoginRefusedError(MailboxError):
    """Name or password are not accepted, or there is no way to give them: a person must act."""


class ServerSaidError(MailboxError):
    """A clean NO or BAD, with the server's words; the connection is in step.

    `passing` says that it is, or may be, about the server's own state and not about what was asked for; `held_back`
    that the server limits this account, so that to ask more makes it worse.
    """

    def __init__(self, text: str, said: str = "") -> None:
        super().__init__(text, retry_after=retry_after(said))
        self.said = said
        self.held_back = is_held_back(said)
        self.passing = is_passing(said)


class NotKeptError(MailboxError):
    """What was read was not stored; it will be read again."""


def retry_after(said: str) -> float | None:
    """Return the seconds for which a server asks to be left alone: some say so in words, some on their web pages."""
    match = _BACKOFF.search(said)
    if match:
        return int(match[1]) / 1000
    match = _WAIT.search(said) if is_passing(said) else None
    if match:
        return int(match[1] or match[3]) * _UNITS[(match[2] or match[4]).lower()]
    if "bandwidth limit" in said.lower():
        return _BANDWIDTH_SECONDS
    if "authenticated but not connected" in said.lower():
        return 60.0
    return _RATE_SECONDS if re.search("rate.?limit", said, re.IGNORECASE) else None


def is_held_back(said: str) -> bool:
    """Whether a server says that it limits what this account may do, whatever was asked for."""
    return bool(_HELD_BACK.search(said))


def is_passing(said: str) -> bool:
    """Whether a NO speaks of the server's own state (RFC 5530), not of the login, folder or message."""
    return bool(_PASSING.search(said)) or is_held_back(said)


def refusal(where: str, doing: str, said: str) -> ServerSaidError:
    """Make the error for a NO or BAD, with what to do where that is known."""
    text = f"{where}: the server refused {doing}: {said or 'it gave no reason'}"
    if "unsafe login" in said.lower():
        text += ": allow IMAP clients in the webmail's settings and use its authorization code as password"
    else:
        text += _held_back_advice(said)
    return ServerSaidError(text, said)


def _held_back_advice(said: str) -> str:
    if "bandwidth limit" in said.lower():
        return (
            ": this provider has locked the account for an hour, or up to a day, because all its programs together"
            " downloaded too much; an administrator may end that sooner"
        )
    if "too many" in said.lower():
        return ": the account has too many connections or logins at a time: which other programs use it?"
    if is_held_back(said) or "not connected" in said.lower():
        return ": it is overloaded or slows this account down"
    return ""


def login_refusal(where: str, host: str, username: str, said: str) -> MailboxError:
    """Make the error for a login that got NO or BAD."""
    text = f"{where}: the login of {one_line(username)} failed: {said or 'the server gave no reason'}"
    if is_passing(said):
        refused = f"{where}: {one_line(username)} is not let in for now: {said}{_held_back_advice(said)}"
        return ServerSaidError(refused, said)
    return LoginRefusedError(f"{text}: {_login_advice(host, said)}", retry_after=retry_after(said))


def _login_advice(host: str, said: str) -> str:
    host, said = host.lower(), said.lower()
    if "web login required" in said or "[webalert" in said:
        return "the password may be right: this provider wants somebody to sign in to the account in a browser first"
    if any(host == known or host.endswith(f".{known}") for known in _CODE_HOSTS):
        return "this provider wants the authorization code (授权码) of the webmail's settings as password"
    if "application-specific" in said or host.endswith((".gmail.com", ".googlemail.com")):
        return "Google wants an app password (myaccount.google.com/apppasswords), and IMAP switched on"
    if host.endswith((".office365.com", ".outlook.com")):
        return "Microsoft takes no passwords over IMAP, only OAuth 2"
    if "disabled" in said or "not enabled" in said or "not yet enabled" in said:
        return "switch IMAP on in the mailbox's own settings"
    return "check username and password"


def unreachable(where: str, error: BaseException) -> UnreachableError:
    """Make the error for what the operating system or TLS says, with what to look at."""
    return UnreachableError(f"{where}: {reason(error)}")
