"""What the seller may never write to a customer first (policy O1, O2).

Allowed is what the order or the customer's matter needs (policy O1): then words that would be a status update
or a discount elsewhere belong to it, as a new shipping date to a delay. Advertising is never excused.
"""

from relaywatch.core.language.passages import MAX_TEXT, without
from relaywatch.core.language.rules import Match, Rules, Texts
from relaywatch.core.mail.message import Message

_NEVER_EXCUSED = "advertising"
_UNLESS_ASKED = "thanks"


def forbidden(message: Message, rules: Rules) -> Match | None:
    """Return what makes a first message to a customer forbidden (policy O2), None where nothing does.

    The match's rule says by `result` which: advertising, discount, status, transaction or thanks. A message
    that no rule knows is allowed. The words are in data/outreach.toml.
    """
    texts = _without_near_misses(message, rules)
    matches = rules.all("outreach_forbidden", texts)
    if not matches:
        return None
    advertising = next((match for match in matches if match.rule.result == _NEVER_EXCUSED), None)
    if advertising is not None:
        return advertising
    if rules.first("outreach_allowed", texts) is not None:  # policy O1
        return None
    asks = "?" in texts.own_words
    return next((match for match in matches if match.rule.result != _UNLESS_ASKED or not asks), None)


def _without_near_misses(message: Message, rules: Rules) -> Texts:
    near_misses = rules.tables["outreach_near_miss"]
    texts = Texts(message.subject, message.own_words[:MAX_TEXT])
    return Texts(without(texts.get("subject"), near_misses), without(texts.get("own_words"), near_misses))
