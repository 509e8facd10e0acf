"""What every step works with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from guardian.checks.base import Check
from guardian.config import Config
from guardian.decide.arming import mode_in_force
from guardian.decide.policy import Rules
from guardian.engine.scanning import Desk
from guardian.heal.base import Remedy
from guardian.history.history import History
from guardian.model import GUARDIAN, Arming, Key, Mode, RemedyKind, Severity, Silence
from guardian.ports import Channel, Ports
from guardian.store.store import Store
from guardian.store.values import ClaimTerms

ESCALATIONS = "escalation directory"
"""The target under which Guardian reports that it cannot write escalation tasks."""

_ONCE_A_PATROL = timedelta(seconds=10)


@dataclass(frozen=True)
class Engine:
    """Built once per process by `guardian.services`. `escalations` is where task files go on this node, `flags_file`
    where the control flags are mirrored there."""

    config: Config
    store: Store
    ports: Ports
    checks: Mapping[str, Check]
    remedies: Mapping[str, Remedy]
    channels: Sequence[Channel]
    escalations: Path
    summary_file: Path
    history: History | None = None
    open_desk: Callable[[int], Desk] | None = None
    flags_file: Path | None = None

    @cached_property
    def desk(self) -> Desk:
        """What scans work with, made at first use."""
        return self._desk(niceness=0)

    @cached_property
    def deep_desk(self) -> Desk:
        """The same for the deep scan, which is in no hurry."""
        return self._desk(niceness=10)

    def _desk(self, niceness: int) -> Desk:
        if self.open_desk is None:
            raise TypeError("this engine scans nothing")
        return self.open_desk(niceness)

    @property
    def deep_report(self) -> Path:
        return self.summary_file.with_name("deep-scan.json")

    @property
    def node(self) -> str:
        return self.ports.node

    def remedy_of(self, check: str, target: str) -> tuple[str, Remedy] | None:
        """The remedy that a check suggests, with its id; None where there is none, as for Guardian's own incidents."""
        found = self.checks.get(check)
        if found is None or found.remedy is None:
            return None
        name = found.remedy_by(target) if found.remedy_by else found.remedy
        return name, self.remedies[name]

    def subject(self, key: Key) -> str:
        """What a heal of it has the lease of, and what cools down: what is cured is one for all checks, what is
        repaired or contained is the check's own, whoever else has a target of that name."""
        found = self.remedy_for(key.check, key.target)
        if found is not None and found[1].kind is not RemedyKind.CURE:
            return f"{key.check}/{key.target}"
        return (found and found[1].acts_on) or key.target

    def unbraked(self, check: str) -> bool:
        """Whether what it suggests is a repair or a containment: those go under no brake."""
        found = self.checks.get(check)
        return bool(found and found.remedy and self.remedies[found.remedy].kind is not RemedyKind.CURE)

    def remedy_for(self, check: str, target: str) -> tuple[str, Remedy] | None:
        """The same, told what to do for this target where the check's configuration says so."""
        found = self.remedy_of(check, target)
        order = self.checks[check].order if found else None
        if found is None or found[1].bind is None or order is None:
            return found
        return found[0], found[1].bind(order(self.config.checks[check].params, target))

    def rules(self, check: str, arming: Arming | None) -> Rules:
        """A check in observe mode by its own key stays in it, whoever arms."""
        heal = self.config.heal
        own = self.config.checks[check].mode if check in self.config.checks else None
        for_all = mode_in_force(self.config.mode, self.config.mode_written_at, arming)
        mode = Mode.OBSERVE if Mode.OBSERVE in (for_all, own) else Mode.HEAL
        return Rules(mode=mode, budget=heal.budget, break_circuit=heal.break_circuit)

    def interval(self, check: str) -> timedelta:
        """One patrol of a check."""
        return self.config.checks[check].interval if check in self.config.checks else _ONCE_A_PATROL

    def looks(self, check: str) -> int:
        """In a row that must fail before a failure counts."""
        return self.config.checks[check].looks if check in self.config.checks else 1

    def terms(self, kind: RemedyKind, *, breaks: bool) -> ClaimTerms:
        """Only a cure is counted and cools down; breaking the circuit ends the counting."""
        heal = self.config.heal
        counted = kind is RemedyKind.CURE and not breaks
        return ClaimTerms(
            lease=heal.lease,
            cooldown=heal.cooldown,
            budget=heal.budget if counted else 0,
            window=heal.budget_window,
            takeovers=heal.takeovers,
        )

    def escalation_node(self, key: Key) -> str:
        """Where the escalation directory of an incident is."""
        return self.config.escalation.node or key.node

    def minimum(self, channel: str) -> Severity:
        """The least severity that goes to the channel."""
        found = self.config.alerts.channels.get(channel)
        return found.severity if found else Severity.INFO

    def gets_digest(self, channel: str) -> bool:
        """Whatever its least severity: a digest is no alert."""
        found = self.config.alerts.channels.get(channel)
        return found is None or found.digest

    def at(self, node: str) -> "Engine":
        """The same on behalf of another node."""
        return replace(self, ports=replace(self.ports, node=node))

    def own(self, target: str) -> Key:
        """The key of an incident about Guardian itself on this node."""
        return Key(GUARDIAN, self.node, target)


def silenced(key: Key, silences: Sequence[Silence], *, heal: bool = False) -> Silence | None:
    """The silence in force that lasts longest over this key; with `heal`, of those that stop cures too."""
    fitting = [
        silence
        for silence in silences
        if fnmatchcase(key.check, silence.check)
        and fnmatchcase(key.target, silence.target)
        and fnmatchcase(key.node, silence.node)
        and (silence.no_heal or not heal)
    ]
    return max(fitting, key=lambda silence: silence.until, default=None)
