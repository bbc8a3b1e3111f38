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


def empty_everywhere():
    """For a process of its own: everything that loads rules from now on gets them emptied."""
    from relaywatch import config  # noqa: PLC0415 - only for whoever measures
    from relaywatch.config import read, rules  # noqa: PLC0415 - as above

    load = rules.load_rules
    for module in (config, read, rules):
        if hasattr(module, "load_rules"):
            module.load_rules = lambda extra=None: emptied(load(extra))
    for module, names in PATTERNS:
        for name in names:
            setattr(module, name, NEVER)
    forget()
