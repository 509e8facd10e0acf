"""The names of the queues: who takes which work."""

from collections.abc import Sequence

TELL = "tell"
"""Alerts, the sweep, summaries: any node may do them. Also where a task without a route goes."""

SCAN = "scan"
"""Scans of scripts, waited for by their callers: a worker of its own."""

DEEP = f"{SCAN}."
"""Begins the names of the queues of deep scans."""


def check_queue(node: str) -> str:
    """Where looks at this node wait."""
    return f"check.{node}"


def own_queue(node: str) -> str:
    """Where looks by the operator's own checks at this node wait: one that hangs keeps none but its like waiting."""
    return f"own.{node}"


def heal_queue(node: str) -> str:
    """Where heals and verifying looks at this node wait, and escalations into its directory."""
    return f"heal.{node}"


def deep_queue(node: str) -> str:
    """Where slices of the deep scan of this node wait, for the worker that scans."""
    return f"{DEEP}{node}"


def taken_by(role: str, node: str) -> Sequence[str]:
    """The queues that a worker of this role at this node takes from; none where the role is not known here."""
    check, own, act = (check_queue(node),), (own_queue(node),), (heal_queue(node), TELL)
    of = {"check": check, "own": own, "act": act, "all": (*check, *own, *act), "scan": (SCAN, deep_queue(node))}
    return of.get(role, ())
