"""The words of Guardian as frozen values. Pure: imports nothing of the project.

Times are aware datetimes, durations timedeltas, sizes end in `_bytes`. `JSON` values survive a round trip
through the store unchanged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

JSON = None | bool | int | float | str | Sequence[Any] | Mapping[str, Any]
Memory = Mapping[str, Any]
"""What a check remembers from look to look: JSON, of bounded size."""

GUARDIAN = "guardian"
"""The check name under which Guardian reports about itself (the fleet brake, the task directory)."""


class Status(StrEnum):
    """The answer for one target. UNKNOWN means "could not look" and is never shown as ok."""

    OK = "ok"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Severity(StrEnum):
    """How much a person should care, rising."""

    INFO = "info"
    WARNING = "warning"
    HIGH = "high"
    CRITICAL = "critical"


class Mode(StrEnum):
    """Whether Guardian acts. OBSERVE does everything but acting, and shows what it would have done."""

    HEAL = "heal"
    OBSERVE = "observe"


class RemedyKind(StrEnum):
    """CURE: under cooldown, budget and brake. REPAIR: idempotent per item. CONTAIN: a flag that stands."""

    CURE = "cure"
    REPAIR = "repair"
    CONTAIN = "contain"


class Action(StrEnum):
    """What the policy can choose. BREAK stops the target for good, HEAL mends it."""

    HEAL = "heal"
    BREAK = "break circuit"
    ALERT = "alert"
    WAIT = "wait"


class Reason(StrEnum):
    """Why a decision was taken: closed, stored with the incident, shown by `guardian explain`."""

    FAILING = "failing"
    LASTING_UNKNOWN = "could not look for several patrols"
    HEAL_FAILED = "still failing after the heal"
    COOLDOWN = "cooling down after a heal"
    BUDGET_USED = "heal budget used up"
    CIRCUIT_BROKEN = "stopped by Guardian: heal budget used up"
    FLAPPING = "flapping"
    NO_REMEDY = "no remedy"
    REMEDY_RULED_OUT = "a heal would not help"
    FLEET_BRAKE = "fleet brake: too many fail at once"
    RECOVERING = "recovering: the store came back empty"
    OBSERVING = "observe mode"
    SILENCED = "silenced without heal"
    ATTEMPT_OPEN = "a heal is under way"
    REPAIR_WAITS = "waits before the repair is tried again"
    STANDING = "the containment stands"
    LIFTED = "a person lifted the containment"
    RAN_OUT = "the containment ran out, and nothing happened since"
    NOTICE = "a notice: over as soon as it is told"
    TAKEN_IN = "taken in by another check of the same target"
    TOLD_ALREADY = "told already, by the check that it takes in"


class Stage(StrEnum):
    """The links of the chain, in order."""

    HEAL = "heal"
    VERIFY = "verify"
    ALERT = "alert"
    ESCALATE = "escalate"


class IncidentState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class HealState(StrEnum):
    """Where the heal of an incident stands. PLANNED: decided, not begun. ACTING: a lease is held.
    VERIFYING: done, waits for the verifying look."""

    NONE = "none"
    PLANNED = "planned"
    ACTING = "acting"
    VERIFYING = "verifying"


class TellState(StrEnum):
    """What a person is due to hear next. NONE: nothing was to tell so far. TOLD: nothing more is due while it is
    open. RESOLVED: the good end is due, because something was told before. CLOSE: so is the closing of its task."""

    NONE = "none"
    ALERT = "alert"
    ESCALATE = "escalate"
    TOLD = "told"
    RESOLVED = "resolved"
    CLOSE = "close"


@dataclass(frozen=True)
class Arming:
    """A person's word to every node on whether Guardian acts: `guardian arm`, `guardian disarm`."""

    mode: Mode
    by: str
    at: datetime
    comment: str = ""


@dataclass(frozen=True)
class Verdict:
    """A check's answer for one target.

    `ruled_out` says why a heal cannot help this failure (it is not there to restart): the policy then tells a
    person instead. `spent` counts restarts that the supervisor did by itself within the budget window in a loop:
    they come out of the same heal budget, since one more restart is no better for being Guardian's. `news` is False
    where nothing happened since the look before: it fails only as it did. A `notice` is a failure that is over with
    this look: a person is told once, with neither escalation nor good end. `early`: it is UNKNOWN because too little
    was seen so far, which is no incident however long it lasts.
    """

    target: str
    status: Status
    message: str
    severity: Severity = Severity.HIGH
    ruled_out: str | None = None
    spent: int = 0
    news: bool = True
    notice: bool = False
    facts: Mapping[str, JSON] = field(default_factory=dict)
    early: bool = False


