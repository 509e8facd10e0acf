"""What the history gives: plain values, for the report, the digest, and a store that came back empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

HELD, NOT_HELD, DONE, FAILED, STOPPED = "held", "not held", "done", "failed", "stopped"
"""What became of a heal: verified; failing again; done, not verified (yet); not done; the circuit was broken."""


@dataclass(frozen=True)
class PastIncident:
    id: str
    check: str
    node: str
    target: str
    severity: str
    message: str
    opened_at: datetime
    looked_before: datetime
    resolved_at: datetime | None
    resolution: str | None
    attempt: int
    told: bool
    acked_by: str | None

    @property
    def healed(self) -> bool:
        """It ended by a heal that was verified."""
        return (self.resolution or "").startswith("healed: ")

    @property
    def detect(self) -> timedelta:
        """At most: from the last look before to the first bad one."""
        return self.opened_at - self.looked_before


@dataclass(frozen=True)
class PastHeal:
    """`outcome` is None where nobody told how it ended."""

    remedy: str
    act: str
    check: str
    node: str
    target: str
    claimed_at: datetime
    outcome: str | None


@dataclass(frozen=True)
class PastAct:
    """What a person did."""

    at: datetime
    author: str
    verb: str
    about: str


@dataclass(frozen=True)
class Gap:
    """What never reached the history: how many entries, and between which times. 0: Redis was lost with what waited,
    which nobody can count."""

    at: datetime
    entries: int
    after: datetime | None
    before: datetime


@dataclass(frozen=True)
class PastScan:
    """One that was blocked, or is for review."""

    at: datetime
    node: str
    agent: str
    path: str
    verdict: str
    sha256: str | None
    rules: Sequence[str]


@dataclass(frozen=True)
class ScanCount:
    """`what`: a scan verdict, or the id of a rule; `agent` is empty where none was named."""

    agent: str
    what: str
    count: int


@dataclass(frozen=True)
class PastScans:
    """Counted by whole days (UTC), from `first` to and with `last`. `newest`: what was not allowed, the newest last."""

    first: date
    last: date
    counts: Sequence[ScanCount] = ()
    newest: Sequence[PastScan] = ()


@dataclass(frozen=True)
class Past:
    """All that touches a span of time. `sent`, `failed`: notifications by channel; `began`: what the history knows
    begins then, None when it is empty."""

    since: datetime
    until: datetime
    began: datetime | None
    incidents: Sequence[PastIncident] = ()
    heals: Sequence[PastHeal] = ()
    sent: Mapping[str, int] | None = None
    failed: int = 0
    acts: Sequence[PastAct] = ()
    gaps: Sequence[Gap] = ()
    scans: PastScans | None = None


@dataclass(frozen=True)
class Cursor:
    """How far a store's stream is in the history. `caught_up_at`: it had everything then."""

    entry: str | None
    number: int
    caught_up_at: datetime | None


@dataclass(frozen=True)
class KeptIncident:
    """One that was open, or whose end was not told, as the store had it: its hash, its evidence, its steps."""

    fields: Mapping[str, str]
    evidence: str | None
    steps: Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class KeptHeal:
    check: str
    node: str
    target: str
    incident: str
    attempt: int
    act: str
    cure: bool
    claimed_at: datetime
    finished_at: datetime | None
    outcome: str | None


@dataclass(frozen=True)
class Kept:
    """What the history knows of a lost store. `since`: up to then it had everything; None: it knows nothing."""

    since: datetime | None
    incidents: Sequence[KeptIncident] = ()
    heals: Sequence[KeptHeal] = ()
