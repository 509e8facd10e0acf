"""The contract, kept by every check that Guardian has, by a plug-in and by a command."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian import registry, services
from guardian.checks import process_health
from tests.checks.contract import CheckContract

CASES = [replace(case, id=name) for name, case in registry.discover("tests.checks.cases", "CASE").items()]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
class TestEveryCheck(CheckContract):
    pass


def test_every_check_of_guardians_own_has_its_case() -> None:
    assert services.checks().keys() <= {case.id for case in CASES}


def test_a_judge_that_touches_the_world_is_caught(tmp_path: Path) -> None:
    def reads(*arguments: Any) -> Any:
        (tmp_path / "x").open("w").close()
        return process_health.judge(*arguments)

    case = next(case for case in CASES if case.id == "process_health")
    impure = replace(case, check=lambda _: replace(process_health.CHECK, judge=reads))
    with pytest.raises(AssertionError, match="touched the world: open"):
        CheckContract().test_judging_is_pure_and_gives_the_same_for_the_same(impure, impure.world(tmp_path))
