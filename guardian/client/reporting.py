"""What agents write down: their results and what they spent, as JSON lines that checks read.

Each line is one write to the end of the file, so that lines of several processes do not mix. Nothing raises: an agent
is not stopped by its book-keeping.
"""

import logging
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from guardian.client.connection import STATE
from guardian.logs.lines import JsonLines

RESULTS, COSTS = "results.jsonl", "costs.jsonl"
"""In the state directory, where neither the call nor $GUARDIAN_RESULTS_LOG and $GUARDIAN_COSTS_LOG say otherwise."""

_MOST_BYTES = 100_000_000

logger = logging.getLogger(__name__)


def report_result(
    agent: str,
    *,
    ok: bool | None = None,
    task: str | None = None,
    kind: str | None = None,
    attempt: int | None = None,
    validator: str | None = None,
    log: str | os.PathLike[str] | None = None,
    state: str | os.PathLike[str] | None = None,
    **more: Any,
) -> bool:
    """One result: a line with `time`, `agent`, what is given of `ok`, `task`, `kind`, `attempt` and `validator`, and
    `more` fields of your own. Whether it was written."""
    own = {"ok": ok, "task": task, "kind": kind, "attempt": attempt, "validator": validator}
    return _write({**more, "agent": agent, **own}, _place(log, state, "GUARDIAN_RESULTS_LOG", RESULTS))


def report_cost(
    model: str,
    *,
    cost: Decimal | float | str | None = None,
    input_tokens: int | None = None,
    output_tokens: int | None = None,
    cached_tokens: int | None = None,
    agent: str | None = None,
    task: str | None = None,
    key: str | None = None,
    log: str | os.PathLike[str] | None = None,
    state: str | os.PathLike[str] | None = None,
) -> bool:
    """One call of a model: a line with `time`, `model`, and what is given of the others. `cost` is written as exact
    text; without it the tokens are priced. `input_tokens` has the cached ones in it. `key` names the API key or
    project, and is never the key itself. Whether it was written."""
    amount = _amount(cost)
    if cost is not None and amount is None:
        logger.warning("a cost of %s is left out: %r is no amount", model, cost)
        return False
    fields = {
        "model": model,
        "cost": amount,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "cached_tokens": cached_tokens,
        "agent": agent,
        "task": task,
        "key": key,
    }
    return _write(fields, _place(log, state, "GUARDIAN_COSTS_LOG", COSTS))


def _amount(cost: Decimal | float | str | None) -> str | None:
    try:
        amount = Decimal(str(cost))
    except InvalidOperation:
        return None
    return f"{amount:f}" if amount.is_finite() and amount >= 0 else None


def _place(log: str | os.PathLike[str] | None, state: str | os.PathLike[str] | None, variable: str, name: str) -> Path:
    if log is not None:
        return Path(log)
    named = os.environ.get(variable)
    return Path(named) if named else (Path(state) if state is not None else STATE) / name


def _write(fields: Mapping[str, Any], place: Path) -> bool:
    line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **fields}
    try:
        JsonLines(place, _MOST_BYTES).append({name: value for name, value in line.items() if value is not None})
    except Exception as error:  # noqa: BLE001  whatever it is, the agent works on
        logger.warning("not written to %s: %s", place, error)
        return False
    return True
