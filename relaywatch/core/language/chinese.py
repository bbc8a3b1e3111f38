"""What of a Chinese sentence no table has: Chinese has no blanks, so its characters are asked for, not its words."""

import re
from collections.abc import Iterable

from relaywatch.core.language.tokens import is_chinese

_ASKED_FOR = re.compile(  # whom to ask meanwhile, by a name of up to three characters and what they are called
    r"(?P<asks>联系|联络|请找|致电)(?:我的)?(?:同事)?"
    r"(?P<name>[\u3400-\u9fff]{2,3}?)(?:先生|女士|小姐|经理|主管|(?=[^\u3400-\u9fff]|$))"
)
_NO_NAME = re.compile(r"[货貨钱錢款杯壶碗坏壞碎破裂退赔賠还還换換补補没沒不少错錯漏丢失骗騙差烂假收送寄买卖单件]")
_DEMANDS = re.compile(r"[请請][您你]?(?:们|們)?(?:尽快|盡快|马上|立即|立刻|今天|务必)|[给還还赔]我|回[复覆]我")


def demands(folded: str) -> bool:
    """Whether the reader is to do something at once, or for the writer: a program says that it does so itself."""
    return _DEMANDS.search(folded) is not None


def beyond(folded: str, phrases: Iterable[str]) -> str:
    """Return the characters of a text that stand in none of the phrases, and in no name of who is to be asked."""
    text = _ASKED_FOR.sub(_unnamed, folded)
    covered: set[int] = set()
    for phrase in phrases:
        start = text.find(phrase)
        while start >= 0:
            covered.update(range(start, start + len(phrase)))
            start = text.find(phrase, start + 1)
    return "".join(char for at, char in enumerate(text) if at not in covered and is_chinese(char))


def _unnamed(found: re.Match[str]) -> str:
    """Return whom to ask without the name; all of it where it may be no name."""
    return found[0] if _NO_NAME.search(found["name"]) else found["asks"]
