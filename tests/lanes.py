"""Which tests stay together when several processes (`-n`) share them, and which of them begin first.

A file's tests stay together, in their order: what they share is made once. But for a few files, in both directions.
(xdist's own groups, `--dist loadgroup`, do nothing under this pytest: what it appends to a test's name is lost.)

tests/conftest.py takes the hooks in, for every lane.
"""

from collections import Counter

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

NEVER_BESIDE_EACH_OTHER = (
    "tests/bench/", "tests/containers/", "tests/supervisors/test_pm2_cost.py",
    "tests/cli/test_drill.py::test_every_scene_is_seen_and_dealt_with_and_nothing_is_left[disk]",
    "tests/drill/test_scenes_history.py::test_a_scene_is_in_the_history_with_its_remedy_and_its_end[disk]",
)  # fmt: skip
"""They measure, or take the machine's Docker engine, its processors, or what is free on its disk."""

SPREAD = ("tests/faults/test_kills.py",)
"""Many long tests, each for itself."""

_NO_LIMIT = 1800.0
"""What a test with timeout(0) is taken for."""


def unit(nodeid: str) -> str:
    """What one process takes as a whole."""
    if nodeid.startswith(NEVER_BESIDE_EACH_OTHER):
        return "machine"
    return nodeid if nodeid.startswith(SPREAD) else nodeid.partition("::")[0]


class Lanes(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    config.option.loadscopereorder = False  # it would begin with the unit of most tests, however short they are
    return Lanes(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """First what may take longest, by the sum of its tests' limits, so that nothing long is left for the end."""
    if not hasattr(config, "workerinput"):
        return
    ordinary = float(config.getini("timeout") or _NO_LIMIT)
    longest: Counter[str] = Counter()
    for item in items:
        longest[unit(item.nodeid)] += _limit(item, ordinary)
    items.sort(key=lambda item: -longest[unit(item.nodeid)])


def _limit(item: pytest.Item, ordinary: float) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) or _NO_LIMIT if marker else ordinary
