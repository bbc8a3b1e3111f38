"""A voice: one language and one time zone, as people read them. Everything foreign is made harmless here.

What mail says of itself (subjects, addresses, a server's words) may hold line breaks, control characters,
marks that turn the direction of text, or a megabyte. `clean` leaves one bounded line of plain text.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

from relaywatch.core.instant import require_utc
from relaywatch.core.notices import english

LANGUAGES: Mapping[str, Mapping[str, str]] = MappingProxyType({"en": english.WORDS})

MAX_QUOTED = 100  # characters of a subject or an address
_MAX_VALUE = 4000
_MAX_LISTED = 25  # addresses in one sentence
_LONG_LOCAL_PART = 16
_IN_DAYS = 2
_DROPPED = frozenset({"Cc", "Cf", "Cs"})  # control, format (direction, zero width), surrogates


def clean(value: object, limit: int = MAX_QUOTED) -> str:
    """Return one line of at most `limit` characters, without anything that is not text, cut with an ellipsis.

    Of a longer value only the first four times as many characters are looked at.
    """
    text = str(value)[: 4 * limit]
    kept = "".join(
        " " if char.isspace() else char for char in text if char.isspace() or unicodedata.category(char) not in _DROPPED
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def short_address(address: str) -> str:
    """Return an address that fits a headline: a relay's 34 characters before the `@` are cut."""
    local, at, host = clean(address).partition("@")
    return f"{local[:10]}...{at}{host}" if len(local) > _LONG_LOCAL_PART else f"{local}{at}{host}"


@dataclass(frozen=True, slots=True)
class Voice:
    """How people are spoken to. `language` is a key of LANGUAGES."""

    zone: tzinfo
    language: str = "en"

    def say(self, key: str, **values: object) -> str:
        """Return the sentence of that name with its values, each made harmless; KeyError: no such name."""
        return LANGUAGES[self.language][key].format(
            **{name: clean(value, _MAX_VALUE) for name, value in values.items()}
        )

    def when(self, moment: datetime) -> str:
        """Write a moment in local time with its zone: `Sun 22 Nov, 17:13 EST`."""
        local = require_utc(moment).astimezone(self.zone)
        zone = local.tzname() or ""
        if not zone.isalpha():  # many zones have no name but an offset
            offset = local.strftime("%z")
            zone = f"UTC{offset[:3]}:{offset[3:5]}"
        return self.say(
            "time.when",
            weekday=self.say("time.weekdays").split()[local.weekday()],
            day=local.day,
            month=self.say("time.months").split()[local.month - 1],
            clock=local.strftime("%H:%M"),
            zone=zone,
        )

    def span(self, length: timedelta) -> str:
        """Write a length of time to the nearest minute: `52 min`, `24 h`, from two days on `2 d 3 h`."""
        minutes = round(abs(length) / timedelta(minutes=1))
        hours, minute = divmod(minutes, 60)
        days, hour = divmod(hours, 24)
        if days >= _IN_DAYS:
            units = (("day", days), ("hour", hour))
        elif hours:
            units = (("hour", hours), ("minute", minute))
        else:
            units = (("minute", minute), ("second", 0))
        said = [self.say(f"time.{unit}", n=number) for unit, number in units if number]
        return " ".join(said) or self.say("time.moment")

    def several(self, values: Iterable[object]) -> str:
        """Write a list of addresses or names, each once and bounded, the rest as a number."""
        each = list(dict.fromkeys(clean(value) for value in values))
        said = ", ".join(each[:_MAX_LISTED])
        return self.say("list.more", list=said, n=len(each) - _MAX_LISTED) if len(each) > _MAX_LISTED else said
