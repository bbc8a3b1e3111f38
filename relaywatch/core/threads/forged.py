"""Where a forged answer or report belongs: beside what it seems to answer or be about, and it joins nothing.

It is shown there, for somebody may believe it; whoever wrote it chose the ids and people that it names.
"""

from collections.abc import Iterable, Sequence

from relaywatch.core.classes.whose import OPENERS, is_forged, is_unproved
from relaywatch.core.mail.message import Class, Mail
from relaywatch.core.mail.when import received_at
from relaywatch.core.threads.answered import nearest_first


def is_only_shown(mail: Mail) -> bool:
    """Whether it seems to answer, or to report of an answer, and is not from whom it says."""
    return is_forged(mail) or (mail.verdict.class_ is Class.BOUNCE and is_unproved(mail))


def with_forged(conversations: Sequence[tuple[Mail, ...]], forged: Iterable[Mail]) -> list[tuple[Mail, ...]]:
    """Return the conversations with these mails, each in one or by itself, and all in order of time."""
    by_id: dict[str, int] = {}
    by_person: dict[str, int] = {}  # the latest who wrote from an address
    for number, members in enumerate(conversations):
        by_id.update((mail.message.message_id, number) for mail in members if mail.message.message_id)
    latest = sorted(
        (received_at(mail.message)[0], mail.message.key, number, mail.message)
        for number, members in enumerate(conversations)
        for mail in members
        if mail.verdict.class_ in OPENERS
    )
    for _, _, number, message in latest:
        by_person.update((person, number) for person in (message.author, *message.reply_to))
    found = list(conversations)
    for mail in forged:
        forged_answer = is_forged(mail)
        ids = nearest_first(mail.message) if forged_answer else filter(None, (mail.verdict.original_id,))
        people = mail.message.recipients if forged_answer else ()
        named = (by_id[id_] for id_ in ids if id_ in by_id)
        meant = (by_person[person] for person in people if person in by_person)
        place = next(named, next(meant, None))
        if place is None:
            found.append((mail,))
        else:
            found[place] = tuple(sorted((*found[place], mail), key=_by_time))
    return found


def _by_time(mail: Mail) -> tuple[object, str]:
    return received_at(mail.message)[0], mail.message.key
