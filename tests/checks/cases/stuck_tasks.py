"""Two tasks that are worked on."""

from guardian.checks import stuck_tasks
from tests.checks.cases.shared.tasks import case

CASE = case(stuck_tasks.CHECK, stuck_tasks.Params())
