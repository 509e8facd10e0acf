"""The escalation directory cannot be written: the task waits, that is told, and it is written once later.

Tests run as root too, for whom modes do not count: the directory is replaced by a file, made immutable, or lies on a
file system that is mounted read-only.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from guardian.engine.engine import ESCALATIONS
from tests.faults import invariants
from tests.faults.teststand import Bench, bench

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


@contextmanager
def a_file_in_its_place(made: Bench) -> Iterator[None]:
    made.requests.rmdir()
    made.requests.touch()
    yield
    made.requests.unlink()
    made.requests.mkdir()


@contextmanager
def missing(made: Bench) -> Iterator[None]:
    made.requests.rmdir()
    yield
    made.requests.mkdir()


@contextmanager
def immutable(made: Bench) -> Iterator[None]:
    command("chattr", "+i", str(made.requests))
    try:
        yield
    finally:
        command("chattr", "-i", str(made.requests))


@contextmanager
def mounted_read_only(made: Bench) -> Iterator[None]:
    command("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(made.requests))
    try:
        yield
    finally:
        command("umount", str(made.requests))


def command(*arguments: str) -> None:
    """Needs root and its capabilities. Where they are not given the test skips."""
    done = (
        subprocess.run(arguments, capture_output=True, text=True, check=False) if shutil.which(arguments[0]) else None
    )
    if done is not None and done.returncode == 0:
        return
    pytest.skip(f"{arguments[0]}: {done.stderr.strip() if done else 'not here'}")


@pytest.mark.parametrize("spoilt", [a_file_in_its_place, missing, immutable, mounted_read_only])
def test_while_it_cannot_be_written_that_is_told_and_the_task_is_written_once_when_it_can(
    spoilt: Callable[[Bench], Iterator[None]],
) -> None:
    with bench(1) as made:
        (app,) = made.apps
        with spoilt(made):  # type: ignore[attr-defined]
            made.crash(app, for_good=True)
            own = made.wait_escalated(ESCALATIONS)
            assert made.receiver.steps(ESCALATIONS) == ["alert"]
            incident = made.last(app)
            assert incident is not None
            assert incident.escalated_at is None
            assert incident.alerted_at is not None
        made.wait_escalated(app, 60)
        made.wait_healed(ESCALATIONS, 0)
        assert made.receiver.steps(ESCALATIONS) == ["alert", "resolved"]
        assert own.task_file is None
        made.start_by_hand(app)
        made.wait_healed(app, 0)
        made.wait_calm()
        assert made.receiver.steps(app) == ["alert", "resolved"]
        invariants.check(made)
        made.end()
