"""The process supervisors: one module each, found by `discover("guardian.supervisors", "SUPERVISOR")`."""
