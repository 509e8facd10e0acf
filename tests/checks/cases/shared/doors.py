"""Ports and addresses that answer as a test sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guardian.ports import Answer, Door, Knocked, NoNetwork, Outcome, Request
from tests.checks.contract import World


@dataclass
class Doors(NoNetwork):
    """Ports and addresses that all end the same way."""

    outcome: Outcome = Outcome.ANSWERED

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        return [Knocked(self.outcome, "said", 0.001, local=True) for _ in doors]

    def ask(self, requests: Sequence[Request]) -> Sequence[Answer]:
        status = 200 if self.outcome is Outcome.ANSWERED else None
        return [Answer(self.outcome, "said", 0.001, status, local=True) for _ in requests]


def set_doors(world: World, outcome: Outcome) -> None:
    doors: Any = world.ports.network
    doors.outcome = outcome
