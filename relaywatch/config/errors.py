"""What can be wrong with a configuration, as the operator reads it."""

from collections.abc import Sequence


class ConfigError(Exception):
    """A configuration that cannot be used. `problems` names everything that is wrong, one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
