"""A control flag that stands for an incident: put once, and gone when that incident is resolved."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from guardian.decide.containment import covers
from guardian.diagnose.plain import brief
from guardian.errors import RemedyError
from guardian.heal.base import Done, Remedy
from guardian.model import GUARDIAN, Incident, RemedyKind
from guardian.ports import Containment, Flag, Ports

_REASON = 300


def containing(wanted: Containment | None) -> Remedy:
    """The remedy that puts this flag. None: its check could not say what is wanted, so that nothing is done."""
    return Remedy(
        kind=RemedyKind.CONTAIN,
        act=_refused,
        already_done=partial(_stands, wanted),
        contains=wanted,
        for_incident=partial(_for_incident, wanted) if wanted else None,
    )


def _for_incident(wanted: Containment, incident: Incident, now: datetime) -> Remedy:
    flag = Flag(
        scope=wanted.scope,
        share=wanted.share,
        reason=brief(f"{incident.key.check}, {incident.key.target}: {incident.message}", _REASON),
        author=GUARDIAN,
        since=now,
        until=now + wanted.lasts if wanted.lasts else None,
        incident=incident.id,
    )
    return replace(containing(wanted), act=partial(_put, wanted, flag), for_incident=None)


def _put(wanted: Containment, flag: Flag, ports: Ports, _target: str) -> Done:
    if ports.flags.put(flag):
        until = f" until {flag.until:%Y-%m-%d %H:%M:%S %Z}" if flag.until else ""
        return Done(changed=True, text=f"{_named(flag)}{until}")
    before = next((each for each in ports.flags.standing() if covers(each, wanted)), None)
    if before is None:
        raise RemedyError(f"{flag.scope}: a person lifted it, or the incident is over", done=False)
    return Done(changed=False, text=f"{_named(before)} already, by {before.author}")


def _named(flag: Flag) -> str:
    return f"{flag.scope} is {f'throttled to {flag.share:g}' if flag.share else 'paused'}"


def _stands(wanted: Containment | None, ports: Ports, _target: str, _claimed_at: datetime) -> bool:
    return wanted is not None and any(covers(flag, wanted) for flag in ports.flags.standing())


def _refused(_ports: Ports, target: str) -> Done:
    raise RemedyError(f"{target}: nothing says what is to be paused or throttled", done=False)
