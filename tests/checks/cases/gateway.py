"""One port."""

from dataclasses import replace
from pathlib import Path

from guardian.checks import gateway
from guardian.ports import Outcome
from tests.checks.cases.shared.doors import Doors, set_doors
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    params = gateway.Params(ports={"api": gateway.Port(port=8080)})
    return World(folder, replace(plain_ports(), network=Doors()), params)


CASE = Case(
    lambda _: gateway.CHECK,
    laid_out,
    fails=lambda world: set_doors(world, Outcome.REFUSED),
    blind=lambda world: set_doors(world, Outcome.UNSEEN),
)
