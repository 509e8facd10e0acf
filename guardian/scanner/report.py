"""What a scan says: plain values, and their JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class ScanVerdict(StrEnum):
    """What the executor is to do: run it, ask a person, or never run it."""

    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"


class Severity(StrEnum):
    """ADVICE never changes the scan verdict; REVIEW and BLOCK are the least verdict that a finding leads to."""

    ADVICE = "advice"
    REVIEW = "review"
    BLOCK = "block"


@dataclass(frozen=True)
class Rule:
    """One pattern. `instead`: what to write in its place. `cwe`: its number in the Common Weakness Enumeration."""

    id: str
    name: str
    severity: Severity
    confidence: str
    cwe: int
    what: str
    why: str
    example: str
    instead: str


@dataclass(frozen=True)
class Finding:
    """A rule's report at a place. `line` from 1, `column` from 1 in characters, both 1 where the file could not be read
    as a script. `severity` as graded for this place: the argument may make it milder or worse than the rule's own.
    `message` says what was found here, the name it resolved to included."""

    rule: str
    severity: Severity
    line: int
    column: int
    end_line: int
    end_column: int
    snippet: str
    message: str
    why: str
    instead: str


@dataclass(frozen=True)
class Excepted:
    """A finding that the operator's policy excepts, and the operator's reason."""

    finding: Finding
    reason: str


@dataclass(frozen=True)
class ScanReport:
    """`sha256` of the bytes as read, None where they could not be read. `duration` in seconds."""

    path: str
    verdict: ScanVerdict
    findings: Sequence[Finding]
    sha256: str | None
    policy: str
    duration: float
    excepted: Sequence[Excepted] = ()

    def as_json(self) -> Mapping[str, object]:
        return asdict(self)
