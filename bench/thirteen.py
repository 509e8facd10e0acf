"""`guardian` with the load of thirteen checks: beat sends those that there are under thirteen names."""

from collections.abc import Iterable, Mapping
from itertools import cycle, islice
from typing import Any

from guardian.cli.main import main
from guardian.config import Config
from guardian.tasks import schedule

CHECKS = 13

_entries = schedule.entries


def _thirteen(config: Config, nodes: Iterable[str], queues: Iterable[str] = ()) -> Mapping[str, Mapping[str, Any]]:
    found = dict(_entries(config, nodes, queues))
    checks = [name for name in found if found[name]["task"].startswith("guardian.check.")]
    others = {name: fields for name, fields in found.items() if name not in checks}
    repeated = enumerate(islice(cycle(checks), CHECKS)) if checks else ()
    return others | {f"{name} {number}": found[name] for number, name in repeated}


if __name__ == "__main__":
    schedule.entries = _thirteen
    main()
