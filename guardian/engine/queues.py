"""The names of the queues: who takes which work."""

TELL = "tell"
"""Alerts, the sweep, summaries: any node may do them. Also where a task without a route goes."""

SCAN = "scan"
"""Scans of scripts, waited for by their callers: a worker of its own."""


def check_queue(node: str) -> str:
    """Where looks at this node wait."""
    return f"check.{node}"


def own_queue(node: str) -> str:
    """Where looks by the operator's own checks at this node wait: one that hangs keeps none but its like waiting."""
    return f"own.{node}"


def heal_queue(node: str) -> str:
    """Where heals and verifying looks at this node wait, and escalations into its directory."""
    return f"heal.{node}"
