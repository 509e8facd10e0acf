"""What goes into the store and comes out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from guardian.model import Decision, Evidence, Incident, Key, Memory, OwnAct, Status, TargetState, Verdict


class ClaimOutcome(StrEnum):
    """GRANTED: do it. TAKEOVER: somebody had it and went away: ask first whether it was done. BUSY: somebody has it.
    UNSURE: the store came back empty, and it may have been done just before: ask first. SPENT: taken over too often.
    STALE: the incident went on without this message."""

    GRANTED = "granted"
    TAKEOVER = "takeover"
    BUSY = "busy"
    COOLDOWN = "cooldown"
    EXHAUSTED = "exhausted"
    RECOVERING = "recovering"
    UNSURE = "unsure"
    SPENT = "spent"
    STALE = "stale"


@dataclass(frozen=True)
class Claim:
    """`claimed_at` is when the attempt was first claimed, by whomever. Of an UNSURE one it is since when cures may be
    missing from what is known."""

    outcome: ClaimOutcome
    fence: int
    claimed_at: datetime | None


@dataclass(frozen=True)
class ClaimTerms:
    """Under which terms an attempt is claimed. `budget` 0: no cure, nothing is counted nor cools down. `vouched`: it is
    known not to have been done just before the store came back empty."""

    lease: timedelta
    cooldown: timedelta
    budget: int
    window: timedelta
    takeovers: int
    remedy: str = ""
    vouched: bool = False


@dataclass(frozen=True)
class LastLook:
    """What the last look of a check at a node left, and the server's time now. `version` guards the next one."""

    now: datetime
    version: int
    at: datetime | None
    memory: Memory
    states: Mapping[str, TargetState]
    braked: bool
    acts: Sequence[OwnAct]


@dataclass(frozen=True)
class Seen:
    """A verdict as it goes into the store. `opens`: it is bad enough for an incident, whose `subject` is its target
    where none is given."""

    check: str
    verdict: Verdict
    state: TargetState
    opens: bool
    subject: str = ""


@dataclass(frozen=True)
class Look:
    """One look, whole. `brake` is `engage`, `release` or None. `gone`: target -> why it is not looked at any more."""

    check: str
    node: str
    now: datetime
    version: int
    memory: Memory
    status: Status
    message: str
    seconds: float
    seen: Sequence[Seen]
    gone: Mapping[str, str]
    brake: str | None = None
    release_every: timedelta = timedelta(seconds=30)


@dataclass(frozen=True)
class Recorded:
    """`won` is False when another delivery of the same look was there first. `incidents`: (check, target) -> id of
    each failing one. `resolved`: those that ended and of which a person is to hear."""

    won: bool
    incidents: Mapping[tuple[str, str], str] = field(default_factory=dict)
    opened: Sequence[str] = ()
    resolved: Sequence[str] = ()


@dataclass(frozen=True)
class Facts:
    """What the policy needs to know of one open incident besides the incident. `beside`: the open incident, if any, of
    each key that was asked for."""

    incident: Incident
    cooldown_until: datetime | None
    cures: int
    held: bool
    recovering: bool
    beside: Mapping[Key, Incident | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """`text` says more than the decision's action where there is more to say. `beside` is what the decision saw of
    other incidents: it counts only while they are so. `steady`: it flapped, and does no more."""

    incident: Incident
    decision: Decision
    cure: bool
    evidence: Evidence | None = None
    evidence_text: str = ""
    text: str = ""
    beside: Mapping[Key, Incident | None] = field(default_factory=dict)
    steady: bool = False


@dataclass(frozen=True)
class Planned:
    """`outcome`: heal, tell, wait, held (by the fleet brake) or stale."""

    incident: str
    attempt: int
    outcome: str


@dataclass(frozen=True)
class CheckSummary:
    """The last look of one check at one node, for people."""

    check: str
    node: str
    status: Status
    message: str
    at: datetime
    seconds: float


@dataclass(frozen=True)
class ProcessSign:
    """One process of Guardian. `role` is a worker's, or `beat`; `machine` tells machines of one name apart."""

    role: str
    node: str
    machine: str
    host: str
    pid: int
    version: str


@dataclass(frozen=True)
class Presence:
    node: str
    role: str
    seen_at: datetime


@dataclass(frozen=True)
class WatchSeen:
    """The last sign of life of a node's watch, and the troubles that it saw then, a line each."""

    node: str
    seen_at: datetime
    blind: Sequence[str]
