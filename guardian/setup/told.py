"""What was found, in plain lines and as JSON. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from guardian.diagnose.plain import plain
from guardian.model import JSON
from guardian.ports import Fleet
from guardian.setup.around import Found

_MOST = 12
_MANY_RESTARTS = 50


def told(found: Found) -> Sequence[str]:
    """Never empty."""
    lines = [
        *(line for home in found.pm2 for line in _fleet(f"PM2 in {home.home}", home.fleet)),
        *(line for each in found.supervisord for line in _fleet(f"supervisord at {each.address}", each.fleet)),
        *_ports(found),
        *_web(found),
        *_logs(found),
        *_tasks(found),
    ]
    return [
        *(lines or ["nothing that Guardian could look after yet"]),
        *(f"not looked at: {why}" for why in found.troubles),
    ]


def _fleet(name: str, fleet: Fleet) -> Iterable[str]:
    if fleet.error is not None:
        yield f"{name}: could not look: {fleet.error}"
        return
    processes = fleet.processes
    states = Counter(str(process.state) for process in processes)
    yield f"{name}: {_count(len(processes), 'process', 'processes')}{_states(states)}"
    if processes:
        yield f"  {_some([process.target for process in processes])}"
    for process in processes:
        if (process.restarts or 0) >= _MANY_RESTARTS:
            yield f"  {process.target} was restarted {process.restarts} times"


def _ports(found: Found) -> Iterable[str]:
    if not found.ports:
        return
    own = {(listener.port, listener.pid): target for listener, target in found.ports}
    shown = [
        f"{listener.port} ({target or listener.name or 'another user'})"
        for listener, target in sorted(found.ports, key=lambda each: (each[1] is None, each[0].port))
    ]
    yield f"{_count(len(own), 'listening TCP port', 'listening TCP ports')}: {_some(shown)}"


def _web(found: Found) -> Iterable[str]:
    if found.web:
        shown = [f"{each.url} ({each.process}, answered {each.status})" for each in found.web]
        yield f"{_count(len(shown), 'web address', 'web addresses')}: {_some(shown)}"


def _logs(found: Found) -> Iterable[str]:
    if found.logs:
        size = sum(log.bytes for log in found.logs)
        largest = max(found.logs, key=lambda log: log.bytes)
        count = _count(len(found.logs), "log file", "log files")
        yield f"{count}, {_megabytes(size)}; the largest: {largest.path}, {_megabytes(largest.bytes)}"


def _tasks(found: Found) -> Iterable[str]:
    for each in found.tasks[:_MOST]:
        yield f"task folder {each.path}: {_count(each.files, 'JSON file', 'JSON files')}{_states(each.states)}"


def _states(states: Counter[str] | JSON) -> str:
    counts = dict(states) if isinstance(states, dict) else {}
    return f" ({', '.join(f'{count} {plain(state)}' for state, count in counts.items())})" if counts else ""


def _some(words: Sequence[str]) -> str:
    rest = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return ", ".join(words[:_MOST]) + rest


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def as_json(found: Found) -> dict[str, JSON]:
    return {
        "pm2": [{"home": str(home.home), **_fleet_json(home.fleet)} for home in found.pm2],
        "supervisord": [{"address": each.address, **_fleet_json(each.fleet)} for each in found.supervisord],
        "ports": [
            {"port": each.port, "address": each.address, "pid": each.pid, "process": each.name, "target": target}
            for each, target in found.ports
        ],
        "web": [{"url": each.url, "target": each.process, "status": each.status} for each in found.web],
        "logs": [{"path": str(each.path), "bytes": each.bytes, "target": each.process} for each in found.logs],
        "task_folders": [
            {"path": str(each.path), "files": each.files, "key": each.key, "states": dict(each.states)}
            for each in found.tasks
        ],
        "not_looked_at": list(found.troubles),
    }


def _fleet_json(fleet: Fleet) -> dict[str, JSON]:
    processes: list[JSON] = [
        {"target": each.target, "state": each.state, "restarts": each.restarts} for each in fleet.processes
    ]
    return {"error": fleet.error, "processes": processes}
