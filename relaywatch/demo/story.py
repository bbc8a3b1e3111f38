"""What happens in the demo, scene by scene, and what must be seen of it. Data and pure functions only.

A scene ends when all its sights were seen, in what `relaywatch cases --format json` says and in the warnings
that arrived; the times are such that each deadline's warning is due within the demo's minute.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from relaywatch.demo.shop import CARE, COMPLAINTS, JORDAN, PATEL, SAM, SMITH, StoryMail, contact_form
from relaywatch.demo.smtp import Warned

Case = dict[str, Any]
"""A case as `cases` gives it (interface: A case as JSON)."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What can be seen from outside at one moment."""

    cases: Sequence[Case] = ()
    warnings: Sequence[Warned] = ()

    def case(self, letter: StoryMail) -> Case | None:
        """Return the case that a letter opened, None while there is none."""
        return next((case for case in self.cases if case["subject"] == letter.subject), None)

    def reply_is(self, letter: StoryMail, status: str) -> bool:
        """Whether the reply that a letter is owed stands so."""
        case = self.case(letter)
        return case is not None and any(
            deadline["obligation"] == "reply"
            and deadline["status"] == status
            and deadline["started_by"] == f"<{letter.id}>"
            for deadline in case["deadlines"]
        )

    def found(self, letter: StoryMail, code: str, *, mended: bool = False) -> bool:
        """Whether a letter's case has such a finding, mended or not."""
        case = self.case(letter)
        return case is not None and any(
            finding["code"] == code and bool(finding.get("mended_by")) is mended for finding in case["findings"]
        )

    def warned(self, letter: StoryMail, step: str) -> bool:
        """Whether a warning of this step about a letter's case arrived."""
        case = self.case(letter)
        return case is not None and any(
            warning.step == step and warning.case == str(case["id"]) for warning in self.warnings
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that must be seen. `said` is what it means, in plain words."""

    name: str
    seen: Callable[[Picture], bool]
    said: str


@dataclass(frozen=True, slots=True)
class StoryScene:
    """Mail comes in, and something must follow from it."""

    title: str
    letters: tuple[StoryMail, ...]
    sights: tuple[Expectation, ...]


WAITING = StoryMail(
    id="jordan-1@relay.walmart.ca",
    author=JORDAN,
    to=(CARE,),
    subject="Walmart.ca Customer: Item arrived damaged",
    text=contact_form(
        "Jordan",
        "600000048213377",
        "Stoneware teapot, blue",
        "The spout of my teapot is broken off. Can you send me another one?",
        "5D0C8A3BE94F4C0F9A1E6B7720D4F318",
    ),
    ago=timedelta(hours=23, minutes=10),
)
BBB = StoryMail(
    id="bbb-1@walmart.com",
    author=SMITH,
    to=(COMPLAINTS,),
    subject="Better Business Bureau complaint, order 600000051996402",
    text=(
        "Hello Blue Kiln,\n\nWe have received a complaint through the Better Business Bureau about order "
        "600000051996402. Please respond to it and tell us how it is settled.\n\n"
        "John Smith\nWalmart Canada Customer Care\n"
    ),
    ago=timedelta(minutes=6),
)
RECEIPT = StoryMail(
    id="receipt-1@shop.example",
    author=CARE,
    to=(JORDAN,),
    subject="Automatic reply: Item arrived damaged",
    text=(
        "Thank you for contacting Blue Kiln. We have received your message and will get back to you within "
        "one business day.\n"
    ),
    answers=WAITING.id,
    folder="Sent",
    automatic=True,
)
ANSWER = StoryMail(
    id="answer-1@shop.example",
    author=CARE,
    to=(JORDAN,),
    subject=f"Re: {WAITING.subject}",
    text=(
        "Hello Jordan,\n\nI am sorry about the spout. A new teapot leaves our workshop this afternoon, and "
        "you need not send the broken one back.\n\nMei\nBlue Kiln\n"
    ),
    answers=WAITING.id,
    folder="Sent",
)
INQUIRY = StoryMail(
    id="inquiry-1@walmart.com",
    author=SMITH,
    to=(CARE,),
    cc=(PATEL,),
    subject="Case 20417733: wrong glaze, customer awaiting your response",
    text=(
        "Hello Blue Kiln,\n\nOur customer says that the bowls of order 600000050318846 came in the wrong "
        "glaze. Please let us know what you will do.\n\nJohn Smith\nWalmart Canada Customer Care\n"
    ),
    ago=timedelta(hours=2),
)
_OFFER = (
    "Hello John,\n\nWe have offered the customer the right bowls or a full refund; she chose the bowls, "
    "which ship tomorrow morning.\n\nMei\nBlue Kiln\n"
)
REPLY_TO_ONE = StoryMail(
    id="offer-1@shop.example",
    author=CARE,
    to=(SMITH,),
    subject=f"Re: {INQUIRY.subject}",
    text=_OFFER,
    answers=INQUIRY.id,
    folder="Sent",
)
REPLY_TO_ALL = StoryMail(
    id="offer-2@shop.example",
    author=CARE,
    to=(SMITH,),
    cc=(PATEL,),
    subject=f"Re: {INQUIRY.subject}",
    text=_OFFER,
    answers=INQUIRY.id,
    folder="Sent",
)
JUNKED = StoryMail(
    id="sam-1@relay.walmart.ca",
    author=SAM,
    to=(CARE,),
    subject="Walmart.ca Customer: Change the colour",
    text=contact_form(
        "Sam",
        "600000052770915",
        "Planter, green",
        "Could I still have the planter in grey instead of green?",
        "A81F37C2D5E64B70B3C9E01F4D86527A",
    ),
    ago=timedelta(minutes=20),
    folder="Junk",
)

SCENES = (
    StoryScene(
        "A customer is waiting: Jordan wrote 23 h 10 min ago, and nobody has answered.",
        (WAITING,),
        (
            Expectation(
                "a customer waiting",
                lambda picture: picture.reply_is(WAITING, "running"),
                "A customer is owed a reply within 24 h of writing (rule C1); 50 minutes are left.",
            ),
            Expectation(
                "the customer's last warning",
                lambda picture: picture.warned(WAITING, "1h"),
                "Warnings go out 8 h, 3 h and 1 h before. The first two passed before relaywatch ran and are"
                " not sent late: only the most urgent one is.",
            ),
        ),
    ),
    StoryScene(
        "A Walmart agent sends on a complaint of the Better Business Bureau; it came in 6 minutes ago.",
        (BBB,),
        (
            Expectation(
                "a consumer-protection complaint with its hour running",
                lambda picture: picture.reply_is(BBB, "running"),
                "Such a complaint has one hour, day and night (C4), not 24: it is now the most urgent case.",
            ),
            Expectation(
                "the complaint's first warning",
                lambda picture: picture.warned(BBB, "55m"),
                "Its warnings go out with 55, 40, 25 and 10 minutes left.",
            ),
        ),
    ),
    StoryScene(
        "The help desk answers Jordan by itself: “We have received your message”.",
        (RECEIPT,),
        (
            Expectation(
                "an automatic reply that does not count",
                lambda picture: picture.found(WAITING, "automatic_reply") and picture.reply_is(WAITING, "running"),
                "An automatic reply is no reply (Q2): Jordan's clock runs on. The next warning says so.",
            ),
        ),
    ),
    StoryScene(
        "Mei answers Jordan in her own words, from the registered address, through the relay.",
        (ANSWER,),
        (
            Expectation(
                "a reply that meets its deadline",
                lambda picture: picture.reply_is(WAITING, "met"),
                "It lies in the Sent folder: Jordan's clock stops, in time. Nobody had to tell relaywatch.",
            ),
        ),
    ),
    StoryScene(
        "A Walmart agent asked 2 h ago, with a colleague on copy. Mei answers the agent alone.",
        (INQUIRY, REPLY_TO_ONE),
        (
            Expectation(
                "a reply to an agent without Reply All",
                lambda picture: picture.found(INQUIRY, "reply_all_missing") and picture.reply_is(INQUIRY, "running"),
                "An agent is answered by Reply All (Q3), else the colleague takes the case for unanswered.",
            ),
            Expectation(
                "the warning that somebody was left out",
                lambda picture: picture.warned(INQUIRY, "finding:reply_all_missing"),
                "This can still be mended, so it is said at once, with who is missing.",
            ),
        ),
    ),
    StoryScene(
        "Mei sends it again, to all.",
        (REPLY_TO_ALL,),
        (
            Expectation(
                "a Reply All that mends it",
                lambda picture: (
                    picture.reply_is(INQUIRY, "met") and picture.found(INQUIRY, "reply_all_missing", mended=True)
                ),
                "The agent's clock stops. The finding stays in the record, as mended.",
            ),
        ),
    ),
    StoryScene(
        "Sam's question of 20 minutes ago ended up in the junk folder.",
        (JUNKED,),
        (
            Expectation(
                "a customer's mail in the junk folder",
                lambda picture: picture.found(JUNKED, "junked") and picture.reply_is(JUNKED, "running"),
                "The clock of a mail in Junk runs all the same; relay mail must pass the spam filter (M1).",
            ),
            Expectation(
                "the warning about the junk folder",
                lambda picture: picture.warned(JUNKED, "finding:junked"),
                "It is said at once, so that somebody takes it out of there.",
            ),
        ),
    ),
)
