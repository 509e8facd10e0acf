"""The section `[scanner]`. What a policy is made of is looked over by the scanner too, which reads this table by itself
where a scan has to begin in a moment; here is its shape, for the reference and for the rest of its keys."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from guardian.settings import ByteSize, Duration, Model, Secret, UserPath, at_least

_SHORTEST_KEY = 16

Host = Annotated[str, Field(min_length=1)]
_LARGEST_SECONDS = 30
"""A scan ends before its message counts as lost and comes again (`worker.visibility_timeout`)."""


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _SHORTEST_KEY:
        raise ValueError(f"must have at least {_SHORTEST_KEY} characters")
    return secret


class ScanException(Model):
    """A finding that does not count, and why."""

    rule: str = Field("", examples=["G205"])
    """The rule's id."""
    path: str | None = Field(None, examples=["tools/*.py"])
    """The files (shell-style, `*` goes over folders); a relative one starts in the folder of this file."""
    sha256: str | None = Field(None, examples=["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"])
    """The file's content. One of `path` and `sha256` is needed; of a script that comes as text only this one counts."""
    line: int | None = Field(None, examples=[12])
    """Only there."""
    reason: str = Field("", examples=["written by us, looked over on 2026-11-24"])
    """Why; needed."""
    expires: date | None = Field(None, strict=False, examples=["2027-03-31"])
    """The last day on which it counts."""


class ScanAgent(Model):
    """Where the policy for one agent differs from the one for all."""

    allowlist: tuple[Host, ...] | None = Field(None, strict=False, examples=[["api.example.com"]])
    """In place of the one for all."""
    max_bytes: ByteSize | None = Field(None, examples=["200kB"])
    """As for all."""
    max_seconds: float | None = Field(None, gt=0, le=_LARGEST_SECONDS, examples=[2])
    """As for all."""
    max_nodes: int | None = Field(None, ge=1, examples=[50_000])
    """As for all."""
    inline_comments: bool | None = Field(None, examples=[False])
    """As for all."""
    exceptions: tuple[ScanException, ...] = Field((), strict=False, examples=[[]])
    """On top of those for all."""


class Scanner(Model):
    """The scanner of generated scripts. `guardian scan --policy FILE` reads this table from any file."""

    allowlist: tuple[Host, ...] = Field(
        ("openrouter.ai", "discord.com", "github.com", "api.github.com", "api.stripe.com", "api.openai.com"),
        strict=False,
    )
    """Hosts that a script may speak to, exact; `*.example.com` for all below one. Everything else is for review."""
    max_bytes: ByteSize = 1_000_000
    """A larger script is blocked ..."""
    max_seconds: float = Field(5.0, gt=0, le=_LARGEST_SECONDS)
    """... and one that takes longer to read, in seconds of the processor (by the clock three times that, at most 8 s
    more) ..."""
    max_nodes: int = Field(250_000, ge=1)
    """... and one with more nodes in its syntax tree."""
    inline_comments: bool = False
    """Whether a comment in the script may except a finding: its author decides then, so keep it off."""
    exceptions: tuple[ScanException, ...] = Field(
        (), strict=False, examples=[[{"rule": "G205", "path": "tools/*.py", "reason": "ours"}]]
    )
    """Findings that do not count, each with a reason: `[[scanner.exceptions]]`."""
    agents: Mapping[str, ScanAgent] = Field(default_factory=dict, examples=[{"writer": {"allowlist": []}}])
    """Policies for single agents: `[scanner.agents.NAME]`."""
    memory: Annotated[ByteSize, Field(ge=64_000_000)] = 300_000_000
    """The most that reading one script may take; then it is blocked."""
    quarantine_roots: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/generated"]])
    """A blocked script in one of these folders is moved away by the scan task, so that it is not met again."""
    quarantine: UserPath | None = Field(
        None,
        examples=["/var/lib/guardian/quarantine"],
        json_schema_extra={"default_is": "quarantine in the state directory"},
    )
    """Where to."""
    quarantine_files: int = Field(1000, ge=1, le=1_000_000)
    """The most scripts that are kept there; nothing is moved then, which is said."""
    quarantine_bytes: ByteSize = 1_000_000_000
    """The most bytes."""
    security_report: UserPath | None = Field(
        None,
        examples=["/var/log/guardian/security.jsonl"],
        json_schema_extra={"default_is": "security.jsonl in the state directory"},
    )
    """Every scan of the task, a line of JSON each."""
    security_report_bytes: Annotated[ByteSize, Field(ge=100_000)] = 20_000_000
    """At this size it goes on in a new file; the last three are kept."""
    receipt_key: Annotated[Secret, AfterValidator(_long_enough)] | None = Field(
        None,
        json_schema_extra={"env": "GUARDIAN_RECEIPT_KEY", "default_is": "one made at random, in the state directory"},
    )
    """Signs scan receipts, and verifies them."""
    receipt_key_file: UserPath | None = Field(None, examples=["/run/secrets/receipt_key"])
    """A file whose first line is that key."""
    deep_directories: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/agents/scripts"]])
    """Folders whose scripts are all scanned again now and then; that only reports."""
    deep_every: Annotated[Duration, at_least(timedelta(minutes=1))] = timedelta(hours=24)
    """How often."""
