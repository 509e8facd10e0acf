"""One address."""

from dataclasses import replace
from pathlib import Path

from guardian.checks import dashboard_http
from guardian.ports import Outcome
from tests.checks.cases.shared.doors import Doors, set_doors
from tests.checks.cases.shared.plain import plain_ports
from tests.checks.contract import Case, World


def laid_out(folder: Path) -> World:
    endpoint = dashboard_http.Endpoint(url="http://127.0.0.1:8080/")
    params = dashboard_http.Params(endpoints={"api": endpoint})
    return World(folder, replace(plain_ports(), network=Doors()), params)


CASE = Case(
    lambda _: dashboard_http.CHECK,
    laid_out,
    fails=lambda world: set_doors(world, Outcome.TIMED_OUT),
    blind=lambda world: set_doors(world, Outcome.UNSEEN),
)
