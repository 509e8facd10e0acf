"""The operator's own commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol


@dataclass(frozen=True)
class Command:
    """Something to run: an argument list, never a shell's line.

    The environment is PATH, HOME and LANG, what `env_from` names in Guardian's own, and `env`. `goes_on`: it is a
    cure, so what it started is not ended with it, and where its limit is longer than a task may wait it goes on.
    """

    arguments: Sequence[str]
    limit: timedelta
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    env_from: Sequence[str] = ()
    goes_on: bool = False


@dataclass(frozen=True)
class Ran:
    """What became of a command. `code` is None where it did not end by itself, and `trouble` says why. `output`:
    the beginning of its output, or where that is empty of its error output. `end`: the last 4 KB of both."""

    code: int | None = None
    output: str = ""
    trouble: str | None = None
    seconds: float = 0.0
    started: bool = True
    running: bool = False
    end: str = ""

    @property
    def line(self) -> str:
        """The first line that says something."""
        return next((line for line in map(str.strip, self.output.splitlines()) if line), "")


class CommandRunner(Protocol):
    """Runs the operator's own commands on this node."""

    def run(self, command: Command) -> Ran:
        """Never raises for what a command does; bounded in time and memory."""
        ...


class NoCommands:
    """For whoever has no commands to run."""

    def run(self, command: Command) -> Ran:
        return Ran(trouble=f"could not be started: {command.arguments[0]}: nothing runs commands here", started=False)
