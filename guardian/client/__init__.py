"""What executors and orchestrators import. Costs next to nothing to load: what a call needs comes with its first use.

from guardian import client
if client.may_start_task(agent="writer", kind="report", subject="acme"):
    ...
scanned = client.scan(path, agent="writer")
if scanned.allowed:
    run(scanned.source)  # the bytes that were scanned, whatever became of the file since
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guardian.client.receipts import Verified, verify_receipt
    from guardian.client.reporting import report_cost, report_result
    from guardian.client.scanning import Scanned, scan
    from guardian.client.starting import Answer, heartbeat, may_start_task, withdraw
    from guardian.client.tasks import Claimed, TaskFolder

__all__ = [
    "Answer",
    "Claimed",
    "Scanned",
    "TaskFolder",
    "Verified",
    "heartbeat",
    "may_start_task",
    "report_cost",
    "report_result",
    "scan",
    "verify_receipt",
    "withdraw",
]

_ROOMS = {
    "receipts": ("Verified", "verify_receipt"),
    "reporting": ("report_cost", "report_result"),
    "scanning": ("Scanned", "scan"),
    "starting": ("Answer", "heartbeat", "may_start_task", "withdraw"),
    "tasks": ("Claimed", "TaskFolder"),
}


def __getattr__(name: str) -> Any:
    """The room of a name is loaded when it is asked for."""
    for room, names in _ROOMS.items():
        if name in names:
            found = getattr(importlib.import_module(f"{__name__}.{room}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
