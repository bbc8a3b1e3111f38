"""What a reply tells that can be checked: numbers of parcels, money, measures, days.

What holds at all times (free shipping from an amount on, hours of opening) is of no matter, and a number that the
customer wrote is no news. Digits are looked at from the first of a row only, or a bounded number of them: a mail of
nothing but digits must not take quadratic time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from relaywatch.core.language.needles import search
from relaywatch.core.words.matter import Matter

REFERENCE = re.compile(
    r"(?<![a-z0-9_#(-])(?=[a-z]{0,4}\d)(?=\w{0,200}\d{5})[a-z0-9]{9,40}(?![a-z0-9_-])"
)  # folded: a number to follow
_SPACED = re.compile(r"(?<!\d)\d{4}(?: \d{4}){2,5}(?!\d)")  # as parcels' numbers are printed
_MONEY = re.compile(
    r"(?:[$€£¥]|\b(?:cad|usd|c\$)) ?\d+(?:[.,]\d\d)?"
    r"|(?<!\d)\d+(?:[.,]\d\d)? ?(?:[$€£¥]|cad\b|dollars?\b|加?元|加币|美元|刀)"
)
_MEASURE = re.compile(
    r"(?<!\d\d-)(?<![a-z0-9_.])\d+(?:[.,]\d+)? ?(?:ml|l|cl|cm|mm|m|inch(?:es)?|ft|kg|g|lb|lbs|oz|w|v|watts?|volts?"
    r"|in(?! (?!wide|long|tall|deep|high|by|x\b)[a-z])|amps?|mah|gb|mb|degrees|°c|°f|po|pouces?|pieds?|litres?|liters?"
    r"|pieces?|pack)(?![a-z0-9])"
    r"|(?<!\d)\d+ ?(?:厘米|毫升|公斤|克|件|个|米|寸|瓦|伏)(?!工作日|自然日|月|小时)"
)
_LATIN_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|january|february|march|april|june|july|august|september|october|november|december"
    r"|janvier|fevrier|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|tomorrow|demain)"
)
_CHINESE_DAY = r"(?:\d{1,2}月\d{1,2}|周[一二三四五六日]|星期[一二三四五六日]|明天|后天)"
_DAY = re.compile(rf"\b{_LATIN_DAY}\b|{_CHINESE_DAY}|\btonight\b|\bce soir\b")
_UNTIL = re.compile(  # folded: until when something lasts, or the author is away; that is no news of the matter
    r"\b(?:until|till|through|jusqu'(?:au?|en)"
    r"|(?:(?:i|we|je|nous)\b[^.!?;]{0,25}?\b|(?:^|[.!?,;] ?)\b)"
    r"(?:back|return(?:ing)?|retour|reviens|reviendrai|rentre))\b"
    rf"[^.!?;]{{0,20}}?\b{_LATIN_DAY}\b(?:,? \d{{1,2}})?(?:,? {_LATIN_DAY}\b)?"
    rf"|\b(?:du|from) (?:the )?{_LATIN_DAY}(?: (?:\d{{1,2}}|midi|matin|soir|noon|morning|evening|night)){{0,2}}"
    rf" (?:au|until|till|through|thru) (?:the )?{_LATIN_DAY}"
    rf"|{_CHINESE_DAY}日?(?:至|到|-|~)(?:\d{{1,2}}[日号]|{_CHINESE_DAY})|(?:至|直到)[^。！？，]{{0,6}}?{_CHINESE_DAY}|{_CHINESE_DAY}[^。！？，]{{0,6}}?(?:回来|返回|上班|返岗|复工)"
)
_DAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?"
)
_AMOUNT = r"(?:[$€£¥]|cad|c\$) ?\d[\d.,]{0,20}|\d[\d.,]{0,20} ?(?:[$€£¥]|cad\b|dollars?\b|加?元|加币|美元|刀)"
_STANDING = re.compile(  # folded: what holds at all times, and so is of no matter: from what amount, on which days
    rf"\b(?:over|above|from|minimum|plus de|a partir de|des|dessus de) (?:{_AMOUNT})"
    rf"|(?:{_AMOUNT}) ?(?:et plus|ou plus|and up|and more|or more|\+|以上|起)|满 ?[$€£¥￥]?\d+ ?(?:元|包邮)?"
    rf"|\b(?:every|each|chaque|tous les) (?:{_DAYS})"
    rf"|\b(?:{_DAYS}) (?:to|a|au|through|thru|until|and|et|-|–) (?:{_DAYS})\b"
    r"|(?:每)?周[一二三四五六日天](?:至|到|-|~)周?[一二三四五六日天]|每(?:周|星期)[一二三四五六日天]"
)


_BEFORE_YEAR = 25  # characters: "Friday, 13 November"
_MOMENT = re.compile(  # folded: when something was written, to the minute: no plan has a year and a minute
    r"(?<!\d)20\d\d(?!\d)[^.!?。！？\n]{0,12}?(?<!\d)\d{1,2} ?[:h：] ?\d{2}(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be checked: numbers of parcels, money, measures, days."""

    reference: str
    money: str
    measure: str
    day: str
    until: str = ""  # when something ends, or the author is back

    @staticmethod
    def of(folded: str, matter: Matter) -> "Facts":
        """Return the facts of a folded text, without numbers that the matter or its item's name had before."""
        references = (found[0] for found in REFERENCE.finditer(folded))
        new = next(
            (
                one
                for one in references
                if not matter.has_code(one) and not any(number in one for number in matter.numbers)
            ),
            "",
        )
        spaced = _SPACED.search(folded)
        new = new or (spaced[0] if spaced and not matter.has_code(spaced[0].replace(" ", "")) else "")
        told = _STANDING.sub(" ", folded)
        until = search(_UNTIL, told)
        told = _without_moments(_UNTIL.sub(" ", told) if until else told)
        money, day = (found[0] if (found := search(pattern, told)) else "" for pattern in (_MONEY, _DAY))
        measures = (found[0] for found in _MEASURE.finditer(told))
        measure = next((one for one in measures if not matter.is_in_name(one)), "")
        return Facts(new, money, measure, day, until[0] if until else "")

    @property
    def any(self) -> bool:
        """Whether anything is told that only this matter has."""
        return bool(self.reference or self.money or self.measure)

    def signs(self) -> Iterator[tuple[str, str]]:
        """Yield the signs of what is there, each with the words."""
        for name in ("reference", "money", "measure", "day"):
            found = getattr(self, name)
            if found:
                yield name, found


def _without_moments(folded: str) -> str:
    """Return a text without moments to the minute, and the day and month that stand before the year."""
    for found in reversed(list(_MOMENT.finditer(folded))) if "20" in folded else ():
        folded = f"{folded[: max(0, found.start() - _BEFORE_YEAR)]} {folded[found.end() :]}"
    return folded


__all__ = ["REFERENCE", "Facts"]
