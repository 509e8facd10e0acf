"""What a remedy is. Only remedies change the watched world."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guardian.model import Incident, RemedyKind
from guardian.ports import Containment, Ports


@dataclass(frozen=True)
class Done:
    """What an action did: `changed` is False when the target was found as wanted already."""

    changed: bool
    text: str


@dataclass(frozen=True)
class Remedy:
    """A way to mend a target.

    `act(ports, target)` is idempotent, looks again before it changes anything, and raises RemedyError.
    `already_done(ports, target, claimed_at)` says whether an earlier holder of the attempt got as far as acting:
    True, False, or None when nobody can tell (it is then never done again).
    `bind(order)` gives the remedy that does what the check's configuration says (`Check.order`).
    `for_incident(incident, now)` gives the one that acts for this incident, for a remedy whose effect is tied to it.
    `contains` is what a containing remedy has stand; it is done while `already_done` says that it does.
    `acts_on` is what it changes where that is not the target: the process behind a web address. It has that one's lease
    and cooldown then.
    `break_circuit(ports, target)` stops the target for good when its heal budget is used up, where that exists.
    """

    kind: RemedyKind
    act: Callable[[Ports, str], Done]
    already_done: Callable[[Ports, str, datetime], bool | None]
    break_circuit: Callable[[Ports, str], Done] | None = None
    bind: "Callable[[Any], Remedy] | None" = None
    for_incident: "Callable[[Incident, datetime], Remedy] | None" = None
    contains: Containment | None = None
    acts_on: str = ""
