"""A text in lines, as they were before a mail program wrapped them, and a line in sentences."""

import re
from collections.abc import Iterator

_WRAPPED = 50  # characters of a line that a mail program may have wrapped
_SENTENCE = re.compile(r"(?:[^.!?;…。！？；।॥؟۔\n]|(?<=\d)[.](?=\d)|[.](?=\w))+[.!?;…。！？；।॥؟۔]*")
_TITLE = re.compile(r"\b(mr|mrs|ms|dr|mme|mlle|st|no|jr)\. ", re.IGNORECASE)  # their stop ends no sentence


def sentences_of(line: str) -> list[str]:
    """Return a line's sentences."""
    return [found.strip() for found in _SENTENCE.findall(_TITLE.sub(r"\1 ", line))]


def lines_of(text: str) -> Iterator[str]:
    """Yield lines, those that a mail program wrapped whole again: a full one that ends in the midst of a sentence."""
    pending = ""
    for line in text.split("\n"):
        bare = line.strip()
        if pending and bare:
            pending = f"{pending} {bare}"
            continue
        if pending:
            yield pending
        full = len(bare) >= _WRAPPED and (bare[-1:].isalnum() or bare.endswith(","))
        pending = bare if full else ""
        if bare and not pending:
            yield line.rstrip()
    if pending:
        yield pending
