"""What stands around a reply changes nothing of it: furniture, a quote in any style, a help desk's frame, other mail.

It never makes of what does not count something that counts, nor of what counts something that does not.
"""

from functools import cache

import cast as c
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_labelled import Base, Sample, bases, compose, frames, furniture, styles

from relaywatch.core.cases.attempts import Basis
from relaywatch.core.cases.case import Conversation
from relaywatch.core.cases.judge import judge
from relaywatch.core.classes.classify import classify
from relaywatch.core.language.rules import fold_line
from relaywatch.core.language.signs import Answer
from relaywatch.core.mail.message import Copy, Folder, Mail, Role
from relaywatch.core.policy import Policy
from relaywatch.core.words.frame import Line, is_name
from relaywatch.mailbox.parse import read_message

SEED = 7
EXAMPLES = settings(max_examples=60)
POOR = [base for base in bases() if base.label != "counts"]


def mail(raw: bytes, folder: Folder) -> Mail:
    copy = Copy(mailbox="care", role=Role.CARE, folder=folder)
    message = read_message(raw, account="main", copy=copy, own_hosts=None, whole=True).message
    return Mail(message, classify(message, c.PARTIES, c.rules()))


def mails_of(sample: Sample) -> tuple[Mail, Mail]:
    return mail(sample.inbound, Folder.INBOX), mail(sample.reply, Folder.SENT)


def answer_of(sample: Sample, *others: Mail) -> str:
    """What the reply is worth, judged as the program does."""
    inbound, reply = mails_of(sample)
    basis = Basis(Policy(), c.PARTIES, c.rules())
    case = judge(Conversation((inbound, reply, *others)), basis, c.at(24 * 60)).case
    assert case is not None
    return next(one.answer for one in case.assessments if one.message_key == reply.message.key)


@cache
def bare_answer(base: Base, seed: int) -> str:
    return answer_of(compose(base, seed=seed))


@cache
def counting() -> list[Base]:
    """The replies that count by themselves; one with a name's form is taken for a name below whatever stands on top."""
    return [
        base
        for base in bases()
        if base.label == "counts"
        and not is_name(Line(base.text, fold_line(base.text)))
        and bare_answer(base, SEED) == Answer.COUNTS
    ]


POORLY = st.sampled_from(POOR)
WELL = st.deferred(lambda: st.sampled_from(counting()))
PIECES = st.lists(st.sampled_from(furniture()), min_size=1, max_size=3, unique_by=lambda piece: piece.kind)


def same_case(base: Base, sample: Sample) -> None:
    """Say which example it was."""
    told = (base.id, sample.style, sample.frame, sample.furniture)
    bare, found = bare_answer(base, SEED), answer_of(sample)
    if base.label == "counts":
        assert found != Answer.DOES_NOT, told
    elif bare != Answer.COUNTS:
        assert found != Answer.COUNTS, told


@EXAMPLES
@given(POORLY | WELL, PIECES)
def test_furniture_changes_nothing(base, pieces):
    same_case(base, compose(base, pieces=pieces, seed=SEED))


@EXAMPLES
@given(POORLY | WELL, st.sampled_from(styles()))
def test_a_quote_in_any_style_changes_nothing(base, style):
    same_case(base, compose(base, style=style, seed=SEED))


@EXAMPLES
@given(POORLY | WELL, st.sampled_from(frames()))
def test_a_help_desks_frame_changes_nothing(base, frame):
    same_case(base, compose(base, frame=frame, seed=SEED))


@settings(max_examples=40)
@given(POORLY | WELL, st.sampled_from(bases()), st.sampled_from(styles()))
def test_another_shops_mail_in_the_same_folder_changes_nothing(base, other, style):
    """A mail of the seller's to somebody else, in the same conversation's list of mails."""
    sample = compose(base, seed=SEED)
    _, foreign = mails_of(compose(other, style=style, seed=SEED + 1))
    if foreign.message.key == mails_of(sample)[1].message.key:
        return
    assert answer_of(sample, foreign) == bare_answer(base, SEED)
