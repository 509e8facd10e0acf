"""Two tasks that are worked on."""

from guardian.checks import pipeline_stall
from tests.checks.cases.shared.tasks import case

CASE = case(pipeline_stall.CHECK, pipeline_stall.Params())
