"""The Celery tasks: each loads by id, calls one function of the engine, and hands on. Imported whole by a worker."""

from guardian.tasks import (
    alert,
    canary,
    check,
    deep_scan,
    deliver,
    digest,
    escalate,
    heal,
    history,
    scan,
    summary,
    sweep,
    verify,
)

__all__ = [
    "alert",
    "canary",
    "check",
    "deep_scan",
    "deliver",
    "digest",
    "escalate",
    "heal",
    "history",
    "scan",
    "summary",
    "sweep",
    "verify",
]
