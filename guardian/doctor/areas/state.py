"""The state directory: its rights, its disk, and who runs in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from guardian.config.source import written_at
from guardian.doctor.base import LEAST_FREE, Area, Hit, Installation, Rule
from guardian.host.disks import IN_MEMORY, Disk
from guardian.host.machine import user_name
from guardian.host.rights import Seen, seen
from guardian.model import Severity
from guardian.settings import rough_text, size_text

FUTURE = timedelta(minutes=1)

_WRITTEN_OFTEN = ("health.json", "client.json", "lock", "guardian.log", "store-id")


@dataclass(frozen=True)
class Facts:
    """`embedded`: the server of `up` keeps its data here. `running`: its process is known. `reached`: what it announced
    answers. `newest` is when a file of Guardian's was written last, by the file."""

    state: Seen
    parent: Seen
    disk: Disk | None
    user: int
    embedded: bool
    running: bool
    announced: bool
    reached: bool
    newest: datetime | None
    now: datetime


def gather(installation: Installation) -> Facts:
    state = installation.state
    times = [at for at in (written_at(state / name) for name in _WRITTEN_OFTEN) if at is not None]
    return Facts(
        state=seen(state),
        parent=seen(next(each for each in state.parents if each.exists())),
        disk=_disk(installation, state),
        user=installation.around.user(),
        embedded=installation.config.redis.url is None,
        running=installation.holder is not None,
        announced=installation.announced,
        reached=installation.server is not None,
        newest=max(times, default=None),
        now=installation.around.now(),
    )


def _disk(installation: Installation, state: Path) -> Disk | None:
    try:
        return installation.around.disk(state)
    except OSError:
        return None


def _rights(facts: Facts) -> Iterable[Hit]:
    state, path = facts.state, facts.state.path
    if state.trouble or (state.there and not state.folder):
        yield Hit(f"{path}: {state.trouble or 'is no folder'}", "name another one with --state")
    elif not state.there and not facts.parent.writable:
        yield Hit(f"{path} cannot be made: {facts.parent.path} is not writable", "name another one with --state")
    elif state.there and not state.writable:
        owner = user_name(state.owner if state.owner is not None else -1)
        yield Hit(f"{path} of {owner} is not writable for {user_name(facts.user)}", f"sudo -u {owner} guardian up")


def _others(facts: Facts) -> Iterable[Hit]:
    state = facts.state
    if state.there and state.writable and state.owner not in (None, facts.user):
        name, mine = user_name(state.owner or 0), user_name(facts.user)
        yield Hit(f"{state.path} belongs to {name}, and this is {mine}", f"sudo chown -R {mine} {state.path}")


def _full(facts: Facts) -> Iterable[Hit]:
    if facts.disk is not None and facts.disk.free_bytes < LEAST_FREE:
        free = round(facts.disk.free_bytes / 1e6)
        yield Hit(f"{free} MB are free where {facts.state.path} is", f"make room: du -xh {facts.state.path.parent}")


def _in_memory(facts: Facts) -> Iterable[Hit]:
    if facts.disk is not None and facts.embedded and facts.disk.kind in IN_MEMORY:
        yield Hit(f"{facts.state.path} is in memory ({facts.disk.kind})", "name a folder on a disk with --state")


def _killed(facts: Facts) -> Iterable[Hit]:
    if facts.announced and not facts.running and not facts.reached:
        yield Hit(f"the Guardian of {facts.state.path} was killed, and does not run", "guardian up")


def _without_lock(facts: Facts) -> Iterable[Hit]:
    if facts.embedded and facts.announced and not facts.running and facts.reached:
        yield Hit(f"a Guardian runs in {facts.state.path} without its lock file", "end it (Ctrl-C), then: guardian up")


def _clock(facts: Facts) -> Iterable[Hit]:
    if facts.newest is not None and facts.newest - facts.now > FUTURE:
        ahead = rough_text(facts.newest - facts.now)
        yield Hit(f"a file in {facts.state.path} is {ahead} from the future", "set the clock: timedatectl set-ntp true")


AREA = Area(
    "state directory",
    gather,
    (
        Rule("state_rights", Severity.CRITICAL, "it cannot be made or written", "Guardian does not start", _rights),
        Rule("killed", Severity.CRITICAL, "the Guardian that ran there did not end in order", "nobody watches",
             _killed),
        Rule("disk_full", Severity.HIGH, f"less than {size_text(LEAST_FREE)} are free on its disk",
             "the server there refuses to write when the disk is full", _full),
        Rule("state_lock", Severity.HIGH, "its lock file is gone while a Guardian runs there",
             "a second one could start on the same data", _without_lock),
        Rule("state_owner", Severity.WARNING, "it belongs to another user",
             "what is written as one user cannot be written as the other", _others),
        Rule("state_in_memory", Severity.WARNING, "it is on a file system in memory",
             "incidents and cooldowns are gone after a restart of the machine", _in_memory),
        Rule("clock_back", Severity.HIGH, "files there are from the future",
             "the clock was set back: what is due waits until it is reached again", _clock),
    ),
)  # fmt: skip
