"""The judgement without its lists: no automatic phrases, no filler, no footers, no attributions.

A switch of the tests alone: it shows how far what is known carries the judgement.
"""

import re
from contextlib import contextmanager
from types import MappingProxyType

from relaywatch.core.cases import attempts
from relaywatch.core.language import manner
from relaywatch.core.language.rules import Rules
from relaywatch.core.replies import gist, weighing
from relaywatch.core.words import footers, frame, quotes, walk

NEVER = re.compile(r"(?!)")
EMPTIED = ("automatic_", "filler", "footer", "attribution")
PATTERNS = (
    (footers, ("_FOOTER", "_DISCLAIMER", "_BANNER")),
    (frame, ("_SENT_BY", "_TICKET_LABEL", "_COMPANY_NUMBER")),
    (manner, ("DEFERS", "ROBOT")),
    (quotes, ("_WROTE", "_WROTE_JOINED", "_DATE_AND_ADDRESS", "_QUOTING", "_DIVIDER", "_FORWARD", "_NAME_WROTE")),
    (quotes, ("_ON_ONE_LINE", "_HEADER", "_ABOVE", "_JOINED_ATTRIBUTION")),
)


def emptied(rules: Rules) -> Rules:
    """Return the rules with those tables empty."""
    tables = {name: () if name.startswith(EMPTIED) else table for name, table in rules.tables.items()}
    return Rules(MappingProxyType(tables), rules.signs)


@contextmanager
def no_lists():
    """No mail program's phrases are known while the context lasts."""
    before = [(module, name, getattr(module, name)) for module, names in PATTERNS for name in names]
    forget()
    for module, name, _ in before:
        setattr(module, name, NEVER)
    try:
        yield
    finally:
        for module, name, pattern in before:
            setattr(module, name, pattern)
        forget()


def forget():
    for cached in (weighing._thin, weighing._deed, gist.read_text, quotes.is_above_line, walk._is_plain):
        cached.cache_clear()
    attempts._WEIGHED.clear()