@dataclass(frozen=True)
class TargetState:
    """What is kept of a target from look to look.

    `since` is when the status began, `at` the last look, `history` the last looks as letters, newest last
    (`o` ok, `f` fail; unknown and skipped looks say nothing about its health and are not in it). A failure is soft
    until `failing_looks` of them in a row made it count; `hard_since` is when that was.
    """

    status: Status
    message: str
    severity: Severity
    since: datetime
    at: datetime
    history: str = ""
    flapping: bool = False
    unknown_looks: int = 0
    failing_looks: int = 0
    hard_since: datetime | None = None

    @property
    def soft(self) -> bool:
        return self.status is Status.FAIL and self.hard_since is None


@dataclass(frozen=True)
class Key:
    """What an incident is about; at most one incident is open per key."""

    check: str
    node: str
    target: str

    def __str__(self) -> str:
        return f"{self.check}/{self.target}@{self.node}"


@dataclass(frozen=True)
class Transition:
    """One recorded step of an incident's story. `kind` is a short verb: seen, evidence, decided, healed ..."""

    at: datetime
    kind: str
    text: str
    reason: str | None = None


@dataclass(frozen=True)
class Hypothesis:
    """A likely cause, from the table of signatures."""

    signature: str
    cause: str
    fix_hint: str


@dataclass(frozen=True)
class Evidence:
    """What was seen of a failing target before anything was done to it.

    `facts` are counters and states (exit code, restarts, pid); `log_tail` the last lines of its logs, redacted.
    """

    taken_at: datetime
    facts: Mapping[str, JSON] = field(default_factory=dict)
    log_tail: Sequence[str] = ()
    hypothesis: Hypothesis | None = None


@dataclass(frozen=True)
class Incident:
    """From the first bad verdict to the resolution, as the store holds it. `looked_before` is the look before the
    first bad one: it began after that. `subject` is what a heal of it has the lease of, and what cools down: two
    incidents may have one. `at_once`: the escalation does not wait. `once`: told once, with neither
    escalation nor good end. `flapping`: a person was told that it flaps, and not yet how it stands since."""

    id: str
    key: Key
    state: IncidentState
    status: Status
    severity: Severity
    message: str
    opened_at: datetime
    seen_at: datetime
    looked_before: datetime
    subject: str = ""
    failing_looks: int = 1
    attempt: int = 0
    heal: HealState = HealState.NONE
    heal_due: datetime | None = None
    healed_at: datetime | None = None
    tell: TellState = TellState.NONE
    tell_due: datetime | None = None
    at_once: bool = False
    once: bool = False
    flapping: bool = False
    action: Action | None = None
    reason: Reason | None = None
    acked_by: str | None = None
    acked_at: datetime | None = None
    alerted_at: datetime | None = None
    escalated_at: datetime | None = None
    task_file: str | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    circuit_broken: bool = False
    evidence: Evidence | None = None
    root_id: str | None = None
    parent_id: str | None = None


@dataclass(frozen=True)
class Step:
    """What has to happen next: the links of the chain from `stage` on, for one attempt of one incident."""

    incident: str
    attempt: int
    stage: Stage
    node: str
    root_id: str | None = None
    parent_id: str | None = None


@dataclass(frozen=True)
class Decision:
    """The chosen next step and why. `at_once`: a person is needed now, so the escalation does not wait."""

    action: Action
    reason: Reason
    at_once: bool = False


@dataclass(frozen=True)
class OwnAct:
    """Something Guardian itself did to a target, so that its own doing is never taken for a symptom."""

    target: str
    act: str
    at: datetime


@dataclass(frozen=True)
class Silence:
    """A timed matcher that stops telling; with `no_heal` it stops cures too. Patterns are shell-style."""

    id: str
    check: str
    target: str
    node: str
    until: datetime
    author: str
    comment: str
    no_heal: bool = False
