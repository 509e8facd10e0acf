"""What every check keeps, whoever wrote it. A new check adds its case, a file of `cases`; one without fails a test."""

import copy
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from guardian.checks.base import Check, Judgement
from guardian.config import CheckSettings, Config
from guardian.engine.engine import Engine
from guardian.engine.look import Looked, look, take_evidence
from guardian.model import Memory, Severity, Status
from guardian.ports import Ports
from guardian.settings import Model

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTHING_DONE = "nothing done"
_LONGEST_MESSAGE = 200
_IO = ("open", "socket.", "subprocess.", "os.", "time.sleep", "shutil.", "sqlite3.")

Set = Callable[["World"], None]


@dataclass
class World:
    """Where a case lives. `changed()` gives whatever a look could change, beside the files of the folder."""

    folder: Path
    ports: Ports
    params: Any
    changed: Callable[[], object] = lambda: NOTHING_DONE

    def state(self) -> object:
        files = {str(path): path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}
        return files, self.changed()


@dataclass(frozen=True)
class Case:
    """A check with three worlds: something is well, something fails, and its source cannot be read. `id` is the
    name of its file."""

    check: Callable[[World], Check]
    world: Callable[[Path], World]
    fails: Set
    blind: Set
    id: str = ""


def engine(case: Case, world: World) -> Engine:
    """As much of it as a look needs: it has no store."""
    settings = CheckSettings(True, timedelta(seconds=10), None, world.params)
    return Engine(
        config=Config(node="n", checks={case.id: settings}),
        store=cast("Any", None),
        ports=world.ports,
        checks={case.id: case.check(world)},
        remedies={},
        channels=[],
        escalations=world.folder,
        summary_file=world.folder / "health.json",
    )


def looked(case: Case, world: World, memory: Memory | None = None) -> Looked:
    return look(engine(case, world), case.id, memory or {}, NOW)


class _Purity:
    """Raises on whatever touches the world while it is on. A hook cannot be taken away again, so there is one."""

    on = False

    def __call__(self, event: str, _arguments: object) -> None:
        if self.on and event.startswith(_IO):
            raise AssertionError(f"judging touched the world: {event}")


_PURITY = _Purity()
sys.addaudithook(_PURITY)


@contextmanager
def pure() -> Iterator[None]:
    _PURITY.on = True
    try:
        yield
    finally:
        _PURITY.on = False


class CheckContract:
    """Tests; a subclass has the fixture `case`."""

    @pytest.fixture
    def world(self, case: Case, tmp_path: Path) -> World:
        return case.world(tmp_path)

    def test_a_look_changes_nothing(self, case: Case, world: World) -> None:
        check = case.check(world)
        for change in (lambda _: None, case.fails):
            change(world)
            before = world.state()
            check.sample(world.ports, world.params, None, {})
            looked(case, world)
            assert world.state() == before

    def test_judging_is_pure_and_gives_the_same_for_the_same(self, case: Case, world: World) -> None:
        case.fails(world)
        check, memory = case.check(world), {}
        sample = check.sample(world.ports, world.params, None, {})
        given = copy.deepcopy(sample)
        for now in (NOW, NOW + timedelta(seconds=10)):
            kept = copy.deepcopy(memory)
            with pure():
                first = check.judge(sample, world.params, memory, now)
                second = check.judge(copy.deepcopy(sample), world.params, copy.deepcopy(memory), now)
            assert first == second
            assert (memory, sample) == (kept, given), "judge changed what it was given"
            memory = dict(first.memory)

    def test_its_memory_is_json(self, case: Case, world: World) -> None:
        check = case.check(world)
        sample = check.sample(world.ports, world.params, None, {})
        first = check.judge(sample, world.params, {}, NOW)
        back = json.loads(json.dumps(first.memory, allow_nan=False))
        later = NOW + timedelta(seconds=10)
        assert check.judge(sample, world.params, back, later) == check.judge(sample, world.params, first.memory, later)

    def test_what_is_well_is_ok_and_what_fails_fails(self, case: Case, world: World) -> None:
        assert Status.OK in statuses(looked(case, world).judgement)
        case.fails(world)
        failing = looked(case, world).judgement
        assert Status.FAIL in statuses(failing)
        keeps_the_limits(failing)

    def test_what_cannot_be_read_is_unknown_and_never_ok(self, case: Case, world: World) -> None:
        seen = looked(case, world).judgement
        case.blind(world)
        judgement = looked(case, world, seen.memory).judgement
        assert statuses(judgement) == {Status.UNKNOWN}
        keeps_the_limits(judgement)

    def test_a_probe_that_raises_anything_is_unknown(self, case: Case, world: World) -> None:
        def raising(*_: object) -> Any:
            raise RuntimeError("surprise\x1b[2J")

        broken = replace(case, check=lambda world: replace(case.check(world), probe=raising))
        judgement = looked(broken, world).judgement
        assert statuses(judgement) == {Status.UNKNOWN}
        keeps_the_limits(judgement)

    def test_evidence_of_what_fails_is_taken_and_is_json(self, case: Case, world: World) -> None:
        case.fails(world)
        found = looked(case, world)
        for verdict in found.judgement.verdicts:
            evidence, _ = take_evidence(engine(case, world), case.id, found, verdict, NOW)
            json.dumps(dict(evidence.facts), allow_nan=False)

    def test_its_section_documents_each_key(self, case: Case, world: World) -> None:
        params = case.check(world).params
        assert issubclass(params, Model)
        assert all(field.description for field in params.model_fields.values())


def statuses(judgement: Judgement) -> set[Status]:
    return {verdict.status for verdict in judgement.verdicts}


def keeps_the_limits(judgement: Judgement) -> None:
    assert len({verdict.target for verdict in judgement.verdicts}) == len(judgement.verdicts)
    for verdict in judgement.verdicts:
        assert verdict.target
        assert len(verdict.message) <= _LONGEST_MESSAGE
        assert verdict.message.isprintable()
        assert verdict.severity in Severity
        json.dumps(dict(verdict.facts), allow_nan=False)
