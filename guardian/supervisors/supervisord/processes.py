"""supervisord's list of processes, read field by field. No field is trusted to be there or to be of its type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from guardian.ports import ProcessState, SupervisedProcess
from guardian.supervisors.base import printable
from guardian.supervisors.supervisord.wire import WireError

_OWN_RESTART_SECONDS = 2
"""supervisord looks at its children at least once a second: what has been EXITED for longer, it leaves so."""
_STOP_WAIT = timedelta(seconds=10)
_EXIT_CODES = (0,)
_BY_SIGNAL = -1


class Code(IntEnum):
    """supervisord's states."""

    STOPPED = 0
    STARTING = 10
    RUNNING = 20
    BACKOFF = 30
    STOPPING = 40
    EXITED = 100
    FATAL = 200


_STATES = {
    Code.STARTING: ProcessState.LAUNCHING,
    Code.RUNNING: ProcessState.ONLINE,
    Code.BACKOFF: ProcessState.WAITING,
    Code.STOPPING: ProcessState.STOPPING,
    Code.FATAL: ProcessState.ERRORED,
}
_HAS_PROCESS = frozenset({Code.STARTING, Code.RUNNING, Code.STOPPING})


@dataclass(frozen=True)
class Entry:
    """One process as supervisord lists it. `name` is what it calls it in an order. `patience` is how long it may take
    to stop it. `settled`: it does not run, and supervisord will not start it by itself."""

    name: str
    code: Code | None
    patience: timedelta
    settled: bool
    process: SupervisedProcess


@dataclass(frozen=True)
class _Config:
    """What `getAllConfigInfo` says of one. An older supervisord tells less, and none says `autorestart`."""

    autostart: bool | None = None
    exit_codes: Sequence[int] = _EXIT_CODES
    stop_wait: timedelta = _STOP_WAIT


def entries(infos: object, configs: object) -> Sequence[Entry]:
    """What `getAllProcessInfo` and `getAllConfigInfo` answered. Raises WireError when the first is no list of structs;
    without the second, defaults are taken."""
    if not isinstance(infos, list) or not all(isinstance(info, dict) for info in infos):
        raise WireError("malformed answer: not a list of processes", sent=True)
    known = (
        {_name(item): _config(item) for item in configs if isinstance(item, dict)} if isinstance(configs, list) else {}
    )
    return [_entry(info, known.get(_name(info), _Config())) for info in infos]


def entry(info: object) -> Entry:
    """What `getProcessInfo` answered. Raises WireError."""
    return entries([info], None)[0]


def _name(item: Mapping[str, Any]) -> str:
    """As supervisord's own commands have it."""
    name, group = str(item.get("name")), str(item.get("group"))
    return name if name == group else f"{group}:{name}"


def _config(item: Mapping[str, Any]) -> _Config:
    autostart, codes, wait = item.get("autostart"), item.get("exitcodes"), _whole(item.get("stopwaitsecs"))
    return _Config(
        autostart=autostart if isinstance(autostart, bool) else None,
        exit_codes=[code for code in map(_whole, codes) if code is not None]
        if isinstance(codes, list)
        else _EXIT_CODES,
        stop_wait=timedelta(seconds=min(wait, 3600)) if wait is not None and wait >= 0 else _STOP_WAIT,
    )


def _entry(info: Mapping[str, Any], config: _Config) -> Entry:
    code, pid = _code(info.get("state")), _whole(info.get("pid")) or 0
    started = _moment(info.get("start"))
    state = _state(code, info, config)
    return Entry(
        name=_name(info),
        code=code,
        patience=config.stop_wait,
        settled=code in (Code.STOPPED, Code.FATAL) or (code is Code.EXITED and _lasts(info)),
        process=SupervisedProcess(
            target=printable(_name(info)),
            state=state,
            pid=pid if code in _HAS_PROCESS and pid > 0 else None,
            restarts=None,
            started_at=started,
            created_at=None,
            exit_code=_exit_code(code, info),
            autorestart=None,
            stopped_by_hand=_by_hand(info, started) if state is ProcessState.STOPPED and code is Code.STOPPED else None,
            why=_why(code, info),
            logs=_logs(info),
        ),
    )


def _code(value: object) -> Code | None:
    number = _whole(value)
    return Code(number) if number in set(Code) else None


def _state(code: Code | None, info: Mapping[str, Any], config: _Config) -> ProcessState:
    match code:
        case None:
            return ProcessState.UNRECOGNIZED
        case Code.STOPPED:
            first = _moment(info.get("start")) is None and config.autostart is True
            return ProcessState.LAUNCHING if first else ProcessState.STOPPED
        case Code.EXITED if _whole(info.get("exitstatus")) in config.exit_codes:
            return ProcessState.ENDED if _lasts(info) else ProcessState.WAITING
        case Code.EXITED:
            return ProcessState.STOPPED
    return _STATES[code]


def _lasts(info: Mapping[str, Any]) -> bool:
    """By supervisord's own clock; both are whole seconds."""
    now, stop = _whole(info.get("now")), _whole(info.get("stop"))
    return now is None or stop is None or not 0 <= now - stop <= _OWN_RESTART_SECONDS


def _by_hand(info: Mapping[str, Any], started: datetime | None) -> str:
    """supervisord leaves nothing STOPPED without an order: what ends by itself is EXITED, BACKOFF or FATAL."""
    if started is None:
        return "never started: autostart is false"
    stopped = _moment(info.get("stop"))
    return "stopped through supervisord" + (f", down since {stopped.isoformat()}" if stopped else "")


def _exit_code(code: Code | None, info: Mapping[str, Any]) -> int | None:
    """Only EXITED has one: of all others supervisord says 0, and -1 for every signal."""
    status = _whole(info.get("exitstatus")) if code is Code.EXITED else None
    return None if status == _BY_SIGNAL else status


def _why(code: Code | None, info: Mapping[str, Any]) -> str | None:
    if code is Code.EXITED:
        return "killed by a signal" if _whole(info.get("exitstatus")) == _BY_SIGNAL else None
    words = info.get("spawnerr")
    return printable(words) if code in (Code.FATAL, Code.BACKOFF) and isinstance(words, str) and words else None


def _logs(info: Mapping[str, Any]) -> Sequence[str]:
    """The error log first: the cause of a crash is more often there. Devices are nothing to read."""
    paths = (info.get("stderr_logfile"), info.get("stdout_logfile"))
    return tuple(
        dict.fromkeys(path for path in paths if isinstance(path, str) and path[:1] == "/" and path[:5] != "/dev/")
    )


def _whole(value: object) -> int | None:
    """XML-RPC's integers have 32 bits."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else None


def _moment(value: object) -> datetime | None:
    """Of whole seconds since 1970; 0 is never."""
    seconds = _whole(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and seconds > 0 else None
