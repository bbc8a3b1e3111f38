"""Messages for tests of the judgement: what a test says of them, and ordinary fields else."""

from functools import cache
from typing import Any

from relaywatch.config.rules import load_rules
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.message import Message


@cache
def shipped_rules() -> Rules:
    """Return the words and rules that ship with the program, read once."""
    return load_rules()


def a_mail(text: str = "", subject: str = "", **fields: Any) -> Message:
    """Return a message of Jordan's to Blue Kiln whose own words are `text`."""
    defaults: dict[str, Any] = {
        "account": "main",
        "copies": (),
        "message_id": "<1@mail.example>",
        "digest": "0" * 64,
        "author": "jordan@mail.example",
        "author_name": "Jordan",
        "to": ("care@shop.example",),
        "return_path": "jordan@mail.example",
    }
    return Message(own_words=text, subject=subject, **(defaults | fields))
