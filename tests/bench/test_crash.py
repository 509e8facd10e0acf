"""The crash bench with few crashes: every row comes, and from what really happened. No figure is asserted."""

import math
import random

import pytest

from bench import crash
from bench.figures import Row
from bench.watched import SUPERVISORD

pytestmark = [pytest.mark.timeout(600), pytest.mark.long]


def assert_measured(row: Row, count: int) -> None:
    assert len(row.values) == count, row
    assert all(0 <= value < math.inf for value in row.values), row


def test_guardians_rows_under_supervisord_with_its_listener_and_without() -> None:
    rows = crash.guarded(SUPERVISORD, 2, random.Random(1), pytest.fail)
    assert [row.title.strip() for row in rows] == [
        "supervisord (autorestart false): recorded",
        "supervisord (autorestart false): running again",
        "from recorded to running again",
        "supervisord, listener killed: recorded",
        "supervisord, listener killed: running again",
        "from recorded to running again",
    ]
    for row in rows[:3]:
        assert_measured(row, 2)
    for row in rows[3:]:
        assert_measured(row, 1)
    for recorded, _, healed in (rows[:3], rows[3:]):
        assert recorded.limits
        assert healed.limits
