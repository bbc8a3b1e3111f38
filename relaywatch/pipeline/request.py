"""What the operator asks for, as it goes from the command to whoever carries it out: to the daemon over its socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.instant import from_text, to_text

LARGEST = 2**63 - 1  # what a database counts to


class StatementError(Exception):
    """The operator asked for what cannot be: one line that says why (exit status 2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One of the operator's commands. `before` instead of `cases`: all that are older (waive)."""

    verb: Verb
    cases: tuple[int, ...]
    note: str
    at: datetime | None = None  # None: now
    obligation: Obligation | None = None
    before: datetime | None = None
    message: str | None = None  # with confirm and reject: the reply's Message-ID, None for the doubtful ones
    party: str | None = None  # with waive and answered: an address of who is owed it, None where only one is

    def to_json(self) -> dict[str, object]:
        """Return it as it goes over the daemon's socket."""
        return {
            "verb": self.verb.value,
            "cases": list(self.cases),
            "note": self.note,
            "at": to_text(self.at) if self.at else None,
            "obligation": self.obligation.value if self.obligation else None,
            "before": to_text(self.before) if self.before else None,
            "message": self.message,
            "party": self.party,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Request":
        """Read it again. Raises StatementError for anything else."""
        try:
            cases = data["cases"]
            if not isinstance(cases, list) or not all(type(case) is int for case in cases):
                raise StatementError("cases: expected a list of numbers")
            return cls(
                verb=Verb(str(data["verb"])),
                cases=tuple(cases),
                note=str(data["note"])[:2000],
                at=_moment(data["at"]),
                obligation=Obligation(str(data["obligation"])) if data["obligation"] else None,
                before=_moment(data["before"]),
                message=str(data["message"]) if data.get("message") else None,
                party=str(data["party"]).lower() if data.get("party") else None,
            )
        except (KeyError, ValueError) as error:
            raise StatementError(f"not a request: {error}") from error


def _moment(value: object) -> datetime | None:
    return from_text(value) if isinstance(value, str) else None
