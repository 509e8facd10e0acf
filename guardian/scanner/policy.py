"""What a scan allows: the operator's word, as plain frozen values. How it is written: policy_file.py."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path

DEFAULT_ALLOWLIST = (
    "openrouter.ai",
    "discord.com",
    "github.com",
    "api.github.com",
    "api.stripe.com",
    "api.openai.com",
)
MAX_BYTES = 1_000_000
MAX_SECONDS = 5.0
MAX_NODES = 250_000
_PATIENCE, _MOST_PATIENCE = 3.0, 8.0
UNREADABLE = "G001"
"""The rule of what could not be read, parsed or finished."""

_VERSION_LENGTH = 16


@dataclass(frozen=True)
class Exemption:
    """Findings that the operator excepts, and why: those of `rule` in the files that `path` matches (shell-style, `*`
    goes over folders; relative to `base`) or whose content has this `sha256`, at `line` where one is given.

    Counts up to and with the day `expires`. `source`: the file that it is written in.
    """

    rule: str
    reason: str
    path: str | None = None
    sha256: str | None = None
    line: int | None = None
    expires: date | None = None
    base: str = ""
    source: str = ""


@dataclass(frozen=True)
class AgentPolicy:
    """Where the policy for one agent differs: None is as for all; the exceptions come on top."""

    allowlist: Sequence[str] | None = None
    max_bytes: int | None = None
    max_seconds: float | None = None
    max_nodes: int | None = None
    inline_comments: bool | None = None
    exceptions: Sequence[Exemption] = ()


@dataclass(frozen=True)
class Policy:
    """`allowlist`: hosts in the form of hosts.entry. `inline_comments`: whether `# guardian: allow G205` in the script
    counts; the script's author decides then. A script beyond a limit is blocked. `max_seconds` is time of the
    processor: on a busy machine a script is no worse."""

    allowlist: Sequence[str] = DEFAULT_ALLOWLIST
    max_bytes: int = MAX_BYTES
    max_seconds: float = MAX_SECONDS
    max_nodes: int = MAX_NODES
    inline_comments: bool = False
    exceptions: Sequence[Exemption] = ()
    agents: Mapping[str, AgentPolicy] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """Other rules, other limits, another exception: another version."""
        effective = {**asdict(self), "engine": engine_version()}
        effective["exceptions"] = [{**asdict(each), "source": ""} for each in self.exceptions]
        text = json.dumps(effective, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:_VERSION_LENGTH]

    @property
    def patience(self) -> float:
        """Seconds by the clock after which a scan is given up, however little of them it had the processor."""
        return min(self.max_seconds * _PATIENCE, self.max_seconds + _MOST_PATIENCE)

    def for_agent(self, name: str | None) -> "Policy":
        """The policy as it is for this agent alone; for one that is not named, as for all."""
        own = self.agents.get(name or "", AgentPolicy())
        changed = {key: value for key, value in vars(own).items() if key != "exceptions" and value is not None}
        return replace(self, **changed, exceptions=(*self.exceptions, *own.exceptions), agents={})

    def for_text(self) -> "Policy":
        """For a script that comes as text: its name is only what somebody says, so no exception goes by it."""
        return replace(self, exceptions=tuple(each for each in self.exceptions if each.path is None))


@cache
def engine_version() -> str:
    """Of the rules and of all that reads a script: a hash of their source."""
    digest = hashlib.sha256()
    for here, folders, files in os.walk(Path(__file__).parent):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(files):
            with open(os.path.join(here, name), "rb") as file:  # noqa: PTH118, PTH123  in a moment
                digest.update(f"{os.path.basename(here)}/{name}\0".encode() + file.read())  # noqa: PTH119
    return digest.hexdigest()[:_VERSION_LENGTH]
