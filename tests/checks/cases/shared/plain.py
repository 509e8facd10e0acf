"""Ports with nothing behind them."""

from guardian.host.commands import Commands
from guardian.logs.tail import LogTail
from guardian.ports import Fleet, Ports
from tests.checks.cases.shared.processes import Processes


def plain_ports() -> Ports:
    return Ports("n", [], Processes(Fleet("none")), LogTail(), Commands())
