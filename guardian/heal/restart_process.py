"""Restart a process through its supervisor; give it up by stopping it there.

What runs is left alone: only what is stopped, errored or stuck is restarted. A check that knows better (it runs, and
does not work) has it restarted all the same, unless it was started only just now.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from guardian.errors import RemedyError, SourceError
from guardian.heal.base import Done, Remedy
from guardian.model import RemedyKind
from guardian.ports import Ports, ProcessState, SupervisedProcess, Supervisor

_SKEW = timedelta(seconds=1)
"""The claim's time is the store's clock, the start's the supervisor's: this much apart they prove nothing."""

_JUST_NOW = timedelta(seconds=30)
"""What was started within this is left alone even if it does not work: a worker that stood still may come late."""


@dataclass(frozen=True)
class _Found:
    supervisor: Supervisor
    process: SupervisedProcess


def act(ports: Ports, target: str, *, also_running: bool = False) -> Done:
    found = _found(ports, target)
    match found.process.state:
        case ProcessState.ONLINE if found.process.pid is not None and not also_running:
            return Done(changed=False, text="found online again")
        case ProcessState.ONLINE if found.process.pid is not None and _just_started(found.process):
            return Done(changed=False, text="it was started only just now")
        case ProcessState.LAUNCHING | ProcessState.WAITING:
            return Done(changed=False, text="the supervisor is starting it")
        case ProcessState.UNRECOGNIZED:
            raise RemedyError(f"{target} is in a state that is not known: left alone", done=False)
    found.supervisor.restart(target)
    return Done(changed=True, text=f"restarted by {found.supervisor.name}")


def _just_started(process: SupervisedProcess) -> bool:
    return process.started_at is not None and datetime.now(UTC) - process.started_at < _JUST_NOW


def bind(order: object) -> Remedy:
    """Any order says that the process does not work, whatever its supervisor thinks."""
    return replace(REMEDY, act=partial(act, also_running=True)) if order else REMEDY


def already_done(ports: Ports, target: str, claimed_at: datetime) -> bool | None:
    """By its last start, whatever became of it since: what was restarted and died again was restarted."""
    try:
        process = _found(ports, target).process
    except RemedyError:
        return None
    if process.started_at is None or process.state is ProcessState.UNRECOGNIZED:
        return None
    if process.started_at >= claimed_at:
        return True
    return False if process.started_at < claimed_at - _SKEW else None


def break_circuit(ports: Ports, target: str) -> Done:
    """Stops it in every state: what crashes in a loop looks stopped now and then."""
    found = _found(ports, target)
    found.supervisor.stop(target)
    return Done(changed=True, text=f"stopped by {found.supervisor.name}")


def _found(ports: Ports, target: str) -> _Found:
    """Raises RemedyError when no supervisor has it, saying which could not be asked."""
    blind = []
    for supervisor in ports.supervisors:
        try:
            process = supervisor.find(target)
        except SourceError as error:
            blind.append(str(error))
            continue
        if process is not None:
            return _Found(supervisor, process)
    reason = f"could not look: {'; '.join(blind)}" if blind else "no supervisor has it"
    raise RemedyError(f"{target}: {reason}", done=False)


REMEDY = Remedy(kind=RemedyKind.CURE, act=act, already_done=already_done, break_circuit=break_circuit, bind=bind)
