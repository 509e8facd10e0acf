"""The health checks: one file a check, found by `discover("guardian.checks", "CHECK")`."""
