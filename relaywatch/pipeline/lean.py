"""Years of mail in memory: of what a mail quotes, judging needs only the numbers that name a matter.

What was quoted stays at hand, packed, for a mail that must be classified again.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Mail, Message
from relaywatch.core.threads.naming import Named, named

_WORTH_IT = 600  # characters
_NUMBER = re.compile(r"(?:\d[ -]?){7}|[0-9A-Fa-f]{32}")  # of an order, a case, a RefID


def lean(mail: Mail, names: Named, parties: Parties) -> tuple[Mail, bytes]:
    """Return a mail that quotes only lines with numbers, and what it quoted, packed; b"" if it stays as it was.

    It stays as it was unless it is known by the same names as before: the judgement must not change.
    """
    message = mail.message
    if len(message.rest) < _WORTH_IT:
        return mail, b""
    short = Mail(replace(message, rest="\n".join(_lines_with_numbers(message.rest))), mail.verdict)
    if named(short, parties) != names:
        return mail, b""
    return short, zlib.compress(message.rest.encode("utf-8", "surrogatepass"), 1)


def whole(message: Message, packed: bytes) -> Message:
    """Return a message with all that it quoted."""
    return replace(message, rest=zlib.decompress(packed).decode("utf-8", "surrogatepass")) if packed else message


def _lines_with_numbers(text: str) -> Iterator[str]:
    """Yield each line with a number and the one before it, which may be its label, once and in order."""
    done = 0
    for number in _NUMBER.finditer(text):
        if number.start() < done:
            continue
        line = text.rfind("\n", 0, number.start())
        before = text.rfind("\n", 0, line) if line > 0 else -1
        end = text.find("\n", number.end())
        end = len(text) if end < 0 else end
        yield text[max(before + 1, done) : end]
        done = end + 1
