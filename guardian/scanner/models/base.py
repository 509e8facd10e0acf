"""The form of a model: (evaluator, call) -> what the call gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from guardian.scanner.calls import Call
from guardian.scanner.values import Value

if TYPE_CHECKING:
    from guardian.scanner.evaluate import Evaluator

Model = Callable[["Evaluator", Call], Value]
