"""PM2's list of processes, read field by field: what is not named here is never kept.

Each entry carries the app's whole environment, twice. No field is trusted to be there or to be of its type.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from guardian.ports import ProcessState, SupervisedProcess
from guardian.supervisors.base import printable
from guardian.supervisors.pm2.wire import WireError

_RUNNING = frozenset({ProcessState.ONLINE, ProcessState.LAUNCHING, ProcessState.STOPPING})
_KILL_TIMEOUT = timedelta(milliseconds=1600)
_LISTEN_TIMEOUT = timedelta(seconds=3)


@dataclass(frozen=True)
class Entry:
    """One process as PM2 lists it. `id` is renumbered by PM2: good for one connection, never kept.

    `raw_pid` may be stale. `patience` is how long PM2 itself may take to stop and start it.
    """

    id: int
    name: str
    raw_name: str
    instance: int | None
    raw_pid: int
    patience: timedelta
    autostart: bool
    stop_exit_codes: Sequence[int]
    process: SupervisedProcess


def entries(answer: object) -> Sequence[Entry]:
    """What `getMonitorData` answered. Raises WireError when that is no list of objects."""
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise WireError("malformed answer: not a list of processes", sent=False)
    found = [_entry(item) for item in answer if isinstance(item.get("pm_id"), int)]
    return sorted(found, key=lambda entry: entry.id)


def targets(found: Sequence[Entry]) -> Sequence[str]:
    """What a person calls each: the name; `name#k` where several share it.

    k is PM2's own instance number, else the rank among the namesakes. A target is never given twice: a
    process that is really named `api#0` keeps that, and the first instance of `api` then gets one more `#`.
    """
    counts = Counter(entry.name for entry in found)
    taken = {name for name, count in counts.items() if count == 1}
    numbers = {
        name: _numbers([entry for entry in found if entry.name == name]) for name, count in counts.items() if count > 1
    }
    result = []
    for entry in found:
        target = entry.name
        if counts[entry.name] > 1:
            target = f"{entry.name}#{numbers[entry.name][entry.id]}"
            while target in taken:
                target += "#"
            taken.add(target)
        result.append(target)
    return result


def _numbers(namesakes: Sequence[Entry]) -> Mapping[int, int]:
    """Id -> k. The instance numbers count only when they tell all namesakes apart."""
    given = [entry.instance for entry in namesakes]
    if None not in given and len(set(given)) == len(given):
        return {entry.id: entry.instance for entry in namesakes if entry.instance is not None}
    return {entry.id: rank for rank, entry in enumerate(namesakes)}


def _entry(item: Mapping[str, Any]) -> Entry:
    env = _mapping(item.get("pm2_env"))
    raw_name = item.get("name") if item.get("name") is not None else env.get("name")
    name = printable(raw_name)
    pid = _whole(item.get("pid")) or 0
    listen = _milliseconds(env.get("listen_timeout"), _LISTEN_TIMEOUT) if env.get("wait_ready") is True else timedelta()
    return Entry(
        id=item["pm_id"],
        name=name,
        raw_name=raw_name if isinstance(raw_name, str) else str(raw_name),
        instance=_whole(env.get("NODE_APP_INSTANCE")),
        raw_pid=pid,
        patience=2 * _milliseconds(env.get("kill_timeout"), _KILL_TIMEOUT) + listen,
        autostart=env.get("autostart") not in (False, "false"),
        stop_exit_codes=_stop_exit_codes(env),
        process=_process(name, pid, env, _mapping(item.get("monit"))),
    )


def _process(name: str, pid: int, env: Mapping[str, Any], monit: Mapping[str, Any]) -> SupervisedProcess:
    state = _state(env, pid)
    running = state in _RUNNING and pid > 0
    return SupervisedProcess(
        target=name,
        state=state,
        pid=pid if running else None,
        restarts=_whole(env.get("restart_time")) or 0,
        started_at=_moment(env.get("pm_uptime")),
        created_at=_moment(env.get("created_at")),
        exit_code=_whole(env.get("exit_code")),
        autorestart=_autorestart(env),
        logs=_logs(env),
        memory_bytes=_whole(monit.get("memory")) if running else None,
        cpu_percent=_number(monit.get("cpu")) if running else None,
    )


def _state(env: Mapping[str, Any], pid: int) -> ProcessState:
    """PM2 goes on saying `online` of what it could not spawn (its folder is gone): it has no pid then."""
    try:
        state = ProcessState(str(env.get("status")))
    except ValueError:
        return ProcessState.UNRECOGNIZED
    if pid > 0:
        return state
    match state:
        case ProcessState.ONLINE:
            return ProcessState.ERRORED
        case ProcessState.WAITING:
            return _not_waiting(env)
    return state


def _not_waiting(env: Mapping[str, Any]) -> ProcessState:
    """With a restart delay PM2 says `waiting restart` after every exit. Where it forgot the pid, it will not
    restart it: it gave up (and forgot the creation time too), was told to leave it, or is stopping it."""
    if env.get("created_at") is None:
        return ProcessState.ERRORED
    left = not _autorestart(env) or _whole(env.get("exit_code")) in _stop_exit_codes(env)
    return ProcessState.STOPPED if left else ProcessState.STOPPING


def _autorestart(env: Mapping[str, Any]) -> bool:
    return env.get("autorestart") not in (False, "false")


def _stop_exit_codes(env: Mapping[str, Any]) -> Sequence[int]:
    given = env.get("stop_exit_codes")
    codes = map(_whole, given if isinstance(given, list) else [given])
    return [code for code in codes if code is not None]


def _logs(env: Mapping[str, Any]) -> Sequence[str]:
    """The error log first: the cause of a crash is more often there."""
    paths = (env.get("pm_err_log_path"), env.get("pm_out_log_path"))
    return tuple(dict.fromkeys(path for path in paths if isinstance(path, str) and path not in ("", "/dev/null")))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    """Finite and of a size that a clock or a counter can have."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e15 else None  # noqa: PLR2004


def _whole(value: object) -> int | None:
    if isinstance(value, str) and len(value) <= 9 and value.isdecimal():  # noqa: PLR2004  the environment has numbers as text
        value = int(value)
    number = _number(value)
    return None if number is None else int(number)


def _milliseconds(value: object, default: timedelta) -> timedelta:
    number = _whole(value)
    return timedelta(milliseconds=number) if number is not None and 0 < number < 1e9 else default  # noqa: PLR2004


def _moment(value: object) -> datetime | None:
    """Of milliseconds since 1970."""
    number = _number(value)
    try:
        return None if number is None or number <= 0 else datetime.fromtimestamp(number / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
