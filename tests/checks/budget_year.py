"""`python -m tests.checks.budget_year LOG NOW ZONE`: reads a log as the check does, look by look, in a process of its
own, and prints what it kept and how much memory that took."""

import json
import resource
import sys
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from guardian.checks import budget_burn_rate
from guardian.checks.budget_burn_rate import Params
from guardian.decide.burn import outlook
from guardian.decide.ledger import recall
from guardian.logs.entries.reader import JsonLogs
from guardian.model import Memory
from tests.checks.cases.shared.plain import plain_ports


def main() -> None:
    log, now, zone = sys.argv[1], datetime.fromisoformat(sys.argv[2]), sys.argv[3]
    params = Params.model_validate({"files": [log], "budget": 1_000_000, "zone": zone})
    ports = replace(plain_ports(), entries=JsonLogs(), now=lambda: now)
    before = _peak()
    memory: Memory = {}
    looks, largest = 0, 0
    while looks == 0 or memory["behind_since"] is not None:
        sample = budget_burn_rate.probe(ports, params, None, memory)
        kept = json.dumps(budget_burn_rate.judge(sample, params, memory, now).memory)
        memory, looks, largest = json.loads(kept), looks + 1, max(largest, len(kept))
    ledger = recall(memory["ledger"])
    view = outlook(ledger, Decimal(1_000_000), Decimal(1), now, ZoneInfo(zone))
    print(json.dumps({
        "months": {month: str(cost) for month, cost in ledger.months.items()},
        "agents": {name: str(cost) for name, cost in ledger.by[max(ledger.by)]["agent"].items()},
        "flat": str(view.flat),
        "rhythm": str(view.rhythm),
        "looks": looks,
        "kept_bytes": largest,
        "grown_mb": _peak() - before,
    }))  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main()
