"""What a look costs, as a ratio within one run."""

import pytest

from bench.poll import TARGET, measure
from tests.real_pm2 import RealPm2


@pytest.mark.long
def test_a_poll_over_the_socket_costs_at_most_a_thirtieth_of_the_commands_cpu_time(pm2_home: RealPm2) -> None:
    (socket_cpu, _), (command_cpu, _) = measure(pm2_home)
    assert socket_cpu <= command_cpu * TARGET
